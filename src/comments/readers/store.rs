//! Statements on what readers do with comments: likes, reports, changes of their own.

use diesel::prelude::*;

use super::reports::ReportReason;
use crate::base::clock::Time;
use crate::base::db::schema::{comment_reactions, comment_reports, comment_versions, comments};
use crate::base::db::{Conn, kept, outdate};
use crate::base::error::Result;
use crate::base::ids::CommentId;
use crate::base::surrogate_key::SurrogateKey;
use crate::comments::announcing;
use crate::comments::model::{Comment, CommentState};
use crate::comments::readers::ReportId;
use crate::comments::spam::store as spam;
use crate::comments::store::{
    forget_holds, outdate_comments, refresh_thread_visibility, replace_holds, settle_reports,
};
use crate::on_each;

/// Likes of one comment from one network that count in a day.
const COUNTED_FROM_A_NETWORK: i64 = 5;
/// For this long it is known that likes came from one network.
const NETWORK_KEPT_SECONDS: i64 = 24 * 3600;

/// Adds a reader's like, once. Beyond a few from one network in a day it is kept, and not counted.
pub fn add_reaction(conn: &mut Conn, comment: CommentId, reader: &str, network_hash: &str, now: Time) -> Result<()> {
    let of_network = comment_reactions::table
        .filter(comment_reactions::comment_id.eq(comment))
        .filter(comment_reactions::network_hash.eq(network_hash));
    let before: i64 = of_network.count().get_result(conn)?;
    let is_counted = before < COUNTED_FROM_A_NETWORK;
    let added = on_each!(conn, c => diesel::insert_into(comment_reactions::table)
        .values((
            comment_reactions::comment_id.eq(comment),
            comment_reactions::reader_digest.eq(reader),
            comment_reactions::at.eq(now),
            comment_reactions::network_hash.eq(network_hash),
            comment_reactions::is_counted.eq(is_counted),
        ))
        .on_conflict_do_nothing()
        .execute(c))?;
    count_reactions(conn, comment, i64::from(added > 0 && is_counted))
}

/// Takes a reader's like back, where there is one.
pub fn remove_reaction(conn: &mut Conn, comment: CommentId, reader: &str) -> Result<()> {
    let reaction = comment_reactions::table.find((comment, reader));
    let was_counted: Option<bool> = reaction.select(comment_reactions::is_counted).first(conn).optional()?;
    diesel::delete(reaction).execute(conn)?;
    count_reactions(conn, comment, -i64::from(was_counted == Some(true)))
}

/// Forgets from which networks likes came, once that decides nothing any more.
pub fn forget_networks_of_reactions(conn: &mut Conn, now: Time) -> Result<()> {
    let known = comment_reactions::table
        .filter(comment_reactions::network_hash.is_not_null())
        .filter(comment_reactions::at.lt(now.plus_seconds(-NETWORK_KEPT_SECONDS)));
    diesel::update(known)
        .set(comment_reactions::network_hash.eq(None::<String>))
        .execute(conn)?;
    Ok(())
}

fn count_reactions(conn: &mut Conn, comment: CommentId, difference: i64) -> Result<()> {
    if difference == 0 {
        return Ok(());
    }
    let counted = comments::reaction_count.eq(comments::reaction_count + difference);
    kept(diesel::update(comments::table.find(comment)).set(counted)).execute(conn)?;
    outdate_comments(conn, &[comment])
}

/// A reader's report.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = comment_reports, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
pub struct ReaderReport {
    /// The report's id.
    pub id: ReportId,
    /// What was reported.
    pub comment_id: CommentId,
    /// The digest of the reader's token.
    pub reader_digest: String,
    /// Why.
    pub reason: ReportReason,
    /// Why, in words; for moderators.
    pub note: Option<String>,
    /// When.
    pub at: Time,
    /// When a moderator decided.
    pub settled_at: Option<Time>,
    /// The network that it came from, as a keyed hash; forgotten after a month.
    pub network_hash: Option<String>,
    /// The number of the key of that hash.
    pub hash_key: Option<i32>,
}

/// The report that a reader has already made of a comment.
pub fn find_report(conn: &mut Conn, comment: CommentId, reader: &str) -> Result<Option<ReaderReport>> {
    Ok(comment_reports::table
        .filter(comment_reports::comment_id.eq(comment))
        .filter(comment_reports::reader_digest.eq(reader))
        .select(ReaderReport::as_select())
        .first(conn)
        .optional()?)
}

/// The moments of a reader's reports after `since`, oldest first.
pub fn reports_since(conn: &mut Conn, reader: &str, since: Time) -> Result<Vec<Time>> {
    Ok(comment_reports::table
        .filter(comment_reports::reader_digest.eq(reader))
        .filter(comment_reports::at.gt(since))
        .order(comment_reports::at)
        .select(comment_reports::at)
        .load(conn)?)
}

/// Adds a report; returns how many there are now since a moderator decided last.
pub fn insert_report(conn: &mut Conn, report: &ReaderReport) -> Result<i64> {
    diesel::insert_into(comment_reports::table)
        .values(report)
        .execute(conn)?;
    diesel::update(comments::table.find(report.comment_id))
        .set(comments::report_count.eq(comments::report_count + 1))
        .execute(conn)?;
    let count = comments::table.find(report.comment_id).select(comments::report_count);
    Ok(count.first(conn)?)
}

/// From how many networks a comment was reported since a moderator decided last, counted up to `most`. Networks that
/// are not known any more count as one; `same` are the hashes of one network under several keys.
pub fn reporting_networks(conn: &mut Conn, comment: CommentId, same: &[String], most: i64) -> Result<i64> {
    let networks: Vec<Option<String>> = comment_reports::table
        .filter(comment_reports::comment_id.eq(comment))
        .filter(comment_reports::settled_at.is_null())
        .select(comment_reports::network_hash)
        .distinct()
        .limit(most.saturating_add(i64::try_from(same.len()).unwrap_or(0)))
        .load(conn)?;
    let is_same = |network: &Option<String>| network.as_ref().is_some_and(|hash| same.contains(hash));
    let (mine, others): (Vec<_>, Vec<_>) = networks.iter().partition(|network| is_same(network));
    let count = others.len() + usize::from(!mine.is_empty());
    Ok(i64::try_from(count).unwrap_or(i64::MAX))
}

/// Forgets the networks that these reports came from; returns how many there were.
pub fn forget_networks_of_reports(conn: &mut Conn, ids: &[ReportId]) -> Result<usize> {
    on_each!(conn, c => diesel::update(comment_reports::table.filter(comment_reports::id.eq_any(ids.to_vec())))
        .set((
            comment_reports::network_hash.eq(None::<String>),
            comment_reports::hash_key.eq(None::<i32>),
        ))
        .execute(c))?;
    Ok(ids.len())
}

/// How often its author has changed a comment.
pub fn edit_count(conn: &mut Conn, comment: CommentId) -> Result<i64> {
    let versions = comment_versions::table.filter(comment_versions::comment_id.eq(comment));
    Ok(versions.count().get_result(conn)?)
}

/// Keeps what a comment said until now, and writes what it says from now on. Its state stays.
pub fn replace_text(conn: &mut Conn, before: &Comment, after: &Comment) -> Result<()> {
    let number = i32::try_from(edit_count(conn, before.id)? + 1).unwrap_or(i32::MAX);
    diesel::insert_into(comment_versions::table)
        .values((
            comment_versions::comment_id.eq(before.id),
            comment_versions::number.eq(number),
            comment_versions::body.eq(&before.body),
            comment_versions::state.eq(before.state.as_str()),
            comment_versions::verdicts.eq(&before.verdicts),
            comment_versions::written_at.eq(before.edited_at.unwrap_or(before.created_at)),
        ))
        .execute(conn)?;
    outdate([SurrogateKey::Comments(before.article_id)]);
    // What a moderator decided was about the old text.
    spam::unlearn(conn, before)?;
    diesel::update(comments::table.find(after.id))
        .set((
            comments::decided_by.eq(after.decided_by),
            comments::body.eq(&after.body),
            comments::body_html.eq(&after.body_html),
            comments::body_digest.eq(&after.body_digest),
            comments::verdicts.eq(&after.verdicts),
            comments::spam_score.eq(after.spam_score),
            comments::edited_at.eq(after.edited_at),
        ))
        .execute(conn)?;
    replace_holds(conn, after)
}

/// Empties a comment that its author takes back or that is erased: its text, its author's name, what it said
/// before, what was found in it, who liked it. Its row stays, so that the thread keeps its shape.
pub fn empty(conn: &mut Conn, comment: &Comment, to: CommentState, now: Time) -> Result<()> {
    diesel::delete(comment_versions::table.filter(comment_versions::comment_id.eq(comment.id))).execute(conn)?;
    diesel::delete(comment_reactions::table.filter(comment_reactions::comment_id.eq(comment.id))).execute(conn)?;
    settle_reports(conn, comment.id, now)?;
    spam::unlearn(conn, comment)?;
    forget_holds(conn, &[comment.id])?;
    diesel::update(comments::table.find(comment.id))
        .set((
            comments::state.eq(to),
            comments::author_name.eq(""),
            comments::body.eq(""),
            comments::body_html.eq(None::<String>),
            comments::body_digest.eq(None::<String>),
            comments::verdicts.eq("[]"),
            comments::featured_at.eq(None::<Time>),
            comments::pinned_at.eq(None::<Time>),
            comments::reaction_count.eq(0),
            comments::report_count.eq(0),
        ))
        .execute(conn)?;
    refresh_thread_visibility(
        conn,
        comment.article_id,
        comment.root_id,
        Some((comment.id, comment.state)),
    )?;
    announcing::announce_state(conn, comment, to, now)
}
