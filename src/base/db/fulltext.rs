//! Full-text indexes, the same on both databases: FTS5 on SQLite, a `tsvector` on PostgreSQL. Neither
//! analyses anything. Words come folded and stemmed ([`crate::search::analyse`]), and this file writes
//! the `tsvector`, the `tsquery` and FTS5's query itself, so that both databases find the same.
//!
//! An entry has a number, by which it is found, ordered and deleted, and three parts. FTS5 keeps forms and stems in
//! columns of their own; PostgreSQL keeps both in one vector at the same positions, a stem with `=` before it, which no
//! word contains.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Text};

use super::begun_words::{BegunWords, list_words};
use super::fulltext_queries::{lexeme, postgres_any, postgres_query, sqlite_query};
use super::schema::search_words;
use super::union_all::{UnionSelect, load_union_all};
use super::{Conn, EitherConn, among, kept};
use crate::on_each;

/// An index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FulltextIndex {
    /// Live articles, by position.
    Published,
    /// Working copies. No public route reads it.
    Desk,
}

impl FulltextIndex {
    pub(super) const ALL: [Self; 2] = [Self::Published, Self::Desk];

    pub(super) fn table(self) -> &'static str {
        match self {
            Self::Published => "search_index",
            Self::Desk => "desk_search_index",
        }
    }

    /// Where SQLite lists the words of its entries.
    pub(super) fn word_table(self) -> &'static str {
        match self {
            Self::Published => "search_index_words",
            Self::Desk => "desk_search_index_words",
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
    const HEAD: [Self; 2] = [Self::Title, Self::Lead];
    pub(super) const ALL: [Self; 3] = [Self::Title, Self::Lead, Self::Body];

    pub(super) fn column(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Lead => "lead",
            Self::Body => "body",
        }
    }

    pub(super) fn weight(self) -> char {
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

    /// Every form and every stem.
    pub(super) fn words(&self) -> impl Iterator<Item = &str> {
        let words = FulltextPart::ALL.into_iter().flat_map(|part| self.part(part));
        words.flat_map(|word| std::iter::once(word.form.as_str()).chain(word.stems()))
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
    // There is a text for each number of rows.
    let is_one = entries.len() == 1;
    let rows = |row: fn(usize) -> String| -> String {
        let rows: Vec<String> = (0..entries.len()).map(row).collect();
        rows.join(", ")
    };
    match conn.either() {
        EitherConn::Sqlite(c) => {
            list_words(c, index, entries.values().copied())?;
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
            if is_one {
                kept(insert).execute(c)
            } else {
                insert.execute(c)
            }
            .map(drop)
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
            if is_one {
                kept(insert).execute(c)
            } else {
                insert.execute(c)
            }
            .map(drop)
        }
    }
}

/// Removes an entry, where there is one.
pub fn delete(conn: &mut Conn, index: FulltextIndex, number: i64) -> QueryResult<()> {
    let (table, key) = (index.table(), key(conn));
    let delete = format!("DELETE FROM {table} WHERE {key} = ");
    match conn.either() {
        EitherConn::Sqlite(c) => kept(diesel::sql_query(delete + "?").bind::<BigInt, _>(number)).execute(c),
        EitherConn::Postgres(c) => kept(diesel::sql_query(delete + "$1").bind::<BigInt, _>(number)).execute(c),
    }
    .map(drop)
}

/// Removes every entry.
pub fn clear(conn: &mut Conn, index: FulltextIndex) -> QueryResult<()> {
    let table = index.table();
    match conn.either() {
        EitherConn::Sqlite(c) => {
            diesel::sql_query(format!("DELETE FROM {}", index.word_table())).execute(c)?;
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
    let select = if conn.is_sqlite() {
        "SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]') FROM json_each(?)"
    } else {
        "SELECT value ->> 0, value ->> 1, CAST(value ->> 2 AS bigint) FROM json_array_elements(CAST($1 AS json))"
    };
    let add = format!("INSERT INTO search_words (word, reversed, entries) {select} {update}");
    on_each!(conn, c => kept(diesel::sql_query(&add).bind::<Text, _>(&json)).execute(c))?;
    let fewer: Vec<&String> = counts.iter().filter(|(_, by)| **by < 0).map(|(word, _)| word).collect();
    for some in fewer.chunks(500) {
        let counted_out = search_words::table.filter(search_words::entries.le(0));
        diesel::delete(counted_out.filter(among(search_words::word, some.to_vec()))).execute(conn)?;
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

/// How PostgreSQL comes to the entries that match. (FTS5 goes along its lists, which are in order.)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HitSearch {
    /// As it thinks best. It takes words of which it knows nothing for more frequent than most are, and would look for
    /// the first few hits of one that nobody has in every entry.
    Planned,
    /// Among so many of the first entries alone, each of which is looked at.
    Among(i64),
    /// By the index of words: all hits are gathered.
    Gathered,
}

/// Entries that are looked at first, where few hits are wanted: what many entries have is found in less.
pub const FIRST_LOOK: i64 = 120;

/// The numbers of the entries that match, in order.
pub fn hits(
    conn: &mut Conn,
    index: FulltextIndex,
    wanted: &FulltextQuery,
    span: FulltextPage,
) -> QueryResult<Vec<i64>> {
    let searches: &[HitSearch] = match conn.is_sqlite() || span.limit > FIRST_LOOK {
        true => &[HitSearch::Planned],
        false => &[HitSearch::Among(FIRST_LOOK), HitSearch::Gathered],
    };
    let mut hits = Vec::new();
    for search in searches {
        let mut select = UnionSelect::default();
        select
            .sql("SELECT '' AS id, h.number FROM (")
            .select(select_hits(conn, index, wanted, None, *search, span)?)
            .sql(") AS h");
        let found = load_union_all(conn, vec![select])?.into_iter().flatten();
        hits = found.map(|hit| hit.number).collect();
        if i64::try_from(hits.len()).is_ok_and(|count| count >= span.limit) {
            break;
        }
    }
    Ok(hits)
}

/// The last of the numbers that [`hits`] gives, where it gives as many as it may.
pub fn last_hit(
    conn: &mut Conn,
    index: FulltextIndex,
    wanted: &FulltextQuery,
    span: FulltextPage,
) -> QueryResult<Option<i64>> {
    let mut select = UnionSelect::default();
    select
        .sql("SELECT '' AS id, h.number FROM (")
        .select(select_hits(conn, index, wanted, None, HitSearch::Planned, span)?)
        .sql(") AS h LIMIT 1 OFFSET ")
        .value(span.limit.saturating_sub(1));
    let last = load_union_all(conn, vec![select])?.into_iter().flatten().next();
    Ok(last.map(|row| row.number))
}

/// The SELECT of the numbers of the entries that match, as `number`, in order: where `in_head` is given, of those that
/// have one of its terms in the title or the lead.
pub fn select_hits(
    conn: &mut Conn,
    index: FulltextIndex,
    wanted: &FulltextQuery,
    in_head: Option<&[FulltextTerm]>,
    search: HitSearch,
    span: FulltextPage,
) -> QueryResult<UnionSelect> {
    let (table, key) = (index.table(), key(conn));
    let order = if span.ascending { "ASC" } else { "DESC" };
    let mut matches = UnionSelect::default();
    match conn.either() {
        EitherConn::Sqlite(c) => {
            let begun = BegunWords::find(c, index, wanted)?;
            let within = in_head.map(|terms| (&FulltextPart::HEAD[..], terms));
            let query = sqlite_query(wanted, within, &begun);
            matches.sql(format!("{table} MATCH ")).value(query);
        }
        EitherConn::Postgres(_) => {
            // The vectors of heads are small, and all that is asked where there is one clause.
            let is_all_asked = in_head.is_some_and(|terms| wanted.none.is_empty() && wanted.all == [terms]);
            let head = in_head.map(|terms| ("head_vector", postgres_any(terms, None)));
            let all = (!is_all_asked).then(|| ("vector", postgres_query(wanted)));
            for (at, (vector, query)) in head.into_iter().chain(all).enumerate() {
                let and = if at == 0 { "" } else { " AND " };
                matches
                    .sql(format!("{and}{vector} @@ CAST("))
                    .value(query)
                    .sql(" AS tsquery)");
            }
        }
    }
    let mut within = UnionSelect::default();
    within
        .sql(format!("{key} >= "))
        .value(span.from)
        .sql(format!(" AND {key} < "))
        .value(span.below);
    let mut select = UnionSelect::default();
    match search {
        HitSearch::Planned => select
            .sql(format!("SELECT {key} AS number FROM {table} WHERE "))
            .select(matches)
            .sql(" AND ")
            .select(within),
        HitSearch::Among(count) => select
            .sql(format!("SELECT {key} AS number FROM (SELECT * FROM {table} WHERE "))
            .select(within)
            .sql(format!(" ORDER BY {key} {order} LIMIT "))
            .value(count)
            .sql(") AS looked_at WHERE ")
            .select(matches),
        HitSearch::Gathered => select
            .sql(format!(
                "WITH gathered AS MATERIALIZED (SELECT {key} FROM {table} WHERE "
            ))
            .select(matches)
            .sql(format!(") SELECT {key} AS number FROM gathered WHERE "))
            .select(within),
    };
    select.sql(format!(" ORDER BY {key} {order} LIMIT ")).value(span.limit);
    Ok(select)
}

/// Of entries that match, given by their numbers in descending order, those in which a clause holds in one part, the
/// title or the lead; in the same order. FTS5 merges its lists over the span of the entries; PostgreSQL reads the small
/// vectors of these entries alone.
pub fn matching_in_part(
    conn: &mut Conn,
    index: FulltextIndex,
    wanted: &FulltextQuery,
    (part, clause): (FulltextPart, &[FulltextTerm]),
    numbers: &[i64],
) -> QueryResult<Vec<i64>> {
    let (Some(greatest), Some(least)) = (numbers.first().copied(), numbers.last().copied()) else {
        return Ok(Vec::new());
    };
    let (table, key) = (index.table(), key(conn));
    match conn.either() {
        EitherConn::Sqlite(c) => {
            let begun = BegunWords::find(c, index, wanted)?;
            let mut select = UnionSelect::default();
            select
                .sql(format!(
                    "SELECT '' AS id, {key} AS number FROM {table} WHERE {table} MATCH "
                ))
                .value(sqlite_query(wanted, Some((&[part], clause)), &begun))
                .sql(format!(" AND {key} >= "))
                .value(least)
                .sql(format!(" AND {key} <= "))
                .value(greatest)
                .sql(format!(" ORDER BY {key} DESC"));
            let found = load_union_all(conn, vec![select])?.into_iter().flatten();
            Ok(found.map(|row| row.number).collect())
        }
        EitherConn::Postgres(c) => {
            let select = format!(
                "SELECT {key} AS number FROM (SELECT {key}, head_vector FROM {table} WHERE {key} = ANY($1) OFFSET 0) \
                 AS asked WHERE head_vector @@ CAST($2 AS tsquery) ORDER BY {key} DESC"
            );
            let found: Vec<EntryNumberRow> = diesel::sql_query(select)
                .bind::<Array<BigInt>, _>(numbers)
                .bind::<Text, _>(postgres_any(clause, Some(part)))
                .load(c)?;
            Ok(found.into_iter().map(|hit| hit.number).collect())
        }
    }
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
