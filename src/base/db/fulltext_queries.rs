//! What the databases are asked of their full-text indexes, in their own languages of queries.

use super::fulltext::{FulltextPart, FulltextQuery, FulltextTerm};
use crate::base::db::begun_words::BegunWords;

/// FTS5's query. Every word is in quotes, so that nothing in it is an operator.
pub(super) fn sqlite_query(
    wanted: &FulltextQuery,
    within: Option<(&[FulltextPart], &[FulltextTerm])>,
    begun: &BegunWords,
) -> String {
    // What is somewhere in particular is somewhere.
    let is_said = |any: &&Vec<FulltextTerm>| within.is_some_and(|(_, terms)| any.as_slice() == terms);
    let others = wanted.all.iter().filter(|any| !is_said(any));
    let mut all: Vec<String> = others.map(|any| sqlite_any(any, &[], begun)).collect();
    all.extend(within.map(|(parts, any)| sqlite_any(any, parts, begun)));
    let none: Vec<String> = wanted.none.iter().map(|any| sqlite_any(any, &[], begun)).collect();
    let all = all.join(" AND ");
    if none.is_empty() {
        all
    } else {
        format!("({all}) NOT ({})", none.join(" OR "))
    }
}

/// That one of these terms is there, in one of these parts or, where none are given, in any.
fn sqlite_any(any: &[FulltextTerm], parts: &[FulltextPart], begun: &BegunWords) -> String {
    let of = |parts: &[FulltextPart], suffixes: &[&str]| {
        let columns = suffixes
            .iter()
            .flat_map(|suffix| parts.iter().map(move |part| format!("{}{suffix}", part.column())));
        format!("{{{}}}", columns.collect::<Vec<String>>().join(" "))
    };
    let columns = |suffix| of(if parts.is_empty() { &FulltextPart::ALL } else { parts }, &[suffix]);
    // Where forms and stems may both be, nothing is said of columns if nothing need be: that is least work.
    let either = match parts {
        [] => String::new(),
        parts => format!("{} : ", of(parts, &["", "_stems"])),
    };
    let listed = |word: &String| {
        any.iter()
            .any(|term| begun.of(term).is_some_and(|words| words.contains(word)))
    };
    let term = |term: &FulltextTerm| match term {
        FulltextTerm::Stem(stem) => format!("{} : {}", columns("_stems"), quoted(stem)),
        FulltextTerm::Form(form) => format!("{} : {}", columns(""), quoted(form)),
        FulltextTerm::Prefix(start) => match begun.of(term) {
            Some([]) => format!("{either}{}", quoted(start)),
            Some([word]) => format!("{either}{}", quoted(word)),
            Some(words) => {
                let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
                format!("{either}({})", words.join(" OR "))
            }
            None => {
                let columns = [columns(""), columns("_stems")];
                let begun = columns.map(|columns| format!("{columns} : {} *", quoted(start)));
                begun.join(" OR ")
            }
        },
        FulltextTerm::Phrase(words) => format!("{} : {}", columns(""), quoted(&words.join(" "))),
    };
    // What begins so is looked for among forms and stems: a stem that does is found with it.
    let kept = any
        .iter()
        .filter(|term| !matches!(term, FulltextTerm::Stem(stem) if listed(stem)));
    let terms: Vec<String> = kept.map(term).collect();
    format!("({})", terms.join(" OR "))
}

fn quoted(word: &str) -> String {
    format!("\"{}\"", word.replace('"', "\"\""))
}

/// PostgreSQL's query. Every word is in quotes, so that nothing in it is an operator.
pub(super) fn postgres_query(wanted: &FulltextQuery) -> String {
    let all = wanted.all.iter().map(|any| postgres_any(any, None));
    let none = wanted.none.iter().map(|any| format!("!{}", postgres_any(any, None)));
    all.chain(none).collect::<Vec<String>>().join(" & ")
}

pub(super) fn postgres_any(any: &[FulltextTerm], part: Option<FulltextPart>) -> String {
    let weight = part.map_or_else(String::new, |part| part.weight().to_string());
    let weighed = |word: &str, sign: &str| match (sign, weight.as_str()) {
        ("", "") => lexeme(word),
        _ => format!("{}:{sign}{weight}", lexeme(word)),
    };
    let term = |term: &FulltextTerm| match term {
        FulltextTerm::Stem(stem) => weighed(&format!("={stem}"), ""),
        FulltextTerm::Form(form) => weighed(form, ""),
        FulltextTerm::Prefix(start) => [start.clone(), format!("={start}")]
            .map(|start| weighed(&start, "*"))
            .join(" | "),
        FulltextTerm::Phrase(words) => {
            let words: Vec<String> = words.iter().map(|word| weighed(word, "")).collect();
            format!("({})", words.join(" <-> "))
        }
    };
    let terms: Vec<String> = any.iter().map(term).collect();
    format!("({})", terms.join(" | "))
}

/// A word in quotes, as PostgreSQL reads vectors and queries.
pub(super) fn lexeme(word: &str) -> String {
    format!("'{}'", word.replace('\\', "\\\\").replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some() -> FulltextQuery {
        FulltextQuery {
            all: vec![
                vec![
                    FulltextTerm::Stem("mal".to_owned()),
                    FulltextTerm::Prefix("mali".to_owned()),
                ],
                vec![FulltextTerm::Phrase(vec!["le".to_owned(), "nord".to_owned()])],
            ],
            none: vec![
                vec![FulltextTerm::Form("or".to_owned())],
                vec![FulltextTerm::Stem("a".to_owned())],
            ],
        }
    }

    #[test]
    fn fts5_is_asked_in_quotes() {
        assert_eq!(
            sqlite_query(
                &some(),
                Some((&[FulltextPart::Lead], &[FulltextTerm::Stem("x".to_owned())])),
                &BegunWords::default()
            ),
            "(({title_stems lead_stems body_stems} : \"mal\" OR {title lead body} : \"mali\" * OR \
             {title_stems lead_stems body_stems} : \"mali\" *) AND \
             ({title lead body} : \"le nord\") AND ({lead_stems} : \"x\")) NOT \
             (({title lead body} : \"or\") OR ({title_stems lead_stems body_stems} : \"a\"))"
        );
    }

    #[test]
    fn fts5_is_asked_for_the_words_that_are_begun() {
        let asked = |words: &[&str], within| {
            let wanted = FulltextQuery {
                none: Vec::new(),
                all: vec![some().all[0].clone()],
            };
            let parts = [FulltextPart::Title, FulltextPart::Lead];
            let within = if within {
                Some((&parts[..], &wanted.all[0][..]))
            } else {
                None
            };
            sqlite_query(&wanted, within, &BegunWords::known("mali", words))
        };
        let stems = "{title_stems lead_stems body_stems} : \"mal\"";
        assert_eq!(asked(&[], false), format!("({stems} OR \"mali\")"));
        assert_eq!(asked(&["malien"], false), format!("({stems} OR \"malien\")"));
        assert_eq!(asked(&["mal", "malien"], false), "((\"mal\" OR \"malien\"))");
        assert_eq!(
            asked(&["mal", "malien"], true),
            "({title lead title_stems lead_stems} : (\"mal\" OR \"malien\"))"
        );
    }

    #[test]
    fn postgresql_is_asked_in_quotes() {
        assert_eq!(
            postgres_query(&some()),
            "('=mal' | 'mali':* | '=mali':*) & (('le' <-> 'nord')) & !('or') & !('=a')"
        );
        let within = [
            FulltextTerm::Prefix("mali".to_owned()),
            FulltextTerm::Stem("o'\\".to_owned()),
        ];
        assert_eq!(
            postgres_any(&within, Some(FulltextPart::Title)),
            "('mali':*A | '=mali':*A | '=o''\\\\':A)"
        );
    }
}
