//! Full-text indexes, the same on both databases: FTS5 on SQLite, a `tsvector` on PostgreSQL. Neither
//! analyses anything. Words come folded and stemmed ([`crate::search::analyse`]), and this file writes
//! the `tsvector`, the `tsquery` and FTS5's query itself, so that both databases find the same.
//!
//! An entry has a number, by which it is found, ordered and deleted, and three parts. FTS5 keeps forms and stems in
//! columns of their own; PostgreSQL keeps both in one vector at the same positions, a stem with `=` before it, which no
//! word contains.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Write;

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Text};

use super::schema::search_words;
use super::{Conn, EitherConn};

/// An index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FulltextIndex {
    /// Live articles, by position.
    Published,
    /// Working copies. No public route reads it.
    Desk,
}

impl FulltextIndex {
    fn table(self) -> &'static str {
        match self {
            Self::Published => "search_index",
            Self::Desk => "desk_search_index",
        }
    }
}

/// A part of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FulltextPart {
    /// The headline.
    Title,
    /// What is around the headline.
    Lead,
    /// The rest.
    Body,
}

impl FulltextPart {
    const ALL: [Self; 3] = [Self::Title, Self::Lead, Self::Body];

    fn column(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Lead => "lead",
            Self::Body => "body",
        }
    }

    fn weight(self) -> char {
        match self {
            Self::Title => 'A',
            Self::Lead => 'B',
            Self::Body => 'C',
        }
    }
}

/// A word as it is indexed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexedWord {
    /// Folded.
    pub form: String,
    /// Stemmed.
    pub stem: String,
    /// The stem of the compound that ends with it.
    pub compound: Option<String>,
}

impl IndexedWord {
    fn stems(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.stem.as_str()).chain(self.compound.as_deref())
    }
}

/// An entry: the words of each part, in order.
#[derive(Clone, Debug, Default)]
pub struct FulltextEntry {
    /// The headline's.
    pub title: Vec<IndexedWord>,
    /// Those around it.
    pub lead: Vec<IndexedWord>,
    /// All others.
    pub body: Vec<IndexedWord>,
}

impl FulltextEntry {
    fn part(&self, part: FulltextPart) -> &[IndexedWord] {
        match part {
            FulltextPart::Title => &self.title,
            FulltextPart::Lead => &self.lead,
            FulltextPart::Body => &self.body,
        }
    }
}

/// Something to look for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FulltextTerm {
    /// A word in any of its forms.
    Stem(String),
    /// A word exactly as it is, folded.
    Form(String),
    /// Any word that begins so, folded, or whose stem does.
    Prefix(String),
    /// Words exactly as they are, one after the other, folded.
    Phrase(Vec<String>),
}

/// Which entries are looked for: those where every clause of `all` holds and no clause of `none`. A clause holds where
/// one of its terms does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FulltextQuery {
    /// What an entry must have.
    pub all: Vec<Vec<FulltextTerm>>,
    /// What it must not have.
    pub none: Vec<Vec<FulltextTerm>>,
}

/// Which of the entries that match are asked for.
#[derive(Clone, Copy, Debug)]
pub struct FulltextPage {
    /// From this number on.
    pub from: i64,
    /// Below this one.
    pub below: i64,
    /// The smallest numbers first.
    pub ascending: bool,
    /// Entries at most.
    pub limit: i64,
}

/// Adds entries, each in place of the one with its number, in one statement and in the order of their numbers: FTS5
/// writes out what it has gathered before each statement, and whenever a number is less than the one before.
pub fn insert(conn: &mut Conn, index: FulltextIndex, entries: &[(i64, &FulltextEntry)]) -> QueryResult<()> {
    let (table, entries) = (index.table(), entries.iter().copied().collect::<BTreeMap<_, _>>());
    if entries.is_empty() {
        return Ok(());
    }
    let rows = |row: fn(usize) -> String| -> String {
        let rows: Vec<String> = (0..entries.len()).map(row).collect();
        rows.join(", ")
    };
    match conn.either() {
        EitherConn::Sqlite(c) => {
            let into = format!(
                "INSERT OR REPLACE INTO {table} (rowid, title, lead, body, title_stems, lead_stems, body_stems) VALUES "
            );
            let mut insert = diesel::sql_query(into + &rows(|_| "(?, ?, ?, ?, ?, ?, ?)".to_owned())).into_boxed();
            for (number, entry) in entries {
                insert = insert.bind::<BigInt, _>(number);
                let words = |part| entry.part(part).iter();
                for part in FulltextPart::ALL {
                    let forms: Vec<&str> = words(part).map(|word| word.form.as_str()).collect();
                    insert = insert.bind::<Text, _>(forms.join(" "));
                }
                for part in FulltextPart::ALL {
                    let stems: Vec<&str> = words(part).flat_map(IndexedWord::stems).collect();
                    insert = insert.bind::<Text, _>(stems.join(" "));
                }
            }
            insert.execute(c).map(drop)
        }
        EitherConn::Postgres(c) => {
            let row = |at: usize| {
                let (number, vector, head) = (at * 3 + 1, at * 3 + 2, at * 3 + 3);
                format!("(${number}, CAST(${vector} AS tsvector), CAST(${head} AS tsvector))")
            };
            let into = format!("INSERT INTO {table} (number, vector, head_vector) VALUES ");
            let replace = " ON CONFLICT (number) DO UPDATE SET vector = excluded.vector, \
                           head_vector = excluded.head_vector";
            let mut insert = diesel::sql_query(into + &rows(row) + replace).into_boxed();
            for (number, entry) in entries {
                insert = insert
                    .bind::<BigInt, _>(number)
                    .bind::<Text, _>(vector(entry, &FulltextPart::ALL))
                    .bind::<Text, _>(vector(entry, &[FulltextPart::Title, FulltextPart::Lead]));
            }
            insert.execute(c).map(drop)
        }
    }
}

/// Removes an entry, where there is one.
pub fn delete(conn: &mut Conn, index: FulltextIndex, number: i64) -> QueryResult<()> {
    let (table, key) = (index.table(), key(conn));
    let delete = format!("DELETE FROM {table} WHERE {key} = ");
    match conn.either() {
        EitherConn::Sqlite(c) => diesel::sql_query(delete + "?").bind::<BigInt, _>(number).execute(c),
        EitherConn::Postgres(c) => diesel::sql_query(delete + "$1").bind::<BigInt, _>(number).execute(c),
    }
    .map(drop)
}

/// Removes every entry.
pub fn clear(conn: &mut Conn, index: FulltextIndex) -> QueryResult<()> {
    let table = index.table();
    match conn.either() {
        EitherConn::Sqlite(c) => {
            diesel::sql_query(format!("INSERT INTO {table} ({table}) VALUES ('delete-all')")).execute(c)
        }
        EitherConn::Postgres(c) => diesel::sql_query(format!("DELETE FROM {table}")).execute(c),
    }
    .map(drop)
}

/// Adds to the counts of words, or subtracts where a number is negative; a word whose count comes to nothing is
/// forgotten.
pub fn count_words(conn: &mut Conn, counts: &BTreeMap<String, i64>) -> QueryResult<()> {
    if counts.is_empty() {
        return Ok(());
    }
    // Sorted by word: every transaction locks the rows in this order, so that two never wait for each other.
    let rows: Vec<(&str, String, i64)> = counts
        .iter()
        .map(|(word, by)| (word.as_str(), word.chars().rev().collect(), *by))
        .collect();
    let json = serde_json::to_string(&rows).map_err(|error| diesel::result::Error::SerializationError(error.into()))?;
    let update = "WHERE true ON CONFLICT (word) DO UPDATE SET entries = search_words.entries + excluded.entries";
    match conn.either() {
        EitherConn::Sqlite(c) => {
            let select = "SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), \
                          json_extract(value, '$[2]') FROM json_each(?)";
            diesel::sql_query(format!(
                "INSERT INTO search_words (word, reversed, entries) {select} {update}"
            ))
            .bind::<Text, _>(json)
            .execute(c)?;
        }
        EitherConn::Postgres(c) => {
            let select = "SELECT value ->> 0, value ->> 1, CAST(value ->> 2 AS bigint) \
                          FROM json_array_elements(CAST($1 AS json))";
            diesel::sql_query(format!(
                "INSERT INTO search_words (word, reversed, entries) {select} {update}"
            ))
            .bind::<Text, _>(json)
            .execute(c)?;
        }
    }
    let fewer: Vec<&String> = counts.iter().filter(|(_, by)| **by < 0).map(|(word, _)| word).collect();
    if !fewer.is_empty() {
        let counted_out = search_words::table.filter(search_words::entries.le(0));
        diesel::delete(counted_out.filter(search_words::word.eq_any(fewer))).execute(conn)?;
    }
    Ok(())
}

fn key(conn: &Conn) -> &'static str {
    if conn.is_sqlite() { "rowid" } else { "number" }
}

#[derive(QueryableByName)]
struct EntryNumberRow {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

/// The numbers of the entries that match, in order.
pub fn hits(
    conn: &mut Conn,
    index: FulltextIndex,
    wanted: &FulltextQuery,
    span: FulltextPage,
) -> QueryResult<Vec<i64>> {
    let (table, key) = (index.table(), key(conn));
    let order = if span.ascending { "ASC" } else { "DESC" };
    let hits: Vec<EntryNumberRow> = match conn.either() {
        EitherConn::Sqlite(c) => {
            let select = format!(
                "SELECT {key} AS number FROM {table} WHERE {table} MATCH ? AND {key} >= ? AND {key} < ? \
                 ORDER BY {key} {order} LIMIT ?"
            );
            diesel::sql_query(select)
                .bind::<Text, _>(sqlite_query(wanted, None))
                .bind::<BigInt, _>(span.from)
                .bind::<BigInt, _>(span.below)
                .bind::<BigInt, _>(span.limit)
                .load(c)?
        }
        EitherConn::Postgres(c) => {
            let select = format!(
                "SELECT {key} AS number FROM {table} WHERE vector @@ CAST($1 AS tsquery) AND {key} >= $2 AND {key} < $3 \
                 ORDER BY {key} {order} LIMIT $4"
            );
            diesel::sql_query(select)
                .bind::<Text, _>(postgres_query(wanted))
                .bind::<BigInt, _>(span.from)
                .bind::<BigInt, _>(span.below)
                .bind::<BigInt, _>(span.limit)
                .load(c)?
        }
    };
    Ok(hits.into_iter().map(|hit| hit.number).collect())
}

/// Filters entries that match: keeps those where a clause holds in one part, the title or the lead. FTS5 merges its
/// lists over the span of the entries; PostgreSQL reads the small vectors of these entries alone.
pub fn matching_in_part(
    conn: &mut Conn,
    index: FulltextIndex,
    wanted: &FulltextQuery,
    (part, clause): (FulltextPart, &[FulltextTerm]),
    numbers: &[i64],
) -> QueryResult<HashSet<i64>> {
    let (Some(least), Some(greatest)) = (numbers.iter().min().copied(), numbers.iter().max().copied()) else {
        return Ok(HashSet::new());
    };
    let (table, key) = (index.table(), key(conn));
    let hits: Vec<EntryNumberRow> = match conn.either() {
        EitherConn::Sqlite(c) => {
            let select = format!("SELECT {key} AS number FROM {table} WHERE {table} MATCH ? AND {key} BETWEEN ? AND ?");
            diesel::sql_query(select)
                .bind::<Text, _>(sqlite_query(wanted, Some((part, clause))))
                .bind::<BigInt, _>(least)
                .bind::<BigInt, _>(greatest)
                .load(c)?
        }
        EitherConn::Postgres(c) => {
            let select = format!(
                "SELECT {key} AS number FROM {table} WHERE {key} = ANY($1) AND head_vector @@ CAST($2 AS tsquery)"
            );
            diesel::sql_query(select)
                .bind::<Array<BigInt>, _>(numbers)
                .bind::<Text, _>(postgres_any(clause, Some(part)))
                .load(c)?
        }
    };
    let asked: HashSet<i64> = numbers.iter().copied().collect();
    let holding = hits.into_iter().map(|hit| hit.number);
    Ok(holding.filter(|number| asked.contains(number)).collect())
}

/// FTS5's query. Every word is in quotes, so that nothing in it is an operator.
fn sqlite_query(wanted: &FulltextQuery, within: Option<(FulltextPart, &[FulltextTerm])>) -> String {
    let mut all: Vec<String> = wanted.all.iter().map(|any| sqlite_any(any, None)).collect();
    all.extend(within.map(|(part, any)| sqlite_any(any, Some(part))));
    let none: Vec<String> = wanted.none.iter().map(|any| sqlite_any(any, None)).collect();
    let all = all.join(" AND ");
    if none.is_empty() {
        all
    } else {
        format!("({all}) NOT ({})", none.join(" OR "))
    }
}

fn sqlite_any(any: &[FulltextTerm], part: Option<FulltextPart>) -> String {
    let columns = |suffix: &str| match part {
        Some(part) => format!("{{{}{suffix}}}", part.column()),
        None => {
            let names = FulltextPart::ALL.map(|part| format!("{}{suffix}", part.column()));
            format!("{{{}}}", names.join(" "))
        }
    };
    let quoted = |word: &str| word.replace('"', "\"\"");
    let term = |term: &FulltextTerm| match term {
        FulltextTerm::Stem(stem) => format!("{} : \"{}\"", columns("_stems"), quoted(stem)),
        FulltextTerm::Form(form) => format!("{} : \"{}\"", columns(""), quoted(form)),
        FulltextTerm::Prefix(start) => {
            let columns = [columns(""), columns("_stems")];
            let begun = columns.map(|columns| format!("{columns} : \"{}\" *", quoted(start)));
            begun.join(" OR ")
        }
        FulltextTerm::Phrase(words) => format!("{} : \"{}\"", columns(""), quoted(&words.join(" "))),
    };
    let terms: Vec<String> = any.iter().map(term).collect();
    format!("({})", terms.join(" OR "))
}

/// PostgreSQL's query. Every word is in quotes, so that nothing in it is an operator.
fn postgres_query(wanted: &FulltextQuery) -> String {
    let all = wanted.all.iter().map(|any| postgres_any(any, None));
    let none = wanted.none.iter().map(|any| format!("!{}", postgres_any(any, None)));
    all.chain(none).collect::<Vec<String>>().join(" & ")
}

fn postgres_any(any: &[FulltextTerm], part: Option<FulltextPart>) -> String {
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
fn lexeme(word: &str) -> String {
    format!("'{}'", word.replace('\\', "\\\\").replace('\'', "''"))
}

/// The greatest position that a vector knows: words after it are found, but in no phrase.
const LAST_POSITION: usize = 16_383;
/// Bytes of a vector's words and positions, short of the 1 MB that PostgreSQL takes.
const VECTOR_BYTES: usize = 900_000;

/// The vector of some parts, as PostgreSQL reads it. A gap in the positions keeps words of different parts out of one
/// phrase.
fn vector(entry: &FulltextEntry, parts: &[FulltextPart]) -> String {
    let mut positions: HashMap<String, String> = HashMap::new();
    let (mut at, mut bytes) = (0, 0);
    for part in parts {
        for word in entry.part(*part) {
            at += 1;
            let stems = word.stems().map(|stem| format!("={stem}"));
            for lexeme in std::iter::once(word.form.clone()).chain(stems) {
                let is_known = positions.contains_key(&lexeme);
                bytes += if is_known { 2 } else { lexeme.len() + 8 };
                if !is_known && bytes > VECTOR_BYTES {
                    continue;
                }
                let of_word = positions.entry(lexeme).or_default();
                if at <= LAST_POSITION {
                    let separator = if of_word.is_empty() { ':' } else { ',' };
                    // Writing to a string does not fail.
                    let _written = write!(of_word, "{separator}{at}{}", part.weight());
                }
            }
        }
        at += 1;
    }
    let mut vector = String::new();
    for (word, positions) in positions {
        vector.push_str(&lexeme(&word));
        vector.push_str(&positions);
        vector.push(' ');
    }
    vector
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
                Some((FulltextPart::Lead, &[FulltextTerm::Stem("x".to_owned())]))
            ),
            "(({title_stems lead_stems body_stems} : \"mal\" OR {title lead body} : \"mali\" * OR \
             {title_stems lead_stems body_stems} : \"mali\" *) AND \
             ({title lead body} : \"le nord\") AND ({lead_stems} : \"x\")) NOT \
             (({title lead body} : \"or\") OR ({title_stems lead_stems body_stems} : \"a\"))"
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

    #[test]
    fn a_vector_keeps_parts_apart_and_stays_within_its_bytes() {
        let words = |text: &str| -> Vec<IndexedWord> {
            let word = |word: &str| IndexedWord {
                form: word.to_owned(),
                stem: word.to_owned(),
                compound: (word == "b").then(|| "ab".to_owned()),
            };
            text.split(' ').map(word).collect()
        };
        let entry = FulltextEntry {
            title: words("a b"),
            lead: words("a"),
            body: Vec::new(),
        };
        let vector_of = vector(&entry, &FulltextPart::ALL);
        let mut parts: Vec<&str> = vector_of.split_whitespace().collect();
        parts.sort_unstable();
        assert_eq!(parts, ["'=a':1A,4B", "'=ab':2A", "'=b':2A", "'a':1A,4B", "'b':2A"]);
        let long: Vec<String> = (0..60_000).map(|number| format!("mot{number:0>20}")).collect();
        let entry = FulltextEntry {
            body: words(&long.join(" ")),
            ..FulltextEntry::default()
        };
        assert!(vector(&entry, &FulltextPart::ALL).len() < 1_300_000);
    }
}
