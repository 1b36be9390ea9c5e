//! What text is here: NFC, without control characters, and plain text without markup or references.
//!
//! - [`plain`] has the rules of plain text, for all code that reads it;
//! - [`entities`] decodes character references;
//! - [`french`] sets a French text as typesetters do;
//! - [`mojibake`] finds text that was read in the wrong encoding, and repairs it;
//! - [`xml`] writes XML;
//! - [`warnings`] looks through a JSON value for text that is not as it should be.

pub mod entities;
pub mod french;
mod glyphs;
pub mod mojibake;
pub mod plain;
pub mod warnings;
pub mod xml;
