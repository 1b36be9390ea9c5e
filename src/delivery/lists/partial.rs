//! Articles of which a client asks for some members only.

use std::borrow::Cow;

use utoipa::openapi::schema::ArrayBuilder;
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::query::ListArticles;
use crate::base::error::{Error, Result};
use crate::base::http::page::PageInfo;
use crate::base::http::query::one_of;
use crate::base::http::query_type::{ParamReader, param_reader};
use crate::base::http::value_reader::ValueSchema;
use crate::delivery::public_article::PublicArticle;
use crate::published::ArticleShape;
use crate::query_type;

/// Members that a card has already.
const CARD_MEMBERS: [&str; 19] = [
    "id",
    "path",
    "locale",
    "type",
    "title",
    "kicker",
    "standfirst",
    "image",
    "contributors",
    "tags",
    "published_at",
    "updated_at",
    "access",
    "is_featured",
    "is_sensitive",
    "section",
    "breadcrumb",
    "comment_count",
    "is_breaking",
];

/// Members for which the article itself is read.
const ARTICLE_MEMBERS: [&str; 15] = [
    "translation_key",
    "first_published_at",
    "corrected_at",
    "corrections",
    "retraction",
    "blocks",
    "is_truncated",
    "source",
    "seo",
    "is_ad_free",
    "canonical_url",
    "alternates",
    "linked_articles",
    "ad_placements",
    "comment_policy",
];

query_type! {
    /// Which members of each article.
    #[derive(Debug)]
    pub struct FieldSelection {
        /// Top-level members of an article, any but those that `include` and `body_format` add. Each item has these and no others.
        fields: Vec<String> = required(member_names()),
    }
}

fn member_names() -> impl ParamReader<Value = Vec<String>> {
    param_reader(
        || {
            let names = ArrayBuilder::new().items(ValueSchema::text(100).schema);
            let count = CARD_MEMBERS.len() + ARTICLE_MEMBERS.len();
            RefOr::T(names.min_items(Some(1)).max_items(Some(count)).into())
        },
        |query, name| {
            let allowed: Vec<&str> = CARD_MEMBERS.into_iter().chain(ARTICLE_MEMBERS).collect();
            let mut fields: Vec<String> = Vec::new();
            for field in query.many_of(name, 100, "at most 100 values")? {
                if !allowed.contains(&field) {
                    return Err(one_of(name, &allowed));
                }
                if !fields.iter().any(|known| known == field) {
                    fields.push(field.to_owned());
                }
            }
            if fields.is_empty() {
                return Err(one_of(name, &allowed));
            }
            Ok(Some(fields))
        },
    )
}

impl FieldSelection {
    /// What has to be read for them: no bodies where cards will do.
    pub(super) fn shape(&self) -> ArticleShape {
        let card = |field: &String| CARD_MEMBERS.contains(&field.as_str());
        if self.fields.iter().all(card) {
            ArticleShape::Card
        } else {
            ArticleShape::Full
        }
    }

    /// Appends what is chosen of an object, in the order of the fields. It is read no further than the last of them.
    ///
    /// # Errors
    /// 500 when it is no object.
    pub(super) fn pick_of(&self, object: &str, picked: &mut String) -> Result<()> {
        self.pick_next(&mut ObjectMembers { rest: object }, picked)
    }

    /// Reduces objects, joined by commas, to the chosen members.
    ///
    /// # Errors
    /// 500 when they are no objects.
    pub(super) fn pick(&self, objects: &str) -> Result<String> {
        let mut picked = String::new();
        let mut rest = objects;
        while !rest.is_empty() {
            let mut members = ObjectMembers { rest };
            self.pick_next(&mut members, &mut picked)?;
            while members.next().is_some() {}
            rest = members.rest.strip_prefix('}').ok_or_else(no_object)?;
            if !rest.is_empty() {
                rest = rest.strip_prefix(',').ok_or_else(no_object)?;
                picked.push(',');
            }
        }
        Ok(picked)
    }

    fn pick_next(&self, members: &mut ObjectMembers<'_>, picked: &mut String) -> Result<()> {
        let mut values = vec![None; self.fields.len()];
        let mut left = values.len();
        while left > 0 {
            let Some((name, value)) = members.next() else { break };
            let place = self.fields.iter().position(|field| field == name);
            if let Some(place) = place.and_then(|place| values.get_mut(place)) {
                left -= usize::from(place.replace(value).is_none());
            }
        }
        if left > 0 && !members.rest.starts_with('}') {
            return Err(no_object());
        }
        picked.push('{');
        let found = self.fields.iter().zip(values);
        for (index, (name, value)) in found.filter_map(|(name, value)| Some((name, value?))).enumerate() {
            if index > 0 {
                picked.push(',');
            }
            picked.extend(["\"", name, "\":", value]);
        }
        picked.push('}');
        Ok(())
    }
}

fn no_object() -> Error {
    Error::internal("a composed article is no object")
}

/// The members of an object as it is composed here: without spaces, and without escapes in names. Nothing is parsed: a
/// value ends where its quotation marks and brackets do.
struct ObjectMembers<'j> {
    /// From the bracket or the comma before the next member on.
    rest: &'j str,
}

impl<'j> Iterator for ObjectMembers<'j> {
    type Item = (&'j str, &'j str);

    fn next(&mut self) -> Option<Self::Item> {
        self.rest = self.rest.strip_prefix(['{', ','])?;
        let (name, value) = self.rest.strip_prefix('"')?.split_once('"')?;
        let value = value.strip_prefix(':')?;
        let (value, rest) = value.split_at_checked(value_end(value.as_bytes())?)?;
        self.rest = rest;
        Some((name, value))
    }
}

/// Where the value ends with which this text begins.
fn value_end(text: &[u8]) -> Option<usize> {
    let (mut depth, mut at) = (0_usize, 0);
    loop {
        match text.get(at)? {
            b'"' => {
                at = string_end(text, at)?;
                if depth == 0 {
                    return Some(at);
                }
            }
            b'{' | b'[' => {
                depth += 1;
                at += 1;
            }
            b'}' | b']' if depth > 0 => {
                depth -= 1;
                at += 1;
                if depth == 0 {
                    return Some(at);
                }
            }
            b'}' | b']' | b',' if depth == 0 => return Some(at),
            _ => at += 1,
        }
    }
}

/// Behind the quotation mark that ends the string beginning at `start`.
fn string_end(text: &[u8], start: usize) -> Option<usize> {
    let mut at = start + 1;
    loop {
        at += text.get(at..)?.iter().position(|byte| matches!(byte, b'"' | b'\\'))?;
        if text.get(at) == Some(&b'"') {
            return Some(at + 1);
        }
        at += 2;
    }
}

query_type! {
    /// Which live articles, in which order, and what of each.
    pub struct ListPartialArticles {
        /// What of each.
        pub fields: FieldSelection = part(),
        /// Which, and in which order.
        pub list: ListArticles = part(),
    }
}

/// Some members of an article: those that `fields` names.
pub struct PartialArticle;

impl PartialSchema for PartialArticle {
    /// The members of a whole article, none of them required.
    fn schema() -> RefOr<Schema> {
        let mut schema = PublicArticle::schema();
        if let RefOr::T(Schema::Object(object)) = &mut schema {
            object.description = Some("Some members of an article: those that `fields` names.".to_owned());
            object.required.clear();
            object
                .properties
                .retain(|name, _| CARD_MEMBERS.contains(&name.as_str()) || ARTICLE_MEMBERS.contains(&name.as_str()));
        }
        schema
    }
}

impl ToSchema for PartialArticle {
    fn name() -> Cow<'static, str> {
        "PartialArticle".into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        PublicArticle::schemas(schemas);
    }
}

/// A page of articles, each with some of its members.
#[derive(ToSchema)]
pub struct PartialArticleList {
    /// The articles.
    pub items: Vec<PartialArticle>,
    /// Where the list goes on.
    pub page: PageInfo,
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::base::http::query::{FromQuery, Query};
    use crate::published::Card;

    fn members(schema: RefOr<Schema>) -> BTreeSet<String> {
        match schema {
            RefOr::T(Schema::Object(object)) => object.properties.keys().cloned().collect(),
            _ => panic!(),
        }
    }

    fn names(of: &[&str]) -> BTreeSet<String> {
        of.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn what_can_be_asked_for_is_what_articles_have() {
        assert_eq!(members(Card::schema()), names(&CARD_MEMBERS));
        let mut included = names(&["related", "translations", "packages", "comments", "jsonld"]);
        included.extend(names(&["body_html", "body_text", "body_markdown"]));
        let whole = members(PublicArticle::schema());
        let own: BTreeSet<String> = whole.difference(&included).cloned().collect();
        let offered: BTreeSet<String> = names(&CARD_MEMBERS).union(&names(&ARTICLE_MEMBERS)).cloned().collect();
        assert_eq!(offered, own);
        assert_eq!(members(PartialArticle::schema()), offered);
    }

    #[test]
    fn members_are_picked_as_they_stand_in_the_order_of_the_fields() {
        let fields = |query: &str| FieldSelection::read(&Query::parse(query, &["fields"]).unwrap());
        let picked = fields("fields=title,id,kicker&fields=id").unwrap();
        assert_eq!(picked.shape(), ArticleShape::Card);
        let objects = r#"{"id":"a","n":1.50,"title":"L’\"œ\""},{"id":"b","title":null}"#;
        assert_eq!(
            picked.pick(objects).unwrap(),
            r#"{"title":"L’\"œ\"","id":"a"},{"title":null,"id":"b"}"#
        );
        assert_eq!(picked.pick("").unwrap(), "");
        for broken in [
            "1",
            "{",
            r#"{"id":"a""#,
            r#"{"id":"a},{}"#,
            r#"{"id":[1}"#,
            r#"{"id":"a"}{"id":"b"}"#,
        ] {
            assert!(picked.pick(broken).is_err(), "{broken}");
        }
        assert_eq!(fields("fields=id,blocks").unwrap().shape(), ArticleShape::Full);
        for bad in ["", "fields=", "fields=related", "fields=id,search_text", "fields=id.x"] {
            assert!(fields(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn what_is_picked_is_what_a_parser_finds(
            strings in proptest::collection::vec(".{0,12}", 4),
            number in proptest::num::i64::ANY,
            flag in proptest::bool::ANY,
            chosen in proptest::sample::subsequence(vec!["id", "title", "tags", "image", "is_featured"], 1..=5),
        ) {
            let object = json!({
                "id": strings[0],
                "title": null,
                "tags": [strings[1], {"label": strings[2], "of": [number, [], {}]}],
                "image": {"alt": strings[3], "width": number, "at": {"{": "}", "\"": ["[", "\\"]}},
                "is_featured": flag,
            });
            let fields: Vec<String> = chosen.iter().map(|name| (*name).to_owned()).collect();
            let selection = FieldSelection { fields };
            let expected: serde_json::Map<String, Value> =
                chosen.iter().map(|name| ((*name).to_owned(), object[*name].clone())).collect();
            let text = object.to_string();
            let mut alone = String::new();
            selection.pick_of(&text, &mut alone).unwrap();
            let alone: Value = serde_json::from_str(&alone).unwrap();
            prop_assert_eq!(&alone, &Value::Object(expected));
            let both = selection.pick(&format!("{text},{text}")).unwrap();
            let both: Value = serde_json::from_str(&format!("[{both}]")).unwrap();
            prop_assert_eq!(both, json!([alone, alone]));
        }
    }
}
