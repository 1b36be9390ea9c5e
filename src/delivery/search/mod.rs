//! Finding live articles by their words: [`query`] is what readers ask, which [`endpoints`] answers, [`find`] walks what
//! matches by date or by relevance, [`suggest`] says what may be meant, [`views`] is what readers get. How words are read is in
//! [`crate::search`].

pub mod endpoints;
pub mod find;
pub mod query;
pub mod suggest;
pub mod views;
