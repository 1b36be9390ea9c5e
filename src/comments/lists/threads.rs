//! An article's comments, in threads or one after the other, and the replies of one thread.

use actix_web::web::Data;
use actix_web::{HttpResponse, get};

use super::pages::{CommentThreadList, replies_binding, threads};
use super::store::{self, CommentSort};
use super::view::{PublicComment, views};
use super::{after, key};
use crate::base::db::{Conn, Db};
use crate::base::error::{Code, Error, Result};
use crate::base::http::conditional::{CacheableAnswer, PublicReply};
use crate::base::http::page::{CursorBinding, PageInfo, PageRequest};
use crate::base::http::path::PathId;
use crate::base::http::query::Params;
use crate::base::http::query_type::{flag_param, word_param};
use crate::base::http::responses::Withdrawn;
use crate::base::ids::{ArticleId, CommentId};
use crate::base::secrets::Secrets;
use crate::base::surrogate_key::SurrogateKey;
use crate::comments::lists::store::{CommentListing, CommentSortKey};
use crate::comments::model::Comment;
use crate::comments::store as rows;
use crate::{list_type, published, query_type};

list_type! {
    /// A page of comments.
    PublicCommentList {
        /// The comments.
        items: Vec<PublicComment>,
    }
}

/// What a list of an article's comments shows: who signed the article is marked among them.
fn shown(article: ArticleId) -> Vec<SurrogateKey> {
    vec![SurrogateKey::Comments(article), SurrogateKey::Article(article)]
}

query_type! {
    /// Which comments, in which order.
    #[derive(Debug)]
    pub struct ListComments {
        /// The order: `-created_at` where it is not given. What is pinned comes first in every order.
        sort: CommentSort = defaulted(word_param()) or CommentSort::NewestFirst,
        /// Only what is featured (`true`), or only what is not; in threads, their first comment.
        is_featured: bool = optional(flag_param()),
        page: PageRequest = part(),
    }
}

impl ListComments {
    /// The page of a live article's comments, and where the list goes on.
    fn page(
        &self,
        conn: &mut Conn,
        secrets: &Secrets,
        article: ArticleId,
        only_roots: bool,
    ) -> Result<(Vec<Comment>, PageInfo)> {
        published::must_be_live(conn, article)?;
        let listing = CommentListing {
            article,
            only_roots,
            sort: self.sort,
            is_featured: self.is_featured,
        };
        let binding = CursorBinding::new("comments", &listing);
        let after = self.page.after::<3>(secrets, &binding)?;
        let after =
            after.map(|parts| CommentSortKey::from_parts(&parts).ok_or_else(|| Error::new(Code::InvalidCursor)));
        let found = store::list(conn, &listing, after.transpose()?, self.page.fetch())?;
        let key = |comment: &Comment| CommentSortKey::of(comment, self.sort).to_parts();
        self.page.finish(found, secrets, &binding, key)
    }
}

/// List comments in threads.
///
/// The approved comments of a live article: a page of threads, each with its first replies. A reply
/// to a comment that is not shown is not shown either; one to a comment that its author took back is.
/// No thread is repeated or skipped while others are written; one that is pinned, liked or decided on
/// during the walk may be.
#[utoipa::path(tag = "comments", operation_id = "listComments", params(ListComments, PageRequest),
    responses((status = 200, description = "A page of threads.", body = CommentThreadList), Withdrawn))]
#[get("/v1/articles/{article_id}/comments")]
pub async fn list_comments(
    db: Data<Db>,
    secrets: Data<Secrets>,
    reply: PublicReply,
    article: PathId<ArticleId>,
    params: Params<ListComments>,
) -> Result<HttpResponse> {
    let (article, list) = (article.0, params.0);
    let fresh = db
        .read(move |conn| {
            let (roots, page) = list.page(conn, &secrets, article, true)?;
            let items = threads(conn, &secrets, article, roots)?;
            let list = CommentThreadList { items, page };
            Ok(CacheableAnswer::json(&list, shown(article))?.page(&list.page))
        })
        .await?;
    Ok(reply.respond(fresh))
}

/// List comments without threads.
///
/// The approved comments of a live article one after the other, replies among them: `parent_id` says
/// what each one replies to. One that its author took back is left out.
#[utoipa::path(tag = "comments", operation_id = "listCommentsFlat", params(ListComments, PageRequest),
    responses((status = 200, description = "A page of comments.", body = PublicCommentList), Withdrawn))]
#[get("/v1/articles/{article_id}/comments/flat")]
pub async fn list_comments_flat(
    db: Data<Db>,
    secrets: Data<Secrets>,
    reply: PublicReply,
    article: PathId<ArticleId>,
    params: Params<ListComments>,
) -> Result<HttpResponse> {
    let (article, list) = (article.0, params.0);
    let fresh = db
        .read(move |conn| {
            let (found, page) = list.page(conn, &secrets, article, false)?;
            let items = views(conn, article, found)?;
            let list = PublicCommentList { items, page };
            Ok(CacheableAnswer::json(&list, shown(article))?.page(&list.page))
        })
        .await?;
    Ok(reply.respond(fresh))
}

/// List the replies of a thread.
///
/// All that were given below the first comment of a thread, at any level, oldest first. A comment that
/// begins no thread, or is not shown, is 404.
#[utoipa::path(tag = "comments", operation_id = "listCommentReplies", params(PageRequest),
    responses((status = 200, description = "A page of replies.", body = PublicCommentList), Withdrawn))]
#[get("/v1/comments/{comment_id}/replies")]
pub async fn list_comment_replies(
    db: Data<Db>,
    secrets: Data<Secrets>,
    reply: PublicReply,
    root: PathId<CommentId>,
    params: Params<PageRequest>,
) -> Result<HttpResponse> {
    let (root, page) = (root.0, params.0);
    let fresh = db
        .read(move |conn| {
            let comment = rows::get(conn, root)?;
            if !comment.is_visible || comment.depth > 0 {
                return Err(Error::not_found());
            }
            published::must_be_live(conn, comment.article_id)?;
            let binding = replies_binding(root);
            let after = after(&page, &secrets, &binding)?;
            let found = store::replies(conn, root, after, page.fetch())?;
            let (found, page) = page.finish(found, &secrets, &binding, key)?;
            let items = views(conn, comment.article_id, found)?;
            let list = PublicCommentList { items, page };
            Ok(CacheableAnswer::json(&list, shown(comment.article_id))?.page(&list.page))
        })
        .await?;
    Ok(reply.respond(fresh))
}
