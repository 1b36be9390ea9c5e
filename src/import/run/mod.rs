//! A WordPress export becomes articles, sections, tags, contributors and comments.
//!
//! - [`mod@survey`], the first pass, reads the whole file and finds it sound, or says on which line it is not; nothing is
//!   written before its end.
//! - [`import`], the second pass, writes small batches, so that a server beside it is not kept waiting. Each is one
//!   transaction with the rows that say what came from where: a run that was killed is taken up by the next, a run
//!   over the same file changes nothing, and what was edited here is left alone.
//!
//! [`prepare`] works out what an item will be, outside of any transaction; [`sections`], [`terms`], [`articles`] and
//! [`comments`] write, also those of [`disqus`]; [`text`] and [`dates`] know WordPress' ways; [`repair`] mends text in a wrong encoding; [`report`]
//! counts. Memory: one batch, and of the
//! first pass authors, categories, and about 200 bytes per picture.

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
mod sections;
mod survey;
mod terms;
#[cfg(test)]
mod tests;
mod text;
mod writing;

use std::collections::{HashMap, HashSet};
use std::io::Read;
use std::sync::Arc;

use chrono_tz::Tz;

use self::comments::{Emails, Seed};
use self::prepare::{Post, Rules, TagSeed};
use self::report::{Kind, List, Outcome, Report};
use self::sections::{Defaults, Places};
use self::survey::Survey as Found;
use self::writing::{text_of, write};
use super::store::{self as imports, Imported, ItemKind};
use super::wxr::{Item, Reader, Record};
use crate::base::db::Db;
use crate::base::error::Result;
use crate::base::ids::ArticleId;
use crate::base::secrets::Secrets;
use crate::body::html::sanitise::EmbedPolicy;
use crate::site::frame::{Frame, Frames};

pub use survey::{Survey, survey};

/// Articles that one transaction writes.
const POSTS: usize = 20;
/// Bytes of content that one batch holds, beside its last item.
const BYTES: usize = 2 * 1024 * 1024;
/// Comments that one transaction writes.
const COMMENTS: usize = 200;
/// Tags that one transaction makes.
const TAGS: usize = 100;

/// What the operator may choose.
#[derive(Clone, Debug)]
pub struct Options {
    /// The zone of dates that are not told in UTC; the site's where it is not given.
    pub time_zone: Option<Tz>,
    /// The language of the articles; the site's first where it is not given.
    pub locale: Option<String>,
    /// The section of posts without a category: a name, or the path of one that exists.
    pub post_section: String,
    /// The section of pages without one.
    pub page_section: String,
    /// By which the e-mail addresses of who commented are hashed; without it they are left out.
    pub secrets: Option<Secrets>,
}

impl Default for Options {
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

/// Reads the file again and writes what it holds; `progress` is told the bytes read.
///
/// # Errors
/// A sentence for the operator. What was written until then stays, and the next run goes on from there.
pub fn import(
    db: &Db,
    file: impl Read,
    survey: &Survey,
    options: &Options,
    progress: &dyn Fn(u64),
) -> std::result::Result<Report, String> {
    let frames = Frames::default();
    let frame = db.read_blocking(|conn| frames.current(conn)).map_err(text_of)?;
    let rules = rules(db, &frame, options)?;
    for name in [&options.post_section, &options.page_section] {
        check_section(&frame, name)?;
    }
    let mut report = Report::default();
    let defaults = Defaults {
        posts: &options.post_section,
        pages: &options.page_section,
    };
    let places = Arc::new(sections::settle(db, survey, defaults, &mut report)?);
    if survey.dropped_characters > 0 {
        report.note(
            List::Decided,
            "control characters that XML forbids: left out",
            survey.dropped_characters,
        );
    }
    let mut run = Run {
        db,
        survey,
        rules,
        places,
        frames,
        report,
        posts: Vec::new(),
        bytes: 0,
        tags: Vec::new(),
    };
    let mut reader = Reader::new(file);
    while let Some(record) = reader
        .next_record()
        .map_err(|error| format!("the file changed meanwhile: {error}"))?
    {
        run.take(record).map_err(text_of)?;
        progress(reader.bytes_read());
    }
    run.flush().map_err(text_of)?;
    Ok(run.report)
}

fn rules(db: &Db, frame: &Frame, options: &Options) -> std::result::Result<Rules, String> {
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
    Ok(Rules {
        zone,
        locale,
        policy: EmbedPolicy::new(&site.embed_hosts),
        now: db.clock().now(),
        emails: Emails::load(db, options.secrets.as_ref()).map_err(text_of)?,
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
struct Run<'r> {
    db: &'r Db,
    survey: &'r Found,
    rules: Rules,
    places: Arc<Places>,
    frames: Frames,
    report: Report,
    /// The batch.
    posts: Vec<Item>,
    bytes: usize,
    tags: Vec<TagSeed>,
}

impl Run<'_> {
    fn take(&mut self, record: Record) -> Result<()> {
        match record {
            Record::Tag(tag) if !tag.slug.is_empty() => {
                self.tags.push(TagSeed {
                    slug: text::key(tag.slug),
                    name: tag.name,
                    description: tag.description,
                });
                if self.tags.len() >= TAGS {
                    self.flush_tags()
                } else {
                    Ok(())
                }
            }
            Record::Item(item) => self.item(*item),
            _ => Ok(()),
        }
    }

    fn item(&mut self, item: Item) -> Result<()> {
        if let Err(why) = prepare::is_article(&item) {
            match item.post_type.as_str() {
                "post" => self.report.skip(Kind::Posts, format!("posts {why}")),
                "page" => self.report.skip(Kind::Pages, format!("pages {why}")),
                _ => self.report.note(List::Skipped, why, 1),
            }
            return Ok(());
        }
        self.bytes += item.content.len() + item.comments.iter().map(|comment| comment.content.len()).sum::<usize>();
        self.posts.push(item);
        if self.posts.len() >= POSTS || self.bytes >= BYTES {
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
        terms::settle_tags(self.db, &self.survey.source, seeds, &mut self.report, true).map(drop)
    }

    fn flush(&mut self) -> Result<()> {
        self.flush_tags()?;
        self.bytes = 0;
        let items = std::mem::take(&mut self.posts);
        if items.is_empty() {
            return Ok(());
        }
        let known = self.known(
            ItemKind::Post,
            items.iter().map(|item| item.post_id.to_string()).collect(),
        )?;
        let mut posts = Vec::new();
        for item in &items {
            let digest = prepare::digest(item, self.survey, &self.rules);
            let number = item.post_id.to_string();
            if known.get(&number).is_some_and(|row| row.digest == digest) {
                let kind = if item.post_type == "page" {
                    Kind::Pages
                } else {
                    Kind::Posts
                };
                self.report.count(kind, Outcome::Unchanged);
            } else {
                posts.push(prepare::post(item, digest, self.survey, &self.rules));
            }
        }
        if !posts.is_empty() {
            self.write_posts(posts)?;
        }
        self.comments(&items)
    }

    fn known(&self, kind: ItemKind, ids: Vec<String>) -> Result<HashMap<String, Imported>> {
        let source = &self.survey.source;
        self.db
            .read_blocking(|conn| imports::find_many(conn, source, kind, &ids))
    }

    fn write_posts(&mut self, posts: Vec<Post>) -> Result<()> {
        let source = &self.survey.source;
        let mut seen = HashSet::new();
        let tags: Vec<TagSeed> = posts
            .iter()
            .flat_map(|post| &post.tags)
            .filter(|tag| seen.insert(&tag.slug))
            .cloned()
            .collect();
        let authors: HashSet<_> = posts.iter().filter_map(|post| post.signature.clone()).collect();
        let tags = terms::settle_tags(self.db, source, tags, &mut self.report, false)?;
        let contributors = terms::settle_authors(self.db, source, authors.into_iter().collect(), &mut self.report)?;
        // Known beforehand, so that the transaction need not read the tree.
        self.db.read_blocking(|conn| self.frames.current(conn))?;
        let batch = articles::Batch {
            source: source.clone(),
            locale: self.rules.locale.clone(),
            posts: Arc::new(posts),
            places: self.places.clone(),
            tags: Arc::new(tags),
            contributors: Arc::new(contributors),
            frames: self.frames.clone(),
            now: self.rules.now,
        };
        let counts = write(self.db, move |conn| articles::write_all(conn, &batch))?;
        self.report.add(counts);
        Ok(())
    }

    /// Writes the comments of a batch whose articles are written.
    fn comments(&mut self, items: &[Item]) -> Result<()> {
        let with_comments: Vec<&Item> = items.iter().filter(|item| !item.comments.is_empty()).collect();
        let articles = self.known(
            ItemKind::Post,
            with_comments.iter().map(|item| item.post_id.to_string()).collect(),
        )?;
        let numbers = with_comments
            .iter()
            .flat_map(|item| &item.comments)
            .map(|comment| comment.comment_id.to_string());
        let known = self.known(ItemKind::Comment, numbers.collect())?;
        let is_known = |number: &str| known.contains_key(number);
        let mut seeds: Vec<Seed> = Vec::new();
        for item in with_comments {
            let row = articles.get(&item.post_id.to_string());
            let Some(article) = row.and_then(|row| ArticleId::parse(&row.target_id)) else {
                continue;
            };
            seeds.extend(comments::seeds(
                item,
                article,
                &is_known,
                self.survey,
                &self.rules,
                &mut self.report,
            ));
        }
        for chunk in seeds.chunks(COMMENTS) {
            let (source, chunk, now) = (self.survey.source.clone(), chunk.to_vec(), self.rules.now);
            let counts = write(self.db, move |conn| comments::write_all(conn, &source, &chunk, now))?;
            self.report.add(counts);
        }
        Ok(())
    }
}
