//! The only readers of the public tables. What they hand out is finished JSON: the pressed part as it
//! stands, and behind it what belongs to other tables, appended as top-level members.
//!
//! [`rows`] reads live articles, [`list`](list::list) the pages of them (along [`lanes`]), [`compose`] writes the JSON
//! that is sent, [`views`] says what that JSON is; [`corrections`] lists the notices on live articles, [`hits`] shows
//! what search found, [`packages_around`] in which packages an article stands. [`items`] takes articles apart again
//! for what is no JSON, and [`addresses`] says where they are.

pub mod addresses;
pub mod compose;
mod corrections;
mod hits;
pub mod items;
mod lanes;
pub mod list;
mod packages;
pub mod rows;
pub mod section_links;
pub mod views;
mod walks;

pub use compose::{Alternates, Composed, Included, PackagePlace, Setting, alternates_of, cards_of};
pub use corrections::{corrections_of, list_corrections};
pub use hits::{Hit, at_positions, live_tags, passing};
pub use items::{Item, notices_of, retracted, retractions_of, titles_of};
pub use list::{After, ArticleSort, Filter, Listed, Shape, contributor_ids, list, tag_ids, total};
pub use packages::packages_around;
pub use rows::{Discussion, Live, bylines, comment_counts_of, discussion, find_at, get, must_be_live, path_of, shown};
pub use views::{Card, CardPage, CommentForm};
pub use walks::{Walk, newest_of_each};
