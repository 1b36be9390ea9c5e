//! Statements on slots.

use diesel::prelude::*;

use super::model::AdSlot;
use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::db::dialect::{Generation, raise_generations};
use crate::base::db::schema::ad_slots;
use crate::base::error::{Error, Result};
use crate::base::key::Key;
use crate::base::limits;
use crate::site::settings;

/// A slot's row, its columns in their order.
#[derive(Queryable)]
struct AdSlotRow {
    key: String,
    position: i32,
    definition: String,
    version: i64,
    created_at: Time,
    updated_at: Time,
}

fn slot(row: AdSlotRow) -> Result<AdSlot> {
    Ok(AdSlot {
        key: Key::parse(&row.key).ok_or_else(|| Error::internal(format!("the slot {}", row.key)))?,
        position: row.position,
        definition: serde_json::from_str(&row.definition).map_err(Error::internal)?,
        version: row.version,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

/// Every slot, in the order in which they are placed.
///
/// # Errors
/// 500 when a row holds none.
pub fn load(conn: &mut Conn) -> Result<Vec<AdSlot>> {
    let rows: Vec<AdSlotRow> = ad_slots::table.order((ad_slots::position, ad_slots::key)).load(conn)?;
    rows.into_iter().map(slot).collect()
}

/// The slot of this key.
///
/// # Errors
/// 404.
pub fn get(conn: &mut Conn, key: &Key) -> Result<AdSlot> {
    slot(ad_slots::table.find(key.as_str()).first(conn)?)
}

/// Adds a slot. The caller holds the site's lock and has checked its key.
pub fn insert(conn: &mut Conn, new: &AdSlot) -> Result<()> {
    diesel::insert_into(ad_slots::table)
        .values((
            ad_slots::key.eq(new.key.as_str()),
            ad_slots::position.eq(new.position),
            ad_slots::definition.eq(json(new)?),
            ad_slots::version.eq(new.version),
            ad_slots::created_at.eq(new.created_at),
            ad_slots::updated_at.eq(new.updated_at),
        ))
        .execute(conn)?;
    Ok(raise_generations(conn, &mut [Generation::Site])?)
}

/// Checks that a key is free, and that there is room for one more.
///
/// # Errors
/// 422 `key_taken`, `limit_reached`.
pub fn check_key(conn: &mut Conn, key: &Key) -> Result<()> {
    let taken: Vec<String> = ad_slots::table.select(ad_slots::key).load(conn)?;
    settings::check_key(&taken, key, limits::AD_SLOTS)
}

/// Writes a changed slot.
pub fn update(conn: &mut Conn, changed: &AdSlot) -> Result<()> {
    diesel::update(ad_slots::table.find(changed.key.as_str()))
        .set((
            ad_slots::position.eq(changed.position),
            ad_slots::definition.eq(json(changed)?),
            ad_slots::version.eq(changed.version),
            ad_slots::updated_at.eq(changed.updated_at),
        ))
        .execute(conn)?;
    Ok(raise_generations(conn, &mut [Generation::Site])?)
}

/// Deletes a slot.
pub fn delete(conn: &mut Conn, key: &Key) -> Result<()> {
    diesel::delete(ad_slots::table.find(key.as_str())).execute(conn)?;
    Ok(raise_generations(conn, &mut [Generation::Site])?)
}

fn json(slot: &AdSlot) -> Result<String> {
    serde_json::to_string(&slot.definition).map_err(Error::internal)
}
