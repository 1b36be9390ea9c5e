//! How many comments readers see on each of many articles: for front pages.

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::ArrayBuilder;

use crate::base::db::Db;
use crate::base::error::Result;
use crate::base::http::conditional::{CacheableAnswer, PublicReply};
use crate::base::http::query::{Params, invalid};
use crate::base::http::query_type::{ParamReader, param_reader};
use crate::base::http::value_reader::ValueSchema;
use crate::base::ids::ArticleId;
use crate::base::limits;
use crate::base::surrogate_key::SurrogateKey;
use crate::{published, query_type};

/// How many comments an article has.
#[derive(Serialize, ToSchema)]
pub struct CommentCount {
    /// The article's id.
    #[schema(value_type = String, format = "uuid")]
    pub article_id: ArticleId,
    /// Comments that readers see, replies included; one that its author took back is not counted.
    #[schema(minimum = 0)]
    pub comment_count: i64,
}

/// How many comments each article has.
#[derive(Serialize, ToSchema)]
pub struct CommentCounts {
    /// The live ones of the articles that were asked for, in that order.
    pub counts: Vec<CommentCount>,
}

query_type! {
    /// Of which articles.
    #[derive(Debug)]
    pub struct GetCommentCounts {
        /// The articles, up to 100: repeated, or with commas.
        article_id: Vec<ArticleId> = required(article_ids()),
    }
}

fn article_ids() -> impl ParamReader<Value = Vec<ArticleId>> {
    const EXPECTED: &str = "1 to 100 UUIDs";
    param_reader(
        || {
            let ids = ArrayBuilder::new().items(ValueSchema::text(limits::BLOCK_ID).schema);
            RefOr::T(ids.max_items(Some(limits::COUNTED_ARTICLES)).into())
        },
        |query, name| {
            let mut ids = Vec::new();
            for text in query.many_of(name, limits::COUNTED_ARTICLES, EXPECTED)? {
                let id = ArticleId::parse(text).ok_or_else(|| invalid(name, EXPECTED))?;
                if !ids.contains(&id) {
                    ids.push(id);
                }
            }
            if ids.is_empty() {
                return Err(invalid(name, EXPECTED));
            }
            Ok(Some(ids))
        },
    )
}

/// Count comments.
///
/// Of up to 100 articles at once. One that is not live is left out, as is one that does not exist; one
/// without comments counts 0.
#[utoipa::path(tag = "comments", operation_id = "getCommentCounts", params(GetCommentCounts),
    responses((status = 200, description = "The numbers.", body = CommentCounts)))]
#[get("/v1/comments/counts")]
pub async fn get_comment_counts(
    db: Data<Db>,
    reply: PublicReply,
    params: Params<GetCommentCounts>,
) -> Result<HttpResponse> {
    let ids = params.0.article_id;
    let fresh = db
        .read(move |conn| {
            let mut found = published::comment_counts_of(conn, &ids)?;
            found.sort_by_key(|(id, _)| ids.iter().position(|asked| asked == id));
            let keys = ids
                .iter()
                .flat_map(|id| [SurrogateKey::Comments(*id), SurrogateKey::Article(*id)]);
            let keys = keys.collect();
            let counts = found.into_iter().map(|(article_id, comment_count)| CommentCount {
                article_id,
                comment_count,
            });
            let counts = CommentCounts {
                counts: counts.collect(),
            };
            CacheableAnswer::json(&counts, keys)
        })
        .await?;
    Ok(reply.respond(fresh))
}
