//! Comments that are brought over can be erased by those who wrote them, and Disqus' keep their threads.

use std::io::Read;

use diesel::prelude::*;

use super::disqus;
use super::site_tests::file;
use super::tests::{article, comment, export, live_where, post, run, run_with};
use crate::articles::model::Article;
use crate::articles::store;
use crate::base::clock::Time;
use crate::base::db::Db;
use crate::base::db::schema::comments;
use crate::base::secrets::Secrets;
use crate::comments::identity::{SanctionTarget, hash};
use crate::comments::model::{Comment, CommentState};
use crate::import::run::ImportOptions;
use crate::import::run::report::{CountedKind, ImportOutcome, ImportReport, ReportList};
use crate::import::run::tests::import_databases;
use crate::site::comment_policy::{CommentMode, CommentPolicy, MAX_DEPTH};

fn all(db: &Db) -> Vec<Comment> {
    db.read_blocking(|conn| {
        Ok(comments::table
            .order(comments::created_at)
            .select(Comment::as_select())
            .load(conn)?)
    })
    .unwrap()
}

#[test]
fn a_wordpress_comment_keeps_its_date_and_the_hash_of_its_authors_address() {
    let file = export(&post(1, "Titre", &(comment(1, 0, "1", "") + &comment(2, 1, "1", ""))));
    let secrets = Secrets::generate().unwrap();
    let expected = hash(&secrets, 1, SanctionTarget::Email, "koffi@example.org").unwrap();
    for place in import_databases() {
        let options = ImportOptions {
            secrets: Some(secrets.clone()),
            ..ImportOptions::default()
        };
        run_with(&place.db, &file, &options);
        let found = all(&place.db);
        assert_eq!(found.len(), 2);
        for comment in &found {
            assert_eq!(
                (comment.email_hash.as_deref(), comment.hash_key),
                (Some(expected.as_str()), Some(1))
            );
            assert_eq!(comment.created_at, Time::parse("2020-05-02T08:00:00Z").unwrap());
            assert_eq!(
                (comment.network_hash.as_ref(), comment.reader_digest.as_ref()),
                (None, None)
            );
        }
        assert!(!format!("{found:?}").contains("koffi@"));
    }
}

/// A post of a Disqus export, in the thread 10.
fn said(number: usize, parent: usize, fields: &str) -> String {
    let parent = if parent == 0 {
        String::new()
    } else {
        format!("<parent dsq:id=\"{parent}\"/>")
    };
    format!(
        "<post dsq:id=\"{number}\"><id/><message><![CDATA[<p>Avis {number} <a href=\"https://x.fr/y\">ici</a></p>]]></message>
<createdAt>2019-03-01T10:{:02}:00Z</createdAt><isDeleted>false</isDeleted><isSpam>false</isSpam>
<author><name>Zoé</name><isAnonymous>false</isAnonymous><username>zoe</username><email>zoe@example.org</email></author>
<ipAddress>192.0.2.7</ipAddress><thread dsq:id=\"10\"/>{parent}{fields}</post>",
        number % 60
    )
}

fn threads() -> String {
    let thread = |number: u32, identifier: &str, link: &str| {
        format!(
            "<thread dsq:id=\"{number}\"><id>{identifier}</id><forum>journal</forum><link>{link}</link><title>T</title></thread>"
        )
    };
    [
        thread(10, "1 https://journal.example/?p=1", "https://autre.example/x/"),
        thread(11, "abc", "https://journal.example/2020/05/titre-2/?utm=1"),
        thread(12, "def", "https://journal.example/jamais/"),
    ]
    .concat()
}

fn disqus_file(posts: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>
<disqus xmlns=\"http://disqus.com\" xmlns:dsq=\"http://disqus.com/disqus-internals\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">
<category dsq:id=\"1\"><forum>journal</forum><title>General</title><isDefault>true</isDefault></category>{}{posts}</disqus>",
        threads()
    )
}

fn bring(db: &Db, file: &str, secrets: &Secrets) -> ImportReport {
    disqus::survey(file.as_bytes(), &|_| {}).unwrap();
    disqus::import(db, file.as_bytes(), secrets, &|_| {}).unwrap()
}

#[test]
fn a_disqus_export_keeps_threads_states_and_dates_and_adds_nothing_the_second_time() {
    let articles = export(&(post(1, "Un", "") + &post(2, "Deux", "")));
    let deep: String = (21..33).map(|number| said(number, number - 1, "")).collect();
    let posts = [
        said(1, 0, ""),
        said(3, 2, ""),
        said(2, 1, "<isDeleted>true</isDeleted>"),
        said(4, 0, "<isSpam>true</isSpam>"),
        said(5, 0, "<thread dsq:id=\"11\"/>"),
        said(6, 0, "<thread dsq:id=\"12\"/>"),
        said(7, 99, ""),
        said(8, 0, "<author><name>zoe@example.org</name></author>"),
        said(20, 0, ""),
        deep,
    ]
    .concat();
    let (file, secrets) = (disqus_file(&posts), Secrets::generate().unwrap());
    let expected = hash(&secrets, 1, SanctionTarget::Email, "Zoe@example.org").unwrap();
    for place in import_databases() {
        let db = &place.db;
        run(db, &articles);
        let report = bring(db, &file, &secrets);
        assert_eq!(
            report.outcome(CountedKind::Comments, ImportOutcome::Imported),
            20,
            "{report}"
        );
        assert_eq!(
            report.outcome(CountedKind::Comments, ImportOutcome::Skipped),
            1,
            "{report}"
        );
        assert_eq!(
            report.noted(ReportList::Skipped, "pages that no article here stands for"),
            1
        );
        let found = all(db);
        let of = |number: usize| {
            let body = format!("Avis {number} ici (https://x.fr/y)");
            found.iter().find(|comment| comment.body == body).unwrap()
        };
        let stub = found
            .iter()
            .find(|comment| comment.state == CommentState::Deleted)
            .unwrap();
        assert_eq!(
            (stub.body.as_str(), stub.author_name.as_str(), &stub.email_hash),
            ("", "", &None)
        );
        assert_eq!((stub.parent_id, of(3).parent_id), (Some(of(1).id), Some(stub.id)));
        assert_eq!((of(3).depth, of(3).root_id), (2, of(1).id));
        assert_eq!(of(1).created_at, Time::parse("2019-03-01T10:01:00Z").unwrap());
        assert_eq!((of(1).state, of(4).state), (CommentState::Approved, CommentState::Spam));
        assert!(of(1).is_visible && !of(4).is_visible);
        assert_ne!(of(5).article_id, of(1).article_id);
        assert_eq!(of(7).parent_id, None);
        assert_eq!(
            (of(8).author_name.as_str(), of(1).author_name.as_str()),
            ("Anonyme", "Zoé")
        );
        assert_eq!(of(1).email_hash.as_deref(), Some(expected.as_str()));
        assert_eq!(
            (of(31).depth, of(31).parent_id),
            (MAX_DEPTH, of(30).parent_id),
            "beside what it answers"
        );
        assert!(found.iter().all(|comment| comment.depth <= MAX_DEPTH));
        assert!(!format!("{found:?}").contains("192.0.2.7"));
        let again = bring(db, &file, &secrets);
        assert_eq!(
            again.outcome(CountedKind::Comments, ImportOutcome::Imported),
            0,
            "{again}"
        );
        assert_eq!(
            again.outcome(CountedKind::Comments, ImportOutcome::Unchanged),
            20,
            "{again}"
        );
        assert_eq!(all(db).len(), 20);
    }
}

/// A file that breaks off.
struct Torn<'f> {
    rest: &'f [u8],
}

impl Read for Torn<'_> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        if self.rest.is_empty() {
            return Err(std::io::Error::other("torn"));
        }
        self.rest.read(out)
    }
}

#[test]
fn a_disqus_import_that_was_cut_short_goes_on_where_it_was() {
    let posts: String = (1..=450)
        .map(|number| said(number, number.saturating_sub(1) % 3, ""))
        .collect();
    let (file, secrets) = (disqus_file(&posts), Secrets::generate().unwrap());
    for place in import_databases() {
        let db = &place.db;
        run(db, &export(&post(1, "Un", "")));
        let torn = Torn {
            rest: &file.as_bytes()[..file.len() * 2 / 3],
        };
        assert!(disqus::import(db, torn, &secrets, &|_| {}).is_err());
        assert_eq!(all(db).len(), 200);
        let report = bring(db, &file, &secrets);
        assert_eq!(
            report.outcome(CountedKind::Comments, ImportOutcome::Imported),
            250,
            "{report}"
        );
        assert_eq!(all(db).len(), 450);
    }
}

#[test]
fn what_is_no_disqus_export_is_refused_with_its_line() {
    let table = [
        ("<rss/>", 1, "not a Disqus export"),
        ("<disqus>\n<thread dsq:id=\"1\">", 2, "cut short"),
    ];
    for (file, line, expected) in table {
        let error = disqus::survey(file.as_bytes(), &|_| {}).unwrap_err();
        assert!(error.message.contains(expected), "{file}: {error}");
        assert_eq!(error.line, line, "{file}: {error}");
    }
}

#[test]
fn a_page_or_a_comment_that_cannot_be_used_is_told_and_the_others_come() {
    let file = disqus_file(
        &[
            said(1, 0, ""),
            said(2, 0, "<createdAt>hier</createdAt>"),
            said(3, 0, ""),
        ]
        .concat(),
    )
    .replace(
        "</disqus>",
        "<post/>\n<thread><link>https://x.fr/</link></thread></disqus>",
    );
    let secrets = Secrets::generate().unwrap();
    for place in import_databases() {
        let db = &place.db;
        run(db, &export(&post(1, "Un", "")));
        let report = bring(db, &file, &secrets);
        assert_eq!(
            report.outcome(CountedKind::Comments, ImportOutcome::Imported),
            2,
            "{report}"
        );
        assert_eq!(
            report.outcome(CountedKind::Comments, ImportOutcome::Skipped),
            2,
            "{report}"
        );
        let date = "comments: its createdAt is no date as 2024-12-31T23:59:59Z";
        assert_eq!(report.named(ReportList::Skipped, date), ["line 6"], "{report}");
        assert_eq!(
            report.named(ReportList::Skipped, "comments: it has no dsq:id"),
            ["line 12"],
            "{report}"
        );
        assert_eq!(
            report.named(ReportList::Skipped, "pages: it has no dsq:id"),
            ["line 13"],
            "{report}"
        );
    }
}

#[test]
fn a_shortened_link_of_disqus_is_its_address_alone() {
    for place in import_databases() {
        let db = &place.db;
        run(db, &file("wxr/renamed-post.xml"));
        bring(db, &file("disqus/shortened-link.xml"), &Secrets::generate().unwrap());
        assert_eq!(all(db)[0].body, "Regardez https://exemple.example/rapport-annuel/2024");
    }
}

#[test]
fn a_page_whose_address_is_encoded_twice_is_found() {
    let post = file("wxr/renamed-post.xml").replace("budget-vote", "%c3%a9t%c3%a9");
    for place in import_databases() {
        let db = &place.db;
        run(db, &post);
        let report = bring(db, &file("disqus/double-encoded.xml"), &Secrets::generate().unwrap());
        assert_eq!(
            report.outcome(CountedKind::Comments, ImportOutcome::Imported),
            1,
            "{report}"
        );
    }
}

#[test]
fn a_thread_that_was_closed_stays_closed_and_what_is_at_work_here_is_left() {
    let told = "closed threads: closed here too";
    let left = "closed threads of articles that are at work or off here: left open, close them by hand";
    let closed = Some(CommentPolicy::of_mode(CommentMode::Closed));
    let (post, thread) = (file("wxr/renamed-post.xml"), file("disqus/closed-thread.xml"));
    let secrets = Secrets::generate().unwrap();
    for place in import_databases() {
        let db = &place.db;
        run(db, &post);
        let before = article(db, "11").0;
        let report = bring(db, &thread, &secrets);
        assert_eq!(report.noted(ReportList::Decided, told), 1, "{report}");
        let (live, content) = article(db, "11");
        assert_eq!(content.comment_policy, closed);
        assert_eq!(
            (live.path.as_ref(), live.published_at),
            (before.path.as_ref(), before.published_at)
        );
        assert_eq!(
            (live.version, live.has_unpublished_changes),
            (before.version + 1, false)
        );
        assert_eq!(live_where(db, "comment_policy LIKE '%closed%'"), 1);
        // A second run does nothing, and the article may be brought over again.
        bring(db, &thread, &secrets);
        assert_eq!(article(db, "11").0.version, before.version + 1);
        let changed = run(db, &post.replace("Texte.", "Texte, relu."));
        assert_eq!(
            changed.outcome(CountedKind::Posts, ImportOutcome::Updated),
            1,
            "{changed}"
        );
        let (busy, _) = article(db, "11");
        db.write_blocking(move |conn| {
            let busy = Article {
                has_unpublished_changes: true,
                ..busy.clone()
            };
            store::set_row(conn, &busy)
        })
        .unwrap();
        let report = bring(db, &thread, &secrets);
        assert_eq!(report.noted(ReportList::Decided, left), 1, "{report}");
        assert_eq!(article(db, "11").1.comment_policy, None);
    }
}
