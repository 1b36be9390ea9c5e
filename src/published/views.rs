//! What readers get, as types: the JSON is composed of pressed text, and these say its shape in the
//! OpenAPI document.

use serde::Serialize;
use utoipa::ToSchema;

use crate::base::clock::Time;
use crate::base::ids::{ArticleId, SectionId};
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
            pub image: Option<$crate::body::image::PublicImage>,
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

/// An article in a list inside something else, as a teaser or with all that a card has: the members of both, and those of
/// this one.
#[macro_export]
macro_rules! listed_article_type {
    ($(#[$meta:meta])* pub struct $name:ident { $($more:tt)* }) => {
        $(#[$meta])*
        #[derive(serde::Serialize, utoipa::ToSchema)]
        pub struct $name {
            /// The article's id.
            pub id: $crate::base::ids::ArticleId,
            /// Its public path.
            pub path: String,
            /// What kind of article it is.
            #[serde(rename = "type")]
            pub type_: $crate::body::article_type::ArticleType,
            /// The headline.
            pub title: String,
            /// The line above the headline.
            #[schema(required)]
            pub kicker: Option<String>,
            /// The picture above it.
            #[schema(required)]
            pub image: Option<$crate::published::views::ListedImage>,
            /// The date shown and sorted by.
            pub published_at: $crate::base::clock::Time,
            /// Who may read it all.
            pub access: $crate::articles::model::Access,
            /// The section in whose path it stands.
            pub section: $crate::published::views::ListedSection,
            /// Approved comments.
            pub comment_count: i64,
            /// Whether it is breaking news at this moment.
            pub is_breaking: bool,
            /// Its language; left out of a teaser.
            #[serde(skip_serializing_if = "Option::is_none")]
            #[schema(nullable = false)]
            pub locale: Option<String>,
            /// The paragraph below the headline; left out of a teaser.
            #[serde(skip_serializing_if = "Option::is_none")]
            pub standfirst: Option<String>,
            /// Who signs it; left out of a teaser.
            #[serde(skip_serializing_if = "Option::is_none")]
            #[schema(nullable = false)]
            pub contributors: Option<Vec<$crate::published::pressed::CardContributor>>,
            /// What it is about, most important first; left out of a teaser.
            #[serde(skip_serializing_if = "Option::is_none")]
            #[schema(nullable = false)]
            pub tags: Option<Vec<$crate::published::pressed::CardTag>>,
            /// When it was published last, minor changes aside; left out of a teaser.
            #[serde(skip_serializing_if = "Option::is_none")]
            #[schema(nullable = false)]
            pub updated_at: Option<$crate::base::clock::Time>,
            /// Whether it stands out on the home page; left out of a teaser.
            #[serde(skip_serializing_if = "Option::is_none")]
            #[schema(nullable = false)]
            pub is_featured: Option<bool>,
            /// Whether readers are warned before they see it; left out of a teaser.
            #[serde(skip_serializing_if = "Option::is_none")]
            #[schema(nullable = false)]
            pub is_sensitive: Option<bool>,
            /// The way from the site's root to its section; left out of a teaser.
            #[serde(skip_serializing_if = "Option::is_none")]
            #[schema(nullable = false)]
            pub breadcrumb: Option<Vec<$crate::site::settings::Crumb>>,
            $($more)*
        }
    };
}

listed_article_type! {
    /// An article in a list inside something else: as a teaser, or with all that a card has.
    pub struct ListedArticle {}
}

/// A picture of an article in a list.
#[derive(Serialize, ToSchema)]
pub struct ListedImage {
    /// Where it is: an `https` address.
    #[schema(format = "uri", max_length = 2048)]
    pub url: String,
    /// What it shows, for those who do not see it. Null: it is decoration.
    #[schema(required, max_length = 500)]
    pub alt: Option<String>,
    /// Its width in pixels.
    #[schema(required, minimum = 1, maximum = 20000)]
    pub width: Option<i32>,
    /// Its height in pixels.
    #[schema(required, minimum = 1, maximum = 20000)]
    pub height: Option<i32>,
    /// The uploaded medium that it is, if it is one.
    #[schema(required, format = "uuid")]
    pub media_id: Option<String>,
    /// Widths in pixels in which it can be had; empty where it can be had as it is only.
    #[schema(max_items = 20)]
    pub widths: Vec<i32>,
    /// The address of each of `widths`, which stands in it as `{width}`; null where there are none.
    #[schema(required, max_length = 2048)]
    pub template: Option<String>,
    /// A few bytes to show until it is loaded (ThumbHash, in base64); null where they are not known.
    #[schema(required, max_length = 64)]
    pub thumbhash: Option<String>,
    /// The text below it; left out of a teaser.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 1000)]
    pub caption: Option<String>,
    /// Who made it; left out of a teaser.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 200)]
    pub credit: Option<String>,
}

/// What an article in a list says of its section.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ListedSection {
    /// The section's id; left out of a teaser.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub id: Option<SectionId>,
    /// Its name in the article's language.
    pub label: String,
    /// Its path in the article's language.
    pub path: String,
    /// `#rrggbb`.
    #[schema(required)]
    pub colour: Option<String>,
}

list_type! {
    /// A page of articles, as teasers or as cards.
    ListedArticleList {
        /// The articles.
        items: Vec<ListedArticle>,
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
    pub previous: Option<ListedArticle>,
    /// What stands behind it.
    pub next: Option<ListedArticle>,
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
