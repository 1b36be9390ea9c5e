//! What is read: a view is counted, and what is read most is listed.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get, post};

use crate::base::db::Db;
use crate::base::error::Result;
use crate::base::http::body::UnreadBody;
use crate::base::http::client::Network;
use crate::base::http::conditional::{CacheableAnswer, PublicReply};
use crate::base::http::path::PathId;
use crate::base::http::query::{Params, invalid};
use crate::base::http::query_type::{count_param, text_param, word_param};
use crate::base::http::responses::UnreadBodyRefused;
use crate::base::ids::ArticleId;
use crate::base::limits;
use crate::base::surrogate_key::SurrogateKey;
use crate::delivery::reader_request::ReaderRequest;
use crate::delivery::whole_list::answer_with_cards;
use crate::published::CardList;
use crate::published::most_read::{MostReadWindow, ViewCounter, most_read_ids, store};
use crate::query_type;
use crate::site::sections::SectionTree;

/// Count a view.
///
/// For front ends to say that an article is being read, as with `navigator.sendBeacon`: a body of any kind may be sent,
/// up to 1 kB, and is not read. It is answered 204 whatever becomes of it, also where there is no such article. One view
/// counts per article and network in half an hour, and none of who sends `DNT: 1` or `Sec-GPC: 1`. Nothing about who
/// reads is kept.
#[utoipa::path(tag = "articles", operation_id = "countArticleView",
    responses((status = 204, description = "It was taken."), UnreadBodyRefused))]
#[post("/v1/articles/{article_id}/views")]
pub async fn count_article_view(
    db: Data<Db>,
    views: Data<ViewCounter>,
    id: PathId<ArticleId>,
    network: Network,
    request: HttpRequest,
    _: UnreadBody,
) -> HttpResponse {
    if !asks_not_to_be_counted(&request) {
        views.count(network, id.0, db.clock().now());
    }
    HttpResponse::NoContent().finish()
}

/// Whether the reader's browser says that they do not want to be followed: `DNT`, or Global Privacy Control.
fn asks_not_to_be_counted(request: &HttpRequest) -> bool {
    let says = |name: &str| {
        request
            .headers()
            .get(name)
            .is_some_and(|value| value.as_bytes() == b"1")
    };
    says("dnt") || says("sec-gpc")
}

query_type! {
    /// What was read most: when and where.
    pub struct MostReadQuery [check] {
        /// How far back it counts: a day where it is not given.
        window: MostReadWindow = defaulted(word_param()) or MostReadWindow::Day,
        /// In this section or below: a path or an id.
        section: String = optional(text_param(limits::PATH)),
        /// In this language; `*` for all, the site's first where it is not given.
        locale: String = optional(text_param(limits::LOCALE)),
        /// Articles at most; 10 where it is not given.
        limit: i64 = defaulted(count_param(limits::MOST_READ, "a number from 1 to 20")) or limits::MOST_READ_DEFAULT,
    }
}

impl MostReadQuery {
    fn check(&self) -> Result<()> {
        match &self.section {
            Some(name) if !SectionTree::may_name(name) => Err(invalid("section", "an id or a path")),
            _ => Ok(()),
        }
    }
}

/// List what is read most.
///
/// The live articles that were read most in the window, the most read first. They are counted anew about every minute,
/// and taken from the 500 that are read most on the whole site: a small section may have few of them. Where an editor
/// has sent what is read most (`replaceMostRead`), that is listed. How often anything was read is not public.
#[utoipa::path(tag = "articles", operation_id = "listMostRead", params(MostReadQuery),
    responses((status = 200, description = "The cards; the list is always whole.", body = CardList)))]
#[get("/v1/most-read")]
pub async fn list_most_read(
    reading: ReaderRequest,
    reply: PublicReply,
    params: Params<MostReadQuery>,
) -> Result<HttpResponse> {
    let MostReadQuery {
        window,
        section,
        locale,
        limit,
    } = params.0;
    let limit = usize::try_from(limit).unwrap_or(1);
    let answer: CacheableAnswer = reading
        .read(move |conn, setting| {
            let locale = setting.frame.site.asked_locale(locale.as_deref())?;
            let named = section.map(|name| setting.frame.tree.named(&setting.frame.site, &name));
            let ids = match named {
                // A section that is not there: nothing is read in it.
                Some(None) => Vec::new(),
                named => most_read_ids(conn, locale.as_deref(), named.flatten(), window, setting.now, limit)?,
            };
            let mut answer = answer_with_cards(conn, setting, &ids, limit, vec![SurrogateKey::MostRead])?;
            let ends = store::expires_at(conn, window, setting.now)?;
            answer.next_change = answer.next_change.into_iter().chain(ends).min();
            Ok(answer)
        })
        .await?;
    Ok(reply.respond(answer))
}
