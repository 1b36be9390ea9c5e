//! What search knows about an article.

use std::sync::Arc;

use super::model::{Article, Content};
use crate::body::blocks;
use crate::search::stem::SearchLanguage;
use crate::search::store::DeskEntry;
use crate::search::texts::SearchTexts;

impl Content {
    /// Its texts, as search takes them.
    pub fn texts(&self) -> SearchTexts {
        SearchTexts::new(
            self.title.clone(),
            self.kicker.clone(),
            self.standfirst.clone(),
            blocks::plain_text(&self.blocks),
        )
    }
}

/// A working copy, as the desk finds it.
pub fn desk_entry(article: &Article, content: &Content) -> DeskEntry {
    let entry = content.texts().entry(SearchLanguage::of(&article.locale));
    DeskEntry::new(article.id, article.edited_at, Arc::new(entry))
}
