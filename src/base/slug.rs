//! Slugs: the last segment of a public path, made of `a-z`, `0-9` and hyphens.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::base::error::FieldCode;
use crate::base::http::value_reader::{ValueReader, ValueSchema, string, value_reader};
use crate::base::limits;

/// The slug of a title: NFKD without accents, œ → oe, ß → ss, other scripts transliterated, cut between words at 80
/// characters. Apostrophes and all signs end a word: none is spelled out (`°`, `€`, 😀), for it would be in English.
/// Empty when nothing is left.
pub fn from_title(title: &str) -> String {
    let spelled: String = title
        .replace(['\'', '’', 'ʼ', '‘'], "-")
        .nfkd()
        .filter(|c| !is_combining_mark(*c))
        .map(|c| if c.is_alphanumeric() { c } else { ' ' })
        .collect();
    let mut slug = String::new();
    for c in deunicode::deunicode(&spelled).chars() {
        match c.to_ascii_lowercase() {
            c if c.is_ascii_alphanumeric() => slug.push(c),
            _ if slug.ends_with('-') || slug.is_empty() => {}
            _ => slug.push('-'),
        }
    }
    cut(slug.trim_matches('-'), limits::SLUG).to_owned()
}

/// The slug of a title, or the last eight characters of an id where the title gives none.
pub fn from_title_or_id(title: &str, id: &str) -> String {
    let slug = from_title(title);
    if slug.is_empty() {
        id.get(id.len().saturating_sub(8)..).unwrap_or(id).to_owned()
    } else {
        slug
    }
}

/// The slug with a number after it, still within the limit: `-2`, `-3`…
pub fn numbered(slug: &str, number: u32) -> String {
    let suffix = format!("-{number}");
    format!("{}{suffix}", cut(slug, limits::SLUG - suffix.len()))
}

/// Cuts between words where that keeps at least half.
fn cut(slug: &str, max: usize) -> &str {
    let Some(head) = slug.get(..max).filter(|_| slug.len() > max) else {
        return slug;
    };
    match head.rfind('-') {
        Some(at) if at >= max / 2 => head.get(..at).unwrap_or(head),
        _ => head.trim_end_matches('-'),
    }
}

/// Whether this is a slug.
pub fn is_slug(text: &str) -> bool {
    let sound = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=limits::SLUG).contains(&text.len())
        && text.bytes().all(sound)
        && !text.starts_with('-')
        && !text.ends_with('-')
        && !text.contains("--")
}

/// Reads a slug that somebody chose: what is no slug is refused, not bent.
pub fn reader() -> impl ValueReader<Value = String> {
    value_reader(
        || ValueSchema::text(limits::SLUG),
        |at, value| {
            let text = string(at, value)?;
            if text.chars().count() > limits::SLUG {
                return at.over(FieldCode::TooLong, limits::SLUG);
            }
            if is_slug(&text) {
                Some(text)
            } else {
                at.expected(FieldCode::InvalidFormat, "a slug: a-z, 0-9 and single hyphens")
            }
        },
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn titles_become_slugs() {
        let table = [
            ("Bénin : l’armée déjoue un putsch", "benin-l-armee-dejoue-un-putsch"),
            ("L'œuvre de Koffi", "l-oeuvre-de-koffi"),
            ("Straße nach Süden", "strasse-nach-suden"),
            ("  100 % naturel !  ", "100-naturel"),
            ("Москва", "moskva"),
            ("", ""),
            ("« … »", ""),
            ("Ｆｕｌｌ ﬁn", "full-fin"),
            ("Le n° 5 de la revue", "le-n-5-de-la-revue"),
            ("Le nº 5, le № 6", "le-no-5-le-no-6"),
            ("20 % de 3 € & 4 $ + 5 £ = 37,5 °C", "20-de-3-4-5-37-5-c"),
            ("§ 3 × 2 → ½ m² © 😀 ✓", "3-2-1-2-m2"),
            ("北京 : l’été", "bei-jing-l-ete"),
        ];
        for (title, slug) in table {
            assert_eq!(from_title(title), slug, "{title}");
        }
    }

    #[test]
    fn a_title_without_letters_takes_the_end_of_the_id() {
        assert_eq!(
            from_title_or_id("…", "0190a3f2-aaaa-7bbb-8ccc-0123456789ab"),
            "456789ab"
        );
    }

    #[test]
    fn a_numbered_slug_stays_within_the_limit() {
        assert_eq!(numbered("mali", 2), "mali-2");
        assert!(numbered(&"a".repeat(80), 12).len() <= 80);
    }

    proptest! {
        #[test]
        fn what_a_title_gives_is_a_slug_or_nothing(title in ".{0,300}") {
            let slug = from_title(&title);
            prop_assert!(slug.is_empty() || is_slug(&slug), "{slug}");
        }
    }

    #[test]
    fn what_is_too_long_is_cut_between_words_where_that_keeps_half() {
        let long = |head: usize, tail: usize| format!("{}-{}", "a".repeat(head), "b".repeat(tail));
        for (title, slug) in [
            (long(39, 40), long(39, 40)),
            (long(40, 39), long(40, 39)),
            (long(40, 40), "a".repeat(40)),
            (long(39, 41), long(39, 40)),
            (format!("b-{}", long(60, 40)), format!("b-{}", "a".repeat(60))),
            (long(79, 9), "a".repeat(79)),
            (long(80, 9), "a".repeat(80)),
            ("a".repeat(81), "a".repeat(80)),
        ] {
            assert_eq!(from_title(&title), slug, "{title}");
        }
        assert_eq!(numbered(&"a".repeat(80), 12), format!("{}-12", "a".repeat(77)));
        assert_eq!(numbered(&"a".repeat(77), 12), format!("{}-12", "a".repeat(77)));
    }

    #[test]
    fn a_slug_has_words_between_single_hyphens() {
        let longest = "a".repeat(limits::SLUG);
        for slug in ["a", "7", "a-b-7", longest.as_str()] {
            assert!(is_slug(slug), "{slug}");
        }
        let longer = "a".repeat(limits::SLUG + 1);
        for text in ["", "-", "-a", "a-", "a--b", "A", "é", "a b", "a_b", longer.as_str()] {
            assert!(!is_slug(text), "{text}");
        }
    }
}
