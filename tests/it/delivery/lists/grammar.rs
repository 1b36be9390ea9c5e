//! The words of lists: members to pick, counts, names that begin with something, parents.

use serde_json::{Value, json};

use crate::support::Answer;
use crate::support::newsroom::newsroom;

/// The members of each item.
fn members(answer: &Answer) -> Vec<Vec<&str>> {
    let items = answer.json["items"].as_array().unwrap().iter();
    items
        .map(|item| item.as_object().unwrap().keys().map(String::as_str).collect())
        .collect()
}

#[actix_web::test]
async fn a_partial_list_answers_the_members_that_are_asked_for() {
    let (app, admin, section) = newsroom().await;
    for title in ["Un", "Deux", "Trois"] {
        admin.published(title, &section).await;
    }
    let guest = app.guest();
    let whole = guest.get("/v1/articles/full").await.expect(200);
    let every = "id,path,locale,type,title,kicker,standfirst,image,contributors,tags,published_at,updated_at,access,is_featured,\
        is_sensitive,section,breadcrumb,comment_count,is_breaking,translation_key,first_published_at,corrected_at,corrections,\
        retraction,blocks,is_truncated,source,seo,is_ad_free,canonical_url,alternates,linked_articles,ad_placements,comment_policy";
    let all = guest
        .get(&format!("/v1/articles/partial?fields={every}"))
        .await
        .expect(200);
    for (partial, full) in all.json["items"]
        .as_array()
        .unwrap()
        .iter()
        .zip(whole.json["items"].as_array().unwrap())
    {
        let mut full = full.clone();
        let forms = ["body_html", "body_text", "body_markdown"];
        for included in ["related", "translations", "packages", "comments", "jsonld"]
            .iter()
            .chain(&forms)
        {
            assert_eq!(full.as_object_mut().unwrap().remove(*included), Some(Value::Null));
        }
        assert_eq!(*partial, full);
    }
    let some = guest
        .get("/v1/articles/partial?fields=title&fields=path,title&limit=2")
        .await
        .expect(200);
    assert_eq!(members(&some), [["path", "title"], ["path", "title"]]);
    assert_eq!(some.items("title").len(), 2);
    let next = some.json["page"]["next_cursor"].as_str().unwrap();
    // The cursor belongs to the filters, not to what is shown of the articles.
    let rest = guest
        .get(&format!("/v1/articles/partial?fields=blocks&limit=2&cursor={next}"))
        .await
        .expect(200);
    assert_eq!(rest.json["items"][0]["blocks"][0]["type"], "paragraph");
    let filtered = guest
        .get("/v1/articles/partial?fields=id&section=/news&tag=rien")
        .await
        .expect(200);
    assert_eq!(filtered.json["items"], json!([]));
    for bad in [
        "",
        "?fields=",
        "?fields=title,html",
        "?fields=related",
        "?fields=title.x",
    ] {
        let answer = guest
            .get(&format!("/v1/articles/partial{bad}"))
            .await
            .problem(400, "invalid_parameter");
        assert!(
            answer.json["detail"]
                .as_str()
                .unwrap()
                .contains("breadcrumb, comment_count"),
            "{}",
            answer.text
        );
    }
}

#[actix_web::test]
async fn bodies_are_read_only_for_members_of_the_body() {
    let (app, admin, section) = newsroom().await;
    admin.published("Un", &section).await;
    let app = app.without_cache().await;
    let guest = app.guest();
    for (fields, reads) in [
        ("title,section", false),
        ("title,blocks", true),
        ("canonical_url", true),
    ] {
        let address = format!("/v1/articles/partial?fields={fields}");
        let (answer, statements) = app.statements_of(guest.get(&address)).await;
        answer.expect(200);
        let bodies = statements.iter().any(|statement| statement.contains("article_json"));
        assert_eq!(bodies, reads, "{fields}: {statements:#?}");
    }
}

#[actix_web::test]
async fn a_count_is_told_where_it_is_asked_for() {
    let (app, admin, section) = newsroom().await;
    let tag = admin.tag("Mali").await;
    admin.tag("Maroc").await;
    admin.contributor("Awa").await;
    for number in 0..3 {
        let body = json!({"locale": "fr", "title": format!("T{number}"), "section_id": section, "tag_ids": [tag]});
        let id = admin.make(body).await;
        admin.publish(&id).await.expect(200);
    }
    let retracted = admin.published("Retirée", &section).await;
    admin
        .take(&retracted, "retract", json!({"notice": "Faux."}))
        .await
        .expect(200);
    for (address, count) in [
        ("/v1/articles?", 3),
        ("/v1/articles/full?", 3),
        ("/v1/articles/partial?fields=id&", 3),
        ("/v1/articles?tag=mali&section=/news&type=article,video&", 3),
        ("/v1/articles?section=/news&exact_section=true&locale=*&", 3),
        ("/v1/articles?type=video&sort=-updated_at&", 0),
        ("/v1/articles?tag=rien&", 0),
        ("/v1/tags?", 2),
        ("/v1/tags?q=mal&", 1),
        ("/v1/editorial/tags?", 2),
        ("/v1/contributors?", 1),
        ("/v1/editorial/contributors?q=k&", 0),
    ] {
        let counted = admin.get(&format!("{address}count=capped&limit=1")).await.expect(200);
        let page = &counted.json["page"];
        assert_eq!(
            (&page["total_count"], &page["total_is_capped"]),
            (&json!(count), &json!(false)),
            "{address}"
        );
        // It is the same on every page.
        if let Some(next) = page["next_cursor"].as_str() {
            let next = admin
                .get(&format!("{address}count=capped&limit=1&cursor={next}"))
                .await
                .expect(200);
            assert_eq!(next.json["page"]["total_count"], json!(count), "{address}");
        }
        for without in ["count=none&", ""] {
            let page = admin.get(&format!("{address}{without}limit=1")).await.expect(200).json["page"].clone();
            assert_eq!(
                (&page["total_count"], &page["total_is_capped"]),
                (&Value::Null, &Value::Null),
                "{address}"
            );
        }
    }
    app.guest()
        .get("/v1/articles?count=exact")
        .await
        .problem(400, "invalid_parameter");
}

#[actix_web::test]
async fn tags_and_contributors_are_found_by_kind_and_by_the_beginning_of_their_names() {
    let (app, admin, _) = newsroom().await;
    for (kind, label) in [
        ("topic", "Économie"),
        ("place", "Éthiopie"),
        ("person", "Ebola Sissoko"),
        ("place", "Dakar"),
        ("topic", "Diplomatie"),
    ] {
        let body = json!({"kind": kind, "label": label});
        admin.post("/v1/editorial/tags", body).await.expect(201);
    }
    for name in ["Élise Ba", "Elhadj Sow", "Awa"] {
        admin.contributor(name).await;
    }
    let tags: [(&str, &[&str]); 7] = [
        ("", &["Dakar", "Diplomatie", "Ebola Sissoko", "Économie", "Éthiopie"]),
        ("q=e", &["Ebola Sissoko", "Économie", "Éthiopie"]),
        ("q=%C3%A9T", &["Éthiopie"]),
        ("q=thiopie", &[]),
        ("kind=place", &["Dakar", "Éthiopie"]),
        ("kind=place,person&kind=place", &["Dakar", "Ebola Sissoko", "Éthiopie"]),
        ("kind=topic,place&q=d", &["Dakar", "Diplomatie"]),
    ];
    for face in ["/v1/tags", "/v1/editorial/tags"] {
        for (query, expected) in tags {
            // In one page, and in pages of one.
            assert_eq!(
                admin.get(&format!("{face}?{query}")).await.expect(200).items("label"),
                expected,
                "{query}"
            );
            let (mut seen, mut cursor) = (Vec::new(), String::new());
            loop {
                let page = admin.get(&format!("{face}?{query}&limit=1{cursor}")).await.expect(200);
                seen.extend(page.items("label"));
                match page.json["page"]["next_cursor"].as_str() {
                    Some(next) => cursor = format!("&cursor={next}"),
                    None => break,
                }
            }
            assert_eq!(seen, expected, "{query}");
        }
    }
    for (query, expected) in [
        ("q=EL", vec!["Elhadj Sow", "Élise Ba"]),
        ("q=awa", vec!["Awa"]),
        ("q=z", vec![]),
    ] {
        let found = app.guest().get(&format!("/v1/contributors?{query}")).await.expect(200);
        assert_eq!(found.items("name"), expected, "{query}");
    }
    let long = "x".repeat(101);
    for bad in ["kind=colour", "q=", "q=%20", &format!("q={long}"), "q=a&q=b"] {
        app.guest()
            .get(&format!("/v1/tags?{bad}"))
            .await
            .problem(400, "invalid_parameter");
    }
}

#[actix_web::test]
async fn sections_are_listed_below_a_parent() {
    let (app, admin, news) = newsroom().await;
    let mali = admin.section("Mali", Some(&news)).await;
    admin.section("Bamako", Some(&mali)).await;
    admin.section("Togo", Some(&news)).await;
    admin.section("Sport", None).await;
    let by_id = format!("parent={news}&exact_parent=true");
    let cases: Vec<(&str, &[&str])> = vec![
        (
            "",
            &["/news", "/news/mali", "/news/mali/bamako", "/news/togo", "/sport"],
        ),
        (
            "parent=/",
            &["/news", "/news/mali", "/news/mali/bamako", "/news/togo", "/sport"],
        ),
        ("exact_parent=true", &["/news", "/sport"]),
        ("parent=/&exact_parent=true", &["/news", "/sport"]),
        ("parent=/news", &["/news/mali", "/news/mali/bamako", "/news/togo"]),
        ("parent=/news/mali/", &["/news/mali/bamako"]),
        (&by_id, &["/news/mali", "/news/togo"]),
        ("parent=/sport", &[]),
        ("parent=/rien", &[]),
    ];
    for (query, expected) in cases {
        let answer = app.guest().get(&format!("/v1/sections?{query}")).await.expect(200);
        assert_eq!(answer.items("path"), expected, "{query}");
    }
    app.guest()
        .get("/v1/sections?parent=news")
        .await
        .problem(400, "invalid_parameter");
}
