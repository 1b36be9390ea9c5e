//! What the binary says when it cannot start, and what it makes when it starts for the first time.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Stdio;

use tempfile::TempDir;

use super::{SECRET, Server, create_user, masthead, on, refused};
use crate::support::database::{TestDatabase, postgres_server};

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
        (
            &["serve", "--reader-keys", "nowhere.json"],
            "MASTHEAD_READER_KEYS: cannot read nowhere.json",
        ),
        (
            &["serve", "--reader-keys", r#"[{"issuer": "https://a.test"}]"#],
            "MASTHEAD_READER_KEYS: key 1: issuer, kid, algorithm and public_key_pem, or issuer and jwks_url: missing field `kid`",
        ),
        (
            &[
                "serve",
                "--reader-keys",
                r#"[{"issuer": "https://a.test", "jwks_url": "https://127.0.0.1/jwks"}]"#,
            ],
            "MASTHEAD_READER_KEYS: the jwks_url of https://a.test: its address is not public",
        ),
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

#[test]
fn an_empty_database_says_how_to_make_the_first_admin_who_can_then_log_in() {
    let (dir, database) = (TempDir::new().unwrap(), TestDatabase::new());
    create_user(on(&database, dir.path()), &["--role", "admin"]);
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
    assert!(masthead(dir.path()).arg("migrate").output().unwrap().status.success());
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
