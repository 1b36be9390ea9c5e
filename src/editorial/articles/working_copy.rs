//! Articles at the desk: make, read, change, delete. Nothing here is seen by readers.

use actix_web::{HttpResponse, delete, get, patch, post};

use super::input::{ArticlePatch, NewArticle};
use super::view::{ArticleView, check_may_read};
use crate::access::audit::{self, AuditEvent, TargetKind};
use crate::access::auth::{Actor, may};
use crate::access::change_log::{self, EditableKind};
use crate::articles::model::{Article, Content, empty_article};
use crate::articles::store;
use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::error::{Error, Result};
use crate::base::http::body::ArticleBody;
use crate::base::http::conditional::{IfMatch, created, versioned};
use crate::base::http::idempotency::{self, CompletedRequest, IdempotencyKey};
use crate::base::http::path::PathId;
use crate::base::http::query::{NoParams, Params};
use crate::base::http::responses::Conflict;
use crate::base::ids::{ArticleId, UserId};
use crate::base::text::warnings::in_language;
use crate::editorial::articles::saving::{Edit, check_allowed, check_sections, insert_draft, write_edit};
use crate::editorial::workflow::Action;
use crate::editorial::{autosaves, notes};
use crate::site::frame::Frame;
use crate::site::framed_desk::{DraftDesk, FramedContext, FramedDesk};
use crate::site::takedowns::{self, Takedown, TakedownKind};

/// Create an article.
///
/// Makes a draft: a locale is enough. Nobody but the desk sees it.
#[utoipa::path(tag = "articles", operation_id = "createArticle", params(IdempotencyKey), request_body = NewArticle,
    responses((status = 201, description = "The draft.", body = ArticleView, headers(("ETag"))), Conflict))]
#[post("/v1/editorial/articles")]
pub async fn create_article(
    desk: DraftDesk<may::WriteArticles>,
    key: IdempotencyKey,
    body: ArticleBody<false>,
) -> Result<HttpResponse> {
    let key = key.within(desk.actor.user_id.as_str(), &body.0.digest);
    let findings = body.0.findings();
    let new = body.0.read(|fields| NewArticle::read(fields, &desk.frame))?;
    let (article, content) = draft(&new, desk.actor.user_id, desk.now());
    // Shown after COMMIT: no other writer waits while the answer is put together.
    let write = move |conn: &mut Conn, desk: &FramedContext<'_>| {
        let done = idempotency::once(conn, key.as_ref(), desk.now, |conn| {
            check_sections(desk.frame, desk.actor, &article, &content, &Content::empty())?;
            insert_draft(conn, desk.frame, desk.actor, &article, &content, &[], desk.now)?;
            let entry = AuditEvent::on("article.create", TargetKind::Article, article.id.as_str());
            audit::record(conn, desk.actor, entry.after(article.digest(&content)?), desk.now)?;
            Ok(CompletedRequest {
                status: 201,
                resource_id: article.id.to_string(),
            })
        })?;
        let id = ArticleId::parse(&done.resource_id).ok_or_else(|| Error::internal("a stored key names no article"))?;
        let (article, content) = store::get(conn, id)?;
        // When the request is a repeat, the article may by now be where the actor has no rights.
        check_may_read(desk.frame, desk.actor, &article)?;
        Ok((article, content))
    };
    let mut view = desk
        .write_and_show(write, |conn, desk, (article, content)| {
            ArticleView::new(conn, desk.frame, desk.actor, article, content, desk.now)
        })
        .await?;
    view.warnings = in_language(findings, desk.language);
    Ok(created(
        &format!("/v1/editorial/articles/{}", view.id),
        view.version,
        &view,
    ))
}

fn draft(new: &NewArticle, author: UserId, now: Time) -> (Article, Content) {
    let mut article = empty_article(&new.locale, Some(author), now);
    let mut content = Content::empty();
    new.patch.clone().apply(&mut article, &mut content);
    (article, content)
}

/// Read an article for editing.
///
/// The working copy; its ETag is for changing it and for actions.
#[utoipa::path(tag = "articles", operation_id = "getArticleForEditing",
    responses((status = 200, description = "The working copy.", body = ArticleView, headers(("ETag")))))]
#[get("/v1/editorial/articles/{article_id}")]
pub async fn get_article_for_editing(
    desk: FramedDesk<may::ReadArticles>,
    id: PathId<ArticleId>,
    _: Params<NoParams>,
) -> Result<HttpResponse> {
    let view = desk
        .read(move |conn, desk| {
            let (article, content) = store::get(conn, id.0)?;
            check_may_read(desk.frame, desk.actor, &article)?;
            ArticleView::new(conn, desk.frame, desk.actor, article, content, desk.now)
        })
        .await?;
    Ok(versioned(view.version, &view))
}

/// Change an article.
///
/// Changes the working copy; what readers see changes with the next publish. Lists are replaced
/// whole. A stale `If-Match` is told what changed since and by whom.
#[utoipa::path(tag = "articles", operation_id = "updateArticle", params(IfMatch), request_body = ArticlePatch,
    responses((status = 200, description = "The working copy.", body = ArticleView), Conflict))]
#[patch("/v1/editorial/articles/{article_id}")]
pub async fn update_article(
    desk: DraftDesk<may::WriteArticles>,
    id: PathId<ArticleId>,
    if_match: IfMatch,
    body: ArticleBody<true>,
) -> Result<HttpResponse> {
    let findings = body.0.findings();
    let patch = body.0.read(|fields| {
        fields.take_clear();
        ArticlePatch::read(fields, &desk.frame)
    })?;
    let write = move |conn: &mut Conn, desk: &FramedContext<'_>| {
        let (article, content) = store::get_locked(conn, id.0)?;
        check_may_read(desk.frame, desk.actor, &article)?;
        check_allowed(
            conn,
            desk.frame,
            desk.actor,
            Action::Edit,
            (&article, &content),
            if_match,
        )?;
        let (article, content) = change(conn, desk.frame, desk.actor, article, content, &patch, desk.now)?;
        Ok((article, content))
    };
    let mut view = desk
        .write_and_show(write, |conn, desk, (article, content)| {
            ArticleView::new(conn, desk.frame, desk.actor, article, content, desk.now)
        })
        .await?;
    view.warnings = in_language(findings, desk.language);
    Ok(versioned(view.version, &view))
}

/// Applies a patch to the working copy and writes what it changed.
fn change(
    conn: &mut Conn,
    frame: &Frame,
    actor: &Actor,
    was: Article,
    old: Content,
    patch: &ArticlePatch,
    now: Time,
) -> Result<(Article, Content)> {
    let (mut article, mut content) = (was.clone(), old.clone());
    let changed = patch.clone().apply(&mut article, &mut content);
    let edit = Edit {
        was,
        old,
        article,
        content,
        changed,
        reverted_to: None,
    };
    autosaves::store::delete(conn, edit.article.id, actor.user_id)?;
    write_edit(conn, frame, actor, edit, now)
}

/// Delete an article.
///
/// Deletes a trashed article for good, with its revisions and comments. Only admins may. Its paths,
/// if it was ever public, answer 410 from now on.
#[utoipa::path(tag = "articles", operation_id = "deleteArticle", params(IfMatch),
    responses((status = 204, description = "The article is gone."), Conflict))]
#[delete("/v1/editorial/articles/{article_id}")]
pub async fn delete_article(
    desk: FramedDesk<may::PurgeArticles>,
    id: PathId<ArticleId>,
    if_match: IfMatch,
) -> Result<HttpResponse> {
    let id = id.0;
    desk.write(move |conn, desk| {
        let (article, content) = store::get_locked(conn, id)?;
        check_may_read(desk.frame, desk.actor, &article)?;
        check_allowed(
            conn,
            desk.frame,
            desk.actor,
            Action::Delete,
            (&article, &content),
            if_match,
        )?;
        let takedown = Takedown {
            kind: TakedownKind::Purge,
            article_id: id,
            notice: None,
            reason: None,
            at: desk.now,
            actor_id: Some(desk.actor.user_id),
        };
        takedowns::insert(conn, &takedown)?;
        let entry =
            AuditEvent::on("article.delete", TargetKind::Article, id.as_str()).before(article.digest(&content)?);
        audit::record(conn, desk.actor, entry, desk.now)?;
        notes::store::forget_edits_of(conn, id)?;
        store::delete(conn, id, desk.now)?;
        change_log::forget(conn, EditableKind::Article, id.as_str())
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}
