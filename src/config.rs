//! Settings: each is a flag and an environment variable, `.env` is read first. The comment on a field is its text in
//! `--help`.

use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use clap::Args;
use ipnet::IpNet;

use crate::access::auth::token_uses::REQUESTS_A_MINUTE;
use crate::access::entitlements::keys::EntitlementKeys;
use crate::base::db::{DatabaseUrl, PoolSizes};
use crate::base::http::conditional::CachePolicy;
use crate::base::limits;
use crate::base::outgoing::guard::AllowedNetworks;
use crate::base::secrets::Secrets;
use crate::comments::captcha::providers::{ProviderName, ProviderSecret, ProviderSettings};
use crate::comments::captcha::{CaptchaKind, CaptchaSettings};
use crate::events::changes::ChangeRetention;

/// The settings of every command.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Database, secret and log")]
pub struct Config {
    /// Which database: `sqlite://FILE` or `postgres://USER:PASSWORD@HOST/NAME`.
    #[arg(
        long,
        env = "DATABASE_URL",
        default_value = "sqlite://masthead.db",
        hide_env_values = true,
        global = true
    )]
    pub database_url: DatabaseUrl,

    /// 32 bytes in hexadecimal or base64, from which every key is derived. On SQLite a file beside
    /// the database is made where it is not given; on PostgreSQL it must be given.
    #[arg(long = "secret", env = "MASTHEAD_SECRET", hide_env_values = true, global = true)]
    secret: Option<SecretText>,

    /// Connections to PostgreSQL, or reading connections to SQLite.
    #[arg(long, env = "MASTHEAD_CONNECTIONS", default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=500), global = true)]
    pub connections: u32,

    /// In which form the log is written.
    #[arg(long, env = "MASTHEAD_LOG_FORMAT", default_value = "text", value_enum, global = true)]
    pub log_format: LogFormat,
}

/// In which form the log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// Lines for people.
    Text,
    /// One JSON object a line.
    Json,
}

/// The settings of `serve`.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Serving")]
pub struct ServeConfig {
    /// The address that answers requests.
    #[arg(long, env = "MASTHEAD_BIND", default_value = "127.0.0.1:8080")]
    pub bind: SocketAddr,

    /// The address that answers Prometheus at /metrics; `off` for none.
    #[arg(long, env = "MASTHEAD_METRICS_BIND", default_value = "127.0.0.1:9464", value_parser = parse_metrics_bind)]
    pub metrics_bind: MetricsBind,

    /// The base of canonical links, such as https://www.example.org. Without it, the bound address.
    #[arg(long, env = "MASTHEAD_PUBLIC_URL", value_parser = parse_public_url)]
    pub public_url: Option<String>,

    /// Origins whose pages may call the editorial API, with commas between them.
    #[arg(long, env = "MASTHEAD_EDITORIAL_ORIGINS", value_delimiter = ',')]
    pub editorial_origins: Vec<String>,

    /// Networks of proxies whose X-Forwarded-For is believed, with commas between them.
    #[arg(long, env = "MASTHEAD_TRUSTED_PROXIES", value_delimiter = ',', value_parser = parse_network)]
    pub trusted_proxies: Vec<IpNet>,

    /// The public keys of those who sign what a reader may read whole: a list in JSON, or a file that holds one. Each
    /// key has issuer, kid, algorithm (EdDSA, ES256 or RS256) and public_key_pem; an issuer that publishes its keys has
    /// issuer and jwks_url. Without it, nobody reads more than everybody may.
    #[arg(long, env = "MASTHEAD_READER_KEYS", hide_env_values = true)]
    reader_keys: Option<String>,

    /// Requests that an API token may send a minute, to one instance.
    #[arg(long, env = "MASTHEAD_TOKEN_RATE", default_value_t = REQUESTS_A_MINUTE, value_parser = parse_rate)]
    pub token_rate: NonZeroU32,

    /// Networks that may be asked although not everybody can reach them, and without TLS, with commas between them: such
    /// as 10.1.0.0/16. Nothing else in a private network is ever asked, whatever a URL names.
    #[arg(long, env = "MASTHEAD_OUTGOING_ALLOW", value_delimiter = ',', value_parser = parse_network)]
    outgoing_allow: Vec<IpNet>,

    #[command(flatten)]
    pub captcha: CaptchaConfig,

    /// Seconds for which shared caches keep what delivery answers.
    #[arg(long, env = "MASTHEAD_CACHE_SECONDS", default_value_t = 30, value_parser = clap::value_parser!(i64).range(0..=86_400))]
    pub cache_seconds: i64,

    /// Megabytes of answers of delivery that are kept in memory, until something that they show changes; 0 keeps none.
    #[arg(long, env = "MASTHEAD_CACHE_MB", default_value_t = 64, value_parser = clap::value_parser!(u32).range(0..=65_536))]
    pub cache_mb: u32,

    /// Days after which rejected comments and spam are erased; 0 keeps them.
    #[arg(long, env = "MASTHEAD_COMMENT_RETENTION_DAYS", default_value_t = 90, value_parser = clap::value_parser!(u32).range(0..=3_650))]
    pub comment_retention_days: u32,

    /// Days for which /v1/changes tells what was deleted; a cursor that is older must start again.
    #[arg(long, env = "MASTHEAD_CHANGE_RETENTION_DAYS", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=3_650))]
    change_retention_days: u32,

    /// Threads that answer requests.
    #[arg(long, env = "MASTHEAD_WORKERS", default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub workers: u16,

    /// Writes that may wait for SQLite's one writer; more are told 503.
    #[arg(long, env = "MASTHEAD_WRITE_QUEUE", default_value_t = 1024, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub write_queue: u32,

    /// Seconds after SIGTERM in which everything is still answered while /readyz is 503 already, so that load
    /// balancers send nothing any more; SIGINT skips them.
    #[arg(long, env = "MASTHEAD_DRAIN_SECONDS", default_value_t = 5, value_parser = clap::value_parser!(u64).range(0..=600))]
    pub drain_seconds: u64,

    /// Seconds that requests have to end after that.
    #[arg(long, env = "MASTHEAD_SHUTDOWN_SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub shutdown_seconds: u64,
}

/// The settings of the captcha.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Captcha")]
pub struct CaptchaConfig {
    /// How readers who comment prove that they are human: `proof_of_work` (their browser does some work, nobody
    /// else is asked), `recaptcha_v3`, `hcaptcha`, `turnstile` or `none`. Without it `proof_of_work`, and
    /// `none` with `--demo`, which is tried with tools that do no work.
    #[arg(id = "captcha", long = "captcha", env = "MASTHEAD_CAPTCHA", value_parser = parse_captcha)]
    kind: Option<CaptchaKind>,

    /// The work of `proof_of_work`: hashes at most, half of them on average. Networks that send much do
    /// up to 16 times as many.
    #[arg(long = "captcha-difficulty", env = "MASTHEAD_CAPTCHA_DIFFICULTY", default_value_t = 100_000,
        value_parser = clap::value_parser!(u32).range(i64::from(limits::PROOF_MIN)..=i64::from(limits::PROOF_MAX)))]
    difficulty: u32,

    /// The provider's public key.
    #[arg(long = "captcha-site-key", env = "MASTHEAD_CAPTCHA_SITE_KEY")]
    site_key: Option<String>,

    /// The provider's secret.
    #[arg(id = "captcha_secret", long = "captcha-secret", env = "MASTHEAD_CAPTCHA_SECRET", hide_env_values = true,
        value_parser = parse_provider_secret)]
    secret: Option<ProviderSecret>,

    /// The least score of reCAPTCHA v3 that passes, from 0 to 1.
    #[arg(long = "captcha-threshold", env = "MASTHEAD_CAPTCHA_THRESHOLD", default_value_t = 0.5, value_parser = parse_threshold)]
    threshold: f64,

    /// Host names of the pages that show the form, with commas between them. Without it, that of the
    /// public URL.
    #[arg(long = "captcha-hosts", env = "MASTHEAD_CAPTCHA_HOSTS", value_delimiter = ',')]
    hosts: Vec<String>,

    /// Where the provider's tokens are verified, if not at the provider.
    #[arg(long = "captcha-verify-url", env = "MASTHEAD_CAPTCHA_VERIFY_URL", value_parser = parse_verify_url)]
    verify_url: Option<String>,
}

impl CaptchaConfig {
    /// The settings of the kind that is chosen.
    ///
    /// # Errors
    /// A sentence for the operator when the kind lacks something.
    pub fn settings(
        &self,
        is_demo: bool,
        public_url: Option<&str>,
        outgoing: &AllowedNetworks,
    ) -> Result<CaptchaSettings, String> {
        let unsaid = if is_demo {
            CaptchaKind::None
        } else {
            CaptchaKind::ProofOfWork
        };
        let kind = self.kind.unwrap_or(unsaid);
        let name = match kind {
            CaptchaKind::None => return Ok(CaptchaSettings::None),
            CaptchaKind::ProofOfWork => {
                return Ok(CaptchaSettings::ProofOfWork {
                    difficulty: self.difficulty,
                });
            }
            CaptchaKind::RecaptchaV3 => ProviderName::RecaptchaV3,
            CaptchaKind::Hcaptcha => ProviderName::Hcaptcha,
            CaptchaKind::Turnstile => ProviderName::Turnstile,
        };
        let site_key = self.site_key.clone().filter(|key| !key.is_empty());
        let site_key = site_key.ok_or_else(|| format!("MASTHEAD_CAPTCHA_SITE_KEY is required for {kind}"))?;
        let secret = self.secret.clone().filter(|secret| !secret.is_empty());
        let secret = secret.ok_or_else(|| format!("MASTHEAD_CAPTCHA_SECRET is required for {kind}"))?;
        let given = self.hosts.iter().map(|host| host.trim().to_ascii_lowercase());
        let mut hosts: Vec<String> = given.filter(|host| !host.is_empty()).collect();
        if hosts.is_empty() {
            hosts.extend(public_url.and_then(host_of));
        }
        if hosts.is_empty() {
            return Err(format!(
                "MASTHEAD_CAPTCHA_HOSTS or MASTHEAD_PUBLIC_URL is required for {kind}: the host names of the pages that show the form"
            ));
        }
        let mut settings = ProviderSettings::new(name, site_key, secret, hosts);
        settings.threshold = self.threshold;
        settings.outgoing.allowed = outgoing.clone();
        if let Some(url) = &self.verify_url {
            settings.verify_url.clone_from(url);
        }
        Ok(CaptchaSettings::Provider(settings))
    }
}

fn parse_captcha(text: &str) -> Result<CaptchaKind, String> {
    CaptchaKind::parse(text).ok_or_else(|| format!("it must be one of: {}", CaptchaKind::WORDS.join(", ")))
}

fn parse_provider_secret(text: &str) -> Result<ProviderSecret, String> {
    Ok(ProviderSecret::new(text))
}

fn parse_rate(text: &str) -> Result<NonZeroU32, String> {
    let rate = text
        .parse()
        .ok()
        .filter(|rate: &NonZeroU32| rate.get() <= limits::TOKEN_RATE_MAX);
    rate.ok_or_else(|| format!("it must be a number from 1 to {}", limits::TOKEN_RATE_MAX))
}

/// A network, or the one of a single address.
fn parse_network(text: &str) -> Result<IpNet, String> {
    let network = text.parse().ok();
    let network = network.or_else(|| text.parse().map(|address: IpAddr| address.into()).ok());
    network.ok_or_else(|| "it must be a network such as 10.1.0.0/16, or an address".to_owned())
}

fn parse_threshold(text: &str) -> Result<f64, String> {
    let threshold: Option<f64> = text.parse().ok();
    threshold
        .filter(|threshold| (0.0..=1.0).contains(threshold))
        .ok_or_else(|| "it must be a number from 0 to 1, such as 0.5".to_owned())
}

fn parse_verify_url(text: &str) -> Result<String, String> {
    let uri = text.parse::<actix_web::http::Uri>().ok();
    let is_good = uri.is_some_and(|uri| matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some());
    if is_good {
        Ok(text.to_owned())
    } else {
        Err("it must be a URL, such as https://captcha.example.org/siteverify".to_owned())
    }
}

fn host_of(url: &str) -> Option<String> {
    let uri: actix_web::http::Uri = url.parse().ok()?;
    uri.host().map(str::to_ascii_lowercase)
}

/// Where Prometheus is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricsBind {
    /// Here.
    At(SocketAddr),
    /// Nowhere.
    Off,
}

fn parse_metrics_bind(text: &str) -> Result<MetricsBind, String> {
    if text == "off" {
        return Ok(MetricsBind::Off);
    }
    text.parse()
        .map(MetricsBind::At)
        .map_err(|_| "it must be an address such as 127.0.0.1:9464, or off".to_owned())
}

/// Reads the base of canonical links.
///
/// # Errors
/// A sentence for the operator.
pub fn parse_public_url(text: &str) -> Result<String, String> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    match rest {
        Some(rest) if !rest.is_empty() && !rest.contains(['?', '#', ' ']) => Ok(text.trim_end_matches('/').to_owned()),
        _ => Err("it must be the base of the site, such as https://www.example.org".to_owned()),
    }
}

/// A secret on its way through clap: it never prints.
#[derive(Clone)]
struct SecretText(Secrets);

impl std::fmt::Debug for SecretText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
}

impl std::str::FromStr for SecretText {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Secrets::parse(text)
            .map(Self)
            .ok_or_else(|| "it must be 32 bytes in hexadecimal or base64".to_owned())
    }
}

impl Config {
    /// The master secret: given, or from the file beside the SQLite database, made at first start.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub fn secrets(&self) -> Result<Secrets, String> {
        match (&self.secret, &self.database_url) {
            (Some(secret), _) => Ok(secret.0.clone()),
            (None, DatabaseUrl::Sqlite(path)) => secret_file(&path.with_added_extension("secret")),
            (None, DatabaseUrl::Postgres(_)) => Err(
                "MASTHEAD_SECRET is required on PostgreSQL: 32 bytes, for example from `openssl rand -base64 32`"
                    .to_owned(),
            ),
        }
    }

    /// How many connections a server holds.
    pub fn pool_sizes(&self, write_queue: u32) -> PoolSizes {
        PoolSizes {
            connections: self.connections,
            write_queue: usize::try_from(write_queue).unwrap_or(1024),
            has_time_limits: true,
            ..PoolSizes::default()
        }
    }
}

impl ServeConfig {
    /// The keys of readers' entitlements.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub fn entitlement_keys(&self) -> Result<EntitlementKeys, String> {
        let given = self.reader_keys.as_deref().filter(|given| !given.trim().is_empty());
        let keys =
            given.map(|given| EntitlementKeys::load(given).map_err(|reason| format!("MASTHEAD_READER_KEYS: {reason}")));
        Ok(keys.transpose()?.unwrap_or_default())
    }

    /// How much of delivery's answers is kept in memory, in bytes.
    pub fn cache_bytes(&self) -> u64 {
        u64::from(self.cache_mb) * 1024 * 1024
    }

    /// What may be asked beside what everybody can reach.
    pub fn outgoing_allow(&self) -> AllowedNetworks {
        AllowedNetworks(self.outgoing_allow.clone())
    }

    /// For how long deletions are told.
    pub fn change_retention(&self) -> ChangeRetention {
        ChangeRetention(self.change_retention_days)
    }

    /// How long shared caches keep answers.
    pub fn cache_policy(&self) -> CachePolicy {
        CachePolicy {
            shared_seconds: self.cache_seconds,
            revalidate_seconds: 30,
            error_seconds: 300,
        }
    }
}

fn secret_file(path: &PathBuf) -> Result<Secrets, String> {
    let shown = path.display();
    match std::fs::read_to_string(path) {
        Ok(text) => Secrets::parse(&text).ok_or_else(|| format!("{shown} does not hold a secret of 32 bytes")),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let secrets = Secrets::generate().map_err(|error| error.to_string())?;
            match write_private(path, &secrets.to_text()) {
                Ok(()) => Ok(secrets),
                // Another process made it in this moment: its secret counts.
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => secret_file(path),
                Err(error) => Err(format!("cannot write {shown}: {error}")),
            }
        }
        Err(error) => Err(format!("cannot read {shown}: {error}")),
    }
}

/// Writes a file that only its owner may read, whole or not at all.
fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write;
    let temporary = path.with_added_extension(format!("{}", std::process::id()));
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&temporary)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    let linked = std::fs::hard_link(&temporary, path);
    std::fs::remove_file(&temporary)?;
    linked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_network_of_its_own() {
        for (text, network) in [
            ("127.0.0.1", "127.0.0.1/32"),
            ("fd12::1", "fd12::1/128"),
            ("10.1.0.0/16", "10.1.0.0/16"),
        ] {
            assert_eq!(parse_network(text), Ok(network.parse().unwrap()));
        }
        let refused = parse_network("localhost").unwrap_err();
        assert!(refused.contains("10.1.0.0/16"), "{refused}");
    }
}
