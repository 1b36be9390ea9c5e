//! The values of elements: texts, numbers, dates, within the memory one record may have.

use std::io::Read;

use chrono::NaiveDateTime;

use super::error::WxrError;
use super::limits::{MAX_ITEM_BYTES, MAX_TEXT_BYTES, size};
use super::text::is_space;
use crate::import::wxr::error::WxrResult;
use crate::import::wxr::text::shortened;
use crate::import::wxr::xml::XmlReader;

/// A document whose current element is read for its value.
pub(crate) struct FieldReader<R> {
    pub(crate) xml: XmlReader<R>,
    /// What may still be kept of the current record.
    bytes_left: usize,
}

impl<R: Read> FieldReader<R> {
    pub(crate) fn new(inner: R) -> Self {
        Self {
            xml: XmlReader::new(inner),
            bytes_left: MAX_ITEM_BYTES,
        }
    }

    /// Another record begins, with a full allowance of memory.
    pub(crate) fn begin_record(&mut self) {
        self.bytes_left = MAX_ITEM_BYTES;
    }

    /// The current element's text without the white space around it.
    pub(crate) fn short(&mut self) -> WxrResult<String> {
        self.kept(MAX_TEXT_BYTES).map(trim)
    }

    /// The current element's text.
    pub(crate) fn kept(&mut self, limit: usize) -> WxrResult<String> {
        let text = self.xml.text(limit)?;
        self.keep(text.len())?;
        Ok(text)
    }

    /// Takes bytes from what the current record may use.
    pub(crate) fn keep(&mut self, bytes: usize) -> WxrResult<()> {
        let too_large = || {
            self.xml.error(format!(
                "The record that is read here is larger than {}.",
                size(MAX_ITEM_BYTES)
            ))
        };
        self.bytes_left = self.bytes_left.checked_sub(bytes).ok_or_else(too_large)?;
        Ok(())
    }

    /// The current element's number; none when it is empty.
    pub(crate) fn number(&mut self) -> WxrResult<Option<i64>> {
        let line = self.xml.line();
        let text = self.short()?;
        if text.is_empty() {
            return Ok(None);
        }
        let wrong = || {
            format!(
                "<{}> is \"{}\", which is not a number.",
                self.xml.element(),
                shortened(&text)
            )
        };
        text.parse().map(Some).map_err(|_| WxrError::new(line, wrong()))
    }

    /// The current element's number, which names something.
    pub(crate) fn id(&mut self) -> WxrResult<i64> {
        let line = self.xml.line();
        let id = self.number()?.filter(|id| *id > 0);
        id.ok_or_else(|| WxrError::new(line, format!("<{}> is not a number above 0.", self.xml.element())))
    }

    /// The current element's date. WordPress writes "no date" as year 0, and some databases turned that into year -1.
    pub(crate) fn date(&mut self) -> WxrResult<Option<NaiveDateTime>> {
        let line = self.xml.line();
        let text = self.short()?;
        if text.is_empty() || text.starts_with("0000-") || text.starts_with('-') {
            return Ok(None);
        }
        let date = NaiveDateTime::parse_from_str(&text, "%Y-%m-%d %H:%M:%S");
        let wrong = || {
            format!(
                "<{}> is \"{}\", not a date as 2024-12-31 23:59:59.",
                self.xml.element(),
                shortened(&text)
            )
        };
        date.map(Some).map_err(|_| WxrError::new(line, wrong()))
    }
}

pub(crate) fn trimmed(text: &str) -> &str {
    text.trim_matches(is_space)
}

/// Trims a text without copying one that has nothing to trim.
pub(crate) fn trim(text: String) -> String {
    let trimmed = trimmed(&text);
    if trimmed.len() == text.len() {
        text
    } else {
        trimmed.to_owned()
    }
}
