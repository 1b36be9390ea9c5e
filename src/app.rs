//! The application: the list of features, the state they share, and how both become an actix `App`.

use actix_web::web::{self, Data};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::auth::password::Passwords;
use crate::auth::secrets::Secrets;
use crate::auth::throttle::LoginThrottle;
use crate::auth::token::TokenKeys;
use crate::captcha::Captcha;
use crate::comments::pipeline::examine::Examiner;
use crate::comments::words::WordLists;
use crate::db::Db;
use crate::http::client::TrustedProxies;
use crate::http::conditional::CachePolicy;
use crate::http::middleware::{EditorialOrigins, not_routed};
use crate::metrics::Metrics;
use crate::openapi::Documents;
use crate::site::Frames;

/// The base of canonical URLs, without a closing slash.
#[derive(Clone, Debug)]
pub struct PublicUrl(pub String);

impl PublicUrl {
    /// The address of a path of the site, with what a URL cannot hold written as it must be.
    pub fn of(&self, path: &str) -> String {
        let url = format!("{}{path}", self.0);
        ammonia::Url::parse(&url).map_or(url, String::from)
    }
}

/// What handlers share. Clones share it too: one per worker.
#[derive(Clone)]
pub struct State {
    /// The database.
    pub db: Db,
    /// The master secret.
    pub secrets: Secrets,
    /// The keys of access tokens.
    pub keys: TokenKeys,
    /// Argon2id.
    pub passwords: Passwords,
    /// Counts login attempts.
    pub throttle: LoginThrottle,
    /// How readers prove that they are human.
    pub captcha: Captcha,
    /// Settings and section tree.
    pub frames: Frames,
    /// The moderators' word lists.
    pub word_lists: WordLists,
    /// How long shared caches keep answers.
    pub cache_policy: CachePolicy,
    /// The base of canonical URLs.
    pub public_url: PublicUrl,
    /// Whose forwarding headers are believed.
    pub proxies: TrustedProxies,
    /// Whose pages may call the editorial API.
    pub origins: EditorialOrigins,
    /// The counters.
    pub metrics: Metrics,
    /// The OpenAPI documents and the routes.
    pub documents: Documents,
}

/// Routes that are no part of the API and stand in no document.
pub const UNDOCUMENTED: &[(&str, &str)] = &[("/docs", "GET"), ("/docs/{file:.*}", "GET")];

/// Every feature's routes. A fixed path stands before one with a parameter in its place.
pub fn features(cfg: &mut ServiceConfig) {
    crate::auth::routes(cfg);
    crate::site::routes(cfg);
    crate::sections::routes(cfg);
    crate::tags::routes(cfg);
    crate::contributors::routes(cfg);
    crate::articles::routes(cfg);
    crate::packages::routes(cfg);
    crate::search::routes(cfg);
    crate::pages::routes(cfg);
    crate::schedule::routes(cfg);
    crate::captcha::routes(cfg);
    crate::comments::routes(cfg);
    crate::redirects::routes(cfg);
    crate::audit::routes(cfg);
    crate::feeds::routes(cfg);
    crate::sitemaps::routes(cfg);
    crate::operations::routes(cfg);
}

/// Mounts the features and what they share. `http::middleware::edge` must be wrapped around the app.
pub fn mount(cfg: &mut web::ServiceConfig, state: &State) {
    let state = state.clone();
    let examiner = Examiner {
        frames: state.frames.clone(),
        secrets: state.secrets.clone(),
        word_lists: state.word_lists.clone(),
        metrics: state.metrics.clone(),
    };
    cfg.app_data(Data::new(state.db))
        .app_data(Data::new(examiner))
        .app_data(Data::new(state.secrets))
        .app_data(Data::new(state.keys))
        .app_data(Data::new(state.passwords))
        .app_data(Data::new(state.throttle))
        .app_data(Data::new(state.captcha))
        .app_data(Data::new(state.frames))
        .app_data(Data::new(state.word_lists))
        .app_data(Data::new(state.cache_policy))
        .app_data(Data::new(state.public_url))
        .app_data(Data::new(state.proxies))
        .app_data(Data::new(state.origins))
        .app_data(Data::new(state.metrics))
        .app_data(Data::new(state.documents.routes.clone()))
        .app_data(Data::new(state.documents));
    features(&mut ServiceConfig::new(cfg));
    crate::operations::docs(cfg);
    cfg.default_service(web::to(not_routed));
}
