//! Imports into a database of each test's own: SQLite, and PostgreSQL where `MASTHEAD_TEST_DATABASE_URL` names a
//! server.

use std::cell::Cell;
use std::io::{Read, Write};
use std::path::Path;

use diesel::prelude::*;

use super::{WxrSurvey, start};
use crate::articles::model::{Article, ArticleState, Content, RevisionKind};
use crate::articles::revisions::store::revision;
use crate::articles::schedules::model::{Schedule, ScheduleKind, ScheduleState};
use crate::articles::schedules::{ScheduleId, store as schedules};
use crate::articles::store;
use crate::base::clock::{Clock, Time};
use crate::base::db::schema::{
    article_revisions, articles, comment_counts, comments, contributors, import_items, paths, sections, tags,
};
use crate::base::db::{DatabaseUrl, Db, PoolSizes, migrations};
use crate::base::ids::ArticleId;
use crate::body::blocks::{Block, plain_text};
use crate::comments::model::CommentState;
use crate::editorial::notes;
use crate::import::run::ImportOptions;
use crate::import::run::report::{CountedKind, ImportOutcome, ImportReport, ReportList};
use crate::import::store::article_of_post;
use crate::import::wxr::WxrError;
use crate::site::contributors::Contributor;

const NOW: &str = "2026-01-15T12:00:00Z";

/// A database that is gone after the test.
pub(super) struct ImportDatabase {
    pub(super) db: Db,
    _directory: tempfile::TempDir,
    /// On PostgreSQL: the server, and the database to drop.
    made: Option<(String, String)>,
}

impl Drop for ImportDatabase {
    fn drop(&mut self) {
        use diesel::connection::SimpleConnection;
        if let Some((server, name)) = &self.made {
            let mut conn = diesel::pg::PgConnection::establish(server).unwrap();
            conn.batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)"))
                .unwrap();
        }
    }
}

/// The databases to test on.
pub(super) fn import_databases() -> Vec<ImportDatabase> {
    let directory = tempfile::tempdir().unwrap();
    let file = DatabaseUrl::Sqlite(directory.path().join("test.db"));
    let mut places = vec![ImportDatabase {
        db: open(&file),
        _directory: directory,
        made: None,
    }];
    #[expect(clippy::disallowed_methods, reason = "only tests ask for this")]
    let server = std::env::var("MASTHEAD_TEST_DATABASE_URL");
    if let Ok(server) = server {
        places.push(on_server(server));
    }
    places
}

fn open(url: &DatabaseUrl) -> Db {
    migrations::run(url).unwrap();
    let clock = Clock::pinned(Time::parse(NOW).unwrap());
    Db::open(
        url,
        PoolSizes {
            connections: 3,
            ..PoolSizes::default()
        },
        clock,
    )
    .unwrap()
}

/// An empty database on the server.
fn on_server(server: String) -> ImportDatabase {
    use diesel::connection::SimpleConnection;
    let name = format!("masthead_import_{}", uuid::Uuid::now_v7().simple());
    let mut conn = diesel::pg::PgConnection::establish(&server).unwrap();
    conn.batch_execute(&format!("CREATE DATABASE {name}")).unwrap();
    let base = server.rsplit_once('/').unwrap().0;
    let db = open(&DatabaseUrl::Postgres(format!("{base}/{name}")));
    ImportDatabase {
        db,
        _directory: tempfile::tempdir().unwrap(),
        made: Some((server, name)),
    }
}

pub(super) fn run(db: &Db, file: &str) -> ImportReport {
    run_with(db, file, &ImportOptions::default())
}

pub(super) fn run_with(db: &Db, file: &str, options: &ImportOptions) -> ImportReport {
    import(db, file.as_bytes(), &survey(file).unwrap(), options).unwrap()
}

/// The first pass over one file.
pub(super) fn survey(file: &str) -> Result<WxrSurvey, WxrError> {
    let mut survey = WxrSurvey::default();
    survey.read(file.as_bytes(), &|_| {})?;
    Ok(survey)
}

fn import(db: &Db, file: impl Read, survey: &WxrSurvey, options: &ImportOptions) -> Result<ImportReport, String> {
    let mut import = start(db, survey, options)?;
    import.read(file, &|_| {})?;
    Ok(import.finish())
}

/// An export of these items.
pub(super) fn export(items: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/" xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:wp="http://wordpress.org/export/1.2/">
<channel><title>Le Journal</title><link>https://journal.example/</link><wp:wxr_version>1.2</wp:wxr_version>
<wp:base_site_url>https://journal.example</wp:base_site_url><wp:base_blog_url>https://journal.example</wp:base_blog_url>
<wp:author><wp:author_id>1</wp:author_id><wp:author_login>root</wp:author_login><wp:author_email>root@journal.example</wp:author_email><wp:author_display_name>root</wp:author_display_name></wp:author>
<wp:author><wp:author_id>2</wp:author_id><wp:author_login>awa</wp:author_login><wp:author_display_name>Awa Diop</wp:author_display_name></wp:author>
<wp:category><wp:category_nicename>foot</wp:category_nicename><wp:category_parent>sport</wp:category_parent><wp:cat_name>Football &amp; co</wp:cat_name></wp:category>
<wp:category><wp:category_nicename>sport</wp:category_nicename><wp:category_parent></wp:category_parent><wp:cat_name>Sport</wp:cat_name></wp:category>
<wp:tag><wp:tag_slug>can</wp:tag_slug><wp:tag_name>CAN</wp:tag_name></wp:tag>
{items}</channel></rss>"#
    )
}

/// A post: `fields` comes last, so that its values win.
pub(super) fn post(id: u32, title: &str, fields: &str) -> String {
    format!(
        "<item><title>{title}</title><link>https://journal.example/2020/05/titre-{id}/</link><dc:creator>awa</dc:creator>
<content:encoded><![CDATA[<p>Texte {id}.</p>]]></content:encoded><wp:post_id>{id}</wp:post_id>
<wp:post_date>2020-05-01 10:00:00</wp:post_date><wp:post_date_gmt>2020-05-01 08:00:00</wp:post_date_gmt>
<wp:comment_status>open</wp:comment_status><wp:post_name>titre-{id}</wp:post_name><wp:status>publish</wp:status>
<wp:post_type>post</wp:post_type><category domain=\"category\" nicename=\"foot\">Foot</category>
<category domain=\"post_tag\" nicename=\"can\">CAN</category>{fields}</item>"
    )
}

pub(super) fn comment(id: u32, parent: u32, approved: &str, fields: &str) -> String {
    format!(
        "<wp:comment><wp:comment_id>{id}</wp:comment_id><wp:comment_author>Koffi</wp:comment_author>
<wp:comment_author_email>koffi@example.org</wp:comment_author_email><wp:comment_date_gmt>2020-05-02 08:00:00</wp:comment_date_gmt>
<wp:comment_content>Commentaire {id}</wp:comment_content><wp:comment_approved>{approved}</wp:comment_approved>
<wp:comment_type>comment</wp:comment_type><wp:comment_parent>{parent}</wp:comment_parent>{fields}</wp:comment>"
    )
}

pub(super) fn article(db: &Db, number: &str) -> (Article, Content) {
    db.read_blocking(|conn| {
        let id = article_of_post(conn, number)?.unwrap();
        store::get(conn, id)
    })
    .unwrap()
}

#[derive(QueryableByName)]
struct PublishedCount {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    count: i64,
}

/// How many articles readers get.
fn notes_on(db: &Db, article: ArticleId) -> Vec<String> {
    let notes = db.read_blocking(|conn| notes::store::list(conn, article, None, None, 9));
    notes.unwrap().into_iter().map(|note| note.body).collect()
}

fn live(db: &Db) -> i64 {
    live_where(db, "1 = 1")
}

/// How many of them meet a condition.
pub(super) fn live_where(db: &Db, condition: &str) -> i64 {
    let query = || {
        diesel::sql_query(format!(
            "SELECT count(*) AS count FROM published_articles WHERE {condition}"
        ))
    };
    db.read_blocking(|conn| Ok(crate::on_each!(conn, c => query().get_result::<PublishedCount>(c))?.count))
        .unwrap()
}

type ImportedRow = (
    String,
    String,
    i64,
    ArticleState,
    Option<String>,
    Option<Time>,
    Option<i32>,
);

/// Everything that an import writes, without ids and moments of writing, in one order.
fn state(db: &Db) -> Vec<String> {
    db.read_blocking(|conn| {
        let mut lines = Vec::new();
        let rows: Vec<ImportedRow> = articles::table
            .select((
                articles::id,
                articles::title,
                articles::version,
                articles::state,
                articles::path,
                articles::published_at,
                articles::live_revision_number,
            ))
            .load(conn)?;
        for (id, title, version, state, path, at, revision) in rows {
            let count: Option<i64> = comment_counts::table
                .find(&id)
                .select(comment_counts::approved)
                .first(conn)
                .optional()?;
            lines.push(format!(
                "article {title} v{version} {state} {path:?} {at:?} r{revision:?} {count:?}"
            ));
        }
        let rows: Vec<(String, i32, CommentState, bool, Time)> = comments::table
            .select((
                comments::body,
                comments::depth,
                comments::state,
                comments::is_visible,
                comments::created_at,
            ))
            .load(conn)?;
        lines.extend(rows.into_iter().map(|row| format!("comment {row:?}")));
        let rows: Vec<(String, String, Option<String>)> = paths::table
            .select((paths::path, paths::status, paths::location))
            .load(conn)?;
        lines.extend(rows.into_iter().map(|row| format!("path {row:?}")));
        let rows: Vec<(String, String, i64)> = import_items::table
            .select((import_items::kind, import_items::source_id, import_items::version))
            .load(conn)?;
        lines.extend(rows.into_iter().map(|row| format!("item {row:?}")));
        lines.extend(sections::table.select(sections::path).load::<String>(conn)?);
        lines.extend(tags::table.select(tags::slug).load::<String>(conn)?);
        lines.extend(contributors::table.select(contributors::name).load::<String>(conn)?);
        lines.sort();
        Ok(lines)
    })
    .unwrap()
}

#[test]
fn a_post_becomes_an_article_with_everything_around_it() {
    let file = export(&post(
        7,
        "L&amp;#8217;&lt;b&gt;équipe&lt;/b&gt;",
        &comment(1, 0, "1", ""),
    ));
    for place in import_databases() {
        let db = &place.db;
        let report = run(db, &file);
        let (article, content) = article(db, "7");
        assert_eq!(content.title, "L’équipe");
        assert_eq!(article.path.as_deref(), Some("/sport/foot/titre-7"));
        assert_eq!(article.published_at, Time::parse("2020-05-01T08:00:00Z"));
        assert_eq!(article.first_published_at, article.published_at);
        assert_eq!((article.version, article.state), (1, ArticleState::Published));
        assert_eq!(
            (content.tag_ids.len(), content.contributors.len(), content.blocks.len()),
            (1, 1, 1)
        );
        let (names, slugs): (Vec<String>, Vec<String>) = db
            .read_blocking(|conn| {
                let names = contributors::table.select(contributors::name).load(conn)?;
                Ok((
                    names,
                    sections::table
                        .order(sections::path)
                        .select(sections::label)
                        .load(conn)?,
                ))
            })
            .unwrap();
        assert_eq!(
            (names, slugs),
            (
                vec!["Awa Diop".to_owned()],
                vec!["Sport".to_owned(), "Football & co".to_owned()]
            )
        );
        let old = db
            .read_blocking(|conn| crate::site::paths::find(conn, "/2020/05/titre-7"))
            .unwrap()
            .unwrap();
        assert_eq!(
            (old.location.as_deref(), old.http_status),
            (Some("/sport/foot/titre-7"), 301)
        );
        assert_eq!(report.outcome(CountedKind::Posts, ImportOutcome::Imported), 1);
        // The post's, and those of the archives /category/sport, /category/sport/foot and /category/foot.
        assert_eq!(report.outcome(CountedKind::Redirects, ImportOutcome::Imported), 4);
    }
}

#[test]
fn a_second_run_changes_nothing() {
    let posts: String = (1..=45).map(|id| post(id, "Titre", &comment(id, 0, "1", ""))).collect();
    let file = export(&posts);
    for place in import_databases() {
        run(&place.db, &file);
        let before = state(&place.db);
        let report = run(&place.db, &file);
        assert_eq!(state(&place.db), before);
        assert_eq!(report.outcome(CountedKind::Posts, ImportOutcome::Unchanged), 45);
        assert_eq!(report.outcome(CountedKind::Comments, ImportOutcome::Unchanged), 45);
        assert_eq!(report.outcome(CountedKind::Posts, ImportOutcome::Imported), 0);
    }
}

/// A file whose reading fails after its last byte. This stands for a killed run: what was written until then stays.
struct Torn<'f>(&'f [u8]);

impl Read for Torn<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let length = self.0.len().min(into.len()).min(4096);
        if length == 0 {
            return Err(std::io::Error::other("torn"));
        }
        let (now, rest) = self.0.split_at(length);
        into[..length].copy_from_slice(now);
        self.0 = rest;
        Ok(length)
    }
}

#[test]
fn a_run_that_was_broken_off_is_taken_up() {
    let posts: String = (1..=240)
        .map(|id| {
            post(
                id,
                "Titre",
                &(comment(2 * id, 0, "1", "") + &comment(2 * id + 1, 2 * id, "1", "")),
            )
        })
        .collect();
    let file = export(&posts);
    let found = survey(&file).unwrap();
    for (whole, torn) in import_databases().into_iter().zip(import_databases()) {
        run(&whole.db, &file);
        let done = Cell::new(0);
        for part in [3, 2] {
            let cut = Torn(&file.as_bytes()[..file.len() / part]);
            assert!(import(&torn.db, cut, &found, &ImportOptions::default()).is_err());
            assert!(live(&torn.db) > done.replace(live(&torn.db)));
        }
        assert!(done.get() < 240);
        run(&torn.db, &file);
        assert_eq!(state(&torn.db), state(&whole.db));
    }
}

#[test]
fn what_was_edited_here_is_left_alone_and_what_changed_there_is_updated() {
    let first = export(&(post(1, "Un", "") + &post(2, "Deux", "") + &post(3, "Trois", "")));
    let second =
        export(&(post(1, "Un bis", "") + &post(2, "Deux bis", &comment(5, 0, "1", "")) + &post(3, "Trois bis", "")));
    for place in import_databases() {
        let db = &place.db;
        run(db, &first);
        let (edited, mut content) = article(db, "2");
        content.title = "Deux, relu".to_owned();
        let edited = Article { version: 2, ..edited };
        let (trashed, _) = article(db, "3");
        db.write_blocking(move |conn| {
            store::update(conn, &edited, &content)?;
            store::set_row(
                conn,
                &Article {
                    state: ArticleState::Trashed,
                    ..trashed.clone()
                },
            )
        })
        .unwrap();
        let report = run(db, &second);
        assert_eq!(report.outcome(CountedKind::Posts, ImportOutcome::Updated), 1);
        assert_eq!(report.outcome(CountedKind::Posts, ImportOutcome::EditedHere), 1);
        assert_eq!(report.noted(ReportList::Skipped, "in the trash here"), 1);
        let (updated, content) = article(db, "1");
        assert_eq!(
            (updated.version, content.title.as_str(), updated.path.as_deref()),
            (2, "Un bis", Some("/sport/foot/titre-1"))
        );
        assert_eq!(article(db, "2").1.title, "Deux, relu");
        assert_eq!(report.outcome(CountedKind::Comments, ImportOutcome::Imported), 1);
        let again = run(db, &second);
        assert_eq!(again.outcome(CountedKind::Posts, ImportOutcome::Unchanged), 1);
        assert_eq!(again.outcome(CountedKind::Posts, ImportOutcome::EditedHere), 1);
    }
}

#[test]
fn only_what_is_public_there_is_pressed() {
    let status =
        |id, status: &str, fields: &str| post(id, "Titre", &format!("<wp:status>{status}</wp:status>{fields}"));
    let future = "<wp:post_date_gmt>2030-03-05 13:00:00</wp:post_date_gmt>";
    let items = [
        status(1, "publish", ""),
        status(2, "publish", "<wp:post_password>x</wp:post_password>"),
        status(3, "private", ""),
        status(4, "future", future),
        status(5, "publish", future),
        status(6, "draft", ""),
        status(7, "pending", ""),
        status(8, "trash", ""),
        status(9, "publish", "<wp:post_date_gmt>0000-00-00 00:00:00</wp:post_date_gmt>"),
        status(
            10,
            "publish",
            "<wp:post_date_gmt>1066-10-14 00:00:00</wp:post_date_gmt>",
        ),
        status(11, "publish", "<wp:post_type>nav_menu_item</wp:post_type>"),
        status(12, "inherit", "<wp:post_type>attachment</wp:post_type>"),
    ];
    let options = ImportOptions {
        time_zone: Some(chrono_tz::Tz::Europe__Paris),
        ..ImportOptions::default()
    };
    for place in import_databases() {
        let db = &place.db;
        let report = run_with(db, &export(&items.concat()), &options);
        assert_eq!(live(db), 2);
        let note = |number: &str| notes_on(db, article(db, number).0.id).concat();
        assert_eq!(note("2"), "Publié avec un mot de passe dans WordPress.");
        assert_eq!(note("3"), "Privé dans WordPress.");
        assert_eq!(note("4"), "Prévu pour le 05/03/2030 à 14 h 00 dans WordPress.");
        assert_eq!(article(db, "5").0.embargo_until, Time::parse("2030-03-05T13:00:00Z"));
        assert_eq!(article(db, "9").0.published_at, Time::parse("2020-05-01T08:00:00Z"));
        assert_eq!(note("10"), "Publié dans WordPress sans date utilisable.");
        for number in ["2", "3", "4", "5", "6", "7", "10"] {
            let (article, _) = article(db, number);
            assert_eq!(
                (article.state, article.path, article.published_at),
                (ArticleState::Draft, None, None),
                "{number}"
            );
        }
        assert_eq!(report.noted(ReportList::Skipped, "posts in the trash"), 1);
        assert_eq!(report.noted(ReportList::Skipped, "menu items"), 1);
    }
}

#[test]
fn what_is_public_no_more_is_taken_off() {
    for place in import_databases() {
        let db = &place.db;
        run(db, &export(&post(1, "Titre", "")));
        assert_eq!(live(db), 1);
        run(db, &export(&post(1, "Titre", "<wp:status>private</wp:status>")));
        assert_eq!((live(db), article(db, "1").0.state), (0, ArticleState::Unpublished));
    }
}

/// What waits for an article, in an hour: a publish of its live revision, and an unpublish.
fn let_wait(db: &Db, article: &Article, kind: ScheduleKind, at: Time) -> ScheduleId {
    let id = ScheduleId::new();
    let is_publish = kind == ScheduleKind::Publish;
    let schedule = Schedule {
        id,
        article_id: article.id,
        kind,
        state: ScheduleState::Pending,
        reason: None,
        at,
        local_time: "2026-01-15T13:00".to_owned(),
        time_zone: "Africa/Porto-Novo".to_owned(),
        fold: None,
        revision_number: article.live_revision_number.filter(|_| is_publish),
        article_version: article.version,
        section_id: article.section_id.filter(|_| is_publish),
        is_minor: false,
        published_at: None,
        attempts: 0,
        retry_at: None,
        created_at: at,
        created_by: None,
        decided_at: None,
        decided_by: None,
    };
    db.write_blocking(move |conn| schedules::insert(conn, &schedule))
        .unwrap();
    id
}

#[test]
fn what_an_import_takes_off_no_schedule_brings_back() {
    for place in import_databases() {
        let db = &place.db;
        run(db, &export(&post(1, "Titre", "")));
        let published = article(db, "1").0;
        let at = Time::parse(NOW).unwrap().plus_seconds(3600);
        let ids = [ScheduleKind::Publish, ScheduleKind::Unpublish].map(|kind| let_wait(db, &published, kind, at));
        run(db, &export(&post(1, "Titre", "<wp:status>private</wp:status>")));
        assert_eq!(article(db, "1").0.state, ArticleState::Unpublished);
        for id in ids {
            let found = db.read_blocking(|conn| schedules::find(conn, id)).unwrap().unwrap();
            let (state, reason) = (found.state, found.reason.as_deref());
            assert_eq!((state, reason), (ScheduleState::Cancelled, Some("imported")));
        }
        let due = db.read_blocking(|conn| schedules::due(conn, at.plus_seconds(1), None, 9));
        assert!(due.unwrap().is_empty());
    }
}

#[test]
fn comments_keep_threads_states_and_counts() {
    let all = [
        comment(1, 0, "1", ""),
        comment(3, 2, "1", ""),
        comment(2, 1, "1", ""),
        comment(4, 0, "0", ""),
        comment(5, 4, "1", ""),
        comment(6, 0, "spam", ""),
        comment(7, 0, "trash", ""),
        comment(8, 7, "1", ""),
        comment(9, 0, "1", "<wp:comment_type>pingback</wp:comment_type>"),
        comment(10, 0, "1", "<wp:comment_author>moi@example.org</wp:comment_author>"),
        comment(14, 0, "1", "<wp:comment_author>awa</wp:comment_author>"),
        comment(11, 3, "1", ""),
        comment(12, 11, "1", ""),
        comment(
            13,
            12,
            "1",
            "<wp:comment_author>root</wp:comment_author><wp:comment_user_id>1</wp:comment_user_id>",
        ),
    ]
    .concat();
    let file = export(
        &(post(1, "Titre", &all)
            + &post(
                2,
                "Brouillon",
                &format!("<wp:status>draft</wp:status>{}", comment(20, 0, "1", "")),
            )),
    );
    for place in import_databases() {
        let db = &place.db;
        let report = run(db, &file);
        type ImportedRow = (String, i32, CommentState, bool, String);
        let (rows, counts): (Vec<ImportedRow>, Vec<i64>) = db
            .read_blocking(|conn| {
                let id = article_of_post(conn, "1")?.unwrap();
                let rows = comments::table
                    .filter(comments::article_id.eq(id))
                    .select((
                        comments::body,
                        comments::depth,
                        comments::state,
                        comments::is_visible,
                        comments::author_name,
                    ))
                    .load(conn)?;
                Ok((
                    rows,
                    comment_counts::table
                        .order(comment_counts::approved)
                        .select(comment_counts::approved)
                        .load(conn)?,
                ))
            })
            .unwrap();
        let of = |id: u32| {
            let body = format!("Commentaire {id}");
            let row = rows.iter().find(|row| row.0 == body).unwrap();
            (row.1, row.2, row.3, row.4.as_str())
        };
        assert_eq!(of(1), (0, CommentState::Approved, true, "Koffi"));
        assert_eq!(of(3), (2, CommentState::Approved, true, "Koffi"));
        assert_eq!(of(4), (0, CommentState::Pending, false, "Koffi"));
        assert_eq!(of(5), (1, CommentState::Approved, false, "Koffi"));
        assert_eq!(of(6), (0, CommentState::Spam, false, "Koffi"));
        assert_eq!(of(8), (0, CommentState::Approved, true, "Koffi"));
        assert_eq!(of(10), (0, CommentState::Approved, true, "Anonyme"));
        assert_eq!(of(14), (0, CommentState::Approved, true, "Anonyme"));
        assert_eq!(of(12), (4, CommentState::Approved, true, "Koffi"));
        assert_eq!(of(13), (5, CommentState::Approved, true, "Rédaction"));
        assert_eq!((rows.len(), counts), (12, vec![1, 9]));
        assert_eq!(report.noted(ReportList::Skipped, "pingbacks and trackbacks"), 1);
    }
}

#[test]
fn names_that_are_taken_are_numbered_and_what_is_there_is_matched() {
    let same = "<wp:post_name>meme</wp:post_name>";
    let none = "<category domain=\"category\" nicename=\"v1\">Interne</category>";
    let file = export(&(post(1, "Un", same) + &post(2, "Deux", same) + &post(3, "Trois", none)));
    for place in import_databases() {
        let db = &place.db;
        run(db, &file);
        assert_eq!(article(db, "2").0.path.as_deref(), Some("/sport/foot/meme-2"));
        let at: Vec<String> = db
            .read_blocking(|conn| {
                Ok(sections::table
                    .order(sections::path)
                    .select(sections::path)
                    .load(conn)?)
            })
            .unwrap();
        assert_eq!(at, ["/sport", "/sport/foot", "/v1-2"]);
        let elsewhere = file.replace("journal.example", "autre.example");
        let report = run(db, &elsewhere);
        assert_eq!(report.outcome(CountedKind::Sections, ImportOutcome::Matched), 2);
        assert_eq!(report.outcome(CountedKind::Tags, ImportOutcome::Matched), 1);
        assert_eq!(report.outcome(CountedKind::Contributors, ImportOutcome::Matched), 1);
        assert_eq!(report.outcome(CountedKind::Posts, ImportOutcome::Imported), 3);
    }
}

#[test]
fn logins_and_addresses_are_kept_nowhere() {
    let file = export(&post(1, "Titre", "<dc:creator>root</dc:creator>"));
    for place in import_databases() {
        run(&place.db, &file);
        let people: Vec<Contributor> = place
            .db
            .read_blocking(|conn| Ok(contributors::table.select(Contributor::as_select()).load(conn)?))
            .unwrap();
        assert_eq!(
            people.iter().map(|person| person.name.as_str()).collect::<Vec<_>>(),
            ["Rédaction"]
        );
        assert!(state(&place.db).iter().all(|line| !line.contains("root")));
    }
}

#[test]
fn a_broken_file_is_refused_with_its_line() {
    let file = export(&post(1, "Titre", "")).replace("</channel>", "<item></channel>");
    let error = survey(&file).unwrap_err();
    assert!(error.line > 10, "{error}");
}

/// The revisions of an article as (kind, title, first block, note), oldest first.
fn revisions(db: &Db, number: &str) -> Vec<(RevisionKind, String, String, Option<String>)> {
    let (article, _) = article(db, number);
    db.read_blocking(move |conn| {
        let rows: Vec<(i32, RevisionKind, Option<String>)> = article_revisions::table
            .filter(article_revisions::article_id.eq(article.id))
            .order(article_revisions::number)
            .select((
                article_revisions::number,
                article_revisions::kind,
                article_revisions::note,
            ))
            .load(conn)?;
        let shown = rows.into_iter().map(|(number, kind, note)| {
            let content = revision(conn, article.id, number).unwrap();
            (kind, content.title, plain_text(&content.blocks), note)
        });
        Ok(shown.collect())
    })
    .unwrap()
}

#[test]
fn text_in_a_wrong_encoding_is_repaired_and_its_original_kept() {
    let wrong = "<excerpt:encoded>dÃ©jÃ\u{a0} lâ€™Ã©tÃ©</excerpt:encoded><content:encoded><![CDATA[<p>Le <b>communiquÃ©</b> franà§ais\
        </p><p><img src=\"https://journal.example/Ã©.jpg\" alt=\"Ã‰tat\"></p>]]></content:encoded>\
        <category domain=\"post_tag\" nicename=\"ete\">Ã‰tÃ©</category>";
    let zoe = "<wp:comment_author>ZoÃ©</wp:comment_author><wp:comment_content>TrÃ¨s bien</wp:comment_content>";
    let items = [
        post(
            1,
            "Le prÃ©sident du BÃ©nin",
            &(wrong.to_owned() + &comment(1, 0, "1", zoe)),
        ),
        post(2, "Brouillon franà§ais", "<wp:status>draft</wp:status>"),
        post(3, "L\u{92}été de l\u{92}Ã\u{89}tat", ""),
        post(4, "à « Paris », voilà» : MANHÃ»", ""),
    ];
    let author = "<wp:author_display_name>Awa Diop</wp:author_display_name>";
    let file = export(&items.concat()).replace(author, "<wp:author_display_name>HervÃ© Diop</wp:author_display_name>");
    for place in import_databases() {
        let db = &place.db;
        let report = run(db, &file);
        let (live, content) = article(db, "1");
        assert_eq!(content.title, "Le président du Bénin");
        assert_eq!(content.standfirst.as_deref(), Some("déjà l’été"));
        assert_eq!(plain_text(&content.blocks), "Le communiqué français");
        let picture = content.blocks.iter().find_map(|block| match block {
            Block::Image(block) => Some((block.image.url.as_str(), block.image.alt.as_deref())),
            _ => None,
        });
        assert_eq!(picture, Some(("https://journal.example/Ã©.jpg", Some("État"))));
        assert_eq!(
            (live.state, live.live_revision_number),
            (ArticleState::Published, Some(2))
        );
        let note = || Some("Comme dans le fichier, avant la réparation de l’encodage.".to_owned());
        let revision = |title: &str, text: &str, note| (RevisionKind::Import, title.to_owned(), text.to_owned(), note);
        assert_eq!(
            revisions(db, "1"),
            [
                revision("Le prÃ©sident du BÃ©nin", "Le communiquÃ© franà§ais", note()),
                revision("Le président du Bénin", "Le communiqué français", None),
            ]
        );
        assert_eq!(article(db, "2").0.state, ArticleState::Draft);
        assert_eq!(
            revisions(db, "2"),
            [
                revision("Brouillon franà§ais", "Texte 2.", note()),
                revision("Brouillon français", "Texte 2.", None),
            ]
        );
        assert_eq!(article(db, "3").1.title, "L’été de l’État");
        // What was right is as it was, and has one revision.
        assert_eq!(
            revisions(db, "4"),
            [revision("à « Paris », voilà» : MANHÃ»", "Texte 4.", None)]
        );
        type Written = (Vec<String>, Vec<String>, Vec<(String, String)>, i64);
        let (labels, names, written, suspects): Written = db
            .read_blocking(|conn| {
                let is_suspect = articles::has_suspect_text.eq(true);
                Ok((
                    tags::table.order(tags::label).select(tags::label).load(conn)?,
                    contributors::table.select(contributors::name).load(conn)?,
                    comments::table
                        .select((comments::author_name, comments::body))
                        .load(conn)?,
                    articles::table.filter(is_suspect).count().get_result(conn)?,
                ))
            })
            .unwrap();
        assert_eq!(
            (labels, names),
            (vec!["CAN".to_owned(), "Été".to_owned()], vec!["Hervé Diop".to_owned()])
        );
        assert_eq!(written, [("Zoé".to_owned(), "Très bien".to_owned())]);
        assert_eq!(suspects, 0);
        // Title, excerpt, paragraph and picture; two titles; a tag, a name, a comment and its author.
        assert_eq!(report.noted(ReportList::Decided, super::repair::REPAIRED), 10);
        for shown in ["prÃ©sident → président", "franà§ais → français", "HervÃ© → Hervé"] {
            assert_eq!(report.noted(ReportList::Repaired, shown), 1, "{shown}: {report}");
        }
        assert!(report.to_string().contains("ZoÃ© → Zoé"), "{report}");
        let again = run(db, &file);
        assert_eq!(again.outcome(CountedKind::Posts, ImportOutcome::Unchanged), 4);
        assert_eq!(
            (
                revisions(db, "1").len(),
                again.noted(ReportList::Decided, super::repair::REPAIRED)
            ),
            (2, 0)
        );
    }
}

#[test]
fn a_post_that_changed_there_keeps_its_original_again() {
    for place in import_databases() {
        let db = &place.db;
        run(db, &export(&post(1, "Le prÃ©sident", "")));
        let report = run(db, &export(&post(1, "Le prÃ©sident du Togo", "")));
        assert_eq!(report.outcome(CountedKind::Posts, ImportOutcome::Updated), 1);
        let titles: Vec<String> = revisions(db, "1").into_iter().map(|(_, title, ..)| title).collect();
        let expected = [
            "Le prÃ©sident",
            "Le président",
            "Le prÃ©sident du Togo",
            "Le président du Togo",
        ];
        assert_eq!(titles, expected);
    }
}

/// A real export, where the files that the maintainers share are at hand.
#[test]
fn the_theme_unit_test_arrives_whole() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/wxr/themeunittestdata.wordpress.xml");
    let Ok(file) = std::fs::read_to_string(path) else {
        let said = writeln!(std::io::stderr(), "skipped: the shared data folder is absent");
        return said.unwrap();
    };
    for place in import_databases() {
        let report = run(&place.db, &file);
        let again = run(&place.db, &file);
        for kind in [CountedKind::Posts, CountedKind::Pages] {
            assert_eq!(
                report.outcome(kind, ImportOutcome::Imported),
                again.outcome(kind, ImportOutcome::Unchanged)
            );
        }
        assert!(live(&place.db) > 50);
    }
}
