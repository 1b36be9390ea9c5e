//! Who is at work on what.

use actix_web::http::Method;
use masthead::access::auth::Role;
use serde_json::{Value, json};

use super::{lease_of, me};
use crate::support::newsroom::{ARTICLES, UNKNOWN_ID, desk, newsroom};
use crate::support::requests::together;

#[actix_web::test]
async fn a_lease_is_taken_renewed_and_given_back() {
    let (app, admin, section) = newsroom().await;
    let id = admin.draft("Titre", &section).await;
    assert_eq!(
        admin.get(&lease_of(&id)).await.expect(200).json,
        json!({"article_id": id, "lease": null})
    );
    let lease = |since: &str, until: &str| json!({"user_id": me(&admin), "user_name": "Awa Kossou", "since": since, "until": until});
    let taken = admin.request(Method::PUT, &lease_of(&id)).send().await.expect(200).json;
    assert_eq!(
        taken["lease"],
        lease("2026-11-23T08:00:00.000Z", "2026-11-23T08:05:00.000Z")
    );
    app.clock.advance_seconds(200);
    let renewed = admin
        .put(&lease_of(&id), json!({"ttl_seconds": 3600}))
        .await
        .expect(200)
        .json;
    assert_eq!(
        renewed["lease"],
        lease("2026-11-23T08:00:00.000Z", "2026-11-23T09:03:20.000Z")
    );
    assert_eq!(admin.get(&desk(&id)).await.json["lease"], renewed["lease"]);
    assert_eq!(admin.get(ARTICLES).await.json["items"][0]["lease"], renewed["lease"]);
    for _ in 0..2 {
        admin.remove(&lease_of(&id)).await.expect(204);
    }
    assert_eq!(admin.get(&desk(&id)).await.json["lease"], Value::Null);
    for bad in [29, 3601] {
        admin
            .put(&lease_of(&id), json!({"ttl_seconds": bad}))
            .await
            .invalid(&[("/ttl_seconds", "out_of_range")]);
    }
}

#[actix_web::test]
async fn a_lease_ends_by_the_clock() {
    let (app, admin, section) = newsroom().await;
    let id = admin.draft("Titre", &section).await;
    let other = app.user(Role::Publisher);
    admin.put(&lease_of(&id), json!({"ttl_seconds": 30})).await.expect(200);
    app.clock.advance_seconds(29);
    other.put(&lease_of(&id), json!({})).await.problem(409, "lease_held");
    app.clock.advance_seconds(1);
    for path in [lease_of(&id), desk(&id)] {
        assert_eq!(admin.get(&path).await.json["lease"], Value::Null, "{path}");
    }
    assert_eq!(admin.get(ARTICLES).await.json["items"][0]["lease"], Value::Null);
    assert!(
        admin
            .get(&format!("{ARTICLES}?leased_by={}", me(&admin)))
            .await
            .items("id")
            .is_empty()
    );
    let taken = other.put(&lease_of(&id), json!({})).await.expect(200).json;
    assert_eq!(taken["lease"]["since"], "2026-11-23T08:00:30.000Z");
    // One's own that has ended begins anew.
    app.clock.advance_seconds(300);
    let again = other.put(&lease_of(&id), json!({})).await.expect(200).json;
    assert_eq!(again["lease"]["since"], "2026-11-23T08:05:30.000Z");
}

#[actix_web::test]
async fn a_colleagues_lease_is_told_taken_over_and_stops_nobody() {
    let (app, admin, section) = newsroom().await;
    let id = admin.draft("Titre", &section).await;
    let (awa, koffi) = (app.user(Role::Publisher), app.user(Role::SectionEditor));
    awa.put(&lease_of(&id), json!({})).await.expect(200);
    let held = koffi.put(&lease_of(&id), json!({})).await.problem(409, "lease_held");
    assert_eq!(
        (&held.json["holder_id"], &held.json["holder_name"], &held.json["until"]),
        (
            &json!(me(&awa)),
            &json!("Awa Kossou"),
            &json!("2026-11-23T08:05:00.000Z")
        )
    );
    koffi.remove(&lease_of(&id)).await.problem(409, "lease_held");
    // Advice: the work goes on.
    koffi.edit(&id, json!({"title": "Autre"})).await.expect(200);
    koffi.publish(&id).await.expect(200);
    assert_eq!(koffi.get(&lease_of(&id)).await.json["lease"]["user_id"], me(&awa));
    let taken = koffi
        .put(&lease_of(&id), json!({"take_over": true}))
        .await
        .expect(200)
        .json;
    assert_eq!(taken["lease"]["user_id"], me(&koffi));
    awa.put(&lease_of(&id), json!({})).await.problem(409, "lease_held");
    admin.remove(&lease_of(&id)).await.expect(204);
    assert_eq!(koffi.get(&lease_of(&id)).await.json["lease"], Value::Null);
    app.user(Role::Analyst).get(&lease_of(&id)).await.expect(200);
    app.user(Role::Journalist)
        .put(&lease_of(&id), json!({}))
        .await
        .problem(404, "not_found");
    admin
        .put(&lease_of(UNKNOWN_ID), json!({}))
        .await
        .problem(404, "not_found");
}

#[actix_web::test]
async fn of_many_who_take_a_lease_at_once_one_has_it() {
    let (app, admin, section) = newsroom().await;
    let id = admin.draft("Titre", &section).await;
    let taking = (0..8).map(|_| {
        let (client, path) = (app.user(Role::Publisher), lease_of(&id));
        async move { (me(&client), client.put(&path, json!({})).await) }
    });
    let answers = together(taking.collect()).await;
    let holder = admin.get(&lease_of(&id)).await.json["lease"]["user_id"].clone();
    for (user, answer) in answers {
        if holder == user {
            answer.expect(200);
        } else {
            assert_eq!(answer.problem(409, "lease_held").json["holder_id"], holder);
        }
    }
}
