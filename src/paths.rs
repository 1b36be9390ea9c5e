//! Every path that is or was public, and where it leads. A path once public is never given to
//! another thing: the table's primary key decides, also between two publishes at once.

use diesel::prelude::*;

use crate::clock::Time;
use crate::db::Conn;
use crate::db::schema::paths;
use crate::error::Result;
use crate::on_each;

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
        /// A redirect that an import or an editor made.
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

/// The thing that a path is of.
#[derive(Clone, Copy, Debug)]
pub struct Target<'t> {
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

/// The row of a path.
///
/// # Errors
/// The database's.
pub fn find(conn: &mut Conn, path: &str) -> Result<Option<PathRow>> {
    Ok(paths::table
        .find(path)
        .select(PathRow::as_select())
        .first(conn)
        .optional()?)
}

/// Whether a path is, or was, another thing's.
///
/// # Errors
/// The database's.
pub fn is_anothers(conn: &mut Conn, path: &str, target: Target<'_>) -> Result<bool> {
    Ok(find(conn, path)?.is_some_and(|row| !is_of(&row, target)))
}

/// Those of some paths that are not, and never were, another thing's.
///
/// # Errors
/// The database's.
pub fn not_anothers(conn: &mut Conn, mut candidates: Vec<String>, target: Target<'_>) -> Result<Vec<String>> {
    let mut rows: Vec<PathRow> = paths::table
        .filter(paths::path.eq_any(candidates.clone()))
        .select(PathRow::as_select())
        .load(conn)?;
    rows.retain(|row| !is_of(row, target));
    candidates.retain(|path| rows.iter().all(|row| row.path != *path));
    Ok(candidates)
}

fn is_of(row: &PathRow, target: Target<'_>) -> bool {
    row.kind == target.kind && row.target_id.as_deref() == Some(target.id) && row.locale == target.locale
}

/// Whether a thing's paths say that it is gone for good.
///
/// # Errors
/// The database's.
pub fn is_gone(conn: &mut Conn, kind: PathKind, id: &str) -> Result<bool> {
    let gone = paths::table
        .filter(paths::target_id.eq(id))
        .filter(paths::kind.eq(kind))
        .filter(paths::status.eq(PathStatus::Gone));
    Ok(diesel::select(diesel::dsl::exists(gone)).get_result(conn)?)
}

/// Takes a path for a thing; all its other live paths lead there from now on. `false` when the path
/// is, or was, another thing's: nothing is changed then.
///
/// # Errors
/// The database's.
pub fn claim(conn: &mut Conn, path: &str, target: Target<'_>, now: Time) -> Result<bool> {
    let inserted = on_each!(conn, c => diesel::insert_into(paths::table)
        .values((
            paths::path.eq(path),
            paths::kind.eq(target.kind),
            paths::target_id.eq(target.id),
            paths::locale.eq(target.locale),
            paths::status.eq(PathStatus::Live),
            paths::http_status.eq(200),
            paths::created_at.eq(now),
        ))
        .on_conflict_do_nothing()
        .execute(c))?;
    if inserted == 0 {
        let Some(row) = find(conn, path)? else { return Ok(false) };
        if !is_of(&row, target) {
            return Ok(false);
        }
        diesel::update(paths::table.find(path))
            .set((
                paths::status.eq(PathStatus::Live),
                paths::location.eq(None::<String>),
                paths::http_status.eq(200),
            ))
            .execute(conn)?;
    }
    diesel::update(of_target!(target).filter(paths::path.ne(path)))
        .set((
            paths::status.eq(PathStatus::Moved),
            paths::location.eq(path),
            paths::http_status.eq(301),
        ))
        .execute(conn)?;
    Ok(true)
}

/// Lets a redirect lead from a path to a thing's path. `false` when the path is taken.
///
/// # Errors
/// The database's.
pub fn redirect(conn: &mut Conn, path: &str, target: Target<'_>, location: &str, now: Time) -> Result<bool> {
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
        ))
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(inserted == 1)
}

/// Hides every path of an unpublished thing, old ones too.
///
/// # Errors
/// The database's.
pub fn hide(conn: &mut Conn, target: Target<'_>) -> Result<()> {
    diesel::update(of_target!(target))
        .set(paths::status.eq(PathStatus::Hidden))
        .execute(conn)?;
    Ok(())
}

/// Lets every path of a thing that is no more lead to `location`, or answer that it is gone.
///
/// # Errors
/// The database's.
pub fn retire(conn: &mut Conn, target: Target<'_>, location: Option<&str>) -> Result<()> {
    let (status, http_status) = if location.is_some() {
        (PathStatus::Moved, 301)
    } else {
        (PathStatus::Gone, 410)
    };
    diesel::update(of_target!(target))
        .set((
            paths::status.eq(status),
            paths::location.eq(location),
            paths::http_status.eq(http_status),
        ))
        .execute(conn)?;
    Ok(())
}
