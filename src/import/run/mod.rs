//! A WordPress export becomes articles, sections, tags, contributors and comments.
//!
//! - [`mod@survey`], the first pass, reads the whole file and finds it sound, or says on which line it is not; nothing
//!   is written before its end.
//! - [`mod@second_pass`] writes small batches, so that a server beside it is not kept waiting. Each is one
//!   transaction with the rows that say what came from where: a run that was killed is taken up by the next, a run
//!   over the same file changes nothing, and what was edited here is left alone.
//!
//! The parts of an export that was split may come together or one by one, in any order: what one names and another holds
//! is found in the survey of both, or among what earlier runs remembered ([`sources`]).
//!
//! [`prepare`] works out what an item will be, outside of any transaction, with [`planned_state`], [`authors`],
//! [`pictures`], [`seo`], [`languages`] and [`old_addresses`]; [`sections`], [`terms`], [`articles`] with
//! [`mod@arrivals`] and [`content`], and [`comments`] with [`batch_comments`] write; [`comments`] also writes those of [`disqus`]. [`text`] and [`dates`] know WordPress' ways; [`repair`] mends
//! text in a wrong encoding; [`report`] counts. Memory: one batch, and from the first pass authors, categories, and about
//! 300 bytes per item.

mod arrivals;
mod articles;
mod authors;
mod batch_comments;
mod closing;
#[cfg(test)]
mod comment_tests;
mod comments;
mod content;
mod dates;
pub mod disqus;
mod languages;
mod old_addresses;
mod order;
mod pictures;
mod planned_state;
mod prepare;
mod repair;
pub mod report;
pub mod retry;
mod second_pass;
mod sections;
mod seo;
#[cfg(test)]
mod site_tests;
mod sources;
mod survey;
mod terms;
#[cfg(test)]
mod tests;
mod text;

use std::collections::HashMap;
use std::sync::Arc;

use chrono_tz::Tz;
pub use second_pass::{ImportTimings, WxrImport};
pub use survey::WxrSurvey;

use self::sources::EarlierFiles;
use crate::base::db::Db;
use crate::base::secrets::Secrets;
use crate::body::html::sanitise::EmbedPolicy;
use crate::import::run::comments::EmailHasher;
use crate::import::run::prepare::ImportRules;
use crate::import::run::report::ImportReport;
use crate::import::run::retry::error_text;
use crate::import::run::sections::DefaultSections;
use crate::import::run::terms::ArchiveBases;
use crate::site::frame::{Frame, FrameCache};

/// What the operator may choose.
#[derive(Clone, Debug)]
pub struct ImportOptions {
    /// The zone of dates that are not in UTC; the site's where it is not given.
    pub time_zone: Option<Tz>,
    /// The language of the articles; the site's first where it is not given.
    pub locale: Option<String>,
    /// The section of posts without a category: a name, or the path of one that exists.
    pub post_section: String,
    /// The section of pages without one.
    pub page_section: String,
    /// What the addresses of categories' archives begin with, below the site's.
    pub category_base: String,
    /// What the addresses of tags' archives begin with.
    pub tag_base: String,
    /// The secrets by which commenters' e-mail addresses are hashed; without them the addresses are left out.
    pub secrets: Option<Secrets>,
}

impl Default for ImportOptions {
    fn default() -> Self {
        let (post_section, page_section) = ("Divers".to_owned(), "Pages".to_owned());
        Self {
            time_zone: None,
            locale: None,
            post_section,
            page_section,
            category_base: "category".to_owned(),
            tag_base: "tag".to_owned(),
            secrets: None,
        }
    }
}

/// Makes the sections that the surveyed files need, and remembers their pictures: from then on the files can be read.
///
/// # Errors
/// A sentence for the operator. What was written until then stays.
pub fn start<'r>(
    db: &'r Db,
    survey: &'r WxrSurvey,
    options: &ImportOptions,
) -> std::result::Result<WxrImport<'r>, String> {
    let frames = FrameCache::default();
    let frame = db.read_blocking(|conn| frames.current(conn)).map_err(error_text)?;
    let rules = rules(db, &frame, survey, options)?;
    for name in [&options.post_section, &options.page_section] {
        check_section(&frame, name)?;
    }
    let mut report = ImportReport::default();
    let defaults = DefaultSections {
        posts: &options.post_section,
        pages: &options.page_section,
    };
    let bases = ArchiveBases {
        source: survey.source.clone(),
        locale: rules.locale.clone(),
        category: options.category_base.clone(),
        tag: options.tag_base.clone(),
    };
    let target_sections = Arc::new(sections::ensure_sections(db, survey, defaults, &bases, &mut report)?);
    report.add_mendings(&survey.mendings);
    let source = survey.source.clone();
    let earlier = db
        .read_blocking(move |conn| EarlierFiles::load(conn, &source))
        .map_err(error_text)?;
    survey
        .pictures
        .remember(db, &survey.source, &earlier.pictures)
        .map_err(error_text)?;
    Ok(WxrImport {
        db,
        survey,
        earlier,
        rules,
        target_sections,
        bases,
        frames,
        report,
        posts: Vec::new(),
        bytes: 0,
        tags: Vec::new(),
        guests: Vec::new(),
        timings: ImportTimings::default(),
        seen: HashMap::new(),
    })
}

fn rules(
    db: &Db,
    frame: &Frame,
    survey: &WxrSurvey,
    options: &ImportOptions,
) -> std::result::Result<ImportRules, String> {
    let site = &frame.site;
    let zone = match options.time_zone {
        Some(zone) => zone,
        None => site
            .time_zone
            .parse()
            .map_err(|_| format!("the site's time zone {} is not known", site.time_zone))?,
    };
    let locale = options.locale.clone().unwrap_or_else(|| site.first_locale().to_owned());
    if !site.has_locale(&locale) {
        return Err(format!(
            "the site has no language {locale}; it has {}",
            site.locales.join(", ")
        ));
    }
    Ok(ImportRules {
        zone,
        locale,
        locales: site.locales.clone(),
        post_types: survey.post_types.clone(),
        policy: EmbedPolicy::new(&site.embed_hosts),
        now: db.clock().now(),
        emails: EmailHasher::load(db, options.secrets.as_ref()).map_err(error_text)?,
    })
}

fn check_section(frame: &Frame, name: &str) -> std::result::Result<(), String> {
    if name.starts_with('/') && frame.tree.at_path(name.trim_end_matches('/')).is_none() {
        return Err(format!("there is no section at {name}"));
    }
    if name.trim().is_empty() {
        return Err("a section needs a name".to_owned());
    }
    Ok(())
}
