//! The site as readers get it.

use serde::Serialize;
use utoipa::ToSchema;

use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::http::public_url::PublicUrl;
use crate::delivery::ad_slots::{PublicAdSlot, current_ad_slots};
use crate::delivery::jsonld::{self, JsonLdSite};
use crate::delivery::menus::{PublicMenu, resolve_menus};
use crate::site::frame::Frame;
use crate::site::settings::{Crumb, Logo, SocialLink};

/// The site: what every page of it shows.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PublicSite {
    /// The name of the paper.
    pub name: String,
    /// What it says of itself in a line.
    pub tagline: Option<String>,
    /// The base of canonical URLs, without a closing slash.
    #[schema(format = "uri", max_length = 2048)]
    pub public_url: String,
    /// The language of labels and paths in this answer.
    pub locale: String,
    /// The site's languages; the first one's paths have no prefix.
    #[schema(max_items = 20)]
    pub locales: Vec<String>,
    /// The IANA time zone of the newsroom.
    pub time_zone: String,
    /// The home page: the first item of every breadcrumb.
    pub root: Crumb,
    /// Its logos, one of each role.
    #[schema(max_items = 10)]
    pub logos: Vec<Logo>,
    /// Where else it is found.
    #[schema(max_items = 30)]
    pub social_links: Vec<SocialLink>,
    /// What search engines are told of it (schema.org, as JSON-LD).
    pub jsonld: JsonLdSite,
    /// Its menus, by key.
    #[schema(max_items = 50)]
    pub menus: Vec<PublicMenu>,
    /// Ad slots that are used at this moment.
    #[schema(max_items = 100)]
    pub ad_slots: Vec<PublicAdSlot>,
}

/// The site in a language at a moment.
pub fn public_site(
    conn: &mut Conn,
    frame: &Frame,
    public_url: &PublicUrl,
    locale: &str,
    now: Time,
) -> Result<PublicSite> {
    let site = &frame.site;
    Ok(PublicSite {
        name: site.name.clone(),
        tagline: site.tagline.clone(),
        public_url: public_url.as_str().to_owned(),
        locale: locale.to_owned(),
        locales: site.locales.clone(),
        time_zone: site.time_zone.clone(),
        root: Crumb {
            label: site.root_label_in(locale).to_owned(),
            path: site.localised(locale, "/"),
        },
        logos: site.logos.clone(),
        social_links: site.social_links.clone(),
        jsonld: jsonld::site(site, public_url),
        menus: resolve_menus(conn, frame, public_url, locale, &frame.menus)?,
        ad_slots: current_ad_slots(frame, now),
    })
}
