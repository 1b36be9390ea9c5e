//! The binary as operators meet it: real processes, on SQLite and on PostgreSQL.

mod bad_days;
mod commands;
mod papers;
mod serving;
mod starting;
mod views;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use crate::support::PASSWORD;
use crate::support::database::TestDatabase;

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
        "MASTHEAD_READER_KEYS",
        "RUST_LOG",
    ];
    for name in settings {
        command.env_remove(name);
    }
    // Nobody balances load between the servers of tests.
    command.env("MASTHEAD_DRAIN_SECONDS", "0").current_dir(dir);
    command
}

fn refused(mut command: Command) -> String {
    let output: Output = command.output().unwrap();
    assert!(!output.status.success(), "it started");
    String::from_utf8(output.stderr).unwrap()
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

/// Makes a user by the command, with more arguments after the address; the password is that of every test user.
fn create_user(mut command: Command, more: &[&str]) {
    command
        .args(["user", "create", "--email", "chef@lefanal.test", "--password-stdin"])
        .args(more);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    writeln!(child.stdin.take().unwrap(), "{PASSWORD}").unwrap();
    assert!(child.wait().unwrap().success());
}
