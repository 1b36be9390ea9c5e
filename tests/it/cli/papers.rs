//! The scripts that stand in papers do what the papers say.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Server, on};
use crate::support::database::TestDatabase;

/// Whether a program is here; else the test that needs it is skipped.
fn is_here(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok()
}

/// A server with the demo's newsroom.
fn demo(database: &TestDatabase, dir: &Path) -> Server {
    let mut demo = on(database, dir);
    demo.arg("demo");
    assert!(demo.output().unwrap().status.success());
    Server::start(on(database, dir))
}

/// The only script of a document in this language.
fn script_of(document: &str, language: &str) -> String {
    let text = std::fs::read_to_string(document).unwrap();
    let begin = format!("```{language}\n");
    let mut scripts = text.split(&begin).skip(1);
    let script = scripts.next().unwrap().split("```").next().unwrap().to_owned();
    assert!(
        scripts.next().is_none(),
        "{document} has more than one script in {language}"
    );
    script
}

#[test]
fn a_moderators_morning_goes_as_the_document_says() {
    if !is_here("curl") {
        println!("skipped: there is no curl here");
        return;
    }
    let script = script_of("docs/moderation.md", "bash");
    let calls = script.matches("curl ").count();
    assert_eq!(calls, 10, "ten calls: {script}");
    let (dir, database) = (TempDir::new().unwrap(), TestDatabase::new());
    let server = demo(&database, dir.path());
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

/// Somebody of the demo's newsroom, logged in.
struct DemoEditor {
    base: String,
    token: String,
}

impl DemoEditor {
    fn admin(server: &Server) -> Self {
        let base = format!("http://{}", server.address);
        let login = json!({"email": "admin@demo.test", "password": "masthead-demo"});
        let mut pair = ureq::post(format!("{base}/v1/editorial/auth/login"))
            .send_json(login)
            .unwrap();
        let pair: Value = pair.body_mut().read_json().unwrap();
        let token = pair["access_token"].as_str().unwrap().to_owned();
        Self { base, token }
    }

    fn get(&self, path: &str) -> Value {
        let asked = ureq::get(format!("{}{path}", self.base));
        let asked = asked.header("authorization", format!("Bearer {}", self.token));
        asked.call().unwrap().body_mut().read_json().unwrap()
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        let asked = ureq::post(format!("{}{path}", self.base));
        let asked = asked.header("authorization", format!("Bearer {}", self.token));
        asked.send_json(body).unwrap().body_mut().read_json().unwrap()
    }

    fn act(&self, article: &str, action: &str) {
        let path = format!("/v1/editorial/articles/{article}");
        let version = self.get(&path)["version"].as_i64().unwrap();
        let asked = ureq::post(format!("{}{path}/actions/{action}", self.base))
            .header("authorization", format!("Bearer {}", self.token))
            .header("if-match", format!("\"v{version}\""));
        asked.send_json(json!({})).unwrap();
    }

    /// The paths of all that is live.
    fn live(&self) -> BTreeSet<String> {
        let mut paths = BTreeSet::new();
        let mut cursor = String::new();
        loop {
            let page = self.get(&format!("/v1/articles?locale=*&limit=100{cursor}"));
            let items = page["items"].as_array().unwrap();
            paths.extend(items.iter().map(|card| card["path"].as_str().unwrap().to_owned()));
            match page["page"]["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return paths,
            }
        }
    }
}

/// The paths of the pages in a folder.
fn pages_in(folder: &Path) -> BTreeSet<String> {
    let mut pages = BTreeSet::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(at) = folders.pop() {
        for entry in std::fs::read_dir(at).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.ends_with("index.html") {
                let page = path.parent().unwrap().strip_prefix(folder).unwrap();
                pages.insert(format!("/{}", page.display()));
            }
        }
    }
    pages
}

#[test]
fn a_static_build_follows_the_site_as_the_document_says() {
    if !is_here("python3") {
        println!("skipped: there is no python3 here");
        return;
    }
    let script = script_of("docs/changes.md", "python");
    assert!(script.lines().count() <= 68, "short enough to be read");
    let (dir, database) = (TempDir::new().unwrap(), TestDatabase::new());
    let server = demo(&database, dir.path());
    let out = dir.path().join("out");
    let build = || {
        let run = Command::new("python3")
            .args(["-c", &script, &format!("http://{}", server.address)])
            .arg(&out)
            .output();
        let run = run.unwrap();
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
        pages_in(&out)
    };
    let editor = DemoEditor::admin(&server);
    let first = build();
    // The retracted ones are in no list, and have their pages.
    assert!(first.is_superset(&editor.live()) && first.len() > 10, "{first:?}");
    assert_eq!(build(), first);
    let card = editor.get("/v1/articles?limit=1")["items"][0].clone();
    let (id, path) = (card["id"].as_str().unwrap(), card["path"].as_str().unwrap());
    editor.act(id, "unpublish");
    let without: BTreeSet<String> = first.iter().filter(|page| *page != path).cloned().collect();
    assert_eq!(build(), without);
    editor.act(id, "publish");
    assert_eq!(build(), first);
    let page = std::fs::read_to_string(out.join(path.trim_start_matches('/')).join("index.html")).unwrap();
    assert!(page.contains("<p>"), "{page}");
    // A run that was cut short after it took a page away, and a cursor that is too old.
    std::fs::remove_file(out.join(path.trim_start_matches('/')).join("index.html")).unwrap();
    editor.act(id, "unpublish");
    assert_eq!(build(), without);
    editor.act(id, "publish");
    assert_eq!(build(), first);
    editor.act(id, "unpublish");
    let state_file = out.join("state.json");
    let mut state: Value = serde_json::from_str(&std::fs::read_to_string(&state_file).unwrap()).unwrap();
    let cursor = state["cursor"].as_str().unwrap();
    state["cursor"] = json!(expired(cursor));
    std::fs::write(&state_file, state.to_string()).unwrap();
    assert_eq!(build(), without);
}

/// A cursor as another database would have signed it: the same, but for a character of the signature.
fn expired(cursor: &str) -> String {
    let at = cursor.len() - 10;
    let other = if cursor.as_bytes()[at] == b'A' { 'B' } else { 'A' };
    format!("{}{other}{}", &cursor[..at], &cursor[at + 1..])
}

/// A program in TypeScript as a compiler would leave it: without its types.
fn without_types(script: &str) -> String {
    let types = [
        ", type IncomingHttpHeaders",
        ": IncomingHttpHeaders",
        ": Buffer[]",
        ": Buffer",
        ": boolean",
        "<string>",
    ];
    types.iter().fold(script.to_owned(), |script, of| {
        assert!(script.contains(of), "{of} is not in the script any more");
        script.replace(of, "")
    })
}

/// A receiver that runs, and what it prints.
struct RunningReceiver {
    child: std::process::Child,
    lines: std::sync::mpsc::Receiver<String>,
}

impl RunningReceiver {
    fn start(program: &mut Command) -> Self {
        let mut child = program.stdout(std::process::Stdio::piped()).spawn().unwrap();
        let (send, lines) = std::sync::mpsc::channel();
        let printed = std::io::BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || {
            let mut printed = std::io::BufRead::lines(printed).map_while(Result::ok);
            printed.try_for_each(|line| send.send(line)).ok()
        });
        Self { child, lines }
    }

    fn next(&self) -> String {
        let wait = std::time::Duration::from_secs(60);
        self.lines.recv_timeout(wait).expect("it is told nothing")
    }
}

impl Drop for RunningReceiver {
    fn drop(&mut self) {
        let _gone = self.child.kill().and_then(|()| self.child.wait());
    }
}

/// Plays what the paper on webhooks promises to a receiver that runs in this language.
fn receiver_is_told(language: &str, program: impl Fn(&str, u16, &str) -> Command) {
    let script = script_of("docs/webhooks.md", language);
    assert!(script.lines().count() <= 33, "short enough to be read");
    let (dir, database) = (TempDir::new().unwrap(), TestDatabase::new());
    let mut filled = on(&database, dir.path());
    assert!(filled.arg("demo").output().unwrap().status.success());
    let mut command = on(&database, dir.path());
    command.env("MASTHEAD_OUTGOING_ALLOW", "127.0.0.0/8");
    let server = Server::start(command);
    let editor = DemoEditor::admin(&server);
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let webhooks = "/v1/editorial/webhooks";
    let url = format!("http://127.0.0.1:{port}/");
    let events = ["article.published", "article.unpublished"];
    let made = editor.post(webhooks, &json!({"name": "Moteur", "url": url, "events": events}));
    let secret = made["signing_secret"].as_str().unwrap();
    let receiver = RunningReceiver::start(&mut program(&script, port, secret));
    let card = editor.get("/v1/articles?limit=1")["items"][0].clone();
    let (id, path) = (card["id"].as_str().unwrap(), card["path"].as_str().unwrap());
    editor.act(id, "unpublish");
    editor.act(id, "publish");
    for event in ["article.unpublished", "article.published"] {
        let line = receiver.next();
        let (kind, data) = line.split_once(' ').unwrap();
        let data: Value = serde_json::from_str(data).unwrap();
        assert_eq!(
            (kind, &data["article_id"], &data["path"]),
            (event, &json!(id), &json!(path))
        );
    }
    // What nobody signed is refused, and what comes again is known.
    let forged = ureq::post(&url)
        .header("webhook-id", "1")
        .header("webhook-timestamp", "1")
        .send("{}");
    assert!(matches!(forged, Err(ureq::Error::StatusCode(401))), "{forged:?}");
    let webhook = format!("{webhooks}/{}", made["info"]["id"].as_str().unwrap());
    let deliveries = editor.get(&format!("{webhook}/deliveries"));
    let last = deliveries["items"][0]["id"].as_str().unwrap();
    editor.post(&format!("{webhook}/deliveries/{last}/actions/replay"), &json!({}));
    editor.post(&format!("{webhook}/actions/test"), &json!({}));
    assert!(receiver.next().starts_with("webhook.test "));
}

#[test]
fn a_receiver_in_python_is_told_as_the_document_says() {
    if !is_here("python3") {
        println!("skipped: there is no python3 here");
        return;
    }
    receiver_is_told("python", |script, port, secret| {
        let mut program = Command::new("python3");
        program.args(["-c", script, &port.to_string(), secret]);
        program
    });
}

#[test]
fn a_receiver_in_typescript_is_told_as_the_document_says() {
    if !is_here("node") {
        println!("skipped: there is no node here");
        return;
    }
    receiver_is_told("typescript", |script, port, secret| {
        let mut program = Command::new("node");
        let script = without_types(script);
        // Its first argument stands where the file's name would.
        program.args([
            "--input-type=module",
            "-e",
            &script,
            "--",
            "receiver",
            &port.to_string(),
            secret,
        ]);
        program
    });
}
