//! The pull reader: how far it is in an export, and what comes next.
//!
//! An export is an RSS document with one channel: first elements about the site, then authors, categories, tags and
//! terms, then items with their comments. The site is complete when the first of the others starts. Elements that are
//! not known are read past, wherever they are.

use std::io::Read;
use std::mem;

use super::error::WxrError;
use super::names::unknown_version;
use crate::import::wxr::error::WxrResult;
use crate::import::wxr::fields::FieldReader;
use crate::import::wxr::mending::Mendings;
use crate::import::wxr::model::{WxrRecord, WxrSite};
use crate::import::wxr::names::{ElementName, Namespace};
use crate::import::wxr::text::shortened;

/// A pull reader of records. Its memory does not grow with the file.
pub struct WxrReader<R> {
    fields: FieldReader<R>,
    stage: WxrReaderStage,
}

/// How far the reader is.
enum WxrReaderStage {
    /// Nothing is read.
    Start,
    /// In the channel, after its head. A child may be open already: the one that ended the head.
    Body(Option<ElementName>),
    /// At the end of the file.
    End,
    /// The file is refused.
    Failed(WxrError),
}

impl<R: Read> WxrReader<R> {
    /// Reads from the start of a file. It does its own buffering.
    pub fn new(inner: R) -> Self {
        Self {
            fields: FieldReader::new(inner),
            stage: WxrReaderStage::Start,
        }
    }

    /// The next record; none at the end of the file, which is then known to be sound to its last byte.
    ///
    /// # Errors
    /// What is wrong with the file. The error is final: asked again, the reader repeats it.
    pub fn next_record(&mut self) -> WxrResult<Option<WxrRecord>> {
        self.advance()
            .inspect_err(|error| self.stage = WxrReaderStage::Failed(error.clone()))
    }

    /// How much of the file is read, for a progress bar.
    pub fn bytes_read(&self) -> u64 {
        self.fields.xml.bytes_read()
    }

    /// What was read so far although XML forbids it.
    pub fn mendings(&self) -> &Mendings {
        self.fields.xml.mendings()
    }

    #[cfg(test)]
    pub(super) fn event_capacity(&self) -> usize {
        self.fields.xml.event_capacity()
    }

    fn advance(&mut self) -> WxrResult<Option<WxrRecord>> {
        self.fields.begin_record();
        match mem::replace(&mut self.stage, WxrReaderStage::End) {
            WxrReaderStage::Start => {
                self.enter_channel()?;
                self.head().map(Some)
            }
            WxrReaderStage::Body(child) => match self.body(child)? {
                Some(record) => {
                    self.stage = WxrReaderStage::Body(None);
                    Ok(Some(record))
                }
                None => self.leave_channel().map(|()| None),
            },
            WxrReaderStage::End => Ok(None),
            WxrReaderStage::Failed(error) => Err(error),
        }
    }

    fn enter_channel(&mut self) -> WxrResult<()> {
        let mut name = ElementName::default();
        self.fields.xml.child(&mut name)?;
        if name.key() != (Namespace::Rss, "rss") {
            let found = shortened(&name.local);
            return Err(self.fields.xml.error(format!(
                "The file is not a WordPress export: it is <{found}>, not <rss>."
            )));
        }
        while self.fields.xml.child(&mut name)? {
            if name.key() == (Namespace::Rss, "channel") {
                return Ok(());
            }
            self.fields.xml.skip()?;
        }
        Err(self
            .fields
            .xml
            .error("The file is not a WordPress export: it has no <channel>."))
    }

    /// Reads to the end of the file.
    fn leave_channel(&mut self) -> WxrResult<()> {
        let mut name = ElementName::default();
        while self.fields.xml.child(&mut name)? {
            if name.key() == (Namespace::Rss, "channel") {
                return Err(self.fields.xml.error("The file has a second <channel>."));
            }
            self.fields.xml.skip()?;
        }
        while self.fields.xml.child(&mut name)? {}
        Ok(())
    }

    /// Reads what is about the site, up to the start of something else.
    fn head(&mut self) -> WxrResult<WxrRecord> {
        let mut site = WxrSite::default();
        let mut name = ElementName::default();
        let mut first = None;
        while self.fields.xml.child(&mut name)? {
            if is_record(&name) {
                first = Some(name);
                break;
            }
            self.site_field(&mut site, &name)?;
        }
        if site.version.is_empty() {
            let message = "The file is not a WordPress export: no wxr_version stands at the head of its channel.";
            return Err(self.fields.xml.error(message));
        }
        // Without a record the channel is closed already.
        match first {
            Some(name) => self.stage = WxrReaderStage::Body(Some(name)),
            None => self.leave_channel()?,
        }
        Ok(WxrRecord::Site(site))
    }

    fn site_field(&mut self, site: &mut WxrSite, name: &ElementName) -> WxrResult<()> {
        match name.key() {
            (Namespace::Rss, "title") => site.title = self.fields.short()?,
            (Namespace::Rss, "link") => site.link = self.fields.short()?,
            (Namespace::Rss, "description") => site.description = self.fields.short()?,
            (Namespace::Rss, "language") => site.language = self.fields.short()?,
            (Namespace::Wp, "base_site_url") => site.base_site_url = self.fields.short()?,
            (Namespace::Wp, "base_blog_url") => site.base_blog_url = self.fields.short()?,
            (Namespace::Wp, "wxr_version") => site.version = self.version()?,
            _ => self.fields.xml.skip()?,
        }
        Ok(())
    }

    fn version(&mut self) -> WxrResult<String> {
        let line = self.fields.xml.line();
        let version = self.fields.short()?;
        match version.as_str() {
            "1.0" | "1.1" | "1.2" => Ok(version),
            other => Err(WxrError::new(line, unknown_version(other))),
        }
    }

    /// The next record of the channel, none at its end.
    fn body(&mut self, child: Option<ElementName>) -> WxrResult<Option<WxrRecord>> {
        let mut is_open = child.is_some();
        let mut name = child.unwrap_or_default();
        while is_open || self.fields.xml.child(&mut name)? {
            is_open = false;
            match name.key() {
                (Namespace::Wp, "author") => {
                    if let Some(author) = self.fields.author()? {
                        return Ok(Some(WxrRecord::Author(author)));
                    }
                }
                (Namespace::Wp, "category") => {
                    return self
                        .fields
                        .category()
                        .map(|category| Some(WxrRecord::Category(category)));
                }
                (Namespace::Wp, "tag") => return self.fields.tag().map(|tag| Some(WxrRecord::Tag(tag))),
                (Namespace::Wp, "term") => return self.fields.term().map(|term| Some(WxrRecord::Term(term))),
                (Namespace::Rss, "item") => {
                    return self.fields.item().map(|item| Some(WxrRecord::Item(Box::new(item))));
                }
                _ => self.fields.xml.skip()?,
            }
        }
        Ok(None)
    }
}

/// Whether a child of the channel is a record, and so ends the head.
fn is_record(name: &ElementName) -> bool {
    matches!(
        name.key(),
        (Namespace::Wp, "author" | "category" | "tag" | "term") | (Namespace::Rss, "item")
    )
}
