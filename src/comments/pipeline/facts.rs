//! What the phases need to know of what was sent before: read inside the write, so that two that are sent at
//! once see each other.

use diesel::prelude::*;

use super::phases::{PER_NETWORK, PER_READER};
use crate::base::clock::Time;
use crate::base::db::schema::comments;
use crate::base::db::{Conn, among};
use crate::base::error::Result;
use crate::base::ids::{ArticleId, CommentId};
use crate::base::limits;
use crate::comments::identity::CommentAuthor;
use crate::comments::model::CommentState;
use crate::comments::pipeline::{PastComments, Repetition};

/// The seconds within which a network is counted.
const NETWORK_SECONDS: i64 = 600;
/// The seconds within which the same text is a repetition.
const REPEATED_SECONDS: i64 = 24 * 3_600;

/// What was sent before: by the author, from their network, and with the same text.
pub fn past_comments(
    conn: &mut Conn,
    author: &CommentAuthor,
    sent: &PastCommentsQuery<'_>,
    now: Time,
) -> Result<PastComments> {
    let mut past = PastComments {
        from_network: from_network(conn, author, now)?,
        repeated: repeated(conn, author, sent, now)?,
        ..PastComments::default()
    };
    if let Some(reader) = &author.reader {
        past.sent_at = sent_at(conn, reader, now)?;
        past.approved = comments::table
            .filter(comments::reader_digest.eq(reader))
            .filter(comments::state.eq(CommentState::Approved))
            .filter(comments::decided_by.is_not_null())
            .limit(1)
            .count()
            .get_result(conn)?;
    }
    (past.decided, past.rejected) = decided(conn, author, sent, now)?;
    Ok(past)
}

/// A comment that is sent.
#[derive(Clone, Copy)]
pub struct PastCommentsQuery<'s> {
    /// To which article.
    pub article: ArticleId,
    /// The comment that it replies to.
    pub parent: Option<CommentId>,
    /// The author's name.
    pub author_name: &'s str,
    /// The digest of what it says.
    pub digest: &'s str,
    /// The comment that is changed, which is not compared with itself.
    pub own: Option<CommentId>,
    /// Days of its author's history that count.
    pub history_days: i32,
}

fn sent_at(conn: &mut Conn, reader: &str, now: Time) -> Result<Vec<Time>> {
    let (longest, most) = PER_READER.iter().fold((0, 0), |(seconds, most), rule| {
        (rule.0.max(seconds), i64::try_from(rule.1).unwrap_or(i64::MAX).max(most))
    });
    Ok(comments::table
        .filter(comments::reader_digest.eq(reader))
        .filter(comments::created_at.gt(now.plus_seconds(-longest)))
        .order(comments::created_at.desc())
        .limit(most)
        .select(comments::created_at)
        .load(conn)?)
}

fn from_network(conn: &mut Conn, author: &CommentAuthor, now: Time) -> Result<i64> {
    if author.networks.is_empty() {
        return Ok(0);
    }
    // Capped: what lies beyond the limit need not be counted.
    let found: Vec<CommentId> = comments::table
        .filter(among(comments::network_hash, author.networks.clone()))
        .filter(comments::created_at.gt(now.plus_seconds(-NETWORK_SECONDS)))
        .limit(PER_NETWORK)
        .select(comments::id)
        .load(conn)?;
    Ok(i64::try_from(found.len()).unwrap_or(i64::MAX))
}

/// A comment that says the same.
#[derive(Queryable, Selectable)]
#[diesel(table_name = comments, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
struct RepeatedComment {
    id: CommentId,
    article_id: ArticleId,
    parent_id: Option<CommentId>,
    author_name: String,
    reader_digest: Option<String>,
    email_hash: Option<String>,
    network_hash: Option<String>,
}

fn repeated(conn: &mut Conn, author: &CommentAuthor, sent: &PastCommentsQuery<'_>, now: Time) -> Result<Repetition> {
    let rows: Vec<RepeatedComment> = comments::table
        .filter(comments::body_digest.eq(sent.digest))
        .filter(comments::created_at.gt(now.plus_seconds(-REPEATED_SECONDS)))
        .order(comments::created_at.desc())
        .limit(50)
        .select(RepeatedComment::as_select())
        .load(conn)?;
    let mut found = Repetition::No;
    for other in rows {
        if Some(other.id) == sent.own {
            continue;
        }
        let same_reader = other.reader_digest.is_some() && other.reader_digest == author.reader;
        let told_apart = other.reader_digest.is_some() && author.reader.is_some();
        let same_email = other.email_hash.is_some_and(|hash| author.emails.contains(&hash));
        let same_network = other.network_hash.is_some_and(|hash| author.networks.contains(&hash));
        let same_name = other.author_name == sent.author_name;
        let is_same = same_reader || same_email || (same_network && same_name && !told_apart);
        // Only at the same place: « Merci ! » to two people is no repetition.
        if is_same && other.article_id == sent.article && other.parent_id == sent.parent {
            return Ok(Repetition::Here);
        }
        found = Repetition::Elsewhere;
    }
    Ok(found)
}

/// How many comments of the author moderators decided on, and how many of these they rejected. An e-mail address proves
/// nothing about who sends it, so it may count against an author and never for them.
fn decided(conn: &mut Conn, author: &CommentAuthor, sent: &PastCommentsQuery<'_>, now: Time) -> Result<(i64, i64)> {
    type PastCommentRow = (CommentId, CommentState);
    let since = now.plus_seconds(-i64::from(sent.history_days) * 24 * 3_600);
    let mut rows: Vec<PastCommentRow> = Vec::new();
    if let Some(reader) = &author.reader {
        rows = comments::table
            .filter(comments::reader_digest.eq(reader))
            .filter(comments::created_at.gt(since))
            .filter(comments::decided_by.is_not_null())
            .order(comments::created_at.desc())
            .limit(i64::from(limits::HISTORY))
            .select((comments::id, comments::state))
            .load(conn)?;
    }
    if !author.emails.is_empty() {
        let others: Vec<PastCommentRow> = comments::table
            .filter(among(comments::email_hash, author.emails.clone()))
            .filter(comments::created_at.gt(since))
            .filter(comments::decided_by.is_not_null())
            .filter(among(comments::state, vec![CommentState::Rejected, CommentState::Spam]))
            .order(comments::created_at.desc())
            .limit(i64::from(limits::HISTORY))
            .select((comments::id, comments::state))
            .load(conn)?;
        rows.extend(others);
    }
    rows.sort_unstable();
    rows.dedup();
    rows.retain(|(id, _)| Some(*id) != sent.own);
    let is = |states: &[CommentState]| {
        let count = rows.iter().filter(|(_, state)| states.contains(state)).count();
        i64::try_from(count).unwrap_or(i64::MAX)
    };
    let rejected = is(&[CommentState::Rejected, CommentState::Spam]);
    Ok((rejected + is(&[CommentState::Approved]), rejected))
}
