//! Letting go of revisions that [`retention`] does not keep: of an article now and then as it is
//! saved, and of all that were changed lately by a walk that the sweep of background jobs takes a few
//! steps of at a time.

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
/// Saves of an article are thinned no further once they are older; a day more for those that are
/// just becoming so.
const THINNED_SECONDS: i64 = 91 * 24 * 3600;

/// The revisions of an article that go.
fn to_drop(conn: &mut Conn, id: ArticleId, now: Time) -> Result<Vec<i32>> {
    let Some(pinned) = store::pinned_revisions(conn, id)? else {
        return Ok(Vec::new());
    };
    let revisions = store::kept(conn, id, &pinned)?;
    Ok(retention::to_drop(&revisions, retention::MAX, now))
}

/// Lets go of the revisions of an article that are not kept. The caller holds its lock.
pub(super) fn thin(conn: &mut Conn, id: ArticleId, now: Time) -> Result<()> {
    let numbers = to_drop(conn, id, now)?;
    store::delete(conn, id, &numbers)
}

/// A walk over the articles that were changed lately, round and round.
#[derive(Debug, Default)]
pub struct ThinningSweep {
    after: Option<(Time, ArticleId)>,
}

impl ThinningSweep {
    /// Thins the next few articles; how many lost something. It reads beside all others, and writes
    /// only where something goes, an article at a time.
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
