//! The change feed as readers' programs get it: page by page, and on from there.

use std::collections::HashMap;

use actix_web::get;
use actix_web::web::Data;
use serde::Serialize;
use utoipa::ToSchema;

use crate::base::clock::Time;
use crate::base::db::{Conn, Db};
use crate::base::error::{Code, Error, Result};
use crate::base::http::page::{CursorBinding, PageInfo, PageRequest};
use crate::base::http::query::Params;
use crate::base::secrets::Secrets;
use crate::events::changes::store::{self, ChangeRow};
use crate::events::changes::{ChangeOp, ChangeRetention, ChangedKind};
use crate::list_type;
use crate::site::menus::store::live_paths;

/// What became of one thing that readers see.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ChangeEntry {
    /// What kind of thing it is.
    pub kind: ChangedKind,
    /// The thing's id; of a redirect its path, of the site `site`.
    #[schema(max_length = 2000)]
    pub id: String,
    /// Where it is or was; null where it has no page.
    pub path: Option<String>,
    /// What became of it.
    pub op: ChangeOp,
    /// Its version; of an article the number of its live revision.
    pub version: i64,
    /// When it changed last.
    pub at: Time,
}

list_type! {
    /// A page of changes, in their order.
    ChangeList {
        /// The changes.
        items: Vec<ChangeEntry>,
    }
}

/// A place in the feed, and what is known of how it was reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FeedCursor {
    feed_id: String,
    given_at: Time,
    pub place: i64,
    /// Where the walk from the beginning ends.
    walked_until: i64,
}

impl FeedCursor {
    /// The place behind a row, told at this moment.
    pub fn behind(&self, row: Option<&ChangeRow>, now: Time) -> Self {
        Self {
            given_at: now,
            place: row.and_then(|row| row.position).unwrap_or(self.place),
            ..self.clone()
        }
    }

    pub fn key(&self) -> [String; 4] {
        let (place, walked_until) = (self.place.to_string(), self.walked_until.to_string());
        [self.feed_id.clone(), self.given_at.to_string(), place, walked_until]
    }

    fn parse([feed_id, given_at, place, walked_until]: [String; 4]) -> Option<Self> {
        Some(Self {
            feed_id,
            given_at: Time::parse(&given_at)?,
            place: place.parse().ok()?,
            walked_until: walked_until.parse().ok()?,
        })
    }
}

/// List what changed.
///
/// For whoever keeps a copy of the site. Without a cursor it begins with everything that is live; `next_cursor` leads on,
/// also from the last page: from there on it tells what changed since. A thing that changes again stands once, where it
/// changed last. A deletion does not say why. A cursor older than 30 days (or what the operator says), or of a database
/// that is no more, is 410 `cursor_expired`: start again without it. Numbers of comments are not told.
#[utoipa::path(tag = "changes", operation_id = "listChanges", params(PageRequest),
    extensions(("x-no-store" = json!(true))),
    responses((status = 200, description = "A page of changes.", body = ChangeList), (status = 410, description = "")))]
#[get("/v1/changes")]
pub async fn list_changes(
    db: Data<Db>,
    secrets: Data<Secrets>,
    retention: Data<ChangeRetention>,
    params: Params<PageRequest>,
) -> Result<ChangeList> {
    let page = params.0;
    let binding = binding();
    let given = page.after_for_long::<4>(&secrets, &binding)?;
    let (limit, fetch, now) = (page.limit, page.fetch(), db.clock().now());
    let begins_at = retention.begins_at(now);
    give_places(&db).await?;
    let (entries, next, has_more) = db
        .read_to_tell(move |conn| {
            let from = start(conn, given, FeedStart::Beginning, begins_at, now)?;
            let mut rows = store::after(conn, from.place, from.walked_until, fetch)?;
            let has_more = rows.len() > limit;
            rows.truncate(limit);
            let next = from.behind(rows.last(), now);
            Ok((view(conn, rows, now)?, next, has_more))
        })
        .await?;
    wait_until_known(&db, &entries, now).await;
    let cursor = binding.cursor(&secrets, &next.key())?;
    Ok(ChangeList {
        items: entries,
        page: PageInfo::endless(cursor, has_more),
    })
}

/// Gives what has changed its places, where it has none yet.
pub(super) async fn give_places(db: &Db) -> Result<()> {
    if db.read(store::has_unplaced).await?
        && let Err(error) = db.write(store::place).await
    {
        // What has a place can be read all the same; the rest is told once writes go through again.
        log::warn!("what has changed waits for its place: {error}");
    }
    Ok(())
}

/// Seconds after which a change is surely known everywhere: the end of its transaction may have taken a while.
const KNOWN_AFTER: i64 = 10;

/// Waits until every instance knows of what changed just now: whoever is told reads it anew, at any of them.
pub(super) async fn wait_until_known(db: &Db, entries: &[ChangeEntry], now: Time) {
    let is_new = |entry: &ChangeEntry| entry.at > now.plus_seconds(-KNOWN_AFTER);
    let time = db.spread_time();
    if !time.is_zero() && entries.iter().any(is_new) {
        tokio::time::sleep(time).await;
    }
}

/// How far the clocks of two instances may be apart.
const CLOCKS_DIFFER_SECONDS: i64 = 60;

/// Where who gives no cursor begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FeedStart {
    /// With all that is live.
    Beginning,
    /// With what changes from now on.
    End,
}

/// The cursors of the feed, by whichever way it is followed.
pub(super) fn binding() -> CursorBinding {
    CursorBinding::new("changes", &())
}

/// Where following begins.
///
/// # Errors
/// 400 `invalid_cursor`, 410 `cursor_expired`.
pub(super) fn start(
    conn: &mut Conn,
    given: Option<[String; 4]>,
    otherwise: FeedStart,
    begins_at: Time,
    now: Time,
) -> Result<FeedCursor> {
    let feed_id = store::feed_id(conn)?;
    let Some(key) = given else {
        let end = store::end(conn)?;
        let (place, walked_until) = match otherwise {
            FeedStart::Beginning => (0, end),
            FeedStart::End => (end, 0),
        };
        return Ok(FeedCursor {
            feed_id,
            given_at: now,
            place,
            walked_until,
        });
    };
    let cursor = FeedCursor::parse(key).ok_or_else(|| Error::new(Code::InvalidCursor))?;
    // Beyond the end: somebody has put an older file in place of the database. Where the last thing has changed once more
    // and has no place yet, the end lies before where it was.
    let is_beyond = cursor.place > store::end(conn)? && !store::has_unplaced(conn)?;
    // The same, some changes later: what has the cursor's places now changed after it was given. Clocks may differ a little.
    let given_at = cursor.given_at.plus_seconds(CLOCKS_DIFFER_SECONDS);
    let is_overtaken = store::last_told(conn, cursor.place)?.is_some_and(|at| at > given_at);
    if cursor.feed_id != feed_id || is_beyond || is_overtaken || cursor.given_at < begins_at {
        return Err(Error::new(Code::CursorExpired));
    }
    Ok(cursor)
}

pub(super) fn view(conn: &mut Conn, rows: Vec<ChangeRow>, now: Time) -> Result<Vec<ChangeEntry>> {
    let is_beside = |row: &&ChangeRow| row.path.is_none() && row.op == ChangeOp::Upsert;
    let ids: Vec<String> = rows.iter().filter(is_beside).map(|row| row.target_id.clone()).collect();
    let mut paths: HashMap<String, String> = HashMap::new();
    if !ids.is_empty() {
        for (_, id, _, path) in live_paths(conn, ids)? {
            // The one of the site's first language has no prefix: it is the shortest.
            let shortest = paths.entry(id).or_insert_with(|| path.clone());
            if path.len() < shortest.len() {
                *shortest = path;
            }
        }
    }
    let entry = |row: ChangeRow| ChangeEntry {
        path: row.path.or_else(|| paths.remove(&row.target_id)),
        kind: row.kind,
        id: row.target_id,
        op: row.op,
        version: row.version,
        at: row.at.unwrap_or(now),
    };
    Ok(rows.into_iter().map(entry).collect())
}
