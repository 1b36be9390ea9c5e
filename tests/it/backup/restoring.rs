//! A backup is restored as it was, and one that is not whole changes nothing.

use masthead::base::db::dump::TABLES;
use serde_json::json;
use tempfile::TempDir;

use crate::support::TestApp;
use crate::support::backups::{back_up, restore};
use crate::support::newsroom::newsroom;

/// The rows that a backup holds and a restore leaves as they were.
fn kept(app: &TestApp) -> Vec<(&'static str, String)> {
    let changes = [
        "sessions",
        "refresh_tokens",
        "generations",
        "cache_deaths",
        "audit",
        "schedules",
    ];
    let kept = app.rows().into_iter().filter(|(table, _)| !changes.contains(table));
    let mut kept: Vec<(&str, String)> = kept.map(|(table, row)| (table, row.to_string())).collect();
    kept.sort();
    kept
}

#[actix_web::test]
async fn a_backup_is_restored_as_it_was_on_the_same_database_and_on_an_empty_one() {
    let app = TestApp::new().await;
    let admin = app.admin();
    let (above, below) = (admin.section("News", None).await, admin.section("Monde", None).await);
    // The section above is the younger one: rows do not stand in the order of their making.
    admin.move_section(&above, Some(&below)).await.expect(200);
    let id = admin.published("L’été « à part »", &above).await;
    let comment = app.guest().comment(&id, "Bravo ! 😀", None).await;
    admin.decide(&comment, "approve").await.expect(200);
    app.guest().comment(&id, "Réponse", Some(&comment)).await;
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("backup");
    back_up(&app, &path);
    let before = kept(&app);
    admin.edit(&id, json!({"title": "Depuis"})).await.expect(200);
    admin.published("Depuis aussi", &above).await;
    let restored = restore(&app, &path, &[]).unwrap();
    assert_eq!(restored.replayed, 0);
    assert_eq!(kept(&app), before);
    let other = TestApp::new().await;
    restore(&other, &path, &[]).unwrap();
    assert_eq!(kept(&other), before);
    let page = other.guest().get(&format!("/v1/articles/{id}")).await.expect(200);
    assert_eq!(page.json["title"], "L’été « à part »");
    for app in [&app, &other] {
        let found = app.guest().get("/v1/search?q=ete").await.expect(200);
        assert_eq!(found.items("id"), std::slice::from_ref(&id));
        let since = app.guest().get("/v1/search?q=depuis").await.expect(200);
        assert_eq!(since.items("id"), Vec::<String>::new());
    }
}

#[actix_web::test]
async fn a_backup_that_is_not_whole_or_not_ours_changes_nothing() {
    let (app, admin, section) = newsroom().await;
    admin.published("Titre", &section).await;
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("backup");
    back_up(&app, &path);
    let whole = std::fs::read_to_string(&path).unwrap();
    let before = kept(&app);
    let cut: String = whole.lines().take(5).map(|line| format!("{line}\n")).collect();
    let other = if app.db().is_sqlite() {
        ("sqlite", "postgres")
    } else {
        ("postgres", "sqlite")
    };
    let headed = |from: &str, to: &str| {
        let (header, rest) = whole.split_once('\n').unwrap();
        let rows: Vec<&str> = rest.lines().collect();
        let header = header.replace(from, to);
        // The trailer no longer matches either, so what is said first is that it was changed.
        format!("{header}\n{}\n", rows.join("\n"))
    };
    let table = [
        ("empty", String::new(), "no backup"),
        ("text", "Bonjour\n".to_owned(), "no backup"),
        ("cut", cut, "cut short"),
        ("changed", whole.replace("Titre", "Autre"), "changed"),
        ("other", headed(other.0, other.1), "changed"),
        (
            "form",
            headed("\"masthead_backup\":1", "\"masthead_backup\":9"),
            "form 9",
        ),
    ];
    for (name, content, expected) in table {
        let path = dir.path().join(name);
        std::fs::write(&path, content).unwrap();
        let error = restore(&app, &path, &[]).unwrap_err();
        let cause = error.cause().unwrap_or_default();
        assert!(cause.contains(expected), "{name}: {cause}");
        assert_eq!(kept(&app), before, "{name}");
    }
}

#[test]
fn every_table_is_in_the_backup_or_says_why_not() {
    let schema = include_str!("../../../src/base/db/schema.rs");
    let declared = schema.split("diesel::table! {").skip(1);
    let mut declared: Vec<&str> = declared
        .map(|rest| rest.trim_start().split(' ').next().unwrap())
        .collect();
    let mut listed: Vec<&str> = TABLES.iter().map(|table| table.name).collect();
    declared.sort_unstable();
    listed.sort_unstable();
    assert_eq!(listed, declared);
}
