//! One step leads to the end, whatever was made first and whatever moves later, and nothing that was
//! ever public is lost.

use actix_web::http::Method;
use serde_json::json;

use super::{LIST, change, lead, led, listed};
use crate::support::newsroom::bilingual_newsroom;

#[actix_web::test]
async fn two_steps_are_one_whichever_was_made_first() {
    let (app, admin, _) = bilingual_newsroom().await;
    lead(&admin, "/a", "/b").await;
    lead(&admin, "/b", "/c").await;
    lead(&admin, "/d", "/a").await;
    lead(&admin, "/c", "https://ailleurs.test/").await;
    for path in ["/a", "/b", "/c", "/d"] {
        assert_eq!(led(&app, path).await, "https://ailleurs.test/ 301", "{path}");
        assert_eq!(
            listed(&admin, path).await["location"],
            "https://ailleurs.test/",
            "{path}"
        );
    }
    // Changing one later leaves the others where they lead.
    change(&admin, "/c", json!({"location": "/e"})).await.expect(200);
    assert_eq!(led(&app, "/c").await, "/e 301");
    assert_eq!(led(&app, "/a").await, "https://ailleurs.test/ 301");
    // What leads to something gone is gone, until that leads elsewhere.
    admin.post(LIST, json!({"path": "/jeu"})).await.expect(201);
    lead(&admin, "/vers-jeu", "/jeu").await;
    assert_eq!(led(&app, "/vers-jeu").await, "gone 410");
    change(&admin, "/jeu", json!({"location": "/a"})).await.expect(200);
    assert_eq!(led(&app, "/vers-jeu").await, "https://ailleurs.test/ 301");
    assert_eq!(listed(&admin, "/vers-jeu").await["location"], "https://ailleurs.test/");
}

#[actix_web::test]
async fn a_step_for_now_makes_the_whole_for_now() {
    let (app, admin, _) = bilingual_newsroom().await;
    let make = |path: &'static str, location: &'static str, status: i32| {
        let admin = admin.clone();
        async move {
            let body = json!({"path": path, "location": location, "http_status": status});
            admin.post(LIST, body).await.expect(201)
        }
    };
    make("/a", "/x", 301).await;
    make("/b", "/x", 308).await;
    make("/c", "/x", 302).await;
    make("/x", "/y", 307).await;
    make("/d", "/x", 301).await;
    for (path, expected) in [
        ("/a", "/y 302"),
        ("/b", "/y 307"),
        ("/c", "/y 302"),
        ("/x", "/y 307"),
        ("/d", "/y 302"),
    ] {
        assert_eq!(led(&app, path).await, expected, "{path}");
    }
}

#[actix_web::test]
async fn a_query_and_a_fragment_go_along() {
    let (app, admin, section) = bilingual_newsroom().await;
    let id = admin.published("Un", &section).await;
    lead(&admin, "/dossier", "/news/un#chapitre-2").await;
    lead(&admin, "/liste", "/news/un?page=2").await;
    lead(&admin, "/unique", "/news/unique").await;
    admin.edit(&id, json!({"slug": "deux"})).await.expect(200);
    admin.publish(&id).await.expect(200);
    assert_eq!(led(&app, "/dossier").await, "/news/deux#chapitre-2 301");
    assert_eq!(led(&app, "/liste").await, "/news/deux?page=2 301");
    assert_eq!(led(&app, "/unique").await, "/news/unique 301");
    lead(&admin, "/encore", "/news/un#fin").await;
    assert_eq!(led(&app, "/encore").await, "/news/deux#fin 301");
}

#[actix_web::test]
async fn a_circle_is_refused_with_the_way_round() {
    let (app, admin, section) = bilingual_newsroom().await;
    lead(&admin, "/a", "/b").await;
    lead(&admin, "/b", "/c").await;
    for (path, location, chain) in [
        ("/c", "/a", json!(["/c", "/a", "/c"])),
        ("/c", "/b?x=1", json!(["/c", "/b", "/c"])),
        ("/c", "https://www.lefanal.test/a", json!(["/c", "/a", "/c"])),
    ] {
        let body = json!({"path": path, "location": location});
        let answer = admin.post(LIST, body).await.problem(422, "redirect_loop");
        assert_eq!(answer.json["chain"], chain, "{location}");
    }
    let answer = change(&admin, "/b", json!({"location": "/b#x"})).await;
    assert_eq!(answer.problem(422, "redirect_loop").json["chain"], json!(["/b", "/b"]));
    // What led over /b leads to its end by now: no circle.
    change(&admin, "/b", json!({"location": "/a"})).await.expect(200);
    assert_eq!(led(&app, "/b").await, "/c 301");
    assert_eq!(led(&app, "/a").await, "/c 301");
    // An article that comes back to a path of its own makes none.
    let id = admin.published("Un", &section).await;
    for slug in ["deux", "un", "deux"] {
        admin.edit(&id, json!({"slug": slug})).await.expect(200);
        admin.publish(&id).await.expect(200);
    }
    assert_eq!(led(&app, "/news/un").await, "/news/deux 301");
    assert_eq!(led(&app, "/news/deux").await, "article 200");
}

#[actix_web::test]
async fn what_leads_to_a_thing_follows_it() {
    let (app, admin, section) = bilingual_newsroom().await;
    let sport = admin.section("Sport", None).await;
    let article = admin.published("Un", &section).await;
    let tag = admin.tag("Eau").await;
    for (path, location) in [
        ("/vers-article", "/news/un"),
        ("/vers-rubrique", "/sport"),
        ("/vers-etiquette", "/tag/eau"),
    ] {
        lead(&admin, path, location).await;
    }
    let publish = async |slug: &str| {
        admin.edit(&article, json!({"slug": slug})).await.expect(200);
        admin.publish(&article).await.expect(200);
    };
    publish("deux").await;
    assert_eq!(led(&app, "/vers-article").await, "/news/deux 301");
    // Away, and back elsewhere.
    admin.take(&article, "unpublish", json!({})).await.expect(200);
    assert_eq!(led(&app, "/vers-article").await, "");
    publish("trois").await;
    assert_eq!(led(&app, "/vers-article").await, "/news/trois 301");
    publish("un").await;
    assert_eq!(led(&app, "/vers-article").await, "/news/un 301");
    let patch = async |path: String, body: serde_json::Value| {
        let version = admin.version_of(&path).await;
        admin.patch(&path, version, body).await.expect(200);
    };
    patch(format!("/v1/editorial/sections/{sport}"), json!({"slug": "sports"})).await;
    assert_eq!(led(&app, "/vers-rubrique").await, "/sports 301");
    admin.move_section(&sport, Some(&section)).await.expect(200);
    assert_eq!(led(&app, "/vers-rubrique").await, "/news/sports 301");
    patch(format!("/v1/editorial/tags/{tag}"), json!({"slug": "eaux"})).await;
    assert_eq!(led(&app, "/vers-etiquette").await, "/tag/eaux 301");
    // A section that takes another's place takes what led there; and so does the next.
    let next = admin.section("Monde", None).await;
    let after = admin.section("Afrique", None).await;
    for (from, to) in [(&sport, &next), (&next, &after)] {
        let path = format!("/v1/editorial/sections/{from}");
        let version = admin.version_of(&path).await;
        let path = format!("{path}?move_to={to}");
        admin
            .request(Method::DELETE, &path)
            .if_match(version)
            .send()
            .await
            .expect(204);
    }
    for path in ["/vers-rubrique", "/sport", "/sports", "/news/sports", "/monde"] {
        assert_eq!(led(&app, path).await, "/afrique 301", "{path}");
        assert_eq!(listed(&admin, path).await["location"], "/afrique", "{path}");
    }
    let path = format!("/v1/editorial/tags/{tag}");
    admin.delete(&path, admin.version_of(&path).await).await.expect(204);
    assert_eq!(led(&app, "/vers-etiquette").await, "gone 410");
}

#[actix_web::test]
async fn many_that_lead_to_one_follow_at_once() {
    let (app, admin, section) = bilingual_newsroom().await;
    let article = admin.published("Un", &section).await;
    let rows: String = (0..700)
        .map(|n| format!("/vieux/{n},/news/un,\n/vieux/{n}/fin,/news/un#fin,\n"))
        .collect();
    let import = admin.request(Method::POST, &format!("{LIST}/import"));
    let import = import.bytes("text/csv", format!("path,location,note\n{rows}"));
    assert_eq!(import.send().await.expect(200).json["created_count"], 1400);
    admin.edit(&article, json!({"slug": "deux"})).await.expect(200);
    admin.publish(&article).await.expect(200);
    for (path, expected) in [
        ("/vieux/0", "/news/deux 301"),
        ("/vieux/699", "/news/deux 301"),
        ("/vieux/350/fin", "/news/deux#fin 301"),
    ] {
        assert_eq!(led(&app, path).await, expected);
    }
    let left = admin.get(&format!("{LIST}?location=/news/un")).await.expect(200);
    assert_eq!(left.json["items"], json!([]));
    assert_eq!(listed(&admin, "/vieux/12").await["version"], 2);
}
