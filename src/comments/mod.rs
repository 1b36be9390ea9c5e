//! Comments: readers write them, moderators decide, readers see what was approved.
//!
//! A submission passes the phases of [`pipeline`] and is shown or waits ([`submit`]); a moderator finds it in the queue
//! and decides ([`moderation`]), every decision in a log that only grows; [`lists`] shows the approved ones in threads;
//! [`readers`] like them, report them, and change their own. [`model`] holds types and pure rules, [`store`] the
//! statements, [`crate::site::comment_policy`] says how an article takes comments, [`identity`] who wrote one.
//! [`markup`] makes HTML of what was written; [`sanctions`] hold against authors; [`names`] are those of the house,
//! [`words`] the moderators' word lists, [`spam`] learns from decisions. [`privacy`] forgets who wrote what, by itself
//! and on request. [`announcing`]: what machines elsewhere are told.

pub mod announcing;
pub mod captcha;
pub mod guest;
pub mod identity;
pub mod lists;
pub mod markup;
pub mod model;
pub mod moderation;
pub mod names;
pub mod pipeline;
pub mod privacy;
pub mod readers;
pub mod sanctions;
pub mod spam;
pub mod store;
pub mod submit;
pub mod words;
