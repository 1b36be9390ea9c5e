//! What stands around a comment: its thread, reports on it, what it said before, what else its author wrote.

use diesel::prelude::*;

use super::queue::{AuthorKeys, ModerationQuery, QueuedComment};
use crate::access::auth::GrantScope;
use crate::articles::scope::covered_by;
use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::db::schema::{articles, comment_reports, comment_versions, comments};
use crate::base::error::Result;
use crate::base::ids::CommentId;
use crate::comments::model::{Comment, CommentState};

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
