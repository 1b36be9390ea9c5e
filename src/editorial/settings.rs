//! The settings at the desk: read and change.

use std::collections::BTreeMap;

use actix_web::{HttpResponse, get, patch};
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::audit::{self, AuditEvent, TargetKind};
use crate::access::auth::{Desk, Permission, Role, may};
use crate::access::change_log::{self, EditableKind};
use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::db::dialect::{AdvisoryLock, Generation, raise_generations, take_advisory_lock};
use crate::base::error::{Error, FieldCode, FieldError, Result};
use crate::base::http::body::Body;
use crate::base::http::conditional::{IfMatch, versioned};
use crate::base::http::query::{NoParams, Params};
use crate::base::ids::{SectionId, TagId};
use crate::events::outbox::data::SitePart;
use crate::published::repress;
use crate::site::announcing::announce_site;
use crate::site::comment_policy::CommentPolicy;
use crate::site::page_lists::PageLists;
use crate::site::sections::{self, SectionTree};
use crate::site::settings::input::SitePatch;
use crate::site::settings::{Logo, Site, SocialLink, store};
use crate::site::{contributors, paths, tags};

/// The id under which edits of the settings are kept: there is one site.
pub(super) const ID: &str = "site";

/// The settings as administrators see them.
#[derive(Serialize, ToSchema)]
pub struct SiteView {
    /// The name of the paper.
    pub name: String,
    /// What it says of itself in a line.
    pub tagline: Option<String>,
    /// The first breadcrumb item in the site's first language.
    pub root_label: String,
    /// The same in other languages, by language.
    pub root_labels: BTreeMap<String, String>,
    /// Its languages; the first one's paths have no prefix.
    #[schema(max_items = 20)]
    pub locales: Vec<String>,
    /// The IANA time zone of the newsroom.
    pub time_zone: String,
    /// The first segment of tags' paths.
    #[schema(max_length = 80)]
    pub tag_prefix: String,
    /// The first segment of contributors' paths.
    #[schema(max_length = 80)]
    pub contributor_prefix: String,
    /// Hosts whose frames raw HTML may hold.
    #[schema(max_items = 50)]
    pub embed_hosts: Vec<String>,
    /// How articles take comments where neither they nor their sections say otherwise.
    pub comment_policy: CommentPolicy,
    /// How many readers must report a comment that no moderator has approved for it to wait for one; 0 for never.
    pub comment_report_threshold: i64,
    /// Whether only what the desk has approved goes live.
    pub requires_approval: bool,
    /// The roles whose users must have a second factor.
    #[schema(max_items = 6)]
    pub second_factor_roles: Vec<Role>,
    /// Whether only what has a body goes live.
    pub requires_body: bool,
    /// How many blocks of an article, from its first, are shown to whoever may not read it all.
    pub preview_blocks: i64,
    /// Its logos, one of each role.
    #[schema(max_items = 10)]
    pub logos: Vec<Logo>,
    /// Where else it is found.
    #[schema(max_items = 30)]
    pub social_links: Vec<SocialLink>,
    /// Which lists its pages carry.
    pub pages: PageLists,
    /// Counts changes; the ETag is made of it.
    pub version: i64,
}

impl SiteView {
    fn new(site: Site, version: i64) -> Self {
        Self {
            name: site.name,
            tagline: site.tagline,
            root_label: site.root_label,
            root_labels: site.root_labels,
            locales: site.locales,
            time_zone: site.time_zone,
            tag_prefix: site.tag_prefix,
            contributor_prefix: site.contributor_prefix,
            embed_hosts: site.embed_hosts,
            comment_policy: site.comment_policy,
            comment_report_threshold: site.comment_report_threshold,
            requires_approval: site.requires_approval,
            second_factor_roles: site.second_factor_roles,
            requires_body: site.requires_body,
            preview_blocks: site.preview_blocks,
            logos: site.logos,
            social_links: site.social_links,
            pages: site.pages,
            version,
        }
    }
}

/// Read the settings.
///
/// The site's settings with their ETag for changing them. Before the first change these are the defaults.
#[utoipa::path(tag = "site", operation_id = "getSiteForEditing",
    responses((status = 200, description = "The settings.", body = SiteView, headers(("ETag")))))]
#[get("/v1/editorial/site")]
pub async fn get_site_for_editing(desk: Desk<may::ReadTaxonomy>, _: Params<NoParams>) -> Result<HttpResponse> {
    let (site, version) = desk.read(|conn, _| store::load_versioned(conn)).await?;
    Ok(versioned(version, &SiteView::new(site, version)))
}

/// Change the settings.
///
/// Settings take effect immediately. A language that is added gives every section, tag and contributor a path in
/// it; one in which there are articles cannot be taken away. With another `preview_blocks`, articles that not everybody
/// may read are cut anew one after the other, in the background.
#[utoipa::path(tag = "site", operation_id = "updateSite", params(IfMatch), request_body = SitePatch,
    responses((status = 200, description = "The settings.", body = SiteView)))]
#[patch("/v1/editorial/site")]
pub async fn update_site(
    desk: Desk<may::ManageSite>,
    if_match: IfMatch,
    body: Body<SitePatch>,
) -> Result<HttpResponse> {
    let patch = body.value;
    desk.actor.check_everywhere(Permission::ManageSite)?;
    let (site, version) = desk
        .write(move |conn, desk| {
            take_advisory_lock(conn, AdvisoryLock::Sections)?;
            take_advisory_lock(conn, AdvisoryLock::Site)?;
            let (old, version) = store::load_versioned(conn)?;
            change_log::check(conn, if_match, (EditableKind::Site, ID, version), |_| {
                Ok(SiteView::new(old.clone(), version))
            })?;
            let (site, changed) = patch.apply(&old);
            if changed.is_empty() {
                return Ok((site, version));
            }
            check_lists(conn, &site.pages)?;
            if changed.contains(&"second_factor_roles") {
                // Who logs in how is for no token.
                desk.actor.session_id()?;
            }
            let version = version + 1;
            change_log::record(
                conn,
                EditableKind::Site,
                ID,
                version,
                Some(desk.actor.user_id),
                &changed,
                desk.now,
            )?;
            let digest = |site: &Site| audit::digest(&SiteView::new(site.clone(), 0));
            let act = AuditEvent::on("site.edit", TargetKind::Site, ID).detail("fields", changed);
            audit::record(
                conn,
                desk.actor,
                act.before(digest(&old)?).after(digest(&site)?),
                desk.now,
            )?;
            if site.locales != old.locales {
                change_locales(conn, &old, &site, desk.now)?;
            }
            store::update(conn, &site, version)?;
            announce_site(conn, SitePart::Settings, None, desk.now)?;
            if site.preview_blocks != old.preview_blocks {
                repress::repress_gated_later(conn, desk.now)?;
            }
            Ok((site, version))
        })
        .await?;
    Ok(versioned(version, &SiteView::new(site, version)))
}

/// Checks that the sections and tags of lists are there.
fn check_lists(conn: &mut Conn, pages: &PageLists) -> Result<()> {
    let tree = SectionTree::load(conn)?;
    let tag_ids: Vec<_> = pages.each().flat_map(|(_, list)| list.tag_ids.clone()).collect();
    let known = tags::store::get_many(conn, &tag_ids)?;
    let mut errors = Vec::new();
    for (pointer, list) in pages.each() {
        let missing = |id: &SectionId| tree.get(*id).is_none();
        let sections = list.section_ids.iter().enumerate().filter(|(_, id)| missing(id));
        errors.extend(sections.map(|(index, _)| format!("/pages{pointer}/section_ids/{index}")));
        let missing = |id: &TagId| known.iter().all(|tag| tag.id != *id);
        let tags = list.tag_ids.iter().enumerate().filter(|(_, id)| missing(id));
        errors.extend(tags.map(|(index, _)| format!("/pages{pointer}/tag_ids/{index}")));
    }
    if errors.is_empty() {
        return Ok(());
    }
    let errors = errors.into_iter();
    let unknown = errors.map(|pointer| FieldError::new(pointer, FieldCode::UnknownReference));
    Err(Error::validation(unknown.collect::<Vec<_>>()))
}

/// Gives everything a path in the languages that are added, and hides the paths in those that are removed.
fn change_locales(conn: &mut Conn, old: &Site, new: &Site, now: Time) -> Result<()> {
    let tree = SectionTree::load(conn)?;
    if new.first_locale() != old.first_locale() && !store::has_no_paths(conn)? {
        let error = FieldError::new("/locales/0", FieldCode::FirstLocale);
        return Err(Error::field(error.with("locale", old.first_locale())));
    }
    for (index, locale) in new.locales.iter().enumerate() {
        let is_new = !old.has_locale(locale);
        if is_new && tree.at_path(&format!("/{locale}")).is_some() {
            let error = FieldError::new(format!("/locales/{index}"), FieldCode::SlugTaken);
            return Err(Error::field(error.with("path", format!("/{locale}"))));
        }
    }
    for locale in old.locales.iter().filter(|locale| !new.has_locale(locale)) {
        if store::count_articles_in(conn, locale)? > 0 {
            let error = FieldError::new("/locales", FieldCode::LocaleInUse);
            return Err(Error::field(error.with("locale", locale)));
        }
        paths::hide_language(conn, locale)?;
    }
    sections::store::claim_all_paths(conn, new, &tree, now)?;
    tags::store::claim_all_paths(conn, new, now)?;
    contributors::store::claim_all_paths(conn, new, now)?;
    Ok(raise_generations(conn, &mut [Generation::Sections])?)
}
