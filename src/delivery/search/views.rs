//! What readers get of search, as types: the JSON is composed of pressed text, and these say its shape in
//! the OpenAPI document.

use serde::Serialize;
use utoipa::ToSchema;

use crate::articles::model::Access;
use crate::base::clock::Time;
use crate::base::http::page::PageInfo;
use crate::base::ids::{ArticleId, SectionId, TagId};
use crate::body::article_type::ArticleType;
use crate::body::image::Image;
use crate::published::pressed::{CardContributor, CardTag};
use crate::search::highlight::Highlight;
use crate::site::sections::model::SectionRef;
use crate::site::settings::Crumb;
use crate::site::tags::TagKind;

/// An article that was found.
#[derive(Serialize, ToSchema)]
pub struct FoundCard {
    /// The article's id.
    pub id: ArticleId,
    /// Its public path.
    pub path: String,
    /// Its language.
    pub locale: String,
    /// What kind of article it is.
    #[serde(rename = "type")]
    pub type_: ArticleType,
    /// The headline.
    pub title: String,
    /// The line above the headline.
    pub kicker: Option<String>,
    /// The paragraph below it.
    pub standfirst: Option<String>,
    /// The picture above it.
    pub image: Option<Image>,
    /// Who signs it.
    pub contributors: Vec<CardContributor>,
    /// What it is about, most important first.
    pub tags: Vec<CardTag>,
    /// The date shown and sorted by.
    pub published_at: Time,
    /// When it was published last, minor changes aside.
    pub updated_at: Time,
    /// Who may read it all.
    pub access: Access,
    /// Whether it stands out on the home page.
    pub featured: bool,
    /// Whether readers are warned before they see it.
    pub sensitive: bool,
    /// The section in whose path it stands.
    pub section: SectionRef,
    /// The way from the site's root to its section.
    pub breadcrumb: Vec<Crumb>,
    /// Approved comments.
    pub comment_count: i64,
    /// Whether it is breaking news at this moment.
    pub breaking: bool,
    /// Where it says what was looked for: its title, kicker, standfirst and a piece of its body, those in
    /// which something was found.
    pub highlights: Vec<Highlight>,
}

/// A page of what was found.
#[derive(Serialize, ToSchema)]
pub struct FoundPage {
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
