//! reCAPTCHA v3, hCaptcha and Turnstile: the provider gets the token that its script gave the form, and answers what it
//! thinks of the reader. The answer is believed only if it is complete and names our site and, where the provider can
//! tie a token to something, this article:
//!
//! | provider | tied to the article by |
//! |---|---|
//! | reCAPTCHA v3 | the action, `comment_` and the id without hyphens |
//! | Turnstile | the action `comment` and the article's id as cdata |
//! | hCaptcha | nothing: it offers no such member |
//!
//! A clear no is [`CaptchaCheck::Failed`]. Anything else that goes wrong (the provider is down, slow or lies, or our
//! keys are wrong) is [`CaptchaCheck::Unavailable`]: the comment waits for a moderator; it is neither lost nor let
//! through.

use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde::Deserialize;

use super::CaptchaKind;
use crate::base::clock::Time;
use crate::base::error::Result;
use crate::base::http::client::Network;
use crate::base::ids::ArticleId;
use crate::base::outgoing::guard::AllowedNetworks;
use crate::base::outgoing::{OutgoingBounds, OutgoingClient, OutgoingError, OutgoingPost};
use crate::comments::captcha::{CaptchaCheck, CaptchaCheckFuture, CaptchaMethod, CaptchaRequirements, SolvedCaptcha};

/// What is done with the token, where a provider lets us name it.
const ACTION: &str = "comment";
/// Longer than any provider accepts its own token.
const TOKEN_SECONDS: i64 = 20 * 60;

/// How long a provider has.
const TIMEOUT: Duration = Duration::from_secs(3);
/// Requests on their way at once.
const MAX_REQUESTS: usize = 16;
/// Bytes of an answer at most.
const ANSWER_BYTES: u64 = 16 * 1024;

/// Who is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProviderName {
    /// Google reCAPTCHA v3.
    RecaptchaV3,
    /// hCaptcha.
    Hcaptcha,
    /// Cloudflare Turnstile.
    Turnstile,
}

impl ProviderName {
    /// Where its tokens are verified.
    pub fn url(self) -> &'static str {
        match self {
            Self::RecaptchaV3 => "https://www.google.com/recaptcha/api/siteverify",
            Self::Hcaptcha => "https://api.hcaptcha.com/siteverify",
            Self::Turnstile => "https://challenges.cloudflare.com/turnstile/v0/siteverify",
        }
    }

    fn kind(self) -> CaptchaKind {
        match self {
            Self::RecaptchaV3 => CaptchaKind::RecaptchaV3,
            Self::Hcaptcha => CaptchaKind::Hcaptcha,
            Self::Turnstile => CaptchaKind::Turnstile,
        }
    }

    fn action(self, article: ArticleId) -> Option<String> {
        match self {
            // Letters, digits, slashes and underscores.
            Self::RecaptchaV3 => Some(format!("{ACTION}_{}", article.as_str().replace('-', ""))),
            Self::Turnstile => Some(ACTION.to_owned()),
            Self::Hcaptcha => None,
        }
    }

    fn cdata(self, article: ArticleId) -> Option<String> {
        (self == Self::Turnstile).then(|| article.to_string())
    }
}

/// The secret by which a provider knows us; `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct ProviderSecret(String);

impl ProviderSecret {
    /// This secret.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl std::fmt::Debug for ProviderSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
}

/// What asking a provider needs.
#[derive(Clone, Debug)]
pub struct ProviderSettings {
    /// Who is asked.
    pub name: ProviderName,
    /// The public key, for the form.
    pub site_key: String,
    /// The secret, for the provider.
    pub secret: ProviderSecret,
    /// The least score of reCAPTCHA v3 that passes, from 0 to 1.
    pub threshold: f64,
    /// Host names of the pages that show the form, in lower case.
    pub hosts: Vec<String>,
    /// Where tokens are verified.
    pub verify_url: String,
    /// How it is asked.
    pub outgoing: OutgoingBounds,
}

impl ProviderSettings {
    /// The provider at its usual address, with the usual bounds and a threshold of one half.
    pub fn new(name: ProviderName, site_key: String, secret: ProviderSecret, hosts: Vec<String>) -> Self {
        Self {
            name,
            site_key,
            secret,
            threshold: 0.5,
            hosts,
            verify_url: name.url().to_owned(),
            outgoing: OutgoingBounds {
                allowed: AllowedNetworks::default(),
                timeout: TIMEOUT,
                max_requests: MAX_REQUESTS,
                needs_body: true,
                max_bytes: ANSWER_BYTES,
            },
        }
    }
}

/// The captcha of a provider.
pub struct Provider {
    settings: ProviderSettings,
    client: OutgoingClient,
    /// Whether the log already says that our keys are wrong.
    logged: AtomicBool,
}

/// What a provider says about a token, as far as we read it.
#[derive(Deserialize)]
struct ProviderAnswer {
    success: bool,
    score: Option<f64>,
    action: Option<String>,
    hostname: Option<String>,
    cdata: Option<String>,
    #[serde(rename = "error-codes")]
    error_codes: Option<Vec<String>>,
}

/// What follows from an answer.
#[derive(Clone, Copy, Debug, PartialEq)]
enum ProviderVerdict {
    Passed,
    Failed,
    ScoreTooLow(f64),
    Unclear(&'static str),
}

/// Our own settings are wrong, says the provider.
const MISCONFIGURED: &str = "misconfigured";

/// Codes by which a provider says that the token is to blame.
const TOKEN_CODES: &[&str] = &[
    "missing-input-response",
    "invalid-input-response",
    "timeout-or-duplicate",
    "expired-input-response",
    "already-seen-response",
    "invalid-or-already-seen-response",
    "browser-error",
];

/// Codes by which a provider says that our keys are to blame.
const OUR_CODES: &[&str] = &[
    "missing-input-secret",
    "invalid-input-secret",
    "invalid-keys",
    "sitekey-secret-mismatch",
    "not-using-dummy-secret",
    "not-using-dummy-passcode",
    "missing-sitekey",
    "invalid-sitekey",
];

impl Provider {
    /// The captcha of these settings.
    pub fn new(settings: ProviderSettings) -> Self {
        let client = OutgoingClient::new("captcha", settings.outgoing.clone());
        Self {
            settings,
            client,
            logged: AtomicBool::new(false),
        }
    }

    async fn ask_provider(&self, token: &str, article: ArticleId, remote: Option<IpAddr>, now: Time) -> CaptchaCheck {
        let accept = ("accept", "application/json".to_owned());
        let form = ("content-type", "application/x-www-form-urlencoded".to_owned());
        let post = OutgoingPost {
            url: self.settings.verify_url.clone(),
            headers: vec![form, accept],
            body: self.form(token, remote),
        };
        let verdict = match self.client.post(post).await {
            Ok(reply) => judge(&self.settings, reply.status, &reply.body, article),
            Err(OutgoingError::Busy) => ProviderVerdict::Unclear("busy"),
            Err(OutgoingError::Timeout) => ProviderVerdict::Unclear("timeout"),
            Err(OutgoingError::Unreachable | OutgoingError::Refused(_)) => ProviderVerdict::Unclear("unreachable"),
            Err(OutgoingError::TooLong) => ProviderVerdict::Unclear("unreadable_answer"),
        };
        self.log(verdict);
        let kind = self.settings.name.kind();
        match verdict {
            ProviderVerdict::Passed => {
                CaptchaCheck::Passed(SolvedCaptcha::new(kind, token, now.plus_seconds(TOKEN_SECONDS)))
            }
            ProviderVerdict::Failed => CaptchaCheck::Failed,
            ProviderVerdict::ScoreTooLow(score) => CaptchaCheck::ScoreTooLow { score },
            ProviderVerdict::Unclear(reason) => CaptchaCheck::Unavailable { reason },
        }
    }

    fn form(&self, token: &str, remote: Option<IpAddr>) -> String {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("secret", &self.settings.secret.0);
        form.append_pair("response", token);
        if let Some(remote) = remote {
            form.append_pair("remoteip", &remote.to_string());
        }
        if self.settings.name == ProviderName::Hcaptcha {
            form.append_pair("sitekey", &self.settings.site_key);
        }
        form.finish()
    }

    /// Wrong keys are logged once, as an error, until an answer shows that they were put right.
    fn log(&self, verdict: ProviderVerdict) {
        let kind = self.settings.name.kind();
        match verdict {
            ProviderVerdict::Unclear(MISCONFIGURED) if !self.logged.swap(true, Ordering::Relaxed) => {
                log::error!("{kind} refuses MASTHEAD_CAPTCHA_SECRET or _SITE_KEY: comments wait for moderators");
            }
            ProviderVerdict::Unclear(MISCONFIGURED) => {}
            ProviderVerdict::Unclear(reason) => log::warn!("{kind} could not be asked: {reason}"),
            _ => self.logged.store(false, Ordering::Relaxed),
        }
    }
}

impl CaptchaMethod for Provider {
    fn kind(&self) -> CaptchaKind {
        self.settings.name.kind()
    }

    fn site_key(&self) -> Option<&str> {
        Some(&self.settings.site_key)
    }

    fn ask(&self, article: Option<ArticleId>, _: Network, _: Time) -> Result<CaptchaRequirements> {
        let name = self.settings.name;
        Ok(CaptchaRequirements {
            proof: None,
            site_key: Some(self.settings.site_key.clone()),
            action: article.and_then(|article| name.action(article)),
            cdata: article.and_then(|article| name.cdata(article)),
        })
    }

    fn check<'a>(
        &'a self,
        solution: &'a str,
        article: ArticleId,
        remote: Option<IpAddr>,
        now: Time,
    ) -> CaptchaCheckFuture<'a> {
        Box::pin(self.ask_provider(solution, article, remote, now))
    }
}

/// What follows from what a provider answered.
fn judge(settings: &ProviderSettings, status: u16, body: &[u8], article: ArticleId) -> ProviderVerdict {
    if !matches!(status, 200..=299 | 400..=428 | 430..=499) {
        return ProviderVerdict::Unclear("provider_error");
    }
    let Ok(answer) = serde_json::from_slice::<ProviderAnswer>(body) else {
        return ProviderVerdict::Unclear("unreadable_answer");
    };
    if !answer.success {
        return refused(&answer.error_codes.unwrap_or_default());
    }
    if status >= 300 {
        return ProviderVerdict::Unclear("provider_error");
    }
    if !is_our_host(settings, answer.hostname.as_deref()) {
        return ProviderVerdict::Unclear("other_host");
    }
    let name = settings.name;
    if name.action(article).is_some_and(|action| answer.action != Some(action)) {
        return ProviderVerdict::Unclear("other_action");
    }
    if name.cdata(article).is_some_and(|cdata| answer.cdata != Some(cdata)) {
        return ProviderVerdict::Unclear("other_article");
    }
    match answer.score {
        _ if name != ProviderName::RecaptchaV3 => ProviderVerdict::Passed,
        Some(score) if !(0.0..=1.0).contains(&score) => ProviderVerdict::Unclear("unreadable_answer"),
        Some(score) if score < settings.threshold => ProviderVerdict::ScoreTooLow(score),
        Some(_) => ProviderVerdict::Passed,
        None => ProviderVerdict::Unclear("unreadable_answer"),
    }
}

/// The token is refused only if no code blames anything else: a code that we do not know may be about anything.
fn refused(codes: &[String]) -> ProviderVerdict {
    let all_in = |known: &[&str]| codes.iter().all(|code| known.contains(&code.as_str()));
    if codes.iter().any(|code| OUR_CODES.contains(&code.as_str())) {
        ProviderVerdict::Unclear(MISCONFIGURED)
    } else if all_in(TOKEN_CODES) {
        ProviderVerdict::Failed
    } else {
        ProviderVerdict::Unclear("provider_error")
    }
}

/// hCaptcha leaves the host out when it is busy, and sends `not-provided` instead.
fn is_our_host(settings: &ProviderSettings, host: Option<&str>) -> bool {
    match host {
        Some("not-provided") => settings.name == ProviderName::Hcaptcha,
        Some(host) => settings.hosts.iter().any(|ours| ours.eq_ignore_ascii_case(host)),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn settings(name: ProviderName) -> ProviderSettings {
        let hosts = vec!["www.lefanal.test".to_owned()];
        ProviderSettings::new(name, "site-key".to_owned(), ProviderSecret::new("geheim"), hosts)
    }

    fn full(name: ProviderName, article: ArticleId) -> Value {
        json!({"success": true, "hostname": "www.lefanal.test", "score": 0.9, "action": name.action(article),
            "cdata": name.cdata(article), "challenge_ts": "2026-01-01T00:00:00Z", "error-codes": []})
    }

    #[test]
    fn every_answer_has_its_verdict() {
        use ProviderName::{Hcaptcha, RecaptchaV3, Turnstile};
        use ProviderVerdict::{Failed, Passed, ScoreTooLow, Unclear};
        let article = ArticleId::new();
        let table: &[(&[ProviderName], &str, Value, ProviderVerdict)] = &[
            (&[RecaptchaV3, Hcaptcha, Turnstile], "success", json!(true), Passed),
            (&[RecaptchaV3, Hcaptcha, Turnstile], "success", json!(false), Failed),
            (
                &[RecaptchaV3, Hcaptcha, Turnstile],
                "success",
                json!("true"),
                Unclear("unreadable_answer"),
            ),
            (
                &[RecaptchaV3, Hcaptcha, Turnstile],
                "success",
                Value::Null,
                Unclear("unreadable_answer"),
            ),
            (
                &[RecaptchaV3, Hcaptcha, Turnstile],
                "hostname",
                json!("evil.test"),
                Unclear("other_host"),
            ),
            (
                &[RecaptchaV3, Hcaptcha, Turnstile],
                "hostname",
                json!("WWW.LeFanal.test"),
                Passed,
            ),
            (
                &[RecaptchaV3, Hcaptcha, Turnstile],
                "hostname",
                Value::Null,
                Unclear("other_host"),
            ),
            (
                &[RecaptchaV3, Turnstile],
                "hostname",
                json!("not-provided"),
                Unclear("other_host"),
            ),
            (&[Hcaptcha], "hostname", json!("not-provided"), Passed),
            (
                &[RecaptchaV3, Turnstile],
                "action",
                json!("login"),
                Unclear("other_action"),
            ),
            (
                &[RecaptchaV3, Turnstile],
                "action",
                Value::Null,
                Unclear("other_action"),
            ),
            (&[Hcaptcha], "action", json!("login"), Passed),
            (&[Turnstile], "cdata", json!(ArticleId::new()), Unclear("other_article")),
            (&[Turnstile], "cdata", Value::Null, Unclear("other_article")),
            (
                &[RecaptchaV3],
                "action",
                json!(RecaptchaV3.action(ArticleId::new())),
                Unclear("other_action"),
            ),
            (&[RecaptchaV3], "score", json!(0.5), Passed),
            (&[RecaptchaV3], "score", json!(0.49), ScoreTooLow(0.49)),
            (&[RecaptchaV3], "score", json!(0), ScoreTooLow(0.0)),
            (&[RecaptchaV3], "score", json!(17), Unclear("unreadable_answer")),
            (&[RecaptchaV3], "score", Value::Null, Unclear("unreadable_answer")),
            (&[Hcaptcha, Turnstile], "score", json!(0.1), Passed),
        ];
        for (names, member, value, expected) in table {
            for name in *names {
                let mut answer = full(*name, article);
                answer[*member] = value.clone();
                let body = answer.to_string();
                let verdict = judge(&settings(*name), 200, body.as_bytes(), article);
                assert_eq!(verdict, *expected, "{name:?} {member} {value}");
            }
        }
    }

    #[test]
    fn a_refusal_is_the_tokens_only_where_the_provider_says_so() {
        let table: &[(&[&str], ProviderVerdict)] = &[
            (&[], ProviderVerdict::Failed),
            (&["invalid-input-response"], ProviderVerdict::Failed),
            (&["timeout-or-duplicate"], ProviderVerdict::Failed),
            (
                &["already-seen-response", "expired-input-response"],
                ProviderVerdict::Failed,
            ),
            (&["invalid-input-secret"], ProviderVerdict::Unclear(MISCONFIGURED)),
            (
                &["invalid-input-response", "missing-input-secret"],
                ProviderVerdict::Unclear(MISCONFIGURED),
            ),
            (&["sitekey-secret-mismatch"], ProviderVerdict::Unclear(MISCONFIGURED)),
            (&["internal-error"], ProviderVerdict::Unclear("provider_error")),
            (&["bad-request"], ProviderVerdict::Unclear("provider_error")),
            (&["a-code-of-next-year"], ProviderVerdict::Unclear("provider_error")),
        ];
        for (codes, expected) in table {
            let body = json!({"success": false, "error-codes": codes}).to_string();
            for status in [200, 400] {
                let settings = settings(ProviderName::Turnstile);
                assert_eq!(
                    judge(&settings, status, body.as_bytes(), ArticleId::new()),
                    *expected,
                    "{codes:?}"
                );
            }
        }
    }

    #[test]
    fn a_yes_with_a_status_that_says_no_is_no_yes() {
        let article = ArticleId::new();
        let body = full(ProviderName::Turnstile, article).to_string();
        for status in [100, 301, 302, 400, 404, 429, 500, 503] {
            let verdict = judge(&settings(ProviderName::Turnstile), status, body.as_bytes(), article);
            assert_eq!(verdict, ProviderVerdict::Unclear("provider_error"), "{status}");
        }
    }

    #[test]
    fn an_action_is_one_that_the_provider_takes_and_the_secret_never_prints() {
        let action = ProviderName::RecaptchaV3.action(ArticleId::new()).unwrap();
        assert!(action.len() <= 100 && action.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'));
        let shown = format!("{:?}", settings(ProviderName::Turnstile));
        assert!(!shown.contains("geheim") && shown.contains("site-key"), "{shown}");
    }
}
