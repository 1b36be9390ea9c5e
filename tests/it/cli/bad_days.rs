//! A server on a bad day: told to stop, sent bodies without end, with a log that nobody reads, a database that takes no
//! writes.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Stdio;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use masthead::base::db::DatabaseUrl;
use serde_json::json;
use tempfile::TempDir;

use super::{Server, create_user, masthead, on, refused};
use crate::support::PASSWORD;
use crate::support::database::TestDatabase;

/// Asks until the answer has this in it.
fn wait_for(server: &Server, path: &str, expected: &str) {
    let deadline = Instant::now() + Duration::from_secs(15);
    loop {
        let answer = server.get(path).unwrap_or_default();
        if answer.contains(expected) {
            return;
        }
        assert!(Instant::now() < deadline, "{path} never answered {expected}: {answer}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn sigterm_is_told_before_it_takes_effect_and_leaves_a_whole_database_file() {
    let (dir, database) = (TempDir::new().unwrap(), TestDatabase::new());
    create_user(on(&database, dir.path()), &["--role", "admin"]);
    let mut command = on(&database, dir.path());
    command.env("MASTHEAD_DRAIN_SECONDS", "30");
    let mut server = Server::start(command);
    let mut kept = TcpStream::connect(&server.address).unwrap();
    let mut ask = |path: &str| {
        write!(kept, "GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
        let mut answer = vec![0; 4096];
        let length = kept.read(&mut answer).unwrap();
        String::from_utf8(answer[..length].to_vec()).unwrap().to_lowercase()
    };
    assert!(!ask("/livez").contains("connection: close"));
    server.signal("-TERM");
    wait_for(&server, "/readyz", "\"stopping\"");
    let last = ask("/livez");
    assert!(
        last.starts_with("http/1.1 200") && last.contains("connection: close"),
        "{last}"
    );
    assert!(server.get("/v1/sections").unwrap().contains("200 OK"));
    // A second signal ends the waiting.
    server.signal("-TERM");
    assert!(server.child.wait().unwrap().success());
    if let DatabaseUrl::Sqlite(path) = &database.url {
        let log = format!("{}-wal", path.display());
        assert_eq!(std::fs::metadata(log).map_or(0, |log| log.len()), 0);
        let copy = dir.path().join("copy.db");
        std::fs::copy(path, &copy).unwrap();
        let mut conn = SqliteConnection::establish(copy.to_str().unwrap()).unwrap();
        let users: i64 = masthead::base::db::schema::users::table
            .count()
            .get_result(&mut conn)
            .unwrap();
        assert_eq!(users, 1);
    }
}

#[test]
fn a_chunked_body_without_end_is_not_read_on_after_its_answer() {
    let (dir, database) = (TempDir::new().unwrap(), TestDatabase::new());
    let server = Server::start(on(&database, dir.path()));
    for path in ["/v1/editorial/auth/login", "/nowhere"] {
        let mut stream = TcpStream::connect(&server.address).unwrap();
        write!(
            stream,
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        .unwrap();
        let mut reader = stream.try_clone().unwrap();
        let answer = std::thread::spawn(move || {
            let mut answer = Vec::new();
            let _end_or_reset = reader.read_to_end(&mut answer);
            String::from_utf8(answer).unwrap()
        });
        let chunk = format!("10000\r\n{}\r\n", " ".repeat(0x1_0000));
        let begun = Instant::now();
        while stream.write_all(chunk.as_bytes()).is_ok() {
            assert!(begun.elapsed() < Duration::from_secs(20), "{path} is read for ever");
        }
        let answer = answer.join().unwrap().to_lowercase();
        assert!(
            answer.starts_with("http/1.1 4") && answer.contains("connection: close"),
            "{answer}"
        );
    }
    assert!(server.get("/livez").unwrap().contains("200 OK"));
}

#[test]
fn a_body_that_ends_keeps_its_connection() {
    let (dir, database) = (TempDir::new().unwrap(), TestDatabase::new());
    let server = Server::start(on(&database, dir.path()));
    let mut stream = TcpStream::connect(&server.address).unwrap();
    for _ in 0..2 {
        write!(
            stream,
            "POST /v1/editorial/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
             Transfer-Encoding: chunked\r\n\r\n2\r\n{{}}\r\n0\r\n\r\n"
        )
        .unwrap();
        let mut answer = vec![0; 8192];
        let length = stream.read(&mut answer).unwrap();
        let answer = String::from_utf8_lossy(&answer[..length]).to_lowercase();
        assert!(
            answer.starts_with("http/1.1 422") && !answer.contains("connection: close"),
            "{answer}"
        );
    }
}

#[test]
fn a_log_that_nobody_reads_keeps_nobody_waiting() {
    let (dir, database) = (TempDir::new().unwrap(), TestDatabase::new());
    let mut server = Server::start_logging(on(&database, dir.path()), Stdio::piped());
    // More than a pipe holds, which is 64 kB, and more than the queue holds.
    for number in 0..2_500 {
        let answer = server.get("/livez").unwrap_or_default();
        assert!(answer.contains("200 OK"), "request {number}: {answer}");
    }
    server.signal("-INT");
    assert!(server.child.wait().unwrap().success());
}

#[test]
fn the_log_is_json_where_that_is_asked_for_with_the_trace_of_the_request() {
    let (dir, database) = (TempDir::new().unwrap(), TestDatabase::new());
    let log = dir.path().join("log");
    let mut command = on(&database, dir.path());
    command.env("MASTHEAD_LOG_FORMAT", "json");
    let mut server = Server::start_logging(command, std::fs::File::create(&log).unwrap().into());
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let mut stream = TcpStream::connect(&server.address).unwrap();
    write!(
        stream,
        "GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTraceparent: 00-{trace}-00f067aa0ba902b7-01\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(
        answer.contains(&format!("traceparent: 00-{trace}-00f067aa0ba902b7-01")),
        "{answer}"
    );
    server.signal("-INT");
    assert!(server.child.wait().unwrap().success());
    let text = std::fs::read_to_string(log).unwrap();
    let lines: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(
        lines
            .iter()
            .any(|line| line["trace_id"] == trace && line["level"] == "info"),
        "{text}"
    );
    assert!(
        lines.last().unwrap()["message"]
            .as_str()
            .unwrap()
            .starts_with("stopped"),
        "{text}"
    );
}

#[test]
fn a_database_that_takes_no_writes_is_told_from_one_that_cannot_be_read() {
    let (dir, database) = (TempDir::new().unwrap(), TestDatabase::new());
    let DatabaseUrl::Sqlite(path) = &database.url else {
        // There is no one lock that stops all writes on a server.
        return;
    };
    create_user(on(&database, dir.path()), &["--role", "admin"]);
    let server = Server::start(on(&database, dir.path()));
    let mut other = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    // The server that has just started may be writing.
    other
        .batch_execute("PRAGMA busy_timeout = 30000; BEGIN IMMEDIATE")
        .unwrap();
    let (status, refused) = super::serving::call(
        &server,
        "",
        "POST",
        "/v1/editorial/auth/login",
        0,
        Some(&json!({"email": "chef@lefanal.test", "password": PASSWORD})),
    );
    assert_eq!((status, &refused["code"]), (503, &json!("unavailable")), "{refused}");
    wait_for(&server, "/readyz", "\"writes_failing\"");
    wait_for(&server, "/readyz?purpose=reading", "200 OK");
    assert!(server.get("/v1/sections").unwrap().contains("200 OK"));
    other.batch_execute("ROLLBACK").unwrap();
    wait_for(&server, "/readyz", "200 OK");
}

#[test]
fn a_stop_succeeds_while_somebody_else_reads_the_file() {
    let (dir, database) = (TempDir::new().unwrap(), TestDatabase::new());
    let DatabaseUrl::Sqlite(path) = &database.url else {
        return;
    };
    create_user(on(&database, dir.path()), &["--role", "admin"]);
    let mut server = Server::start(on(&database, dir.path()));
    let mut reader = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    reader
        .batch_execute("PRAGMA busy_timeout = 30000; BEGIN; SELECT count(*) FROM users")
        .unwrap();
    // Something to be moved into the file, which the reader's moment keeps from it.
    let login = json!({"email": "chef@lefanal.test", "password": PASSWORD});
    let (status, _) = super::serving::call(&server, "", "POST", "/v1/editorial/auth/login", 0, Some(&login));
    assert_eq!(status, 200);
    server.signal("-INT");
    assert!(server.child.wait().unwrap().success());
}

#[test]
fn a_command_makes_no_database_by_mistake() {
    let dir = TempDir::new().unwrap();
    for arguments in [
        &["backup", "b.json"][..],
        &["user", "create", "--email", "chef@lefanal.test", "--password-stdin"],
        &["user", "passwd", "--email", "chef@lefanal.test", "--password-stdin"],
        &["keys", "rotate"],
        &["keys", "rotate-hashes"],
        &["repress"],
        &["reindex"],
    ] {
        let mut command = masthead(dir.path());
        command.args(arguments).stdin(Stdio::null());
        let said = refused(command);
        let place = dir.path().join("masthead.db");
        assert!(
            said.contains("there is no newsroom in sqlite://"),
            "{arguments:?}: {said}"
        );
        assert!(said.contains(place.to_str().unwrap()), "{arguments:?}: {said}");
        assert_eq!(
            std::fs::read_dir(dir.path()).unwrap().count(),
            0,
            "{arguments:?} made a file"
        );
    }
}
