//! Sitemaps: what search engines may show, all of it, and nothing else.

use std::collections::BTreeSet;

use actix_web::http::Method;
use diesel::connection::SimpleConnection;
use serde_json::json;

use crate::support::newsroom::{bilingual_newsroom, newsroom};
use crate::support::requests::escaped;
use crate::support::xml::{Element, parse};
use crate::support::{Answer, Client, PUBLIC_URL, TestApp};

async fn read(app: &TestApp, path: &str) -> Element {
    let answer = app.guest().get(path).await.expect(200);
    assert_eq!(answer.header("content-type"), "application/xml", "{path}");
    assert_eq!(answer.header("vary"), "Accept-Encoding", "{path}");
    assert_eq!(answer.header("surrogate-key"), "articles frame", "{path}");
    parse(&answer.text)
}

/// Paths of the site that a sitemap names.
fn paths(sitemap: &Element) -> Vec<String> {
    let namespace = "http://www.sitemaps.org/schemas/sitemap/0.9";
    assert_eq!(sitemap.attribute("xmlns"), namespace);
    let locs = sitemap.children.iter().map(|entry| entry.say("loc"));
    locs.map(|loc| loc.strip_prefix(PUBLIC_URL).unwrap().to_owned())
        .collect()
}

/// Publishes an article as if it were another day; its path.
async fn dated(publisher: &Client, section: &str, title: &str, published_at: &str) -> String {
    let id = publisher.draft(title, section).await;
    let body = json!({"published_at": published_at});
    publisher.take(&id, "publish", body).await.expect(200).json["path"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[actix_web::test]
async fn the_index_names_a_file_a_month_and_the_files_name_what_is_live() {
    let app = TestApp::new().await;
    let admin = app.admin();
    let section = admin.section("Économie & ports", None).await;
    let old = dated(&admin, &section, "Vieux", "2019-02-28T23:59:59.999Z").await;
    let first = dated(&admin, &section, "Premier", "2026-10-01T00:00:00Z").await;
    let second = dated(&admin, &section, "Second", "2026-10-31T23:59:59Z").await;
    let hidden = admin.draft("Caché", &section).await;
    admin
        .edit(&hidden, json!({"seo": {"no_index": true}}))
        .await
        .expect(200);
    admin.publish(&hidden).await.expect(200);
    let gone = admin.published("Parti", &section).await;
    admin.take(&gone, "unpublish", json!({})).await.expect(200);
    let retracted = admin.published("Retiré", &section).await;
    admin
        .take(&retracted, "retract", json!({"notice": "Faux."}))
        .await
        .expect(200);
    admin.draft("Brouillon", &section).await;
    let index = read(&app, "/sitemap.xml").await;
    assert_eq!(index.name, "sitemapindex");
    let expected = ["sections", "archives", "articles-2019-02", "articles-2026-10"];
    assert_eq!(paths(&index), expected.map(|name| format!("/sitemaps/{name}.xml")));
    let lastmods = [2, 3].map(|file: usize| index.children[file].say("lastmod"));
    assert_eq!(lastmods, ["2019-02-28T23:59:59Z", "2026-10-31T23:59:59Z"]);
    for (month, expected) in [("2019-02", vec![old]), ("2026-10", vec![first.clone(), second])] {
        let file = read(&app, &format!("/sitemaps/articles-{month}.xml")).await;
        assert_eq!((file.name.as_str(), paths(&file)), ("urlset", expected));
    }
    assert_eq!(
        paths(&read(&app, "/sitemaps/sections.xml").await),
        ["/", "/economie-ports"]
    );
    for name in [
        "articles-2026-11.xml",
        "articles-2026-10-2.xml",
        "articles-2026-10",
        "nonsense",
        "articles-9999-12.xml",
    ] {
        let answer = app.guest().get(&format!("/sitemaps/{name}")).await;
        answer.problem(404, "not_found");
    }
    // Put into another month, it leaves the file of the one before.
    let id = app
        .guest()
        .get(&format!("/v1/articles/by-path?path={}", escaped(&first)))
        .await
        .expect(200)
        .id();
    admin
        .take(&id, "publish", json!({"published_at": "2026-09-30T12:00:00Z"}))
        .await
        .expect(200);
    assert_eq!(paths(&read(&app, "/sitemaps/articles-2026-09.xml").await), [first]);
    assert_eq!(read(&app, "/sitemaps/articles-2026-10.xml").await.children.len(), 1);
}

#[actix_web::test]
async fn a_sitemap_that_has_not_changed_is_not_sent_again() {
    let (app, admin, section) = newsroom().await;
    admin.published("Un", &section).await;
    let files = [
        "/sitemap.xml",
        "/sitemap-news.xml",
        "/sitemaps/sections.xml",
        "/sitemaps/articles-2026-11.xml",
    ];
    let ask = |path: &'static str, tag: &str| app.guest().request(Method::GET, path).header("if-none-match", tag);
    let mut tags = Vec::new();
    for path in files {
        let tag = app.guest().get(path).await.expect(200).header("etag").to_owned();
        let same = ask(path, &tag).send().await.expect(304);
        assert_eq!((same.header("etag"), same.text.as_str()), (tag.as_str(), ""), "{path}");
        assert!(same.header("cache-control").contains("s-maxage=30"), "{path}");
        tags.push(tag);
    }
    app.clock.advance_seconds(60);
    admin.published("Deux", &section).await;
    admin.section("Culture", None).await;
    for (path, tag) in files.into_iter().zip(tags) {
        let changed = ask(path, &tag).send().await.expect(200);
        parse(&changed.text);
    }
}

#[actix_web::test]
async fn news_are_those_of_two_days_and_the_last_is_told_when_it_ends() {
    let (app, admin, section) = newsroom().await;
    let young = dated(&admin, &section, "Tom & <Jerry> « au port »", "2026-11-21T08:00:01Z").await;
    dated(&admin, &section, "Hier encore", "2026-11-21T07:59:59Z").await;
    let sponsored = admin.draft("Publicité", &section).await;
    admin.edit(&sponsored, json!({"type": "sponsored"})).await.expect(200);
    admin.publish(&sponsored).await.expect(200);
    let newest = dated(&admin, &section, "Neuf", "2026-11-23T07:00:00Z").await;
    let news = read(&app, "/sitemap-news.xml").await;
    assert_eq!(paths(&news), [newest, young]);
    assert_eq!(
        news.attribute("xmlns:news"),
        "http://www.google.com/schemas/sitemap-news/0.9"
    );
    let entry = news.children[1].one("news:news");
    assert_eq!(entry.say("news:title"), "Tom & <Jerry> « au port »");
    assert_eq!(entry.say("news:publication_date"), "2026-11-21T08:00:01Z");
    let publication = entry.one("news:publication");
    assert_eq!(
        (publication.say("news:name"), publication.say("news:language")),
        ("Masthead", "fr")
    );
    // The oldest is news for one second more, and the tag knows that it is none after that.
    let now = app.guest().get("/sitemap-news.xml").await.expect(200);
    assert!(
        now.header("cache-control").contains("s-maxage=2,"),
        "{}",
        now.header("cache-control")
    );
    app.clock.advance_seconds(2);
    let later = app
        .guest()
        .request(Method::GET, "/sitemap-news.xml")
        .header("if-none-match", now.header("etag"));
    assert_eq!(parse(&later.send().await.expect(200).text).children.len(), 1);
    app.clock.advance_seconds(48 * 3_600);
    assert_eq!(read(&app, "/sitemap-news.xml").await.children.len(), 0);
}

#[actix_web::test]
async fn each_page_names_itself_in_the_sites_other_languages() {
    let (app, admin, section) = bilingual_newsroom().await;
    let french = admin.published("Le port", &section).await;
    let english = admin
        .take(&french, "translate", json!({"locale": "en"}))
        .await
        .expect(201)
        .id();
    admin.edit(&english, json!({"title": "The port"})).await.expect(200);
    admin.publish(&english).await.expect(200);
    admin.published("Seul", &section).await;
    let file = read(&app, "/sitemaps/articles-2026-11.xml").await;
    assert_eq!(paths(&file), ["/news/le-port", "/en/news/the-port", "/news/seul"]);
    let alternates = |entry: &Element| -> Vec<(String, String)> {
        let links = entry.all("xhtml:link").into_iter();
        let link = |link: &Element| (link.attribute("hreflang").to_owned(), link.attribute("href").to_owned());
        links.map(link).collect()
    };
    let both = [("en", "/en/news/the-port"), ("fr", "/news/le-port")];
    let both = both.map(|(locale, path)| (locale.to_owned(), format!("{PUBLIC_URL}{path}")));
    assert_eq!(alternates(&file.children[0]), both);
    assert_eq!(alternates(&file.children[1]), both);
    assert_eq!(alternates(&file.children[2]), []);
    let sections = read(&app, "/sitemaps/sections.xml").await;
    assert_eq!(paths(&sections), ["/", "/en/", "/news", "/en/news"]);
    assert_eq!(alternates(&sections.children[3]).len(), 2);
}

/// So many copies of the one live article, a millisecond apart.
fn copied(app: &TestApp, count: usize) {
    let numbers =
        format!("WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {count}) ");
    let id = "'0197a3f2-5c1e-7b3a-9d2f-' || CAST(100000000000 + n AS TEXT)";
    let article = format!(
        "{numbers} INSERT INTO articles (id, locale, translation_key, type, title, section_id, content, state, review,
             has_unpublished_changes, version, created_at, edited_at)
         SELECT {id}, locale, {id}, type, title, section_id, content, state, review, has_unpublished_changes, version,
             created_at, edited_at
         FROM articles CROSS JOIN numbers"
    );
    let live = format!(
        "{numbers} INSERT INTO published_articles (id, position, locale, type, path, section_id, card_json,
             article_json, outline, search_text, published_at, updated_at, revision_number, press_format, translation_key, no_index)
         SELECT {id}, position + 1048576 * CAST(n AS BIGINT), locale, type, path || '-' || n, section_id, card_json, article_json,
             outline, search_text, published_at, updated_at, revision_number, press_format, {id}, no_index
         FROM published_articles CROSS JOIN numbers"
    );
    let fill = move |conn: &mut masthead::base::db::Conn| {
        conn.batch_execute(&article)?;
        Ok(conn.batch_execute(&live)?)
    };
    app.db().write_blocking(fill).unwrap();
}

#[actix_web::test]
async fn sixty_thousand_articles_are_sent_in_pieces_and_each_once() {
    let (app, admin, section) = newsroom().await;
    admin.published("Le port", &section).await;
    copied(&app, 60_000);
    let index = paths(&read(&app, "/sitemap.xml").await);
    assert_eq!(index.len(), 2 + 7, "{index:?}");
    let mut seen = BTreeSet::new();
    for path in &index[2..] {
        let pieces = app.guest().pieces(path).await;
        for piece in &pieces {
            let urls = String::from_utf8_lossy(piece).matches("<url>").count();
            assert!(
                urls <= 1_000 && piece.len() < 300_000,
                "{urls} in {} bytes",
                piece.len()
            );
        }
        let file = parse(&String::from_utf8(pieces.concat()).unwrap());
        assert!(file.children.len() <= 10_000, "{}", file.children.len());
        for path in paths(&file) {
            assert!(seen.insert(path.clone()), "{path} is in two files");
        }
    }
    assert_eq!(seen.len(), 60_001);
    let pieces = app.guest().pieces("/sitemap-news.xml").await;
    assert!(pieces.iter().all(|piece| piece.len() < 200_000));
    let news = parse(&String::from_utf8(pieces.concat()).unwrap());
    assert_eq!(news.children.len(), 1_000);
}

#[actix_web::test]
async fn no_section_takes_the_place_of_a_file() {
    let app = TestApp::new().await;
    let taken: Answer = app
        .admin()
        .post("/v1/editorial/sections", json!({"label": "Cartes", "slug": "sitemaps"}))
        .await;
    taken.problem(422, "slug_reserved");
}
