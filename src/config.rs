//! Settings: each is a flag and an environment variable, `.env` is read first. What stands here on a
//! field is its manual.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::Args;
use ipnet::IpNet;

use crate::auth::secrets::Secrets;
use crate::db::{DatabaseUrl, PoolSizes};
use crate::http::conditional::CachePolicy;

/// The settings of every command.
#[derive(Args, Clone, Debug)]
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
}

/// The settings of `serve`.
#[derive(Args, Clone, Debug)]
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
    #[arg(long, env = "MASTHEAD_TRUSTED_PROXIES", value_delimiter = ',')]
    pub trusted_proxies: Vec<IpNet>,

    /// Seconds for which shared caches keep what delivery answers.
    #[arg(long, env = "MASTHEAD_CACHE_SECONDS", default_value_t = 30, value_parser = clap::value_parser!(i64).range(0..=86_400))]
    pub cache_seconds: i64,

    /// Threads that answer requests.
    #[arg(long, env = "MASTHEAD_WORKERS", default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub workers: u16,

    /// Writes that may wait for SQLite's one writer; more are told 503.
    #[arg(long, env = "MASTHEAD_WRITE_QUEUE", default_value_t = 1024, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub write_queue: u32,

    /// Seconds that requests have to end after SIGTERM.
    #[arg(long, env = "MASTHEAD_SHUTDOWN_SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub shutdown_seconds: u64,
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

    /// How many connections to hold.
    pub fn pool_sizes(&self, write_queue: u32) -> PoolSizes {
        PoolSizes {
            connections: self.connections,
            write_queue: usize::try_from(write_queue).unwrap_or(1024),
        }
    }
}

impl ServeConfig {
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
