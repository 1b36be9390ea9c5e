//! Ad slots at the desk: list, make, read, change, delete.

use std::collections::BTreeMap;

use actix_web::{HttpResponse, delete, get, patch, post};
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::audit::TargetKind;
use crate::access::auth::{Desk, Permission, may};
use crate::access::change_log::EditableKind;
use crate::access::editing::{Editable, check_version, record_deletion, record_edit, record_new};
use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::db::dialect::{AdvisoryLock, take_advisory_lock};
use crate::base::error::{Error, FieldCode, FieldError, Result};
use crate::base::http::body::Body;
use crate::base::http::conditional::{IfMatch, created, versioned};
use crate::base::http::page::PageInfo;
use crate::base::http::path::PathId;
use crate::base::http::query::{NoParams, Params};
use crate::base::key::Key;
use crate::events::outbox::data::SitePart;
use crate::list_type;
use crate::site::ads::input::{AdSlotPatch, NewAdSlot};
use crate::site::ads::model::{AdDefinition, AdRule, AdSize, AdSlot, AdSlotKind, faults};
use crate::site::ads::store;
use crate::site::announcing::announce_site;
use crate::site::sections::SectionTree;

/// An ad slot as editors see it.
#[derive(Serialize, ToSchema)]
pub struct AdSlotView {
    /// What it is known by.
    pub key: Key,
    /// What the desk calls it.
    pub label: String,
    /// Where it stands.
    pub kind: AdSlotKind,
    /// Its turn among the slots: the lowest is placed first.
    pub position: i32,
    /// What fits into it.
    #[schema(max_items = 20)]
    pub sizes: Vec<AdSize>,
    /// What the advertisements' server is told, by name.
    pub targeting: BTreeMap<String, String>,
    /// Whether it is used.
    pub is_active: bool,
    /// Not used before.
    pub starts_at: Option<Time>,
    /// Not used from then on.
    pub ends_at: Option<Time>,
    /// With `body`: where in a body it stands.
    #[schema(max_items = 20)]
    pub rules: Vec<AdRule>,
    /// Counts changes; the ETag is made of it.
    pub version: i64,
    /// When it was made.
    pub created_at: Time,
    /// When it was changed last.
    pub updated_at: Time,
}

impl From<AdSlot> for AdSlotView {
    fn from(slot: AdSlot) -> Self {
        let definition = slot.definition;
        Self {
            key: slot.key,
            label: definition.label,
            kind: definition.kind,
            position: slot.position,
            sizes: definition.sizes,
            targeting: definition.targeting,
            is_active: definition.is_active,
            starts_at: definition.starts_at,
            ends_at: definition.ends_at,
            rules: definition.rules,
            version: slot.version,
            created_at: slot.created_at,
            updated_at: slot.updated_at,
        }
    }
}

list_type! {
    /// Every ad slot.
    AdSlotList [whole] {
        /// The slots, in the order in which they are placed.
        items: Vec<AdSlotView>,
    }
}

fn check(conn: &mut Conn, definition: &AdDefinition) -> Result<()> {
    let mut errors = faults(definition);
    let tree = SectionTree::load(conn)?;
    for (index, rule) in definition.rules.iter().enumerate() {
        for (place, id) in rule.section_ids.iter().enumerate() {
            if tree.get(*id).is_none() {
                let pointer = format!("/rules/{index}/section_ids/{place}");
                errors.push(FieldError::new(pointer, FieldCode::UnknownReference));
            }
        }
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Error::validation(errors))
    }
}

impl Editable for AdSlot {
    const KIND: EditableKind = EditableKind::AdSlot;
    const TARGET: TargetKind = TargetKind::AdSlot;

    fn id(&self) -> &str {
        self.key.as_str()
    }

    fn version(&self) -> i64 {
        self.version
    }

    fn shown(&self) -> Result<impl Serialize> {
        Ok(AdSlotView::from(self.clone()))
    }
}

/// List ad slots at the desk.
///
/// Every slot, those that are not used at this moment among them.
#[utoipa::path(tag = "site", operation_id = "listAdSlotsForEditing",
    responses((status = 200, description = "The slots.", body = AdSlotList)))]
#[get("/v1/editorial/ad-slots")]
pub async fn list_ad_slots_for_editing(desk: Desk<may::ReadTaxonomy>, _: Params<NoParams>) -> Result<AdSlotList> {
    let slots = desk.read(|conn, _| store::load(conn)).await?;
    Ok(AdSlotList {
        items: slots.into_iter().map(AdSlotView::from).collect(),
        page: PageInfo::whole(),
    })
}

/// Create an ad slot.
///
/// Its rules hold for every article at once, those that are live among them.
#[utoipa::path(tag = "site", operation_id = "createAdSlot", request_body = NewAdSlot,
    responses((status = 201, description = "The slot.", body = AdSlotView, headers(("ETag")))))]
#[post("/v1/editorial/ad-slots")]
pub async fn create_ad_slot(desk: Desk<may::ManageAdSlots>, body: Body<NewAdSlot>) -> Result<HttpResponse> {
    desk.actor.check_everywhere(Permission::ManageAdSlots)?;
    let slot = body.value.into_ad_slot(desk.now());
    let inserted = slot.clone();
    desk.write(move |conn, desk| {
        take_advisory_lock(conn, AdvisoryLock::Site)?;
        store::check_key(conn, &inserted.key)?;
        check(conn, &inserted.definition)?;
        record_new(conn, desk, &inserted, &["label", "kind", "rules"])?;
        announce_site(conn, SitePart::AdSlot, Some(inserted.key.as_str()), desk.now)?;
        store::insert(conn, &inserted)
    })
    .await?;
    let location = format!("/v1/editorial/ad-slots/{}", slot.key);
    Ok(created(&location, 1, &AdSlotView::from(slot)))
}

/// Read an ad slot.
///
/// The slot with its ETag for changing it.
#[utoipa::path(tag = "site", operation_id = "getAdSlot",
    responses((status = 200, description = "The slot.", body = AdSlotView, headers(("ETag")))))]
#[get("/v1/editorial/ad-slots/{ad_slot_key}")]
pub async fn get_ad_slot(desk: Desk<may::ReadTaxonomy>, key: PathId<Key>, _: Params<NoParams>) -> Result<HttpResponse> {
    let slot = desk.read(move |conn, _| store::get(conn, &key.0)).await?;
    Ok(versioned(slot.version, &AdSlotView::from(slot)))
}

/// Change an ad slot.
///
/// Its rules hold for every article at once; nothing is published anew for it.
#[utoipa::path(tag = "site", operation_id = "updateAdSlot", params(IfMatch), request_body = AdSlotPatch,
    responses((status = 200, description = "The slot.", body = AdSlotView)))]
#[patch("/v1/editorial/ad-slots/{ad_slot_key}")]
pub async fn update_ad_slot(
    desk: Desk<may::ManageAdSlots>,
    key: PathId<Key>,
    if_match: IfMatch,
    body: Body<AdSlotPatch>,
) -> Result<HttpResponse> {
    let patch = body.value;
    desk.actor.check_everywhere(Permission::ManageAdSlots)?;
    let slot = desk
        .write(move |conn, desk| {
            take_advisory_lock(conn, AdvisoryLock::Site)?;
            let old = store::get(conn, &key.0)?;
            check_version(conn, if_match, &old)?;
            let (mut slot, changed) = patch.apply(&old);
            if changed.is_empty() {
                return Ok(slot);
            }
            check(conn, &slot.definition)?;
            slot.version += 1;
            slot.updated_at = desk.now;
            record_edit(conn, desk, &old, &slot, &changed)?;
            announce_site(conn, SitePart::AdSlot, Some(slot.key.as_str()), desk.now)?;
            store::update(conn, &slot)?;
            Ok(slot)
        })
        .await?;
    Ok(versioned(slot.version, &AdSlotView::from(slot)))
}

/// Delete an ad slot.
///
/// Where an editor placed it by hand it stays as it is.
#[utoipa::path(tag = "site", operation_id = "deleteAdSlot", params(IfMatch),
    responses((status = 204, description = "The slot is gone.")))]
#[delete("/v1/editorial/ad-slots/{ad_slot_key}")]
pub async fn delete_ad_slot(
    desk: Desk<may::ManageAdSlots>,
    key: PathId<Key>,
    if_match: IfMatch,
) -> Result<HttpResponse> {
    desk.actor.check_everywhere(Permission::ManageAdSlots)?;
    desk.write(move |conn, desk| {
        take_advisory_lock(conn, AdvisoryLock::Site)?;
        let slot = store::get(conn, &key.0)?;
        check_version(conn, if_match, &slot)?;
        record_deletion(conn, desk, &slot)?;
        announce_site(conn, SitePart::AdSlot, Some(slot.key.as_str()), desk.now)?;
        store::delete(conn, &slot.key)
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}
