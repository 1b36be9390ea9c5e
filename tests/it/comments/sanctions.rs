//! Sanctions: who may impose which, how long they last, what they tell, and whom they meet.

use diesel::prelude::*;
use masthead::access::auth::Role;
use masthead::base::clock::Time;
use masthead::base::db::schema::sanctions as rows;
use masthead::base::ids::{ArticleId, SectionId, UserId};
use masthead::comments::identity::{HashKeys, SanctionTarget, hash};
use masthead::comments::model::Comment;
use masthead::comments::sanctions::store as sanctions;
use serde_json::{Value, json};

use crate::support::newsroom::{UNKNOWN_ID, newsroom, section_id};
use crate::support::{Client, DAY, TestApp, grant};

const LIST: &str = "/v1/editorial/sanctions";

struct House {
    app: TestApp,
    moderator: Client,
    section: String,
    sport: String,
    comment: String,
    in_sport: String,
    anonymous: String,
}

/// A comment of somebody who is known by everything.
fn known(article: &str, account: UserId, now: Time) -> Comment {
    Comment {
        reader_digest: Some("Zqxj reader".to_owned()),
        email_hash: Some("Zqxj email".to_owned()),
        network_hash: Some("Zqxj network".to_owned()),
        hash_key: Some(1),
        user_id: Some(account),
        ..Comment::new(
            ArticleId::parse(article).unwrap(),
            "Koffi".to_owned(),
            "Bravo".to_owned(),
            now,
        )
    }
}

impl House {
    async fn new() -> Self {
        let (app, admin, section) = newsroom().await;
        let sport = admin.section("Sport", None).await;
        let article = admin.published("Titre", &section).await;
        let other = admin.published("Match", &sport).await;
        let account = admin.user_id.unwrap();
        let comment = known(&article, account, app.now());
        let in_sport = known(&other, account, app.now());
        let anonymous = Comment::new(comment.article_id, "Ada".to_owned(), "Non".to_owned(), app.now());
        let ids = [&comment, &in_sport, &anonymous].map(|comment| comment.id.to_string());
        let new = vec![comment, in_sport, anonymous];
        app.db()
            .write_blocking(move |conn| masthead::comments::store::insert_all(conn, &new))
            .unwrap();
        let [comment, in_sport, anonymous] = ids;
        Self {
            moderator: app.user(Role::Moderator),
            app,
            section,
            sport,
            comment,
            in_sport,
            anonymous,
        }
    }

    fn body(&self, kind: &str, target: &str, days: Option<i64>) -> Value {
        let ends_at = days.map(|days| self.app.now().plus_seconds(days * DAY));
        json!({"kind": kind, "target": target, "comment_id": self.comment, "ends_at": ends_at})
    }

    fn path(id: &str) -> String {
        format!("{LIST}/{id}")
    }

    /// Whom it meets in a section.
    fn meets(&self, target: SanctionTarget, key: &str, lineage: &[&str]) -> bool {
        let keys = vec![(target, key.to_owned())];
        let lineage: Vec<SectionId> = lineage.iter().map(|id| section_id(id)).collect();
        let now = self.app.now();
        let found = self
            .app
            .db()
            .read_blocking(move |conn| sanctions::in_force(conn, &keys, &lineage, now))
            .unwrap();
        !found.is_empty()
    }
}

#[actix_web::test]
async fn a_sanction_is_imposed_changed_lifted_and_tells_nobody_whom_it_meets() {
    let house = House::new().await;
    let mut body = house.body("ban", "reader", None);
    body["reason"] = json!("abuse");
    body["note"] = json!("Troisième fois.");
    let made = house.moderator.post(LIST, body).await.expect(201);
    assert_eq!(made.header("etag"), "\"v1\"");
    assert_eq!(
        (
            &made.json["comment_count"],
            &made.json["is_active"],
            &made.json["reason"]
        ),
        (&json!(2), &json!(true), &json!("abuse"))
    );
    let path = House::path(&made.id());
    assert_eq!(made.header("location"), path);
    assert!(house.meets(SanctionTarget::Reader, "Zqxj reader", &[]));
    assert!(
        !house.meets(SanctionTarget::Email, "Zqxj reader", &[]),
        "a key of another kind"
    );
    let until = house.app.now().plus_seconds(DAY);
    let changed = house
        .moderator
        .patch(&path, 1, json!({"ends_at": until, "note": null}))
        .await
        .expect(200);
    assert_eq!(
        (
            &changed.json["ends_at"],
            &changed.json["note"],
            &changed.json["version"]
        ),
        (&json!(until), &Value::Null, &json!(2))
    );
    let stale = house.moderator.patch(&path, 1, json!({"note": "x"})).await;
    let stale = stale.problem(412, "stale_version");
    assert_eq!(stale.json["changes"][0]["fields"], json!(["note", "ends_at"]));
    assert_eq!(stale.json["current_values"], json!({"note": null, "ends_at": until}));
    let lift = format!("{path}/actions/lift");
    for _ in 0..2 {
        let lifted = house.moderator.post(&lift, json!({})).await;
        assert_eq!(lifted.status, 200, "{}", lifted.text);
        assert_eq!(
            (&lifted.json["is_active"], &lifted.json["version"]),
            (&json!(false), &json!(3))
        );
    }
    assert!(!house.meets(SanctionTarget::Reader, "Zqxj reader", &[]));
    house
        .moderator
        .patch(&path, 3, json!({"note": "x"}))
        .await
        .problem(409, "sanction_over");
    let everything = [
        LIST.to_owned(),
        path,
        format!("/v1/editorial/comments/{}", house.comment),
    ];
    for path in everything {
        let answer = house.moderator.get(&path).await.expect(200);
        assert!(!answer.text.contains("Zqxj"), "{path}: {}", answer.text);
    }
    let audit = house.app.admin().get("/v1/editorial/audit").await.expect(200);
    assert!(!audit.text.contains("Zqxj") && audit.text.contains("sanction.lift"));
}

#[actix_web::test]
async fn it_is_over_when_its_time_is_over() {
    let house = House::new().await;
    let body = house.body("suspend", "email", Some(7));
    let id = house.moderator.post(LIST, body).await.expect(201).id();
    assert!(house.meets(SanctionTarget::Email, "Zqxj email", &[]));
    house.app.clock.advance_seconds(7 * DAY - 1);
    assert!(house.meets(SanctionTarget::Email, "Zqxj email", &[]));
    house.app.clock.advance_seconds(1);
    assert!(!house.meets(SanctionTarget::Email, "Zqxj email", &[]));
    let moderator = house.moderator.renewed();
    let view = moderator.get(&House::path(&id)).await.expect(200);
    assert_eq!(view.json["is_active"], false);
    for (query, expected) in [
        ("", 1),
        ("?is_active=true", 0),
        ("?is_active=false", 1),
        ("?kind=suspend", 1),
        ("?kind=ban", 0),
        ("?target=email", 1),
        ("?target=network", 0),
    ] {
        let list = moderator.get(&format!("{LIST}{query}")).await.expect(200);
        assert_eq!(list.items("id").len(), expected, "{query}");
    }
    for bad in ["is_active=1", "kind=x", "target=x", "limit=0", "cursor=x", "reader=r"] {
        assert_eq!(moderator.get(&format!("{LIST}?{bad}")).await.status, 400, "{bad}");
    }
}

#[actix_web::test]
async fn what_a_sanction_needs_is_told_by_pointer() {
    let house = House::new().await;
    let with = |member: &str, value: Value| {
        let mut body = house.body("ban", "reader", None);
        body[member] = value;
        body
    };
    let mut anonymous = house.body("ban", "email", None);
    anonymous["comment_id"] = json!(house.anonymous);
    let unknown = json!(UNKNOWN_ID);
    for (body, pointer, code) in [
        (house.body("suspend", "reader", None), "/ends_at", "required"),
        (house.body("ban", "network", None), "/ends_at", "required"),
        (house.body("ban", "network", Some(31)), "/ends_at", "too_far_ahead"),
        (house.body("ban", "reader", Some(367)), "/ends_at", "too_far_ahead"),
        (house.body("ban", "reader", Some(0)), "/ends_at", "in_the_past"),
        (house.body("ban", "reader", Some(-1)), "/ends_at", "in_the_past"),
        (with("ends_at", json!("demain")), "/ends_at", "invalid_format"),
        (with("kind", json!("x")), "/kind", "invalid_value"),
        (with("target", json!("x")), "/target", "invalid_value"),
        (with("comment_id", unknown.clone()), "/comment_id", "unknown_reference"),
        (with("section_id", unknown), "/section_id", "unknown_reference"),
        (with("email", json!("a@b.test")), "/email", "unknown_field"),
        (
            json!({"kind": "ban", "target": "reader", "email": "a@b.test"}),
            "/email",
            "unknown_field",
        ),
        (
            json!({"kind": "ban", "target": "email", "email": "ab.test"}),
            "/email",
            "invalid_email",
        ),
        (json!({"kind": "ban", "target": "reader"}), "/comment_id", "required"),
        (anonymous, "/target", "not_known"),
    ] {
        let refused = house.moderator.post(LIST, body.clone()).await;
        assert_eq!(refused.status, 422, "{body}: {}", refused.text);
        refused.invalid(&[(pointer, code)]);
    }
    let body = house.body("shadow", "network", Some(30));
    let id = house.moderator.post(LIST, body).await.expect(201).id();
    let path = House::path(&id);
    let far = house.app.now().plus_seconds(31 * DAY);
    for (body, code) in [
        (json!({"ends_at": null}), "not_clearable"),
        (json!({"clear": ["ends_at"]}), "not_clearable"),
        (json!({"ends_at": house.app.now()}), "in_the_past"),
        (json!({"ends_at": far}), "too_far_ahead"),
    ] {
        house
            .moderator
            .patch(&path, 1, body)
            .await
            .invalid(&[("/ends_at", code)]);
    }
    house
        .moderator
        .patch(&path, 1, json!({"kind": "ban"}))
        .await
        .invalid(&[("/kind", "unknown_field")]);
}

#[actix_web::test]
async fn an_address_is_hashed_as_that_of_a_comment_is_and_stored_nowhere() {
    let house = House::new().await;
    let body = json!({"kind": "premoderate", "target": "email", "email": " Ada@Example.org"});
    house.moderator.post(LIST, body).await.expect(201);
    let secrets = house.app.state.secrets.clone();
    let key = house
        .app
        .db()
        .read_blocking(move |conn| {
            let number = HashKeys::load(conn)?.newest();
            hash(&secrets, number, SanctionTarget::Email, "ada@example.org")
        })
        .unwrap();
    assert!(house.meets(SanctionTarget::Email, &key, &[]));
    let audit = house.app.admin().get("/v1/editorial/audit").await.expect(200);
    assert!(!audit.text.to_lowercase().contains("ada@"));
    let keys: Vec<String> = house
        .app
        .db()
        .read_blocking(|conn| Ok(rows::table.select(rows::target_key).load(conn)?))
        .unwrap();
    assert!(keys.iter().all(|key| !key.contains('@')));
}

#[actix_web::test]
async fn it_holds_where_it_was_imposed_and_below() {
    let house = House::new().await;
    let mut body = house.body("ban", "account", None);
    body["section_id"] = json!(house.section);
    house.moderator.post(LIST, body).await.expect(201);
    let below = house.app.admin().section("Mali", Some(&house.section)).await;
    let account: String = house
        .app
        .db()
        .read_blocking(|conn| Ok(rows::table.select(rows::target_key).first(conn)?))
        .unwrap();
    let meets = |lineage: &[&str]| house.meets(SanctionTarget::Account, &account, lineage);
    assert!(meets(&[&house.section]) && meets(&[&below, &house.section]));
    assert!(!meets(&[]) && !meets(&[&house.sport]));
    let path = format!("/v1/editorial/comments/{}", house.in_sport);
    assert_eq!(
        house.moderator.get(&path).await.expect(200).json["sanctions"],
        json!([])
    );
    let path = format!("/v1/editorial/comments/{}", house.comment);
    let here = house.moderator.get(&path).await.expect(200);
    assert_eq!(here.json["sanctions"][0]["target"], "account");
}

#[actix_web::test]
async fn a_moderator_of_a_section_sanctions_there_and_nowhere_else() {
    let house = House::new().await;
    let local = house.app.user_in(Role::Moderator, &house.section);
    let english = house.app.user_with(vec![grant(Role::Moderator, None, Some("en"))]);
    let in_section = |section: Value, comment: &str| {
        let mut body = house.body("ban", "reader", None);
        body["section_id"] = section;
        body["comment_id"] = json!(comment);
        body
    };
    let whole = house
        .moderator
        .post(LIST, in_section(Value::Null, &house.comment))
        .await
        .expect(201)
        .id();
    let elsewhere = house
        .moderator
        .post(LIST, in_section(json!(house.sport), &house.comment))
        .await
        .expect(201)
        .id();
    for (section, comment) in [(Value::Null, &house.comment), (json!(house.sport), &house.comment)] {
        local
            .post(LIST, in_section(section.clone(), comment))
            .await
            .problem(403, "forbidden");
    }
    local
        .post(LIST, in_section(json!(house.section), &house.in_sport))
        .await
        .invalid(&[("/comment_id", "unknown_reference")]);
    let own = local
        .post(LIST, in_section(json!(house.section), &house.comment))
        .await
        .expect(201)
        .id();
    assert_eq!(local.walk(LIST, 5).await, std::slice::from_ref(&own));
    assert_eq!(house.moderator.walk(LIST, 1).await.len(), 3);
    assert!(english.walk(LIST, 5).await.is_empty());
    english
        .post(LIST, in_section(Value::Null, &house.comment))
        .await
        .problem(403, "forbidden");
    for id in [&whole, &elsewhere] {
        local.get(&House::path(id)).await.problem(404, "not_found");
        local
            .patch(&House::path(id), 1, json!({"note": "x"}))
            .await
            .problem(404, "not_found");
        let lift = format!("{}/actions/lift", House::path(id));
        local.post(&lift, json!({})).await.problem(404, "not_found");
    }
    let path = House::path(&own);
    local.patch(&path, 1, json!({"note": "x"})).await.expect(200);
    local.get(&path).await.expect(200);
}

#[actix_web::test]
async fn a_repeated_request_imposes_one() {
    let house = House::new().await;
    let body = house.body("ban", "reader", None);
    let first = house.moderator.once(LIST, None, "k1", body.clone()).await.expect(201);
    let second = house.moderator.once(LIST, None, "k1", body).await.expect(201);
    assert_eq!(first.id(), second.id());
    assert_eq!(house.moderator.walk(LIST, 5).await.len(), 1);
}

#[actix_web::test]
async fn the_context_of_a_comment_says_which_targets_a_sanction_can_take() {
    let house = House::new().await;
    let guest = {
        let article = house.app.guest().get("/v1/articles").await.json["items"][0]["id"].clone();
        let path = format!("/v1/articles/{}/comments", article.as_str().unwrap());
        let asking = house.app.guest().request(actix_web::http::Method::POST, &path);
        let asking = asking.header("x-reader-token", &house.app.reader_token().await);
        asking
            .json(json!({"author_name": "Edem", "body": "Oui"}))
            .send()
            .await
            .expect(202)
            .id()
    };
    for (comment, known) in [
        (&house.comment, &["account", "email", "reader", "network"][..]),
        (&guest, &["reader", "network"]),
        (&house.anonymous, &[]),
    ] {
        let context = house
            .moderator
            .get(&format!("/v1/editorial/comments/{comment}"))
            .await
            .expect(200);
        let targets = context.json["sanction_targets"].as_array().unwrap();
        let named: Vec<&Value> = targets.iter().map(|one| &one["target"]).collect();
        assert_eq!(named, ["account", "email", "reader", "network"]);
        for target in targets {
            let name = target["target"].as_str().unwrap();
            let is_known = known.contains(&name);
            assert_eq!(target["is_known"], is_known, "{name} of {comment}");
            // What the context says is what a sanction is told.
            let ends_at = house.app.now().plus_seconds(target["max_days"].as_i64().unwrap() * DAY);
            let body = json!({"kind": "premoderate", "target": name, "comment_id": comment, "ends_at": ends_at});
            let answer = house.moderator.post(LIST, body).await;
            if is_known {
                answer.expect(201);
            } else {
                answer.invalid(&[("/target", "not_known")]);
            }
        }
    }
}
