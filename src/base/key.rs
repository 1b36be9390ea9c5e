//! Keys: short names by which front ends know things of the site. They never change.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::base::http::value_reader::{ValueReader, parsed_component};
use crate::base::ids::FromSegment;
use crate::base::limits;

/// A name of `a-z`, `0-9`, `_` and `-`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Key(String);

impl Key {
    /// Reads a key.
    pub fn parse(text: &str) -> Option<Self> {
        let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'-');
        let sound = (1..=limits::BLOCK_ID).contains(&text.len()) && text.bytes().all(fits);
        sound.then(|| Self(text.to_owned()))
    }

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromSegment for Key {
    fn from_segment(segment: &str) -> Option<Self> {
        Self::parse(segment)
    }
}

impl utoipa::PartialSchema for Key {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        use utoipa::openapi::schema::{ObjectBuilder, Type};
        ObjectBuilder::new()
            .schema_type(Type::String)
            .min_length(Some(1))
            .max_length(Some(limits::BLOCK_ID))
            .pattern(Some("^[a-z0-9_-]+$"))
            .description(Some("A short name: 1 to 40 lower-case letters, digits, `_` or `-`."))
            .build()
            .into()
    }
}
impl utoipa::ToSchema for Key {}

/// Reads a key from a body.
pub fn key() -> impl ValueReader<Value = Key> {
    let expected = "1 to 40 lower-case letters, digits, _ or -";
    parsed_component(limits::TOKEN, expected, Key::parse)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_1_to_40_of_its_characters() {
        for text in ["a", "7", "_", "-", "une_de-2", &"a".repeat(40)] {
            assert_eq!(Key::parse(text).unwrap().as_str(), text);
        }
        for text in ["", "A", "é", "a b", "a.b", &"a".repeat(41)] {
            assert_eq!(Key::parse(text), None, "{text}");
        }
    }
}
