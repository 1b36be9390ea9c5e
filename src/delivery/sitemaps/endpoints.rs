//! The files, as search engines ask for them.

use actix_web::web::{Bytes, Data};
use actix_web::{HttpResponse, get};
use chrono_tz::Tz;
use futures_util::Stream;
use futures_util::stream::try_unfold;

use super::model::{Sitemap, positions_of};
use super::write;
use crate::base::clock::Time;
use crate::base::db::dialect::{Generation, generation};
use crate::base::db::{Conn, Db};
use crate::base::error::{Error, Result};
use crate::base::http::conditional::{CacheableAnswer, PublicReply, StreamedAnswer};
use crate::base::http::path::PathId;
use crate::base::http::public_url::PublicUrl;
use crate::base::http::query::{NoParams, Params};
use crate::base::limits;
use crate::base::month::Month;
use crate::base::surrogate_key::SurrogateKey;
use crate::base::text::xml::XmlWriter;
use crate::body::article_type::ArticleType;
use crate::delivery::sitemaps::model::ADDRESSES_PER_FILE;
use crate::delivery::sitemaps::write::SitemapPage;
use crate::published::index_scans::first_positions;
use crate::published::press::{moment_of, position_base};
use crate::published::{ArticleFilter, ArticleSort, ParsedArticle, addresses};
use crate::site::frame::{Frame, FrameCache};

/// Addresses that are read at a time.
pub const ADDRESSES_PER_READ: i64 = 1_000;
/// News items that are read at a time: fewer, because their titles make them longer.
const NEWS_PER_READ: i64 = 200;
/// News items that a file may hold; Google News takes no more.
const NEWS_PER_FILE: i64 = 1_000;
/// Seconds for which something is news.
const NEWS_SECONDS: i64 = 48 * 3_600;

/// Months of sections that a file holds at most: as many addresses as the protocol allows.
const MAX_ARCHIVES: usize = 50_000;

const XML: &str = "application/xml";

crate::file_type! {
    /// A sitemap (sitemaps.org, 0.9), or an index of them.
    SitemapFile, limits::SITEMAP_BYTES,
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?><urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\"></urlset>"
}

fn keys() -> Vec<SurrogateKey> {
    vec![SurrogateKey::Articles]
}

/// Read the index of sitemaps.
///
/// Names every other sitemap but that of the news, and when the last thing in each of them changed. Give it to search
/// engines.
#[utoipa::path(tag = "sitemaps", operation_id = "getSitemapIndex",
    responses((status = 200, description = "The index.", body = SitemapFile, content_type = "application/xml")))]
#[get("/sitemap.xml")]
pub async fn get_sitemap_index(
    db: Data<Db>,
    public_url: Data<PublicUrl>,
    reply: PublicReply,
    _: Params<NoParams>,
) -> Result<HttpResponse> {
    let answer = db
        .read(move |conn| {
            let files = files(conn)?;
            let url =
                |(sitemap, changed_at): (Sitemap, _)| (public_url.of(&format!("/sitemaps/{sitemap}")), changed_at);
            let files: Vec<(String, Option<Time>)> = files.into_iter().map(url).collect();
            Ok(answer(write::index(&files)?))
        })
        .await?;
    Ok(reply.respond_as(XML, None, answer))
}

fn answer(body: String) -> CacheableAnswer {
    CacheableAnswer::text(body, keys())
}

/// Every file, and when the last thing in it changed.
fn files(conn: &mut Conn) -> Result<Vec<(Sitemap, Option<Time>)>> {
    let mut files = vec![(Sitemap::Sections, None), (Sitemap::Archives, None)];
    let mut next = addresses::first_from(conn, i64::MIN)?;
    while let Some(moment) = next.and_then(moment_of) {
        let month = Month::of(moment, Tz::UTC);
        let Some(bounds) = positions_of(month) else { break };
        let (count, changed_at) = addresses::count_and_last_change(conn, bounds)?;
        let parts = (count + ADDRESSES_PER_FILE - 1) / ADDRESSES_PER_FILE;
        files.extend((1..=parts).map(|part| (Sitemap::Articles(month, part), changed_at)));
        next = addresses::first_from(conn, bounds.1)?;
    }
    Ok(files)
}

/// Read a sitemap.
///
/// One of those that the index names: `sections.xml` has home pages and sections, `archives.xml` the months of sections
/// (in the site's zone) in which something was published, `articles-2026-11.xml` the articles
/// of a month by the date that they show, `articles-2026-11-2.xml` its second part. It is sent while it is read; its
/// ETag says which changes it has seen.
#[utoipa::path(tag = "sitemaps", operation_id = "getSitemap",
    responses((status = 200, description = "The sitemap.", body = SitemapFile, content_type = "application/xml")))]
#[get("/sitemaps/{sitemap}")]
pub async fn get_sitemap(
    db: Data<Db>,
    frames: Data<FrameCache>,
    public_url: Data<PublicUrl>,
    reply: PublicReply,
    sitemap: PathId<Sitemap>,
    _: Params<NoParams>,
) -> Result<HttpResponse> {
    let (month, part) = match sitemap.0 {
        Sitemap::Articles(month, part) => (month, part),
        Sitemap::Sections => {
            let answer = db
                .read(move |conn| Ok(answer(sections(&*frames.current(conn)?, &public_url)?)))
                .await?;
            return Ok(reply.respond_as(XML, None, answer));
        }
        Sitemap::Archives => {
            let answer = db
                .read(move |conn| {
                    let frame = frames.current(conn)?;
                    Ok(answer(archives(conn, &frame, &public_url)?))
                })
                .await?;
            return Ok(reply.respond_as(XML, None, answer));
        }
    };
    let (from, below) = positions_of(month).ok_or_else(Error::not_found)?;
    let (seen, start, is_translated) = db
        .read(move |conn| {
            let start =
                addresses::nth(conn, (from, below), (part - 1) * ADDRESSES_PER_FILE)?.ok_or_else(Error::not_found)?;
            let is_translated = frames.current(conn)?.site.locales.len() > 1;
            Ok((generations(conn)?, start, is_translated))
        })
        .await?;
    let streamed = StreamedAnswer {
        identity: format!("{} {} {seen}", sitemap.0, public_url.as_str()),
        keys: keys(),
        next_change: None,
    };
    let public_url = public_url.as_ref().clone();
    let piece = move |conn: &mut Conn, at: &SitemapCursor| {
        let found = addresses::list(conn, (at.position, below), ADDRESSES_PER_READ.min(at.left))?;
        let keys: Vec<String> = found
            .iter()
            .filter_map(|address| address.translation_key.clone())
            .collect();
        let stories = match is_translated {
            true => addresses::stories(conn, &keys)?,
            false => Default::default(),
        };
        let next = found.last().map(|last| SitemapCursor {
            position: last.position + 1,
            left: at.left - i64::try_from(found.len()).unwrap_or(at.left),
        });
        Ok((write::articles(&public_url, &found, &stories)?, next))
    };
    let at = SitemapCursor {
        position: start,
        left: ADDRESSES_PER_FILE,
    };
    Ok(reply.stream(XML, &streamed, || stream_pieces(db, at, piece)))
}

/// Which changes a snapshot has seen, among those that matter to sitemaps.
fn generations(conn: &mut Conn) -> Result<String> {
    let mut seen = Vec::new();
    for kind in [Generation::Articles, Generation::Sections, Generation::Site] {
        seen.push(generation(conn, kind)?);
    }
    Ok(format!("{seen:?}"))
}

/// How far a file was read, and how much more it may hold.
struct SitemapCursor {
    position: i64,
    left: i64,
}

/// A file, a piece at a time: each is read when the one before was sent.
fn stream_pieces<P>(db: Data<Db>, at: SitemapCursor, piece: P) -> impl Stream<Item = Result<Bytes>>
where
    P: Fn(&mut Conn, &SitemapCursor) -> Result<(String, Option<SitemapCursor>)> + Clone + Send + 'static,
{
    /// What comes next.
    enum NextPiece {
        Begin(SitemapCursor),
        Piece(SitemapCursor),
        Over,
    }
    try_unfold(NextPiece::Begin(at), move |step| {
        let (db, piece) = (db.clone(), piece.clone());
        async move {
            let (text, next) = match step {
                NextPiece::Over => return Ok(None),
                NextPiece::Begin(at) => (write::begin()?, NextPiece::Piece(at)),
                NextPiece::Piece(at) if at.left <= 0 => (write::end()?, NextPiece::Over),
                NextPiece::Piece(at) => match db.read(move |conn| piece(conn, &at)).await? {
                    (text, Some(next)) => (text, NextPiece::Piece(next)),
                    (text, None) => (text + &write::end()?, NextPiece::Over),
                },
            };
            Ok(Some((Bytes::from(text), next)))
        }
    })
}

/// Home pages and sections in every language.
fn sections(frame: &Frame, public_url: &PublicUrl) -> Result<String> {
    let site = &frame.site;
    let paths = std::iter::once("/").chain(frame.tree.in_order().into_iter().map(|section| section.path.as_str()));
    let mut xml = XmlWriter::default();
    for path in paths {
        let in_locale = |locale: &String| (locale.clone(), public_url.of(&site.localised(locale, path)));
        let alternates: Vec<(String, String)> = site.locales.iter().map(in_locale).collect();
        for (_, url) in &alternates {
            let page = SitemapPage {
                url: url.clone(),
                changed_at: None,
                alternates: &alternates,
            };
            write::page(&mut xml, &page)?;
        }
    }
    Ok(write::begin()? + &xml.into_text()? + &write::end()?)
}

/// The months of each section, in each language, with articles: from the newest back, a step for all of them at a time.
fn archives(conn: &mut Conn, frame: &Frame, public_url: &PublicUrl) -> Result<String> {
    let (site, zone) = (&frame.site, frame.site.zone());
    let mut xml = XmlWriter::default();
    let mut written = 0;
    let sections = frame.tree.in_order().into_iter();
    let mut left: Vec<(String, ArticleFilter)> = sections
        .flat_map(|section| {
            site.locales.iter().map(|locale| {
                let filter = ArticleFilter {
                    locale: Some(locale.clone()),
                    sections: vec![section.id],
                    ..ArticleFilter::default()
                };
                (site.localised(locale, &section.path), filter)
            })
        })
        .collect();
    while !left.is_empty() && written < MAX_ARCHIVES {
        let lists: Vec<(ArticleFilter, ArticleSort)> = left
            .iter()
            .map(|(_, filter)| (filter.clone(), ArticleSort::NewestFirst))
            .collect();
        let newest = first_positions(conn, &lists)?;
        let mut before = Vec::new();
        for ((path, filter), newest) in left.into_iter().zip(newest).take(MAX_ARCHIVES - written) {
            let month = newest.and_then(moment_of).map(|moment| Month::of(moment, zone));
            let Some((month, begin)) = month.and_then(|month| Some((month, month.begin(zone)?))) else {
                continue;
            };
            let page = SitemapPage {
                url: public_url.of(&format!("{path}?month={month}")),
                changed_at: None,
                alternates: &[],
            };
            write::page(&mut xml, &page)?;
            written += 1;
            let earlier = ArticleFilter {
                published_before: Some(begin),
                ..filter
            };
            before.push((path, earlier));
        }
        left = before;
    }
    Ok(write::begin()? + &xml.into_text()? + &write::end()?)
}

/// Read the sitemap of the news.
///
/// For Google News: the articles of the last 48 hours by the date that they show, the newest first, 1,000 at most.
/// Sponsored ones are left out, as Google asks.
#[utoipa::path(tag = "sitemaps", operation_id = "getNewsSitemap",
    responses((status = 200, description = "The sitemap.", body = SitemapFile, content_type = "application/xml")))]
#[get("/sitemap-news.xml")]
pub async fn get_news_sitemap(
    db: Data<Db>,
    frames: Data<FrameCache>,
    public_url: Data<PublicUrl>,
    reply: PublicReply,
    _: Params<NoParams>,
) -> Result<HttpResponse> {
    let since = position_base(db.clock().now().plus_seconds(-NEWS_SECONDS));
    let (seen, oldest, frame) = db
        .read(move |conn| {
            let frame = frames.current(conn)?;
            Ok((generations(conn)?, addresses::first_from(conn, since)?, frame))
        })
        .await?;
    let streamed = StreamedAnswer {
        identity: format!("news {} {oldest:?} {seen}", public_url.as_str()),
        keys: keys(),
        // When the oldest is no longer news.
        next_change: oldest
            .and_then(moment_of)
            .map(|time| time.plus_seconds(NEWS_SECONDS).plus_seconds(1)),
    };
    let public_url = public_url.as_ref().clone();
    let piece = move |conn: &mut Conn, at: &SitemapCursor| {
        let found = addresses::newest(conn, (since, at.position), NEWS_PER_READ)?;
        let items = found.iter().map(|(_, item)| item);
        let news = items.filter(|item| item.type_ != ArticleType::Sponsored);
        let listed: Vec<&ParsedArticle> = news.take(usize::try_from(at.left).unwrap_or(0)).collect();
        let next = found.last().map(|(position, _)| SitemapCursor {
            position: *position,
            left: at.left - i64::try_from(listed.len()).unwrap_or(at.left),
        });
        Ok((write::news(&public_url, &frame.site, listed.into_iter())?, next))
    };
    let at = SitemapCursor {
        position: i64::MAX,
        left: NEWS_PER_FILE,
    };
    Ok(reply.stream(XML, &streamed, || stream_pieces(db, at, piece)))
}
