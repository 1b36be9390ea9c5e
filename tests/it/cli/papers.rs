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
    assert!(script.lines().count() <= 46, "short enough to be read");
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
}
