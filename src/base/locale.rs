//! Languages: their tags, labels in several of them, and the one that a reader asks for.

use std::collections::BTreeMap;

use serde_json::Value;
use utoipa::IntoParams;

use crate::base::error::{FieldCode, Result};
use crate::base::http::fields::{At, line, parsed};
use crate::base::http::query::{FromQuery, Query};
use crate::base::limits;

/// Reads a language tag such as `fr` or `pt-BR` (RFC 5646, as far as sites use it).
pub fn read_locale(at: &mut At<'_>, value: Value) -> Option<String> {
    parsed(12, "a language tag such as fr", parse_locale)(at, value)
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
pub fn read_labels(at: &mut At<'_>, value: Value) -> Option<BTreeMap<String, String>> {
    let Value::Object(members) = value else {
        return at.expected(FieldCode::WrongType, "an object");
    };
    if members.len() > limits::LOCALES {
        return at.over(FieldCode::TooMany, limits::LOCALES);
    }
    let mut labels = BTreeMap::new();
    for (locale, label) in members {
        let mut place = at.child(&locale);
        if parse_locale(&locale).is_none() {
            let _: Option<()> = place.expected(FieldCode::InvalidFormat, "a language tag such as fr");
        } else if let Some(label) = line(limits::LABEL)(&mut place, label) {
            labels.insert(locale, label);
        }
    }
    Some(labels)
}

/// In which language.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct LocaleQuery {
    /// The language of labels and paths: one of the site's. The site's first where it is not given.
    #[param(max_length = 12)]
    pub locale: Option<String>,
}

impl FromQuery for LocaleQuery {
    const NAMES: &'static [&'static str] = &["locale"];

    fn read(query: &Query) -> Result<Self> {
        Ok(Self {
            locale: query.one("locale")?.map(str::to_owned),
        })
    }
}
