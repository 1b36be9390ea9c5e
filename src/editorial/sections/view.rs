//! A section as editors send and get it.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use crate::access::audit;
use crate::base::clock::Time;
use crate::base::error::{Language, Result};
use crate::base::http::body::{BodyMedia, FromBody};
use crate::base::http::fields::{At, Fields, Patch, line, parsed, small_integer, text};
use crate::base::http::page::PageInfo;
use crate::base::ids::SectionId;
use crate::base::locale::read_labels;
use crate::base::text::warnings::{TextFinding, TextWarning, in_language};
use crate::base::{limits, slug};
use crate::site::comment_policy::{self, CommentPolicy};
use crate::site::sections::Section;

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
    /// The same with what its texts look suspicious for.
    pub fn with_warnings(self, findings: Vec<TextFinding>, language: Language) -> Self {
        Self {
            warnings: in_language(findings, language),
            ..self
        }
    }
}

/// Every section, each before those below it.
#[derive(Serialize, ToSchema)]
pub struct SectionList {
    /// The sections.
    pub items: Vec<SectionView>,
    /// The list is always whole.
    pub page: PageInfo,
}

/// A section to be made.
#[derive(ToSchema)]
pub struct NewSection {
    /// Its name in the site's first language.
    pub label: String,
    /// The last segment of its path; made of the label where it is not given.
    pub slug: Option<String>,
    /// The section above it.
    pub parent_id: Option<SectionId>,
    /// Its names in other languages, by language.
    pub labels: Option<BTreeMap<String, String>>,
    /// What it is about.
    pub description: Option<String>,
    /// `#rrggbb`.
    pub colour: Option<String>,
    /// Its place among its siblings: the lowest first.
    #[schema(minimum = 0, maximum = 100000)]
    pub position: Option<i32>,
    /// How its articles take comments.
    pub comment_policy: Option<CommentPolicy>,
}

impl FromBody for NewSection {
    const IS_TEXT: bool = true;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let label = fields.required("label", line(limits::LABEL));
        Some(Self {
            slug: fields.optional("slug", slug::read),
            parent_id: fields.optional("parent_id", parsed(36, "a UUID", SectionId::parse)),
            labels: fields.optional("labels", read_labels),
            description: fields.optional("description", text(limits::DESCRIPTION)),
            colour: fields.optional("colour", read_colour),
            position: fields.optional("position", read_position),
            comment_policy: fields.optional("comment_policy", comment_policy::read),
            label: label?,
        })
    }
}

/// A change of a section. Its place in the tree changes by `move`.
#[derive(ToSchema)]
pub struct SectionPatch {
    /// Another name in the site's first language.
    #[schema(nullable = false)]
    pub label: Option<String>,
    /// Another last segment of its path; the old paths lead to the new.
    #[schema(nullable = false)]
    pub slug: Option<String>,
    /// Other names in other languages, in place of all it has.
    #[schema(value_type = Option<BTreeMap<String, String>>)]
    pub labels: Patch<BTreeMap<String, String>>,
    /// What it is about.
    #[schema(value_type = Option<String>)]
    pub description: Patch<String>,
    /// `#rrggbb`.
    #[schema(value_type = Option<String>)]
    pub colour: Patch<String>,
    /// Its place among its siblings: the lowest first.
    #[schema(minimum = 0, maximum = 100000, nullable = false)]
    pub position: Option<i32>,
    /// How its articles take comments.
    #[schema(value_type = Option<CommentPolicy>)]
    pub comment_policy: Patch<CommentPolicy>,
}

impl FromBody for SectionPatch {
    const IS_TEXT: bool = true;
    const MEDIA: BodyMedia = BodyMedia::MergePatch;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        fields.take_clear();
        Some(Self {
            label: fields.change("label", line(limits::LABEL)),
            slug: fields.change("slug", slug::read),
            labels: fields.patch("labels", read_labels),
            description: fields.patch("description", text(limits::DESCRIPTION)),
            colour: fields.patch("colour", read_colour),
            position: fields.change("position", read_position),
            comment_policy: fields.patch("comment_policy", comment_policy::read),
        })
    }
}

/// Reads a section's place among its siblings.
pub fn read_position(at: &mut At<'_>, value: serde_json::Value) -> Option<i32> {
    small_integer(0, 100_000)(at, value)
}

fn read_colour(at: &mut At<'_>, value: serde_json::Value) -> Option<String> {
    parsed(7, "a colour such as #b3261e", |text| {
        let digits = text.strip_prefix('#')?;
        (digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())).then(|| text.to_ascii_lowercase())
    })(at, value)
}

/// The digest of a section, for the audit.
pub fn digest(section: &Section) -> Result<String> {
    audit::digest(&SectionView::from(section))
}
