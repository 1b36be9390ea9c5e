//! The demo, imports and files of redirects.

use serde_json::Value;
use tempfile::TempDir;

use super::{Server, create_user, on, refused};
use crate::support::database::TestDatabase;

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
    create_user(on(&other, dir.path()), &[]);
    let mut demo = on(&other, dir.path());
    demo.arg("demo");
    assert!(refused(demo).contains("not empty"));
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
        assert!(!succeeded, "a row was refused: {said}");
        assert!(
            said.contains(refused) && said.contains(expected) && said.contains("1 rows were refused"),
            "{said}"
        );
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
    for (file, told) in [
        (
            "chemin,location\n/a,/b\n",
            "liens.csv: the column “chemin” is not known. The first line names the columns: path and location",
        ),
        ("old\n/a\n", "liens.csv: the column location is missing"),
        (
            "path,location\n/caf\u{e9},/b\n",
            "1 rows: 1 created, 0 unchanged, 0 replaced, 0 refused",
        ),
        (
            "path,location\nhttps://www.lefanal.test/w,/b\n",
            "URLs of the site itself are paths where --public-url says",
        ),
    ] {
        std::fs::write(dir.path().join("liens.csv"), file).unwrap();
        let (succeeded, said) = run(&[]);
        assert_eq!(succeeded, told.starts_with("1 rows"), "{said}");
        assert!(said.contains(told), "{said}");
    }
    std::fs::write(dir.path().join("liens.csv"), b"path,location\n/caf\xe9,/b\n").unwrap();
    let (succeeded, said) = run(&[]);
    assert!(!succeeded && said.contains("save the file as UTF-8"), "{said}");
}

#[test]
fn the_files_of_a_site_come_over_together_and_the_report_is_written_as_json() {
    let (dir, database) = (TempDir::new().unwrap(), TestDatabase::new());
    let data = |name: &str| format!("{}/tests/it/data/wxr/{name}", env!("CARGO_MANIFEST_DIR"));
    let import = |files: &[&str], report: &str| {
        let mut command = on(&database, dir.path());
        command.args(["import", "wxr", "--report", report]);
        command.args(files.iter().map(|name| data(name)));
        command.output().unwrap()
    };
    let output = import(&["split-posts.xml", "split-attachments.xml"], "bilan.json");
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(
        output.status.success() && said.contains("attachments, which wait"),
        "{said}"
    );
    let report = std::fs::read_to_string(dir.path().join("bilan.json")).unwrap();
    let report: Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report["source"], "www.lefanal.example");
    assert_eq!(report["counts"]["posts"]["imported"], 1);
    assert_eq!(report["decided"], serde_json::json!([]), "the picture is found");
    let output = import(&["split-posts.xml"], "absent/bilan.json");
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert!(
        !output.status.success() && complaint.contains("cannot write absent/bilan.json"),
        "{complaint}"
    );
    let output = import(&["split-posts.xml", "../disqus/closed-thread.xml"], "bilan.json");
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert!(
        !output.status.success() && complaint.contains("closed-thread.xml:2:"),
        "{complaint}"
    );
}
