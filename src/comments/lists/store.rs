//! Statements on the comments that readers see.

use std::collections::HashMap;

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::db::schema::comments;
use crate::base::db::union_all::{UnionSelect, load_union_all};
use crate::base::error::Result;
use crate::base::ids::{ArticleId, CommentId};
use crate::comments::model::{Comment, CommentState};

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
    pub fn of(comment: &Comment, sort: CommentSort) -> Self {
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

/// The comments of a listing that readers see; a macro, because the type of a boxed query is long.
macro_rules! listed {
    ($listing:expr, $limit:expr) => {{
        let mut query = comments::table
            .filter(comments::article_id.eq($listing.article))
            .filter(comments::is_visible.eq(true))
            .limit($limit)
            .select(Comment::as_select())
            .into_boxed();
        query = if $listing.only_roots {
            query.filter(comments::depth.eq(0))
        } else {
            query.filter(comments::state.eq(CommentState::Approved))
        };
        match $listing.is_featured {
            Some(true) => query.filter(comments::featured_at.is_not_null()),
            Some(false) => query.filter(comments::featured_at.is_null()),
            None => query,
        }
    }};
}

/// A page of an article's comments, starting after `after`.
pub fn list(
    conn: &mut Conn,
    listing: &CommentListing,
    after: Option<CommentSortKey>,
    limit: i64,
) -> Result<Vec<Comment>> {
    let (mut found, after) = match after {
        None => (pinned(conn, listing, None, limit)?, None),
        Some(CommentSortKey::Pinned(time, id)) => (pinned(conn, listing, Some((time, id)), limit)?, None),
        Some(key) => (Vec::new(), Some(key)),
    };
    let left = limit - i64::try_from(found.len()).unwrap_or(limit);
    if left > 0 {
        found.extend(unpinned(conn, listing, after, left)?);
    }
    Ok(found)
}

fn pinned(
    conn: &mut Conn,
    listing: &CommentListing,
    after: Option<(Time, CommentId)>,
    limit: i64,
) -> Result<Vec<Comment>> {
    let mut query = listed!(listing, limit)
        .filter(comments::pinned_at.is_not_null())
        .order((comments::pinned_at.desc(), comments::id.desc()));
    if let Some((time, id)) = after {
        let behind = comments::pinned_at.lt(time).or(comments::id.lt(id));
        query = query
            .filter(comments::pinned_at.le(time))
            .filter(behind.assume_not_null());
    }
    Ok(query.load(conn)?)
}

fn unpinned(
    conn: &mut Conn,
    listing: &CommentListing,
    after: Option<CommentSortKey>,
    limit: i64,
) -> Result<Vec<Comment>> {
    let mut query = listed!(listing, limit).filter(comments::pinned_at.is_null());
    query = match listing.sort {
        CommentSort::NewestFirst => query.order((comments::created_at.desc(), comments::id.desc())),
        CommentSort::OldestFirst => query.order((comments::created_at.asc(), comments::id.asc())),
        CommentSort::MostLiked => query.order((comments::reaction_count.desc(), comments::id.desc())),
    };
    query = match (after, listing.sort) {
        (Some(CommentSortKey::Dated(time, id)), CommentSort::OldestFirst) => query
            .filter(comments::created_at.ge(time))
            .filter(comments::created_at.gt(time).or(comments::id.gt(id))),
        (Some(CommentSortKey::Dated(time, id)), _) => query
            .filter(comments::created_at.le(time))
            .filter(comments::created_at.lt(time).or(comments::id.lt(id))),
        (Some(CommentSortKey::Liked(count, id)), _) => query
            .filter(comments::reaction_count.le(count))
            .filter(comments::reaction_count.lt(count).or(comments::id.lt(id))),
        (Some(CommentSortKey::Pinned(..)) | None, _) => query,
    };
    Ok(query.load(conn)?)
}

/// The replies of a thread that readers see, oldest first, starting after `after`; also those that were taken back and
/// have replies themselves.
pub fn replies(conn: &mut Conn, root: CommentId, after: Option<(Time, CommentId)>, limit: i64) -> Result<Vec<Comment>> {
    let mut query = comments::table
        .filter(comments::root_id.eq(root))
        .filter(comments::depth.gt(0))
        .filter(comments::is_visible.eq(true))
        .order((comments::created_at, comments::id))
        .limit(limit)
        .select(Comment::as_select())
        .into_boxed();
    if let Some((time, id)) = after {
        query = query
            .filter(comments::created_at.ge(time))
            .filter(comments::created_at.gt(time).or(comments::id.gt(id)));
    }
    Ok(query.load(conn)?)
}

/// The ids of the comments that begin the first page of an article's threads, in no order. One statement.
pub fn first_roots(conn: &mut Conn, article: ArticleId, limit: i64) -> Result<Vec<CommentId>> {
    let pinned = "pinned_at IS NOT NULL ORDER BY pinned_at DESC, id DESC LIMIT ";
    let unpinned = "pinned_at IS NULL ORDER BY created_at DESC, id DESC LIMIT ";
    let term = |which: &'static str| {
        let mut select = UnionSelect::default();
        select
            .sql("SELECT id, CAST(0 AS BIGINT) AS number FROM comments WHERE article_id = ")
            .value(article.as_str())
            .sql(" AND is_visible = TRUE AND depth = 0 AND ")
            .sql(which)
            .value(limit);
        select
    };
    let found = load_union_all(conn, vec![term(pinned), term(unpinned)])?;
    let ids = found.into_iter().flatten();
    Ok(ids.filter_map(|row| CommentId::parse(&row.id)).collect())
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
pub fn by_ids(conn: &mut Conn, ids: &[CommentId]) -> Result<Vec<Comment>> {
    let mut comments = Vec::new();
    for ids in ids.chunks(500) {
        let rows: Vec<Comment> = comments::table
            .filter(comments::id.eq_any(ids.to_vec()))
            .select(Comment::as_select())
            .load(conn)?;
        comments.extend(rows);
    }
    comments.sort_by_key(|comment| (comment.created_at, comment.id));
    Ok(comments)
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
