//! Lists of live articles: [`query`] is the grammar that every list of articles speaks, [`delivery`]
//! answers them.

mod delivery;
pub mod query;

pub use query::{ArticleFilters, ListArticles};

pub(super) use delivery::routes;
