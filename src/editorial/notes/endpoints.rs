//! Write, read, change, delete, resolve and reopen the notes of an article.

use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, delete, get, patch, post};

use super::{ArticleNote, Note, NoteId, NoteState, store};
use crate::access::audit::{self, AuditEvent, TargetKind};
use crate::access::auth::{Actor, DeskContext, Permission, PermissionSubject, may};
use crate::access::change_log::{self, EditableKind};
use crate::articles::model::Article;
use crate::articles::store as articles;
use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::error::{Code, Error, FieldCode, FieldError, Result};
use crate::base::http::body::LateBody;
use crate::base::http::conditional::{IfMatch, created, versioned};
use crate::base::http::fields::Patch;
use crate::base::http::idempotency::{self, CompletedRequest, IdempotencyKey};
use crate::base::http::page::{CursorBinding, PageRequest};
use crate::base::http::path::{PathId, PathPair};
use crate::base::http::query::{NoParams, Params};
use crate::base::http::query_type::word_param;
use crate::base::http::responses::Conflict;
use crate::base::http::value_reader::{ValueReader, parsed_component, text};
use crate::base::ids::ArticleId;
use crate::base::limits;
use crate::base::secrets::Secrets;
use crate::body::blocks::{Block, BlockId};
use crate::editorial::articles::view::check_may_read;
use crate::site::frame::Frame;
use crate::site::framed_desk::FramedDesk;
use crate::{body_type, list_type, query_type};

list_type! {
    /// A page of notes.
    ArticleNoteList {
        /// The notes.
        items: Vec<ArticleNote>,
    }
}

query_type! {
    /// Which notes.
    #[derive(Debug)]
    pub struct ListNotes {
        /// Only in this state; without it all.
        state: NoteState = optional(word_param()),
        page: PageRequest = part(),
    }
}

body_type! {
    /// A note to be written.
    #[derive(Clone, Debug)]
    pub struct NewArticleNote {
        /// The block that it is about; without it, the whole article.
        pub block_id: BlockId = optional(block_id()),
        /// What it says: plain text.
        pub body: String = required(note_text()),
    }
}

fn block_id() -> impl ValueReader<Value = BlockId> {
    parsed_component(limits::TOKEN, "1 to 40 letters, digits, _ or -", BlockId::parse)
}

fn note_text() -> impl ValueReader<Value = String> {
    text(limits::NOTE).documented(|text| text.min_length = Some(1))
}

body_type! {
    /// A change of a note.
    #[derive(Clone, Debug)]
    pub struct ArticleNotePatch of Note {
        /// The block that it is about; null for the whole article.
        pub block_id: BlockId = patch_elsewhere(block_id()),
        /// What it says: plain text.
        pub body: String = change(note_text()),
    }
}

/// The blocks of an article whose notes an actor may read; with `writing`, may write too. One's own
/// article stays in reach once it is public.
fn blocks_for_notes(conn: &mut Conn, frame: &Frame, actor: &Actor, id: ArticleId, writing: bool) -> Result<Vec<Block>> {
    let (article, content) = articles::get(conn, id)?;
    check_may_read(frame, actor, &article)?;
    if writing {
        check_may_write(frame, actor, &article)?;
    }
    Ok(content.blocks)
}

fn check_may_write(frame: &Frame, actor: &Actor, article: &Article) -> Result<()> {
    let subject = PermissionSubject {
        was_public: false,
        ..article.subject(&frame.tree, article.section_id, actor)
    };
    actor.check(Permission::WriteNotes, &subject)
}

fn check_block(blocks: &[Block], id: Option<&BlockId>) -> Result<()> {
    match id {
        Some(id) if blocks.iter().all(|block| block.id() != id) => {
            Err(Error::field(FieldError::new("/block_id", FieldCode::UnknownReference)))
        }
        _ => Ok(()),
    }
}

fn view(conn: &mut Conn, note: Note, blocks: &[Block]) -> Result<ArticleNote> {
    let view = store::views(conn, vec![note], blocks)?.pop();
    view.ok_or_else(|| Error::internal("a note without a view"))
}

/// Records an act on a note in the audit, without the note's text.
fn audit_note(conn: &mut Conn, actor: &Actor, action: &str, note: &Note, now: Time) -> Result<()> {
    let entry = AuditEvent::on(action, TargetKind::Article, note.article_id.as_str());
    audit::record(conn, actor, entry.detail("note_id", note.id.as_str()), now)
}

/// List the notes of an article.
///
/// What colleagues say about it, oldest first.
#[utoipa::path(tag = "articles", operation_id = "listArticleNotes", params(ListNotes, PageRequest),
    responses((status = 200, description = "A page of notes.", body = ArticleNoteList)))]
#[get("/v1/editorial/articles/{article_id}/notes")]
pub async fn list_article_notes(
    secrets: Data<Secrets>,
    desk: FramedDesk<may::ReadArticles>,
    id: PathId<ArticleId>,
    params: Params<ListNotes>,
) -> Result<ArticleNoteList> {
    let (list, id) = (params.0, id.0);
    let binding = CursorBinding::new("notes", &(id, list.state));
    let after = list.page.after::<1>(&secrets, &binding)?;
    let after = after.and_then(|[id]| NoteId::parse(&id));
    let page = list.page.clone();
    let notes = desk
        .read(move |conn, desk| {
            let blocks = blocks_for_notes(conn, desk.frame, desk.actor, id, false)?;
            let is_open = list.state.map(|state| state == NoteState::Open);
            let notes = store::list(conn, id, is_open, after, list.page.fetch())?;
            store::views(conn, notes, &blocks)
        })
        .await?;
    let (items, page) = page.finish(notes, &secrets, &binding, |note| [note.id.to_string()])?;
    Ok(ArticleNoteList { items, page })
}

/// Write a note on an article.
///
/// For colleagues, never for readers. It may be about one block of the working copy.
#[utoipa::path(tag = "articles", operation_id = "createArticleNote", params(IdempotencyKey),
    request_body = NewArticleNote,
    responses((status = 201, description = "The note.", body = ArticleNote, headers(("ETag"))), Conflict))]
#[post("/v1/editorial/articles/{article_id}/notes")]
pub async fn create_article_note(
    desk: FramedDesk<may::WriteNotes>,
    id: PathId<ArticleId>,
    key: IdempotencyKey,
    body: LateBody<NewArticleNote>,
) -> Result<HttpResponse> {
    let article_id = id.0;
    let key = key.within(desk.actor.user_id.as_str(), &body.digest);
    let note_id = NoteId::new();
    let view = desk
        .write(move |conn, desk| {
            let blocks = blocks_for_notes(conn, desk.frame, desk.actor, article_id, true)?;
            let new = body.value()?;
            let note = Note {
                id: note_id,
                article_id,
                block_id: new.block_id.as_ref().map(BlockId::to_string),
                body: new.body.clone(),
                author_id: Some(desk.actor.user_id),
                version: 1,
                created_at: desk.now,
                updated_at: desk.now,
                resolved_at: None,
                resolved_by: None,
            };
            let done = idempotency::once(conn, key.as_ref(), desk.now, |conn| {
                check_block(&blocks, new.block_id.as_ref())?;
                store::insert(conn, &note)?;
                let fields = ["block_id", "body"];
                change_log::record(
                    conn,
                    EditableKind::ArticleNote,
                    note.id.as_str(),
                    1,
                    note.author_id,
                    &fields,
                    desk.now,
                )?;
                audit_note(conn, desk.actor, "article.add_note", &note, desk.now)?;
                Ok(CompletedRequest {
                    status: 201,
                    resource_id: note.id.to_string(),
                })
            })?;
            let id = NoteId::parse(&done.resource_id).ok_or_else(|| Error::internal("a stored key names no note"))?;
            let note = store::get(conn, article_id, id)?;
            view(conn, note, &blocks)
        })
        .await?;
    let location = format!("/v1/editorial/articles/{article_id}/notes/{}", view.id);
    Ok(created(&location, view.version, &view))
}

/// Read a note.
///
/// Its ETag is for changing and deleting it.
#[utoipa::path(tag = "articles", operation_id = "getArticleNote",
    responses((status = 200, description = "The note.", body = ArticleNote, headers(("ETag")))))]
#[get("/v1/editorial/articles/{article_id}/notes/{note_id}")]
pub async fn get_article_note(
    desk: FramedDesk<may::ReadArticles>,
    ids: PathPair<ArticleId, NoteId>,
    _: Params<NoParams>,
) -> Result<HttpResponse> {
    let view = desk
        .read(move |conn, desk| {
            let blocks = blocks_for_notes(conn, desk.frame, desk.actor, ids.0, false)?;
            let note = store::get(conn, ids.0, ids.1)?;
            view(conn, note, &blocks)
        })
        .await?;
    Ok(versioned(view.version, &view))
}

/// Runs `act` on a note of an article that the actor may write on, and answers with it.
async fn change_note(
    desk: &FramedDesk<may::WriteNotes>,
    ids: PathPair<ArticleId, NoteId>,
    act: impl Fn(&mut Conn, &DeskContext<'_>, &[Block], Note) -> Result<Note> + Send + 'static,
) -> Result<ArticleNote> {
    desk.write(move |conn, desk| {
        let blocks = blocks_for_notes(conn, desk.frame, desk.actor, ids.0, true)?;
        let note = store::get_locked(conn, ids.0, ids.1)?;
        let note = act(conn, desk, &blocks, note)?;
        view(conn, note, &blocks)
    })
    .await
}

fn check_version(conn: &mut Conn, if_match: IfMatch, note: &Note, blocks: &[Block]) -> Result<()> {
    let place = (EditableKind::ArticleNote, note.id.as_str(), note.version);
    change_log::check(conn, if_match, place, |conn| view(conn, note.clone(), blocks))
}

/// What a colleague said is theirs to change.
fn check_own(actor: &Actor, note: &Note) -> Result<()> {
    if note.author_id == Some(actor.user_id) {
        Ok(())
    } else {
        let what = "change a colleague’s note";
        Err(Error::new(Code::Forbidden).with("permission", what))
    }
}

/// Change a note.
///
/// Only its author may.
#[utoipa::path(tag = "articles", operation_id = "updateArticleNote", params(IfMatch),
    request_body = ArticleNotePatch,
    responses((status = 200, description = "The note.", body = ArticleNote)))]
#[patch("/v1/editorial/articles/{article_id}/notes/{note_id}")]
pub async fn update_article_note(
    desk: FramedDesk<may::WriteNotes>,
    ids: PathPair<ArticleId, NoteId>,
    if_match: IfMatch,
    body: LateBody<ArticleNotePatch>,
) -> Result<HttpResponse> {
    let view = change_note(&desk, ids, move |conn, desk, blocks, note| {
        check_own(desk.actor, &note)?;
        let change = body.value()?;
        check_version(conn, if_match, &note, blocks)?;
        if let Patch::Set(id) = &change.block_id {
            check_block(blocks, Some(id))?;
        }
        save(conn, desk, note, change)
    })
    .await?;
    Ok(versioned(view.version, &view))
}

fn save(conn: &mut Conn, desk: &DeskContext<'_>, old: Note, change: &ArticleNotePatch) -> Result<Note> {
    let (mut note, mut fields) = change.apply(&old);
    match &change.block_id {
        Patch::Keep => {}
        Patch::Clear => note.block_id = None,
        Patch::Set(id) => note.block_id = Some(id.to_string()),
    }
    if note.block_id != old.block_id {
        fields.push("block_id");
    }
    if fields.is_empty() {
        return Ok(old);
    }
    (note.version, note.updated_at) = (note.version + 1, desk.now);
    write(conn, desk, "article.edit_note", &note, &fields)?;
    Ok(note)
}

fn write(conn: &mut Conn, desk: &DeskContext<'_>, action: &str, note: &Note, fields: &[&str]) -> Result<()> {
    store::update(conn, note)?;
    let (id, author) = (note.id.as_str(), Some(desk.actor.user_id));
    change_log::record(
        conn,
        EditableKind::ArticleNote,
        id,
        note.version,
        author,
        fields,
        desk.now,
    )?;
    audit_note(conn, desk.actor, action, note, desk.now)
}

/// Delete a note.
///
/// Only its author may; others resolve it.
#[utoipa::path(tag = "articles", operation_id = "deleteArticleNote", params(IfMatch),
    responses((status = 204, description = "The note is gone.")))]
#[delete("/v1/editorial/articles/{article_id}/notes/{note_id}")]
pub async fn delete_article_note(
    desk: FramedDesk<may::WriteNotes>,
    ids: PathPair<ArticleId, NoteId>,
    if_match: IfMatch,
) -> Result<HttpResponse> {
    change_note(&desk, ids, move |conn, desk, blocks, note| {
        check_own(desk.actor, &note)?;
        check_version(conn, if_match, &note, blocks)?;
        store::delete(conn, note.id)?;
        audit_note(conn, desk.actor, "article.delete_note", &note, desk.now)?;
        Ok(note)
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Settles a note or opens it again; a second time changes nothing.
fn set_resolved(conn: &mut Conn, desk: &DeskContext<'_>, mut note: Note, is_resolved: bool) -> Result<Note> {
    if note.resolved_at.is_some() == is_resolved {
        return Ok(note);
    }
    note.resolved_at = is_resolved.then_some(desk.now);
    note.resolved_by = is_resolved.then_some(desk.actor.user_id);
    note.version += 1;
    let action = if is_resolved {
        "article.resolve_note"
    } else {
        "article.reopen_note"
    };
    write(conn, desk, action, &note, &["resolved_at"])?;
    Ok(note)
}

/// Resolve a note.
///
/// Says that it is settled. Anybody at the desk may; a second time changes nothing.
#[utoipa::path(tag = "articles", operation_id = "resolveArticleNote",
    responses((status = 200, description = "The note, resolved.", body = ArticleNote)))]
#[post("/v1/editorial/articles/{article_id}/notes/{note_id}/actions/resolve")]
pub async fn resolve_article_note(
    desk: FramedDesk<may::WriteNotes>,
    ids: PathPair<ArticleId, NoteId>,
) -> Result<Json<ArticleNote>> {
    let note = change_note(&desk, ids, |conn, desk, _, note| set_resolved(conn, desk, note, true)).await?;
    Ok(Json(note))
}

/// Reopen a note.
///
/// Says that it is not settled after all. A second time changes nothing.
#[utoipa::path(tag = "articles", operation_id = "reopenArticleNote",
    responses((status = 200, description = "The note, open.", body = ArticleNote)))]
#[post("/v1/editorial/articles/{article_id}/notes/{note_id}/actions/reopen")]
pub async fn reopen_article_note(
    desk: FramedDesk<may::WriteNotes>,
    ids: PathPair<ArticleId, NoteId>,
) -> Result<Json<ArticleNote>> {
    let note = change_note(&desk, ids, |conn, desk, _, note| set_resolved(conn, desk, note, false)).await?;
    Ok(Json(note))
}
