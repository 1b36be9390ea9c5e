//! The pages: an article's, a section's, the home page.

use std::collections::HashMap;

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;

use super::lists::{self, Own, Planned, Shown};
use crate::base::db::Conn;
use crate::base::error::{Error, Result};
use crate::base::http::conditional::{Conditional, Fresh};
use crate::base::http::public_url::PublicUrl;
use crate::base::http::query::Params;
use crate::base::http::responses::Withdrawn;
use crate::base::ids::{ArticleId, SectionId};
use crate::base::locale::InLocale;
use crate::base::secrets::Secrets;
use crate::comments::captcha::{Captcha, CaptchaKind};
use crate::delivery::at_path::{Answer, AtPath, Moved};
use crate::delivery::beside::{Beside, Include};
use crate::delivery::jsonld::JsonLdBreadcrumbs;
use crate::delivery::lists::Ordering;
use crate::delivery::public_article::PublicArticle;
use crate::delivery::public_section::PublicSection;
use crate::delivery::public_site::{PublicSite, public_site};
use crate::delivery::reading::Reading;
use crate::delivery::{at_path, jsonld};
use crate::published::{Card, CardPage, Composed, Filter, Live, Setting, Shape, Walk, cards_of, newest_of_each};
use crate::site::page_lists::PageKind;
use crate::site::paths::{PathKind, PathStatus, address};
use crate::site::{paths, takedowns};

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
    pub lists: Vec<Shown>,
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
    pub articles: CardPage,
    /// The lists of the page, as the site's settings say.
    #[schema(max_items = 600)]
    pub lists: Vec<Shown>,
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
    pub articles: CardPage,
    /// The lists of the page, as the site's settings say.
    #[schema(max_items = 600)]
    pub lists: Vec<Shown>,
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
const BREAKING: i64 = 20;

/// What composing a page takes beside its parameters.
struct Page<'s> {
    setting: &'s Setting<'s>,
    secrets: &'s Secrets,
}

/// Read an article's page.
///
/// Everything that the page shows, in one answer: the site with its menus and places for advertisements, the article
/// with its comments and what goes with it, the lists that the site's settings name. A path that leads to an article's
/// answers 308, or 307 where an editor made it do so for now only.
#[utoipa::path(tag = "pages", operation_id = "getArticlePage", params(AtPath),
    responses((status = 200, description = "The page.", body = ArticlePage), Moved, Withdrawn))]
#[get("/v1/pages/article")]
pub async fn get_article_page(
    reading: Reading,
    secrets: Data<Secrets>,
    captcha: Data<Captcha>,
    reader: Conditional,
    params: Params<AtPath>,
) -> Result<HttpResponse> {
    let answer = reading
        .read(move |conn, setting| Page::new(setting, &secrets).article(conn, &captcha, &params.0))
        .await?;
    Ok(answer.respond(&reader, "/v1/pages/article"))
}

/// Read a section's page.
///
/// Everything that the page shows, in one answer: the site, the section and those below it, its latest articles, the
/// lists that the site's settings name. A path that leads to a section's answers 308, or 307 where an editor made it do
/// so for now only.
#[utoipa::path(tag = "pages", operation_id = "getSectionPage", params(AtPath),
    responses((status = 200, description = "The page.", body = SectionPage), Moved, Withdrawn))]
#[get("/v1/pages/section")]
pub async fn get_section_page(
    reading: Reading,
    secrets: Data<Secrets>,
    reader: Conditional,
    params: Params<AtPath>,
) -> Result<HttpResponse> {
    let answer = reading
        .read(move |conn, setting| Page::new(setting, &secrets).section(conn, &params.0))
        .await?;
    Ok(answer.respond(&reader, "/v1/pages/section"))
}

/// Read the home page.
///
/// Everything that the page shows, in one answer: the site, breaking news, the latest articles, the lists that the
/// site's settings name.
#[utoipa::path(tag = "pages", operation_id = "getHomePage", params(InLocale),
    responses((status = 200, description = "The page.", body = HomePage)))]
#[get("/v1/pages/home")]
pub async fn get_home_page(
    reading: Reading,
    secrets: Data<Secrets>,
    reader: Conditional,
    params: Params<InLocale>,
) -> Result<HttpResponse> {
    let fresh = reading
        .read(move |conn, setting| Page::new(setting, &secrets).home(conn, &params.0))
        .await?;
    Ok(reader.respond(fresh))
}

impl<'s> Page<'s> {
    fn new(setting: &'s Setting<'s>, secrets: &'s Secrets) -> Self {
        Self { setting, secrets }
    }

    fn article(&self, conn: &mut Conn, captcha: &Captcha, at: &AtPath) -> Result<Answer> {
        let (setting, frame) = (self.setting, self.setting.frame);
        let live = match at_path::find(conn, at)? {
            at_path::Found::Article(live) => live,
            at_path::Found::Moved(step) => return Ok(Answer::Elsewhere(step)),
        };
        let own = Own {
            section: Some(live.section_id()),
            article: Some(live.id),
        };
        let lists = frame.site.pages.of(PageKind::Article);
        let planned = lists::plan(conn, setting, live.locale(), lists, own)?;
        let mut walks = lists::walks(&planned);
        walks.push((Walk::Breaking, BREAKING));
        let beside = Beside::gather(conn, setting, &live, Include::all(), &walks)?;
        let mut ids = beside.ids(&live);
        ids.extend(ids_of(&planned, &beside.walked, own));
        let cards = cards_of(conn, &ids)?;
        let related: Vec<ArticleId> = beside.related(&cards).map(|card| card.id).collect();
        let walked = beside.walked.clone();

        let mut page = self.begun(conn, live.locale())?;
        page.cards_member(setting, "breaking", breaking(&walked, &cards));
        page.json.push_str(",\"article\":");
        beside.push(conn, &mut page, setting, self.secrets, &live, &cards)?;
        push_lists(&mut page, setting, &planned, own, &walked, &related, &cards)?;
        let captcha = PageCaptcha {
            kind: captcha.kind(),
            site_key: captcha.site_key().map(str::to_owned),
        };
        page.member("captcha", &captcha)?;
        page.close();
        let id = live.id;
        Ok(Answer::Here(done(
            page,
            vec![format!("article-{id}"), format!("comments-{id}")],
        )))
    }

    fn section(&self, conn: &mut Conn, at: &AtPath) -> Result<Answer> {
        let (setting, frame) = (self.setting, self.setting.frame);
        let key = address::key(at.path());
        let locale = frame.site.locale_of(&key).to_owned();
        let unprefixed = frame.site.unprefixed(&key);
        let Some(section) = frame.tree.at_path(unprefixed) else {
            return Self::moved_section(conn, at);
        };
        let own = Own {
            section: Some(section.id),
            article: None,
        };
        let lists = frame.site.pages.of(PageKind::Section);
        let mut page = self.begun(conn, &locale)?;
        let latest = self.latest(conn, &locale, Some(section.id))?;
        let planned = lists::plan(conn, setting, &locale, lists, own)?;
        let (walked, cards) = filled(conn, setting, &locale, &planned, own)?;
        page.cards_member(setting, "breaking", breaking(&walked, &cards));
        let shown = PublicSection::new(frame, section, &locale);
        page.member(
            "jsonld",
            &jsonld::breadcrumbs(&PublicUrl(setting.public_url.to_owned()), &shown.breadcrumb),
        )?;
        page.member("section", &shown)?;
        let below = frame.tree.children_of(Some(section.id)).iter();
        let below = below.filter_map(|id| frame.tree.get(*id));
        let below: Vec<PublicSection> = below
            .map(|section| PublicSection::new(frame, section, &locale))
            .collect();
        page.member("subsections", &below)?;
        page.append("articles", latest);
        push_lists(&mut page, setting, &planned, own, &walked, &[], &cards)?;
        page.close();
        Ok(Answer::Here(done(page, vec![format!("section-{}", section.id)])))
    }

    /// Where a section that is not at a path went.
    fn moved_section(conn: &mut Conn, at: &AtPath) -> Result<Answer> {
        let row = paths::find_asked(conn, at.path())?.ok_or_else(Error::not_found)?;
        if row.status == PathStatus::Gone && row.kind == PathKind::Section {
            return Err(takedowns::gone(None));
        }
        let step = row.step().ok_or_else(Error::not_found)?;
        let (step, end) = paths::follow(conn, &row.path, step)?;
        let leads = end.is_some_and(|end| end.kind == PathKind::Section && end.status == PathStatus::Live);
        if !leads {
            return Err(Error::not_found());
        }
        Ok(Answer::Elsewhere(step))
    }

    fn home(&self, conn: &mut Conn, params: &InLocale) -> Result<Fresh> {
        let (setting, frame) = (self.setting, self.setting.frame);
        let locale = frame.locale_of(params)?;
        let lists = frame.site.pages.of(PageKind::Home);
        let mut page = self.begun(conn, &locale)?;
        let latest = self.latest(conn, &locale, None)?;
        let planned = lists::plan(conn, setting, &locale, lists, Own::default())?;
        let (walked, cards) = filled(conn, setting, &locale, &planned, Own::default())?;
        page.cards_member(setting, "breaking", breaking(&walked, &cards));
        page.append("articles", latest);
        push_lists(&mut page, setting, &planned, Own::default(), &walked, &[], &cards)?;
        page.close();
        Ok(done(page, Vec::new()))
    }

    /// A page that says what every page does.
    fn begun(&self, conn: &mut Conn, locale: &str) -> Result<Composed> {
        let Setting { frame, public_url, now } = *self.setting;
        let site = public_site(conn, frame, public_url, locale, now)?;
        let mut page = Composed::opened(&SiteOf { site })?;
        page.changes_at([frame.next_ad_change(now)]);
        Ok(page)
    }

    /// The first page of the latest articles, of a section or the whole site, as `listArticles` gives it.
    fn latest(&self, conn: &mut Conn, locale: &str, section: Option<SectionId>) -> Result<Composed> {
        let filter = Filter {
            locale: Some(locale.to_owned()),
            sections: section.into_iter().collect(),
            ..Filter::default()
        };
        let (lives, info) = Ordering::default().page_of(conn, self.secrets, "/v1/articles", Shape::Card, &filter)?;
        let mut composed = Composed::list(self.setting, &lives);
        composed.member("page", &info)?;
        composed.close();
        Ok(composed)
    }
}

/// What every page begins with.
#[derive(Serialize)]
struct SiteOf {
    site: PublicSite,
}

/// What the places of lists hold, and the cards of all of it.
type Filled = (HashMap<Walk, Vec<(ArticleId, i64)>>, HashMap<ArticleId, Live>);

fn filled(conn: &mut Conn, setting: &Setting<'_>, locale: &str, planned: &[Planned], own: Own) -> Result<Filled> {
    let mut walks = lists::walks(planned);
    walks.push((Walk::Breaking, BREAKING));
    let walked = newest_of_each(conn, locale, setting.now, &walks)?;
    let cards = cards_of(conn, &ids_of(planned, &walked, own))?;
    Ok((walked, cards))
}

/// The articles of breaking news and of every list.
fn ids_of(planned: &[Planned], walked: &HashMap<Walk, Vec<(ArticleId, i64)>>, own: Own) -> Vec<ArticleId> {
    let breaking = walked.get(&Walk::Breaking).into_iter().flatten().map(|(id, _)| *id);
    let mut ids: Vec<ArticleId> = breaking.collect();
    ids.extend(planned.iter().flat_map(|list| list.ids(walked, own)));
    ids.sort_unstable();
    ids.dedup();
    ids
}

fn breaking<'c>(walked: &HashMap<Walk, Vec<(ArticleId, i64)>>, cards: &'c HashMap<ArticleId, Live>) -> Vec<&'c Live> {
    let found = walked.get(&Walk::Breaking).into_iter().flatten();
    found.filter_map(|(id, _)| cards.get(id)).collect()
}

fn push_lists(
    page: &mut Composed,
    setting: &Setting<'_>,
    planned: &[Planned],
    own: Own,
    walked: &HashMap<Walk, Vec<(ArticleId, i64)>>,
    related: &[ArticleId],
    cards: &HashMap<ArticleId, Live>,
) -> Result<()> {
    page.json.push_str(",\"lists\":[");
    for (index, list) in planned.iter().enumerate() {
        if index > 0 {
            page.json.push(',');
        }
        let ids = if list.is_related() {
            related.to_vec()
        } else {
            list.ids(walked, own)
        };
        list.push(page, setting, ids.iter().filter_map(|id| cards.get(id)))?;
    }
    page.json.push(']');
    Ok(())
}

fn done(page: Composed, mut keys: Vec<String>) -> Fresh {
    keys.extend(["articles", "site", "menus", "ad-slots", "sections"].map(str::to_owned));
    Fresh {
        body: page.json,
        keys,
        next_change: page.next_change,
        next_cursor: None,
    }
}
