//! The pages: an article's, a section's, the home page.

use std::collections::HashMap;

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;

use super::lists;
use crate::access::entitlements::ReaderAccess;
use crate::base::db::Conn;
use crate::base::error::{Error, Result};
use crate::base::http::conditional::{CacheableAnswer, ConditionalRequest};
use crate::base::http::query::Params;
use crate::base::http::responses::Withdrawn;
use crate::base::ids::{ArticleId, SectionId};
use crate::base::locale::LocaleQuery;
use crate::base::secrets::Secrets;
use crate::comments::captcha::{Captcha, CaptchaKind};
use crate::delivery::at_path::{self, Moved, PathAnswer, PathQuery};
use crate::delivery::extras::{ArticleExtras, RequestedExtras};
use crate::delivery::gate::{self, GatedAnswer};
use crate::delivery::jsonld::{self, JsonLdBreadcrumbs};
use crate::delivery::lists::ArticleOrdering;
use crate::delivery::pages::lists::{PageSubject, PlannedList, ShownPageList};
use crate::delivery::public_article::PublicArticle;
use crate::delivery::public_section::PublicSection;
use crate::delivery::public_site::{PublicSite, public_site};
use crate::delivery::reader_request::ReaderRequest;
use crate::published::{
    AnswerContext, AnswerJson, ArticleFilter, ArticleShape, Card, CardList, NewestOf, PublishedArticle, cards_of,
    newest_of_each,
};
use crate::site::page_lists::PageKind;
use crate::site::paths::{self, PathKind, PathStatus, address};
use crate::site::takedowns;

/// Everything that an article's page shows.
#[derive(Serialize, ToSchema)]
pub struct ArticlePage {
    /// What every page shows.
    pub site: PublicSite,
    /// Breaking news at this moment, the newest first.
    #[schema(max_items = 20)]
    pub breaking: Vec<Card>,
    /// The article with everything that `include` can ask for.
    pub article: PublicArticle,
    /// The lists of the page, as the site's settings say.
    #[schema(max_items = 600)]
    pub lists: Vec<ShownPageList>,
    /// How the readers who comment prove that they are human; what a form needs beside comes from `/v1/captcha`.
    pub captcha: PageCaptcha,
}

/// Everything that a section's page shows.
#[derive(Serialize, ToSchema)]
pub struct SectionPage {
    /// What every page shows.
    pub site: PublicSite,
    /// Breaking news at this moment, the newest first.
    #[schema(max_items = 20)]
    pub breaking: Vec<Card>,
    /// The section with its breadcrumb.
    pub section: PublicSection,
    /// What search engines are told of the way to it (schema.org, as JSON-LD).
    pub jsonld: JsonLdBreadcrumbs,
    /// The sections right below it.
    #[schema(max_items = 2000)]
    pub subsections: Vec<PublicSection>,
    /// The latest of the section and those below it. The list goes on at `/v1/articles` with the section's id as
    /// `section`, the same `locale`, and `next_cursor` as `cursor`.
    pub articles: CardList,
    /// The lists of the page, as the site's settings say.
    #[schema(max_items = 600)]
    pub lists: Vec<ShownPageList>,
}

/// Everything that the home page shows.
#[derive(Serialize, ToSchema)]
pub struct HomePage {
    /// What every page shows.
    pub site: PublicSite,
    /// Breaking news at this moment, the newest first.
    #[schema(max_items = 20)]
    pub breaking: Vec<Card>,
    /// The latest of the whole site. The list goes on at `/v1/articles` with the same `locale`, and `next_cursor` as
    /// `cursor`.
    pub articles: CardList,
    /// The lists of the page, as the site's settings say.
    #[schema(max_items = 600)]
    pub lists: Vec<ShownPageList>,
}

/// How readers prove that they are human.
#[derive(Serialize, ToSchema)]
pub struct PageCaptcha {
    /// The kind of captcha.
    pub kind: CaptchaKind,
    /// The provider's public key; null where no provider is asked.
    pub site_key: Option<String>,
}

/// Breaking news that a page shows at most.
const MAX_BREAKING: i64 = 20;

/// What composing a page takes beside its parameters.
struct PageComposer<'s> {
    setting: &'s AnswerContext<'s>,
    secrets: &'s Secrets,
}

/// Read an article's page.
///
/// Everything that the page shows, in one answer: the site with its menus and ad slots, the article
/// with its comments and what goes with it, the lists that the site's settings name. A path that leads to an article's
/// answers 308, or 307 where an editor made it do so for now only.
#[utoipa::path(tag = "pages", operation_id = "getArticlePage", params(PathQuery), security((), ("readerEntitlement" = [])),
    responses((status = 200, description = "The page.", body = ArticlePage), Moved, Withdrawn))]
#[get("/v1/pages/article")]
pub async fn get_article_page(
    reading: ReaderRequest,
    access: ReaderAccess,
    secrets: Data<Secrets>,
    captcha: Data<Captcha>,
    reader: ConditionalRequest,
    params: Params<PathQuery>,
) -> Result<HttpResponse> {
    let answer = reading
        .read(move |conn, setting| PageComposer::new(setting, &secrets).article(conn, &captcha, &params.0, access))
        .await?;
    Ok(answer.respond(&reader, "/v1/pages/article"))
}

/// Read a section's page.
///
/// Everything that the page shows, in one answer: the site, the section and those below it, its latest articles, the
/// lists that the site's settings name. A path that leads to a section's answers 308, or 307 where an editor made it do
/// so for now only.
#[utoipa::path(tag = "pages", operation_id = "getSectionPage", params(PathQuery),
    responses((status = 200, description = "The page.", body = SectionPage), Moved, Withdrawn))]
#[get("/v1/pages/section")]
pub async fn get_section_page(
    reading: ReaderRequest,
    secrets: Data<Secrets>,
    reader: ConditionalRequest,
    params: Params<PathQuery>,
) -> Result<HttpResponse> {
    let answer = reading
        .read(move |conn, setting| PageComposer::new(setting, &secrets).section(conn, &params.0))
        .await?;
    Ok(answer.respond(&reader, "/v1/pages/section"))
}

/// Read the home page.
///
/// Everything that the page shows, in one answer: the site, breaking news, the latest articles, the lists that the
/// site's settings name.
#[utoipa::path(tag = "pages", operation_id = "getHomePage", params(LocaleQuery),
    responses((status = 200, description = "The page.", body = HomePage)))]
#[get("/v1/pages/home")]
pub async fn get_home_page(
    reading: ReaderRequest,
    secrets: Data<Secrets>,
    reader: ConditionalRequest,
    params: Params<LocaleQuery>,
) -> Result<HttpResponse> {
    let answer = reading
        .read(move |conn, setting| PageComposer::new(setting, &secrets).home(conn, &params.0))
        .await?;
    Ok(reader.respond(answer))
}

impl<'s> PageComposer<'s> {
    fn new(setting: &'s AnswerContext<'s>, secrets: &'s Secrets) -> Self {
        Self { setting, secrets }
    }

    fn article(&self, conn: &mut Conn, captcha: &Captcha, at: &PathQuery, access: ReaderAccess) -> Result<PathAnswer> {
        let (setting, frame) = (self.setting, self.setting.frame);
        let mut live = match at_path::find(conn, at)? {
            at_path::PathMatch::Article(live) => live,
            at_path::PathMatch::Moved(step) => return Ok(PathAnswer::Redirect(step)),
        };
        let audience = gate::open(conn, access, std::slice::from_mut(&mut live))?;
        let own = PageSubject {
            section: Some(live.section_id()),
            article: Some(live.id),
        };
        let lists = frame.site.pages.of(PageKind::Article);
        let planned = lists::plan_lists(conn, setting, live.locale(), lists, own)?;
        let mut lookups = lists::lookups(&planned);
        lookups.push((NewestOf::Breaking, MAX_BREAKING));
        let beside = ArticleExtras::gather(conn, setting, &live, RequestedExtras::all(), &lookups)?;
        let mut ids = beside.ids(&live);
        ids.extend(ids_of(&planned, &beside.newest, own));
        let cards = cards_of(conn, &ids)?;
        let related: Vec<ArticleId> = beside.related(&cards).map(|card| card.id).collect();
        let newest = beside.newest.clone();

        let mut page = self.start_page(conn, live.locale())?;
        page.cards_member(setting, "breaking", breaking(&newest, &cards));
        page.json.push_str(",\"article\":");
        beside.push(conn, &mut page, setting, self.secrets, &live, &cards)?;
        push_lists(&mut page, setting, &planned, own, &newest, &related, &cards)?;
        let captcha = PageCaptcha {
            kind: captcha.kind(),
            site_key: captcha.site_key().map(str::to_owned),
        };
        page.member("captcha", &captcha)?;
        page.close();
        let id = live.id;
        let answer = page_answer(page, vec![format!("article-{id}"), format!("comments-{id}")]);
        Ok(PathAnswer::Content(GatedAnswer::new(answer, audience)))
    }

    fn section(&self, conn: &mut Conn, at: &PathQuery) -> Result<PathAnswer> {
        let (setting, frame) = (self.setting, self.setting.frame);
        let key = address::key(at.path());
        let locale = frame.site.locale_of(&key).to_owned();
        let unprefixed = frame.site.unprefixed(&key);
        let Some(section) = frame.tree.at_path(unprefixed) else {
            return Self::moved_section(conn, at);
        };
        let own = PageSubject {
            section: Some(section.id),
            article: None,
        };
        let lists = frame.site.pages.of(PageKind::Section);
        let mut page = self.start_page(conn, &locale)?;
        let latest = self.latest(conn, &locale, Some(section.id))?;
        let planned = lists::plan_lists(conn, setting, &locale, lists, own)?;
        let (newest, cards) = fill_lists(conn, setting, &locale, &planned, own)?;
        page.cards_member(setting, "breaking", breaking(&newest, &cards));
        let shown = PublicSection::new(frame, section, &locale);
        page.member("jsonld", &jsonld::breadcrumbs(setting.public_url, &shown.breadcrumb))?;
        page.member("section", &shown)?;
        let below = frame.tree.children_of(Some(section.id)).iter();
        let below = below.filter_map(|id| frame.tree.get(*id));
        let below: Vec<PublicSection> = below
            .map(|section| PublicSection::new(frame, section, &locale))
            .collect();
        page.member("subsections", &below)?;
        page.append("articles", latest);
        push_lists(&mut page, setting, &planned, own, &newest, &[], &cards)?;
        page.close();
        let answer = page_answer(page, vec![format!("section-{}", section.id)]);
        Ok(PathAnswer::Content(answer.into()))
    }

    /// Where the section that was at a path is now.
    fn moved_section(conn: &mut Conn, at: &PathQuery) -> Result<PathAnswer> {
        let row = paths::find_as_written(conn, at.path())?.ok_or_else(Error::not_found)?;
        if row.status == PathStatus::Gone && row.kind == PathKind::Section {
            return Err(takedowns::gone(None));
        }
        let step = row.step().ok_or_else(Error::not_found)?;
        let (step, end) = paths::follow(conn, &row.path, step)?;
        let leads = end.is_some_and(|end| end.kind == PathKind::Section && end.status == PathStatus::Live);
        if !leads {
            return Err(Error::not_found());
        }
        Ok(PathAnswer::Redirect(step))
    }

    fn home(&self, conn: &mut Conn, params: &LocaleQuery) -> Result<CacheableAnswer> {
        let (setting, frame) = (self.setting, self.setting.frame);
        let locale = frame.locale_of(params)?;
        let lists = frame.site.pages.of(PageKind::Home);
        let mut page = self.start_page(conn, &locale)?;
        let latest = self.latest(conn, &locale, None)?;
        let planned = lists::plan_lists(conn, setting, &locale, lists, PageSubject::default())?;
        let (newest, cards) = fill_lists(conn, setting, &locale, &planned, PageSubject::default())?;
        page.cards_member(setting, "breaking", breaking(&newest, &cards));
        page.append("articles", latest);
        push_lists(
            &mut page,
            setting,
            &planned,
            PageSubject::default(),
            &newest,
            &[],
            &cards,
        )?;
        page.close();
        Ok(page_answer(page, Vec::new()))
    }

    /// Begins a page with what every page shows.
    fn start_page(&self, conn: &mut Conn, locale: &str) -> Result<AnswerJson> {
        let AnswerContext { frame, public_url, now } = *self.setting;
        let site = public_site(conn, frame, public_url, locale, now)?;
        let mut page = AnswerJson::opened(&PageHead { site })?;
        page.changes_at([frame.next_ad_change(now)]);
        Ok(page)
    }

    /// The first page of the latest articles, of a section or the whole site, as `listArticles` gives it.
    fn latest(&self, conn: &mut Conn, locale: &str, section: Option<SectionId>) -> Result<AnswerJson> {
        let filter = ArticleFilter {
            locale: Some(locale.to_owned()),
            sections: section.into_iter().collect(),
            ..ArticleFilter::default()
        };
        let (articles, info) =
            ArticleOrdering::default().page_of(conn, self.secrets, "/v1/articles", ArticleShape::Card, &filter)?;
        let mut composed = AnswerJson::list(self.setting, &articles);
        composed.member("page", &info)?;
        composed.close();
        Ok(composed)
    }
}

/// What every page begins with.
#[derive(Serialize)]
struct PageHead {
    site: PublicSite,
}

/// The articles found at each place of the lists, and the cards of these articles.
type FilledLists = (
    HashMap<NewestOf, Vec<(ArticleId, i64)>>,
    HashMap<ArticleId, PublishedArticle>,
);

fn fill_lists(
    conn: &mut Conn,
    setting: &AnswerContext<'_>,
    locale: &str,
    planned: &[PlannedList],
    own: PageSubject,
) -> Result<FilledLists> {
    let mut lookups = lists::lookups(planned);
    lookups.push((NewestOf::Breaking, MAX_BREAKING));
    let newest = newest_of_each(conn, locale, setting.now, &lookups)?;
    let cards = cards_of(conn, &ids_of(planned, &newest, own))?;
    Ok((newest, cards))
}

/// The articles of breaking news and of every list.
fn ids_of(
    planned: &[PlannedList],
    newest: &HashMap<NewestOf, Vec<(ArticleId, i64)>>,
    own: PageSubject,
) -> Vec<ArticleId> {
    let breaking = newest.get(&NewestOf::Breaking).into_iter().flatten().map(|(id, _)| *id);
    let mut ids: Vec<ArticleId> = breaking.collect();
    ids.extend(planned.iter().flat_map(|list| list.ids(newest, own)));
    ids.sort_unstable();
    ids.dedup();
    ids
}

fn breaking<'c>(
    newest: &HashMap<NewestOf, Vec<(ArticleId, i64)>>,
    cards: &'c HashMap<ArticleId, PublishedArticle>,
) -> Vec<&'c PublishedArticle> {
    let found = newest.get(&NewestOf::Breaking).into_iter().flatten();
    found.filter_map(|(id, _)| cards.get(id)).collect()
}

fn push_lists(
    page: &mut AnswerJson,
    setting: &AnswerContext<'_>,
    planned: &[PlannedList],
    own: PageSubject,
    newest: &HashMap<NewestOf, Vec<(ArticleId, i64)>>,
    related: &[ArticleId],
    cards: &HashMap<ArticleId, PublishedArticle>,
) -> Result<()> {
    page.json.push_str(",\"lists\":[");
    for (index, list) in planned.iter().enumerate() {
        if index > 0 {
            page.json.push(',');
        }
        let ids = if list.is_related() {
            related.to_vec()
        } else {
            list.ids(newest, own)
        };
        list.push(page, setting, ids.iter().filter_map(|id| cards.get(id)))?;
    }
    page.json.push(']');
    Ok(())
}

fn page_answer(page: AnswerJson, mut keys: Vec<String>) -> CacheableAnswer {
    keys.extend(["articles", "site", "menus", "ad-slots", "sections"].map(str::to_owned));
    CacheableAnswer {
        body: page.json,
        keys,
        next_change: page.next_change,
        next_cursor: None,
    }
}
