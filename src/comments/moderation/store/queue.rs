//! The queues: what waits, page by page, and how much.

use diesel::dsl::{exists, sql};
use diesel::helper_types::{InnerJoin, IntoBoxed};
use diesel::prelude::*;
use diesel::sql_types::Bool;

use crate::access::auth::GrantScope;
use crate::articles::scope::{covered_by, is_in_one_of};
use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::db::schema::{articles, comment_claims, comment_holds, comments};
use crate::base::error::Result;
use crate::base::ids::{ArticleId, CommentId, SectionId, UserId};
use crate::base::limits;
use crate::comments::model::{Comment, CommentState};
use crate::comments::moderation::model::{ClaimedBy, HoldReason, ModerationQueue, QueueSort};
use crate::comments::store::is_in_state;

/// By what the comments of one author are known.
#[derive(Clone, Debug)]
pub struct AuthorKeys {
    pub(super) comment: CommentId,
    pub(super) reader: Option<String>,
    pub(super) email: Option<String>,
    pub(super) account: Option<UserId>,
}

impl From<&Comment> for AuthorKeys {
    /// The network is not among them, because many readers share one.
    fn from(comment: &Comment) -> Self {
        Self {
            comment: comment.id,
            reader: comment.reader_digest.clone(),
            email: comment.email_hash.clone(),
            account: comment.user_id,
        }
    }
}

/// Which comments of a queue.
#[derive(Clone, Debug)]
pub struct ScopedQueueFilter {
    /// The queue.
    pub queue: ModerationQueue,
    /// Only in these sections.
    pub sections: Option<Vec<SectionId>>,
    /// Only on this article.
    pub article: Option<ArticleId>,
    /// Only of this author.
    pub author: Option<AuthorKeys>,
    /// Only those that a phase held for this reason.
    pub reason: Option<HoldReason>,
    /// Only these.
    pub among: Option<Vec<CommentId>>,
    /// Only those in this state.
    pub state: Option<CommentState>,
    /// Only those that the moderator, or nobody, holds.
    pub claimed: Option<ClaimedBy>,
    /// Only those written before this moment.
    pub created_before: Option<Time>,
    /// Only those on articles that one of these covers; without, everything.
    pub scopes: Option<Vec<GrantScope>>,
    /// The moderator.
    pub moderator: UserId,
    /// When: claims end by the clock.
    pub now: Time,
}

/// A comment with what a moderator sees of its article.
pub type QueuedComment = (Comment, String, Option<String>);

type Backend = <Conn as diesel::Connection>::Backend;
pub(super) type ModerationQuery<'q> = IntoBoxed<'q, InnerJoin<comments::table, articles::table>, Backend>;

fn filtered_queue<'q>(wanted: &ScopedQueueFilter) -> ModerationQuery<'q> {
    let mut query = comments::table.inner_join(articles::table).into_boxed();
    query = match wanted.queue.state() {
        Some(state) => query.filter(is_in_state(state)),
        // Written with literals: only so can the database use the partial index on reported comments, and see that
        // no other is better.
        None => query.filter(sql::<Bool>(
            "comments.report_count > 0 AND comments.state NOT IN ('deleted', 'erased')",
        )),
    };
    if let Some(sections) = &wanted.sections {
        query = query.filter(is_in_one_of("comments.article_id", sections));
    }
    if let Some(article) = wanted.article {
        query = query.filter(comments::article_id.eq(article));
    }
    if let Some(author) = &wanted.author {
        let by_reader = comments::reader_digest.eq(author.reader.clone());
        let by_email = comments::email_hash.eq(author.email.clone());
        let by_account = comments::user_id.eq(author.account);
        let is_same_comment = comments::id.eq(author.comment).nullable();
        query = query.filter(by_reader.or(by_email).or(by_account).or(is_same_comment));
    }
    if let Some(ids) = &wanted.among {
        query = query.filter(comments::id.eq_any(ids.clone()));
    }
    if let Some(state) = wanted.state {
        query = query.filter(comments::state.eq(state));
    }
    if let Some(reason) = wanted.reason {
        let of_comment = comment_holds::table.filter(comment_holds::comment_id.eq(comments::id));
        let held = of_comment.filter(comment_holds::reason.eq(reason.as_str()));
        // The bounds keep both databases from making it a join, for which they may read every hold there is.
        query = query.filter(exists(held.limit(1).offset(0)));
    }
    let held = || comment_claims::table.filter(comment_claims::until.gt(wanted.now));
    query = match wanted.claimed {
        None => query,
        Some(ClaimedBy::Mine) => {
            let mine = held().filter(comment_claims::user_id.eq(wanted.moderator));
            query.filter(comments::id.eq_any(mine.select(comment_claims::comment_id)))
        }
        Some(ClaimedBy::Nobody) => query.filter(comments::id.ne_all(held().select(comment_claims::comment_id))),
    };
    if let Some(moment) = wanted.created_before {
        query = query.filter(comments::created_at.lt(moment));
    }
    if let Some(scopes) = &wanted.scopes {
        query = query.filter(covered_by(scopes));
    }
    query
}

/// A page of a queue, starting after `after`, as a diesel query.
fn queue_page<'q>(
    which: &ScopedQueueFilter,
    sort: QueueSort,
    after: Option<(Time, CommentId)>,
    limit: i64,
) -> ModerationQuery<'q> {
    let mut query = filtered_queue(which).limit(limit);
    query = match sort {
        QueueSort::OldestFirst => query.order((comments::created_at.asc(), comments::id.asc())),
        QueueSort::NewestFirst => query.order((comments::created_at.desc(), comments::id.desc())),
    };
    if let Some((time, id)) = after {
        query = match sort {
            QueueSort::OldestFirst => query
                .filter(comments::created_at.ge(time))
                .filter(comments::created_at.gt(time).or(comments::id.gt(id))),
            QueueSort::NewestFirst => query
                .filter(comments::created_at.le(time))
                .filter(comments::created_at.lt(time).or(comments::id.lt(id))),
        };
    }
    query
}

/// A page of a queue, starting after `after`.
pub fn queue(
    conn: &mut Conn,
    which: &ScopedQueueFilter,
    sort: QueueSort,
    after: Option<(Time, CommentId)>,
    limit: i64,
) -> Result<Vec<QueuedComment>> {
    Ok(queue_page(which, sort, after, limit)
        .select((Comment::as_select(), articles::title, articles::path))
        .load(conn)?)
}

/// What a comment of a queue says.
#[derive(Queryable)]
pub struct QueueText {
    /// The comment's id.
    pub id: CommentId,
    /// When it was written.
    pub created_at: Time,
    /// The name that its author gave.
    pub author_name: String,
    /// The comment.
    pub body: String,
    /// The language of its article.
    pub locale: String,
}

/// As [`queue`], only what the comments say.
pub fn queue_texts(
    conn: &mut Conn,
    which: &ScopedQueueFilter,
    sort: QueueSort,
    after: Option<(Time, CommentId)>,
    limit: i64,
) -> Result<Vec<QueueText>> {
    let said = (
        comments::id,
        comments::created_at,
        comments::author_name,
        comments::body,
        articles::locale,
    );
    Ok(queue_page(which, sort, after, limit).select(said).load(conn)?)
}

/// The ids of a queue's comments, the oldest first.
pub fn queue_ids(conn: &mut Conn, which: &ScopedQueueFilter, limit: i64) -> Result<Vec<CommentId>> {
    let query = filtered_queue(which)
        .order((comments::created_at, comments::id))
        .limit(limit);
    Ok(query.select(comments::id).load(conn)?)
}

/// How many comments a queue has, counted up to one beyond [`limits::CAPPED_COUNT`], and since when the oldest waits.
pub fn count(conn: &mut Conn, which: &ScopedQueueFilter) -> Result<(usize, Option<Time>)> {
    let most = i64::try_from(limits::CAPPED_COUNT)
        .unwrap_or(i64::MAX)
        .saturating_add(1);
    let query = filtered_queue(which)
        .order((comments::created_at, comments::id))
        .limit(most);
    let times: Vec<Time> = query.select(comments::created_at).load(conn)?;
    Ok((times.len(), times.first().copied()))
}

/// The comment with what a moderator sees of its article.
///
/// # Errors
/// 404.
pub fn get_queued(conn: &mut Conn, id: CommentId) -> Result<QueuedComment> {
    Ok(comments::table
        .inner_join(articles::table)
        .filter(comments::id.eq(id))
        .select((Comment::as_select(), articles::title, articles::path))
        .first(conn)?)
}

/// As [`get_queued`], of several, the oldest first.
pub fn get_many_queued(conn: &mut Conn, ids: &[CommentId]) -> Result<Vec<QueuedComment>> {
    Ok(comments::table
        .inner_join(articles::table)
        .filter(comments::id.eq_any(ids.to_vec()))
        .order((comments::created_at, comments::id))
        .select((Comment::as_select(), articles::title, articles::path))
        .load(conn)?)
}
