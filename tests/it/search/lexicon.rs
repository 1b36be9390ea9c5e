//! French words with all their forms, from the dictionary that Debian's `hunspell-fr-comprehensive` installs, and how
//! often news use them. Nothing of the dictionary is kept here: a test reads it where it is installed.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

const DICTIONARY: &str = "/usr/share/hunspell/fr.dic";
const AFFIXES: &str = "/usr/share/hunspell/fr.aff";

/// What a word is, as far as the tests tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WordKind {
    NounOrAdjective,
    Verb,
}

/// A word and its forms, in lower case and with their accents.
#[derive(Clone, Debug)]
pub struct Lemma {
    pub kind: WordKind,
    pub forms: BTreeSet<String>,
    /// How often the news at hand use it, and once more.
    pub weight: usize,
}

/// A rule of a flag: what is taken off, what is put on, and what the word must end with.
struct SuffixRule {
    strip: String,
    add: String,
    condition: Vec<EndingLetter>,
}

enum EndingLetter {
    Any,
    OneOf(Vec<char>),
    NoneOf(Vec<char>),
}

fn condition(text: &str) -> Vec<EndingLetter> {
    let (mut letters, mut rest) = (Vec::new(), text.chars());
    while let Some(c) = rest.next() {
        letters.push(match c {
            '.' => EndingLetter::Any,
            '[' => {
                let set: Vec<char> = rest.by_ref().take_while(|c| *c != ']').collect();
                match set.split_first() {
                    Some(('^', set)) => EndingLetter::NoneOf(set.to_vec()),
                    _ => EndingLetter::OneOf(set),
                }
            }
            c => EndingLetter::OneOf(vec![c]),
        });
    }
    letters
}

impl SuffixRule {
    fn apply(&self, word: &str) -> Option<String> {
        let letters: Vec<char> = word.chars().collect();
        let end = letters.get(letters.len().checked_sub(self.condition.len())?..)?;
        let holds = end.iter().zip(&self.condition).all(|(c, wanted)| match wanted {
            EndingLetter::Any => true,
            EndingLetter::OneOf(set) => set.contains(c),
            EndingLetter::NoneOf(set) => !set.contains(c),
        });
        let root = word.strip_suffix(self.strip.as_str())?;
        holds.then(|| format!("{root}{}", self.add))
    }
}

fn suffix_rules() -> Option<HashMap<String, Vec<SuffixRule>>> {
    let mut rules: HashMap<String, Vec<SuffixRule>> = HashMap::new();
    for line in std::fs::read_to_string(AFFIXES).ok()?.lines() {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let ["SFX", flag, strip, add, ends, ..] = fields.as_slice() else {
            continue;
        };
        let without_zero = |text: &str| if text == "0" { String::new() } else { text.to_owned() };
        rules.entry((*flag).to_owned()).or_default().push(SuffixRule {
            strip: without_zero(strip),
            add: without_zero(add.split('/').next().unwrap()),
            condition: condition(ends),
        });
    }
    Some(rules)
}

/// How often each word stands in the news at hand; empty where there are none.
fn uses() -> HashMap<String, usize> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/wikinews-fr.jsonl");
    let text = std::fs::read_to_string(path).unwrap_or_default().to_lowercase();
    let mut uses = HashMap::new();
    for word in text.split(|c: char| !c.is_alphabetic()) {
        *uses.entry(word.to_owned()).or_default() += 1;
    }
    uses
}

/// The words with more than one form, where the dictionary is installed.
pub fn lemmas() -> Option<Vec<Lemma>> {
    let (dictionary, rules, uses) = (std::fs::read_to_string(DICTIONARY).ok()?, suffix_rules()?, uses());
    let mut lemmas = Vec::new();
    for line in dictionary.lines().skip(1) {
        let mut fields = line.split_whitespace();
        let (word, flags) = fields.next().unwrap_or_default().split_once('/').unwrap_or_default();
        let kinds: Vec<&str> = fields.filter_map(|field| field.strip_prefix("po:")).collect();
        let kind = if kinds.iter().any(|kind| kind.starts_with('v')) {
            WordKind::Verb
        } else if kinds.iter().any(|kind| matches!(*kind, "nom" | "adj")) {
            WordKind::NounOrAdjective
        } else {
            continue;
        };
        let flags: Vec<char> = flags.chars().collect();
        let rules = flags
            .chunks(2)
            .filter_map(|flag| rules.get(&flag.iter().collect::<String>()));
        let mut forms: BTreeSet<String> = rules.flatten().filter_map(|rule| rule.apply(word)).collect();
        if kind == WordKind::Verb {
            forms.insert(word.to_owned());
        }
        let is_plain = |word: &String| word.chars().count() > 2 && word.chars().all(|c| c.is_lowercase());
        if forms.len() > 1 && forms.iter().all(is_plain) {
            let weight = 1 + forms.iter().filter_map(|form| uses.get(form)).sum::<usize>();
            lemmas.push(Lemma { kind, forms, weight });
        }
    }
    Some(lemmas)
}

/// A sample without repetition, in which a word stands the likelier the more it is used. The same seed draws the same.
pub fn sample(mut lemmas: Vec<Lemma>, count: usize, seed: u64) -> Vec<Lemma> {
    let mut state = seed;
    let mut drawn = Vec::new();
    while drawn.len() < count && !lemmas.is_empty() {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let total: usize = lemmas.iter().map(|lemma| lemma.weight).sum();
        let mut at = usize::try_from(state >> 33).unwrap() % total;
        let index = lemmas.iter().position(|lemma| {
            let is_it = at < lemma.weight;
            at = at.saturating_sub(lemma.weight);
            is_it
        });
        drawn.push(lemmas.swap_remove(index.unwrap()));
    }
    drawn
}
