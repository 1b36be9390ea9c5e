//! Places for advertisements at the desk: list, make, read, change, delete.

use std::collections::BTreeMap;

use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, delete, get, patch, post};
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::audit::{self, AuditEvent, TargetKind};
use crate::access::auth::{Permission, Require, may};
use crate::access::change_log::{self, EditableKind};
use crate::base::clock::Time;
use crate::base::db::dialect::{AdvisoryLock, take_advisory_lock};
use crate::base::db::{Conn, Db};
use crate::base::error::{Error, FieldCode, FieldError, Result};
use crate::base::http::body::Body;
use crate::base::http::conditional::{IfMatch, created, versioned};
use crate::base::http::page::PageInfo;
use crate::base::http::path::PathId;
use crate::base::http::query::{NoParams, Params};
use crate::base::http::value_reader::{boolean, line, time, word};
use crate::base::key::{Key, key};
use crate::base::limits;
use crate::site::ads::model::{
    AdDefinition, AdPlace, AdRule, AdSize, AdSlot, faults, position, rules, sizes, targeting,
};
use crate::site::ads::store;
use crate::site::sections::SectionTree;
use crate::{body_type, page_type};

/// A place for advertisements as editors see it.
#[derive(Serialize, ToSchema)]
pub struct AdSlotView {
    /// What it is known by.
    pub key: Key,
    /// What the desk calls it.
    pub label: String,
    /// Where it stands.
    pub place: AdPlace,
    /// Its turn among the slots: the lowest is placed first.
    pub position: i32,
    /// What fits into it.
    #[schema(max_items = 20)]
    pub sizes: Vec<AdSize>,
    /// What the advertisements' server is told, by name.
    pub targeting: BTreeMap<String, String>,
    /// Whether it is used.
    pub is_on: bool,
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
            place: definition.place,
            position: slot.position,
            sizes: definition.sizes,
            targeting: definition.targeting,
            is_on: definition.is_on,
            starts_at: definition.starts_at,
            ends_at: definition.ends_at,
            rules: definition.rules,
            version: slot.version,
            created_at: slot.created_at,
            updated_at: slot.updated_at,
        }
    }
}

page_type! {
    /// Every place for advertisements.
    AdSlotList [whole] {
        /// The slots, in the order in which they are placed.
        items: Vec<AdSlotView>,
    }
}

body_type! {
    /// A place for advertisements to be made.
    pub struct NewAdSlot {
        /// What it will be known by; it never changes.
        pub key: Key = required(key()),
        /// What the desk calls it.
        pub label: String = required(line(limits::LABEL)),
        /// Where it stands.
        pub place: AdPlace = required(word()),
        /// Its turn among the slots: the lowest is placed first; 0 where it is not given.
        pub position: i32 = optional(position()),
        /// What fits into it.
        pub sizes: Vec<AdSize> = optional(sizes()),
        /// What the advertisements' server is told, by name.
        pub targeting: BTreeMap<String, String> = optional(targeting()),
        /// Whether it is used; it is where this is not given.
        pub is_on: bool = optional(boolean()),
        /// Not used before.
        pub starts_at: Time = optional(time()),
        /// Not used from then on.
        pub ends_at: Time = optional(time()),
        /// With `body`: where in a body it stands.
        pub rules: Vec<AdRule> = optional(rules()),
    }
}

body_type! {
    /// A change of a place for advertisements.
    pub struct AdSlotPatch of AdSlot {
        /// What the desk calls it.
        pub label: String = change(line(limits::LABEL)) of definition,
        /// Where it stands.
        pub place: AdPlace = change(word()) of definition,
        /// Its turn among the slots.
        pub position: i32 = change(position()),
        /// What fits into it, in place of what did.
        pub sizes: Vec<AdSize> = change(sizes()) of definition,
        /// What the advertisements' server is told, in place of what it was.
        pub targeting: BTreeMap<String, String> = change(targeting()) of definition,
        /// Whether it is used.
        pub is_on: bool = change(boolean()) of definition,
        /// Not used before.
        pub starts_at: Time = patch(time()) of definition,
        /// Not used from then on.
        pub ends_at: Time = patch(time()) of definition,
        /// All its rules, in place of those there.
        pub rules: Vec<AdRule> = change(rules()) of definition,
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

fn digest(slot: &AdSlot) -> Result<String> {
    audit::digest(&AdSlotView::from(slot.clone()))
}

/// List places for advertisements at the desk.
///
/// Every slot, those that are not used at this moment among them.
#[utoipa::path(tag = "site", operation_id = "listAdSlotsForEditing",
    responses((status = 200, description = "The slots.", body = AdSlotList)))]
#[get("/v1/editorial/ad-slots")]
pub async fn list_ad_slots_for_editing(
    db: Data<Db>,
    _: Require<may::ReadTaxonomy>,
    _: Params<NoParams>,
) -> Result<Json<AdSlotList>> {
    let slots = db.read(store::load).await?;
    Ok(Json(AdSlotList {
        items: slots.into_iter().map(AdSlotView::from).collect(),
        page: PageInfo::whole(),
    }))
}

/// Create a place for advertisements.
///
/// Its rules hold for every article at once, those that are live among them.
#[utoipa::path(tag = "site", operation_id = "createAdSlot", request_body = NewAdSlot,
    responses((status = 201, description = "The slot.", body = AdSlotView, headers(("ETag")))))]
#[post("/v1/editorial/ad-slots")]
pub async fn create_ad_slot(
    db: Data<Db>,
    actor: Require<may::ManageAdSlots>,
    body: Body<NewAdSlot>,
) -> Result<HttpResponse> {
    let (actor, now, new) = (actor.into_actor(), db.clock().now(), body.value);
    actor.check_everywhere(Permission::ManageAdSlots)?;
    let slot = AdSlot {
        key: new.key,
        position: new.position.unwrap_or(0),
        definition: AdDefinition {
            label: new.label,
            place: new.place,
            sizes: new.sizes.unwrap_or_default(),
            targeting: new.targeting.unwrap_or_default(),
            is_on: new.is_on.unwrap_or(true),
            starts_at: new.starts_at,
            ends_at: new.ends_at,
            rules: new.rules.unwrap_or_default(),
        },
        version: 1,
        created_at: now,
        updated_at: now,
    };
    let inserted = slot.clone();
    db.write(move |conn| {
        take_advisory_lock(conn, AdvisoryLock::Site)?;
        store::check_key(conn, &inserted.key)?;
        check(conn, &inserted.definition)?;
        let key = inserted.key.as_str();
        let fields = ["label", "place", "rules"];
        change_log::record(conn, EditableKind::AdSlot, key, 1, Some(actor.user_id), &fields, now)?;
        let act = AuditEvent::on("ad_slot.create", TargetKind::AdSlot, key).after(digest(&inserted)?);
        audit::record(conn, &actor, act, now)?;
        store::insert(conn, &inserted)
    })
    .await?;
    let location = format!("/v1/editorial/ad-slots/{}", slot.key);
    Ok(created(&location, 1, &AdSlotView::from(slot)))
}

/// Read a place for advertisements.
///
/// The slot with its ETag for changing it.
#[utoipa::path(tag = "site", operation_id = "getAdSlotForEditing",
    responses((status = 200, description = "The slot.", body = AdSlotView, headers(("ETag")))))]
#[get("/v1/editorial/ad-slots/{slot_key}")]
pub async fn get_ad_slot_for_editing(
    db: Data<Db>,
    _: Require<may::ReadTaxonomy>,
    key: PathId<Key>,
    _: Params<NoParams>,
) -> Result<HttpResponse> {
    let slot = db.read(move |conn| store::get(conn, &key.0)).await?;
    Ok(versioned(slot.version, &AdSlotView::from(slot)))
}

/// Change a place for advertisements.
///
/// Its rules hold for every article at once; nothing is published anew for it.
#[utoipa::path(tag = "site", operation_id = "updateAdSlot", params(IfMatch), request_body = AdSlotPatch,
    responses((status = 200, description = "The slot.", body = AdSlotView)))]
#[patch("/v1/editorial/ad-slots/{slot_key}")]
pub async fn update_ad_slot(
    db: Data<Db>,
    actor: Require<may::ManageAdSlots>,
    key: PathId<Key>,
    if_match: IfMatch,
    body: Body<AdSlotPatch>,
) -> Result<HttpResponse> {
    let (actor, now, patch) = (actor.into_actor(), db.clock().now(), body.value);
    actor.check_everywhere(Permission::ManageAdSlots)?;
    let slot = db
        .write(move |conn| {
            take_advisory_lock(conn, AdvisoryLock::Site)?;
            let old = store::get(conn, &key.0)?;
            let id = old.key.as_str();
            change_log::check(conn, if_match, EditableKind::AdSlot, id, old.version)?;
            let (mut slot, changed) = patch.apply(&old);
            if changed.is_empty() {
                return Ok(slot);
            }
            check(conn, &slot.definition)?;
            slot.version += 1;
            slot.updated_at = now;
            let user = Some(actor.user_id);
            change_log::record(conn, EditableKind::AdSlot, id, slot.version, user, &changed, now)?;
            let act = AuditEvent::on("ad_slot.edit", TargetKind::AdSlot, id).detail("fields", changed);
            audit::record(conn, &actor, act.before(digest(&old)?).after(digest(&slot)?), now)?;
            store::update(conn, &slot)?;
            Ok(slot)
        })
        .await?;
    Ok(versioned(slot.version, &AdSlotView::from(slot)))
}

/// Delete a place for advertisements.
///
/// Where an editor placed it by hand it stays as it is.
#[utoipa::path(tag = "site", operation_id = "deleteAdSlot", params(IfMatch),
    responses((status = 204, description = "The slot is gone.")))]
#[delete("/v1/editorial/ad-slots/{slot_key}")]
pub async fn delete_ad_slot(
    db: Data<Db>,
    actor: Require<may::ManageAdSlots>,
    key: PathId<Key>,
    if_match: IfMatch,
) -> Result<HttpResponse> {
    let (actor, now) = (actor.into_actor(), db.clock().now());
    actor.check_everywhere(Permission::ManageAdSlots)?;
    db.write(move |conn| {
        take_advisory_lock(conn, AdvisoryLock::Site)?;
        let slot = store::get(conn, &key.0)?;
        let id = slot.key.as_str();
        change_log::check(conn, if_match, EditableKind::AdSlot, id, slot.version)?;
        let act = AuditEvent::on("ad_slot.delete", TargetKind::AdSlot, id).before(digest(&slot)?);
        audit::record(conn, &actor, act, now)?;
        change_log::forget(conn, EditableKind::AdSlot, id)?;
        store::delete(conn, &slot.key)
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}
