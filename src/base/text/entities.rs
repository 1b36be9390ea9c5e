//! Decodes character references (`&eacute;`, `&#233;`, `&#xE9;`) as the HTML standard does.

use html5ever::data::{C1_REPLACEMENTS, NAMED_ENTITIES};

/// The longest name there is, `CounterClockwiseContourIntegral;`, has 32 characters.
const LONGEST_NAME: usize = 32;
/// The longest name that counts without its semicolon.
const LONGEST_LEGACY: usize = 6;

/// A character reference and where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CharacterReference {
    /// Its first byte.
    pub start: usize,
    /// The end: just after its last byte.
    pub end: usize,
    /// What it stands for: one character, sometimes two.
    pub text: String,
}

/// The references of a text, in their order. The standard takes some without their semicolon.
pub fn references(text: &str) -> impl Iterator<Item = CharacterReference> {
    let mut from = 0;
    std::iter::from_fn(move || {
        loop {
            let start = from + text.get(from..)?.find('&')?;
            let after = text.get(start + 1..)?;
            let found = after
                .strip_prefix('#')
                .map_or_else(|| named(after), |digits| numeric(digits).map(|(c, n)| (c, n + 1)));
            from = start + 1;
            if let Some((text, length)) = found {
                from += length;
                let end = from;
                return Some(CharacterReference { start, end, text });
            }
        }
    })
}

/// The text with its references decoded; what is no reference stays as it is.
pub fn decode(text: &str) -> String {
    replaced(text, references(text))
}

/// As [`decode`], for references that end in a semicolon: plain text would never have them by chance. `None` where
/// there are none.
pub fn decode_closed(text: &str) -> Option<String> {
    let mut closed = closed_references(text).peekable();
    closed.peek().is_some().then(|| replaced(text, closed))
}

/// The references that end in a semicolon.
pub fn closed_references(text: &str) -> impl Iterator<Item = CharacterReference> {
    let is_closed = |reference: &CharacterReference| text.as_bytes().get(reference.end - 1) == Some(&b';');
    references(text).filter(is_closed)
}

fn replaced(text: &str, references: impl Iterator<Item = CharacterReference>) -> String {
    let mut decoded = String::with_capacity(text.len());
    let mut from = 0;
    for reference in references {
        decoded.push_str(&text[from..reference.start]);
        decoded.push_str(&reference.text);
        from = reference.end;
    }
    decoded.push_str(&text[from..]);
    decoded
}

/// What a named reference stands for, and how long it is.
fn named(after: &str) -> Option<(String, usize)> {
    let name = after
        .bytes()
        .take(LONGEST_NAME)
        .take_while(u8::is_ascii_alphanumeric)
        .count();
    if after.as_bytes().get(name) == Some(&b';')
        && let Some(text) = lookup(&after[..=name])
    {
        return Some((text, name + 1));
    }
    (2..=name.min(LONGEST_LEGACY))
        .rev()
        .find_map(|length| Some((lookup(&after[..length])?, length)))
}

fn lookup(name: &str) -> Option<String> {
    let (first, second) = *NAMED_ENTITIES.get(name)?;
    let first = char::from_u32(first).filter(|c| *c != '\0')?;
    let second = char::from_u32(second).filter(|c| *c != '\0');
    Some(std::iter::once(first).chain(second).collect())
}

fn numeric(digits: &str) -> Option<(String, usize)> {
    let (radix, prefix) = if digits.starts_with(['x', 'X']) {
        (16, 1)
    } else {
        (10, 0)
    };
    let digits = &digits[prefix..];
    let count = digits.bytes().take_while(|b| char::from(*b).is_digit(radix)).count();
    if count == 0 {
        return None;
    }
    let code = u32::from_str_radix(&digits[..count], radix).unwrap_or(u32::MAX);
    let semicolon = usize::from(digits.as_bytes().get(count) == Some(&b';'));
    Some((character(code).to_string(), prefix + count + semicolon))
}

/// Old pages mean Windows-1252 by the codes 128 to 159.
fn character(code: u32) -> char {
    let windows = code
        .checked_sub(0x80)
        .and_then(|index| C1_REPLACEMENTS.get(index as usize).copied().flatten());
    windows
        .or_else(|| char::from_u32(code))
        .filter(|c| *c != '\0')
        .unwrap_or(char::REPLACEMENT_CHARACTER)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_is_decoded_where_a_semicolon_says_that_it_is_meant() {
        let cases = [
            ("A&amp;B caf&eacute;", Some("A&B café")),
            ("&amp;eacute;", Some("&eacute;")),
            ("AT&T; R&D &copy 2026 &lt", None),
            ("&copy 2026 &gt;", Some("&copy 2026 >")),
        ];
        for (source, expected) in cases {
            assert_eq!(decode_closed(source).as_deref(), expected, "{source}");
        }
    }

    #[test]
    fn references_of_every_kind_are_decoded() {
        let cases = [
            ("caf&eacute; &amp; th&#233; &#xE9;", "café & thé é"),
            ("&laquo;&nbsp;mot&nbsp;&raquo;", "«\u{a0}mot\u{a0}»"),
            ("&#8217;&#146;", "’’"),
            ("AT&T; a&b & c &", "AT&T; a&b & c &"),
            ("&copy 2020 &notanentity;", "© 2020 ¬anentity;"),
            ("&#0;&#x110000;&#;", "\u{fffd}\u{fffd}&#;"),
            ("&amp;lt;", "&lt;"),
        ];
        for (source, expected) in cases {
            assert_eq!(decode(source), expected, "{source}");
        }
    }
}
