//! Languages: their tags, labels in several languages, and the language that a reader asks for.

use std::collections::BTreeMap;

use crate::base::http::query_type::{ParamReader, parsed_param, text_param};
use crate::base::http::value_reader::{ValueReader, line, map, parsed};
use crate::base::limits;
use crate::query_type;

/// Reads a language tag such as `fr` or `pt-BR` (RFC 5646, as far as sites use it).
pub fn locale() -> impl ValueReader<Value = String> {
    parsed(limits::LOCALE, "a language tag such as fr", parse_locale)
}

/// Reads a language tag from a query.
pub fn locale_param() -> impl ParamReader<Value = String> {
    parsed_param(limits::LOCALE, "a language tag such as fr", parse_locale)
}

/// Parses a language tag.
pub fn parse_locale(text: &str) -> Option<String> {
    let mut parts = text.split('-');
    let language = parts.next().filter(|part| (2..=3).contains(&part.len()))?;
    let sound = language.bytes().all(|byte| byte.is_ascii_lowercase())
        && parts.all(|part| (2..=4).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    sound.then(|| text.to_owned())
}

/// Reads labels by language.
pub fn labels() -> impl ValueReader<Value = BTreeMap<String, String>> {
    let locale = |locale: &str| parse_locale(locale).is_some();
    map(
        limits::LOCALES,
        "a language tag such as fr",
        locale,
        line(limits::LABEL),
    )
}

query_type! {
    /// In which language.
    #[derive(Debug)]
    pub struct LocaleQuery {
        /// The language of labels and paths: one of the site's. The site's first where it is not given.
        pub locale: String = optional(text_param(limits::LOCALE)),
    }
}
