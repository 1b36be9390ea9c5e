//! Settings, section tree, menus and ad slots, kept in memory. They are checked against their
//! generations in the same snapshot as everything else in an answer, so they are never older than the database.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, OnceLock, RwLock};

use diesel::prelude::*;
use serde::Serialize;

use super::ads::{self, AdSlot};
use super::menus::{self, Menu};
use crate::base::clock::Time;
use crate::base::db::dialect::Generation;
use crate::base::db::schema::generations;
use crate::base::db::{AnswerAge, AnswerLife, CacheDeaths, Conn};
use crate::base::error::{Error, Result};
use crate::base::http::query::one_of;
use crate::base::ids::SectionId;
use crate::base::locale::LocaleQuery;
use crate::body::html::sanitise::EmbedPolicy;
use crate::site::sections::SectionTree;
use crate::site::settings::{self, Site};

/// The settings and the tree of one moment, and what else every page shows.
#[derive(Debug)]
pub struct Frame {
    /// The settings.
    pub site: Site,
    /// The sections.
    pub tree: SectionTree,
    /// The menus, by key.
    pub menus: Vec<Menu>,
    /// The ad slots, in the order in which they are placed.
    pub ad_slots: Vec<AdSlot>,
    generations: (i64, i64),
    /// Made when it is first needed: few of the frames that a write loads for itself sanitise HTML.
    embed_policy: OnceLock<EmbedPolicy>,
    /// What articles in lists say of their section, by section and language.
    spliced: SplicedMembers,
    /// What pages say of the site, by language, as it was made last.
    shown: RwLock<HashMap<String, Arc<ShownFrame>>>,
}

/// What pages say of the site in a language.
#[derive(Debug)]
pub struct ShownFrame {
    /// The site as JSON.
    pub json: String,
    /// What tells it from another.
    pub version: String,
    /// What it shows beside the frame, and of when it is.
    pub age: AnswerAge,
    /// When time alone changes it.
    pub next_change: Option<Time>,
}

/// What articles in lists say of their section, ready-made: each member after a comma.
#[derive(Debug)]
pub struct SectionMembers {
    /// The member `section` of a teaser.
    pub teaser: String,
    /// The members `section` and `breadcrumb` of a card.
    pub card: String,
}

/// Of a section that is not there.
static NO_SECTION: LazyLock<SectionMembers> = LazyLock::new(|| SectionMembers {
    teaser: ",\"section\":null".to_owned(),
    card: ",\"section\":null,\"breadcrumb\":[]".to_owned(),
});

impl Frame {
    /// Reads both from the database.
    pub fn load(conn: &mut Conn) -> Result<Self> {
        let generations = current_generations(conn)?;
        let (site, tree) = (settings::load(conn)?, SectionTree::load(conn)?);
        let (menus, ad_slots) = (menus::store::load(conn)?, ads::store::load(conn)?);
        let spliced = section_members(&site, &tree)?;
        Ok(Self {
            site,
            tree,
            menus,
            ad_slots,
            generations,
            embed_policy: OnceLock::new(),
            spliced,
            shown: RwLock::default(),
        })
    }

    /// What pages say of the site, where it was made before and is still so.
    pub fn shown(&self, locale: &str, deaths: &CacheDeaths, now: Time) -> Option<Arc<ShownFrame>> {
        let shown = self.shown.read().ok()?.get(locale)?.clone();
        let is_of_now = shown.next_change.is_none_or(|change| now < change);
        (is_of_now && deaths.is_trusted() && deaths.life(&shown.age) != AnswerLife::Dead).then_some(shown)
    }

    /// Keeps it for the next page.
    pub fn keep_shown(&self, locale: &str, shown: Arc<ShownFrame>) {
        if let Ok(mut kept) = self.shown.write() {
            kept.insert(locale.to_owned(), shown);
        }
    }

    /// The language that somebody asks for, or the site's first.
    ///
    /// # Errors
    /// 400 when the site does not speak it.
    pub fn locale_of(&self, asked: &LocaleQuery) -> Result<String> {
        let site = &self.site;
        let locale = asked.locale.clone().unwrap_or_else(|| site.first_locale().to_owned());
        if site.has_locale(&locale) {
            return Ok(locale);
        }
        let known: Vec<&str> = site.locales.iter().map(String::as_str).collect();
        Err(one_of("locale", &known))
    }

    /// What raw HTML may hold here.
    pub fn embed_policy(&self) -> &EmbedPolicy {
        self.embed_policy
            .get_or_init(|| EmbedPolicy::new(&self.site.embed_hosts))
    }

    /// When time alone changes which ad slots are used.
    pub fn next_ad_change(&self, now: Time) -> Option<Time> {
        self.ad_slots.iter().filter_map(|slot| slot.next_change(now)).min()
    }

    /// What an article of a section says of it.
    pub fn spliced(&self, section: SectionId, locale: &str) -> &SectionMembers {
        let of_section = self.spliced.get(&section);
        let spliced = of_section.and_then(|languages| languages.iter().find(|(language, _)| language == locale));
        spliced.map_or(&*NO_SECTION, |(_, members)| members)
    }
}

/// What a teaser says of its section.
#[derive(Serialize)]
struct TeaserSection<'a> {
    label: &'a str,
    path: &'a str,
    colour: &'a Option<String>,
}

/// By section, then by language.
type SplicedMembers = HashMap<SectionId, Vec<(String, SectionMembers)>>;

fn section_members(site: &Site, tree: &SectionTree) -> Result<SplicedMembers> {
    let mut spliced = SplicedMembers::new();
    for section in tree.in_order() {
        for locale in &site.locales {
            let Some(reference) = tree.reference(site, section.id, locale) else {
                continue;
            };
            let short = TeaserSection {
                label: &reference.label,
                path: &reference.path,
                colour: &reference.colour,
            };
            let crumbs = json(&tree.breadcrumb(site, section.id, locale))?;
            let members = SectionMembers {
                teaser: format!(",\"section\":{}", json(&short)?),
                card: format!(",\"section\":{},\"breadcrumb\":{crumbs}", json(&reference)?),
            };
            spliced.entry(section.id).or_default().push((locale.clone(), members));
        }
    }
    Ok(spliced)
}

fn json(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(Error::internal)
}

/// The frame last seen. Clones share it.
#[derive(Clone, Default)]
pub struct FrameCache(Arc<RwLock<Option<Arc<Frame>>>>);

impl FrameCache {
    /// The frame of a reading snapshot, remembered.
    pub fn current(&self, conn: &mut Conn) -> Result<Arc<Frame>> {
        if let Some(frame) = self.known(conn)? {
            return Ok(frame);
        }
        let frame = Arc::new(Frame::load(conn)?);
        if let Ok(mut known) = self.0.write() {
            *known = Some(frame.clone());
        }
        Ok(frame)
    }

    /// The frame inside a writing transaction. What the transaction has changed itself is in it, but it is not kept in
    /// memory, for it may never be committed.
    pub fn within_write(&self, conn: &mut Conn) -> Result<Arc<Frame>> {
        match self.known(conn)? {
            Some(frame) => Ok(frame),
            None => Frame::load(conn).map(Arc::new),
        }
    }

    /// Keeps the frame of a transaction that is committed, if nothing has changed since: a newsroom that writes while
    /// nobody reads must not load it for every write.
    pub fn keep_committed(&self, conn: &mut Conn, frame: &Arc<Frame>) -> Result<()> {
        if self.holds(frame) || frame.generations != current_generations(conn)? {
            return Ok(());
        }
        if let Ok(mut known) = self.0.write() {
            *known = Some(frame.clone());
        }
        Ok(())
    }

    /// Whether it is this frame that is remembered.
    pub fn holds(&self, frame: &Arc<Frame>) -> bool {
        let known = self.0.read();
        known.is_ok_and(|known| known.as_ref().is_some_and(|known| Arc::ptr_eq(known, frame)))
    }

    fn known(&self, conn: &mut Conn) -> Result<Option<Arc<Frame>>> {
        let known = self.0.read().ok().and_then(|known| known.clone());
        let generations = current_generations(conn)?;
        Ok(known.filter(|frame| frame.generations == generations))
    }
}

/// The generations of settings and sections.
fn current_generations(conn: &mut Conn) -> Result<(i64, i64)> {
    let (site, sections) = (Generation::Site.key(), Generation::Sections.key());
    let rows: Vec<(String, i64)> = generations::table
        .filter(generations::kind.eq(site).or(generations::kind.eq(sections)))
        .select((generations::kind, generations::value))
        .load(conn)?;
    let of = |kind: &str| rows.iter().find(|(key, _)| key == kind).map_or(0, |(_, value)| *value);
    Ok((of(site), of(sections)))
}
