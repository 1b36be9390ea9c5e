//! Articles at the desk: make, read, change, list, delete. Nothing here is seen by readers.

use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, delete, get, patch, post};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::ArticleId;
use super::body::{Block, raw_html_changes};
use super::input::{ArticlePatch, NewArticle, check_references};
use super::model::{Article, ArticleReview, ArticleState, ArticleType, Content};
use super::press;
use super::store::{self, DeskFilter, DeskRow};
use super::view::{ArticleView, check_may_read};
use super::workflow::{Action, Standing, check_permitted, check_possible};
use crate::audit::{self, Act, TargetKind};
use crate::auth::secrets::Secrets;
use crate::auth::{Actor, Permission, Require, UserId, may};
use crate::clock::Time;
use crate::db::{Conn, Db};
use crate::edits::{self, Kind};
use crate::error::{Error, Language, Result};
use crate::http::body::ArticleBody;
use crate::http::conditional::{IfMatch, created, versioned};
use crate::http::idempotency::{self, Done, IdempotencyKey};
use crate::http::page::{Binding, PageInfo, PageRequest};
use crate::http::path::PathId;
use crate::http::query::{FromQuery, NoParams, Params, Query};
use crate::sections::SectionId;
use crate::site::{Frame, Frames};
use crate::takedowns::{self, Takedown, TakedownKind};
use crate::text::warnings::in_language;

/// A line of the desk's list.
#[derive(Serialize, ToSchema)]
pub struct DeskItem {
    /// The article's id.
    pub id: ArticleId,
    /// Its language.
    pub locale: String,
    /// What kind of article it is.
    #[serde(rename = "type")]
    pub type_: ArticleType,
    /// The headline of the working copy.
    pub title: String,
    /// Its primary section.
    pub section_id: Option<SectionId>,
    /// Where it is in its life.
    pub state: ArticleState,
    /// How far the desk is with the working copy.
    pub review: ArticleReview,
    /// Whether the working copy differs from what is, or was last, live.
    pub has_unpublished_changes: bool,
    /// Who is working on it.
    pub assignee_id: Option<UserId>,
    /// The public path, since the first publish.
    pub path: Option<String>,
    /// The date shown and sorted by.
    pub published_at: Option<Time>,
    /// Who made it; null where it was imported.
    pub created_by: Option<UserId>,
    /// When the working copy was changed last.
    pub edited_at: Time,
    /// By whom.
    pub edited_by: Option<UserId>,
    /// Counts changes of the working copy; the ETag is made of it.
    pub version: i64,
}

impl From<DeskRow> for DeskItem {
    fn from(row: DeskRow) -> Self {
        Self {
            id: row.id,
            locale: row.locale,
            type_: row.type_,
            title: row.title,
            section_id: row.section_id,
            state: row.state,
            review: row.review,
            has_unpublished_changes: row.has_unpublished_changes,
            assignee_id: row.assignee_id,
            path: row.path,
            published_at: row.published_at,
            created_by: row.created_by,
            edited_at: row.edited_at,
            edited_by: row.edited_by,
            version: row.version,
        }
    }
}

/// A page of the desk's list.
#[derive(Serialize, ToSchema)]
pub struct DeskPage {
    /// The articles.
    pub items: Vec<DeskItem>,
    /// Where the list goes on.
    pub page: PageInfo,
}

/// Which articles the desk wants to see.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListForEditing {
    /// Only in this state; without it all but trashed.
    state: Option<ArticleState>,
    /// Only in this section or below, as primary section: an id.
    #[param(value_type = Option<String>, format = "uuid")]
    section_id: Option<SectionId>,
    /// Only in this language.
    #[param(max_length = 12)]
    locale: Option<String>,
    /// Only of this type.
    r#type: Option<ArticleType>,
    /// Only those that this user works on.
    #[param(value_type = Option<String>, format = "uuid")]
    assignee_id: Option<UserId>,
    /// Only those changed at or after this moment.
    changed_since: Option<Time>,
    #[param(ignore)]
    page: PageRequest,
}

impl FromQuery for ListForEditing {
    const NAMES: &'static [&'static str] = &[
        "state",
        "section_id",
        "locale",
        "type",
        "assignee_id",
        "changed_since",
        "limit",
        "cursor",
    ];

    fn read(query: &Query) -> Result<Self> {
        Ok(Self {
            state: query.word("state", ArticleState::WORDS, ArticleState::parse)?,
            section_id: query.parsed("section_id", "a UUID", SectionId::parse)?,
            locale: query.parsed("locale", "a language tag such as fr", crate::site::parse_locale)?,
            r#type: query.word("type", ArticleType::WORDS, ArticleType::parse)?,
            assignee_id: query.parsed("assignee_id", "a UUID", UserId::parse)?,
            changed_since: query.time("changed_since")?,
            page: PageRequest::of(query)?,
        })
    }
}

/// List articles for editing.
///
/// Working copies, changed last first. A grant in a section or a locale shows what it covers; a
/// journalist sees their own.
#[utoipa::path(tag = "articles", operation_id = "listArticlesForEditing", params(ListForEditing, PageRequest),
    responses((status = 200, description = "A page of working copies.", body = DeskPage)))]
#[get("/v1/editorial/articles")]
async fn list_articles_for_editing(
    db: Data<Db>,
    frames: Data<Frames>,
    secrets: Data<Secrets>,
    actor: Require<may::ReadArticles>,
    params: Params<ListForEditing>,
) -> Result<Json<DeskPage>> {
    let (list, actor) = (params.0, actor.into_actor());
    let binding = Binding::new(
        "desk",
        &(
            list.state,
            list.section_id,
            &list.locale,
            list.r#type,
            list.assignee_id,
            list.changed_since,
        ),
    );
    let after = list.page.after::<2>(&secrets, &binding)?;
    let after = after.and_then(|[time, id]| Time::parse(&time).zip(ArticleId::parse(&id)));
    let fetch = list.page.fetch();
    let page_request = list.page.clone();
    let rows = db
        .read(move |conn| {
            let frame = frames.current(conn)?;
            let filter = visible_to(&actor, &frame, &list);
            store::desk_list(conn, &filter, after, fetch)
        })
        .await?;
    let (rows, page) = page_request.finish(rows, &secrets, &binding, |row| {
        [row.edited_at.to_string(), row.id.to_string()]
    })?;
    Ok(Json(DeskPage {
        items: rows.into_iter().map(DeskItem::from).collect(),
        page,
    }))
}

/// The filter asked for, narrowed to what the actor may read.
fn visible_to(actor: &Actor, frame: &Frame, list: &ListForEditing) -> DeskFilter {
    DeskFilter {
        state: list.state,
        sections: list.section_id.map(|id| frame.tree.subtree(id)),
        locale: list.locale.clone(),
        type_: list.r#type,
        assignee: list.assignee_id,
        scopes: actor.scopes(Permission::ReadArticles, &frame.tree),
        changed_since: list.changed_since,
    }
}

/// Create an article.
///
/// Makes a draft: a locale is enough. Nobody but the desk sees it.
#[utoipa::path(tag = "articles", operation_id = "createArticle", params(IdempotencyKey), request_body = NewArticle,
    responses((status = 201, description = "The draft.", body = ArticleView), crate::openapi::Conflict))]
#[post("/v1/editorial/articles")]
async fn create_article(
    db: Data<Db>,
    frames: Data<Frames>,
    actor: Require<may::WriteArticles>,
    key: IdempotencyKey,
    language: Language,
    body: ArticleBody<false>,
) -> Result<HttpResponse> {
    let (actor, now) = (actor.into_actor(), db.clock().now());
    let key = key.within(actor.user_id.as_str(), &body.0.digest);
    let frame = current_frame(&db, &frames).await?;
    let findings = body.0.findings();
    let new = body.0.read(|fields| NewArticle::read(fields, &frame))?;
    let (article, content) = draft(&new, actor.user_id, now);
    let mut view = db
        .write(move |conn| {
            let frame = frames.within_write(conn)?;
            let done = idempotency::once(conn, key.as_ref(), now, |conn| {
                insert_draft(conn, &frame, &actor, &article, &content, &[], now)?;
                let entry = Act::on("article.create", TargetKind::Article, article.id.as_str());
                audit::record(conn, &actor, entry.after(article.digest(&content)?), now)?;
                Ok(Done {
                    status: 201,
                    resource_id: article.id.to_string(),
                })
            })?;
            let id =
                ArticleId::parse(&done.resource_id).ok_or_else(|| Error::internal("a stored key names no article"))?;
            let (article, content) = store::get(conn, id)?;
            // In a repetition the article may be where the actor has no rights any more.
            check_may_read(&frame, &actor, &article)?;
            ArticleView::new(conn, &frame, &actor, article, content)
        })
        .await?;
    view.warnings = in_language(findings, language);
    Ok(created(
        &format!("/v1/editorial/articles/{}", view.id),
        view.version,
        &view,
    ))
}

async fn current_frame(db: &Db, frames: &Data<Frames>) -> Result<std::sync::Arc<Frame>> {
    let frames = frames.clone();
    db.read(move |conn| frames.current(conn)).await
}

fn draft(new: &NewArticle, author: UserId, now: Time) -> (Article, Content) {
    let mut article = empty_article(&new.locale, Some(author), now);
    let mut content = Content::empty();
    new.patch.clone().apply(&mut article, &mut content);
    (article, content)
}

/// The row of a draft that is still empty.
pub fn empty_article(locale: &str, author: Option<UserId>, now: Time) -> Article {
    let id = ArticleId::new();
    Article {
        id,
        locale: locale.to_owned(),
        translation_key: id.to_string(),
        type_: ArticleType::Article,
        title: String::new(),
        section_id: None,
        content: String::new(),
        embargo_until: None,
        assignee_id: None,
        internal_note: None,
        state: ArticleState::Draft,
        review: ArticleReview::Draft,
        has_unpublished_changes: true,
        version: 1,
        live_revision: None,
        path: None,
        position: None,
        published_at: None,
        first_published_at: None,
        updated_at: None,
        corrected_at: None,
        created_at: now,
        created_by: author,
        edited_at: now,
        edited_by: author,
        trashed_at: None,
        published_by: None,
    }
}

/// Adds a draft, what it refers to checked. `known` are blocks that stood elsewhere before: raw HTML
/// among them may be taken over by anybody.
///
/// # Errors
/// 403; 422 for references to nothing.
pub(super) fn insert_draft(
    conn: &mut Conn,
    frame: &Frame,
    actor: &Actor,
    article: &Article,
    content: &Content,
    known: &[Block],
    now: Time,
) -> Result<()> {
    check_may_write(frame, actor, article, content.section_id)?;
    check_raw_html(frame, actor, article, content, known)?;
    let changed = content.differences(&Content::empty());
    let references: Vec<&str> = changed.iter().copied().chain(["assignee_id"]).collect();
    check_references(conn, frame, article, content, &references)?;
    store::insert(conn, article, content)?;
    edits::record(
        conn,
        Kind::Article,
        article.id.as_str(),
        1,
        Some(actor.user_id),
        &changed,
        now,
    )
}

fn check_may_write(frame: &Frame, actor: &Actor, article: &Article, section: Option<SectionId>) -> Result<()> {
    actor.check(Permission::WriteArticles, &article.subject(&frame.tree, section, actor))
}

/// Raw HTML is for those who answer for the whole site; anybody may leave a block as it stands.
fn check_raw_html(frame: &Frame, actor: &Actor, article: &Article, content: &Content, old: &[Block]) -> Result<()> {
    if raw_html_changes(old, &content.blocks) {
        actor.check(
            Permission::WriteRawHtml,
            &article.subject(&frame.tree, content.section_id, actor),
        )?;
    }
    Ok(())
}

/// Read an article for editing.
///
/// The working copy; its ETag is for changing it and for actions.
#[utoipa::path(tag = "articles", operation_id = "getArticleForEditing",
    responses((status = 200, description = "The working copy.", body = ArticleView)))]
#[get("/v1/editorial/articles/{article_id}")]
async fn get_article_for_editing(
    db: Data<Db>,
    frames: Data<Frames>,
    actor: Require<may::ReadArticles>,
    id: PathId<ArticleId>,
    _: Params<NoParams>,
) -> Result<HttpResponse> {
    let actor = actor.into_actor();
    let view = db
        .read(move |conn| {
            let frame = frames.current(conn)?;
            let (article, content) = store::get(conn, id.0)?;
            check_may_read(&frame, &actor, &article)?;
            ArticleView::new(conn, &frame, &actor, article, content)
        })
        .await?;
    Ok(versioned(view.version, &view))
}

/// Change an article.
///
/// Changes the working copy; what readers see changes with the next publish. Lists are replaced
/// whole. A stale `If-Match` is told what changed since and by whom.
#[utoipa::path(tag = "articles", operation_id = "updateArticle", params(IfMatch), request_body = ArticlePatch,
    responses((status = 200, description = "The working copy.", body = ArticleView), crate::openapi::Conflict))]
#[patch("/v1/editorial/articles/{article_id}")]
async fn update_article(
    db: Data<Db>,
    frames: Data<Frames>,
    actor: Require<may::WriteArticles>,
    id: PathId<ArticleId>,
    if_match: IfMatch,
    language: Language,
    body: ArticleBody<true>,
) -> Result<HttpResponse> {
    let (actor, now) = (actor.into_actor(), db.clock().now());
    let frame = current_frame(&db, &frames).await?;
    let findings = body.0.findings();
    let patch = body.0.read(|fields| {
        fields.take_clear();
        ArticlePatch::read(fields, &frame)
    })?;
    let mut view = db
        .write(move |conn| {
            let frame = frames.within_write(conn)?;
            let (article, content) = store::get_locked(conn, id.0)?;
            check_may_read(&frame, &actor, &article)?;
            check_allowed(conn, &frame, &actor, Action::Edit, &article, if_match)?;
            let (article, content) = change(conn, &frame, &actor, article, content, &patch, now)?;
            ArticleView::new(conn, &frame, &actor, article, content)
        })
        .await?;
    view.warnings = in_language(findings, language);
    Ok(versioned(view.version, &view))
}

/// Checks that the table lets the actor do it, to the version that they read.
fn check_allowed(
    conn: &mut Conn,
    frame: &Frame,
    actor: &Actor,
    action: Action,
    article: &Article,
    if_match: IfMatch,
) -> Result<()> {
    let standing = Standing {
        article,
        live_section: press::live_section(conn, article.id)?,
        tree: &frame.tree,
    };
    check_permitted(actor, action, &standing)?;
    edits::check(conn, if_match, Kind::Article, article.id.as_str(), article.version)?;
    check_possible(actor, action, &standing)
}

fn change(
    conn: &mut Conn,
    frame: &Frame,
    actor: &Actor,
    mut article: Article,
    old: Content,
    patch: &ArticlePatch,
    now: Time,
) -> Result<(Article, Content)> {
    let before = article.digest(&old)?;
    let mut content = old.clone();
    let changed = patch.clone().apply(&mut article, &mut content);
    if changed.is_empty() {
        return Ok((article, content));
    }
    if content.section_id != old.section_id {
        check_may_write(frame, actor, &article, content.section_id)?;
    }
    check_raw_html(frame, actor, &article, &content, &old.blocks)?;
    check_references(conn, frame, &article, &content, &changed)?;
    article.version += 1;
    article.review = ArticleReview::Draft;
    article.has_unpublished_changes = match article.live_revision {
        Some(number) => store::revision(conn, article.id, number)? != content,
        None => true,
    };
    (article.edited_at, article.edited_by) = (now, Some(actor.user_id));
    store::update(conn, &article, &content)?;
    edits::record(
        conn,
        Kind::Article,
        article.id.as_str(),
        article.version,
        Some(actor.user_id),
        &changed,
        now,
    )?;
    let entry = Act::on("article.edit", TargetKind::Article, article.id.as_str())
        .before(before)
        .after(article.digest(&content)?)
        .detail("version", article.version)
        .detail("fields", changed);
    audit::record(conn, actor, entry, now)?;
    Ok((article, content))
}

/// Delete an article.
///
/// Deletes a trashed article for good, with its revisions and comments. Only admins may. Its paths,
/// if it was ever public, answer 410 from now on.
#[utoipa::path(tag = "articles", operation_id = "deleteArticle", params(IfMatch),
    responses((status = 204, description = "The article is gone."), crate::openapi::Conflict))]
#[delete("/v1/editorial/articles/{article_id}")]
async fn delete_article(
    db: Data<Db>,
    actor: Require<may::PurgeArticles>,
    id: PathId<ArticleId>,
    if_match: IfMatch,
) -> Result<HttpResponse> {
    let (actor, id, now) = (actor.into_actor(), id.0, db.clock().now());
    db.write(move |conn| {
        let (article, content) = store::get_locked(conn, id)?;
        let frame = Frame::load(conn)?;
        check_allowed(conn, &frame, &actor, Action::Delete, &article, if_match)?;
        let takedown = Takedown {
            kind: TakedownKind::Purge,
            article_id: id,
            notice: None,
            reason: None,
            at: now,
            actor_id: Some(actor.user_id),
        };
        takedowns::insert(conn, &takedown)?;
        let entry = Act::on("article.delete", TargetKind::Article, id.as_str()).before(article.digest(&content)?);
        audit::record(conn, &actor, entry, now)?;
        store::delete(conn, id, now)?;
        edits::forget(conn, Kind::Article, id.as_str())
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}

pub(super) fn routes(cfg: &mut utoipa_actix_web::service_config::ServiceConfig) {
    cfg.service(list_articles_for_editing)
        .service(create_article)
        .service(get_article_for_editing)
        .service(update_article)
        .service(delete_article);
}
