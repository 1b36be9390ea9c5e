//! Backups go into every later schema and into no earlier one, and a restore can be tried before it is done. The later
//! schemas are those of `data/later_schema`: releases to come.

use std::path::{Path, PathBuf};
use std::process::Command;

use diesel::backend::Backend;
use diesel::connection::SimpleConnection;
use diesel::migration::{self, Migration, MigrationSource};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sqlite::Sqlite;
use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use masthead::backup::{self, BackupHeader, RestorableBackup, RestoreOutcome, file};
use masthead::base::clock::Clock;
use masthead::base::db::dump::{TABLES, read_table};
use masthead::base::db::migrations::{self, BinarySchema, SchemaSource};
use masthead::base::db::{Conn, DatabaseUrl, Db, PoolSizes};
use masthead::base::error::{Error, Result};
use masthead::base::secrets::sha256;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::TestApp;
use crate::support::database::TestDatabase;

const LATER: EmbeddedMigrations = embed_migrations!("tests/it/data/later_schema");

/// The binary's migrations, and so many of releases to come.
#[derive(Clone, Copy)]
struct LaterSchema(usize);

impl LaterSchema {
    fn all<DB: Backend>(self) -> migration::Result<Vec<Box<dyn Migration<DB>>>>
    where
        BinarySchema: MigrationSource<DB>,
    {
        let mut all = MigrationSource::<DB>::migrations(&BinarySchema)?;
        let later: Vec<Box<dyn Migration<DB>>> = LATER.migrations()?;
        all.extend(later.into_iter().take(self.0));
        Ok(all)
    }
}

impl MigrationSource<Sqlite> for LaterSchema {
    fn migrations(&self) -> migration::Result<Vec<Box<dyn Migration<Sqlite>>>> {
        self.all()
    }
}

impl MigrationSource<Pg> for LaterSchema {
    fn migrations(&self) -> migration::Result<Vec<Box<dyn Migration<Pg>>>> {
        self.all()
    }
}

fn open(database: &TestDatabase) -> Db {
    Db::open(&database.url, PoolSizes::default(), Clock::system()).unwrap()
}

/// An empty newsroom of a release to come.
fn later(count: usize) -> TestDatabase {
    let database = TestDatabase::new();
    assert_eq!(migrations::run_all(&database.url, &LaterSchema(count)), Ok(count));
    database
}

/// Writes a backup, with a header that is changed by `change`.
fn back_up_as(db: &Db, path: &Path, change: impl Fn(&mut BackupHeader)) {
    let mut writer = file::BackupWriter::create(path).unwrap();
    db.read_blocking(|conn| {
        let mut header = BackupHeader::of(conn, db.is_sqlite(), db.clock().now())?;
        change(&mut header);
        backup::write(conn, &header, &mut writer)
    })
    .unwrap();
    writer.finish().unwrap();
}

fn back_up(db: &Db, path: &Path) {
    back_up_as(db, path, |_| ());
}

fn restore(database: &TestDatabase, path: &Path, source: LaterSchema) -> Result<RestoreOutcome> {
    let backup = RestorableBackup::open(path, &database.url, &source)?;
    let db = open(database);
    let now = db.clock().now();
    db.write_blocking(move |conn| backup::restore(conn, &backup, &source, &[], now))
}

/// Every row but of tables that a restore or a release to come changes.
fn kept(db: &Db) -> Vec<(&'static str, String)> {
    let changed = [
        "sessions",
        "refresh_tokens",
        "generations",
        "cache_deaths",
        "changes",
        "change_feeds",
        "events",
        "webhook_deliveries",
        "audit",
        "tags",
        "menus",
        "spam_tokens",
        "desk_search",
        "search_words",
    ];
    let mut rows = Vec::new();
    db.read_blocking(|conn| {
        for table in TABLES.iter().filter(|table| !changed.contains(&table.name)) {
            read_table::<Error>(conn, table, |row| {
                // What is still to be indexed is no row of a backup's.
                let mut row: Value = serde_json::from_str(row).unwrap();
                row.as_object_mut().unwrap().remove("search_format");
                rows.push((table.name, row.to_string()));
                Ok(())
            })?;
        }
        Ok(())
    })
    .unwrap();
    rows.sort();
    rows
}

#[derive(QueryableByName)]
struct TextRow {
    #[diesel(sql_type = diesel::sql_types::Text)]
    text: String,
}

/// The column `text` of a query, which the later schemas alone may answer.
fn texts(db: &Db, query: &'static str) -> Vec<String> {
    let rows: Vec<TextRow> = db
        .read_blocking(move |conn| Ok(diesel::sql_query(query).load(conn)?))
        .unwrap();
    rows.into_iter().map(|row| row.text).collect()
}

fn execute(db: &Db, sql: &'static str) {
    db.write_blocking(move |conn: &mut Conn| Ok(conn.batch_execute(sql)?))
        .unwrap();
}

const TAGS: &str = "SELECT label || ' ' || label_length AS text FROM tags ORDER BY label_length";

/// A newsroom with an article, two tags and a menu, and a backup of it.
async fn newsroom() -> (TestApp, TempDir, PathBuf) {
    let app = TestApp::new().await;
    let admin = app.admin();
    let section = admin.section("News", None).await;
    let article = admin.published("L’été", &section).await;
    app.guest().comment(&article, "Bravo ! 😀", None).await;
    for label in ["Élections", "Santé"] {
        let tag = json!({"label": label, "kind": "topic"});
        admin.post("/v1/editorial/tags", tag).await.expect(201);
    }
    let menu = json!({"key": "principal", "label": "Menu principal", "items": []});
    admin.post("/v1/editorial/menus", menu).await.expect(201);
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("monday.backup");
    back_up(app.db(), &path);
    (app, dir, path)
}

#[actix_web::test]
async fn a_backup_goes_into_every_later_schema_by_the_migrations_that_it_lacks() {
    let (app, _dir, path) = newsroom().await;
    for count in [1, 2] {
        let database = later(count);
        let backup = RestorableBackup::open(&path, &database.url, &LaterSchema(count)).unwrap();
        let lacking: Vec<&str> = backup.later.iter().map(|label| label.name.as_str()).collect();
        assert_eq!(lacking, ["9901_later", "9902_later_still"][..count]);
        let db = open(&database);
        let before = db.read_blocking(backup::is_newsroom_empty).unwrap();
        assert!(before, "only then it is new");
        let restored = restore(&database, &path, LaterSchema(count)).unwrap();
        assert!(restored.rows > 10, "{restored:?}");
        assert_eq!(kept(&db), kept(app.db()));
        assert_eq!(texts(&db, TAGS), ["Santé 5", "Élections 9"]);
        assert_eq!(texts(&db, "SELECT title AS text FROM menus"), ["Menu principal"]);
        assert_eq!(texts(&db, "SELECT token AS text FROM spam_tokens"), ["later"]);
        if count == 2 {
            let mottos = texts(&db, "SELECT motto AS text FROM tags ORDER BY label_length");
            assert_eq!(mottos, ["Santé!", "Élections!"]);
        }
        // A second time, over what is there: nothing is left of the first in between.
        restore(&database, &path, LaterSchema(count)).unwrap();
        assert_eq!(kept(&db), kept(app.db()));
    }
}

#[actix_web::test]
async fn what_a_migration_added_and_somebody_deleted_does_not_come_back() {
    let (_app, dir, path) = newsroom().await;
    let database = later(1);
    restore(&database, &path, LaterSchema(1)).unwrap();
    execute(&open(&database), "DELETE FROM spam_tokens WHERE token = 'later'");
    let tuesday = dir.path().join("tuesday.backup");
    back_up(&open(&database), &tuesday);
    let other = later(2);
    restore(&other, &tuesday, LaterSchema(2)).unwrap();
    let db = open(&other);
    assert_eq!(
        texts(&db, "SELECT token AS text FROM spam_tokens"),
        Vec::<String>::new()
    );
    assert_eq!(texts(&db, TAGS), ["Santé 5", "Élections 9"]);
    assert_eq!(kept(&db), kept(&open(&database)));
}

/// A backup with one more row, whose trailer says that it is whole.
fn with_row(path: &Path, row: &Value) -> String {
    let text = std::fs::read_to_string(path).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    let row = row.to_string();
    *lines.last_mut().unwrap() = &row;
    let body = lines.iter().map(|line| format!("{line}\n")).collect::<String>();
    let trailer = json!({"rows": lines.len() - 1, "sha256": sha256(body.as_bytes())});
    format!("{body}{trailer}\n")
}

#[actix_web::test]
async fn rows_that_do_not_fit_change_nothing() {
    let (app, dir, path) = newsroom().await;
    let unknown = json!({"table": "users; DROP TABLE users", "row": {"id": "a"}});
    let lame = json!({"table": "tags", "row": {"id": "a", "label": "A"}});
    for (row, expected) in [(unknown, "has a table users; DROP TABLE users"), (lame, "")] {
        let bad = dir.path().join("bad");
        std::fs::write(&bad, with_row(&path, &row)).unwrap();
        for source in [LaterSchema(0), LaterSchema(1)] {
            let database = later(source.0);
            restore(&database, &path, source).unwrap();
            let before = kept(&open(&database));
            let error = restore(&database, &bad, source).unwrap_err();
            let cause = error.cause().unwrap_or_default();
            assert!(cause.contains(expected), "{cause}");
            assert_eq!(kept(&open(&database)), before);
        }
    }
    assert!(!kept(app.db()).is_empty());
}

/// What a restore is refused with, before the database is opened.
fn refusal(path: &Path, url: &DatabaseUrl, source: &dyn SchemaSource) -> String {
    let error = RestorableBackup::open(path, url, source).unwrap_err();
    error.cause().unwrap().to_owned()
}

#[actix_web::test]
async fn a_backup_of_no_known_schema_or_of_another_database_is_refused_in_one_sentence() {
    let (app, dir, path) = newsroom().await;
    let newer = later(1);
    restore(&newer, &path, LaterSchema(1)).unwrap();
    let (of_newer, of_development) = (dir.path().join("newer"), dir.path().join("development"));
    back_up(&open(&newer), &of_newer);
    back_up_as(app.db(), &of_development, |header| {
        "0024".clone_into(&mut header.migration);
    });
    let of_other = dir.path().join("other");
    let (here, there) = if app.db().is_sqlite() {
        ("sqlite", "postgres")
    } else {
        ("postgres", "sqlite")
    };
    back_up_as(app.db(), &of_other, |header| there.clone_into(&mut header.database));
    let url = app.database_url();
    assert_eq!(
        refusal(&of_newer, url, &BinarySchema),
        "the backup is newer than this binary: it was made under migration 9901, which this binary does not know. \
         Restore it with the release that made it, or a later one"
    );
    assert_eq!(
        refusal(&of_development, url, &BinarySchema),
        "the backup was made by an earlier development version, of migration 0024, and cannot be restored"
    );
    assert_eq!(
        refusal(&of_other, url, &BinarySchema),
        format!("this is a backup of {there}; it cannot be restored on {here}")
    );
}

/// Whether `masthead restore` succeeds, what it says, and of what it complains.
fn command(url: &DatabaseUrl, arguments: &[&str]) -> (bool, String, String) {
    let url = match url {
        DatabaseUrl::Sqlite(path) => format!("sqlite://{}", path.display()),
        DatabaseUrl::Postgres(url) => url.clone(),
    };
    let mut command = Command::new(env!("CARGO_BIN_EXE_masthead"));
    command.arg("restore").args(arguments);
    command.env("DATABASE_URL", url).env_remove("RUST_LOG");
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let complaint = text(output.stderr);
    // The log puts the moment before it.
    let sentence = complaint.rsplit("] ").next().unwrap().trim().to_owned();
    (output.status.success(), text(output.stdout), sentence)
}

/// The bytes of an SQLite database, with the names of what lies beside it.
fn bytes(url: &DatabaseUrl) -> Option<(Vec<u8>, Vec<PathBuf>)> {
    let DatabaseUrl::Sqlite(path) = url else { return None };
    let beside = std::fs::read_dir(path.parent().unwrap()).unwrap();
    let mut beside: Vec<PathBuf> = beside.map(|entry| entry.unwrap().path()).collect();
    beside.sort();
    Some((std::fs::read(path).unwrap_or_default(), beside))
}

#[actix_web::test]
async fn a_dry_run_says_what_would_be_done_and_does_nothing() {
    let (app, _dir, path) = newsroom().await;
    let file = path.to_str().unwrap();
    let empty = TestDatabase::new();
    let migration = app.db().read_blocking(|conn| Ok(migrations::latest(conn)?)).unwrap();
    let made = app.db().clock().now();
    let said_of = |url: &DatabaseUrl, arguments: &[&str]| {
        let before = bytes(url);
        let (succeeded, said, complaint) = command(url, arguments);
        assert_eq!(bytes(url), before);
        for part in [
            format!("{file}: a backup of "),
            format!("made at {made} under migration {migration}\n"),
            "\n         2 tags\n".to_owned(),
            "\nafter them would run: no migration\n".to_owned(),
            "\nNothing was written.\n".to_owned(),
        ] {
            assert!(said.contains(&part), "{part} is not in {said}{complaint}");
        }
        (succeeded, said, complaint)
    };
    let (succeeded, said, _) = said_of(&empty.url, &["--dry-run", file]);
    assert!(succeeded && said.contains(" is empty; on it would run first: no migration\n"));
    assert!(open(&empty).read_blocking(backup::is_newsroom_empty).unwrap());
    let before = kept(app.db());
    let (succeeded, said, complaint) = said_of(app.database_url(), &["--dry-run", file]);
    assert!(!succeeded && complaint.contains("say --replace") && said.contains(" holds a newsroom; "));
    let (succeeded, said, _) = said_of(app.database_url(), &["--dry-run", "--replace", file]);
    assert!(succeeded && said.contains(" holds a newsroom, which would be replaced; "));
    assert_eq!(kept(app.db()), before);
    let bare = TestDatabase::new();
    match &bare.url {
        DatabaseUrl::Sqlite(path) => {
            std::fs::remove_file(path).unwrap();
            let (succeeded, said, _) = said_of(&bare.url, &["--dry-run", file]);
            assert!(succeeded && said.contains(" is not there yet and would be made\n"));
            std::fs::write(path, "").unwrap();
        }
        DatabaseUrl::Postgres(_) => execute(&open(&bare), "DROP SCHEMA public CASCADE; CREATE SCHEMA public"),
    }
    let (succeeded, said, _) = said_of(&bare.url, &["--dry-run", file]);
    assert!(succeeded && said.contains(" is empty and would be migrated first\n"));
}

#[actix_web::test]
async fn a_dry_run_is_refused_as_the_run_would_be() {
    let (app, dir, path) = newsroom().await;
    let file = |name: &str, content: String| {
        let path = dir.path().join(name);
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let whole = std::fs::read_to_string(&path).unwrap();
    let development = dir.path().join("development");
    back_up_as(app.db(), &development, |header| {
        "0024".clone_into(&mut header.migration);
    });
    let lame = json!({"table": "tags", "row": {"id": "a", "label": "A"}});
    let (cut, lame) = (
        file("cut", whole[..200].to_owned()),
        file("lame", with_row(&path, &lame)),
    );
    let (path, development) = (path.to_str().unwrap(), development.to_str().unwrap());
    let (empty, newer, nowhere) = (
        TestDatabase::new(),
        later(1),
        DatabaseUrl::Sqlite("/nowhere/at/all.db".into()),
    );
    let here = app.database_url();
    let cases: &[(&DatabaseUrl, &[&str], &str)] = &[
        (here, &["none"], "none: No such file"),
        (here, &[&cut], "cut short"),
        (here, &[development], "an earlier development version"),
        (here, &[path], "say --replace"),
        (here, &[path, "--takedowns", "none"], "none: No such file"),
        (&empty.url, &[&lame], ""),
        (&newer.url, &[path], "newer than this binary: it has migration 9901"),
    ];
    for (url, arguments, expected) in cases {
        let (succeeded, _, complaint) = command(url, arguments);
        assert!(!succeeded && complaint.contains(expected), "{arguments:?}: {complaint}");
        let rehearsed = command(url, &[*arguments, &["--dry-run"]].concat());
        // Before its reason a command may have logged how slow the machine is.
        let reasons = [&rehearsed.2, &complaint].map(|said| said.lines().last());
        assert!(!rehearsed.0 && reasons[0] == reasons[1], "{arguments:?}: {reasons:?}");
    }
    assert!(open(&empty).read_blocking(backup::is_newsroom_empty).unwrap());
    if app.db().is_sqlite() {
        let (succeeded, _, complaint) = command(&nowhere, &[path, "--dry-run"]);
        assert!(
            !succeeded && complaint.contains("cannot open the SQLite database"),
            "{complaint}"
        );
    }
}
