//! The JSON that is sent: pressed text, and behind it what belongs to other tables.

use std::collections::HashMap;

use diesel::prelude::*;
use serde::Serialize;

use super::rows::{Live, Row, columns, comment_policy, live, no_outline};
use super::views::{AdPlacement, Alternate, CommentForm};
use crate::articles::ArticleId;
use crate::articles::press::{Outline, OutlineItem};
use crate::clock::Time;
use crate::db::Conn;
use crate::db::schema::{comment_counts, published_articles};
use crate::error::{Error, Result};
use crate::limits;
use crate::site::Frame;

/// What answers are set in: the frame, the moment, the site's address.
pub struct Setting<'a> {
    /// Settings and tree.
    pub frame: &'a Frame,
    /// The base of canonical URLs.
    pub public_url: &'a str,
    /// The moment.
    pub now: Time,
}

/// A list's JSON under construction, and when time alone will change it.
#[derive(Default)]
pub struct Composed {
    /// The JSON.
    pub json: String,
    /// When something stops being breaking news.
    pub next_change: Option<Time>,
}

impl Composed {
    /// Appends the cards, joined by commas.
    pub fn push_cards(&mut self, setting: &Setting<'_>, lives: &[Live]) {
        for (index, live) in lives.iter().enumerate() {
            if index > 0 {
                self.json.push(',');
            }
            self.open(setting, live);
            self.json.push('}');
        }
    }

    /// Appends the articles with their bodies, joined by commas.
    ///
    /// # Errors
    /// The database's.
    pub fn push_articles(&mut self, conn: &mut Conn, setting: &Setting<'_>, lives: &[Live]) -> Result<()> {
        let targets: Vec<ArticleId> = lives
            .iter()
            .filter_map(|live| live.outline.as_ref())
            .flat_map(|outline| outline.interlinks.clone())
            .collect();
        let linked = cards_of(conn, &targets)?;
        let alternates = alternates_of(conn, lives)?;
        for (index, live) in lives.iter().enumerate() {
            if index > 0 {
                self.json.push(',');
            }
            let others = live.translation_key.as_ref().and_then(|key| alternates.get(key));
            self.push_article(setting, live, &linked, others.map_or(&[], Vec::as_slice))?;
        }
        Ok(())
    }

    fn push_article(
        &mut self,
        setting: &Setting<'_>,
        live: &Live,
        linked: &HashMap<ArticleId, Live>,
        translations: &[Translation],
    ) -> Result<()> {
        let outline = live.outline.clone().unwrap_or_default();
        self.open(setting, live);
        if live.press_format < 2 {
            // Pressed before there were corrections; it is pressed anew in the background.
            self.json.push_str(",\"corrections\":[],\"retraction\":null");
        }
        let path = own_path(&live.json);
        self.member("canonical_url", &format!("{}{path}", setting.public_url))?;
        let others = translations.iter().filter(|other| other.id != live.id);
        let alternates: Vec<Alternate> = others.map(|other| other.alternate(setting)).collect();
        self.member("alternates", &alternates)?;
        self.json.push_str(",\"linked_articles\":[");
        let mut first = true;
        for card in outline.interlinks.iter().filter_map(|id| linked.get(id)) {
            if !std::mem::take(&mut first) {
                self.json.push(',');
            }
            self.open(setting, card);
            self.json.push('}');
        }
        self.json.push(']');
        self.member("ad_placements", &ad_placements(&outline))?;
        self.member("comments", &comment_form(setting, live))?;
        self.json.push('}');
        Ok(())
    }

    /// The pressed part and what every card has of other tables.
    fn open(&mut self, setting: &Setting<'_>, live: &Live) {
        self.json.push_str(&live.json);
        self.json.push_str(setting.frame.spliced(live.section_id, &live.locale));
        let breaking = live.breaking_until.filter(|until| *until > setting.now);
        self.next_change = [self.next_change, breaking].into_iter().flatten().min();
        let members = format!(
            ",\"comment_count\":{},\"breaking\":{}",
            live.approved,
            breaking.is_some()
        );
        self.json.push_str(&members);
    }

    fn member(&mut self, name: &str, value: &impl Serialize) -> Result<()> {
        let value = serde_json::to_string(value).map_err(Error::internal)?;
        self.json.push_str(&format!(",\"{name}\":{value}"));
        Ok(())
    }
}

/// The article's own path, read back from its pressed JSON.
fn own_path(json: &str) -> String {
    let path = json.split_once("\"path\":").and_then(|(_, rest)| {
        serde_json::Deserializer::from_str(rest)
            .into_iter::<String>()
            .next()
            .and_then(std::result::Result::ok)
    });
    path.unwrap_or_default()
}

/// A live article of a story.
struct Translation {
    id: ArticleId,
    locale: String,
    path: String,
}

impl Translation {
    fn alternate(&self, setting: &Setting<'_>) -> Alternate {
        Alternate {
            id: self.id,
            locale: self.locale.clone(),
            path: self.path.clone(),
            url: format!("{}{}", setting.public_url, self.path),
        }
    }
}

/// The live articles of the same stories, by translation key.
fn alternates_of(conn: &mut Conn, lives: &[Live]) -> Result<HashMap<String, Vec<Translation>>> {
    let keys: Vec<String> = lives.iter().filter_map(|live| live.translation_key.clone()).collect();
    let rows: Vec<(Option<String>, ArticleId, String, String)> = published_articles::table
        .filter(published_articles::translation_key.eq_any(keys))
        .filter(published_articles::retracted_at.is_null())
        .order((published_articles::locale, published_articles::id))
        .select((
            published_articles::translation_key,
            published_articles::id,
            published_articles::locale,
            published_articles::path,
        ))
        .load(conn)?;
    let mut alternates: HashMap<String, Vec<Translation>> = HashMap::new();
    for (key, id, locale, path) in rows {
        let story = alternates.entry(key.unwrap_or_default()).or_default();
        story.push(Translation { id, locale, path });
    }
    Ok(alternates)
}

fn cards_of(conn: &mut Conn, ids: &[ArticleId]) -> Result<HashMap<ArticleId, Live>> {
    let mut cards = HashMap::new();
    for chunk in ids.chunks(500) {
        let rows: Vec<Row> = published_articles::table
            .left_join(comment_counts::table.on(comment_counts::article_id.eq(published_articles::id)))
            .filter(published_articles::id.eq_any(chunk.to_vec()))
            .filter(published_articles::retracted_at.is_null())
            .select(columns!(card_json, no_outline()))
            .load(conn)?;
        cards.extend(rows.into_iter().map(|row| (row.0, live(row))));
    }
    Ok(cards)
}

fn ad_placements(outline: &Outline) -> Vec<AdPlacement> {
    let mut placements = Vec::new();
    let mut last = None;
    for item in &outline.items {
        match item {
            OutlineItem::Block { id, .. } => last = Some(id.clone()),
            OutlineItem::AdSlot { slot } if !outline.hide_ads => {
                placements.push(AdPlacement {
                    after_block_id: last.clone(),
                    slot: slot.clone(),
                });
            }
            OutlineItem::AdSlot { .. } => {}
        }
    }
    placements
}

fn comment_form(setting: &Setting<'_>, live: &Live) -> CommentForm {
    let policy = comment_policy(setting.frame, live.section_id, live.comment_policy);
    let published_at = live.published_at();
    CommentForm {
        mode: policy.mode,
        is_open: policy.is_open(published_at, setting.now),
        open_until: policy.open_until(published_at),
        required: vec!["author_name".to_owned(), "body".to_owned()],
        author_name_max_length: i32::try_from(limits::NAME).unwrap_or(i32::MAX),
        body_max_length: policy.max_length,
        max_depth: policy.max_depth,
        max_links: policy.max_links,
    }
}
