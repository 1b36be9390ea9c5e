//! Statements on the comments that readers see.

use std::collections::HashMap;

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use crate::base::clock::Time;
use crate::base::db::schema::comments;
use crate::base::db::union_all::{UnionRow, UnionSelect, UnionValue, load_union_all};
use crate::base::db::{Conn, among};
use crate::base::error::Result;
use crate::base::http::page::CursorBinding;
use crate::base::ids::{ArticleId, CommentId, ContributorId, UserId};
use crate::comments::markup;
use crate::comments::model::CommentState;

/// A comment's row, as far as readers are told of it.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = comments, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
pub struct ShownComment {
    /// The comment's id.
    pub id: CommentId,
    /// What it replies to.
    pub parent_id: Option<CommentId>,
    /// The first comment of its thread.
    pub root_id: CommentId,
    /// Levels below the first comment.
    pub depth: i32,
    /// The name that its author gave.
    pub author_name: String,
    /// Plain text.
    pub body: String,
    /// Whether it has a text: one that was taken back has none.
    pub state: CommentState,
    /// When it was written.
    pub created_at: Time,
    body_html: Option<String>,
    /// Who of the newsroom wrote it; null for a reader's.
    pub user_id: Option<UserId>,
    /// The byline under which they wrote it.
    pub contributor_id: Option<ContributorId>,
    /// When its author changed it last.
    pub edited_at: Option<Time>,
    /// Since when it is shown as one of the best.
    pub featured_at: Option<Time>,
    /// Since when it is pinned above the others.
    pub pinned_at: Option<Time>,
    /// Readers who like it.
    pub reaction_count: i64,
}

impl ShownComment {
    /// Whether there is a text to read.
    pub fn has_text(&self) -> bool {
        self.state == CommentState::Approved
    }

    /// The body as safe HTML, taken out of the row.
    pub fn take_html(&mut self) -> String {
        self.body_html.take().unwrap_or_else(|| markup::render(&self.body))
    }
}

crate::word_type! {
    /// How an article's comments are ordered; what is pinned comes first in every order.
    CommentSort {
        /// Newest first.
        NewestFirst = "-created_at",
        /// Oldest first.
        OldestFirst = "created_at",
        /// What most readers like first; among equals the newest.
        MostLiked = "top",
    }
}

/// Which of an article's comments, in which order.
#[derive(Clone, Copy, Debug)]
pub struct CommentListing {
    /// The article.
    pub article: ArticleId,
    /// Only those that begin a thread, also one that was taken back while its replies are shown; else all that have a
    /// text.
    pub only_roots: bool,
    /// The order.
    pub sort: CommentSort,
    /// Only those that are featured, or only those that are not.
    pub is_featured: Option<bool>,
}

/// The position of a comment in a list: the list goes on after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommentSortKey {
    /// Among those that are pinned, the one pinned last first.
    Pinned(Time, CommentId),
    /// By date.
    Dated(Time, CommentId),
    /// By what readers like.
    Liked(i64, CommentId),
}

impl CommentSortKey {
    /// The key of a comment in an order.
    pub fn of(comment: &ShownComment, sort: CommentSort) -> Self {
        match (comment.pinned_at, sort) {
            (Some(pinned_at), _) => Self::Pinned(pinned_at, comment.id),
            (None, CommentSort::MostLiked) => Self::Liked(comment.reaction_count, comment.id),
            (None, _) => Self::Dated(comment.created_at, comment.id),
        }
    }

    /// The key as a cursor holds it.
    pub fn to_parts(self) -> [String; 3] {
        match self {
            Self::Pinned(time, id) => ["pinned".to_owned(), time.to_string(), id.to_string()],
            Self::Dated(time, id) => ["dated".to_owned(), time.to_string(), id.to_string()],
            Self::Liked(count, id) => ["liked".to_owned(), count.to_string(), id.to_string()],
        }
    }

    /// The key that a cursor holds.
    pub fn from_parts([kind, value, id]: &[String; 3]) -> Option<Self> {
        let id = CommentId::parse(id)?;
        match kind.as_str() {
            "pinned" => Some(Self::Pinned(Time::parse(value)?, id)),
            "dated" => Some(Self::Dated(Time::parse(value)?, id)),
            "liked" => Some(Self::Liked(value.parse().ok()?, id)),
            _ => None,
        }
    }
}

impl CommentListing {
    /// What a cursor into it belongs to.
    pub fn binding(&self) -> CursorBinding {
        CursorBinding::new("comments", self)
    }

    /// Begins the search for comments of this listing that readers see.
    fn term(&self) -> UnionSelect {
        let mut select = UnionSelect::default();
        select
            .sql("SELECT id, CAST(0 AS BIGINT) AS number FROM comments WHERE article_id = ")
            .value(self.article.as_str())
            .sql(" AND is_visible = TRUE AND ")
            .sql(if self.only_roots {
                "depth = 0"
            } else {
                "state = 'approved'"
            })
            .sql(match self.is_featured {
                Some(true) => " AND featured_at IS NOT NULL",
                Some(false) => " AND featured_at IS NULL",
                None => "",
            });
        select
    }

    /// What finds a page, starting after `after`: the ids of its comments in their order, of `limit` in each term.
    pub fn page_terms(&self, after: Option<CommentSortKey>, limit: i64) -> Vec<UnionSelect> {
        let (pinned_after, after) = match after {
            None => (None, None),
            Some(CommentSortKey::Pinned(time, id)) => (Some((time, id)), None),
            Some(key) => return vec![self.unpinned_term(Some(key), limit)],
        };
        let mut pinned = self.term();
        pinned.sql(" AND pinned_at IS NOT NULL");
        if let Some((time, id)) = pinned_after {
            push_behind(&mut pinned, ("pinned_at", "<"), time, id);
        }
        pinned.sql(" ORDER BY pinned_at DESC, id DESC LIMIT ").value(limit);
        vec![pinned, self.unpinned_term(after, limit)]
    }

    fn unpinned_term(&self, after: Option<CommentSortKey>, limit: i64) -> UnionSelect {
        let mut select = self.term();
        select.sql(" AND pinned_at IS NULL");
        match (after, self.sort) {
            (Some(CommentSortKey::Dated(time, id)), CommentSort::OldestFirst) => {
                push_behind(&mut select, ("created_at", ">"), time, id);
            }
            (Some(CommentSortKey::Dated(time, id)), _) => push_behind(&mut select, ("created_at", "<"), time, id),
            (Some(CommentSortKey::Liked(count, id)), _) => push_behind(&mut select, ("reaction_count", "<"), count, id),
            (Some(CommentSortKey::Pinned(..)) | None, _) => {}
        }
        select
            .sql(match self.sort {
                CommentSort::NewestFirst => " ORDER BY created_at DESC, id DESC LIMIT ",
                CommentSort::OldestFirst => " ORDER BY created_at, id LIMIT ",
                CommentSort::MostLiked => " ORDER BY reaction_count DESC, id DESC LIMIT ",
            })
            .value(limit);
        select
    }
}

/// Appends the condition that a comment is behind a key, in the direction of `comparison`.
fn push_behind(
    select: &mut UnionSelect,
    (column, comparison): (&'static str, &'static str),
    value: impl Into<UnionValue> + Copy,
    id: CommentId,
) {
    select
        .sql(format!(" AND {column} {comparison}= "))
        .value(value)
        .sql(format!(" AND ({column} {comparison} "))
        .value(value)
        .sql(format!(" OR id {comparison} "))
        .value(id.as_str())
        .sql(")");
}

/// The ids that terms found, in their order.
pub fn ids_of(found: impl IntoIterator<Item = Vec<UnionRow>>) -> Vec<CommentId> {
    let rows = found.into_iter().flatten();
    rows.filter_map(|row| CommentId::parse(&row.id)).collect()
}

/// The replies of a thread that readers see, oldest first, starting after `after`; also those that were taken back and
/// have replies themselves.
pub fn replies(
    conn: &mut Conn,
    root: CommentId,
    after: Option<(Time, CommentId)>,
    limit: i64,
) -> Result<Vec<ShownComment>> {
    let mut query = comments::table
        .filter(comments::root_id.eq(root))
        .filter(comments::depth.gt(0))
        .filter(comments::is_visible.eq(true))
        .order((comments::created_at, comments::id))
        .limit(limit)
        .select(ShownComment::as_select())
        .into_boxed();
    if let Some((time, id)) = after {
        query = query
            .filter(comments::created_at.ge(time))
            .filter(comments::created_at.gt(time).or(comments::id.gt(id)));
    }
    Ok(query.load(conn)?)
}

/// Comments of a page of threads that are read at once at most.
const READ_AT_ONCE: i64 = 500;

/// The comments of these threads that readers see, in the order in which they were written; nothing where they are too
/// many to read them all.
pub fn whole_threads(conn: &mut Conn, roots: &[CommentId]) -> Result<Option<Vec<ShownComment>>> {
    let rows: Vec<ShownComment> = comments::table
        .filter(among(comments::root_id, roots.to_vec()))
        .filter(comments::is_visible.eq(true))
        .limit(READ_AT_ONCE + 1)
        .select(ShownComment::as_select())
        .load(conn)?;
    let is_whole = i64::try_from(rows.len()).is_ok_and(|count| count <= READ_AT_ONCE);
    Ok(is_whole.then(|| in_order(rows)))
}

fn in_order(mut comments: Vec<ShownComment>) -> Vec<ShownComment> {
    comments.sort_by_key(|comment| (comment.created_at, comment.id));
    comments
}

/// For each of these threads, how many replies with a text it has, at any level, and the ids of its first replies, in
/// no order. One statement for up to a hundred threads.
pub fn first_replies(
    conn: &mut Conn,
    roots: &[CommentId],
    limit: i64,
) -> Result<HashMap<CommentId, (i64, Vec<CommentId>)>> {
    let mut replies = HashMap::new();
    for roots in roots.chunks(100) {
        let term = |root: &CommentId| {
            let mut select = UnionSelect::default();
            select
                .sql(
                    "SELECT id, CAST(SUM(CASE WHEN state = 'approved' THEN 1 ELSE 0 END) OVER () AS BIGINT) AS number \
                     FROM comments WHERE root_id = ",
                )
                .value(root.as_str())
                .sql(" AND depth > 0 AND is_visible = TRUE ORDER BY created_at, id LIMIT ")
                .value(limit);
            select
        };
        let found = load_union_all(conn, roots.iter().map(term).collect())?;
        for (root, rows) in roots.iter().zip(found) {
            let count = rows.first().map_or(0, |row| row.number);
            let ids = rows.iter().filter_map(|row| CommentId::parse(&row.id));
            replies.insert(*root, (count, ids.collect()));
        }
    }
    Ok(replies)
}

/// The comments of these ids, in the order in which they were written.
pub fn by_ids(conn: &mut Conn, ids: &[CommentId]) -> Result<Vec<ShownComment>> {
    let mut comments = Vec::new();
    for ids in ids.chunks(500) {
        let rows: Vec<ShownComment> = comments::table
            .filter(among(comments::id, ids.to_vec()))
            .select(ShownComment::as_select())
            .load(conn)?;
        comments.extend(rows);
    }
    Ok(in_order(comments))
}

/// How many replies with a text are directly below each of these comments.
pub fn reply_counts(conn: &mut Conn, parents: &[CommentId]) -> Result<HashMap<CommentId, i64>> {
    // The state is counted and not filtered by: as a condition it would, while nothing is known about the rows, look
    // like the better index, and that one holds every approved comment of the site.
    let with_text = sql::<BigInt>("SUM(CASE WHEN state = 'approved' THEN 1 ELSE 0 END)");
    let counts: Vec<(Option<CommentId>, i64)> = comments::table
        .filter(comments::parent_id.eq_any(parents.to_vec()))
        .filter(comments::is_visible.eq(true))
        .group_by(comments::parent_id)
        .select((comments::parent_id, with_text))
        .load(conn)?;
    let counts = counts.into_iter().filter_map(|(parent, count)| Some((parent?, count)));
    Ok(counts.collect())
}
