//! What readers' front ends get of the site as a whole.

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;

use super::ads::delivery::{PublicAdSlot, shown};
use super::menus::delivery::{PublicMenu, resolved};
use super::{Crumb, Frame, Frames, InLocale, Logo, SocialLink};
use crate::articles::jsonld::{self, JsonLdSite};
use crate::clock::Time;
use crate::db::{Conn, Db};
use crate::error::Result;
use crate::http::conditional::{Conditional, Fresh};
use crate::http::public_url::PublicUrl;
use crate::http::query::Params;

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
    /// Places for advertisements that are used at this moment.
    #[schema(max_items = 100)]
    pub ad_slots: Vec<PublicAdSlot>,
}

/// The site in a language at a moment.
///
/// # Errors
/// The database's.
pub fn public_site(conn: &mut Conn, frame: &Frame, public_url: &str, locale: &str, now: Time) -> Result<PublicSite> {
    let site = &frame.site;
    Ok(PublicSite {
        name: site.name.clone(),
        tagline: site.tagline.clone(),
        public_url: public_url.to_owned(),
        locale: locale.to_owned(),
        locales: site.locales.clone(),
        time_zone: site.time_zone.clone(),
        root: Crumb {
            label: site.root_label_in(locale).to_owned(),
            path: site.localised(locale, "/"),
        },
        logos: site.logos.clone(),
        social_links: site.social_links.clone(),
        jsonld: jsonld::site(site, &PublicUrl(public_url.to_owned())),
        menus: resolved(conn, frame, public_url, locale, &frame.menus)?,
        ad_slots: shown(frame, now),
    })
}

/// Read the site.
///
/// What every page shows: the paper's name and logos, its menus, its places for advertisements.
#[utoipa::path(tag = "site", operation_id = "getSite", params(InLocale),
    responses((status = 200, description = "The site.", body = PublicSite)))]
#[get("/v1/site")]
pub async fn get_site(
    db: Data<Db>,
    frames: Data<Frames>,
    public_url: Data<PublicUrl>,
    reader: Conditional,
    params: Params<InLocale>,
) -> Result<HttpResponse> {
    let now = db.clock().now();
    let fresh = db
        .read(move |conn| {
            let frame = frames.current(conn)?;
            let locale = frame.locale_of(&params.0)?;
            let site = public_site(conn, &frame, &public_url.0, &locale, now)?;
            let keys = ["site", "menus", "ad-slots"].map(str::to_owned);
            let fresh = Fresh::json(&site, keys.to_vec())?;
            Ok(Fresh {
                next_change: frame.next_ad_change(now),
                ..fresh
            })
        })
        .await?;
    Ok(reader.respond(fresh))
}
