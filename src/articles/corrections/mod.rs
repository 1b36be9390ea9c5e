//! Notices to readers about an article after it was published: corrections, clarifications, updates, editor's notes,
//! retractions. The workflow writes them ([`store`]), they are pressed into the public article, and listed for the
//! whole site ([`crate::delivery::corrections`]).

pub mod store;

use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use crate::base::clock::Time;
use crate::base::db::schema::corrections;

crate::id_type! {
    /// A correction's id.
    CorrectionId
}

crate::word_type! {
    /// What kind of notice readers find on an article.
    CorrectionKind {
        /// Something was wrong.
        Correction = "correction",
        /// Something could be misunderstood.
        Clarification = "clarification",
        /// Something is new.
        Update = "update",
        /// The desk explains itself.
        EditorsNote = "editors_note",
        /// The article is withdrawn, or was.
        Retraction = "retraction",
    }
}

crate::word_type! {
    /// What kind of notice a correction publishes.
    NoticeKind {
        /// Something was wrong.
        Correction = "correction",
        /// Something could be misunderstood.
        Clarification = "clarification",
        /// Something is new.
        Update = "update",
        /// The desk explains itself.
        EditorsNote = "editors_note",
    }
}

impl From<NoticeKind> for CorrectionKind {
    fn from(kind: NoticeKind) -> Self {
        match kind {
            NoticeKind::Correction => Self::Correction,
            NoticeKind::Clarification => Self::Clarification,
            NoticeKind::Update => Self::Update,
            NoticeKind::EditorsNote => Self::EditorsNote,
        }
    }
}

/// A notice that readers find on an article.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = corrections, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
pub struct Correction {
    /// The notice's id.
    pub id: CorrectionId,
    /// What kind of notice it is.
    pub kind: CorrectionKind,
    /// What it says.
    pub text: String,
    /// When it was published.
    pub at: Time,
}

/// That an article is withdrawn, and what readers are told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Retraction {
    /// What readers are told.
    pub notice: String,
    /// When it was withdrawn.
    pub at: Time,
}
