//! How paths and the places that redirects lead to are written: one form for each, so that two ways
//! to write a path are one path.
//!
//! The form of a path ([`key`]) has no query, no fragment and no closing slash. It is what people
//! read: `%C3%A9` is decoded to `é`, in NFC. Case stays as it is. Characters that would mean something
//! else, or nothing, stay encoded, in capitals: `%2F`, `%3F`, `%23`, `%25`, white space, quotes,
//! brackets, control characters, bytes that are no UTF-8.
//!
//! A place ([`site_key`]) is such a path, with a query and a fragment where it has some, or the URL of
//! another site. What a redirect is from ([`source`]) may have a query too: `/article.php3?id_article=123`.

use unicode_normalization::UnicodeNormalization;

use crate::base::limits;

/// The form of a path by which the table knows it.
pub fn key(text: &str) -> String {
    let path = normal(split(text).0, AddressPart::Path);
    match path.trim_end_matches('/') {
        "" => "/".to_owned(),
        path => path.to_owned(),
    }
}

/// A path as it was written, without query, fragment and closing slash.
pub fn cut(text: &str) -> &str {
    split(text).0.trim_end_matches('/')
}

/// The form of a place on the site: its path as [`key`] writes it, with its query and fragment.
pub fn place(text: &str) -> String {
    key(text) + &normal(split(text).1, AddressPart::Suffix)
}

/// The form of an address that a redirect is from: its path as [`key`] writes it, with its query.
pub fn source(text: &str) -> String {
    let place = place(text);
    let end = place.find('#').unwrap_or(place.len());
    let source = place.get(..end).unwrap_or_default();
    source.strip_suffix('?').unwrap_or(source).to_owned()
}

/// What stands for an address in the table, the most particular first: with its query, with those of its parameters
/// that no campaign added, and without any. Nothing for another site's.
pub fn sources(place: &str) -> Vec<String> {
    let Some(path) = site_key(place).map(key) else {
        return Vec::new();
    };
    let whole = source(place);
    let mut sources = vec![whole.clone()];
    if let Some((_, query)) = whole.split_once('?') {
        let own: Vec<&str> = query
            .split('&')
            .filter(|parameter| !is_of_a_campaign(parameter))
            .collect();
        let own = own.join("&");
        if own != query && !own.is_empty() {
            sources.push(format!("{path}?{own}"));
        }
        sources.push(path);
    }
    sources
}

fn is_of_a_campaign(parameter: &str) -> bool {
    let name = parameter.split('=').next().unwrap_or_default();
    name.starts_with("utm_") || matches!(name, "fbclid" | "gclid" | "mc_cid" | "mc_eid")
}

/// The path that a place is on; `None` for another site's.
pub fn site_key(place: &str) -> Option<&str> {
    place.starts_with('/').then(|| split(place).0)
}

/// Where a place leads once its path leads to `next`: there, with its own query and fragment, unless
/// `next` has some or is on another site.
pub fn onward(place: &str, next: &str) -> String {
    let suffix = split(place).1;
    let takes_it = site_key(next) == Some(next) && next.len() + suffix.len() <= limits::URL;
    if takes_it {
        format!("{next}{suffix}")
    } else {
        next.to_owned()
    }
}

fn split(place: &str) -> (&str, &str) {
    place.split_at(place.find(['?', '#']).unwrap_or(place.len()))
}

/// The parts of an address that are each written in a form of their own.
#[derive(Clone, Copy, PartialEq, Eq)]
enum AddressPart {
    Path,
    /// Query and fragment: what their escapes mean is not ours to say, so they stay.
    Suffix,
}

impl AddressPart {
    /// Whether a character is written as it is. In a path: pchar of RFC 3986 and the slash, and visible characters
    /// outside ASCII (RFC 3987).
    fn is_literal(self, c: char) -> bool {
        let is_plain = match self {
            Self::Path => c.is_ascii_alphanumeric() || "-._~!$&'()*+,;=:@/".contains(c),
            Self::Suffix => c.is_ascii_graphic() && !"\"<>\\^`{|}%".contains(c),
        };
        is_plain || !c.is_ascii() && !c.is_control() && !c.is_whitespace()
    }

    fn decodes(self, c: char) -> bool {
        self == Self::Path && c != '/' && self.is_literal(c)
    }
}

/// Decodes what may be decoded, encodes what must be.
fn normal(text: &str, part: AddressPart) -> String {
    let mut out = String::with_capacity(text.len());
    // NFC is applied to this alone: a combining mark after an escape must not merge with its last digit.
    let mut plain = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let escapes = escaped(rest);
        if escapes.is_empty() {
            plain.push(c);
            rest = rest.get(c.len_utf8()..).unwrap_or_default();
            continue;
        }
        rest = rest.get(escapes.len() * 3..).unwrap_or_default();
        for chunk in escapes.utf8_chunks() {
            for c in chunk.valid().chars() {
                if part.decodes(c) {
                    plain.push(c);
                } else {
                    compose(&mut out, &mut plain, part);
                    push(&mut out, c, false);
                }
            }
            if !chunk.invalid().is_empty() {
                compose(&mut out, &mut plain, part);
                chunk.invalid().iter().for_each(|byte| push_byte(&mut out, *byte));
            }
        }
    }
    compose(&mut out, &mut plain, part);
    out
}

/// The bytes of the escapes at the start of a text.
fn escaped(text: &str) -> Vec<u8> {
    let escape = |at: usize| {
        let digits = text.get(at..at + 3)?.strip_prefix('%')?;
        let sound = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        sound.then(|| u8::from_str_radix(digits, 16).ok()).flatten()
    };
    (0..).step_by(3).map_while(escape).collect()
}

fn compose(out: &mut String, plain: &mut String, part: AddressPart) {
    for c in plain.nfc() {
        push(out, c, part.is_literal(c));
    }
    plain.clear();
}

fn push(out: &mut String, c: char, is_literal: bool) {
    if is_literal {
        out.push(c);
    } else {
        let mut bytes = [0; 4];
        c.encode_utf8(&mut bytes).bytes().for_each(|byte| push_byte(out, byte));
    }
}

fn push_byte(out: &mut String, byte: u8) {
    out.push_str(&format!("%{byte:02X}"));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn two_ways_to_write_a_path_are_one_path() {
        let table = [
            ("/", "/"),
            ("//", "/"),
            ("/?p=12", "/"),
            ("/news/", "/news"),
            ("/news//", "/news"),
            ("/News", "/News"),
            ("/news?utm=x#fin", "/news"),
            ("/caf%c3%a9", "/café"),
            ("/cafe\u{301}", "/café"),
            ("/cafe%CC%81", "/café"),
            ("/caf%e9", "/caf%E9"),
            ("/a%2fb", "/a%2Fb"),
            ("/a%3fb%23c%25d", "/a%3Fb%23c%25d"),
            ("/a b", "/a%20b"),
            ("/a%20b", "/a%20b"),
            ("/a%27b'c", "/a'b'c"),
            ("/100%", "/100%25"),
            ("/100%zz", "/100%25zz"),
            ("/a\\b", "/a%5Cb"),
            ("/%5c\u{301}", "/%5C\u{301}"),
            ("/\u{2028}\u{a0}", "/%E2%80%A8%C2%A0"),
            ("/%00\n", "/%00%0A"),
            ("/\u{1fef}", "/%60"),
            ("/%F0%9F%98%80", "/😀"),
        ];
        for (written, known) in table {
            assert_eq!(key(written), known, "{written:?}");
        }
    }

    #[test]
    fn a_place_keeps_its_query_and_its_fragment() {
        let table = [
            ("/news/?page=2#haut", "/news?page=2#haut", "/news"),
            ("/?p=1", "/?p=1", "/"),
            ("/a?q=a b\"\\&r=%c3%a9%2f", "/a?q=a%20b%22%5C&r=%C3%A9%2F", "/a"),
            ("/a#x?y", "/a#x?y", "/a"),
        ];
        for (written, known, path) in table {
            assert_eq!(place(written), known, "{written}");
            assert_eq!(site_key(known), Some(path), "{written}");
        }
        assert_eq!(site_key("https://a.fr/b?c"), None);
    }

    #[test]
    fn a_redirect_may_be_from_a_query() {
        let table: [(&str, &[&str]); 7] = [
            ("/a/", &["/a"]),
            ("/a?#x", &["/a"]),
            (
                "/article.php3?id_article=123#forum",
                &["/article.php3?id_article=123", "/article.php3"],
            ),
            ("/?q=node/12", &["/?q=node/12", "/"]),
            ("/?utm_source=x", &["/?utm_source=x", "/"]),
            (
                "/i.php?utm_source=x&a=%c3%a9&fbclid=y",
                &["/i.php?utm_source=x&a=%C3%A9&fbclid=y", "/i.php?a=%C3%A9", "/i.php"],
            ),
            ("https://a.fr/b?c", &[]),
        ];
        for (address, expected) in table {
            assert_eq!(sources(address), expected, "{address}");
        }
    }

    #[test]
    fn a_place_goes_onward_with_its_suffix() {
        let table = [
            ("/b", "/c", "/c"),
            ("/b?page=2#haut", "/c", "/c?page=2#haut"),
            ("/b?page=2", "/c?x=1", "/c?x=1"),
            ("/b#haut", "https://a.fr/c", "https://a.fr/c"),
        ];
        for (from, next, expected) in table {
            assert_eq!(onward(from, next), expected, "{from} {next}");
        }
        let long = format!("/b?{}", "x".repeat(limits::URL - 3));
        assert_eq!(onward(&long, "/c"), long.replacen("/b", "/c", 1));
        assert_eq!(onward(&long, "/cc"), "/cc");
    }

    proptest! {
        #[test]
        fn the_form_is_stable_and_safe(text in "/(%[0-9a-fA-F]{2}|.|[/?#%é\u{301}<=]){0,12}") {
            for known in [key(&text), place(&text)] {
                prop_assert_eq!(&place(&known), &known);
                prop_assert!(known.starts_with('/') && !known.chars().any(|c| c.is_control() || c.is_whitespace()));
            }
            let (key_of_it, place_of_it) = (key(&text), place(&text));
            prop_assert_eq!(key(&key_of_it), key_of_it.clone());
            prop_assert_eq!(site_key(&place_of_it), Some(key_of_it.as_str()));
        }
    }
}
