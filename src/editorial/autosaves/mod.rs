//! Autosaves: what somebody typed and has not saved, one slot for each user and article.
//!
//! A client puts the whole form there every few seconds, with the version that it was typed on. An autosave does not
//! change the working copy, its version or its revisions, and only its author reads it; colleagues only see that there
//! is one. It goes when its author saves or deletes it, and after [`KEPT_DAYS`].

pub mod endpoints;
pub mod store;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::articles::model::Content;
use crate::base::clock::Time;
use crate::base::error::{Error, Result};
use crate::base::ids::UserId;

/// Slots are swept after this.
pub const KEPT_DAYS: i64 = 90;

/// What was typed: everything that a change of the working copy could change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AutosavedContent {
    /// What readers will see.
    pub content: Content,
    /// Not to be public before.
    pub embargo_until: Option<Time>,
    /// Who is working on it.
    pub assignee_id: Option<UserId>,
}

impl AutosavedContent {
    fn to_json(&self) -> Result<String> {
        serde_json::to_string(self).map_err(Error::internal)
    }

    fn from_json(json: &str) -> Result<Self> {
        serde_json::from_str(json).map_err(|error| Error::internal(format!("a stored autosave: {error}")))
    }
}

/// That somebody has typed what they have not saved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct UnsavedText {
    /// Who typed it.
    pub user_id: UserId,
    /// Their name.
    pub user_name: String,
    /// When it was put there last.
    pub saved_at: Time,
}
