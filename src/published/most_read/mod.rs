//! What is read most. A view is counted in memory ([`counter`]), written every few seconds as a number of an article in
//! an hour, and summed up to ranks, a few hundred for each window ([`ranking`]): readers are answered from those
//! ([`store`]), so that an answer costs the same however much is read. An editor may put ranks in their place until
//! they are as old as their window ([`crate::editorial::most_read`]). No number is ever shown, and nothing of a reader is
//! kept: [`counter`] says how.

pub mod counter;
pub mod ranking;
pub mod store;

mod model;

pub use counter::ViewCounter;
pub use model::{HourlyViews, MostReadWindow};
pub use ranking::RankRefresh;
pub use store::most_read_ids;
