//! Statements of the moderators' desk: queues, claims, decisions, the log.

use diesel::dsl::{exists, sql};
use diesel::helper_types::{InnerJoin, IntoBoxed};
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::model::{self, ClaimedBy, HoldReason, ModerationAction, ModerationLogEntry, ModerationQueue, QueueSort};
use crate::access::auth::GrantScope;
use crate::articles::scope::{covered_by, is_in_one_of};
use crate::base::clock::Time;
use crate::base::db::dialect::{AdvisoryLock, take_advisory_lock};
use crate::base::db::schema::{
    articles, comment_claims, comment_holds, comment_reports, comment_versions, comments, moderation_log, users,
};
use crate::base::db::{Conn, outdate};
use crate::base::error::Result;
use crate::base::ids::{ArticleId, CommentId, SectionId, UserId};
use crate::base::limits;
use crate::base::surrogate_key::SurrogateKey;
use crate::comments::model::{Comment, CommentState, Decision};
use crate::comments::spam::store as spam;
use crate::comments::store::{is_in_state, refresh_thread_visibility, settle_reports};
use crate::{insert_many, on_each};

crate::id_type! {
    /// The id of an entry of the moderation log.
    LogEntryId
}

/// By what the comments of one author are known.
#[derive(Clone, Debug)]
pub struct AuthorKeys {
    comment: CommentId,
    reader: Option<String>,
    email: Option<String>,
    account: Option<UserId>,
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
type ModerationQuery<'q> = IntoBoxed<'q, InnerJoin<comments::table, articles::table>, Backend>;

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

/// A card that is held: the comment, by whom, their name, until when.
pub type ClaimRow = (CommentId, UserId, String, Time);

/// Who holds which of these at this moment.
pub fn claims_of(conn: &mut Conn, ids: &[CommentId], now: Time) -> Result<Vec<ClaimRow>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(comment_claims::table
        .inner_join(users::table.on(users::id.eq(comment_claims::user_id)))
        .filter(comment_claims::comment_id.eq_any(ids.to_vec()))
        .filter(comment_claims::until.gt(now))
        .select((
            comment_claims::comment_id,
            comment_claims::user_id,
            users::name,
            comment_claims::until,
        ))
        .load(conn)?)
}

/// Hands the moderator the next cards and notes until when they hold them: those that they hold already, then those
/// that nobody holds. Only one transaction at a time hands out cards.
pub fn claim(conn: &mut Conn, which: &ScopedQueueFilter, limit: i64, until: Time) -> Result<Vec<CommentId>> {
    take_advisory_lock(conn, AdvisoryLock::Claims)?;
    diesel::delete(comment_claims::table.filter(comment_claims::until.le(which.now))).execute(conn)?;
    let of = |claimed| ScopedQueueFilter {
        claimed: Some(claimed),
        ..which.clone()
    };
    let mut ids = queue_ids(conn, &of(ClaimedBy::Mine), limit)?;
    let free = limit - i64::try_from(ids.len()).unwrap_or(limit);
    if free > 0 {
        ids.extend(queue_ids(conn, &of(ClaimedBy::Nobody), free)?);
    }
    if ids.is_empty() {
        return Ok(ids);
    }
    diesel::delete(comment_claims::table.filter(comment_claims::comment_id.eq_any(ids.clone()))).execute(conn)?;
    let row = |id: &CommentId| {
        (
            comment_claims::comment_id.eq(*id),
            comment_claims::user_id.eq(which.moderator),
            comment_claims::until.eq(until),
        )
    };
    insert_many!(conn, comment_claims::table, ids.iter().map(row))?;
    Ok(ids)
}

/// Gives back the cards that the moderator holds: these, or all; returns how many.
pub fn release(conn: &mut Conn, moderator: UserId, ids: Option<&[CommentId]>) -> Result<usize> {
    let mine = comment_claims::table.filter(comment_claims::user_id.eq(moderator));
    Ok(match ids {
        None => diesel::delete(mine).execute(conn)?,
        Some(ids) => diesel::delete(mine.filter(comment_claims::comment_id.eq_any(ids.to_vec()))).execute(conn)?,
    })
}

/// An entry of the moderation log.
pub struct NewModerationLogEntry<'e> {
    /// Who decided; `None` where it was the house.
    pub moderator: Option<UserId>,
    /// What was decided.
    pub action: ModerationAction,
    /// Why it was decided, as a code.
    pub reason: Option<&'e str>,
    /// Why, in words.
    pub note: Option<&'e str>,
    /// When it was decided.
    pub at: Time,
}

fn note(conn: &mut Conn, comment: &Comment, to: CommentState, entry: &NewModerationLogEntry<'_>) -> Result<()> {
    diesel::insert_into(moderation_log::table)
        .values((
            moderation_log::id.eq(LogEntryId::new()),
            moderation_log::comment_id.eq(comment.id),
            moderation_log::article_id.eq(comment.article_id),
            moderation_log::moderator_id.eq(entry.moderator),
            moderation_log::action.eq(entry.action),
            moderation_log::from_state.eq(comment.state),
            moderation_log::to_state.eq(to),
            moderation_log::reason.eq(entry.reason),
            moderation_log::note.eq(entry.note),
            moderation_log::at.eq(entry.at),
        ))
        .execute(conn)?;
    Ok(())
}

/// Rows that one statement adds at most.
const ROWS_PER_INSERT: usize = 500;

/// Notes that the house decided on those of these comments, written as they are, that say when.
pub fn note_settled(conn: &mut Conn, settled: &[Comment]) -> Result<()> {
    let decided: Vec<_> = settled
        .iter()
        .filter_map(|comment| {
            let action = match comment.state {
                CommentState::Approved => ModerationAction::Approve,
                CommentState::Rejected => ModerationAction::Reject,
                CommentState::Spam => ModerationAction::Spam,
                _ => return None,
            };
            Some((
                moderation_log::id.eq(LogEntryId::new()),
                moderation_log::comment_id.eq(comment.id),
                moderation_log::article_id.eq(comment.article_id),
                moderation_log::action.eq(action),
                moderation_log::from_state.eq(CommentState::Pending),
                moderation_log::to_state.eq(comment.state),
                moderation_log::at.eq(comment.decided_at?),
            ))
        })
        .collect();
    for rows in decided.chunks(ROWS_PER_INSERT) {
        on_each!(conn, c => diesel::insert_into(moderation_log::table).values(rows).execute(c))?;
    }
    Ok(())
}

/// Writes a decision: the state, the log, what the thread shows, the article's count. It settles the reports, and
/// whoever held the card holds it no more; what is not shown is neither featured nor pinned. The caller holds the
/// thread's lock.
pub fn decide(conn: &mut Conn, comment: &Comment, to: CommentState, entry: &NewModerationLogEntry<'_>) -> Result<()> {
    settle_reports(conn, comment.id, entry.at)?;
    change_state(conn, comment, to, 0, entry)
}

/// As [`decide`], by the house: its rules, not a moderator. Reports stay open until a moderator has decided.
pub fn decide_by_rule(conn: &mut Conn, comment: &Comment, decision: Decision, reason: &str, now: Time) -> Result<()> {
    let entry = NewModerationLogEntry {
        moderator: None,
        action: decision.into(),
        reason: Some(reason),
        note: None,
        at: now,
    };
    change_state(conn, comment, decision.resulting_state(), comment.report_count, &entry)
}

/// Takes back the decision that was made at `decided_at`: the comment gets its state from before, and the reports that
/// the decision settled are open again. The caller holds the thread's lock.
pub fn undo(
    conn: &mut Conn,
    comment: &Comment,
    to: CommentState,
    decided_at: Time,
    entry: &NewModerationLogEntry<'_>,
) -> Result<()> {
    let of_comment = || comment_reports::table.filter(comment_reports::comment_id.eq(comment.id));
    diesel::update(of_comment().filter(comment_reports::settled_at.eq(decided_at)))
        .set(comment_reports::settled_at.eq(None::<Time>))
        .execute(conn)?;
    let open: i64 = of_comment()
        .filter(comment_reports::settled_at.is_null())
        .count()
        .get_result(conn)?;
    change_state(conn, comment, to, open, entry)
}

fn change_state(
    conn: &mut Conn,
    comment: &Comment,
    to: CommentState,
    reports: i64,
    entry: &NewModerationLogEntry<'_>,
) -> Result<()> {
    let unmarked = (
        comments::featured_at.eq(None::<Time>),
        comments::pinned_at.eq(None::<Time>),
    );
    diesel::update(comments::table.find(comment.id))
        .set((
            comments::state.eq(to),
            comments::decided_at.eq(entry.at),
            comments::decided_by.eq(entry.moderator),
            comments::report_count.eq(reports),
            (to != CommentState::Approved).then_some(unmarked),
        ))
        .execute(conn)?;
    note(conn, comment, to, entry)?;
    diesel::delete(comment_claims::table.find(comment.id)).execute(conn)?;
    refresh_thread_visibility(
        conn,
        comment.article_id,
        comment.root_id,
        Some((comment.id, comment.state)),
    )?;
    spam::relearn(conn, comment, to, entry.moderator)?;
    Ok(())
}

/// A mark that sets a comment apart from the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommentMark {
    /// Shown as one of the best.
    Featured,
    /// Above the others.
    Pinned,
}

impl CommentMark {
    /// Since when a comment has it.
    pub fn since(self, comment: &Comment) -> Option<Time> {
        match self {
            Self::Featured => comment.featured_at,
            Self::Pinned => comment.pinned_at,
        }
    }
}

/// Gives a comment a mark, or takes it away, and notes it.
pub fn mark(
    conn: &mut Conn,
    comment: &Comment,
    mark: CommentMark,
    since: Option<Time>,
    entry: &NewModerationLogEntry<'_>,
) -> Result<()> {
    outdate([SurrogateKey::Comments(comment.article_id)]);
    let row = diesel::update(comments::table.find(comment.id));
    match mark {
        CommentMark::Featured => row.set(comments::featured_at.eq(since)).execute(conn)?,
        CommentMark::Pinned => row.set(comments::pinned_at.eq(since)).execute(conn)?,
    };
    note(conn, comment, comment.state, entry)?;
    Ok(())
}

/// Entries of one comment's log that are looked at for the last decision.
const MAX_LOG_ENTRIES: i64 = 1_000;

/// The last decision on a comment that was not taken back: the state before, the state after, when.
pub fn last_decision(conn: &mut Conn, id: CommentId) -> Result<Option<(CommentState, CommentState, Time)>> {
    type DecisionRow = (ModerationAction, CommentState, CommentState, Time);
    // Ordered by id: ids are made under the lock, times before it.
    let rows: Vec<DecisionRow> = moderation_log::table
        .filter(moderation_log::comment_id.eq(id))
        .order(moderation_log::id.desc())
        .limit(MAX_LOG_ENTRIES)
        .select((
            moderation_log::action,
            moderation_log::from_state,
            moderation_log::to_state,
            moderation_log::at,
        ))
        .load(conn)?;
    let steps: Vec<model::LoggedAction> = rows.iter().map(|(action, from, to, _)| (*action, *from, *to)).collect();
    let last = model::last_valid_decision(&steps).and_then(|index| rows.get(index));
    Ok(last.map(|(_, from, to, at)| (*from, *to, *at)))
}

/// Everything done with a comment, oldest first.
pub fn log_of(conn: &mut Conn, id: CommentId) -> Result<Vec<ModerationLogEntry>> {
    Ok(moderation_log::table
        .left_join(users::table.on(users::id.nullable().eq(moderation_log::moderator_id)))
        .filter(moderation_log::comment_id.eq(id))
        .order((moderation_log::at, moderation_log::id))
        .limit(MAX_LOG_ENTRIES)
        .select((
            moderation_log::moderator_id,
            users::name.nullable(),
            moderation_log::action,
            moderation_log::from_state,
            moderation_log::to_state,
            moderation_log::reason,
            moderation_log::note,
            moderation_log::at,
        ))
        .load(conn)?)
}

/// How often something was done for a reason: what, why, how often.
pub type ModerationLogCount = (ModerationAction, Option<String>, i64);

/// What was done from one moment to before another, counted.
pub fn log_counts(conn: &mut Conn, from: Time, before: Time) -> Result<Vec<ModerationLogCount>> {
    Ok(moderation_log::table
        .filter(moderation_log::at.ge(from))
        .filter(moderation_log::at.lt(before))
        .group_by((moderation_log::action, moderation_log::reason))
        .select((
            moderation_log::action,
            moderation_log::reason,
            diesel::dsl::count_star(),
        ))
        .load(conn)?)
}

/// The thread around a comment, oldest first; at most 100.
pub fn thread(conn: &mut Conn, root: CommentId) -> Result<Vec<Comment>> {
    let thread = comments::table
        .filter(comments::root_id.eq(root))
        .order((comments::created_at, comments::id));
    Ok(thread.limit(100).select(Comment::as_select()).load(conn)?)
}

/// A report without who reported: why, in words, when, when it was settled.
pub type ReportRow = (String, Option<String>, Time, Option<Time>);

/// The reports on a comment, the newest first; at most 100.
pub fn reports_of(conn: &mut Conn, id: CommentId) -> Result<Vec<ReportRow>> {
    Ok(comment_reports::table
        .filter(comment_reports::comment_id.eq(id))
        .order((comment_reports::at.desc(), comment_reports::id.desc()))
        .limit(100)
        .select((
            comment_reports::reason,
            comment_reports::note,
            comment_reports::at,
            comment_reports::settled_at,
        ))
        .load(conn)?)
}

/// What a comment said before.
#[derive(Queryable, Selectable)]
#[diesel(table_name = comment_versions, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
pub struct CommentVersionRow {
    /// Its number: 1, 2, 3…
    pub number: i32,
    /// The text.
    pub body: String,
    /// The state that it had.
    pub state: CommentState,
    /// What the phases said, as JSON.
    pub verdicts: String,
    /// When it was written.
    pub written_at: Time,
}

/// What a comment said before its author changed it, the newest first; at most 50.
pub fn versions_of(conn: &mut Conn, id: CommentId) -> Result<Vec<CommentVersionRow>> {
    Ok(comment_versions::table
        .filter(comment_versions::comment_id.eq(id))
        .order(comment_versions::number.desc())
        .limit(50)
        .select(CommentVersionRow::as_select())
        .load(conn)?)
}

/// The comments of one author, as a diesel query.
fn comments_of_author<'q>(author: &AuthorKeys, scopes: Option<&[GrantScope]>) -> ModerationQuery<'q> {
    let by_reader = comments::reader_digest.eq(author.reader.clone());
    let by_email = comments::email_hash.eq(author.email.clone());
    let by_account = comments::user_id.eq(author.account);
    let is_same_comment = comments::id.eq(author.comment).nullable();
    let mut query = comments::table.inner_join(articles::table).into_boxed();
    query = query.filter(by_reader.or(by_email).or(by_account).or(is_same_comment));
    if let Some(scopes) = scopes {
        query = query.filter(covered_by(scopes));
    }
    query
}

/// How many comments an author wrote since a moment, by state, on articles that one of `scopes` covers.
pub fn author_counts(
    conn: &mut Conn,
    author: &AuthorKeys,
    scopes: Option<&[GrantScope]>,
    since: Time,
) -> Result<Vec<(CommentState, i64)>> {
    let mut counts = Vec::new();
    for state in CommentState::ALL {
        let of_state = comments_of_author(author, scopes)
            .filter(comments::created_at.ge(since))
            .filter(comments::state.eq(*state));
        counts.push((*state, of_state.count().get_result(conn)?));
    }
    Ok(counts)
}

/// The newest comments of an author, on articles that one of `scopes` covers.
pub fn author_recent(
    conn: &mut Conn,
    author: &AuthorKeys,
    scopes: Option<&[GrantScope]>,
    limit: i64,
) -> Result<Vec<QueuedComment>> {
    Ok(comments_of_author(author, scopes)
        .order((comments::created_at.desc(), comments::id.desc()))
        .limit(limit)
        .select((Comment::as_select(), articles::title, articles::path))
        .load(conn)?)
}
