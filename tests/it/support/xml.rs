//! XML as tests read it: parsed whole and strictly, for what is not well-formed is no XML.
//!
//! ```ignore
//! let channel = parse(&answer.text).one("channel").clone();
//! assert_eq!(channel.say("title"), "Le Fanal");
//! assert_eq!(channel.all("item").len(), 20);
//! ```

use std::collections::BTreeMap;

use quick_xml::Reader;
use quick_xml::escape::unescape;
use quick_xml::events::{BytesStart, Event};

/// An element.
#[derive(Clone, Debug, Default)]
pub struct Element {
    pub name: String,
    pub attributes: BTreeMap<String, String>,
    pub text: String,
    pub children: Vec<Element>,
}

impl Element {
    fn of(start: &BytesStart<'_>) -> Self {
        let attributes = start.attributes().map(|attribute| {
            let attribute = attribute.unwrap();
            let value = unescape(&attribute.value).unwrap().into_owned();
            (attribute.key.as_ref().to_owned(), value)
        });
        Self {
            name: start.name().as_ref().to_owned(),
            attributes: attributes.collect(),
            ..Self::default()
        }
    }

    /// The children of a name.
    pub fn all<'e>(&'e self, name: &str) -> Vec<&'e Self> {
        self.children.iter().filter(|child| child.name == name).collect()
    }

    /// The one child of a name.
    #[track_caller]
    pub fn one(&self, name: &str) -> &Self {
        let found = self.all(name);
        assert_eq!(found.len(), 1, "{name} in {}", self.name);
        found[0]
    }

    /// The text of the one child of a name.
    #[track_caller]
    pub fn say(&self, name: &str) -> &str {
        &self.one(name).text
    }

    #[track_caller]
    pub fn attribute(&self, name: &str) -> &str {
        let found = self.attributes.get(name);
        found.unwrap_or_else(|| panic!("{} has no {name}", self.name))
    }
}

/// The document's element.
#[track_caller]
pub fn parse(text: &str) -> Element {
    assert!(text.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>"), "{text}");
    let is_legal = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..);
    assert!(text.chars().all(is_legal), "a character that no XML holds: {text:?}");
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_comments = true;
    let mut open = vec![Element::default()];
    loop {
        let event = reader.read_event().unwrap_or_else(|error| panic!("{error}: {text}"));
        let current = open.last_mut().unwrap();
        match event {
            Event::Start(start) => open.push(Element::of(&start)),
            Event::Empty(start) => current.children.push(Element::of(&start)),
            Event::Text(part) => current.text.push_str(&part),
            Event::GeneralRef(reference) => {
                let reference = format!("&{};", &*reference);
                current.text.push_str(&unescape(&reference).unwrap());
            }
            Event::End(_) => {
                let closed = open.pop().unwrap();
                open.last_mut().unwrap().children.push(closed);
            }
            Event::Eof => break,
            Event::Decl(_) => {}
            other => panic!("{other:?} in {text}"),
        }
    }
    assert_eq!(open.len(), 1, "something is left open: {text}");
    let mut document = open.pop().unwrap();
    assert_eq!(document.children.len(), 1, "one element holds everything: {text}");
    document.children.pop().unwrap()
}
