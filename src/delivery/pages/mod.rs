//! Pages: everything that a page of a site shows, in one answer. [`query`] is what can be asked of one, [`composer`] makes
//! it ([`listing`] those that list articles), of a [`head`] and [`lists`] in which no story stands twice; [`views`] has the shapes, [`endpoints`] answers.

pub mod composer;
pub mod endpoints;
mod head;
mod listing;
mod lists;
mod phrases;
pub mod query;
pub mod views;
