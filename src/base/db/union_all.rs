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

/// One SELECT of several that are asked at once: it gives a `Text` and a `BigInt`, in an order and with a
/// limit of its own, which a set operation of the common language cannot say. Each `?` stands for the next value.
#[derive(Clone, Debug)]
pub struct UnionSelect {
    /// The statement.
    pub sql: Cow<'static, str>,
    /// Its values.
    pub values: Vec<UnionValue>,
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
    // PostgreSQL would in time plan a kept statement for no values in particular.
    let is_prepared = matches!(conn, Conn::Sqlite(_)) && is_prepared(&terms);
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

/// Statements of [`UnionAll`] that connections to SQLite keep prepared. Readers choose what is asked, and so how many different
/// statements there are; the first of them are those of pages and plain lists.
const MAX_PREPARED: usize = 64;

/// Whether a statement is among the first that were asked.
fn is_prepared(terms: &[UnionSelect]) -> bool {
    static SHAPES: LazyLock<RwLock<HashSet<u64>>> = LazyLock::new(RwLock::default);
    let mut hasher = DefaultHasher::new();
    terms.iter().for_each(|term| term.sql.hash(&mut hasher));
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
            let mut texts = term.sql.split('?');
            out.push_sql(texts.next().unwrap_or_default());
            for (text, value) in texts.zip(&term.values) {
                match value {
                    UnionValue::Text(text) => out.push_bind_param::<Text, _>(text)?,
                    UnionValue::Time(time) => out.push_bind_param::<Timestamp, _>(time)?,
                    UnionValue::Number(number) => out.push_bind_param::<BigInt, _>(number)?,
                }
                out.push_sql(text);
            }
            out.push_sql(&format!(") AS t{index}"));
        }
        Ok(())
    }
}
