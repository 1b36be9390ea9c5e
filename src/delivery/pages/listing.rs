//! The pages that list articles: the home page, a section's, a tag's, a contributor's.

use actix_web::http::Uri;

use super::composer::{MAX_BREAKING, PageComposer, breaking_ids, distinct, push_breaking};
use super::head::{self, FeedLink, PageAlternate, PageHead, PageJsonLd, RobotRule};
use super::lists::{self, FilledList, ListCandidates, ListReach, PageSubject};
use super::query::PagePart;
use super::views::{PageArchive, PageContinuation};
use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::error::{Error, Result};
use crate::base::http::conditional::{CacheableAnswer, next_page};
use crate::base::http::page::{CountRequest, PageRequest};
use crate::base::ids::{ArticleId, ContributorId, SectionId, TagId};
use crate::base::month::Month;
use crate::base::surrogate_key::SurrogateKey;
use crate::delivery::jsonld::{self, JsonLdBreadcrumbs};
use crate::delivery::lists::ArticleOrdering;
use crate::delivery::public_contributor::PublicContributor;
use crate::delivery::public_section::PublicSection;
use crate::delivery::public_tag::PublicTag;
use crate::delivery::search::query::SearchArticles;
use crate::published::index_scans::first_positions;
use crate::published::press::moment_of;
use crate::published::{AnswerJson, ArticleFilter, ArticleSort, NewestOf, PublishedArticle};
use crate::site::page_lists::PageKind;
use crate::site::{contributors, tags};

/// A page that lists articles: of what, in which language, where it is.
struct ListingPage {
    kind: PageKind,
    locale: String,
    path: String,
    subject: PageSubject,
    filter: ArticleFilter,
    alternates: Vec<PageAlternate>,
    feeds: Vec<FeedLink>,
    breadcrumbs: Option<JsonLdBreadcrumbs>,
    keys: Vec<SurrogateKey>,
}

/// The part of a page's own list that is shown.
struct ShownPart {
    ids: Vec<ArticleId>,
    /// The section of each.
    section_ids: Vec<SectionId>,
    /// The list, as it stands in the page.
    list: AnswerJson,
    next_cursor: Option<String>,
    archive: Option<PageArchive>,
    /// The page's address on the site, where it stays.
    canonical_url: Option<String>,
    /// Whether it shows something that search engines should know.
    is_indexed: bool,
}

impl PageComposer<'_> {
    /// The home page in a language.
    ///
    /// # Errors
    /// Those of the database.
    pub fn home(&self, conn: &mut Conn, locale: &str) -> Result<CacheableAnswer> {
        let frame = self.setting.frame;
        let listing = ListingPage {
            kind: PageKind::Home,
            path: frame.site.localised(locale, "/"),
            locale: locale.to_owned(),
            subject: PageSubject::default(),
            filter: ArticleFilter {
                locale: Some(locale.to_owned()),
                ..ArticleFilter::default()
            },
            alternates: self.alternates(|locale| frame.site.localised(locale, "/")),
            feeds: self.site_feeds(locale),
            breadcrumbs: None,
            keys: vec![SurrogateKey::Articles],
        };
        self.listing_part(conn, listing, &PagePart::first(), |_| Ok(()))
    }

    fn site_feeds(&self, locale: &str) -> Vec<FeedLink> {
        let frame = self.setting.frame;
        let filter: &[(&str, &str)] = match locale == frame.site.first_locale() {
            true => &[],
            false => &[("locale", locale)],
        };
        head::feeds(frame, self.setting.public_url, None, filter)
    }

    /// The page of a section in a language.
    ///
    /// # Errors
    /// 404; 400 `invalid_cursor`.
    pub fn section(&self, conn: &mut Conn, id: SectionId, locale: &str, part: &PagePart) -> Result<CacheableAnswer> {
        let frame = self.setting.frame;
        let section = frame.tree.get(id).ok_or_else(Error::not_found)?;
        let shown = PublicSection::new(frame, section, locale);
        let below = frame.tree.children_of(Some(id)).iter();
        let below = below.filter_map(|id| frame.tree.get(*id));
        let below: Vec<PublicSection> = below
            .map(|section| PublicSection::new(frame, section, locale))
            .collect();
        let listing = ListingPage {
            kind: PageKind::Section,
            locale: locale.to_owned(),
            path: shown.path.clone(),
            subject: PageSubject {
                section: Some(id),
                article: None,
            },
            filter: ArticleFilter {
                locale: Some(locale.to_owned()),
                sections: vec![id],
                ..ArticleFilter::default()
            },
            alternates: self.alternates(|locale| frame.site.localised(locale, &section.path)),
            feeds: self.section_feeds(id, locale),
            breadcrumbs: Some(jsonld::breadcrumbs(self.setting.public_url, &shown.breadcrumb)),
            keys: vec![SurrogateKey::Section(id)],
        };
        self.listing_part(conn, listing, part, |page| {
            page.member("section", &shown)?;
            page.member("subsections", &below)
        })
    }

    /// The page of a tag in a language.
    ///
    /// # Errors
    /// 404; 400 `invalid_cursor`.
    pub fn tag(&self, conn: &mut Conn, id: TagId, locale: &str, part: &PagePart) -> Result<CacheableAnswer> {
        let site = &self.setting.frame.site;
        let tag = tags::store::get(conn, id)?;
        let shown = PublicTag::new(site, &tag, locale);
        let listing = ListingPage {
            kind: PageKind::Tag,
            locale: locale.to_owned(),
            path: shown.path.clone(),
            subject: PageSubject::default(),
            filter: ArticleFilter {
                locale: Some(locale.to_owned()),
                tags: vec![id],
                ..ArticleFilter::default()
            },
            alternates: self.alternates(|locale| tag.path(site, locale)),
            feeds: self.feeds_of(("tag", &tag.slug), &tag.label, locale),
            breadcrumbs: None,
            keys: vec![SurrogateKey::Tag(id)],
        };
        self.listing_part(conn, listing, part, |page| page.member("tag", &shown))
    }

    /// The page of a contributor in a language.
    ///
    /// # Errors
    /// 404; 400 `invalid_cursor`.
    pub fn contributor(
        &self,
        conn: &mut Conn,
        id: ContributorId,
        locale: &str,
        part: &PagePart,
    ) -> Result<CacheableAnswer> {
        let site = &self.setting.frame.site;
        let person = contributors::store::get(conn, id)?;
        let shown = PublicContributor::new(site, &person, locale);
        let listing = ListingPage {
            kind: PageKind::Contributor,
            locale: locale.to_owned(),
            path: shown.path.clone(),
            subject: PageSubject::default(),
            filter: ArticleFilter {
                locale: Some(locale.to_owned()),
                contributors: vec![id],
                ..ArticleFilter::default()
            },
            alternates: self.alternates(|locale| person.path(site, locale)),
            feeds: self.feeds_of(("contributor", &person.slug), &person.name, locale),
            breadcrumbs: None,
            keys: vec![SurrogateKey::Contributor(id)],
        };
        self.listing_part(conn, listing, part, |page| page.member("contributor", &shown))
    }

    fn alternates(&self, path_in: impl Fn(&str) -> String) -> Vec<PageAlternate> {
        let locales = self.setting.frame.site.locales.iter();
        let paths = locales.map(|locale| (locale.clone(), path_in(locale)));
        head::alternates(self.setting.public_url, paths.collect())
    }

    /// The page of a search.
    ///
    /// # Errors
    /// 400 `invalid_cursor`; 400 when the site does not speak the language.
    pub fn search(&self, conn: &mut Conn, asked: &SearchArticles, at: &Uri) -> Result<CacheableAnswer> {
        let (setting, site) = (self.setting, &self.setting.frame.site);
        let found = asked.find(conn, self.secrets, setting, self.options.shape())?;
        let listing = ListingPage {
            kind: PageKind::Search,
            path: String::new(),
            locale: found.locale.clone().unwrap_or_else(|| site.first_locale().to_owned()),
            subject: PageSubject::default(),
            filter: ArticleFilter::default(),
            alternates: Vec::new(),
            feeds: Vec::new(),
            breadcrumbs: None,
            keys: found.surrogate_keys(),
        };
        let mut list = AnswerJson::default();
        list.json.push_str("{\"items\":[");
        found.push_items(&mut list, setting)?;
        list.json.push(']');
        let next_url = found.page.next_cursor.as_deref().map(|cursor| next_page(at, cursor));
        list.member("page", &PageContinuation::new(&found.page, next_url))?;
        list.close();
        let shown = ShownPart {
            ids: found.hits.iter().map(|hit| hit.live.id).collect(),
            section_ids: found.hits.iter().map(|hit| hit.live.section_id()).collect(),
            list,
            next_cursor: found.page.next_cursor,
            archive: None,
            canonical_url: None,
            is_indexed: false,
        };
        self.listing(conn, listing, shown, |page| {
            page.member("q", &asked.q)?;
            page.member("did_you_mean", &found.did_you_mean)
        })
    }

    /// A page that lists articles, with what is its own written by `own`.
    fn listing(
        &self,
        conn: &mut Conn,
        listing: ListingPage,
        shown: ShownPart,
        own: impl FnOnce(&mut AnswerJson) -> Result<()>,
    ) -> Result<CacheableAnswer> {
        let (setting, locale) = (self.setting, listing.locale.as_str());
        let settings = setting.frame.site.pages.of(listing.kind);
        let planned = lists::plan_lists(conn, setting, locale, settings, listing.subject)?;
        let is_in = |id, below: &&SectionId| setting.frame.tree.lineage(**below).iter().any(|above| above.id == id);
        let claimed_in = |id| shown.section_ids.iter().filter(|below| is_in(id, below)).count();
        let mut lookups = lists::lookups(&planned, shown.ids.len(), ListReach::Near(&claimed_in));
        lookups.push((NewestOf::Breaking, MAX_BREAKING));
        let newest = setting.newest_of_each(conn, locale, &lookups)?;
        let breaking = breaking_ids(&newest);
        let found = ListCandidates {
            asked: lookups.clone(),
            newest,
            related: Vec::new(),
            own: None,
        };
        let mut keys = listing.keys;
        keys.extend(lookups.iter().map(|(of, _)| of.surrogate_key()));
        let filled = lists::fill(planned, found, &shown.ids, |further| {
            setting.newest_of_each(conn, locale, further)
        })?;
        let articles = setting.shown(conn, &shown_ids(&breaking, &filled), self.options.shape())?;

        let robots = match shown.is_indexed {
            true => RobotRule::Index,
            false => RobotRule::NoIndex,
        };
        let head = PageHead {
            canonical_url: shown.canonical_url,
            robots: robots.content(),
            alternates: listing.alternates,
            feeds: listing.feeds,
            jsonld: PageJsonLd {
                article: None,
                breadcrumbs: listing.breadcrumbs,
            },
        };
        let mut page = self.open(conn, listing.kind, locale, &head)?;
        self.note_end_of_ranks(conn, &mut page, &lookups)?;
        push_breaking(&mut page, setting, &breaking, &articles);
        own(&mut page)?;
        page.append("articles", shown.list);
        if let Some(archive) = &shown.archive {
            page.member("archive", archive)?;
        }
        lists::push_lists(&mut page, setting, &filled, &articles)?;
        page.close();
        let mut answer = self.page_answer(page, keys);
        answer.next_cursor = shown.next_cursor.filter(|_| listing.kind != PageKind::Home);
        Ok(answer)
    }

    /// A page whose own list is one of articles: the part of it that is asked for, as `listArticles` gives it.
    fn listing_part(
        &self,
        conn: &mut Conn,
        mut listing: ListingPage,
        part: &PagePart,
        own: impl FnOnce(&mut AnswerJson) -> Result<()>,
    ) -> Result<CacheableAnswer> {
        let (setting, zone) = (self.setting, self.setting.frame.site.zone());
        let bounds = part.month().map(|month| month.bounds(zone));
        let mut filter = listing.filter.clone();
        match bounds {
            Some(Some((begin, end))) => {
                (filter.published_after, filter.published_before) = (Some(begin), Some(end));
            }
            Some(None) => filter.nothing = true,
            None => {}
        }
        let ordering = ArticleOrdering {
            sort: ArticleSort::NewestFirst,
            count: CountRequest::default(),
            page: PageRequest::at(part.cursor().cloned()),
        };
        let (articles, info) = ordering.page_of(
            conn,
            setting,
            self.secrets,
            "/v1/articles",
            self.options.shape(),
            &filter,
        )?;
        let next_url = info
            .next_cursor
            .as_deref()
            .map(|cursor| self.next_url(&listing, part, cursor));
        let mut list = AnswerJson::list(setting, &articles);
        list.member("page", &PageContinuation::new(&info, next_url))?;
        list.close();
        let month = part.month().map(|month| month.to_string());
        let canonical = || match &month {
            Some(month) => setting.public_url.of(&format!("{}?month={month}", listing.path)),
            None => setting.public_url.of(&listing.path),
        };
        let shown = ShownPart {
            ids: articles.iter().map(|live| live.id).collect(),
            section_ids: articles.iter().map(PublishedArticle::section_id).collect(),
            list,
            next_cursor: info.next_cursor,
            archive: match listing.kind {
                PageKind::Home => None,
                _ => Some(self.archive(conn, &listing.filter, month.clone(), bounds.flatten(), &articles)?),
            },
            // A page behind a cursor has no address that stays, and an empty one is nothing to be found.
            canonical_url: part.is_first().then(canonical),
            is_indexed: part.is_first() && !articles.is_empty(),
        };
        if month.is_some() {
            // The month may be empty in another language.
            listing.alternates = Vec::new();
        }
        self.listing(conn, listing, shown, own)
    }

    /// The month of a page and those around it; `filter` chooses the articles of all months.
    fn archive(
        &self,
        conn: &mut Conn,
        filter: &ArticleFilter,
        month: Option<String>,
        bounds: Option<(Time, Time)>,
        shown: &[PublishedArticle],
    ) -> Result<PageArchive> {
        let zone = self.setting.frame.site.zone();
        let month_of = |position: i64| moment_of(position).map(|moment| Month::of(moment, zone).to_string());
        let (mut previous, mut next) = (None, None);
        if let Some((begin, end)) = bounds {
            let before = ArticleFilter {
                published_before: Some(begin),
                ..filter.clone()
            };
            let after = ArticleFilter {
                published_after: Some(end),
                ..filter.clone()
            };
            let around = [(before, ArticleSort::NewestFirst), (after, ArticleSort::OldestFirst)];
            let around = first_positions(conn, &around)?;
            previous = around.first().copied().flatten();
            next = around.get(1).copied().flatten();
        } else if month.is_none() {
            previous = shown.first().map(|live| live.position);
        }
        Ok(PageArchive {
            month,
            previous_month: previous.and_then(month_of),
            next_month: next.and_then(month_of),
        })
    }

    /// The request for what follows. A home page has one part only: its list goes on as a list.
    fn next_url(&self, listing: &ListingPage, part: &PagePart, cursor: &str) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let operation = if listing.kind == PageKind::Home {
            query.append_pair("locale", &listing.locale);
            query.append_pair("view", self.options.view().as_str());
            "/v1/articles"
        } else {
            query.append_pair("path", &listing.path);
            if let Some(month) = part.month() {
                query.append_pair("month", &month.to_string());
            }
            self.options.append_to(&mut query);
            "/v1/pages"
        };
        query.append_pair("cursor", cursor);
        format!("{operation}?{}", query.finish())
    }
}

fn shown_ids(breaking: &[ArticleId], lists: &[FilledList]) -> Vec<ArticleId> {
    let listed = lists.iter().flat_map(|list| &list.ids);
    distinct(breaking.iter().chain(listed).copied().collect())
}
