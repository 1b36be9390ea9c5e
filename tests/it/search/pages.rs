//! Which of what matches is shown, in which order, page by page.

use std::collections::BTreeSet;

use masthead::base::limits;
use masthead::demo;
use serde_json::{Value, json};

use super::{paragraph, publish};
use crate::support::TestApp;
use crate::support::newsroom::newsroom;

#[actix_web::test]
async fn what_is_found_can_be_narrowed_as_lists_are() {
    let (app, admin, section) = newsroom().await;
    let below = admin.section("Diplomatie", Some(&section)).await;
    let sport = admin.section("Sport", None).await;
    let (mali, niger) = (admin.tag("Mali").await, admin.tag("Niger").await);
    let awa = admin.contributor("Awa").await;
    publish(&admin, &section, json!({"title": "Mot un", "tag_ids": [mali]})).await;
    publish(
        &admin,
        &below,
        json!({"title": "Mot deux", "tag_ids": [mali, niger], "type": "opinion"}),
    )
    .await;
    publish(
        &admin,
        &sport,
        json!({"title": "Mot trois", "secondary_section_ids": [section], "contributors": [{"contributor_id": awa}]}),
    )
    .await;
    let old = publish(&admin, &sport, json!({"title": "Mot quatre"})).await;
    let earlier = json!({"published_at": "2020-05-05T05:05:05Z"});
    admin.take(&old, "publish", earlier).await.expect(200);
    for (more, expected) in [
        ("", vec!["Mot trois", "Mot deux", "Mot un", "Mot quatre"]),
        (
            "&sort=published_at",
            vec!["Mot quatre", "Mot un", "Mot deux", "Mot trois"],
        ),
        ("&section=/news", vec!["Mot trois", "Mot deux", "Mot un"]),
        ("&section=/news&exact_section=true", vec!["Mot trois", "Mot un"]),
        (
            "&section=/sport,/news/diplomatie",
            vec!["Mot trois", "Mot deux", "Mot quatre"],
        ),
        ("&section=/rien", vec![]),
        ("&tag=mali", vec!["Mot deux", "Mot un"]),
        ("&tag=mali&type=opinion", vec!["Mot deux"]),
        ("&tag=niger&section=/sport", vec![]),
        ("&contributor=awa", vec!["Mot trois"]),
        ("&published_before=2021-01-01T00:00:00Z", vec!["Mot quatre"]),
        (
            "&published_after=2021-01-01T00:00:00Z&tag=mali",
            vec!["Mot deux", "Mot un"],
        ),
        (
            "&sort=relevance&published_before=2021-01-01T00:00:00Z",
            vec!["Mot quatre"],
        ),
        ("&sort=relevance&type=opinion", vec!["Mot deux"]),
    ] {
        let found = app.search("mot", more).await.expect(200).items("title");
        assert_eq!(found, expected, "{more}");
    }
    app.search("mot", "&sort=-updated_at")
        .await
        .problem(400, "invalid_parameter");
    app.search("mot", "&locale=xx").await.problem(400, "invalid_parameter");
    app.search("mot", "&colour=red").await.problem(400, "unknown_parameter");
}

#[actix_web::test]
async fn relevance_puts_titles_before_leads_before_bodies() {
    let (app, admin, section) = newsroom().await;
    for body in [
        json!({"title": "Mali et Niger"}),
        json!({"title": "Le Mali", "standfirst": "Et le Niger."}),
        json!({"title": "Le Mali seul", "blocks": paragraph("Puis le Niger.")}),
        json!({"title": "Quatre", "kicker": "Mali", "standfirst": "Niger"}),
        json!({"title": "Cinq", "blocks": paragraph("Mali, Niger, Mali, Niger, Mali, Niger.")}),
        json!({"title": "Six", "blocks": paragraph("Le Mali sans l’autre.")}),
        json!({"title": "Encore le Mali", "standfirst": "Le Niger."}),
    ] {
        publish(&admin, &section, body).await;
    }
    let found = app
        .search("mali niger", "&sort=relevance")
        .await
        .expect(200)
        .items("title");
    let expected = [
        "Mali et Niger",
        "Encore le Mali",
        "Le Mali",
        "Le Mali seul",
        "Quatre",
        "Cinq",
    ];
    assert_eq!(found, expected);
}

#[actix_web::test]
async fn beyond_the_newest_with_the_word_around_the_headline_everything_follows_by_date() {
    let app = TestApp::new().await;
    demo::fill(app.db(), &app.state.passwords).unwrap();
    demo::archive::fill(app.db(), 450, 1, |_| ()).unwrap();
    let all = async |sort: &str| -> Vec<Value> {
        let (mut items, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = app
                .search("le ", &format!("&limit=100&sort={sort}{cursor}"))
                .await
                .expect(200);
            items.extend(page.json["items"].as_array().unwrap().iter().cloned());
            match page.json["page"]["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return items,
            }
        }
    };
    let ids = |items: &[Value]| -> Vec<String> { items.iter().map(|item| item["id"].to_string()).collect() };
    let rank = |item: &Value| {
        let found = item["highlights"].as_array().unwrap().iter();
        match found.map(|one| one["field"].as_str().unwrap()).next() {
            Some("title") => 10,
            Some("kicker" | "standfirst") => 3,
            _ => 1,
        }
    };
    let (dated, ranked) = (all("-published_at").await, all("relevance").await);
    let by_date = ids(&dated);
    let mut in_head: Vec<&Value> = dated.iter().filter(|item| rank(item) > 1).collect();
    assert!(in_head.len() > limits::SEARCH_CANDIDATES && dated.len() > in_head.len());
    in_head.truncate(limits::SEARCH_CANDIDATES);
    in_head.sort_by_key(|item| std::cmp::Reverse(rank(item)));
    let mut expected: Vec<String> = in_head.iter().map(|item| item["id"].to_string()).collect();
    let others: Vec<String> = by_date.into_iter().filter(|id| !expected.contains(id)).collect();
    expected.extend(others);
    assert_eq!(ids(&ranked), expected);
}

/// Every page of a search, with something done after each.
async fn walk(app: &TestApp, more: &str, mut between: impl AsyncFnMut(usize)) -> Vec<String> {
    let (mut seen, mut cursor, mut pages) = (Vec::new(), String::new(), 0);
    loop {
        let page = app.search("mot", &format!("{more}{cursor}")).await.expect(200);
        seen.extend(page.items("title"));
        let next = page.json["page"]["next_cursor"].as_str();
        assert_eq!(next.is_some(), page.json["page"]["has_more"].as_bool().unwrap());
        assert_eq!(next.is_some(), page.header("link").contains("rel=\"next\""));
        let Some(next) = next else { return seen };
        cursor = format!("&cursor={next}");
        between(pages).await;
        pages += 1;
    }
}

#[actix_web::test]
async fn nothing_comes_twice_while_articles_come_and_go() {
    for sort in ["-published_at", "published_at", "relevance"] {
        let (app, admin, section) = newsroom().await;
        let mut ids = Vec::new();
        for number in 0..23 {
            let body = if number % 3 == 0 {
                json!({"title": format!("Mot {number}")})
            } else {
                json!({"title": format!("Titre {number}"), "blocks": paragraph("Un mot.")})
            };
            ids.push(publish(&admin, &section, body).await);
        }
        let quiet = walk(&app, &format!("&limit=5&sort={sort}"), async |_| ()).await;
        assert_eq!(quiet.iter().collect::<BTreeSet<_>>().len(), 23, "{sort}");
        assert_eq!(quiet.len(), 23, "{sort}");
        let seen = walk(&app, &format!("&limit=5&sort={sort}"), async |page| {
            publish(&admin, &section, json!({"title": format!("Mot neuf {page}")})).await;
            admin.take(&ids[page * 2], "unpublish", json!({})).await.expect(200);
        })
        .await;
        let distinct: BTreeSet<&String> = seen.iter().collect();
        assert_eq!(distinct.len(), seen.len(), "{sort}: {seen:?}");
        // What stood there all the time is there.
        let stayed = quiet.iter().filter(|title| {
            let number: usize = title.rsplit(' ').next().unwrap().parse().unwrap();
            number % 2 == 1 || number > 12
        });
        for title in stayed {
            assert!(distinct.contains(title), "{sort}: {title}");
        }
    }
}

#[actix_web::test]
async fn a_cursor_is_good_for_its_own_search_only() {
    let (app, admin, section) = newsroom().await;
    for number in 0..3 {
        publish(&admin, &section, json!({"title": format!("Mot {number}")})).await;
    }
    for sort in ["-published_at", "relevance"] {
        let page = app.search("mot", &format!("&limit=1&sort={sort}")).await.expect(200);
        let cursor = page.json["page"]["next_cursor"].as_str().unwrap();
        let next = app
            .search("mot", &format!("&limit=1&sort={sort}&cursor={cursor}"))
            .await
            .expect(200);
        assert_eq!(next.items("title"), ["Mot 1"]);
        for (q, more) in [
            ("mots", format!("&sort={sort}")),
            ("mot", "&sort=published_at".to_owned()),
            ("mot", format!("&sort={sort}&type=opinion")),
        ] {
            let answer = app.search(q, &format!("&limit=1{more}&cursor={cursor}")).await;
            answer.problem(400, "invalid_cursor");
        }
    }
}
