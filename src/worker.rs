//! Everything that an instance does by itself: jobs, rows of an older release, revisions and whatever else is out of
//! date, here; what waits for its moment, in the [`Scheduler`](crate::editorial::schedule::scheduler::Scheduler).

use std::time::Duration;

use crate::access::api_tokens;
use crate::access::auth::store as sessions;
use crate::access::auth::throttle::LoginThrottle;
use crate::access::auth::token_uses::TokenUses;
use crate::articles::revisions;
use crate::articles::revisions::thinning::ThinningSweep;
use crate::base::db::statistics::StatisticsAge;
use crate::base::db::{Conn, Db, cache_deaths};
use crate::base::error::{Error, Result};
use crate::base::http::idempotency;
use crate::base::jobs::{self, JobRunner};
use crate::comments::captcha::store as solutions;
use crate::comments::privacy::retention::{self, RetentionDays};
use crate::comments::readers;
use crate::editorial::articles::suspects;
use crate::editorial::{autosaves, leases, tag_merge};
use crate::events::changes::{self, ChangeRetention};
use crate::events::webhooks::{queue, replays};
use crate::published::most_read::{self, RankRefresh};
use crate::published::{previews, reindex, repress, section_links};
use crate::site::paths;

/// How often the worker looks for jobs.
const POLL: Duration = Duration::from_secs(1);
/// How often it sweeps up what is out of date.
const SWEEP_EVERY: u32 = 600;

/// What runs jobs, by kind.
pub const RUNNERS: [JobRunner; 5] = {
    let [tag, contributor, preview_length] = repress::RUNNERS;
    let replay = JobRunner {
        kind: replays::REPLAY_WEBHOOK,
        run: |conn, progress| replays::replay_chunk(conn, progress, section_links::sections_of),
    };
    [tag, contributor, preview_length, replay, tag_merge::RUNNER]
};

/// What brings rows of an older release up to date, a chunk at a time, until it answers 0.
const CATCH_UP: [fn(&mut Conn) -> Result<usize>; 6] = [
    reindex::note_former,
    repress::repress_outdated,
    reindex::index_next,
    reindex::index_next_for_desk,
    suspects::store::look_at_next,
    revisions::store::pack_next,
];

/// The worker of one instance: runs jobs, brings rows of an older release up to date, forgets what is out of date,
/// thins revisions, erases comments whose time is up, ranks what is read most, gathers what the database knows about its
/// rows. It ends when its task is dropped: each piece of work is one
/// transaction, so nothing is left half done.
pub async fn work(
    db: Db,
    throttle: LoginThrottle,
    token_uses: TokenUses,
    retention: RetentionDays,
    changes: ChangeRetention,
) {
    let mut pending = CATCH_UP.iter().peekable();
    let mut thinning = ThinningSweep::default();
    let mut ranks = RankRefresh::default();
    let mut statistics = StatisticsAge::default();
    let mut ticks = 0_u32;
    loop {
        let busy = match jobs::run_one(&db, &RUNNERS).await {
            Ok(true) => true,
            Ok(false) => match pending.peek() {
                Some(catch_up) => {
                    let is_done = db.write(**catch_up).await.map_or_else(given_up, |count| count == 0);
                    pending.next_if(|_| is_done);
                    true
                }
                None => false,
            },
            Err(error) => {
                log::warn!("the job worker could not look for jobs: {error}");
                false
            }
        };
        if let Err(error) = token_uses.step(&db).await {
            log::warn!("uses of API tokens wait to be written: {error}");
        }
        if let Err(error) = ranks.step(&db).await {
            log::warn!("what is read most could not be summed up: {error}");
        }
        if ticks.is_multiple_of(SWEEP_EVERY) {
            throttle.forget_idle();
            if let Err(error) = thinning.step(&db).await {
                log::warn!("thinning revisions failed: {error}");
            }
            if let Err(error) = sweep(&db).await {
                log::warn!("sweeping failed: {error}");
            }
            if let Err(error) = statistics.step(&db).await {
                log::warn!("what is known about the rows was not brought up to date: {error}");
            }
            if let Err(error) = forget_told(&db, changes).await {
                log::warn!("old deletions and events were not forgotten: {error}");
            }
            if let Err(error) = retention::run(&db, retention).await {
                log::warn!("forgetting failed: {error}");
            }
        }
        ticks = ticks.wrapping_add(1);
        if !busy {
            tokio::time::sleep(POLL).await;
        }
    }
}

/// Brings all rows of an older release up to date, and sweeps: what the worker does at its start.
///
/// # Errors
/// The database's.
pub async fn catch_up(db: &Db) -> Result<()> {
    for catch_up in CATCH_UP {
        while db.write(catch_up).await? > 0 {}
    }
    sweep(db).await
}

/// Logs the error and gives up until the next start.
fn given_up(error: Error) -> bool {
    log::error!("rows of an older release were not brought up to date: {error}");
    true
}

/// Forgets what was deleted, and what happened, so long ago that it is told no more.
async fn forget_told(db: &Db, retention: ChangeRetention) -> Result<()> {
    let before = retention.begins_at(db.clock().now());
    while db
        .write(move |conn| changes::store::forget_deletions(conn, before))
        .await?
        > 0
    {}
    let now = db.clock().now();
    while db.write(move |conn| queue::forget_old(conn, before, now)).await? > 0 {}
    Ok(())
}

async fn sweep(db: &Db) -> Result<()> {
    let now = db.clock().now();
    db.write(move |conn| {
        idempotency::forget_old(conn, now)?;
        sessions::forget_sessions_before(conn, now)?;
        api_tokens::store::forget_ended(conn, now)?;
        paths::give_missing_ids(conn)?;
        autosaves::store::forget_old(conn, now)?;
        leases::store::forget_ended(conn, now)?;
        previews::store::forget_ended(conn, now)?;
        solutions::forget_expired(conn, now)?;
        readers::store::forget_networks_of_reactions(conn, now)?;
        most_read::store::forget_old_hour(conn, now)?;
        cache_deaths::forget_old(conn, now)?;
        jobs::forget_done(conn, now)
    })
    .await
}
