//! Articles at the desk: make, read, change, delete. Nothing here is seen by readers.

use actix_web::{HttpResponse, delete, get, patch, post};
use serde_json::{Map, Value};

use super::input::{ArticlePatch, NewArticle};
use super::sent_back::SentBack;
use super::view::{ArticleView, action_facts, check_may_read};
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
use crate::base::http::query_type::word_param;
use crate::base::http::responses::Conflict;
use crate::base::ids::{ArticleId, UserId};
use crate::base::text::warnings::in_language;
use crate::editorial::articles::saving::{
    Edit, EditBase, MergeMode, check_allowed, check_sections, insert_draft, write_edit,
};
use crate::editorial::workflow::{Action, check_permitted};
use crate::editorial::{autosaves, notes};
use crate::query_type;
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
    let (new, findings) = body.0.read(|fields| NewArticle::read(fields, &desk.frame))?;
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

query_type! {
    /// How an article is changed.
    #[derive(Debug)]
    pub struct ChangeArticle {
        /// What is to become of a change of a version that is not the current one: without it, 412. With `disjoint` it
        /// is made to the current version if none of its members was changed since; `section_id` and
        /// `secondary_section_ids`, `title` and `slug`, `embargo_until` and `breaking_until` count as one member each.
        merge: MergeMode = optional(word_param()),
    }
}

/// Change an article.
///
/// Changes the working copy; what readers see changes with the next publish. Lists are replaced
/// whole. A stale `If-Match` is told what changed since, by whom, and what it is now; with
/// `merge=disjoint` it is taken where what changed is none of what you send, and `merged_over` names
/// that. Members that cannot be changed may be sent back as they were read; another value is 422
/// `read_only`.
#[utoipa::path(tag = "articles", operation_id = "updateArticle", params(IfMatch, ChangeArticle),
    request_body = ArticlePatch,
    responses((status = 200, description = "The working copy.", body = ArticleView), Conflict))]
#[patch("/v1/editorial/articles/{article_id}")]
pub async fn update_article(
    desk: DraftDesk<may::WriteArticles>,
    id: PathId<ArticleId>,
    if_match: IfMatch,
    params: Params<ChangeArticle>,
    mut body: ArticleBody<true>,
) -> Result<HttpResponse> {
    let sent_back = SentBack::take(&mut body.0.json);
    let base = EditBase {
        if_match,
        merging: params.0.merge.map(|MergeMode::Disjoint| sent_members(&body.0.json)),
    };
    let read = body.0.read(|fields| {
        fields.take_clear();
        ArticlePatch::read(fields, &desk.frame)
    });
    let (patch, findings) = match read {
        Ok((patch, findings)) => (Ok(patch), findings),
        Err(error) => (Err(error), Vec::new()),
    };
    let write = move |conn: &mut Conn, desk: &FramedContext<'_>| {
        let (article, content) = store::get_locked(conn, id.0)?;
        check_may_read(desk.frame, desk.actor, &article)?;
        let place = (&article, &content);
        let patch = match &patch {
            Ok(patch) => patch,
            // What is wrong with it is told to those who may change the article.
            Err(wrong) => {
                let action_facts = action_facts(conn, desk.frame, &article, &content)?;
                check_permitted(desk.actor, Action::Edit, &action_facts)?;
                return Err(wrong.clone());
            }
        };
        let merged_over = check_allowed(conn, desk.frame, desk.actor, Action::Edit, place, &base)?;
        sent_back.check(conn, desk, place, !merged_over.is_empty())?;
        let changed = change(conn, desk.frame, desk.actor, article, content, patch, desk.now)?;
        Ok((changed, merged_over))
    };
    let mut view = desk
        .write_and_show(write, |conn, desk, ((article, content), merged_over)| {
            let view = ArticleView::new(conn, desk.frame, desk.actor, article, content, desk.now)?;
            Ok(ArticleView { merged_over, ..view })
        })
        .await?;
    view.warnings = in_language(findings, desk.language);
    Ok(versioned(view.version, &view))
}

/// The names of the members that a change sets or clears.
fn sent_members(body: &Value) -> Vec<String> {
    let set = body.as_object().into_iter().flat_map(Map::keys).cloned();
    let cleared = body["clear"].as_array().into_iter().flatten();
    let cleared = cleared.filter_map(|name| name.as_str().map(str::to_owned));
    set.filter(|name| name != "clear").chain(cleared).collect()
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
            &if_match.into(),
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
