//! What readers get of search, as types: the JSON is composed of pressed text, and these say its shape in
//! the OpenAPI document.

use serde::Serialize;
use utoipa::ToSchema;

use crate::base::http::page::PageInfo;
use crate::base::ids::{ArticleId, SectionId, TagId};
use crate::search::highlight::Highlight;
use crate::site::tags::TagKind;
use crate::{card_type, listed_article_type};

card_type! {
    /// An article that was found.
    pub struct FoundCard {
        /// Where it says what was looked for: its title, kicker, standfirst and a piece of its body, those in
        /// which something was found.
        pub highlights: Vec<Highlight>,
    }
}

listed_article_type! {
    /// An article that was found, in a list inside a page.
    pub struct FoundArticle {
        /// Where it says what was looked for: its title, kicker, standfirst and a piece of its body, those in
        /// which something was found.
        pub highlights: Vec<Highlight>,
    }
}

/// A page of what was found.
#[derive(Serialize, ToSchema)]
pub struct FoundCardList {
    /// The articles found.
    pub items: Vec<FoundCard>,
    /// Where the list goes on.
    pub page: PageInfo,
    /// Where nothing was found: what may have been meant, to be sent as `q`; else null.
    pub did_you_mean: Option<String>,
}

/// What may be meant by what is typed so far.
#[derive(Serialize, ToSchema)]
pub struct Suggestions {
    /// The newest articles whose titles have the words.
    #[schema(max_items = 5)]
    pub articles: Vec<SuggestedArticle>,
    /// Tags of live articles whose names begin so.
    #[schema(max_items = 5)]
    pub tags: Vec<SuggestedTag>,
    /// Sections in whose names a word begins so.
    #[schema(max_items = 5)]
    pub sections: Vec<SuggestedSection>,
}

/// An article whose title has the words.
#[derive(Serialize, ToSchema)]
pub struct SuggestedArticle {
    /// The article's id.
    pub id: ArticleId,
    /// Its headline.
    pub title: String,
    /// Its public path.
    pub path: String,
}

/// A tag whose name begins so.
#[derive(Serialize, ToSchema)]
pub struct SuggestedTag {
    /// The tag's id.
    pub id: TagId,
    /// What kind of thing it names.
    pub kind: TagKind,
    /// Its name.
    pub label: String,
    /// Its path.
    pub path: String,
}

/// A section in whose name a word begins so.
#[derive(Serialize, ToSchema)]
pub struct SuggestedSection {
    /// The section's id.
    pub id: SectionId,
    /// Its name.
    pub label: String,
    /// Its path.
    pub path: String,
}
