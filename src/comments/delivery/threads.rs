//! An article's comments, in threads or one after the other, and the answers of one thread.

use std::collections::HashMap;

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::store::{self, CommentSort, Key, Listing};
use super::view::{PublicComment, views, views_below};
use super::{after, key};
use crate::articles::published;
use crate::auth::secrets::Secrets;
use crate::base::ids::{ArticleId, CommentId, ContributorId};
use crate::comments::model::Comment;
use crate::comments::store as rows;
use crate::db::{Conn, Db};
use crate::error::{Code, Error, Result};
use crate::http::conditional::{Conditional, Fresh};
use crate::http::page::{Binding, PageInfo, PageRequest};
use crate::http::path::PathId;
use crate::http::query::{FromQuery, Params, Query};

/// A comment and what was answered.
#[derive(Serialize, ToSchema)]
pub struct CommentThread {
    /// The first comment.
    pub comment: PublicComment,
    /// How many answers there are, at any level.
    #[schema(minimum = 0)]
    pub reply_count: i64,
    /// The answers, oldest first, the first 50; `parent_id` says what each one answers.
    pub replies: Vec<PublicComment>,
    /// Where the answers go on: the `cursor` for `/v1/comments/{comment_id}/replies`; null where all
    /// are here.
    pub replies_cursor: Option<String>,
}

/// A page of threads.
#[derive(Serialize, ToSchema)]
pub struct CommentThreadPage {
    /// The threads.
    pub items: Vec<CommentThread>,
    /// Where the list goes on.
    pub page: PageInfo,
}

/// A page of comments.
#[derive(Serialize, ToSchema)]
pub struct PublicCommentPage {
    /// The comments.
    pub items: Vec<PublicComment>,
    /// Where the list goes on.
    pub page: PageInfo,
}

/// Answers of a thread that a page of threads shows.
const REPLIES: usize = 50;

/// One more, which says whether there are more.
const FETCHED_REPLIES: i64 = 51;

/// Which comments, in which order.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListComments {
    /// The order: `-created_at` where it is not given. What is pinned comes first in every order.
    #[param(value_type = Option<CommentSort>)]
    sort: CommentSort,
    /// Only what is featured (`true`), or only what is not; in threads, their first comment.
    featured: Option<bool>,
    #[param(ignore)]
    page: PageRequest,
}

impl FromQuery for ListComments {
    const NAMES: &'static [&'static str] = &["sort", "featured", "limit", "cursor"];

    fn read(query: &Query) -> Result<Self> {
        let sort = query.word("sort", CommentSort::WORDS, CommentSort::parse)?;
        Ok(Self {
            sort: sort.unwrap_or(CommentSort::NewestFirst),
            featured: query.flag("featured")?,
            page: PageRequest::of(query)?,
        })
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
        let listing = Listing {
            article,
            only_roots,
            sort: self.sort,
            featured: self.featured,
        };
        let binding = Binding::new("comments", &listing);
        let after = self.page.after::<3>(secrets, &binding)?;
        let after = after.map(|parts| Key::from_parts(&parts).ok_or_else(|| Error::new(Code::InvalidCursor)));
        let found = store::list(conn, &listing, after.transpose()?, self.page.fetch())?;
        let key = |comment: &Comment| Key::of(comment, self.sort).to_parts();
        self.page.finish(found, secrets, &binding, key)
    }
}

/// List comments in threads.
///
/// The approved comments of a live article: a page of threads, each with its first answers. An answer
/// to a comment that is not shown is not shown either; one to a comment that its author took back is.
/// No thread is repeated or skipped while others are written; one that is pinned, liked or decided on
/// during the walk may be.
#[utoipa::path(tag = "comments", operation_id = "listComments", params(ListComments, PageRequest),
    responses((status = 200, description = "A page of threads.", body = CommentThreadPage), crate::http::responses::Withdrawn))]
#[get("/v1/articles/{article_id}/comments")]
pub async fn list_comments(
    db: Data<Db>,
    secrets: Data<Secrets>,
    reader: Conditional,
    article: PathId<ArticleId>,
    params: Params<ListComments>,
) -> Result<HttpResponse> {
    let (article, list) = (article.0, params.0);
    let fresh = db
        .read(move |conn| {
            let (roots, page) = list.page(conn, &secrets, article, true)?;
            let items = threads(conn, &secrets, article, roots)?;
            let list = CommentThreadPage { items, page };
            Ok(Fresh::json(&list, vec![format!("comments-{article}")])?.page(&list.page))
        })
        .await?;
    Ok(reader.respond(fresh))
}

/// List comments without threads.
///
/// The approved comments of a live article one after the other, answers among them: `parent_id` says
/// what each one answers. One that its author took back is left out.
#[utoipa::path(tag = "comments", operation_id = "listCommentsFlat", params(ListComments, PageRequest),
    responses((status = 200, description = "A page of comments.", body = PublicCommentPage), crate::http::responses::Withdrawn))]
#[get("/v1/articles/{article_id}/comments/flat")]
pub async fn list_comments_flat(
    db: Data<Db>,
    secrets: Data<Secrets>,
    reader: Conditional,
    article: PathId<ArticleId>,
    params: Params<ListComments>,
) -> Result<HttpResponse> {
    let (article, list) = (article.0, params.0);
    let fresh = db
        .read(move |conn| {
            let (found, page) = list.page(conn, &secrets, article, false)?;
            let items = views(conn, article, found)?;
            let list = PublicCommentPage { items, page };
            Ok(Fresh::json(&list, vec![format!("comments-{article}")])?.page(&list.page))
        })
        .await?;
    Ok(reader.respond(fresh))
}

/// List the answers of a thread.
///
/// All that were given below the first comment of a thread, at any level, oldest first. A comment that
/// begins no thread, or is not shown, is 404.
#[utoipa::path(tag = "comments", operation_id = "listCommentReplies", params(PageRequest),
    responses((status = 200, description = "A page of answers.", body = PublicCommentPage), crate::http::responses::Withdrawn))]
#[get("/v1/comments/{comment_id}/replies")]
pub async fn list_comment_replies(
    db: Data<Db>,
    secrets: Data<Secrets>,
    reader: Conditional,
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
            let list = PublicCommentPage { items, page };
            Ok(Fresh::json(&list, vec![format!("comments-{}", comment.article_id)])?.page(&list.page))
        })
        .await?;
    Ok(reader.respond(fresh))
}

fn replies_binding(root: CommentId) -> Binding {
    Binding::new("replies", &root)
}

/// The first page of an article's threads, the newest first, what is pinned before them; `bylines` signed the article.
///
/// # Errors
/// The database's.
pub fn first_page(
    conn: &mut Conn,
    secrets: &Secrets,
    article: ArticleId,
    bylines: &[ContributorId],
) -> Result<CommentThreadPage> {
    let page = PageRequest::default();
    let listing = Listing {
        article,
        only_roots: true,
        sort: CommentSort::NewestFirst,
        featured: None,
    };
    let roots = store::first_roots(conn, article, page.fetch())?;
    let replies = store::first_replies(conn, &roots, FETCHED_REPLIES)?;
    let ids = roots.iter().chain(replies.values().flat_map(|(_, ids)| ids)).copied();
    let rows = store::by_ids(conn, &ids.collect::<Vec<_>>())?;
    let (mut roots, answers): (Vec<Comment>, Vec<Comment>) = rows.into_iter().partition(|row| row.depth == 0);
    roots.sort_by_key(|root| std::cmp::Reverse((root.pinned_at, root.created_at, root.id)));
    let binding = Binding::new("comments", &listing);
    let key = |comment: &Comment| Key::of(comment, listing.sort).to_parts();
    let (roots, page) = page.finish(roots, secrets, &binding, key)?;
    let items = assembled(secrets, roots, &replies, answers, |all| views_below(conn, bylines, all))?;
    Ok(CommentThreadPage { items, page })
}

/// The threads that these comments begin, each with its first answers. The number of statements does not grow with
/// that of threads.
fn threads(conn: &mut Conn, secrets: &Secrets, article: ArticleId, roots: Vec<Comment>) -> Result<Vec<CommentThread>> {
    let ids: Vec<CommentId> = roots.iter().map(|root| root.id).collect();
    let replies = store::first_replies(conn, &ids, FETCHED_REPLIES)?;
    let ids: Vec<CommentId> = replies.values().flat_map(|(_, ids)| ids).copied().collect();
    let answers = store::by_ids(conn, &ids)?;
    assembled(secrets, roots, &replies, answers, |all| views(conn, article, all))
}

/// Puts answers, oldest first, below the comments that begin their threads.
fn assembled(
    secrets: &Secrets,
    roots: Vec<Comment>,
    replies: &HashMap<CommentId, (i64, Vec<CommentId>)>,
    answers: Vec<Comment>,
    views: impl FnOnce(Vec<Comment>) -> Result<Vec<PublicComment>>,
) -> Result<Vec<CommentThread>> {
    let mut cursors: HashMap<CommentId, String> = HashMap::new();
    let mut shown: HashMap<CommentId, Vec<Comment>> = HashMap::new();
    for answer in answers {
        shown.entry(answer.root_id).or_default().push(answer);
    }
    for (root, answers) in &mut shown {
        if answers.len() > REPLIES {
            answers.truncate(REPLIES);
            if let Some(last) = answers.last() {
                cursors.insert(*root, replies_binding(*root).cursor(secrets, &key(last))?);
            }
        }
    }
    let order: Vec<(CommentId, usize)> = roots
        .iter()
        .map(|root| (root.id, shown.get(&root.id).map_or(0, Vec::len)))
        .collect();
    let answers: Vec<Comment> = order
        .iter()
        .flat_map(|(root, _)| shown.remove(root).unwrap_or_default())
        .collect();
    let mut all = views(roots.into_iter().chain(answers).collect())?.into_iter();
    let roots: Vec<PublicComment> = all.by_ref().take(order.len()).collect();
    let thread = |(comment, (root, count)): (PublicComment, (CommentId, usize))| CommentThread {
        comment,
        reply_count: replies.get(&root).map_or(0, |(count, _)| *count),
        replies: all.by_ref().take(count).collect(),
        replies_cursor: cursors.remove(&root),
    };
    Ok(roots.into_iter().zip(order).map(thread).collect())
}
