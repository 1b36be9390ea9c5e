//! What a menu is.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa::openapi::schema::ArrayBuilder;

use crate::base::clock::Time;
use crate::base::error::FieldCode;
use crate::base::http::fields::At;
use crate::base::http::value_reader::{
    ValueReader, ValueSchema, component, line, list, parsed, url, value_reader, word,
};
use crate::base::ids::{ArticleId, ContributorId, TagId};
use crate::base::key::Key;
use crate::base::limits;
use crate::base::locale::labels;
use crate::base::surrogate_key::SurrogateKey;
use crate::body::image::{uuid_text, web_url};

crate::word_type! {
    /// What an item of a menu leads to.
    MenuItemKind {
        /// The home page.
        Home = "home",
        /// A section.
        Section = "section",
        /// An article.
        Article = "article",
        /// A tag.
        Tag = "tag",
        /// A contributor.
        Contributor = "contributor",
        /// Another site.
        Url = "url",
        /// Nowhere: a heading.
        Heading = "heading",
    }
}

/// An item of a menu.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(no_recursion)]
pub struct MenuItem {
    /// What it leads to.
    pub kind: MenuItemKind,
    /// With `section`, `article`, `tag` and `contributor`: the thing's id. Kept and not used elsewhere.
    #[schema(format = "uuid")]
    pub target_id: Option<String>,
    /// With `url`: where it leads. Kept and not used elsewhere.
    #[schema(format = "uri")]
    pub url: Option<String>,
    /// What it says in the site's first language; null with `section` and `home` for the name that these have.
    pub label: Option<String>,
    /// What it says in other languages, by language.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// The items below it.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub children: Vec<MenuItem>,
}

impl MenuItem {
    /// What it says in a language, where it says something of its own.
    pub fn label_in(&self, locale: &str) -> Option<&str> {
        self.labels.get(locale).or(self.label.as_ref()).map(String::as_str)
    }

    /// The id of the thing that it leads to, where it leads to one.
    pub fn target(&self) -> Option<&str> {
        use MenuItemKind::{Article, Contributor, Section, Tag};
        let leads = matches!(self.kind, Section | Article | Tag | Contributor);
        self.target_id.as_deref().filter(|_| leads)
    }

    /// Whether it leads to this article.
    fn leads_to(&self, article: ArticleId) -> bool {
        self.kind == MenuItemKind::Article && self.target_id.as_deref() == Some(article.as_str())
    }
}

/// A menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Menu {
    /// What front ends know it by.
    pub key: Key,
    /// What the desk calls it.
    pub label: String,
    /// Its items.
    pub items: Vec<MenuItem>,
    /// Counts changes.
    pub version: i64,
    /// When it was made.
    pub created_at: Time,
    /// When it was changed last.
    pub updated_at: Time,
}

/// The items without those that lead to an article; `None` where no item leads there.
pub fn without(items: &[MenuItem], article: ArticleId) -> Option<Vec<MenuItem>> {
    let mut found = false;
    let kept = items.iter().filter_map(|item| {
        if item.leads_to(article) {
            found = true;
            return None;
        }
        let mut item = item.clone();
        if let Some(children) = without(&item.children, article) {
            found = true;
            item.children = children;
        }
        Some(item)
    });
    let kept: Vec<MenuItem> = kept.collect();
    found.then_some(kept)
}

/// What answers with these menus show beside them: the things that they lead to, whose paths may change.
pub fn surrogate_keys(menus: &[Menu]) -> Vec<SurrogateKey> {
    let mut keys = Vec::new();
    for menu in menus {
        each_item(&menu.items, "", &mut |item, _| {
            let id = item.target().unwrap_or_default();
            keys.extend(match item.kind {
                MenuItemKind::Article => ArticleId::parse(id).map(SurrogateKey::Article),
                MenuItemKind::Tag => TagId::parse(id).map(SurrogateKey::Tag),
                MenuItemKind::Contributor => ContributorId::parse(id).map(SurrogateKey::Contributor),
                MenuItemKind::Home | MenuItemKind::Section | MenuItemKind::Url | MenuItemKind::Heading => None,
            });
        });
    }
    keys
}

/// Calls `f` with every item, each before those below it, and its JSON pointer.
pub fn each_item(items: &[MenuItem], pointer: &str, f: &mut impl FnMut(&MenuItem, &str)) {
    for (index, item) in items.iter().enumerate() {
        let place = format!("{pointer}/{index}");
        f(item, &place);
        each_item(&item.children, &format!("{place}/children"), f);
    }
}

/// Reads the items of a menu: at most [`limits::MENU_ITEMS`] on [`limits::MENU_DEPTH`] levels.
pub fn items() -> impl ValueReader<Value = Vec<MenuItem>> {
    level(1).then(|at, items| {
        let mut count = 0;
        each_item(&items, "", &mut |_, _| count += 1);
        if count > limits::MENU_ITEMS {
            return at.over(FieldCode::TooMany, limits::MENU_ITEMS);
        }
        Some(items)
    })
}

fn level(depth: usize) -> impl ValueReader<Value = Vec<MenuItem>> {
    value_reader(
        || {
            let ValueSchema { schema, components } = ValueSchema::component::<MenuItem>();
            let items = ArrayBuilder::new()
                .items(schema)
                .max_items(Some(limits::MENU_LEVEL_ITEMS));
            ValueSchema {
                schema: items.into(),
                components,
            }
        },
        move |at, value| {
            if depth > limits::MENU_DEPTH && value.as_array().is_some_and(|items| !items.is_empty()) {
                return at.over(FieldCode::TooDeep, limits::MENU_DEPTH);
            }
            list(limits::MENU_LEVEL_ITEMS, item(depth)).read(at, value)
        },
    )
}

fn item(depth: usize) -> impl ValueReader<Value = MenuItem> {
    component(move |fields| {
        let kind = fields.required("kind", word());
        let target_id = fields.optional("target_id", parsed(limits::UUID, "a UUID", uuid_text));
        let url = fields.optional("url", url("an http or https URL", web_url));
        let label = fields.optional("label", line(limits::LABEL));
        let labels = fields.optional("labels", labels()).unwrap_or_default();
        let children = fields.optional("children", level(depth + 1)).unwrap_or_default();
        let item = MenuItem {
            kind: kind?,
            target_id,
            url,
            label,
            labels,
            children,
        };
        completed(&mut fields.at(), item)
    })
}

/// Checks that an item has what its kind needs.
fn completed(at: &mut At<'_>, item: MenuItem) -> Option<MenuItem> {
    use MenuItemKind::{Article, Contributor, Heading, Section, Tag, Url};
    // A member that is there and wrong already has its error.
    if ["target_id", "url", "label"].iter().any(|name| at.has_error_at(name)) {
        return None;
    }
    let wants_target = matches!(item.kind, Section | Article | Tag | Contributor);
    if wants_target && item.target_id.is_none() {
        return at.child("target_id").fail(FieldCode::Required);
    }
    if item.kind == Url && item.url.is_none() {
        return at.child("url").fail(FieldCode::Required);
    }
    // A section and the home page have a name of their own.
    let wants_label = matches!(item.kind, Article | Tag | Contributor | Url | Heading);
    if wants_label && item.label.is_none() {
        return at.child("label").fail(FieldCode::Required);
    }
    Some(item)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::base::http::fields::read_body;
    use crate::base::ids::SectionId;

    fn read(sent: Value) -> Result<Vec<MenuItem>, Vec<String>> {
        let read = read_body(json!({ "items": sent }), |members| members.required("items", items()));
        read.map_err(|error| {
            let errors = error.errors().iter();
            errors
                .map(|error| format!("{} {}", error.pointer, error.code.as_str()))
                .collect()
        })
    }

    #[test]
    fn an_item_has_what_its_kind_needs() {
        let id = SectionId::new();
        for (item, expected) in [
            (json!({"kind": "home"}), vec![]),
            (json!({"kind": "section", "target_id": id}), vec![]),
            (json!({"kind": "section"}), vec!["/items/0/target_id required"]),
            (
                json!({"kind": "section", "target_id": "x"}),
                vec!["/items/0/target_id invalid_format"],
            ),
            (json!({"kind": "home", "target_id": id}), vec![]),
            (json!({"kind": "tag", "target_id": id}), vec!["/items/0/label required"]),
            (
                json!({"kind": "url", "label": "Radio", "url": "https://radio.example.fr/"}),
                vec![],
            ),
            (
                json!({"kind": "url", "label": "Radio", "url": "javascript:alert(1)"}),
                vec!["/items/0/url invalid_format"],
            ),
            (json!({"kind": "url", "label": "Radio"}), vec!["/items/0/url required"]),
            (json!({"kind": "shop"}), vec!["/items/0/kind invalid_value"]),
        ] {
            assert_eq!(read(json!([item])).err().unwrap_or_default(), expected, "{item}");
        }
    }

    #[test]
    fn a_menu_is_bounded_in_depth_and_in_number() {
        let nested = |levels: usize| {
            (1..levels).fold(
                json!({"kind": "home"}),
                |below, _| json!({"kind": "heading", "label": "x", "children": [below]}),
            )
        };
        read(json!([nested(limits::MENU_DEPTH)])).unwrap();
        let errors = read(json!([nested(limits::MENU_DEPTH + 1)])).unwrap_err();
        assert!(errors[0].ends_with("/children too_deep"), "{errors:?}");
        let level = vec![json!({"kind": "home"}); limits::MENU_LEVEL_ITEMS];
        let wide = json!({"kind": "heading", "label": "x", "children": level});
        assert_eq!(read(json!([wide, wide, wide])).unwrap_err(), ["/items too_many"]);
    }

    #[test]
    fn a_menu_forgets_an_article_wherever_it_stands() {
        let (id, other) = (ArticleId::new(), ArticleId::new());
        let item = |target: ArticleId| json!({"kind": "article", "target_id": target, "label": "x"});
        let items = read(json!([
            item(other),
            {"kind": "heading", "label": "Plus", "children": [item(id), {"kind": "home"}]},
        ]))
        .unwrap();
        let kept = without(&items, id).unwrap();
        assert_eq!(kept[1].children.len(), 1);
        assert!(without(&kept, id).is_none());
    }
}
