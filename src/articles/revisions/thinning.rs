//! Deleting the revisions that [`retention`] does not keep: those of one article now and then when it is saved, and
//! those of all articles changed lately in a walk, a few steps in each sweep of the background jobs.

use super::{retention, store};
use crate::base::clock::Time;
use crate::base::db::dialect::{LockableRow, lock};
use crate::base::db::{Conn, Db};
use crate::base::error::Result;
use crate::base::ids::ArticleId;

/// A save thins its article when its number is a multiple of this.
pub(super) const SAVES_PER_THINNING: i32 = 8;

/// Articles that a step of the walk looks at.
const ARTICLES_PER_STEP: i64 = 200;
/// Articles whose last change is older are left alone: after 90 days the rule of [`retention`] stays the same. One day
/// more, for saves that have just reached that age.
const THINNED_SECONDS: i64 = 91 * 24 * 3600;

/// The numbers of an article's revisions that are deleted.
fn to_drop(conn: &mut Conn, id: ArticleId, now: Time) -> Result<Vec<i32>> {
    let Some(pinned) = store::pinned_revisions(conn, id)? else {
        return Ok(Vec::new());
    };
    let revisions = store::kept(conn, id, &pinned)?;
    Ok(retention::to_drop(&revisions, retention::MAX, now))
}

/// Deletes the revisions of an article that are not kept. The caller holds its lock.
pub(super) fn thin(conn: &mut Conn, id: ArticleId, now: Time) -> Result<()> {
    let numbers = to_drop(conn, id, now)?;
    store::delete(conn, id, &numbers)
}

/// A walk over the articles that were changed lately; at the end it starts again.
#[derive(Debug, Default)]
pub struct ThinningSweep {
    after: Option<(Time, ArticleId)>,
}

impl ThinningSweep {
    /// Thins the next few articles; how many lost something. It only reads at first, and then writes only where
    /// something is deleted, one article at a time.
    pub async fn step(&mut self, db: &Db) -> Result<usize> {
        let (now, after) = (db.clock().now(), self.after);
        let (last, crowded) = db
            .read(move |conn| {
                let since = now.plus_seconds(-THINNED_SECONDS);
                let looked_at = store::changed_since(conn, since, after, ARTICLES_PER_STEP)?;
                let mut crowded = Vec::new();
                for (_, id) in &looked_at {
                    if !to_drop(conn, *id, now)?.is_empty() {
                        crowded.push(*id);
                    }
                }
                Ok((looked_at.last().copied(), crowded))
            })
            .await?;
        for id in &crowded {
            let id = *id;
            db.write(move |conn| {
                lock(conn, LockableRow::Article, id.as_str())?;
                thin(conn, id, now)
            })
            .await?;
        }
        self.after = last;
        Ok(crowded.len())
    }
}
