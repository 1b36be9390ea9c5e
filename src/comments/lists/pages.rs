//! Pages of threads: comments with their first replies.

use std::collections::HashMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::key;
use super::store::{self, CommentSort};
use super::view::{PublicComment, views};
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::http::page::{CursorBinding, PageRequest};
use crate::base::ids::{ArticleId, CommentId, ContributorId};
use crate::base::secrets::Secrets;
use crate::comments::lists::store::{CommentListing, CommentSortKey};
use crate::comments::lists::view::views_with_bylines;
use crate::comments::model::Comment;
use crate::list_type;

/// A comment and its replies.
#[derive(Serialize, ToSchema)]
pub struct CommentThread {
    /// The first comment.
    pub comment: PublicComment,
    /// How many replies there are, at any level.
    #[schema(minimum = 0)]
    pub descendant_count: i64,
    /// The replies, oldest first, the first 50; `parent_id` says what each one replies to.
    pub replies: Vec<PublicComment>,
    /// Where the replies go on: the `cursor` for `/v1/comments/{comment_id}/replies`; null where all
    /// are here.
    pub replies_cursor: Option<String>,
}

list_type! {
    /// A page of threads.
    CommentThreadList {
        /// The threads.
        items: Vec<CommentThread>,
    }
}

/// Replies of a thread that a page of threads shows.
pub const SHOWN_REPLIES: usize = 50;

/// One more than is shown: it says whether there are more.
pub const FETCHED_REPLIES: i64 = 51;

/// What a cursor into the replies of a thread belongs to.
pub fn replies_binding(root: CommentId) -> CursorBinding {
    CursorBinding::new("replies", &root)
}

/// The first page of an article's threads, the newest first, what is pinned before them; `bylines` signed the article.
pub fn first_thread_page(
    conn: &mut Conn,
    secrets: &Secrets,
    article: ArticleId,
    bylines: &[ContributorId],
) -> Result<CommentThreadList> {
    let page = PageRequest::default();
    let listing = CommentListing {
        article,
        only_roots: true,
        sort: CommentSort::NewestFirst,
        is_featured: None,
    };
    let roots = store::first_roots(conn, article, page.fetch())?;
    let replies = store::first_replies(conn, &roots, FETCHED_REPLIES)?;
    let ids = roots.iter().chain(replies.values().flat_map(|(_, ids)| ids)).copied();
    let rows = store::by_ids(conn, &ids.collect::<Vec<_>>())?;
    let (mut roots, answers): (Vec<Comment>, Vec<Comment>) = rows.into_iter().partition(|row| row.depth == 0);
    roots.sort_by_key(|root| std::cmp::Reverse((root.pinned_at, root.created_at, root.id)));
    let binding = CursorBinding::new("comments", &listing);
    let key = |comment: &Comment| CommentSortKey::of(comment, listing.sort).to_parts();
    let (roots, page) = page.finish(roots, secrets, &binding, key)?;
    let items = assemble_threads(secrets, roots, &replies, answers, |all| {
        views_with_bylines(conn, bylines, all)
    })?;
    Ok(CommentThreadList { items, page })
}

/// The threads that these comments begin, each with its first replies. The number of statements does not grow with the
/// number of threads.
pub fn threads(
    conn: &mut Conn,
    secrets: &Secrets,
    article: ArticleId,
    roots: Vec<Comment>,
) -> Result<Vec<CommentThread>> {
    let ids: Vec<CommentId> = roots.iter().map(|root| root.id).collect();
    let replies = store::first_replies(conn, &ids, FETCHED_REPLIES)?;
    let ids: Vec<CommentId> = replies.values().flat_map(|(_, ids)| ids).copied().collect();
    let answers = store::by_ids(conn, &ids)?;
    assemble_threads(secrets, roots, &replies, answers, |all| views(conn, article, all))
}

/// Puts replies, oldest first, below the comments that begin their threads.
fn assemble_threads(
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
        if answers.len() > SHOWN_REPLIES {
            answers.truncate(SHOWN_REPLIES);
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
        descendant_count: replies.get(&root).map_or(0, |(count, _)| *count),
        replies: all.by_ref().take(count).collect(),
        replies_cursor: cursors.remove(&root),
    };
    Ok(roots.into_iter().zip(order).map(thread).collect())
}
