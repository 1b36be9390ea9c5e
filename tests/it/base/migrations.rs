//! The migrations: how their files lie, and which databases are refused.

use std::collections::BTreeSet;

use diesel::backend::Backend;
use diesel::connection::SimpleConnection;
use diesel::migration::{self, Migration, MigrationSource};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sqlite::Sqlite;
use masthead::articles::model::{ArticleReview, Content};
use masthead::articles::store;
use masthead::base::clock::Clock;
use masthead::base::db::fulltext::{
    self, FulltextEntry, FulltextIndex, FulltextPage, FulltextQuery, FulltextTerm, IndexedWord,
};
use masthead::base::db::migrations::{self, BinarySchema};
use masthead::base::db::schema::published_articles;
use masthead::base::db::{Db, PoolSizes};
use masthead::base::ids::ArticleId;
use masthead::site::ads;
use serde_json::json;

use crate::support::database::TestDatabase;

/// The names of the migrations in a folder.
fn names(folder: &str) -> BTreeSet<String> {
    let entries = std::fs::read_dir(format!("migrations/{folder}")).unwrap();
    entries
        .map(|entry| {
            let entry = entry.unwrap();
            let files: Vec<_> = std::fs::read_dir(entry.path())
                .unwrap()
                .map(|file| file.unwrap().file_name())
                .collect();
            assert_eq!(files, ["up.sql"], "{entry:?}");
            entry.file_name().into_string().unwrap()
        })
        .collect()
}

#[test]
fn a_migration_is_twins_or_shared_or_both_and_every_number_has_one_name() {
    let (shared, sqlite, postgres) = (names("shared"), names("sqlite"), names("postgres"));
    assert_eq!(sqlite, postgres);
    let all: Vec<&String> = shared.union(&sqlite).collect();
    for (index, name) in all.iter().enumerate() {
        let (number, topic) = name.split_once('_').unwrap();
        assert_eq!(number, format!("{:04}", 101 + index), "{name}");
        assert!(!topic.is_empty());
    }
    let database = TestDatabase::new();
    let embedded = migrations::known_migrations(&database.url, &BinarySchema).unwrap();
    let embedded: Vec<&String> = embedded.iter().map(|label| &label.name).collect();
    assert_eq!(embedded, all, "what is built in is what lies there");
}

/// A migrated database that remembers to have run these instead.
fn remembering(versions: &[&str], forgets_the_others: bool) -> TestDatabase {
    let database = TestDatabase::new();
    let versions: Vec<String> = versions.iter().map(|version| (*version).to_owned()).collect();
    open(&database)
        .write_blocking(move |conn| {
            if forgets_the_others {
                conn.batch_execute("DELETE FROM __diesel_schema_migrations")?;
            }
            for version in &versions {
                let insert = format!("INSERT INTO __diesel_schema_migrations (version) VALUES ('{version}')");
                conn.batch_execute(&insert)?;
            }
            Ok(())
        })
        .unwrap();
    database
}

fn open(database: &TestDatabase) -> Db {
    Db::open(&database.url, PoolSizes::default(), Clock::system()).unwrap()
}

#[derive(QueryableByName)]
struct CountRow {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    count: i64,
}

fn remembered(database: &TestDatabase) -> i64 {
    let count = "SELECT COUNT(*) AS count FROM __diesel_schema_migrations";
    let row: CountRow = open(database)
        .read_blocking(|conn| Ok(diesel::sql_query(count).get_result(conn)?))
        .unwrap();
    row.count
}

#[test]
fn a_database_newer_than_the_binary_is_refused() {
    let database = remembering(&["9999"], false);
    let before = remembered(&database);
    let refused = migrations::run(&database.url).unwrap_err();
    assert!(
        refused.contains("newer than this binary") && refused.contains("9999"),
        "{refused}"
    );
    assert_eq!(remembered(&database), before);
}

#[test]
fn a_database_of_an_earlier_development_version_is_refused_by_a_sentence_of_its_own() {
    for versions in [&["0001", "0002", "0024"][..], &["0001"]] {
        let database = remembering(versions, true);
        let refused = migrations::run(&database.url).unwrap_err();
        let last = versions.last().unwrap();
        let expected = format!(
            "the database was made by an earlier development version, of migration {last}, and cannot be opened: \
             begin with an empty one"
        );
        assert_eq!(refused, expected);
        assert_eq!(remembered(&database), i64::try_from(versions.len()).unwrap());
    }
}

#[test]
fn running_them_again_runs_none_and_all_are_remembered() {
    let database = TestDatabase::new();
    assert_eq!(migrations::run(&database.url), Ok(0));
    let known = migrations::known_migrations(&database.url, &BinarySchema).unwrap();
    assert_eq!(remembered(&database), i64::try_from(known.len()).unwrap());
}

/// The binary's migrations before this one.
#[derive(Clone, Copy)]
struct SchemaBefore(&'static str);

impl SchemaBefore {
    fn all<DB: Backend>(self) -> migration::Result<Vec<Box<dyn Migration<DB>>>>
    where
        BinarySchema: MigrationSource<DB>,
    {
        let mut all = MigrationSource::<DB>::migrations(&BinarySchema)?;
        all.retain(|migration| migration.name().to_string().as_str() < self.0);
        Ok(all)
    }
}

impl MigrationSource<Sqlite> for SchemaBefore {
    fn migrations(&self) -> migration::Result<Vec<Box<dyn Migration<Sqlite>>>> {
        self.all()
    }
}

impl MigrationSource<Pg> for SchemaBefore {
    fn migrations(&self) -> migration::Result<Vec<Box<dyn Migration<Pg>>>> {
        self.all()
    }
}

#[test]
fn rows_from_before_a_word_changed_are_read_with_the_new_one() {
    let database = TestDatabase::without_schema();
    migrations::run_all(&database.url, &SchemaBefore("0112")).unwrap();
    let id = ArticleId::new();
    let mut content = json!(Content::empty());
    content["title"] = json!("Le mot \"featured\": entre guillemets");
    content["image"] = json!({"media_id": null, "url": "https://a.test/1.jpg", "alt": null, "caption": null,
        "credit": null, "width": null, "height": null});
    content["blocks"] = json!([{"type": "list", "id": "b1", "is_ordered": true, "items": ["un"]}]);
    for member in ["is_featured", "is_sensitive", "is_ad_free"] {
        content[member] = json!(true);
    }
    let expected = Content::from_json(&content.to_string()).unwrap();
    let before = content
        .to_string()
        .replace("\"image\":", "\"lead_image\":")
        .replace("\"is_featured\":", "\"featured\":")
        .replace("\"is_sensitive\":", "\"sensitive\":")
        .replace("\"is_ad_free\":", "\"hide_ads\":")
        .replace("\"is_ordered\":", "\"ordered\":");
    assert!(Content::from_json(&before).is_err(), "{before}");
    let slot = r#"{"label": "Pavé", "place":"body", "sizes": [], "targeting": {}, "is_on":false, "starts_at": null,
        "ends_at": null, "rules": []}"#;
    let rows = format!(
        "INSERT INTO articles (id, locale, translation_key, type, title, content, state, review,
            has_unpublished_changes, version, live_revision, created_at, edited_at)
        VALUES ('{id}', 'fr', '{id}', 'article', 'T', '{before}', 'published', 'draft', FALSE, 4, 3,
            '2026-11-23 08:00:00.000', '2026-11-23 08:00:00.000');
        INSERT INTO ad_slots (key, position, definition, version, created_at, updated_at)
        VALUES ('pave', 1, '{slot}', 1, '2026-11-23 08:00:00.000', '2026-11-23 08:00:00.000');"
    );
    let db = open(&database);
    db.write_blocking(move |conn| Ok(conn.batch_execute(&rows)?)).unwrap();
    assert!(migrations::run(&database.url).unwrap() > 0);
    let (article, read) = db.read_blocking(move |conn| store::get(conn, id)).unwrap();
    assert_eq!(read, expected);
    assert_eq!(
        (article.review, article.live_revision_number),
        (ArticleReview::NotSubmitted, Some(3))
    );
    let slots = db.read_blocking(ads::store::load).unwrap();
    assert_eq!(
        (slots[0].definition.kind, slots[0].definition.is_active),
        (ads::model::AdSlotKind::Body, false)
    );
}

#[test]
fn of_a_gated_article_from_before_previews_search_keeps_no_word() {
    let database = TestDatabase::without_schema();
    migrations::run_all(&database.url, &SchemaBefore("0115")).unwrap();
    let (section, free, gated) = (ArticleId::new(), ArticleId::new(), ArticleId::new());
    let now = "'2026-11-23 08:00:00.000'";
    let mut rows = format!(
        "INSERT INTO sections (id, parent_id, path, slug, label, labels, position, version, created_at, updated_at)
        VALUES ('{section}', NULL, '/news', 'news', 'News', '{{}}', 1, 1, {now}, {now});"
    );
    for (position, id, access) in [(1, free, "free"), (2, gated, "subscribers")] {
        let card = json!({"access": access, "title": r#"Les mots "access":"free""#}).to_string();
        let open = card.trim_end_matches('}');
        rows.push_str(&format!(
            "INSERT INTO articles (id, locale, translation_key, type, title, content, state, review,
                has_unpublished_changes, version, created_at, edited_at)
            VALUES ('{id}', 'fr', '{id}', 'article', 'T', '{{}}', 'published', 'not_submitted', FALSE, 1, {now}, {now});
            INSERT INTO published_articles (id, position, locale, type, path, section_id, card_json, article_json,
                outline, search_text, published_at, updated_at, revision_number, press_format)
            VALUES ('{id}', {position}, 'fr', 'article', '/a', '{section}', '{open}', '{open}', '{{}}', 'Secret',
                {now}, {now}, 1, 4);"
        ));
    }
    let db = open(&database);
    db.write_blocking(move |conn| {
        conn.batch_execute(&rows)?;
        let word = IndexedWord {
            form: "secret".to_owned(),
            stem: "secret".to_owned(),
            compound: None,
        };
        let entry = FulltextEntry {
            body: vec![word],
            ..FulltextEntry::default()
        };
        Ok(fulltext::insert(
            conn,
            FulltextIndex::Published,
            &[(1, &entry), (2, &entry)],
        )?)
    })
    .unwrap();
    migrations::run(&database.url).unwrap();
    let wanted = FulltextQuery {
        all: vec![vec![FulltextTerm::Form("secret".to_owned())]],
        none: Vec::new(),
    };
    let everywhere = FulltextPage {
        from: i64::MIN,
        below: i64::MAX,
        ascending: true,
        limit: 10,
    };
    let found = db.read_blocking(move |conn| Ok(fulltext::hits(conn, FulltextIndex::Published, &wanted, everywhere)?));
    assert_eq!(found.unwrap(), [1]);
    let texts = db.read_blocking(|conn| {
        let columns = (published_articles::search_text, published_articles::press_format);
        let rows = published_articles::table
            .order(published_articles::position)
            .select(columns);
        Ok(rows.load::<(String, i32)>(conn)?)
    });
    assert_eq!(texts.unwrap(), [("Secret".to_owned(), 4), (String::new(), 0)]);
}
