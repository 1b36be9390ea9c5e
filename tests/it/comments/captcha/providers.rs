//! Captchas of others, against a server of our own that plays the providers: what each is asked, and what comes of
//! its answer, its silence and its lies.

use std::net::{IpAddr, TcpListener};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use masthead::base::ids::ArticleId;
use masthead::comments::captcha::CaptchaCheck;
use masthead::comments::captcha::providers::ProviderName;
use serde_json::{Value, json};

use super::{Plays, SECRET, captcha, play, settings, yes};
use crate::support::TestApp;

const NAMES: [ProviderName; 3] = [
    ProviderName::RecaptchaV3,
    ProviderName::Hcaptcha,
    ProviderName::Turnstile,
];

async fn check_with(app: &TestApp, name: ProviderName, plays: Plays, article: ArticleId) -> CaptchaCheck {
    let provider = play(plays);
    let mut settings = settings(name, &provider.url);
    // Long enough for a busy machine, except where nothing will ever come.
    settings.outgoing.timeout = Duration::from_millis(1_500);
    captcha(app, settings)
        .check(Some("token"), article, None, app.now())
        .await
}

fn unavailable(reason: &'static str) -> CaptchaCheck {
    CaptchaCheck::Unavailable { reason }
}

#[actix_web::test]
async fn a_provider_that_says_yes_of_our_site_and_article_passes_and_is_asked_in_its_own_words() {
    let (app, article) = (TestApp::new().await, ArticleId::new());
    for name in NAMES {
        let provider = play(Plays::Answers(200, yes(&app, name, article).await.to_string()));
        let captcha = captcha(&app, settings(name, &provider.url));
        let remote: IpAddr = "203.0.113.5".parse().unwrap();
        let check = captcha
            .check(Some(" a token+ "), article, Some(remote), app.now())
            .await;
        assert!(matches!(check, CaptchaCheck::Passed(_)), "{name:?}: {check:?}");
        let form = provider.forms.recv().unwrap();
        let mut expected = format!("secret={SECRET}&response=a+token%2B&remoteip=203.0.113.5");
        if name == ProviderName::Hcaptcha {
            expected.push_str("&sitekey=site-key");
        }
        assert_eq!(form, expected);
    }
}

#[actix_web::test]
async fn a_clear_no_fails_and_a_low_score_is_told_as_such() {
    let (app, article) = (TestApp::new().await, ArticleId::new());
    for name in NAMES {
        let no = json!({"success": false, "error-codes": ["invalid-input-response"]});
        let check = check_with(&app, name, Plays::Answers(200, no.to_string()), article).await;
        assert_eq!(check, CaptchaCheck::Failed, "{name:?}");
    }
    let mut low = yes(&app, ProviderName::RecaptchaV3, article).await;
    low["score"] = json!(0.3);
    let plays = Plays::Answers(200, low.to_string());
    let check = check_with(&app, ProviderName::RecaptchaV3, plays, article).await;
    assert_eq!(check, CaptchaCheck::ScoreTooLow { score: 0.3 });
}

#[actix_web::test]
async fn a_provider_that_is_down_slow_or_lies_neither_passes_nor_fails() {
    let (app, article) = (TestApp::new().await, ArticleId::new());
    let name = ProviderName::Turnstile;
    let good = yes(&app, name, article).await;
    let but = |member: &str, value: Value| {
        let mut answer = good.clone();
        answer[member] = value;
        Plays::Answers(200, answer.to_string())
    };
    let wrong_secret = json!({"success": false, "error-codes": ["invalid-input-secret"]});
    let long = format!("{}{}", good, " ".repeat(100_000));
    let table = [
        (Plays::Answers(500, good.to_string()), "provider_error"),
        (Plays::Answers(503, "<html>".to_owned()), "provider_error"),
        (Plays::Redirects, "provider_error"),
        (Plays::Answers(200, "<html>".to_owned()), "unreadable_answer"),
        (Plays::Answers(200, String::new()), "unreadable_answer"),
        (Plays::Answers(200, "{}".to_owned()), "unreadable_answer"),
        (Plays::Answers(200, long), "unreadable_answer"),
        (Plays::Floods, "unreadable_answer"),
        (Plays::Hangs, "timeout"),
        (Plays::Stalls, "timeout"),
        (Plays::Babbles, "unreachable"),
        (but("hostname", json!("evil.test")), "other_host"),
        (but("action", json!("login")), "other_action"),
        (but("cdata", json!(ArticleId::new())), "other_article"),
        (but("cdata", Value::Null), "other_article"),
        (but("hostname", Value::Null), "other_host"),
        (Plays::Answers(200, wrong_secret.to_string()), "misconfigured"),
    ];
    for (number, (plays, reason)) in table.into_iter().enumerate() {
        let check = check_with(&app, name, plays, article).await;
        assert_eq!(check, unavailable(reason), "case {number}");
        assert!(check.refusal().is_none());
    }
}

#[actix_web::test]
async fn a_provider_that_refuses_the_connection_or_speaks_no_tls_is_unreachable() {
    let (app, article) = (TestApp::new().await, ArticleId::new());
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let plain = play(Plays::Babbles).url.replace("http://", "https://");
    for url in [
        format!("http://{closed}/"),
        plain,
        "https://nowhere.invalid/".to_owned(),
    ] {
        let captcha = captcha(&app, settings(ProviderName::Hcaptcha, &url));
        let began = Instant::now();
        let check = captcha.check(Some("token"), article, None, app.now()).await;
        let gave_up = [unavailable("unreachable"), unavailable("timeout")];
        assert!(gave_up.contains(&check), "{url}: {check:?}");
        assert!(began.elapsed() < Duration::from_secs(10), "{url}");
    }
}

#[actix_web::test]
async fn a_slow_provider_holds_a_bounded_number_of_requests() {
    let (app, article) = (TestApp::new().await, ArticleId::new());
    let name = ProviderName::Hcaptcha;
    let (go, may_go) = channel();
    let provider = play(Plays::Waits(yes(&app, name, article).await.to_string(), may_go));
    let mut settings = settings(name, &provider.url);
    settings.outgoing.max_requests = 1;
    settings.outgoing.timeout = Duration::from_secs(60);
    let captcha = captcha(&app, settings);
    let (first, now) = (captcha.clone(), app.now());
    let waiting = actix_web::rt::spawn(async move { first.check(Some("one"), article, None, now).await });
    // The first is on its way once the provider has its form.
    let forms = provider.forms;
    let form = actix_web::rt::task::spawn_blocking(move || forms.recv().unwrap())
        .await
        .unwrap();
    assert!(form.contains("response=one"));
    assert_eq!(
        captcha.check(Some("two"), article, None, now).await,
        unavailable("busy")
    );
    go.send(()).unwrap();
    assert!(matches!(waiting.await.unwrap(), CaptchaCheck::Passed(_)));
    go.send(()).unwrap();
    assert!(matches!(
        captcha.check(Some("three"), article, None, now).await,
        CaptchaCheck::Passed(_)
    ));
}
