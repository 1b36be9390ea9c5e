//! The second pass: the files are read again, and what they hold is written in small batches.

use std::collections::{HashMap, HashSet};
use std::io::Read;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::articles::PostBatch;
use super::authors::{AuthorSeed, GUEST_TYPE, guest};
use super::languages::{SiteLanguage, code_of, editions, group_of, site_language};
use super::old_addresses::path_mark;
use super::prepare::TagSeed;
use super::sections::TargetSections;
use super::sources::{EarlierFiles, SourceItem, Sources, name_of};
use super::terms::ArchiveBases;
use super::{articles, prepare, terms, text};
use crate::base::db::Db;
use crate::base::error::Result;
use crate::base::limits;
use crate::base::secrets::sha256;
use crate::import::run::prepare::{ImportRules, PreparedPost};
use crate::import::run::report::{CountedKind, ImportOutcome, ImportReport, ReportList};
use crate::import::run::retry::{error_text, write_with_retries};
use crate::import::run::survey::WxrSurvey;
use crate::import::store as imports;
use crate::import::store::{ImportedItem, SourceItemKind};
use crate::import::wxr::{WxrItem, WxrReader, WxrRecord};
use crate::site::frame::FrameCache;

/// Articles that one transaction writes.
const POSTS_PER_BATCH: usize = 50;
/// Bytes of content that one batch holds, not counting its last item.
const BYTES_PER_BATCH: usize = 2 * 1024 * 1024;
/// Tags, or guest authors, that one transaction makes.
const TAGS_PER_BATCH: usize = 100;

/// Characters of a key of translations: as many as that of an article has.
const TRANSLATION_KEY: usize = limits::UUID;

/// How long the parts of the second pass took.
#[derive(Clone, Copy, Debug, Default)]
pub struct ImportTimings {
    /// Articles written.
    pub articles: usize,
    /// Comments written.
    pub comments: usize,
    /// Working out what items will be: texts, pictures, what is known of them.
    pub preparing: Duration,
    /// Tags and authors.
    pub naming: Duration,
    /// Articles, until they were on the disk.
    pub writing: Duration,
    /// Comments, until they were on the disk.
    pub discussing: Duration,
    /// All of it: what is left is the reading of the files.
    pub total: Duration,
}

/// The second pass under way.
pub struct WxrImport<'r> {
    pub(super) db: &'r Db,
    pub(super) survey: &'r WxrSurvey,
    pub(super) earlier: EarlierFiles,
    pub(super) rules: ImportRules,
    pub(super) target_sections: Arc<TargetSections>,
    pub(super) bases: ArchiveBases,
    pub(super) frames: FrameCache,
    pub(super) report: ImportReport,
    /// The batch.
    pub(super) posts: Vec<SourceItem>,
    pub(super) bytes: usize,
    pub(super) tags: Vec<TagSeed>,
    pub(super) guests: Vec<AuthorSeed>,
    pub(super) timings: ImportTimings,
    /// The items of this run by their numbers, as marks: a number that comes again may name another item.
    pub(super) seen: HashMap<i64, Vec<u64>>,
}

impl WxrImport<'_> {
    /// Reads a file and writes what it holds; `progress` gets the number of bytes read.
    ///
    /// # Errors
    /// A sentence for the operator. What was written until then stays, and the next run goes on from there.
    pub fn read(&mut self, file: impl Read, progress: &dyn Fn(u64)) -> std::result::Result<(), String> {
        let began = Instant::now();
        let mut reader = WxrReader::new(file);
        while let Some(record) = reader
            .next_record()
            .map_err(|error| format!("the file changed meanwhile: {error}"))?
        {
            self.take(record).map_err(error_text)?;
            progress(reader.bytes_read());
        }
        self.flush().map_err(error_text)?;
        self.timings.total += began.elapsed();
        Ok(())
    }

    /// How long the parts of the work took.
    pub fn timings(&self) -> ImportTimings {
        self.timings
    }

    /// What was done.
    pub fn finish(self) -> ImportReport {
        self.report
    }

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
        if item.post_type == GUEST_TYPE {
            self.guests.extend(guest(&item).map(|(_, seed)| seed));
            if self.guests.len() >= TAGS_PER_BATCH {
                self.flush_guests()?;
            }
        }
        if let Err(why) = prepare::check_importable(&item, &self.rules.post_types) {
            match item.post_type.as_str() {
                "attachment" | "nav_menu_item" => self.report.note(ReportList::Skipped, why, 1),
                kind if self.is_article(kind) => self.skip(&item, why),
                _ => self.report.note_of(ReportList::Skipped, why, name_of(&item)),
            }
            return Ok(());
        }
        self.bytes += item.content.len() + item.comments.iter().map(|comment| comment.content.len()).sum::<usize>();
        let (number, group) = (self.number_of(&item), group_of(&item));
        let parts = editions(item, &self.rules.locale);
        let is_in_several = parts.len() > 1;
        for (at, (code, item)) in parts.into_iter().enumerate() {
            let code = code.as_deref().or_else(|| code_of(&item)).map(str::to_owned);
            let Some(locale) = self.locale_of(code.as_deref(), &item) else {
                continue;
            };
            let group = match is_in_several {
                true => Some(format!("qtranslate:{number}")),
                false => group.clone(),
            };
            self.posts.push(SourceItem {
                name: name_of(&item),
                number: match (at, &code) {
                    (1.., Some(code)) => format!("{number}:{code}"),
                    _ => number.clone(),
                },
                locale,
                translation_key: group.map(|group| self.translation_key(&group)),
                item,
            });
        }
        if self.posts.len() >= POSTS_PER_BATCH || self.bytes >= BYTES_PER_BATCH {
            self.flush()
        } else {
            Ok(())
        }
    }

    fn is_article(&self, post_type: &str) -> bool {
        super::survey::is_article(post_type, &self.rules.post_types)
    }

    fn skip(&mut self, item: &WxrItem, why: String) {
        let (kind, what) = match item.post_type.as_str() {
            "page" => (CountedKind::Pages, "pages"),
            _ => (CountedKind::Posts, "posts"),
        };
        let mut report = ImportReport::default();
        report.skip(kind, format!("{what} {why}"));
        self.report.add_of(&name_of(item), report);
    }

    /// The language of an item here; none where the site does not have it: the item is skipped then.
    fn locale_of(&mut self, code: Option<&str>, item: &WxrItem) -> Option<String> {
        let Some(code) = code else {
            return Some(self.rules.locale.clone());
        };
        match site_language(code, &self.rules.locales) {
            SiteLanguage::Known(locale) => Some(locale),
            SiteLanguage::Missing => {
                let why = "which is none of the site's: add it there, then bring the file over again";
                self.skip(item, format!("in the language {}, {why}", text::line(code)));
                None
            }
            SiteLanguage::NoCode => {
                let what = format!(
                    "languages whose name is no code, such as {}: {}",
                    text::line(code),
                    self.rules.locale
                );
                self.report.note_of(ReportList::Decided, what, name_of(item));
                Some(self.rules.locale.clone())
            }
        }
    }

    /// The key of a group of translations: the same in every run.
    fn translation_key(&self, group: &str) -> String {
        let digest = sha256(format!("{}\n{group}", self.survey.source).as_bytes());
        digest.chars().take(TRANSLATION_KEY).collect()
    }

    /// The number by which an item is known again. Exports that were merged, or made by other programs, give one number
    /// to several items; the same item may also stand in several files.
    fn number_of(&mut self, item: &WxrItem) -> String {
        let name = if item.post_name.is_empty() {
            &item.title
        } else {
            &item.post_name
        };
        let mark = path_mark(&format!("{}\n{name}", item.link));
        let marks = self.seen.entry(item.post_id).or_default();
        let place = marks.iter().position(|known| *known == mark).unwrap_or_else(|| {
            marks.push(mark);
            marks.len() - 1
        });
        if place == 0 {
            return item.post_id.to_string();
        }
        self.report.note_of(
            ReportList::Decided,
            "items with the number of another one: each is an article",
            name_of(item),
        );
        format!("{}-{}", item.post_id, place + 1)
    }

    fn flush_tags(&mut self) -> Result<()> {
        let seeds = std::mem::take(&mut self.tags);
        if seeds.is_empty() {
            return Ok(());
        }
        terms::ensure_tags(self.db, &self.bases, seeds, &mut self.report, true)?;
        Ok(())
    }

    /// Makes the guest authors, whom articles of another file may name.
    fn flush_guests(&mut self) -> Result<()> {
        let seeds = std::mem::take(&mut self.guests);
        if seeds.is_empty() {
            return Ok(());
        }
        terms::ensure_contributors(self.db, &self.bases, seeds, &mut self.report)?;
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        self.flush_tags()?;
        self.flush_guests()?;
        self.bytes = 0;
        let items = std::mem::take(&mut self.posts);
        if items.is_empty() {
            return Ok(());
        }
        let began = Instant::now();
        let known = self.known(
            SourceItemKind::Post,
            items.iter().map(|item| item.number.clone()).collect(),
        )?;
        let sources = Sources {
            survey: self.survey,
            earlier: &self.earlier,
        };
        let mut posts = Vec::new();
        for item in &items {
            let post = prepare::post(item, sources, &self.rules);
            if known.get(&post.number).is_some_and(|row| row.digest == post.digest) {
                let kind = if post.is_page {
                    CountedKind::Pages
                } else {
                    CountedKind::Posts
                };
                self.report.count(kind, ImportOutcome::Unchanged);
            } else {
                posts.push(post);
            }
        }
        self.timings.preparing += began.elapsed();
        if !posts.is_empty() {
            self.write_posts(posts)?;
        }
        let began = Instant::now();
        self.write_comments(&items)?;
        self.timings.discussing += began.elapsed();
        Ok(())
    }

    pub(super) fn known(&self, kind: SourceItemKind, ids: Vec<String>) -> Result<HashMap<String, ImportedItem>> {
        let source = &self.survey.source;
        self.db
            .read_blocking(|conn| imports::find_many(conn, source, kind, &ids))
    }

    fn write_posts(&mut self, posts: Vec<PreparedPost>) -> Result<()> {
        let began = Instant::now();
        let source = &self.survey.source;
        let mut seen = HashSet::new();
        let tags: Vec<TagSeed> = posts
            .iter()
            .flat_map(|post| &post.tags)
            .filter(|tag| seen.insert(&tag.slug))
            .cloned()
            .collect();
        let authors: HashSet<AuthorSeed> = posts.iter().flat_map(|post| post.signatures.clone()).collect();
        let tags = terms::ensure_tags(self.db, &self.bases, tags, &mut self.report, false)?;
        let contributors =
            terms::ensure_contributors(self.db, &self.bases, authors.into_iter().collect(), &mut self.report)?;
        self.timings.naming += began.elapsed();
        let began = Instant::now();
        self.timings.articles += posts.len();
        // Known beforehand, so that the transaction need not read the tree.
        self.db.read_blocking(|conn| self.frames.current(conn))?;
        let batch = PostBatch {
            source: source.clone(),
            posts: Arc::new(posts),
            target_sections: self.target_sections.clone(),
            tags: Arc::new(tags),
            contributors: Arc::new(contributors),
            frames: self.frames.clone(),
            now: self.rules.now,
        };
        let counts = write_with_retries(self.db, move |conn| articles::write_all(conn, &batch))?;
        self.report.add(counts);
        self.timings.writing += began.elapsed();
        Ok(())
    }
}
