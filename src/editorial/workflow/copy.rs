//! Drafts made from an article: a duplicate, which is independent, and a translation, which stays linked.

use actix_web::{HttpResponse, post};

use super::run::{ActionRequest, LockedArticle, MADE};
use super::table::Action;
use crate::access::auth::may;
use crate::articles::model::{Article, Content, empty_article};
use crate::articles::store;
use crate::base::db::Conn;
use crate::base::error::{Code, Error, FieldCode, FieldError, Result};
use crate::base::http::body::LateBody;
use crate::base::http::conditional::IfMatch;
use crate::base::http::idempotency::IdempotencyKey;
use crate::base::http::path::PathId;
use crate::base::http::responses::Conflict;
use crate::base::ids::ArticleId;
use crate::base::locale::locale;
use crate::body_type;
use crate::editorial::articles::saving::insert_draft;
use crate::editorial::articles::view::ArticleView;
use crate::editorial::workflow::run::ActionCall;
use crate::site::framed_desk::{FramedContext, FramedDesk};

/// Duplicate an article.
///
/// Makes a draft of the same content, yours, with no tie to the first. It has no slug of its own yet.
#[utoipa::path(tag = "articles", operation_id = "duplicateArticle", params(IfMatch, IdempotencyKey),
    request_body = ActionRequest,
    responses((status = 201, description = "The new draft.", body = ArticleView), Conflict))]
#[post("/v1/editorial/articles/{article_id}/actions/duplicate")]
pub async fn duplicate_article(
    desk: FramedDesk<may::WriteArticles>,
    id: PathId<ArticleId>,
    if_match: IfMatch,
    key: IdempotencyKey,
    body: LateBody<ActionRequest>,
) -> Result<HttpResponse> {
    let call = ActionCall::new(&desk, Action::Duplicate, id.0, if_match, key, body);
    call.run(&desk, |conn, desk, locked, _| {
        let copy = empty_article(&locked.article.locale, Some(desk.actor.user_id), desk.now);
        insert_copy(conn, desk, copy, locked)
    })
    .await
}

body_type! {
    /// Which language to translate into.
    #[derive(Clone, Debug)]
    pub struct TranslateRequest {
        /// The language: one of the site's, and not the article's own.
        pub locale: String = required(locale()),
    }
}

/// Translate an article.
///
/// Makes a draft in another language, of the same content, linked by `translation_key`. From then on
/// each has a state and a path of its own. A language that has one already is 409 `translation_exists`.
#[utoipa::path(tag = "articles", operation_id = "translateArticle", params(IfMatch, IdempotencyKey),
    request_body = TranslateRequest,
    responses((status = 201, description = "The new draft.", body = ArticleView), Conflict))]
#[post("/v1/editorial/articles/{article_id}/actions/translate")]
pub async fn translate_article(
    desk: FramedDesk<may::WriteArticles>,
    id: PathId<ArticleId>,
    if_match: IfMatch,
    key: IdempotencyKey,
    body: LateBody<TranslateRequest>,
) -> Result<HttpResponse> {
    let call = ActionCall::new(&desk, Action::Translate, id.0, if_match, key, body);
    call.run(&desk, |conn, desk, locked, asked| {
        if !desk.frame.site.has_locale(&asked.locale) {
            let expected = FieldError::new("/locale", FieldCode::InvalidFormat);
            return Err(Error::field(expected.with("expected", "one of the site's languages")));
        }
        let copy = Article {
            translation_key: locked.article.translation_key.clone(),
            ..empty_article(&asked.locale, Some(desk.actor.user_id), desk.now)
        };
        check_language_is_free(conn, &copy)?;
        insert_copy(conn, desk, copy, locked)
    })
    .await
}

/// Inserts a draft with the content of the locked article, and puts it into `locked` in the article's place. A slug
/// that an editor chose is not copied: it belongs to the first.
fn insert_copy(conn: &mut Conn, desk: &FramedContext<'_>, copy: Article, locked: &mut LockedArticle) -> Result<u16> {
    let content = Content {
        slug: None,
        ..locked.content.clone()
    };
    insert_draft(conn, desk.frame, desk.actor, &copy, &content, &content.blocks, desk.now)?;
    // Read back: the insert takes title and section of the row from the content.
    (locked.article, locked.content) = store::get(conn, copy.id)?;
    locked.live_section = None;
    Ok(MADE)
}

/// Checks that the story has no other article in this language; the database's constraint decides
/// between two at once.
///
/// # Errors
/// 409 `translation_exists` with the other's id.
pub(super) fn check_language_is_free(conn: &mut Conn, article: &Article) -> Result<()> {
    match store::find_translation(conn, &article.translation_key, &article.locale)? {
        Some(other) if other != article.id => Err(translation_exists(&article.locale, Some(other))),
        _ => Ok(()),
    }
}

/// 409: the story has an article in this language.
pub(super) fn translation_exists(locale: &str, other: Option<ArticleId>) -> Error {
    Error::new(Code::TranslationExists)
        .with("locale", locale)
        .extra("article_id", other.map(|id| id.to_string()))
}
