//! Captchas: how a reader proves to be one before a comment is taken.
//!
//! A form asks ([`endpoints`], `GET /v1/captcha`) and sends a solution with the comment. [`Captcha::check`] looks at it
//! before the write, since it may ask the network; [`SolvedCaptcha::spend`] takes it inside the write, so that no
//! instance takes it again ([`store`]). Which kind is asked for is a setting. All implement one trait,
//! [`CaptchaMethod`]: [`proof`] (work that the browser does, more for networks that send much: [`busy_networks`]) and
//! [`providers`] (reCAPTCHA, hCaptcha, Turnstile, asked by [`base::outgoing`](crate::base::outgoing)).

use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;

use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::error::{Error, FieldCode, FieldError, Result};
use crate::base::http::client::Network;
use crate::base::ids::ArticleId;
use crate::base::limits;
use crate::base::secrets::{Secrets, sha256};

pub mod busy_networks;
pub mod endpoints;
pub mod proof;
pub mod providers;
pub mod store;

use proof::{Proof, ProofChallenge};
use providers::{Provider, ProviderSettings};

crate::word_type! {
    /// How a reader proves to be one.
    CaptchaKind {
        /// By work that the browser does: ALTCHA's scheme, without a third party.
        ProofOfWork = "proof_of_work",
        /// Google reCAPTCHA v3: a score.
        RecaptchaV3 = "recaptcha_v3",
        /// hCaptcha.
        Hcaptcha = "hcaptcha",
        /// Cloudflare Turnstile.
        Turnstile = "turnstile",
        /// Nothing to prove.
        None = "none",
    }
}

/// The kind that is asked for, and what it needs.
#[derive(Clone, Debug)]
pub enum CaptchaSettings {
    /// Nothing is asked.
    None,
    /// Work, whose number lies between 0 and this.
    ProofOfWork {
        /// The `maxnumber` of a network that is not busy.
        difficulty: u32,
    },
    /// A provider is asked.
    Provider(ProviderSettings),
}

/// What a form needs for one kind of captcha; what the kind does not use is `None`.
#[derive(Clone, Debug, Default)]
pub struct CaptchaRequirements {
    /// The work to do.
    pub proof: Option<ProofChallenge>,
    /// The provider's public key.
    pub site_key: Option<String>,
    /// The action to name to the provider.
    pub action: Option<String>,
    /// The data to give to the provider.
    pub cdata: Option<String>,
}

/// A check on its way.
pub type CaptchaCheckFuture<'a> = Pin<Box<dyn Future<Output = CaptchaCheck> + 'a>>;

/// A kind of captcha: what it asks a form for, and how it checks what comes back.
pub trait CaptchaMethod: Send + Sync {
    /// Which kind it is.
    fn kind(&self) -> CaptchaKind;

    /// The provider's public key; `None` where no provider is asked.
    fn site_key(&self) -> Option<&str>;

    /// What the form of an article needs, for a reader on this network.
    ///
    /// # Errors
    /// 500 when the system gives no random bytes.
    fn ask(&self, article: Option<ArticleId>, network: Network, now: Time) -> Result<CaptchaRequirements>;

    /// Looks at a solution that is there and not too long.
    fn check<'a>(
        &'a self,
        solution: &'a str,
        article: ArticleId,
        remote: Option<IpAddr>,
        now: Time,
    ) -> CaptchaCheckFuture<'a>;
}

/// The captcha of this process. Clones are the same one.
#[derive(Clone)]
pub struct Captcha(Option<Arc<dyn CaptchaMethod>>);

impl Captcha {
    /// The captcha of these settings.
    ///
    /// # Errors
    /// 500 when no key can be derived.
    pub fn new(settings: CaptchaSettings, secrets: &Secrets) -> Result<Self> {
        Ok(Self(match settings {
            CaptchaSettings::None => None,
            CaptchaSettings::ProofOfWork { difficulty } => Some(Arc::new(Proof::new(secrets, difficulty)?)),
            CaptchaSettings::Provider(settings) => Some(Arc::new(Provider::new(settings))),
        }))
    }

    /// Which kind it is.
    pub fn kind(&self) -> CaptchaKind {
        self.0.as_ref().map_or(CaptchaKind::None, |method| method.kind())
    }

    /// The provider's public key; `None` where no provider is asked.
    pub fn site_key(&self) -> Option<&str> {
        self.0.as_ref().and_then(|method| method.site_key())
    }

    /// What the form of an article needs, for a reader on this network.
    ///
    /// # Errors
    /// 500 when the system gives no random bytes.
    pub fn ask(&self, article: Option<ArticleId>, network: Network, now: Time) -> Result<CaptchaRequirements> {
        match &self.0 {
            Some(method) => method.ask(article, network, now),
            None => Ok(CaptchaRequirements::default()),
        }
    }

    /// Looks at what a form sent. Call it before the write: a provider may be asked, for at most
    /// three seconds.
    pub async fn check(
        &self,
        solution: Option<&str>,
        article: ArticleId,
        remote: Option<IpAddr>,
        now: Time,
    ) -> CaptchaCheck {
        let Some(method) = &self.0 else {
            return CaptchaCheck::NotAsked;
        };
        match solution.map(str::trim).filter(|solution| !solution.is_empty()) {
            None => CaptchaCheck::Missing,
            Some(solution) if solution.len() > limits::CAPTCHA => CaptchaCheck::Failed,
            Some(solution) => method.check(solution, article, remote, now).await,
        }
    }
}

/// What came of checking a captcha.
#[derive(Clone, Debug, PartialEq)]
pub enum CaptchaCheck {
    /// No captcha is asked for.
    NotAsked,
    /// It is right, unless it was used before.
    Passed(SolvedCaptcha),
    /// There is none.
    Missing,
    /// It is wrong, of another article, or too old.
    Failed,
    /// The provider doubts the reader.
    ScoreTooLow {
        /// From 0, surely a robot, to 1.
        score: f64,
    },
    /// Nobody can tell: the comment waits for a moderator.
    Unavailable {
        /// Why, as a code.
        reason: &'static str,
    },
}

impl CaptchaCheck {
    /// The answer to an author whose comment is not taken: 422 at `/captcha`. A solution that [`SolvedCaptcha::spend`]
    /// finds used gets the same answer as [`CaptchaCheck::Failed`].
    pub fn refusal(&self) -> Option<Error> {
        let code = match self {
            Self::NotAsked | Self::Passed(_) | Self::Unavailable { .. } => return None,
            Self::Missing => FieldCode::CaptchaMissing,
            Self::Failed => FieldCode::CaptchaFailed,
            Self::ScoreTooLow { .. } => FieldCode::CaptchaScoreTooLow,
        };
        Some(Error::field(FieldError::new("/captcha", code)))
    }
}

/// A right solution that is not taken yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SolvedCaptcha {
    digest: String,
    expires_at: Time,
}

/// A taken solution is remembered this much longer than it is valid, because the clocks of instances differ.
const MARGIN_SECONDS: i64 = 3600;

impl SolvedCaptcha {
    /// A solution that is known by `name` and valid until `expires_at`.
    fn new(kind: CaptchaKind, name: &str, expires_at: Time) -> Self {
        Self {
            digest: sha256(format!("{kind} {name}").as_bytes()),
            expires_at,
        }
    }

    /// Takes it; `false` when it was taken before, on any instance. Call it inside the write.
    pub fn spend(&self, conn: &mut Conn, now: Time) -> Result<bool> {
        let kept_until = self.expires_at.max(now).plus_seconds(MARGIN_SECONDS);
        store::insert(conn, &self.digest, kept_until)
    }
}
