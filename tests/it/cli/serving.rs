//! A server at work: what it logs, how it stops, and what it does on time.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

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

use super::{SECRET, Server, create_user, on};
use crate::support::PASSWORD;
use crate::support::database::{TestDatabase, postgres_server};

/// Calls a server as somebody with a token, or as a reader; the status and the body.
pub(super) fn call(
    server: &Server,
    token: &str,
    method: &str,
    path: &str,
    version: i64,
    body: Option<&Value>,
) -> (u16, Value) {
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
    const TEXT: &str = "Zanzibar-7183";
    let (dir, database) = (TempDir::new().unwrap(), TestDatabase::new());
    create_user(on(&database, dir.path()), &["--role", "admin"]);
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
    let revision = articles::insert_revision(conn, &article, RevisionKind::Save, &content, None, None, now)?;
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
        revision_number: Some(revision),
        article_version: 1,
        section_id: Some(section),
        is_minor: false,
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
        ..PoolSizes::default()
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
