//! What requests cost: a list, an article by its path, an article's page, a list from memory, a publish. The whole
//! application answers them in process, on an SQLite file of its own, by a clock that stands still.
//!
//! ```text
//! requests                       makes a newsroom and prints how long a request of each kind takes
//! requests make DIR              makes a newsroom in DIR
//! requests ask DIR KIND COUNT    sends it so many requests of a kind (see KINDS), then stops
//! ```
//!
//! `scripts/instructions` makes one and counts the instructions of the asking.

#![expect(clippy::unwrap_used, reason = "a measurement that cannot go on fails")]
#![expect(clippy::print_stdout, reason = "what was measured goes to the terminal")]

use std::path::Path;
use std::time::{Duration, Instant};

use actix_http::Request;
use actix_web::Error;
use actix_web::body::to_bytes;
use actix_web::dev::{Service, ServiceResponse};
use actix_web::rt::System;
use actix_web::test::{TestRequest, init_service};
use actix_web::web::Bytes;
use masthead::access::auth::password::Passwords;
use masthead::access::auth::throttle::LoginThrottle;
use masthead::access::auth::token::TokenKeys;
use masthead::access::auth::token_uses::{REQUESTS_A_MINUTE, TokenUses};
use masthead::access::entitlements::keys::EntitlementKeys;
use masthead::app::{AppState, application, routes};
use masthead::base::clock::{Clock, Time};
use masthead::base::db::url::DatabaseUrl;
use masthead::base::db::{Db, PoolSizes, migrations};
use masthead::base::http::client::TrustedProxies;
use masthead::base::http::conditional::CachePolicy;
use masthead::base::http::drain::Drain;
use masthead::base::http::middleware::EditorialOrigins;
use masthead::base::http::public_url::PublicUrl;
use masthead::base::limits::FRAGMENT_BYTES;
use masthead::base::metrics::Metrics;
use masthead::base::outgoing::guard::AllowedNetworks;
use masthead::base::secrets::Secrets;
use masthead::comments::captcha::{Captcha, CaptchaSettings};
use masthead::comments::names::HouseNameCache;
use masthead::comments::words::WordLists;
use masthead::delivery::cache::ResponseCache;
use masthead::demo;
use masthead::events::changes::ChangeRetention;
use masthead::events::changes::stream_places::StreamPlaces;
use masthead::published::FragmentCache;
use masthead::published::most_read::ViewCounter;
use masthead::site::frame::FrameCache;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Articles of the archive, which stand behind the few of the demo.
const ARCHIVE: usize = 200;
/// Drafts that are there to be published, each once.
const DRAFTS: usize = 240;
/// Paths that are asked for in turn.
const PATHS: usize = 200;
/// The kinds of requests, and how many of each are timed.
const KINDS: [(&str, usize); 5] = [
    ("list", 2_000),
    ("by-path", 2_000),
    ("page", 1_000),
    ("cached", 20_000),
    ("publish", DRAFTS),
];
/// What the kind that is sent from memory may take of it.
const CACHE_BYTES: u64 = 1 << 26;

/// What was made and can be asked for.
#[derive(Serialize, Deserialize)]
struct Newsroom {
    token: String,
    paths: Vec<String>,
    /// Ids and versions.
    drafts: Vec<(String, i64)>,
}

fn main() {
    // One thread answers and one reads, so that two runs do the same in the same order.
    let system = System::with_tokio_rt(|| {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .max_blocking_threads(1)
            .build()
            .unwrap()
    });
    // `cargo bench` says `--bench`.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    system.block_on(async {
        match arguments[..] {
            [] => time_all().await,
            ["make", dir] => make(Path::new(dir)).await,
            ["ask", dir, kind, count] => {
                ask(Path::new(dir), kind, count.parse().unwrap()).await;
                // Now, without closing the database: whether that writes its log back is a matter of luck.
                std::process::exit(0);
            }
            _ => panic!("requests [make DIR | ask DIR KIND COUNT]"),
        }
    });
}

/// The application on the database in a folder, as requests of a kind are measured.
async fn open(
    dir: &Path,
    kind: &str,
) -> (
    AppState,
    impl Service<Request, Response = ServiceResponse, Error = Error>,
) {
    let url = DatabaseUrl::Sqlite(dir.join("newsroom.db"));
    migrations::run(&url).unwrap();
    let clock = Clock::pinned(Time::parse("2026-11-23T08:00:00.000Z").unwrap());
    let sizes = PoolSizes {
        connections: 1,
        ..PoolSizes::default()
    };
    let db = Db::open(&url, sizes, clock.clone()).unwrap();
    db.deaths().trust_alone();
    let metrics = Metrics::new().unwrap();
    let cache_policy = CachePolicy {
        shared_seconds: 30,
        revalidate_seconds: 30,
        error_seconds: 300,
    };
    let secrets = Secrets::parse(&"5a".repeat(32)).unwrap();
    let drain = Drain::default();
    let state = AppState {
        keys: TokenKeys::load(&db, secrets.clone(), "http://masthead.test".to_owned()).unwrap(),
        entitlements: EntitlementKeys::default(),
        passwords: Passwords::weak_for_tests().unwrap(),
        captcha: Captcha::new(CaptchaSettings::None, &secrets).unwrap(),
        secrets,
        throttle: LoginThrottle::new(&clock),
        token_uses: TokenUses::new(REQUESTS_A_MINUTE, &clock),
        frames: FrameCache::default(),
        word_lists: WordLists::default(),
        house_names: HouseNameCache::default(),
        views: ViewCounter::default(),
        fragments: FragmentCache::new(FRAGMENT_BYTES),
        // What is measured is how answers are made, but for one kind.
        cache: ResponseCache::new(
            if kind == "cached" { CACHE_BYTES } else { 0 },
            db.clone(),
            cache_policy,
            &metrics,
        ),
        cache_policy,
        stream_places: StreamPlaces::new(drain.clone()),
        change_retention: ChangeRetention::default(),
        outgoing_allow: AllowedNetworks::default(),
        public_url: PublicUrl::new("https://www.lefanal.test".to_owned()),
        proxies: TrustedProxies::default(),
        origins: EditorialOrigins::default(),
        metrics,
        drain,
        routes: routes::table().unwrap(),
        db,
    };
    let app = init_service(application(&state)).await;
    (state, app)
}

/// Sends a request and reads the answer, which must be a good one.
async fn send(app: &impl Service<Request, Response = ServiceResponse, Error = Error>, request: TestRequest) -> Bytes {
    let response = app.call(request.to_request()).await.unwrap();
    let status = response.status();
    let body = to_bytes(response.into_body()).await.unwrap_or_default();
    assert!(status.is_success(), "{status} {body:?}");
    body
}

/// The request of a kind that is sent as number `index`.
fn request_of(newsroom: &Newsroom, kind: &str, index: usize) -> TestRequest {
    let path = &newsroom.paths[index % newsroom.paths.len()];
    match kind {
        "list" | "cached" => TestRequest::get().uri("/v1/articles?limit=20"),
        "by-path" => TestRequest::get().uri(&format!("/v1/articles/by-path?path={path}")),
        "page" => TestRequest::get().uri(&format!("/v1/pages/article?path={path}")),
        "publish" => {
            let (id, version) = &newsroom.drafts[index];
            TestRequest::post()
                .uri(&format!("/v1/editorial/articles/{id}/actions/publish"))
                .insert_header(("authorization", format!("Bearer {}", newsroom.token)))
                .insert_header(("if-match", format!("\"v{version}\"")))
                .insert_header(("content-type", "application/json"))
                .set_payload("{}")
        }
        _ => panic!("there is no {kind}"),
    }
}

/// Makes the demo, an archive behind it, and drafts that say what the archive says.
async fn make(dir: &Path) {
    let (state, app) = open(dir, "").await;
    demo::fill(&state.db, &state.passwords).unwrap();
    demo::archive::fill(&state.db, ARCHIVE, 1, |_| ()).unwrap();

    let login = json!({"email": "admin@demo.test", "password": "masthead-demo"});
    let login = TestRequest::post().uri("/v1/editorial/auth/login").set_json(login);
    let pair: Value = serde_json::from_slice(&send(&app, login).await).unwrap();
    let token = pair["access_token"].as_str().unwrap().to_owned();
    let bearer = ("authorization", format!("Bearer {token}"));

    let mut cards: Vec<Value> = Vec::new();
    let mut cursor = String::new();
    while cards.len() < PATHS {
        let list = TestRequest::get().uri(&format!("/v1/articles?limit=100{cursor}"));
        let mut page: Value = serde_json::from_slice(&send(&app, list).await).unwrap();
        cursor = format!("&cursor={}", page["page"]["next_cursor"].as_str().unwrap());
        cards.append(page["items"].as_array_mut().unwrap());
    }
    // The last are the archive's.
    cards.reverse();
    let text = |card: &Value, name: &str| card[name].as_str().unwrap().to_owned();

    let mut drafts = Vec::new();
    for (number, card) in cards.iter().cycle().take(DRAFTS).enumerate() {
        let get = TestRequest::get()
            .uri(&format!("/v1/editorial/articles/{}", text(card, "id")))
            .insert_header(bearer.clone());
        let model: Value = serde_json::from_slice(&send(&app, get).await).unwrap();
        let members = [
            "locale",
            "standfirst",
            "section_id",
            "tag_ids",
            "contributors",
            "blocks",
        ];
        let mut draft: Value = members.iter().map(|name| (*name, model[name].clone())).collect();
        draft["title"] = json!(format!("{} ({number})", text(&model, "title")));
        let post = TestRequest::post()
            .uri("/v1/editorial/articles")
            .insert_header(bearer.clone())
            .set_json(draft);
        let made: Value = serde_json::from_slice(&send(&app, post).await).unwrap();
        drafts.push((text(&made, "id"), made["version"].as_i64().unwrap()));
    }
    cards.truncate(PATHS);
    let paths = cards.iter().map(|card| text(card, "path")).collect();
    let newsroom = Newsroom { token, paths, drafts };
    std::fs::write(dir.join("newsroom.json"), serde_json::to_vec(&newsroom).unwrap()).unwrap();
}

fn read(dir: &Path) -> Newsroom {
    serde_json::from_slice(&std::fs::read(dir.join("newsroom.json")).unwrap()).unwrap()
}

async fn ask(dir: &Path, kind: &str, count: usize) {
    let newsroom = read(dir);
    let (_state, app) = open(dir, kind).await;
    for index in 0..count {
        send(&app, request_of(&newsroom, kind, index)).await;
    }
}

async fn time_all() {
    let dir = tempfile::tempdir().unwrap();
    make(dir.path()).await;
    let newsroom = read(dir.path());
    println!("{:<10}{:>10}{:>10}  in microseconds", "", "least", "median");
    for (kind, count) in KINDS {
        let (_state, app) = open(dir.path(), kind).await;
        let mut took: Vec<Duration> = Vec::with_capacity(count);
        for index in 0..count {
            let request = request_of(&newsroom, kind, index);
            let started = Instant::now();
            send(&app, request).await;
            took.push(started.elapsed());
        }
        took.sort_unstable();
        let [least, median] = [took[0], took[count / 2]].map(|took| took.as_secs_f64() * 1e6);
        println!("{kind:<10}{least:>10.1}{median:>10.1}");
    }
}
