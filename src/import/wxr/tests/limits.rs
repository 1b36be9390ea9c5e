//! Large documents: every limit, and memory.

use std::time::Instant;
use std::{fs, io};

use super::synthetic::{COMMENTS, Synthetic};
use super::*;
use crate::import::wxr::limits::*;

/// An item around so many bytes of `x` between two texts.
fn large(before: &str, bytes: usize, after: &str) -> impl Read {
    let (head, tail) = document("<item><wp:post_id>1</wp:post_id>\n|</item>")
        .split_once('|')
        .map(|(head, tail)| (head.to_owned() + before, after.to_owned() + tail))
        .unwrap();
    io::Cursor::new(head)
        .chain(io::repeat(b'x').take(bytes as u64))
        .chain(io::Cursor::new(tail))
}

#[track_caller]
fn assert_large_refused(before: &str, bytes: usize, after: &str, part: &str) {
    let error = read_all(large(before, bytes, after)).unwrap_err();
    assert!(error.message.contains(part), "{error}");
    assert_eq!(error.line, 3, "{before}: {error}");
}

#[test]
fn texts_are_limited() {
    let content = ("<content:encoded><![CDATA[", "]]></content:encoded>");
    assert!(read_all(large(content.0, MAX_CONTENT_BYTES, content.1)).is_ok());
    assert_large_refused(
        content.0,
        MAX_CONTENT_BYTES + 1,
        content.1,
        "<encoded> is larger than 16 MiB",
    );
    let title = ("<title>", "</title>");
    assert!(read_all(large(title.0, MAX_TEXT_BYTES, title.1)).is_ok());
    assert_large_refused(title.0, MAX_TEXT_BYTES + 1, title.1, "<title> is larger than 1 MiB");
    assert_large_refused(
        "<wp:post_name>&#233;",
        MAX_TEXT_BYTES - 1,
        "</wp:post_name>",
        "larger than 1 MiB",
    );
}

#[test]
fn events_are_limited() {
    for open in [
        "<![CDATA[",
        "<!--",
        "<?p ",
        "<a b='",
        "<a",
        "<a>",
        "&",
        "<!DOCTYPE a [",
        "</",
    ] {
        assert_large_refused(open, MAX_EVENT_BYTES * 2, "", "or is not closed");
    }
    assert_large_refused("<a b='", MAX_TAG_BYTES, "'/>", "The tag is larger than 64 KiB");
}

#[test]
fn custom_fields_are_limited_only_when_kept() {
    let meta = |key: &str| format!("<wp:postmeta><wp:meta_key>{key}</wp:meta_key><wp:meta_value><![CDATA[");
    let end = "]]></wp:meta_value></wp:postmeta>";
    assert!(read_all(large(&meta("_layout"), MAX_TEXT_BYTES * 4, end)).is_ok());
    assert_large_refused(
        &meta("_thumbnail_id"),
        MAX_META_BYTES + 1,
        end,
        "_thumbnail_id is larger than 64 KiB",
    );
}

#[test]
fn depth_is_limited() {
    // Two are open around the item, and the item.
    let nested = |depth: usize| "<a>".repeat(depth - 3) + &"</a>".repeat(depth - 3);
    assert!(item(&nested(MAX_DEPTH)).is_ok());
    assert_item_refused(&nested(MAX_DEPTH + 1), 2, "nested deeper than 32");
}

#[test]
fn namespaces_are_limited() {
    let many: String = (0..MAX_ATTRIBUTES).map(|i| format!(" xmlns:n{i}='u'")).collect();
    assert_item_refused(&format!("<a{many}/>"), 2, "More than 64 namespaces");
}

#[test]
fn attributes_are_limited() {
    let many = |count: usize| (0..count).map(|i| format!(" a{i}=''")).collect::<String>();
    assert!(item(&format!("<a{}/>", many(MAX_ATTRIBUTES))).is_ok());
    assert_item_refused(
        &format!("<a{}/>", many(MAX_ATTRIBUTES + 1)),
        2,
        "more than 64 attributes",
    );
}

#[test]
fn comments_are_limited() {
    let comments = |count| "<wp:comment><wp:comment_id>1</wp:comment_id></wp:comment>".repeat(count);
    assert_eq!(
        item(&comments(MAX_COMMENTS)).map(|item| item.comments.len()),
        Ok(MAX_COMMENTS)
    );
    assert_item_refused(&comments(MAX_COMMENTS + 1), 2, "more than 100000 comments");
}

#[test]
fn items_are_limited() {
    let comment = "<wp:comment><wp:comment_id>1</wp:comment_id><wp:comment_content>";
    let one = format!(
        "{comment}{}</wp:comment_content></wp:comment>",
        "x".repeat(MAX_TEXT_BYTES)
    );
    assert_item_refused(&one.repeat(MAX_ITEM_BYTES / MAX_TEXT_BYTES), 2, "larger than 64 MiB");
}

/// Reads a synthetic export of `WXR_TEST_MB` megabytes, given when compiling; for the figures of a large one:
/// `WXR_TEST_MB=300 cargo test --release --lib wxr::tests::limits::memory_is_flat -- --nocapture`.
#[test]
fn memory_is_flat() {
    let megabytes: u64 = option_env!("WXR_TEST_MB")
        .and_then(|text| text.parse().ok())
        .unwrap_or(16);
    let started = Instant::now();
    let mut source = Synthetic::new(megabytes * 1_000_000);
    let mut reader = WxrReader::new(&mut source);
    let (mut items, mut comments) = (0, 0);
    while let Some(record) = reader.next_record().unwrap() {
        if let WxrRecord::Item(item) = record {
            items += 1;
            comments += item.comments.len();
        }
    }
    let (seconds, bytes) = (started.elapsed().as_secs_f64(), reader.bytes_read());
    let event_capacity = reader.event_capacity();
    println!(
        "{items} items, {bytes} bytes, {:.0} MB/s, peak {}",
        bytes as f64 / 1e6 / seconds,
        peak_memory()
    );
    assert_eq!(comments, items as usize * COMMENTS);
    assert!(event_capacity < 64 * 1024, "{event_capacity}");
    assert!(bytes >= megabytes * 1_000_000);
    assert_eq!(items, source.items);
}

/// The most memory this process has had, where the system tells.
fn peak_memory() -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.map_or("unknown".to_owned(), |size| size.trim().to_owned())
}
