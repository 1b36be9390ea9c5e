//! What search knows of an article.

use super::model::{Article, Content};
use crate::body::blocks;
use crate::search::analyse::Language;
use crate::search::store::DeskEntry;
use crate::search::texts::Texts;

impl Content {
    /// Its texts, as search takes them.
    pub fn texts(&self) -> Texts {
        Texts::new(
            self.title.clone(),
            self.kicker.clone(),
            self.standfirst.clone(),
            blocks::plain_text(&self.blocks),
        )
    }
}

/// A working copy, as the desk finds it.
pub fn desk_entry(article: &Article, content: &Content) -> DeskEntry {
    let entry = content.texts().entry(Language::of(&article.locale));
    DeskEntry::new(article.id, article.edited_at, entry)
}
