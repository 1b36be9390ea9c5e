//! What is public: the only module that knows the tables from which readers' answers are made.
//!
//! [`press`] writes the finished JSON of a live article ([`pressed`]) with its place in every list ([`links`]), of a
//! [`gated`] one in two forms;
//! [`repress`] does so again, [`section_links`] follows sections that move, [`shown_places`] says what else shows an
//! article. [`previews`] are pressed copies for a link,
//! [`packages`] are stories that belong together, [`reindex`] writes the search indexes anew.
//!
//! What it hands out is finished JSON: the pressed part as it is, followed by what belongs to other tables, as
//! top-level members. [`rows`] reads live articles, [`list`](list::list) reads pages of articles (along
//! [`index_scans`]), [`fragments`] remembers what many answers show, [`compose`] writes the JSON that is sent, [`bodies`] its bodies in other forms than blocks, [`alternates`] finds the same story in other languages, [`views`] has its types. [`corrections`] lists the
//! notices on live articles, [`hits`] shows what search found, [`parsed`] takes articles apart again where no JSON is
//! sent, and [`addresses`] says where they are. [`most_read`] counts what is read, and ranks it.

pub mod addresses;
pub mod alternates;
pub mod bodies;
pub mod compose;
mod corrections;
pub mod first_press;
pub mod fragments;
pub mod gated;
mod hits;
pub mod index_scans;
pub mod links;
pub mod list;
pub mod most_read;
pub mod newest;
pub mod packages;
pub mod parsed;
pub mod press;
pub mod pressed;
pub mod previews;
pub mod reindex;
pub mod repress;
pub mod rows;
pub mod section_links;
mod shown_places;
pub mod views;

pub use alternates::{Alternates, alternates_of};
pub use bodies::BodyFormat;
pub use compose::{AnswerContext, AnswerJson, ExtraMembers, PackageNeighbours};
pub use corrections::{corrections_of, list_corrections};
pub use fragments::FragmentCache;
pub use hits::{ArticleHit, at_positions, live_tags, matching};
pub use list::{ArticleFilter, ArticleSort, ListKey, ListedArticles, list};
pub use newest::{NewestOf, PlacedIds};
pub use packages::of_article::packages_of_article;
pub use parsed::{ParsedArticle, ParsedHead, notices_of, retracted, retractions_of, titles_of};
pub use rows::{
    ArticleShape, Discussion, PublishedArticle, bylines, comment_counts_of, discussion, find_at, get, live_term,
    must_be_live, path_of, shown,
};
pub use views::{Card, CardList, ListedArticle, ListedArticleList, PublicCommentPolicy};
