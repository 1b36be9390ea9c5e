//! The attributes of a start tag, read strictly: quick-xml would accept `a="1"b="2"` and `a="<"`.

use super::limits::{MAX_ATTRIBUTES, MAX_TAG_BYTES, size};
use super::text::{attribute_value, is_space};
use crate::import::wxr::names::is_xml_name;
use crate::import::wxr::text::shortened;

/// Attributes by their name as written, prefix included.
#[derive(Default)]
pub(super) struct Attributes(Vec<(String, String)>);

impl Attributes {
    /// Reads what follows the element's name in a tag.
    pub(super) fn parse(raw: &str) -> Result<Self, String> {
        if raw.len() > MAX_TAG_BYTES {
            return Err(format!("The tag is larger than {}.", size(MAX_TAG_BYTES)));
        }
        let mut attributes = Self::default();
        let mut rest = raw;
        while let Some((name, value, after)) = next(rest)? {
            attributes.add(name, value)?;
            rest = after;
        }
        Ok(attributes)
    }

    fn add(&mut self, name: &str, raw_value: &str) -> Result<(), String> {
        if self.get(name).is_some() {
            return Err(format!("The attribute {} is given twice.", shortened(name)));
        }
        if self.0.len() == MAX_ATTRIBUTES {
            return Err(format!("The tag has more than {MAX_ATTRIBUTES} attributes."));
        }
        self.0.push((name.to_owned(), attribute_value(raw_value)?));
        Ok(())
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// Name and raw value of the first attribute, and what follows it.
fn next(rest: &str) -> Result<Option<(&str, &str, &str)>, String> {
    let start = rest.trim_start_matches(is_space);
    if start.is_empty() {
        return Ok(None);
    }
    if start.len() == rest.len() {
        return Err(format!("A space is missing before {}.", shortened(start)));
    }
    let (name, after) = start
        .split_once('=')
        .ok_or_else(|| format!("{} has no value.", shortened(start)))?;
    let name = name.trim_end_matches(is_space);
    if !is_xml_name(name) {
        return Err(format!("{} is no name of an attribute.", shortened(name)));
    }
    let after = after.trim_start_matches(is_space);
    let quoted = after.strip_prefix('"').map(|text| text.split_once('"'));
    let quoted = quoted.or_else(|| after.strip_prefix('\'').map(|text| text.split_once('\'')));
    let Some(Some((value, after))) = quoted else {
        return Err(format!("The value of {} is not between quotes.", shortened(name)));
    };
    if value.contains('<') {
        return Err(format!("The value of {} holds a <.", shortened(name)));
    }
    Ok(Some((name, value, after)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_read() {
        let attributes = Attributes::parse(" a=\"1\"\n b = 'é \"&amp;' ").unwrap();
        assert_eq!(attributes.iter().collect::<Vec<_>>(), [("a", "1"), ("b", "é \"&")]);
        assert_eq!(attributes.get("c"), None);
    }

    #[test]
    fn bad_attributes_are_refused() {
        for bad in [
            " a",
            " a=1",
            " a=\"1\"b=\"2\"",
            " a='1' a='2'",
            " a=\"<\"",
            " 1='2'",
            " a='1",
            " a='&x;'",
            " =''",
        ] {
            assert!(Attributes::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn attributes_are_limited() {
        let many = |count: usize| (0..count).map(|i| format!(" a{i}=''")).collect::<String>();
        assert!(Attributes::parse(&many(MAX_ATTRIBUTES)).is_ok());
        assert!(Attributes::parse(&many(MAX_ATTRIBUTES + 1)).is_err());
        assert!(Attributes::parse(&format!(" a='{}'", "x".repeat(MAX_TAG_BYTES))).is_err());
    }
}
