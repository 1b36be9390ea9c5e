//! Statements on menus.

use diesel::prelude::*;

use super::model::{Menu, MenuItem, MenuItemKind, without};
use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::db::dialect::{Generation, raise_generations};
use crate::base::db::schema::{menus, paths};
use crate::base::error::{Error, FieldCode, FieldError, Result};
use crate::base::ids::ArticleId;
use crate::base::key::Key;
use crate::base::limits;
use crate::site::paths::{PathKind, PathStatus};
use crate::site::settings;

/// A menu's row, its columns in their order.
#[derive(Queryable)]
struct MenuRow {
    key: String,
    label: String,
    items: String,
    version: i64,
    created_at: Time,
    updated_at: Time,
}

fn menu(row: MenuRow) -> Result<Menu> {
    Ok(Menu {
        key: Key::parse(&row.key).ok_or_else(|| Error::internal(format!("the menu {}", row.key)))?,
        items: serde_json::from_str(&row.items).map_err(Error::internal)?,
        label: row.label,
        version: row.version,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

/// Every menu, by key.
///
/// # Errors
/// 500 when a row holds none.
pub fn load(conn: &mut Conn) -> Result<Vec<Menu>> {
    let rows: Vec<MenuRow> = menus::table.order(menus::key).load(conn)?;
    rows.into_iter().map(menu).collect()
}

/// The menu of this key.
///
/// # Errors
/// 404.
pub fn get(conn: &mut Conn, key: &Key) -> Result<Menu> {
    menu(menus::table.find(key.as_str()).first(conn)?)
}

/// Adds a menu. The caller holds the site's lock and has checked its key.
pub fn insert(conn: &mut Conn, new: &Menu) -> Result<()> {
    diesel::insert_into(menus::table)
        .values((
            menus::key.eq(new.key.as_str()),
            menus::label.eq(&new.label),
            menus::items.eq(json(&new.items)?),
            menus::version.eq(new.version),
            menus::created_at.eq(new.created_at),
            menus::updated_at.eq(new.updated_at),
        ))
        .execute(conn)?;
    Ok(raise_generations(conn, &mut [Generation::Site])?)
}

/// Checks that a key is free, and that there is room for one more.
///
/// # Errors
/// 422 `key_taken`, `limit_reached`.
pub fn check_key(conn: &mut Conn, key: &Key) -> Result<()> {
    let taken: Vec<String> = menus::table.select(menus::key).load(conn)?;
    settings::check_key(&taken, key, limits::MENUS)
}

/// Writes a changed menu.
pub fn update(conn: &mut Conn, changed: &Menu) -> Result<()> {
    diesel::update(menus::table.find(changed.key.as_str()))
        .set((
            menus::label.eq(&changed.label),
            menus::items.eq(json(&changed.items)?),
            menus::version.eq(changed.version),
            menus::updated_at.eq(changed.updated_at),
        ))
        .execute(conn)?;
    Ok(raise_generations(conn, &mut [Generation::Site])?)
}

/// Deletes a menu.
pub fn delete(conn: &mut Conn, key: &Key) -> Result<()> {
    diesel::delete(menus::table.find(key.as_str())).execute(conn)?;
    Ok(raise_generations(conn, &mut [Generation::Site])?)
}

fn json(items: &[MenuItem]) -> Result<String> {
    serde_json::to_string(items).map_err(Error::internal)
}

/// Takes an article out of every menu, since its label there is taken down with it; returns the menus' keys and their
/// new versions.
pub fn forget_article(conn: &mut Conn, id: ArticleId, now: Time) -> Result<Vec<(Key, i64)>> {
    let mut changed = Vec::new();
    for mut menu in load(conn)? {
        let Some(items) = without(&menu.items, id) else {
            continue;
        };
        menu.items = items;
        menu.version += 1;
        menu.updated_at = now;
        diesel::update(menus::table.find(menu.key.as_str()))
            .set((
                menus::items.eq(json(&menu.items)?),
                menus::version.eq(menu.version),
                menus::updated_at.eq(now),
            ))
            .execute(conn)?;
        changed.push((menu.key, menu.version));
    }
    Ok(changed)
}

/// The live paths of the things that items lead to: kind, id, language, path. One statement for all.
pub fn live_paths(conn: &mut Conn, ids: Vec<String>) -> Result<Vec<(PathKind, String, String, String)>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    // `live` is filtered below and not in SQL: a thing has few paths, and so no query plan starts from all live ones.
    let rows: Vec<(PathKind, Option<String>, String, String, PathStatus)> = paths::table
        .filter(paths::target_id.eq_any(ids))
        .select((paths::kind, paths::target_id, paths::locale, paths::path, paths::status))
        .load(conn)?;
    let rows = rows
        .into_iter()
        .filter(|(.., status)| *status == PathStatus::Live)
        .map(|(kind, id, locale, path, _)| (kind, id.unwrap_or_default(), locale, path));
    Ok(rows.collect())
}

/// Checks that what items lead to is there.
///
/// # Errors
/// 422 with a pointer to each that is not.
pub fn check_targets(conn: &mut Conn, items: &[MenuItem]) -> Result<()> {
    let mut asked: Vec<(MenuItemKind, String, String)> = Vec::new();
    super::model::each_item(items, "/items", &mut |item, pointer| {
        if let Some(id) = item.target() {
            asked.push((item.kind, id.to_owned(), format!("{pointer}/target_id")));
        }
    });
    let of = |kind| -> Vec<String> {
        let ids = asked.iter().filter(|(other, _, _)| *other == kind);
        ids.map(|(_, id, _)| id.clone()).collect()
    };
    macro_rules! known {
        ($table:ident, $kind:ident) => {{
            use crate::base::db::schema::$table;
            let ids = of(MenuItemKind::$kind);
            let rows: Vec<String> = $table::table
                .filter($table::id.eq_any(ids))
                .select($table::id)
                .load(conn)?;
            rows
        }};
    }
    let mut known = known!(sections, Section);
    known.extend(known!(articles, Article));
    known.extend(known!(tags, Tag));
    known.extend(known!(contributors, Contributor));
    let missing = asked.into_iter().filter(|(_, id, _)| !known.contains(id));
    let errors: Vec<FieldError> = missing
        .map(|(_, _, pointer)| FieldError::new(pointer, FieldCode::UnknownReference))
        .collect();
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Error::validation(errors))
    }
}
