//! What a note is.

use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use super::NoteId;
use crate::base::clock::Time;
use crate::base::db::schema::article_notes;
use crate::base::ids::{ArticleId, UserId};
use crate::body::blocks::{Block, BlockId};

/// A note's row.
#[derive(Clone, Debug, PartialEq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = article_notes, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite), treat_none_as_null = true)]
pub struct Note {
    /// The note's id.
    pub id: NoteId,
    /// The article that it is about.
    pub article_id: ArticleId,
    /// The block that it is about; null for the whole article.
    pub block_id: Option<String>,
    /// What it says.
    pub body: String,
    /// Who wrote it; null where it was imported.
    pub author_id: Option<UserId>,
    /// Counts changes.
    pub version: i64,
    /// When it was written.
    pub created_at: Time,
    /// When what it says was changed last.
    pub updated_at: Time,
    /// When it was resolved; null while it is open.
    pub resolved_at: Option<Time>,
    /// By whom.
    pub resolved_by: Option<UserId>,
}

/// A note on an article.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ArticleNote {
    /// The note's id.
    pub id: NoteId,
    /// The article that it is about.
    pub article_id: ArticleId,
    /// The block that it is about; null for the whole article.
    pub block_id: Option<BlockId>,
    /// Whether its block is not in the working copy any more.
    pub is_orphaned: bool,
    /// What it says: plain text.
    #[schema(max_length = 1000)]
    pub body: String,
    /// Who wrote it; null where it was imported.
    pub author_id: Option<UserId>,
    /// Their name.
    pub author_name: Option<String>,
    /// Counts changes; the ETag is made of it.
    pub version: i64,
    /// When it was written.
    pub created_at: Time,
    /// When what it says was changed last.
    pub updated_at: Time,
    /// When it was resolved; null while it is open.
    pub resolved_at: Option<Time>,
    /// By whom.
    pub resolved_by: Option<UserId>,
    /// Their name.
    pub resolved_by_name: Option<String>,
}

impl ArticleNote {
    /// The view of a note beside the blocks of the working copy.
    pub fn new(note: Note, author_name: Option<String>, resolved_by_name: Option<String>, blocks: &[Block]) -> Self {
        let block_id = note.block_id.as_deref().and_then(BlockId::parse);
        let is_there = |id: &BlockId| blocks.iter().any(|block| block.id() == id);
        Self {
            id: note.id,
            article_id: note.article_id,
            is_orphaned: block_id.as_ref().is_some_and(|id| !is_there(id)),
            block_id,
            body: note.body,
            author_id: note.author_id,
            author_name,
            version: note.version,
            created_at: note.created_at,
            updated_at: note.updated_at,
            resolved_at: note.resolved_at,
            resolved_by: note.resolved_by,
            resolved_by_name,
        }
    }
}
