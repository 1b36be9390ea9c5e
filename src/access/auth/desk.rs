//! `Desk<P>`: the extractor that a handler of the desk names in its signature. It verifies the token and reads the
//! session or the API token and the grants from the database, so that disabling a user takes effect at once; then it runs the handler's
//! work. [`desk_with`] reads something more in the same call to the database.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};

use super::api_token::{self, ApiToken};
use super::token::TokenKeys;
use super::token_uses::TokenUses;
use super::{Actor, Permission, PermissionMarker, SessionId, store};
use crate::base::clock::Time;
use crate::base::db::{Conn, Db};
use crate::base::error::{Code, Error, Language, Result};
use crate::base::http::admission::Admission;
use crate::base::http::client::TrustedProxies;
use crate::base::http::origin::Origin;
use crate::base::http::problem;
use crate::base::http::rate_limit::RateLimit;
use crate::base::ids::UserId;
use crate::base::limits::TOKEN;

/// A request of an actor who has the permission `P` somewhere, by at least one grant. Where it matters for which thing,
/// the use case calls [`Actor::check`] with it.
pub struct Desk<P> {
    /// The database, for work that [`Desk::read`] and [`Desk::write`] do not fit.
    pub db: Data<Db>,
    /// Who asks.
    pub actor: Arc<Actor>,
    /// The language in which they read.
    pub language: Language,
    permission: PhantomData<P>,
}

/// What a piece of work of the desk knows besides its transaction.
#[derive(Clone, Copy)]
pub struct DeskContext<'d> {
    /// Who does it.
    pub actor: &'d Actor,
    /// When it began.
    pub now: Time,
    /// The language in which they read.
    pub language: Language,
}

impl<P> Desk<P> {
    /// This moment.
    pub fn now(&self) -> Time {
        self.db.clock().now()
    }

    /// As [`Db::read`].
    ///
    /// # Errors
    /// As [`Db::read`].
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Conn, &DeskContext<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let call = self.begin();
        self.db.read(move |conn| work(conn, &call.context())).await
    }

    /// As [`Db::write`].
    ///
    /// # Errors
    /// As [`Db::write`].
    pub async fn write<T: Send + 'static>(
        &self,
        work: impl Fn(&mut Conn, &DeskContext<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let call = self.begin();
        self.db.write(move |conn| work(conn, &call.context())).await
    }

    /// As [`Db::rehearse`].
    ///
    /// # Errors
    /// As [`Db::rehearse`].
    pub async fn rehearse<T: Send + 'static>(
        &self,
        work: impl Fn(&mut Conn, &DeskContext<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let call = self.begin();
        self.db.rehearse(move |conn| work(conn, &call.context())).await
    }

    /// As [`Db::write_and_show`].
    ///
    /// # Errors
    /// As [`Db::write_and_show`].
    pub async fn write_and_show<T: Send + 'static, V: Send + 'static>(
        &self,
        work: impl Fn(&mut Conn, &DeskContext<'_>) -> Result<T> + Send + 'static,
        show: impl FnOnce(&mut Conn, &DeskContext<'_>, T) -> Result<V> + Send + 'static,
    ) -> Result<V> {
        let call = self.begin();
        let shown = call.clone();
        self.db
            .write_and_show(
                move |conn| work(conn, &call.context()),
                move |conn, written| show(conn, &shown.context(), written),
            )
            .await
    }

    fn begin(&self) -> DeskCall {
        DeskCall {
            actor: self.actor.clone(),
            now: self.now(),
            language: self.language,
        }
    }
}

/// A piece of work that has begun, to be moved off the web worker.
#[derive(Clone)]
struct DeskCall {
    actor: Arc<Actor>,
    now: Time,
    language: Language,
}

impl DeskCall {
    fn context(&self) -> DeskContext<'_> {
        DeskContext {
            actor: &self.actor,
            now: self.now,
            language: self.language,
        }
    }
}

/// What an extractor waits for.
type Extracting<T> = Pin<Box<dyn Future<Output = Result<T>>>>;

impl<P: PermissionMarker> FromRequest for Desk<P> {
    type Error = Error;
    type Future = Extracting<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let permitted = desk_with::<P, _>(request, |_| Ok(()));
        Box::pin(async move { Ok(permitted.await?.0) })
    }
}

/// The desk of an actor who has the permission `P` somewhere, and what `beside` reads from the same snapshot.
pub fn desk_with<P: PermissionMarker, T: Send + 'static>(
    request: &HttpRequest,
    beside: impl FnOnce(&mut Conn) -> Result<T> + Send + 'static,
) -> Extracting<(Desk<P>, T)> {
    let admitted = admit(request, P::PERMISSION, Box::new(beside));
    Box::pin(async move {
        let (admitted, value) = admitted.await?;
        let desk = Desk {
            db: admitted.db,
            actor: Arc::new(admitted.actor),
            language: admitted.language,
            permission: PhantomData,
        };
        Ok((desk, value))
    })
}

/// A desk without its permission, so that the same code lets in whoever has whichever.
struct AdmittedActor {
    db: Data<Db>,
    actor: Actor,
    language: Language,
}

/// What is read in the same call as the actor.
type ReadBeside<T> = Box<dyn FnOnce(&mut Conn) -> Result<T> + Send>;

/// What a request shows, as far as it can be told without the database.
enum ShownCredential {
    Session(SessionId, UserId),
    ApiToken(ApiToken),
}

/// What whoever asks has to be let in by.
#[derive(Clone)]
struct Doorkeeper {
    db: Data<Db>,
    keys: Data<TokenKeys>,
    uses: Data<TokenUses>,
}

impl Doorkeeper {
    fn of(request: &HttpRequest) -> Result<Self> {
        let not_set_up = || Error::internal("authentication is not set up");
        Ok(Self {
            db: request.app_data::<Data<Db>>().cloned().ok_or_else(not_set_up)?,
            keys: request.app_data::<Data<TokenKeys>>().cloned().ok_or_else(not_set_up)?,
            uses: request.app_data::<Data<TokenUses>>().cloned().ok_or_else(not_set_up)?,
        })
    }

    async fn look_at(&self, token: &str) -> Result<ShownCredential> {
        if ApiToken::is_meant(token) {
            let token = ApiToken::parse(token).map(ShownCredential::ApiToken);
            return token.ok_or_else(|| Error::new(Code::Unauthenticated));
        }
        self.keys.refresh(&self.db).await?;
        let claims = self.keys.verify(token, self.db.clock().now())?;
        Ok(ShownCredential::Session(claims.sid, claims.sub))
    }
}

/// Who shows this, as they are now; and what is left of the requests that they may send, also where they are refused.
fn actor_of(
    conn: &mut Conn,
    shown: &ShownCredential,
    uses: &TokenUses,
    now: Time,
) -> Result<(Result<Actor>, Option<RateLimit>)> {
    match shown {
        ShownCredential::Session(session, user) => Ok((store::actor(conn, *user, *session, now), None)),
        ShownCredential::ApiToken(token) => {
            let (id, user) = api_token::find(conn, token, now)?;
            let left = uses.count(id)?;
            Ok((api_token::actor(conn, id, user), Some(left)))
        }
    }
}

fn check_admitted(actor: &Actor, permission: Permission) -> Result<()> {
    actor.check_somewhere(permission)?;
    if actor.lacks_second_factor && permission != Permission::UseAccount {
        return Err(Error::new(Code::SecondFactorMissing));
    }
    Ok(())
}

fn admit<T: Send + 'static>(
    request: &HttpRequest,
    permission: Permission,
    beside: ReadBeside<T>,
) -> Extracting<(AdmittedActor, T)> {
    let token = bearer(request);
    let origin = origin_of(request);
    let language = problem::language_of(request.headers());
    let admission = Admission::pending(request);
    let door = Doorkeeper::of(request);
    let request = request.clone();
    Box::pin(async move {
        let Doorkeeper { db, uses, .. } = door.clone()?;
        let token = token.ok_or_else(|| Error::new(Code::Unauthenticated))?;
        let shown = door?.look_at(&token).await?;
        let now = db.clock().now();
        let (admitted, left) = db
            .read(move |conn| {
                let (actor, left) = actor_of(conn, &shown, &uses, now)?;
                let admitted = actor.and_then(|actor| {
                    check_admitted(&actor, permission)?;
                    Ok((actor, beside(conn)?))
                });
                Ok((admitted, left))
            })
            .await?;
        if let Some(left) = left {
            left.tell(&request);
        }
        let (actor, value) = admitted?;
        admission.grant();
        let actor = Actor { origin, ..actor };
        Ok((AdmittedActor { db, actor, language }, value))
    })
}

/// From where a request came, for the audit.
pub fn origin_of(request: &HttpRequest) -> Origin {
    let proxies = request.app_data::<Data<TrustedProxies>>();
    let address = proxies.and_then(|proxies| proxies.client_address(request.head()));
    Origin {
        address: address.map(|address| address.to_string()),
        request_id: problem::context(request).map(|occasion| occasion.request_id.clone()),
    }
}

/// The token of an `Authorization: Bearer` header (RFC 6750).
fn bearer(request: &HttpRequest) -> Option<String> {
    let value = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && token.len() <= TOKEN).then(|| token.to_owned())
}
