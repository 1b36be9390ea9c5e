//! A tag as readers get it.

use serde::Serialize;
use utoipa::ToSchema;

use crate::base::ids::TagId;
use crate::site::settings::Site;
use crate::site::tags::{Tag, TagKind};

/// A tag as readers see it.
#[derive(Serialize, ToSchema)]
pub struct PublicTag {
    /// The tag's id.
    pub id: TagId,
    /// What kind of thing it names.
    pub kind: TagKind,
    /// The last segment of its path.
    pub slug: String,
    /// Its path.
    pub path: String,
    /// Its name.
    pub label: String,
    /// What it stands for.
    pub description: Option<String>,
}

impl PublicTag {
    /// Of a tag, with the path in a language.
    pub fn new(site: &Site, tag: &Tag, locale: &str) -> Self {
        Self {
            id: tag.id,
            kind: tag.kind,
            slug: tag.slug.clone(),
            path: tag.path(site, locale),
            label: tag.label.clone(),
            description: tag.description.clone(),
        }
    }
}
