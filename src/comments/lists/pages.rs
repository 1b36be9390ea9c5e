//! Pages of threads: comments with their first replies.

use std::collections::HashMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::key;
use super::store::{self, CommentListing, CommentSort, CommentSortKey, ShownComment};
use super::view::{PublicComment, bylines_among};
use crate::base::db::Conn;
use crate::base::db::union_all::load_union_all;
use crate::base::error::Result;
use crate::base::http::page::{CursorBinding, PageRequest};
use crate::base::ids::{ArticleId, CommentId, ContributorId};
use crate::base::secrets::Secrets;
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
    let found = load_union_all(conn, listing.page_terms(None, page.fetch()))?;
    let threads = ThreadRows::read(conn, &page, store::ids_of(found))?;
    threads.page(secrets, &listing, bylines)
}

/// The comments of a page of threads.
pub struct ThreadRows {
    /// The first comments, in the order of the page.
    roots: Vec<ShownComment>,
    /// The others that are shown, oldest first, at most one more of a thread than a page shows.
    replies: Vec<ShownComment>,
    /// How many replies with a text each thread has, at any level.
    descendant_counts: HashMap<CommentId, i64>,
    /// How many are directly below each comment.
    reply_counts: HashMap<CommentId, i64>,
    has_more: bool,
}

impl ThreadRows {
    /// Reads the threads of a page, which these comments begin: one more than it shows where there is more. The number
    /// of statements does not grow with the number of threads.
    ///
    /// # Errors
    /// The database's.
    pub fn read(conn: &mut Conn, page: &PageRequest, mut roots: Vec<CommentId>) -> Result<Self> {
        let has_more = roots.len() > page.limit;
        roots.truncate(page.limit);
        let mut rows = Self {
            roots: Vec::new(),
            replies: Vec::new(),
            descendant_counts: HashMap::new(),
            reply_counts: HashMap::new(),
            has_more,
        };
        if roots.is_empty() {
            return Ok(rows);
        }
        let comments = match store::whole_threads(conn, &roots)? {
            Some(comments) => {
                for reply in comments
                    .iter()
                    .filter(|comment| comment.depth > 0 && comment.has_text())
                {
                    *rows.descendant_counts.entry(reply.root_id).or_default() += 1;
                    if let Some(parent) = reply.parent_id {
                        *rows.reply_counts.entry(parent).or_default() += 1;
                    }
                }
                comments
            }
            None => {
                let first = store::first_replies(conn, &roots, FETCHED_REPLIES)?;
                let ids = roots.iter().chain(first.values().flat_map(|(_, ids)| ids));
                let ids: Vec<CommentId> = ids.copied().collect();
                rows.reply_counts = store::reply_counts(conn, &ids)?;
                rows.descendant_counts = first.into_iter().map(|(root, (count, _))| (root, count)).collect();
                store::by_ids(conn, &ids)?
            }
        };
        (rows.roots, rows.replies) = comments.into_iter().partition(|comment| comment.depth == 0);
        rows.roots
            .sort_by_cached_key(|root| roots.iter().position(|id| *id == root.id));
        Ok(rows)
    }

    /// Who signed the article, where a comment here may be theirs.
    ///
    /// # Errors
    /// The database's.
    pub fn bylines(&self, conn: &mut Conn, article: ArticleId) -> Result<Vec<ContributorId>> {
        match bylines_among(conn, article, &self.roots)? {
            bylines if bylines.is_empty() => bylines_among(conn, article, &self.replies),
            bylines => Ok(bylines),
        }
    }

    /// The page, where these signed the article.
    ///
    /// # Errors
    /// 500 when a cursor cannot be signed.
    pub fn page(
        self,
        secrets: &Secrets,
        listing: &CommentListing,
        bylines: &[ContributorId],
    ) -> Result<CommentThreadList> {
        let rest = self.roots.last().filter(|_| self.has_more);
        let rest = rest.map(|root| CommentSortKey::of(root, listing.sort).to_parts());
        let page = PageRequest::goes_on(rest, secrets, &listing.binding())?;
        let view = |comment: ShownComment| {
            let reply_count = self.reply_counts.get(&comment.id).copied().unwrap_or(0);
            PublicComment::new(comment, reply_count, bylines)
        };
        let mut answers: HashMap<CommentId, Vec<ShownComment>> = HashMap::new();
        for reply in self.replies {
            answers.entry(reply.root_id).or_default().push(reply);
        }
        let mut items = Vec::with_capacity(self.roots.len());
        for root in self.roots {
            let mut replies = answers.remove(&root.id).unwrap_or_default();
            let has_more = replies.len() > SHOWN_REPLIES;
            replies.truncate(SHOWN_REPLIES);
            let rest = replies.last().filter(|_| has_more).map(key);
            let cursor = rest.map(|key| replies_binding(root.id).cursor(secrets, &key));
            items.push(CommentThread {
                descendant_count: self.descendant_counts.get(&root.id).copied().unwrap_or(0),
                comment: view(root),
                replies: replies.into_iter().map(view).collect(),
                replies_cursor: cursor.transpose()?,
            });
        }
        Ok(CommentThreadList { items, page })
    }
}
