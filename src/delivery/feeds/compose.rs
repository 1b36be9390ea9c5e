//! Feeds of live articles: which, and what each says.

use std::collections::HashMap;

use super::model::{Feed, FeedContent, entry};
use crate::articles::corrections::Correction;
use crate::articles::model::Access;
use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::http::public_url::PublicUrl;
use crate::base::ids::ArticleId;
use crate::base::text::plain::first_sentences;
use crate::body::html::render::RenderContext;
use crate::delivery::feeds::model::{EntryContext, FeedCategory, FeedEntry, NamedLink};
use crate::published::{self, ArticleFilter, ArticleShape, ArticleSort, ParsedArticle, PublishedArticle};
use crate::site::frame::Frame;
use crate::site::settings::LogoRole;
use crate::site::{contributors, tags};

/// What every feed needs.
pub struct FeedContext<'s> {
    /// Settings and tree.
    pub frame: &'s Frame,
    /// The site's address.
    pub public_url: &'s PublicUrl,
}

/// Which articles, how many, and how much of each.
pub struct FeedQuery<'w> {
    /// Which.
    pub filter: &'w ArticleFilter,
    /// How many at most.
    pub limit: usize,
    /// How much of each.
    pub content: FeedContent,
}

/// What goes with the articles of a feed.
struct FeedExtras {
    notices: HashMap<ArticleId, Vec<Correction>>,
    retracted: HashMap<ArticleId, Time>,
    linked: HashMap<ArticleId, (String, String)>,
    /// The bodies of those without a standfirst, as text.
    bodies: HashMap<ArticleId, String>,
}

impl FeedContext<'_> {
    /// The feed of what is wanted; `at` is its address, `id` is what it is known by.
    pub fn feed(&self, conn: &mut Conn, wanted: &FeedQuery<'_>, at: &str, id: &str) -> Result<Feed> {
        let site = &self.frame.site;
        let locale = wanted.filter.locale.as_deref().unwrap_or(site.first_locale());
        let subject = self.subject(conn, wanted.filter, locale)?;
        let home = NamedLink {
            name: site.name.clone(),
            url: self.public_url.of(&site.localised(locale, "/")),
        };
        let title = subject
            .as_ref()
            .map(|(subject, _)| format!("{} – {}", site.name, subject.name));
        let about = match &subject {
            Some((_, about)) => about.clone(),
            None => site.tagline.clone(),
        };
        let title = title.unwrap_or_else(|| site.name.clone());
        let square = site.logos.iter().find(|logo| logo.role == LogoRole::Square);
        Ok(Feed {
            description: about.unwrap_or_else(|| title.clone()),
            title,
            home_url: subject.map_or_else(|| home.url.clone(), |(subject, _)| subject.url),
            publisher: home,
            self_url: self.public_url.of(at),
            id: self.public_url.of(id),
            icon: square.map(|logo| logo.image.url.clone()),
            language: wanted.filter.locale.clone(),
            entries: self.entries(conn, wanted)?,
        })
    }

    /// The one section, tag or contributor whose feed it is, and its description.
    fn subject(
        &self,
        conn: &mut Conn,
        filter: &ArticleFilter,
        locale: &str,
    ) -> Result<Option<(NamedLink, Option<String>)>> {
        let (frame, site) = (self.frame, &self.frame.site);
        let named = |name: String, path: &str| NamedLink {
            name,
            url: self.public_url.of(path),
        };
        let chosen = (
            filter.sections.as_slice(),
            filter.tags.as_slice(),
            filter.contributors.as_slice(),
        );
        Ok(match chosen {
            ([id], [], []) => frame.tree.get(*id).map(|section| {
                let path = site.localised(locale, &section.path);
                (named(section.label_in(locale), &path), section.description.clone())
            }),
            ([], [id], []) => tags::store::get_many(conn, &[*id])?.pop().map(|tag| {
                let path = tag.path(site, locale);
                (named(tag.label, &path), tag.description)
            }),
            ([], [], [id]) => contributors::store::get_many(conn, &[*id])?.pop().map(|person| {
                let path = person.path(site, locale);
                (named(person.name, &path), person.bio)
            }),
            _ => None,
        })
    }

    fn entries(&self, conn: &mut Conn, wanted: &FeedQuery<'_>) -> Result<Vec<FeedEntry>> {
        let shape = match wanted.content {
            FeedContent::Summary => ArticleShape::Card,
            FeedContent::Full => ArticleShape::Full,
        };
        let sort = ArticleSort::NewestFirst;
        let listed = published::list(conn, shape, wanted.filter, sort, None, wanted.limit)?;
        let last = listed.articles.last().filter(|_| listed.rest.is_some());
        let oldest = last.map_or(i64::MIN, |live| live.position);
        let mut articles = listed.articles;
        let limit = i64::try_from(wanted.limit).unwrap_or(i64::MAX);
        articles.extend(published::retracted(conn, wanted.filter, oldest, limit)?);
        articles.sort_by_key(|live| std::cmp::Reverse(live.position));
        articles.truncate(wanted.limit);
        let ids: Vec<ArticleId> = articles.iter().map(|live| live.id).collect();
        let links: Vec<ArticleId> = articles.iter().flat_map(|live| live.interlinks().to_vec()).collect();
        let titles = published::titles_of(conn, &links)?.into_iter();
        let items = articles
            .iter()
            .map(PublishedArticle::item)
            .collect::<Result<Vec<_>>>()?;
        let is_bare = |item: &ParsedArticle| item.standfirst.is_none() && item.access == Access::Free;
        let bare = articles.iter().zip(&items).filter(|(_, item)| is_bare(item));
        let bare: Vec<i64> = bare.map(|(live, _)| live.position).collect();
        let bare = published::at_positions(conn, &bare)?.into_iter();
        let beside = FeedExtras {
            bodies: bare.map(|hit| (hit.live.id, hit.texts.body)).collect(),
            notices: published::notices_of(conn, &ids)?,
            retracted: published::retractions_of(conn, &ids)?,
            linked: titles
                .map(|(id, (path, title))| (id, (self.public_url.of(&path), title)))
                .collect(),
        };
        let is_full = wanted.content == FeedContent::Full;
        let entries = articles.iter().zip(items);
        Ok(entries
            .map(|(live, item)| self.entry(live, item, &beside, is_full))
            .collect())
    }

    fn entry(&self, live: &PublishedArticle, item: ParsedArticle, beside: &FeedExtras, is_full: bool) -> FeedEntry {
        let frame = self.frame;
        let authors = item.contributors.iter().map(|person| NamedLink {
            name: person.name.clone(),
            url: self.public_url.of(&person.path),
        });
        let section = frame.tree.get(live.section_id()).map(|section| FeedCategory {
            term: section.slug.clone(),
            label: section.label_in(&item.locale),
        });
        // A tag with the section's own name would say the same twice.
        let is_said = |label: &str| section.as_ref().is_some_and(|section| section.label == label);
        let tags = item
            .tags
            .iter()
            .filter(|tag| !is_said(&tag.label))
            .map(|tag| FeedCategory {
                term: tag.slug.clone(),
                label: tag.label.clone(),
            });
        let tags: Vec<FeedCategory> = tags.collect();
        let around = EntryContext {
            url: self.public_url.of(&item.path),
            authors: authors.collect(),
            categories: section.into_iter().chain(tags).collect(),
            notices: beside.notices.get(&live.id).map_or(&[], Vec::as_slice),
            retracted_at: beside.retracted.get(&live.id).copied(),
            opening: beside.bodies.get(&live.id).and_then(|body| first_sentences(body)),
            body: is_full.then_some(RenderContext {
                public_url: self.public_url.as_str(),
                linked: &beside.linked,
                ads: &[],
            }),
        };
        entry(item, around)
    }
}
