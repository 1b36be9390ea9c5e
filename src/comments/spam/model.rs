//! Naive Bayes on what a comment has: each token once, however often it occurs.
//!
//! The weight of a token is the logarithm of how much more often it was in spam than in ham, each count smoothed by one
//! (Laplace): `ln(((s + 1) / (S + 2)) / ((h + 1) / (H + 2)))`. The weights of the tokens that say most are added up;
//! the logistic function turns the sum into a probability. Before anything is read, both classes count as equally
//! likely: how much spam there was says more about past attacks than about this comment.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::secrets::sha256;
use crate::comments::markup;
use crate::comments::words::fold;

/// Fewest comments of each class before the model says anything.
pub const MIN_LEARNED: i64 = 50;
/// From this probability on, a comment is worth a moderator's look.
pub const HOLD_PROBABILITY: f64 = 0.9;
/// Tokens of a comment that are counted; an honest one of 5,000 characters has fewer.
const MOST_TOKENS: usize = 800;
/// Tokens that a score is made of: those of the greatest weight. So a long comment does not get a surer score for its
/// length alone.
const MOST_WEIGHED: usize = 40;
/// Tokens that a score shows.
const MOST_SHOWN: usize = 10;
/// Characters of a word that count.
const WORD_CHARS: usize = 30;
/// Letters of a comment below which capitals say nothing.
const FEWEST_LETTERS: usize = 20;

/// What a moderator's decision teaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpamClass {
    /// It was approved.
    Ham,
    /// It was marked as spam.
    Spam,
}

/// How many comments of each class there were, with a token or at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClassCounts {
    /// Approved ones.
    pub ham: i64,
    /// Those marked as spam.
    pub spam: i64,
}

impl ClassCounts {
    /// Whether there are enough of each to say something.
    pub fn suffice(self) -> bool {
        self.ham >= MIN_LEARNED && self.spam >= MIN_LEARNED
    }
}

/// A token and what it weighs.
#[derive(Clone, Debug, PartialEq)]
pub struct WeighedToken {
    /// The token: `word:casino`, `host:spam.example`, `author:jean`, or `has:link`.
    pub token: String,
    /// Above zero speaks for spam, below for ham: a natural logarithm.
    pub weight: f64,
}

/// What the model says of a comment.
#[derive(Clone, Debug, PartialEq)]
pub struct SpamScore {
    /// That it is spam, from 0 to 1.
    pub probability: f64,
    /// What weighed most, the heaviest first.
    pub top_tokens: Vec<WeighedToken>,
}

/// The part of what was learned that matters for one comment.
#[derive(Clone, Debug, Default)]
pub struct BayesModel {
    /// All comments.
    pub totals: ClassCounts,
    /// Those with a token, by the token's [`digest`].
    pub tokens: BTreeMap<String, ClassCounts>,
}

impl BayesModel {
    /// How much a comment looks like spam; `None` while too little was seen.
    pub fn score(&self, text: &str, author: &str) -> Option<SpamScore> {
        if !self.totals.suffice() {
            return None;
        }
        let weigh = |token: String| {
            let counts = self
                .tokens
                .get(&digest(&token))
                .copied()
                .filter(|counts| counts.ham + counts.spam > 0)?;
            let weight = weight(counts, self.totals);
            Some(WeighedToken { token, weight })
        };
        let mut weighed: Vec<WeighedToken> = tokens(text, author).into_iter().filter_map(weigh).collect();
        weighed.sort_by(|one, other| {
            let heavier = other.weight.abs().total_cmp(&one.weight.abs());
            heavier.then_with(|| one.token.cmp(&other.token))
        });
        weighed.truncate(MOST_WEIGHED);
        let sum: f64 = weighed.iter().map(|token| token.weight).sum();
        weighed.truncate(MOST_SHOWN);
        Some(SpamScore {
            probability: 1.0 / (1.0 + (-sum).exp()),
            top_tokens: weighed,
        })
    }
}

/// The weight of a token that was in `with` comments out of `all`, counted by class.
pub fn weight(with: ClassCounts, all: ClassCounts) -> f64 {
    let share = |with: i64, all: i64| (number(with) + 1.0) / (number(all) + 2.0);
    (share(with.spam, all.spam) / share(with.ham, all.ham)).ln()
}

/// A count; one below zero counts as zero. Exact up to 2^32, far more comments than a newsroom sees.
fn number(count: i64) -> f64 {
    u32::try_from(count.max(0)).map_or(f64::from(u32::MAX), f64::from)
}

/// What a token is stored by: 128 bits and more of its SHA-256.
pub fn digest(token: &str) -> String {
    sha256(token.as_bytes()).chars().take(22).collect()
}

/// What a comment has: its words, its links' hosts, its author's names, and how it looks.
pub fn tokens(text: &str, author: &str) -> BTreeSet<String> {
    let links = markup::links(text);
    let mut tokens = BTreeSet::new();
    let look = match links.len() {
        0 => None,
        1 | 2 => Some("has:link"),
        _ => Some("has:links"),
    };
    tokens.extend(look.map(str::to_owned));
    tokens.extend(capitals(text).map(str::to_owned));
    tokens.extend(words(author).map(|word| format!("author:{word}")));
    let host = |url: &str| {
        let url = ammonia::Url::parse(url).ok()?;
        url.host_str().map(|host| format!("host:{host}"))
    };
    tokens.extend(links.iter().filter_map(|link| host(&link.url)).take(MOST_TOKENS / 4));
    for word in words(text) {
        if tokens.len() >= MOST_TOKENS {
            break;
        }
        tokens.insert(format!("word:{word}"));
    }
    tokens
}

/// The folded words, of two characters and more.
fn words(text: &str) -> impl Iterator<Item = String> {
    let folded = fold(text);
    let word = |word: &str| word.chars().take(WORD_CHARS).collect();
    let words: Vec<String> = folded
        .split(' ')
        .filter(|word| word.chars().nth(1).is_some())
        .map(word)
        .collect();
    words.into_iter()
}

/// The token of a text that has many capitals.
fn capitals(text: &str) -> Option<&'static str> {
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    let capitals = text.chars().filter(|c| c.is_uppercase()).count();
    match (letters, capitals * 10) {
        (0..FEWEST_LETTERS, _) => None,
        (letters, tenths) if tenths >= letters * 7 => Some("has:capitals_only"),
        (letters, tenths) if tenths >= letters * 3 => Some("has:capitals"),
        _ => None,
    }
}
