//! `Require<P>`: the extractor that a handler names in its signature. It verifies the token and reads the session and
//! the grants from the database, so that disabling a user takes effect at once. [`permitted_with`] reads something more
//! in the same call to the database.

use std::future::Future;
use std::marker::PhantomData;
use std::ops::Deref;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};

use super::token::TokenKeys;
use super::{Actor, store};
use crate::access::auth::PermissionMarker;
use crate::base::db::{Conn, Db};
use crate::base::error::{Code, Error, Result};
use crate::base::http::client::TrustedProxies;
use crate::base::http::middleware::RequestId;
use crate::base::http::origin::Origin;
use crate::base::limits::TOKEN;

/// An actor who has the permission `P` somewhere, by at least one grant. Where it matters for which thing, the use case
/// calls [`Actor::check`] with it.
pub struct Require<P> {
    actor: Actor,
    permission: PhantomData<P>,
}

impl<P> Require<P> {
    /// The actor alone, to be moved into a use case.
    pub fn into_actor(self) -> Actor {
        self.actor
    }
}

impl<P> Deref for Require<P> {
    type Target = Actor;

    fn deref(&self) -> &Actor {
        &self.actor
    }
}

/// What an extractor waits for.
type Extracting<T> = Pin<Box<dyn Future<Output = Result<T>>>>;

impl<P: PermissionMarker> FromRequest for Require<P> {
    type Error = Error;
    type Future = Extracting<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let permitted = permitted_with::<P, _>(request, |_| Ok(()));
        Box::pin(async move {
            let (actor, ()) = permitted.await?;
            Ok(Self {
                actor,
                permission: PhantomData,
            })
        })
    }
}

/// An actor who has the permission `P` somewhere, and what `beside` reads from the same snapshot.
pub fn permitted_with<P: PermissionMarker, T: Send + 'static>(
    request: &HttpRequest,
    beside: impl FnOnce(&mut Conn) -> Result<T> + Send + 'static,
) -> Extracting<(Actor, T)> {
    let token = bearer(request);
    let origin = origin_of(request);
    let parts = request
        .app_data::<web::Data<Db>>()
        .cloned()
        .zip(request.app_data::<web::Data<TokenKeys>>().cloned());
    Box::pin(async move {
        let (db, keys) = parts.ok_or_else(|| Error::internal("authentication is not set up"))?;
        let token = token.ok_or_else(|| Error::new(Code::Unauthenticated))?;
        keys.refresh(&db).await?;
        let now = db.clock().now();
        let claims = keys.verify(&token, now)?;
        let (actor, value) = db
            .read(move |conn| {
                let actor = store::actor(conn, claims.sub, claims.sid, now)?;
                if !actor.may_somewhere(P::PERMISSION) {
                    return Err(super::forbidden(P::PERMISSION));
                }
                Ok((actor, beside(conn)?))
            })
            .await?;
        Ok((Actor { origin, ..actor }, value))
    })
}

/// From where a request came, for the audit.
pub fn origin_of(request: &HttpRequest) -> Origin {
    let proxies = request.app_data::<web::Data<TrustedProxies>>();
    let address = proxies.and_then(|proxies| proxies.client_address(request.head()));
    Origin {
        address: address.map(|address| address.to_string()),
        request_id: request.extensions().get::<RequestId>().map(|id| id.0.clone()),
    }
}

/// The token of an `Authorization: Bearer` header (RFC 6750).
fn bearer(request: &HttpRequest) -> Option<String> {
    let value = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && token.len() <= TOKEN).then(|| token.to_owned())
}
