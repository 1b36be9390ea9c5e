//! The pages that list articles: the home page, a section's, a tag's, a contributor's.

use super::composer::{MAX_BREAKING, PageComposer, breaking_ids, distinct, page_answer, push_breaking};
use super::head::{self, PageHead, PageJsonLd, RobotRule};
use super::lists::{self, FilledList, ListCandidates, PageSubject};
use super::query::PagePart;
use super::views::PageContinuation;
use crate::base::db::Conn;
use crate::base::error::{Error, Result};
use crate::base::http::conditional::CacheableAnswer;
use crate::base::http::page::{CountRequest, PageRequest};
use crate::base::ids::{ArticleId, ContributorId, SectionId, TagId};
use crate::delivery::jsonld;
use crate::delivery::lists::ArticleOrdering;
use crate::delivery::public_contributor::PublicContributor;
use crate::delivery::public_section::PublicSection;
use crate::delivery::public_tag::PublicTag;
use crate::published::{
    AnswerJson, ArticleFilter, ArticleSort, NewestOf, PublishedArticle, newest_of_each, shown_articles,
};
use crate::site::page_lists::PageKind;
use crate::site::{contributors, tags};

/// A page that lists articles: of what, in which language, where it is.
struct ListingPage {
    kind: PageKind,
    locale: String,
    path: String,
    subject: PageSubject,
    filter: ArticleFilter,
    head: PageHead,
    keys: Vec<String>,
}

/// The part of a page's own list that is shown.
struct ShownPart {
    articles: Vec<PublishedArticle>,
    continuation: PageContinuation,
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
            head: PageHead {
                canonical_url: None,
                robots: String::new(),
                alternates: self.alternates(|locale| frame.site.localised(locale, "/")),
                feeds: self.site_feeds(locale),
                jsonld: PageJsonLd::default(),
            },
            keys: Vec::new(),
        };
        self.listing(conn, listing, &PagePart::first(), |_| Ok(()))
    }

    fn site_feeds(&self, locale: &str) -> Vec<head::FeedLink> {
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
            head: PageHead {
                canonical_url: None,
                robots: String::new(),
                alternates: self.alternates(|locale| frame.site.localised(locale, &section.path)),
                feeds: self.section_feeds(id, locale),
                jsonld: PageJsonLd {
                    article: None,
                    breadcrumbs: Some(jsonld::breadcrumbs(self.setting.public_url, &shown.breadcrumb)),
                },
            },
            keys: vec![format!("section-{id}")],
        };
        self.listing(conn, listing, part, |page| {
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
            head: self.thing_head(("tag", &tag.slug), &tag.label, locale, |locale| tag.path(site, locale)),
            keys: vec![format!("tag-{id}")],
        };
        self.listing(conn, listing, part, |page| page.member("tag", &shown))
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
            head: self.thing_head(("contributor", &person.slug), &person.name, locale, |locale| {
                person.path(site, locale)
            }),
            keys: vec![format!("contributor-{id}")],
        };
        self.listing(conn, listing, part, |page| page.member("contributor", &shown))
    }

    fn thing_head(&self, filter: (&str, &str), name: &str, locale: &str, path_in: impl Fn(&str) -> String) -> PageHead {
        let filter = self.feed_filter(filter.0, filter.1, locale);
        let filter: Vec<(&str, &str)> = filter.iter().map(|(name, value)| (*name, value.as_str())).collect();
        PageHead {
            canonical_url: None,
            robots: String::new(),
            alternates: self.alternates(path_in),
            feeds: head::feeds(self.setting.frame, self.setting.public_url, Some(name), &filter),
            jsonld: PageJsonLd::default(),
        }
    }

    fn alternates(&self, path_in: impl Fn(&str) -> String) -> Vec<head::PageAlternate> {
        let locales = self.setting.frame.site.locales.iter();
        let paths = locales.map(|locale| (locale.clone(), path_in(locale)));
        head::alternates(self.setting.public_url, paths.collect())
    }

    /// A page that lists articles, with what is its own written by `own`.
    fn listing(
        &self,
        conn: &mut Conn,
        listing: ListingPage,
        part: &PagePart,
        own: impl FnOnce(&mut AnswerJson) -> Result<()>,
    ) -> Result<CacheableAnswer> {
        let (setting, locale) = (self.setting, listing.locale.as_str());
        let shown = self.part_of(conn, &listing, part)?;
        let claimed: Vec<ArticleId> = shown.articles.iter().map(|live| live.id).collect();
        let settings = setting.frame.site.pages.of(listing.kind);
        let planned = lists::plan_lists(conn, setting, locale, settings, listing.subject)?;
        let mut lookups = lists::lookups(&planned, claimed.len());
        lookups.push((NewestOf::Breaking, MAX_BREAKING));
        let newest = newest_of_each(conn, locale, setting.now, &lookups)?;
        let found = ListCandidates {
            newest: &newest,
            related: &[],
            own: None,
        };
        let mut keys = lists::surrogate_keys(&planned);
        keys.extend(listing.keys);
        let filled = lists::fill(planned, &found, &claimed);
        let breaking = breaking_ids(&newest);
        let articles = shown_articles(conn, &shown_ids(&breaking, &filled), self.options.shape())?;

        let head = PageHead {
            canonical_url: part.is_first().then(|| setting.public_url.of(&listing.path)),
            // An empty page, or one whose address does not stay, is nothing to be found.
            robots: match part.is_first() && !claimed.is_empty() {
                true => RobotRule::Index.content(),
                false => RobotRule::NoIndex.content(),
            },
            ..listing.head
        };
        let mut page = self.open(conn, listing.kind, locale, &head)?;
        push_breaking(&mut page, setting, &breaking, &articles);
        own(&mut page)?;
        let mut latest = AnswerJson::list(setting, &shown.articles);
        latest.member("page", &shown.continuation)?;
        latest.close();
        page.append("articles", latest);
        lists::push_lists(&mut page, setting, &filled, &articles)?;
        page.close();
        let mut answer = page_answer(page, keys);
        answer.next_cursor = shown
            .continuation
            .next_cursor
            .filter(|_| listing.kind != PageKind::Home);
        Ok(answer)
    }

    /// The part of a page's own list that is asked for, as `listArticles` gives it.
    fn part_of(&self, conn: &mut Conn, listing: &ListingPage, part: &PagePart) -> Result<ShownPart> {
        let ordering = ArticleOrdering {
            sort: ArticleSort::NewestFirst,
            count: CountRequest::default(),
            page: PageRequest::at(part.cursor().cloned()),
        };
        let (articles, info) = ordering.page_of(
            conn,
            self.secrets,
            "/v1/articles",
            self.options.shape(),
            &listing.filter,
        )?;
        let next_url = info.next_cursor.as_deref().map(|cursor| self.next_url(listing, cursor));
        Ok(ShownPart {
            articles,
            continuation: PageContinuation {
                next_url,
                next_cursor: info.next_cursor,
                has_more: info.has_more,
            },
        })
    }

    /// The request for what follows. A home page has one part only: its list goes on as a list.
    fn next_url(&self, listing: &ListingPage, cursor: &str) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let operation = if listing.kind == PageKind::Home {
            query.append_pair("locale", &listing.locale);
            query.append_pair("view", self.options.view().as_str());
            "/v1/articles"
        } else {
            query.append_pair("path", &listing.path);
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
