//! The file that Disqus' export writes, read as a stream by the XML reader of [`super::wxr`], in flat memory and within
//! its limits. First come threads, one for each page, then posts, which name their thread and what they answer.

use std::io::Read;

use chrono::DateTime;

use super::wxr::limits::MAX_TEXT_BYTES;
use super::wxr::{Email, Mendings, WxrError as ExportError};
use crate::base::clock::Time;
use crate::import::wxr::error::WxrResult;
use crate::import::wxr::fields::FieldReader;
use crate::import::wxr::names::ElementName;

/// What is wrong with a file, and on which line.
pub type DisqusError = ExportError;

/// A page that was commented on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DisqusThread {
    /// Its number.
    pub number: String,
    /// What the site called it; WordPress' plugin writes the post's number and its address.
    pub identifier: String,
    /// Its address.
    pub link: String,
    /// Whether nobody may write below it any more.
    pub is_closed: bool,
}

/// A comment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DisqusPost {
    /// Its number.
    pub number: String,
    /// The number of its thread.
    pub thread: String,
    /// The number of the post that it answers; empty for none.
    pub parent: String,
    /// HTML.
    pub message: String,
    /// The name its author gave.
    pub author: String,
    /// The e-mail address of its author; empty where the file has none.
    pub email: Email,
    /// When it was written.
    pub created_at: Option<Time>,
    /// Whether it was taken back, or taken down.
    pub is_deleted: bool,
    /// Whether it was found to be spam.
    pub is_spam: bool,
}

/// A record of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DisqusRecord {
    /// A page.
    Thread(DisqusThread),
    /// A comment.
    Post(DisqusPost),
    /// A page or a comment that cannot be used, and why.
    Unusable(UnusableRecord),
}

/// A page or a comment that cannot be used: it is read past, and the rest of the file is read all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnusableRecord {
    /// What it is: `thread` or `post`.
    pub what: &'static str,
    /// The line where it begins.
    pub line: u64,
    /// What is wrong with it.
    pub why: &'static str,
}

/// A pull reader of records. Its memory does not grow with the file.
pub struct DisqusReader<R> {
    fields: FieldReader<R>,
    is_open: bool,
}

impl<R: Read> DisqusReader<R> {
    /// Reads from the start of a file. It does its own buffering.
    pub fn new(inner: R) -> Self {
        Self {
            fields: FieldReader::new(inner),
            is_open: false,
        }
    }

    /// How much of the file is read, for a progress bar.
    pub fn bytes_read(&self) -> u64 {
        self.fields.xml.bytes_read()
    }

    /// What was read so far although XML forbids it.
    pub fn mendings(&self) -> &Mendings {
        self.fields.xml.mendings()
    }

    /// The next record; none at the end of the file, which is then known to be sound to its last byte.
    ///
    /// # Errors
    /// What is wrong with the file.
    pub fn next_record(&mut self) -> WxrResult<Option<DisqusRecord>> {
        self.fields.begin_record();
        let mut name = ElementName::default();
        if !self.is_open {
            self.fields.xml.child(&mut name)?;
            if name.local != "disqus" {
                return Err(self
                    .fields
                    .xml
                    .error("The file is not a Disqus export: it does not begin with <disqus>."));
            }
            self.is_open = true;
        }
        while self.fields.xml.child(&mut name)? {
            match name.local.as_str() {
                "thread" => return self.thread().map(Some),
                "post" => return self.post().map(Some),
                _ => self.fields.xml.skip()?,
            }
        }
        // After the root nothing may follow.
        while self.fields.xml.child(&mut name)? {}
        Ok(None)
    }

    fn number(&self) -> String {
        self.fields.xml.attribute("dsq:id").trim().to_owned()
    }

    fn thread(&mut self) -> WxrResult<DisqusRecord> {
        let (number, line) = (self.number(), self.fields.xml.line());
        let mut thread = DisqusThread {
            number,
            ..DisqusThread::default()
        };
        let mut name = ElementName::default();
        while self.fields.xml.child(&mut name)? {
            match name.local.as_str() {
                "id" => thread.identifier = self.fields.short()?,
                "link" => thread.link = self.fields.short()?,
                "isClosed" => thread.is_closed = self.fields.short()? == "true",
                _ => self.fields.xml.skip()?,
            }
        }
        if !is_number(&thread.number) {
            return Ok(unusable("thread", line, NO_NUMBER));
        }
        Ok(DisqusRecord::Thread(thread))
    }

    fn post(&mut self) -> WxrResult<DisqusRecord> {
        let (number, line) = (self.number(), self.fields.xml.line());
        let mut has_wrong_date = false;
        let mut post = DisqusPost {
            number,
            ..DisqusPost::default()
        };
        let mut name = ElementName::default();
        while self.fields.xml.child(&mut name)? {
            match name.local.as_str() {
                "message" => post.message = self.fields.kept(MAX_TEXT_BYTES)?,
                "createdAt" => {
                    let moment = DateTime::parse_from_rfc3339(&self.fields.short()?);
                    has_wrong_date = moment.is_err();
                    post.created_at = moment
                        .ok()
                        .and_then(|moment| Time::from_millis(moment.timestamp_millis()));
                }
                "isDeleted" => post.is_deleted = self.fields.short()? == "true",
                "isSpam" => post.is_spam = self.fields.short()? == "true",
                "author" => self.author(&mut post)?,
                "thread" => {
                    post.thread = self.number();
                    self.fields.xml.skip()?;
                }
                "parent" => {
                    post.parent = self.number();
                    self.fields.xml.skip()?;
                }
                _ => self.fields.xml.skip()?,
            }
        }
        Ok(match (is_number(&post.number), has_wrong_date) {
            (false, _) => unusable("post", line, NO_NUMBER),
            (true, true) => unusable("post", line, "its createdAt is no date as 2024-12-31T23:59:59Z"),
            (true, false) => DisqusRecord::Post(post),
        })
    }

    fn author(&mut self, post: &mut DisqusPost) -> WxrResult<()> {
        let mut name = ElementName::default();
        while self.fields.xml.child(&mut name)? {
            match name.local.as_str() {
                "name" => post.author = self.fields.short()?,
                "email" => post.email = Email(self.fields.short()?),
                _ => self.fields.xml.skip()?,
            }
        }
        Ok(())
    }
}

const NO_NUMBER: &str = "it has no dsq:id";

fn is_number(text: &str) -> bool {
    (1..=100).contains(&text.len())
}

fn unusable(what: &'static str, line: u64, why: &'static str) -> DisqusRecord {
    DisqusRecord::Unusable(UnusableRecord { what, line, why })
}
