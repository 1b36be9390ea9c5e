//! Whoever brings a token that the site's login signed reads whole what it opens, and no other token opens anything.

use actix_web::http::Method;
use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
};
use aws_lc_rs::{error, hmac};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use masthead::access::auth::Role;
use serde_json::{Value, json};

use super::{Door, Gate, HIDDEN};
use crate::support::{Answer, DAY, PUBLIC_URL, TestApp};

/// The site's login, and another that the site trusts too.
pub(super) const ISSUER: &str = "https://compte.lefanal.test";
const OTHER_ISSUER: &str = "https://kiosque.test";

enum PrivateKey {
    Ed(Ed25519KeyPair),
    Ec(EcdsaKeyPair),
    Rsa(RsaKeyPair),
}

/// Who signs, with one key.
pub(super) struct Issuer {
    name: &'static str,
    kid: &'static str,
    algorithm: &'static str,
    private: PrivateKey,
}

impl Issuer {
    pub(super) fn new(name: &'static str, kid: &'static str, algorithm: &'static str) -> Self {
        let private = match algorithm {
            "EdDSA" => PrivateKey::Ed(Ed25519KeyPair::generate().unwrap()),
            "ES256" => PrivateKey::Ec(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap()),
            _ => PrivateKey::Rsa(RsaKeyPair::generate(KeySize::Rsa2048).unwrap()),
        };
        Self {
            name,
            kid,
            algorithm,
            private,
        }
    }

    pub(super) fn public_der(&self) -> Vec<u8> {
        let der: Result<PublicKeyX509Der<'static>, error::Unspecified> = match &self.private {
            PrivateKey::Ed(pair) => pair.public_key().as_der(),
            PrivateKey::Ec(pair) => pair.public_key().as_der(),
            PrivateKey::Rsa(pair) => pair.public_key().as_der(),
        };
        der.unwrap().as_ref().to_vec()
    }

    /// The key as the issuer publishes it.
    pub(super) fn jwk(&self) -> Value {
        let (der, base64) = (self.public_der(), |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes));
        let mut key = match &self.private {
            PrivateKey::Ed(_) => json!({"kty": "OKP", "crv": "Ed25519", "x": base64(&der[der.len() - 32..])}),
            PrivateKey::Ec(_) => {
                let (x, y) = der[der.len() - 64..].split_at(32);
                json!({"kty": "EC", "crv": "P-256", "x": base64(x), "y": base64(y)})
            }
            // What ends it is the exponent, 65537, in five bytes.
            PrivateKey::Rsa(_) => {
                let modulus = &der[der.len() - 5 - 256..der.len() - 5];
                json!({"kty": "RSA", "n": base64(modulus), "e": "AQAB"})
            }
        };
        key["kid"] = json!(self.kid);
        key
    }

    fn pem(&self) -> String {
        let base64 = STANDARD.encode(self.public_der());
        let lines: Vec<&str> = base64
            .as_bytes()
            .chunks(64)
            .map(|line| str::from_utf8(line).unwrap())
            .collect();
        format!(
            "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
            lines.join("\n")
        )
    }

    /// The key as operators write it.
    fn written(&self) -> Value {
        json!({"issuer": self.name, "kid": self.kid, "algorithm": self.algorithm, "public_key_pem": self.pem()})
    }

    fn head(&self) -> Value {
        json!({"alg": self.algorithm, "kid": self.kid, "typ": "JWT"})
    }

    fn sign(&self, head: &Value, claims: &Value) -> String {
        assembled(head, claims, |text| match &self.private {
            PrivateKey::Ed(pair) => pair.sign(text).as_ref().to_vec(),
            PrivateKey::Ec(pair) => pair.sign(&SystemRandom::new(), text).unwrap().as_ref().to_vec(),
            PrivateKey::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text, &mut signature)
                    .unwrap();
                signature
            }
        })
    }

    /// A good token of an hour.
    pub(super) fn token(&self, app: &TestApp, access: &str) -> String {
        self.sign(&self.head(), &self.claims(app, access))
    }

    pub(super) fn claims(&self, app: &TestApp, access: &str) -> Value {
        json!({"iss": self.name, "aud": PUBLIC_URL, "exp": seconds(app) + 3_600, "masthead_access": access})
    }
}

pub(super) fn assembled(head: &Value, claims: &Value, sign: impl Fn(&[u8]) -> Vec<u8>) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let text = format!("{}.{}", part(head), part(claims));
    let signature = URL_SAFE_NO_PAD.encode(sign(text.as_bytes()));
    format!("{text}.{signature}")
}

fn seconds(app: &TestApp) -> i64 {
    app.now().millis() / 1_000
}

/// A gate whose site trusts these issuers.
async fn trusting(access: &str, issuers: &[&Issuer]) -> Gate {
    let gate = Gate::new(access).await;
    let keys: Vec<Value> = issuers.iter().map(|issuer| issuer.written()).collect();
    let app = gate.app.trusting(&json!(keys)).await;
    Gate { app, ..gate }
}

impl Gate {
    /// What somebody with this `Authorization` gets of the article.
    async fn read_with(&self, authorization: &str) -> Answer {
        let path = format!("/v1/articles/{}", self.id);
        let asking = self.app.guest().request(Method::GET, &path);
        asking.header("authorization", authorization).send().await.expect(200)
    }

    pub(super) async fn is_opened_by(&self, token: &str) -> bool {
        let answer = self.read_with(&format!("Bearer {token}")).await;
        let is_whole = answer.text.contains(HIDDEN);
        assert_eq!(answer.json["is_truncated"], json!(!is_whole));
        assert_eq!(answer.header("cache-control") == "private, no-store", is_whole);
        is_whole
    }
}

#[actix_web::test]
async fn each_door_opens_to_whom_the_article_is_for() {
    let issuer = Issuer::new(ISSUER, "2026", "EdDSA");
    for access in ["free", "registered", "subscribers"] {
        let gate = trusting(access, &[&issuer]).await;
        for tier in ["", "registered", "subscribers"] {
            let is_entitled = access == tier || (access, tier) == ("registered", "subscribers");
            let reader = match tier {
                "" => gate.app.guest(),
                tier => gate.app.guest().with_token(&issuer.token(&gate.app, tier)),
            };
            for (door, kind) in gate.doors() {
                let answer = reader.get(&door).await.expect(200);
                let expected = match kind {
                    Door::Article => access == "free" || is_entitled,
                    Door::Feed => access == "free",
                    Door::Beside => false,
                };
                let said = format!("{access} to {tier:?} at {door}: {}", answer.text);
                assert_eq!(answer.text.contains(HIDDEN), expected, "{said}");
                let (cache, vary) = (answer.header("cache-control"), answer.header("vary"));
                match (kind, access) {
                    (Door::Article, "free") | (Door::Feed, _) => {
                        assert!(cache.starts_with("public,"), "{said}");
                        assert_eq!(vary, "Accept-Encoding", "{said}");
                    }
                    (Door::Article, _) => {
                        assert_eq!(cache == "private, no-store", is_entitled, "{cache}: {said}");
                        assert!(is_entitled || cache.starts_with("public,"), "{cache}: {said}");
                        assert_eq!(answer.header("surrogate-key").is_empty(), is_entitled, "{said}");
                        assert_eq!(vary, "Accept-Encoding, Authorization", "{said}");
                    }
                    (Door::Beside, _) => assert!(!cache.contains("private") || is_entitled, "{cache}: {said}"),
                }
            }
        }
    }
}

#[actix_web::test]
async fn a_whole_article_has_all_that_goes_with_its_body() {
    let issuer = Issuer::new(ISSUER, "2026", "EdDSA");
    let gate = trusting("subscribers", &[&issuer]).await;
    let token = issuer.token(&gate.app, "subscribers");
    let whole = gate.read_with(&format!("bearer {token}")).await;
    assert_eq!(whole.json["blocks"].as_array().unwrap().len(), 4);
    assert_eq!(whole.json["linked_articles"].as_array().unwrap().len(), 1);
    // The ETag of the one form is not that of the other.
    let preview = gate
        .app
        .guest()
        .get(&format!("/v1/articles/{}", gate.id))
        .await
        .expect(200);
    assert_ne!(preview.header("etag"), whole.header("etag"));
}

#[actix_web::test]
async fn every_algorithm_that_may_be_named_opens() {
    for algorithm in ["EdDSA", "ES256", "RS256"] {
        let issuer = Issuer::new(ISSUER, "2026", algorithm);
        let gate = trusting("registered", &[&issuer]).await;
        assert!(
            gate.is_opened_by(&issuer.token(&gate.app, "registered")).await,
            "{algorithm}"
        );
        // The public key is no secret: what is signed with it as if it were one opens nothing.
        for secret in [issuer.pem().into_bytes(), issuer.public_der()] {
            let key = hmac::Key::new(hmac::HMAC_SHA256, &secret);
            let head = json!({"alg": "HS256", "kid": "2026"});
            let claims = issuer.claims(&gate.app, "registered");
            let forged = assembled(&head, &claims, |text| hmac::sign(&key, text).as_ref().to_vec());
            assert!(!gate.is_opened_by(&forged).await, "{algorithm}");
        }
        for other in ["EdDSA", "ES256", "RS256", "RS512", "PS256"]
            .into_iter()
            .filter(|other| *other != algorithm)
        {
            let head = json!({"alg": other, "kid": "2026"});
            let claims = issuer.claims(&gate.app, "registered");
            assert!(
                !gate.is_opened_by(&issuer.sign(&head, &claims)).await,
                "{algorithm} as {other}"
            );
        }
    }
}

#[actix_web::test]
async fn a_token_is_worth_what_its_claims_say_here_and_now() {
    let issuer = Issuer::new(ISSUER, "2026", "EdDSA");
    let gate = trusting("registered", &[&issuer]).await;
    let now = seconds(&gate.app);
    for (member, value, opens) in [
        ("exp", json!(now + 1), true),
        ("exp", json!(now + DAY), true),
        ("exp", json!(now + DAY + 1), false),
        ("exp", json!(now), false),
        ("exp", json!(now - 3_600), false),
        ("exp", json!(i64::MIN), false),
        ("exp", json!(i64::MAX), false),
        ("exp", json!((now + 60).to_string()), false),
        ("exp", Value::Null, false),
        ("nbf", json!(now + 60), true),
        ("nbf", json!(now + 61), false),
        ("aud", json!(["https://ailleurs.test", PUBLIC_URL]), true),
        ("aud", json!("https://ailleurs.test"), false),
        ("aud", json!(format!("{PUBLIC_URL}/")), false),
        ("aud", json!([]), false),
        ("aud", Value::Null, false),
        ("iss", json!("https://ailleurs.test"), false),
        ("iss", Value::Null, false),
        ("masthead_access", json!("subscribers"), true),
        ("masthead_access", json!("free"), false),
        ("masthead_access", json!("Registered"), false),
        ("masthead_access", json!(["registered"]), false),
        ("masthead_access", Value::Null, false),
        ("sub", json!("lecteur-7"), true),
        ("pad", json!("x".repeat(2_000)), true),
        ("pad", json!("x".repeat(4_000)), false),
    ] {
        let mut claims = issuer.claims(&gate.app, "registered");
        claims[member] = value.clone();
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(member);
        }
        let token = issuer.sign(&issuer.head(), &claims);
        assert_eq!(gate.is_opened_by(&token).await, opens, "{member}: {value}");
    }
    let token = issuer.token(&gate.app, "registered");
    gate.app.clock.advance_seconds(3_599);
    assert!(gate.is_opened_by(&token).await);
    gate.app.clock.advance_seconds(1);
    assert!(!gate.is_opened_by(&token).await, "its time is over");
}

#[actix_web::test]
async fn what_nobody_trusted_signed_opens_nothing() {
    let issuer = Issuer::new(ISSUER, "2026", "EdDSA");
    let stranger = Issuer::new(ISSUER, "2026", "EdDSA");
    let gate = trusting("registered", &[&issuer]).await;
    let claims = issuer.claims(&gate.app, "registered");
    let good = issuer.token(&gate.app, "registered");
    let head = |change: Value| {
        let mut head = issuer.head();
        head.as_object_mut()
            .unwrap()
            .extend(change.as_object().unwrap().clone());
        issuer.sign(&head, &claims)
    };
    let (text, signature) = good.split_at(good.rfind('.').unwrap());
    let (first, _) = good.split_once('.').unwrap();
    let dearer = URL_SAFE_NO_PAD.encode(issuer.claims(&gate.app, "subscribers").to_string());
    for token in [
        stranger.token(&gate.app, "registered"),
        head(json!({"kid": "2025"})),
        issuer.sign(&json!({"alg": "EdDSA"}), &claims),
        head(json!({"crit": ["exp"]})),
        assembled(&json!({"alg": "none", "kid": "2026"}), &claims, |_| Vec::new()),
        assembled(&json!({"alg": "None", "kid": "2026"}), &claims, |_| Vec::new()),
        format!("{text}."),
        text.to_owned(),
        format!("{first}.{dearer}{signature}"),
        format!("{good}."),
        format!("{good}x"),
        "..".to_owned(),
        String::new(),
        gate.admin.token.clone().unwrap(),
    ] {
        assert!(!gate.is_opened_by(&token).await, "{token}");
    }
    for authorization in [
        format!("Basic {good}"),
        good.clone(),
        format!("Bearer  {good} x"),
        "Bearer".to_owned(),
    ] {
        let answer = gate.read_with(&authorization).await;
        assert!(!answer.text.contains(HIDDEN), "{authorization}");
    }
    // Where no key is known no token opens anything.
    let closed = gate.app.trusting(&json!([])).await;
    let answer = closed
        .guest()
        .with_token(&good)
        .get(&format!("/v1/articles/{}", gate.id))
        .await;
    assert!(!answer.expect(200).text.contains(HIDDEN));
    assert!(gate.is_opened_by(&good).await);
}

#[actix_web::test]
async fn issuers_whose_keys_have_one_name_are_told_apart() {
    let issuers = [
        Issuer::new(ISSUER, "1", "EdDSA"),
        Issuer::new(OTHER_ISSUER, "1", "ES256"),
        Issuer::new(ISSUER, "2", "EdDSA"),
    ];
    let gate = trusting("registered", &issuers.each_ref()).await;
    for issuer in &issuers {
        assert!(gate.is_opened_by(&issuer.token(&gate.app, "registered")).await);
        let mut claims = issuer.claims(&gate.app, "registered");
        claims["iss"] = json!(if issuer.name == ISSUER { OTHER_ISSUER } else { ISSUER });
        assert!(
            !gate.is_opened_by(&issuer.sign(&issuer.head(), &claims)).await,
            "in another's name"
        );
    }
}

#[actix_web::test]
async fn an_api_token_opens_what_it_was_made_for_where_its_owner_reads_everything() {
    let gate = Gate::new("subscribers").await;
    let app = &gate.app;
    let one = |word: &str| json!([{"permission": word}]);
    let section = gate
        .admin
        .get(&format!("/v1/editorial/articles/{}", gate.id))
        .await
        .json["section_id"]
        .clone();
    let local = app.user_in(Role::Publisher, section.as_str().unwrap());
    for (owner, word, opens) in [
        (&gate.admin, "articles:read_full", true),
        (&gate.admin, "articles:read", false),
        (&app.user(Role::Analyst), "articles:read_full", true),
        // Neither reads everything at the desk.
        (&local, "articles:read_full", false),
        (&app.user(Role::Journalist), "articles:read_full", false),
        (&app.user(Role::Moderator), "articles:read_full", false),
    ] {
        let (id, machine) = owner.api_token(one(word)).await;
        for (door, kind) in gate.doors() {
            let answer = machine.get(&door).await.expect(200);
            let expected = opens && kind == Door::Article;
            assert_eq!(
                answer.text.contains(HIDDEN),
                expected,
                "{word} at {door}: {}",
                answer.text
            );
            if kind == Door::Article {
                assert_eq!(
                    answer.header("cache-control") == "private, no-store",
                    opens,
                    "{word} at {door}"
                );
            }
        }
        let path = format!("/v1/editorial/tokens/{id}");
        owner.request(Method::DELETE, &path).send().await.expect(204);
        for (door, _) in gate.doors() {
            machine.get(&door).await.problem(401, "unauthenticated");
        }
    }
}
