//! A WordPress export becomes articles, sections, tags, contributors and comments.
//!
//! - [`mod@survey`], the first pass, reads the whole file and finds it sound, or says on which line it is not; nothing
//!   is written before its end.
//! - [`import`], the second pass, writes small batches, so that a server beside it is not kept waiting. Each is one
//!   transaction with the rows that say what came from where: a run that was killed is taken up by the next, a run
//!   over the same file changes nothing, and what was edited here is left alone.
//!
//! [`prepare`] works out what an item will be, outside of any transaction; [`sections`], [`terms`], [`articles`] and
//! [`comments`] write; [`comments`] also writes those of [`disqus`]. [`text`] and [`dates`] know WordPress' ways;
//! [`repair`] mends text in a wrong encoding; [`report`] counts. Memory: one batch, and from the first pass authors,
//! categories, and about 200 bytes per picture.

mod articles;
#[cfg(test)]
mod comment_tests;
mod comments;
mod dates;
pub mod disqus;
mod order;
mod prepare;
mod repair;
pub mod report;
pub mod retry;
mod sections;
mod survey;
mod terms;
#[cfg(test)]
mod tests;
mod text;

use std::collections::{HashMap, HashSet};
use std::io::Read;
use std::sync::Arc;

use chrono_tz::Tz;
pub use survey::{WxrSurvey, survey};

use self::prepare::TagSeed;
use super::store as imports;
use crate::base::db::Db;
use crate::base::error::Result;
use crate::base::ids::ArticleId;
use crate::base::secrets::Secrets;
use crate::body::html::sanitise::EmbedPolicy;
use crate::import::run::comments::{CommentSeed, EmailHasher};
use crate::import::run::prepare::{ImportRules, PreparedPost};
use crate::import::run::report::{CountedKind, ImportOutcome, ImportReport, ReportList};
use crate::import::run::retry::{error_text, write_with_retries};
use crate::import::run::sections::{DefaultSections, TargetSections};
use crate::import::run::survey::WxrSurvey as FirstPass;
use crate::import::store::{ImportedItem, SourceItemKind};
use crate::import::wxr::{WxrItem, WxrReader, WxrRecord};
use crate::site::frame::{Frame, FrameCache};

/// Articles that one transaction writes.
const POSTS_PER_BATCH: usize = 20;
/// Bytes of content that one batch holds, not counting its last item.
const BYTES_PER_BATCH: usize = 2 * 1024 * 1024;
/// Comments that one transaction writes.
const COMMENTS_PER_BATCH: usize = 200;
/// Tags that one transaction makes.
const TAGS_PER_BATCH: usize = 100;

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
            secrets: None,
        }
    }
}

/// Reads the file again and writes what it holds; `progress` gets the number of bytes read.
///
/// # Errors
/// A sentence for the operator. What was written until then stays, and the next run goes on from there.
pub fn import(
    db: &Db,
    file: impl Read,
    survey: &WxrSurvey,
    options: &ImportOptions,
    progress: &dyn Fn(u64),
) -> std::result::Result<ImportReport, String> {
    let frames = FrameCache::default();
    let frame = db.read_blocking(|conn| frames.current(conn)).map_err(error_text)?;
    let rules = rules(db, &frame, options)?;
    for name in [&options.post_section, &options.page_section] {
        check_section(&frame, name)?;
    }
    let mut report = ImportReport::default();
    let defaults = DefaultSections {
        posts: &options.post_section,
        pages: &options.page_section,
    };
    let target_sections = Arc::new(sections::ensure_sections(db, survey, defaults, &mut report)?);
    if survey.dropped_characters > 0 {
        report.note(
            ReportList::Decided,
            "control characters that XML forbids: left out",
            survey.dropped_characters,
        );
    }
    let mut run = WxrImport {
        db,
        survey,
        rules,
        target_sections,
        frames,
        report,
        posts: Vec::new(),
        bytes: 0,
        tags: Vec::new(),
    };
    let mut reader = WxrReader::new(file);
    while let Some(record) = reader
        .next_record()
        .map_err(|error| format!("the file changed meanwhile: {error}"))?
    {
        run.take(record).map_err(error_text)?;
        progress(reader.bytes_read());
    }
    run.flush().map_err(error_text)?;
    Ok(run.report)
}

fn rules(db: &Db, frame: &Frame, options: &ImportOptions) -> std::result::Result<ImportRules, String> {
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

/// The second pass under way.
struct WxrImport<'r> {
    db: &'r Db,
    survey: &'r FirstPass,
    rules: ImportRules,
    target_sections: Arc<TargetSections>,
    frames: FrameCache,
    report: ImportReport,
    /// The batch.
    posts: Vec<WxrItem>,
    bytes: usize,
    tags: Vec<TagSeed>,
}

impl WxrImport<'_> {
    fn take(&mut self, record: WxrRecord) -> Result<()> {
        match record {
            WxrRecord::Tag(tag) if !tag.slug.is_empty() => {
                self.tags.push(TagSeed {
                    slug: text::key(tag.slug),
                    name: tag.name,
                    description: tag.description,
                });
                if self.tags.len() >= TAGS_PER_BATCH {
                    self.flush_tags()
                } else {
                    Ok(())
                }
            }
            WxrRecord::Item(item) => self.item(*item),
            _ => Ok(()),
        }
    }

    fn item(&mut self, item: WxrItem) -> Result<()> {
        if let Err(why) = prepare::check_importable(&item) {
            match item.post_type.as_str() {
                "post" => self.report.skip(CountedKind::Posts, format!("posts {why}")),
                "page" => self.report.skip(CountedKind::Pages, format!("pages {why}")),
                _ => self.report.note(ReportList::Skipped, why, 1),
            }
            return Ok(());
        }
        self.bytes += item.content.len() + item.comments.iter().map(|comment| comment.content.len()).sum::<usize>();
        self.posts.push(item);
        if self.posts.len() >= POSTS_PER_BATCH || self.bytes >= BYTES_PER_BATCH {
            self.flush()
        } else {
            Ok(())
        }
    }

    fn flush_tags(&mut self) -> Result<()> {
        let seeds = std::mem::take(&mut self.tags);
        if seeds.is_empty() {
            return Ok(());
        }
        terms::ensure_tags(self.db, &self.survey.source, seeds, &mut self.report, true).map(drop)
    }

    fn flush(&mut self) -> Result<()> {
        self.flush_tags()?;
        self.bytes = 0;
        let items = std::mem::take(&mut self.posts);
        if items.is_empty() {
            return Ok(());
        }
        let known = self.known(
            SourceItemKind::Post,
            items.iter().map(|item| item.post_id.to_string()).collect(),
        )?;
        let mut posts = Vec::new();
        for item in &items {
            let digest = prepare::digest(item, self.survey, &self.rules);
            let number = item.post_id.to_string();
            if known.get(&number).is_some_and(|row| row.digest == digest) {
                let kind = if item.post_type == "page" {
                    CountedKind::Pages
                } else {
                    CountedKind::Posts
                };
                self.report.count(kind, ImportOutcome::Unchanged);
            } else {
                posts.push(prepare::post(item, digest, self.survey, &self.rules));
            }
        }
        if !posts.is_empty() {
            self.write_posts(posts)?;
        }
        self.comments(&items)
    }

    fn known(&self, kind: SourceItemKind, ids: Vec<String>) -> Result<HashMap<String, ImportedItem>> {
        let source = &self.survey.source;
        self.db
            .read_blocking(|conn| imports::find_many(conn, source, kind, &ids))
    }

    fn write_posts(&mut self, posts: Vec<PreparedPost>) -> Result<()> {
        let source = &self.survey.source;
        let mut seen = HashSet::new();
        let tags: Vec<TagSeed> = posts
            .iter()
            .flat_map(|post| &post.tags)
            .filter(|tag| seen.insert(&tag.slug))
            .cloned()
            .collect();
        let authors: HashSet<_> = posts.iter().filter_map(|post| post.signature.clone()).collect();
        let tags = terms::ensure_tags(self.db, source, tags, &mut self.report, false)?;
        let contributors =
            terms::ensure_contributors(self.db, source, authors.into_iter().collect(), &mut self.report)?;
        // Known beforehand, so that the transaction need not read the tree.
        self.db.read_blocking(|conn| self.frames.current(conn))?;
        let batch = articles::PostBatch {
            source: source.clone(),
            locale: self.rules.locale.clone(),
            posts: Arc::new(posts),
            target_sections: self.target_sections.clone(),
            tags: Arc::new(tags),
            contributors: Arc::new(contributors),
            frames: self.frames.clone(),
            now: self.rules.now,
        };
        let counts = write_with_retries(self.db, move |conn| articles::write_all(conn, &batch))?;
        self.report.add(counts);
        Ok(())
    }

    /// Writes the comments of a batch whose articles are written.
    fn comments(&mut self, items: &[WxrItem]) -> Result<()> {
        let with_comments: Vec<&WxrItem> = items.iter().filter(|item| !item.comments.is_empty()).collect();
        let articles = self.known(
            SourceItemKind::Post,
            with_comments.iter().map(|item| item.post_id.to_string()).collect(),
        )?;
        let numbers = with_comments
            .iter()
            .flat_map(|item| &item.comments)
            .map(|comment| comment.comment_id.to_string());
        let known = self.known(SourceItemKind::Comment, numbers.collect())?;
        let is_known = |number: &str| known.contains_key(number);
        let mut seeds: Vec<CommentSeed> = Vec::new();
        for item in with_comments {
            let row = articles.get(&item.post_id.to_string());
            let Some(article) = row.and_then(|row| ArticleId::parse(&row.target_id)) else {
                continue;
            };
            seeds.extend(comments::comment_seeds(
                item,
                article,
                &is_known,
                self.survey,
                &self.rules,
                &mut self.report,
            ));
        }
        for chunk in seeds.chunks(COMMENTS_PER_BATCH) {
            let (source, chunk, now) = (self.survey.source.clone(), chunk.to_vec(), self.rules.now);
            let counts = write_with_retries(self.db, move |conn| comments::write_all(conn, &source, &chunk, now))?;
            self.report.add(counts);
        }
        Ok(())
    }
}
