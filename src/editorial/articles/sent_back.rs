//! What a client sends back because it read it: members of an article that no change can set. They are passed over where
//! they say what is so, and refused where they do not: who sends another `state` wants something that will not happen.

use serde_json::{Map, Value};

use super::view::ArticleView;
use crate::articles::model::{Article, Content};
use crate::base::db::Conn;
use crate::base::error::{Error, FieldCode, FieldError, Result};
use crate::site::framed_desk::FramedContext;

/// What is so for the one who asks, at the moment of asking: it is never compared.
const OF_THE_ANSWER: [&str; 7] = [
    "allowed_actions",
    "autosaves",
    "cancelled_schedules",
    "lease",
    "merged_over",
    "open_note_count",
    "warnings",
];
/// What a change of somebody else moves, over which this one is merged.
const MOVED_BY_EDITS: [&str; 5] = ["edited_at", "edited_by", "has_unpublished_changes", "review", "version"];
/// What only actions change, or nothing.
const OF_THE_ARTICLE: [&str; 17] = [
    "corrected_at",
    "corrections",
    "created_at",
    "created_by",
    "first_published_at",
    "id",
    "live_revision_number",
    "locale",
    "path",
    "published_at",
    "published_by",
    "schedules",
    "state",
    "tombstone",
    "translation_key",
    "trashed_at",
    "updated_at",
];

/// The members of a body that cannot be changed, taken out of it.
#[derive(Clone, Debug)]
pub struct SentBack(Map<String, Value>);

impl SentBack {
    /// Takes them out of a body.
    pub fn take(body: &mut Value) -> Self {
        let Value::Object(members) = body else {
            return Self(Map::new());
        };
        OF_THE_ANSWER.iter().for_each(|name| drop(members.remove(*name)));
        let names = MOVED_BY_EDITS.iter().chain(&OF_THE_ARTICLE);
        Self(names.filter_map(|name| members.remove_entry(*name)).collect())
    }

    /// Checks that they say what is so. Where the change `is_merged`, its sender has seen an older version.
    ///
    /// # Errors
    /// 422 `read_only` at each that does not.
    pub fn check(
        &self,
        conn: &mut Conn,
        desk: &FramedContext<'_>,
        (article, content): (&Article, &Content),
        is_merged: bool,
    ) -> Result<()> {
        if self.0.is_empty() {
            return Ok(());
        }
        let (article, content) = (article.clone(), content.clone());
        let view = ArticleView::new(conn, desk.frame, desk.actor, article, content, desk.now)?;
        let stored = serde_json::to_value(view).map_err(Error::internal)?;
        let is_older = |name: &str| is_merged && MOVED_BY_EDITS.contains(&name);
        let wrong = self
            .0
            .iter()
            .filter(|(name, value)| !is_older(name) && stored[name.as_str()] != **value);
        let errors: Vec<FieldError> = wrong
            .map(|(name, _)| FieldError::new(format!("/{name}"), FieldCode::ReadOnly))
            .collect();
        if errors.is_empty() {
            return Ok(());
        }
        Err(Error::validation(errors))
    }
}
