//! Which views count.

use actix_web::http::Method;

use super::{read_from, rows, viewing, written};
use crate::support::newsroom::{UNKNOWN_ID, newsroom};

#[actix_web::test]
async fn a_view_is_taken_whatever_is_sent_with_it() {
    let (app, admin, section) = newsroom().await;
    let live = admin.published("Le port", &section).await;
    let draft = admin.draft("Un brouillon", &section).await;
    for id in [live.as_str(), draft.as_str(), UNKNOWN_ID] {
        viewing(&app, id, [192, 0, 2, 1]).send().await.expect(204);
        for (media, body) in [
            ("text/plain;charset=UTF-8", "vu"),
            ("application/x-www-form-urlencoded", "a=1&b=2"),
            ("multipart/form-data; boundary=x", "--x--"),
            ("application/json", "{"),
            ("application/octet-stream", "\u{0}"),
            ("nonsense", ""),
        ] {
            let asking = viewing(&app, id, [192, 0, 2, 1]).bytes(media, body);
            let answer = asking
                .header("origin", "https://www.lefanal.test")
                .send()
                .await
                .expect(204);
            assert_eq!(answer.text, "");
            assert_eq!(answer.header("access-control-allow-origin"), "*");
            assert_eq!(answer.header("cache-control"), "no-store");
            for told in ["set-cookie", "ratelimit", "retry-after", "etag"] {
                assert_eq!(answer.header(told), "", "{told}");
            }
        }
        let long = |bytes: usize| {
            viewing(&app, id, [192, 0, 2, 1])
                .bytes("text/plain", vec![b'x'; bytes])
                .send()
        };
        long(1_024).await.expect(204);
        long(1_025).await.problem(413, "payload_too_large");
    }
    viewing(&app, "le-port", [192, 0, 2, 1])
        .send()
        .await
        .problem(404, "not_found");
    assert_eq!(written(&app).await, [(live, "2026-11-23T08:00:00.000Z".to_owned(), 1)]);
}

#[actix_web::test]
async fn pages_of_other_origins_may_send_views() {
    let (app, admin, section) = newsroom().await;
    let id = admin.published("Le port", &section).await;
    let asking = app
        .guest()
        .request(Method::OPTIONS, &format!("/v1/articles/{id}/views"));
    let asking = asking.header("origin", "https://www.lefanal.test");
    let asking = asking.header("access-control-request-method", "POST");
    let allowed = asking
        .header("access-control-request-headers", "content-type")
        .send()
        .await;
    let allowed = allowed.expect(204);
    assert_eq!(allowed.header("access-control-allow-origin"), "*");
    assert!(allowed.header("access-control-allow-methods").contains("POST"));
    assert!(allowed.header("access-control-allow-headers").contains("Content-Type"));
}

#[actix_web::test]
async fn a_network_counts_once_in_half_an_hour_in_the_hour_in_which_it_read() {
    let (app, admin, section) = newsroom().await;
    let id = admin.published("Le port", &section).await;
    let view = async |last| viewing(&app, &id, [192, 0, 2, last]).send().await.expect(204);
    app.clock.advance_seconds(40 * 60);
    view(1).await;
    view(1).await;
    view(2).await;
    app.clock.advance_seconds(30 * 60 - 1);
    view(1).await;
    let (eight, nine) = (
        "2026-11-23T08:00:00.000Z".to_owned(),
        "2026-11-23T09:00:00.000Z".to_owned(),
    );
    assert_eq!(written(&app).await, [(id.clone(), eight.clone(), 2)]);
    app.clock.advance_seconds(1);
    view(1).await;
    assert_eq!(written(&app).await, [(id.clone(), eight, 2), (id.clone(), nine, 1)]);
}

#[actix_web::test]
async fn of_one_network_twenty_articles_count_in_a_minute() {
    let (app, admin, section) = newsroom().await;
    let mut articles = Vec::new();
    for number in 0..25 {
        articles.push(admin.published(&format!("Article {number}"), &section).await);
    }
    let view_all = async || {
        for id in &articles {
            viewing(&app, id, [192, 0, 2, 1]).send().await.expect(204);
        }
    };
    view_all().await;
    assert_eq!(written(&app).await.len(), 20);
    app.clock.advance_seconds(60);
    view_all().await;
    assert_eq!(written(&app).await.len(), 25);
}

#[actix_web::test]
async fn who_does_not_want_to_be_followed_is_not_counted() {
    let (app, admin, section) = newsroom().await;
    let id = admin.published("Le port", &section).await;
    for (number, (header, value, count)) in (1..).zip([
        ("dnt", "1", 0),
        ("sec-gpc", "1", 0),
        ("dnt", "0", 1),
        ("sec-gpc", "0", 2),
        ("dnt", "null", 3),
    ]) {
        let asking = viewing(&app, &id, [192, 0, 2, number]).header(header, value);
        asking.send().await.expect(204);
        let views: i64 = written(&app).await.iter().map(|(_, _, views)| views).sum();
        assert_eq!(views, count, "{header}: {value}");
    }
}

#[actix_web::test]
async fn a_view_asks_nothing_of_the_database() {
    let (app, admin, section) = newsroom().await;
    let id = admin.published("Le port", &section).await;
    let ((), asked) = app.statements_of(read_from(&app, &id, 3)).await;
    assert_eq!(asked, Vec::<String>::new());
    assert_eq!(rows(&app), []);
}

#[actix_web::test]
async fn nothing_in_the_database_says_who_read() {
    let (app, admin, section) = newsroom().await;
    let id = admin.published("Le port", &section).await;
    let asking = viewing(&app, &id, [203, 0, 113, 77]);
    asking.header("user-agent", "Zqxjkwvh/1.0").send().await.expect(204);
    assert_eq!(written(&app).await.len(), 1);
    for (table, row) in app.rows() {
        let row = row.to_string();
        assert!(
            !row.contains("203.0.113.77") && !row.contains("Zqxjkwvh"),
            "{table}: {row}"
        );
    }
}
