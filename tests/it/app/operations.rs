//! Health, problems, documents, and the edge that every request passes.

use actix_web::http::Method;
use masthead::access::auth::Permission;
use masthead::articles::model::{ArticleReview, ArticleState};
use masthead::articles::schedules::model::ScheduleKind;
use masthead::base::error::{Code, Language};
use masthead::comments::model::CommentState;
use masthead::editorial::workflow::Action;
use serde_json::json;

use crate::support::TestApp;

#[actix_web::test]
async fn it_lives_and_is_ready() {
    let app = TestApp::new().await;
    for path in ["/livez", "/readyz"] {
        assert_eq!(app.guest().get(path).await.expect(200).json, json!({"status": "ok"}));
    }
}

#[actix_web::test]
async fn an_unknown_path_is_a_problem_in_the_readers_language() {
    let app = TestApp::new().await;
    let french = app.guest().get("/nulle/part").await.problem(404, "not_found");
    assert_eq!(french.json["title"], "Introuvable");
    assert_eq!(french.header("content-language"), "fr");
    let english = app
        .guest()
        .request(Method::GET, "/nowhere")
        .header("accept-language", "en")
        .send()
        .await;
    assert_eq!(english.json["title"], "Not found");
    assert_eq!(english.json["instance"], "/nowhere");
}

#[actix_web::test]
async fn a_wrong_method_is_405_with_what_is_allowed() {
    let app = TestApp::new().await;
    let table = [
        (Method::DELETE, "/v1/articles", "GET, HEAD, OPTIONS"),
        (Method::GET, "/v1/editorial/auth/login", "OPTIONS, POST"),
        (
            Method::PUT,
            "/v1/editorial/tags/0197a3f2-5c1e-7b3a-9d2f-6a1b2c3d4e5f",
            "DELETE, GET, HEAD, OPTIONS, PATCH",
        ),
        (Method::POST, "/v1/articles/full", "GET, HEAD, OPTIONS"),
        (Method::POST, "/docs", "GET, HEAD, OPTIONS"),
    ];
    for (method, path, allow) in table {
        let answer = app
            .guest()
            .request(method, path)
            .send()
            .await
            .problem(405, "method_not_allowed");
        assert_eq!(answer.header("allow"), allow, "{path}");
    }
}

#[actix_web::test]
async fn a_request_id_is_kept_if_it_is_sound_and_made_if_not() {
    let app = TestApp::new().await;
    let with = |id: &'static str| {
        app.guest()
            .request(Method::GET, "/livez")
            .header("x-request-id", id)
            .send()
    };
    assert_eq!(with("abc-1.2_3").await.header("x-request-id"), "abc-1.2_3");
    assert_eq!(with("a b").await.header("x-request-id").len(), 36);
}

#[actix_web::test]
async fn headers_and_query_are_bounded() {
    let app = TestApp::new().await;
    let long = "x".repeat(33 * 1024);
    app.guest()
        .request(Method::GET, "/livez")
        .header("x-long", &long)
        .send()
        .await
        .problem(431, "headers_too_large");
    let query = format!("/v1/articles?section={}", "x".repeat(4096));
    app.guest().get(&query).await.problem(400, "query_too_long");
}

#[actix_web::test]
async fn an_unknown_parameter_is_told_with_those_that_are_allowed() {
    let app = TestApp::new().await;
    let answer = app
        .guest()
        .get("/v1/tags?colour=red")
        .await
        .problem(400, "unknown_parameter");
    assert!(
        answer.json["detail"]
            .as_str()
            .unwrap()
            .contains("kind, q, count, limit, cursor")
    );
}

#[actix_web::test]
async fn delivery_is_open_to_every_origin_and_the_desk_to_configured_ones() {
    let app = TestApp::new().await;
    let from = |path: &'static str, origin: &'static str| {
        app.guest().request(Method::GET, path).header("origin", origin).send()
    };
    assert_eq!(
        from("/v1/tags", "https://anywhere.test")
            .await
            .header("access-control-allow-origin"),
        "*"
    );
    assert_eq!(
        from("/v1/editorial/me", "https://anywhere.test")
            .await
            .header("access-control-allow-origin"),
        ""
    );
    let desk = from("/v1/editorial/me", "https://desk.lefanal.test").await;
    assert_eq!(desk.header("access-control-allow-origin"), "https://desk.lefanal.test");
    let preflight = app
        .guest()
        .request(Method::OPTIONS, "/v1/articles")
        .header("origin", "https://a.test")
        .send()
        .await
        .expect(204);
    assert_eq!(preflight.header("access-control-allow-methods"), "GET, HEAD, OPTIONS");
}

#[actix_web::test]
async fn every_problem_has_its_page_in_both_languages() {
    let app = TestApp::new().await;
    for code in masthead::base::error::Code::ALL {
        for language in ["fr", "en"] {
            let path = format!("/problems/{}", code.as_str());
            let page = app
                .guest()
                .request(Method::GET, &path)
                .header("accept-language", language)
                .send()
                .await
                .expect(200);
            assert_eq!(page.json["status"], code.status());
        }
    }
    app.guest().get("/problems/nonsense").await.problem(404, "not_found");
}

#[actix_web::test]
async fn the_page_of_the_documents_is_in_the_binary() {
    let app = TestApp::new().await;
    assert_eq!(app.guest().get("/docs").await.expect(308).header("location"), "/docs/");
    let page = app.guest().get("/docs/").await.expect(200);
    assert!(page.text.contains("swagger-ui"));
    let settings = app.guest().get("/docs/swagger-initializer.js").await.expect(200);
    assert!(settings.text.contains("/openapi/delivery.json") && settings.text.contains("/openapi/editorial.json"));
    assert!(
        settings.text.contains("\"validatorUrl\": \"none\""),
        "{}",
        settings.text
    );
}

#[actix_web::test]
async fn what_is_packed_in_the_binary_is_answered_as_the_client_takes_it() {
    let app = TestApp::new().await;
    for path in [
        "/openapi/delivery.json",
        "/openapi/editorial.json",
        "/docs/",
        "/docs/swagger-ui.css",
    ] {
        let plain = app.guest().get(path).await.expect(200);
        assert!(!plain.headers.contains_key("content-encoding"), "{path}");
        for (accepted, is_packed) in [
            ("gzip, deflate, br, zstd", true),
            ("identity", false),
            ("br", false),
            ("gzip;q=0", false),
            ("gzip;q=0.1, identity;q=0.9", false),
        ] {
            let request = app.guest().request(Method::GET, path);
            let answer = request.header("accept-encoding", accepted).send().await.expect(200);
            let coding = answer.headers.get("content-encoding");
            assert_eq!(
                coding.is_some_and(|coding| coding == "gzip"),
                is_packed,
                "{path} {accepted}"
            );
            assert_eq!(answer.header("vary"), "Accept-Encoding", "{path} {accepted}");
            assert!(answer.text == plain.text, "{path} {accepted}");
        }
        for (held, status) in [(plain.header("etag"), 304), ("*", 304), ("\"another\"", 200)] {
            let request = app.guest().request(Method::GET, path);
            let answer = request.header("if-none-match", held).send().await.expect(status);
            assert_eq!(answer.header("etag"), plain.header("etag"), "{path} {held}");
            assert_eq!(answer.text.is_empty(), status == 304, "{path} {held}");
        }
    }
    for (face, path) in [
        ("delivery", "/openapi/delivery.json"),
        ("editorial", "/openapi/editorial.json"),
    ] {
        let committed = std::fs::read_to_string(format!("openapi/{face}.json")).unwrap();
        assert!(app.guest().get(path).await.text == committed, "{face}");
    }
    app.guest().get("/docs/nothing.js").await.problem(404, "not_found");
}

#[actix_web::test]
async fn a_host_that_can_be_none_is_refused() {
    let app = TestApp::new().await;
    for (host, status) in [
        ("www.lefanal.test", 200),
        ("localhost:8080", 200),
        ("[2001:db8::1]:8080", 200),
        ("a b/../", 400),
        ("lefanal.test/x", 400),
        ("user@lefanal.test", 400),
    ] {
        let answer = app
            .guest()
            .request(Method::GET, "/livez")
            .header("host", host)
            .send()
            .await;
        assert_eq!(answer.status, status, "{host}: {}", answer.text);
        if status == 400 {
            answer.problem(400, "invalid_header");
        }
    }
}

#[test]
fn no_word_of_ours_stands_in_a_french_sentence() {
    let permissions: Vec<String> = Permission::ALL
        .iter()
        .map(|permission| format!("{permission:?}"))
        .collect();
    let permissions: Vec<&str> = permissions.iter().map(String::as_str).collect();
    for (code, name, words) in [
        (Code::InvalidState, "action", Action::WORDS),
        (Code::InvalidState, "state", ArticleState::WORDS),
        (Code::InvalidState, "review", ArticleReview::WORDS),
        (Code::AlreadyDecided, "state", CommentState::WORDS),
        (Code::CommentNotApproved, "state", CommentState::WORDS),
        (Code::AlreadyScheduled, "kind", ScheduleKind::WORDS),
        (Code::Forbidden, "permission", &permissions),
    ] {
        for word in words.iter().filter(|word| **word != "spam") {
            let said = code.detail().render(Language::French, &[(name, (*word).to_owned())]);
            let mut said_words = said.split(|c: char| !c.is_alphanumeric() && c != '_');
            assert!(!said_words.any(|said| said == *word), "{said}");
        }
    }
}
