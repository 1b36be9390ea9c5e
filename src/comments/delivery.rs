//! What readers get: an article's approved comments in threads.

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::CommentId;
use super::model::Comment;
use super::store::{self, CommentSort};
use crate::articles::{ArticleId, published};
use crate::auth::secrets::Secrets;
use crate::clock::Time;
use crate::db::{Conn, Db};
use crate::error::{Code, Error, Result};
use crate::http::conditional::{Conditional, Fresh};
use crate::http::page::{Binding, PageInfo, PageRequest};
use crate::http::path::PathId;
use crate::http::query::{FromQuery, Params, Query};

/// An approved comment.
#[derive(Serialize, ToSchema)]
pub struct PublicComment {
    /// The comment's id.
    pub id: CommentId,
    /// What it answers; null for the first of a thread.
    pub parent_id: Option<CommentId>,
    /// Levels below the first comment of its thread.
    pub depth: i32,
    /// The name that its author gave: plain text.
    pub author_name: String,
    /// The comment as it was written: limited Markdown.
    #[schema(max_length = 5000)]
    pub body: String,
    /// The comment as HTML: safe to be put into a page, its links `nofollow ugc`.
    pub body_html: String,
    /// When it was written.
    pub created_at: Time,
}

impl From<Comment> for PublicComment {
    fn from(comment: Comment) -> Self {
        Self {
            id: comment.id,
            parent_id: comment.parent_id,
            depth: comment.depth,
            body_html: comment.html(),
            author_name: comment.author_name,
            body: comment.body,
            created_at: comment.created_at,
        }
    }
}

/// A comment and what was answered.
#[derive(Serialize, ToSchema)]
pub struct CommentThread {
    /// The first comment.
    pub comment: PublicComment,
    /// How many answers there are, at any level.
    pub reply_count: i64,
    /// The answers, oldest first, the first 50; `parent_id` says what each one answers.
    pub replies: Vec<PublicComment>,
}

/// A page of threads.
#[derive(Serialize, ToSchema)]
pub struct CommentThreadPage {
    /// The threads.
    pub items: Vec<CommentThread>,
    /// Where the list goes on.
    pub page: PageInfo,
}

/// Answers of a thread that a page shows.
const REPLIES: i64 = 50;

/// Which threads, in which order.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListComments {
    /// The order of threads: `-created_at` where it is not given.
    #[param(value_type = Option<CommentSort>)]
    sort: CommentSort,
    #[param(ignore)]
    page: PageRequest,
}

impl FromQuery for ListComments {
    const NAMES: &'static [&'static str] = &["sort", "limit", "cursor"];

    fn read(query: &Query) -> Result<Self> {
        let sort = query.word("sort", CommentSort::WORDS, CommentSort::parse)?;
        Ok(Self {
            sort: sort.unwrap_or(CommentSort::NewestFirst),
            page: PageRequest::of(query)?,
        })
    }
}

/// List comments.
///
/// The approved comments of a live article, in threads. An answer to a comment that is not shown is
/// not shown either.
#[utoipa::path(tag = "comments", operation_id = "listComments", params(ListComments, PageRequest),
    responses((status = 200, description = "A page of threads.", body = CommentThreadPage), crate::openapi::Withdrawn))]
#[get("/v1/articles/{article_id}/comments")]
async fn list_comments(
    db: Data<Db>,
    secrets: Data<Secrets>,
    reader: Conditional,
    article: PathId<ArticleId>,
    params: Params<ListComments>,
) -> Result<HttpResponse> {
    let (article, list) = (article.0, params.0);
    let fresh = db
        .read(move |conn| {
            published::must_be_live(conn, article)?;
            let binding = Binding::new("comments", &(article, list.sort));
            let after = after(&list.page, &secrets, &binding)?;
            let roots = store::visible_roots(conn, article, list.sort, after, list.page.fetch())?;
            let (roots, page) = list.page.finish(roots, &secrets, &binding, key)?;
            let items = threads(conn, roots)?;
            let list = CommentThreadPage { items, page };
            Ok(Fresh::json(&list, vec![format!("comments-{article}")])?.page(&list.page))
        })
        .await?;
    Ok(reader.respond(fresh))
}

/// The key of a comment in a list by date.
pub fn key(comment: &Comment) -> [String; 2] {
    [comment.created_at.to_string(), comment.id.to_string()]
}

/// Behind which comment a page begins.
///
/// # Errors
/// 400 `invalid_cursor`.
pub fn after(page: &PageRequest, secrets: &Secrets, binding: &Binding) -> Result<Option<(Time, CommentId)>> {
    let Some([time, id]) = page.after::<2>(secrets, binding)? else {
        return Ok(None);
    };
    let key = Time::parse(&time).zip(CommentId::parse(&id));
    key.map(Some).ok_or_else(|| Error::new(Code::InvalidCursor))
}

fn threads(conn: &mut Conn, roots: Vec<Comment>) -> Result<Vec<CommentThread>> {
    let ids: Vec<CommentId> = roots.iter().map(|root| root.id).collect();
    let counts = store::reply_counts(conn, &ids)?;
    roots
        .into_iter()
        .map(|root| {
            let reply_count = counts
                .iter()
                .find(|(id, _)| *id == root.id)
                .map_or(0, |(_, count)| *count);
            let replies = if reply_count == 0 {
                Vec::new()
            } else {
                store::visible_replies(conn, root.id, REPLIES)?
            };
            let replies = replies.into_iter().map(PublicComment::from).collect();
            Ok(CommentThread {
                comment: root.into(),
                reply_count,
                replies,
            })
        })
        .collect()
}

pub(super) fn routes(cfg: &mut utoipa_actix_web::service_config::ServiceConfig) {
    cfg.service(list_comments);
}
