//! Elements and their text, out of a document that is checked to be well-formed as it goes by.
//!
//! quick-xml finds where tags, text, comments and CDATA sections begin and end. The rest of XML 1.0 is checked here:
//! one root, tags that match, names, attributes, references, where text may stand, the XML declaration.

use std::io::Read;
use std::mem;

use quick_xml::Error;
use quick_xml::errors::IllFormedError;
use quick_xml::events::{BytesStart, Event};

use super::declaration;
use super::error::WxrError;
use super::limits::{MAX_DEPTH, size};
use super::text::{is_space, push_clean, referenced};
use crate::import::wxr::attributes::Attributes;
use crate::import::wxr::checked_bytes::CheckedBytes;
use crate::import::wxr::error::WxrResult;
use crate::import::wxr::names::{ElementName, NamespaceScope, is_xml_name};
use crate::import::wxr::text::{is_xml_char, shortened};

/// A document being read. It stands in an element, or before or behind the root.
pub(crate) struct XmlReader<R> {
    parser: quick_xml::Reader<CheckedBytes<R>>,
    /// The bytes of the last event, kept for their memory.
    event: Vec<u8>,
    open: Vec<OpenXmlElement>,
    /// The names of the open elements, one after the other.
    open_names: String,
    scope: NamespaceScope,
    /// The last element that was opened, and its attributes.
    name: ElementName,
    attributes: Attributes,
    /// The last element was empty (`<a/>`): its end is still to be told.
    end_is_due: bool,
    begun: bool,
    has_root: bool,
    dropped_characters: u64,
}

/// An open element.
struct OpenXmlElement {
    line: u64,
    /// Where its name starts in `open_names`.
    name_start: usize,
    /// What was in scope outside.
    scope_len: usize,
}

/// What the parser went past.
enum XmlStep {
    Opened,
    Closed,
    Text,
    Ended,
}

/// Where the text of an element is gathered, up to a limit.
struct TextSink {
    text: String,
    limit: usize,
    is_full: bool,
}

impl TextSink {
    /// Takes a piece of text; gives the number of characters dropped.
    fn push(&mut self, piece: &str) -> u64 {
        self.is_full |= self.text.len() + piece.len() > self.limit;
        if self.is_full {
            0
        } else {
            push_clean(&mut self.text, piece)
        }
    }

    /// Takes a referenced character, which is not subject to the rules of line ends.
    fn push_char(&mut self, c: char) -> u64 {
        self.is_full |= self.text.len() + c.len_utf8() > self.limit;
        if !is_xml_char(c) {
            return 1;
        }
        if !self.is_full {
            self.text.push(c);
        }
        0
    }
}

impl<R: Read> XmlReader<R> {
    pub(crate) fn new(inner: R) -> Self {
        let mut parser = quick_xml::Reader::from_reader(CheckedBytes::new(inner));
        let config = parser.config_mut();
        config.check_comments = true;
        // Matching tags is done here, where the line of the start tag is known.
        config.check_end_names = false;
        config.allow_unmatched_ends = true;
        Self {
            parser,
            event: Vec::new(),
            open: Vec::new(),
            open_names: String::new(),
            scope: NamespaceScope::default(),
            name: ElementName::default(),
            attributes: Attributes::default(),
            end_is_due: false,
            begun: false,
            has_root: false,
            dropped_characters: 0,
        }
    }

    /// Goes to the next child of the current element, which becomes current, and tells its name. At the end of the
    /// element gives false, and the one around it is current. Text between children is ignored.
    pub(crate) fn child(&mut self, name: &mut ElementName) -> WxrResult<bool> {
        loop {
            match self.step(None)? {
                XmlStep::Opened => {
                    name.set(self.name.ns, &self.name.local);
                    return Ok(true);
                }
                XmlStep::Closed | XmlStep::Ended => return Ok(false),
                XmlStep::Text => {}
            }
        }
    }

    /// Reads the current element to its end, which may hold nothing but text.
    pub(crate) fn text(&mut self, limit: usize) -> WxrResult<String> {
        let line = self.line();
        let text = self.text_within(limit)?;
        text.ok_or_else(|| {
            WxrError::new(
                line,
                format!("The text of <{}> is larger than {}.", self.element(), size(limit)),
            )
        })
    }

    /// Does the same; a text beyond the limit is read past, and none is given.
    pub(crate) fn text_within(&mut self, limit: usize) -> WxrResult<Option<String>> {
        let mut sink = TextSink {
            text: String::new(),
            limit,
            is_full: false,
        };
        loop {
            match self.step(Some(&mut sink))? {
                XmlStep::Text => {}
                XmlStep::Closed | XmlStep::Ended => return Ok((!sink.is_full).then_some(sink.text)),
                XmlStep::Opened => {
                    let message = format!("<{}> stands in an element that may hold only text.", self.element());
                    return Err(self.error(message));
                }
            }
        }
    }

    /// Reads the current element to its end, keeping nothing.
    pub(crate) fn skip(&mut self) -> WxrResult<()> {
        let depth = self.depth();
        while self.depth() >= depth {
            self.step(None)?;
        }
        Ok(())
    }

    /// The element that was opened last, for messages.
    pub(crate) fn element(&self) -> String {
        shortened(&self.name.local)
    }

    /// An attribute of the element that was opened last.
    pub(crate) fn attribute(&self, name: &str) -> &str {
        self.attributes.get(name).unwrap_or_default()
    }

    /// The line where the last tag or piece of text began.
    pub(crate) fn line(&self) -> u64 {
        self.parser.get_ref().event_line()
    }

    pub(crate) fn bytes_read(&self) -> u64 {
        self.parser.get_ref().bytes_read()
    }

    pub(crate) fn dropped_characters(&self) -> u64 {
        self.dropped_characters
    }

    /// Bytes of memory the parser holds on to between events.
    #[cfg(test)]
    pub(crate) fn event_capacity(&self) -> usize {
        self.event.capacity()
    }

    /// An error at the current line.
    pub(crate) fn error(&self, message: impl Into<String>) -> WxrError {
        WxrError::new(self.line(), message)
    }

    fn depth(&self) -> usize {
        self.open.len()
    }

    fn step(&mut self, sink: Option<&mut TextSink>) -> WxrResult<XmlStep> {
        if mem::take(&mut self.end_is_due) {
            self.pop();
            return Ok(XmlStep::Closed);
        }
        let mut bytes = mem::take(&mut self.event);
        bytes.clear();
        self.parser.get_mut().begin_event();
        let step = match self.parser.read_event_into(&mut bytes) {
            Ok(event) => self.take(event, sink),
            Err(error) => Err(self.broken(&error)),
        };
        self.event = bytes;
        self.begun = true;
        step
    }

    fn take(&mut self, event: Event<'_>, sink: Option<&mut TextSink>) -> WxrResult<XmlStep> {
        match event {
            Event::Start(tag) => return self.opened(&tag),
            Event::Empty(tag) => {
                self.end_is_due = true;
                return self.opened(&tag);
            }
            Event::End(tag) => return self.closed(tag.name().into_inner()),
            Event::Eof => return self.ended(),
            Event::Text(text) => self.plain_text(&text, sink)?,
            Event::CData(text) => self.cdata(&text, sink)?,
            Event::GeneralRef(name) => self.reference(&name, sink)?,
            Event::Decl(declaration) => self.declaration(&declaration)?,
            Event::PI(instruction) => self.instruction(instruction.target())?,
            Event::DocType(_) => {
                return Err(self.error("The file has a DOCTYPE. WordPress writes none, and entities are not expanded."));
            }
            Event::Comment(_) => {}
        }
        Ok(XmlStep::Text)
    }

    fn opened(&mut self, tag: &BytesStart<'_>) -> WxrResult<XmlStep> {
        let name = tag.name().into_inner();
        if !is_xml_name(name) {
            return Err(self.error(format!("<{}> is no tag: a < in text is written &lt;.", shortened(name))));
        }
        if self.open.is_empty() && mem::replace(&mut self.has_root, true) {
            return Err(self.error(format!("<{}> stands behind the end of the document.", shortened(name))));
        }
        if self.depth() == MAX_DEPTH {
            return Err(self.error(format!("Elements are nested deeper than {MAX_DEPTH}.")));
        }
        let line = self.line();
        let at_line = |message| WxrError::new(line, message);
        self.attributes = Attributes::parse(tag.attributes_raw()).map_err(at_line)?;
        self.open.push(OpenXmlElement {
            line,
            name_start: self.open_names.len(),
            scope_len: self.scope.len(),
        });
        self.open_names.push_str(name);
        self.scope.declare(&self.attributes).map_err(at_line)?;
        let (ns, local) = self.scope.resolve(name).map_err(at_line)?;
        self.name.set(ns, local);
        Ok(XmlStep::Opened)
    }

    fn closed(&mut self, name: &str) -> WxrResult<XmlStep> {
        let Some(last) = self.open.last() else {
            return Err(self.error(format!("</{}> closes an element that is not open.", shortened(name))));
        };
        let expected = &self.open_names[last.name_start..];
        if name != expected {
            let (found, expected, line) = (shortened(name), shortened(expected), last.line);
            let message = format!("</{found}> stands where <{expected}>, opened on line {line}, is to be closed.");
            return Err(self.error(message));
        }
        self.pop();
        Ok(XmlStep::Closed)
    }

    /// Leaves the current element.
    fn pop(&mut self) {
        if let Some(last) = self.open.pop() {
            self.open_names.truncate(last.name_start);
            self.scope.truncate(last.scope_len);
        }
    }

    fn ended(&self) -> WxrResult<XmlStep> {
        if let Some(last) = self.open.last() {
            let name = shortened(&self.open_names[last.name_start..]);
            let message = format!(
                "The file ends before <{name}>, opened on line {}, is closed: it is cut short.",
                last.line
            );
            return Err(self.error(message));
        }
        if !self.has_root {
            return Err(self.error("The file is not a WordPress export: it holds no XML element."));
        }
        Ok(XmlStep::Ended)
    }

    fn plain_text(&mut self, text: &str, sink: Option<&mut TextSink>) -> WxrResult<()> {
        if self.open.is_empty()
            && let Some(at) = text.find(|c| !is_space(c))
        {
            let place = if self.has_root {
                "behind the end"
            } else {
                "before the start"
            };
            return Err(self.error_within(text, at, format!("Text stands {place} of the document.")));
        }
        if let Some(at) = text.find("]]>") {
            return Err(self.error_within(
                text,
                at,
                "]]> stands in text without closing a CDATA section.".to_owned(),
            ));
        }
        self.dropped_characters += sink.map_or(0, |sink| sink.push(text));
        Ok(())
    }

    /// An error some way into a piece of text.
    fn error_within(&self, text: &str, at: usize, message: String) -> WxrError {
        let lines = text[..at].bytes().filter(|byte| *byte == b'\n').count();
        WxrError::new(self.line() + lines as u64, message)
    }

    fn cdata(&mut self, text: &str, sink: Option<&mut TextSink>) -> WxrResult<()> {
        if self.open.is_empty() {
            return Err(self.error("A CDATA section stands outside the document."));
        }
        self.dropped_characters += sink.map_or(0, |sink| sink.push(text));
        Ok(())
    }

    fn reference(&mut self, name: &str, sink: Option<&mut TextSink>) -> WxrResult<()> {
        if self.open.is_empty() {
            return Err(self.error("A reference stands outside the document."));
        }
        let c = referenced(name).map_err(|message| self.error(message))?;
        self.dropped_characters += sink.map_or(0, |sink| sink.push_char(c));
        Ok(())
    }

    fn declaration(&self, raw: &str) -> WxrResult<()> {
        if self.begun {
            return Err(
                self.error("<?xml stands elsewhere than at the very start of the file: remove what is before it.")
            );
        }
        declaration::check(raw).map_err(|message| self.error(message))
    }

    fn instruction(&self, target: &str) -> WxrResult<()> {
        if !is_xml_name(target) || target.eq_ignore_ascii_case("xml") {
            return Err(self.error(format!("<?{} starts no processing instruction.", shortened(target))));
        }
        Ok(())
    }

    /// The error behind an error of the parser.
    fn broken(&mut self, error: &Error) -> WxrError {
        if let Some(fault) = self.parser.get_mut().take_fault() {
            return fault;
        }
        match error {
            Error::IllFormed(IllFormedError::UnclosedReference) => {
                self.error("An ampersand starts no reference; write it as &amp; or in a CDATA section.")
            }
            error => self.error(format!("The XML is broken: {error}.")),
        }
    }
}
