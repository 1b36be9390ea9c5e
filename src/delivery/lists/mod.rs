//! Lists of live articles: [`query`] is the grammar that every list of articles speaks, [`endpoints`]
//! answers them; [`partial`] picks members.

pub mod endpoints;
pub mod partial;
pub mod query;

pub use query::{ArticleFilters, ArticleOrdering, ListArticles};
