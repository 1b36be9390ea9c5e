//! A section as readers get it.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use crate::base::ids::SectionId;
use crate::site::frame::Frame;
use crate::site::sections::Section;
use crate::site::settings::Crumb;

/// A section as readers see it.
#[derive(Serialize, ToSchema)]
pub struct PublicSection {
    /// The section's id.
    pub id: SectionId,
    /// The section above it; null at the top.
    pub parent_id: Option<SectionId>,
    /// The last segment of its path.
    pub slug: String,
    /// Its path.
    pub path: String,
    /// Its name in the language asked for.
    pub label: String,
    /// Its names in other languages, by language.
    pub labels: BTreeMap<String, String>,
    /// What it is about.
    pub description: Option<String>,
    /// `#rrggbb`.
    pub colour: Option<String>,
    /// Its place among its siblings.
    pub position: i32,
    /// Levels above it.
    pub depth: i32,
    /// The way from the site's root to it.
    pub breadcrumb: Vec<Crumb>,
}

impl PublicSection {
    /// A section in a language.
    pub fn new(frame: &Frame, section: &Section, locale: &str) -> Self {
        let breadcrumb = frame.tree.breadcrumb(&frame.site, section.id, locale);
        Self {
            id: section.id,
            parent_id: section.parent_id,
            slug: section.slug.clone(),
            path: frame.site.localised(locale, &section.path),
            label: section.label_in(locale),
            labels: section.labels(),
            description: section.description.clone(),
            colour: section.colour.clone(),
            position: section.position,
            depth: i32::try_from(breadcrumb.len()).unwrap_or(0) - 2,
            breadcrumb,
        }
    }
}
