//! `masthead serve`: migrate, look after the demo's logins, answer requests until SIGTERM.

use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use actix_web::{App, HttpResponse, HttpServer, web};
use futures_util::future::{Either, select};
use socket2::SockRef;
use tokio::signal::unix::{SignalKind, signal};

use super::stopping::{EndSignals, stop_when_told};
use super::{demo, open_migrated};
use crate::access::audit::{Via, Who};
use crate::access::auth::password::{DEMO_PASSWORD, Passwords};
use crate::access::auth::store;
use crate::access::auth::throttle::LoginThrottle;
use crate::access::auth::token::{self, TokenKeys};
use crate::access::auth::token_uses::TokenUses;
use crate::access::entitlements::jwks::KeyFetcher;
use crate::app::gauges::metrics_text;
use crate::app::{self, AppState};
use crate::base::db::{DatabaseUrl, Db};
use crate::base::http::client::TrustedProxies;
use crate::base::http::drain::Drain;
use crate::base::http::middleware::EditorialOrigins;
use crate::base::http::public_url::PublicUrl;
use crate::base::limits;
use crate::base::metrics::Metrics;
use crate::base::secrets;
use crate::cli::print_line;
use crate::comments::captcha::Captcha;
use crate::comments::names::HouseNameCache;
use crate::comments::privacy::retention::RetentionDays;
use crate::comments::words::WordLists;
use crate::config::{Config, MetricsBind, ServeConfig};
use crate::delivery::cache::ResponseCache;
use crate::editorial::schedule::scheduler::Scheduler;
use crate::events::changes::stream_places::StreamPlaces;
use crate::events::webhooks::dispatcher::WebhookDispatcher;
use crate::published::most_read::ViewCounter;
use crate::published::{FragmentCache, section_links};
use crate::site::frame::FrameCache;
use crate::worker;

/// Blocking threads of a worker: for SQL and Argon2.
const BLOCKING_THREADS: usize = 8;
/// The signal of a file that reached its greatest size, on Linux and macOS alike.
const SIGXFSZ: i32 = 25;
/// Time for a client to send its request's head.
const HEAD_TIME: Duration = Duration::from_secs(10);
#[cfg(target_os = "linux")]
/// Time in which a client must take something of what it is sent.
const UNREAD_TIME: Duration = Duration::from_secs(30);
/// Time in which what a client still sends is thrown away after its answer, so that it sees the answer.
const LINGER_TIME: Duration = Duration::from_secs(2);

pub(super) fn run(config: &Config, serve: &ServeConfig, with_demo: bool) -> Result<(), String> {
    let captcha = serve
        .captcha
        .settings(with_demo, serve.public_url.as_deref(), &serve.outgoing_allow())?;
    let entitlements = serve.entitlement_keys()?;
    let key_fetcher = KeyFetcher::new(entitlements.clone(), &serve.outgoing_allow())
        .map_err(|reason| format!("MASTHEAD_READER_KEYS: {reason}"))?;
    // The port is taken first: a server that cannot answer should not migrate.
    let listener = listen(serve.bind)?;
    let bound = listener.local_addr().map_err(|error| error.to_string())?;
    let metrics_listener = match serve.metrics_bind {
        MetricsBind::At(address) => Some(listen(address)?),
        MetricsBind::Off => None,
    };
    let secrets = config.secrets()?;
    let db = open_migrated(config, config.pool_sizes(serve.write_queue))?;
    let passwords = Passwords::strong().map_err(|error| error.to_string())?;
    if with_demo {
        demo::fill(&db, &passwords)?;
    }
    if !bound.ip().is_loopback() {
        close_demo_logins(&db, &passwords)?;
    }
    let public_url = serve.public_url.clone().unwrap_or_else(|| format!("http://{bound}"));
    db.keep_following_deaths()?;
    let metrics = Metrics::new().map_err(|error| error.to_string())?;
    let cache_policy = serve.cache_policy();
    let issuer = TokenKeys::issuer(&secrets).map_err(|error| error.to_string())?;
    let drain = Drain::default();
    let state = AppState {
        keys: TokenKeys::load(&db, secrets.clone(), issuer).map_err(|error| error.to_string())?,
        captcha: Captcha::new(captcha, &secrets).map_err(|error| error.to_string())?,
        secrets,
        throttle: LoginThrottle::new(db.clock()),
        token_uses: TokenUses::new(serve.token_rate, db.clock()),
        passwords,
        entitlements,
        frames: FrameCache::default(),
        word_lists: WordLists::default(),
        house_names: HouseNameCache::default(),
        views: ViewCounter::default(),
        fragments: FragmentCache::new(limits::FRAGMENT_BYTES),
        cache: ResponseCache::new(serve.cache_bytes(), db.clone(), cache_policy, &metrics),
        cache_policy,
        stream_places: StreamPlaces::new(drain.clone()),
        change_retention: serve.change_retention(),
        outgoing_allow: serve.outgoing_allow(),
        public_url: PublicUrl::new(public_url),
        proxies: TrustedProxies(serve.trusted_proxies.clone()),
        origins: EditorialOrigins(serve.editorial_origins.clone()),
        metrics,
        drain,
        routes: app::routes::table().map_err(|error| error.to_string())?,
        db,
    };
    let age = state.keys.signing_key_age(state.db.clock().now()).unwrap_or_default();
    if age > token::OLD_KEY_SECONDS {
        let days = age / (24 * 3600);
        log::warn!("the key that signs access tokens has signed for {days} days: `masthead keys rotate` makes another");
    }
    greet(&state.db, bound, &config.database_url)?;
    let db = state.db.clone();
    actix_web::rt::System::new().block_on(async {
        begin_fetching(key_fetcher).await;
        answer(listener, metrics_listener, state, serve).await
    })?;
    // Everything that was answered is safe; only the file alone may not be whole yet.
    if let Err(reason) = db.settle() {
        log::warn!("stopped, but {reason}");
    }
    Ok(())
}

fn listen(address: SocketAddr) -> Result<TcpListener, String> {
    let listener = TcpListener::bind(address).map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => {
            format!("{address} is in use by another program; choose another with --bind or --metrics-bind")
        }
        _ => format!("cannot listen on {address}: {error}"),
    })?;
    listener.set_nonblocking(true).map_err(|error| error.to_string())?;
    // Connections have it from their listener: the end of a long answer is sent at once. Without it the kernel keeps it
    // until the reader has confirmed what came before, which most do after 40 ms.
    SockRef::from(&listener)
        .set_tcp_nodelay(true)
        .map_err(|error| error.to_string())?;
    // As is this: where nothing of an answer is taken for so long, the kernel ends them.
    #[cfg(target_os = "linux")]
    SockRef::from(&listener)
        .set_tcp_user_timeout(Some(UNREAD_TIME))
        .map_err(|error| error.to_string())?;
    Ok(listener)
}

async fn answer(
    listener: TcpListener,
    metrics_listener: Option<TcpListener>,
    state: AppState,
    serve: &ServeConfig,
) -> Result<(), String> {
    // A file that may not grow makes a write fail, which is answered; without this the signal would end the process.
    let _file_size = signal(SignalKind::from_raw(SIGXFSZ)).map_err(|error| error.to_string())?;
    let worker = actix_web::rt::spawn(worker::work(
        state.db.clone(),
        state.throttle.clone(),
        state.token_uses.clone(),
        RetentionDays(serve.comment_retention_days),
        serve.change_retention(),
    ));
    let watch = actix_web::rt::spawn(state.db.clone().watch());
    let sweeping = actix_web::rt::spawn(state.cache.clone().keep_sweeping(state.fragments.clone()));
    let (stop_counting, told) = tokio::sync::oneshot::channel();
    let counting = actix_web::rt::spawn(state.views.clone().work(state.db.clone(), told));
    let scheduler = Scheduler::new(state.db.clone(), state.frames.clone(), state.metrics.clone());
    let scheduler = actix_web::rt::spawn(scheduler.work());
    let dispatcher = dispatcher(&state)?;
    let dispatching = actix_web::rt::spawn(dispatcher.clone().work());
    let (measured, drain) = (state.clone(), state.drain.clone());
    let (used, used_in) = (state.token_uses.clone(), state.db.clone());
    let signals = EndSignals::listen().map_err(|error| error.to_string())?;
    let still_listening = listener.try_clone().map_err(|error| error.to_string())?;
    let server = HttpServer::new(move || app::application(&state))
        .workers(usize::from(serve.workers))
        .worker_max_blocking_threads(BLOCKING_THREADS)
        .client_request_timeout(HEAD_TIME)
        .client_disconnect_timeout(LINGER_TIME)
        .disable_signals()
        .shutdown_timeout(serve.shutdown_seconds)
        .listen(listener)
        .map_err(|error| error.to_string())?
        .run();
    let metrics_server = metrics_listener
        .map(|listener| serve_metrics(listener, measured))
        .transpose()?;
    let metrics_handle = metrics_server.as_ref().map(actix_web::dev::Server::handle);
    let metrics_task = metrics_server.map(actix_web::rt::spawn);
    let stopping = stop_when_told(
        signals,
        server.handle(),
        still_listening,
        drain.clone(),
        serve.drain_seconds,
        || dispatcher.send_no_more(),
    );
    let bound = Duration::from_secs(serve.shutdown_seconds);
    let (ended, patience) = match select(server, std::pin::pin!(stopping)).await {
        Either::Left((ended, _)) => (ended.map_err(|error| format!("the server failed: {error}")), bound),
        Either::Right(((), _server)) => (Ok(()), Duration::ZERO),
    };
    [worker, scheduler, sweeping, dispatching]
        .iter()
        .for_each(|task| task.abort());
    // What was read until now is written before the end.
    drop(stop_counting);
    let _counted = counting.await;
    write_the_last(&used, (&dispatcher, patience), &used_in).await;
    watch.abort();
    if let Some(handle) = metrics_handle {
        handle.stop(false).await;
    }
    if let Some(task) = metrics_task {
        let _ended = task.await;
    }
    say_how_it_stopped(&drain);
    ended
}

fn say_how_it_stopped(drain: &Drain) {
    match drain.unanswered() {
        0 => log::info!("stopped: every request has its answer"),
        count => log::warn!("stopped: {count} requests have no answer"),
    }
}

/// Fetches the keys that issuers publish before anything is answered, so that nobody who may read more is shown a preview
/// because the server has just begun; then goes on.
async fn begin_fetching(key_fetcher: Option<KeyFetcher>) {
    if let Some(fetcher) = key_fetcher {
        let is_fresh = fetcher.fetch().await;
        actix_web::rt::spawn(fetcher.work(is_fresh));
    }
}

fn dispatcher(state: &AppState) -> Result<WebhookDispatcher, String> {
    let (db, metrics, allowed) = (&state.db, &state.metrics, &state.outgoing_allow);
    WebhookDispatcher::of(db, &state.secrets, metrics, allowed, section_links::sections_of)
        .map_err(|error| error.to_string())
}

/// Writes what is only in memory, and gives back what others may hold from now on.
async fn write_the_last(used: &TokenUses, (dispatcher, patience): (&WebhookDispatcher, Duration), db: &Db) {
    if let Err(error) = used.save(db).await {
        log::warn!("the last uses of API tokens were not written: {error}");
    }
    if let Err(error) = dispatcher.release(patience).await {
        log::warn!("webhooks are free for others only when the lease ends: {error}");
    }
}

fn serve_metrics(listener: TcpListener, state: AppState) -> Result<actix_web::dev::Server, String> {
    async fn get_metrics(state: web::Data<AppState>) -> HttpResponse {
        match metrics_text(&state).await {
            Ok(text) => HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(text),
            Err(error) => {
                log::error!("metrics: {error}");
                HttpResponse::InternalServerError().finish()
            }
        }
    }
    let data = web::Data::new(state);
    let server = HttpServer::new(move || {
        App::new()
            .app_data(data.clone())
            .route("/metrics", web::get().to(get_metrics))
    })
    .workers(1)
    .disable_signals()
    .listen(listener)
    .map_err(|error| error.to_string())?;
    Ok(server.run())
}

/// Away from loopback nobody may log in with the demo's well-known password: each user who still has
/// it gets a random one, printed once, and loses their sessions.
fn close_demo_logins(db: &Db, passwords: &Passwords) -> Result<(), String> {
    let text = |error: crate::base::error::Error| error.to_string();
    for user in db.read_blocking(store::demo_users).map_err(text)? {
        if !passwords.verify_blocking(DEMO_PASSWORD, Some(&user.password_digest)) {
            continue;
        }
        let password: String = secrets::opaque_token().map_err(text)?.chars().take(24).collect();
        let digest = passwords.digest_blocking(&password).map_err(text)?;
        let now = db.clock().now();
        db.write_blocking(move |conn| {
            crate::access::accounts::provisioning::set_password(
                conn,
                user.id,
                &digest,
                &Who::server(Via::Command, None),
                now,
            )
        })
        .map_err(text)?;
        print_line(format_args!(
            "{} has a new password, shown this once: {password}",
            user.email
        ));
    }
    Ok(())
}

fn greet(db: &Db, bound: SocketAddr, database: &DatabaseUrl) -> Result<(), String> {
    let text = |error: crate::base::error::Error| error.to_string();
    print_line(format_args!("Masthead answers on http://{bound}"));
    print_line(format_args!("Documentation:     http://{bound}/docs/"));
    print_line(format_args!("Database:          {}", database.in_full()));
    if db.read_blocking(store::is_empty).map_err(text)? {
        print_line("There is no user yet. Make the first admin with:");
        print_line("  masthead user create --email you@example.org");
    }
    let demo = db.read_blocking(store::demo_users).map_err(text)?;
    if !demo.is_empty() && bound.ip().is_loopback() {
        print_line(format_args!("Demo logins (password {DEMO_PASSWORD}):"));
        demo.iter()
            .for_each(|user| print_line(format_args!("  {}", user.email)));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_long_answer_waits_for_nothing() {
        let listener = listen(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        let reader = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        listener.set_nonblocking(false).unwrap();
        let (connection, _) = listener.accept().unwrap();
        assert!(connection.nodelay().unwrap());
        drop(reader);
    }
}
