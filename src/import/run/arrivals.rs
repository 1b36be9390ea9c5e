//! Posts that are new here and public: most of an export. They become articles and go live in a few statements for all of
//! a batch.

use std::collections::HashSet;

use super::articles::{ORIGINAL_NOTE, PostBatch, PostOutcome, PostWriter, redirect_old, report_outcome};
use crate::articles::model::RevisionKind;
use crate::articles::revisions::PackedContent;
use crate::articles::revisions::store::FrozenRevision;
use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::editorial::workflow::{Arrival, publish_arrivals};
use crate::import::run::content::NUMBERED_SLUGS;
use crate::import::run::planned_state::PlannedState;
use crate::import::run::prepare::PreparedPost;
use crate::import::run::report::{CountedKind, ImportOutcome, ImportReport, ReportList};
use crate::import::store as imports;
use crate::import::store::{ImportedItem, SourceItemKind};
use crate::site::frame::Frame;
use crate::site::paths;

/// A post that becomes an article.
struct ArrivingPost<'p> {
    post: &'p PreparedPost,
    report: ImportReport,
}

/// Writes the posts of a batch that are new here and public; their numbers.
pub(super) fn write(
    conn: &mut Conn,
    batch: &PostBatch,
    frame: &Frame,
    report: &mut ImportReport,
) -> Result<HashSet<String>> {
    let numbers: Vec<String> = batch.posts.iter().map(|post| post.number.clone()).collect();
    let known = imports::find_many(conn, &batch.source, SourceItemKind::Post, &numbers)?;
    let mut arrived: HashSet<String> = HashSet::new();
    let mut told: HashSet<(String, String)> = HashSet::new();
    let (mut posts, mut arrivals) = (Vec::new(), Vec::new());
    for post in batch.posts.iter() {
        let PlannedState::Publish(at) = post.planned_state else {
            continue;
        };
        if known.contains_key(&post.number) || arrived.contains(&post.number) {
            continue;
        }
        let mut writing = PostWriter {
            conn: &mut *conn,
            batch,
            frame,
            post,
            report: ImportReport::default(),
        };
        if let Some(arrival) = writing.arrival(at, &mut told)? {
            arrived.insert(post.number.clone());
            let report = writing.report;
            posts.push(ArrivingPost { post, report });
            arrivals.push(arrival);
        }
    }
    publish_arrivals(conn, frame, &mut arrivals)?;
    remember(conn, batch, &posts, &arrivals)?;
    redirect(conn, batch.now, &mut posts, &arrivals)?;
    for (
        ArrivingPost {
            post,
            report: mut counts,
        },
        arrival,
    ) in posts.into_iter().zip(&arrivals)
    {
        if arrival.content.slug != post.slug {
            counts.note(ReportList::Decided, NUMBERED_SLUGS, 1);
        }
        report_outcome(post, counts, PostOutcome::Counted(ImportOutcome::Imported), report);
    }
    Ok(arrived)
}

impl PostWriter<'_> {
    /// The article that a post becomes on a date; none where it has no section here. `told` are the stories and languages
    /// of the articles before it.
    fn arrival(&mut self, at: Time, told: &mut HashSet<(String, String)>) -> Result<Option<Arrival>> {
        let content = self.content_as_wished();
        if content.section_id.is_none() {
            return Ok(None);
        }
        let mut article = self.new_article();
        self.join_translations(&mut article)?;
        if !told.insert((article.translation_key.clone(), article.locale.clone())) {
            // Another one of this batch says it in this language: that it is not linked is told where it is found.
            return Ok(None);
        }
        article.updated_at = Some(self.post.modified_at.unwrap_or(at).max(at));
        let now = self.batch.now;
        let original = self.original(&content);
        let arrival = Arrival::new(article, content, RevisionKind::Import, at, now)?;
        let Some(original) = original else {
            return Ok(Some(arrival));
        };
        let original = FrozenRevision {
            article: arrival.article.id,
            number: 1,
            kind: RevisionKind::Import,
            version: arrival.article.version,
            author: None,
            note: Some(ORIGINAL_NOTE.to_owned()),
            content: PackedContent::of(&original.to_json()?)?,
            at: now,
        };
        Ok(Some(arrival.after(vec![original])))
    }
}

/// Remembers what the posts became.
fn remember(conn: &mut Conn, batch: &PostBatch, posts: &[ArrivingPost<'_>], arrivals: &[Arrival]) -> Result<()> {
    let rows = posts.iter().zip(arrivals).map(|(ArrivingPost { post, .. }, arrival)| {
        let row = ImportedItem {
            target_id: arrival.article.id.to_string(),
            digest: post.digest.clone(),
            version: arrival.article.version,
        };
        (post.number.as_str(), row)
    });
    let rows: Vec<(&str, ImportedItem)> = rows.collect();
    imports::put_new(conn, &batch.source, SourceItemKind::Post, &rows, batch.now)
}

/// Lets the old addresses lead to the articles, in one statement those that are free.
fn redirect(conn: &mut Conn, now: Time, posts: &mut [ArrivingPost<'_>], arrivals: &[Arrival]) -> Result<()> {
    let old = posts
        .iter()
        .flat_map(|arriving| arriving.post.old_paths.iter().cloned());
    let old: Vec<String> = old.collect();
    let untaken = paths::untaken(conn, &old)?;
    let (mut free, mut given, mut others) = (Vec::new(), HashSet::new(), Vec::new());
    for (index, (arriving, arrival)) in posts.iter_mut().zip(arrivals).enumerate() {
        let Some(path) = arrival.article.path.as_deref() else {
            continue;
        };
        for old in arriving.post.old_paths.iter().filter(|old| *old != path) {
            if untaken.contains(old) && given.insert(old.clone()) {
                free.push((old.as_str(), arrival.article.target(), path));
                arriving.report.count(CountedKind::Redirects, ImportOutcome::Imported);
            } else {
                others.push((index, old.as_str(), arrival.article.target(), path));
            }
        }
    }
    paths::redirect_untaken(conn, &free, now)?;
    for (index, old, target, path) in others {
        if let Some(arriving) = posts.get_mut(index) {
            redirect_old(conn, old, target, path, now, &mut arriving.report)?;
        }
    }
    Ok(())
}
