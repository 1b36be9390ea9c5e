//! A section, and the tree of all sections.

use std::collections::{BTreeMap, HashMap};

use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::auth::{Actor, GrantScope, Permission};
use crate::base::clock::Time;
use crate::base::db::schema::sections;
use crate::base::error::{Code, Error, FieldCode, FieldError, Result};
use crate::base::ids::SectionId;
use crate::base::limits;
use crate::site::comment_policy::{self, CommentPolicy};
use crate::site::settings::{Crumb, Site};

/// A section's row.
#[derive(Clone, Debug, PartialEq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = sections, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite), treat_none_as_null = true)]
pub struct Section {
    /// The section's id.
    pub id: SectionId,
    /// The section above it.
    pub parent_id: Option<SectionId>,
    /// The last segment of its path.
    pub slug: String,
    /// Its path, without the prefix of a language.
    pub path: String,
    /// Its name in the site's first language.
    pub label: String,
    /// Its names in other languages, as a JSON object.
    pub labels: String,
    /// What it is about.
    pub description: Option<String>,
    /// `#rrggbb`.
    pub colour: Option<String>,
    /// Its place among its siblings.
    pub position: i32,
    /// Counts changes.
    pub version: i64,
    /// When it was made.
    pub created_at: Time,
    /// When it was changed last.
    pub updated_at: Time,
    /// How its articles take comments, as JSON.
    pub comment_policy: Option<String>,
}

impl Section {
    /// How its articles take comments, where it says something about it.
    pub fn comment_policy(&self) -> Option<CommentPolicy> {
        comment_policy::from_column(self.comment_policy.as_deref())
    }

    /// The names in other languages.
    pub fn labels(&self) -> BTreeMap<String, String> {
        serde_json::from_str(&self.labels).unwrap_or_default()
    }

    /// Its name in a language.
    pub fn label_in(&self, locale: &str) -> String {
        self.labels().remove(locale).unwrap_or_else(|| self.label.clone())
    }
}

/// What a card says of its section.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SectionRef {
    /// The section's id.
    pub id: SectionId,
    /// Its name in the article's language.
    pub label: String,
    /// Its path in the article's language.
    pub path: String,
    /// `#rrggbb`.
    pub colour: Option<String>,
}

/// Every section, by id and in the order of a table of contents.
#[derive(Debug, Default)]
pub struct SectionTree {
    by_id: HashMap<SectionId, Section>,
    children: HashMap<Option<SectionId>, Vec<SectionId>>,
}

impl SectionTree {
    /// The tree of these sections, siblings in the order given.
    pub fn new(rows: Vec<Section>) -> Self {
        let mut tree = Self::default();
        for section in rows {
            tree.push(section);
        }
        tree
    }

    /// Adds a section after its siblings.
    pub fn push(&mut self, section: Section) {
        self.children.entry(section.parent_id).or_default().push(section.id);
        self.by_id.insert(section.id, section);
    }

    /// How many sections there are.
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// The section of this id.
    pub fn get(&self, id: SectionId) -> Option<&Section> {
        self.by_id.get(&id)
    }

    /// The section at this path, without the prefix of a language.
    pub fn at_path(&self, path: &str) -> Option<&Section> {
        self.by_id.values().find(|section| section.path == path)
    }

    /// The section that somebody names: by id, or by its path in any of the site's languages.
    pub fn named(&self, site: &Site, name: &str) -> Option<SectionId> {
        if let Some(id) = SectionId::parse(name) {
            return self.get(id).map(|section| section.id);
        }
        let path = name.trim_end_matches('/');
        let without_prefix = site
            .locales
            .iter()
            .skip(1)
            .find_map(|locale| path.strip_prefix(&format!("/{locale}")));
        let found = self.at_path(path).or_else(|| self.at_path(without_prefix?));
        found.map(|section| section.id)
    }

    /// Whether a text may name a section: an id or a path.
    pub fn may_name(text: &str) -> bool {
        text.starts_with('/') || SectionId::parse(text).is_some()
    }

    /// All sections, each before those below it, siblings in order.
    pub fn in_order(&self) -> Vec<&Section> {
        let mut ordered = Vec::with_capacity(self.by_id.len());
        let mut stack: Vec<SectionId> = self.children_of(None).iter().rev().copied().collect();
        while let Some(id) = stack.pop() {
            ordered.extend(self.get(id));
            stack.extend(self.children_of(Some(id)).iter().rev());
        }
        ordered
    }

    /// The sections directly below one, or at the top.
    pub fn children_of(&self, id: Option<SectionId>) -> &[SectionId] {
        self.children.get(&id).map_or(&[], Vec::as_slice)
    }

    /// The section and everything above it, nearest first.
    pub fn lineage(&self, id: SectionId) -> Vec<&Section> {
        let mut lineage = Vec::new();
        let mut next = self.get(id);
        // The bound keeps a damaged table from turning this into a circle.
        while let Some(section) = next.filter(|_| lineage.len() <= limits::SECTION_DEPTH) {
            lineage.push(section);
            next = section.parent_id.and_then(|parent| self.get(parent));
        }
        lineage
    }

    /// The section and everything below it.
    pub fn subtree(&self, id: SectionId) -> Vec<SectionId> {
        let mut found = vec![id];
        let mut at = 0;
        while let Some(id) = found.get(at).copied() {
            found.extend(self.children_of(Some(id)));
            at += 1;
        }
        found
    }

    /// What an actor's grants that permit this cover, for lists; `None` for everything.
    pub fn scopes_of(&self, actor: &Actor, permission: Permission) -> Option<Vec<GrantScope>> {
        actor.scopes(permission, |id| self.get(id).map(|_| self.subtree(id)))
    }

    /// Levels of the subtree: 1 for a section without children.
    pub fn height(&self, id: SectionId) -> usize {
        1 + self
            .children_of(Some(id))
            .iter()
            .map(|child| self.height(*child))
            .max()
            .unwrap_or(0)
    }

    /// The section as a card shows it, in a language.
    pub fn reference(&self, site: &Site, id: SectionId, locale: &str) -> Option<SectionRef> {
        let section = self.get(id)?;
        let path = site.localised(locale, &section.path);
        Some(SectionRef {
            id,
            label: section.label_in(locale),
            path,
            colour: section.colour.clone(),
        })
    }

    /// The way from the site's root to a section.
    pub fn breadcrumb(&self, site: &Site, id: SectionId, locale: &str) -> Vec<Crumb> {
        let root = Crumb {
            label: site.root_label_in(locale).to_owned(),
            path: site.localised(locale, "/"),
        };
        let steps = self.lineage(id).into_iter().rev();
        let crumb = |section: &Section| Crumb {
            label: section.label_in(locale),
            path: site.localised(locale, &section.path),
        };
        std::iter::once(root).chain(steps.map(crumb)).collect()
    }

    /// What a section and those above it say about comments; the nearest one wins.
    pub fn comment_policy(&self, id: SectionId) -> CommentPolicy {
        let said = self.lineage(id).into_iter().filter_map(Section::comment_policy);
        said.fold(CommentPolicy::default(), CommentPolicy::or)
    }

    /// Checks that a section (new, or with all below it) may be below a parent.
    ///
    /// # Errors
    /// 422 for a parent that is not there or too deep a place; 409 for a place below itself.
    pub fn check_place(&self, section: Option<SectionId>, parent: Option<SectionId>) -> Result<()> {
        let Some(parent) = parent else { return Ok(()) };
        if self.get(parent).is_none() {
            return Err(Error::field(FieldError::new("/parent_id", FieldCode::UnknownReference)));
        }
        let lineage = self.lineage(parent);
        if section.is_some_and(|id| lineage.iter().any(|above| above.id == id)) {
            return Err(Error::new(Code::SectionCycle));
        }
        let height = section.map_or(1, |id| self.height(id));
        if lineage.len() + height > limits::SECTION_DEPTH {
            let error = FieldError::new("/parent_id", FieldCode::TooDeep).with("max", limits::SECTION_DEPTH);
            return Err(Error::field(error));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(slug: &str, parent: Option<&Section>) -> Section {
        Section {
            id: SectionId::new(),
            parent_id: parent.map(|parent| parent.id),
            slug: slug.to_owned(),
            path: format!("{}/{slug}", parent.map_or("", |parent| &parent.path)),
            label: slug.to_owned(),
            labels: r#"{"en":"In English"}"#.to_owned(),
            description: None,
            colour: None,
            position: 0,
            comment_policy: None,
            version: 1,
            created_at: Time::from_millis(0).unwrap(),
            updated_at: Time::from_millis(0).unwrap(),
        }
    }

    #[test]
    fn a_breadcrumb_leads_from_the_root_to_the_section_in_its_language() {
        let news = section("news", None);
        let diplomatie = section("diplomatie", Some(&news));
        let tree = SectionTree::new(vec![news, diplomatie.clone()]);
        let site = Site {
            locales: vec!["fr".into(), "en".into()],
            ..Site::default()
        };
        let crumbs = |locale| {
            tree.breadcrumb(&site, diplomatie.id, locale)
                .into_iter()
                .map(|c| c.path)
                .collect::<Vec<_>>()
        };
        assert_eq!(crumbs("fr"), ["/", "/news", "/news/diplomatie"]);
        assert_eq!(crumbs("en"), ["/en/", "/en/news", "/en/news/diplomatie"]);
        assert_eq!(tree.reference(&site, diplomatie.id, "en").unwrap().label, "In English");
    }

    #[test]
    fn a_section_may_not_stand_below_itself_nor_too_deep() {
        let mut rows = vec![section("s0", None)];
        for level in 1..limits::SECTION_DEPTH {
            rows.push(section(&format!("s{level}"), rows.last()));
        }
        let (top, bottom) = (rows[0].id, rows[limits::SECTION_DEPTH - 1].id);
        let tree = SectionTree::new(rows);
        assert_eq!(
            tree.check_place(Some(top), Some(bottom)).unwrap_err().code(),
            Code::SectionCycle
        );
        assert_eq!(
            tree.check_place(Some(top), Some(top)).unwrap_err().code(),
            Code::SectionCycle
        );
        assert_eq!(
            tree.check_place(None, Some(bottom)).unwrap_err().errors()[0].code,
            FieldCode::TooDeep
        );
        assert!(tree.check_place(None, Some(SectionId::new())).is_err());
        tree.check_place(Some(bottom), Some(top)).unwrap();
        tree.check_place(Some(bottom), None).unwrap();
    }

    #[test]
    fn the_order_is_that_of_a_table_of_contents() {
        let a = section("a", None);
        let b = section("b", None);
        let a1 = section("a1", Some(&a));
        let a2 = section("a2", Some(&a));
        let tree = SectionTree::new(vec![a, b, a1, a2]);
        let slugs: Vec<&str> = tree.in_order().iter().map(|section| section.slug.as_str()).collect();
        assert_eq!(slugs, ["a", "a1", "a2", "b"]);
    }

    #[test]
    fn a_section_moves_with_all_that_is_below_it() {
        let mut rows = vec![section("s0", None)];
        for level in 1..limits::SECTION_DEPTH {
            rows.push(section(&format!("s{level}"), rows.last()));
        }
        let (alone, top) = (section("alone", None), section("top", None));
        let (low, lower) = (section("low", Some(&top)), section("lower", Some(&top)));
        let lowest = section("lowest", Some(&lower));
        let moved = [(&alone, 1), (&lower, 2), (&top, 3)].map(|(section, height)| (section.id, height));
        let deep: Vec<SectionId> = rows.iter().map(|row| row.id).collect();
        rows.extend([alone, top, low, lower, lowest]);
        let tree = SectionTree::new(rows);
        for (id, height) in moved {
            assert_eq!(tree.height(id), height);
            for (above, parent) in deep.iter().enumerate() {
                let fits = above + 1 + height <= limits::SECTION_DEPTH;
                assert_eq!(
                    tree.check_place(Some(id), Some(*parent)).is_ok(),
                    fits,
                    "{height} below {above}"
                );
            }
        }
    }
}
