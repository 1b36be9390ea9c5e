//! How the server is at this moment, for Prometheus: queues, connections, what waits, memory.

use std::time::Duration;

use tokio::time::timeout;

use super::AppState;
use crate::articles::schedules::store as schedules;
use crate::base::db::DatabaseCondition;
use crate::base::error::{Error, Result};
use crate::base::jobs::{self, JobState};
use crate::base::log_queue::dropped_lines;
use crate::base::metrics::ServerGauge;
use crate::events::webhooks;

/// What the database is asked for is left out when it takes longer.
const ANSWER_TIME: Duration = Duration::from_secs(2);

/// Everything that is counted and measured, in Prometheus' text format.
///
/// # Errors
/// When it cannot be written.
pub async fn metrics_text(state: &AppState) -> Result<Vec<u8>> {
    let condition = state.db.condition();
    let (open, idle) = state.db.connections();
    let (answers, bytes) = state.cache.size();
    let mut readings = vec![
        (ServerGauge::CachedAnswers, as_count(answers)),
        (ServerGauge::CachedBytes, i64::try_from(bytes).unwrap_or(i64::MAX)),
        (ServerGauge::CacheLag, state.db.deaths().lag_milliseconds()),
        (
            ServerGauge::DatabaseReached,
            i64::from(condition != DatabaseCondition::OutOfReach),
        ),
        (
            ServerGauge::DatabaseTakesWrites,
            i64::from(condition == DatabaseCondition::Well),
        ),
        (ServerGauge::WriteQueue, as_count(state.db.waiting_writes())),
        (ServerGauge::Connections, i64::from(open)),
        (ServerGauge::IdleConnections, i64::from(idle)),
        (ServerGauge::FailingIssuers, as_count(state.entitlements.failing())),
        (ServerGauge::WaitingPasswords, as_count(state.passwords.waiting())),
        (
            ServerGauge::DroppedLogLines,
            i64::try_from(dropped_lines()).unwrap_or(i64::MAX),
        ),
    ];
    readings.extend(resident_bytes().map(|bytes| (ServerGauge::ResidentMemory, bytes)));
    let now = state.db.clock().now();
    readings.extend(
        state
            .keys
            .signing_key_age(now)
            .map(|age| (ServerGauge::SigningKeyAge, age)),
    );
    let stored = state.db.read(move |conn| {
        Ok([
            (ServerGauge::WaitingJobs, jobs::count(conn, JobState::Waiting)?),
            (ServerGauge::FailedJobs, jobs::count(conn, JobState::Failed)?),
            (
                ServerGauge::WaitingDeliveries,
                webhooks::deliveries::count_waiting(conn)?,
            ),
            (ServerGauge::DisabledWebhooks, webhooks::store::count_off(conn)?),
            (ServerGauge::OverdueSchedules, schedules::count_overdue(conn, now)?),
        ])
    });
    if let Ok(Ok(stored)) = timeout(ANSWER_TIME, stored).await {
        readings.extend(stored);
    }
    state.metrics.show(&readings);
    state.metrics.to_text().map_err(Error::internal)
}

fn as_count(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// What the kernel says; `None` where it is not Linux.
fn resident_bytes() -> Option<i64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: i64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}
