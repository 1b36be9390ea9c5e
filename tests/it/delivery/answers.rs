//! The form of answers, and how they may be kept.

use actix_web::http::Method;
use serde_json::{Value, json};

use super::whole;
use crate::support::Answer;
use crate::support::checks::assert_has_members_of;
use crate::support::newsroom::newsroom;

#[actix_web::test]
async fn breaking_news_ends_by_itself_and_no_cache_keeps_it_longer() {
    let (app, admin, section) = newsroom().await;
    let id = admin.draft("Flash", &section).await;
    admin
        .edit(&id, json!({"breaking_until": "2026-11-23T08:00:40Z"}))
        .await
        .expect(200);
    admin.publish(&id).await.expect(200);
    let shared = |answer: &Answer| {
        let header = answer.header("cache-control").to_owned();
        header
            .split("s-maxage=")
            .nth(1)
            .unwrap()
            .split(',')
            .next()
            .unwrap()
            .parse::<i64>()
            .unwrap()
    };
    for (wait, breaking, seconds) in [(0, true, 30), (20, true, 20), (19, true, 1), (1, false, 30)] {
        app.clock.advance_seconds(wait);
        let list = app.guest().get("/v1/articles").await.expect(200);
        let article = whole(&app, &id).await.expect(200);
        assert_eq!(list.json["items"][0]["is_breaking"], breaking);
        assert_eq!(article.json["is_breaking"], breaking);
        assert_eq!((shared(&list), shared(&article)), (seconds, seconds));
    }
}

#[actix_web::test]
async fn answers_say_how_they_may_be_kept() {
    let (app, admin, section) = newsroom().await;
    let id = admin.published("Titre", &section).await;
    let keyed = [
        ("/v1/articles".to_owned(), "articles frame".to_owned()),
        ("/v1/articles/full".to_owned(), "articles frame".to_owned()),
        (
            format!("/v1/articles/{id}"),
            format!("article-{id} comments-{id} frame"),
        ),
        (
            "/v1/articles/by-path?path=/news/titre".to_owned(),
            format!("article-{id} comments-{id} frame"),
        ),
        ("/v1/resolve?path=/news/titre".to_owned(), format!("article-{id} frame")),
        (
            format!("/v1/articles/{id}/comments"),
            format!("article-{id} comments-{id} frame"),
        ),
        ("/v1/sections".to_owned(), "frame".to_owned()),
    ];
    for (path, key) in keyed {
        let answer = app.guest().get(&path).await.expect(200);
        assert_eq!(
            answer.header("cache-control"),
            "public, max-age=0, s-maxage=30, stale-while-revalidate=30, stale-if-error=300",
            "{path}"
        );
        assert_eq!(answer.header("vary"), "Accept-Encoding", "{path}");
        assert_eq!(answer.header("surrogate-key"), key, "{path}");
        assert_eq!(answer.header("content-type"), "application/json", "{path}");
        let tag = answer.header("etag").to_owned();
        let inner = tag.trim_matches('"').to_owned();
        assert_eq!(tag, format!("\"{inner}\""), "{path}");
        for given in [
            tag.clone(),
            format!("W/{tag}"),
            format!("\"x\", {tag}"),
            format!("\"{inner}-gz\""),
            format!("W/\"{inner}-br\""),
            "*".to_owned(),
        ] {
            let same = app
                .guest()
                .request(Method::GET, &path)
                .header("if-none-match", &given)
                .send()
                .await
                .expect(304);
            assert_eq!(same.text, "", "{path} {given}");
            for name in ["etag", "cache-control", "vary", "surrogate-key"] {
                assert_eq!(same.header(name), answer.header(name), "{path} {name}");
            }
        }
        app.guest()
            .request(Method::GET, &path)
            .header("if-none-match", "\"x\"")
            .send()
            .await
            .expect(200);
        let head = app.guest().request(Method::HEAD, &path).send().await.expect(200);
        assert_eq!(
            (head.header("etag"), head.header("cache-control")),
            (tag.as_str(), answer.header("cache-control")),
            "{path}"
        );
        let english = app
            .guest()
            .request(Method::GET, &path)
            .header("accept-language", "en")
            .send()
            .await;
        assert_eq!(english.text, answer.text, "{path} depends on Accept-Language");
    }
    let missing = app
        .guest()
        .get("/v1/articles/by-path?path=/rien")
        .await
        .problem(404, "not_found");
    assert_eq!(missing.header("cache-control"), "no-store");
}

#[actix_web::test]
async fn an_etag_changes_with_everything_that_the_answer_shows() {
    let (app, admin, section) = newsroom().await;
    let tag = admin.tag("Mali").await;
    let person = admin.contributor("Awa").await;
    let body = json!({"locale": "fr", "title": "T", "section_id": section, "tag_ids": [tag], "contributors": [{"contributor_id": person}]});
    let id = admin.make(body).await;
    admin.publish(&id).await.expect(200);
    let comment = app.guest().comment(&id, "Bravo", None).await;
    let pages = [
        "/v1/articles".to_owned(),
        format!("/v1/articles/{id}"),
        "/v1/articles/full".to_owned(),
    ];
    let tags = || async {
        let mut tags = Vec::new();
        for page in &pages {
            tags.push(app.guest().get(page).await.expect(200).header("etag").to_owned());
        }
        tags
    };
    let mut before = tags().await;
    let steps: Vec<(&str, String, Value)> = vec![
        (
            "section",
            format!("/v1/editorial/sections/{section}"),
            json!({"label": "Actualité"}),
        ),
        ("tag", format!("/v1/editorial/tags/{tag}"), json!({"label": "Le Mali"})),
        (
            "contributor",
            format!("/v1/editorial/contributors/{person}"),
            json!({"name": "Awa K."}),
        ),
        (
            "comment",
            format!("/v1/editorial/comments/{comment}/actions/approve"),
            json!({}),
        ),
    ];
    for (what, path, body) in steps {
        let answer = if what == "comment" {
            admin.post(&path, body).await
        } else {
            admin.patch(&path, 1, body).await
        };
        answer.expect(200);
        // Numbers of comments may be a little old.
        app.clock.advance_seconds(31);
        let after = tags().await;
        for (page, (old, new)) in pages.iter().zip(before.iter().zip(&after)) {
            assert_ne!(old, new, "{page} after a change of the {what}");
        }
        let again = app
            .guest()
            .request(Method::GET, &pages[0])
            .header("if-none-match", &before[0])
            .send()
            .await;
        assert_eq!(again.status, 200, "{what}");
        before = after;
    }
    let card = app.guest().get("/v1/articles").await.json["items"][0].clone();
    assert_eq!(
        (
            &card["section"]["label"],
            &card["tags"][0]["label"],
            &card["contributors"][0]["name"],
            &card["comment_count"]
        ),
        (&json!("Actualité"), &json!("Le Mali"), &json!("Awa K."), &json!(1))
    );
    assert_eq!(before, tags().await, "and with nothing else");
}

#[actix_web::test]
async fn another_instance_shows_what_this_one_has_acknowledged() {
    let (app, admin, section) = newsroom().await;
    let other = app.another_instance().await;
    assert!(other.listed("").await.is_empty());
    let id = admin.published("Titre", &section).await;
    assert_eq!(other.listed("section=/news").await, [id]);
    admin
        .patch(
            &format!("/v1/editorial/sections/{section}"),
            1,
            json!({"label": "Actu"}),
        )
        .await
        .expect(200);
    assert_eq!(
        other.guest().get("/v1/articles").await.json["items"][0]["section"]["label"],
        "Actu"
    );
}

#[actix_web::test]
async fn answers_have_exactly_the_members_of_the_document() {
    let (app, admin, section) = newsroom().await;
    let tag = admin.tag("Mali").await;
    let person = admin
        .post(
            "/v1/editorial/contributors",
            json!({"name": "Awa", "role": "reporter", "image": {"url": "https://a.test/1.jpg"}}),
        )
        .await
        .expect(201)
        .id();
    let target = admin.published("Cible", &section).await;
    let body = json!({"locale": "fr", "title": "T", "section_id": section, "tag_ids": [tag], "contributors": [{"contributor_id": person, "role": "texte"}],
        "image": {"url": "https://a.test/2.jpg"}, "source": {"name": "AFP", "url": null}, "blocks": [
        {"type": "paragraph", "html": "x"}, {"type": "image", "image": {"url": "https://a.test/3.jpg"}}, {"type": "ad_slot", "slot": "a"},
        {"type": "interlink", "article_id": target}, {"type": "table", "rows": [["x"]]}, {"type": "raw_html", "html": "x"}]});
    let id = admin.make(body).await;
    admin.publish(&id).await.expect(200);
    for text in ["Un", "Deux"] {
        let comment = app.guest().comment(&id, text, None).await;
        admin.decide(&comment, "approve").await.expect(200);
        let reply = app.guest().comment(&id, "Réponse", Some(&comment)).await;
        admin.decide(&reply, "approve").await.expect(200);
    }
    let empty = admin
        .make(json!({"locale": "fr", "title": "Vide", "section_id": section}))
        .await;
    admin.publish(&empty).await.expect(200);
    let table = [
        ("CardList", "/v1/articles".to_owned()),
        ("PublicArticleList", "/v1/articles/full".to_owned()),
        ("PublicArticle", format!("/v1/articles/{id}")),
        ("PublicArticle", format!("/v1/articles/{empty}")),
        ("Resolved", "/v1/resolve?path=/news/t".to_owned()),
        ("Resolved", "/v1/resolve?path=/".to_owned()),
        ("CommentThreadList", format!("/v1/articles/{id}/comments?limit=1")),
        ("PublicSectionList", "/v1/sections".to_owned()),
        ("PublicTagList", "/v1/tags".to_owned()),
        ("PublicContributorList", "/v1/contributors".to_owned()),
        ("CaptchaForm", "/v1/captcha".to_owned()),
    ];
    for (schema, path) in table {
        let answer = app.guest().get(&path).await.expect(200);
        assert_has_members_of(schema, &answer.json);
    }
}
