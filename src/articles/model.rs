//! What an article is: the working copy, what a revision freezes, and the words of its life.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::access::audit;
use crate::access::auth::{Actor, PermissionSubject};
use crate::base::clock::Time;
use crate::base::db::schema::articles;
use crate::base::error::{Error, Result};
use crate::base::ids::{ArticleId, ContributorId, SectionId, TagId, UserId};
use crate::base::slug;
use crate::body::article_type::ArticleType;
use crate::body::blocks::Block;
use crate::body::image::Image;
use crate::site::comment_policy::CommentPolicy;
use crate::site::paths::{PathKind, PathTarget};
use crate::site::sections::SectionTree;

crate::word_type! {
    /// Where an article is in its life.
    ArticleState {
        /// Never public.
        Draft = "draft",
        /// Public.
        Published = "published",
        /// Was public, and is not now.
        Unpublished = "unpublished",
        /// Public with a notice that it is withdrawn.
        Retracted = "retracted",
        /// Withdrawn for good.
        Killed = "killed",
        /// Thrown away; it can be restored.
        Trashed = "trashed",
    }
}

crate::word_type! {
    /// How far the desk is with the working copy.
    ArticleReview {
        /// Being written.
        NotSubmitted = "not_submitted",
        /// Being read.
        InReview = "in_review",
        /// Fit to print.
        Ready = "ready",
    }
}

crate::word_type! {
    /// Who may read it all; others get a preview.
    Access {
        /// Everybody.
        Free = "free",
        /// Readers with an account.
        Registered = "registered",
        /// Readers who pay.
        Subscribers = "subscribers",
    }
}

crate::word_type! {
    /// Why a revision was written.
    RevisionKind {
        /// By an editor.
        Save = "save",
        /// It went live.
        Publish = "publish",
        /// It went live with a notice.
        Correct = "correct",
        /// It came out of the trash.
        Restore = "restore",
        /// It came from elsewhere.
        Import = "import",
    }
}

/// What search engines are told instead of title and standfirst.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Seo {
    /// In place of the title.
    pub title: Option<String>,
    /// In place of the standfirst.
    pub description: Option<String>,
    /// Whether search engines should leave it out.
    pub no_index: bool,
}

/// Where the story came from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Source {
    /// The agency, the paper.
    pub name: String,
    /// Its page.
    pub url: Option<String>,
}

/// Who signs, and as what.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Byline {
    /// The contributor.
    pub contributor_id: ContributorId,
    /// What they did for this article, such as `photos`.
    pub role: Option<String>,
}

/// Everything of an article that a reader may see: what editors edit and revisions freeze.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ArticleContent)]
pub struct Content {
    /// What kind of article it is.
    #[serde(rename = "type")]
    pub type_: ArticleType,
    /// The headline; empty in a draft that has none yet.
    pub title: String,
    /// The line above the headline.
    pub kicker: Option<String>,
    /// The paragraph below it.
    pub standfirst: Option<String>,
    /// The slug that an editor chose; without one it is made of the title at publish.
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
    #[serde(default)]
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
    /// How it takes comments; its section decides where it does not say.
    pub comment_policy: Option<CommentPolicy>,
}

impl Content {
    /// An empty draft.
    pub fn empty() -> Self {
        Self {
            type_: ArticleType::Article,
            title: String::new(),
            kicker: None,
            standfirst: None,
            slug: None,
            section_id: None,
            secondary_section_ids: Vec::new(),
            tag_ids: Vec::new(),
            contributors: Vec::new(),
            related_article_ids: Vec::new(),
            image: None,
            blocks: Vec::new(),
            source: None,
            access: Access::Free,
            seo: Seo::default(),
            is_featured: false,
            breaking_until: None,
            is_ad_free: false,
            is_sensitive: false,
            comment_policy: None,
        }
    }

    /// The content as it is stored.
    ///
    /// # Errors
    /// 500 when it cannot be written as JSON.
    pub fn to_json(&self) -> Result<String> {
        serde_json::to_string(self).map_err(Error::internal)
    }

    /// The content as it was stored.
    ///
    /// # Errors
    /// 500 when it is not content.
    pub fn from_json(json: &str) -> Result<Self> {
        serde_json::from_str(json).map_err(|error| Error::internal(format!("stored content: {error}")))
    }

    /// The slug that an editor chose, or the one made of the title.
    pub fn preferred_slug(&self, id: ArticleId) -> String {
        let generated = || slug::from_title_or_id(&self.title, id.as_str());
        self.slug.clone().unwrap_or_else(generated)
    }

    /// Names of the members in which two contents differ, as the API spells them.
    pub fn differences(&self, other: &Self) -> Vec<&'static str> {
        let differs = [
            ("type", self.type_ != other.type_),
            ("title", self.title != other.title),
            ("kicker", self.kicker != other.kicker),
            ("standfirst", self.standfirst != other.standfirst),
            ("slug", self.slug != other.slug),
            ("section_id", self.section_id != other.section_id),
            (
                "secondary_section_ids",
                self.secondary_section_ids != other.secondary_section_ids,
            ),
            ("tag_ids", self.tag_ids != other.tag_ids),
            ("contributors", self.contributors != other.contributors),
            (
                "related_article_ids",
                self.related_article_ids != other.related_article_ids,
            ),
            ("image", self.image != other.image),
            ("blocks", self.blocks != other.blocks),
            ("source", self.source != other.source),
            ("access", self.access != other.access),
            ("seo", self.seo != other.seo),
            ("is_featured", self.is_featured != other.is_featured),
            ("breaking_until", self.breaking_until != other.breaking_until),
            ("is_ad_free", self.is_ad_free != other.is_ad_free),
            ("is_sensitive", self.is_sensitive != other.is_sensitive),
            ("comment_policy", self.comment_policy != other.comment_policy),
        ];
        differs
            .into_iter()
            .filter(|(_, differs)| *differs)
            .map(|(name, _)| name)
            .collect()
    }
}

/// An article's row: the working copy and what outlives being live.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = articles, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite), treat_none_as_null = true)]
#[diesel(treat_none_as_default_value = false)]
pub struct Article {
    /// The article's id.
    pub id: ArticleId,
    /// Its language.
    pub locale: String,
    /// What it shares with its translations.
    pub translation_key: String,
    /// As in the content, for lists.
    pub type_: ArticleType,
    /// As in the content, for lists.
    pub title: String,
    /// The primary section. It is here and not in `content`, since deleting a section changes it.
    pub section_id: Option<SectionId>,
    /// The rest of the working copy, as JSON; its column is empty while it is that of the live revision.
    pub content: String,
    /// Not to be public before.
    pub embargo_until: Option<Time>,
    /// Who is working on it.
    pub assignee_id: Option<UserId>,
    /// Where it is in its life.
    pub state: ArticleState,
    /// How far the desk is.
    pub review: ArticleReview,
    /// Whether the working copy differs from what is, or was last, live.
    pub has_unpublished_changes: bool,
    /// Counts changes of the working copy.
    pub version: i64,
    /// The number of the live revision.
    pub live_revision_number: Option<i32>,
    /// The public path, since the first publish.
    pub path: Option<String>,
    /// The sort key of lists: see `published::press::position_base`.
    pub position: Option<i64>,
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
    /// Who made it live last.
    pub published_by: Option<UserId>,
}

impl Article {
    /// The thing that its paths are of.
    pub fn target(&self) -> PathTarget<'_> {
        PathTarget {
            kind: PathKind::Article,
            id: self.id.as_str(),
            locale: &self.locale,
        }
    }

    /// The digest of the article as it is at the desk, for the audit.
    ///
    /// # Errors
    /// 500 when it cannot be written as JSON.
    pub fn digest(&self, content: &Content) -> Result<String> {
        let desk = (self.embargo_until, self.assignee_id);
        audit::digest(&(self.state, self.review, content, desk))
    }

    /// What grants are compared with, for a section that the article is or will be in.
    pub fn subject<'s>(
        &'s self,
        tree: &'s SectionTree,
        section: Option<SectionId>,
        actor: &Actor,
    ) -> PermissionSubject<'s> {
        PermissionSubject {
            section_path: section.and_then(|id| tree.get(id)).map(|section| section.path.as_str()),
            locale: Some(&self.locale),
            is_own: self.created_by == Some(actor.user_id),
            was_public: self.first_published_at.is_some(),
        }
    }
}

/// Where an article is and in which state, without its text: enough to decide who may do what with it.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = articles, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
pub struct ArticleStanding {
    /// The primary section.
    pub section_id: Option<SectionId>,
    /// Its language.
    pub locale: String,
    /// Where it is in its life.
    pub state: ArticleState,
    /// How far the desk is.
    pub review: ArticleReview,
    created_by: Option<UserId>,
    first_published_at: Option<Time>,
}

impl ArticleStanding {
    /// What grants are compared with.
    pub fn subject<'s>(&'s self, tree: &'s SectionTree, actor: &Actor) -> PermissionSubject<'s> {
        let section = self.section_id.and_then(|id| tree.get(id));
        PermissionSubject {
            section_path: section.map(|section| section.path.as_str()),
            locale: Some(&self.locale),
            is_own: self.created_by == Some(actor.user_id),
            was_public: self.first_published_at.is_some(),
        }
    }
}

/// The row of a draft that is still empty.
pub fn empty_article(locale: &str, author: Option<UserId>, now: Time) -> Article {
    let id = ArticleId::new();
    Article {
        id,
        locale: locale.to_owned(),
        translation_key: id.to_string(),
        type_: ArticleType::Article,
        title: String::new(),
        section_id: None,
        content: String::new(),
        embargo_until: None,
        assignee_id: None,
        state: ArticleState::Draft,
        review: ArticleReview::NotSubmitted,
        has_unpublished_changes: true,
        version: 1,
        live_revision_number: None,
        path: None,
        position: None,
        published_at: None,
        first_published_at: None,
        updated_at: None,
        corrected_at: None,
        created_at: now,
        created_by: author,
        edited_at: now,
        edited_by: author,
        trashed_at: None,
        published_by: None,
    }
}
