//! An article's life.

mod actions;
mod bulk;
mod copies;
mod corrections;
mod killing;
mod races;
mod statements;
