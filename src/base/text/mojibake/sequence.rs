//! One sequence: which character it stands for, and how far to trust it in its place.

use html5ever::data::C1_REPLACEMENTS;

use crate::base::text::glyphs::SourceGlyph;

/// How sure it is that a sequence is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum SequenceTrust {
    /// It could well be right: wrong only where a sure one is in the same text, and every letter that is not ASCII is
    /// part of a sequence.
    IfAllIsWrong,
    /// It could be right: wrong where a sure one is in the same text.
    InCompany,
    /// It is never in right text.
    Sure,
}

/// A sequence that stands for one character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct MojibakeSequence {
    /// The character.
    pub(super) c: char,
    /// How many characters it has.
    pub(super) length: usize,
    /// How far to trust it.
    pub(super) trust: SequenceTrust,
}

/// A place in a text that is being read.
pub(super) struct TextPosition<'g> {
    /// The characters before, repaired.
    pub(super) before: &'g [SourceGlyph],
    /// Which of these were repaired in this reading, and how far that was trusted.
    pub(super) fixed: &'g [Option<SequenceTrust>],
    /// The characters from here on.
    pub(super) rest: &'g [SourceGlyph],
    /// Scripts that the text is written in, wrongly read.
    pub(super) scripts: &'g [u32],
}

/// The letters directly before a place.
#[derive(Debug)]
struct PrecedingWord {
    text: String,
    is_upper: bool,
    last: Option<char>,
    /// Whether its last letter is a small one, beyond doubt: a capital after it is wrong.
    ends_lower: bool,
}

impl PrecedingWord {
    /// Letters that are looked at, at most.
    const LONGEST: usize = 24;

    fn is_empty(&self) -> bool {
        self.last.is_none()
    }

    /// Whether it is in capitals, and not only its first letter.
    fn is_capitals(&self) -> bool {
        self.is_upper && self.text.chars().nth(1).is_some()
    }

    /// Whether it is a French word but for the `à` at its end.
    fn wants_a_grave(&self) -> bool {
        matches!(self.text.as_str(), "l" | "ç") || self.surely_wants_a_grave()
    }

    /// As [`Self::wants_a_grave`], where no longer word has `é` in that place: `l` is left out because of `légal`.
    fn surely_wants_a_grave(&self) -> bool {
        matches!(self.text.as_str(), "voil" | "revoil" | "déj" | "hol" | "del" | "deç")
    }
}

/// The byte that Windows-1252, or Latin-1 where it has none, reads as this character; none for ASCII.
fn byte(c: char) -> Option<u8> {
    match u32::from(c) {
        code @ 0x80..=0xFF => u8::try_from(code).ok(),
        code if code < 0x80 => None,
        _ => {
            let index = C1_REPLACEMENTS.iter().position(|replacement| *replacement == Some(c))?;
            u8::try_from(0x80 + index).ok()
        }
    }
}

/// What Windows-1252 has in the place of a control character of Latin-1.
fn windows(c: char) -> Option<char> {
    let index = u32::from(c).checked_sub(0x80)?;
    C1_REPLACEMENTS.get(usize::try_from(index).ok()?).copied().flatten()
}

/// Whether it is one of the control characters U+0080 to U+009F, which no text has.
fn is_c1(c: char) -> bool {
    ('\u{80}'..='\u{9f}').contains(&c)
}

/// The character whose UTF-8 bytes, read one by one, these begin with; and how many these are.
fn decoded(glyphs: &[SourceGlyph]) -> Option<(char, usize)> {
    let first = byte(glyphs.first()?.c)?;
    let length = match first {
        0xC2..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF4 => 4,
        _ => return None,
    };
    let mut bytes = [0; 4];
    for (into, glyph) in bytes.iter_mut().zip(glyphs.get(..length)?) {
        *into = byte(glyph.c)?;
    }
    let text = std::str::from_utf8(bytes.get(..length)?).ok()?;
    Some((text.chars().next()?, length))
}

/// The script of a letter, as far as scripts are distinguished here: none for Latin ones.
fn script(c: char) -> Option<u32> {
    let code = u32::from(c);
    let is_known = matches!(code, 0x370..=0x7FF | 0x900..=0x13FF | 0x3040..=0x30FF | 0x4E00..=0x9FFF | 0xAC00..=0xD7AF);
    (is_known && c.is_alphabetic()).then_some(match code {
        0x4E00..=0x9FFF => 0x4E,
        0xAC00..=0xD7AF => 0xAC,
        0x400..=0x52F => 0x4,
        _ => code >> 7,
    })
}

/// Scripts of which three letters follow each other, wrongly read: no right text looks like that.
pub(super) fn scripts(glyphs: &[SourceGlyph]) -> Vec<u32> {
    let mut found = Vec::new();
    let (mut at, mut run) = (0, (0, 0));
    while at < glyphs.len() {
        let letter = decoded(&glyphs[at..]).and_then(|(c, length)| Some((script(c)?, length)));
        at += letter.map_or(1, |(_, length)| length);
        run = match letter {
            Some((script, _)) if run.0 == script => (script, run.1 + 1),
            Some((script, _)) => (script, 1),
            None => (0, 0),
        };
        if run.1 >= 3 && !found.contains(&run.0) {
            found.push(run.0);
        }
    }
    found
}

impl TextPosition<'_> {
    /// The sequence that begins here.
    pub(super) fn sequence(&self) -> Option<MojibakeSequence> {
        let first = self.at(0).filter(|c| !c.is_ascii())?;
        if is_c1(first) {
            return windows(first).map(|c| sequence(c, 1, SequenceTrust::Sure));
        }
        if let Some((c, length)) = decoded(self.rest)
            && let Some(trust) = self.trust(c, length)
        {
            return Some(sequence(windows(c).unwrap_or(c), length, trust));
        }
        match first {
            'Ã' => self.without_second(),
            'à' => self.a_grave(),
            'â' => self.closing_quote(),
            _ => None,
        }
    }

    fn at(&self, index: usize) -> Option<char> {
        self.rest.get(index).map(|glyph| glyph.c)
    }

    /// The letter at this index, read rightly.
    fn letter(&self, index: usize) -> Option<char> {
        let rest = self.rest.get(index..)?;
        let c = decoded(rest).map_or_else(|| self.at(index), |(c, _)| Some(c));
        c.filter(|c| c.is_alphabetic())
    }

    fn word(&self) -> PrecedingWord {
        let letters = self.before.iter().rev().map(|glyph| glyph.c);
        let letters = letters.take(PrecedingWord::LONGEST).take_while(|c| c.is_alphabetic());
        let mut letters: Vec<char> = letters.collect();
        letters.reverse();
        let is_certain = |fixed: &Option<SequenceTrust>| fixed.is_none_or(|trust| trust == SequenceTrust::Sure);
        PrecedingWord {
            text: letters.iter().flat_map(|c| c.to_lowercase()).collect(),
            is_upper: !letters.is_empty() && letters.iter().all(|c| c.is_uppercase()),
            ends_lower: letters.last().is_some_and(|c| c.is_lowercase()) && self.fixed.last().is_some_and(is_certain),
            last: letters.last().copied(),
        }
    }

    fn follows_fixed(&self) -> bool {
        self.fixed.last().is_some_and(Option::is_some)
    }

    /// Whether the sign before is not ASCII, and is right: this may be a lone letter in quotes.
    fn follows_sign(&self) -> bool {
        let is_sign = |glyph: &SourceGlyph| !glyph.c.is_ascii() && !glyph.c.is_alphabetic();
        self.before.last().is_some_and(is_sign) && !self.follows_fixed()
    }

    fn follows_space(&self) -> bool {
        self.before.last().is_none_or(|glyph| glyph.c.is_ascii_whitespace())
    }

    /// How far to trust that these `length` characters stand for `c`.
    fn trust(&self, c: char, length: usize) -> Option<SequenceTrust> {
        let second = self.at(1)?;
        if is_c1(second) && (c.is_alphabetic() || windows(c).is_some()) {
            return Some(SequenceTrust::Sure);
        }
        match u32::from(c) {
            0x80..=0xBF => self.trust_sign(second),
            0xC0..=0xFF | 0x152 | 0x153 if c.is_lowercase() => self.trust_small(c, second),
            0xC0..=0xFF | 0x152 | 0x153 => self.trust_capital(c, second),
            0x100..=0x17F if self.word().ends_lower => Some(SequenceTrust::Sure),
            0x100..=0x17F => Some(SequenceTrust::InCompany),
            // What is left of text that was read wrongly twice: `ƒ`, `ˆ`, `˜`.
            0x192 | 0x2C6 | 0x2DC if self.follows_fixed() => Some(SequenceTrust::InCompany),
            // Dashes, quotes and spaces; currencies; № and ™; arrows and mathematics; dingbats; emoji.
            0x2000..=0x203F | 0x20A0..=0x20BF | 0x2116 | 0x2122 | 0x2190..=0x22BF => Some(SequenceTrust::Sure),
            0x2600..=0x27BF | 0x1F000..=0x1FAFF => Some(SequenceTrust::Sure),
            0xFE00..=0xFE0F if self.follows_fixed() => Some(SequenceTrust::InCompany),
            _ => {
                let is_known = script(c).is_some_and(|script| self.scripts.contains(&script));
                (is_known && length > 1).then_some(SequenceTrust::Sure)
            }
        }
    }

    /// `Â` before a sign.
    fn trust_sign(&self, second: char) -> Option<SequenceTrust> {
        let word = self.word();
        let after_digit = self.before.last().is_some_and(|glyph| glyph.c.is_ascii_digit());
        if word.ends_lower || after_digit {
            return Some(SequenceTrust::Sure);
        }
        if self.follows_fixed() || second.is_alphabetic() {
            return Some(SequenceTrust::InCompany);
        }
        if self.follows_sign() {
            return None;
        }
        // What may follow a lone capital, or a word that ends in one.
        let may_follow = matches!(
            second,
            '\u{a0}' | '\u{ad}' | '»' | '’' | '”' | '›' | '…' | '–' | '—' | '·' | '•' | '™' | '®' | '©'
        );
        Some(match (word.is_empty(), may_follow) {
            (true, false) => SequenceTrust::Sure,
            (true, true) => SequenceTrust::InCompany,
            (false, _) => SequenceTrust::IfAllIsWrong,
        })
    }

    /// `Ã©`, `Å“` and their like: a small letter.
    fn trust_small(&self, c: char, second: char) -> Option<SequenceTrust> {
        let word = self.word();
        if c == '÷' {
            return None;
        }
        if word.ends_lower {
            return Some(SequenceTrust::Sure);
        }
        if word.is_capitals() {
            // `MANHÃ»` is right Portuguese; what was read wrongly twice goes on.
            let goes_on = self.rest.get(2..).is_some_and(|rest| decoded(rest).is_some());
            let is_second = word.last == Some('Ã') && self.follows_fixed();
            return (goes_on || is_second).then_some(SequenceTrust::InCompany);
        }
        let may_follow = matches!(second, '\u{a0}' | '\u{ad}' | '«' | '»' | '·');
        if !may_follow {
            let is_sure = word.is_upper || self.letter(2).is_some();
            return Some(if is_sure {
                SequenceTrust::Sure
            } else {
                SequenceTrust::InCompany
            });
        }
        if self.follows_sign() {
            return None;
        }
        let is_word = c == 'à' && word.is_empty() && self.follows_space() && self.at(2) == Some(' ');
        Some(if is_word {
            SequenceTrust::Sure
        } else {
            SequenceTrust::InCompany
        })
    }

    /// `Ã‰`, `Å’` and their like: a capital.
    fn trust_capital(&self, c: char, second: char) -> Option<SequenceTrust> {
        let word = self.word();
        if c == '×' {
            return word.is_empty().then_some(SequenceTrust::InCompany);
        }
        if word.ends_lower {
            return Some(SequenceTrust::Sure);
        }
        let next = self.letter(2);
        let is_sign = |(c, _): (char, usize)| matches!(u32::from(c), 0x80..=0xBF);
        if c == 'Â' && self.rest.get(2..).and_then(decoded).is_some_and(is_sign) {
            // A sign that was read wrongly twice.
            return Some(SequenceTrust::Sure);
        }
        if c == 'Œ' {
            let is_sure = next.is_some() && self.letter(3).is_some();
            return Some(if is_sure {
                SequenceTrust::Sure
            } else {
                SequenceTrust::IfAllIsWrong
            });
        }
        let is_quote = matches!(second, '‘' | '’' | '“' | '‚' | '„' | '‹' | '–' | '—' | '…' | '•');
        let may_follow = is_quote || matches!(second, '”' | '›' | '†' | '‡' | '™');
        let goes_on = next.is_some_and(|next| next.is_uppercase() || word.is_empty());
        if !may_follow || (goes_on && !is_quote) || (second == '™' && word.text == "o") {
            return Some(SequenceTrust::Sure);
        }
        if word.is_empty() && self.follows_sign() {
            return None;
        }
        let in_word = next.is_some() || word.is_empty();
        Some(if in_word {
            SequenceTrust::InCompany
        } else {
            SequenceTrust::IfAllIsWrong
        })
    }

    /// `Ã` whose no-break space became a space, or was trimmed: `voilÃ `.
    fn without_second(&self) -> Option<MojibakeSequence> {
        let begins = |glyph: &SourceGlyph| glyph.c.is_ascii() && !glyph.c.is_alphanumeric();
        let is_alone = self.before.last().is_none_or(begins);
        let ends = self.at(1).is_none_or(|c| c.is_ascii() && !c.is_alphanumeric());
        let is_word_end = self.word().ends_lower || is_alone;
        (ends && is_word_end).then_some(sequence('à', 1, SequenceTrust::InCompany))
    }

    /// `â€` that lost the third character, which Windows-1252 does not have: a closing quote.
    fn closing_quote(&self) -> Option<MojibakeSequence> {
        let begins = matches!(self.at(1), Some('€' | '\u{80}'));
        let is_cut = self.at(2).and_then(byte).is_none_or(|third| third >= 0xC0);
        (begins && is_cut).then_some(sequence('”', 2, SequenceTrust::Sure))
    }

    /// `à` in the place of `Ã`.
    fn a_grave(&self) -> Option<MojibakeSequence> {
        let second = self.at(1)?;
        let continuation = byte(second).filter(|byte| (0x80..0xC0).contains(byte))?;
        // UTF-8 of U+00C0 to U+00FF: C3, and the last six bits.
        let c = char::from(continuation + 0x40);
        let trust = match second {
            second if is_c1(second) => Some(SequenceTrust::Sure),
            '\u{a0}' => self.trust_a_grave_alone(),
            _ if !c.is_alphabetic() => None,
            _ if c.is_lowercase() => self.trust_a_grave_small(c, second),
            _ => self.trust_a_grave_capital(second),
        };
        trust.map(|trust| sequence(c, 2, trust))
    }

    /// `à` before a no-break space: `dà©jà `. Right text has the space before `:` or `»`.
    fn trust_a_grave_alone(&self) -> Option<SequenceTrust> {
        let ends = self
            .at(2)
            .is_none_or(|c| matches!(c, ' ' | '\n' | '.' | ',' | ')' | '-' | '\'' | '’' | 'Â' | 'â'));
        ends.then_some(SequenceTrust::InCompany)
    }

    fn trust_a_grave_small(&self, c: char, second: char) -> Option<SequenceTrust> {
        let word = self.word();
        let next = self.letter(2);
        let in_word = next.is_some_and(char::is_lowercase);
        if word.is_empty() {
            return match (c, in_word) {
                ('é' | 'ê' | 'è' | 'â' | 'î' | 'ô', true) => Some(SequenceTrust::Sure),
                ('ç', true) => Some(SequenceTrust::InCompany),
                _ => None,
            };
        }
        match second {
            '\u{ad}' => in_word.then_some(SequenceTrust::InCompany),
            // A space may be missing: `voilà«Paris»`, `voilà»dit-il`.
            '«' => {
                let after_vowel = matches!(word.last, Some('a' | 'o' | 'u'));
                match (after_vowel, next) {
                    (true, Some(_)) if in_word => Some(SequenceTrust::Sure),
                    (true, None) => Some(SequenceTrust::InCompany),
                    _ => None,
                }
            }
            '»' if in_word => {
                let may_end = word.wants_a_grave() || matches!(word.last, Some('t' | 'i'));
                (!may_end).then_some(SequenceTrust::Sure)
            }
            '»' => matches!(word.text.as_str(), "d" | "red" | "cr" | "m").then_some(SequenceTrust::InCompany),
            _ if in_word => (!word.surely_wants_a_grave()).then_some(SequenceTrust::Sure),
            _ => (!word.wants_a_grave()).then_some(SequenceTrust::InCompany),
        }
    }

    fn trust_a_grave_capital(&self, second: char) -> Option<SequenceTrust> {
        let word = self.word();
        let next = self.letter(2);
        let never_follows = matches!(second, '‰' | '‡' | 'ˆ' | 'Š' | 'Ž' | 'Œ' | '†' | 'œ' | '™' | '€');
        if word.is_empty() {
            return match second {
                '‰' | '‡' | 'ˆ' | 'Š' | 'Ž' | 'Œ' if next.is_some() => Some(SequenceTrust::Sure),
                '€' if self.at(2) == Some(' ') => Some(SequenceTrust::InCompany),
                '”' | '™' | '›' if next.is_some() => Some(SequenceTrust::InCompany),
                _ => None,
            };
        }
        let is_between_capitals = next.is_some_and(char::is_uppercase);
        if word.is_upper && is_between_capitals && (never_follows || matches!(second, '”' | '›')) {
            return Some(SequenceTrust::Sure);
        }
        if word.is_upper && never_follows && next.is_none() {
            return Some(SequenceTrust::InCompany);
        }
        // `Straße`.
        let is_sharp_s = second == 'Ÿ' && word.ends_lower && next.is_some_and(char::is_lowercase);
        is_sharp_s.then_some(SequenceTrust::Sure)
    }
}

fn sequence(c: char, length: usize, trust: SequenceTrust) -> MojibakeSequence {
    MojibakeSequence { c, length, trust }
}
