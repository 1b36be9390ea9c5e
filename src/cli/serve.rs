//! `masthead serve`: migrate, look after the demo's logins, answer requests until SIGTERM.

use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use actix_web::middleware::from_fn;
use actix_web::{App, HttpResponse, HttpServer, web};
use tokio::signal::unix::{SignalKind, signal};

use super::{demo, open};
use crate::access::audit::{Via, Who};
use crate::access::auth::password::{DEMO_PASSWORD, Passwords};
use crate::access::auth::store;
use crate::access::auth::throttle::LoginThrottle;
use crate::access::auth::token::TokenKeys;
use crate::app::{self, AppState};
use crate::base::db::Db;
use crate::base::http::client::TrustedProxies;
use crate::base::http::middleware::{EditorialOrigins, edge};
use crate::base::http::public_url::PublicUrl;
use crate::base::metrics::Metrics;
use crate::base::secrets;
use crate::cli::print_line;
use crate::comments::captcha::Captcha;
use crate::comments::privacy::retention::RetentionDays;
use crate::comments::words::WordLists;
use crate::config::{Config, MetricsBind, ServeConfig};
use crate::editorial::schedule::scheduler::Scheduler;
use crate::site::frame::FrameCache;
use crate::worker;

/// Blocking threads of a worker: for SQL and Argon2.
const BLOCKING_THREADS: usize = 8;
/// The signal of a file that reached its greatest size, on Linux and macOS alike.
const SIGXFSZ: i32 = 25;
/// Seconds for a client to send its request's head.
const HEAD_SECONDS: u64 = 10;

pub(super) fn run(config: &Config, serve: &ServeConfig, with_demo: bool) -> Result<(), String> {
    let captcha = serve.captcha.settings(with_demo, serve.public_url.as_deref())?;
    // The port is taken first: a server that cannot answer should not migrate.
    let listener = listen(serve.bind)?;
    let bound = listener.local_addr().map_err(|error| error.to_string())?;
    let metrics_listener = match serve.metrics_bind {
        MetricsBind::At(address) => Some(listen(address)?),
        MetricsBind::Off => None,
    };
    let secrets = config.secrets()?;
    let db = open(config, config.pool_sizes(serve.write_queue))?;
    let passwords = Passwords::strong().map_err(|error| error.to_string())?;
    if with_demo {
        demo::fill(&db, &passwords)?;
    }
    if !bound.ip().is_loopback() {
        close_demo_logins(&db, &passwords)?;
    }
    let public_url = serve.public_url.clone().unwrap_or_else(|| format!("http://{bound}"));
    let issuer = public_url.clone();
    let state = AppState {
        keys: TokenKeys::load(&db, secrets.clone(), issuer).map_err(|error| error.to_string())?,
        captcha: Captcha::new(captcha, &secrets).map_err(|error| error.to_string())?,
        secrets,
        throttle: LoginThrottle::new(db.clock()),
        passwords,
        frames: FrameCache::default(),
        word_lists: WordLists::default(),
        cache_policy: serve.cache_policy(),
        public_url: PublicUrl(public_url),
        proxies: TrustedProxies(serve.trusted_proxies.clone()),
        origins: EditorialOrigins(serve.editorial_origins.clone()),
        metrics: Metrics::new().map_err(|error| error.to_string())?,
        routes: app::routes::table().map_err(|error| error.to_string())?,
        db,
    };
    greet(&state.db, bound)?;
    actix_web::rt::System::new().block_on(answer(listener, metrics_listener, state, serve))
}

fn listen(address: SocketAddr) -> Result<TcpListener, String> {
    let listener = TcpListener::bind(address).map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => {
            format!("{address} is in use by another program; choose another with --bind or --metrics-bind")
        }
        _ => format!("cannot listen on {address}: {error}"),
    })?;
    listener.set_nonblocking(true).map_err(|error| error.to_string())?;
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
        RetentionDays(serve.comment_retention_days),
    ));
    let scheduler = Scheduler::new(state.db.clone(), state.frames.clone(), state.metrics.clone());
    let scheduler = actix_web::rt::spawn(scheduler.work());
    let metrics = state.metrics.clone();
    let server = HttpServer::new(move || App::new().wrap(from_fn(edge)).configure(|cfg| app::mount(cfg, &state)))
        .workers(usize::from(serve.workers))
        .worker_max_blocking_threads(BLOCKING_THREADS)
        .client_request_timeout(Duration::from_secs(HEAD_SECONDS))
        .shutdown_timeout(serve.shutdown_seconds)
        .listen(listener)
        .map_err(|error| error.to_string())?
        .run();
    let metrics_server = metrics_listener
        .map(|listener| serve_metrics(listener, metrics))
        .transpose()?;
    let metrics_handle = metrics_server.as_ref().map(actix_web::dev::Server::handle);
    let metrics_task = metrics_server.map(actix_web::rt::spawn);
    let ended = server.await.map_err(|error| format!("the server failed: {error}"));
    worker.abort();
    scheduler.abort();
    if let Some(handle) = metrics_handle {
        handle.stop(false).await;
    }
    if let Some(task) = metrics_task {
        let _ended = task.await;
    }
    log::info!("stopped: every accepted request was answered");
    ended
}

fn serve_metrics(listener: TcpListener, metrics: Metrics) -> Result<actix_web::dev::Server, String> {
    async fn get_metrics(metrics: web::Data<Metrics>) -> HttpResponse {
        match metrics.to_text() {
            Ok(text) => HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(text),
            Err(error) => {
                log::error!("metrics: {error}");
                HttpResponse::InternalServerError().finish()
            }
        }
    }
    let data = web::Data::new(metrics);
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

fn greet(db: &Db, bound: SocketAddr) -> Result<(), String> {
    let text = |error: crate::base::error::Error| error.to_string();
    print_line(format_args!("Masthead answers on http://{bound}"));
    print_line(format_args!("Documentation:     http://{bound}/docs/"));
    if db.read_blocking(store::is_empty).map_err(text)? {
        print_line("There is no user yet. Make the first admin with:");
        print_line("  masthead user create --email you@example.org --name \"Your Name\" --role admin");
    }
    let demo = db.read_blocking(store::demo_users).map_err(text)?;
    if !demo.is_empty() && bound.ip().is_loopback() {
        print_line(format_args!("Demo logins (password {DEMO_PASSWORD}):"));
        demo.iter()
            .for_each(|user| print_line(format_args!("  {}", user.email)));
    }
    Ok(())
}
