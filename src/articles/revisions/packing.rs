//! Contents of revisions as they are kept: packed. There are several of each article, and they are read seldom: never for
//! readers.
//!
//! A content is about two kilobytes of JSON, too short to pack well alone: most of what repeats are the names of its
//! members. So zstd is given them beforehand. What has been packed with them must be read for ever: the first byte says
//! with which.

use std::cell::RefCell;

use zstd::bulk::{Compressor, Decompressor};
use zstd::zstd_safe::CParameter;

use crate::base::error::{Error, Result};

/// The form that is written: with [`DICTIONARY`].
const FORM: u8 = 1;
/// Bytes before what zstd wrote: the form, and how many bytes the content has.
const HEAD: usize = 5;
/// Bytes of content at most that are packed and unpacked: far more than a request may send.
const LONGEST: usize = 64 << 20;
/// How hard it is tried: more takes longer and saves little.
const LEVEL: i32 = 3;
/// Kilobytes, as a power of two, in which repetitions are looked for.
const WINDOW: u32 = 17;
/// Entries of what is remembered meanwhile, as a power of two: texts are short, and each thread keeps its own.
const TABLE: u32 = 14;

/// What contents are made of, the most frequent last.
const DICTIONARY: &str = concat!(
    r#"{"type":"gallery","id":"b","images":[{"url":"https://","alt":"","caption":"","credit":"","width":null,"#,
    r#""height":null}]},{"type":"embed","id":"b","provider":"youtube","url":"https://www."},{"type":"article","id":"b","#,
    r#""article_id":"},{"type":"ad_slot","id":"b","slot":"inline-1"},{"type":"list","id":"b","is_ordered":false,"#,
    r#""items":["},{"type":"image","id":"b","image":{"url":"https://"},{"type":"article","title":"","kicker":null,"#,
    r#""standfirst":null,"slug":null,"section_id":"0","secondary_section_ids":[],"tag_ids":["0"],"contributors":"#,
    r#"[{"contributor_id":"0","role":null}],"related_article_ids":[],"image":null,"blocks":[{"type":"heading","id":"b","#,
    r#""level":2,"text":"","anchor":null},{"type":"quote","id":"b","html":"","attribution":null},{"type":"paragraph","#,
    r#""id":"b","html":"<a href=\"https://www.\"></a><strong></strong><em></em>"}],"source":null,"access":"free","seo":"#,
    r#"{"title":null,"description":null,"no_index":false},"is_featured":false,"breaking_until":null,"is_ad_free":false,"#,
    r#""is_sensitive":false,"comment_policy":null}"#
);

thread_local! {
    static COMPRESSOR: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
    static DECOMPRESSOR: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
}

/// A content as it is kept.
#[derive(Clone, Debug)]
pub struct PackedContent {
    pub(super) bytes: Vec<u8>,
    /// Bytes of the content.
    pub(super) size: i32,
}

impl PackedContent {
    /// Packs a content's JSON.
    ///
    /// # Errors
    /// 500 when it is longer than what is unpacked again, or there is no memory for it.
    pub fn of(json: &str) -> Result<Self> {
        if json.len() > LONGEST {
            return Err(Error::internal("a content is too long to be kept"));
        }
        let length = u32::try_from(json.len()).map_err(Error::internal)?;
        let packed = COMPRESSOR.with_borrow_mut(|compressor| -> std::io::Result<Vec<u8>> {
            let compressor = match compressor {
                Some(compressor) => compressor,
                empty => empty.insert(new_compressor()?),
            };
            compressor.compress(json.as_bytes())
        });
        let packed = packed.map_err(Error::internal)?;
        let mut bytes = Vec::with_capacity(HEAD + packed.len());
        bytes.push(FORM);
        bytes.extend(length.to_le_bytes());
        bytes.extend(packed);
        Ok(Self {
            bytes,
            size: i32::try_from(length).unwrap_or(i32::MAX),
        })
    }
}

fn new_compressor() -> std::io::Result<Compressor<'static>> {
    let mut compressor = Compressor::with_dictionary(LEVEL, DICTIONARY.as_bytes())?;
    compressor.set_parameter(CParameter::WindowLog(WINDOW))?;
    compressor.set_parameter(CParameter::HashLog(TABLE))?;
    compressor.set_parameter(CParameter::ChainLog(TABLE))?;
    Ok(compressor)
}

/// The JSON of a packed content.
///
/// # Errors
/// 500 when it is none.
pub fn unpack(bytes: &[u8]) -> Result<String> {
    let damaged = || Error::internal("a packed revision is damaged");
    let (head, packed) = bytes.split_at_checked(HEAD).ok_or_else(damaged)?;
    let [FORM, length @ ..] = head else {
        return Err(Error::internal(
            "a revision is packed in a form that this binary does not know",
        ));
    };
    let length = u32::from_le_bytes(length.try_into().map_err(Error::internal)?);
    let length = usize::try_from(length)
        .ok()
        .filter(|length| *length <= LONGEST)
        .ok_or_else(damaged)?;
    let json = DECOMPRESSOR.with_borrow_mut(|decompressor| -> std::io::Result<Vec<u8>> {
        let decompressor = match decompressor {
            Some(decompressor) => decompressor,
            empty => empty.insert(Decompressor::with_dictionary(DICTIONARY.as_bytes())?),
        };
        decompressor.decompress(packed, length)
    });
    let json = json.map_err(|_| damaged())?;
    String::from_utf8(json)
        .ok()
        .filter(|json| json.len() == length)
        .ok_or_else(damaged)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::articles::model::Content;
    use crate::base::secrets::sha256;

    proptest! {
        #[test]
        fn what_is_packed_comes_out_again(text in ".*") {
            prop_assert_eq!(unpack(&PackedContent::of(&text).unwrap().bytes).unwrap(), text);
        }

        #[test]
        fn damaged_bytes_are_an_error_and_no_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut known = vec![FORM];
            known.extend(&bytes);
            prop_assert!(unpack(&known).is_err() || bytes.starts_with(&[0, 0, 0, 0]));
        }
    }

    #[test]
    fn what_would_not_come_out_again_is_not_packed() {
        let longest = "a".repeat(LONGEST);
        assert!(unpack(&PackedContent::of(&longest).unwrap().bytes).unwrap() == longest);
        assert!(PackedContent::of(&(longest + "a")).is_err());
    }

    #[test]
    fn an_empty_content_takes_next_to_nothing() {
        let packed = PackedContent::of(&Content::empty().to_json().unwrap()).unwrap();
        assert!(packed.bytes.len() < 100, "{}", packed.bytes.len());
    }

    #[test]
    fn what_was_packed_by_the_first_release_is_read_for_ever() {
        // Whoever changes it gives the new one a form of its own and keeps this one to read by.
        assert_eq!(
            sha256(DICTIONARY.as_bytes()),
            "6AduXip674ZvXk_RTEsERF1tu3p5zCYkNEMdyhrVgTI"
        );
    }
}
