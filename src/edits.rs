//! Who changed which members of an editable thing, at which version: what a stale `If-Match` is
//! told (412). Rows are small and kept for ever.

use diesel::prelude::*;
use serde_json::{Value, json};

use crate::auth::UserId;
use crate::clock::Time;
use crate::db::Conn;
use crate::db::schema::{edits, users};
use crate::error::{Code, Error, Result};
use crate::http::conditional::{IfMatch, etag};
use crate::on_each;

/// The kinds of editable things.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An article's working copy.
    Article,
    /// A section.
    Section,
    /// A tag.
    Tag,
    /// A contributor.
    Contributor,
    /// A redirect.
    Redirect,
    /// A user.
    User,
}

impl Kind {
    fn key(self) -> &'static str {
        match self {
            Self::Article => "article",
            Self::Section => "section",
            Self::Tag => "tag",
            Self::Contributor => "contributor",
            Self::Redirect => "redirect",
            Self::User => "user",
        }
    }
}

/// Notes that `user` made `version` by changing `fields`.
///
/// # Errors
/// The database's.
pub fn record(
    conn: &mut Conn,
    kind: Kind,
    id: &str,
    version: i64,
    user: Option<UserId>,
    fields: &[&str],
    now: Time,
) -> Result<()> {
    diesel::insert_into(edits::table)
        .values((
            edits::kind.eq(kind.key()),
            edits::target_id.eq(id),
            edits::version.eq(version),
            edits::user_id.eq(user.map(|user| user.to_string())),
            edits::fields.eq(json!(fields).to_string()),
            edits::at.eq(now),
        ))
        .execute(conn)?;
    Ok(())
}

/// Rows that one statement adds at most.
const AT_ONCE: usize = 500;

/// Notes that `fields` of several things changed by themselves: each thing's id and its new version.
///
/// # Errors
/// The database's.
pub fn record_all(conn: &mut Conn, kind: Kind, changed: &[(&str, i64)], fields: &[&str], now: Time) -> Result<()> {
    let fields = json!(fields).to_string();
    for chunk in changed.chunks(AT_ONCE) {
        let row = |(id, version): &(&str, i64)| {
            (
                edits::kind.eq(kind.key()),
                edits::target_id.eq((*id).to_owned()),
                edits::version.eq(*version),
                edits::fields.eq(fields.clone()),
                edits::at.eq(now),
            )
        };
        let rows: Vec<_> = chunk.iter().map(row).collect();
        on_each!(conn, c => diesel::insert_into(edits::table).values(&rows).execute(c))?;
    }
    Ok(())
}

/// Checks that the client read the current version.
///
/// # Errors
/// 412 `stale_version` with the current ETag and every change since, by whom.
pub fn check(conn: &mut Conn, if_match: IfMatch, kind: Kind, id: &str, current: i64) -> Result<()> {
    if if_match.version == Some(current) {
        return Ok(());
    }
    let since = if_match.version.unwrap_or(0);
    let changes = since_version(conn, kind, id, since)?;
    let problem = Error::new(Code::StaleVersion).header("ETag", etag(current));
    Err(problem.extra("current_etag", etag(current)).extra("changes", changes))
}

/// At most this many changes are listed, the newest.
const LISTED: i64 = 50;

type Row = (i64, String, Option<String>, Option<String>, Time);

fn since_version(conn: &mut Conn, kind: Kind, id: &str, since: i64) -> Result<Vec<Value>> {
    let mut rows: Vec<Row> = edits::table
        .left_join(users::table.on(users::id.nullable().eq(edits::user_id)))
        .filter(edits::kind.eq(kind.key()))
        .filter(edits::target_id.eq(id))
        .filter(edits::version.gt(since))
        .order(edits::version.desc())
        .limit(LISTED)
        .select((
            edits::version,
            edits::fields,
            edits::user_id,
            users::name.nullable(),
            edits::at,
        ))
        .load(conn)?;
    rows.reverse();
    let changes = rows.into_iter().map(|(version, fields, user_id, user_name, at)| {
        let fields: Value = serde_json::from_str(&fields).unwrap_or_default();
        json!({"version": version, "fields": fields, "user_id": user_id, "user_name": user_name, "at": at.to_string()})
    });
    Ok(changes.collect())
}

/// Forgets the changes of a thing that is deleted.
///
/// # Errors
/// The database's.
pub fn forget(conn: &mut Conn, kind: Kind, id: &str) -> Result<()> {
    let rows = edits::table
        .filter(edits::kind.eq(kind.key()))
        .filter(edits::target_id.eq(id));
    diesel::delete(rows).execute(conn)?;
    Ok(())
}
