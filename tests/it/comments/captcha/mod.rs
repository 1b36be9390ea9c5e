//! Captchas, against a server of our own that plays the providers, and solutions that are taken once
//! on any number of instances.

use std::io::{Read, Write};
use std::net::{IpAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use actix_web::http::Method;
use masthead::base::error::{Code, Language};
use masthead::base::ids::ArticleId;
use masthead::comments::captcha::providers::{ProviderName, ProviderSecret, ProviderSettings};
use masthead::comments::captcha::{Captcha, CaptchaCheck, CaptchaSettings, SolvedCaptcha, store};
use serde_json::{Value, json};

use crate::support::comments::solve;
use crate::support::{Client, TestApp};

const SECRET: &str = "geheim-4711";
const HOST: &str = "www.lefanal.test";
const PROOF: CaptchaSettings = CaptchaSettings::ProofOfWork { difficulty: 200 };

const NAMES: [ProviderName; 3] = [
    ProviderName::RecaptchaV3,
    ProviderName::Hcaptcha,
    ProviderName::Turnstile,
];

/// How the server behaves.
enum Plays {
    /// Answers this status and body.
    Answers(u16, String),
    /// Answers 200 with this body, once it hears that it may.
    Waits(String, Receiver<()>),
    /// Takes the request and says nothing until the client goes.
    Hangs,
    /// Begins its answer and says no more.
    Stalls,
    /// Never ends its body.
    Floods,
    /// Does not speak HTTP.
    Babbles,
    /// Sends the client elsewhere.
    Redirects,
}

/// A provider, and the forms that it was sent.
struct PlayedProvider {
    url: String,
    forms: Receiver<String>,
}

fn play(plays: Plays) -> PlayedProvider {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/siteverify", listener.local_addr().unwrap());
    let (send, forms) = channel();
    let here = url.clone();
    std::thread::spawn(move || {
        // One connection at a time, until the test ends.
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let Some(form) = read_form(&mut stream) else { continue };
            let _heard = send.send(form);
            // The client may go at any moment.
            let _written = answer(&mut stream, &plays, &here);
        }
    });
    PlayedProvider { url, forms }
}

/// The body of a request, whole.
fn read_form(stream: &mut TcpStream) -> Option<String> {
    let (mut text, mut buffer) = (String::new(), [0; 1024]);
    loop {
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let length = head.to_ascii_lowercase();
        let length = length
            .split("content-length: ")
            .nth(1)
            .and_then(|rest| rest.lines().next()?.parse().ok());
        if text.contains("\r\n\r\n") && length.is_some_and(|length: usize| body.len() >= length) {
            return Some(body.to_owned());
        }
        match stream.read(&mut buffer) {
            Ok(0) | Err(_) => return None,
            Ok(count) => text.push_str(std::str::from_utf8(&buffer[..count]).ok()?),
        }
    }
}

fn answer(stream: &mut TcpStream, plays: &Plays, here: &str) -> std::io::Result<()> {
    let whole = |status: u16, body: &str| {
        format!(
            "HTTP/1.1 {status} Said\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        )
    };
    let gone = |stream: &mut TcpStream| while stream.read(&mut [0; 64]).is_ok_and(|count| count > 0) {};
    match plays {
        Plays::Answers(status, body) => stream.write_all(whole(*status, body).as_bytes()),
        Plays::Waits(body, go) => {
            let _told = go.recv();
            stream.write_all(whole(200, body).as_bytes())
        }
        Plays::Hangs => {
            gone(stream);
            Ok(())
        }
        Plays::Stalls => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"success\": tr")?;
            gone(stream);
            Ok(())
        }
        Plays::Floods => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")?;
            loop {
                stream.write_all(b"400\r\n")?;
                stream.write_all(&[b' '; 0x400])?;
                stream.write_all(b"\r\n")?;
            }
        }
        Plays::Babbles => stream.write_all(b"220 mail.example.org ESMTP\r\n"),
        Plays::Redirects => stream.write_all(
            format!("HTTP/1.1 302 Found\r\nLocation: {here}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                .as_bytes(),
        ),
    }
}

fn settings(name: ProviderName, url: &str) -> ProviderSettings {
    let mut settings = ProviderSettings::new(
        name,
        "site-key".to_owned(),
        ProviderSecret::new(SECRET),
        vec![HOST.to_owned()],
    );
    url.clone_into(&mut settings.verify_url);
    settings
}

/// A provider's captcha at an address, by the clock and the secret of an application.
fn captcha(app: &TestApp, settings: ProviderSettings) -> Captcha {
    Captcha::new(CaptchaSettings::Provider(settings), &app.state.secrets).unwrap()
}

/// What a provider says of a token that is right in every way.
async fn yes(app: &TestApp, name: ProviderName, article: ArticleId) -> Value {
    let asking = app
        .asking_for(CaptchaSettings::Provider(settings(name, "http://none.test")))
        .await;
    let form = form_of(&asking.guest(), article).await;
    json!({"success": true, "hostname": HOST, "score": 0.9, "action": form["action"], "cdata": form["cdata"]})
}

async fn form_of(reader: &Client, article: ArticleId) -> Value {
    let path = format!("/v1/captcha?article_id={article}");
    reader.get(&path).await.expect(200).json
}

async fn check_with(app: &TestApp, name: ProviderName, plays: Plays, article: ArticleId) -> CaptchaCheck {
    let provider = play(plays);
    let mut settings = settings(name, &provider.url);
    // Long enough for a busy machine, except where nothing will ever come.
    settings.timeout = Duration::from_millis(1_500);
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
    settings.max_requests = 1;
    settings.timeout = Duration::from_secs(60);
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
            "La vérification anti-robot attribue à cette visite un score trop faible. Veuillez réessayer.",
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

async fn solved(app: &TestApp) -> SolvedCaptcha {
    let article = ArticleId::new();
    let captcha = Captcha::new(PROOF, &app.state.secrets).unwrap();
    let asking = app.asking_for(PROOF).await;
    let solution = solve(&form_of(&asking.guest(), article).await["proof"]);
    match captcha.check(Some(&solution), article, None, app.now()).await {
        CaptchaCheck::Passed(solved) => solved,
        other => panic!("{other:?}"),
    }
}

#[actix_web::test]
async fn of_many_who_spend_a_solution_at_once_on_two_instances_one_succeeds() {
    let app = TestApp::new().await;
    let instances = [app.db().clone(), app.another_instance().await.db().clone()];
    let now = app.now();
    for _ in 0..5 {
        let solved = solved(&app).await;
        let threads: Vec<_> = (0..12)
            .map(|n| {
                let (db, solved) = (instances[n % 2].clone(), solved.clone());
                std::thread::spawn(move || db.write_blocking(move |conn| solved.spend(conn, now)).unwrap())
            })
            .collect();
        let spent = threads.into_iter().map(|thread| thread.join().unwrap());
        assert_eq!(spent.filter(|is_first| *is_first).count(), 1);
    }
}

#[actix_web::test]
async fn a_solution_whose_write_came_to_nothing_is_not_spent() {
    let app = TestApp::new().await;
    let (solved, now) = (solved(&app).await, app.now());
    let spend = solved.clone();
    let failed = app.db().write_blocking(move |conn| {
        assert!(spend.spend(conn, now)?);
        Err::<(), _>(masthead::base::error::Error::not_found())
    });
    assert!(failed.is_err());
    let again = solved.clone();
    assert!(app.db().write_blocking(move |conn| again.spend(conn, now)).unwrap());
    assert!(!app.db().write_blocking(move |conn| solved.spend(conn, now)).unwrap());
}

#[actix_web::test]
async fn a_providers_token_is_taken_once_too() {
    let (app, article) = (TestApp::new().await, ArticleId::new());
    let name = ProviderName::Hcaptcha;
    let provider = play(Plays::Answers(200, yes(&app, name, article).await.to_string()));
    let captcha = captcha(&app, settings(name, &provider.url));
    let mut spent = Vec::new();
    // A provider that takes a token twice changes nothing.
    for token in ["token", " token", "other"] {
        let CaptchaCheck::Passed(solved) = captcha.check(Some(token), article, None, app.now()).await else {
            panic!("{token} did not pass");
        };
        let now = app.now();
        spent.push(app.db().write_blocking(move |conn| solved.spend(conn, now)).unwrap());
    }
    assert_eq!(spent, [true, false, true]);
}

#[actix_web::test]
async fn a_spent_solution_is_forgotten_only_when_it_is_no_longer_right_anyway() {
    let app = TestApp::new().await;
    let (solved, now) = (solved(&app).await, app.now());
    app.db().write_blocking(move |conn| solved.spend(conn, now)).unwrap();
    let forget = async |seconds| {
        let then = app.now().plus_seconds(seconds);
        app.db()
            .write_blocking(move |conn| store::forget_expired(conn, then))
            .unwrap()
    };
    assert_eq!(forget(20 * 60 + 1800).await, 0);
    assert_eq!(forget(20 * 60 + 3600).await, 1);
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
