//! Schedules as editors see them: with what was edited since.

use crate::articles::schedules::model::{Schedule, ScheduleView, WAITING};
use crate::articles::schedules::store;
use crate::articles::store as articles;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::ids::ArticleId;

/// The view of a schedule, for an article whose working copy is at this version.
pub fn view(conn: &mut Conn, schedule: Schedule, version: i64) -> Result<ScheduleView> {
    let has_later_changes = match schedule.revision_number {
        // Loading a long content costs time; at the same version the content is the same.
        Some(frozen) if WAITING.contains(&schedule.state) && version != schedule.article_version => {
            let (_, working) = articles::get(conn, schedule.article_id)?;
            working != crate::articles::revisions::store::revision(conn, schedule.article_id, frozen)?
        }
        _ => false,
    };
    Ok(ScheduleView::new(schedule, has_later_changes))
}

/// What waits for an article, soonest first.
pub fn waiting(conn: &mut Conn, article: ArticleId, version: i64) -> Result<Vec<ScheduleView>> {
    store::waiting(conn, article)?
        .into_iter()
        .map(|schedule| view(conn, schedule, version))
        .collect()
}
