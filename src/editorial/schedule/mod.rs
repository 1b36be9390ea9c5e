//! Acts that wait for their moment, from the editors' side: [`input`] reads what is to happen and when, [`listing`]
//! lists what waits and how the rest ended ([`views`]), [`scheduler`] acts when the moment has come. The rows are in
//! [`crate::articles::schedules`].

pub mod input;
pub mod listing;
pub mod scheduler;
pub mod views;
