//! Keys that the site's login publishes itself.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::FutureExt;
use masthead::access::entitlements::jwks::KeyFetcher;
use masthead::base::outgoing::guard::AllowedNetworks;
use serde_json::{Value, json};

use super::Gate;
use super::entitlements::{ISSUER, Issuer, assembled};

/// A server that gives the same answer to everybody until it is told another.
struct Login {
    port: u16,
    answer: Arc<Mutex<String>>,
}

impl Login {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let login = Self {
            port: listener.local_addr().unwrap().port(),
            answer: Arc::default(),
        };
        let answer = login.answer.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                // Whoever asked may have gone, and what is too long is not read to its end.
                let _read = stream.read(&mut [0; 1024]);
                let _written = stream.write_all(answer.lock().unwrap().as_bytes());
            }
        });
        login
    }

    fn answers(&self, status: &str, body: &str) {
        let length = body.len();
        let answer = format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}");
        *self.answer.lock().unwrap() = answer;
    }

    fn publishes(&self, keys: &[Value]) {
        self.answers("200 OK", &json!({"keys": keys}).to_string());
    }

    /// A gate whose site knows where the login publishes its keys, and what fetches them.
    async fn gate(&self, access: &str) -> (Gate, KeyFetcher) {
        let gate = Gate::new(access).await;
        let url = format!("http://127.0.0.1:{}/jwks.json", self.port);
        let app = gate.app.trusting(&json!([{"issuer": ISSUER, "jwks_url": url}])).await;
        let fetcher = KeyFetcher::new(app.state.entitlements.clone(), &networks(&["127.0.0.0/8"]));
        (Gate { app, ..gate }, fetcher.unwrap().unwrap())
    }
}

fn networks(allowed: &[&str]) -> AllowedNetworks {
    AllowedNetworks(allowed.iter().map(|network| network.parse().unwrap()).collect())
}

#[actix_web::test]
async fn a_login_changes_its_keys_and_nobody_here_does_anything() {
    let login = Login::new();
    let (gate, fetcher) = login.gate("registered").await;
    let keys = [("a", "EdDSA"), ("b", "ES256"), ("c", "RS256")].map(|(kid, alg)| Issuer::new(ISSUER, kid, alg));
    let (first, next) = (&keys[..2], &keys[1..]);
    let tokens = keys.each_ref().map(|key| key.token(&gate.app, "registered"));
    assert!(!gate.is_opened_by(&tokens[0]).await, "nothing was fetched");
    login.publishes(&first.iter().map(Issuer::jwk).collect::<Vec<_>>());
    assert!(fetcher.fetch().await);
    // What was named before it was known is told once.
    gate.app.state.entitlements.unknown().now_or_never().unwrap();
    for (token, opens) in tokens.iter().zip([true, true, false]) {
        assert_eq!(gate.is_opened_by(token).await, opens);
    }
    let unknown = || gate.app.state.entitlements.unknown().now_or_never();
    assert!(unknown().is_some(), "a key that nobody has seen");
    login.publishes(&next.iter().map(Issuer::jwk).collect::<Vec<_>>());
    assert!(fetcher.fetch().await);
    for (token, opens) in tokens.iter().zip([false, true, true]) {
        assert_eq!(gate.is_opened_by(token).await, opens);
    }
    // Who signs for another is nobody here.
    let other = Issuer::new("https://kiosque.test", "b", "ES256");
    login.publishes(&[other.jwk()]);
    assert!(fetcher.fetch().await);
    assert!(!gate.is_opened_by(&other.token(&gate.app, "registered")).await);
}

#[actix_web::test]
async fn a_login_that_fails_keeps_its_keys() {
    let login = Login::new();
    let (gate, fetcher) = login.gate("registered").await;
    let key = Issuer::new(ISSUER, "a", "EdDSA");
    let token = key.token(&gate.app, "registered");
    login.publishes(&[key.jwk()]);
    assert!(fetcher.fetch().await);
    let good = json!({"keys": [key.jwk()]}).to_string();
    let endless = format!("{}{good}", " ".repeat(300 * 1024));
    for (status, body) in [
        ("500 Internal Server Error", good.as_str()),
        ("302 Found", good.as_str()),
        ("404 Not Found", ""),
        ("200 OK", ""),
        ("200 OK", "<html>"),
        ("200 OK", "[]"),
        ("200 OK", r#"{"keys": []}"#),
        ("200 OK", r#"{"keys": ["a", null, {}]}"#),
        ("200 OK", endless.as_str()),
    ] {
        login.answers(status, body);
        assert!(!fetcher.fetch().await, "{status} {}", body.len());
        assert_eq!(gate.app.state.entitlements.failing(), 1);
        assert!(gate.is_opened_by(&token).await, "{status} {}", body.len());
    }
    login.answers("200 OK", &good);
    assert!(fetcher.fetch().await);
    assert_eq!(gate.app.state.entitlements.failing(), 0);
}

#[actix_web::test]
async fn only_keys_that_sign_readers_tokens_are_taken_from_a_set() {
    let login = Login::new();
    let (gate, fetcher) = login.gate("registered").await;
    let good = Issuer::new(ISSUER, "good", "ES256");
    let secret = b"a secret that is published is none";
    let shared = json!({"kty": "oct", "kid": "shared", "alg": "HS256", "k": URL_SAFE_NO_PAD.encode(secret)});
    let changed = |kid: &'static str, algorithm: &'static str, member: &str, value: Value| {
        let issuer = Issuer::new(ISSUER, kid, algorithm);
        let mut key = issuer.jwk();
        key[member] = value;
        (issuer, key)
    };
    let short = URL_SAFE_NO_PAD.encode([0xC1; 128]);
    let bad = [
        changed("encrypts", "RS256", "use", json!("enc")),
        changed("other", "RS256", "alg", json!("PS256")),
        changed("crossed", "EdDSA", "alg", json!("ES256")),
        changed("unheard", "ES256", "alg", json!("ES256K1")),
        changed("curve", "ES256", "crv", json!("P-384")),
        changed("nameless", "ES256", "kid", Value::Null),
        changed("empty", "ES256", "kid", json!("")),
        changed("short", "RS256", "n", json!(short)),
    ];
    let well = [
        changed("signs", "RS256", "use", json!("sig")),
        changed("said", "EdDSA", "alg", json!("EdDSA")),
        changed("chained", "ES256", "x5c", json!(["MIIB"])),
    ];
    let set: Vec<Value> = bad.iter().chain(&well).map(|(_, key)| key.clone()).collect();
    login.publishes(&[set, vec![shared, good.jwk()]].concat());
    assert!(fetcher.fetch().await);
    assert!(gate.is_opened_by(&good.token(&gate.app, "registered")).await);
    for (issuer, key) in &well {
        assert!(gate.is_opened_by(&issuer.token(&gate.app, "registered")).await, "{key}");
    }
    for (issuer, key) in &bad {
        assert!(
            !gate.is_opened_by(&issuer.token(&gate.app, "registered")).await,
            "{key}"
        );
    }
    let hmac = hmac::Key::new(hmac::HMAC_SHA256, secret);
    let forged = assembled(
        &json!({"alg": "HS256", "kid": "shared"}),
        &good.claims(&gate.app, "registered"),
        |text| hmac::sign(&hmac, text).as_ref().to_vec(),
    );
    assert!(!gate.is_opened_by(&forged).await);
}

#[actix_web::test]
async fn a_login_is_asked_where_everybody_can_reach_it() {
    let gate = Gate::new("registered").await;
    for (url, allowed, refused) in [
        ("https://compte.lefanal.test/jwks", vec![], None),
        ("http://compte.lefanal.test/jwks", vec![], Some("it has no TLS")),
        ("https://127.0.0.1/jwks", vec![], Some("its address is not public")),
        (
            "https://169.254.169.254/jwks",
            vec!["10.0.0.0/8"],
            Some("its address is not public"),
        ),
        ("http://10.1.2.3/jwks", vec!["10.0.0.0/8"], None),
        (
            "https://awa@compte.lefanal.test/jwks",
            vec![],
            Some("its URL names a user"),
        ),
        ("not a url", vec![], Some("invalid uri")),
    ] {
        let app = gate.app.trusting(&json!([{"issuer": ISSUER, "jwks_url": url}])).await;
        let made = KeyFetcher::new(app.state.entitlements.clone(), &networks(&allowed));
        let said = made.err();
        match refused {
            None => assert_eq!(said, None, "{url}"),
            Some(part) => assert!(said.as_ref().is_some_and(|said| said.contains(part)), "{url}: {said:?}"),
        }
    }
    let none = KeyFetcher::new(gate.app.state.entitlements.clone(), &networks(&[]));
    assert!(
        none.unwrap().is_none(),
        "where no issuer publishes keys nothing is fetched"
    );
}
