//! How each kind of page is composed: what it shows is gathered as ids first, read in one statement, then written.

use std::collections::HashMap;
use std::sync::Arc;

use actix_web::web::Data;
use serde::Serialize;

use super::head::{self, PageHead, PageJsonLd, RobotRule};
use super::lists::{self, ListCandidates, ListReach, PageSubject};
use super::query::{ArticlePageOptions, PageFrame, PageOptions};
use super::views::PageCaptcha;
use crate::articles::model::ArticleState;
use crate::base::db::Conn;
use crate::base::error::{Error, Result};
use crate::base::http::conditional::CacheableAnswer;
use crate::base::ids::{ArticleId, SectionId};
use crate::base::secrets::{Secrets, sha256};
use crate::base::surrogate_key::SurrogateKey;
use crate::comments::captcha::Captcha;
use crate::delivery::extras::{ArticleExtras, ArticleInclude};
use crate::delivery::public_site::public_site;
use crate::delivery::{jsonld, related};
use crate::published::{AnswerContext, AnswerJson, NewestOf, PlacedIds, PublishedArticle, most_read};
use crate::site::frame::ShownFrame;
use crate::site::menus;
use crate::site::page_lists::PageKind;

/// Breaking news that a page shows at most.
pub(super) const MAX_BREAKING: i64 = 20;

/// What pages are made with.
#[derive(Clone)]
pub struct PageTools {
    secrets: Data<Secrets>,
    captcha: PageCaptcha,
}

impl PageTools {
    /// From what the server is made with.
    pub fn new(secrets: Data<Secrets>, captcha: &Captcha) -> Self {
        Self {
            secrets,
            captcha: PageCaptcha {
                kind: captcha.kind(),
                site_key: captcha.site_key().map(str::to_owned),
            },
        }
    }

    /// What composes a page of an answer.
    pub fn composer<'c>(&'c self, setting: &'c AnswerContext<'c>, options: PageOptions) -> PageComposer<'c> {
        PageComposer {
            setting,
            secrets: &self.secrets,
            captcha: &self.captcha,
            options,
        }
    }
}

/// What composing a page takes.
pub struct PageComposer<'s> {
    /// The frame, the moment, the site's address.
    pub setting: &'s AnswerContext<'s>,
    /// What cursors are signed with.
    pub secrets: &'s Secrets,
    /// How readers who comment prove that they are human.
    pub captcha: &'s PageCaptcha,
    /// How much of the page is asked for.
    pub options: PageOptions,
}

/// What every page begins with.
#[derive(Serialize)]
struct PageStart<'p> {
    kind: &'p str,
    frame_version: &'p str,
    head: &'p PageHead,
}

impl PageComposer<'_> {
    /// The page of a live article, or of one that is previewed: its state says so.
    ///
    /// # Errors
    /// Those of the database.
    pub fn article(
        &self,
        conn: &mut Conn,
        live: &PublishedArticle,
        asked: &ArticlePageOptions,
        preview: Option<ArticleState>,
    ) -> Result<CacheableAnswer> {
        let (setting, include) = (self.setting, asked.include());
        let own = PageSubject {
            section: Some(live.section_id()),
            article: Some(live.id),
        };
        let settings = setting.frame.site.pages.of(PageKind::Article);
        let mut planned = lists::plan_lists(conn, setting, live.locale(), settings, own)?;
        if include.has(ArticleInclude::Related) {
            lists::drop_related(&mut planned);
        }
        let mut lookups = lists::lookups(&planned, 0, ListReach::Full);
        lookups.push((NewestOf::Breaking, MAX_BREAKING));
        let outline = live.outline();
        if lists::shows_related(&planned) {
            lookups.extend(related::lookups(&outline, live.section_id()));
        }
        // What search engines are told stands in the head.
        let inside = include.without(ArticleInclude::Jsonld);
        let mut beside = ArticleExtras::gather(conn, setting, live, inside, &lookups)?.with_body(asked.body_format());
        let mut ids = beside.ids(live);
        let breaking = breaking_ids(&beside.newest);
        let found = ListCandidates {
            asked: lookups.clone(),
            related: Self::related(live, &beside, &ids),
            newest: std::mem::take(&mut beside.newest),
            own: own.article,
        };
        let mut keys = beside.surrogate_keys(live);
        keys.extend(lookups.iter().map(|(of, _)| of.surrogate_key()));
        let filled = lists::fill(planned, found, &[], |further| {
            setting.newest_of_each(conn, live.locale(), further)
        })?;
        ids.extend(breaking.iter().chain(filled.iter().flat_map(|list| &list.ids)));
        let articles = setting.shown(conn, &distinct(ids), self.options.shape())?;

        let mut head = self.article_head(live, &beside, include.has(ArticleInclude::Jsonld))?;
        if preview.is_some() {
            (head.canonical_url, head.robots) = (None, RobotRule::Nothing.content());
        }
        let mut page = self.open(conn, PageKind::Article, live.locale(), &head)?;
        self.note_end_of_ranks(conn, &mut page, &lookups)?;
        push_breaking(&mut page, setting, &breaking, &articles);
        page.json.push_str(",\"article\":");
        beside.push(conn, &mut page, setting, self.secrets, live, &articles)?;
        lists::push_lists(&mut page, setting, &filled, &articles)?;
        page.member("captcha", self.captcha)?;
        page.member("is_preview", &preview.is_some())?;
        page.member("state", &preview)?;
        page.close();
        Ok(self.page_answer(page, keys))
    }

    /// What goes with an article. What the article links to anyway comes last, unless an editor chose it.
    fn related(live: &PublishedArticle, beside: &ArticleExtras, linked: &[ArticleId]) -> Vec<ArticleId> {
        let outline = live.outline();
        let ranked = related::rank_related(live.id, &outline, live.section_id(), &beside.newest);
        let (last, mut first): (Vec<_>, Vec<_>) = ranked
            .into_iter()
            .partition(|id| linked.contains(id) && !outline.related.contains(id));
        first.extend(last);
        first
    }

    fn article_head(&self, live: &PublishedArticle, beside: &ArticleExtras, has_jsonld: bool) -> Result<PageHead> {
        let (setting, item) = (self.setting, live.head()?);
        let mut told = PageJsonLd::default();
        if has_jsonld {
            let both = jsonld::of(setting, live, &item);
            told.article = Some(both.article);
            told.breadcrumbs = Some(both.breadcrumbs);
        }
        let is_hidden = item.seo.as_ref().is_some_and(|seo| seo.no_index);
        let robots = if is_hidden {
            RobotRule::NoIndex
        } else {
            RobotRule::Index
        };
        let mut paths = beside.paths_by_locale(live);
        paths.push((live.locale().to_owned(), live.path().to_owned()));
        paths.sort();
        Ok(PageHead {
            canonical_url: Some(setting.public_url.of(live.path())),
            robots: robots.content(),
            alternates: head::alternates(setting.public_url, paths),
            feeds: self.section_feeds(live.section_id(), live.locale()),
            jsonld: told,
        })
    }

    pub(super) fn section_feeds(&self, id: SectionId, locale: &str) -> Vec<head::FeedLink> {
        let Some(section) = self.setting.frame.tree.get(id) else {
            return Vec::new();
        };
        self.feeds_of(("section", &section.path), &section.label_in(locale), locale)
    }

    /// The feeds of one thing, in a language: the site's first is not named.
    pub(super) fn feeds_of(&self, thing: (&str, &str), label: &str, locale: &str) -> Vec<head::FeedLink> {
        let (frame, public_url) = (self.setting.frame, self.setting.public_url);
        let mut filter = vec![thing];
        if locale != frame.site.first_locale() {
            filter.push(("locale", locale));
        }
        head::feeds(frame, public_url, Some(label), &filter)
    }

    /// Begins a page with what every page has.
    pub(super) fn open(&self, conn: &mut Conn, kind: PageKind, locale: &str, head: &PageHead) -> Result<AnswerJson> {
        let shown = self.shown_frame(conn, locale)?;
        let mut page = AnswerJson::opened(&PageStart {
            kind: kind.as_str(),
            frame_version: &shown.version,
            head,
        })?;
        page.raw_member(
            "site",
            match self.options.frame {
                PageFrame::Full => &shown.json,
                PageFrame::None => "null",
            },
        );
        page.changes_at([shown.next_change]);
        Ok(page)
    }

    /// What the page says of the site: as it was made for the page before, where nothing of it has changed.
    fn shown_frame(&self, conn: &mut Conn, locale: &str) -> Result<Arc<ShownFrame>> {
        let AnswerContext {
            frame,
            public_url,
            now,
            deaths,
            made_after,
            ..
        } = *self.setting;
        if let Some(shown) = frame.shown(locale, deaths, now) {
            return Ok(shown);
        }
        let site = public_site(conn, frame, public_url, locale, now)?;
        let json = serde_json::to_string(&site).map_err(Error::internal)?;
        let version = sha256(json.as_bytes());
        let shown = Arc::new(ShownFrame {
            version: version.get(..16).unwrap_or(&version).to_owned(),
            json,
            age: deaths.age(&menus::surrogate_keys(&frame.menus), made_after.unwrap_or(0)),
            next_change: frame.next_ad_change(now),
        });
        if made_after.is_some() {
            frame.keep_shown(locale, shown.clone());
        }
        Ok(shown)
    }

    /// Notes when the ranks that an editor sent end, where the page lists what is read most.
    pub(super) fn note_end_of_ranks(
        &self,
        conn: &mut Conn,
        page: &mut AnswerJson,
        lookups: &[(NewestOf, i64)],
    ) -> Result<()> {
        let ranked = lookups.iter().find_map(|(of, _)| match of {
            NewestOf::MostRead(window, _) => Some(*window),
            _ => None,
        });
        if let Some(window) = ranked {
            page.changes_at([most_read::store::expires_at(conn, window, self.setting.now)?]);
        }
        Ok(())
    }

    /// The finished page: of what it shows, and of what the menus in its frame lead to.
    pub(super) fn page_answer(&self, page: AnswerJson, mut keys: Vec<SurrogateKey>) -> CacheableAnswer {
        keys.extend(menus::surrogate_keys(&self.setting.frame.menus));
        page.answer(keys)
    }
}

pub(super) fn breaking_ids(newest: &HashMap<NewestOf, PlacedIds>) -> Vec<ArticleId> {
    let found = newest
        .get(&NewestOf::Breaking)
        .into_iter()
        .flat_map(|found| found.iter());
    let most = usize::try_from(MAX_BREAKING).unwrap_or(0);
    found.map(|(id, _)| *id).take(most).collect()
}

pub(super) fn distinct(mut ids: Vec<ArticleId>) -> Vec<ArticleId> {
    ids.sort_unstable();
    ids.dedup();
    ids
}

pub(super) fn push_breaking(
    page: &mut AnswerJson,
    setting: &AnswerContext<'_>,
    ids: &[ArticleId],
    articles: &HashMap<ArticleId, PublishedArticle>,
) {
    page.cards_member(setting, "breaking", ids.iter().filter_map(|id| articles.get(id)));
}
