//! An article's comments, in threads or one after the other, and the replies of one thread.

use actix_web::web::Data;
use actix_web::{HttpResponse, get};

use super::pages::{CommentThreadList, ThreadRows, replies_binding};
use super::store::{self, CommentListing, CommentSort, CommentSortKey, ShownComment};
use super::view::{PublicComment, views};
use super::{after, key};
use crate::base::db::union_all::load_union_all;
use crate::base::db::{Conn, Db};
use crate::base::error::{Code, Error, Result};
use crate::base::http::conditional::{CacheableAnswer, PublicReply};
use crate::base::http::page::PageRequest;
use crate::base::http::path::PathId;
use crate::base::http::query::Params;
use crate::base::http::query_type::{flag_param, word_param};
use crate::base::http::responses::Withdrawn;
use crate::base::ids::{ArticleId, CommentId};
use crate::base::limits;
use crate::base::secrets::Secrets;
use crate::base::surrogate_key::SurrogateKey;
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
    /// Which comments the page is of.
    fn listing(&self, article: ArticleId, only_roots: bool) -> CommentListing {
        CommentListing {
            article,
            only_roots,
            sort: self.sort,
            is_featured: self.is_featured,
        }
    }

    /// The ids of a page of a live article's comments, in order: one more than it shows where there is more.
    fn ids(&self, conn: &mut Conn, secrets: &Secrets, listing: &CommentListing) -> Result<Vec<CommentId>> {
        let after = self.page.after::<3>(secrets, &listing.binding())?;
        let after =
            after.map(|parts| CommentSortKey::from_parts(&parts).ok_or_else(|| Error::new(Code::InvalidCursor)));
        let mut terms = vec![published::live_term(listing.article)];
        terms.extend(listing.page_terms(after.transpose()?, self.page.fetch()));
        let mut found = load_union_all(conn, terms)?.into_iter();
        if found.next().is_none_or(|live| live.is_empty()) {
            published::must_be_live(conn, listing.article)?;
        }
        let mut ids = store::ids_of(found);
        ids.truncate(self.page.limit + 1);
        Ok(ids)
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
    let is_brief = list.page.limit <= limits::PAGE_DEFAULT;
    let work = move |conn: &mut Conn| {
        let listing = list.listing(article, true);
        let roots = list.ids(conn, &secrets, &listing)?;
        let threads = ThreadRows::read(conn, &list.page, roots)?;
        let bylines = threads.bylines(conn, article)?;
        let list = threads.page(&secrets, &listing, &bylines)?;
        Ok(CacheableAnswer::json(&list, shown(article))?.page(&list.page))
    };
    let fresh = match is_brief {
        true => db.read_briefly(work).await?,
        false => db.read(work).await?,
    };
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
            let listing = list.listing(article, false);
            let ids = list.ids(conn, &secrets, &listing)?;
            let mut found = store::by_ids(conn, &ids)?;
            found.sort_by_cached_key(|comment| ids.iter().position(|id| *id == comment.id));
            let key = |comment: &ShownComment| CommentSortKey::of(comment, listing.sort).to_parts();
            let (found, page) = list.page.finish(found, &secrets, &listing.binding(), key)?;
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
