//! Statements on the comments that readers see.

use std::collections::HashMap;

use diesel::prelude::*;

use crate::articles::ArticleId;
use crate::clock::Time;
use crate::comments::CommentId;
use crate::comments::model::{Comment, CommentState};
use crate::db::Conn;
use crate::db::schema::comments;
use crate::error::Result;

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
pub struct Listing {
    /// The article.
    pub article: ArticleId,
    /// Only those that begin a thread, also where one was taken back and its answers are shown; else
    /// all that have a text.
    pub only_roots: bool,
    /// The order.
    pub sort: CommentSort,
    /// Only those that are featured, or only those that are not.
    pub featured: Option<bool>,
}

/// Where a comment stands in a list, and so where the list goes on behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// Among those that are pinned, the last one first.
    Pinned(Time, CommentId),
    /// By date.
    Dated(Time, CommentId),
    /// By what readers like.
    Liked(i64, CommentId),
}

impl Key {
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

/// The comments of a listing that readers see; a macro, for a boxed query's type is long.
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
        match $listing.featured {
            Some(true) => query.filter(comments::featured_at.is_not_null()),
            Some(false) => query.filter(comments::featured_at.is_null()),
            None => query,
        }
    }};
}

/// A page of an article's comments, behind `after`.
///
/// # Errors
/// The database's.
pub fn list(conn: &mut Conn, listing: &Listing, after: Option<Key>, limit: i64) -> Result<Vec<Comment>> {
    let (mut found, after) = match after {
        None => (pinned(conn, listing, None, limit)?, None),
        Some(Key::Pinned(time, id)) => (pinned(conn, listing, Some((time, id)), limit)?, None),
        Some(key) => (Vec::new(), Some(key)),
    };
    let left = limit - i64::try_from(found.len()).unwrap_or(limit);
    if left > 0 {
        found.extend(unpinned(conn, listing, after, left)?);
    }
    Ok(found)
}

fn pinned(conn: &mut Conn, listing: &Listing, after: Option<(Time, CommentId)>, limit: i64) -> Result<Vec<Comment>> {
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

fn unpinned(conn: &mut Conn, listing: &Listing, after: Option<Key>, limit: i64) -> Result<Vec<Comment>> {
    let mut query = listed!(listing, limit).filter(comments::pinned_at.is_null());
    query = match listing.sort {
        CommentSort::NewestFirst => query.order((comments::created_at.desc(), comments::id.desc())),
        CommentSort::OldestFirst => query.order((comments::created_at.asc(), comments::id.asc())),
        CommentSort::MostLiked => query.order((comments::reaction_count.desc(), comments::id.desc())),
    };
    query = match (after, listing.sort) {
        (Some(Key::Dated(time, id)), CommentSort::OldestFirst) => query
            .filter(comments::created_at.ge(time))
            .filter(comments::created_at.gt(time).or(comments::id.gt(id))),
        (Some(Key::Dated(time, id)), _) => query
            .filter(comments::created_at.le(time))
            .filter(comments::created_at.lt(time).or(comments::id.lt(id))),
        (Some(Key::Liked(count, id)), _) => query
            .filter(comments::reaction_count.le(count))
            .filter(comments::reaction_count.lt(count).or(comments::id.lt(id))),
        (Some(Key::Pinned(..)) | None, _) => query,
    };
    Ok(query.load(conn)?)
}

/// The answers of a thread that readers see, oldest first, behind `after`; among them those that were
/// taken back and have answers themselves.
///
/// # Errors
/// The database's.
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

/// How many answers with a text these threads have, at any level.
///
/// # Errors
/// The database's.
pub fn thread_counts(conn: &mut Conn, roots: &[CommentId]) -> Result<HashMap<CommentId, i64>> {
    let counts: Vec<(CommentId, i64)> = comments::table
        .filter(comments::root_id.eq_any(roots.to_vec()))
        .filter(comments::depth.gt(0))
        .filter(comments::is_visible.eq(true))
        .filter(comments::state.eq(CommentState::Approved))
        .group_by(comments::root_id)
        .select((comments::root_id, diesel::dsl::count_star()))
        .load(conn)?;
    Ok(counts.into_iter().collect())
}

/// How many answers with a text stand directly below these comments.
///
/// # Errors
/// The database's.
pub fn reply_counts(conn: &mut Conn, parents: &[CommentId]) -> Result<HashMap<CommentId, i64>> {
    let counts: Vec<(Option<CommentId>, i64)> = comments::table
        .filter(comments::parent_id.eq_any(parents.to_vec()))
        .filter(comments::is_visible.eq(true))
        .filter(comments::state.eq(CommentState::Approved))
        .group_by(comments::parent_id)
        .select((comments::parent_id, diesel::dsl::count_star()))
        .load(conn)?;
    let counts = counts.into_iter().filter_map(|(parent, count)| Some((parent?, count)));
    Ok(counts.collect())
}
