//! The pages: whatever stands at a path, and each kind by itself.

use actix_web::http::Uri;
use actix_web::web::Data;
use actix_web::{HttpResponse, get};

use super::composer::PageTools;
use super::query::{GetArticlePage, GetHomePage, GetListingPage, GetPage, GetSearchPage, GetSluggedPage};
use super::views::{ArticlePage, ContributorPage, HomePage, Page, RedirectPage, SearchPage, SectionPage, TagPage};
use crate::access::entitlements::ReaderAccess;
use crate::base::error::{Code, Error, Result};
use crate::base::http::conditional::{CacheableAnswer, PublicReply};
use crate::base::http::page::PageRequest;
use crate::base::http::query::Params;
use crate::base::http::responses::Withdrawn;
use crate::base::locale::LocaleQuery;
use crate::base::secrets::Secrets;
use crate::base::surrogate_key::SurrogateKey;
use crate::comments::captcha::Captcha;
use crate::delivery::at_path::{
    self, Moved, PathAnswer, PathMatch, PathQuery, ResolvedKind, SluggedThing, ThingAtPath,
};
use crate::delivery::gate::{self, GatedAnswer};
use crate::delivery::lists::ArticleFilters;
use crate::delivery::pages::query::{ArticlePageOptions, PageOptions, PagePart};
use crate::delivery::reader_request::ReaderRequest;
use crate::delivery::search::query::SearchArticles;

/// Read the page at a path.
///
/// Whatever a public path shows, in one answer; `kind` says what it is. A page comes with the site's frame (name, menus, ad
/// slots), with what stands in its HTML head, with breaking news, and with the lists that the site's settings name. A path
/// that leads elsewhere, in one step, is answered as data: `redirect`. Addresses of a site before, such as `/?p=123`, are
/// understood. `cursor` goes on with the page's own list, where it has one.
#[utoipa::path(tag = "pages", operation_id = "getPage", params(PathQuery, PageOptions, PagePart, ArticlePageOptions),
    security((), ("readerEntitlement" = [])),
    responses((status = 200, description = "The page.", body = Page), Withdrawn))]
#[get("/v1/pages")]
pub async fn get_page(
    reading: ReaderRequest,
    access: ReaderAccess,
    secrets: Data<Secrets>,
    captcha: Data<Captcha>,
    reply: PublicReply,
    params: Params<GetPage>,
) -> Result<HttpResponse> {
    let tools = PageTools::new(secrets, &captcha);
    let answer = reading
        .read_as(params.0.beside.is_brief(), move |conn, setting| {
            let GetPage {
                at,
                options,
                part,
                beside,
            } = params.0;
            let composer = tools.composer(setting, options);
            let PathMatch { path: _, locale, thing } = at_path::find(conn, setting.frame, &at)?;
            let has_list = matches!(
                thing,
                ThingAtPath::Section(_) | ThingAtPath::Tag(_) | ThingAtPath::Contributor(_) | ThingAtPath::Gone(_)
            );
            if let Some(name) = part.named_parameter().filter(|_| !has_list) {
                return Err(Error::new(Code::ParameterNotForKind).with("name", name));
            }
            let page = match thing {
                ThingAtPath::Section(id) => composer.section(conn, id, &locale, &part),
                ThingAtPath::Tag(id) => composer.tag(conn, id, &locale, &part),
                ThingAtPath::Contributor(id) => composer.contributor(conn, id, &locale, &part),
                ThingAtPath::Gone(article) => Err(at_path::gone_error(conn, article)),
                ThingAtPath::Home => composer.home(conn, &locale),
                ThingAtPath::Article(mut live) => {
                    let audience = gate::open(conn, access, std::slice::from_mut(&mut live))?;
                    let page = composer.article(conn, &live, &beside, None)?;
                    return Ok(GatedAnswer::new(page, audience));
                }
                ThingAtPath::Redirect(step, _) => {
                    let page = RedirectPage::new(step.location, step.http_status);
                    CacheableAnswer::json(&page, vec![SurrogateKey::Paths])
                }
            };
            page.map(GatedAnswer::from)
        })
        .await?;
    Ok(answer.respond(&reply))
}

/// Read an article's page.
///
/// As `getPage`, for who knows that an article stands there. A path that leads to another article's answers 308, or 307
/// where an editor made it do so for now only; where something else stands, 404 `other_kind` says what and where.
#[utoipa::path(tag = "pages", operation_id = "getArticlePage", params(PathQuery, PageOptions, ArticlePageOptions),
    security((), ("readerEntitlement" = [])),
    responses((status = 200, description = "The page.", body = ArticlePage), Moved, Withdrawn))]
#[get("/v1/pages/article")]
pub async fn get_article_page(
    reading: ReaderRequest,
    access: ReaderAccess,
    secrets: Data<Secrets>,
    captcha: Data<Captcha>,
    reply: PublicReply,
    params: Params<GetArticlePage>,
) -> Result<HttpResponse> {
    let tools = PageTools::new(secrets, &captcha);
    let answer = reading
        .read_as(params.0.beside.is_brief(), move |conn, setting| {
            let GetArticlePage { at, options, beside } = params.0;
            let found = at_path::find(conn, setting.frame, &at)?;
            match found.thing {
                ThingAtPath::Article(mut live) => {
                    let audience = gate::open(conn, access, std::slice::from_mut(&mut live))?;
                    let page = tools.composer(setting, options).article(conn, &live, &beside, None)?;
                    Ok(PathAnswer::Content(GatedAnswer::new(page, audience)))
                }
                thing => PathMatch { thing, ..found }.redirect_within(conn, ResolvedKind::Article),
            }
        })
        .await?;
    Ok(answer.respond(&reply, "/v1/pages/article"))
}

/// Declares the operation that reads the page of something that lists articles.
macro_rules! listing_page {
    ($(#[$meta:meta])* $name:ident, $compose:ident, $path:literal, $kind:ident, $query:ident, |$at:ident, $frame:ident| $place:expr) => {
        $(#[$meta])*
        #[get($path)]
        pub async fn $name(
            reading: ReaderRequest,
            secrets: Data<Secrets>,
            captcha: Data<Captcha>,
            reply: PublicReply,
            params: Params<$query>,
        ) -> Result<HttpResponse> {
            let tools = PageTools::new(secrets, &captcha);
            let answer = reading
                .read_as(true, move |conn, setting| {
                    let $query { at: $at, options, part } = params.0;
                    let $frame = setting.frame;
                    let found = at_path::find(conn, $frame, &$place)?;
                    match found.thing {
                        ThingAtPath::$kind(id) => {
                            let composer = tools.composer(setting, options);
                            composer.$compose(conn, id, &found.locale, &part).map(|page| PathAnswer::Content(page.into()))
                        }
                        thing => PathMatch { thing, ..found }.redirect_within(conn, ResolvedKind::$kind),
                    }
                })
                .await?;
            Ok(answer.respond(&reply, $path))
        }
    };
}

listing_page! {
    /// Read a section's page.
    ///
    /// As `getPage`, for who knows that a section stands there. A path that leads to another section's answers 308, or 307
    /// where an editor made it do so for now only; where something else stands, 404 `other_kind` says what and where.
    #[utoipa::path(tag = "pages", operation_id = "getSectionPage", params(PathQuery, PageOptions, PagePart),
        responses((status = 200, description = "The page.", body = SectionPage), Moved, Withdrawn))]
    get_section_page, section, "/v1/pages/section", Section, GetListingPage, |at, frame| at
}

listing_page! {
    /// Read a tag's page.
    ///
    /// As `getPage`, for who knows that a tag stands there, by its path or its slug. A path that leads to another tag's answers 308, or 307 where an
    /// editor made it do so for now only; where something else stands, 404 `other_kind` says what and where.
    #[utoipa::path(tag = "pages", operation_id = "getTagPage", params(SluggedThing, LocaleQuery, PageOptions, PagePart),
        responses((status = 200, description = "The page.", body = TagPage), Moved, Withdrawn))]
    get_tag_page, tag, "/v1/pages/tag", Tag, GetSluggedPage, |at, frame| at.place(frame, &frame.site.tag_prefix)?
}

listing_page! {
    /// Read a contributor's page.
    ///
    /// As `getPage`, for who knows that a contributor stands there, by their path or their slug. A path that leads to another contributor's answers 308,
    /// or 307 where an editor made it do so for now only; where something else stands, 404 `other_kind` says what and where.
    #[utoipa::path(tag = "pages", operation_id = "getContributorPage", params(SluggedThing, LocaleQuery, PageOptions, PagePart),
        responses((status = 200, description = "The page.", body = ContributorPage), Moved, Withdrawn))]
    get_contributor_page, contributor, "/v1/pages/contributor", Contributor, GetSluggedPage,
    |at, frame| at.place(frame, &frame.site.contributor_prefix)?
}

/// Read the home page.
///
/// As `getPage` for the path of the home page, by its language.
#[utoipa::path(tag = "pages", operation_id = "getHomePage", params(LocaleQuery, PageOptions),
    responses((status = 200, description = "The page.", body = HomePage)))]
#[get("/v1/pages/home")]
pub async fn get_home_page(
    reading: ReaderRequest,
    secrets: Data<Secrets>,
    captcha: Data<Captcha>,
    reply: PublicReply,
    params: Params<GetHomePage>,
) -> Result<HttpResponse> {
    let tools = PageTools::new(secrets, &captcha);
    let answer = reading
        .read_as(true, move |conn, setting| {
            let GetHomePage { locale, options } = params.0;
            let locale = setting.frame.locale_of(&locale)?;
            tools.composer(setting, options).home(conn, &locale)
        })
        .await?;
    Ok(reply.respond(answer))
}

/// Read the page of a search.
///
/// What `searchArticles` finds, as a page: with the frame, breaking news, and the lists that the site's settings name.
/// Search engines are told not to show it.
#[utoipa::path(tag = "pages", operation_id = "getSearchPage", params(SearchArticles, ArticleFilters, PageRequest, PageOptions),
    responses((status = 200, description = "The page.", body = SearchPage)))]
#[get("/v1/pages/search")]
pub async fn get_search_page(
    reading: ReaderRequest,
    secrets: Data<Secrets>,
    captcha: Data<Captcha>,
    reply: PublicReply,
    at: Uri,
    params: Params<GetSearchPage>,
) -> Result<HttpResponse> {
    let tools = PageTools::new(secrets, &captcha);
    let answer = reading
        .read(move |conn, setting| {
            let GetSearchPage { search, options } = params.0;
            tools.composer(setting, options).search(conn, &search, &at)
        })
        .await?;
    Ok(reply.respond(answer))
}
