//! The gate: articles are opened for who may read them whole, and caches are told whom the answer is for.
//!
//! A preview is everybody's, and shared caches keep it as they keep all else, but its answer varies by `Authorization`:
//! else a cache would hand it to whoever may read more. Those who send no token, nearly all, share one entry. A whole
//! form is kept nowhere. What no gate stands before says nothing of tokens, so that all share it.

use actix_web::HttpResponse;
use actix_web::http::header::{self, HeaderName, HeaderValue};

use crate::access::entitlements::ReaderAccess;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::http::conditional::{CacheTerms, CacheableAnswer, PublicReply, SURROGATE_KEY};
use crate::published::{PublishedArticle, gated};

/// Whom an answer is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Everybody, whatever they send.
    Everybody,
    /// Everybody whose token opens no more.
    WithoutEntitlement,
    /// Who asked, alone.
    Holder,
}

/// Opens the articles that the reader may read whole.
pub fn open(conn: &mut Conn, access: ReaderAccess, articles: &mut [PublishedArticle]) -> Result<Audience> {
    if gated::open_whole(conn, access, articles)? > 0 {
        return Ok(Audience::Holder);
    }
    let is_cut = articles.iter().any(PublishedArticle::is_truncated);
    Ok(if is_cut {
        Audience::WithoutEntitlement
    } else {
        Audience::Everybody
    })
}

/// An answer, and whom it is for.
pub struct GatedAnswer {
    answer: CacheableAnswer,
    audience: Audience,
}

impl GatedAnswer {
    /// An answer with articles that [`open`] has seen.
    pub fn new(answer: CacheableAnswer, audience: Audience) -> Self {
        Self { answer, audience }
    }

    /// The response, with what caches must know.
    pub fn respond(self, reply: &PublicReply) -> HttpResponse {
        let mut response = reply.respond(self.answer);
        let headers = response.headers_mut();
        if self.audience != Audience::Everybody {
            let vary = HeaderValue::from_static("Accept-Encoding, Authorization");
            headers.insert(header::VARY, vary);
        }
        if self.audience == Audience::Holder {
            let private = HeaderValue::from_static("private, no-store");
            headers.insert(header::CACHE_CONTROL, private);
            headers.remove(HeaderName::from_static(SURROGATE_KEY));
            response.extensions_mut().remove::<CacheTerms>();
        }
        response
    }
}

impl From<CacheableAnswer> for GatedAnswer {
    fn from(answer: CacheableAnswer) -> Self {
        Self::new(answer, Audience::Everybody)
    }
}
