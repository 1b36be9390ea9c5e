//! Why an article was found: its texts, or an excerpt of them, with the words that were looked for.

use std::ops::Range;

use serde::Serialize;
use utoipa::ToSchema;

use crate::base::db::fulltext::{FulltextQuery, FulltextTerm};
use crate::base::limits;
use crate::search::matching::TextWords;
use crate::search::stem::SearchLanguage;
use crate::search::texts::SearchTexts;

crate::word_type! {
    /// Which text of an article.
    HighlightField {
        /// The headline.
        Title = "title",
        /// The line above the headline.
        Kicker = "kicker",
        /// The paragraph below it.
        Standfirst = "standfirst",
        /// The body, as plain text.
        Body = "body",
    }
}

/// A text in which something was found. Of a long one it is an excerpt, cut between words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Highlight {
    /// Which text.
    pub field: HighlightField,
    /// The text as it was published, plain and not escaped.
    pub text: String,
    /// Where the words are that were looked for: in order, never overlapping.
    pub ranges: Vec<TextRange>,
}

/// A piece of a text, counted in Unicode characters (code points, not UTF-16 units).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct TextRange {
    /// The first character.
    pub start: i32,
    /// The one behind the last.
    pub end: i32,
}

/// The texts of an article in which something of the query is found.
pub fn highlights(texts: &SearchTexts, wanted: &FulltextQuery, language: SearchLanguage) -> Vec<Highlight> {
    let fields = [
        (HighlightField::Title, Some(&texts.title)),
        (HighlightField::Kicker, texts.kicker.as_ref()),
        (HighlightField::Standfirst, texts.standfirst.as_ref()),
        (HighlightField::Body, Some(&texts.body)),
    ];
    let fields = fields.into_iter().filter_map(|(field, text)| Some((field, text?)));
    let terms: Vec<&FulltextTerm> = wanted.all.iter().flatten().collect();
    fields
        .filter_map(|(field, text)| {
            let found = TextWords::of(text, language).found(&terms);
            let excerpt = excerpt(text, &found)?;
            let (text, ranges) = cut(text, excerpt, &found);
            Some(Highlight { field, text, ranges })
        })
        .collect()
}

/// The excerpt as a range of bytes, from the line with the most matches within reach.
fn excerpt(text: &str, found: &[Range<usize>]) -> Option<Range<usize>> {
    let mut best: Option<(usize, &Range<usize>)> = None;
    for (index, first) in found.iter().enumerate() {
        let line_end = text
            .get(first.end..)?
            .find('\n')
            .map_or(text.len(), |at| first.end + at);
        let reach = line_end.min(first.start + limits::SEARCH_EXCERPT);
        let count = found.iter().skip(index).take_while(|range| range.end <= reach).count();
        if best.is_none_or(|(most, _)| count > most) {
            best = Some((count, first));
        }
    }
    let (_, first) = best?;
    let line_start = text.get(..first.start)?.rfind('\n').map_or(0, |at| at + 1);
    let line_end = text
        .get(first.end..)?
        .find('\n')
        .map_or(text.len(), |at| first.end + at);
    Some(around(text, line_start..line_end, first))
}

/// The part of a line to show around a place in it: the whole line where it is short.
fn around(text: &str, line: Range<usize>, place: &Range<usize>) -> Range<usize> {
    let of_line = text.get(line.clone()).unwrap_or_default();
    if of_line.chars().count() <= limits::SEARCH_EXCERPT {
        return line;
    }
    let before = text.get(line.start..place.start).unwrap_or_default();
    let start = match before.char_indices().rev().nth(limits::SEARCH_EXCERPT / 4) {
        Some((at, _)) => line.start + next_word(before, at),
        None => line.start,
    };
    let shown = text.get(start..line.end).unwrap_or_default();
    let end = match shown.char_indices().nth(limits::SEARCH_EXCERPT) {
        Some((at, _)) => {
            let least = place.end.saturating_sub(start);
            let cut = shown.get(..at).and_then(|shown| shown.rfind(char::is_whitespace));
            start + cut.filter(|cut| *cut >= least).unwrap_or(at)
        }
        None => line.end,
    };
    start..end
}

/// Where the next word after a place begins, or the end of the text.
fn next_word(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    let space = rest.char_indices().find(|(_, c)| c.is_whitespace());
    space.map_or(text.len(), |(space, c)| at + space + c.len_utf8())
}

/// The excerpt, and what was found in it as ranges of characters.
fn cut(text: &str, excerpt: Range<usize>, found: &[Range<usize>]) -> (String, Vec<TextRange>) {
    let shown = text.get(excerpt.clone()).unwrap_or_default();
    let (mut at, mut characters) = (0, 0);
    let mut count_to = |byte: usize| {
        characters += shown.get(at..byte).map_or(0, |piece| piece.chars().count());
        at = byte;
        i32::try_from(characters).unwrap_or(i32::MAX)
    };
    let mut ranges = Vec::new();
    for range in found
        .iter()
        .filter(|range| range.start >= excerpt.start && range.end <= excerpt.end)
    {
        let start = count_to(range.start - excerpt.start);
        let end = count_to(range.end - excerpt.start);
        ranges.push(TextRange { start, end });
    }
    (shown.to_owned(), ranges)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::search::analyse;
    use crate::search::query::{self, QueryReading};
    use crate::site::settings::Site;

    fn shown(text: &str, q: &str) -> Vec<(String, Vec<String>)> {
        let texts = SearchTexts {
            title: String::new(),
            kicker: None,
            standfirst: None,
            body: text.to_owned(),
        };
        let reading = QueryReading::of(&Site::default(), Some("fr"));
        let wanted = query::parse(q, &reading).unwrap();
        let marked = |highlight: Highlight| {
            let characters: Vec<char> = highlight.text.chars().collect();
            let word = |range: &TextRange| {
                let (start, end) = (
                    usize::try_from(range.start).unwrap(),
                    usize::try_from(range.end).unwrap(),
                );
                characters[start..end].iter().collect()
            };
            let words = highlight.ranges.iter().map(word).collect();
            (highlight.text, words)
        };
        highlights(&texts, &wanted, SearchLanguage::French)
            .into_iter()
            .map(marked)
            .collect()
    }

    #[test]
    fn what_was_found_is_marked_in_the_text_as_it_stands() {
        let text = "« L’œuvre » des lan\u{ad}ceurs du Bénin\nUne autre ligne.";
        let line = "« L’œuvre » des lan\u{ad}ceurs du Bénin".to_owned();
        let cases: [(&str, &[&str]); 5] = [
            ("oeuvre ", &["œuvre"]),
            ("lanceur ", &["lan\u{ad}ceurs"]),
            ("beni", &["Bénin"]),
            ("\"lanceurs du benin\"", &["lan\u{ad}ceurs du Bénin"]),
            ("oeuvre lanceur ", &["œuvre", "lan\u{ad}ceurs"]),
        ];
        for (q, words) in cases {
            let words = words.iter().map(|word| (*word).to_owned()).collect();
            assert_eq!(shown(text, q), [(line.clone(), words)], "{q}");
        }
        assert_eq!(shown(text, "absent "), []);
    }

    #[test]
    fn an_excerpt_is_cut_between_words_where_most_was_found() {
        let padding = "mot ".repeat(200);
        let text = format!("Mali au début. {padding}le Mali et le Mali {padding}");
        let [(excerpt, words)] = <[_; 1]>::try_from(shown(&text, "mali ")).unwrap();
        assert_eq!(words, ["Mali", "Mali"]);
        assert!(excerpt.chars().count() <= limits::SEARCH_EXCERPT, "{excerpt}");
        assert!(excerpt.starts_with("mot ") && excerpt.ends_with(" mot"), "{excerpt:?}");
    }

    proptest! {
        #[test]
        fn ranges_hold_what_was_looked_for(text in "([a-zéœ’' \\n\u{ad}]{0,40}|.{0,20}){0,30}", at in 0_usize..40) {
            let words = analyse::words(&text);
            let Some(word) = words.get(at) else { return Ok(()) };
            let wanted = FulltextQuery {
                all: vec![vec![FulltextTerm::Form(word.folded.clone())]],
                none: Vec::new(),
            };
            let texts = SearchTexts { title: String::new(), kicker: None, standfirst: None, body: text.clone() };
            let highlights = highlights(&texts, &wanted, SearchLanguage::Other);
            prop_assert_eq!(highlights.len(), 1);
            let characters: Vec<char> = highlights[0].text.chars().collect();
            prop_assert!(text.contains(&highlights[0].text));
            prop_assert!(!highlights[0].ranges.is_empty(), "{:?}", text);
            for range in &highlights[0].ranges {
                let marked: String = characters[range.start as usize..range.end as usize].iter().collect();
                prop_assert_eq!(analyse::fold(&marked), word.folded.clone());
            }
        }
    }
}
