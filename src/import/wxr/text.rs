//! Characters: which ones XML allows, what references stand for, and how a file's text becomes a record's.

/// Tells whether a character may stand in an XML 1.0 document (production 2, `Char`).
pub(super) fn is_xml_char(c: char) -> bool {
    !matches!(c, '\0'..='\u{8}' | '\u{B}' | '\u{C}' | '\u{E}'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}')
}

/// The white space of XML, which is less than that of Unicode: a no-break space is text.
pub(super) fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r')
}

/// Appends text from the file, with line ends made `\n` and forbidden characters dropped; gives the number dropped.
pub(super) fn push_clean(out: &mut String, mut text: &str) -> u64 {
    let mut dropped = 0;
    while let Some(at) = text.bytes().position(may_be_changed) {
        out.push_str(&text[..at]);
        let mut rest = text[at..].chars();
        match rest.next() {
            Some('\r') if rest.as_str().starts_with('\n') => {}
            Some('\r') => out.push('\n'),
            Some(c) if is_xml_char(c) => out.push(c),
            _ => dropped += 1,
        }
        text = rest.as_str();
    }
    out.push_str(text);
    dropped
}

/// Tells bytes that may start a character to drop or to change; 0xEF is the first of U+FFFE and U+FFFF.
fn may_be_changed(byte: u8) -> bool {
    (byte < b' ' && byte != b'\n' && byte != b'\t') || byte == 0xEF
}

/// The character of a reference, given what stands between `&` and `;`. It may be one that XML forbids.
pub(super) fn referenced(name: &str) -> Result<char, String> {
    match name {
        "amp" => return Ok('&'),
        "lt" => return Ok('<'),
        "gt" => return Ok('>'),
        "quot" => return Ok('"'),
        "apos" => return Ok('\''),
        _ => {}
    }
    match name.strip_prefix('#') {
        Some(number) => numbered(number).ok_or_else(|| format!("The reference &{}; is no character.", shortened(name))),
        None => Err(format!(
            "The entity &{}; is not one of XML. Outside CDATA write its number, or &amp; for an ampersand.",
            shortened(name)
        )),
    }
}

/// The character of `233` or `xE9`; none for U+0000, surrogates and what is not a number.
fn numbered(number: &str) -> Option<char> {
    let (digits, radix) = number.strip_prefix('x').map_or((number, 10), |hex| (hex, 16));
    // `from_str_radix` would take a sign.
    if !digits.chars().all(|c| c.is_digit(radix)) {
        return None;
    }
    u32::from_str_radix(digits, radix)
        .ok()
        .and_then(char::from_u32)
        .filter(|c| *c != '\0')
}

/// The value of an attribute: references decoded, white space made spaces, forbidden characters dropped.
pub(super) fn attribute_value(raw: &str) -> Result<String, String> {
    let mut value = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((before, after)) = rest.split_once('&') {
        push_attribute_text(&mut value, before);
        let (name, after) = after
            .split_once(';')
            .ok_or("An ampersand starts no reference; write it as &amp;.")?;
        value.extend(Some(referenced(name)?).filter(|c| is_xml_char(*c)));
        rest = after;
    }
    push_attribute_text(&mut value, rest);
    Ok(value)
}

fn push_attribute_text(value: &mut String, text: &str) {
    let mut clean = String::new();
    push_clean(&mut clean, text);
    value.extend(clean.chars().map(|c| if is_space(c) { ' ' } else { c }));
}

/// A piece of the file fit for an error message: short, on one line.
pub(super) fn shortened(text: &str) -> String {
    const LONGEST: usize = 40;
    let mut shown: String = text
        .chars()
        .take(LONGEST)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    if text.chars().nth(LONGEST).is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cleaned() {
        let mut out = String::new();
        let dropped = push_clean(&mut out, "a\r\nb\rc\u{1}d\u{B}\u{FFFE}é\u{FEFF}！\u{85}\r");
        assert_eq!(out, "a\nb\ncdé\u{FEFF}！\u{85}\n");
        assert_eq!(dropped, 3);
    }

    #[test]
    fn references_are_decoded() {
        assert_eq!(referenced("amp"), Ok('&'));
        assert_eq!(referenced("#233"), Ok('é'));
        assert_eq!(referenced("#x1F600"), Ok('😀'));
        for bad in [
            "nbsp",
            "",
            "#",
            "#x",
            "#0",
            "#-1",
            "#+65",
            "#xD800",
            "#x110000",
            "#X41",
            "#99999999999",
        ] {
            assert!(referenced(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn attribute_values_are_normalized() {
        assert_eq!(
            attribute_value("a\r\n\tb &lt;&#10;&#1;\u{2}c").as_deref(),
            Ok("a  b <\nc")
        );
        assert!(attribute_value("a & b").is_err());
        assert!(attribute_value("&eacute;").is_err());
    }

    #[test]
    fn shown_text_is_short() {
        assert_eq!(shortened("a\nb"), "a b");
        assert_eq!(shortened(&"x".repeat(50)).chars().count(), 41);
    }
}
