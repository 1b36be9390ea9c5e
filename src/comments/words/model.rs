//! Word lists, and the matcher that finds their words in a text.
//!
//! A word is found as a whole word, however it is disguised: folded as [`fold`](mod@super::fold) does; digits and signs
//! read as letters where there is a real letter among them (`c0nn@rd`; `1` is `i` or `l`); a letter repeated three
//! times or more read as one or as many as the entry has; single signs between the letters (`con.nard`), or anything
//! short between single letters (`c o n n`). A space of an entry is whatever is between two words. `*` at an entry's
//! end is the rest of a word.
//!
//! The parts of a web address are no words: `…/wiki/Con` is not found by `con`. An entry that is written as an address
//! (`casino.example`, `t.me/*`) is found there too.
//!
//! An exception is found as it is written, case and accents aside, and hides what its own list finds
//! within it: `con*` with the exception `conseil*`.
//!
//! All words are in one trie, walked from the beginning of every word of the text: the cost is linear
//! in the text and does not grow with the lists.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use super::WordListId;
use super::fold::{glyphs, is_sign};
use crate::comments::words::fold::{FoldedGlyph, GlyphGap};

crate::word_type! {
    /// What becomes of a comment in which a word of the list stands.
    WordListKind {
        /// It is rejected.
        Banned = "banned",
        /// It waits for a moderator.
        Suspect = "suspect",
    }
}

/// A list as the matcher takes it.
#[derive(Clone, Debug)]
pub struct ActiveWordList {
    /// The list's id.
    pub id: WordListId,
    /// What its words do.
    pub kind: WordListKind,
    /// Only for texts in this language; `None` for all.
    pub locale: Option<String>,
    /// Words and phrases.
    pub entries: Vec<String>,
    /// What is not meant by them.
    pub exceptions: Vec<String>,
}

/// A word found in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MatchedWord {
    /// The list that it is on.
    pub list_id: WordListId,
    /// What the list's words do.
    pub kind: WordListKind,
    /// The entry, as it is written on the list.
    pub entry: Arc<str>,
    /// Its first character in the text, counted in Unicode scalar values.
    pub start: usize,
    /// The position after its last character.
    pub end: usize,
}

/// An entry as the trie takes it.
#[derive(Debug, PartialEq, Eq)]
struct Pattern {
    letters: Vec<char>,
    is_prefix: bool,
}

impl Pattern {
    /// `None` where nothing is left of the entry, or, before a `*`, no more than one letter.
    fn parse(entry: &str) -> Option<Self> {
        let trimmed = entry.trim_end();
        let stem = trimmed.trim_end_matches('*');
        let is_prefix = stem.len() < trimmed.len();
        let mut letters = Vec::new();
        for glyph in glyphs(stem) {
            if glyph.gap != GlyphGap::None && !letters.is_empty() {
                letters.push(' ');
            }
            letters.push(glyph.c);
        }
        let fewest = if is_prefix { 2 } else { 1 };
        (letters.len() >= fewest).then_some(Self { letters, is_prefix })
    }
}

/// Whether an entry is written as an address: a host with a point in it, and perhaps more behind.
fn is_address(entry: &str) -> bool {
    let entry = entry.trim();
    let behind_scheme = entry.split_once("://").map_or(entry, |(_, rest)| rest);
    let host = behind_scheme.split(['/', '?', '#', '*']).next().unwrap_or_default();
    let is_host = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-');
    let last = host.rsplit_once('.');
    host.chars().all(is_host) && last.is_some_and(|(name, end)| !name.is_empty() && end.chars().count() > 1)
}

/// Whether something can be found by this entry.
pub fn is_findable(entry: &str) -> bool {
    Pattern::parse(entry).is_some()
}

/// The letters as which a character may be read: itself first.
fn readings(c: char) -> impl Iterator<Item = char> {
    let others = match c {
        '0' => "o",
        '1' => "il",
        '3' => "e",
        '4' | '@' => "a",
        '5' | '$' => "s",
        '7' => "t",
        _ => "",
    };
    std::iter::once(c).chain(others.chars())
}

#[derive(Debug)]
struct MatcherList {
    id: WordListId,
    kind: WordListKind,
    locale: Option<String>,
}

#[derive(Debug)]
struct MatcherWord {
    list: usize,
    entry: Arc<str>,
    is_exception: bool,
    is_prefix: bool,
    is_address: bool,
}

const ROOT: usize = 0;

/// The words of all lists, made ready once for every text.
#[derive(Debug, Default)]
pub struct WordMatcher {
    lists: Vec<MatcherList>,
    words: Vec<MatcherWord>,
    children: HashMap<(usize, char), usize>,
    /// The letter that leads to each node.
    letters: Vec<char>,
    /// The words that end at a node.
    ends: HashMap<usize, Vec<usize>>,
}

/// How far a walk has come in the trie, and by what readings.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct TrieStep {
    node: usize,
    /// A real letter was read as itself.
    has_letter: bool,
    /// A digit or a sign was read as a letter.
    is_leet: bool,
    /// Everything was read as it is written.
    is_plain: bool,
}

/// A text made ready.
struct FoldedText {
    glyphs: Vec<FoldedGlyph>,
    /// Whether the glyph is one of three or more of the same.
    is_stretched: Vec<bool>,
    /// Whether a word may begin with the glyph.
    begins: Vec<bool>,
    /// Whether a word may end before the glyph; one more than there are glyphs.
    ends: Vec<bool>,
    /// Where the word of the glyph ends: the first glyph of the next.
    next_words: Vec<usize>,
}

impl FoldedText {
    fn new(text: &str) -> Self {
        let glyphs = glyphs(text);
        let (is_stretched, begins, ends) = (stretched(&glyphs), begins(&glyphs), ends(&glyphs));
        let mut next_words = Vec::with_capacity(glyphs.len());
        for word in glyphs.chunk_by(|_, next| next.gap == GlyphGap::None) {
            let next = next_words.len() + word.len();
            next_words.extend(std::iter::repeat_n(next, word.len()));
        }
        Self {
            glyphs,
            is_stretched,
            begins,
            ends,
            next_words,
        }
    }

    fn gap(&self, at: usize) -> GlyphGap {
        self.glyphs.get(at).map_or(GlyphGap::Wide, |glyph| glyph.gap)
    }
}

fn stretched(glyphs: &[FoldedGlyph]) -> Vec<bool> {
    let class = |glyph: &FoldedGlyph| readings(glyph.c).nth(1).unwrap_or(glyph.c);
    let runs = glyphs.chunk_by(|one, next| next.gap == GlyphGap::None && class(one) == class(next));
    runs.flat_map(|run| std::iter::repeat_n(run.len() >= 3, run.len()))
        .collect()
}

/// Whether a word may begin with each glyph. Signs before a word may or may not be letters in it: of a long row of
/// signs only the first three and the last may begin it, so that nobody can make the matcher work long.
fn begins(glyphs: &[FoldedGlyph]) -> Vec<bool> {
    let words = glyphs.chunk_by(|_, next| next.gap == GlyphGap::None);
    words
        .flat_map(|word| edges(word.iter().map(|glyph| is_sign(glyph.c)).collect()))
        .collect()
}

/// Whether a word may end before each glyph, and after the last: one more than there are glyphs.
fn ends(glyphs: &[FoldedGlyph]) -> Vec<bool> {
    let mut ends = vec![true];
    for word in glyphs.chunk_by(|_, next| next.gap == GlyphGap::None) {
        let from_behind = edges(word.iter().rev().map(|glyph| is_sign(glyph.c)).collect());
        // After the first glyph, after the second …; that a word may end before the first is in `ends` already.
        ends.extend(from_behind.into_iter().rev());
    }
    ends
}

/// Which of the glyphs of a word may be its first, given which of them are signs.
fn edges(signs: Vec<bool>) -> Vec<bool> {
    let leading = signs.iter().take_while(|is_sign| **is_sign).count();
    let may = |at: usize| at < 3 || at + 1 >= leading;
    (0..signs.len()).map(|at| at <= leading && may(at)).collect()
}

/// A word found: its number, its first glyph, and the glyph after its last.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct GlyphMatch {
    word: usize,
    from: usize,
    to: usize,
}

impl WordMatcher {
    /// Makes the lists ready.
    pub fn new(lists: &[ActiveWordList]) -> Self {
        let mut matcher = Self {
            letters: vec![' '],
            ..Self::default()
        };
        for list in lists {
            let index = matcher.lists.len();
            matcher.lists.push(MatcherList {
                id: list.id,
                kind: list.kind,
                locale: list.locale.clone(),
            });
            for (words, is_exception) in [(&list.entries, false), (&list.exceptions, true)] {
                for entry in words {
                    matcher.add(index, entry, is_exception);
                }
            }
        }
        matcher
    }

    fn add(&mut self, list: usize, entry: &str, is_exception: bool) {
        let Some(pattern) = Pattern::parse(entry) else { return };
        let mut node = ROOT;
        for letter in pattern.letters {
            let next = self.letters.len();
            let child = *self.children.entry((node, letter)).or_insert(next);
            if child == next {
                self.letters.push(letter);
            }
            node = child;
        }
        self.ends.entry(node).or_default().push(self.words.len());
        self.words.push(MatcherWord {
            list,
            entry: entry.into(),
            is_exception,
            is_prefix: pattern.is_prefix,
            is_address: is_address(entry),
        });
    }

    /// The listed words that are in a text of this language, in its order: those of the lists for it and of the lists
    /// for all; of every list, where no language is named.
    pub fn matches(&self, text: &str, locale: Option<&str>) -> Vec<MatchedWord> {
        self.matches_beside(text, &[], locale)
    }

    /// As [`matches`](Self::matches), but within these parts of the text, in characters, only entries that are written
    /// as addresses.
    pub fn matches_beside(&self, text: &str, addresses: &[Range<usize>], locale: Option<&str>) -> Vec<MatchedWord> {
        let text = FoldedText::new(text);
        let mut found = Vec::new();
        for start in (0..text.glyphs.len()).filter(|start| text.begins.get(*start) == Some(&true)) {
            self.walk(&text, start, &mut found);
            self.walk_apart(&text, start, &mut found);
        }
        found.retain(|found| {
            let is_address = self.words.get(found.word).is_some_and(|word| word.is_address);
            let mut glyphs = text.glyphs.get(found.from..found.to).unwrap_or_default().iter();
            is_address || !glyphs.any(|glyph| addresses.iter().any(|address| address.contains(&glyph.start)))
        });
        let found = longest(found);
        let (hidden, found): (Vec<GlyphMatch>, Vec<GlyphMatch>) = found
            .into_iter()
            .partition(|found| self.words.get(found.word).is_some_and(|word| word.is_exception));
        let list_of = |found: &GlyphMatch| self.words.get(found.word).map(|word| word.list);
        let is_hidden = |one: &GlyphMatch| {
            let hides =
                |other: &&GlyphMatch| other.from <= one.from && one.to <= other.to && list_of(other) == list_of(one);
            hidden.iter().find(hides).is_some()
        };
        let mut matches: Vec<MatchedWord> = found
            .iter()
            .filter(|found| !is_hidden(found))
            .filter_map(|found| self.seen(&text, found, locale))
            .collect();
        matches.sort_by_key(|found| (found.start, found.end));
        matches
    }

    fn seen(&self, text: &FoldedText, found: &GlyphMatch, locale: Option<&str>) -> Option<MatchedWord> {
        let word = self.words.get(found.word)?;
        let list = self.lists.get(word.list)?;
        let is_meant = locale.is_none() || list.locale.is_none() || list.locale.as_deref() == locale;
        let (first, last) = (text.glyphs.get(found.from)?, text.glyphs.get(found.to - 1)?);
        is_meant.then(|| MatchedWord {
            list_id: list.id,
            kind: list.kind,
            entry: word.entry.clone(),
            start: first.start,
            end: last.end,
        })
    }

    /// Finds words and phrases whose letters are together, except for single signs between them.
    fn walk(&self, text: &FoldedText, start: usize, found: &mut Vec<GlyphMatch>) {
        let mut steps = self.first(text, start);
        let mut at = start + 1;
        while !steps.is_empty() {
            for step in &steps {
                self.end(text, start, at, step, found);
            }
            let Some(glyph) = text.glyphs.get(at) else { return };
            let mut next = Vec::new();
            for step in &steps {
                match glyph.gap {
                    GlyphGap::None => {
                        self.read(*step, glyph.c, &mut next);
                        self.stretch(text, *step, at, &mut next);
                    }
                    GlyphGap::Joiner => {
                        let hidden = TrieStep {
                            is_plain: false,
                            ..*step
                        };
                        self.read(hidden, glyph.c, &mut next);
                        self.read_word(*step, glyph.c, &mut next);
                    }
                    GlyphGap::Narrow | GlyphGap::Wide => self.read_word(*step, glyph.c, &mut next),
                }
            }
            // Several ways lead to the same place.
            next.sort_unstable();
            next.dedup();
            steps = next;
            at += 1;
        }
    }

    /// Finds words whose letters are apart from each other: at least three letters.
    fn walk_apart(&self, text: &FoldedText, start: usize, found: &mut Vec<GlyphMatch>) {
        let mut steps = self.first(text, start);
        let mut at = start + 1;
        while !steps.is_empty() && text.gap(at) != GlyphGap::None {
            if at - start >= 3 {
                for step in &steps {
                    self.end(
                        text,
                        start,
                        at,
                        &TrieStep {
                            is_plain: false,
                            ..*step
                        },
                        found,
                    );
                }
            }
            let Some(glyph) = text.glyphs.get(at).filter(|glyph| glyph.gap != GlyphGap::Wide) else {
                return;
            };
            let mut next = Vec::new();
            for step in &steps {
                self.read(*step, glyph.c, &mut next);
                self.read_word(*step, glyph.c, &mut next);
            }
            // Several ways lead to the same place.
            next.sort_unstable();
            next.dedup();
            steps = next;
            at += 1;
        }
    }

    fn first(&self, text: &FoldedText, start: usize) -> Vec<TrieStep> {
        let root = TrieStep {
            node: ROOT,
            has_letter: false,
            is_leet: false,
            is_plain: true,
        };
        let mut steps = Vec::new();
        if let Some(glyph) = text.glyphs.get(start) {
            self.read(root, glyph.c, &mut steps);
        }
        steps
    }

    /// Reads a character as the next letter of a word.
    fn read(&self, step: TrieStep, c: char, next: &mut Vec<TrieStep>) {
        for (index, letter) in readings(c).enumerate() {
            if let Some(node) = self.children.get(&(step.node, letter)) {
                let is_leet = index > 0;
                let read = TrieStep {
                    node: *node,
                    has_letter: step.has_letter || (!is_leet && c.is_alphabetic()),
                    is_leet: step.is_leet || is_leet,
                    is_plain: step.is_plain && !is_leet,
                };
                next.push(read);
            }
        }
    }

    /// Reads a character as the first letter of the next word.
    fn read_word(&self, step: TrieStep, c: char, next: &mut Vec<TrieStep>) {
        if let Some(node) = self.children.get(&(step.node, ' ')) {
            self.read(TrieStep { node: *node, ..step }, c, next);
        }
    }

    /// Reads a character as one more of the letter before it.
    fn stretch(&self, text: &FoldedText, step: TrieStep, at: usize, next: &mut Vec<TrieStep>) {
        let (Some(glyph), Some(true)) = (text.glyphs.get(at), text.is_stretched.get(at)) else {
            return;
        };
        let letter = self.letters.get(step.node).filter(|letter| letter.is_alphabetic());
        let is_same_run = at.checked_sub(1).and_then(|before| text.is_stretched.get(before)) == Some(&true);
        if is_same_run && letter.is_some_and(|letter| readings(glyph.c).any(|reading| reading == *letter)) {
            let stretched = TrieStep {
                is_plain: false,
                has_letter: step.has_letter || glyph.c.is_alphabetic(),
                ..step
            };
            next.push(stretched);
        }
    }

    /// Notes the words that end where a walk has come to, before the glyph `at`.
    fn end(&self, text: &FoldedText, start: usize, at: usize, step: &TrieStep, found: &mut Vec<GlyphMatch>) {
        if step.is_leet && !step.has_letter {
            return;
        }
        for index in self.ends.get(&step.node).into_iter().flatten() {
            let Some(word) = self
                .words
                .get(*index)
                .filter(|word| step.is_plain || !word.is_exception)
            else {
                continue;
            };
            let to = match text.next_words.get(at - 1) {
                Some(next) if word.is_prefix => *next,
                _ => at,
            };
            if text.ends.get(to) == Some(&true) {
                found.push(GlyphMatch {
                    word: *index,
                    from: start,
                    to,
                });
            }
        }
    }
}

/// Keeps, of the finds of each word, those that are inside no other.
fn longest(mut found: Vec<GlyphMatch>) -> Vec<GlyphMatch> {
    found.sort_by_key(|found| (found.word, found.from, usize::MAX - found.to));
    let (mut word, mut to) = (usize::MAX, 0);
    found.retain(|found| {
        let is_longest = found.word != word || found.to > to;
        if is_longest {
            (word, to) = (found.word, found.to);
        }
        is_longest
    });
    found
}
