//! The JSON that is sent: pressed text, and behind it what belongs to other tables.

use std::collections::HashMap;

use diesel::prelude::*;
use serde::Serialize;

use super::rows::{Live, Row, columns, comment_policy, live, no_outline};
use super::views::{AdPlacement, Alternate, CommentForm};
use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::db::schema::{comment_counts, published_articles};
use crate::base::error::{Error, Result};
use crate::base::ids::{ArticleId, SectionId};
use crate::base::limits;
use crate::body::article_type::ArticleType;
use crate::body::outline::Outline;
use crate::published::packages::around::Around;
use crate::published::packages::{PackageId, PackageKind};
use crate::site::ads::placements::Place;
use crate::site::ads::{self};
use crate::site::frame::Frame;

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
    /// When that is.
    pub next_change: Option<Time>,
}

impl Composed {
    /// Appends the cards, joined by commas.
    pub fn push_cards(&mut self, setting: &Setting<'_>, lives: &[Live]) {
        self.push_each(setting, lives);
    }

    /// Appends a card with a further member, behind a comma where another stands before it.
    ///
    /// # Errors
    /// 500 when the member cannot be written as JSON.
    pub fn push_card_with(
        &mut self,
        setting: &Setting<'_>,
        live: &Live,
        name: &str,
        value: &impl Serialize,
    ) -> Result<()> {
        if self.json.ends_with('}') {
            self.json.push(',');
        }
        self.open(setting, live);
        self.member(name, value)?;
        self.json.push('}');
        Ok(())
    }

    /// Appends the articles with their bodies, joined by commas.
    ///
    /// # Errors
    /// The database's.
    pub fn push_articles(&mut self, conn: &mut Conn, setting: &Setting<'_>, lives: &[Live]) -> Result<()> {
        let targets: Vec<ArticleId> = lives.iter().flat_map(Live::interlinks).copied().collect();
        let cards = cards_of(conn, &targets)?;
        let alternates = alternates_of(conn, lives)?;
        for (index, live) in lives.iter().enumerate() {
            if index > 0 {
                self.json.push(',');
            }
            self.push_article(setting, live, &cards, &alternates, &Included::default())?;
        }
        Ok(())
    }

    /// Appends an article with its body. `cards` hold what it links to.
    ///
    /// # Errors
    /// 500 when something cannot be written as JSON.
    pub fn push_article(
        &mut self,
        setting: &Setting<'_>,
        live: &Live,
        cards: &HashMap<ArticleId, Live>,
        alternates: &Alternates,
        included: &Included,
    ) -> Result<()> {
        let outline = live.outline.clone().unwrap_or_default();
        self.open(setting, live);
        if live.press_format < 2 {
            // Pressed before there were corrections; it is pressed anew in the background.
            self.json.push_str(",\"corrections\":[],\"retraction\":null");
        }
        let path = own_path(&live.json);
        self.member("canonical_url", &format!("{}{path}", setting.public_url))?;
        self.member("alternates", &alternates.of(live, setting))?;
        self.cards_member(
            setting,
            "linked_articles",
            outline.interlinks.iter().filter_map(|id| cards.get(id)),
        );
        self.member("ad_placements", &ad_placements(setting, live, &outline))?;
        let form = comment_form(setting, live);
        let closes = form.open_until.filter(|until| form.is_open && *until > setting.now);
        let ads_change = setting.frame.next_ad_change(setting.now);
        self.changes_at([closes, ads_change]);
        self.member("comments", &form)?;
        self.push_included(setting, cards, included)?;
        self.json.push('}');
        Ok(())
    }

    /// What was asked for beside the article; null where it was not.
    fn push_included(
        &mut self,
        setting: &Setting<'_>,
        cards: &HashMap<ArticleId, Live>,
        included: &Included,
    ) -> Result<()> {
        for (name, ids) in [("related", &included.related), ("translations", &included.translations)] {
            match ids {
                Some(ids) => self.cards_member(setting, name, ids.iter().filter_map(|id| cards.get(id))),
                None => self.raw_member(name, "null"),
            }
        }
        match &included.packages {
            Some(packages) => self.packages_member(setting, cards, packages)?,
            None => self.raw_member("packages", "null"),
        }
        self.raw_member("comment_threads", included.comment_threads.as_deref().unwrap_or("null"));
        self.raw_member("jsonld", included.jsonld.as_deref().unwrap_or("null"));
        Ok(())
    }

    fn packages_member(
        &mut self,
        setting: &Setting<'_>,
        cards: &HashMap<ArticleId, Live>,
        packages: &[PackagePlace],
    ) -> Result<()> {
        self.json.push_str(",\"packages\":[");
        for (index, package) in packages.iter().enumerate() {
            if index > 0 {
                self.json.push(',');
            }
            self.json.push_str(&opened(&package.head)?);
            for (name, id) in [("previous", package.previous), ("next", package.next)] {
                self.card_member(setting, name, id.and_then(|id| cards.get(&id)));
            }
            self.json.push('}');
        }
        self.json.push(']');
        Ok(())
    }

    /// Begins an object with the member `items`, a list of cards.
    pub fn list<'l>(setting: &Setting<'_>, lives: impl IntoIterator<Item = &'l Live>) -> Self {
        let mut composed = Self {
            json: String::from("{\"items\":["),
            next_change: None,
        };
        composed.push_each(setting, lives);
        composed.json.push(']');
        composed
    }

    /// Begins an object with the members of `head`.
    ///
    /// # Errors
    /// 500 when it cannot be written as JSON.
    pub fn opened(head: &impl Serialize) -> Result<Self> {
        Ok(Self {
            json: opened(head)?,
            next_change: None,
        })
    }

    /// Begins an object within, with the members of `head`.
    ///
    /// # Errors
    /// 500 when it cannot be written as JSON.
    pub fn open_object(&mut self, head: &impl Serialize) -> Result<()> {
        self.json.push_str(&opened(head)?);
        Ok(())
    }

    /// Appends as a member what was composed apart.
    pub fn append(&mut self, name: &str, other: Self) {
        self.raw_member(name, &other.json);
        self.changes_at([other.next_change]);
    }

    /// Ends the object.
    pub fn close(&mut self) {
        self.json.push('}');
    }

    /// Notes when time alone will change what is written.
    pub fn changes_at(&mut self, moments: impl IntoIterator<Item = Option<Time>>) {
        let moments = moments.into_iter().chain([self.next_change]);
        self.next_change = moments.flatten().min();
    }

    /// Appends a member that is a list of cards.
    pub fn cards_member<'l>(&mut self, setting: &Setting<'_>, name: &str, lives: impl IntoIterator<Item = &'l Live>) {
        self.json.push_str(&format!(",\"{name}\":["));
        self.push_each(setting, lives);
        self.json.push(']');
    }

    fn push_each<'l>(&mut self, setting: &Setting<'_>, lives: impl IntoIterator<Item = &'l Live>) {
        for (index, live) in lives.into_iter().enumerate() {
            if index > 0 {
                self.json.push(',');
            }
            self.open(setting, live);
            self.json.push('}');
        }
    }

    /// Appends a member that is a card, or null.
    fn card_member(&mut self, setting: &Setting<'_>, name: &str, live: Option<&Live>) {
        self.json.push_str(&format!(",\"{name}\":"));
        match live {
            Some(live) => {
                self.open(setting, live);
                self.json.push('}');
            }
            None => self.json.push_str("null"),
        }
    }

    /// Appends a member whose value is JSON already.
    pub fn raw_member(&mut self, name: &str, json: &str) {
        self.json.push_str(&format!(",\"{name}\":{json}"));
    }

    /// The pressed part and what every card has of other tables.
    fn open(&mut self, setting: &Setting<'_>, live: &Live) {
        self.json.push_str(&live.json);
        self.json.push_str(setting.frame.spliced(live.section_id, &live.locale));
        let breaking = live.breaking_until.filter(|until| *until > setting.now);
        self.changes_at([breaking]);
        let members = format!(
            ",\"comment_count\":{},\"breaking\":{}",
            live.approved,
            breaking.is_some()
        );
        self.json.push_str(&members);
    }

    /// Appends a member.
    ///
    /// # Errors
    /// 500 when its value cannot be written as JSON.
    pub fn member(&mut self, name: &str, value: &impl Serialize) -> Result<()> {
        let value = serde_json::to_string(value).map_err(Error::internal)?;
        self.raw_member(name, &value);
        Ok(())
    }
}

/// An object's JSON without its closing brace.
fn opened(head: &impl Serialize) -> Result<String> {
    let mut json = serde_json::to_string(head).map_err(Error::internal)?;
    json.pop();
    Ok(json)
}

/// What is asked for beside an article: ids of cards, and JSON. `None` where it is not.
#[derive(Default)]
pub struct Included {
    /// What goes with it.
    pub related: Option<Vec<ArticleId>>,
    /// The same story in other languages.
    pub translations: Option<Vec<ArticleId>>,
    /// The packages in which it stands.
    pub packages: Option<Vec<PackagePlace>>,
    /// The first page of its comments.
    pub comment_threads: Option<String>,
    /// What search engines are told.
    pub jsonld: Option<String>,
}

/// A package, and what stands there before and behind an article.
pub struct PackagePlace {
    /// The package.
    pub head: PackageRef,
    /// What stands before it.
    pub previous: Option<ArticleId>,
    /// What stands behind it.
    pub next: Option<ArticleId>,
}

impl PackagePlace {
    /// The place of an article in a package.
    pub fn of(around: &Around, article: ArticleId) -> Self {
        let shown = &around.article_ids;
        let place = shown.iter().position(|id| *id == article).unwrap_or(0);
        let count = |number: usize| i32::try_from(number).unwrap_or(i32::MAX);
        Self {
            head: PackageRef {
                id: around.id,
                kind: around.kind,
                title: around.title.clone(),
                place: count(place + 1),
                article_count: count(shown.len()),
            },
            previous: place.checked_sub(1).and_then(|before| shown.get(before)).copied(),
            next: shown.get(place + 1).copied(),
        }
    }
}

/// What a package is, without its articles.
#[derive(Serialize)]
pub struct PackageRef {
    id: PackageId,
    kind: PackageKind,
    title: String,
    place: i32,
    article_count: i32,
}

/// The article's own path, read back from its pressed JSON.
pub(super) fn own_path(json: &str) -> String {
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

/// The live articles of the same stories, by translation key.
#[derive(Default)]
pub struct Alternates(HashMap<String, Vec<Translation>>);

impl Alternates {
    fn others<'s>(&'s self, live: &'s Live) -> impl Iterator<Item = &'s Translation> {
        let story = live.translation_key.as_ref().and_then(|key| self.0.get(key));
        story.into_iter().flatten().filter(|other| other.id != live.id)
    }

    /// An article's ids in other languages.
    pub fn ids(&self, live: &Live) -> Vec<ArticleId> {
        self.others(live).map(|other| other.id).collect()
    }

    fn of(&self, live: &Live, setting: &Setting<'_>) -> Vec<Alternate> {
        let alternate = |other: &Translation| Alternate {
            id: other.id,
            locale: other.locale.clone(),
            path: other.path.clone(),
            url: format!("{}{}", setting.public_url, other.path),
        };
        self.others(live).map(alternate).collect()
    }
}

/// The live articles of the same stories as these.
///
/// # Errors
/// The database's.
pub fn alternates_of(conn: &mut Conn, lives: &[Live]) -> Result<Alternates> {
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
    let mut alternates = Alternates::default();
    for (key, id, locale, path) in rows {
        let story = alternates.0.entry(key.unwrap_or_default()).or_default();
        story.push(Translation { id, locale, path });
    }
    Ok(alternates)
}

/// Cards of those of some articles that are live and not retracted.
///
/// # Errors
/// The database's.
pub fn cards_of(conn: &mut Conn, ids: &[ArticleId]) -> Result<HashMap<ArticleId, Live>> {
    let mut cards = HashMap::new();
    for chunk in ids.chunks(500) {
        let rows: Vec<Row> = published_articles::table
            .left_join(comment_counts::table.on(comment_counts::article_id.eq(published_articles::id)))
            .filter(published_articles::id.eq_any(chunk.to_vec()))
            // Said so that no planner looks through everything that is not retracted, by the index of that.
            .filter(published_articles::retracted_at.is_not_null().eq(false))
            .select(columns!(card_json, no_outline()))
            .load(conn)?;
        cards.extend(rows.into_iter().map(|row| (row.0, live(row))));
    }
    Ok(cards)
}

fn ad_placements(setting: &Setting<'_>, live: &Live, outline: &Outline) -> Vec<AdPlacement> {
    let lineage: Vec<SectionId> = setting
        .frame
        .tree
        .lineage(live.section_id)
        .iter()
        .map(|section| section.id)
        .collect();
    let place = Place {
        type_: outline.article_type.unwrap_or(ArticleType::Article),
        lineage: &lineage,
        now: setting.now,
    };
    let placed = ads::placements::place(outline, &setting.frame.ad_slots, place);
    let placement = |placed: ads::placements::Placement| AdPlacement {
        after_block_id: placed.after_block_id,
        slot: placed.slot,
    };
    placed.into_iter().map(placement).collect()
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
