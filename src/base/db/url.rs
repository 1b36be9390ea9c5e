//! `DATABASE_URL`, parsed: the scheme chooses the database and nothing else is guessed.

use std::path::PathBuf;
use std::str::FromStr;

/// Which database, and where.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A file.
    Sqlite(PathBuf),
    /// A libpq connection URL; it may hold a password and is never printed.
    Postgres(String),
}

impl DatabaseUrl {
    /// Which one it is, with the whole path of a file and without a password.
    pub fn in_full(&self) -> String {
        match self {
            Self::Sqlite(path) => {
                let path = std::path::absolute(path).unwrap_or_else(|_| path.clone());
                format!("sqlite://{}", path.display())
            }
            Self::Postgres(_) => format!("{self:?}"),
        }
    }
}

impl std::fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite://{}", path.display()),
            Self::Postgres(url) => {
                let host = url.rsplit('@').next().unwrap_or_default();
                let host = host.split('?').next().unwrap_or_default();
                write!(
                    f,
                    "postgres://{}",
                    host.trim_start_matches("postgres://")
                        .trim_start_matches("postgresql://")
                )
            }
        }
    }
}

impl FromStr for DatabaseUrl {
    type Err = String;

    fn from_str(url: &str) -> Result<Self, String> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Self::Postgres(url.to_owned()));
        }
        let Some(rest) = url.strip_prefix("sqlite:") else {
            return Err("it must begin with sqlite: or postgres:, for example sqlite://masthead.db".to_owned());
        };
        let path = rest.strip_prefix("//").unwrap_or(rest);
        if path.is_empty() || path.starts_with(":memory:") || path.contains('?') {
            return Err(
                "sqlite: takes the path of a file, for example sqlite:///var/lib/masthead/masthead.db".to_owned(),
            );
        }
        Ok(Self::Sqlite(PathBuf::from(path)))
    }
}
