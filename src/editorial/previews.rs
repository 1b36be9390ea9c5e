//! Make, list and end the preview tokens of an article.

use actix_web::web::Data;
use actix_web::{HttpResponse, delete, get, post};
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::audit::{self, AuditEvent, TargetKind};
use crate::access::auth::{Actor, may};
use crate::articles::model::{Article, Content};
use crate::articles::{revisions, store as articles};
use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::error::{Code, Error, FieldCode, FieldError, Result};
use crate::base::http::body::LateBody;
use crate::base::http::page::{CursorBinding, PageRequest};
use crate::base::http::path::{PathId, PathPair};
use crate::base::http::query::Params;
use crate::base::http::responses::Conflict;
use crate::base::http::value_reader::{ValueReader, boolean, integer, small_integer};
use crate::base::ids::{ArticleId, UserId};
use crate::base::limits;
use crate::base::secrets::Secrets;
use crate::editorial::articles::view::{action_facts, check_may_read};
use crate::editorial::workflow::{Action, check_permitted, check_possible};
use crate::published::press::{self, PressedCopy};
use crate::published::previews::{Preview, PreviewToken, PreviewTokenId, store};
use crate::site::frame::Frame;
use crate::site::framed_desk::FramedDesk;
use crate::{body_type, list_type};

body_type! {
    /// What a preview is to show, and for how long.
    #[derive(Clone, Copy, Debug)]
    pub struct PreviewTokenRequest [may_be_empty] {
        /// The number of the revision to show; without it the working copy, as it is saved from now on.
        pub revision_number: i32 = optional(small_integer(1, i32::MAX)),
        /// Seconds from now; a day where it is not given, 30 days at most.
        pub ttl_seconds: i64 = defaulted(ttl()) or limits::PREVIEW_SECONDS_DEFAULT,
        /// Whether it opens during the article's embargo.
        pub during_embargo: bool = defaulted(boolean()),
    }
}

fn ttl() -> impl ValueReader<Value = i64> {
    integer(limits::PREVIEW_SECONDS_MIN, limits::PREVIEW_SECONDS_MAX)
}

/// A preview token, but for the token itself: nobody is told it again.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PreviewTokenInfo {
    /// Its id.
    pub id: PreviewTokenId,
    /// The article that it shows.
    pub article_id: ArticleId,
    /// The revision that it shows; null where it follows the working copy.
    pub revision_number: Option<i32>,
    /// Whether it opens during the article's embargo.
    pub during_embargo: bool,
    /// Who made it.
    pub created_by: UserId,
    /// When it was made.
    pub created_at: Time,
    /// From when on it opens nothing.
    pub expires_at: Time,
}

impl From<Preview> for PreviewTokenInfo {
    fn from(preview: Preview) -> Self {
        Self {
            id: preview.id,
            article_id: preview.article_id,
            revision_number: preview.revision_number,
            during_embargo: preview.during_embargo,
            created_by: preview.created_by,
            created_at: preview.created_at,
            expires_at: preview.expires_at,
        }
    }
}

/// A new preview token: the only time that it is told.
#[derive(Serialize, ToSchema)]
pub struct NewPreviewToken {
    /// Its id, by which it is deleted.
    pub id: PreviewTokenId,
    /// The article that it shows.
    pub article_id: ArticleId,
    /// The token: a secret.
    pub token: String,
    /// Where the preview is; it holds the token.
    pub path: String,
    /// The revision that it shows; null where it follows the working copy.
    pub revision_number: Option<i32>,
    /// Whether it opens during the article's embargo.
    pub during_embargo: bool,
    /// Who made it.
    pub created_by: UserId,
    /// When it was made.
    pub created_at: Time,
    /// From when on it opens nothing.
    pub expires_at: Time,
}

list_type! {
    /// A page of preview tokens.
    PreviewTokenList {
        /// The tokens.
        items: Vec<PreviewTokenInfo>,
    }
}

/// Create a preview token.
///
/// Makes a link that shows an article to somebody without an account, as it would be live: a
/// revision as it stands, or the working copy as it is saved from now on. The token is told this once.
/// During an embargo it opens nothing unless it is made for that.
#[utoipa::path(tag = "articles", operation_id = "createPreviewToken", request_body = PreviewTokenRequest,
    responses((status = 201, description = "The token.", body = NewPreviewToken), Conflict))]
#[post("/v1/editorial/articles/{article_id}/preview-tokens")]
pub async fn create_preview_token(
    desk: FramedDesk<may::WriteArticles>,
    id: PathId<ArticleId>,
    body: LateBody<PreviewTokenRequest>,
) -> Result<HttpResponse> {
    let token = PreviewToken::generate()?;
    let digest = token.digest();
    let preview = desk
        .write(move |conn, desk| {
            // Locked, so that no save and no kill passes by unseen.
            let (article, content) = articles::get_locked(conn, id.0)?;
            check_may_read(desk.frame, desk.actor, &article)?;
            let action_facts = action_facts(conn, desk.frame, &article, &content)?;
            check_permitted(desk.actor, Action::Edit, &action_facts)?;
            check_possible(desk.actor, Action::Edit, &action_facts)?;
            let asked = *body.value()?;
            let content = content_to_show(conn, desk.frame, &article, content, asked.revision_number)?;
            let (preview, copy) = build_preview(conn, desk.frame, desk.actor, &article, &content, asked, desk.now)?;
            store::insert(conn, &digest, &preview, copy, desk.now)?;
            audit::record(conn, desk.actor, creation_entry(&preview), desk.now)?;
            Ok(preview)
        })
        .await?;
    Ok(HttpResponse::Created().json(NewPreviewToken {
        id: preview.id,
        article_id: preview.article_id,
        path: format!("/v1/preview/{}", token.0),
        token: token.0,
        revision_number: preview.revision_number,
        during_embargo: preview.during_embargo,
        created_by: preview.created_by,
        created_at: preview.created_at,
        expires_at: preview.expires_at,
    }))
}

/// The content to show. Where a revision's section has been deleted since, the article's section is used.
fn content_to_show(
    conn: &mut Conn,
    frame: &Frame,
    article: &Article,
    working_copy: Content,
    number: Option<i32>,
) -> Result<Content> {
    let Some(number) = number else {
        return Ok(working_copy);
    };
    let found = revisions::store::get(conn, article, false, number);
    let (_, mut content) = found.map_err(|error| match error.code() {
        Code::NotFound => Error::field(FieldError::new("/revision_number", FieldCode::UnknownReference)),
        _ => error,
    })?;
    if content.section_id.is_some_and(|id| frame.tree.get(id).is_none()) {
        content.section_id = article.section_id;
    }
    Ok(content)
}

fn build_preview(
    conn: &mut Conn,
    frame: &Frame,
    actor: &Actor,
    article: &Article,
    content: &Content,
    asked: PreviewTokenRequest,
    now: Time,
) -> Result<(Preview, PressedCopy)> {
    let unexpired = store::count(conn, article.id, now)?;
    if usize::try_from(unexpired).unwrap_or(usize::MAX) >= limits::PREVIEW_TOKENS {
        let too_many = FieldError::new("", FieldCode::TooMany);
        return Err(Error::field(too_many.with("max", limits::PREVIEW_TOKENS)));
    }
    let copy = press::press_copy(conn, frame, article, content, now)?;
    let copy = copy.ok_or_else(|| Error::field(FieldError::new("/section_id", FieldCode::Missing)))?;
    let preview = Preview {
        id: PreviewTokenId::new(),
        article_id: article.id,
        revision_number: asked.revision_number,
        during_embargo: asked.during_embargo,
        embargo_until: article.embargo_until,
        locale: article.locale.clone(),
        translation_key: article.translation_key.clone(),
        created_by: actor.user_id,
        created_at: now,
        expires_at: now.plus_seconds(asked.ttl_seconds),
    };
    Ok((preview, copy))
}

/// What the audit notes of a new token.
fn creation_entry(preview: &Preview) -> AuditEvent<'_> {
    AuditEvent::on("preview.create", TargetKind::Article, preview.article_id.as_str())
        .detail("preview_token_id", preview.id.as_str())
        .detail("revision_number", preview.revision_number)
        .detail("during_embargo", preview.during_embargo)
        .detail("expires_at", preview.expires_at.to_string())
}

/// List the preview tokens of an article.
///
/// Those that have not expired, oldest first. The tokens themselves are told to nobody again.
#[utoipa::path(tag = "articles", operation_id = "listPreviewTokens", params(PageRequest),
    responses((status = 200, description = "A page of preview tokens.", body = PreviewTokenList)))]
#[get("/v1/editorial/articles/{article_id}/preview-tokens")]
pub async fn list_preview_tokens(
    secrets: Data<Secrets>,
    desk: FramedDesk<may::ReadArticles>,
    id: PathId<ArticleId>,
    page: Params<PageRequest>,
) -> Result<PreviewTokenList> {
    let (request, id) = (page.0, id.0);
    let binding = CursorBinding::new("preview-tokens", &id);
    let after = request.after::<1>(&secrets, &binding)?;
    let after = after.and_then(|[id]| PreviewTokenId::parse(&id));
    let limit = request.fetch();
    let previews = desk
        .read(move |conn, desk| {
            let (article, _) = articles::get(conn, id)?;
            check_may_read(desk.frame, desk.actor, &article)?;
            store::list(conn, id, after, limit, desk.now)
        })
        .await?;
    let (previews, page) = request.finish(previews, &secrets, &binding, |preview| [preview.id.to_string()])?;
    let items = previews.into_iter().map(PreviewTokenInfo::from).collect();
    Ok(PreviewTokenList { items, page })
}

/// Delete a preview token.
///
/// Its link opens nothing any more.
#[utoipa::path(tag = "articles", operation_id = "deletePreviewToken",
    responses((status = 204, description = "The token is gone.")))]
#[delete("/v1/editorial/articles/{article_id}/preview-tokens/{preview_token_id}")]
pub async fn delete_preview_token(
    desk: FramedDesk<may::WriteArticles>,
    ids: PathPair<ArticleId, PreviewTokenId>,
) -> Result<HttpResponse> {
    let PathPair(article_id, id) = ids;
    desk.write(move |conn, desk| {
        let (article, content) = articles::get_locked(conn, article_id)?;
        check_may_read(desk.frame, desk.actor, &article)?;
        let action_facts = action_facts(conn, desk.frame, &article, &content)?;
        check_permitted(desk.actor, Action::Edit, &action_facts)?;
        store::delete(conn, article_id, id, desk.now)?;
        let entry = AuditEvent::on("preview.delete", TargetKind::Article, article_id.as_str());
        audit::record(
            conn,
            desk.actor,
            entry.detail("preview_token_id", id.as_str()),
            desk.now,
        )
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}
