//! Writes XML 1.0: every text escaped, and without the characters that XML cannot hold.

use std::borrow::Cow;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use crate::base::error::{Error, Result};

/// A document, or a piece of one, under construction. What is opened must be closed.
pub struct XmlWriter(Writer<Vec<u8>>);

impl Default for XmlWriter {
    fn default() -> Self {
        Self(Writer::new(Vec::new()))
    }
}

impl XmlWriter {
    /// A document's beginning: its declaration.
    ///
    /// # Errors
    /// As every function here: 500, when memory cannot be written to.
    pub fn document() -> Result<Self> {
        let mut xml = Self::default();
        xml.write(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        Ok(xml)
    }

    /// Opens an element.
    ///
    /// # Errors
    /// 500.
    pub fn open(&mut self, name: &str, attributes: &[(&str, &str)]) -> Result<()> {
        self.write(Event::Start(start(name, attributes)))
    }

    /// Closes an element.
    ///
    /// # Errors
    /// 500.
    pub fn close(&mut self, name: &str) -> Result<()> {
        self.write(Event::End(BytesEnd::new(name)))
    }

    /// An element that holds a text.
    ///
    /// # Errors
    /// 500.
    pub fn text(&mut self, name: &str, text: &str) -> Result<()> {
        self.text_with(name, &[], text)
    }

    /// An element that holds a text and has attributes.
    ///
    /// # Errors
    /// 500.
    pub fn text_with(&mut self, name: &str, attributes: &[(&str, &str)], text: &str) -> Result<()> {
        self.open(name, attributes)?;
        self.write(Event::Text(BytesText::new(&legal(text))))?;
        self.close(name)
    }

    /// An element that holds nothing.
    ///
    /// # Errors
    /// 500.
    pub fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) -> Result<()> {
        self.write(Event::Empty(start(name, attributes)))
    }

    /// What was written.
    ///
    /// # Errors
    /// 500.
    pub fn into_text(self) -> Result<String> {
        String::from_utf8(self.0.into_inner()).map_err(Error::internal)
    }

    fn write(&mut self, event: Event<'_>) -> Result<()> {
        self.0.write_event(event).map_err(Error::internal)
    }
}

fn start<'n>(name: &'n str, attributes: &[(&str, &str)]) -> BytesStart<'n> {
    let mut element = BytesStart::new(name);
    for (name, value) in attributes {
        element.push_attribute((*name, &*legal(value)));
    }
    element
}

/// The text without the characters that no XML 1.0 document can hold, not even as references (XML 1.0, 2.2).
pub fn legal(text: &str) -> Cow<'_, str> {
    let is_legal = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..);
    if text.chars().all(is_legal) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.chars().filter(|c| is_legal(*c)).collect())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use quick_xml::Reader;

    use super::*;

    /// The attribute and the text that a parser finds.
    fn read_back(xml: &str) -> (String, String) {
        let mut reader = Reader::from_str(xml);
        let (mut attribute, mut text) = (String::new(), String::new());
        loop {
            match reader.read_event().unwrap() {
                Event::Start(element) => {
                    let value = element.attributes().next().unwrap().unwrap();
                    attribute = quick_xml::escape::unescape(&value.value).unwrap().into_owned();
                }
                Event::Text(part) => text.push_str(&part),
                Event::GeneralRef(reference) => {
                    let reference = format!("&{};", &*reference);
                    text.push_str(&quick_xml::escape::unescape(&reference).unwrap());
                }
                Event::Eof => return (attribute, text),
                _ => {}
            }
        }
    }

    proptest! {
        #[test]
        fn whatever_is_written_is_read_back_without_what_xml_cannot_hold(text in any::<String>()) {
            let mut xml = XmlWriter::document().unwrap();
            xml.text_with("a", &[("b", &text)], &text).unwrap();
            let (attribute, read) = read_back(&xml.into_text().unwrap());
            prop_assert_eq!(&read, &legal(&text));
            prop_assert_eq!(&attribute, &legal(&text));
        }
    }

    #[test]
    fn control_characters_are_left_out_and_markup_is_text() {
        let mut xml = XmlWriter::default();
        xml.text("title", "a\u{b}b\u{0}c\u{ffff} <b>&amp;</b> ]]> « 🙂 »")
            .unwrap();
        assert_eq!(
            xml.into_text().unwrap(),
            "<title>abc &lt;b&gt;&amp;amp;&lt;/b&gt; ]]&gt; « 🙂 »</title>"
        );
    }
}
