//! Making, changing and deleting redirects, each under the lock of the table. What led to a path that now leads
//! elsewhere is led on in the same transaction.

use super::input::RedirectPatch;
use super::model::{GONE, Redirect, judge, settle};
use super::store;
use crate::access::audit::{self, AuditEvent, TargetKind, Who, digest};
use crate::access::change_log::{self, EditableKind};
use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::error::{Code, Error, FieldCode, FieldError, Result};
use crate::base::http::conditional::IfMatch;
use crate::events::outbox::data::RedirectEventData;
use crate::events::outbox::{Event, EventData, EventKind, announce};
use crate::site::paths::{self, PathKind, PathRow, PathStatus, PathStep, RedirectId, RedirectOrigin};
use crate::site::redirects::model::{RedirectVerdict, RequestedRedirect};
use crate::site::settings;

/// Who makes a redirect, how and when.
#[derive(Clone, Debug)]
pub struct RedirectMaker {
    /// The user, or a command.
    pub who: Who,
    /// By hand or from a file.
    pub origin: RedirectOrigin,
    /// When.
    pub now: Time,
}

/// What [`put`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RedirectOutcome {
    /// The redirect is new.
    Created,
    /// It was there.
    Unchanged,
    /// It led elsewhere, or said something else.
    Replaced,
}

/// Makes a redirect where there is none.
///
/// # Errors
/// 409 `redirect_exists`, and those of [`judge`].
pub fn create(conn: &mut Conn, wish: &RequestedRedirect, maker: &RedirectMaker) -> Result<Redirect> {
    match decide(conn, wish)? {
        RedirectVerdict::Make(step) => make(conn, wish, step, maker),
        RedirectVerdict::Keep(existing) | RedirectVerdict::Replace(existing, _) => {
            Err(Error::new(Code::RedirectExists)
                .with("path", &existing.path)
                .extra("redirect_id", existing.id.to_string()))
        }
    }
}

/// Makes a redirect, or lets the one that is there do what is wished.
///
/// # Errors
/// Those of [`judge`].
pub fn put(conn: &mut Conn, wish: &RequestedRedirect, maker: &RedirectMaker) -> Result<RedirectOutcome> {
    match decide(conn, wish)? {
        RedirectVerdict::Make(step) => make(conn, wish, step, maker).map(|_| RedirectOutcome::Created),
        RedirectVerdict::Keep(_) => Ok(RedirectOutcome::Unchanged),
        RedirectVerdict::Replace(existing, step) => {
            let note = wish.note.clone().or_else(|| existing.note.clone());
            replace(conn, *existing, step, note, maker)?;
            Ok(RedirectOutcome::Replaced)
        }
    }
}

/// Changes a redirect.
///
/// # Errors
/// 404, 412, 422 `location_mismatch` and `redirect_loop`, 409 `path_sealed`.
pub fn update(
    conn: &mut Conn,
    id: RedirectId,
    if_match: IfMatch,
    patch: &RedirectPatch,
    public_url: &str,
    maker: &RedirectMaker,
) -> Result<Redirect> {
    let old = get_checked(conn, id, if_match)?;
    let step = settle(&old.path, patch.wish(&old, public_url)?, |key| step_at(conn, key))?;
    let mut note = old.note.clone();
    patch.note.clone().apply(&mut note);
    replace(conn, old, step, note, maker)
}

/// Deletes a redirect; its path may be given to other things.
///
/// # Errors
/// 404, 412, 409 `path_sealed`.
pub fn delete(conn: &mut Conn, id: RedirectId, if_match: IfMatch, maker: &RedirectMaker) -> Result<()> {
    let redirect = get_checked(conn, id, if_match)?;
    store::delete(conn, &redirect)?;
    change_log::forget(conn, EditableKind::Redirect, id.as_str())?;
    let act = AuditEvent::on("redirect.delete", TargetKind::Redirect, id.as_str()).before(digest(&redirect)?);
    audit::record(conn, maker.who.clone(), act, maker.now)?;
    announce_change(conn, &redirect.path, maker.now)
}

/// Tells others that a path leads elsewhere, or not any more.
fn announce_change(conn: &mut Conn, path: &str, now: Time) -> Result<()> {
    let data = RedirectEventData { path: path.to_owned() };
    announce(
        conn,
        &Event::new(EventKind::RedirectChanged, EventData::Redirect(data)),
        now,
    )
}

/// The redirect at the version that the client read, if it may be touched at all.
fn get_checked(conn: &mut Conn, id: RedirectId, if_match: IfMatch) -> Result<Redirect> {
    paths::lock(conn)?;
    let redirect = store::get(conn, id)?;
    let place = (EditableKind::Redirect, id.as_str(), redirect.version);
    change_log::check(conn, if_match, place, |_| Ok(&redirect))?;
    if redirect.is_sealed() {
        let error = FieldError::new("/path", FieldCode::PathSealed).with("path", &redirect.path);
        return Err(Error::field(error));
    }
    Ok(redirect)
}

fn decide(conn: &mut Conn, wish: &RequestedRedirect) -> Result<RedirectVerdict> {
    paths::lock(conn)?;
    paths::give_missing_ids(conn)?;
    let site = settings::load(conn)?;
    let existing = store::find_at(conn, &wish.path)?;
    judge(&site, wish, existing, |key| step_at(conn, key))
}

/// Where a path leads, if it is a redirect.
pub fn step_at(conn: &mut Conn, path: &str) -> Result<Option<PathStep>> {
    Ok(paths::find(conn, path)?.as_ref().and_then(PathRow::step))
}

fn make(conn: &mut Conn, wish: &RequestedRedirect, step: Option<PathStep>, maker: &RedirectMaker) -> Result<Redirect> {
    let locale = settings::load(conn)?.locale_of(&wish.path).to_owned();
    let redirect = Redirect {
        id: RedirectId::new(),
        path: wish.path.clone(),
        kind: PathKind::Redirect,
        target_id: None,
        locale,
        status: PathStatus::Gone,
        location: None,
        http_status: GONE,
        origin: maker.origin,
        note: wish.note.clone(),
        version: 1,
        created_by: maker.who.user_id(),
        created_at: maker.now,
        updated_at: maker.now,
    };
    let redirect = redirect.leading(step);
    store::insert(conn, &redirect)?;
    let fields = ["path", "location", "http_status", "note"];
    after(conn, None, &redirect, &fields, maker)?;
    Ok(redirect)
}

/// Writes a redirect as its next version; nothing where nothing changed. If its path was a thing's, any change except
/// of the note takes the path away from that thing.
fn replace(
    conn: &mut Conn,
    old: Redirect,
    step: Option<PathStep>,
    note: Option<String>,
    maker: &RedirectMaker,
) -> Result<Redirect> {
    let mut redirect = Redirect { note, ..old.clone() }.leading(step);
    let differs = [
        ("location", redirect.location != old.location),
        ("http_status", redirect.http_status != old.http_status),
        ("note", redirect.note != old.note),
    ];
    let changed: Vec<&str> = differs
        .into_iter()
        .filter(|(_, differs)| *differs)
        .map(|(name, _)| name)
        .collect();
    if changed.is_empty() {
        return Ok(old);
    }
    if changed != ["note"] {
        redirect.kind = PathKind::Redirect;
        redirect.target_id = None;
        redirect.origin = maker.origin;
        redirect.created_by = maker.who.user_id();
    }
    redirect.version += 1;
    redirect.updated_at = maker.now;
    store::update(conn, &redirect)?;
    after(conn, Some(&old), &redirect, &changed, maker)?;
    Ok(redirect)
}

/// What follows a write: the change log, the audit, and redirects that are led on.
fn after(
    conn: &mut Conn,
    old: Option<&Redirect>,
    redirect: &Redirect,
    changed: &[&str],
    maker: &RedirectMaker,
) -> Result<()> {
    let (id, user) = (redirect.id.as_str(), maker.who.user_id());
    change_log::record(
        conn,
        EditableKind::Redirect,
        id,
        redirect.version,
        user,
        changed,
        maker.now,
    )?;
    let action = match (maker.origin, old) {
        (RedirectOrigin::Import, _) => "redirect.import",
        (_, None) => "redirect.create",
        (_, Some(_)) => "redirect.edit",
    };
    let mut act = AuditEvent::on(action, TargetKind::Redirect, id).after(digest(redirect)?);
    if let Some(old) = old {
        act = act.before(digest(old)?);
    }
    audit::record(conn, maker.who.clone(), act, maker.now)?;
    announce_change(conn, &redirect.path, maker.now)?;
    if let Some(step) = redirect.step() {
        paths::redirect_onward(conn, std::slice::from_ref(&redirect.path), &step, maker.now)?;
    }
    Ok(())
}
