//! How large the parts of an export may be. A file beyond a limit is refused, naming the limit and the line; together
//! they bound the memory of a reader whatever the file: the record at hand is at most [`MAX_ITEM_BYTES`], the event at
//! hand [`MAX_EVENT_BYTES`], and growing strings and vectors may hold up to twice what is in them.

/// One mebibyte.
const MIB: usize = 1024 * 1024;

/// Bytes read at once.
pub const CHUNK_BYTES: usize = 64 * 1024;

/// Elements within elements. WordPress nests six.
pub const MAX_DEPTH: usize = 32;

/// The content of one item.
pub const MAX_CONTENT_BYTES: usize = 16 * MIB;

/// Any other text that is kept: a title, an excerpt, a description, a comment.
pub const MAX_TEXT_BYTES: usize = MIB;

/// The value of a kept custom field. Other custom fields are skipped whatever their size.
pub const MAX_META_BYTES: usize = 64 * 1024;

/// One tag, comment, CDATA section or run of text, kept or not: quick-xml holds it in memory whole. A little more than
/// [`MAX_CONTENT_BYTES`], so that the largest content fits with its CDATA marks.
pub const MAX_EVENT_BYTES: usize = MAX_CONTENT_BYTES + 1024;

/// One start tag with its attributes.
pub const MAX_TAG_BYTES: usize = 64 * 1024;

/// Attributes of one element.
pub const MAX_ATTRIBUTES: usize = 64;

/// Namespaces declared by an element and those around it.
pub const MAX_NAMESPACES: usize = 64;

/// Comments of one item.
pub const MAX_COMMENTS: usize = 100_000;

/// Everything that is kept of one item, its comments included.
pub const MAX_ITEM_BYTES: usize = 64 * MIB;

/// A limit as people write it: `16 MiB`, `64 KiB`.
pub(crate) fn size(bytes: usize) -> String {
    if bytes >= MIB {
        format!("{} MiB", bytes / MIB)
    } else {
        format!("{} KiB", bytes / 1024)
    }
}
