//! Pressing many articles at once that were never live: nothing of theirs is there that would have to go first, and
//! nothing shows them yet.

use std::borrow::Cow;
use std::collections::BTreeSet;

use diesel::prelude::*;

use super::pressed::{CardSources, PressedRow, pressed_row_of};
use super::{gated, links};
use crate::articles::model::{Article, Content};
use crate::base::db::fulltext::FulltextEntry;
use crate::base::db::schema::{comment_counts, published_articles};
use crate::base::db::{Conn, outdate};
use crate::base::error::Result;
use crate::base::ids::ArticleId;
use crate::base::surrogate_key::SurrogateKey;
use crate::insert_each;
use crate::search::stem::SearchLanguage;
use crate::search::store as search;
use crate::search::texts::SearchTexts;
use crate::site::frame::Frame;

/// An article whose row says path, position and times, and what search takes of its content.
pub struct FirstPress<'f> {
    /// Its row.
    pub article: &'f Article,
    /// What goes live.
    pub content: &'f Content,
    /// Its texts.
    pub texts: &'f SearchTexts,
    /// Their words.
    pub entry: &'f FulltextEntry,
}

/// Makes articles live that have no notices, as [`press`](super::press::press) does one by one. The caller holds the
/// presses' lock.
///
/// # Errors
/// 500 when a row does not say path, position and times.
pub fn press_first(conn: &mut Conn, frame: &Frame, first: &[FirstPress<'_>]) -> Result<()> {
    let sources = CardSources::load(conn, first.iter().map(|one| one.content))?;
    let mut rows: Vec<PressedRow> = Vec::with_capacity(first.len());
    let mut entries: Vec<(i64, Cow<'_, FulltextEntry>)> = Vec::with_capacity(first.len());
    for one in first {
        let FirstPress { article, content, .. } = one;
        let (row, entry) = match gated::preview_form(conn, content)? {
            None => {
                let row = pressed_row_of(&sources, frame, article, content, one.texts, &[])?;
                (row, Cow::Borrowed(one.entry))
            }
            Some(preview) => {
                let texts = preview.content.texts();
                let row = preview.pressed(conn, frame, article, &texts, &[])?;
                (row, Cow::Owned(texts.entry(SearchLanguage::of(&article.locale))))
            }
        };
        entries.push((row.position, entry));
        rows.push(row.continuing_card()?);
    }
    insert_each!(conn, published_articles::table, rows)?;
    for one in first {
        gated::write_whole(conn, frame, one.article, one.content, one.texts, &[])?;
    }
    let entries: Vec<(i64, &FulltextEntry)> = entries.iter().map(|(at, entry)| (*at, entry.as_ref())).collect();
    search::put(conn, &entries)?;
    let count = |row: &PressedRow| {
        (
            comment_counts::article_id.eq(row.id),
            comment_counts::approved.eq(0_i64),
        )
    };
    let counts: Vec<_> = rows.iter().map(count).collect();
    insert_each!(conn, comment_counts::table, counts)?;
    outdate_places(conn, &rows)?;
    let pressed: Vec<(&PressedRow, &Content)> = rows.iter().zip(first.iter().map(|one| one.content)).collect();
    links::link(conn, frame, &pressed)
}

/// Stories that one statement names at most.
const STORIES_PER_STATEMENT: usize = 500;

/// Says what shows these articles: lists, and the articles that say the same in other languages, which name them now. No
/// package or ranking can hold what was not there.
fn outdate_places(conn: &mut Conn, rows: &[PressedRow]) -> Result<()> {
    outdate(rows.iter().map(|row| SurrogateKey::Article(row.id)));
    outdate([SurrogateKey::Articles]);
    let is_breaking = rows.iter().any(|row| row.breaking_until.is_some());
    outdate(is_breaking.then_some(SurrogateKey::Breaking));
    let is_featured = rows.iter().any(|row| row.featured_position.is_some());
    outdate(is_featured.then_some(SurrogateKey::Featured));
    let shared = rows.iter().filter(|row| row.translation_key != row.id.as_str());
    let stories: BTreeSet<&str> = shared.map(|row| row.translation_key.as_str()).collect();
    let stories: Vec<&str> = stories.into_iter().collect();
    for chunk in stories.chunks(STORIES_PER_STATEMENT) {
        let told: Vec<ArticleId> = published_articles::table
            .filter(published_articles::translation_key.eq_any(chunk.to_vec()))
            .select(published_articles::id)
            .load(conn)?;
        outdate(told.into_iter().map(SurrogateKey::Article));
    }
    Ok(())
}
