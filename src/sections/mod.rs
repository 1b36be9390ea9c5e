//! Sections: the tree in which articles stand, with its labels, paths and breadcrumbs.
//!
//! A section is made, changed, moved (with all below it) and deleted by editors ([`api`]); its path
//! is public from the moment it is made. Readers get the tree ([`delivery`]), and every card carries
//! its section and breadcrumb from the tree in memory, so a rename shows at once and presses
//! nothing. [`model`] is the tree and its rules, [`store`] its statements.

mod api;
pub mod delivery;
pub mod model;
pub mod store;

pub use model::{Section, Tree};

crate::id_type! {
    /// A section's id.
    SectionId
}

/// Mounts the sections.
pub fn routes(cfg: &mut utoipa_actix_web::service_config::ServiceConfig) {
    delivery::routes(cfg);
    api::routes(cfg);
}
