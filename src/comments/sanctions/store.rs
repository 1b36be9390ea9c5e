//! Statements on sanctions.

use diesel::prelude::*;

use super::SanctionId;
use super::model::{Sanction, SanctionTarget};
use crate::clock::Time;
use crate::db::Conn;
use crate::db::schema::sanctions;
use crate::error::Result;
use crate::sections::SectionId;

/// What holds at a moment against an author who is known by any of `keys`, in a section of this lineage (itself
/// and those above it) or on the whole site; oldest first. One statement.
///
/// # Errors
/// The database's.
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
        .or(sanctions::section_id.eq_any(lineage.to_vec()));
    let mut found: Vec<Sanction> = sanctions::table
        .filter(sanctions::target_key.eq_any(values))
        .filter(sanctions::lifted_at.is_null())
        .filter(lasts)
        .filter(is_here)
        .order((sanctions::created_at, sanctions::id))
        .select(Sanction::as_select())
        .load(conn)?;
    // A digest of one kind is never one of another kind; should it ever be, it meets nobody.
    found.retain(|sanction| {
        keys.iter()
            .any(|(target, key)| *target == sanction.target && *key == sanction.target_key)
    });
    Ok(found)
}

/// Adds a sanction.
///
/// # Errors
/// The database's.
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
