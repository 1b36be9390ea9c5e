//! The reader over whole documents.
//!
//! - `files`: WordPress' own test files;
//! - `records`: small documents, and what is read from them;
//! - `rules`: what is an export, what is well-formed, which characters are text;
//! - `limits`: large documents;
//! - `synthetic`: an export of any size.

mod files;
mod limits;
mod records;
mod rules;
mod synthetic;

use std::io::Read;

use super::*;

const NAMESPACES: &str = "xmlns:excerpt=\"http://wordpress.org/export/1.2/excerpt/\" \
    xmlns:content=\"http://purl.org/rss/1.0/modules/content/\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" \
    xmlns:wp=\"http://wordpress.org/export/1.2/\"";

fn read_all(input: impl Read) -> Result<Vec<WxrRecord>, WxrError> {
    let mut reader = WxrReader::new(input);
    let mut records = Vec::new();
    while let Some(record) = reader.next_record()? {
        records.push(record);
    }
    Ok(records)
}

/// A document whose channel holds the text, on line 2.
fn document(channel: &str) -> String {
    format!("<rss {NAMESPACES}><channel><wp:wxr_version>1.2</wp:wxr_version>\n{channel}</channel></rss>")
}

/// The one item with the text, which starts on line 2.
fn item(inside: &str) -> Result<WxrItem, WxrError> {
    let records = read_all(document(&format!("<item><wp:post_id>1</wp:post_id>{inside}</item>")).as_bytes())?;
    match records.into_iter().nth(1) {
        Some(WxrRecord::Item(item)) => Ok(*item),
        other => panic!("{other:?} is no item"),
    }
}

#[track_caller]
fn assert_refused(input: &[u8], line: u64, part: &str) {
    let error = read_all(input).unwrap_err();
    assert!(error.message.contains(part), "{error}");
    assert_eq!(error.line, line, "{error}");
}

#[track_caller]
fn assert_item_refused(inside: &str, line: u64, part: &str) {
    let error = item(inside).unwrap_err();
    assert!(error.message.contains(part), "{error}");
    assert_eq!(error.line, line, "{error}");
}

fn items(records: &[WxrRecord]) -> impl Iterator<Item = &WxrItem> {
    records.iter().filter_map(|record| match record {
        WxrRecord::Item(item) => Some(item.as_ref()),
        _ => None,
    })
}

fn kind(record: &WxrRecord) -> &'static str {
    match record {
        WxrRecord::Site(_) => "site",
        WxrRecord::Author(_) => "author",
        WxrRecord::Category(_) => "category",
        WxrRecord::Tag(_) => "tag",
        WxrRecord::Term(_) => "term",
        WxrRecord::Item(_) => "item",
    }
}
