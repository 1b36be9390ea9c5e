//! A person as a request knows them, what the house knows about them, and its end.

use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use super::erase;
use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::db::schema::{comment_reactions, comment_reports, comment_versions, comments};
use crate::base::error::Result;
use crate::base::ids::{ArticleId, CommentId};
use crate::base::limits;
use crate::comments::model::{Comment, CommentState};
use crate::comments::privacy::erase::ERASURE_BATCH;
use crate::site::takedowns::{self, Erasure, ErasureMode};

/// By what a request knows whose data it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DataSubject {
    /// A reader, by the digest of their token: comments, reactions and reports.
    Reader(String),
    /// Whoever has an e-mail address, by its hashes under every key: comments that were sent with it.
    Email(Vec<String>),
    /// The author of one comment, where it shows nothing else about them.
    Comment(CommentId),
}

impl DataSubject {
    /// The author of a comment: by their reader token, else by their e-mail address, else by this comment alone.
    pub fn author_of(comment: &Comment) -> Self {
        match (&comment.reader_digest, &comment.email_hash) {
            (Some(reader), _) => Self::Reader(reader.clone()),
            (None, Some(email)) => Self::Email(vec![email.clone()]),
            (None, None) => Self::Comment(comment.id),
        }
    }

    /// Some of the person's comments that are not erased, the newest first.
    pub fn comments(&self, conn: &mut Conn, limit: usize) -> Result<Vec<Comment>> {
        let there = comments::table
            .filter(comments::state.ne(CommentState::Erased))
            .order((comments::created_at.desc(), comments::id.desc()))
            .limit(i64::try_from(limit).unwrap_or(i64::MAX))
            .select(Comment::as_select())
            .into_boxed();
        let theirs = match self {
            Self::Reader(digest) => there.filter(comments::reader_digest.eq(digest.clone())),
            Self::Email(hashes) => there.filter(comments::email_hash.eq_any(hashes.clone())),
            Self::Comment(id) => there.filter(comments::id.eq(*id)),
        };
        Ok(theirs.load(conn)?)
    }

    /// How many comments they have that are not erased.
    pub fn count(&self, conn: &mut Conn) -> Result<i64> {
        let there = comments::table.filter(comments::state.ne(CommentState::Erased));
        let count = match self {
            Self::Reader(digest) => there
                .filter(comments::reader_digest.eq(digest))
                .count()
                .get_result(conn),
            Self::Email(hashes) => there
                .filter(comments::email_hash.eq_any(hashes.clone()))
                .count()
                .get_result(conn),
            Self::Comment(id) => there.filter(comments::id.eq(*id)).count().get_result(conn),
        };
        Ok(count?)
    }
}

/// What the house knows about somebody.
#[derive(Serialize, ToSchema)]
pub struct PersonalData {
    /// Their comments, the newest first; at most 2000.
    #[schema(max_items = 2000)]
    pub comments: Vec<PersonalComment>,
    /// Whether there are no others.
    pub is_complete: bool,
    /// Comments that they like; at most 2000.
    #[schema(max_items = 2000)]
    pub reactions: Vec<PersonalReaction>,
    /// Comments that they reported; at most 2000.
    #[schema(max_items = 2000)]
    pub reports: Vec<PersonalReport>,
}

/// A comment of the person.
#[derive(Serialize, ToSchema)]
pub struct PersonalComment {
    /// The comment's id.
    pub id: CommentId,
    /// The article's id.
    pub article_id: ArticleId,
    /// What it replies to.
    pub parent_id: Option<CommentId>,
    /// The name that was given with it.
    pub author_name: String,
    /// The comment as it was written.
    pub body: String,
    /// Whether the hash of an e-mail address is kept with it.
    pub has_email: bool,
    /// Whether the hash of a network is kept with it.
    pub has_network: bool,
    /// What it said before it was changed, the oldest first.
    #[schema(max_items = 100)]
    pub versions: Vec<PersonalVersion>,
    /// When it was written.
    pub created_at: Time,
    /// When it was changed last.
    pub edited_at: Option<Time>,
}

/// What a comment said before it was changed.
#[derive(Serialize, ToSchema, Queryable)]
pub struct PersonalVersion {
    /// The text.
    pub body: String,
    /// When it was written.
    pub written_at: Time,
}

/// A comment that the person likes.
#[derive(Serialize, ToSchema, Queryable)]
pub struct PersonalReaction {
    /// The comment's id.
    pub comment_id: CommentId,
    /// When they said so.
    pub at: Time,
}

/// A comment that the person reported.
#[derive(Serialize, ToSchema, Queryable)]
pub struct PersonalReport {
    /// The comment's id.
    pub comment_id: CommentId,
    /// Why, as a code.
    pub reason: String,
    /// Why, in words.
    pub note: Option<String>,
    /// When it was done.
    pub at: Time,
}

/// All that is known about somebody.
pub fn export(conn: &mut Conn, person: &DataSubject) -> Result<PersonalData> {
    let mut found = person.comments(conn, limits::EXPORTED_COMMENTS + 1)?;
    let is_complete = found.len() <= limits::EXPORTED_COMMENTS;
    found.truncate(limits::EXPORTED_COMMENTS);
    let mut comments = Vec::with_capacity(found.len());
    for comment in found {
        comments.push(personal(conn, comment)?);
    }
    let most = i64::try_from(limits::EXPORTED_COMMENTS).unwrap_or(i64::MAX);
    let (mut reactions, mut reports) = (Vec::new(), Vec::new());
    if let DataSubject::Reader(digest) = person {
        reactions = comment_reactions::table
            .filter(comment_reactions::reader_digest.eq(digest))
            .order(comment_reactions::at.desc())
            .limit(most)
            .select((comment_reactions::comment_id, comment_reactions::at))
            .load(conn)?;
        reports = comment_reports::table
            .filter(comment_reports::reader_digest.eq(digest))
            .order(comment_reports::at.desc())
            .limit(most)
            .select((
                comment_reports::comment_id,
                comment_reports::reason,
                comment_reports::note,
                comment_reports::at,
            ))
            .load(conn)?;
    }
    Ok(PersonalData {
        comments,
        is_complete,
        reactions,
        reports,
    })
}

fn personal(conn: &mut Conn, comment: Comment) -> Result<PersonalComment> {
    let versions = if comment.edited_at.is_none() {
        Vec::new()
    } else {
        comment_versions::table
            .filter(comment_versions::comment_id.eq(comment.id))
            .order(comment_versions::number)
            .limit(100)
            .select((comment_versions::body, comment_versions::written_at))
            .load(conn)?
    };
    Ok(PersonalComment {
        id: comment.id,
        article_id: comment.article_id,
        parent_id: comment.parent_id,
        author_name: comment.author_name,
        body: comment.body,
        has_email: comment.email_hash.is_some(),
        has_network: comment.network_hash.is_some(),
        versions,
        created_at: comment.created_at,
        edited_at: comment.edited_at,
    })
}

/// Erases some of what is known about somebody, and notes it in the ledger; returns how many comments, 0 when
/// nothing is left.
pub fn erase_batch(conn: &mut Conn, person: &DataSubject, mode: ErasureMode, now: Time) -> Result<usize> {
    let ids: Vec<CommentId> = person
        .comments(conn, ERASURE_BATCH)?
        .into_iter()
        .map(|comment| comment.id)
        .collect();
    let erased = erase::erase(conn, &ids, mode, now)?;
    for id in &ids {
        takedowns::insert_erasure(conn, &Erasure::of_comment(*id, mode, now))?;
    }
    if let DataSubject::Reader(digest) = person {
        erase::forget_reader(conn, digest)?;
        takedowns::insert_erasure(conn, &Erasure::of_reader(digest, mode, now))?;
    }
    Ok(erased)
}
