//! What readers get of packages.

use actix_web::{HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;

use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::error::{Error, Result};
use crate::base::http::conditional::{CacheableAnswer, PublicReply};
use crate::base::http::path::PathId;
use crate::base::http::query::{NoParams, Params};
use crate::base::ids::ArticleId;
use crate::base::surrogate_key::SurrogateKey;
use crate::delivery::reader_request::ReaderRequest;
use crate::published::packages::{PackageId, PackageKind, store};
use crate::published::{AnswerContext, AnswerJson, ArticleShape, Card};

/// A package as readers see it.
#[derive(Serialize, ToSchema)]
pub struct PublicPackage {
    /// The package's id.
    pub id: PackageId,
    /// How its stories belong together.
    pub kind: PackageKind,
    /// What it is called.
    pub title: String,
    /// What it is about.
    pub description: Option<String>,
    /// When it was changed last.
    pub updated_at: Time,
    /// Those of its articles that are live, in its order.
    #[schema(max_items = 200)]
    pub items: Vec<Card>,
}

/// A package without its articles: the part of the JSON before them.
#[derive(Serialize)]
struct PackageHead<'a> {
    id: PackageId,
    kind: PackageKind,
    title: &'a str,
    description: &'a Option<String>,
    updated_at: Time,
}

/// Read a package.
///
/// With the cards of those of its articles that are live, in its order. One of which no article is live is 404.
#[utoipa::path(tag = "packages", operation_id = "getPackage",
    responses((status = 200, description = "The package.", body = PublicPackage)))]
#[get("/v1/packages/{package_id}")]
pub async fn get_package(
    reading: ReaderRequest,
    reply: PublicReply,
    id: PathId<PackageId>,
    _: Params<NoParams>,
) -> Result<HttpResponse> {
    let answer = reading.read(move |conn, setting| read(conn, setting, id.0)).await?;
    Ok(reply.respond(answer))
}

fn read(conn: &mut Conn, setting: &AnswerContext<'_>, id: PackageId) -> Result<CacheableAnswer> {
    let package = store::get(conn, id)?;
    let articles = store::articles_of(conn, &[id])?;
    let ids: Vec<ArticleId> = articles.into_iter().map(|(_, article)| article).collect();
    let cards = setting.shown(conn, &ids, ArticleShape::Card)?;
    if cards.is_empty() {
        // Readers must not learn what the desk plans: a package is public once one of its articles is live.
        return Err(Error::not_found());
    }
    let head = PackageHead {
        id,
        kind: package.kind,
        title: &package.title,
        description: &package.description,
        updated_at: package.updated_at,
    };
    let mut composed = AnswerJson::opened(&head)?;
    composed.cards_member(setting, "items", ids.iter().filter_map(|id| cards.get(id)));
    composed.close();
    let mut keys = vec![SurrogateKey::Packages];
    keys.extend(ids.into_iter().map(SurrogateKey::Article));
    Ok(composed.answer(keys))
}
