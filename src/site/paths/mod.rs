//! Every path that is or was public, and where it leads. A path once public is never given to another thing unless an
//! editor deletes its redirect: the table's primary key decides, also between two publishes at once.
//!
//! One step leads to the end: a row that is `moved` never leads to a path that is `moved` itself. Every writer keeps it
//! so, under one lock ([`lock`]): when a path moves, what led to it is led on ([`redirect_onward`]), and a new redirect
//! to a `moved` path leads straight to its end ([`walk`]).
//!
//! Steps are what leads from one path to another, [`address`] how paths are written, [`mod@first_paths`] gives paths to
//! many new things at once. What editors do
//! with the table is in `redirects`.

pub mod address;
mod first_paths;
mod steps;

use diesel::prelude::*;
pub use first_paths::{claim_untaken, redirect_untaken, untaken};
pub use steps::{PathCondition, PathStep, PathWalk, follow, leads_to, redirect_onward, walk};

use self::steps::lead;
use crate::base::clock::Time;
use crate::base::db::dialect::{AdvisoryLock, take_advisory_lock};
use crate::base::db::schema::paths;
use crate::base::db::{Conn, kept, outdate};
use crate::base::error::Result;
use crate::base::surrogate_key::SurrogateKey;
use crate::on_each;
use crate::site::paths::steps::RedirectingRow;

crate::id_type! {
    /// The id of a path's row: a redirect's, for editors.
    RedirectId
}

crate::word_type! {
    /// What stands at a path.
    PathKind {
        /// An article.
        Article = "article",
        /// A section.
        Section = "section",
        /// A tag.
        Tag = "tag",
        /// A contributor.
        Contributor = "contributor",
        /// Nothing of these: a redirect of its own, or what is left of a deleted article.
        Redirect = "redirect",
    }
}

crate::word_type! {
    /// What a path answers.
    PathStatus {
        /// The thing itself.
        Live = "live",
        /// Nothing, for now: its article is unpublished.
        Hidden = "hidden",
        /// Another path.
        Moved = "moved",
        /// That it was withdrawn for good.
        Gone = "gone",
    }
}

crate::word_type! {
    /// How a redirect came to be.
    RedirectOrigin {
        /// By itself: something moved, was renamed, published anew or deleted.
        Automatic = "automatic",
        /// An editor made it, or made it lead elsewhere.
        Editor = "editor",
        /// From a file, or with the articles of another system.
        Import = "import",
    }
}

/// A row of the table.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = paths, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
pub struct PathRow {
    /// The path, from the site's root.
    pub path: String,
    /// What it is the path of.
    pub kind: PathKind,
    /// The thing's id.
    pub target_id: Option<String>,
    /// In which language.
    pub locale: String,
    /// What it answers.
    pub status: PathStatus,
    /// Where it leads, when moved.
    pub location: Option<String>,
    /// The status of the redirect.
    pub http_status: i32,
}

impl PathRow {
    /// Where it leads, if it is a redirect to somewhere.
    pub fn step(&self) -> Option<PathStep> {
        let location = self.location.clone().filter(|_| self.status == PathStatus::Moved)?;
        Some(PathStep {
            location,
            http_status: self.http_status,
        })
    }
}

impl PathRow {
    /// The same for another way to write its path, which leads to what is there.
    fn leading_from(self, path: String) -> Self {
        match self.status {
            PathStatus::Live => Self {
                status: PathStatus::Moved,
                location: Some(self.path),
                http_status: 301,
                path,
                ..self
            },
            PathStatus::Hidden | PathStatus::Moved | PathStatus::Gone => Self { path, ..self },
        }
    }
}

/// The thing that a path is of.
#[derive(Clone, Copy, Debug)]
pub struct PathTarget<'t> {
    /// Its kind.
    pub kind: PathKind,
    /// Its id.
    pub id: &'t str,
    /// Its language.
    pub locale: &'t str,
}

/// The rows of a target, as a diesel query.
macro_rules! of_target {
    ($target:expr) => {
        paths::table
            .filter(paths::target_id.eq($target.id))
            .filter(paths::kind.eq($target.kind))
            .filter(paths::locale.eq($target.locale))
    };
}

/// Locks the table for whoever makes one path lead to another, until the transaction ends: where paths lead is then out
/// of date.
pub fn lock(conn: &mut Conn) -> Result<()> {
    outdate([SurrogateKey::Paths]);
    Ok(take_advisory_lock(conn, AdvisoryLock::Paths)?)
}

/// The row of a path that is written in the table's form.
pub fn find(conn: &mut Conn, path: &str) -> Result<Option<PathRow>> {
    Ok(paths::table
        .find(path)
        .select(PathRow::as_select())
        .first(conn)
        .optional()?)
}

/// The redirect from a path with this query, where there is one.
pub fn find_by_query(conn: &mut Conn, asked: &str) -> Result<Option<PathRow>> {
    for source in address::sources(asked).iter().filter(|source| source.contains('?')) {
        let found = find(conn, source)?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// The row of a path as somebody wrote it: that of its query first. Addresses that an import took over unchanged may be
/// in the table in another form than [`address::key`] gives them. A path with capitals leads to the one without, where a
/// thing is or was: redirects that editors made keep their case.
pub fn find_as_written(conn: &mut Conn, asked: &str) -> Result<Option<PathRow>> {
    let by_query = find_by_query(conn, asked)?;
    if by_query.is_some() {
        return Ok(by_query);
    }
    let (key, raw) = (address::key(asked), address::cut(asked));
    let mut found = find(conn, &key)?;
    if found.is_none() && key != raw {
        found = find(conn, raw)?;
    }
    let in_small_letters = key.to_lowercase();
    if found.is_none() && key != in_small_letters {
        let of_thing = find(conn, &in_small_letters)?.filter(|row| row.kind != PathKind::Redirect);
        found = of_thing.map(|row| row.leading_from(key));
    }
    Ok(found)
}

/// Whether a path is, or was, another thing's.
pub fn belongs_to_another(conn: &mut Conn, path: &str, target: PathTarget<'_>) -> Result<bool> {
    Ok(find(conn, path)?.is_some_and(|row| !is_of(&row, target)))
}

/// Which of these paths are not, and never were, another thing's.
pub fn without_those_of_others(
    conn: &mut Conn,
    mut candidates: Vec<String>,
    target: PathTarget<'_>,
) -> Result<Vec<String>> {
    let mut rows: Vec<PathRow> = paths::table
        .filter(paths::path.eq_any(candidates.clone()))
        .select(PathRow::as_select())
        .load(conn)?;
    rows.retain(|row| !is_of(row, target));
    candidates.retain(|path| rows.iter().all(|row| row.path != *path));
    Ok(candidates)
}

fn is_of(row: &PathRow, target: PathTarget<'_>) -> bool {
    row.kind == target.kind && row.target_id.as_deref() == Some(target.id) && row.locale == target.locale
}

/// Whether a thing's paths say that it is gone for good.
pub fn is_gone(conn: &mut Conn, kind: PathKind, id: &str) -> Result<bool> {
    let gone = paths::table
        .filter(paths::target_id.eq(id))
        .filter(paths::kind.eq(kind))
        .filter(paths::status.eq(PathStatus::Gone));
    Ok(diesel::select(diesel::dsl::exists(gone)).get_result(conn)?)
}

/// Takes a path for a thing; all its other paths lead there from now on, and what led to them.
/// `false` when the path is, or was, another thing's: nothing is changed then.
pub fn claim(conn: &mut Conn, path: &str, target: PathTarget<'_>, now: Time) -> Result<bool> {
    lock(conn)?;
    let inserted = on_each!(conn, c => diesel::insert_into(paths::table)
        .values((
            paths::path.eq(path),
            paths::kind.eq(target.kind),
            paths::target_id.eq(target.id),
            paths::locale.eq(target.locale),
            paths::status.eq(PathStatus::Live),
            paths::http_status.eq(200),
            paths::created_at.eq(now),
            paths::id.eq(RedirectId::new()),
            paths::origin.eq(RedirectOrigin::Automatic),
            paths::version.eq(1_i64),
            paths::updated_at.eq(now),
        ))
        .on_conflict_do_nothing()
        .execute(c))?;
    if inserted == 0 {
        let Some(row) = find(conn, path)? else { return Ok(false) };
        if !is_of(&row, target) {
            return Ok(false);
        }
        let is_live = (
            paths::status.eq(PathStatus::Live),
            paths::location.eq(None::<String>),
            paths::http_status.eq(200),
            paths::origin.eq(RedirectOrigin::Automatic),
        );
        kept(diesel::update(paths::table.find(path)).set(is_live)).execute(conn)?;
    }
    let others = of_target!(target).filter(paths::path.ne(path));
    let others = others.select(RedirectingRow::as_select()).load(conn)?;
    lead(conn, others, Some(path), now)?;
    Ok(true)
}

/// Makes a redirect from an imported thing's old path to its path. `false` when the old path is taken.
pub fn redirect(conn: &mut Conn, path: &str, target: PathTarget<'_>, location: &str, now: Time) -> Result<bool> {
    lock(conn)?;
    let inserted = on_each!(conn, c => diesel::insert_into(paths::table)
        .values((
            paths::path.eq(path),
            paths::kind.eq(target.kind),
            paths::target_id.eq(target.id),
            paths::locale.eq(target.locale),
            paths::status.eq(PathStatus::Moved),
            paths::location.eq(location),
            paths::http_status.eq(301),
            paths::created_at.eq(now),
            paths::id.eq(RedirectId::new()),
            paths::origin.eq(RedirectOrigin::Import),
            paths::version.eq(1_i64),
            paths::updated_at.eq(now),
        ))
        .on_conflict_do_nothing()
        .execute(c))?;
    if inserted == 1 {
        let step = PathStep {
            location: location.to_owned(),
            http_status: 301,
        };
        redirect_onward(conn, &[path.to_owned()], &step, now)?;
    }
    Ok(inserted == 1)
}

/// Hides every path of an unpublished thing, old ones too.
pub fn hide(conn: &mut Conn, target: PathTarget<'_>) -> Result<()> {
    lock(conn)?;
    kept(diesel::update(of_target!(target)).set(paths::status.eq(PathStatus::Hidden))).execute(conn)?;
    Ok(())
}

/// Hides the sections', tags' and contributors' paths in a language that the site no longer speaks.
pub fn hide_language(conn: &mut Conn, locale: &str) -> Result<()> {
    lock(conn)?;
    let rows = paths::table
        .filter(paths::locale.eq(locale))
        .filter(paths::kind.ne(PathKind::Article))
        .filter(paths::kind.ne(PathKind::Redirect))
        .filter(paths::status.eq(PathStatus::Live));
    diesel::update(rows)
        .set(paths::status.eq(PathStatus::Hidden))
        .execute(conn)?;
    Ok(())
}

/// Makes every path of a deleted or killed thing lead to `location`, or answer 410.
pub fn retire(conn: &mut Conn, target: PathTarget<'_>, location: Option<&str>, now: Time) -> Result<()> {
    lock(conn)?;
    let rows = of_target!(target).select(RedirectingRow::as_select()).load(conn)?;
    lead(conn, rows, location, now)
}

/// Takes the paths of a deleted thing away from it: they answer 410, and editors may free them.
pub fn disown(conn: &mut Conn, kind: PathKind, id: &str, now: Time) -> Result<()> {
    lock(conn)?;
    let rows = paths::table
        .filter(paths::target_id.eq(id))
        .filter(paths::kind.eq(kind));
    let led = rows.select(RedirectingRow::as_select()).load(conn)?;
    lead(conn, led, None, now)?;
    diesel::update(rows)
        .set((
            paths::kind.eq(PathKind::Redirect),
            paths::target_id.eq(None::<String>),
            paths::origin.eq(RedirectOrigin::Automatic),
        ))
        .execute(conn)?;
    Ok(())
}

/// Rows that one statement names at most.
const ROWS_PER_STATEMENT: usize = 500;

/// Gives an id to rows that have none; how many. While a new release is rolled out, instances of the one before still
/// write such rows.
pub fn give_missing_ids(conn: &mut Conn) -> Result<usize> {
    let bare: Vec<String> = paths::table
        .filter(paths::id.is_null())
        .limit(i64::try_from(ROWS_PER_STATEMENT).unwrap_or(i64::MAX))
        .select(paths::path)
        .load(conn)?;
    for path in &bare {
        diesel::update(paths::table.find(path))
            .set((
                paths::id.eq(RedirectId::new()),
                paths::origin.eq(RedirectOrigin::Automatic),
                paths::version.eq(1_i64),
                paths::updated_at.eq(paths::created_at.nullable()),
            ))
            .execute(conn)?;
    }
    Ok(bare.len())
}
