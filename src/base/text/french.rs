//! French typography.

/// A French text with no-break spaces next to its marks, as typesetters set them. The tables of texts in our code have
/// plain spaces there, which can be seen.
pub fn set(text: &str) -> String {
    let mut set = String::with_capacity(text.len() + 8);
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let is_bound = set.ends_with('«') || matches!(rest.peek(), Some('»' | ':' | ';' | '?' | '!' | '%'));
        set.push(if c == ' ' && is_bound { '\u{a0}' } else { c });
    }
    set
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_stand_behind_no_break_spaces() {
        let cases = [
            (
                "Le tri « a » : 5 % ; vu ? Oui !",
                "Le tri «\u{a0}a\u{a0}»\u{a0}: 5\u{a0}%\u{a0}; vu\u{a0}? Oui\u{a0}!",
            ),
            ("« x »", "«\u{a0}x\u{a0}»"),
            ("à 10:30, a:b ", "à 10:30, a:b "),
            ("", ""),
        ];
        for (plain, expected) in cases {
            assert_eq!(set(plain), expected);
            assert_eq!(set(expected), expected);
        }
    }
}
