//! An article is found as it is live, and only while it is.

use diesel::prelude::*;
use masthead::base::db::fulltext::{self, FulltextEntry, FulltextIndex, IndexedWord};
use masthead::base::db::schema::{desk_search, published_articles};
use masthead::published::reindex;
use masthead::search::store::SEARCH_FORMAT;
use serde_json::json;

use super::{paragraph, publish};
use crate::support::TestApp;
use crate::support::backups::catch_up;
use crate::support::newsroom::{desk, newsroom};
use crate::support::requests::escaped;

/// Which of these words find an article.
async fn finding(app: &TestApp, words: &[&str]) -> Vec<String> {
    let mut finding = Vec::new();
    for word in words {
        for sort in ["-published_at", "relevance"] {
            let found = app.search(word, &format!("&sort={sort}&locale=*")).await.expect(200);
            finding.extend(found.items("id").iter().map(|_| (*word).to_owned()));
        }
        let path = format!("/v1/search/suggest?q={word}");
        let suggested = app.guest().get(&path).await.expect(200);
        let articles = suggested.json["articles"].as_array().unwrap();
        assert!(articles.len() <= 1, "{word}: {}", suggested.text);
    }
    finding
}

#[actix_web::test]
async fn an_article_is_found_by_what_is_live_of_it() {
    let (app, admin, section) = newsroom().await;
    let id = admin
        .make(json!({"locale": "fr", "title": "Alpha", "section_id": section, "blocks": paragraph("bravo")}))
        .await;
    let words = ["alpha", "bravo", "charlie", "delta"];
    let twice = |words: &[&str]| -> Vec<String> {
        words
            .iter()
            .flat_map(|word| [(*word).to_owned(), (*word).to_owned()])
            .collect()
    };
    assert_eq!(finding(&app, &words).await, twice(&[]));
    admin.publish(&id).await.expect(200);
    assert_eq!(finding(&app, &words).await, twice(&["alpha", "bravo"]));
    // A changed working copy is nobody's business.
    let change = json!({"title": "Charlie", "blocks": paragraph("delta")});
    admin.edit(&id, change).await.expect(200);
    assert_eq!(finding(&app, &words).await, twice(&["alpha", "bravo"]));
    admin.publish(&id).await.expect(200);
    assert_eq!(finding(&app, &words).await, twice(&["charlie", "delta"]));
    // With another date it has another position.
    let earlier = json!({"published_at": "2026-01-01T00:00:00Z"});
    admin.take(&id, "publish", earlier).await.expect(200);
    assert_eq!(finding(&app, &words).await, twice(&["charlie", "delta"]));
    admin.take(&id, "unpublish", json!({})).await.expect(200);
    assert_eq!(finding(&app, &words).await, twice(&[]));
    admin.publish(&id).await.expect(200);
    assert_eq!(finding(&app, &words).await, twice(&["charlie", "delta"]));
    admin.take(&id, "retract", json!({"notice": "Faux."})).await.expect(200);
    assert_eq!(finding(&app, &words).await, twice(&[]));
    let again = json!({"note": "Vérifié."});
    admin.take(&id, "publish", again).await.expect(200);
    assert_eq!(finding(&app, &words).await, twice(&["charlie", "delta"]));
    let end = json!({"notice": "Retiré.", "reason": "Plainte."});
    admin.take(&id, "kill", end).await.expect(200);
    assert_eq!(finding(&app, &words).await, twice(&[]));
    assert_eq!(
        app.search("alphx", "").await.expect(200).json["did_you_mean"],
        json!(null)
    );
    let left = app.rows().into_iter().filter(|(table, _)| *table == "search_words");
    assert_eq!(left.count(), 0);
}

#[actix_web::test]
async fn a_renamed_tag_leaves_its_articles_findable_once() {
    let (app, admin, section) = newsroom().await;
    let tag = admin.tag("Paix").await;
    publish(&admin, &section, json!({"title": "Alpha", "tag_ids": [tag]})).await;
    let words = |app: &TestApp| -> Vec<i64> {
        let rows = app.rows().into_iter().filter(|(table, _)| *table == "search_words");
        rows.map(|(_, row)| row["entries"].as_i64().unwrap()).collect()
    };
    assert_eq!(words(&app), [1]);
    let path = format!("/v1/editorial/tags/{tag}");
    admin.patch(&path, 1, json!({"label": "La paix"})).await.expect(200);
    assert_eq!(app.found("alpha").await, ["Alpha"]);
    assert_eq!(words(&app), [1]);
}

#[actix_web::test]
async fn the_indexes_are_written_anew() {
    let (app, admin, section) = newsroom().await;
    for number in 0..60 {
        publish(&admin, &section, json!({"title": format!("Alpha {number}")})).await;
    }
    let retracted = publish(&admin, &section, json!({"title": "Alpha faux"})).await;
    admin
        .take(&retracted, "retract", json!({"notice": "Faux."}))
        .await
        .expect(200);
    admin.draft("Alpha en brouillon", &section).await;
    let found = async || {
        let page = app.search("alpha", "&limit=100").await.expect(200);
        let copies = admin.get("/v1/editorial/search?q=alpha&limit=100").await.expect(200);
        (page.items("title"), copies.json["items"].as_array().unwrap().len())
    };
    let search_rows = || {
        let mut rows = app.rows();
        rows.retain(|(table, _)| *table != "generations");
        rows
    };
    let (before, rows) = (found().await, search_rows());
    assert_eq!((before.0.len(), before.1), (60, 62));
    app.db().write_blocking(reindex::start_over).unwrap();
    assert_eq!(found().await, (Vec::new(), 0));
    assert_eq!(app.db().write_blocking(reindex::index_next).unwrap(), 50);
    assert_eq!(found().await.0, before.0[..49]);
    catch_up(&app);
    assert_eq!(found().await, before);
    let sorted = |mut rows: Vec<(&'static str, serde_json::Value)>| {
        rows.sort_by_key(|(table, row)| (*table, row.to_string()));
        rows
    };
    assert_eq!(sorted(search_rows()), sorted(rows));
}

/// Makes the entries what the analyser of the format before made of these words of their titles.
fn outdate(app: &TestApp, entries: &'static [(&'static str, &'static [(&'static str, &'static str)])]) {
    app.db()
        .write_blocking(move |conn| {
            for (start, words) in entries {
                let title = words.iter().map(|(form, stem)| IndexedWord {
                    form: (*form).to_owned(),
                    stem: (*stem).to_owned(),
                    compound: None,
                });
                let entry = FulltextEntry {
                    title: title.collect(),
                    ..FulltextEntry::default()
                };
                let live = published_articles::table.filter(published_articles::search_text.like(format!("{start}%")));
                let position: i64 = live.select(published_articles::position).first(conn)?;
                fulltext::insert(conn, FulltextIndex::Published, &[(position, &entry)])?;
                let copy = desk_search::table
                    .inner_join(published_articles::table.on(published_articles::id.eq(desk_search::article_id)))
                    .filter(published_articles::position.eq(position));
                let number: Option<i64> = copy.select(desk_search::number).first(conn)?;
                fulltext::insert(conn, FulltextIndex::Desk, &[(number.unwrap(), &entry)])?;
            }
            diesel::update(published_articles::table)
                .set(published_articles::search_format.eq(SEARCH_FORMAT - 1))
                .execute(conn)?;
            diesel::update(desk_search::table)
                .set(desk_search::search_format.eq(SEARCH_FORMAT - 1))
                .execute(conn)?;
            Ok(())
        })
        .unwrap();
}

#[actix_web::test]
async fn entries_of_the_format_before_are_found_until_each_is_written_anew() {
    let (app, admin, section) = newsroom().await;
    for title in ["Mali en paix", "N’Diaye en appel"] {
        publish(&admin, &section, json!({"title": title})).await;
    }
    let found = async |q: &str| {
        let copies = admin
            .get(&format!("/v1/editorial/search?q={}", escaped(q)))
            .await
            .expect(200);
        (app.found(q).await.len(), copies.json["items"].as_array().unwrap().len())
    };
    let rows = || {
        let mut rows = app.rows();
        rows.retain(|(table, _)| *table != "generations" && *table != "desk_search");
        rows.sort_by_key(|(table, row)| (*table, row.to_string()));
        rows
    };
    let before = rows();
    outdate(
        &app,
        &[
            ("Mali", &[("mali", "mal"), ("en", "en"), ("paix", "paix")]),
            ("N’Diaye", &[("diaye", "diay"), ("en", "en"), ("appel", "appel")]),
        ],
    );
    assert!(app.db().write_blocking(reindex::note_former).unwrap() > 0);
    assert_eq!(app.db().write_blocking(reindex::note_former).unwrap(), 0);
    for q in ["mali ", "n'diaye ", "ndiaye"] {
        let expected = if q == "ndiaye" { (0, 0) } else { (1, 1) };
        assert_eq!(found(q).await, expected, "{q}");
    }
    // The newest is written anew, and the other still found as it was.
    assert_eq!(
        app.db().write_blocking(|conn| reindex::index_up_to(conn, 1)).unwrap(),
        1
    );
    assert_eq!((found("mali ").await.0, found("ndiaye").await.0), (1, 1));
    catch_up(&app);
    for (q, expected) in [
        ("mali ", (1, 1)),
        ("ndiaye", (1, 1)),
        ("mal ", (0, 0)),
        ("diaye", (0, 0)),
    ] {
        assert_eq!(found(q).await, expected, "{q}");
    }
    assert_eq!(rows(), before);
}

#[actix_web::test]
async fn what_goes_while_entries_are_of_the_format_before_is_found_no_more() {
    let (app, admin, section) = newsroom().await;
    let id = publish(&admin, &section, json!({"title": "Mali en paix"})).await;
    outdate(&app, &[("Mali", &[("mali", "mal"), ("en", "en"), ("paix", "paix")])]);
    assert!(app.db().write_blocking(reindex::note_former).unwrap() > 0);
    assert_eq!(app.found("mali").await.len(), 1);
    let end = json!({"notice": "Retiré.", "reason": "Plainte."});
    admin.take(&id, "kill", end).await.expect(200);
    assert_eq!(app.found("mali").await.len(), 0);
    catch_up(&app);
    let left = app.rows().into_iter().filter(|(table, _)| *table == "search_words");
    assert_eq!((app.found("mali").await.len(), left.count()), (0, 0));
}

#[actix_web::test]
async fn a_long_text_is_known_as_far_as_search_takes_it() {
    let (app, admin, section) = newsroom().await;
    let filler: Vec<serde_json::Value> = (0..20)
        .map(|block| {
            let text: Vec<String> = (0..1_000).map(|word| format!("m{block}x{word}")).collect();
            json!({"type": "paragraph", "html": text.join(" ")})
        })
        .collect();
    let mut blocks = vec![json!({"type": "paragraph", "html": "debut du texte"})];
    blocks.extend(filler);
    blocks.push(json!({"type": "paragraph", "html": "fin du texte"}));
    let more = json!({"type": "paragraph", "html": "m ".repeat(9_000)});
    blocks.extend([
        more.clone(),
        more.clone(),
        more,
        json!({"type": "paragraph", "html": "jamais"}),
    ]);
    let id = publish(&admin, &section, json!({"title": "Long", "blocks": blocks})).await;
    for (q, count) in [
        ("\"debut du texte\"", 1),
        ("debut", 1),
        ("m19x999", 1),
        // So many words may be meant that they are not looked up one by one.
        ("m19x", 1),
        ("fin du", 1),
        ("jamais", 0),
    ] {
        assert_eq!(app.found(q).await.len(), count, "{q}");
    }
    admin.get(&desk(&id)).await.expect(200);
}
