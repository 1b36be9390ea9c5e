//! A name as it looks: what reads the same to somebody who reads fast has the same skeleton.

use unicode_normalization::UnicodeNormalization;

use crate::comments::words::{fold, lookalike};

/// The words of a name, each as its skeleton: case, accents and signs are gone, letters of other scripts are the Latin
/// ones that they look like ([`fold()`], and for what it does not know the confusables of Unicode's technical standard
/// 39), `l`, `I` and `1` are one letter, so are `rn` and `m`, and digits are the letters that they are used for.
pub(super) fn skeleton_words(name: &str) -> Vec<String> {
    let mut looks = String::with_capacity(name.len());
    for c in name.nfkd() {
        match lookalike(c) {
            Some(letters) => looks.push_str(letters),
            None => looks.extend(unicode_security::skeleton(c.encode_utf8(&mut [0; 4]))),
        }
    }
    let folded = fold(&looks);
    let drawn = folded.split(' ').map(drawn);
    drawn.filter(|word| !word.is_empty()).collect()
}

/// A folded word with one letter for those that look alike within the Latin script. `@` before a word is none.
fn drawn(word: &str) -> String {
    let mut letters = String::with_capacity(word.len());
    for c in word.trim_start_matches('@').chars() {
        match c {
            'i' | '1' => letters.push('l'),
            'm' => letters.push_str("rn"),
            '0' => letters.push('o'),
            '3' => letters.push('e'),
            '4' | '@' => letters.push('a'),
            '5' | '$' => letters.push('s'),
            '7' => letters.push('t'),
            c => letters.push(c),
        }
    }
    letters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_the_same_has_one_skeleton() {
        for (name, others) in [
            (
                "Rédaction",
                &[
                    "REDACTION",
                    "re\u{301}daction",
                    "Rеdасtiоn",
                    "RΕDАСТIОN",
                    "Réda\u{200b}ction",
                    "Réd\u{ad}acti\u{202e}on",
                    "ｒｅｄａｃｔｉｏｎ",
                    "𝓡𝓮𝓭𝓪𝓬𝓽𝓲𝓸𝓷",
                    "ⓡⓔⓓⓐⓒⓣⓘⓞⓝ",
                    "Redactlon",
                    "RedactIon",
                    "Redact|on",
                    "R3d4ct10n",
                    "@rédaction",
                    "Ꭱédaction",
                    "Réԁɑctıon",
                ][..],
            ),
            ("Mali", &["MALI", "Ma1i", "rnali", "Маli", "Mɑlı", "malI"]),
            ("Kossou", &["K0ssou", "Kο\u{200d}ssου", "КОSSОU", "Ko$$ou", "Kößou"]),
        ] {
            for other in others {
                assert_eq!(skeleton_words(other), skeleton_words(name), "{other}");
            }
        }
    }

    #[test]
    fn other_names_have_other_skeletons() {
        for (name, other) in [
            ("Awa", "Ama"),
            ("Koffi", "Kofi"),
            ("Réda", "Rédaction"),
            ("محمد", "أحمد"),
            ("N’Diaye", "Diaye"),
        ] {
            assert_ne!(skeleton_words(name), skeleton_words(other), "{name}");
        }
        for nothing in ["", "…", "😀", "\u{200b}", "@"] {
            assert_eq!(skeleton_words(nothing), Vec::<String>::new(), "{nothing:?}");
        }
    }

    #[test]
    fn signs_and_spaces_part_words() {
        assert_eq!(skeleton_words("Awa-Rose  K."), ["awa", "rose", "k"]);
    }
}
