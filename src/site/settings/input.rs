//! What administrators send of the settings.

use std::collections::BTreeMap;

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::Site;
use crate::base::error::{FieldCode, FieldError};
use crate::base::http::body::{BodyMedia, FromBody};
use crate::base::http::fields::{
    At, Fields, Patch, boolean, exact_line, integer, line, list, object, one_of, parsed, set, without_duplicates,
};
use crate::base::key::{Key, read_key};
use crate::base::limits;
use crate::base::locale::{read_labels, read_locale};
use crate::body::image::{Image, https_url, read_image};
use crate::site::comment_policy::{self, CommentPolicy};
use crate::site::page_lists as pages;
use crate::site::page_lists::PageLists;

crate::word_type! {
    /// What a logo is for.
    LogoRole {
        /// On light ground.
        Primary = "primary",
        /// On dark ground.
        Dark = "dark",
        /// Where only a square fits.
        Square = "square",
        /// In a browser's tab.
        Favicon = "favicon",
        /// Where links to the site are shared.
        Social = "social",
    }
}

/// A logo.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Logo {
    /// What it is for.
    pub role: LogoRole,
    /// The picture.
    pub image: Image,
}

impl Eq for Logo {}

/// Where else the site is found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SocialLink {
    /// The network, in a word of the site's choice, such as `mastodon`.
    pub network: Key,
    /// The site's page there.
    #[schema(format = "uri")]
    pub url: String,
}

/// A change of the settings: a merge patch, lists replaced whole.
#[derive(Clone, Debug, Default, ToSchema)]
pub struct SitePatch {
    /// The name of the paper.
    #[schema(nullable = false)]
    pub name: Option<String>,
    /// What it says of itself in a line.
    #[schema(value_type = Option<String>)]
    pub tagline: Patch<String>,
    /// The first breadcrumb item in the site's first language.
    #[schema(nullable = false)]
    pub root_label: Option<String>,
    /// The same in other languages, by language.
    #[schema(value_type = Option<BTreeMap<String, String>>)]
    pub root_labels: Patch<BTreeMap<String, String>>,
    /// Its languages. The first stays; one in which there are articles stays too.
    #[schema(nullable = false, min_items = 1, max_items = 20)]
    pub locales: Option<Vec<String>>,
    /// The IANA time zone of the newsroom.
    #[schema(nullable = false)]
    pub time_zone: Option<String>,
    /// Hosts whose frames raw HTML may hold.
    #[schema(nullable = false, max_items = 50)]
    pub embed_hosts: Option<Vec<String>>,
    /// How articles take comments where neither they nor their sections say otherwise.
    #[schema(value_type = Option<CommentPolicy>)]
    pub comment_policy: Patch<CommentPolicy>,
    /// How many readers must report a comment that no moderator has approved for it to wait for one; 0 for never.
    #[schema(nullable = false, minimum = 0, maximum = 1000)]
    pub comment_report_threshold: Option<i64>,
    /// Whether only what the desk has approved goes live.
    #[schema(nullable = false)]
    pub requires_approval: Option<bool>,
    /// Its logos, one of each role.
    #[schema(nullable = false, max_items = 10)]
    pub logos: Option<Vec<Logo>>,
    /// Where else it is found.
    #[schema(nullable = false, max_items = 30)]
    pub social_links: Option<Vec<SocialLink>>,
    /// Which lists its pages carry, all of them anew; null for those that a new site has.
    #[schema(value_type = Option<PageLists>)]
    pub pages: Patch<PageLists>,
}

impl FromBody for SitePatch {
    const MEDIA: BodyMedia = BodyMedia::MergePatch;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        fields.take_clear();
        let host = parsed(limits::HOST, "a host name such as www.example.fr", host_name);
        Some(Self {
            name: fields.change("name", line(limits::NAME)),
            tagline: fields.patch("tagline", line(limits::STANDFIRST)),
            root_label: fields.change("root_label", line(limits::LABEL)),
            root_labels: fields.patch("root_labels", read_labels),
            locales: fields.change("locales", read_locales),
            time_zone: fields.change("time_zone", read_zone),
            embed_hosts: fields.change("embed_hosts", list(limits::EMBED_HOSTS, host)),
            comment_policy: fields.patch("comment_policy", comment_policy::read),
            comment_report_threshold: fields.change("comment_report_threshold", integer(0, 1_000)),
            requires_approval: fields.change("requires_approval", boolean),
            logos: fields.change("logos", read_logos),
            social_links: fields.change("social_links", read_social_links),
            pages: fields.patch("pages", pages::read),
        })
    }
}

impl SitePatch {
    /// The settings after the change, and the names of what changed.
    pub fn apply(&self, old: &Site) -> (Site, Vec<&'static str>) {
        let mut site = old.clone();
        set(&mut site.name, &self.name);
        self.tagline.clone().apply(&mut site.tagline);
        set(&mut site.root_label, &self.root_label);
        self.root_labels.clone().apply_or_default(&mut site.root_labels);
        set(&mut site.locales, &self.locales);
        set(&mut site.time_zone, &self.time_zone);
        set(&mut site.embed_hosts, &self.embed_hosts);
        self.comment_policy.clone().apply_or_default(&mut site.comment_policy);
        set(&mut site.comment_report_threshold, &self.comment_report_threshold);
        set(&mut site.requires_approval, &self.requires_approval);
        set(&mut site.logos, &self.logos);
        set(&mut site.social_links, &self.social_links);
        self.pages.clone().apply_or_default(&mut site.pages);
        let differs = [
            ("name", site.name != old.name),
            ("tagline", site.tagline != old.tagline),
            ("root_label", site.root_label != old.root_label),
            ("root_labels", site.root_labels != old.root_labels),
            ("locales", site.locales != old.locales),
            ("time_zone", site.time_zone != old.time_zone),
            ("embed_hosts", site.embed_hosts != old.embed_hosts),
            ("comment_policy", site.comment_policy != old.comment_policy),
            (
                "comment_report_threshold",
                site.comment_report_threshold != old.comment_report_threshold,
            ),
            ("requires_approval", site.requires_approval != old.requires_approval),
            ("logos", site.logos != old.logos),
            ("social_links", site.social_links != old.social_links),
            ("pages", site.pages != old.pages),
        ];
        let changed = differs.into_iter().filter(|(_, differs)| *differs);
        let changed = changed.map(|(name, _)| name).collect();
        (site, changed)
    }
}

fn read_locales(at: &mut At<'_>, value: Value) -> Option<Vec<String>> {
    let locales = list(limits::LOCALES, read_locale)(at, value)?;
    if locales.is_empty() {
        return at.fail_with(FieldError::new(at.pointer(), FieldCode::TooFew).with("min", 1));
    }
    without_duplicates(at, &locales, |locale, other| locale == other)?;
    Some(locales)
}

fn read_zone(at: &mut At<'_>, value: Value) -> Option<String> {
    let name = exact_line(limits::TIME_ZONE)(at, value)?;
    match name.parse::<Tz>() {
        Ok(zone) => Some(zone.name().to_owned()),
        Err(_) => at.fail_with(FieldError::new(at.pointer(), FieldCode::UnknownTimeZone).with("zone", name)),
    }
}

/// A host name in lower case, or `None`.
fn host_name(text: &str) -> Option<String> {
    let host = text.to_ascii_lowercase();
    let label = |label: &str| {
        let sound = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        (1..=63).contains(&label.len()) && label.bytes().all(sound) && !label.starts_with('-') && !label.ends_with('-')
    };
    (host.contains('.') && host.split('.').all(label)).then_some(host)
}

fn read_logos(at: &mut At<'_>, value: Value) -> Option<Vec<Logo>> {
    let logos = list(limits::LOGOS, |at: &mut At<'_>, value| {
        object(at, value, |fields| {
            let role = fields.required("role", one_of(LogoRole::WORDS, LogoRole::parse));
            let image = fields.required("image", read_image);
            Some(Logo {
                role: role?,
                image: image?,
            })
        })
    })(at, value)?;
    without_duplicates(at, &logos, |logo, other| logo.role == other.role)?;
    Some(logos)
}

fn read_social_links(at: &mut At<'_>, value: Value) -> Option<Vec<SocialLink>> {
    list(limits::SOCIAL_LINKS, |at: &mut At<'_>, value| {
        object(at, value, |fields| {
            let network = fields.required("network", read_key);
            let url = fields.required("url", parsed(limits::URL, "an https URL", https_url));
            Some(SocialLink {
                network: network?,
                url: url?,
            })
        })
    })(at, value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_a_name_and_not_an_address_or_a_pattern() {
        for (text, expected) in [
            ("www.Example.fr", Some("www.example.fr")),
            ("localhost", None),
            ("*.example.fr", None),
            ("example.fr/path", None),
            ("example..fr", None),
            ("-a.fr", None),
            ("https://example.fr", None),
        ] {
            assert_eq!(host_name(text).as_deref(), expected, "{text}");
        }
    }
}
