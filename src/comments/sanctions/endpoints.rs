//! Sanctions at the moderators' desk: list, impose, read, change, lift.

use std::collections::HashMap;

use actix_web::web::Data;
use actix_web::{HttpResponse, get, patch, post};
use serde::Serialize;
use utoipa::ToSchema;

use super::input::{NewSanction, SanctionPatch, check_end};
use super::model::Sanction;
use super::store;
use crate::access::audit::{self, AuditEvent, TargetKind};
use crate::access::auth::{Actor, Permission, PermissionSubject, may, store as accounts};
use crate::access::change_log::{self, EditableKind};
use crate::articles::store as articles;
use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::error::{Code, Error, FieldCode, FieldError, Result};
use crate::base::http::body::{Body, LateBody};
use crate::base::http::conditional::{IfMatch, created, versioned};
use crate::base::http::fields::Patch;
use crate::base::http::idempotency::{self, CompletedRequest, IdempotencyKey};
use crate::base::http::page::{CursorBinding, PageRequest};
use crate::base::http::path::PathId;
use crate::base::http::query::{NoParams, Params};
use crate::base::http::query_type::{flag_param, word_param};
use crate::base::http::responses::Conflict;
use crate::base::ids::{CommentId, SectionId, UserId};
use crate::base::secrets::Secrets;
use crate::comments::identity::{HashKeys, SanctionId, SanctionKind, SanctionTarget, hash};
use crate::comments::model::{Comment, DecisionReason};
use crate::comments::sanctions::store::SanctionFilter;
use crate::site::frame::Frame;
use crate::site::framed_desk::FramedDesk;
use crate::{list_type, query_type};

/// A sanction. Whom it meets is told to nobody, only how much they wrote.
#[derive(Serialize, ToSchema)]
pub struct SanctionView {
    /// The sanction's id.
    pub id: SanctionId,
    /// What it does.
    pub kind: SanctionKind,
    /// By what it knows the author.
    pub target: SanctionTarget,
    /// How many comments are known to be by the author.
    pub comment_count: i64,
    /// Where it holds, and below; null for the whole site.
    pub section_id: Option<SectionId>,
    /// Why, as a code.
    pub reason: Option<DecisionReason>,
    /// Why, in words; for colleagues.
    pub note: Option<String>,
    /// The comment that gave rise to it.
    pub comment_id: Option<CommentId>,
    /// Whether it holds now.
    pub is_active: bool,
    /// Until when it holds; null until it is lifted.
    pub ends_at: Option<Time>,
    /// Who imposed it; null where it was the house.
    pub created_by: Option<UserId>,
    /// Their name.
    pub created_by_name: Option<String>,
    /// When it was imposed.
    pub created_at: Time,
    /// When it was lifted; null where it was not.
    pub lifted_at: Option<Time>,
    /// By whom.
    pub lifted_by: Option<UserId>,
    /// Counts changes; the ETag is made of it.
    pub version: i64,
}

list_type! {
    /// A page of sanctions.
    SanctionList {
        /// The sanctions.
        items: Vec<SanctionView>,
    }
}

fn views(conn: &mut Conn, sanctions: Vec<Sanction>, now: Time) -> Result<Vec<SanctionView>> {
    let names = accounts::names(
        conn,
        sanctions.iter().filter_map(|sanction| sanction.created_by).collect(),
    )?;
    let mut counts: HashMap<(SanctionTarget, String), i64> = HashMap::new();
    for target in SanctionTarget::ALL {
        let of_target = sanctions.iter().filter(|sanction| sanction.target == *target);
        let keys: Vec<&str> = of_target.map(|sanction| sanction.target_key.as_str()).collect();
        let found = store::comment_counts(conn, *target, &keys)?;
        counts.extend(found.into_iter().map(|(key, count)| ((*target, key), count)));
    }
    let view = |sanction: Sanction| SanctionView {
        id: sanction.id,
        kind: sanction.kind,
        target: sanction.target,
        is_active: sanction.is_in_force(now),
        comment_count: counts
            .get(&(sanction.target, sanction.target_key))
            .copied()
            .unwrap_or(0),
        section_id: sanction.section_id,
        reason: sanction.reason,
        note: sanction.note,
        comment_id: sanction.comment_id,
        ends_at: sanction.ends_at,
        created_by: sanction.created_by,
        created_by_name: sanction.created_by.and_then(|id| names.get(&id).cloned()),
        created_at: sanction.created_at,
        lifted_at: sanction.lifted_at,
        lifted_by: sanction.lifted_by,
        version: sanction.version,
    };
    Ok(sanctions.into_iter().map(view).collect())
}

fn view(conn: &mut Conn, sanction: Sanction, now: Time) -> Result<SanctionView> {
    let view = views(conn, vec![sanction], now)?.pop();
    view.ok_or_else(|| Error::internal("a sanction without a view"))
}

query_type! {
    /// Which sanctions.
    #[derive(Debug)]
    pub struct ListSanctions {
        /// Only those that hold now, or only those that are over.
        is_active: bool = optional(flag_param()),
        /// Only of this kind.
        kind: SanctionKind = optional(word_param()),
        /// Only those that identify the author this way: reader, e-mail or account.
        target: SanctionTarget = optional(word_param()),
        page: PageRequest = part(),
    }
}

/// The sections in which an actor may sanction; `None` for the whole site. A sanction has no language, so a grant for
/// one language does not reach it.
fn sections(actor: &Actor, frame: &Frame) -> Option<Vec<SectionId>> {
    let scopes = frame.tree.scopes_of(actor, Permission::ManageSanctions)?;
    let mut all = Vec::new();
    for scope in scopes.into_iter().filter(|scope| scope.locale.is_none()) {
        all.extend(scope.sections?);
    }
    Some(all)
}

fn is_in_reach(actor: &Actor, frame: &Frame, section: Option<SectionId>) -> bool {
    match (sections(actor, frame), section) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(reach), Some(section)) => reach.contains(&section),
    }
}

/// The sanction, if it holds where a grant reaches.
fn check_in_reach(frame: &Frame, actor: &Actor, sanction: Sanction) -> Result<Sanction> {
    if is_in_reach(actor, frame, sanction.section_id) {
        Ok(sanction)
    } else {
        Err(Error::not_found())
    }
}

/// List sanctions.
///
/// The newest first. A grant in a section shows those that hold there alone.
#[utoipa::path(tag = "moderation", operation_id = "listSanctions", params(ListSanctions, PageRequest),
    responses((status = 200, description = "A page of sanctions.", body = SanctionList)))]
#[get("/v1/editorial/sanctions")]
pub async fn list_sanctions(
    secrets: Data<Secrets>,
    desk: FramedDesk<may::ManageSanctions>,
    params: Params<ListSanctions>,
) -> Result<SanctionList> {
    let list = params.0;
    let binding = CursorBinding::new("sanctions", &(list.is_active, list.kind, list.target));
    let after = list.page.after::<2>(&secrets, &binding)?;
    let after = after.and_then(|[time, id]| Time::parse(&time).zip(SanctionId::parse(&id)));
    let page = list.page.clone();
    let items = desk
        .read(move |conn, desk| {
            let filter = SanctionFilter {
                is_active: list.is_active,
                kind: list.kind,
                target: list.target,
                sections: sections(desk.actor, desk.frame),
                now: desk.now,
            };
            let sanctions = store::list(conn, &filter, after, list.page.fetch())?;
            views(conn, sanctions, desk.now)
        })
        .await?;
    let (items, page) = page.finish(items, &secrets, &binding, |sanction| {
        [sanction.created_at.to_string(), sanction.id.to_string()]
    })?;
    Ok(SanctionList { items, page })
}

/// Impose a sanction.
///
/// It holds from now on against whoever wrote the comment, or has the e-mail address: nobody is shown who that is. A
/// moderator of a section imposes it there.
#[utoipa::path(tag = "moderation", operation_id = "createSanction", params(IdempotencyKey), request_body = NewSanction,
    responses((status = 201, description = "The sanction.", body = SanctionView, headers(("ETag"))), Conflict))]
#[post("/v1/editorial/sanctions")]
pub async fn create_sanction(
    secrets: Data<Secrets>,
    desk: FramedDesk<may::ManageSanctions>,
    key: IdempotencyKey,
    body: Body<NewSanction>,
) -> Result<HttpResponse> {
    let new = body.value;
    let key = key.within(desk.actor.user_id.as_str(), &body.digest);
    let view = desk
        .write(move |conn, desk| {
            let done = idempotency::once(conn, key.as_ref(), desk.now, |conn| {
                let sanction = impose(conn, desk.frame, &secrets, desk.actor, &new, desk.now)?;
                Ok(CompletedRequest {
                    status: 201,
                    resource_id: sanction.id.to_string(),
                })
            })?;
            let id = SanctionId::parse(&done.resource_id);
            let id = id.ok_or_else(|| Error::internal("a stored key names no sanction"))?;
            let sanction = check_in_reach(desk.frame, desk.actor, store::get(conn, id)?)?;
            view(conn, sanction, desk.now)
        })
        .await?;
    let location = format!("/v1/editorial/sanctions/{}", view.id);
    Ok(created(&location, view.version, &view))
}

fn impose(
    conn: &mut Conn,
    frame: &Frame,
    secrets: &Secrets,
    actor: &Actor,
    new: &NewSanction,
    now: Time,
) -> Result<Sanction> {
    if let Some(section) = new.section_id.filter(|id| frame.tree.get(*id).is_none()) {
        let unknown = FieldError::new("/section_id", FieldCode::UnknownReference);
        return Err(Error::field(unknown.with("id", section)));
    }
    if !is_in_reach(actor, frame, new.section_id) {
        actor.check(Permission::ManageSanctions, &PermissionSubject::default())?;
        actor.check_everywhere(Permission::ManageSanctions)?;
    }
    check_end(new.target, new.ends_at, now)?;
    let (target_key, hash_key) = target_key(conn, frame, secrets, actor, new)?;
    let sanction = Sanction {
        id: SanctionId::new(),
        kind: new.kind,
        target: new.target,
        target_key,
        hash_key,
        section_id: new.section_id,
        reason: new.reason,
        note: new.note.clone(),
        comment_id: new.comment_id,
        created_by: Some(actor.user_id),
        created_at: now,
        ends_at: new.ends_at,
        lifted_at: None,
        lifted_by: None,
        version: 1,
    };
    store::insert(conn, &sanction)?;
    record(
        conn,
        actor,
        &sanction,
        "sanction.create",
        &["kind", "target", "ends_at"],
        now,
    )?;
    Ok(sanction)
}

/// The key by which the sanction will know the author: from their comment, or the hash of their address.
fn target_key(
    conn: &mut Conn,
    frame: &Frame,
    secrets: &Secrets,
    actor: &Actor,
    new: &NewSanction,
) -> Result<(String, Option<i32>)> {
    let refused = |pointer, code| Error::field(FieldError::new(pointer, code));
    let comment = match new.comment_id {
        Some(id) => Some(comment_in_reach(conn, frame, actor, id)?),
        None => None,
    };
    match (&new.email, comment) {
        (Some(_), _) if new.target != SanctionTarget::Email => Err(refused("/email", FieldCode::UnknownField)),
        (Some(email), _) => {
            let number = HashKeys::load(conn)?.newest();
            Ok((hash(secrets, number, SanctionTarget::Email, email)?, Some(number)))
        }
        (None, Some(comment)) => {
            let key = new.target.key_of(&comment);
            key.ok_or_else(|| refused("/target", FieldCode::NotKnown))
        }
        (None, None) => Err(refused("/comment_id", FieldCode::Required)),
    }
}

/// The comment, if it is on an article that a grant to sanction covers.
fn comment_in_reach(conn: &mut Conn, frame: &Frame, actor: &Actor, id: CommentId) -> Result<Comment> {
    let refused = || Error::field(FieldError::new("/comment_id", FieldCode::UnknownReference));
    let comment = match crate::comments::store::get(conn, id) {
        Err(error) if error.code() == Code::NotFound => return Err(refused()),
        comment => comment?,
    };
    let standing = articles::standing(conn, comment.article_id)?;
    if actor.may(Permission::ManageSanctions, &standing.subject(&frame.tree, actor)) {
        Ok(comment)
    } else {
        Err(refused())
    }
}

/// Notes what was done with a sanction, but not the author's key: nobody is to learn whom it meets.
fn record(conn: &mut Conn, actor: &Actor, sanction: &Sanction, action: &str, fields: &[&str], now: Time) -> Result<()> {
    let id = sanction.id.as_str();
    let by = Some(actor.user_id);
    change_log::record(conn, EditableKind::Sanction, id, sanction.version, by, fields, now)?;
    let act = AuditEvent::on(action, TargetKind::Sanction, id)
        .detail("kind", sanction.kind.as_str())
        .detail("target", sanction.target.as_str())
        .detail("section_id", sanction.section_id.map(|id| id.to_string()))
        .detail("ends_at", sanction.ends_at.map(|end| end.to_string()));
    audit::record(conn, actor, act, now)
}

/// Read a sanction.
///
/// Its ETag is for changing it.
#[utoipa::path(tag = "moderation", operation_id = "getSanction",
    responses((status = 200, description = "The sanction.", body = SanctionView, headers(("ETag")))))]
#[get("/v1/editorial/sanctions/{sanction_id}")]
pub async fn get_sanction(
    desk: FramedDesk<may::ManageSanctions>,
    id: PathId<SanctionId>,
    _: Params<NoParams>,
) -> Result<HttpResponse> {
    let view = desk
        .read(move |conn, desk| {
            let sanction = check_in_reach(desk.frame, desk.actor, store::get(conn, id.0)?)?;
            view(conn, sanction, desk.now)
        })
        .await?;
    Ok(versioned(view.version, &view))
}

/// Change a sanction.
///
/// Why, and until when. One that was lifted or has ended is 409 `sanction_over`.
#[utoipa::path(tag = "moderation", operation_id = "updateSanction", params(IfMatch), request_body = SanctionPatch,
    responses((status = 200, description = "The sanction.", body = SanctionView), Conflict))]
#[patch("/v1/editorial/sanctions/{sanction_id}")]
pub async fn update_sanction(
    desk: FramedDesk<may::ManageSanctions>,
    id: PathId<SanctionId>,
    if_match: IfMatch,
    body: LateBody<SanctionPatch>,
) -> Result<HttpResponse> {
    let view = desk
        .write(move |conn, desk| {
            let old = check_in_reach(desk.frame, desk.actor, store::get_locked(conn, id.0)?)?;
            let change = body.value()?;
            let place = (EditableKind::Sanction, old.id.as_str(), old.version);
            change_log::check(conn, if_match, place, |conn| view(conn, old.clone(), desk.now))?;
            if !old.is_in_force(desk.now) {
                return Err(Error::new(Code::SanctionOver));
            }
            let sanction = save(conn, desk.actor, old, change, desk.now)?;
            view(conn, sanction, desk.now)
        })
        .await?;
    Ok(versioned(view.version, &view))
}

fn save(conn: &mut Conn, actor: &Actor, old: Sanction, change: &SanctionPatch, now: Time) -> Result<Sanction> {
    let (mut sanction, fields) = change.apply(&old);
    if change.ends_at == Patch::Clear && sanction.target.must_end(sanction.kind) {
        return Err(Error::field(FieldError::new("/ends_at", FieldCode::NotClearable)));
    }
    if sanction.ends_at != old.ends_at {
        check_end(sanction.target, sanction.ends_at, now)?;
    }
    if fields.is_empty() {
        return Ok(old);
    }
    sanction.version += 1;
    store::update(conn, &sanction)?;
    record(conn, actor, &sanction, "sanction.edit", &fields, now)?;
    Ok(sanction)
}

/// Lift a sanction.
///
/// It holds no more. One that is over already stays as it is.
#[utoipa::path(tag = "moderation", operation_id = "liftSanction",
    responses((status = 200, description = "The sanction, lifted.", body = SanctionView)))]
#[post("/v1/editorial/sanctions/{sanction_id}/actions/lift")]
pub async fn lift_sanction(desk: FramedDesk<may::ManageSanctions>, id: PathId<SanctionId>) -> Result<HttpResponse> {
    let view = desk
        .write(move |conn, desk| {
            let mut sanction = check_in_reach(desk.frame, desk.actor, store::get_locked(conn, id.0)?)?;
            if sanction.is_in_force(desk.now) {
                sanction.lifted_at = Some(desk.now);
                sanction.lifted_by = Some(desk.actor.user_id);
                sanction.version += 1;
                store::update(conn, &sanction)?;
                record(conn, desk.actor, &sanction, "sanction.lift", &["lifted_at"], desk.now)?;
            }
            view(conn, sanction, desk.now)
        })
        .await?;
    Ok(versioned(view.version, &view))
}
