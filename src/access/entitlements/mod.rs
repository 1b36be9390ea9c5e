//! Reader entitlements: which articles somebody may read whole, as the site's own shop or login says it.
//!
//! The site signs a short-lived token (a JWT) for a reader who is logged in there, and front ends send it as
//! `Authorization: Bearer …` when they read. Masthead knows the public [`keys`] of those who may sign, no reader and no
//! subscription. A machine of the house reads whole what its API token opens. [`ReaderAccess`] is what a token is worth:
//! nobody but the check of a signature or of an API token makes one that is worth anything, and what only some may read
//! is given out for one alone.

pub mod jwks;
pub mod keys;

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpMessage, HttpRequest};

use self::keys::EntitlementKeys;
use crate::access::auth::api_token::{self, ApiToken, TokenPermission};
use crate::access::auth::token_uses::TokenUses;
use crate::access::auth::{Actor, Credential, Permission};
use crate::base::db::Db;
use crate::base::error::{Code, Error, Result};
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

    /// What an API token opens: every article, where it was made for that and its owner may read all of them.
    fn of_api_token(actor: &Actor) -> Self {
        let Credential::ApiToken { scopes, .. } = &actor.credential else {
            return Self::default();
        };
        let is_meant = scopes
            .iter()
            .any(|scope| scope.permission == TokenPermission::ReadFullArticles);
        let is_whole = is_meant && !actor.lacks_second_factor && actor.owner_may_everywhere(Permission::ReadArticles);
        Self {
            tier: is_whole.then_some(ReaderTier::Subscribers),
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

/// Looks at the API token of a request, where it shows one: what is read afterwards is opened by it.
///
/// # Errors
/// 401 when it is nobody's, or good no more: a machine that has lost its right should notice.
pub async fn admit_api_token(request: &HttpRequest) -> Result<()> {
    let Some(text) = bearer(request).filter(|text| ApiToken::is_meant(text)) else {
        return Ok(());
    };
    let token = ApiToken::parse(text).ok_or_else(|| Error::new(Code::Unauthenticated))?;
    let not_set_up = || Error::internal("API tokens are not set up");
    let db = request.app_data::<Data<Db>>().cloned().ok_or_else(not_set_up)?;
    let uses = request.app_data::<Data<TokenUses>>().cloned().ok_or_else(not_set_up)?;
    let now = db.clock().now();
    let (id, actor) = db
        .read(move |conn| {
            let (id, user_id) = api_token::find(conn, &token, now)?;
            // An owner without any grant is worth as much as none.
            let actor = api_token::actor(conn, id, user_id);
            let actor = actor.map_err(|error| match error.code() {
                Code::Forbidden => Error::new(Code::Unauthenticated),
                _ => error,
            });
            Ok((id, actor?))
        })
        .await?;
    // Counted and never refused: what readers may ask as often as they like, a machine may too.
    uses.note(id);
    request.extensions_mut().insert(ReaderAccess::of_api_token(&actor));
    Ok(())
}

impl FromRequest for ReaderAccess {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let admitted = request.extensions().get::<Self>().copied();
        let access = admitted.or_else(|| Self::of(request));
        ready(access.ok_or_else(|| Error::internal("reader entitlements are not set up")))
    }
}
