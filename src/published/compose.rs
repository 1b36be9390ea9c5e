//! The JSON that is sent: pressed text, followed by what belongs to other tables.

use std::collections::HashMap;

use diesel::prelude::*;
use serde::Serialize;

use super::alternates::{Alternates, alternates_of};
use super::rows::{columns, comment_policy, load_in_shape, teaser_or_card};
use super::views::{AdSlotPlacement, PublicCommentPolicy};
use crate::base::clock::Time;
use crate::base::db::schema::{comment_counts, published_articles};
use crate::base::db::{CacheDeaths, Conn, among};
use crate::base::error::{Error, Result};
use crate::base::http::conditional::CacheableAnswer;
use crate::base::http::public_url::PublicUrl;
use crate::base::ids::{ArticleId, SectionId};
use crate::base::limits;
use crate::base::surrogate_key::SurrogateKey;
use crate::body::article_type::ArticleType;
use crate::body::outline::Outline;
use crate::published::bodies::BodyFormat;
use crate::published::fragments::FragmentCache;
use crate::published::packages::of_article::PublishedPackage;
use crate::published::packages::{PackageId, PackageKind};
use crate::published::rows::{ArticleShape, PublishedArticle, PublishedArticleRow, PublishedCardRow};
use crate::site::ads::placements::ArticleForAds;
use crate::site::ads::{self};
use crate::site::frame::Frame;

/// What every answer needs: the frame, the moment, the site's address.
pub struct AnswerContext<'a> {
    /// Settings and tree.
    pub frame: &'a Frame,
    /// The base of canonical URLs.
    pub public_url: &'a PublicUrl,
    /// The moment.
    pub now: Time,
    /// What has put answers out of date.
    pub deaths: &'a CacheDeaths,
    /// The number of the latest deaths before the snapshot was opened; `None` where it is not known what others wrote.
    pub made_after: Option<u64>,
    /// What earlier answers showed.
    pub fragments: &'a FragmentCache,
}

/// A list's JSON under construction, and when time alone will change it.
#[derive(Default)]
pub struct AnswerJson {
    /// The JSON.
    pub json: String,
    /// When time alone will change it.
    pub next_change: Option<Time>,
    /// Whether it shows cards, and with them how many comments their articles have.
    pub shows_counts: bool,
}

impl AnswerJson {
    /// The answer that shows what these keys name.
    pub fn answer(self, keys: Vec<SurrogateKey>) -> CacheableAnswer {
        CacheableAnswer {
            body: self.json,
            keys,
            next_change: self.next_change,
            shows_counts: self.shows_counts,
            next_cursor: None,
        }
    }

    /// Appends the cards, joined by commas.
    pub fn push_cards(&mut self, context: &AnswerContext<'_>, articles: &[PublishedArticle]) {
        self.push_each(context, articles);
    }

    /// Appends a card with one more member, after a comma where another card comes before it.
    ///
    /// # Errors
    /// 500 when the member cannot be written as JSON.
    pub fn push_card_with(
        &mut self,
        context: &AnswerContext<'_>,
        live: &PublishedArticle,
        name: &str,
        value: &impl Serialize,
    ) -> Result<()> {
        if self.json.ends_with('}') {
            self.json.push(',');
        }
        self.open(context, live);
        self.member(name, value)?;
        self.json.push('}');
        Ok(())
    }

    /// Appends the articles with their bodies, in these forms too, joined by commas.
    pub fn push_articles(
        &mut self,
        conn: &mut Conn,
        context: &AnswerContext<'_>,
        articles: &[PublishedArticle],
        formats: &[BodyFormat],
    ) -> Result<()> {
        let targets: Vec<ArticleId> = articles
            .iter()
            .flat_map(PublishedArticle::interlinks)
            .copied()
            .collect();
        let cards = context.shown(conn, &targets, ArticleShape::Card)?;
        let alternates = alternates_of(conn, articles)?;
        let extras = ExtraMembers {
            formats: formats.to_vec(),
            ..ExtraMembers::default()
        };
        self.shows_counts = true;
        for (index, live) in articles.iter().enumerate() {
            if index > 0 {
                self.json.push(',');
            }
            self.push_article(context, live, &cards, &alternates, &extras)?;
        }
        Ok(())
    }

    /// Appends an article with its body. `cards` hold what it links to.
    ///
    /// # Errors
    /// 500 when something cannot be written as JSON.
    pub fn push_article(
        &mut self,
        context: &AnswerContext<'_>,
        live: &PublishedArticle,
        cards: &HashMap<ArticleId, PublishedArticle>,
        alternates: &Alternates,
        extras: &ExtraMembers,
    ) -> Result<()> {
        let outline = live.outline.clone().unwrap_or_default();
        self.open(context, live);
        self.member("canonical_url", &context.public_url.of(&live.path))?;
        self.member("alternates", &alternates.of(live, context))?;
        self.cards_member(
            context,
            "linked_articles",
            outline.interlinks.iter().filter_map(|id| cards.get(id)),
        );
        let ads = ad_placements(context, live, &outline);
        self.member("ad_placements", &ads)?;
        self.member("is_truncated", &live.is_truncated())?;
        let policy = public_comment_policy(context, live);
        let closes = policy.open_until.filter(|until| policy.is_open && *until > context.now);
        let ads_change = context.frame.next_ad_change(context.now);
        self.changes_at([closes, ads_change]);
        self.member("comment_policy", &policy)?;
        self.push_bodies(context, live, cards, &ads, &extras.formats)?;
        self.push_extras(context, cards, extras)?;
        self.json.push('}');
        Ok(())
    }

    /// Appends the members that may be asked for beside the article; null where one was not.
    fn push_extras(
        &mut self,
        context: &AnswerContext<'_>,
        cards: &HashMap<ArticleId, PublishedArticle>,
        extras: &ExtraMembers,
    ) -> Result<()> {
        for (name, ids) in [("related", &extras.related), ("translations", &extras.translations)] {
            match ids {
                Some(ids) => self.cards_member(context, name, ids.iter().filter_map(|id| cards.get(id))),
                None => self.raw_member(name, "null"),
            }
        }
        match &extras.packages {
            Some(packages) => self.packages_member(context, cards, packages)?,
            None => self.raw_member("packages", "null"),
        }
        self.raw_member("comments", extras.comments.as_deref().unwrap_or("null"));
        self.raw_member("jsonld", extras.jsonld.as_deref().unwrap_or("null"));
        Ok(())
    }

    fn packages_member(
        &mut self,
        context: &AnswerContext<'_>,
        cards: &HashMap<ArticleId, PublishedArticle>,
        packages: &[PackageNeighbours],
    ) -> Result<()> {
        self.json.push_str(",\"packages\":[");
        for (index, package) in packages.iter().enumerate() {
            if index > 0 {
                self.json.push(',');
            }
            self.json.push_str(&unclosed_json(&package.head)?);
            for (name, id) in [("previous", package.previous), ("next", package.next)] {
                self.card_member(context, name, id.and_then(|id| cards.get(&id)));
            }
            self.json.push('}');
        }
        self.json.push(']');
        Ok(())
    }

    /// Begins an object with the member `items`, a list of cards.
    pub fn list<'l>(context: &AnswerContext<'_>, articles: impl IntoIterator<Item = &'l PublishedArticle>) -> Self {
        let mut composed = Self {
            json: String::from("{\"items\":["),
            ..Self::default()
        };
        composed.push_each(context, articles);
        composed.json.push(']');
        composed
    }

    /// Begins an object with the members of `head`.
    ///
    /// # Errors
    /// 500 when it cannot be written as JSON.
    pub fn opened(head: &impl Serialize) -> Result<Self> {
        Ok(Self {
            json: unclosed_json(head)?,
            ..Self::default()
        })
    }

    /// Begins an object within, with the members of `head`.
    ///
    /// # Errors
    /// 500 when it cannot be written as JSON.
    pub fn open_object(&mut self, head: &impl Serialize) -> Result<()> {
        self.json.push_str(&unclosed_json(head)?);
        Ok(())
    }

    /// Appends JSON that was composed separately, as a member.
    pub fn append(&mut self, name: &str, other: Self) {
        self.raw_member(name, &other.json);
        self.changes_at([other.next_change]);
        self.shows_counts |= other.shows_counts;
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
    pub fn cards_member<'l>(
        &mut self,
        context: &AnswerContext<'_>,
        name: &str,
        articles: impl IntoIterator<Item = &'l PublishedArticle>,
    ) {
        self.name(name);
        self.json.push('[');
        self.push_each(context, articles);
        self.json.push(']');
    }

    fn push_each<'l>(&mut self, context: &AnswerContext<'_>, articles: impl IntoIterator<Item = &'l PublishedArticle>) {
        for (index, live) in articles.into_iter().enumerate() {
            if index > 0 {
                self.json.push(',');
            }
            self.open(context, live);
            self.json.push('}');
        }
    }

    /// Appends a member that is a card, or null.
    fn card_member(&mut self, context: &AnswerContext<'_>, name: &str, live: Option<&PublishedArticle>) {
        self.name(name);
        match live {
            Some(live) => {
                self.open(context, live);
                self.json.push('}');
            }
            None => self.json.push_str("null"),
        }
    }

    fn name(&mut self, name: &str) {
        self.json.push_str(",\"");
        self.json.push_str(name);
        self.json.push_str("\":");
    }

    /// Appends a member whose value is JSON already.
    pub fn raw_member(&mut self, name: &str, json: &str) {
        self.name(name);
        self.json.push_str(json);
    }

    /// Begins an article in the shape in which it was read: the pressed part, and what it takes from other tables.
    fn open(&mut self, context: &AnswerContext<'_>, live: &PublishedArticle) {
        self.json.push_str(&live.json);
        let members = context.frame.spliced(live.section_id, &live.locale);
        self.json.push_str(match live.shape {
            ArticleShape::Teaser => &members.teaser,
            ArticleShape::Card | ArticleShape::Full => &members.card,
        });
        let breaking = live.breaking_until.filter(|until| *until > context.now);
        self.changes_at([breaking]);
        self.shows_counts |= live.shape != ArticleShape::Full;
        self.json.push_str(",\"comment_count\":");
        self.json.push_str(&live.approved.to_string());
        self.json.push_str(match breaking {
            Some(_) => ",\"is_breaking\":true",
            None => ",\"is_breaking\":false",
        });
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
fn unclosed_json(head: &impl Serialize) -> Result<String> {
    let mut json = serde_json::to_string(head).map_err(Error::internal)?;
    json.pop();
    Ok(json)
}

/// What was asked for beside an article: ids of cards, and JSON. `None` where it was not asked for.
#[derive(Default)]
pub struct ExtraMembers {
    /// In which forms its body is given beside its blocks.
    pub formats: Vec<BodyFormat>,
    /// What goes with it.
    pub related: Option<Vec<ArticleId>>,
    /// The same story in other languages.
    pub translations: Option<Vec<ArticleId>>,
    /// The packages that contain it.
    pub packages: Option<Vec<PackageNeighbours>>,
    /// The first page of its comments.
    pub comments: Option<String>,
    /// What search engines get.
    pub jsonld: Option<String>,
}

/// A package, and what comes before and after an article there.
pub struct PackageNeighbours {
    /// The package.
    pub head: PackageRef,
    /// The article before it.
    pub previous: Option<ArticleId>,
    /// The article after it.
    pub next: Option<ArticleId>,
}

impl PackageNeighbours {
    /// The place of an article in a package.
    pub fn of(around: &PublishedPackage, article: ArticleId) -> Self {
        let shown = &around.article_ids;
        let place = shown.iter().position(|id| *id == article).unwrap_or(0);
        let count = |number: usize| i32::try_from(number).unwrap_or(i32::MAX);
        Self {
            head: PackageRef {
                id: around.id,
                kind: around.kind,
                title: around.title.clone(),
                position: count(place + 1),
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
    position: i32,
    article_count: i32,
}

/// These articles in a shape; those that are not live, or are retracted, are left out.
pub fn shown_articles(
    conn: &mut Conn,
    ids: &[ArticleId],
    shape: ArticleShape,
) -> Result<HashMap<ArticleId, PublishedArticle>> {
    let mut found = HashMap::new();
    for chunk in ids.chunks(500) {
        let query = published_articles::table
            .left_join(comment_counts::table.on(comment_counts::article_id.eq(published_articles::id)))
            .filter(among(published_articles::id, chunk.to_vec()))
            // Not `is_null()`: with that, a planner might walk the index of all that is not retracted.
            .filter(published_articles::retracted_at.is_not_null().eq(false));
        found.extend(load_in_shape!(conn, query, shape).map(|live| (live.id, live)));
    }
    Ok(found)
}

fn ad_placements(context: &AnswerContext<'_>, live: &PublishedArticle, outline: &Outline) -> Vec<AdSlotPlacement> {
    let lineage: Vec<SectionId> = context
        .frame
        .tree
        .lineage(live.section_id)
        .iter()
        .map(|section| section.id)
        .collect();
    let place = ArticleForAds {
        type_: outline.article_type.unwrap_or(ArticleType::Article),
        lineage: &lineage,
        now: context.now,
    };
    let placed = ads::placements::place(outline, &context.frame.ad_slots, place);
    let placement = |placed: ads::placements::PlacedAd| AdSlotPlacement {
        after_block_id: placed.after_block_id,
        slot: placed.slot,
    };
    placed.into_iter().map(placement).collect()
}

fn public_comment_policy(context: &AnswerContext<'_>, live: &PublishedArticle) -> PublicCommentPolicy {
    let policy = comment_policy(context.frame, live.section_id, live.comment_policy);
    let published_at = live.published_at;
    PublicCommentPolicy {
        mode: policy.mode,
        is_open: policy.is_open(published_at, context.now),
        open_until: policy.open_until(published_at),
        required: vec!["author_name".to_owned(), "body".to_owned()],
        author_name_max_length: i32::try_from(limits::NAME).unwrap_or(i32::MAX),
        body_max_length: policy.max_length,
        max_depth: policy.max_depth,
        max_links: policy.max_links,
    }
}
