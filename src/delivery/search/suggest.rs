//! What may be meant: while somebody types, and where nothing was found.

use std::borrow::Cow;

use super::views::{SuggestedArticle, SuggestedSection, SuggestedTag, Suggestions};
use crate::base::db::fulltext::{FulltextPage, FulltextPart, FulltextQuery, FulltextTerm};
use crate::base::db::{Conn, folded};
use crate::base::error::Result;
use crate::base::limits;
use crate::published::{self, ArticleFilter};
use crate::search::analyse;
use crate::search::matching::TextWords;
use crate::search::query::{self, QueryReading};
use crate::search::stem::SearchLanguage;
use crate::search::store::{self, SHORTEST_WORD};
use crate::site::frame::Frame;
use crate::site::tags::Tag;

/// Letters of a last word that may be the beginning of a longer one, while it is typed.
pub const SUGGESTED_PREFIX_LETTERS: usize = 2;
/// Articles with the last word in the title which are looked at for those that have all words there.
const TITLE_CANDIDATES: usize = 100;
/// How many of them are read at once: the first are mostly enough.
const READ_AT_ONCE: usize = 10;
/// Letters from which on few words begin so.
const LONG_START: usize = 4;
/// Words of titles that a shorter beginning stands for.
const TITLE_WORDS: i64 = 50;

/// Suggestions for what is typed so far, in a language of the site or all.
pub fn suggestions(
    conn: &mut Conn,
    frame: &Frame,
    q: &str,
    locale: Option<&str>,
    reading: &QueryReading,
) -> Result<Suggestions> {
    Ok(Suggestions {
        articles: articles(conn, q, locale, reading)?,
        tags: tags(conn, frame, q, locale)?,
        sections: sections(frame, q, locale),
    })
}

fn articles(conn: &mut Conn, q: &str, locale: Option<&str>, reading: &QueryReading) -> Result<Vec<SuggestedArticle>> {
    let (typed, begun) = without_begun_word(q);
    let Some(mut wanted) = query::parse(&typed, reading) else {
        return Ok(Vec::new());
    };
    if let Some(last) = wanted.all.last_mut() {
        *last = with_title_words(conn, std::mem::take(last))?;
    }
    let Some(last) = wanted.all.last().filter(|any| !any.is_empty()) else {
        return Ok(Vec::new());
    };
    let span = FulltextPage {
        from: i64::MIN,
        below: i64::MAX,
        ascending: false,
        limit: i64::try_from(limits::SEARCH_EXAMINED).unwrap_or(i64::MAX),
    };
    let filter = ArticleFilter {
        locale: locale.map(str::to_owned),
        ..ArticleFilter::default()
    };
    let found = published::matching(conn, &wanted, Some(last), &filter, span, limits::SUGGESTION_CANDIDATES)?;
    let mut entitled = store::matching_in_part(conn, &wanted, (FulltextPart::Title, last), &found)?;
    entitled.truncate(TITLE_CANDIDATES);
    let mut articles = Vec::new();
    for some in entitled.chunks(READ_AT_ONCE) {
        for hit in published::at_positions(conn, some)? {
            let title = TextWords::of(&hit.texts.title, SearchLanguage::of(hit.live.locale()));
            let has_all = wanted.all.iter().all(|any| title.hold(any))
                && begun
                    .as_ref()
                    .is_none_or(|start| has_word_from(&hit.texts.title, start));
            if has_all {
                articles.push(SuggestedArticle {
                    id: hit.live.id,
                    path: hit.live.path,
                    title: hit.texts.title,
                });
            }
            if articles.len() == limits::SUGGESTIONS {
                return Ok(articles);
            }
        }
    }
    Ok(articles)
}

/// What a last word may be, where a few letters of it are typed: the words of titles that begin so. So many words do that
/// the index would gather half of all articles.
fn with_title_words(conn: &mut Conn, any: Vec<FulltextTerm>) -> Result<Vec<FulltextTerm>> {
    let mut terms = Vec::new();
    for term in any {
        match term {
            FulltextTerm::Prefix(start) if start.chars().count() < LONG_START => {
                let words = store::title_words_from(conn, &start, TITLE_WORDS)?;
                terms.extend(words.into_iter().map(FulltextTerm::Form));
            }
            term => terms.push(term),
        }
    }
    Ok(terms)
}

/// What is typed without a last word of which too little is there to look it up, and that word: a letter, or what may
/// be elided before the next (`cote d’`). Where nothing else is typed, that is looked up all the same.
fn without_begun_word(q: &str) -> (Cow<'_, str>, Option<String>) {
    let words = analyse::words(q);
    if let [.., before, last] = words.as_slice() {
        // The point is one within `U.E.` where it is no other.
        let is_last_typed = q
            .get(last.bytes.end..)
            .unwrap_or_default()
            .chars()
            .all(|c| c == '.' || analyse::is_apostrophe(c));
        let is_begun = last.folded.chars().count() < SUGGESTED_PREFIX_LETTERS || analyse::begins_elided(&last.folded);
        if is_last_typed && is_begun {
            // The space says that the word before is complete.
            let typed = format!("{} ", q.get(..before.bytes.end).unwrap_or(q));
            return (typed.into(), Some(last.folded.clone()));
        }
    }
    (q.into(), None)
}

/// Whether a word begins so, be it one that is elided.
fn has_word_from(text: &str, start: &str) -> bool {
    analyse::words(text).iter().any(|word| word.folded.starts_with(start))
        || analyse::elided_words(text).any(|word| word.starts_with(start))
}

fn tags(conn: &mut Conn, frame: &Frame, q: &str, locale: Option<&str>) -> Result<Vec<SuggestedTag>> {
    let start = folded(q.trim());
    let limit = i64::try_from(limits::SUGGESTIONS).unwrap_or(0);
    let site = &frame.site;
    let locale = locale.unwrap_or(site.first_locale());
    let suggested = |tag: Tag| SuggestedTag {
        path: tag.path(site, locale),
        id: tag.id,
        kind: tag.kind,
        label: tag.label,
    };
    Ok(published::live_tags(conn, &start, limit)?
        .into_iter()
        .map(suggested)
        .collect())
}

fn sections(frame: &Frame, q: &str, locale: Option<&str>) -> Vec<SuggestedSection> {
    let starts: Vec<String> = analyse::words(q).into_iter().map(|word| word.folded).collect();
    let locale = locale.unwrap_or(frame.site.first_locale());
    let in_order = frame.tree.in_order().into_iter();
    let references = in_order.filter_map(|section| frame.tree.reference(&frame.site, section.id, locale));
    let named_so = references.filter(|section| starts.iter().all(|start| has_word_from(&section.label, start)));
    let suggested = named_so.take(limits::SUGGESTIONS).map(|section| SuggestedSection {
        id: section.id,
        label: section.label,
        path: section.path,
    });
    suggested.collect()
}

/// Words that are put right in one query.
const MAX_CORRECTED_WORDS: usize = 5;
/// Words of titles that are compared with a misspelt one, from either end.
const COMPARED_TITLE_WORDS: i64 = 2_000;
/// Letters from which on a word may have two mistakes.
const LONG_WORD: usize = 8;

/// The query with the words that are found nowhere replaced by the likeliest words of titles; `None`
/// where there are none, or where nothing is found with them either.
pub fn did_you_mean(conn: &mut Conn, q: &str, reading: &QueryReading) -> Result<Option<String>> {
    let (mut text, mut done, mut replaced) = (String::new(), 0, 0);
    for word in analyse::words(q) {
        if replaced == MAX_CORRECTED_WORDS || word.folded.chars().count() < SHORTEST_WORD {
            continue;
        }
        if is_found(conn, &word.folded, reading)? {
            continue;
        }
        let Some(meant) = closest_title_word(conn, &word.folded)? else {
            continue;
        };
        text.push_str(q.get(done..word.bytes.start).unwrap_or_default());
        text.push_str(&meant);
        (done, replaced) = (word.bytes.end, replaced + 1);
    }
    if replaced == 0 {
        return Ok(None);
    }
    text.push_str(q.get(done..).unwrap_or_default());
    let is_short = text.chars().count() <= limits::SEARCH_QUERY;
    let Some(wanted) = query::parse(&text, reading).filter(|_| is_short) else {
        return Ok(None);
    };
    Ok(is_matched(conn, &wanted)?.then_some(text))
}

fn is_found(conn: &mut Conn, word: &str, reading: &QueryReading) -> Result<bool> {
    match query::parse(&format!("{word} "), reading) {
        Some(wanted) => is_matched(conn, &wanted),
        None => Ok(true),
    }
}

fn is_matched(conn: &mut Conn, wanted: &FulltextQuery) -> Result<bool> {
    let one = FulltextPage {
        from: i64::MIN,
        below: i64::MAX,
        ascending: false,
        limit: 1,
    };
    Ok(!store::hits(conn, wanted, one)?.is_empty())
}

/// The word of titles that is nearest to a misspelt one; where several are equally near, the most frequent.
fn closest_title_word(conn: &mut Conn, word: &str) -> Result<Option<String>> {
    let may_differ = if word.chars().count() < LONG_WORD { 1 } else { 2 };
    let candidates = store::words_like(conn, word, COMPARED_TITLE_WORDS)?.into_iter();
    let near = candidates.filter_map(|(candidate, entries)| {
        let distance = strsim::osa_distance(word, &candidate);
        (distance <= may_differ).then_some((distance, std::cmp::Reverse(entries), candidate))
    });
    Ok(near.min().map(|(_, _, candidate)| candidate))
}
