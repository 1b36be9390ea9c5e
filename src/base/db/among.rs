//! Conditions that say whether a statement is kept prepared: `column IN (…)` in few lengths, so that it is, where diesel's
//! `eq_any` has a statement for each number of values and keeps none; and one for statements that should not be.

use diesel::backend::Backend;
use diesel::dsl::sql;
use diesel::expression::{AppearsOnTable, Expression, SqlLiteral, ValidGrouping, is_aggregate};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::serialize::ToSql;
use diesel::sql_types::{Bool, HasSqlType};

/// Whether a column is one of these values.
#[derive(Debug)]
pub struct Among<C, T> {
    column: C,
    values: Vec<T>,
}

/// Rows whose `column` is one of these: 500 values at most.
pub fn among<C: Expression, T>(column: C, values: Vec<T>) -> Among<C, T> {
    Among { column, values }
}

/// A condition that always holds. A statement with it is not kept prepared, so that PostgreSQL plans it for its values:
/// where one value is in most rows and another in none, one plan for all of them is far off.
pub fn planned_for_its_values() -> SqlLiteral<Bool> {
    sql("TRUE")
}

/// How many values stand in a statement: those asked for, the last of them repeated.
fn padded(count: usize) -> usize {
    match count {
        0..=8 => count,
        9..=64 => count.next_multiple_of(8),
        _ => count.next_multiple_of(64),
    }
}

impl<C, T> Expression for Among<C, T> {
    type SqlType = Bool;
}

impl<C: AppearsOnTable<QS>, QS, T> AppearsOnTable<QS> for Among<C, T> {}

impl<C, T> ValidGrouping<()> for Among<C, T> {
    type IsAggregate = is_aggregate::No;
}

impl<C, T> QueryId for Among<C, T> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<C, T, DB> QueryFragment<DB> for Among<C, T>
where
    DB: Backend + HasSqlType<C::SqlType>,
    C: Expression + QueryFragment<DB>,
    T: ToSql<C::SqlType, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        let Some(last) = self.values.last() else {
            out.push_sql("FALSE");
            return Ok(());
        };
        let repeated = std::iter::repeat_n(last, padded(self.values.len()) - self.values.len());
        self.column.walk_ast(out.reborrow())?;
        for (index, value) in self.values.iter().chain(repeated).enumerate() {
            out.push_sql(if index == 0 { " IN (" } else { ", " });
            out.push_bind_param::<C::SqlType, _>(value)?;
        }
        out.push_sql(")");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use diesel::sqlite::Sqlite;

    use super::*;
    use crate::base::db::schema::paths;

    fn sql(count: usize) -> String {
        let values: Vec<String> = (0..count).map(|number| number.to_string()).collect();
        let asked = paths::table.filter(among(paths::path, values)).select(paths::path);
        diesel::debug_query::<Sqlite, _>(&asked).to_string()
    }

    #[test]
    fn the_last_value_stands_for_those_that_are_missing_in_a_length() {
        assert!(sql(0).contains("WHERE FALSE"));
        assert!(sql(2).contains("IN (?, ?) "), "{}", sql(2));
        assert!(
            sql(9).ends_with("\"7\", \"8\", \"8\", \"8\", \"8\", \"8\", \"8\", \"8\", \"8\"]"),
            "{}",
            sql(9)
        );
        let lengths: std::collections::HashSet<usize> = (0..=500).map(padded).collect();
        assert_eq!(lengths.len(), 9 + 7 + 7);
    }
}
