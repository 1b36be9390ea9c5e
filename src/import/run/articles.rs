//! Posts and pages become articles: new ones, and those that changed there and not here.

use std::sync::Arc;

use diesel::prelude::*;

use crate::access::change_log;
use crate::articles::model::{Article, ArticleState, Byline, Content, RevisionKind, empty_article};
use crate::articles::schedules::model::ScheduleKind;
use crate::articles::schedules::store as schedules;
use crate::articles::store;
use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::db::schema::{article_revisions, articles};
use crate::base::error::{Code, Error, Result};
use crate::base::ids::{ArticleId, SectionId};
use crate::base::{limits, slug};
use crate::editorial::notes;
use crate::editorial::workflow::{Publication, publish, unpublish};
use crate::import::run::prepare::{PlannedState, PreparedPost};
use crate::import::run::report::{CountedKind, ImportOutcome, ImportReport, ReportList};
use crate::import::run::sections::TargetSections;
use crate::import::run::terms::{ImportedContributors, ImportedTags};
use crate::import::store as imports;
use crate::import::store::{ImportedItem, SourceItemKind};
use crate::published::{press, previews};
use crate::site::comment_policy::{CommentMode, CommentPolicy};
use crate::site::frame::{Frame, FrameCache};
use crate::site::paths::{self, PathKind, PathTarget};

/// What all posts of a batch need.
#[derive(Clone)]
pub(super) struct PostBatch {
    pub(super) source: String,
    pub(super) locale: String,
    pub(super) posts: Arc<Vec<PreparedPost>>,
    pub(super) target_sections: Arc<TargetSections>,
    pub(super) tags: Arc<ImportedTags>,
    pub(super) contributors: Arc<ImportedContributors>,
    pub(super) frames: FrameCache,
    pub(super) now: Time,
}

/// Writes a batch in the transaction at hand.
pub(super) fn write_all(conn: &mut Conn, batch: &PostBatch) -> Result<ImportReport> {
    press::lock_presses(conn)?;
    let frame = batch.frames.within_write(conn)?;
    let mut report = ImportReport::default();
    for post in batch.posts.iter() {
        let mut writing = PostWriter {
            conn: &mut *conn,
            batch,
            frame: &frame,
            post,
            report: ImportReport::default(),
        };
        let outcome = writing.write()?;
        let counts = writing.report;
        let kind = if post.is_page {
            CountedKind::Pages
        } else {
            CountedKind::Posts
        };
        report.add(counts);
        match outcome {
            PostOutcome::Counted(outcome) => report.count(kind, outcome),
            PostOutcome::Skipped(why) => report.skip(kind, why),
        }
        if matches!(
            outcome,
            PostOutcome::Counted(ImportOutcome::Imported | ImportOutcome::Updated)
        ) {
            report.add(post.report.clone());
        }
    }
    Ok(report)
}

/// What became of a post.
#[derive(Clone, Copy)]
enum PostOutcome {
    Counted(ImportOutcome),
    Skipped(&'static str),
}

/// One post being written.
struct PostWriter<'w> {
    conn: &'w mut Conn,
    batch: &'w PostBatch,
    frame: &'w Frame,
    post: &'w PreparedPost,
    report: ImportReport,
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
        let mut article = empty_article(&self.batch.locale, None, self.batch.now);
        article.created_at = self.post.created_at;
        article.edited_at = self
            .post
            .modified_at
            .unwrap_or(self.post.created_at)
            .max(self.post.created_at);
        let content = self.content(&article)?;
        self.set_embargo_and_review(&mut article);
        store::insert(self.conn, &article, &content)?;
        self.set_note(&article, &content)?;
        self.record_and_publish(article, &content, true)
    }

    fn update(&mut self, mut article: Article, old: &Content) -> Result<()> {
        let now = self.batch.now;
        let content = self.content(&article)?;
        article.version += 1;
        article.edited_at = now;
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
        let Some(original) = self.post.original.clone() else {
            return Ok(());
        };
        let original = Content {
            title: original.title,
            standfirst: original.standfirst,
            lead_image: original.lead_image,
            blocks: original.blocks,
            ..content.clone()
        };
        let now = self.batch.now;
        let note = Some("Comme dans le fichier, avant la réparation de l’encodage.");
        store::insert_revision(self.conn, article, RevisionKind::Import, &original, None, note, now)?;
        Ok(())
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
            minor: true,
            ..Publication::new(RevisionKind::Import, None, now)
        };
        publish(self.conn, self.frame, &mut article, content, &publication)?;
        self.redirect(id)
    }

    /// Lets the old address lead to the article.
    fn redirect(&mut self, id: ArticleId) -> Result<()> {
        let path: Option<String> = articles::table.find(id).select(articles::path).first(self.conn)?;
        let Some(path) = path else { return Ok(()) };
        let target = PathTarget {
            kind: PathKind::Article,
            id: id.as_str(),
            locale: &self.batch.locale,
        };
        let Some(old) = self.post.old_path.as_ref().filter(|old| **old != path) else {
            return Ok(());
        };
        if paths::redirect(self.conn, old, target, &path, self.batch.now)? {
            self.report.count(CountedKind::Redirects, ImportOutcome::Imported);
        } else if paths::belongs_to_another(self.conn, old, target)? {
            self.report
                .skip(CountedKind::Redirects, "old addresses where something else stands here");
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

    fn content(&mut self, article: &Article) -> Result<Content> {
        let post = self.post;
        let (section_id, secondary_section_ids) = self.sections();
        let tag_ids = post
            .tags
            .iter()
            .filter_map(|tag| self.batch.tags.get(&tag.slug).copied().flatten());
        let contributor = post
            .signature
            .as_ref()
            .and_then(|author| self.batch.contributors.get(&author.key).copied().flatten());
        if post.signature.as_ref().is_some_and(|author| author.name.is_none()) {
            self.report.note(
                ReportList::Decided,
                "authors whose name is their login or an e-mail address: « Rédaction »",
                1,
            );
        }
        let mut seen = std::collections::HashSet::new();
        let mut content = Content {
            title: post.texts.title.clone(),
            standfirst: post.texts.standfirst.clone(),
            slug: post.slug.clone(),
            section_id,
            secondary_section_ids,
            tag_ids: tag_ids.filter(|id| seen.insert(*id)).collect(),
            contributors: contributor
                .map(|contributor_id| Byline {
                    contributor_id,
                    role: None,
                })
                .into_iter()
                .collect(),
            lead_image: post.texts.lead_image.clone(),
            blocks: post.texts.blocks.clone(),
            featured: post.is_sticky,
            comment_policy: (!post.takes_comments).then(|| CommentPolicy::of_mode(CommentMode::Closed)),
            ..Content::empty()
        };
        if let (PlannedState::Publish(_), Some(wished), Some(section)) = (&post.planned_state, &post.slug, section_id) {
            content.slug = Some(self.free_slug(article, wished, section)?);
        }
        Ok(content)
    }

    /// The slug; where its path is taken, with the first number whose path is free.
    fn free_slug(&mut self, article: &Article, wished: &str, section: SectionId) -> Result<String> {
        let above = self
            .frame
            .tree
            .get(section)
            .map(|section| section.path.clone())
            .unwrap_or_default();
        let target = PathTarget {
            kind: PathKind::Article,
            id: article.id.as_str(),
            locale: &article.locale,
        };
        let mut slug = wished.to_owned();
        let mut number = 1;
        while paths::belongs_to_another(
            self.conn,
            &self.frame.site.localised(&article.locale, &format!("{above}/{slug}")),
            target,
        )? {
            number += 1;
            slug = slug::numbered(wished, number);
        }
        if number > 1 {
            self.report
                .note(ReportList::Decided, "slugs that were taken: numbered", 1);
        }
        Ok(slug)
    }

    /// The primary section and the others. The primary one is the deepest of the item's categories, the first where
    /// several are equally deep.
    fn sections(&mut self) -> (Option<SectionId>, Vec<SectionId>) {
        let (target_sections, tree) = (&self.batch.target_sections, &self.frame.tree);
        let mut all: Vec<SectionId> = Vec::new();
        for nicename in &self.post.categories {
            let id = target_sections
                .by_category
                .get(nicename)
                .copied()
                .filter(|id| tree.get(*id).is_some());
            all.extend(id.filter(|id| !all.contains(id)));
        }
        let default = if self.post.is_page {
            target_sections.pages.or(target_sections.posts)
        } else {
            target_sections.posts.or(target_sections.pages)
        };
        let mut primary: Option<(usize, SectionId)> = None;
        for id in &all {
            let depth = tree.lineage(*id).len();
            if primary.is_none_or(|(deepest, _)| depth > deepest) {
                primary = Some((depth, *id));
            }
        }
        let primary = primary
            .map(|(_, id)| id)
            .or_else(|| default.filter(|id| tree.get(*id).is_some()));
        all.retain(|id| Some(*id) != primary);
        if self.post.categories.is_empty() {
            let which = if self.post.is_page { "pages" } else { "posts" };
            self.report.note(
                ReportList::Decided,
                format!("{which} without a category: the section for {which}"),
                1,
            );
        }
        if all.len() > limits::SECONDARY_SECTIONS {
            self.report.note(
                ReportList::Decided,
                "categories beyond the eleven that an article can have: left out",
                1,
            );
            all.truncate(limits::SECONDARY_SECTIONS);
        }
        (primary, all)
    }
}
