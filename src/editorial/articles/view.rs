//! An article as the desk sees it: the working copy, its life, and what the one who asks can do with it.

use serde::Serialize;
use utoipa::ToSchema;

use crate::access::auth::{Actor, Permission, PermissionSubject};
use crate::articles::corrections::{self, Correction};
use crate::articles::model::{Access, Article, ArticleReview, ArticleState, Byline, Content, Seo, Source};
use crate::articles::schedules::model::{Schedule, ScheduleView};
use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::error::{Error, Result};
use crate::base::ids::{ArticleId, SectionId, TagId, UserId};
use crate::base::text::warnings::TextWarning;
use crate::body::article_type::ArticleType;
use crate::body::blocks::Block;
use crate::body::image::Image;
use crate::editorial::autosaves::{self, UnsavedText};
use crate::editorial::leases::{self, Lease};
use crate::editorial::notes;
use crate::editorial::schedule::views;
use crate::editorial::workflow::{Action, ActionFacts, allowed_to};
use crate::published::press;
use crate::site::comment_policy::CommentPolicy;
use crate::site::frame::Frame;
use crate::site::takedowns::{self, Tombstone};

/// An article as editors see it: the working copy, its life, and what can be done with it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ArticleView {
    /// The article's id.
    pub id: ArticleId,
    /// Its language.
    pub locale: String,
    /// What it shares with its translations.
    pub translation_key: String,
    /// What kind of article it is.
    #[serde(rename = "type")]
    pub type_: ArticleType,
    /// The headline; empty in a draft that has none yet.
    pub title: String,
    /// The line above the headline.
    pub kicker: Option<String>,
    /// The paragraph below it.
    pub standfirst: Option<String>,
    /// The slug that an editor chose; null to have it made of the title at publish.
    pub slug: Option<String>,
    /// The section in whose path it stands.
    pub section_id: Option<SectionId>,
    /// Other sections that list it.
    pub secondary_section_ids: Vec<SectionId>,
    /// What it is about, most important first.
    pub tag_ids: Vec<TagId>,
    /// Who signs it.
    pub contributors: Vec<Byline>,
    /// Articles that an editor chose to go with it, the first first.
    pub related_article_ids: Vec<ArticleId>,
    /// The picture above it.
    pub image: Option<Image>,
    /// The body.
    pub blocks: Vec<Block>,
    /// Where the story came from.
    pub source: Option<Source>,
    /// Who may read it all.
    pub access: Access,
    /// What search engines are told.
    pub seo: Seo,
    /// Whether it stands out on the home page.
    pub is_featured: bool,
    /// Until when it is breaking news.
    pub breaking_until: Option<Time>,
    /// Whether it is shown without advertisements.
    pub is_ad_free: bool,
    /// Whether readers are warned before they see it.
    pub is_sensitive: bool,
    /// Whether it takes comments; null where its section decides.
    pub comment_policy: Option<CommentPolicy>,
    /// Not to be public before.
    pub embargo_until: Option<Time>,
    /// Who is working on it.
    pub assignee_id: Option<UserId>,
    /// Who says that they are at work on it now: advice that stops nobody.
    pub lease: Option<Lease>,
    /// Who has typed what they have not saved, you included, the latest first.
    pub autosaves: Vec<UnsavedText>,
    /// How many notes on it are open.
    pub open_note_count: i64,
    /// Where it is in its life.
    pub state: ArticleState,
    /// How far the desk is with the working copy.
    pub review: ArticleReview,
    /// Whether the working copy differs from what is, or was last, live.
    pub has_unpublished_changes: bool,
    /// What state, review and your grants let you do.
    pub allowed_actions: Vec<Action>,
    /// Counts changes of the working copy; the ETag is made of it.
    pub version: i64,
    /// The number of the live revision.
    pub live_revision_number: Option<i32>,
    /// The public path, since the first publish.
    pub path: Option<String>,
    /// The date shown and sorted by.
    pub published_at: Option<Time>,
    /// When it was public first.
    pub first_published_at: Option<Time>,
    /// When it was published last, minor changes aside.
    pub updated_at: Option<Time>,
    /// When it was corrected last.
    pub corrected_at: Option<Time>,
    /// When it was made.
    pub created_at: Time,
    /// By whom; null where it was imported.
    pub created_by: Option<UserId>,
    /// When the working copy was changed last.
    pub edited_at: Time,
    /// By whom.
    pub edited_by: Option<UserId>,
    /// When it was thrown away.
    pub trashed_at: Option<Time>,
    /// Who made it live last; null where it never was, or was imported.
    pub published_by: Option<UserId>,
    /// What readers were told since it was published, the oldest first.
    pub corrections: Vec<Correction>,
    /// With `killed`: when, by whom and why.
    pub tombstone: Option<Tombstone>,
    /// What waits for its moment, soonest first: at most one publish and one unpublish.
    pub schedules: Vec<ScheduleView>,
    /// What was waiting and was cancelled by this very request.
    pub cancelled_schedules: Vec<ScheduleView>,
    /// What others had changed since the version that you sent, where `merge=disjoint` made your change to theirs.
    pub merged_over: Vec<String>,
    /// What is wrong with the texts that this request wrote; empty where it wrote none.
    pub warnings: Vec<TextWarning>,
}

impl ArticleView {
    /// The view of an article for somebody who may read it.
    pub fn new(
        conn: &mut Conn,
        frame: &Frame,
        actor: &Actor,
        article: Article,
        content: Content,
        now: Time,
    ) -> Result<Self> {
        let live_section = press::live_section(conn, article.id)?;
        Self::with_live_section(conn, frame, actor, (article, content, live_section), now)
    }

    /// As [`ArticleView::new`], where the section is known in which the article is live.
    pub fn with_live_section(
        conn: &mut Conn,
        frame: &Frame,
        actor: &Actor,
        (article, content, live_section): (Article, Content, Option<SectionId>),
        now: Time,
    ) -> Result<Self> {
        let allowed_actions = allowed_to(actor, &facts_of(frame, (&article, &content), live_section));
        let corrections = corrections::store::list_of(conn, article.id)?;
        let tombstone = match article.state {
            ArticleState::Killed => takedowns::tombstone(conn, article.id)?,
            _ => None,
        };
        let schedules = views::waiting(conn, article.id, article.version)?;
        Ok(Self {
            id: article.id,
            locale: article.locale,
            translation_key: article.translation_key,
            type_: content.type_,
            title: content.title,
            kicker: content.kicker,
            standfirst: content.standfirst,
            slug: content.slug,
            section_id: content.section_id,
            secondary_section_ids: content.secondary_section_ids,
            tag_ids: content.tag_ids,
            contributors: content.contributors,
            related_article_ids: content.related_article_ids,
            image: content.image,
            blocks: content.blocks,
            source: content.source,
            access: content.access,
            seo: content.seo,
            is_featured: content.is_featured,
            breaking_until: content.breaking_until,
            is_ad_free: content.is_ad_free,
            is_sensitive: content.is_sensitive,
            comment_policy: content.comment_policy,
            embargo_until: article.embargo_until,
            assignee_id: article.assignee_id,
            lease: leases::store::find(conn, article.id, now)?,
            autosaves: autosaves::store::list_of(conn, article.id)?,
            open_note_count: notes::store::count_open(conn, &[article.id])?
                .remove(&article.id)
                .unwrap_or(0),
            state: article.state,
            review: article.review,
            has_unpublished_changes: article.has_unpublished_changes,
            allowed_actions,
            version: article.version,
            live_revision_number: article.live_revision_number,
            path: article.path,
            published_at: article.published_at,
            first_published_at: article.first_published_at,
            updated_at: article.updated_at,
            corrected_at: article.corrected_at,
            created_at: article.created_at,
            created_by: article.created_by,
            edited_at: article.edited_at,
            edited_by: article.edited_by,
            trashed_at: article.trashed_at,
            published_by: article.published_by,
            corrections,
            tombstone,
            schedules,
            cancelled_schedules: Vec::new(),
            merged_over: Vec::new(),
            warnings: Vec::new(),
        })
    }

    /// The same with what the request cancelled.
    #[must_use]
    pub fn with_cancelled(mut self, cancelled: Vec<Schedule>) -> Self {
        let views = cancelled.into_iter().map(|schedule| ScheduleView::new(schedule, false));
        self.cancelled_schedules = views.collect();
        self
    }
}

/// What the table of actions must know about an article and its working copy.
pub fn action_facts<'s>(
    conn: &mut Conn,
    frame: &'s Frame,
    article: &'s Article,
    content: &'s Content,
) -> Result<ActionFacts<'s>> {
    let live_section = press::live_section(conn, article.id)?;
    Ok(facts_of(frame, (article, content), live_section))
}

fn facts_of<'s>(
    frame: &'s Frame,
    (article, content): (&'s Article, &'s Content),
    live_section: Option<SectionId>,
) -> ActionFacts<'s> {
    ActionFacts {
        article,
        secondary_sections: &content.secondary_section_ids,
        live_section,
        tree: &frame.tree,
    }
}

/// Checks that an actor may read an article; to anybody else it does not exist. One's own stays readable once it is
/// public.
///
/// # Errors
/// 404.
pub fn check_may_read(frame: &Frame, actor: &Actor, article: &Article) -> Result<()> {
    check_readable(actor, article.subject(&frame.tree, article.section_id, actor))
}

/// As [`check_may_read`], of an article that grants know as `subject`.
///
/// # Errors
/// 404.
pub fn check_readable(actor: &Actor, subject: PermissionSubject<'_>) -> Result<()> {
    let subject = PermissionSubject {
        was_public: false,
        ..subject
    };
    if actor.may(Permission::ReadArticles, &subject) {
        Ok(())
    } else {
        Err(Error::not_found())
    }
}
