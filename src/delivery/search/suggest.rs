//! What may be meant: while somebody types, and where nothing was found.

use super::views::{SuggestedArticle, SuggestedSection, SuggestedTag, Suggestions};
use crate::base::db::fulltext::{FulltextPage, FulltextPart, FulltextQuery, FulltextTerm};
use crate::base::db::{Conn, folded};
use crate::base::error::Result;
use crate::base::limits;
use crate::published::{self, ArticleFilter};
use crate::search::analyse::{self, SearchLanguage};
use crate::search::query;
use crate::search::store::{self, SHORTEST_WORD};
use crate::site::frame::Frame;
use crate::site::tags::Tag;

/// Letters of a last word that may be the beginning of a longer one, while it is typed.
const SUGGESTED_PREFIX_LETTERS: usize = 2;
/// Articles with the last word in the title which are looked at for those that have all words there.
const TITLE_CANDIDATES: usize = 100;

/// Suggestions for what is typed so far, in a language of the site or all.
pub fn suggestions(
    conn: &mut Conn,
    frame: &Frame,
    q: &str,
    locale: Option<&str>,
    languages: &[SearchLanguage],
) -> Result<Suggestions> {
    Ok(Suggestions {
        articles: articles(conn, q, locale, languages)?,
        tags: tags(conn, frame, q, locale)?,
        sections: sections(frame, q, locale),
    })
}

fn articles(
    conn: &mut Conn,
    q: &str,
    locale: Option<&str>,
    languages: &[SearchLanguage],
) -> Result<Vec<SuggestedArticle>> {
    let Some(wanted) = query::parse(q, languages, SUGGESTED_PREFIX_LETTERS) else {
        return Ok(Vec::new());
    };
    let Some(last) = wanted.all.last() else {
        return Ok(Vec::new());
    };
    let span = FulltextPage {
        from: i64::MIN,
        below: i64::MAX,
        ascending: false,
        limit: i64::try_from(limits::SEARCH_CANDIDATES).unwrap_or(i64::MAX),
    };
    let mut found = store::hits(conn, &wanted, span)?;
    let entitled = store::matching_in_part(conn, &wanted, (FulltextPart::Title, last), &found)?;
    found.retain(|position| entitled.contains(position));
    found.truncate(TITLE_CANDIDATES);
    let filter = ArticleFilter {
        locale: locale.map(str::to_owned),
        ..ArticleFilter::default()
    };
    let passing = published::passing(conn, &filter, found)?;
    let mut articles = Vec::new();
    for hit in published::at_positions(conn, &passing)? {
        let language = SearchLanguage::of(hit.live.locale());
        if has_all(&hit.texts.title, &wanted, language) && articles.len() < limits::SUGGESTIONS {
            articles.push(SuggestedArticle {
                id: hit.live.id,
                path: hit.live.path,
                title: hit.texts.title,
            });
        }
    }
    Ok(articles)
}

/// Whether every clause holds in this text alone.
fn has_all(text: &str, wanted: &FulltextQuery, language: SearchLanguage) -> bool {
    let words = analyse::words(text);
    let holds = |term: &FulltextTerm| match term {
        FulltextTerm::Phrase(phrase) => words
            .windows(phrase.len().max(1))
            .any(|side_by_side| side_by_side.iter().zip(phrase).all(|(word, form)| word.folded == *form)),
        FulltextTerm::Stem(stem) => words.iter().any(|word| analyse::stem(&word.folded, language) == *stem),
        FulltextTerm::Form(form) => words.iter().any(|word| word.folded == *form),
        FulltextTerm::Prefix(start) => words.iter().any(|word| word.folded.starts_with(start)),
    };
    wanted.all.iter().all(|any| any.iter().any(holds))
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
    let named_so = references.filter(|section| {
        let words = analyse::words(&section.label);
        starts
            .iter()
            .all(|start| words.iter().any(|word| word.folded.starts_with(start)))
    });
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
pub fn did_you_mean(conn: &mut Conn, q: &str, languages: &[SearchLanguage]) -> Result<Option<String>> {
    let (mut text, mut done, mut replaced) = (String::new(), 0, 0);
    for word in analyse::words(q) {
        if replaced == MAX_CORRECTED_WORDS || word.folded.chars().count() < SHORTEST_WORD {
            continue;
        }
        if is_found(conn, &word.folded, languages)? {
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
    let Some(wanted) = query::parse(&text, languages, SUGGESTED_PREFIX_LETTERS).filter(|_| is_short) else {
        return Ok(None);
    };
    Ok(is_matched(conn, &wanted)?.then_some(text))
}

fn is_found(conn: &mut Conn, word: &str, languages: &[SearchLanguage]) -> Result<bool> {
    match query::parse(&format!("{word} "), languages, SUGGESTED_PREFIX_LETTERS) {
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
