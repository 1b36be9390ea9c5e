//! Codings, ETags, 304, HEAD, and who gets no kept answer.

use std::io::Read;

use actix_web::http::Method;
use flate2::read::GzDecoder;
use serde_json::{Value, json};

use super::{ask, counted, made};
use crate::support::newsroom::newsroom;

/// A page that is long enough to be compressed.
const HOME: &str = "/v1/pages/home";

fn decoded(coding: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    match coding {
        "gzip" => drop(GzDecoder::new(body).read_to_end(&mut bytes).unwrap()),
        "br" => brotli::BrotliDecompress(&mut &*body, &mut bytes).unwrap(),
        "zstd" => bytes = zstd::decode_all(body).unwrap(),
        _ => bytes = body.to_vec(),
    }
    bytes
}

#[actix_web::test]
async fn every_form_of_an_answer_says_the_same_under_an_etag_of_its_own() {
    let (app, admin, section) = newsroom().await;
    for number in 0..5 {
        admin.published(&format!("Le port {number}"), &section).await;
    }
    for app in [app.clone(), app.without_cache().await] {
        let identity = ask(&app, HOME, &[]).await;
        assert_eq!(identity.header("content-encoding"), "");
        let tag = identity.header("etag").trim_matches('"').to_owned();
        for (accepted, coding, suffix) in [
            ("gzip", "gzip", "-gz"),
            ("zstd", "zstd", "-zs"),
            ("gzip;q=0.5, deflate", "gzip", "-gz"),
            ("identity", "", ""),
            ("deflate", "", ""),
        ] {
            let answer = ask(&app, HOME, &[("accept-encoding", accepted)]).await;
            assert_eq!(answer.header("content-encoding"), coding, "{accepted}");
            assert_eq!(answer.header("etag"), format!("\"{tag}{suffix}\""), "{accepted}");
            assert_eq!(answer.header("vary"), "Accept-Encoding", "{accepted}");
            assert_eq!(answer.header("content-type"), "application/json", "{accepted}");
            assert_eq!(decoded(coding, &answer.body), identity.body, "{accepted}");
            // Whoever has any form of it has it.
            let has = format!("W/{}", answer.header("etag"));
            let same = ask(&app, HOME, &[("accept-encoding", "br"), ("if-none-match", &has)]).await;
            assert_eq!((same.status, same.body.len()), (304, 0), "{accepted}");
            assert!(same.header("etag").contains(&tag), "{accepted}");
            for name in ["cache-control", "surrogate-key", "vary"] {
                assert_eq!(same.header(name), identity.header(name), "{accepted}: {name}");
            }
            assert_eq!(same.header("content-type"), "", "{accepted}");
        }
    }
    let brotli = ask(&app, HOME, &[("accept-encoding", "gzip, deflate, br, zstd")]).await;
    assert_eq!(brotli.header("content-encoding"), "br");
    let identity = ask(&app, HOME, &[]).await;
    assert_eq!(decoded("br", &brotli.body), identity.body);
    assert!(brotli.body.len() * 2 < identity.body.len());
}

#[actix_web::test]
async fn short_answers_and_errors_are_sent_as_they_are() {
    let (app, _admin, _section) = newsroom().await;
    for path in [
        "/v1/breaking",
        "/v1/articles/7",
        "/v1/nowhere",
        "/livez",
        "/v1/articles?limit=0",
    ] {
        let answer = ask(&app, path, &[("accept-encoding", "gzip, br")]).await;
        assert_eq!(answer.header("content-encoding"), "", "{path}");
        serde_json::from_slice::<Value>(&answer.body).unwrap_or_else(|_| panic!("{path}"));
    }
}

#[actix_web::test]
async fn an_answer_is_made_once_however_it_is_asked_for() {
    let (app, admin, section) = newsroom().await;
    admin.published("Le port", &section).await;
    let before = made(&app);
    let path = "/v1/articles?limit=5&section=%2Fnews";
    let first = ask(&app, path, &[]).await;
    for (same, headers) in [
        (path, &[][..]),
        ("/v1/articles?section=/news&limit=5", &[]),
        ("/v1/articles?limit=5&section=%2fnews", &[("accept-language", "en")]),
        (path, &[("accept-encoding", "gzip")]),
        (path, &[("authorization", "Bearer x")]),
        (path, &[("if-none-match", "\"x\"")]),
    ] {
        let answer = ask(&app, same, headers).await;
        assert_eq!(answer.status, 200, "{same}");
        assert_eq!(
            decoded(answer.header("content-encoding"), &answer.body),
            first.body,
            "{same}"
        );
    }
    let head = app.guest().request(Method::HEAD, path).send().await;
    assert_eq!(head.header("etag"), first.header("etag"));
    assert_eq!(made(&app), before + 1);
    // Another value is another answer.
    ask(&app, "/v1/articles?limit=6&section=%2Fnews", &[]).await;
    assert_eq!(made(&app), before + 2);
}

#[actix_web::test]
async fn what_is_made_is_counted_by_route() {
    let (app, admin, section) = newsroom().await;
    let ids = [
        admin.published("Le port", &section).await,
        admin.published("Le stade", &section).await,
    ];
    let of_route = |route: &str| counted(&app, &format!("masthead_cache_made_total{{route=\"{route}\"}}"));
    for _ in 0..3 {
        for id in &ids {
            ask(&app, &format!("/v1/articles/{id}"), &[]).await;
        }
        ask(&app, "/v1/articles?limit=5", &[]).await;
    }
    assert_eq!(
        [of_route("/v1/articles/{article_id}"), of_route("/v1/articles")],
        [2, 1]
    );
}

#[actix_web::test]
async fn what_only_the_desk_may_see_and_what_is_an_error_is_never_kept() {
    let (app, admin, section) = newsroom().await;
    let id = admin.draft("Le port", &section).await;
    let before = made(&app);
    let preview = admin
        .post(&format!("/v1/editorial/articles/{id}/preview-tokens"), json!({}))
        .await
        .expect(201);
    let token = preview.member("token").to_owned();
    for path in [
        format!("/v1/preview/{token}"),
        "/v1/captcha".to_owned(),
        "/v1/moderation-log".to_owned(),
        format!("/v1/articles/{id}"),
        "/livez".to_owned(),
        "/v1/editorial/me".to_owned(),
        "/sitemaps/sections.xml".to_owned(),
    ] {
        for _ in 0..2 {
            ask(&app, &path, &[]).await;
        }
    }
    // The sitemap of sections alone is one that may be kept.
    assert!(made(&app) <= before + 1, "{}", made(&app) - before);
}
