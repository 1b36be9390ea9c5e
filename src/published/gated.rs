//! Gated articles: those that not everybody may read whole. Pressing writes two forms of them.
//!
//! The preview holds the first blocks of the body. It stands where every live article stands, so that what readers,
//! search engines and feeds get, what is searched and where advertisements are placed is made of it without knowing.
//! The whole form stands in a table of its own, which [`open_whole`] alone reads, for who is entitled to it.

use std::collections::{BTreeMap, HashMap};

use diesel::prelude::*;
use serde_json::value::RawValue;

use super::pressed::{PressedRow, outline, pressed_row};
use crate::access::entitlements::ReaderAccess;
use crate::articles::corrections::Correction;
use crate::articles::model::{Access, Article, Content};
use crate::base::db::Conn;
use crate::base::db::schema::gated_articles;
use crate::base::error::{Error, Result};
use crate::base::ids::ArticleId;
use crate::body::blocks::{self, Block};
use crate::body::outline::{Outline, OutlineItem};
use crate::published::rows::PublishedArticle;
use crate::search::texts::SearchTexts;
use crate::site::frame::Frame;
use crate::site::settings;

/// The form of pressed JSON since which a live article's row holds no more than everybody may read.
pub(super) const FIRST_FORMAT: i32 = 6;

/// What everybody may read of a gated article.
pub(super) struct PreviewForm {
    /// The article with the first blocks of its body.
    pub content: Content,
    /// The words of the others, where there are any.
    hidden_words: Option<usize>,
}

/// The preview of a content as the settings say it now; `None` where everybody may read it all.
pub(super) fn preview_form(conn: &mut Conn, content: &Content) -> Result<Option<PreviewForm>> {
    if content.access == Access::Free {
        return Ok(None);
    }
    // Not the frame's settings, which may be older than the lock of presses: the job that follows a change could have
    // passed this article already.
    let shown = settings::load(conn)?.preview_blocks;
    Ok(Some(PreviewForm::new(content, usize::try_from(shown).unwrap_or(0))))
}

impl PreviewForm {
    fn new(content: &Content, shown: usize) -> Self {
        let mut preview = content.clone();
        let hidden = preview.blocks.split_off(end_of_preview(&content.blocks, shown));
        let words = hidden.iter().map(blocks::word_count).sum();
        Self {
            content: preview,
            hidden_words: (!hidden.is_empty()).then_some(words),
        }
    }

    /// The row of the article for everybody.
    pub fn pressed(
        &self,
        conn: &mut Conn,
        frame: &Frame,
        article: &Article,
        texts: &SearchTexts,
        notices: &[Correction],
    ) -> Result<PressedRow> {
        let outline = Outline {
            hidden_words: self.hidden_words,
            ..outline(&self.content)
        };
        let mut row = pressed_row(conn, frame, article, &self.content, texts, notices)?;
        row.outline = serde_json::to_string(&outline).map_err(Error::internal)?;
        Ok(row)
    }
}

/// Where the first `shown` blocks of a body end; advertisements count for nothing.
fn end_of_preview(blocks: &[Block], shown: usize) -> usize {
    let is_text = |block: &Block| !matches!(block, Block::AdSlot(_));
    let mut text = (0..)
        .zip(blocks)
        .filter(|(_, block)| is_text(block))
        .map(|(index, _)| index);
    let last = shown.checked_sub(1).map(|number| text.by_ref().nth(number));
    match (last, text.next()) {
        // All that is text is shown.
        (_, None) => blocks.len(),
        (Some(Some(last)), Some(_)) => last + 1,
        (_, Some(_)) => 0,
    }
}

/// Writes the whole form of an article that was just pressed, where it is gated.
pub(super) fn write_whole(
    conn: &mut Conn,
    frame: &Frame,
    article: &Article,
    content: &Content,
    texts: &SearchTexts,
    notices: &[Correction],
) -> Result<()> {
    if content.access == Access::Free {
        return Ok(());
    }
    let whole = pressed_row(conn, frame, article, content, texts, notices)?;
    diesel::insert_into(gated_articles::table)
        .values((
            gated_articles::article_id.eq(article.id),
            gated_articles::access.eq(content.access),
            gated_articles::article_json.eq(whole.article_json),
            gated_articles::outline.eq(whole.outline),
        ))
        .execute(conn)?;
    Ok(())
}

/// Takes the whole form away that was pressed last.
pub(super) fn forget_whole(conn: &mut Conn, id: ArticleId) -> Result<()> {
    diesel::delete(gated_articles::table.find(id)).execute(conn)?;
    Ok(())
}

/// Puts the whole form in place of the preview of those of these articles that the reader may read whole; returns how
/// many they are.
pub fn open_whole(conn: &mut Conn, access: ReaderAccess, articles: &mut [PublishedArticle]) -> Result<usize> {
    let opened = access.opened();
    if opened.is_empty() {
        return Ok(0);
    }
    let ids: Vec<ArticleId> = articles.iter().map(|live| live.id).collect();
    let rows: Vec<(ArticleId, String, String)> = gated_articles::table
        .filter(gated_articles::article_id.eq_any(ids))
        .filter(gated_articles::access.eq_any(opened.to_vec()))
        .select((
            gated_articles::article_id,
            gated_articles::article_json,
            gated_articles::outline,
        ))
        .load(conn)?;
    let count = rows.len();
    let mut whole: HashMap<ArticleId, (String, String)> = rows
        .into_iter()
        .map(|(id, json, outline)| (id, (json, outline)))
        .collect();
    for live in articles {
        if let Some((json, outline)) = whole.remove(&live.id) {
            live.json = json;
            live.outline = Some(serde_json::from_str(&outline).map_err(Error::internal)?);
        }
    }
    Ok(count)
}

/// Takes the body out of what an older release pressed, where it is gated: it is pressed anew soon.
pub(super) fn hide_body(json: &mut String, outline: &mut Outline) {
    // In JSON only a member's name stands between quotation marks without a backslash, and a card has one such member.
    if json.contains(r#""access":"free""#) {
        return;
    }
    *json = without_blocks(json).unwrap_or_else(|_| r#"{"blocks":[]"#.to_owned());
    let words = |item: &OutlineItem| match item {
        OutlineItem::Block { words, .. } => *words,
        OutlineItem::AdSlot { .. } => 0,
    };
    outline.hidden_words = Some(outline.items.iter().map(words).sum());
    outline.items.clear();
    outline.interlinks.clear();
}

/// An unclosed article without the blocks of its body.
fn without_blocks(unclosed: &str) -> serde_json::Result<String> {
    let json = format!("{unclosed}}}");
    let mut members: BTreeMap<&str, &RawValue> = serde_json::from_str(&json)?;
    let none = RawValue::from_string("[]".to_owned())?;
    members.insert("blocks", &none);
    let mut json = serde_json::to_string(&members)?;
    json.pop();
    Ok(json)
}

/// The first gated articles after `after`, by id.
pub(super) fn ids_after(conn: &mut Conn, after: &str, limit: i64) -> Result<Vec<ArticleId>> {
    Ok(gated_articles::table
        .filter(gated_articles::article_id.gt(after))
        .order(gated_articles::article_id)
        .limit(limit)
        .select(gated_articles::article_id)
        .load(conn)?)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn content(kinds: &str) -> Content {
        let block = |(index, kind): (usize, char)| match kind {
            'a' => json!({"id": format!("b{index}"), "slot": "inline-1", "type": "ad_slot"}),
            _ => json!({"html": "Deux mots", "id": format!("b{index}"), "type": "paragraph"}),
        };
        let blocks: Vec<Value> = kinds.chars().enumerate().map(block).collect();
        Content {
            blocks: serde_json::from_value(json!(blocks)).unwrap(),
            ..Content::empty()
        }
    }

    #[test]
    fn a_preview_has_the_first_blocks_and_never_more() {
        for (body, shown, kept, hidden) in [
            ("", 2, 0, None),
            ("", 0, 0, None),
            ("pp", 2, 2, None),
            ("ppp", 2, 2, Some(2)),
            ("pppp", 0, 0, Some(8)),
            ("p", 20, 1, None),
            ("papp", 2, 3, Some(2)),
            ("appa", 2, 4, None),
            ("apap", 1, 2, Some(2)),
            ("ap", 0, 0, Some(2)),
            ("aa", 0, 2, None),
        ] {
            let preview = PreviewForm::new(&content(body), shown);
            let found = (preview.content.blocks.len(), preview.hidden_words);
            assert_eq!(found, (kept, hidden), "{body:?} {shown}");
        }
    }

    #[test]
    fn of_a_gated_article_of_an_older_form_no_block_is_left() {
        let pressed = |access: &str, title: &str| {
            let blocks = json!([{"html": "Secret", "id": "b1", "type": "paragraph"}]);
            let mut json = json!({"access": access, "blocks": blocks, "title": title}).to_string();
            json.pop();
            json
        };
        let outline = || outline(&content("pp"));
        for (access, title, is_gated) in [
            ("free", "Un", false),
            ("registered", "Un", true),
            ("subscribers", r#""access":"free""#, true),
        ] {
            let (mut json, mut outline) = (pressed(access, title), outline());
            hide_body(&mut json, &mut outline);
            assert_eq!(json.contains("Secret"), !is_gated, "{access}");
            assert_eq!(outline.hidden_words, is_gated.then_some(4), "{access}");
            let item: Value = serde_json::from_str(&format!("{json}}}")).unwrap();
            assert_eq!(item["title"], title);
        }
        let (mut broken, mut outline) = ("{\"blocks\":[\"Secret".to_owned(), outline());
        hide_body(&mut broken, &mut outline);
        assert!(!broken.contains("Secret"));
    }
}
