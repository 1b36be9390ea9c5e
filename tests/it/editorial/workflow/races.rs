//! What happens at the same time. On SQLite the one writer puts it in order; on PostgreSQL the
//! transactions meet.

use std::collections::BTreeSet;

use diesel::prelude::*;
use masthead::access::auth::Role;
use masthead::base::db::schema::{article_revisions, articles, paths, published_articles};
use masthead::base::ids::ArticleId;
use serde_json::{Value, json};

use crate::support::checks::assert_links_are_sound;
use crate::support::newsroom::{action, desk, newsroom, publishing};
use crate::support::requests::{statuses, together};
use crate::support::{Answer, Client};

#[actix_web::test]
async fn of_two_articles_with_one_slug_one_is_published() {
    let (app, admin, section) = newsroom().await;
    for round in 0..20 {
        let slug = format!("titre-{round}");
        let mut ids = Vec::new();
        for _ in 0..2 {
            ids.push(
                admin
                    .make(json!({"locale": "fr", "title": "T", "section_id": section, "slug": slug}))
                    .await,
            );
        }
        let answers = together(ids.iter().map(|id| publishing(&admin, id, 1)).collect()).await;
        assert_eq!(statuses(&answers), [200, 422], "round {round}");
        for (id, answer) in ids.iter().zip(answers) {
            let article = admin.get(&desk(id)).await.json;
            if answer.status == 422 {
                answer.problem(422, "slug_taken");
                assert_eq!((&article["state"], &article["path"]), (&json!("draft"), &Value::Null));
            } else {
                assert_eq!(article["path"], format!("/news/{slug}"));
                let found = app
                    .guest()
                    .get(&format!("/v1/articles/by-path?path=/news/{slug}"))
                    .await
                    .expect(200);
                assert_eq!(found.id(), *id);
            }
        }
    }
}

#[actix_web::test]
async fn two_hundred_at_once_are_published_each_with_its_own_path_and_position() {
    let (app, admin, section) = newsroom().await;
    let mut ids = Vec::new();
    for _ in 0..200 {
        ids.push(admin.draft("Le même titre", &section).await);
    }
    let answers = together(ids.iter().map(|id| publishing(&admin, id, 1)).collect()).await;
    for answer in &answers {
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
    let rows: Vec<(String, i64)> = app
        .db()
        .read_blocking(|conn| {
            Ok(published_articles::table
                .select((published_articles::path, published_articles::position))
                .load(conn)?)
        })
        .unwrap();
    let paths: BTreeSet<String> = rows.iter().map(|row| row.0.clone()).collect();
    let positions: BTreeSet<i64> = rows.iter().map(|row| row.1).collect();
    assert_eq!((rows.len(), paths.len(), positions.len()), (200, 200, 200));
    let numbered: BTreeSet<String> = (1..=200)
        .map(|n| {
            if n == 1 {
                "/news/le-meme-titre".to_owned()
            } else {
                format!("/news/le-meme-titre-{n}")
            }
        })
        .collect();
    assert_eq!(paths, numbered);
    let walked: BTreeSet<String> = app.guest().walk("/v1/articles", 7).await.into_iter().collect();
    assert_eq!(walked, ids.into_iter().collect());
    assert_links_are_sound(&app);
}

#[actix_web::test]
async fn of_two_publishes_of_one_article_one_has_something_to_publish() {
    let (_app, admin, section) = newsroom().await;
    for _ in 0..10 {
        let id = admin.draft("Titre", &section).await;
        let answers = together((0..2).map(|_| publishing(&admin, &id, 1)).collect()).await;
        assert_eq!(statuses(&answers), [200, 409]);
        for answer in answers.into_iter().filter(|answer| answer.status == 409) {
            answer.problem(409, "nothing_to_publish");
        }
        assert_eq!(admin.get(&desk(&id)).await.json["live_revision_number"], 2);
    }
}

#[actix_web::test]
async fn of_two_edits_of_one_version_one_is_saved_and_nothing_is_lost() {
    let (_app, admin, section) = newsroom().await;
    let id = admin.draft("Titre", &section).await;
    for version in 1..=15 {
        let edits = ["kicker", "standfirst", "title"].map(|member| {
            let (admin, path) = (admin.clone(), desk(&id));
            async move {
                (
                    member,
                    admin
                        .patch(&path, version, json!({member: format!("v{version}")}))
                        .await,
                )
            }
        });
        let before = admin.get(&desk(&id)).await.json;
        let answers = together(edits.into_iter().collect()).await;
        let after = admin.get(&desk(&id)).await.json;
        assert_eq!(after["version"], version + 1);
        let mut saved = 0;
        for (member, answer) in answers {
            if answer.status == 200 {
                saved += 1;
                assert_eq!(after[member], format!("v{version}"));
            } else {
                let refused = answer.problem(412, "stale_version");
                assert_eq!(refused.json["changes"].as_array().unwrap().len(), 1);
                assert_eq!(after[member], before[member]);
            }
        }
        assert_eq!(saved, 1);
    }
}

/// What each of the two has counted in the title.
fn counted(article: &Value) -> [i64; 2] {
    let title = article["title"].as_str().unwrap();
    let counts: Vec<i64> = title.split(' ').map(|count| count.parse().unwrap()).collect();
    counts.try_into().unwrap()
}

/// The 412 of the one who came second names the first, and nothing else.
#[track_caller]
fn assert_told(refused: &Answer, version: i64, by: &Client) {
    assert_eq!(refused.json["current_etag"], format!("\"v{version}\""));
    let change = &refused.json["changes"][0];
    let by = by.user_id.unwrap().to_string();
    assert_eq!(
        (&change["version"], &change["fields"], &change["user_id"]),
        (&json!(version), &json!(["title"]), &json!(by))
    );
    assert_eq!(refused.json["change_summary"]["count"], 1);
}

/// Two write into one text: in each round both read the same version, each counts one on in it, both
/// send at once. What they have counted in the end.
async fn duel(writers: [Client; 2], id: String, rounds: i64) -> [i64; 2] {
    let mut counts = [0, 0];
    for version in 1..=rounds {
        let sending = [0, 1].map(|writer: usize| {
            let mut wanted = counts;
            wanted[writer] += 1;
            let (client, path) = (writers[writer].clone(), desk(&id));
            let body = json!({"title": format!("{} {}", wanted[0], wanted[1])});
            async move { (wanted, client.patch(&path, version, body).await) }
        });
        let answers = together(sending.into_iter().collect()).await;
        let statuses: Vec<u16> = answers.iter().map(|(_, answer)| answer.status).collect();
        assert!(
            [[200, 412], [412, 200]].contains(&[statuses[0], statuses[1]]),
            "{statuses:?}"
        );
        let winner = usize::from(statuses[1] == 200);
        assert_eq!(counted(&answers[winner].1.json), answers[winner].0, "round {version}");
        assert_told(&answers[1 - winner].1, version + 1, &writers[winner]);
        counts = answers[winner].0;
    }
    counts
}

#[actix_web::test]
async fn two_who_edit_at_once_for_a_thousand_rounds_lose_nothing_and_are_told_every_conflict() {
    const ROUNDS: i64 = 250;
    let (app, admin, section) = newsroom().await;
    let writers = [app.user(Role::Publisher), app.user(Role::SectionEditor)];
    let mut ids = Vec::new();
    for _ in 0..4 {
        let body = json!({"locale": "fr", "title": "0 0", "section_id": section});
        ids.push(admin.make(body).await);
    }
    let duels = ids.iter().map(|id| duel(writers.clone(), id.clone(), ROUNDS));
    let counts = together(duels.collect()).await;
    for (id, counts) in ids.iter().zip(counts) {
        let article = admin.get(&desk(id)).await.json;
        assert_eq!((counted(&article), &article["version"]), (counts, &json!(ROUNDS + 1)));
        assert_eq!(counts.iter().sum::<i64>(), ROUNDS);
        let told = admin.patch(&desk(id), 1, json!({"title": "0 0"})).await;
        let told = told.problem(412, "stale_version").json;
        assert_eq!(told["change_summary"]["count"], ROUNDS);
        // What it was is thinned; the last save is there.
        let page = admin.get(&format!("{}/revisions", desk(id))).await.expect(200);
        assert_eq!(page.json["items"][0]["version"], ROUNDS + 1);
        let key = ArticleId::parse(id).unwrap();
        let own = article_revisions::table.filter(article_revisions::article_id.eq(key));
        let saves: i64 = app
            .db()
            .read_blocking(|conn| Ok(own.count().get_result(conn)?))
            .unwrap();
        assert!((200..=208).contains(&saves), "{saves}");
    }
}

#[actix_web::test]
async fn an_edit_beside_a_publish_is_live_or_waiting_and_never_half() {
    let (app, admin, section) = newsroom().await;
    for _ in 0..15 {
        let id = admin.draft("Avant", &section).await;
        let edit = {
            let (admin, path) = (admin.clone(), desk(&id));
            async move { admin.patch(&path, 1, json!({"title": "Après"})).await }
        };
        let edit = actix_web::rt::spawn(edit);
        let publish = actix_web::rt::spawn(publishing(&admin, &id, 1));
        let (edit, publish) = (edit.await.unwrap(), publish.await.unwrap());
        edit.expect(200);
        let article = admin.get(&desk(&id)).await.json;
        assert_eq!((&article["title"], &article["version"]), (&json!("Après"), &json!(2)));
        let public = app.guest().get(&format!("/v1/articles/{id}")).await;
        if publish.status == 200 {
            // It took the copy that it was asked to take; the edit waits.
            assert_eq!(public.json["title"], "Avant");
            assert_eq!(article["has_unpublished_changes"], true);
        } else {
            publish.problem(412, "stale_version");
            assert_eq!(public.status, 404);
        }
    }
}

fn keyed(admin: &Client, path: &str, version: Option<i64>, body: Value) -> impl Future<Output = Answer> + 'static {
    let (admin, path) = (admin.clone(), path.to_owned());
    async move { admin.once(&path, version, "key", body).await }
}

#[actix_web::test]
async fn one_key_fifty_times_creates_and_publishes_once() {
    let (app, admin, section) = newsroom().await;
    let body = json!({"locale": "fr", "title": "Une fois", "section_id": section});
    let path = "/v1/editorial/articles";
    let answers = together((0..50).map(|_| keyed(&admin, path, None, body.clone())).collect()).await;
    let made = once_or_in_flight(answers, 201);
    assert_eq!(admin.walk(path, 100).await, [made.id()]);
    let path = action(&made.id(), "publish");
    let answers = together((0..50).map(|_| keyed(&admin, &path, Some(1), json!({}))).collect()).await;
    let published = once_or_in_flight(answers, 422);
    assert_eq!(
        published.json["code"], "idempotency_key_reused",
        "the key has made the article"
    );
    let path_key = |_| {
        let (admin, path) = (admin.clone(), path.clone());
        async move { admin.once(&path, Some(1), "another-key", json!({})).await }
    };
    let answers = together((0..50).map(path_key).collect()).await;
    let published = once_or_in_flight(answers, 200);
    assert_eq!(
        (&published.json["state"], &published.json["live_revision_number"]),
        (&json!("published"), &json!(2))
    );
    assert_eq!(app.listed("").await.len(), 1);
}

/// One of the answers of this status; the others are the same or told to wait.
#[track_caller]
fn once_or_in_flight(answers: Vec<Answer>, status: u16) -> Answer {
    let mut first: Option<Answer> = None;
    for answer in answers {
        if answer.status == 409 {
            answer.problem(409, "request_in_flight");
            continue;
        }
        assert_eq!(answer.status, status, "{}", answer.text);
        if let Some(first) = &first {
            assert_eq!(
                (first.json["id"].as_str(), first.header("location")),
                (answer.json["id"].as_str(), answer.header("location"))
            );
        }
        first.get_or_insert(answer);
    }
    first.unwrap()
}

#[actix_web::test]
async fn publishing_and_unpublishing_at_once_ends_in_one_of_both() {
    let (app, admin, section) = newsroom().await;
    let id = admin.published("Titre", &section).await;
    for _ in 0..10 {
        let acts = ["publish", "unpublish", "publish", "unpublish"].map(|name| {
            let (admin, path) = (admin.clone(), action(&id, name));
            async move { admin.act(&path, 1, json!({})).await }
        });
        for answer in together(acts.into_iter().collect()).await {
            assert!([200, 409].contains(&answer.status), "{}", answer.text);
        }
        let key = id.clone();
        let (state, live, status): (String, i64, String) = app
            .db()
            .read_blocking(move |conn| {
                let state: masthead::articles::model::ArticleState = articles::table
                    .filter(articles::id.eq(&key))
                    .select(articles::state)
                    .first(conn)?;
                let live = published_articles::table.count().get_result(conn)?;
                let status: masthead::site::paths::PathStatus = paths::table
                    .filter(paths::target_id.eq(&key))
                    .select(paths::status)
                    .first(conn)?;
                Ok((state.to_string(), live, status.to_string()))
            })
            .unwrap();
        match state.as_str() {
            "published" => assert_eq!((live, status.as_str()), (1, "live")),
            _ => assert_eq!((live, status.as_str()), (0, "hidden")),
        }
    }
}
