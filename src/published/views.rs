//! What readers get, as types: the JSON is composed of pressed text, and these say its shape in the
//! OpenAPI document.

use serde::Serialize;
use utoipa::ToSchema;

use crate::base::clock::Time;
use crate::base::ids::ArticleId;
use crate::list_type;
use crate::published::packages::{PackageId, PackageKind};
use crate::site::comment_policy::CommentMode;

/// A form in which readers get an article: the members of every form, and those of this one.
#[macro_export]
macro_rules! card_type {
    ($(#[$meta:meta])* pub struct $name:ident { $($more:tt)* }) => {
        $(#[$meta])*
        #[derive(serde::Serialize, utoipa::ToSchema)]
        pub struct $name {
            /// The article's id.
            pub id: $crate::base::ids::ArticleId,
            /// Its public path.
            pub path: String,
            /// Its language.
            pub locale: String,
            /// What kind of article it is.
            #[serde(rename = "type")]
            pub type_: $crate::body::article_type::ArticleType,
            /// The headline.
            pub title: String,
            /// The line above the headline.
            pub kicker: Option<String>,
            /// The paragraph below it.
            pub standfirst: Option<String>,
            /// The picture above it.
            pub image: Option<$crate::body::image::Image>,
            /// Who signs it.
            pub contributors: Vec<$crate::published::pressed::CardContributor>,
            /// What it is about, most important first.
            pub tags: Vec<$crate::published::pressed::CardTag>,
            /// The date shown and sorted by.
            pub published_at: $crate::base::clock::Time,
            /// When it was published last, minor changes aside.
            pub updated_at: $crate::base::clock::Time,
            /// Who may read it all.
            pub access: $crate::articles::model::Access,
            /// Whether it stands out on the home page.
            pub is_featured: bool,
            /// Whether readers are warned before they see it.
            pub is_sensitive: bool,
            /// The section in whose path it stands.
            pub section: $crate::site::sections::model::SectionRef,
            /// The way from the site's root to its section.
            pub breadcrumb: Vec<$crate::site::settings::Crumb>,
            /// Approved comments.
            pub comment_count: i64,
            /// Whether it is breaking news at this moment.
            pub is_breaking: bool,
            $($more)*
        }
    };
}

card_type! {
    /// An article in a list.
    pub struct Card {}
}

list_type! {
    /// A page of cards.
    CardList {
        /// The cards.
        items: Vec<Card>,
    }
}

/// A package in which an article stands, and what stands there before and behind it.
#[derive(Serialize, ToSchema)]
pub struct ArticlePackage {
    /// The package's id.
    pub id: PackageId,
    /// How its stories belong together.
    pub kind: PackageKind,
    /// What it is called.
    pub title: String,
    /// The article's place among those that are live, from 1.
    #[schema(minimum = 1)]
    pub position: i32,
    /// How many of its articles are live.
    #[schema(minimum = 1)]
    pub article_count: i32,
    /// What stands before it.
    pub previous: Option<Card>,
    /// What stands behind it.
    pub next: Option<Card>,
}

/// The same story in another language.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Alternate {
    /// The article's id.
    pub id: ArticleId,
    /// Its language.
    pub locale: String,
    /// Its public path.
    pub path: String,
    /// Its address on the site.
    pub url: String,
}

/// An advertisement between two blocks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AdSlotPlacement {
    /// The block behind which it stands; null above the first.
    pub after_block_id: Option<String>,
    /// The slot's key.
    pub slot: String,
}

/// What a comment form needs to know.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PublicCommentPolicy {
    /// Whether the article takes comments, and when they show.
    pub mode: CommentMode,
    /// Whether it takes comments at this moment.
    pub is_open: bool,
    /// From when on it takes none; null where no end is set.
    pub open_until: Option<Time>,
    /// Members that must be sent.
    pub required: Vec<String>,
    /// Characters of a name at most.
    pub author_name_max_length: i32,
    /// Characters of a comment at most.
    pub body_max_length: i32,
    /// Levels of replies below the first comment; 0 where nobody can reply.
    pub max_depth: i32,
    /// Links of a comment that is not held for them.
    pub max_links: i32,
}
