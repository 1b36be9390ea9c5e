//! The list of working copies with text that is not as it should be.

use actix_web::get;
use actix_web::web::Data;
use serde::Serialize;
use utoipa::ToSchema;

use super::store::{self, Suspect};
use crate::access::auth::{Permission, may};
use crate::base::error::{Error, Language, Result};
use crate::base::http::page::{CursorBinding, PageRequest};
use crate::base::http::query::Params;
use crate::base::ids::ArticleId;
use crate::base::secrets::Secrets;
use crate::base::text::warnings::{self, TextWarning};
use crate::list_type;
use crate::site::framed_desk::FramedDesk;

/// A working copy with text that is not as it should be.
#[derive(Serialize, ToSchema)]
pub struct TextSuspect {
    /// The article's id.
    pub article_id: ArticleId,
    /// The headline of the working copy.
    pub title: String,
    /// Counts changes of the working copy; the ETag is made of it.
    pub version: i64,
    /// What is wrong, by the members of the working copy; 100 warnings at most.
    pub warnings: Vec<TextWarning>,
}

impl TextSuspect {
    fn new(suspect: Suspect, language: Language) -> Result<Self> {
        let content = serde_json::from_str(&suspect.content).map_err(Error::internal)?;
        Ok(Self {
            article_id: suspect.id,
            title: suspect.title,
            version: suspect.version,
            warnings: warnings::in_language(warnings::findings(&content), language),
        })
    }
}

list_type! {
    /// A page of working copies with suspect text.
    TextSuspectList {
        /// The working copies.
        items: Vec<TextSuspect>,
    }
}

/// List suspect texts.
///
/// Working copies with text that seems to have been read in the wrong encoding, or plain text with
/// HTML entities; oldest first, without those in the trash and the killed ones. A grant in a section or a locale shows
/// what it covers; a journalist sees their own.
#[utoipa::path(tag = "articles", operation_id = "listTextSuspects", params(PageRequest),
    responses((status = 200, description = "A page of working copies.", body = TextSuspectList)))]
#[get("/v1/editorial/text-suspects")]
pub async fn list_text_suspects(
    secrets: Data<Secrets>,
    desk: FramedDesk<may::ReadArticles>,
    params: Params<PageRequest>,
) -> Result<TextSuspectList> {
    let page = params.0;
    let binding = CursorBinding::new("text-suspects", &());
    let after = page.after::<1>(&secrets, &binding)?;
    let after = after.and_then(|[id]| ArticleId::parse(&id));
    let fetch = page.fetch();
    let rows = desk
        .read(move |conn, desk| {
            let scopes = desk.frame.tree.scopes_of(desk.actor, Permission::ReadArticles);
            store::list(conn, scopes.as_deref(), after, fetch)
        })
        .await?;
    let (rows, page) = page.finish(rows, &secrets, &binding, |row| [row.id.to_string()])?;
    let items = rows.into_iter().map(|row| TextSuspect::new(row, desk.language));
    Ok(TextSuspectList {
        items: items.collect::<Result<_>>()?,
        page,
    })
}
