//! Which lists a page carries: a setting of the site.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::base::error::{FieldCode, FieldError};
use crate::base::http::fields::At;
use crate::base::http::value_reader::{ValueReader, boolean, component, id, line, list, small_integer, word};
use crate::base::ids::{SectionId, TagId};
use crate::base::key::{Key, key};
use crate::base::limits;
use crate::base::locale::labels;

crate::word_type! {
    /// Which articles a list of a page shows. None of them shows the page's own article.
    PageListSource {
        /// The latest of each section of `section_ids`, a list each; of the whole site where there are none.
        Latest = "latest",
        /// The latest of each section at the top, a list each.
        TopSections = "top_sections",
        /// The latest of each section right below the page's own, a list each.
        Subsections = "subsections",
        /// The latest of the page's own section.
        SameSection = "same_section",
        /// The latest with each tag of `tag_ids`, a list each.
        Tags = "tags",
        /// The latest that stand out.
        Featured = "featured",
        /// Breaking news.
        Breaking = "breaking",
        /// What is related to the page's own article.
        Related = "related",
        /// What was read most in the last 24 hours.
        MostRead = "most_read",
    }
}

crate::word_type! {
    /// Whether a list shows what the page shows above it.
    ListDedupe {
        /// No: it leaves out what the page's own list or a list before it shows, and is filled up from behind.
        Page = "page",
        /// Yes: it is never filtered.
        None = "none",
    }
}

crate::word_type! {
    /// What kind of page it is.
    PageKind {
        /// An article's.
        Article = "article",
        /// A section's.
        Section = "section",
        /// The home page.
        Home = "home",
        /// A tag's.
        Tag = "tag",
        /// A contributor's.
        Contributor = "contributor",
        /// What a search found.
        Search = "search",
    }
}

impl PageKind {
    /// What its lists can show.
    fn sources(self) -> Vec<PageListSource> {
        use PageListSource::{Related, SameSection, Subsections};
        let fits = |source: &PageListSource| match self {
            Self::Article => *source != Subsections,
            Self::Section => *source != Related,
            Self::Home | Self::Tag | Self::Contributor | Self::Search => {
                ![Related, SameSection, Subsections].contains(source)
            }
        };
        PageListSource::ALL.iter().copied().filter(fits).collect()
    }
}

/// Lists of a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PageList {
    /// What front ends know it by.
    pub key: Key,
    /// What it says above it, in the site's first language.
    pub label: Option<String>,
    /// What it says in other languages, by language.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// Which articles it shows.
    pub source: PageListSource,
    /// With `latest`: of which sections, those below them included. Kept and not used elsewhere.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub section_ids: Vec<SectionId>,
    /// With `tags`: with which. Kept and not used elsewhere.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub tag_ids: Vec<TagId>,
    /// Articles of each list at most; 5 where it is not given.
    #[serde(default = "PageList::default_limit")]
    #[schema(minimum = 1, maximum = 20)]
    pub limit: i32,
    /// Whether it shows what the page shows above it; `page` where it is not given.
    #[serde(default = "PageList::default_dedupe")]
    pub dedupe: ListDedupe,
    /// Whether it stands on the page where it has no articles; `false` where it is not given.
    #[serde(default)]
    pub is_shown_empty: bool,
}

impl PageList {
    fn of(key: &str, source: PageListSource, limit: i32) -> Option<Self> {
        Some(Self {
            key: Key::parse(key)?,
            label: None,
            labels: BTreeMap::new(),
            source,
            section_ids: Vec::new(),
            tag_ids: Vec::new(),
            limit,
            dedupe: Self::default_dedupe(),
            is_shown_empty: false,
        })
    }

    fn default_dedupe() -> ListDedupe {
        ListDedupe::Page
    }

    fn default_limit() -> i32 {
        5
    }

    /// The heading above it in a language.
    pub fn label_in(&self, locale: &str) -> Option<&String> {
        self.labels.get(locale).or(self.label.as_ref())
    }
}

/// The lists of every kind of page, in their order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PageLists {
    /// On the page of an article.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub article: Vec<PageList>,
    /// On the page of a section.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub section: Vec<PageList>,
    /// On the home page.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub home: Vec<PageList>,
    /// On the page of a tag.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub tag: Vec<PageList>,
    /// On the page of a contributor.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub contributor: Vec<PageList>,
    /// On the page of a search.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub search: Vec<PageList>,
}

impl Default for PageLists {
    fn default() -> Self {
        use PageListSource::{Featured, Related, Subsections, TopSections};
        let lists = |all: &[(&str, PageListSource, i32)]| -> Vec<PageList> {
            let list = |(key, source, limit): &(&str, PageListSource, i32)| PageList::of(key, *source, *limit);
            all.iter().filter_map(list).collect()
        };
        Self {
            article: lists(&[("related", Related, 5), ("latest", TopSections, 5)]),
            section: lists(&[("subsections", Subsections, 5)]),
            home: lists(&[("featured", Featured, 5), ("sections", TopSections, 5)]),
            tag: Vec::new(),
            contributor: Vec::new(),
            search: Vec::new(),
        }
    }
}

impl PageLists {
    /// Every list, to be changed.
    pub fn each_mut(&mut self) -> impl Iterator<Item = &mut PageList> {
        let Self {
            article,
            section,
            home,
            tag,
            contributor,
            search,
        } = self;
        [article, section, home, tag, contributor, search].into_iter().flatten()
    }

    /// The lists of a kind of page.
    pub fn of(&self, kind: PageKind) -> &[PageList] {
        match kind {
            PageKind::Article => &self.article,
            PageKind::Section => &self.section,
            PageKind::Home => &self.home,
            PageKind::Tag => &self.tag,
            PageKind::Contributor => &self.contributor,
            PageKind::Search => &self.search,
        }
    }

    /// Every list, with its JSON pointer below the pointer of the whole.
    pub fn each(&self) -> impl Iterator<Item = (String, &PageList)> {
        PageKind::ALL.iter().flat_map(|kind| {
            let lists = self.of(*kind).iter().enumerate();
            lists.map(|(index, list)| (format!("/{}/{index}", kind.as_str()), list))
        })
    }
}

/// Reads the lists of every kind of page; a kind that is not named has none.
pub fn reader() -> impl ValueReader<Value = PageLists> {
    component(|fields| {
        let mut lists = |kind: PageKind| {
            let read = list(limits::PAGE_LISTS, page_list(kind));
            let lists = fields.optional(kind.as_str(), read).unwrap_or_default();
            let mut keys = Vec::new();
            for (index, list) in lists.iter().enumerate() {
                if keys.contains(&&list.key) {
                    let mut place = fields.at();
                    let mut place = place.child(kind.as_str());
                    let mut place = place.child(&index.to_string());
                    let _: Option<()> = place.child("key").fail(FieldCode::Duplicate);
                }
                keys.push(&list.key);
            }
            lists
        };
        Some(PageLists {
            article: lists(PageKind::Article),
            section: lists(PageKind::Section),
            home: lists(PageKind::Home),
            tag: lists(PageKind::Tag),
            contributor: lists(PageKind::Contributor),
            search: lists(PageKind::Search),
        })
    })
}

fn page_list(kind: PageKind) -> impl ValueReader<Value = PageList> {
    component(move |fields| {
        let key = fields.required("key", key());
        let label = fields.optional("label", line(limits::LABEL));
        let labels = fields.optional("labels", labels()).unwrap_or_default();
        let source = fields.required("source", word());
        let section_ids = fields.optional("section_ids", list(limits::PAGE_LIST_TARGETS, id()));
        let tag_ids = fields.optional("tag_ids", list(limits::PAGE_LIST_TARGETS, id()));
        let limit = fields.optional("limit", small_integer(1, 20));
        let dedupe = fields.optional("dedupe", word());
        let is_shown_empty = fields.optional("is_shown_empty", boolean());
        let list = PageList {
            key: key?,
            label,
            labels,
            source: source?,
            section_ids: section_ids.unwrap_or_default(),
            tag_ids: tag_ids.unwrap_or_default(),
            limit: limit.unwrap_or_else(PageList::default_limit),
            dedupe: dedupe.unwrap_or_else(PageList::default_dedupe),
            is_shown_empty: is_shown_empty.unwrap_or_default(),
        };
        checked(&mut fields.at(), list, kind)
    })
}

/// Checks that a list's source goes with the page, and with what else it says.
fn checked(at: &mut At<'_>, list: PageList, kind: PageKind) -> Option<PageList> {
    let sources = kind.sources();
    if !sources.contains(&list.source) {
        let words: Vec<&str> = sources.iter().map(|source| source.as_str()).collect();
        let error = FieldError::new(at.child("source").pointer(), FieldCode::InvalidValue);
        return at.fail_with(error.with("allowed", words.join(", ")));
    }
    if list.source == PageListSource::Tags && list.tag_ids.is_empty() {
        return at.child("tag_ids").fail(FieldCode::Required);
    }
    Some(list)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::base::http::fields::read_body;

    #[test]
    fn a_list_names_what_its_source_needs_and_goes_with_its_page() {
        let (section, tag) = (SectionId::new(), TagId::new());
        for (page, list, expected) in [
            ("article", json!({"key": "a", "source": "related"}), vec![]),
            (
                "home",
                json!({"key": "a", "source": "related"}),
                vec!["/pages/home/0/source invalid_value"],
            ),
            ("article", json!({"key": "a", "source": "most_read"}), vec![]),
            ("section", json!({"key": "a", "source": "most_read"}), vec![]),
            ("home", json!({"key": "a", "source": "most_read"}), vec![]),
            (
                "article",
                json!({"key": "a", "source": "subsections"}),
                vec!["/pages/article/0/source invalid_value"],
            ),
            (
                "home",
                json!({"key": "a", "source": "latest", "section_ids": [section]}),
                vec![],
            ),
            ("home", json!({"key": "a", "source": "tags", "tag_ids": [tag]}), vec![]),
            (
                "home",
                json!({"key": "a", "source": "tags"}),
                vec!["/pages/home/0/tag_ids required"],
            ),
            (
                "home",
                json!({"key": "a", "source": "latest", "limit": 21}),
                vec!["/pages/home/0/limit out_of_range"],
            ),
            (
                "home",
                json!({"key": "A b", "source": "latest"}),
                vec!["/pages/home/0/key invalid_format"],
            ),
        ] {
            let body = json!({"pages": {(page): [list]}});
            let errors = read_body(body.clone(), |members| members.required("pages", reader())).err();
            let errors = errors.map(|error| error.errors().to_vec()).unwrap_or_default();
            let shown: Vec<String> = errors
                .iter()
                .map(|error| format!("{} {}", error.pointer, error.code.as_str()))
                .collect();
            assert_eq!(shown, expected, "{body}");
        }
        let twice = json!([{"key": "a", "source": "latest"}, {"key": "a", "source": "featured"}]);
        let error = read_body(json!({"pages": {"home": twice}}), |members| {
            members.required("pages", reader())
        });
        assert_eq!(error.unwrap_err().errors()[0].pointer, "/pages/home/1/key");
    }
}
