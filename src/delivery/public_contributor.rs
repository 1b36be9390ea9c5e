//! A contributor as readers get it.

use serde::Serialize;
use utoipa::ToSchema;

use crate::base::ids::ContributorId;
use crate::body::image::Image;
use crate::site::contributors::Contributor;
use crate::site::settings::Site;

/// A contributor as readers see it.
#[derive(Serialize, ToSchema)]
pub struct PublicContributor {
    /// The contributor's id.
    pub id: ContributorId,
    /// The last segment of its path.
    pub slug: String,
    /// Its path.
    pub path: String,
    /// Their name.
    pub name: String,
    /// What they are at the paper.
    pub role: Option<String>,
    /// Who they are.
    pub bio: Option<String>,
    /// Their picture.
    pub image: Option<Image>,
}

impl PublicContributor {
    /// Of a contributor, with the path in a language.
    pub fn new(site: &Site, contributor: &Contributor, locale: &str) -> Self {
        Self {
            id: contributor.id,
            slug: contributor.slug.clone(),
            path: contributor.path(site, locale),
            name: contributor.name.clone(),
            role: contributor.role.clone(),
            bio: contributor.bio.clone(),
            image: contributor.image(),
        }
    }
}
