//! What stands at a path: a thing that is live there, where it went, or what became of it.

use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};

use crate::base::db::Conn;
use crate::base::error::{Code, Error, Result};
use crate::base::http::conditional::PublicReply;
use crate::base::http::query::invalid;
use crate::base::http::query_type::{ParamReader, param_reader, parsed_param};
use crate::base::http::value_reader::ValueSchema;
use crate::base::ids::{ArticleId, ContributorId, SectionId, TagId};
use crate::base::limits::{self, PATH};
use crate::base::locale::LocaleQuery;
use crate::base::slug;
use crate::base::surrogate_key::SurrogateKey;
use crate::delivery::gate::GatedAnswer;
use crate::import::store as imports;
use crate::published::{self, PublishedArticle};
use crate::query_type;
use crate::site::frame::Frame;
use crate::site::paths::{self, PathKind, PathRow, PathStatus, PathStep, address};
use crate::site::takedowns;

query_type! {
    /// A public path.
    #[derive(Debug)]
    pub struct PathQuery {
        /// A path of the site, such as `/news/diplomatie/un-titre`; what follows `?` counts as `?p=N` and where a redirect
        /// is from a path with that query. Capitals lead to the path without them.
        path: String = required(site_path()),
    }
}

const SITE_PATH: &str = "a path that begins with /";

fn site_path() -> impl ParamReader<Value = String> {
    param_reader(
        || ValueSchema::text(PATH).schema,
        |query, name| {
            let path = query.parsed(name, SITE_PATH, sound_path)?;
            path.map(Some).ok_or_else(|| invalid(name, SITE_PATH))
        },
    )
}

fn sound_path(path: &str) -> Option<String> {
    (path.starts_with('/') && path.chars().count() <= PATH).then(|| path.to_owned())
}

query_type! {
    /// A thing that has a slug: by its path, or by its slug.
    #[derive(Debug)]
    pub struct SluggedThing [check] {
        /// Its path, with what may stand in it as for any page. Either this or `slug`.
        path: String = optional(parsed_param(PATH, SITE_PATH, sound_path)),
        /// The last segment of its path.
        slug: String = optional(parsed_param(limits::SLUG, "a slug", |text| slug::is_slug(text).then(|| text.to_owned()))),
        locale: LocaleQuery = part(),
    }
}

impl SluggedThing {
    fn check(&self) -> Result<()> {
        match (&self.path, &self.slug) {
            (None, None) => Err(invalid("path", "a path, or a slug")),
            (Some(_), Some(_)) => Err(invalid("slug", "a path or a slug, not both")),
            (Some(_), None) if self.locale.locale.is_some() => Err(invalid("locale", "a language, with a slug only")),
            _ => Ok(()),
        }
    }

    /// Its path: what a slug stands for is below a prefix of the site's.
    ///
    /// # Errors
    /// 400 when the site does not speak the language.
    pub fn place(self, frame: &Frame, prefix: &str) -> Result<PathQuery> {
        let path = match (self.path, self.slug) {
            (Some(path), _) => path,
            (None, slug) => {
                let locale = frame.locale_of(&self.locale)?;
                let slug = slug.unwrap_or_default();
                frame.site.localised(&locale, &format!("/{prefix}/{slug}"))
            }
        };
        Ok(PathQuery { path })
    }
}

impl PathQuery {
    /// The path as it was sent.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The post that an old WordPress link names: `/?p=123`.
    pub fn post_number(&self) -> Option<&str> {
        let (path, query) = self.path.split_once('?')?;
        let number = query.strip_prefix("p=")?.split('&').next()?;
        let sound = path == "/" && !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        sound.then_some(number)
    }
}

crate::word_type! {
    /// What stands at a path.
    ResolvedKind {
        /// The home page.
        Home = "home",
        /// An article.
        Article = "article",
        /// A section.
        Section = "section",
        /// A tag.
        Tag = "tag",
        /// A contributor.
        Contributor = "contributor",
        /// Something that has another path now.
        Redirect = "redirect",
        /// Something that was withdrawn for good.
        Gone = "gone",
    }
}

/// A path that is or was public, and what stands there.
pub struct PathMatch {
    /// The path, as the table of paths writes it.
    pub path: String,
    /// In which language.
    pub locale: String,
    /// What stands there.
    pub thing: ThingAtPath,
}

/// What stands at a path.
pub enum ThingAtPath {
    /// The home page.
    Home,
    /// An article, live.
    Article(Box<PublishedArticle>),
    /// A section.
    Section(SectionId),
    /// A tag.
    Tag(TagId),
    /// A contributor.
    Contributor(ContributorId),
    /// A step to somewhere else, and what stands there: nothing that is known where it is another site's.
    Redirect(PathStep, Option<ResolvedKind>),
    /// Something that was withdrawn for good: an article, where it is known which.
    Gone(Option<ArticleId>),
}

impl ThingAtPath {
    /// What an answer about it shows beside the frame, in which sections are.
    pub fn surrogate_keys(&self) -> Vec<SurrogateKey> {
        match self {
            Self::Home | Self::Section(_) => Vec::new(),
            Self::Article(live) => vec![SurrogateKey::Article(live.id)],
            Self::Tag(id) => vec![SurrogateKey::Tag(*id)],
            Self::Contributor(id) => vec![SurrogateKey::Contributor(*id)],
            Self::Redirect(..) | Self::Gone(_) => vec![SurrogateKey::Paths],
        }
    }
}

/// Looks for what stands at a path, in one step: no redirect leads to another one.
///
/// # Errors
/// 404 where nothing stands, or where a redirect leads to what readers do not get.
pub fn find(conn: &mut Conn, frame: &Frame, at: &PathQuery) -> Result<PathMatch> {
    if let Some(number) = at.post_number() {
        return old_post(conn, at, number);
    }
    if at.path.contains('?')
        && let Some(row) = paths::find_by_query(conn, &at.path)?
    {
        return match_row(conn, frame, row);
    }
    let (path, site) = (address::key(&at.path), &frame.site);
    let locale = site.locale_of(&path).to_owned();
    if let Some(locale) = home_locale(frame, &path) {
        let thing = ThingAtPath::Home;
        return Ok(PathMatch { path, locale, thing });
    }
    if let Some(section) = frame.tree.at_path(site.unprefixed(&path)) {
        let thing = ThingAtPath::Section(section.id);
        return Ok(PathMatch { path, locale, thing });
    }
    if let Some(live) = published::find_at(conn, &path)? {
        let locale = live.locale().to_owned();
        let thing = ThingAtPath::Article(Box::new(live));
        return Ok(PathMatch { path, locale, thing });
    }
    let row = paths::find_as_written(conn, &at.path)?.ok_or_else(Error::not_found)?;
    match_row(conn, frame, row)
}

/// The article that a post of an imported WordPress site became.
fn old_post(conn: &mut Conn, at: &PathQuery, number: &str) -> Result<PathMatch> {
    let id = imports::article_of_post(conn, number)?.ok_or_else(Error::not_found)?;
    let (location, locale) = published::path_of(conn, id)?;
    let step = PathStep {
        location,
        http_status: 301,
    };
    Ok(PathMatch {
        path: at.path.clone(),
        locale,
        thing: ThingAtPath::Redirect(step, Some(ResolvedKind::Article)),
    })
}

fn match_row(conn: &mut Conn, frame: &Frame, row: PathRow) -> Result<PathMatch> {
    let thing = match row.step() {
        Some(step) => follow(conn, frame, &row.path, step)?,
        None => thing_of(conn, &row)?,
    };
    let PathRow { path, locale, .. } = row;
    Ok(PathMatch { path, locale, thing })
}

/// A redirect answers for what it leads to: hidden there is 404 here, gone there is gone here.
fn follow(conn: &mut Conn, frame: &Frame, path: &str, step: PathStep) -> Result<ThingAtPath> {
    let (step, end) = paths::follow(conn, path, step)?;
    let Some(end) = end else {
        let at_home = address::site_key(&step.location).is_some_and(|path| home_locale(frame, path).is_some());
        return Ok(ThingAtPath::Redirect(step, at_home.then_some(ResolvedKind::Home)));
    };
    Ok(match thing_kind(&end)? {
        ResolvedKind::Gone => ThingAtPath::Gone(gone_article(&end)),
        kind => ThingAtPath::Redirect(step, Some(kind)),
    })
}

/// What a row that leads nowhere else is of.
///
/// # Errors
/// 404 where readers do not get it.
fn thing_kind(row: &PathRow) -> Result<ResolvedKind> {
    match (row.status, row.kind) {
        (PathStatus::Gone, _) => Ok(ResolvedKind::Gone),
        (PathStatus::Live, PathKind::Article) => Ok(ResolvedKind::Article),
        (PathStatus::Live, PathKind::Section) => Ok(ResolvedKind::Section),
        (PathStatus::Live, PathKind::Tag) => Ok(ResolvedKind::Tag),
        (PathStatus::Live, PathKind::Contributor) => Ok(ResolvedKind::Contributor),
        (PathStatus::Live, PathKind::Redirect) | (PathStatus::Hidden | PathStatus::Moved, _) => Err(Error::not_found()),
    }
}

fn thing_of(conn: &mut Conn, row: &PathRow) -> Result<ThingAtPath> {
    let id = row.target_id.as_deref().unwrap_or_default();
    let thing = match thing_kind(row)? {
        ResolvedKind::Gone => return Ok(ThingAtPath::Gone(gone_article(row))),
        ResolvedKind::Article => match ArticleId::parse(id) {
            Some(id) => Some(ThingAtPath::Article(Box::new(published::get(conn, id)?))),
            None => None,
        },
        ResolvedKind::Section => SectionId::parse(id).map(ThingAtPath::Section),
        ResolvedKind::Tag => TagId::parse(id).map(ThingAtPath::Tag),
        ResolvedKind::Contributor => ContributorId::parse(id).map(ThingAtPath::Contributor),
        ResolvedKind::Home | ResolvedKind::Redirect => None,
    };
    thing.ok_or_else(Error::not_found)
}

fn gone_article(row: &PathRow) -> Option<ArticleId> {
    let id = row.target_id.as_deref().filter(|_| row.kind == PathKind::Article);
    id.and_then(ArticleId::parse)
}

fn home_locale(frame: &Frame, path: &str) -> Option<String> {
    let site = &frame.site;
    site.locales
        .iter()
        .find(|locale| site.localised(locale, "/").trim_end_matches('/') == path.trim_end_matches('/'))
        .cloned()
}

/// 410, with what readers are told where it was a killed article.
pub fn gone_error(conn: &mut Conn, article: Option<ArticleId>) -> Error {
    match article {
        Some(id) => takedowns::not_live_error(conn, id),
        None => takedowns::gone(None),
    }
}

impl PathMatch {
    /// What an operation on things of one kind answers where this is none: the step to one, or an error.
    ///
    /// # Errors
    /// 404 `other_kind` with what stands there; 410.
    pub fn redirect_within(self, conn: &mut Conn, wanted: ResolvedKind) -> Result<PathAnswer> {
        let (kind, location) = match self.thing {
            ThingAtPath::Redirect(step, Some(kind)) if kind == wanted => return Ok(PathAnswer::Redirect(step)),
            ThingAtPath::Gone(article) => return Err(gone_error(conn, article)),
            ThingAtPath::Redirect(step, kind) => (kind.unwrap_or(ResolvedKind::Redirect), step.location),
            ThingAtPath::Home => (ResolvedKind::Home, self.path),
            ThingAtPath::Article(_) => (ResolvedKind::Article, self.path),
            ThingAtPath::Section(_) => (ResolvedKind::Section, self.path),
            ThingAtPath::Tag(_) => (ResolvedKind::Tag, self.path),
            ThingAtPath::Contributor(_) => (ResolvedKind::Contributor, self.path),
        };
        let error = Error::new(Code::OtherKind).extra("kind", kind.as_str());
        Err(error.extra("location", location))
    }
}

/// The answer of an operation by path.
pub enum PathAnswer {
    /// The thing that is there.
    Content(GatedAnswer),
    /// Where it is now.
    Redirect(PathStep),
}

impl PathAnswer {
    /// The response of an operation: the thing, or a redirect to the same operation at its other path.
    pub fn respond(self, reply: &PublicReply, operation: &str) -> HttpResponse {
        match self {
            Self::Content(answer) => answer.respond(reply),
            Self::Redirect(step) => redirect_to_operation(&step, operation),
        }
    }
}

fn redirect_to_operation(step: &PathStep, operation: &str) -> HttpResponse {
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("path", &step.location)
        .finish();
    let status = match step.http_status {
        302 | 307 => StatusCode::TEMPORARY_REDIRECT,
        _ => StatusCode::PERMANENT_REDIRECT,
    };
    HttpResponse::build(status)
        .insert_header((header::LOCATION, format!("{operation}?{query}")))
        .insert_header((header::CACHE_CONTROL, "public, max-age=0, s-maxage=30"))
        .finish()
}

/// 307 and 308: what is asked for has another path.
pub struct Moved;

impl utoipa::IntoResponses for Moved {
    fn responses() -> std::collections::BTreeMap<String, utoipa::openapi::RefOr<utoipa::openapi::Response>> {
        let response = |description: &str| {
            let response = utoipa::openapi::ResponseBuilder::new().description(description);
            response.build().into()
        };
        let (for_now, for_good) = (
            "It has another path for now: see `Location`.",
            "It has another path now: see `Location`.",
        );
        [
            ("307".to_owned(), response(for_now)),
            ("308".to_owned(), response(for_good)),
        ]
        .into()
    }
}
