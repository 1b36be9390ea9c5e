//! A live article as readers get it, as a type: its JSON is composed of pressed text, and this says its shape in the
//! document.

use super::jsonld::ArticleJsonLd;
use crate::articles::corrections::{Correction, Retraction};
use crate::articles::model::{Seo, Source};
use crate::base::clock::Time;
use crate::body::blocks;
use crate::comments::lists::CommentThreadList;
use crate::published::views::{AdSlotPlacement, Alternate, ArticlePackage, ListedArticle, PublicCommentPolicy};
use crate::{card_type, list_type};

card_type! {
    /// An article with its body.
    pub struct PublicArticle {
        /// What it shares with its translations.
        pub translation_key: String,
        /// When it was public first.
        pub first_published_at: Time,
        /// When it was corrected last.
        pub corrected_at: Option<Time>,
        /// What readers were told since, the oldest first.
        pub corrections: Vec<Correction>,
        /// With a retracted article: what stands in its place.
        pub retraction: Option<Retraction>,
        /// The body, or as much of it as whoever asks may read. Advertisements stand in `ad_placements`.
        pub blocks: Vec<blocks::Block>,
        /// Whether the rest of the body was left out for somebody who may not read it all: `access` says who may.
        pub is_truncated: bool,
        /// Where the story came from.
        pub source: Option<Source>,
        /// What search engines are told.
        pub seo: Seo,
        /// Whether it is shown without advertisements.
        pub is_ad_free: bool,
        /// Its address on the site.
        pub canonical_url: String,
        /// The same story in the site's other languages, where it is live.
        pub alternates: Vec<Alternate>,
        /// The live articles that interlink blocks point to. A block whose article is not here is not drawn.
        pub linked_articles: Vec<ListedArticle>,
        /// Where advertisements stand.
        pub ad_placements: Vec<AdSlotPlacement>,
        /// The blocks as HTML, sanitised, with whole addresses; an advertisement's place is `<!-- ad:KEY -->`. Null where
        /// `body_format` does not name `html`.
        #[schema(max_length = 16777216)]
        pub body_html: Option<String>,
        /// The blocks as plain text, paragraphs apart by an empty line; null where `body_format` does not name `text`.
        #[schema(max_length = 16777216)]
        pub body_text: Option<String>,
        /// The blocks as Markdown (CommonMark, with tables); null where `body_format` does not name `markdown`.
        #[schema(max_length = 16777216)]
        pub body_markdown: Option<String>,
        /// What a comment form needs to know.
        pub comment_policy: PublicCommentPolicy,
        /// What goes with it, the nearest first; null where `include` does not name it.
        #[schema(max_items = 20)]
        pub related: Option<Vec<ListedArticle>>,
        /// The same story in other languages; null where `include` does not name it.
        #[schema(max_items = 20)]
        pub translations: Option<Vec<ListedArticle>>,
        /// The packages in which it stands; null where `include` does not name it.
        #[schema(max_items = 5)]
        pub packages: Option<Vec<ArticlePackage>>,
        /// The first page of its comments, in threads, as `listComments` gives it; null where `include` does not name
        /// `comments`.
        pub comments: Option<CommentThreadList>,
        /// What search engines are told (schema.org, as JSON-LD); null where `include` does not name it.
        pub jsonld: Option<ArticleJsonLd>,
    }
}

list_type! {
    /// A page of articles with their bodies.
    PublicArticleList {
        /// The articles.
        items: Vec<PublicArticle>,
    }
}
