//! Elements and their text, from a document that is checked while it is read.
//!
//! quick-xml checks tags, attributes, namespaces, comments, references, the XML declaration and UTF-8. What it lets
//! pass and an import must not is checked here: text outside the root, a file that is cut short, a DOCTYPE, another
//! encoding, and sizes; also a `<` within a tag and a `]]>` within text, which show that something was not closed as
//! meant. What means only one thing is read all the same and counted ([`Mendings`]).

use std::io::Read;
use std::mem;

use quick_xml::encoding::EncodingError;
use quick_xml::errors::IllFormedError;
use quick_xml::events::{BytesDecl, BytesRef, BytesStart, Event};
use quick_xml::name::NamespaceError;
use quick_xml::{Error, NsReader, XmlVersion};

use crate::base::text::xml::legal;
use crate::import::wxr::counted_bytes::{CountedBytes, line_ends};
use crate::import::wxr::error::{WxrError, WxrResult};
use crate::import::wxr::limits::{MAX_ATTRIBUTES, MAX_DEPTH, MAX_NAMESPACES, MAX_TAG_BYTES, size};
use crate::import::wxr::mending::Mendings;
use crate::import::wxr::names::{ElementName, Namespace};
use crate::import::wxr::text::{TextSink, is_space, resolve_entity, shortened, shortened_to};

/// The encodings that are UTF-8, or ASCII, its first part.
const UTF_8_NAMES: [&str; 3] = ["utf-8", "utf8", "us-ascii"];

/// The longest message of the parser that is passed on, in characters: some hold a name from the file.
const LONGEST_PARSER_MESSAGE: usize = 200;

/// A document being read. The reader is in an element, or before or after the root.
pub(crate) struct XmlReader<R> {
    parser: NsReader<CountedBytes<R>>,
    /// The bytes of the last event, kept for their memory.
    event: Vec<u8>,
    /// The lines where the open elements start.
    open: Vec<u64>,
    /// The last element that was opened, and its attributes by their name as written.
    name: ElementName,
    attributes: Vec<(String, String)>,
    /// No event was read.
    is_at_start: bool,
    has_root: bool,
    mendings: Mendings,
}

/// What the parser went past.
enum XmlStep {
    /// The start of an element.
    Opened,
    /// The end of an element, or of the file.
    Closed,
    /// Anything else.
    Text,
}

impl<R: Read> XmlReader<R> {
    pub(crate) fn new(inner: R) -> Self {
        let mut parser = NsReader::from_reader(CountedBytes::new(inner));
        parser.config_mut().enable_all_checks(true);
        // Such an ampersand is text.
        parser.config_mut().allow_dangling_amp = true;
        // An empty element is given as a start and an end.
        parser.config_mut().expand_empty_elements = true;
        parser.resolver_mut().set_max_namespace_bindings(MAX_NAMESPACES);
        Self {
            parser,
            event: Vec::new(),
            open: Vec::new(),
            name: ElementName::default(),
            attributes: Vec::new(),
            is_at_start: true,
            has_root: false,
            mendings: Mendings::default(),
        }
    }

    /// Goes to the next child of the current element: the child becomes current, and `name` gets its name. At the end
    /// of the element it returns false, and the element around it becomes current. Text between children is ignored.
    pub(crate) fn child(&mut self, name: &mut ElementName) -> WxrResult<bool> {
        loop {
            match self.step(None)? {
                XmlStep::Opened => {
                    name.set(self.name.ns, &self.name.local);
                    return Ok(true);
                }
                XmlStep::Closed => return Ok(false),
                XmlStep::Text => {}
            }
        }
    }

    /// Reads the current element, which may hold nothing but text, to its end.
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
        let (line, mut sink) = (self.line(), TextSink::new(limit));
        loop {
            match self.step(Some(&mut sink))? {
                XmlStep::Text => {}
                XmlStep::Closed => break,
                XmlStep::Opened => {
                    let message = format!("<{}> stands in an element that may hold only text.", self.element());
                    return Err(self.error(message));
                }
            }
        }
        self.mendings.dropped_characters.add(sink.dropped, line);
        Ok(sink.into_text())
    }

    /// Reads the current element to its end, keeping nothing.
    pub(crate) fn skip(&mut self) -> WxrResult<()> {
        let depth = self.open.len();
        while self.open.len() >= depth {
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
        let found = self.attributes.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str()).unwrap_or_default()
    }

    /// The line where the last tag or piece of text began.
    pub(crate) fn line(&self) -> u64 {
        self.parser.get_ref().event_line()
    }

    pub(crate) fn bytes_read(&self) -> u64 {
        self.parser.get_ref().bytes_read()
    }

    /// What was read although XML forbids it.
    pub(crate) fn mendings(&self) -> &Mendings {
        &self.mendings
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

    /// An error within the current event, after these bytes: their line ends move its line.
    fn error_after(&self, before: &[u8], message: impl Into<String>) -> WxrError {
        WxrError::new(self.line() + line_ends(before), message)
    }

    fn step(&mut self, sink: Option<&mut TextSink>) -> WxrResult<XmlStep> {
        if self.is_at_start {
            let begun = self.parser.get_mut().begin_file();
            let blank_lines = begun.map_err(|error| self.explained(&error.into()))?;
            self.mendings.blank_start.add(blank_lines, 1);
        }
        let mut bytes = mem::take(&mut self.event);
        bytes.clear();
        self.parser.get_mut().begin_event();
        let event = self.parser.read_event_into(&mut bytes);
        let step = event.map(|event| self.take(event, sink));
        self.event = bytes;
        self.is_at_start = false;
        // Before any other error, as damage explains what else is wrong.
        self.parser.get_ref().check_damage()?;
        step.unwrap_or_else(|error| Err(self.explained(&error)))
    }

    fn take(&mut self, event: Event<'_>, sink: Option<&mut TextSink>) -> WxrResult<XmlStep> {
        match event {
            Event::Start(tag) | Event::Empty(tag) => return self.opened(&tag),
            Event::End(_) => {
                self.open.pop();
                return Ok(XmlStep::Closed);
            }
            Event::Eof => return self.ended(),
            Event::Text(text) => {
                // What follows a CDATA section that was closed too early: it was written as HTML and read as XML.
                if let Some(at) = text.find("]]>") {
                    let message = "]]> stands in text without closing a CDATA section.";
                    return Err(self.error_after(&text.as_bytes()[..at], message));
                }
                let line = self.line();
                self.mendings
                    .stray_ampersands
                    .add(u64::from(text.starts_with('&')), line);
                self.take_text(&text.xml10_content(), sink)?;
            }
            Event::CData(text) => self.take_text(&text.xml10_content(), sink)?,
            Event::GeneralRef(reference) => self.reference(&reference, sink)?,
            Event::Decl(declaration) => self.declaration(&declaration)?,
            Event::DocType(_) => {
                return Err(self.error("The file has a DOCTYPE. WordPress writes none, and entities are not expanded."));
            }
            Event::PI(_) | Event::Comment(_) => {}
        }
        Ok(XmlStep::Text)
    }

    fn opened(&mut self, tag: &BytesStart<'_>) -> WxrResult<XmlStep> {
        // The parser would take `1 < 2</p>` for a tag, or all the text up to the next quote for an attribute.
        if tag.contains('<') {
            return Err(self.error(format!(
                "<{}> is no tag, for it holds another <: in text it is written &lt;.",
                shortened(tag)
            )));
        }
        let name = tag.name();
        if self.open.is_empty() && mem::replace(&mut self.has_root, true) {
            let name = shortened(name.into_inner());
            return Err(self.error(format!("<{name}> stands after the end of the document.")));
        }
        if self.open.len() == MAX_DEPTH {
            return Err(self.error(format!("Elements are nested deeper than {MAX_DEPTH}.")));
        }
        if tag.len() > MAX_TAG_BYTES {
            return Err(self.error(format!("The tag is larger than {}.", size(MAX_TAG_BYTES))));
        }
        let line = self.line();
        let attributes = xml_attributes(tag, |value| self.mendings.attribute(value, line).into_owned());
        self.attributes = attributes.map_err(|error| self.explained(&error))?;
        if self.attributes.len() > MAX_ATTRIBUTES {
            return Err(self.error(format!("The tag has more than {MAX_ATTRIBUTES} attributes.")));
        }
        let (found, local) = self.parser.resolver().resolve_element(name);
        let ns = Namespace::of_element(&found, name.into_inner()).map_err(|message| self.error(message))?;
        self.name.set(ns, local.into_inner());
        self.open.push(self.line());
        Ok(XmlStep::Opened)
    }

    fn ended(&self) -> WxrResult<XmlStep> {
        if let Some(line) = self.open.last() {
            return Err(self.error(format!(
                "The file ends before the element opened on line {line} is closed: it is cut short."
            )));
        }
        if !self.has_root {
            return Err(self.error("The file is not a WordPress export: it holds no XML element."));
        }
        Ok(XmlStep::Closed)
    }

    /// Takes a piece of text: plain, from a CDATA section, or what a reference stands for.
    fn take_text(&mut self, piece: &str, sink: Option<&mut TextSink>) -> WxrResult<()> {
        if self.open.is_empty()
            && let Some(at) = piece.find(|c| !is_space(c))
        {
            return Err(self.error_after(&piece.as_bytes()[..at], "Text stands outside of the document."));
        }
        if let Some(sink) = sink {
            sink.push(piece);
        }
        Ok(())
    }

    fn reference(&mut self, reference: &BytesRef<'_>, sink: Option<&mut TextSink>) -> WxrResult<()> {
        match reference.resolve_char_ref().map_err(|error| self.explained(&error))? {
            Some(character) => self.take_text(character.encode_utf8(&mut [0; 4]), sink),
            None => match resolve_entity(reference) {
                Some(text) => self.take_text(text, sink),
                None => {
                    let line = self.line();
                    let text = self.mendings.reference(reference, line);
                    self.take_text(&text, sink)
                }
            },
        }
    }

    fn declaration(&self, declaration: &BytesDecl<'_>) -> WxrResult<()> {
        if !self.is_at_start {
            return Err(self.error("<?xml stands elsewhere than at the start of the file: remove what is before it."));
        }
        declaration.xml_version().map_err(|error| self.explained(&error))?;
        match declaration.encoding().transpose() {
            Ok(Some(encoding)) if !UTF_8_NAMES.iter().any(|known| encoding.eq_ignore_ascii_case(known)) => {
                let encoding = shortened(&encoding);
                Err(self.error(format!(
                    "The file is in the encoding {encoding}; only UTF-8 can be read: convert it first."
                )))
            }
            Ok(_) => Ok(()),
            Err(error) => Err(self.explained(&error.into())),
        }
    }

    /// An error of the parser, in words for whoever uploaded the file.
    fn explained(&self, error: &Error) -> WxrError {
        let message = match error {
            Error::Io(error) => {
                let refusal = error.get_ref().and_then(|inner| inner.downcast_ref::<WxrError>());
                let unreadable = || self.error_after(&self.event, format!("The file cannot be read: {error}."));
                return refusal.cloned().unwrap_or_else(unreadable);
            }
            Error::Encoding(EncodingError::Utf8(error)) => {
                let message = "The text is not UTF-8: it holds a byte that no character has there.";
                return self.error_after(&self.event[..error.valid_up_to()], message);
            }
            Error::IllFormed(IllFormedError::MismatchedEndTag { expected, found }) => format!(
                "</{}> stands where <{}>, opened on line {}, is to be closed.",
                shortened(found),
                shortened(expected),
                self.open.last().copied().unwrap_or_default(),
            ),
            Error::IllFormed(IllFormedError::UnmatchedEndTag(name)) => {
                format!("</{}> closes an element that is not open.", shortened(name))
            }
            Error::InvalidAttr(error) => format!("The tag that starts here is broken: {error}."),
            Error::Namespace(NamespaceError::TooManyBindings(limit)) => {
                format!("More than {limit} namespaces are declared.")
            }
            error => format!(
                "The XML is broken: {}.",
                shortened_to(&error.to_string(), LONGEST_PARSER_MESSAGE)
            ),
        };
        self.error(message)
    }
}

/// The attributes of a tag, without the characters that XML forbids; of too many, one more than is allowed.
fn xml_attributes(
    tag: &BytesStart<'_>,
    mut mended: impl FnMut(&str) -> String,
) -> Result<Vec<(String, String)>, Error> {
    let few = tag.attributes().take(MAX_ATTRIBUTES + 1);
    few.map(|attribute| {
        let mut attribute = attribute?;
        attribute.value = mended(&attribute.value).into();
        // Entities mean plain text: nothing within it is expanded.
        let value = attribute.normalized_value_with(XmlVersion::Implicit1_0, 1, resolve_entity)?;
        Ok((attribute.key.into_inner().to_owned(), legal(&value).into_owned()))
    })
    .collect()
}
