//! The settings of the one site: a row whose members all have defaults, so an empty table is a working site.

pub mod input;
pub mod store;

use std::collections::BTreeMap;

use chrono_tz::Tz;
pub use input::{Logo, LogoRole, SitePatch, SocialLink};
use serde::{Deserialize, Serialize};
pub use store::{insert, load};
use utoipa::ToSchema;

use crate::access::auth::Role;
use crate::base::error::{Error, FieldCode, FieldError, Result};
use crate::base::http::query::one_of;
use crate::base::key::Key;
use crate::site::comment_policy::CommentPolicy;
use crate::site::page_lists::PageLists;

/// The settings of the site. Every one has a default, so an empty table is a working site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Site {
    /// The name of the paper.
    pub name: String,
    /// What it says of itself in a line.
    pub tagline: Option<String>,
    /// The first breadcrumb item, whose path is `/`, in the site's first language.
    pub root_label: String,
    /// The same in other languages.
    pub root_labels: BTreeMap<String, String>,
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
    pub comment_policy: CommentPolicy,
    /// From how many networks a comment that no moderator has approved must be reported for it to wait for one; 0
    /// for never.
    pub comment_report_threshold: i64,
    /// Whether only what the desk has approved goes live.
    pub requires_approval: bool,
    /// The roles that must have a second factor.
    pub second_factor_roles: Vec<Role>,
    /// Whether only what has a body goes live.
    pub requires_body: bool,
    /// How many blocks of an article are shown to whoever may not read it all.
    pub preview_blocks: i64,
    /// Its logos, one of each role.
    pub logos: Vec<Logo>,
    /// Where else it is found.
    pub social_links: Vec<SocialLink>,
    /// Which lists its pages carry.
    pub pages: PageLists,
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
            tagline: None,
            root_label: "Accueil".to_owned(),
            root_labels: BTreeMap::new(),
            locales: vec!["fr".to_owned()],
            time_zone: "UTC".to_owned(),
            tag_prefix: "tag".to_owned(),
            contributor_prefix: "auteur".to_owned(),
            embed_hosts: hosts.map(str::to_owned).to_vec(),
            comment_policy: CommentPolicy::default(),
            comment_report_threshold: 5,
            requires_approval: false,
            second_factor_roles: Vec::new(),
            requires_body: false,
            preview_blocks: 2,
            logos: Vec::new(),
            social_links: Vec::new(),
            pages: PageLists::default(),
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
    "robots.txt",
    "sitemap.xml",
    "sitemap-news.xml",
    "sitemaps",
    ".well-known",
];

impl Site {
    /// The language whose paths have no prefix.
    pub fn first_locale(&self) -> &str {
        self.locales.first().map_or("fr", String::as_str)
    }

    /// The first breadcrumb item in a language.
    pub fn root_label_in(&self, locale: &str) -> &str {
        self.root_labels.get(locale).unwrap_or(&self.root_label)
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
        let first = path
            .trim_start_matches('/')
            .split(['/', '?'])
            .next()
            .unwrap_or_default();
        let is_home = |locale: &String| self.localised(locale, "/").trim_end_matches('/') == path.trim_end_matches('/');
        ROUTES.contains(&first) || self.locales.iter().any(is_home)
    }

    /// The language that a path's prefix names.
    pub fn locale_of(&self, path: &str) -> &str {
        let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
        let prefixed = self.locales.iter().skip(1).find(|locale| *locale == first);
        prefixed.map_or(self.first_locale(), String::as_str)
    }

    /// A path without the prefix of its language.
    pub fn unprefixed<'p>(&self, path: &'p str) -> &'p str {
        let locale = self.locale_of(path);
        if locale == self.first_locale() {
            return path;
        }
        path.strip_prefix('/')
            .and_then(|path| path.strip_prefix(locale))
            .unwrap_or(path)
    }

    /// Whether a top-level section may not have this slug: a locale, a prefix or a route of ours.
    pub fn reserves(&self, slug: &str) -> bool {
        self.has_locale(slug) || slug == self.tag_prefix || slug == self.contributor_prefix || ROUTES.contains(&slug)
    }
}

/// Checks that a new thing of the site has a key of its own, and that there is room for it.
///
/// # Errors
/// 422 `key_taken`, `limit_reached`.
pub fn check_key(taken: &[String], key: &Key, max: usize) -> Result<()> {
    if taken.iter().any(|taken| taken == key.as_str()) {
        let error = FieldError::new("/key", FieldCode::KeyTaken).with("key", key.as_str());
        return Err(Error::field(error));
    }
    if taken.len() >= max {
        return Err(Error::field(
            FieldError::new("", FieldCode::LimitReached).with("max", max),
        ));
    }
    Ok(())
}

/// A step of the way from the site's root to a thing.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Crumb {
    /// What to show.
    pub label: String,
    /// Where it leads.
    pub path: String,
}
