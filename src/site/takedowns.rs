//! The ledger of what was taken down for good: killed articles, deleted ones, and what people had erased about
//! themselves. It stays when these are gone. A restored backup is compared with it, so that what was taken down since
//! stays down.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::db::schema::{erasures, takedowns};
use crate::base::error::{Code, Error, Result};
use crate::base::ids::{ArticleId, CommentId, UserId};
use crate::base::secrets::sha256;
use crate::on_each;
use crate::site::paths::{self, PathKind};

crate::id_type! {
    /// The id of a line of the ledger.
    TakedownId
}

crate::word_type! {
    /// How a thing was taken down.
    TakedownKind {
        /// Killed: its paths say so for ever.
        Kill = "kill",
        /// Deleted from the trash.
        Purge = "purge",
    }
}

/// A line of the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Serialize, Deserialize)]
#[diesel(table_name = takedowns, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
pub struct Takedown {
    /// How.
    pub kind: TakedownKind,
    /// Which article.
    pub article_id: ArticleId,
    /// What readers find on the tombstone.
    pub notice: Option<String>,
    /// Why, for the desk.
    pub reason: Option<String>,
    /// When.
    pub at: Time,
    /// By whom.
    pub actor_id: Option<UserId>,
}

crate::word_type! {
    /// What was erased at somebody's request.
    ErasureSubject {
        /// A comment, by its id.
        Comment = "comment",
        /// What a reader did beside writing, by the digest of the digest of their token.
        Reader = "reader",
    }
}

crate::word_type! {
    /// What becomes of somebody's comments.
    ErasureMode {
        /// Text and author are erased; the place in the thread stays.
        Erase = "erase",
        /// The text stays, and nobody can tell who wrote it.
        Anonymise = "anonymise",
    }
}

/// A line of the ledger: what somebody had erased about themselves.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize, Deserialize)]
#[diesel(table_name = erasures, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
pub struct Erasure {
    /// What kind of thing.
    pub subject: ErasureSubject,
    /// Which one.
    pub subject_key: String,
    /// How.
    pub mode: ErasureMode,
    /// When.
    pub at: Time,
}

impl Erasure {
    /// The line on a comment.
    pub fn of_comment(id: CommentId, mode: ErasureMode, at: Time) -> Self {
        Self {
            subject: ErasureSubject::Comment,
            subject_key: id.to_string(),
            mode,
            at,
        }
    }

    /// The line on a reader, by the digest of their token.
    pub fn of_reader(digest: &str, mode: ErasureMode, at: Time) -> Self {
        Self {
            subject: ErasureSubject::Reader,
            subject_key: reader_key(digest),
            mode,
            at,
        }
    }
}

/// The key of a reader in the ledger: a hash that is stored nowhere else, so that it identifies nobody.
pub fn reader_key(digest: &str) -> String {
    sha256(digest.as_bytes())
}

/// A line of the ledger as a file holds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum LedgerLine {
    /// An article that was taken down.
    Takedown(Takedown),
    /// What somebody had erased.
    Erasure(Erasure),
}

/// What is left of a killed article, for the desk.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Tombstone {
    /// When it was killed.
    pub killed_at: Time,
    /// By whom.
    pub killed_by: Option<UserId>,
    /// What readers are told.
    pub notice: Option<String>,
    /// Why it was killed.
    pub reason: Option<String>,
}

/// Adds a line; one that is there already stays as it is.
pub fn insert(conn: &mut Conn, takedown: &Takedown) -> Result<()> {
    on_each!(conn, c => diesel::insert_into(takedowns::table)
        .values((
            takedowns::id.eq(TakedownId::new()),
            takedowns::kind.eq(takedown.kind),
            takedowns::article_id.eq(takedown.article_id),
            takedowns::notice.eq(&takedown.notice),
            takedowns::reason.eq(&takedown.reason),
            takedowns::at.eq(takedown.at),
            takedowns::actor_id.eq(takedown.actor_id),
        ))
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(())
}

/// The line that says an article was killed.
pub fn find_kill(conn: &mut Conn, id: ArticleId) -> Result<Option<Takedown>> {
    Ok(takedowns::table
        .filter(takedowns::article_id.eq(id))
        .filter(takedowns::kind.eq(TakedownKind::Kill))
        .select(Takedown::as_select())
        .first(conn)
        .optional()?)
}

/// What is left of a killed article.
pub fn tombstone(conn: &mut Conn, id: ArticleId) -> Result<Option<Tombstone>> {
    let tombstone = |takedown: Takedown| Tombstone {
        killed_at: takedown.at,
        killed_by: takedown.actor_id,
        notice: takedown.notice,
        reason: takedown.reason,
    };
    Ok(find_kill(conn, id)?.map(tombstone))
}

/// The whole ledger, the oldest first.
pub fn list(conn: &mut Conn) -> Result<Vec<Takedown>> {
    Ok(takedowns::table
        .order((takedowns::at, takedowns::id))
        .select(Takedown::as_select())
        .load(conn)?)
}

/// Adds a line on what somebody had erased; one that is there already stays as it is.
pub fn insert_erasure(conn: &mut Conn, erasure: &Erasure) -> Result<()> {
    on_each!(conn, c => diesel::insert_into(erasures::table)
        .values(erasure)
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(())
}

/// Everything that people had erased about themselves, the oldest first.
pub fn erasures(conn: &mut Conn) -> Result<Vec<Erasure>> {
    Ok(erasures::table
        .order((erasures::at, erasures::subject, erasures::subject_key))
        .select(Erasure::as_select())
        .load(conn)?)
}

/// The whole ledger as a file holds it.
pub fn ledger(conn: &mut Conn) -> Result<Vec<LedgerLine>> {
    let articles = list(conn)?.into_iter().map(LedgerLine::Takedown);
    let people = erasures(conn)?.into_iter().map(LedgerLine::Erasure);
    Ok(articles.chain(people).collect())
}

/// Adds a line of a file; one that is there already stays as it is.
pub fn insert_line(conn: &mut Conn, line: &LedgerLine) -> Result<()> {
    match line {
        LedgerLine::Takedown(takedown) => insert(conn, takedown),
        LedgerLine::Erasure(erasure) => insert_erasure(conn, erasure),
    }
}

/// What a reader gets for an article that is not live: 410 with the tombstone where it was public and was killed, else
/// 404.
pub fn not_live_error(conn: &mut Conn, id: ArticleId) -> Error {
    let was_public = paths::is_gone(conn, PathKind::Article, id.as_str());
    match was_public.and_then(|gone| if gone { find_kill(conn, id) } else { Ok(None) }) {
        Ok(Some(takedown)) => gone(Some(&takedown)),
        Ok(None) => Error::not_found(),
        Err(error) => error,
    }
}

/// 410, with what the tombstone says.
pub fn gone(takedown: Option<&Takedown>) -> Error {
    let problem = Error::new(Code::Gone);
    match takedown {
        Some(takedown) => problem
            .extra("killed_at", takedown.at.to_string())
            .extra("notice", takedown.notice.clone()),
        None => problem,
    }
}
