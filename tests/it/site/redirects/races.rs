//! Redirects that are made at the same time.

use serde_json::json;

use super::{LIST, led, listed, remove};
use crate::support::newsroom::bilingual_newsroom;
use crate::support::requests::together;
use crate::support::{Answer, Client};

fn sorted(answers: &[Answer]) -> Vec<u16> {
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    statuses
}

fn making(admin: &Client, path: &str, location: &str) -> impl Future<Output = Answer> + 'static {
    let (admin, body) = (admin.clone(), json!({"path": path, "location": location}));
    async move { admin.post(LIST, body).await }
}

#[actix_web::test]
async fn of_two_redirects_from_one_path_one_is_made() {
    let (app, admin, _) = bilingual_newsroom().await;
    for round in 0..20 {
        let path = format!("/vieux-{round}");
        let answers = together(vec![making(&admin, &path, "/un"), making(&admin, &path, "/deux")]).await;
        assert_eq!(sorted(&answers), [201, 409], "round {round}");
        let made = answers.iter().find(|answer| answer.status == 201).unwrap();
        let location = made.json["location"].as_str().unwrap();
        assert_eq!(led(&app, &path).await, format!("{location} 301"));
    }
}

#[actix_web::test]
async fn steps_that_are_made_at_once_are_one_and_never_a_circle() {
    let (app, admin, _) = bilingual_newsroom().await;
    for round in 0..20 {
        let name = |letter: &str| format!("/{round}/{letter}");
        let (a, b, c, d) = (name("a"), name("b"), name("c"), name("d"));
        let answers = together(vec![
            making(&admin, &a, &b),
            making(&admin, &b, &c),
            making(&admin, &c, &d),
        ])
        .await;
        assert_eq!(sorted(&answers), [201, 201, 201], "round {round}");
        for path in [&a, &b, &c] {
            assert_eq!(listed(&admin, path).await["location"], d, "round {round}");
        }
        let (x, y, z) = (name("x"), name("y"), name("z"));
        let answers = together(vec![
            making(&admin, &x, &y),
            making(&admin, &y, &z),
            making(&admin, &z, &x),
        ])
        .await;
        assert_eq!(sorted(&answers), [201, 201, 422], "round {round}");
    }
    drop(app);
}

#[actix_web::test]
async fn a_redirect_and_the_move_of_what_it_leads_to_meet() {
    let (app, admin, section) = bilingual_newsroom().await;
    let article = admin.published("Titre", &section).await;
    for round in 0..15 {
        let before = format!(
            "/news/{}",
            if round == 0 {
                "titre".to_owned()
            } else {
                format!("titre-{round}")
            }
        );
        let slug = format!("titre-{}", round + 1);
        admin.edit(&article, json!({"slug": slug})).await.expect(200);
        let publishing = {
            let (admin, article) = (admin.clone(), article.clone());
            async move { admin.publish(&article).await }
        };
        let path = format!("/vieux-{round}");
        let moved = actix_web::rt::spawn(publishing);
        let made = actix_web::rt::spawn(making(&admin, &path, &before));
        moved.await.unwrap().expect(200);
        made.await.unwrap().expect(201);
        for old in [&path, &before] {
            assert_eq!(
                listed(&admin, old).await["location"],
                format!("/news/{slug}"),
                "round {round}"
            );
        }
    }
    // And of a redirect and an article that want the same path, one has it.
    for round in 0..15 {
        let body = json!({"locale": "fr", "title": "T", "section_id": section, "slug": format!("voulu-{round}")});
        let wanting = admin.make(body).await;
        let publishing = {
            let admin = admin.clone();
            async move { admin.publish(&wanting).await }
        };
        let path = format!("/news/voulu-{round}");
        let published = actix_web::rt::spawn(publishing);
        let made = actix_web::rt::spawn(making(&admin, &path, "/news"));
        let statuses = (published.await.unwrap().status, made.await.unwrap().status);
        assert!(
            [(200, 422), (422, 201)].contains(&statuses),
            "round {round}: {statuses:?}"
        );
        let kind = if statuses.0 == 200 { "article 200" } else { "/news 301" };
        assert_eq!(led(&app, &path).await, kind, "round {round}");
    }
    remove(&admin, "/vieux-0").await.expect(204);
}
