//! What is read most, as an editor says it.

use masthead::access::auth::Role;
use masthead::base::clock::Time;
use masthead::base::ids::ArticleId;
use masthead::published::most_read::{HourlyViews, RankRefresh, store};
use serde_json::{Value, json};

use crate::support::newsroom::{UNKNOWN_ID, newsroom};
use crate::support::{Answer, Client, TestApp};

const MOST_READ: &str = "/v1/editorial/most-read";

/// An article that is read most by the count of views, and two that an editor may put in its place.
struct Paper {
    app: TestApp,
    admin: Client,
    section: String,
    counted: String,
    port: String,
    market: String,
}

impl Paper {
    async fn new() -> Self {
        let (app, admin, section) = newsroom().await;
        let counted = admin.published("Compté", &section).await;
        let views = HourlyViews {
            article_id: ArticleId::parse(&counted).unwrap(),
            hour: Time::parse("2026-11-23T08:00:00Z").unwrap(),
            view_count: 1_000,
        };
        app.db()
            .write_blocking(move |conn| store::add_views(conn, &[views]))
            .unwrap();
        let paper = Self {
            port: admin.published("Le port", &section).await,
            market: admin.published("Le marché", &section).await,
            app,
            admin,
            section,
            counted,
        };
        paper.rank().await;
        paper
    }

    async fn rank(&self) {
        RankRefresh::default().step(self.app.db()).await.unwrap();
    }

    async fn send(&self, window: &str, articles: Value) -> Answer {
        let body = json!({"window": window, "articles": articles});
        self.admin.renewed().put(MOST_READ, body).await
    }

    async fn listed(&self, window: &str) -> Vec<String> {
        let list = format!("/v1/most-read?window={window}");
        self.app.guest().get(&list).await.expect(200).items("id")
    }
}

#[actix_web::test]
async fn an_editors_articles_stand_until_they_are_as_old_as_their_window() {
    for (window, seconds) in [("1h", 3_600), ("24h", 24 * 3_600), ("7d", 7 * 24 * 3_600)] {
        let paper = Paper::new().await;
        let chosen = json!([{"path": "/news/le-marche"}, {"article_id": paper.port}]);
        let answer = paper.send(window, chosen).await.expect(200);
        let until = paper.app.now().plus_seconds(seconds).to_string();
        assert_eq!(
            answer.json,
            json!({"window": window, "expires_at": until, "articles": [
                {"article_id": paper.market, "path": "/news/le-marche"},
                {"article_id": paper.port, "path": "/news/le-port"}]})
        );
        let others = ["1h", "24h", "7d"].into_iter().filter(|other| *other != window);
        for other in others {
            assert_eq!(
                paper.listed(other).await,
                std::slice::from_ref(&paper.counted),
                "{other} beside {window}"
            );
        }
        let both = [paper.market.clone(), paper.port.clone()];
        assert_eq!(paper.listed(window).await, both);
        paper.app.clock.advance_seconds(seconds - 1);
        assert_eq!(paper.listed(window).await, both);
        paper.app.clock.advance_seconds(1);
        assert_eq!(paper.listed(window).await, std::slice::from_ref(&paper.counted));
        // They are swept up with the next ranks, which are those of this moment.
        paper.rank().await;
        let kept = paper
            .app
            .rows()
            .into_iter()
            .filter(|(table, _)| *table == "most_read_ranks");
        let mut rows = kept.filter(|(_, row)| row["time_window"] == window);
        assert!(rows.all(|(_, row)| row["is_chosen"] == json!(false) || row["is_chosen"] == json!(0)));
    }
}

#[actix_web::test]
async fn counting_goes_on_behind_an_editors_articles_and_stands_again_where_none_are_sent() {
    let paper = Paper::new().await;
    paper.send("24h", json!([{"article_id": paper.port}])).await.expect(200);
    paper.app.clock.advance_seconds(60);
    paper.rank().await;
    assert_eq!(paper.listed("24h").await, std::slice::from_ref(&paper.port));
    let answer = paper
        .send("24h", json!([{"article_id": paper.market}]))
        .await
        .expect(200);
    assert_eq!(
        answer.json["expires_at"],
        paper.app.now().plus_seconds(24 * 3_600).to_string()
    );
    assert_eq!(paper.listed("24h").await, std::slice::from_ref(&paper.market));
    let answer = paper.send("24h", json!([])).await.expect(200);
    let counted = json!([{"article_id": paper.counted, "path": "/news/compte"}]);
    assert_eq!(
        answer.json,
        json!({"window": "24h", "articles": counted, "expires_at": null})
    );
    assert_eq!(paper.listed("24h").await, std::slice::from_ref(&paper.counted));
}

#[actix_web::test]
async fn what_is_taken_off_after_an_editor_sent_it_is_not_shown() {
    let paper = Paper::new().await;
    let chosen = json!([{"article_id": paper.port}, {"article_id": paper.market}]);
    paper.send("24h", chosen).await.expect(200);
    paper.admin.take(&paper.port, "unpublish", json!({})).await.expect(200);
    assert_eq!(paper.listed("24h").await, std::slice::from_ref(&paper.market));
}

#[actix_web::test]
async fn a_path_may_be_written_as_analytics_write_it() {
    let paper = Paper::new().await;
    let version = paper
        .admin
        .version_of(&format!("/v1/editorial/articles/{}", paper.port))
        .await;
    let path = format!("/v1/editorial/articles/{}", paper.port);
    let moved = paper
        .admin
        .patch(&path, version, json!({"slug": "le-grand-port"}))
        .await;
    moved.expect(200);
    paper.admin.publish(&paper.port).await.expect(200);
    for written in [
        "/news/le-port",
        "/news/le-grand-port/",
        "/news/le-grand-port?utm_source=x#haut",
    ] {
        let answer = paper.send("1h", json!([{"path": written}])).await.expect(200);
        assert_eq!(answer.json["articles"][0]["article_id"], paper.port, "{written}");
        assert_eq!(answer.json["articles"][0]["path"], "/news/le-grand-port", "{written}");
    }
}

#[actix_web::test]
async fn what_readers_do_not_see_or_stands_there_twice_is_refused_at_its_place() {
    let paper = Paper::new().await;
    let draft = paper.admin.draft("Un brouillon", &paper.section).await;
    let retracted = paper.admin.published("Faux", &paper.section).await;
    let notice = json!({"notice": "Inexact."});
    paper.admin.take(&retracted, "retract", notice).await.expect(200);
    let (port, path) = (json!({"article_id": paper.port}), json!({"path": "/news/le-port"}));
    for (articles, expected) in [
        (
            json!([{"article_id": UNKNOWN_ID}]),
            vec![("/articles/0/article_id", "not_live")],
        ),
        (
            json!([port, {"article_id": draft}]),
            vec![("/articles/1/article_id", "not_live")],
        ),
        (
            json!([{"article_id": retracted}]),
            vec![("/articles/0/article_id", "not_live")],
        ),
        (
            json!([{"path": "/news/rien"}, {"path": "/news"}]),
            vec![("/articles/0/path", "not_live"), ("/articles/1/path", "not_live")],
        ),
        (
            json!([port, port, path]),
            vec![
                ("/articles/1/article_id", "duplicate"),
                ("/articles/2/path", "duplicate"),
            ],
        ),
        (
            json!([{"path": "news/le-port"}]),
            vec![("/articles/0/path", "not_live")],
        ),
        (json!([{}]), vec![("/articles/0/article_id", "required")]),
        (
            json!([{"article_id": draft, "path": "/news/le-port"}]),
            vec![("/articles/0/article_id", "not_live")],
        ),
        (
            json!([{"article_id": "x"}]),
            vec![("/articles/0/article_id", "invalid_format")],
        ),
        (
            json!([{"article_id": paper.port, "title": "x"}]),
            vec![("/articles/0/title", "unknown_field")],
        ),
        (json!(vec![port.clone(); 201]), vec![("/articles", "too_many")]),
        (json!(null), vec![("/articles", "required")]),
    ] {
        paper.send("24h", articles).await.invalid(&expected);
        assert_eq!(paper.listed("24h").await, std::slice::from_ref(&paper.counted));
    }
    paper
        .send("2h", json!([]))
        .await
        .invalid(&[("/window", "invalid_value")]);
}

#[actix_web::test]
async fn it_is_for_publishers_of_the_whole_site_and_the_audit_notes_it() {
    let paper = Paper::new().await;
    let body = json!({"window": "24h", "articles": [{"article_id": paper.port}]});
    let of_section = paper.app.user_in(Role::Publisher, &paper.section);
    of_section.put(MOST_READ, body.clone()).await.problem(403, "forbidden");
    let publisher = paper.app.user(Role::Publisher);
    publisher.put(MOST_READ, body).await.expect(200);
    let noted = paper
        .admin
        .get("/v1/editorial/audit?action=most_read.replace")
        .await
        .expect(200);
    let noted = noted.json["items"].as_array().unwrap();
    assert_eq!(noted.len(), 1);
    assert_eq!(
        (&noted[0]["target_kind"], &noted[0]["target_id"]),
        (&json!("most_read"), &json!("24h"))
    );
    assert_eq!(noted[0]["user_id"], publisher.user_id.unwrap().to_string());
}
