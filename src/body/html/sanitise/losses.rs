//! What sanitising took away, by name: the elements and attributes of the source that are not in what came out.

use std::collections::HashMap;

use crate::body::html::tokens::{ElementTag, HtmlToken, HtmlTokens};

/// Elements around a text that say nothing of it.
const ENVELOPE: [&str; 4] = ["body", "head", "html", "meta"];
/// Attributes that are lists of words, of which some may go.
const WORD_LISTS: [&str; 2] = ["allow", "rel"];
/// Names listed at most.
const LISTED: usize = 10;
/// Characters of a name that are shown.
const SHOWN: usize = 40;

/// The names of what is in `before` and not in `after`, the first of each kind.
pub fn lost_between(before: &str, after: &str) -> Vec<String> {
    let mut left: HashMap<LostPart, usize> = HashMap::new();
    let mut addresses: Vec<String> = Vec::new();
    for tag in tags(after) {
        addresses.extend(["href", "src"].iter().filter_map(|name| tag.attribute(name)));
        for part in parts(&tag) {
            *left.entry(part).or_default() += 1;
        }
    }
    let mut lost = Vec::new();
    for tag in tags(before) {
        for part in parts(&tag) {
            match left.get_mut(&part) {
                Some(count) if *count > 0 => *count -= 1,
                _ => push_name(&mut lost, part.in_words(&tag, &addresses)),
            }
            // What an element that is gone had on it went with it.
            if part.attribute.is_empty() && !left.contains_key(&part) {
                break;
            }
        }
    }
    lost
}

/// Adds a name, unless it is there; a list that is long enough ends in `…`.
pub fn push_name(lost: &mut Vec<String>, mut name: String) {
    if let Some((end, _)) = name.char_indices().nth(SHOWN) {
        name.truncate(end);
        name.push('…');
    }
    match lost.len() {
        _ if lost.contains(&name) => {}
        0..LISTED => lost.push(name),
        LISTED => lost.push("…".to_owned()),
        _ => {}
    }
}

fn tags(html: &str) -> impl Iterator<Item = ElementTag<'_>> {
    HtmlTokens::new(html).filter_map(|token| match token {
        HtmlToken::Open(tag) if !ENVELOPE.contains(&&*tag.name) => Some(tag),
        _ => None,
    })
}

/// An element, or something on it.
#[derive(PartialEq, Eq, Hash)]
struct LostPart {
    element: String,
    attribute: String,
    word: String,
}

/// The element first, then its attributes. A `span` says nothing without them.
fn parts(tag: &ElementTag<'_>) -> Vec<LostPart> {
    let element = LostPart {
        element: tag.name.to_string(),
        attribute: String::new(),
        word: String::new(),
    };
    let mut parts: Vec<LostPart> = (tag.name != "span").then_some(element).into_iter().collect();
    for (name, _) in tag.attributes() {
        let attribute = name.to_ascii_lowercase();
        let words = match tag.attribute(name) {
            Some(value) if WORD_LISTS.contains(&&*attribute) => value,
            _ => String::new(),
        };
        let words = words.split([' ', ';']).filter(|word| !word.is_empty());
        let mut words: Vec<String> = words.map(str::to_ascii_lowercase).collect();
        if words.is_empty() {
            words.push(String::new());
        }
        parts.extend(words.into_iter().map(|word| LostPart {
            element: tag.name.to_string(),
            attribute: attribute.clone(),
            word,
        }));
    }
    parts
}

impl LostPart {
    fn in_words(&self, tag: &ElementTag<'_>, kept: &[String]) -> String {
        let name = &self.attribute;
        if name.is_empty() {
            return format!("<{}>", self.element);
        }
        if !self.word.is_empty() {
            return format!("{name}=\"{}\"", self.word);
        }
        let address = tag.attribute(name).filter(|address| !kept.contains(address));
        match address.filter(|_| matches!(name.as_str(), "href" | "src")) {
            Some(address) => format!("{name}=\"{address}\""),
            None => name.clone(),
        }
    }
}
