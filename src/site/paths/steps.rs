//! Steps from one path to another. They stay single steps: when a path moves, what led to it is led on in the same
//! transaction.

use std::collections::BTreeMap;

use diesel::prelude::*;
use diesel::sql_types::{Bool, Nullable};

use super::{PathRow, PathStatus, address, find};
use crate::access::change_log;
use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::db::schema::paths;
use crate::base::error::Result;
use crate::site::paths::ROWS_PER_STATEMENT;

/// Where a redirect leads, and with which status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathStep {
    /// A place on the site, or a URL.
    pub location: String,
    /// 301, 302, 307 or 308.
    pub http_status: i32,
}

impl PathStep {
    /// This step and the next one, which is from `source`, as one. If one is temporary, the whole is temporary. A query
    /// that the next step is from has led there, and goes no further.
    #[must_use]
    pub fn and_then(&self, source: &str, next: &Self) -> Self {
        let is_for_now = matches!(next.http_status, 302 | 307);
        Self {
            location: if source.contains('?') {
                next.location.clone()
            } else {
                address::onward(&self.location, &next.location)
            },
            http_status: match self.http_status {
                301 if is_for_now => 302,
                308 if is_for_now => 307,
                own => own,
            },
        }
    }
}

/// The end of a way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathWalk {
    /// It leads here.
    Ends(PathStep),
    /// It leads back to where it was, over these paths.
    Circles(Vec<String>),
}

/// Follows a step from a path as far as it leads. `at` returns where a path leads, or a path with a query, if it is a
/// redirect.
///
/// # Errors
/// What `at` returns.
pub fn walk(path: &str, first: PathStep, mut at: impl FnMut(&str) -> Result<Option<PathStep>>) -> Result<PathWalk> {
    let (mut step, mut over) = (first, vec![path.to_owned()]);
    loop {
        let mut onward = None;
        for source in address::sources(&step.location) {
            if over.contains(&source) {
                over.push(source);
                return Ok(PathWalk::Circles(over));
            }
            if let Some(next) = at(&source)? {
                onward = Some((source, next));
                break;
            }
        }
        let Some((source, next)) = onward else {
            return Ok(PathWalk::Ends(step));
        };
        step = step.and_then(&source, &next);
        over.push(source);
    }
}

/// Where a redirect ends, and the row there if the table has one.
pub fn follow(conn: &mut Conn, path: &str, first: PathStep) -> Result<(PathStep, Option<PathRow>)> {
    let mut last = None;
    let walk = walk(path, first.clone(), |key| {
        last = find(conn, key)?;
        Ok(last.as_ref().and_then(PathRow::step))
    })?;
    match walk {
        PathWalk::Ends(step) => Ok((step, last)),
        // Nobody can write one; a damaged table should not turn this into a circle.
        PathWalk::Circles(_) => Ok((first, None)),
    }
}

/// What [`lead`] must know of a row.
#[derive(Clone, Queryable, Selectable)]
#[diesel(table_name = paths, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
pub(super) struct RedirectingRow {
    path: String,
    status: PathStatus,
    location: Option<String>,
    http_status: i32,
    id: Option<String>,
    version: Option<i64>,
}

/// Makes rows lead to a path permanently, or answer 410; what led to one of these rows is led on.
pub(super) fn lead(conn: &mut Conn, mut rows: Vec<RedirectingRow>, location: Option<&str>, now: Time) -> Result<()> {
    let (status, http_status) = if location.is_some() {
        (PathStatus::Moved, 301)
    } else {
        (PathStatus::Gone, 410)
    };
    rows.retain(|row| (row.status, row.location.as_deref(), row.http_status) != (status, location, http_status));
    for chunk in rows.chunks(ROWS_PER_STATEMENT) {
        let chunk: Vec<&str> = chunk.iter().map(|row| row.path.as_str()).collect();
        diesel::update(paths::table.filter(paths::path.eq_any(chunk)))
            .set((
                paths::status.eq(status),
                paths::location.eq(location),
                paths::http_status.eq(http_status),
                paths::version.eq(paths::version + 1),
                paths::updated_at.eq(now),
            ))
            .execute(conn)?;
    }
    record(conn, &rows, &["location", "http_status"], now)?;
    let Some(location) = location else { return Ok(()) };
    let left: Vec<String> = rows.into_iter().map(|row| row.path).collect();
    let step = PathStep {
        location: location.to_owned(),
        http_status,
    };
    redirect_onward(conn, &left, &step, now)
}

/// A condition on rows of the table.
pub type PathCondition =
    Box<dyn BoxableExpression<paths::table, <Conn as diesel::Connection>::Backend, SqlType = Nullable<Bool>>>;

/// That a row leads to a place: to a path with any query and fragment, to a path with a query with any fragment, or to
/// a URL.
pub fn leads_to(place: &str) -> PathCondition {
    let behind = |mark: char, end: char| {
        let from = paths::location.ge(format!("{place}{mark}"));
        from.and(paths::location.lt(format!("{place}{end}")))
    };
    let exactly = paths::location.eq(place.to_owned());
    if address::site_key(place) == Some(place) {
        // `$` and `@` are the characters right after `#` and `?`: the end of each range.
        Box::new(exactly.or(behind('#', '$')).or(behind('?', '@')))
    } else if address::source(place) == place {
        Box::new(exactly.or(behind('#', '$')))
    } else {
        Box::new(exactly)
    }
}

/// Makes every redirect that leads to one of these paths take the given step too, so that none has two steps. The
/// caller holds the [`lock`](super::lock).
pub fn redirect_onward(conn: &mut Conn, left: &[String], step: &PathStep, now: Time) -> Result<()> {
    for path in left {
        let rows: Vec<RedirectingRow> = paths::table
            .filter(paths::status.eq(PathStatus::Moved))
            .filter(leads_to(path))
            .select(RedirectingRow::as_select())
            .load(conn)?;
        let mut alike: BTreeMap<(String, i32), Vec<&str>> = BTreeMap::new();
        for row in &rows {
            let own = PathStep {
                location: row.location.clone().unwrap_or_default(),
                http_status: row.http_status,
            };
            let whole = own.and_then(path, step);
            alike
                .entry((whole.location, whole.http_status))
                .or_default()
                .push(&row.path);
        }
        for ((location, http_status), rows) in &alike {
            for chunk in rows.chunks(ROWS_PER_STATEMENT) {
                diesel::update(paths::table.filter(paths::path.eq_any(chunk.to_vec())))
                    .set((
                        paths::location.eq(location),
                        paths::http_status.eq(http_status),
                        paths::version.eq(paths::version + 1),
                        paths::updated_at.eq(now),
                    ))
                    .execute(conn)?;
            }
        }
        record(conn, &rows, &["location"], now)?;
    }
    Ok(())
}

/// Records for `If-Match` which rows changed by themselves.
fn record(conn: &mut Conn, rows: &[RedirectingRow], fields: &[&str], now: Time) -> Result<()> {
    // Rows that the release before wrote have neither id nor version until they are completed.
    let known = rows
        .iter()
        .filter_map(|row| Some((row.id.as_deref()?, row.version? + 1)));
    change_log::record_all(
        conn,
        change_log::EditableKind::Redirect,
        &known.collect::<Vec<_>>(),
        fields,
        now,
    )
}
