//! What an article was: every change leaves a revision, two of them can be compared, one can be taken
//! up again, and the old ones are thinned.

use actix_web::http::Method;
use diesel::prelude::*;
use masthead::access::auth::Role;
use masthead::articles::model::{Content, RevisionKind};
use masthead::articles::revisions::thinning::ThinningSweep;
use masthead::base::clock::Time;
use masthead::base::db::schema::{article_revisions, articles};
use masthead::base::ids::ArticleId;
use serde_json::{Value, json};

use crate::support::newsroom::{UNKNOWN_ID, action, desk, newsroom};
use crate::support::{Answer, Client, TestApp};

fn revisions(id: &str) -> String {
    format!("{}/revisions", desk(id))
}

fn revision(id: &str, number: i32) -> String {
    format!("{}/{number}", revisions(id))
}

async fn diff(client: &Client, id: &str, number: i32, against: &str) -> Value {
    let query = if against.is_empty() {
        String::new()
    } else {
        format!("?against={against}")
    };
    client
        .get(&format!("{}/diff{query}", revision(id, number)))
        .await
        .expect(200)
        .json
}

impl Client {
    async fn revert(&self, id: &str, number: i32, body: Value) -> Answer {
        let version = self.version_of(&desk(id)).await;
        self.act(&format!("{}/revert", revision(id, number)), version, body)
            .await
    }
}

fn members(items: &[Value], names: &[&str]) -> Vec<Value> {
    let pick = |item: &Value| -> Value { names.iter().map(|name| item[*name].clone()).collect() };
    items.iter().map(pick).collect()
}

async fn listed(client: &Client, id: &str, names: &[&str]) -> Vec<Value> {
    let page = client.get(&revisions(id)).await.expect(200).json;
    members(page["items"].as_array().unwrap(), names)
}

#[actix_web::test]
async fn every_save_and_every_publish_is_a_revision_the_newest_first() {
    let (app, admin, section) = newsroom().await;
    let awa = app.user(Role::Publisher);
    let id = admin.draft("Un", &section).await;
    app.clock.advance_seconds(60);
    awa.edit(&id, json!({"title": "Deux"})).await.expect(200);
    // What readers do not see is no new content.
    awa.edit(&id, json!({"embargo_until": "2026-11-22T00:00:00Z"}))
        .await
        .expect(200);
    awa.edit(&id, json!({"title": "Deux"})).await.expect(200);
    awa.publish(&id).await.expect(200);
    admin.edit(&id, json!({"title": "Trois"})).await.expect(200);
    let rows = listed(
        &admin,
        &id,
        &["number", "kind", "version", "is_live", "is_sealed", "reverted_to"],
    )
    .await;
    let expected = json!([
        [4, "save", 4, false, false, null],
        [3, "publish", 3, true, false, null],
        [2, "save", 2, false, false, null],
        [1, "save", 1, false, false, null],
    ]);
    assert_eq!(json!(rows), expected);
    let first = admin.get(&format!("{}?limit=1", revisions(&id))).await.expect(200).json["items"][0].clone();
    assert_eq!(
        (&first["author_id"], &first["created_at"]),
        (
            &json!(admin.user_id.unwrap().to_string()),
            &json!("2026-11-23T08:01:00.000Z")
        )
    );
    assert_eq!(listed(&admin, &id, &["author_name"]).await[1], json!(["Awa Kossou"]));
    let read = admin.get(&revision(&id, 2)).await.expect(200).json;
    assert_eq!(
        (&read["content"]["title"], &read["article_id"]),
        (&json!("Deux"), &json!(id))
    );
    let size = read["content"].to_string().len();
    assert_eq!(read["revision"]["size"], size);
    // The members are those of the article.
    let article = admin.get(&desk(&id)).await.json;
    for (name, value) in admin.get(&revision(&id, 4)).await.json["content"].as_object().unwrap() {
        assert_eq!(&article[name], value, "{name}");
    }
    for bad in ["0", "5", "-1", "01x", "99999999999"] {
        admin
            .get(&format!("{}/{bad}", revisions(&id)))
            .await
            .problem(404, "not_found");
    }
}

#[actix_web::test]
async fn the_list_is_walked_page_by_page_while_somebody_saves() {
    let (_app, admin, section) = newsroom().await;
    let id = admin.draft("0", &section).await;
    for number in 1..6 {
        admin.edit(&id, json!({"title": number.to_string()})).await.expect(200);
    }
    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = admin
            .get(&format!("{}?limit=2{cursor}", revisions(&id)))
            .await
            .expect(200)
            .json;
        seen.extend(
            page["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|item| item["number"].as_i64().unwrap()),
        );
        let Some(next) = page["page"]["next_cursor"].as_str() else {
            break;
        };
        cursor = format!("&cursor={next}");
        admin
            .edit(&id, json!({"kicker": seen.len().to_string()}))
            .await
            .expect(200);
    }
    assert_eq!(seen, [6, 5, 4, 3, 2, 1]);
    let other = admin.draft("Autre", &section).await;
    admin
        .get(&format!("{}?limit=2{cursor}", revisions(&other)))
        .await
        .problem(400, "invalid_cursor");
}

#[actix_web::test]
async fn the_newest_revision_is_always_the_working_copy() {
    let (app, admin, section) = newsroom().await;
    let tag = admin.tag("Mali").await;
    let id = admin.draft("Un", &section).await;
    let check = async || {
        let key = ArticleId::parse(&id).unwrap();
        let (working, newest) = app
            .db()
            .read_blocking(|conn| {
                let (_, working) = masthead::articles::store::get(conn, key)?;
                let newest: String = article_revisions::table
                    .filter(article_revisions::article_id.eq(key))
                    .order(article_revisions::number.desc())
                    .select(article_revisions::content)
                    .first(conn)?;
                Ok((working, Content::from_json(&newest)?))
            })
            .unwrap();
        assert_eq!(working, newest);
    };
    check().await;
    for patch in [
        json!({"title": "Deux", "tag_ids": [tag]}),
        json!({"assignee_id": admin.user_id.unwrap().to_string()}),
        json!({"slug": "deux"}),
    ] {
        admin.edit(&id, patch).await.expect(200);
        check().await;
    }
    for (name, body) in [
        ("publish", json!({})),
        ("unpublish", json!({})),
        ("trash", json!({})),
        ("restore", json!({})),
    ] {
        admin.take(&id, name, body).await.expect(200);
        check().await;
    }
    admin.revert(&id, 1, json!({})).await.expect(200);
    check().await;
    admin
        .take(&id, "kill", json!({"reason": "Jugement."}))
        .await
        .expect(200);
    // The killed text is not in the working copy; under seal it is.
    assert_eq!(admin.get(&desk(&id)).await.json["title"], "");
}

#[actix_web::test]
async fn two_revisions_are_told_apart_by_member_block_and_word() {
    let (_app, admin, section) = newsroom().await;
    let id = admin.draft("Le port", &section).await;
    let block = admin.get(&desk(&id)).await.json["blocks"][0]["id"].clone();
    let blocks = json!([{"type": "divider"}, {"type": "paragraph", "id": block, "html": "Un long paragraphe."}]);
    admin
        .edit(
            &id,
            json!({"title": "Le grand port", "blocks": blocks, "featured": true}),
        )
        .await
        .expect(200);
    let found = diff(&admin, &id, 2, "").await;
    assert_eq!(
        (&found["from"]["number"], &found["to"]["number"], &found["is_same"]),
        (&json!(1), &json!(2), &json!(false))
    );
    assert_eq!(
        found["fields"],
        json!([
            {"pointer": "/featured", "old": "false", "new": "true", "spans": []},
            {"pointer": "/title", "old": "Le port", "new": "Le grand port", "spans": [
                {"kind": "equal", "text": "Le "}, {"kind": "inserted", "text": "grand "}, {"kind": "equal", "text": "port"}]},
        ])
    );
    let told = members(
        found["blocks"].as_array().unwrap(),
        &["kind", "old_position", "new_position", "is_moved", "members"],
    );
    assert_eq!(
        json!(told),
        json!([["added", null, 0, false, []], ["changed", 0, 1, false, ["html"]]])
    );
    assert_eq!(
        found["blocks"][1]["spans"][1],
        json!({"kind": "inserted", "text": "long "})
    );
    // The other way round what was inserted is removed.
    let back = diff(&admin, &id, 1, "2").await;
    assert_eq!(
        back["fields"][1]["spans"][1],
        json!({"kind": "removed", "text": "grand "})
    );
    // All of the first one is new.
    let first = diff(&admin, &id, 1, "").await;
    assert_eq!(
        (&first["from"], first["blocks"].as_array().unwrap().len()),
        (&Value::Null, 1)
    );
}

#[actix_web::test]
async fn a_revision_is_compared_with_the_working_copy_and_with_what_is_live() {
    let (_app, admin, section) = newsroom().await;
    let id = admin.published("Un", &section).await;
    admin.edit(&id, json!({"title": "Deux"})).await.expect(200);
    assert_eq!(diff(&admin, &id, 3, "working").await["is_same"], true);
    let live = diff(&admin, &id, 3, "live").await;
    assert_eq!(
        (&live["from"]["number"], &live["fields"][0]["old"]),
        (&json!(2), &json!("Un"))
    );
    let working = diff(&admin, &id, 2, "working").await;
    assert_eq!(
        working["from"],
        json!({"number": null, "version": 2, "is_working_copy": true})
    );
    assert_eq!(working["fields"][0]["new"], "Un");
    let draft = admin.draft("Trois", &section).await;
    let path = format!("{}/diff?against=", revision(&draft, 1));
    for none in ["live", "2"] {
        admin.get(&format!("{path}{none}")).await.problem(404, "not_found");
    }
    for bad in ["0", "-1", "Live", "%2B1"] {
        admin
            .get(&format!("{path}{bad}"))
            .await
            .problem(400, "invalid_parameter");
    }
}

#[actix_web::test]
async fn going_back_is_a_new_version_that_readers_do_not_see() {
    let (app, admin, section) = newsroom().await;
    let id = admin.published("Un", &section).await;
    admin.edit(&id, json!({"title": "Deux"})).await.expect(200);
    admin.publish(&id).await.expect(200);
    let reverted = admin.revert(&id, 1, json!({})).await.expect(200);
    assert_eq!(reverted.header("etag"), "\"v3\"");
    assert_eq!(
        members(
            &[reverted.json],
            &["title", "review", "has_unpublished_changes", "state", "live_revision"]
        ),
        [json!(["Un", "draft", true, "published", 4])]
    );
    assert_eq!(
        app.guest().get(&format!("/v1/articles/{id}")).await.json["title"],
        "Deux"
    );
    assert_eq!(
        listed(&admin, &id, &["number", "kind", "reverted_to", "version"]).await[0],
        json!([5, "save", 1, 3])
    );
    // Forward again: what is live is what it is now.
    let forth = admin.revert(&id, 4, json!({})).await.expect(200);
    assert_eq!(
        (&forth.json["title"], &forth.json["has_unpublished_changes"]),
        (&json!("Deux"), &json!(false))
    );
    // Nothing to go back to: nothing happens.
    let same = admin.revert(&id, 4, json!({})).await.expect(200);
    assert_eq!(
        (&same.json["version"], listed(&admin, &id, &[]).await.len()),
        (&json!(4), 6)
    );
}

#[actix_web::test]
async fn going_back_needs_what_an_edit_needs() {
    let (app, admin, section) = newsroom().await;
    let sport = admin.section("Sport", None).await;
    let id = admin.draft("Un", &section).await;
    let raw = json!({"blocks": [{"type": "raw_html", "id": "r", "html": "<b>x</b>"}]});
    admin.edit(&id, raw).await.expect(200);
    admin.edit(&id, json!({"blocks": []})).await.expect(200);
    let editor = app.user(Role::SectionEditor);
    editor.revert(&id, 2, json!({})).await.problem(403, "forbidden");
    editor.revert(&id, 1, json!({})).await.expect(200);
    // Out of another's section, and into it.
    admin.edit(&id, json!({"section_id": sport})).await.expect(200);
    let of_sport = app.user_in(Role::SectionEditor, &sport);
    of_sport.revert(&id, 1, json!({})).await.problem(403, "forbidden");
    let of_news = app.user_in(Role::SectionEditor, &section);
    let path = format!("{}/revert", revision(&id, 1));
    of_news.act(&path, 5, json!({})).await.problem(404, "not_found");
    for (role, status) in [(Role::Analyst, 403), (Role::Moderator, 403), (Role::Journalist, 404)] {
        let answer = app.user(role).act(&path, 5, json!({})).await;
        assert_eq!(answer.status, status, "{role:?}");
    }
    admin
        .request(Method::POST, &path)
        .json(json!({}))
        .send()
        .await
        .problem(428, "precondition_required");
    let stale = admin.act(&path, 4, json!({})).await.problem(412, "stale_version");
    assert_eq!(stale.json["changes"][0]["fields"], json!(["section_id"]));
    assert_eq!(
        stale.json["change_summary"]["users"][0]["user_id"],
        admin.user_id.unwrap().to_string()
    );
    admin
        .act(&format!("{}/revert", revision(&id, 99)), 5, json!({}))
        .await
        .problem(404, "not_found");
    admin.take(&id, "trash", json!({})).await.expect(200);
    admin.act(&path, 5, json!({})).await.problem(409, "invalid_state");
    assert_eq!(admin.get(&desk(&id)).await.json["version"], 5);
}

#[actix_web::test]
async fn what_is_gone_is_named_or_left_out() {
    let (_app, admin, section) = newsroom().await;
    let (tag, kept) = (admin.tag("Mali").await, admin.tag("Bénin").await);
    let person = admin.contributor("Awa").await;
    let doomed = admin.section("Passage", None).await;
    let body = json!({"locale": "fr", "title": "Un", "section_id": section, "secondary_section_ids": [doomed],
        "tag_ids": [tag, kept], "contributors": [{"contributor_id": person}], "slug": "pris"});
    let id = admin.make(body).await;
    let emptied = json!({"tag_ids": null, "contributors": null, "secondary_section_ids": null, "slug": null});
    admin.edit(&id, emptied).await.expect(200);
    for path in [
        format!("tags/{tag}"),
        format!("contributors/{person}"),
        format!("sections/{doomed}"),
    ] {
        let path = format!("/v1/editorial/{path}");
        let version = admin.version_of(&path).await;
        admin.delete(&path, version).await.expect(204);
    }
    admin.revert(&id, 1, json!({})).await.invalid(&[
        ("/secondary_section_ids/0", "unknown_reference"),
        ("/tag_ids/0", "unknown_reference"),
        ("/contributors/0/contributor_id", "unknown_reference"),
    ]);
    let other = admin
        .make(json!({"locale": "fr", "title": "Autre", "section_id": section, "slug": "pris"}))
        .await;
    admin.publish(&other).await.expect(200);
    assert_eq!(admin.get(&desk(&id)).await.json["version"], 2);
    let reverted = admin
        .revert(&id, 1, json!({"drop_unusable": true}))
        .await
        .expect(200)
        .json;
    assert_eq!(
        members(
            &[reverted],
            &[
                "tag_ids",
                "contributors",
                "secondary_section_ids",
                "slug",
                "section_id",
                "version"
            ]
        ),
        [json!([[kept], [], [], null, section, 3])]
    );
    // Only the slug is in the way.
    let mine = admin
        .make(json!({"locale": "fr", "title": "Un", "section_id": section, "slug": "libre"}))
        .await;
    admin.edit(&mine, json!({"slug": null})).await.expect(200);
    let taker = admin
        .make(json!({"locale": "fr", "title": "Autre", "section_id": section, "slug": "libre"}))
        .await;
    admin.publish(&taker).await.expect(200);
    admin.revert(&mine, 1, json!({})).await.problem(422, "slug_taken");
}

#[actix_web::test]
async fn going_back_twice_with_one_key_goes_back_once() {
    let (_app, admin, section) = newsroom().await;
    let id = admin.draft("Un", &section).await;
    admin.edit(&id, json!({"title": "Deux"})).await.expect(200);
    let path = format!("{}/revert", revision(&id, 1));
    for _ in 0..2 {
        let answer = admin.once(&path, Some(2), "key", json!({})).await.expect(200);
        assert_eq!((answer.header("etag"), &answer.json["title"]), ("\"v3\"", &json!("Un")));
    }
    assert_eq!(listed(&admin, &id, &[]).await.len(), 3);
}

#[actix_web::test]
async fn a_killed_articles_revisions_are_for_those_who_may() {
    let (app, admin, section) = newsroom().await;
    let publisher = app.user(Role::Publisher);
    let id = publisher.published("Scandale", &section).await;
    publisher
        .edit(&id, json!({"title": "Scandale, suite"}))
        .await
        .expect(200);
    publisher
        .take(&id, "kill", json!({"reason": "Jugement."}))
        .await
        .expect(200);
    assert_eq!(listed(&publisher, &id, &[]).await.len(), 0);
    for path in ["", "/diff", "/diff?against=working"] {
        publisher
            .get(&format!("{}{path}", revision(&id, 1)))
            .await
            .problem(404, "not_found");
    }
    let path = format!("{}/revert", revision(&id, 1));
    let version = publisher.version_of(&desk(&id)).await;
    publisher
        .act(&path, version, json!({}))
        .await
        .problem(409, "invalid_state");
    let sealed = listed(&admin, &id, &["is_sealed"]).await;
    assert!(
        sealed.len() >= 3 && sealed.iter().all(|item| item == &json!([true])),
        "{sealed:?}"
    );
    assert_eq!(
        admin.get(&revision(&id, 1)).await.expect(200).json["content"]["title"],
        "Scandale"
    );
    admin.act(&path, version, json!({})).await.problem(409, "invalid_state");
}

#[actix_web::test]
async fn who_reads_an_article_reads_what_it_was() {
    let (app, admin, section) = newsroom().await;
    let journalist = app.user(Role::Journalist);
    let own = journalist.draft("À moi", &section).await;
    let other = admin.draft("À d’autres", &section).await;
    for path in ["", "/1", "/1/diff"] {
        journalist.get(&format!("{}{path}", revisions(&own))).await.expect(200);
        journalist
            .get(&format!("{}{path}", revisions(&other)))
            .await
            .problem(404, "not_found");
        app.user(Role::Analyst)
            .get(&format!("{}{path}", revisions(&own)))
            .await
            .expect(200);
        admin
            .get(&format!("{}{path}", revisions(UNKNOWN_ID)))
            .await
            .problem(404, "not_found");
    }
    admin.publish(&own).await.expect(200);
    journalist.get(&revision(&own, 2)).await.expect(200);
}

/// Writes saves into the past, each a minute after the one before, `hours` ago.
fn age(app: &TestApp, id: &str, hours: i64, count: i32, size: i32) {
    let (id, now) = (ArticleId::parse(id).unwrap(), app.now());
    app.db()
        .write_blocking(move |conn| {
            let last: Option<i32> = article_revisions::table
                .filter(article_revisions::article_id.eq(id))
                .select(diesel::dsl::max(article_revisions::number))
                .first(conn)?;
            for step in 0..count {
                let at: Time = now.plus_seconds(-hours * 3600 + i64::from(step) * 60);
                diesel::insert_into(article_revisions::table)
                    .values((
                        article_revisions::article_id.eq(id),
                        article_revisions::number.eq(last.unwrap_or(0) + 1 + step),
                        article_revisions::kind.eq(RevisionKind::Save),
                        article_revisions::content.eq(Content::empty().to_json()?),
                        article_revisions::created_at.eq(at),
                        article_revisions::size.eq(size),
                    ))
                    .execute(conn)?;
            }
            Ok(())
        })
        .unwrap();
}

fn count(app: &TestApp, id: &str) -> i64 {
    let id = ArticleId::parse(id).unwrap();
    let own = article_revisions::table.filter(article_revisions::article_id.eq(id));
    app.db()
        .read_blocking(|conn| Ok(own.count().get_result(conn)?))
        .unwrap()
}

#[actix_web::test]
async fn saving_thins_what_an_article_was_and_keeps_what_was_live() {
    let (app, admin, section) = newsroom().await;
    let id = admin.published("Un", &section).await;
    age(&app, &id, 48, 50, 100);
    app.clock.advance_seconds(7 * 3600);
    let admin = admin.renewed();
    for number in 0..8 {
        admin.edit(&id, json!({"title": number.to_string()})).await.expect(200);
    }
    // Fifty minutes of two days ago lie in one hour or two; the first save is of the last 24 hours.
    let left = listed(&admin, &id, &["number", "kind"]).await;
    assert!((11..=12).contains(&left.len()), "{left:?}");
    assert!(left.contains(&json!([2, "publish"])));
    assert_eq!(left[0], json!([60, "save"]));
    assert_eq!(diff(&admin, &id, 60, "working").await["is_same"], true);
}

#[actix_web::test]
async fn an_articles_saves_are_bounded_in_number_and_bytes() {
    let (app, admin, section) = newsroom().await;
    let many = admin.draft("Un", &section).await;
    age(&app, &many, 5, 250, 100);
    let large = admin.draft("Deux", &section).await;
    age(&app, &large, 5, 30, 1024 * 1024);
    let mut walk = ThinningSweep::default();
    assert_eq!(walk.step(app.db()).await.unwrap(), 2);
    assert_eq!(count(&app, &many), 200);
    assert!((19..=21).contains(&count(&app, &large)), "{}", count(&app, &large));
}

#[actix_web::test]
async fn the_sweep_thins_articles_that_nobody_saves_any_more() {
    let (app, admin, section) = newsroom().await;
    let ids = [admin.draft("Un", &section).await, admin.draft("Deux", &section).await];
    for id in &ids {
        for number in 0..5 {
            admin.edit(id, json!({"title": number.to_string()})).await.expect(200);
        }
        assert_eq!(count(&app, id), 6);
    }
    let dead = admin.draft("Trois", &section).await;
    admin.edit(&dead, json!({"title": "Quatre"})).await.expect(200);
    admin
        .take(&dead, "kill", json!({"reason": "Jugement."}))
        .await
        .expect(200);
    let sealed = count(&app, &dead);
    let mut walk = ThinningSweep::default();
    assert_eq!(walk.step(app.db()).await.unwrap(), 0);
    app.clock.advance_seconds(25 * 3600);
    // Round and round: the step after the last begins again.
    assert_eq!(walk.step(app.db()).await.unwrap(), 0);
    assert_eq!(walk.step(app.db()).await.unwrap(), 2);
    assert_eq!(walk.step(app.db()).await.unwrap(), 0);
    for id in &ids {
        assert_eq!(count(&app, id), 1);
    }
    assert_eq!(count(&app, &dead), sealed);
    let admin = admin.renewed();
    admin.edit(&ids[0], json!({"title": "Plus tard"})).await.expect(200);
    assert_eq!(listed(&admin, &ids[0], &["number"]).await, [json!([7]), json!([6])]);
}

#[actix_web::test]
async fn a_deleted_article_takes_its_revisions_along() {
    let (app, admin, section) = newsroom().await;
    let id = admin.draft("Un", &section).await;
    admin.take(&id, "trash", json!({})).await.expect(200);
    admin.delete(&desk(&id), 1).await.expect(204);
    assert_eq!(count(&app, &id), 0);
    admin.get(&revisions(&id)).await.problem(404, "not_found");
}

#[actix_web::test]
async fn more_changes_than_can_be_listed_are_told_in_sum() {
    let (app, admin, section) = newsroom().await;
    let id = admin.draft("Un", &section).await;
    let awa = app.user(Role::Publisher);
    awa.patch(&desk(&id), 1, json!({"kicker": "K"})).await.expect(200);
    for version in 2..=61 {
        admin
            .patch(&desk(&id), version, json!({"title": format!("T{version}")}))
            .await
            .expect(200);
    }
    let (publish, revert) = (action(&id, "publish"), format!("{}/revert", revision(&id, 1)));
    for (method, path) in [
        (Method::PATCH, desk(&id)),
        (Method::POST, publish),
        (Method::POST, revert),
    ] {
        let asking = admin.request(method, &path).if_match(1).json(json!({}));
        let refused = asking.send().await.problem(412, "stale_version").json;
        let changes = refused["changes"].as_array().unwrap();
        assert_eq!(
            (changes.len(), &changes[0]["version"], &changes[49]["version"]),
            (50, &json!(13), &json!(62))
        );
        let summary = &refused["change_summary"];
        assert_eq!(
            (&summary["count"], &summary["fields"]),
            (&json!(61), &json!(["kicker", "title"]))
        );
        let mut users: Vec<&str> = summary["users"]
            .as_array()
            .unwrap()
            .iter()
            .map(|user| user["user_id"].as_str().unwrap())
            .collect();
        users.sort_unstable();
        let mut expected = [admin.user_id.unwrap().to_string(), awa.user_id.unwrap().to_string()];
        expected.sort_unstable();
        assert_eq!(users, expected);
    }
    let last = admin
        .patch(&desk(&id), 61, json!({"title": "Z"}))
        .await
        .problem(412, "stale_version")
        .json;
    assert_eq!(
        (
            last["changes"].as_array().unwrap().len(),
            &last["change_summary"]["count"]
        ),
        (1, &json!(1))
    );
    assert_eq!(admin.get(&desk(&id)).await.json["version"], 62);
}

#[actix_web::test]
async fn a_revision_is_never_written_over() {
    let (app, admin, section) = newsroom().await;
    let id = admin.draft("Un", &section).await;
    let before = admin.get(&revision(&id, 1)).await.expect(200).text;
    admin.edit(&id, json!({"title": "Deux"})).await.expect(200);
    admin.publish(&id).await.expect(200);
    admin.revert(&id, 1, json!({})).await.expect(200);
    assert_eq!(admin.get(&revision(&id, 1)).await.expect(200).text, before);
    let key = ArticleId::parse(&id).unwrap();
    let versions: Vec<(i32, Option<i64>)> = app
        .db()
        .read_blocking(move |conn| {
            let own =
                article_revisions::table.inner_join(articles::table.on(articles::id.eq(article_revisions::article_id)));
            let rows = own.filter(articles::id.eq(key)).order(article_revisions::number);
            Ok(rows
                .select((article_revisions::number, article_revisions::version))
                .load(conn)?)
        })
        .unwrap();
    assert_eq!(versions, [(1, Some(1)), (2, Some(2)), (3, Some(2)), (4, Some(3))]);
}
