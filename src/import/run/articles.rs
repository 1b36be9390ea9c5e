//! Posts and pages become articles: new ones, and those that changed there and not here.

use std::sync::Arc;

use diesel::prelude::*;

use super::prepare::{Fate, Post};
use super::report::{Kind, List, Outcome, Report};
use super::sections::Places;
use super::terms::{Contributors, Tags};
use crate::access::edits;
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
use crate::import::store::{self as imports, Imported, ItemKind};
use crate::published::{press, previews};
use crate::site::comment_policy::{CommentMode, CommentPolicy};
use crate::site::frame::{Frame, Frames};
use crate::site::paths;
use crate::site::paths::{PathKind, Target};

/// What all posts of a batch need.
#[derive(Clone)]
pub(super) struct Batch {
    pub(super) source: String,
    pub(super) locale: String,
    pub(super) posts: Arc<Vec<Post>>,
    pub(super) places: Arc<Places>,
    pub(super) tags: Arc<Tags>,
    pub(super) contributors: Arc<Contributors>,
    pub(super) frames: Frames,
    pub(super) now: Time,
}

/// Writes a batch in the transaction at hand.
pub(super) fn write_all(conn: &mut Conn, batch: &Batch) -> Result<Report> {
    press::lock_presses(conn)?;
    let frame = batch.frames.within_write(conn)?;
    let mut report = Report::default();
    for post in batch.posts.iter() {
        let mut writing = Writing {
            conn: &mut *conn,
            batch,
            frame: &frame,
            post,
            report: Report::default(),
        };
        let outcome = writing.write()?;
        let counts = writing.report;
        let kind = if post.is_page { Kind::Pages } else { Kind::Posts };
        report.add(counts);
        match outcome {
            Done::Is(outcome) => report.count(kind, outcome),
            Done::Skipped(why) => report.skip(kind, why),
        }
        if matches!(outcome, Done::Is(Outcome::Imported | Outcome::Updated)) {
            report.add(post.report.clone());
        }
    }
    Ok(report)
}

/// What became of a post.
#[derive(Clone, Copy)]
enum Done {
    Is(Outcome),
    Skipped(&'static str),
}

/// One post being written.
struct Writing<'w> {
    conn: &'w mut Conn,
    batch: &'w Batch,
    frame: &'w Frame,
    post: &'w Post,
    report: Report,
}

impl Writing<'_> {
    fn write(&mut self) -> Result<Done> {
        let (source, number) = (&self.batch.source, &self.post.number);
        let Some(row) = imports::find(self.conn, source, ItemKind::Post, number)? else {
            self.insert()?;
            return Ok(Done::Is(Outcome::Imported));
        };
        if row.digest == self.post.digest {
            return Ok(Done::Is(Outcome::Unchanged));
        }
        let id =
            ArticleId::parse(&row.target_id).ok_or_else(|| Error::internal("an imported post names no article"))?;
        let (article, content) = match store::get_locked(self.conn, id) {
            Ok(found) => found,
            Err(error) if error.code() == Code::NotFound => return Ok(Done::Skipped("deleted here")),
            Err(error) => return Err(error),
        };
        if article.state == ArticleState::Trashed {
            return Ok(Done::Skipped("in the trash here"));
        }
        if self.is_edited(&article, &row)? {
            return Ok(Done::Is(Outcome::EditedHere));
        }
        self.update(article, &content)?;
        Ok(Done::Is(Outcome::Updated))
    }

    /// Whether somebody here changed it, published it or took it off.
    fn is_edited(&mut self, article: &Article, row: &Imported) -> Result<bool> {
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
        self.set_desk(&mut article);
        store::insert(self.conn, &article, &content)?;
        self.set_note(&article, &content)?;
        self.settle(article, &content, true)
    }

    fn update(&mut self, mut article: Article, old: &Content) -> Result<()> {
        let now = self.batch.now;
        let content = self.content(&article)?;
        article.version += 1;
        article.edited_at = now;
        article.has_unpublished_changes = article.has_unpublished_changes || content != *old;
        self.set_desk(&mut article);
        store::update(self.conn, &article, &content)?;
        previews::store::follow(self.conn, self.frame, &article, &content, now)?;
        self.set_note(&article, &content)?;
        let changed = content.differences(old);
        edits::record(
            self.conn,
            edits::Kind::Article,
            article.id.as_str(),
            article.version,
            None,
            &changed,
            now,
        )?;
        self.settle(article, &content, content != *old)
    }

    /// What the desk sees and readers do not.
    fn set_desk(&self, article: &mut Article) {
        if let Fate::Draft { embargo, review, .. } = &self.post.fate {
            article.embargo_until = *embargo;
            article.review = *review;
        } else {
            article.embargo_until = None;
        }
    }

    /// Keeps what had to be repaired as a revision; what it is now becomes the next.
    fn keep_original(&mut self, id: ArticleId, content: &Content) -> Result<()> {
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
        store::insert_revision(self.conn, id, RevisionKind::Import, &original, None, note, now)?;
        Ok(())
    }

    /// Says to the desk what it should know of the post.
    fn set_note(&mut self, article: &Article, content: &Content) -> Result<()> {
        let note = match &self.post.fate {
            Fate::Draft { note, .. } => note.as_deref(),
            Fate::Publish(_) if content.section_id.is_none() => Some("Publié dans WordPress ; sans rubrique ici."),
            Fate::Publish(_) => None,
        };
        notes::store::set_imported(self.conn, article.id, note, self.batch.now)
    }

    /// Makes it live, or takes it off, and remembers it. What is not live stands in a revision too,
    /// where its content is new.
    fn settle(&mut self, article: Article, content: &Content, is_new: bool) -> Result<()> {
        self.keep_original(article.id, content)?;
        let is_published = matches!(self.post.fate, Fate::Publish(_)) && content.section_id.is_some();
        if is_new && !is_published {
            let (id, kind) = (article.id, RevisionKind::Import);
            store::insert_revision(self.conn, id, kind, content, None, None, self.batch.now)?;
        }
        let row = Imported {
            target_id: article.id.to_string(),
            digest: self.post.digest.clone(),
            version: article.version,
        };
        imports::put(
            self.conn,
            &self.batch.source,
            ItemKind::Post,
            &self.post.number,
            &row,
            self.batch.now,
        )?;
        match self.post.fate {
            Fate::Publish(at) if content.section_id.is_some() => self.publish(article, content, at),
            Fate::Publish(_) => {
                self.report
                    .note(List::Decided, "public, but its section was deleted here: draft", 1);
                self.withdraw(&article)
            }
            Fate::Draft { .. } => self.withdraw(&article),
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
        publish(self.conn, self.frame, article, content, &publication)?;
        self.redirect(id)
    }

    /// Lets the old address lead to the article.
    fn redirect(&mut self, id: ArticleId) -> Result<()> {
        let path: Option<String> = articles::table.find(id).select(articles::path).first(self.conn)?;
        let Some(path) = path else { return Ok(()) };
        let target = Target {
            kind: PathKind::Article,
            id: id.as_str(),
            locale: &self.batch.locale,
        };
        let Some(old) = self.post.old_path.as_ref().filter(|old| **old != path) else {
            return Ok(());
        };
        if paths::redirect(self.conn, old, target, &path, self.batch.now)? {
            self.report.count(Kind::Redirects, Outcome::Imported);
        } else if paths::is_anothers(self.conn, old, target)? {
            self.report
                .skip(Kind::Redirects, "old addresses where something else stands here");
        }
        Ok(())
    }

    /// Takes off an article that is public no more in WordPress, and cancels what waits for it; a draft
    /// stays one.
    fn withdraw(&mut self, article: &Article) -> Result<()> {
        if article.state != ArticleState::Published {
            return Ok(());
        }
        // The row as it was written: it has the new title and section.
        let (article, _) = store::get(self.conn, article.id)?;
        let id = article.id;
        unpublish(self.conn, article)?;
        schedules::cancel(self.conn, id, ScheduleKind::ALL, None, Some("imported"), self.batch.now)?;
        self.report
            .note(List::Decided, "public here and no more in WordPress: taken off", 1);
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
                List::Decided,
                "authors whose name is their login or an e-mail address: « Rédaction »",
                1,
            );
        }
        let mut seen = std::collections::HashSet::new();
        let mut content = Content {
            title: post.words.title.clone(),
            standfirst: post.words.standfirst.clone(),
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
            lead_image: post.words.lead_image.clone(),
            blocks: post.words.blocks.clone(),
            featured: post.is_sticky,
            comment_policy: (!post.takes_comments).then(|| CommentPolicy::of_mode(CommentMode::Closed)),
            ..Content::empty()
        };
        if let (Fate::Publish(_), Some(wished), Some(section)) = (&post.fate, &post.slug, section_id) {
            content.slug = Some(self.free_slug(article, wished, section)?);
        }
        Ok(content)
    }

    /// The slug, or the first number behind it whose path is free.
    fn free_slug(&mut self, article: &Article, wished: &str, section: SectionId) -> Result<String> {
        let above = self
            .frame
            .tree
            .get(section)
            .map(|section| section.path.clone())
            .unwrap_or_default();
        let target = Target {
            kind: PathKind::Article,
            id: article.id.as_str(),
            locale: &article.locale,
        };
        let mut slug = wished.to_owned();
        let mut number = 1;
        while paths::is_anothers(
            self.conn,
            &self.frame.site.localised(&article.locale, &format!("{above}/{slug}")),
            target,
        )? {
            number += 1;
            slug = slug::numbered(wished, number);
        }
        if number > 1 {
            self.report.note(List::Decided, "slugs that were taken: numbered", 1);
        }
        Ok(slug)
    }

    /// The primary section, the deepest of the item's categories and among these the first, and the others.
    fn sections(&mut self) -> (Option<SectionId>, Vec<SectionId>) {
        let (places, tree) = (&self.batch.places, &self.frame.tree);
        let mut all: Vec<SectionId> = Vec::new();
        for nicename in &self.post.categories {
            let id = places
                .by_category
                .get(nicename)
                .copied()
                .filter(|id| tree.get(*id).is_some());
            all.extend(id.filter(|id| !all.contains(id)));
        }
        let default = if self.post.is_page {
            places.pages.or(places.posts)
        } else {
            places.posts.or(places.pages)
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
                List::Decided,
                format!("{which} without a category: the section for {which}"),
                1,
            );
        }
        if all.len() > limits::SECONDARY_SECTIONS {
            self.report.note(
                List::Decided,
                "categories beyond the eleven that an article can have: left out",
                1,
            );
            all.truncate(limits::SECONDARY_SECTIONS);
        }
        (primary, all)
    }
}
