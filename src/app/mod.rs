//! The application: the [list of routes](routes), the state that handlers share, and how both become an actix `App`.
//!
//! [`health`] says whether it lives, [`gauges`] how it is, [`reference`] what its errors and routes mean.
//! [`documents`] are the two that describe it.

pub mod documents;
pub mod gauges;
pub mod health;
pub mod reference;
pub mod routes;

use actix_web::App;
use actix_web::body::BoxBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::from_fn;
use actix_web::web::{self, Data};

use crate::access::auth::password::Passwords;
use crate::access::auth::throttle::LoginThrottle;
use crate::access::auth::token::TokenKeys;
use crate::access::auth::token_uses::TokenUses;
use crate::access::entitlements::keys::EntitlementKeys;
use crate::base::db::Db;
use crate::base::http::client::TrustedProxies;
use crate::base::http::conditional::CachePolicy;
use crate::base::http::drain::Drain;
use crate::base::http::middleware::{EditorialOrigins, edge, not_routed};
use crate::base::http::public_url::PublicUrl;
use crate::base::http::route_table::RouteTable;
use crate::base::metrics::Metrics;
use crate::base::outgoing::guard::AllowedNetworks;
use crate::base::secrets::Secrets;
use crate::comments::captcha::Captcha;
use crate::comments::names::HouseNameCache;
use crate::comments::pipeline::examine::Examiner;
use crate::comments::words::WordLists;
use crate::delivery::cache::{ResponseCache, answer_kept};
use crate::events::changes::ChangeRetention;
use crate::events::changes::stream_places::StreamPlaces;
use crate::published::FragmentCache;
use crate::published::most_read::ViewCounter;
use crate::site::frame::FrameCache;

/// What handlers share. Clones share it too: one per worker.
#[derive(Clone)]
pub struct AppState {
    /// The database.
    pub db: Db,
    /// The master secret.
    pub secrets: Secrets,
    /// The keys of access tokens.
    pub keys: TokenKeys,
    /// The keys of readers' entitlements.
    pub entitlements: EntitlementKeys,
    /// Argon2id.
    pub passwords: Passwords,
    /// Counts login attempts.
    pub throttle: LoginThrottle,
    /// Counts what comes with API tokens.
    pub token_uses: TokenUses,
    /// How readers prove that they are human.
    pub captcha: Captcha,
    /// Settings and section tree.
    pub frames: FrameCache,
    /// The moderators' word lists.
    pub word_lists: WordLists,
    /// The names of the house.
    pub house_names: HouseNameCache,
    /// Counts what is read.
    pub views: ViewCounter,
    /// What many answers show.
    pub fragments: FragmentCache,
    /// The answers that are kept.
    pub cache: ResponseCache,
    /// How long shared caches keep answers.
    pub cache_policy: CachePolicy,
    /// Who follows the stream of changes.
    pub stream_places: StreamPlaces,
    /// For how long deletions are told.
    pub change_retention: ChangeRetention,
    /// What else than everybody's network may be asked.
    pub outgoing_allow: AllowedNetworks,
    /// The base of canonical URLs.
    pub public_url: PublicUrl,
    /// Whose forwarding headers are believed.
    pub proxies: TrustedProxies,
    /// Whose pages may call the editorial API.
    pub origins: EditorialOrigins,
    /// The counters.
    pub metrics: Metrics,
    /// Whether the server is about to stop.
    pub drain: Drain,
    /// Every route with its methods, which actix does not give.
    pub routes: RouteTable,
}

/// The application of one worker: what every request passes first, and all there is behind it.
pub fn application(
    state: &AppState,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<BoxBody>,
        Error = actix_web::Error,
        InitError = (),
    > + use<>,
> {
    // What is wrapped last comes first.
    App::new()
        .wrap(from_fn(answer_kept))
        .wrap(from_fn(edge))
        .configure(|cfg| mount(cfg, state))
}

/// Mounts the features and what they share.
fn mount(cfg: &mut web::ServiceConfig, state: &AppState) {
    let state = state.clone();
    let examiner = Examiner {
        frames: state.frames.clone(),
        secrets: state.secrets.clone(),
        word_lists: state.word_lists.clone(),
        house_names: state.house_names,
        metrics: state.metrics.clone(),
    };
    cfg.app_data(Data::new(state.db))
        .app_data(Data::new(examiner))
        .app_data(Data::new(state.secrets))
        .app_data(Data::new(state.keys))
        .app_data(Data::new(state.entitlements))
        .app_data(Data::new(state.passwords))
        .app_data(Data::new(state.throttle))
        .app_data(Data::new(state.token_uses))
        .app_data(Data::new(state.captcha))
        .app_data(Data::new(state.frames))
        .app_data(Data::new(state.word_lists))
        .app_data(Data::new(state.views))
        .app_data(Data::new(state.fragments))
        .app_data(Data::new(state.cache))
        .app_data(Data::new(state.cache_policy))
        .app_data(Data::new(state.stream_places))
        .app_data(Data::new(state.change_retention))
        .app_data(Data::new(state.outgoing_allow.clone()))
        .app_data(Data::new(state.public_url))
        .app_data(Data::new(state.proxies))
        .app_data(Data::new(state.origins))
        .app_data(Data::new(state.metrics))
        .app_data(Data::new(state.drain))
        .app_data(Data::new(state.routes));
    routes::mount(cfg);
    reference::mount_docs(cfg);
    cfg.default_service(web::to(not_routed));
}
