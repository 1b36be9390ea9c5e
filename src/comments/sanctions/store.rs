//! Statements on sanctions.

use diesel::prelude::*;

use super::model::Sanction;
use crate::base::clock::Time;
use crate::base::db::dialect::{LockableRow, lock};
use crate::base::db::schema::{comments, sanctions};
use crate::base::db::{Conn, among};
use crate::base::error::Result;
use crate::base::ids::SectionId;
use crate::comments::identity::{SanctionId, SanctionKind, SanctionTarget};

/// What holds at a moment against an author who is known by any of `keys`, in a section of this lineage (itself
/// and those above it) or on the whole site; oldest first. One statement.
pub fn in_force(
    conn: &mut Conn,
    keys: &[(SanctionTarget, String)],
    lineage: &[SectionId],
    now: Time,
) -> Result<Vec<Sanction>> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let values: Vec<&str> = keys.iter().map(|(_, key)| key.as_str()).collect();
    let lasts = sanctions::ends_at.is_null().or(sanctions::ends_at.gt(now));
    let is_here = sanctions::section_id
        .is_null()
        .or(among(sanctions::section_id, lineage.to_vec()));
    let mut found: Vec<Sanction> = sanctions::table
        .filter(among(sanctions::target_key, values))
        .filter(sanctions::lifted_at.is_null())
        .filter(lasts)
        .filter(is_here)
        .order((sanctions::created_at, sanctions::id))
        .select(Sanction::as_select())
        .load(conn)?;
    // The query compares keys without their kind. Those of two kinds are never equal; should they be, nobody is
    // sanctioned.
    found.retain(|sanction| {
        keys.iter()
            .any(|(target, key)| *target == sanction.target && *key == sanction.target_key)
    });
    Ok(found)
}

/// Adds a sanction.
pub fn insert(conn: &mut Conn, sanction: &Sanction) -> Result<()> {
    diesel::insert_into(sanctions::table).values(sanction).execute(conn)?;
    Ok(())
}

/// The sanction of this id.
///
/// # Errors
/// 404.
pub fn get(conn: &mut Conn, id: SanctionId) -> Result<Sanction> {
    Ok(sanctions::table.find(id).select(Sanction::as_select()).first(conn)?)
}

/// As [`get`], locked until the transaction ends.
///
/// # Errors
/// 404.
pub fn get_locked(conn: &mut Conn, id: SanctionId) -> Result<Sanction> {
    lock(conn, LockableRow::Sanction, id.as_str())?;
    get(conn, id)
}

/// Writes a sanction as it is now.
pub fn update(conn: &mut Conn, sanction: &Sanction) -> Result<()> {
    diesel::update(sanctions::table.find(sanction.id))
        .set(sanction)
        .execute(conn)?;
    Ok(())
}

/// Which sanctions a list shows.
#[derive(Clone, Debug)]
pub struct SanctionFilter {
    /// Only those that hold, or only those that are over.
    pub is_active: Option<bool>,
    /// Only of this kind.
    pub kind: Option<SanctionKind>,
    /// Only those that identify the author this way: reader, e-mail or account.
    pub target: Option<SanctionTarget>,
    /// Only those that hold in one of these; without, all.
    pub sections: Option<Vec<SectionId>>,
    /// When.
    pub now: Time,
}

/// A page of sanctions, the newest first, starting after `after`.
pub fn list(
    conn: &mut Conn,
    filter: &SanctionFilter,
    after: Option<(Time, SanctionId)>,
    limit: i64,
) -> Result<Vec<Sanction>> {
    let mut query = sanctions::table
        .order((sanctions::created_at.desc(), sanctions::id.desc()))
        .limit(limit)
        .select(Sanction::as_select())
        .into_boxed();
    let lasts = || sanctions::ends_at.is_null().or(sanctions::ends_at.gt(filter.now));
    query = match filter.is_active {
        None => query,
        Some(true) => query.filter(sanctions::lifted_at.is_null()).filter(lasts()),
        Some(false) => query.filter(sanctions::lifted_at.is_not_null().or(diesel::dsl::not(lasts()))),
    };
    if let Some(kind) = filter.kind {
        query = query.filter(sanctions::kind.eq(kind));
    }
    if let Some(target) = filter.target {
        query = query.filter(sanctions::target.eq(target));
    }
    if let Some(sections) = &filter.sections {
        query = query.filter(sanctions::section_id.eq_any(sections.clone()));
    }
    if let Some((time, id)) = after {
        query = query
            .filter(sanctions::created_at.le(time))
            .filter(sanctions::created_at.lt(time).or(sanctions::id.lt(id)));
    }
    Ok(query.load(conn)?)
}

/// How many comments have these keys.
pub fn comment_counts(conn: &mut Conn, target: SanctionTarget, keys: &[&str]) -> Result<Vec<(String, i64)>> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let keys = keys.to_vec();
    macro_rules! count_by {
        ($column:ident) => {
            comments::table
                .filter(comments::$column.eq_any(keys))
                .group_by(comments::$column)
                .select((comments::$column.assume_not_null(), diesel::dsl::count_star()))
                .load(conn)?
        };
    }
    Ok(match target {
        SanctionTarget::Account => count_by!(user_id),
        SanctionTarget::Email => count_by!(email_hash),
        SanctionTarget::Reader => count_by!(reader_digest),
        SanctionTarget::Network => count_by!(network_hash),
    })
}
