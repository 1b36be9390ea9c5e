//! The binary as operators meet it: what it says when it cannot start, and how it stops. Real
//! processes, on SQLite and on PostgreSQL.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use diesel::prelude::*;
use masthead::articles::api::empty_article;
use masthead::articles::model::{Content, RevisionKind};
use masthead::articles::{ArticleId, store as articles};
use masthead::clock::{Clock, Time};
use masthead::db::schema::schedules as rows;
use masthead::db::{Conn, Db, PoolSizes};
use masthead::error::Result;
use masthead::schedule::model::{Schedule, ScheduleKind, ScheduleState};
use masthead::schedule::{ScheduleId, store as schedules};
use masthead::sections::{Section, SectionId, store as sections};
use masthead::site::Site;
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
    fn start(mut command: Command) -> Self {
        command.args(["serve", "--bind", "127.0.0.1:0", "--metrics-bind", "off"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
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
        masthead::db::DatabaseUrl::Sqlite(path) => format!("sqlite://{}", path.display()),
        masthead::db::DatabaseUrl::Postgres(url) => url.clone(),
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
