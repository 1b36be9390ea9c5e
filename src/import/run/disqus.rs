//! Comments of a Disqus export, below articles that are here already. The first pass reads the file and finds it sound;
//! the second writes batches, each one transaction with the rows that say what came from where: a run that was killed
//! is taken up by the next, and a run over the same file adds nothing. Memory: one batch, and about 150 bytes per page.

use std::collections::HashMap;
use std::io::Read;

use super::comments::{self, ANONYMOUS};
use super::order::parents_first;
use super::repair;
use super::text::{comment_body, has_email, label, percent_decoded};
use crate::base::clock::Time;
use crate::base::db::{Conn, Db};
use crate::base::error::Result;
use crate::base::ids::ArticleId;
use crate::base::limits;
use crate::base::secrets::Secrets;
use crate::comments::model::CommentState;
use crate::import::disqus::{DisqusError, DisqusPost, DisqusReader, DisqusRecord, DisqusThread};
use crate::import::run::closing::close_comments;
use crate::import::run::comments::{CommentSeed, EmailHasher};
use crate::import::run::report::{CountedKind, ImportReport, ReportList};
use crate::import::run::retry::{error_text, write_with_retries};
use crate::import::store as imports;
use crate::site::frame::FrameCache;
use crate::site::paths::{self, PathKind};

/// The source in the keys of what was imported: numbers of Disqus are its own, whatever the site.
const SOURCE: &str = "disqus";
/// Comments that one transaction writes.
const POSTS_PER_BATCH: usize = 200;

/// What the first pass found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DisqusSurvey {
    /// Pages.
    pub threads: u64,
    /// Comments.
    pub posts: u64,
    /// Pages and comments that cannot be used.
    pub unusable: u64,
}

/// Reads a file to its end; `progress` gets the number of bytes read.
///
/// # Errors
/// What is wrong with the file, and where.
pub fn survey(file: impl Read, progress: &dyn Fn(u64)) -> std::result::Result<DisqusSurvey, DisqusError> {
    let (mut reader, mut found) = (DisqusReader::new(file), DisqusSurvey::default());
    while let Some(record) = reader.next_record()? {
        match record {
            DisqusRecord::Thread(_) => found.threads += 1,
            DisqusRecord::Post(_) => found.posts += 1,
            DisqusRecord::Unusable(_) => found.unusable += 1,
        }
        progress(reader.bytes_read());
    }
    Ok(found)
}

/// Reads the file again and writes what it holds; `progress` gets the number of bytes read.
///
/// # Errors
/// A sentence for the operator. What was written until then stays, and the next run goes on from there.
pub fn import(
    db: &Db,
    file: impl Read,
    secrets: &Secrets,
    progress: &dyn Fn(u64),
) -> std::result::Result<ImportReport, String> {
    let mut run = DisqusImport {
        db,
        emails: EmailHasher::load(db, Some(secrets)).map_err(error_text)?,
        now: db.clock().now(),
        articles: HashMap::new(),
        frames: FrameCache::default(),
        batch: Vec::new(),
        report: ImportReport::default(),
    };
    let mut reader = DisqusReader::new(file);
    while let Some(record) = reader
        .next_record()
        .map_err(|error| format!("the file changed meanwhile: {error}"))?
    {
        run.take(record).map_err(error_text)?;
        progress(reader.bytes_read());
    }
    run.flush().map_err(error_text)?;
    run.report.add_mendings(reader.mendings());
    Ok(run.report)
}

struct DisqusImport<'r> {
    db: &'r Db,
    emails: EmailHasher,
    now: Time,
    /// Articles by the numbers of their threads.
    articles: HashMap<String, ArticleId>,
    frames: FrameCache,
    batch: Vec<DisqusPost>,
    report: ImportReport,
}

impl DisqusImport<'_> {
    fn take(&mut self, record: DisqusRecord) -> Result<()> {
        match record {
            DisqusRecord::Thread(thread) => {
                let article = self.db.read_blocking(|conn| article_of(conn, &thread))?;
                let Some(article) = article else {
                    let what = "pages that no article here stands for";
                    self.report.note_of(ReportList::Skipped, what, thread.link);
                    return Ok(());
                };
                if thread.is_closed {
                    self.close(article, &thread.link)?;
                }
                self.articles.insert(thread.number, article);
                Ok(())
            }
            DisqusRecord::Unusable(record) => {
                let mut report = ImportReport::default();
                match record.what {
                    "post" => report.skip(CountedKind::Comments, format!("comments: {}", record.why)),
                    _ => report.note(ReportList::Skipped, format!("pages: {}", record.why), 1),
                }
                self.report.add_of(&format!("line {}", record.line), report);
                Ok(())
            }
            DisqusRecord::Post(post) => {
                self.batch.push(post);
                if self.batch.len() >= POSTS_PER_BATCH {
                    self.flush()
                } else {
                    Ok(())
                }
            }
        }
    }

    /// Closes the comments of an article whose thread was closed.
    fn close(&mut self, article: ArticleId, address: &str) -> Result<()> {
        let (frames, now) = (self.frames.clone(), self.now);
        // Known beforehand, so that the transaction need not read the tree.
        self.db.read_blocking(|conn| self.frames.current(conn))?;
        let is_closed = write_with_retries(self.db, move |conn| close_comments(conn, &frames, article, now))?;
        let what = match is_closed {
            true => "closed threads: closed here too",
            false => "closed threads of articles that are at work or off here: left open, close them by hand",
        };
        self.report.note_of(ReportList::Decided, what, address);
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        let posts = std::mem::take(&mut self.batch);
        let at: HashMap<&str, usize> = posts
            .iter()
            .enumerate()
            .map(|(at, post)| (post.number.as_str(), at))
            .collect();
        let parent_of = |index: usize| posts.get(index).and_then(|post| at.get(post.parent.as_str()).copied());
        let mut seeds = Vec::new();
        for (index, _) in parents_first(posts.len(), parent_of) {
            if let Some(post) = posts.get(index) {
                seeds.extend(self.seed(post));
            }
        }
        if seeds.is_empty() {
            return Ok(());
        }
        let now = self.now;
        let counts = write_with_retries(self.db, move |conn| comments::write_all(conn, SOURCE, &seeds, now))?;
        self.report.add(counts);
        Ok(())
    }

    fn seed(&mut self, post: &DisqusPost) -> Option<CommentSeed> {
        let Some(article) = self.articles.get(&post.thread).copied() else {
            self.report.skip(
                CountedKind::Comments,
                "comments on pages that no article here stands for",
            );
            return None;
        };
        let mut seed = CommentSeed {
            article,
            number: post.number.clone(),
            parent: Some(post.parent.clone()).filter(|parent| !parent.is_empty()),
            state: CommentState::Deleted,
            author: String::new(),
            body: String::new(),
            email: None,
            created_at: post.created_at.unwrap_or(self.now).min(self.now),
        };
        if post.is_deleted {
            self.report
                .note(ReportList::Decided, "deleted comments: their places alone", 1);
            return Some(seed);
        }
        let (body, is_cut) = comment_body(&repair::html(&post.message, &mut self.report));
        if body.is_empty() {
            self.report.skip(CountedKind::Comments, "comments without a text");
            return None;
        }
        if is_cut {
            self.report
                .note(ReportList::Decided, "comments longer than 5000 characters: cut", 1);
        }
        seed.state = if post.is_spam {
            CommentState::Spam
        } else {
            CommentState::Approved
        };
        let name = label(&repair::html(&post.author, &mut self.report), limits::NAME);
        seed.author = name
            .filter(|name| !has_email(name))
            .unwrap_or_else(|| ANONYMOUS.to_owned());
        seed.email = self.emails.hash(&post.email.0);
        seed.body = body;
        Some(seed)
    }
}

/// The article of a page: by the number that WordPress' plugin gave it, else by the path of its address.
fn article_of(conn: &mut Conn, thread: &DisqusThread) -> Result<Option<ArticleId>> {
    let by_identifier = thread.identifier.split_whitespace().next().unwrap_or_default();
    let by_query = thread.link.split_once("?p=").map_or("", |(_, number)| number);
    for number in [by_identifier, by_query] {
        let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        if is_number && let Some(article) = imports::article_of_post(conn, number)? {
            return Ok(Some(article));
        }
    }
    for address in [thread.link.as_str(), by_identifier] {
        let Some(path) = path_of(address) else { continue };
        // Disqus encodes some addresses that are encoded already.
        for path in [path, &percent_decoded(path)] {
            if let Some(row) = paths::find_as_written(conn, path)?
                && row.kind == PathKind::Article
            {
                return Ok(row.target_id.as_deref().and_then(ArticleId::parse));
            }
        }
    }
    Ok(None)
}

/// The path of an address, whatever its host.
fn path_of(address: &str) -> Option<&str> {
    let rest = match address.split_once("://") {
        Some((_, rest)) => rest.find('/').and_then(|at| rest.get(at..))?,
        None => address,
    };
    let path = rest.split(['?', '#']).next()?;
    (path.starts_with('/') && path.len() > 1 && path.len() <= limits::PATH * 4).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_its_path_whatever_its_host() {
        let table = [
            ("https://www.x.fr/sport/titre/?a=1#b", Some("/sport/titre/")),
            ("/sport/titre", Some("/sport/titre")),
            ("https://x.fr", None),
            ("https://x.fr/", None),
            ("titre", None),
        ];
        for (address, expected) in table {
            assert_eq!(path_of(address), expected, "{address}");
        }
    }
}
