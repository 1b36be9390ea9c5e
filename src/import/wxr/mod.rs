//! WordPress eXtended RSS (WXR), the file that WordPress' *Tools → Export* writes: read as a stream, in flat memory.
//!
//! An import reads the file twice with a [`WxrReader`]. The first pass takes every [`WxrRecord`] and keeps none: any
//! error in the file comes out as a [`WxrError`], a line and a sentence, before anything is written. The second pass
//! writes.
//!
//! From the bytes up, each part trusting the one below:
//! - `counted_bytes` looks at the start of the file, counts lines and stops an endless event;
//! - `text` decodes references and gathers text; `names` tells namespaces apart;
//! - `xml` reads elements and text with quick-xml, and checks what quick-xml lets pass and an import must not;
//! - `mending` knows what may be against XML's rules;
//! - `fields` reads the values of elements, `records` makes records ([`model`]) from these, `reader` hands them out;
//! - [`limits`] says how large everything may be.
//!
//! What the format leaves open is decided so:
//! - **Control characters** that XML forbids (U+0001 to U+001F but tab and line ends, U+FFFE, U+FFFF) do get into real
//!   exports, pasted into a post from a word processor. They mean nothing to a reader, and a single one must not cost a
//!   newsroom its archive: they are dropped. U+0000 is always an error: it shows a damaged file or one in UTF-16.
//! - **Entities**: the five of XML and numeric references. A DOCTYPE is refused, with or without declarations, as
//!   WordPress itself refuses it. `&nbsp;` and the other names of HTML are read as their characters, for plugins filter
//!   titles on their way into the file; an ampersand that begins no reference is text.
//! - **Blank lines** that PHP writes before the XML declaration, and byte order marks there, are passed over.
//! - All this is counted: [`WxrReader::mendings`].
//! - **Namespaces** count, not prefixes. An undeclared prefix is ignored with its element, for plugins write their
//!   feed's elements into the channel without declaring them; but `wp`, `content`, `excerpt` and `dc` must be declared.
//! - **Personal data**: IP addresses, post passwords and authors' e-mail addresses are read past and kept in no record.
//!   The address of who wrote a comment is kept to be hashed, and never shown.

mod counted_bytes;
pub(crate) mod error;
pub(crate) mod fields;
pub mod limits;
pub(crate) mod mending;
pub mod model;
pub(crate) mod names;
mod reader;
mod records;
mod text;
pub(crate) mod xml;

#[cfg(test)]
mod tests;

pub use error::WxrError;
pub use mending::{MendedPlaces, Mendings};
pub use model::{
    Email, WxrAuthor, WxrCategory, WxrComment, WxrDate, WxrItem, WxrRecord, WxrSite, WxrTag, WxrTerm, WxrTermRef,
};
pub use reader::WxrReader;
