//! An article's life.

mod actions;
mod arrivals;
mod bulk;
mod copies;
mod corrections;
mod killing;
mod races;
mod statements;
