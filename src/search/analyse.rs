//! The analyser: what a text and a query are made of, the same for both and on both databases.
//!
//! A text falls into words at whatever is neither letter nor digit. What French elides before an apostrophe (`l’`,
//! `d'`, `qu’`) is no word; any other apostrophe is inside one, as in `N’Diaye` and `aujourd’hui`, and so are the points
//! of `U.E.`: they are written without them as often. A word is *folded* (no case, no accents, no ligatures, no soft
//! hyphens: `Cœur` and `coeur` are one) and [*stemmed*](super::stem) from its folded form, so that a query without
//! accents finds what a text with them says. Every word knows the bytes of the text that it was made of.
//!
//! Words between hyphens make a [compound](compounds) as well, which is found as one word: `week-end` by `weekend`.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization;

use crate::base::limits;

/// A word of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoldedWord {
    /// Without case, accents and ligatures: letters and digits only.
    pub folded: String,
    /// The bytes of the text that it was made of.
    pub bytes: Range<usize>,
}

/// The words of a text, in order.
pub fn words(text: &str) -> Vec<FoldedWord> {
    words_joined_by(text, joins)
}

/// The words of a text, where `joins` says which of the signs between letters do not end a word: it is given the word
/// so far, the sign and what follows.
pub fn words_joined_by(text: &str, joins: fn(&str, char, &str) -> bool) -> Vec<FoldedWord> {
    let word = |bytes: Range<usize>| FoldedWord {
        folded: fold(text.get(bytes.clone()).unwrap_or_default()),
        bytes,
    };
    bytes_joined_by(text, joins).into_iter().map(word).collect()
}

/// The bytes that the words of a text are made of, in order: those of its [words], which need not be folded.
pub fn bytes_of_words(text: &str) -> Vec<Range<usize>> {
    bytes_joined_by(text, joins)
}

fn bytes_joined_by(text: &str, joins: fn(&str, char, &str) -> bool) -> Vec<Range<usize>> {
    let mut words = Vec::with_capacity(text.len() / 6);
    let mut open: Option<Range<usize>> = None;
    let (mut before, mut at) = (None, 0);
    let bytes = text.as_bytes();
    while let Some(byte) = bytes.get(at).copied() {
        // Most of a text is plain letters, spaces and a few letters with accents, which are told without looking
        // characters up.
        if byte.is_ascii_alphanumeric() {
            let rest = bytes.get(at..).unwrap_or_default();
            let run = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
            open.get_or_insert(at..at).end = at + run;
            at += run;
            continue;
        }
        if byte == LATIN_LETTERS && !bytes.get(at + 1).is_some_and(|next| matches!(next, 0x97 | 0xb7)) {
            open.get_or_insert(at..at).end = at + 2;
            at += 2;
            continue;
        }
        if byte.is_ascii() && !matches!(byte, b'.' | b'\'' | b'`') {
            let sign = Some(char::from(byte));
            close(text, open.take(), before, sign, None, &mut words);
            before = sign;
            at += 1;
            continue;
        }
        let rest = text.get(at..).unwrap_or_default();
        let Some(c) = rest.chars().next() else { break };
        let end = at + c.len_utf8();
        match &mut open {
            None if c.is_alphanumeric() => open = Some(at..end),
            Some(word) if is_letter_or_mark(c) => word.end = end,
            Some(_) if is_invisible(c) => {}
            Some(word) => {
                let so_far = text.get(word.clone()).unwrap_or_default();
                let follows = text.get(end..).unwrap_or_default();
                if !joins(so_far, c, follows) {
                    close(text, open.take(), before, Some(c), follows.chars().next(), &mut words);
                    before = Some(c);
                }
            }
            None => before = Some(c),
        }
        at = end;
    }
    close(text, open, before, None, None, &mut words);
    words
}

/// The first byte of `À` to `ÿ`, which are letters but for `×` and `÷`.
const LATIN_LETTERS: u8 = 0xc3;

fn is_letter_or_mark(c: char) -> bool {
    let is_punctuation = ('\u{2000}'..='\u{206f}').contains(&c);
    !is_punctuation && (c.is_alphanumeric() || is_mark(c))
}

/// Whether a sign is inside a word: the apostrophe of `N’Diaye` and `aujourd’hui`, the point of `U.E.`.
fn joins(so_far: &str, sign: char, follows: &str) -> bool {
    if sign != '.' && !is_apostrophe(sign) {
        return false;
    }
    let mut next = follows.chars();
    let Some(first) = next.next() else { return false };
    let second = next.next();
    if !(first.is_alphabetic() && so_far.ends_with(|c: char| c.is_alphabetic() || is_mark(c))) {
        return false;
    }
    if is_apostrophe(sign) {
        let is_possessive = matches!(first, 's' | 'S') && !second.is_some_and(char::is_alphanumeric);
        let is_short = so_far.len() <= LONGEST_ELIDED;
        let is_article = is_short && is_elided_word(so_far) && is_elided_before(first);
        return !is_possessive && !is_article;
    }
    let initial = so_far.rsplit('.').next().unwrap_or_default();
    initial.chars().count() == 1 && !second.is_some_and(|c| c.is_alphanumeric() || is_mark(c))
}

/// Adds a word, except what an apostrophe leaves: `l’` before a word, `’s` after one.
fn close(
    text: &str,
    open: Option<Range<usize>>,
    before: Option<char>,
    after: Option<char>,
    follows: Option<char>,
    words: &mut Vec<Range<usize>>,
) {
    let Some(bytes) = open else { return };
    let word = text.get(bytes.clone()).unwrap_or_default();
    let elides = after.is_some_and(is_apostrophe) && follows.is_some_and(char::is_alphanumeric);
    let is_left_out = elides && is_elided_word(word);
    let has_one = || word.bytes().filter(u8::is_ascii_alphanumeric).nth(1).is_none();
    let is_possessive = before.is_some_and(is_apostrophe) && has_one() && fold(word) == "s";
    let is_empty = !word.bytes().any(|byte| byte.is_ascii_alphanumeric()) && fold(word).is_empty();
    if !(is_empty || is_left_out || is_possessive) {
        words.push(bytes);
    }
}

/// Words that hyphens make one of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompoundWord {
    /// Which words of the text.
    pub words: Range<usize>,
    /// All of them, without the hyphens.
    pub folded: String,
}

/// The compounds of a text, in order; `words` are its own.
pub fn compounds(text: &str, words: &[FoldedWord]) -> Vec<CompoundWord> {
    let mut compounds: Vec<CompoundWord> = Vec::new();
    for (index, pair) in words.windows(2).enumerate() {
        let [one, next] = pair else { continue };
        if !is_hyphenated(text, &one.bytes, &next.bytes) {
            continue;
        }
        match compounds.last_mut().filter(|last| last.words.end == index + 1) {
            Some(last) => {
                last.words.end += 1;
                last.folded.push_str(&next.folded);
            }
            None => compounds.push(CompoundWord {
                words: index..index + 2,
                folded: format!("{}{}", one.folded, next.folded),
            }),
        }
    }
    compounds.retain(CompoundWord::is_one);
    compounds
}

/// The compound of a text that begins with the word of this number; `words` are the bytes of all its words.
pub fn compound_at(text: &str, words: &[Range<usize>], at: usize) -> Option<CompoundWord> {
    let hyphenated = |at: usize| match words.get(at..at + 2) {
        Some([one, next]) => is_hyphenated(text, one, next),
        _ => false,
    };
    if !hyphenated(at) || at.checked_sub(1).is_some_and(hyphenated) {
        return None;
    }
    let end = (at + 1..words.len())
        .find(|next| !hyphenated(*next))
        .unwrap_or(words.len())
        + 1;
    let parts = words.get(at..end.min(words.len()))?;
    let compound = CompoundWord {
        words: at..at + parts.len(),
        folded: parts
            .iter()
            .map(|bytes| fold(text.get(bytes.clone()).unwrap_or_default()))
            .collect(),
    };
    Some(compound).filter(CompoundWord::is_one)
}

impl CompoundWord {
    /// Whether it is not too long for a word.
    fn is_one(&self) -> bool {
        self.folded.chars().count() <= limits::SEARCH_WORD
    }
}

/// Whether there is a hyphen between two words and nothing else.
fn is_hyphenated(text: &str, one: &Range<usize>, next: &Range<usize>) -> bool {
    let between = text.get(one.end..next.start).unwrap_or_default();
    matches!(between, "-" | "\u{2010}" | "\u{2011}")
}

/// Whether French elides this folded word before a vowel.
fn is_elided(folded: &str) -> bool {
    ELIDED.contains(&folded)
}

/// Whether French elides this word, which need not be folded.
fn is_elided_word(word: &str) -> bool {
    if word.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return ELIDED.iter().any(|elided| word.eq_ignore_ascii_case(elided));
    }
    is_elided(&fold(word))
}

/// Whether a word that French elides begins so, folded.
pub fn begins_elided(start: &str) -> bool {
    ELIDED.iter().any(|word| word.starts_with(start))
}

/// What is elided in a text, folded: words that are not among its [words].
pub fn elided_words(text: &str) -> impl Iterator<Item = String> {
    let mut pieces: Vec<&str> = text.split(is_apostrophe).collect();
    pieces.pop();
    let words = pieces.into_iter().filter_map(|piece| words(piece).pop());
    words.map(|word| word.folded).filter(|word| is_elided(word))
}

/// What French elides before a vowel, folded.
const ELIDED: [&str; 13] = [
    "c", "d", "j", "l", "m", "n", "s", "t", "qu", "jusqu", "lorsqu", "puisqu", "quoiqu",
];

/// Bytes of the longest of them, with what may be in it unseen.
const LONGEST_ELIDED: usize = 32;

/// Whether a word is elided before this letter. Before a consonant nothing is: that is a name, or slang.
fn is_elided_before(letter: char) -> bool {
    if letter.is_ascii_alphabetic() {
        return matches!(letter.to_ascii_lowercase(), 'a' | 'e' | 'h' | 'i' | 'o' | 'u' | 'y');
    }
    let folded = fold(letter.encode_utf8(&mut [0; 4]));
    !folded.starts_with(|c: char| c.is_ascii_alphabetic() && !matches!(c, 'a' | 'e' | 'h' | 'i' | 'o' | 'u' | 'y'))
}

/// Whether this is an apostrophe, or taken for one.
pub fn is_apostrophe(c: char) -> bool {
    matches!(
        c,
        '\'' | '’' | '‘' | 'ʼ' | 'ʹ' | '′' | '´' | '`' | '＇' | '\u{2bb}' | '\u{a78c}'
    )
}

/// Accents that are characters of their own, after their letter.
fn is_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}')
}

fn is_mark(c: char) -> bool {
    unicode_normalization::char::is_combining_mark(c)
}

/// What may be inside a word unseen: soft hyphens, joiners, marks of direction.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{feff}')
}

/// A word without case, accents, ligatures and soft hyphens, cut where it is longer than any word.
pub fn fold(word: &str) -> String {
    if word.len() <= limits::SEARCH_WORD && word.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return word.to_ascii_lowercase();
    }
    if word.len() <= limits::SEARCH_WORD
        && let Some(folded) = word.chars().map(folded_latin).collect()
    {
        return folded;
    }
    fold_any(word)
}

/// What a letter of French folds to, and of most languages that are written alike; `None` where it is not known here.
fn folded_latin(c: char) -> Option<&'static str> {
    const ASCII: &str = "abcdefghijklmnopqrstuvwxyz0123456789";
    const LATIN: [&str; 32] = [
        "a", "a", "a", "a", "a", "a", "ae", "c", "e", "e", "e", "e", "i", "i", "i", "i", "d", "n", "o", "o", "o", "o",
        "o", "", "o", "u", "u", "u", "u", "y", "th", "y",
    ];
    let place = match c {
        'a'..='z' => u32::from(c) - u32::from('a'),
        'A'..='Z' => u32::from(c) - u32::from('A'),
        '0'..='9' => u32::from(c) - u32::from('0') + 26,
        'ß' => return Some("ss"),
        'à'..='ÿ' => return LATIN.get(usize::try_from(u32::from(c) - u32::from('à')).ok()?).copied(),
        'À'..='Þ' => return LATIN.get(usize::try_from(u32::from(c) - u32::from('À')).ok()?).copied(),
        'œ' | 'Œ' => return Some("oe"),
        c if c.is_ascii() => return Some(""),
        _ => return None,
    };
    let place = usize::try_from(place).ok()?;
    ASCII.get(place..=place)
}

/// As [`fold`], by the rules of Unicode.
fn fold_any(word: &str) -> String {
    let mut folded = String::with_capacity(word.len());
    let letters = word.nfkd().filter(|c| !is_accent(*c) && !is_invisible(*c));
    for c in letters.flat_map(char::to_lowercase) {
        match c {
            'œ' => folded.push_str("oe"),
            'æ' => folded.push_str("ae"),
            'ß' => folded.push_str("ss"),
            'þ' => folded.push_str("th"),
            'ı' => folded.push('i'),
            'ø' => folded.push('o'),
            'ł' => folded.push('l'),
            'đ' | 'ð' => folded.push('d'),
            'ħ' => folded.push('h'),
            'ς' => folded.push('σ'),
            c if c.is_alphanumeric() || is_mark(c) && !is_accent(c) => folded.push(c),
            _ => {}
        }
    }
    if !folded.is_ascii() {
        // What was left out may have stood between marks, and a letter may have become a letter and a mark.
        folded = folded.nfkd().collect();
    }
    if let Some((end, _)) = folded.char_indices().nth(limits::SEARCH_WORD) {
        folded.truncate(end);
    }
    folded
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::search::stem::{SearchLanguage, stem};

    fn folded(text: &str) -> Vec<String> {
        words(text).into_iter().map(|word| word.folded).collect()
    }

    #[test]
    fn a_text_falls_into_folded_words() {
        let cases: [(&str, &[&str]); 20] = [
            ("Bénin", &["benin"]),
            ("Be\u{301}nin", &["benin"]),
            ("Türkiye TÜRKİYE Kılıç", &["turkiye", "turkiye", "kilic"]),
            ("Cœur, ŒUVRE, Lætitia", &["coeur", "oeuvre", "laetitia"]),
            ("Straße ẞ", &["strasse", "ss"]),
            ("l'Afrique l’Afrique L’AFRIQUE", &["afrique", "afrique", "afrique"]),
            ("jusqu’à qu’elle d'Évian", &["a", "elle", "evian"]),
            ("aujourd'hui, presqu’île", &["aujourdhui", "presquile"]),
            ("Moody’s Cléac'h Cléac´h", &["moody", "cleach", "cleach"]),
            (
                "N’Diaye, M'Baye, O’Neill, N'Djamena",
                &["ndiaye", "mbaye", "oneill", "ndjamena"],
            ),
            ("l'U.E., l’O.N.U. et M. Diop", &["ue", "onu", "et", "m", "diop"]),
            (
                "l’11 n'1 5’3 p.50 a.b.cd",
                &["11", "1", "5", "3", "p", "50", "ab", "cd"],
            ),
            ("pre\u{ad}mier lan\u{ad}ceur", &["premier", "lanceur"]),
            ("Noyal-sur-Vilaine", &["noyal", "sur", "vilaine"]),
            ("« 7,2 milliards »", &["7", "2", "milliards"]),
            ("ﬁn ２０１２ Łódź Ærø", &["fin", "2012", "lodz", "aero"]),
            ("\"*NEAR( col:", &["near", "col"]),
            ("😀 — …", &[]),
            ("l' d’", &["l", "d"]),
            ("", &[]),
        ];
        for (text, expected) in cases {
            assert_eq!(folded(text), expected, "{text}");
        }
    }

    #[test]
    fn folding_a_folded_word_changes_nothing_where_marks_change_places() {
        for word in [
            "a\u{591}\u{fe70}",
            "\u{fe70}\u{591}a",
            "\u{1e9b}\u{323}",
            "\u{3d3}\u{344}",
        ] {
            let folded = fold(word);
            assert_eq!(fold(&folded), folded, "{word:?}");
        }
    }

    #[test]
    fn hyphens_make_compounds() {
        let cases: [(&str, &[&str]); 5] = [
            ("Un week-end à Porto-Novo", &["weekend", "portonovo"]),
            ("Noyal-sur-Vilaine et Covid\u{2011}19", &["noyalsurvilaine", "covid19"]),
            ("pages 3 - 4, de--ci", &[]),
            ("Villeneuve-d’Ascq", &[]),
            ("", &[]),
        ];
        for (text, expected) in cases {
            let compounds = compounds(text, &words(text));
            let folded: Vec<&str> = compounds.iter().map(|compound| compound.folded.as_str()).collect();
            assert_eq!(folded, expected, "{text}");
        }
    }

    #[test]
    fn letters_of_french_fold_as_the_rules_of_unicode_say() {
        for c in ('\0'..='ſ').chain(['’', 'ẞ']) {
            let word = format!("x{c}y");
            assert_eq!(fold(&word), fold_any(&word), "{c:?}");
        }
        assert!(('à'..='ÿ').chain('À'..='ß').all(|c| folded_latin(c).is_some()));
    }

    proptest! {
        #[test]
        fn words_know_the_bytes_they_were_made_of(text in ".{0,200}") {
            let mut last = 0;
            for word in words(&text) {
                let slice = text.get(word.bytes.clone());
                prop_assert!(word.bytes.start >= last, "{text:?}");
                last = word.bytes.end;
                prop_assert_eq!(slice.map(fold), Some(word.folded.clone()), "{:?}", text);
                prop_assert!(word.folded.chars().all(|c| c.is_alphanumeric() || is_mark(c)), "{:?}", word);
                prop_assert!(word.folded.chars().count() <= limits::SEARCH_WORD);
                for language in [SearchLanguage::French, SearchLanguage::English, SearchLanguage::Other] {
                    let stem = stem(&word.folded, language);
                    prop_assert!(!stem.is_empty() && !stem.contains([' ', '\'', '"', '\\']), "{:?}", stem);
                }
            }
        }

        #[test]
        fn a_compound_is_the_same_told_from_its_first_word(text in "([a-zé]{1,3}[-’. \u{2011}]{0,2}){0,30}|.{0,60}") {
            let (all, bytes) = (words(&text), bytes_of_words(&text));
            prop_assert_eq!(all.iter().map(|word| word.bytes.clone()).collect::<Vec<_>>(), bytes.clone());
            let one_by_one: Vec<CompoundWord> = (0..bytes.len()).filter_map(|at| compound_at(&text, &bytes, at)).collect();
            prop_assert_eq!(one_by_one, compounds(&text, &all));
        }

        #[test]
        fn folding_again_changes_nothing(text in "\\PC{0,60}") {
            for word in folded(&text) {
                prop_assert_eq!(&fold(&word), &word);
            }
        }
    }
}
