//! The one site: its settings, and the [`Frame`] of settings and section tree that every answer to a
//! reader is set in.

mod frame;

pub use frame::{Frame, Frames};

use chrono_tz::Tz;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::comments::policy::CommentPolicy;
use crate::db::dialect::{Generation, raise};
use crate::db::schema::site;
use crate::db::{Conn, OnUnique};
use crate::error::{Error, Result};
use crate::http::fields::{At, parsed};
use crate::http::query::one_of;

/// The settings of the site. Every one has a default, so an empty table is a working site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Site {
    /// The name of the paper.
    pub name: String,
    /// The first breadcrumb item, whose path is `/`.
    pub root_label: String,
    /// The languages; the first one's paths have no prefix.
    pub locales: Vec<String>,
    /// The IANA time zone of the newsroom.
    pub time_zone: String,
    /// The first segment of tags' paths.
    pub tag_prefix: String,
    /// The first segment of contributors' paths.
    pub contributor_prefix: String,
    /// Hosts whose iframes a raw HTML block may hold.
    pub embed_hosts: Vec<String>,
    /// How articles take comments where nothing nearer says otherwise.
    #[serde(alias = "comment_mode")]
    pub comment_policy: CommentPolicy,
    /// From how many networks a comment that no moderator has approved must be reported for it to wait for one; 0
    /// for never.
    pub comment_report_threshold: i64,
    /// Whether only what the desk has approved goes live.
    pub requires_approval: bool,
}

impl Default for Site {
    fn default() -> Self {
        let hosts = [
            "www.youtube.com",
            "www.youtube-nocookie.com",
            "player.vimeo.com",
            "www.dailymotion.com",
            "geo.dailymotion.com",
        ];
        Self {
            name: "Masthead".to_owned(),
            root_label: "Accueil".to_owned(),
            locales: vec!["fr".to_owned()],
            time_zone: "UTC".to_owned(),
            tag_prefix: "tag".to_owned(),
            contributor_prefix: "auteur".to_owned(),
            embed_hosts: hosts.map(str::to_owned).to_vec(),
            comment_policy: CommentPolicy::default(),
            comment_report_threshold: 5,
            requires_approval: false,
        }
    }
}

/// First segments that are routes of ours.
const ROUTES: &[&str] = &[
    "v1",
    "docs",
    "openapi",
    "problems",
    "livez",
    "readyz",
    "metrics",
    "feeds",
    "media",
    "sitemaps",
    "sitemap.xml",
    "sitemap-news.xml",
    ".well-known",
];

impl Site {
    /// The language whose paths have no prefix.
    pub fn first_locale(&self) -> &str {
        self.locales.first().map_or("fr", String::as_str)
    }

    /// Whether the site speaks this language.
    pub fn has_locale(&self, locale: &str) -> bool {
        self.locales.iter().any(|known| known == locale)
    }

    /// The language that a list is asked in: `None` for all (`*`), the first where it is not said.
    ///
    /// # Errors
    /// 400 listing the languages.
    pub fn asked_locale(&self, asked: Option<&str>) -> Result<Option<String>> {
        match asked {
            Some("*") => Ok(None),
            Some(locale) if self.has_locale(locale) => Ok(Some(locale.to_owned())),
            None => Ok(Some(self.first_locale().to_owned())),
            Some(_) => {
                let known: Vec<&str> = self.locales.iter().map(String::as_str).chain(["*"]).collect();
                Err(one_of("locale", &known))
            }
        }
    }

    /// The newsroom's time zone; UTC where the settings name none that is known.
    pub fn zone(&self) -> Tz {
        self.time_zone.parse().unwrap_or(Tz::UTC)
    }

    /// A path in a language: prefixed unless it is the first.
    pub fn localised(&self, locale: &str, path: &str) -> String {
        if locale == self.first_locale() {
            path.to_owned()
        } else {
            format!("/{locale}{path}")
        }
    }

    /// Whether a path is a home page, or lies under a first segment that is a route of ours.
    pub fn keeps(&self, path: &str) -> bool {
        let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
        let is_home = |locale: &String| self.localised(locale, "/").trim_end_matches('/') == path.trim_end_matches('/');
        ROUTES.contains(&first) || self.locales.iter().any(is_home)
    }

    /// The language that the prefix of a path tells.
    pub fn locale_of(&self, path: &str) -> &str {
        let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
        let prefixed = self.locales.iter().skip(1).find(|locale| *locale == first);
        prefixed.map_or(self.first_locale(), String::as_str)
    }

    /// Whether a top-level section may not have this slug: a locale, a prefix or a route of ours.
    pub fn reserves(&self, slug: &str) -> bool {
        self.has_locale(slug) || slug == self.tag_prefix || slug == self.contributor_prefix || ROUTES.contains(&slug)
    }
}

/// Reads the settings.
///
/// # Errors
/// 500 when the row does not hold settings.
pub fn load(conn: &mut Conn) -> Result<Site> {
    let row: Option<String> = site::table.find(1).select(site::settings).first(conn).optional()?;
    row.map_or_else(
        || Ok(Site::default()),
        |json| serde_json::from_str(&json).map_err(Error::internal),
    )
}

/// Writes the settings of a site that has none yet.
///
/// # Errors
/// 500 when it has some.
pub fn insert(conn: &mut Conn, settings: &Site) -> Result<()> {
    let json = serde_json::to_string(settings).map_err(Error::internal)?;
    diesel::insert_into(site::table)
        .values((site::id.eq(1), site::settings.eq(json), site::version.eq(1_i64)))
        .execute(conn)
        .on_unique(|| Error::internal("the site has settings already"))?;
    Ok(raise(conn, &mut [Generation::Site])?)
}

/// Reads a language tag such as `fr` or `pt-BR` (RFC 5646, as far as sites use it).
pub fn read_locale(at: &mut At<'_>, value: serde_json::Value) -> Option<String> {
    parsed(12, "a language tag such as fr", parse_locale)(at, value)
}

/// Parses a language tag.
pub fn parse_locale(text: &str) -> Option<String> {
    let mut parts = text.split('-');
    let language = parts.next().filter(|part| (2..=3).contains(&part.len()))?;
    let sound = language.bytes().all(|byte| byte.is_ascii_lowercase())
        && parts.all(|part| (2..=4).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    sound.then(|| text.to_owned())
}

/// A step of the way from the site's root to a thing.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Crumb {
    /// What to show.
    pub label: String,
    /// Where it leads.
    pub path: String,
}
