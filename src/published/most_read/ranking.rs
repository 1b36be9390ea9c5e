//! The ranks of every window, summed up again and again in the background.

use std::collections::HashMap;

use super::{MostReadWindow, store};
use crate::base::clock::Time;
use crate::base::db::dialect::{AdvisoryLock, take_advisory_lock};
use crate::base::db::{Conn, Db};
use crate::base::error::Result;
use crate::base::ids::ArticleId;

/// Ranks of a window that are kept, in all sections and languages together.
const RANKS: usize = 500;
/// Articles that are looked at for them: some are no longer live.
const EXAMINED: usize = 600;

/// When this instance has looked after the ranks of each window.
#[derive(Debug, Default)]
pub struct RankRefresh {
    looked_at: HashMap<MostReadWindow, Time>,
}

impl RankRefresh {
    /// Sums up the ranks that are old, unless another instance has. It writes only where they have changed.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn step(&mut self, db: &Db) -> Result<()> {
        let now = db.clock().now();
        for window in MostReadWindow::ALL.iter().copied() {
            let looked_at = self.looked_at.get(&window);
            if looked_at.is_some_and(|looked_at| !is_old(window, *looked_at, now)) {
                continue;
            }
            self.looked_at.insert(window, now);
            if let Some(ranks) = db.read(move |conn| changed_ranks(conn, window, now)).await? {
                db.write(move |conn| replace(conn, window, &ranks, now)).await?;
            }
        }
        Ok(())
    }
}

/// Whether what was counted at a moment is to be counted again. A moment to come is one of a clock that was put back.
fn is_old(window: MostReadWindow, counted_at: Time, now: Time) -> bool {
    let age = (now.millis() - counted_at.millis()) / 1_000;
    !(0..window.refresh_seconds()).contains(&age)
}

/// The ranks of a window, where they are old and others than those that stand.
fn changed_ranks(conn: &mut Conn, window: MostReadWindow, now: Time) -> Result<Option<Vec<ArticleId>>> {
    if is_fresh(conn, window, now)? {
        return Ok(None);
    }
    let ranks = store::sum_up(conn, window, now, EXAMINED, RANKS)?;
    let has_ended = store::has_expired(conn, window, now)?;
    let has_changed = has_ended || store::counted_ranks(conn, window)? != ranks;
    Ok(has_changed.then_some(ranks))
}

fn replace(conn: &mut Conn, window: MostReadWindow, ranks: &[ArticleId], now: Time) -> Result<()> {
    take_advisory_lock(conn, AdvisoryLock::MostRead)?;
    if is_fresh(conn, window, now)? {
        return Ok(());
    }
    store::set_counted(conn, window, ranks, now)
}

fn is_fresh(conn: &mut Conn, window: MostReadWindow, now: Time) -> Result<bool> {
    let counted_at = store::counted_at(conn, window)?;
    Ok(counted_at.is_some_and(|counted_at| !is_old(window, counted_at, now)))
}
