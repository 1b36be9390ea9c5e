//! A section as editors send and get it.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use crate::access::audit::TargetKind;
use crate::access::change_log::EditableKind;
use crate::access::editing::Editable;
use crate::base::clock::Time;
use crate::base::error::{Error, FieldCode, FieldError, Language, Result};
use crate::base::http::value_reader::{ValueReader, id, line, parsed, small_integer, text};
use crate::base::ids::SectionId;
use crate::base::locale::labels;
use crate::base::text::warnings::{TextFinding, TextWarning, in_language};
use crate::base::{limits, slug};
use crate::site::comment_policy::{self, CommentPolicy};
use crate::site::sections::{Section, SectionTree};
use crate::site::settings::Site;
use crate::{body_type, list_type};

/// A section as editors see it.
#[derive(Serialize, ToSchema)]
pub struct SectionView {
    /// The section's id.
    pub id: SectionId,
    /// The section above it; null at the top.
    pub parent_id: Option<SectionId>,
    /// The last segment of its path.
    pub slug: String,
    /// Its path, without the prefix of a language.
    pub path: String,
    /// Its name in the site's first language.
    pub label: String,
    /// Its names in other languages, by language.
    pub labels: BTreeMap<String, String>,
    /// What it is about.
    pub description: Option<String>,
    /// `#rrggbb`.
    pub colour: Option<String>,
    /// Its place among its siblings: the lowest first.
    pub position: i32,
    /// How its articles take comments; null to follow the section above, or the site.
    pub comment_policy: Option<CommentPolicy>,
    /// Counts changes; the ETag is made of it.
    pub version: i64,
    /// When it was made.
    pub created_at: Time,
    /// When it was changed last.
    pub updated_at: Time,
    /// What is wrong with the texts that this request wrote; empty where it wrote none.
    pub warnings: Vec<TextWarning>,
}

impl From<&Section> for SectionView {
    fn from(section: &Section) -> Self {
        Self {
            id: section.id,
            parent_id: section.parent_id,
            slug: section.slug.clone(),
            path: section.path.clone(),
            label: section.label.clone(),
            labels: section.labels(),
            description: section.description.clone(),
            colour: section.colour.clone(),
            position: section.position,
            comment_policy: section.comment_policy(),
            version: section.version,
            created_at: section.created_at,
            updated_at: section.updated_at,
            warnings: Vec::new(),
        }
    }
}

impl SectionView {
    /// The same with warnings about suspicious text.
    pub fn with_warnings(self, findings: Vec<TextFinding>, language: Language) -> Self {
        Self {
            warnings: in_language(findings, language),
            ..self
        }
    }
}

list_type! {
    /// Every section, each before those below it.
    SectionList [whole] {
        /// The sections.
        items: Vec<SectionView>,
    }
}

body_type! {
    /// A section to be made.
    pub struct NewSection [text] {
        /// Its name in the site's first language.
        pub label: String = required(line(limits::LABEL)),
        /// The last segment of its path; made of the label where it is not given.
        pub slug: String = optional(slug::reader()),
        /// The section above it.
        pub parent_id: SectionId = optional(id()),
        /// Its names in other languages, by language.
        pub labels: BTreeMap<String, String> = optional(labels()),
        /// What it is about.
        pub description: String = optional(text(limits::DESCRIPTION)),
        /// `#rrggbb`.
        pub colour: String = optional(colour()),
        /// Its place among its siblings: the lowest first.
        pub position: i32 = optional(position()),
        /// How its articles take comments.
        pub comment_policy: CommentPolicy = optional(comment_policy::reader()),
    }
}

body_type! {
    /// A change of a section. Its place in the tree changes by `move`.
    pub struct SectionPatch of Section [text] {
        /// Another name in the site's first language.
        pub label: String = change(line(limits::LABEL)),
        /// Another last segment of its path; the old paths lead to the new.
        pub slug: String = change(slug::reader()),
        /// Other names in other languages, in place of all it has.
        pub labels: BTreeMap<String, String> = patch_elsewhere(labels()),
        /// What it is about.
        pub description: String = patch(text(limits::DESCRIPTION)),
        /// `#rrggbb`.
        pub colour: String = patch(colour()),
        /// Its place among its siblings: the lowest first.
        pub position: i32 = change(position()),
        /// How its articles take comments.
        pub comment_policy: CommentPolicy = patch_elsewhere(comment_policy::reader()),
    }
}

/// Reads a section's place among its siblings.
pub fn position() -> impl ValueReader<Value = i32> {
    small_integer(0, 100_000)
}

fn colour() -> impl ValueReader<Value = String> {
    parsed(7, "a colour such as #b3261e", |text| {
        let digits = text.strip_prefix('#')?;
        (digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())).then(|| text.to_ascii_lowercase())
    })
}

impl Editable for Section {
    const KIND: EditableKind = EditableKind::Section;
    const TARGET: TargetKind = TargetKind::Section;

    fn id(&self) -> &str {
        self.id.as_str()
    }

    fn version(&self) -> i64 {
        self.version
    }

    fn shown(&self) -> Result<impl Serialize> {
        Ok(SectionView::from(self))
    }
}

/// The section that `new` asks for, below its parent.
///
/// # Errors
/// 422 where the parent is not there, the tree is full or too deep, or the slug is reserved.
pub fn new_section(site: &Site, tree: &SectionTree, new: &NewSection, now: Time) -> Result<Section> {
    tree.check_place(None, new.parent_id)?;
    if tree.len() >= limits::SECTIONS {
        let error = FieldError::new("", FieldCode::TooManySections).with("max", limits::SECTIONS);
        return Err(Error::field(error));
    }
    let id = SectionId::new();
    let slug = new
        .slug
        .clone()
        .unwrap_or_else(|| slug::from_title_or_id(&new.label, id.as_str()));
    Ok(Section {
        id,
        parent_id: new.parent_id,
        path: child_path(site, tree, new.parent_id, &slug)?,
        slug,
        label: new.label.clone(),
        labels: labels_json(&new.labels.clone().unwrap_or_default())?,
        description: new.description.clone(),
        colour: new.colour.clone(),
        position: new.position.unwrap_or(0),
        comment_policy: comment_policy::to_column(new.comment_policy.as_ref())?,
        version: 1,
        created_at: now,
        updated_at: now,
    })
}

/// The path below a parent; a top-level slug must not be reserved.
pub fn child_path(site: &Site, tree: &SectionTree, parent: Option<SectionId>, slug: &str) -> Result<String> {
    match parent.and_then(|id| tree.get(id)) {
        Some(parent) => Ok(format!("{}/{slug}", parent.path)),
        None if site.reserves(slug) => Err(Error::field(
            FieldError::new("/slug", FieldCode::SlugReserved).with("slug", slug),
        )),
        None => Ok(format!("/{slug}")),
    }
}

pub fn labels_json(labels: &BTreeMap<String, String>) -> Result<String> {
    serde_json::to_string(labels).map_err(Error::internal)
}
