//! The feeds, as readers ask for them.

use std::borrow::Cow;

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};

use super::json::{self, JsonFeed};
use super::model::{Feed, FeedContent};
use super::{atom, rss};
use crate::base::clock::Time;
use crate::base::db::Db;
use crate::base::error::Result;
use crate::base::http::conditional::{CacheableAnswer, PublicReply};
use crate::base::http::public_url::PublicUrl;
use crate::base::http::query::{FromQuery, SharedParams};
use crate::base::http::query_type::{limit_param, word_param};
use crate::base::limits;
use crate::base::surrogate_key::SurrogateKey;
use crate::delivery::feeds::compose::{FeedContext, FeedQuery};
use crate::delivery::lists::ArticleFilters;
use crate::query_type;
use crate::site::frame::FrameCache;

crate::file_type! {
    /// A feed in RSS 2.0.
    RssFeed, limits::FEED_BYTES,
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?><rss version=\"2.0\"><channel><title>Le Fanal</title></channel></rss>"
}

crate::file_type! {
    /// A feed in Atom (RFC 4287).
    AtomFeed, limits::FEED_BYTES,
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?><feed xmlns=\"http://www.w3.org/2005/Atom\"><title>Le Fanal</title></feed>"
}

query_type! {
    /// How much of what is found.
    #[derive(Debug)]
    pub struct FeedOptions {
        /// How much the feed holds of each article: `summary` where it is not given. With `full` those that not everybody
        /// may read have their summary all the same.
        content: FeedContent = defaulted(word_param()) or FeedContent::Summary,
        /// Articles at most: 1 to 100, 20 where it is not given.
        limit: usize = defaulted(limit_param()) or limits::PAGE_DEFAULT,
    }
}

query_type! {
    /// Which articles, and how much of them.
    pub struct ReadFeed {
        filters: ArticleFilters = part(),
        options: FeedOptions = part(),
    }
}

/// What a feed is made with, and where it was asked for.
struct FeedRequest {
    db: Data<Db>,
    frames: Data<FrameCache>,
    public_url: Data<PublicUrl>,
    at: String,
    id: String,
}

impl FeedRequest {
    fn new(db: Data<Db>, frames: Data<FrameCache>, public_url: Data<PublicUrl>, request: &HttpRequest) -> Self {
        let pairs = form_urlencoded::parse(request.query_string().as_bytes());
        let own = pairs.filter(|(name, _)| ReadFeed::NAMES.contains(&name.as_ref()));
        // The id leaves out `limit` and `content`: with other values it is the same feed.
        let chosen = own.clone().filter(|(name, _)| name != "limit" && name != "content");
        let with = |pairs: &mut dyn Iterator<Item = (Cow<'_, str>, Cow<'_, str>)>| {
            let query = form_urlencoded::Serializer::new(String::new())
                .extend_pairs(pairs)
                .finish();
            match query.as_str() {
                "" => request.path().to_owned(),
                query => format!("{}?{query}", request.path()),
            }
        };
        Self {
            db,
            frames,
            public_url,
            at: with(&mut own.clone()),
            id: with(&mut chosen.clone()),
        }
    }

    /// The feed as `write` writes it, and when something in it changed last.
    async fn answer(
        self,
        read: ReadFeed,
        write: fn(Feed, Vec<SurrogateKey>) -> Result<CacheableAnswer>,
    ) -> Result<(Option<Time>, CacheableAnswer)> {
        let Self {
            db,
            frames,
            public_url,
            at,
            id,
        } = self;
        db.read(move |conn| {
            let frame = frames.current(conn)?;
            let filter = read.filters.filter(conn, &frame)?;
            let setting = FeedContext {
                frame: &frame,
                public_url: &public_url,
            };
            let wanted = FeedQuery {
                filter: &filter,
                limit: read.options.limit,
                content: read.options.content,
            };
            let feed = setting.feed(conn, &wanted, &at, &id)?;
            Ok((feed.updated_at(), write(feed, read.filters.surrogate_keys(&filter))?))
        })
        .await
    }
}

/// Read a feed as RSS.
///
/// The newest articles of the site, or of what the filters choose, as RSS 2.0. What readers were told since stands before
/// an article's text; a retracted article has the notice in place of its text; one that was unpublished is not there. An
/// article without a standfirst has its first sentences for a summary, where everybody may read it. A parameter that
/// others add to the address (`utm_source`) is ignored.
#[utoipa::path(tag = "feeds", operation_id = "getRssFeed", params(ArticleFilters, FeedOptions),
    responses((status = 200, description = "The feed.", body = RssFeed, content_type = "application/rss+xml")))]
#[get("/feeds/rss")]
pub async fn get_rss_feed(
    db: Data<Db>,
    frames: Data<FrameCache>,
    public_url: Data<PublicUrl>,
    reply: PublicReply,
    request: HttpRequest,
    params: SharedParams<ReadFeed>,
) -> Result<HttpResponse> {
    let asked = FeedRequest::new(db, frames, public_url, &request);
    let (changed_at, answer) = asked
        .answer(params.0, |feed, keys| {
            Ok(CacheableAnswer::text(rss::write(&feed)?, keys))
        })
        .await?;
    Ok(reply.respond_as(rss::MEDIA_TYPE, changed_at, answer))
}

/// Read a feed as Atom.
///
/// As `getRssFeed`, in the format of RFC 4287: `updated` tells of corrections and retractions too.
#[utoipa::path(tag = "feeds", operation_id = "getAtomFeed", params(ArticleFilters, FeedOptions),
    responses((status = 200, description = "The feed.", body = AtomFeed, content_type = "application/atom+xml")))]
#[get("/feeds/atom")]
pub async fn get_atom_feed(
    db: Data<Db>,
    frames: Data<FrameCache>,
    public_url: Data<PublicUrl>,
    reply: PublicReply,
    request: HttpRequest,
    params: SharedParams<ReadFeed>,
) -> Result<HttpResponse> {
    let asked = FeedRequest::new(db, frames, public_url, &request);
    let (changed_at, answer) = asked
        .answer(params.0, |feed, keys| {
            Ok(CacheableAnswer::text(atom::write(&feed)?, keys))
        })
        .await?;
    Ok(reply.respond_as(atom::MEDIA_TYPE, changed_at, answer))
}

/// Read a feed as JSON.
///
/// As `getRssFeed`, in the format JSON Feed 1.1, in which a member that says nothing is left out.
#[utoipa::path(tag = "feeds", operation_id = "getJsonFeed", params(ArticleFilters, FeedOptions),
    responses((status = 200, description = "The feed.", body = JsonFeed, content_type = "application/feed+json")))]
#[get("/feeds/json")]
pub async fn get_json_feed(
    db: Data<Db>,
    frames: Data<FrameCache>,
    public_url: Data<PublicUrl>,
    reply: PublicReply,
    request: HttpRequest,
    params: SharedParams<ReadFeed>,
) -> Result<HttpResponse> {
    let asked = FeedRequest::new(db, frames, public_url, &request);
    let (changed_at, answer) = asked
        .answer(params.0, |feed, keys| {
            CacheableAnswer::json(&JsonFeed::from(feed), keys)
        })
        .await?;
    Ok(reply.respond_as(json::MEDIA_TYPE, changed_at, answer))
}
