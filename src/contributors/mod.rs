//! Contributors: the people whose names stand above articles. A byline is public and separate from
//! the login of whoever writes under it.
//!
//! A change re-presses the live articles that they signed. One who signed articles is deactivated,
//! not deleted. [`api`] is the desk's side, [`delivery`] the readers', [`store`] the statements.

mod api;
mod delivery;
pub mod store;

pub use store::Contributor;

crate::id_type! {
    /// A contributor's id.
    ContributorId
}

/// Mounts the contributors.
pub fn routes(cfg: &mut utoipa_actix_web::service_config::ServiceConfig) {
    delivery::routes(cfg);
    api::routes(cfg);
}
