//! Menus at the desk: list, make, read, change, delete.

use actix_web::{HttpResponse, delete, get, patch, post};
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::audit::TargetKind;
use crate::access::auth::{Desk, Permission, may};
use crate::access::change_log::EditableKind;
use crate::access::editing::{Editable, check_version, record_deletion, record_edit, record_new};
use crate::base::clock::Time;
use crate::base::db::dialect::{AdvisoryLock, take_advisory_lock};
use crate::base::error::Result;
use crate::base::http::body::Body;
use crate::base::http::conditional::{IfMatch, created, versioned};
use crate::base::http::page::PageInfo;
use crate::base::http::path::PathId;
use crate::base::http::query::{NoParams, Params};
use crate::base::key::Key;
use crate::events::outbox::data::SitePart;
use crate::list_type;
use crate::site::announcing::announce_site;
use crate::site::menus::input::{MenuPatch, NewMenu};
use crate::site::menus::model::{Menu, MenuItem};
use crate::site::menus::store;

/// A menu as editors see it.
#[derive(Serialize, ToSchema)]
pub struct MenuView {
    /// What front ends know it by.
    pub key: Key,
    /// What the desk calls it.
    pub label: String,
    /// Its items, those whose target is not public among them.
    pub items: Vec<MenuItem>,
    /// Counts changes; the ETag is made of it.
    pub version: i64,
    /// When it was made.
    pub created_at: Time,
    /// When it was changed last.
    pub updated_at: Time,
}

impl From<Menu> for MenuView {
    fn from(menu: Menu) -> Self {
        Self {
            key: menu.key,
            label: menu.label,
            items: menu.items,
            version: menu.version,
            created_at: menu.created_at,
            updated_at: menu.updated_at,
        }
    }
}

list_type! {
    /// Every menu.
    MenuList [whole] {
        /// The menus, by key.
        items: Vec<MenuView>,
    }
}

impl Editable for Menu {
    const KIND: EditableKind = EditableKind::Menu;
    const TARGET: TargetKind = TargetKind::Menu;

    fn id(&self) -> &str {
        self.key.as_str()
    }

    fn version(&self) -> i64 {
        self.version
    }

    fn shown(&self) -> Result<impl Serialize> {
        Ok(MenuView::from(self.clone()))
    }
}

/// List menus.
///
/// Every menu with its items.
#[utoipa::path(tag = "site", operation_id = "listMenus",
    responses((status = 200, description = "The menus.", body = MenuList)))]
#[get("/v1/editorial/menus")]
pub async fn list_menus(desk: Desk<may::ReadTaxonomy>, _: Params<NoParams>) -> Result<MenuList> {
    let menus = desk.read(|conn, _| store::load(conn)).await?;
    Ok(MenuList {
        items: menus.into_iter().map(MenuView::from).collect(),
        page: PageInfo::whole(),
    })
}

/// Create a menu.
///
/// Readers get it at once.
#[utoipa::path(tag = "site", operation_id = "createMenu", request_body = NewMenu,
    responses((status = 201, description = "The menu.", body = MenuView, headers(("ETag")))))]
#[post("/v1/editorial/menus")]
pub async fn create_menu(desk: Desk<may::ManageMenus>, body: Body<NewMenu>) -> Result<HttpResponse> {
    desk.actor.check_everywhere(Permission::ManageMenus)?;
    let menu = body.value.into_menu(desk.now());
    let inserted = menu.clone();
    desk.write(move |conn, desk| {
        take_advisory_lock(conn, AdvisoryLock::Site)?;
        store::check_key(conn, &inserted.key)?;
        store::check_targets(conn, &inserted.items)?;
        record_new(conn, desk, &inserted, &["label", "items"])?;
        announce_site(conn, SitePart::Menu, Some(inserted.key.as_str()), desk.now)?;
        store::insert(conn, &inserted)
    })
    .await?;
    let location = format!("/v1/editorial/menus/{}", menu.key);
    Ok(created(&location, 1, &MenuView::from(menu)))
}

/// Read a menu.
///
/// The menu with its ETag for changing it.
#[utoipa::path(tag = "site", operation_id = "getMenuForEditing",
    responses((status = 200, description = "The menu.", body = MenuView, headers(("ETag")))))]
#[get("/v1/editorial/menus/{menu_key}")]
pub async fn get_menu_for_editing(
    desk: Desk<may::ReadTaxonomy>,
    key: PathId<Key>,
    _: Params<NoParams>,
) -> Result<HttpResponse> {
    let menu = desk.read(move |conn, _| store::get(conn, &key.0)).await?;
    Ok(versioned(menu.version, &MenuView::from(menu)))
}

/// Change a menu.
///
/// Its items are replaced whole.
#[utoipa::path(tag = "site", operation_id = "updateMenu", params(IfMatch), request_body = MenuPatch,
    responses((status = 200, description = "The menu.", body = MenuView)))]
#[patch("/v1/editorial/menus/{menu_key}")]
pub async fn update_menu(
    desk: Desk<may::ManageMenus>,
    key: PathId<Key>,
    if_match: IfMatch,
    body: Body<MenuPatch>,
) -> Result<HttpResponse> {
    let patch = body.value;
    desk.actor.check_everywhere(Permission::ManageMenus)?;
    let menu = desk
        .write(move |conn, desk| {
            take_advisory_lock(conn, AdvisoryLock::Site)?;
            let old = store::get(conn, &key.0)?;
            check_version(conn, if_match, &old)?;
            let (mut menu, changed) = patch.apply(&old);
            if changed.is_empty() {
                return Ok(menu);
            }
            if changed.contains(&"items") {
                store::check_targets(conn, &menu.items)?;
            }
            menu.version += 1;
            menu.updated_at = desk.now;
            record_edit(conn, desk, &old, &menu, &changed)?;
            announce_site(conn, SitePart::Menu, Some(menu.key.as_str()), desk.now)?;
            store::update(conn, &menu)?;
            Ok(menu)
        })
        .await?;
    Ok(versioned(menu.version, &MenuView::from(menu)))
}

/// Delete a menu.
///
/// Readers get 404 for it from now on.
#[utoipa::path(tag = "site", operation_id = "deleteMenu", params(IfMatch),
    responses((status = 204, description = "The menu is gone.")))]
#[delete("/v1/editorial/menus/{menu_key}")]
pub async fn delete_menu(desk: Desk<may::ManageMenus>, key: PathId<Key>, if_match: IfMatch) -> Result<HttpResponse> {
    desk.actor.check_everywhere(Permission::ManageMenus)?;
    desk.write(move |conn, desk| {
        take_advisory_lock(conn, AdvisoryLock::Site)?;
        let menu = store::get(conn, &key.0)?;
        check_version(conn, if_match, &menu)?;
        record_deletion(conn, desk, &menu)?;
        announce_site(conn, SitePart::Menu, Some(menu.key.as_str()), desk.now)?;
        store::delete(conn, &menu.key)
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}
