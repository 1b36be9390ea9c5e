//! Several SELECTs as one statement, for what asks many lists at once.

use std::borrow::Cow;
use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{LazyLock, PoisonError, RwLock};

use diesel::backend::Backend;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::serialize::ToSql;
use diesel::sql_types::{BigInt, HasSqlType, Integer, Text, Timestamp};

use super::Conn;
use crate::base::clock::Time;
use crate::on_each;

/// A value of a [`UnionSelect`].
#[derive(Clone, Debug)]
pub enum UnionValue {
    /// Text.
    Text(String),
    /// A moment.
    Time(Time),
    /// A number.
    Number(i64),
}

impl From<&str> for UnionValue {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for UnionValue {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Time> for UnionValue {
    fn from(time: Time) -> Self {
        Self::Time(time)
    }
}

impl From<i64> for UnionValue {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

/// One SELECT of several that are asked at once: it gives a `Text` and a `BigInt`, and has an order and a limit of its
/// own, which diesel's set operations cannot say for both databases. It is put together piece by piece.
#[derive(Clone, Debug, Default)]
pub struct UnionSelect {
    pieces: Vec<UnionPiece>,
}

#[derive(Clone, Debug)]
enum UnionPiece {
    Sql(Cow<'static, str>),
    Value(UnionValue),
}

impl UnionSelect {
    /// Appends words of the statement.
    pub fn sql(&mut self, text: impl Into<Cow<'static, str>>) -> &mut Self {
        self.pieces.push(UnionPiece::Sql(text.into()));
        self
    }

    /// Appends a value.
    pub fn value(&mut self, value: impl Into<UnionValue>) -> &mut Self {
        self.pieces.push(UnionPiece::Value(value.into()));
        self
    }

    /// Appends another SELECT, in its place within this one.
    pub fn select(&mut self, inner: Self) -> &mut Self {
        self.pieces.extend(inner.pieces);
        self
    }

    /// Appends values, commas between them.
    pub fn list(&mut self, values: impl IntoIterator<Item = UnionValue>) -> &mut Self {
        for (index, value) in values.into_iter().enumerate() {
            if index > 0 {
                self.sql(", ");
            }
            self.value(value);
        }
        self
    }

    /// What two statements have in common that differ in their values alone.
    fn hash_shape(&self, hasher: &mut impl Hasher) {
        for piece in &self.pieces {
            match piece {
                UnionPiece::Sql(text) => text.hash(hasher),
                UnionPiece::Value(value) => std::mem::discriminant(value).hash(hasher),
            }
        }
    }
}

/// What a term found: the `Text` and the `BigInt`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnionRow {
    /// What it found.
    pub id: String,
    /// The number beside it.
    pub number: i64,
}

/// Asks several terms in one statement; the rows of each in their order.
pub fn load_union_all(conn: &mut Conn, terms: Vec<UnionSelect>) -> QueryResult<Vec<Vec<UnionRow>>> {
    let mut by_term: Vec<Vec<UnionRow>> = terms.iter().map(|_| Vec::new()).collect();
    if terms.is_empty() {
        return Ok(by_term);
    }
    // Prepared on SQLite alone: PostgreSQL would in time use one plan for all values.
    let is_prepared = conn.is_sqlite() && is_prepared(&terms);
    let asked = UnionAll { terms, is_prepared };
    let rows: Vec<(i32, String, i64)> = on_each!(conn, c => asked.load(c))?;
    for (term, id, number) in rows {
        let term = usize::try_from(term).ok().and_then(|term| by_term.get_mut(term));
        if let Some(found) = term {
            found.push(UnionRow { id, number });
        }
    }
    Ok(by_term)
}

/// Terms as one statement.
#[derive(Debug)]
struct UnionAll {
    terms: Vec<UnionSelect>,
    is_prepared: bool,
}

/// Different statements of [`UnionAll`] that connections to SQLite keep prepared. Readers choose what is asked, and so
/// how many different ones there are; the first are those of pages and plain lists.
const MAX_PREPARED: usize = 64;

/// Whether a statement is among the first that were asked.
fn is_prepared(terms: &[UnionSelect]) -> bool {
    static SHAPES: LazyLock<RwLock<HashSet<u64>>> = LazyLock::new(RwLock::default);
    let mut hasher = DefaultHasher::new();
    terms.iter().for_each(|term| term.hash_shape(&mut hasher));
    let shape = hasher.finish();
    let is_known = |shapes: &HashSet<u64>| shapes.contains(&shape);
    if is_known(&SHAPES.read().unwrap_or_else(PoisonError::into_inner)) {
        return true;
    }
    let mut shapes = SHAPES.write().unwrap_or_else(PoisonError::into_inner);
    if shapes.len() < MAX_PREPARED {
        shapes.insert(shape);
    }
    is_known(&shapes)
}

impl QueryId for UnionAll {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for UnionAll {
    type SqlType = (Integer, Text, BigInt);
}

impl<C> RunQueryDsl<C> for UnionAll {}

impl<DB> QueryFragment<DB> for UnionAll
where
    DB: Backend + HasSqlType<Text> + HasSqlType<Timestamp> + HasSqlType<BigInt>,
    String: ToSql<Text, DB>,
    Time: ToSql<Timestamp, DB>,
    i64: ToSql<BigInt, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        if !self.is_prepared {
            out.unsafe_to_cache_prepared();
        }
        for (index, term) in self.terms.iter().enumerate() {
            let join = if index == 0 { "" } else { " UNION ALL " };
            out.push_sql(&format!("{join}SELECT {index} AS term, t{index}.* FROM ("));
            for piece in &term.pieces {
                match piece {
                    UnionPiece::Sql(text) => out.push_sql(text),
                    UnionPiece::Value(UnionValue::Text(text)) => out.push_bind_param::<Text, _>(text)?,
                    UnionPiece::Value(UnionValue::Time(time)) => out.push_bind_param::<Timestamp, _>(time)?,
                    UnionPiece::Value(UnionValue::Number(number)) => out.push_bind_param::<BigInt, _>(number)?,
                }
            }
            out.push_sql(&format!(") AS t{index}"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use diesel::sqlite::Sqlite;

    use super::*;

    #[test]
    fn values_stand_where_they_were_put_and_a_question_mark_is_a_word() {
        let mut first = UnionSelect::default();
        first.sql("SELECT '?' AS id, ").value(7).sql(" AS number");
        let mut second = UnionSelect::default();
        second
            .sql("SELECT id, number FROM t WHERE id IN (")
            .list(["a".into(), "b".into()])
            .sql(")");
        let asked = UnionAll {
            terms: vec![first, second],
            is_prepared: true,
        };
        assert_eq!(
            diesel::debug_query::<Sqlite, _>(&asked).to_string(),
            "SELECT 0 AS term, t0.* FROM (SELECT '?' AS id, ? AS number) AS t0 UNION ALL \
             SELECT 1 AS term, t1.* FROM (SELECT id, number FROM t WHERE id IN (?, ?)) AS t1 \
             -- binds: [7, \"a\", \"b\"]"
        );
    }

    #[test]
    fn statements_of_one_shape_differ_in_values_alone() {
        let of = |value: UnionValue| {
            let mut hasher = DefaultHasher::new();
            UnionSelect::default()
                .sql("SELECT ")
                .value(value)
                .hash_shape(&mut hasher);
            hasher.finish()
        };
        assert_eq!(of(1.into()), of(2.into()));
        assert_ne!(of(1.into()), of("1".into()));
    }
}
