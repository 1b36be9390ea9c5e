//! Posts and pages become articles: new ones, and those that changed there and not here.

use std::sync::Arc;

use diesel::prelude::*;

use crate::access::change_log;
use crate::articles::model::{Article, ArticleState, Content, RevisionKind, empty_article};
use crate::articles::schedules::model::ScheduleKind;
use crate::articles::schedules::store as schedules;
use crate::articles::store;
use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::db::schema::{article_revisions, articles};
use crate::base::error::{Code, Error, Result};
use crate::base::ids::ArticleId;
use crate::editorial::notes;
use crate::editorial::workflow::{Publication, publish, unpublish};
use crate::import::run::arrivals;
use crate::import::run::planned_state::PlannedState;
use crate::import::run::prepare::PreparedPost;
use crate::import::run::report::{CountedKind, ImportOutcome, ImportReport, ReportList};
use crate::import::run::sections::TargetSections;
use crate::import::run::terms::{ImportedContributors, ImportedTags};
use crate::import::store as imports;
use crate::import::store::{ImportedItem, SourceItemKind};
use crate::published::{press, previews};
use crate::site::frame::{Frame, FrameCache};
use crate::site::paths::{self, PathKind, PathTarget};

/// What all posts of a batch need.
#[derive(Clone)]
pub(super) struct PostBatch {
    pub(super) source: String,
    pub(super) posts: Arc<Vec<PreparedPost>>,
    pub(super) target_sections: Arc<TargetSections>,
    pub(super) tags: Arc<ImportedTags>,
    pub(super) contributors: Arc<ImportedContributors>,
    pub(super) frames: FrameCache,
    pub(super) now: Time,
}

/// Writes a batch in the transaction at hand: posts that are new and public in a few statements, the others one by one.
pub(super) fn write_all(conn: &mut Conn, batch: &PostBatch) -> Result<ImportReport> {
    press::lock_presses(conn)?;
    let frame = batch.frames.within_write(conn)?;
    let mut report = ImportReport::default();
    let arrived = arrivals::write(conn, batch, &frame, &mut report)?;
    for post in batch.posts.iter().filter(|post| !arrived.contains(&post.number)) {
        let mut writing = PostWriter {
            conn: &mut *conn,
            batch,
            frame: &frame,
            post,
            report: ImportReport::default(),
        };
        let outcome = writing.write()?;
        let counts = writing.report;
        report_outcome(post, counts, outcome, &mut report);
    }
    Ok(report)
}

/// Counts what became of a post.
pub(super) fn report_outcome(
    post: &PreparedPost,
    counts: ImportReport,
    outcome: PostOutcome,
    report: &mut ImportReport,
) {
    let kind = if post.is_page {
        CountedKind::Pages
    } else {
        CountedKind::Posts
    };
    report.add_of(&post.name, counts);
    match outcome {
        PostOutcome::Counted(outcome) => report.count(kind, outcome),
        PostOutcome::Skipped(why) => {
            let mut skipped = ImportReport::default();
            skipped.skip(kind, why);
            report.add_of(&post.name, skipped);
        }
    }
    if matches!(
        outcome,
        PostOutcome::Counted(ImportOutcome::Imported | ImportOutcome::Updated)
    ) {
        report.add_of(&post.name, post.report.clone());
    }
}

/// What became of a post.
#[derive(Clone, Copy)]
pub(super) enum PostOutcome {
    Counted(ImportOutcome),
    Skipped(&'static str),
}

/// Lets an old address lead to what stands here at another path now, and counts it.
pub(super) fn redirect_old(
    conn: &mut Conn,
    old: &str,
    target: PathTarget<'_>,
    path: &str,
    now: Time,
    report: &mut ImportReport,
) -> Result<()> {
    if old == path {
        return Ok(());
    }
    if paths::redirect(conn, old, target, path, now)? {
        report.count(CountedKind::Redirects, ImportOutcome::Imported);
    } else if paths::belongs_to_another(conn, old, target)? {
        report.count(CountedKind::Redirects, ImportOutcome::Skipped);
        let what = "old addresses where something else stands here";
        report.note_of(ReportList::Skipped, what, old);
    }
    Ok(())
}

/// The note of the revision that holds the texts as they were before the repair.
pub(super) const ORIGINAL_NOTE: &str = "Comme dans le fichier, avant la réparation de l’encodage.";

/// One post being written.
pub(super) struct PostWriter<'w> {
    pub(super) conn: &'w mut Conn,
    pub(super) batch: &'w PostBatch,
    pub(super) frame: &'w Frame,
    pub(super) post: &'w PreparedPost,
    pub(super) report: ImportReport,
}

impl PostWriter<'_> {
    fn write(&mut self) -> Result<PostOutcome> {
        let (source, number) = (&self.batch.source, &self.post.number);
        let Some(row) = imports::find(self.conn, source, SourceItemKind::Post, number)? else {
            self.insert()?;
            return Ok(PostOutcome::Counted(ImportOutcome::Imported));
        };
        if row.digest == self.post.digest {
            return Ok(PostOutcome::Counted(ImportOutcome::Unchanged));
        }
        let id =
            ArticleId::parse(&row.target_id).ok_or_else(|| Error::internal("an imported post names no article"))?;
        let (article, content) = match store::get_locked(self.conn, id) {
            Ok(found) => found,
            Err(error) if error.code() == Code::NotFound => return Ok(PostOutcome::Skipped("deleted here")),
            Err(error) => return Err(error),
        };
        if article.state == ArticleState::Trashed {
            return Ok(PostOutcome::Skipped("in the trash here"));
        }
        if self.is_edited(&article, &row)? {
            return Ok(PostOutcome::Counted(ImportOutcome::EditedHere));
        }
        self.update(article, &content)?;
        Ok(PostOutcome::Counted(ImportOutcome::Updated))
    }

    /// Whether somebody here changed it, published it or took it off.
    fn is_edited(&mut self, article: &Article, row: &ImportedItem) -> Result<bool> {
        if article.version != row.version || !matches!(article.state, ArticleState::Draft | ArticleState::Published) {
            return Ok(true);
        }
        let ours = article_revisions::table
            .filter(article_revisions::article_id.eq(article.id))
            .filter(article_revisions::kind.ne(RevisionKind::Import));
        Ok(diesel::select(diesel::dsl::exists(ours)).get_result(self.conn)?)
    }

    fn insert(&mut self) -> Result<()> {
        let mut article = self.new_article();
        self.join_translations(&mut article)?;
        let content = self.content(&article)?;
        self.set_embargo_and_review(&mut article);
        store::insert(self.conn, &article, &content)?;
        self.set_note(&article, &content)?;
        self.record_and_publish(article, &content, true)
    }

    /// The row of an article that is not written yet.
    pub(super) fn new_article(&self) -> Article {
        let mut article = empty_article(&self.post.locale, None, self.batch.now);
        article.created_at = self.post.created_at;
        article.edited_at = self
            .post
            .modified_at
            .unwrap_or(self.post.created_at)
            .max(self.post.created_at);
        article
    }

    fn update(&mut self, mut article: Article, old: &Content) -> Result<()> {
        let now = self.batch.now;
        let content = self.content(&article)?;
        article.version += 1;
        article.edited_at = now;
        if article.locale != self.post.locale {
            self.report.note(
                ReportList::Decided,
                "in another language there than here: left in this one",
                1,
            );
        } else if article.translation_key == article.id.as_str() {
            self.join_translations(&mut article)?;
        }
        article.has_unpublished_changes = article.has_unpublished_changes || content != *old;
        self.set_embargo_and_review(&mut article);
        store::update(self.conn, &article, &content)?;
        previews::store::press_working_copy(self.conn, self.frame, &article, &content, now)?;
        self.set_note(&article, &content)?;
        let changed = content.differences(old);
        change_log::record(
            self.conn,
            change_log::EditableKind::Article,
            article.id.as_str(),
            article.version,
            None,
            &changed,
            now,
        )?;
        self.record_and_publish(article, &content, content != *old)
    }

    /// Links it with the articles that say the same in other languages, unless one in its own is among them.
    pub(super) fn join_translations(&mut self, article: &mut Article) -> Result<()> {
        if let Some(key) = &self.post.translation_key {
            let same = store::find_translation(self.conn, key, &article.locale)?;
            if same.is_none_or(|id| id == article.id) {
                article.translation_key.clone_from(key);
            } else {
                self.report.note(
                    ReportList::Decided,
                    "translations beyond the first of a language: not linked",
                    1,
                );
            }
        }
        Ok(())
    }

    /// What the desk sees and readers do not.
    fn set_embargo_and_review(&self, article: &mut Article) {
        if let PlannedState::Draft { embargo, review, .. } = &self.post.planned_state {
            article.embargo_until = *embargo;
            article.review = *review;
        } else {
            article.embargo_until = None;
        }
    }

    /// Keeps the text as it was before the repair as a revision; the repaired text becomes the next one.
    fn keep_original(&mut self, article: &Article, content: &Content) -> Result<()> {
        let Some(original) = self.original(content) else {
            return Ok(());
        };
        let (kind, note, now) = (RevisionKind::Import, Some(ORIGINAL_NOTE), self.batch.now);
        store::insert_revision(self.conn, article, kind, &original, None, note, now)?;
        Ok(())
    }

    /// The content with the texts as they were before the repair.
    pub(super) fn original(&self, content: &Content) -> Option<Content> {
        let original = self.post.original.clone()?;
        Some(Content {
            title: original.title,
            standfirst: original.standfirst,
            image: original.image,
            blocks: original.blocks,
            ..content.clone()
        })
    }

    /// Writes a note with what the desk should know about the post.
    fn set_note(&mut self, article: &Article, content: &Content) -> Result<()> {
        let note = match &self.post.planned_state {
            PlannedState::Draft { note, .. } => note.as_deref(),
            PlannedState::Publish(_) if content.section_id.is_none() => {
                Some("Publié dans WordPress ; sans rubrique ici.")
            }
            PlannedState::Publish(_) => None,
        };
        notes::store::set_imported(self.conn, article.id, note, self.batch.now)
    }

    /// Makes it live, or takes it off, and remembers it. New content that does not go live gets its revision here; a
    /// publish makes its own.
    fn record_and_publish(&mut self, article: Article, content: &Content, is_new: bool) -> Result<()> {
        self.keep_original(&article, content)?;
        let is_published = matches!(self.post.planned_state, PlannedState::Publish(_)) && content.section_id.is_some();
        if is_new && !is_published {
            let kind = RevisionKind::Import;
            store::insert_revision(self.conn, &article, kind, content, None, None, self.batch.now)?;
        }
        let row = ImportedItem {
            target_id: article.id.to_string(),
            digest: self.post.digest.clone(),
            version: article.version,
        };
        imports::put(
            self.conn,
            &self.batch.source,
            SourceItemKind::Post,
            &self.post.number,
            &row,
            self.batch.now,
        )?;
        match self.post.planned_state {
            PlannedState::Publish(at) if content.section_id.is_some() => self.publish(article, content, at),
            PlannedState::Publish(_) => {
                self.report.note(
                    ReportList::Decided,
                    "public, but its section was deleted here: draft",
                    1,
                );
                self.withdraw(&article)
            }
            PlannedState::Draft { .. } => self.withdraw(&article),
        }
    }

    fn publish(&mut self, mut article: Article, content: &Content, at: Time) -> Result<()> {
        let (id, now) = (article.id, self.batch.now);
        article.title.clone_from(&content.title);
        article.section_id = content.section_id;
        article.content = content.to_json()?;
        article.updated_at = Some(self.post.modified_at.unwrap_or(at).max(at));
        article.first_published_at = article.first_published_at.filter(|first| *first <= at).or(Some(at));
        let publication = Publication {
            published_at: Some(at),
            is_minor: true,
            ..Publication::new(RevisionKind::Import, None, now)
        };
        publish(self.conn, self.frame, &mut article, content, &publication)?;
        self.redirect(id, &article.locale)
    }

    /// Lets the old addresses lead to the article.
    fn redirect(&mut self, id: ArticleId, locale: &str) -> Result<()> {
        let path: Option<String> = articles::table.find(id).select(articles::path).first(self.conn)?;
        let Some(path) = path else { return Ok(()) };
        let target = PathTarget {
            kind: PathKind::Article,
            id: id.as_str(),
            locale,
        };
        let post = self.post;
        for old in &post.old_paths {
            redirect_old(self.conn, old, target, &path, self.batch.now, &mut self.report)?;
        }
        Ok(())
    }

    /// Takes off an article that is no longer public in WordPress, and cancels what waits for it; a draft
    /// stays one.
    fn withdraw(&mut self, article: &Article) -> Result<()> {
        if article.state != ArticleState::Published {
            return Ok(());
        }
        // The row as it was written: it has the new title and section.
        let (mut article, _) = store::get(self.conn, article.id)?;
        let id = article.id;
        unpublish(self.conn, &mut article)?;
        schedules::cancel(self.conn, id, ScheduleKind::ALL, None, Some("imported"), self.batch.now)?;
        self.report.note(
            ReportList::Decided,
            "public here and no more in WordPress: taken off",
            1,
        );
        Ok(())
    }
}
