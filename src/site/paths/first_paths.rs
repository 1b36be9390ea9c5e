//! Paths for many things at once that have none yet: each is one row, and nothing led to them before.

use std::collections::HashSet;

use diesel::prelude::*;

use super::{
    PathKind, PathStatus, PathStep, PathTarget, ROWS_PER_STATEMENT, RedirectId, RedirectOrigin, redirect_onward,
};
use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::db::schema::paths;
use crate::base::error::Result;
use crate::insert_each;

/// Which of these paths are nobody's, and never were anybody's.
pub fn untaken(conn: &mut Conn, candidates: &[String]) -> Result<HashSet<String>> {
    let mut untaken: HashSet<String> = candidates.iter().cloned().collect();
    for chunk in candidates.chunks(ROWS_PER_STATEMENT) {
        let taken: Vec<String> = paths::table
            .filter(paths::path.eq_any(chunk.to_vec()))
            .select(paths::path)
            .load(conn)?;
        for path in &taken {
            untaken.remove(path);
        }
    }
    Ok(untaken)
}

/// A path that is given out for the first time.
#[derive(Insertable)]
#[diesel(table_name = paths, treat_none_as_default_value = false)]
struct FirstPathRow<'p> {
    path: &'p str,
    kind: PathKind,
    target_id: &'p str,
    locale: &'p str,
    status: PathStatus,
    location: Option<&'p str>,
    http_status: i32,
    created_at: Time,
    id: RedirectId,
    origin: RedirectOrigin,
    version: i64,
    updated_at: Time,
}

impl<'p> FirstPathRow<'p> {
    /// The path at which a thing stands.
    fn live(path: &'p str, target: PathTarget<'p>, now: Time) -> Self {
        Self {
            path,
            kind: target.kind,
            target_id: target.id,
            locale: target.locale,
            status: PathStatus::Live,
            location: None,
            http_status: 200,
            created_at: now,
            id: RedirectId::new(),
            origin: RedirectOrigin::Automatic,
            version: 1,
            updated_at: now,
        }
    }
}

/// Takes paths for things that have none yet. The caller holds the [`lock`](super::lock) and knows that they are [`untaken`].
pub fn claim_untaken(conn: &mut Conn, claims: &[(&str, PathTarget<'_>, Time)]) -> Result<()> {
    let rows: Vec<FirstPathRow<'_>> = claims
        .iter()
        .map(|&(path, target, now)| FirstPathRow::live(path, target, now))
        .collect();
    Ok(insert_each!(conn, paths::table, rows)?)
}

/// Makes redirects from old paths of new things to their paths. The caller holds the [`lock`](super::lock) and knows that
/// the old paths are [`untaken`].
pub fn redirect_untaken(conn: &mut Conn, redirects: &[(&str, PathTarget<'_>, &str)], now: Time) -> Result<()> {
    let rows: Vec<FirstPathRow<'_>> = redirects
        .iter()
        .map(|&(path, target, location)| FirstPathRow {
            status: PathStatus::Moved,
            location: Some(location),
            http_status: 301,
            origin: RedirectOrigin::Import,
            ..FirstPathRow::live(path, target, now)
        })
        .collect();
    insert_each!(conn, paths::table, rows)?;
    for (path, _, location) in redirects {
        let step = PathStep {
            location: (*location).to_owned(),
            http_status: 301,
        };
        redirect_onward(conn, &[(*path).to_owned()], &step, now)?;
    }
    Ok(())
}
