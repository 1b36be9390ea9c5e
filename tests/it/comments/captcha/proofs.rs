//! Proofs of work, and what a form gets for each kind of captcha.

use std::net::IpAddr;

use actix_web::http::Method;
use masthead::base::error::{Code, Language};
use masthead::base::ids::ArticleId;
use masthead::comments::captcha::providers::ProviderName;
use masthead::comments::captcha::{Captcha, CaptchaCheck, CaptchaSettings};
use serde_json::{Value, json};

use super::{PROOF, SECRET, form_of, settings};
use crate::support::TestApp;
use crate::support::comments::solve;

#[actix_web::test]
async fn a_form_gets_work_that_its_solution_proves_for_its_article_until_it_expires() {
    let app = TestApp::new().await.asking_for(PROOF).await;
    let (article, captcha) = (ArticleId::new(), app.state.captcha.clone());
    let form = form_of(&app.guest(), article).await;
    assert_eq!(form["kind"], "proof_of_work");
    assert_eq!(form["proof"]["algorithm"], "SHA-256");
    assert_eq!(form["proof"]["maxnumber"], 200);
    let solution = solve(&form["proof"]);
    let check = async |article, now| captcha.check(Some(&solution), article, None, now).await;
    assert!(matches!(check(article, app.now()).await, CaptchaCheck::Passed(_)));
    assert_eq!(check(ArticleId::new(), app.now()).await, CaptchaCheck::Failed);
    assert_eq!(
        check(article, app.now().plus_seconds(20 * 60)).await,
        CaptchaCheck::Failed
    );
    // Every instance has the key, and nobody else.
    let elsewhere = app.another_instance().await.asking_for(PROOF).await.state.captcha;
    assert!(matches!(
        elsewhere.check(Some(&solution), article, None, app.now()).await,
        CaptchaCheck::Passed(_)
    ));
    let stranger = TestApp::new().await.asking_for(PROOF).await.state.captcha;
    assert_eq!(
        stranger.check(Some(&solution), article, None, app.now()).await,
        CaptchaCheck::Failed
    );
}

#[actix_web::test]
async fn what_is_missing_wrong_or_unasked_is_told_apart_in_both_languages() {
    let app = TestApp::new().await;
    let (article, now) = (ArticleId::new(), app.now());
    let none = app.state.captcha.check(Some("anything"), article, None, now).await;
    assert_eq!(none, CaptchaCheck::NotAsked);
    assert!(none.refusal().is_none());
    let captcha = Captcha::new(PROOF, &app.state.secrets).unwrap();
    let long = "A".repeat(100_000);
    for (solution, expected) in [
        (None, CaptchaCheck::Missing),
        (Some(""), CaptchaCheck::Missing),
        (Some("  "), CaptchaCheck::Missing),
        (Some("nonsense"), CaptchaCheck::Failed),
        (Some(long.as_str()), CaptchaCheck::Failed),
    ] {
        assert_eq!(captcha.check(solution, article, None, now).await, expected);
    }
    let table = [
        (
            CaptchaCheck::Missing,
            Code::CaptchaMissing,
            "Veuillez confirmer que vous n’êtes pas un robot.",
        ),
        (
            CaptchaCheck::Failed,
            Code::CaptchaFailed,
            "La vérification anti-robot a échoué. Veuillez réessayer.",
        ),
        (
            CaptchaCheck::ScoreTooLow { score: 0.1 },
            Code::CaptchaScoreTooLow,
            "Nous n’avons pas pu vérifier que vous n’êtes pas un robot. Veuillez réessayer.",
        ),
    ];
    for (check, code, french) in table {
        let refusal = check.refusal().unwrap();
        assert_eq!((refusal.code(), refusal.code().status()), (code, 422));
        assert_eq!(code.detail().render(Language::French, &[]), french);
    }
}

#[actix_web::test]
async fn the_form_gets_what_each_kind_needs_and_no_secret() {
    let app = TestApp::new().await;
    let article = ArticleId::new();
    let bare = article.as_str().replace('-', "");
    let table = [
        (
            ProviderName::RecaptchaV3,
            "recaptcha_v3",
            json!(format!("comment_{bare}")),
            Value::Null,
        ),
        (ProviderName::Hcaptcha, "hcaptcha", Value::Null, Value::Null),
        (ProviderName::Turnstile, "turnstile", json!("comment"), json!(article)),
    ];
    for (name, kind, action, cdata) in table {
        let app = app
            .asking_for(CaptchaSettings::Provider(settings(name, "http://none.test")))
            .await;
        let answer = app
            .guest()
            .get(&format!("/v1/captcha?article_id={article}"))
            .await
            .expect(200);
        assert_eq!(answer.header("cache-control"), "no-store");
        assert!(!answer.text.contains(SECRET));
        let form = answer.json;
        assert_eq!((&form["kind"], &form["site_key"]), (&json!(kind), &json!("site-key")));
        assert_eq!(
            (&form["action"], &form["cdata"], &form["proof"]),
            (&action, &cdata, &Value::Null)
        );
    }
    let none = form_of(&app.guest(), article).await;
    assert_eq!(
        (&none["kind"], &none["proof"], &none["site_key"]),
        (&json!("none"), &Value::Null, &Value::Null)
    );
    // Without an article there is a reader token and nothing to solve.
    let app = app.asking_for(PROOF).await;
    let answer = app.guest().get("/v1/captcha").await.expect(200);
    assert_eq!(
        (&answer.json["kind"], &answer.json["proof"]),
        (&json!("proof_of_work"), &Value::Null)
    );
    assert!(answer.json["reader_token"].is_string());
    let wrong = app.guest().get("/v1/captcha?article_id=nonsense").await;
    wrong.problem(400, "invalid_parameter");
}

#[actix_web::test]
async fn a_network_that_sends_much_is_given_more_work() {
    let app = TestApp::new().await.asking_for(PROOF).await;
    let article = ArticleId::new();
    // Requests made in process come from nowhere.
    let nowhere: IpAddr = "::".parse().unwrap();
    let other: IpAddr = "203.0.113.5".parse().unwrap();
    for _ in 0..40 {
        app.state
            .captcha
            .check(Some("wrong"), article, Some(other), app.now())
            .await;
    }
    assert_eq!(form_of(&app.guest(), article).await["proof"]["maxnumber"], 200);
    for expected in [800, 3200] {
        for _ in 0..if expected == 800 { 10 } else { 30 } {
            app.state
                .captcha
                .check(Some("wrong"), article, Some(nowhere), app.now())
                .await;
        }
        assert_eq!(form_of(&app.guest(), article).await["proof"]["maxnumber"], expected);
    }
    let solution = solve(&form_of(&app.guest(), article).await["proof"]);
    let check = app
        .state
        .captcha
        .check(Some(&solution), article, Some(nowhere), app.now())
        .await;
    assert!(matches!(check, CaptchaCheck::Passed(_)));
    app.clock.advance_seconds(3600);
    assert_eq!(form_of(&app.guest(), article).await["proof"]["maxnumber"], 200);
}

#[actix_web::test]
async fn pages_of_other_sites_may_ask() {
    let app = TestApp::new().await.asking_for(PROOF).await;
    let answer = app
        .guest()
        .request(Method::GET, &format!("/v1/captcha?article_id={}", ArticleId::new()))
        .header("origin", "https://www.lefanal.test")
        .send()
        .await
        .expect(200);
    assert_eq!(answer.header("access-control-allow-origin"), "*");
}
