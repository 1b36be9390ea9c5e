//! The binary as operators meet it: what it says when it cannot start, and how it stops. Real
//! processes, on SQLite and on PostgreSQL.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use diesel::prelude::*;
use masthead::articles::model::{Content, RevisionKind, empty_article};
use masthead::articles::schedules::model::{Schedule, ScheduleKind, ScheduleState};
use masthead::articles::schedules::{ScheduleId, store as schedules};
use masthead::articles::store as articles;
use masthead::base::clock::{Clock, Time};
use masthead::base::db::schema::schedules as rows;
use masthead::base::db::{Conn, Db, PoolSizes};
use masthead::base::error::Result;
use masthead::base::ids::{ArticleId, SectionId};
use masthead::site::sections::{Section, store as sections};
use masthead::site::settings::Site;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::database::{TestDatabase, postgres_server};

const SECRET: &str = "abababababababababababababababababababababababababababababababab";

/// The binary in a folder of its own, without our environment's settings.
fn masthead(dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_masthead"));
    let settings = [
        "DATABASE_URL",
        "MASTHEAD_SECRET",
        "MASTHEAD_BIND",
        "MASTHEAD_METRICS_BIND",
        "MASTHEAD_CAPTCHA",
        "MASTHEAD_CAPTCHA_HOSTS",
        "MASTHEAD_CAPTCHA_SECRET",
        "MASTHEAD_CAPTCHA_SITE_KEY",
        "MASTHEAD_PUBLIC_URL",
        "RUST_LOG",
    ];
    for name in settings {
        command.env_remove(name);
    }
    command.current_dir(dir);
    command
}

fn refused(mut command: Command) -> String {
    let output: Output = command.output().unwrap();
    assert!(!output.status.success(), "it started");
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn what_keeps_it_from_starting_is_said_in_one_line_and_an_exit_code() {
    let dir = TempDir::new().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    let table: &[(&[&str], &str)] = &[
        (
            &["serve", "--database-url", "mysql://localhost/x"],
            "it must begin with sqlite: or postgres:",
        ),
        (
            &["serve", "--database-url", "masthead.db"],
            "it must begin with sqlite: or postgres:",
        ),
        (&["serve", "--bind", &taken, "--metrics-bind", "off"], "is in use"),
        (
            &["serve", "--bind", "127.0.0.1:0", "--metrics-bind", &taken],
            "is in use",
        ),
        (
            &["migrate", "--database-url", "sqlite:///nowhere/at/all/masthead.db"],
            "cannot open",
        ),
        (
            &["migrate", "--database-url", "postgres://nobody@127.0.0.1:1/none"],
            "cannot reach",
        ),
        (
            &[
                "serve",
                "--bind",
                "127.0.0.1:0",
                "--database-url",
                "postgres://nobody@127.0.0.1:1/none",
                "--metrics-bind",
                "off",
            ],
            "MASTHEAD_SECRET is required",
        ),
        (&["serve", "--secret", "short"], "32 bytes"),
        (&["serve", "--public-url", "lefanal.test"], "the base of the site"),
        (&["serve", "--captcha", "image"], "it must be one of: proof_of_work"),
        (
            &["serve", "--captcha", "turnstile"],
            "MASTHEAD_CAPTCHA_SITE_KEY is required for turnstile",
        ),
        (
            &["serve", "--captcha", "hcaptcha", "--captcha-site-key", "k"],
            "MASTHEAD_CAPTCHA_SECRET is required for hcaptcha",
        ),
        (
            &[
                "serve",
                "--captcha",
                "recaptcha_v3",
                "--captcha-site-key",
                "k",
                "--captcha-secret",
                "s",
            ],
            "MASTHEAD_CAPTCHA_HOSTS or MASTHEAD_PUBLIC_URL is required for recaptcha_v3",
        ),
        (&["serve", "--captcha-threshold", "2"], "a number from 0 to 1"),
        (&["serve", "--captcha-difficulty", "1"], "is not in 100..="),
        (&["serve", "--captcha-verify-url", "siteverify"], "it must be a URL"),
    ];
    for (arguments, expected) in table {
        let mut command = masthead(dir.path());
        command.args(*arguments);
        let said = refused(command);
        assert!(said.contains(expected), "{arguments:?}: {said}");
        assert!(!said.contains("panicked"), "{said}");
    }
}

#[test]
fn a_password_never_stands_in_what_it_says() {
    let dir = TempDir::new().unwrap();
    let mut command = masthead(dir.path());
    command.args([
        "migrate",
        "--database-url",
        "postgres://masthead:geheim-4711@127.0.0.1:1/none",
    ]);
    assert!(!refused(command).contains("geheim-4711"));
    let mut help = masthead(dir.path());
    let output = help
        .args(["serve", "--help"])
        .env("MASTHEAD_SECRET", SECRET)
        .env("MASTHEAD_CAPTCHA_SECRET", SECRET)
        .output()
        .unwrap();
    assert!(!String::from_utf8(output.stdout).unwrap().contains(SECRET));
}

/// A server that is killed when its test ends.
struct Server {
    child: Child,
    address: String,
    said: Vec<String>,
}

impl Server {
    fn start(command: Command) -> Self {
        Self::start_logging(command, Stdio::null())
    }

    /// One whose log goes there.
    fn start_logging(mut command: Command, log: Stdio) -> Self {
        command.args(["serve", "--bind", "127.0.0.1:0", "--metrics-bind", "off"]);
        let mut child = command.stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut said = Vec::new();
        let address = loop {
            let line = lines.next().expect("it ended before it said where it answers").unwrap();
            said.push(line.clone());
            if let Some(address) = line.strip_prefix("Masthead answers on http://") {
                break address.to_owned();
            }
        };
        // The rest is said at once; the pipe must not fill.
        std::thread::spawn(move || lines.for_each(drop));
        let server = Self { child, address, said };
        let deadline = Instant::now() + Duration::from_secs(20);
        while server.get("/readyz").is_none_or(|answer| !answer.contains("200 OK")) {
            assert!(Instant::now() < deadline, "it is not ready");
            std::thread::sleep(Duration::from_millis(20));
        }
        server
    }

    fn get(&self, path: &str) -> Option<String> {
        let mut stream = TcpStream::connect(&self.address).ok()?;
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        )
        .ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        Some(answer)
    }

    fn signal(&self, signal: &str) {
        let status = Command::new("kill")
            .args([signal, &self.child.id().to_string()])
            .status()
            .unwrap();
        assert!(status.success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _status = self.child.wait();
    }
}

/// A command on a database of its own.
fn on(database: &TestDatabase, dir: &Path) -> Command {
    let mut command = masthead(dir);
    let url = match &database.url {
        masthead::base::db::DatabaseUrl::Sqlite(path) => format!("sqlite://{}", path.display()),
        masthead::base::db::DatabaseUrl::Postgres(url) => url.clone(),
    };
    command.env("DATABASE_URL", url).env("MASTHEAD_SECRET", SECRET);
    command
}

#[test]
fn an_empty_database_says_how_to_make_the_first_admin_who_can_then_log_in() {
    let (dir, database) = (TempDir::new().unwrap(), TestDatabase::new());
    let mut create = on(&database, dir.path());
    create.args([
        "user",
        "create",
        "--email",
        "chef@lefanal.test",
        "--role",
        "admin",
        "--password-stdin",
    ]);
    let mut child = create
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all("une phrase de passe\n".as_bytes())
        .unwrap();
    assert!(child.wait().unwrap().success());
    let server = Server::start(on(&database, dir.path()));
    let body = r#"{"email":"chef@lefanal.test","password":"une phrase de passe"}"#;
    let mut stream = TcpStream::connect(&server.address).unwrap();
    let head = "POST /v1/editorial/auth/login HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json";
    write!(stream, "{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.contains("200 OK") && answer.contains("access_token"), "{answer}");
}

#[test]
fn the_demo_fills_an_empty_database_serves_it_again_and_refuses_any_other() {
    let (dir, database) = (TempDir::new().unwrap(), TestDatabase::new());
    let fill = || on(&database, dir.path()).arg("demo").output().unwrap();
    assert!(fill().status.success());
    assert!(fill().status.success(), "the demo is served again");
    let server = Server::start(on(&database, dir.path()));
    let list = server.get("/v1/articles?limit=100").unwrap();
    assert!(list.matches("\"breadcrumb\"").count() >= 40, "{}", list.len());
    assert!(!list.contains("trashed"));
    assert_eq!(server.said.len(), 1);
    drop(server);
    let other = TestDatabase::new();
    let mut create = on(&other, dir.path());
    create.args(["user", "create", "--email", "chef@lefanal.test", "--password-stdin"]);
    let mut child = create
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all("une phrase de passe\n".as_bytes())
        .unwrap();
    assert!(child.wait().unwrap().success());
    let mut demo = on(&other, dir.path());
    demo.arg("demo");
    assert!(refused(demo).contains("not empty"));
}

/// Calls a server as somebody with a token, or as a reader; the status and the body.
fn call(server: &Server, token: &str, method: &str, path: &str, version: i64, body: Option<&Value>) -> (u16, Value) {
    let config = ureq::Agent::config_builder().http_status_as_error(false).build();
    let mut request = ureq::http::Request::builder()
        .method(method)
        .uri(format!("http://{}{path}", server.address))
        .header("content-type", "application/json");
    if !token.is_empty() {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    if version > 0 {
        request = request.header("if-match", format!("\"v{version}\""));
    }
    let body = body.map(Value::to_string).unwrap_or_default();
    let mut answer = ureq::Agent::from(config).run(request.body(body).unwrap()).unwrap();
    let status = answer.status().as_u16();
    let text = answer.body_mut().read_to_string().unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::Null))
}

#[test]
fn no_secret_and_no_text_that_was_taken_down_stands_in_the_log() {
    const PASSWORD: &str = "une phrase de passe";
    const TEXT: &str = "Zanzibar-7183";
    let (dir, database) = (TempDir::new().unwrap(), TestDatabase::new());
    let mut create = on(&database, dir.path());
    create.args([
        "user",
        "create",
        "--email",
        "chef@lefanal.test",
        "--role",
        "admin",
        "--password-stdin",
    ]);
    let mut child = create.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    writeln!(child.stdin.take().unwrap(), "{PASSWORD}").unwrap();
    assert!(child.wait().unwrap().success());
    let log = dir.path().join("log");
    let mut serve = on(&database, dir.path());
    serve.env("RUST_LOG", "debug");
    let server = Server::start_logging(serve, std::fs::File::create(&log).unwrap().into());
    let post = |token: &str, path: &str, version, body: Value| call(&server, token, "POST", path, version, Some(&body));
    let credentials = json!({"email": "chef@lefanal.test", "password": PASSWORD});
    let (status, session) = post("", "/v1/editorial/auth/login", 0, credentials);
    assert_eq!(status, 200, "{session}");
    let word = |value: &Value, member: &str| value[member].as_str().unwrap().to_owned();
    let (access, refresh) = (word(&session, "access_token"), word(&session, "refresh_token"));
    let (_, section) = post(&access, "/v1/editorial/sections", 0, json!({"label": "News"}));
    let draft = json!({"locale": "fr", "title": TEXT, "section_id": section["id"],
        "blocks": [{"type": "paragraph", "html": format!("<p>{TEXT}</p>")}]});
    let (status, article) = post(&access, "/v1/editorial/articles", 0, draft);
    assert_eq!(status, 201, "{article}");
    let desk = format!("/v1/editorial/articles/{}", word(&article, "id"));
    let (status, preview) = post(&access, &format!("{desk}/preview-tokens"), 0, json!({}));
    assert_eq!(status, 201, "{preview}");
    let previewed = word(&preview, "path");
    let token = previewed.rsplit('/').next().unwrap().to_owned();
    assert_eq!(call(&server, "", "GET", &previewed, 0, None).0, 200);
    // What goes wrong is logged too: a path that is none, a parameter, a body, a version.
    assert_eq!(call(&server, "", "GET", &format!("{previewed}/{TEXT}"), 0, None).0, 404);
    assert_eq!(
        call(&server, "", "GET", &format!("{previewed}?q={TEXT}"), 0, None).0,
        400
    );
    let wrong = post(
        &access,
        "/v1/editorial/articles",
        0,
        json!({"locale": TEXT, "title": [TEXT]}),
    );
    assert_eq!(wrong.0, 422, "{}", wrong.1);
    let (status, live) = post(&access, &format!("{desk}/actions/publish"), 1, json!({}));
    assert_eq!((status, &live["state"]), (200, &json!("published")), "{live}");
    let (version, public) = (live["version"].as_i64().unwrap(), word(&live, "path"));
    let by_path = format!("/v1/articles/by-path?path={public}");
    assert_eq!(call(&server, "", "GET", &by_path, 0, None).0, 200);
    let why = json!({"reason": format!("{TEXT} est faux")});
    assert_eq!(post(&access, &format!("{desk}/actions/kill"), 9, why.clone()).0, 412);
    let (status, killed) = post(&access, &format!("{desk}/actions/kill"), version, why);
    assert_eq!(status, 200, "{killed}");
    assert_eq!(call(&server, "", "GET", &by_path, 0, None).0, 410);
    assert_eq!(call(&server, "", "GET", &previewed, 0, None).0, 404);
    drop(server);
    let said = std::fs::read_to_string(log).unwrap();
    for route in [
        "GET /v1/preview/{token} 200",
        "POST /v1/editorial/articles/{article_id}/actions/kill 200",
    ] {
        assert!(said.contains(route), "{route} is not logged: {said}");
    }
    let slug = TEXT.to_lowercase();
    for secret in [TEXT, &slug, &token, &access, &refresh, PASSWORD, SECRET] {
        assert!(!said.contains(secret), "{secret} is logged: {said}");
    }
}

#[test]
fn sigterm_answers_what_was_accepted_and_ends_with_0() {
    let (dir, database) = (TempDir::new().unwrap(), TestDatabase::new());
    let mut server = Server::start(on(&database, dir.path()));
    // A request whose body is still on its way when the signal comes.
    let mut stream = TcpStream::connect(&server.address).unwrap();
    let body = r#"{"email":"nobody@lefanal.test","password":"wrong"}"#;
    let head = "POST /v1/editorial/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json";
    write!(stream, "{head}\r\nContent-Length: {}\r\n\r\n", body.len()).unwrap();
    std::thread::sleep(Duration::from_millis(200));
    server.signal("-TERM");
    std::thread::sleep(Duration::from_millis(200));
    stream.write_all(body.as_bytes()).unwrap();
    let mut answer = vec![0; 12];
    stream.read_exact(&mut answer).unwrap();
    assert_eq!(String::from_utf8(answer).unwrap(), "HTTP/1.1 401");
    drop(stream);
    assert!(server.child.wait().unwrap().success());
}

/// Puts an article into the database that is to go live at this moment; its id.
fn plan_a_publish(conn: &mut Conn, section: SectionId, at: Time, now: Time) -> Result<ArticleId> {
    let content = Content {
        title: "À l’heure".to_owned(),
        section_id: Some(section),
        ..Content::empty()
    };
    let article = empty_article("fr", None, now);
    articles::insert(conn, &article, &content)?;
    let revision = articles::insert_revision(conn, article.id, RevisionKind::Save, &content, None, None, now)?;
    let schedule = Schedule {
        id: ScheduleId::new(),
        article_id: article.id,
        kind: ScheduleKind::Publish,
        state: ScheduleState::Pending,
        reason: None,
        at,
        local_time: "2026-11-23T08:00:00".to_owned(),
        time_zone: "UTC".to_owned(),
        fold: None,
        revision: Some(revision),
        article_version: 1,
        section_id: Some(section),
        minor: false,
        published_at: None,
        attempts: 0,
        retry_at: None,
        created_at: now,
        created_by: None,
        decided_at: None,
        decided_by: None,
    };
    schedules::insert(conn, &schedule)?;
    Ok(article.id)
}

/// A section of its own.
fn news(conn: &mut Conn, now: Time) -> Result<SectionId> {
    let section = Section {
        id: SectionId::new(),
        parent_id: None,
        slug: "news".to_owned(),
        path: "/news".to_owned(),
        label: "News".to_owned(),
        labels: "{}".to_owned(),
        description: None,
        colour: None,
        position: 0,
        comment_policy: None,
        version: 1,
        created_at: now,
        updated_at: now,
    };
    sections::insert(conn, &Site::default(), &section, now)?;
    Ok(section.id)
}

#[test]
fn what_is_scheduled_goes_live_within_a_second_and_is_made_up_for_after_a_downtime() {
    let (dir, database) = (TempDir::new().unwrap(), TestDatabase::new());
    let sizes = PoolSizes {
        connections: 1,
        write_queue: 8,
    };
    let db = Db::open(&database.url, sizes, Clock::system()).unwrap();
    let now = db.clock().now();
    let at = now.plus_seconds(6);
    let (overdue, soon) = db
        .write_blocking(move |conn| {
            let section = news(conn, now)?;
            Ok((
                plan_a_publish(conn, section, now.plus_seconds(-3600), now)?,
                plan_a_publish(conn, section, at, now)?,
            ))
        })
        .unwrap();
    let mut servers = vec![Server::start(on(&database, dir.path()))];
    if postgres_server().is_some() {
        servers.push(Server::start(on(&database, dir.path())));
    }
    let wait_for = |id: ArticleId, until: Time| {
        let is_live = || {
            let answer = servers[0].get(&format!("/v1/articles/{id}"));
            answer.is_some_and(|answer| answer.contains("200 OK"))
        };
        while !is_live() {
            assert!(db.clock().now() < until, "{id} is not live");
            std::thread::sleep(Duration::from_millis(50));
        }
    };
    wait_for(overdue, db.clock().now().plus_seconds(5));
    assert!(db.clock().now() < at, "the machine is too slow for this test");
    wait_for(soon, at.plus_seconds(5));
    let rows: Vec<(ScheduleState, Time, Option<Time>)> = db
        .read_blocking(|conn| {
            Ok(rows::table
                .order(rows::at)
                .select((rows::state, rows::at, rows::decided_at))
                .load(conn)?)
        })
        .unwrap();
    assert!(rows.iter().all(|(state, ..)| *state == ScheduleState::Done));
    let late_ms = rows[1].2.unwrap().millis() - rows[1].1.millis();
    assert!((0..=1000).contains(&late_ms), "{late_ms} ms late");
}

#[test]
fn two_instances_may_start_at_once_on_an_unmigrated_postgresql() {
    let Some(server) = postgres_server() else { return };
    let dir = TempDir::new().unwrap();
    let name = format!("masthead_two_{}", std::process::id());
    let sql = |text: String| {
        use diesel::Connection;
        use diesel::connection::SimpleConnection;
        diesel::PgConnection::establish(&server)
            .unwrap()
            .batch_execute(&text)
            .unwrap();
    };
    sql(format!("CREATE DATABASE {name}"));
    let url = crate::support::database::with_name(&server, &name);
    let start = || {
        masthead(dir.path())
            .args(["migrate", "--database-url", &url])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    };
    let instances = [start(), start(), start()];
    for instance in instances {
        let output = instance.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    sql(format!("DROP DATABASE {name} WITH (FORCE)"));
}

#[test]
fn the_secret_beside_a_sqlite_database_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let dir = TempDir::new().unwrap();
    assert!(
        masthead(dir.path())
            .args(["keys", "rotate"])
            .output()
            .unwrap()
            .status
            .success()
    );
    let secret = std::fs::metadata(dir.path().join("masthead.db.secret")).unwrap();
    assert_eq!(secret.permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_file_of_redirects_is_rehearsed_then_imported_and_harmless_to_repeat() {
    let (dir, database) = (TempDir::new().unwrap(), TestDatabase::new());
    let file = "path;location\r\n/vieux;https://www.lefanal.test/nouveau\r\n/v1/x;/y\r\n/jeu;\r\n";
    std::fs::write(dir.path().join("liens.csv"), file).unwrap();
    let run = |more: &[&str]| {
        let mut command = on(&database, dir.path());
        command.args(["import", "redirects", "liens.csv"]).args(more);
        let output = command.output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
        (output.status.success(), said)
    };
    let site = ["--public-url", "https://www.lefanal.test"];
    let refused = "liens.csv:3: path: /v1/x is a home page or a route of this server.\n";
    for (arguments, expected) in [
        (
            &["--dry-run"][..],
            "3 rows: 2 created, 0 unchanged, 0 replaced, 1 refused, nothing written\n",
        ),
        (&site[..], "3 rows: 2 created, 0 unchanged, 0 replaced, 1 refused\n"),
        (&site[..], "3 rows: 0 created, 2 unchanged, 0 replaced, 1 refused\n"),
    ] {
        let (succeeded, said) = run(arguments);
        assert!(succeeded && said.contains(refused) && said.contains(expected), "{said}");
    }
    let server = Server::start(on(&database, dir.path()));
    let answer = server.get("/v1/resolve?path=/vieux").unwrap();
    assert!(answer.contains("\"location\":\"/nouveau\""), "{answer}");
    std::fs::write(dir.path().join("liens.csv"), "path,location\n/a,\"/b\n").unwrap();
    let (succeeded, said) = run(&[]);
    assert!(
        !succeeded && said.contains("liens.csv: malformed_csv: Line 2 of the file"),
        "{said}"
    );
}

/// The only script of a document.
fn script_of(document: &str) -> String {
    let text = std::fs::read_to_string(document).unwrap();
    let mut scripts = text.split("```bash\n").skip(1);
    let script = scripts.next().unwrap().split("```").next().unwrap().to_owned();
    assert!(scripts.next().is_none(), "{document} has more than one script");
    script
}

#[test]
fn a_moderators_morning_goes_as_the_document_says() {
    if Command::new("curl").arg("--version").output().is_err() {
        println!("skipped: there is no curl here");
        return;
    }
    let script = script_of("docs/moderation.md");
    let calls = script.matches("curl ").count();
    assert_eq!(calls, 10, "ten calls: {script}");
    let (dir, database) = (TempDir::new().unwrap(), TestDatabase::new());
    let mut demo = on(&database, dir.path());
    demo.arg("demo");
    assert!(demo.output().unwrap().status.success());
    let server = Server::start(on(&database, dir.path()));
    let output = Command::new("bash")
        .args(["-c", &script])
        .env("MASTHEAD_URL", format!("http://{}", server.address))
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}{complaint}");
    let answers: Vec<Value> = said
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect();
    let [
        before,
        context,
        approved,
        rejected,
        rehearsed,
        done,
        undone,
        sanction,
        after,
    ] = &answers[..]
    else {
        panic!("{} answers: {said}", answers.len());
    };
    let count = |counts: &Value, queue: &str| counts[queue]["count"].as_i64().unwrap();
    assert_eq!(context["comment"]["id"], approved["id"]);
    let state = |comment: &Value| comment["state"].as_str().unwrap().to_owned();
    assert_eq!(
        [state(approved), state(rejected), state(undone)],
        ["approved", "rejected", "pending"]
    );
    assert_eq!(rehearsed["results"], done["results"]);
    assert_eq!(done["succeeded_count"], 3);
    assert_eq!(sanction["is_active"], true);
    for (queue, difference) in [("pending", -4), ("approved", 1), ("rejected", 0), ("spam", 3)] {
        assert_eq!(count(after, queue), count(before, queue) + difference, "{queue}");
    }
}
