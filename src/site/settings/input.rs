//! What administrators send of the settings.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Site;
use crate::access::auth::Role;
use crate::base::http::value_reader::{
    ValueReader, boolean, component, distinct, filled_list, integer, line, list, parsed, url, word,
};
use crate::base::key::{Key, key};
use crate::base::limits;
use crate::base::locale::{labels, locale};
use crate::base::zone_name::time_zone;
use crate::body::image::{Image, https_url, image};
use crate::body_type;
use crate::site::comment_policy::{self, CommentPolicy};
use crate::site::page_lists::{self, PageLists};

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
    /// The logo's role.
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

body_type! {
    /// A change of the settings: a merge patch, lists replaced whole.
    #[derive(Clone, Debug, Default)]
    pub struct SitePatch of Site {
        /// The name of the paper.
        pub name: String = change(line(limits::NAME)),
        /// What it says of itself in a line.
        pub tagline: String = patch(line(limits::STANDFIRST)),
        /// The first breadcrumb item in the site's first language.
        pub root_label: String = change(line(limits::LABEL)),
        /// The same in other languages, by language.
        pub root_labels: BTreeMap<String, String> = patch(labels()),
        /// Its languages. The first stays; one in which there are articles stays too.
        pub locales: Vec<String> = change(site_locales()),
        /// The IANA time zone of the newsroom.
        pub time_zone: String = change(zone_name()),
        /// Hosts whose frames raw HTML may hold.
        pub embed_hosts: Vec<String> = change(list(limits::EMBED_HOSTS, host())),
        /// How articles take comments where neither they nor their sections say otherwise.
        pub comment_policy: CommentPolicy = patch(comment_policy::reader()),
        /// How many readers must report a comment that no moderator has approved for it to wait for one; 0 for never.
        pub comment_report_threshold: i64 = change(integer(0, 1_000)),
        /// Whether only what the desk has approved goes live.
        pub requires_approval: bool = change(boolean()),
        /// The roles whose users must have a second factor: until they have set it up, only their own account is
        /// open to them.
        pub second_factor_roles: Vec<Role> = change(second_factor_roles()),
        /// Whether only what has a body goes live.
        pub requires_body: bool = change(boolean()),
        /// How many blocks of an article, from its first, are shown to whoever may not read it all.
        pub preview_blocks: i64 = change(integer(0, 20)),
        /// Its logos, one of each role.
        pub logos: Vec<Logo> = change(logos()),
        /// Where else it is found.
        pub social_links: Vec<SocialLink> = change(social_links()),
        /// Which lists its pages carry, all of them anew; null for those that a new site has.
        pub pages: PageLists = patch(page_lists::reader()),
    }
}

fn site_locales() -> impl ValueReader<Value = Vec<String>> {
    filled_list(limits::LOCALES, locale()).then(distinct(|locale, other| locale == other))
}

fn second_factor_roles() -> impl ValueReader<Value = Vec<Role>> {
    list(Role::ALL.len(), word()).then(distinct(|role, other| role == other))
}

fn zone_name() -> impl ValueReader<Value = String> {
    time_zone().then(|_, zone| Some(zone.name().to_owned()))
}

fn host() -> impl ValueReader<Value = String> {
    parsed(limits::HOST, "a host name such as www.example.fr", host_name)
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

fn logos() -> impl ValueReader<Value = Vec<Logo>> {
    let logo = component(|fields| {
        let role = fields.required("role", word());
        let image = fields.required("image", image());
        Some(Logo {
            role: role?,
            image: image?,
        })
    });
    list(limits::LOGOS, logo).then(distinct(|logo: &Logo, other| logo.role == other.role))
}

fn social_links() -> impl ValueReader<Value = Vec<SocialLink>> {
    let link = component(|fields| {
        let network = fields.required("network", key());
        let url = fields.required("url", url("an https URL", https_url));
        Some(SocialLink {
            network: network?,
            url: url?,
        })
    });
    list(limits::SOCIAL_LINKS, link)
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
            ("a.fr", Some("a.fr")),
            ("a-b.fr", Some("a-b.fr")),
            ("a-.fr", None),
            (".fr", None),
        ] {
            assert_eq!(host_name(text).as_deref(), expected, "{text}");
        }
        for (length, is_host) in [(63, true), (64, false)] {
            assert_eq!(
                host_name(&format!("{}.fr", "a".repeat(length))).is_some(),
                is_host,
                "{length}"
            );
        }
    }
}
