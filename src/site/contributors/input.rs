//! What the desk sends to make or change a contributor.

use crate::base::clock::Time;
use crate::base::db::folded;
use crate::base::error::{Error, Result};
use crate::base::http::value_reader::{boolean, line, text};
use crate::base::ids::ContributorId;
use crate::base::{limits, slug};
use crate::body::image::{Image, image};
use crate::body_type;
use crate::site::contributors::Contributor;

body_type! {
    /// A contributor to be made.
    pub struct NewContributor [text] {
        /// Their name.
        pub name: String = required(line(limits::NAME)),
        /// The last segment of their path; made of the name where it is not given.
        pub slug: String = optional(slug::reader()),
        /// What they are at the paper.
        pub role: String = optional(line(limits::LABEL)),
        /// Who they are.
        pub bio: String = optional(text(limits::DESCRIPTION)),
        /// Their picture.
        pub image: Image = optional(image()),
    }
}

impl NewContributor {
    /// The contributor that it asks for.
    pub fn into_contributor(self, now: Time) -> Result<Contributor> {
        let id = ContributorId::new();
        Ok(Contributor {
            id,
            slug: self
                .slug
                .unwrap_or_else(|| slug::from_title_or_id(&self.name, id.as_str())),
            sort_key: folded(&self.name),
            name: self.name,
            role: self.role,
            bio: self.bio,
            image: image_json(self.image.as_ref())?,
            is_active: true,
            version: 1,
            created_at: now,
            updated_at: now,
        })
    }
}

body_type! {
    /// A change of a contributor.
    pub struct ContributorPatch of Contributor [text] {
        /// Another name.
        pub name: String = change(line(limits::NAME)),
        /// Another last segment of their path; the old path leads to the new.
        pub slug: String = change(slug::reader()),
        /// What they are at the paper.
        pub role: String = patch(line(limits::LABEL)),
        /// Who they are.
        pub bio: String = patch(text(limits::DESCRIPTION)),
        /// Their picture.
        pub image: Image = patch_elsewhere(image()),
        /// Whether articles may still be signed by them.
        pub is_active: bool = change(boolean()),
    }
}

/// The contributor after the change, and the names of what changed: the picture is kept as JSON.
/// The contributor after the change, and which members it changed.
///
/// # Errors
/// 500 when its picture cannot be written as JSON.
pub fn changed(patch: &ContributorPatch, old: &Contributor) -> Result<(Contributor, Vec<&'static str>)> {
    let (mut contributor, mut changed) = patch.apply(old);
    let mut image = old.image();
    patch.image.clone().apply(&mut image);
    contributor.image = image_json(image.as_ref())?;
    if contributor.image != old.image {
        changed.push("image");
    }
    Ok((contributor, changed))
}

fn image_json(image: Option<&Image>) -> Result<Option<String>> {
    image
        .map(|image| serde_json::to_string(image).map_err(Error::internal))
        .transpose()
}
