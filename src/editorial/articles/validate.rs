//! What would stop an article from being published, and what an editor should know before.

use actix_web::get;
use actix_web::web::Json;
use serde::Serialize;
use utoipa::ToSchema;

use super::view::check_may_read;
use crate::access::auth::may;
use crate::articles::model::{Article, ArticleState, Content};
use crate::articles::store;
use crate::base::db::Conn;
use crate::base::error::{BilingualText, Code, Error, Language, Result};
use crate::base::http::path::PathId;
use crate::base::http::query::{NoParams, Params};
use crate::base::ids::ArticleId;
use crate::base::limits;
use crate::base::text::warnings::{self, TextFinding};
use crate::body::blocks::{Block, interlinks, is_empty_body};
use crate::body::image::Image;
use crate::editorial::articles::unshown_blocks::unshown_blocks;
use crate::editorial::workflow::refusals;
use crate::published;
use crate::site::framed_desk::FramedDesk;

crate::word_type! {
    /// What is wrong with an article that is to be published.
    ValidationCode [open] {
        /// Its state lets nothing be published.
        InvalidState = "invalid_state",
        /// It must not be public yet.
        Embargoed = "embargoed",
        /// The site wants the desk's approval first.
        NotApproved = "not_approved",
        /// It is live as it is.
        NothingToPublish = "nothing_to_publish",
        /// Publishing needs this.
        Missing = "missing",
        /// Another thing has its path.
        SlugTaken = "slug_taken",
        /// Most articles have this.
        Empty = "empty",
        /// A picture without an alternative text.
        AltMissing = "alt_missing",
        /// A link to an article that readers cannot see.
        DeadInterlink = "dead_interlink",
        /// A text that was read in the wrong encoding.
        Mojibake = "mojibake",
        /// A plain text that holds a character reference of HTML.
        HtmlEntity = "html_entity",
        /// A page is embedded whose host the settings do not list.
        EmbedHostNotListed = "embed_host_not_listed",
        /// An ad slot that the site does not have.
        UnknownAdSlot = "unknown_ad_slot",
    }
}

/// Something that is wrong with an article, or may be.
#[derive(Debug, Serialize, ToSchema)]
pub struct ValidationFinding {
    /// Where: a JSON pointer (RFC 6901) into the article; `/note` is the note that the publish needs.
    pub pointer: String,
    /// What, as a stable code.
    pub code: ValidationCode,
    /// What, in words.
    pub message: String,
}

/// What is to be known before an article is published.
#[derive(Debug, Serialize, ToSchema)]
pub struct ArticleValidation {
    /// The version of the working copy that was looked at.
    pub version: i64,
    /// Whether it could be published now: whether there are no errors.
    pub is_publishable: bool,
    /// What a publish would be refused for now, whoever asks.
    pub errors: Vec<ValidationFinding>,
    /// What stops nothing; 100 at most. Empty where the state lets nothing be published.
    pub warnings: Vec<ValidationFinding>,
}

/// Validate an article.
///
/// Tells what would stop the working copy from being published now (`errors`: exactly what the publish
/// would be refused for), and what an editor should look at before (`warnings`): pictures without an
/// alternative text, links to articles that are not live, embeds and ad slots that the site does not know,
/// suspect text, what most articles have.
/// Nothing is changed.
#[utoipa::path(tag = "articles", operation_id = "validateArticle",
    responses((status = 200, description = "What was found.", body = ArticleValidation)))]
#[get("/v1/editorial/articles/{article_id}/validate")]
pub async fn validate_article(
    desk: FramedDesk<may::ReadArticles>,
    id: PathId<ArticleId>,
    _: Params<NoParams>,
) -> Result<Json<ArticleValidation>> {
    let (article, content, refusals, dead, unshown) = desk
        .read(move |conn, desk| {
            let (article, content) = store::get(conn, id.0)?;
            check_may_read(desk.frame, desk.actor, &article)?;
            let refusals = refusals(conn, desk.frame, desk.actor, &article, &content, desk.now)?;
            let dead = dead_interlinks(conn, &content)?;
            let unshown = unshown_blocks(desk.frame, &content.blocks);
            Ok((article, content, refusals, dead, unshown))
        })
        .await?;
    let mut errors = Vec::new();
    for refusal in &refusals {
        errors.extend(findings_of(refusal, desk.language)?);
    }
    Ok(Json(ArticleValidation {
        version: article.version,
        is_publishable: errors.is_empty(),
        errors,
        warnings: warnings_of(&article, &content, (dead, unshown), desk.language)?,
    }))
}

/// What a refusal of the publish says is wrong with the article.
fn findings_of(refusal: &Error, language: Language) -> Result<Vec<ValidationFinding>> {
    let finding = |pointer: &str, code: &str, message: String| {
        let code = ValidationCode::parse(code)
            .ok_or_else(|| Error::internal(format!("{code} is no finding of a validation")))?;
        let pointer = pointer.to_owned();
        Ok(ValidationFinding { pointer, code, message })
    };
    if refusal.errors().is_empty() {
        let pointer = match refusal.code() {
            Code::Embargoed => "/embargo_until",
            Code::NotApproved => "/review",
            Code::NothingToPublish => "/has_unpublished_changes",
            _ => "/state",
        };
        let message = refusal.code().detail().render(language, refusal.params());
        return Ok(vec![finding(pointer, refusal.code().as_str(), message)?]);
    }
    let fields = refusal.errors().iter().map(|error| {
        let message = error.message(language);
        finding(&error.pointer, error.code.as_str(), message)
    });
    fields.collect()
}

/// Where the body links to articles that readers cannot see.
fn dead_interlinks(conn: &mut Conn, content: &Content) -> Result<Vec<String>> {
    let shown = published::shown(conn, &interlinks(&content.blocks))?;
    let dead = content
        .blocks
        .iter()
        .enumerate()
        .filter_map(|(index, block)| match block {
            Block::Interlink(link) if !shown.contains(&link.article_id) => Some(format!("/blocks/{index}/article_id")),
            _ => None,
        });
    Ok(dead.collect())
}

fn warnings_of(
    article: &Article,
    content: &Content,
    (dead, unshown): (Vec<String>, Vec<TextFinding>),
    language: Language,
) -> Result<Vec<ValidationFinding>> {
    if matches!(article.state, ArticleState::Trashed | ArticleState::Killed) {
        return Ok(Vec::new());
    }
    let finding = |pointer: String, code: ValidationCode, texts: &BilingualText| ValidationFinding {
        message: texts.render(language, &[]),
        pointer,
        code,
    };
    let empty = empty_members(content);
    let mut warnings: Vec<ValidationFinding> = empty
        .map(|pointer| finding(pointer.to_owned(), ValidationCode::Empty, &EMPTY))
        .collect();
    let dead = dead.into_iter();
    warnings.extend(dead.map(|pointer| finding(pointer, ValidationCode::DeadInterlink, &DEAD_INTERLINK)));
    let silent = images_without_alt(content).into_iter();
    warnings.extend(silent.map(|pointer| finding(pointer, ValidationCode::AltMissing, &ALT_MISSING)));
    let json = serde_json::to_value(content).map_err(Error::internal)?;
    let told = warnings::joined(unshown, warnings::findings(&json));
    for warning in warnings::in_language(told, language) {
        let code = warning.code.as_str();
        let code = ValidationCode::parse(code)
            .ok_or_else(|| Error::internal(format!("{code} is no finding of a validation")))?;
        warnings.push(ValidationFinding {
            pointer: warning.pointer,
            code,
            message: warning.message,
        });
    }
    warnings.truncate(limits::TEXT_WARNINGS);
    Ok(warnings)
}

const EMPTY: BilingualText = BilingualText::new(
    "This is empty; most articles have it.",
    "Champ vide ; la plupart des articles le renseignent.",
);
const DEAD_INTERLINK: BilingualText = BilingualText::new(
    "The linked article is not live: readers will not see this link.",
    "L’article lié n’est pas en ligne : les lecteurs ne verront pas ce lien.",
);
const ALT_MISSING: BilingualText = BilingualText::new(
    "This picture has no alternative text; that is right for mere decoration only.",
    "Cette image n’a pas de texte alternatif ; cela ne convient qu’à une simple décoration.",
);

/// The members that most articles have and this one has not.
fn empty_members(content: &Content) -> impl Iterator<Item = &'static str> {
    let members = [
        ("/standfirst", content.standfirst.is_none()),
        ("/image", content.image.is_none()),
        ("/tag_ids", content.tag_ids.is_empty()),
        ("/contributors", content.contributors.is_empty()),
        ("/blocks", is_empty_body(&content.blocks)),
    ];
    members
        .into_iter()
        .filter(|(_, is_empty)| *is_empty)
        .map(|(pointer, _)| pointer)
}

/// Where pictures have no alternative text.
fn images_without_alt(content: &Content) -> Vec<String> {
    let mut silent = Vec::new();
    let mut look = |image: &Image, pointer: String| {
        if image.alt.is_none() {
            silent.push(format!("{pointer}/alt"));
        }
    };
    if let Some(image) = &content.image {
        look(image, "/image".to_owned());
    }
    for (index, block) in content.blocks.iter().enumerate() {
        match block {
            Block::Image(block) => look(&block.image, format!("/blocks/{index}/image")),
            Block::Gallery(block) => {
                for (number, image) in block.images.iter().enumerate() {
                    look(image, format!("/blocks/{index}/images/{number}"));
                }
            }
            Block::Video(block) => {
                if let Some(poster) = &block.poster {
                    look(poster, format!("/blocks/{index}/poster"));
                }
            }
            _ => {}
        }
    }
    silent
}
