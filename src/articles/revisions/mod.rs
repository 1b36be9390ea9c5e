//! Revisions: what an article was. Each change of a working copy writes one in its own transaction,
//! and so does each publish; none is ever changed.
//!
//! [`crate::editorial::revisions`] lists, reads and compares them and goes back to one; [`retention`] says which are
//! kept, [`thinning`] deletes the others, and [`packing`] makes them small. Those of a killed article are sealed.

pub mod packing;
pub mod retention;
pub mod store;
pub mod thinning;

pub use packing::PackedContent;
use serde::Serialize;
use utoipa::ToSchema;

use super::model::RevisionKind;
use crate::base::clock::Time;
use crate::base::ids::{FromSegment, UserId};

/// A revision's number within its article: 1, 2, 3…
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RevisionNumber(pub i32);

impl RevisionNumber {
    /// The number, if `text` is one.
    pub fn parse(text: &str) -> Option<Self> {
        let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse().ok().filter(|number| is_number && *number > 0).map(Self)
    }
}

impl FromSegment for RevisionNumber {
    fn from_segment(segment: &str) -> Option<Self> {
        Self::parse(segment)
    }
}

/// What an article was at some moment, without its content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RevisionInfo {
    /// Its number within the article.
    pub revision_number: i32,
    /// Why it was written.
    pub kind: RevisionKind,
    /// The version of the working copy that it holds; null where nobody wrote it down.
    pub version: Option<i64>,
    /// The revision whose content it took up again, where it was a revert.
    pub reverted_to: Option<i32>,
    /// Who wrote it; null where it was imported.
    pub author_id: Option<UserId>,
    /// Their name.
    pub author_name: Option<String>,
    /// What was said with it.
    pub note: Option<String>,
    /// When it was written.
    pub created_at: Time,
    /// Whether readers see it now.
    pub is_live: bool,
    /// Whether it is of a killed article.
    pub is_sealed: bool,
    /// Bytes of its content.
    pub size: i32,
}
