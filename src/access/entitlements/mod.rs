//! Reader entitlements: which articles somebody may read whole, as the site's own shop or login says it.
//!
//! The site signs a short-lived token (a JWT) for a reader who is logged in there, and front ends send it as
//! `Authorization: Bearer …` when they read. Masthead knows the public [`keys`] of those who may sign, no reader and no
//! subscription. [`ReaderAccess`] is what a token is worth: nobody but the check of a signature makes one that is worth
//! anything, and what only some may read is given out for one alone.

pub mod keys;

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};

use self::keys::EntitlementKeys;
use crate::base::db::Db;
use crate::base::error::{Error, Result};
use crate::base::http::public_url::PublicUrl;

crate::word_type! {
    /// What a token says of a reader.
    ReaderTier {
        /// They have an account.
        Registered = "registered",
        /// They pay.
        Subscribers = "subscribers",
    }
}

/// What whoever asks may read beyond what everybody may.
#[derive(Clone, Copy, Debug, Default)]
pub struct ReaderAccess {
    tier: Option<ReaderTier>,
}

impl ReaderAccess {
    /// Whose articles it opens: who pays has an account too.
    pub fn opened(self) -> &'static [ReaderTier] {
        match self.tier {
            None => &[],
            Some(ReaderTier::Registered) => &[ReaderTier::Registered],
            Some(ReaderTier::Subscribers) => &[ReaderTier::Registered, ReaderTier::Subscribers],
        }
    }

    /// What a request brings: nothing where its token is missing, bad, too old or nobody's, for then it is answered as
    /// everybody's are.
    fn of(request: &HttpRequest) -> Option<Self> {
        let keys = request.app_data::<Data<EntitlementKeys>>()?;
        let audience = request.app_data::<Data<PublicUrl>>()?;
        let now = request.app_data::<Data<Db>>()?.clock().now();
        let tier = bearer(request).and_then(|token| keys.verify(token, audience.as_str(), now));
        Some(Self { tier })
    }
}

/// The token of the one `Authorization` header.
fn bearer(request: &HttpRequest) -> Option<&str> {
    let mut sent = request.headers().get_all(header::AUTHORIZATION);
    let header = sent.next()?.to_str().ok()?;
    let (scheme, token) = header.split_once(' ')?;
    (scheme.eq_ignore_ascii_case("bearer") && sent.next().is_none()).then_some(token.trim())
}

impl FromRequest for ReaderAccess {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(request).ok_or_else(|| Error::internal("reader entitlements are not set up")))
    }
}
