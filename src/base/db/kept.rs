//! Statements that are kept prepared although diesel would prepare them anew each time. It keeps no UPDATE, no upsert and
//! no SQL of one's own, because their texts might differ without end. What is written often, in few texts, is kept here.

use std::cell::Cell;

use diesel::backend::Backend;
use diesel::internal::derives::multiconnection::AstPassHelper;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};

/// A statement that is kept prepared.
#[derive(Debug)]
pub struct Kept<S>(S);

/// The statement, kept prepared by each connection that runs it, for as long as that lives: it has one text or few,
/// whatever its values are.
pub fn kept<S>(statement: S) -> Kept<S> {
    Kept(statement)
}

/// It is found by its text.
impl<S> QueryId for Kept<S> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<S: Query> Query for Kept<S> {
    type SqlType = S::SqlType;
}

impl<S, C> RunQueryDsl<C> for Kept<S> {}

impl<S: QueryFragment<DB>, DB: Backend> QueryFragment<DB> for Kept<S> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        // Diesel walks a statement for its text, for its values, and to ask whether it can be kept. The last is what the
        // statement inside is not asked: a conversion into the same database tells by what it converts.
        let is_wanted = Cell::new(false);
        let mut out = out.cast_database::<DB>(
            |values| {
                is_wanted.set(true);
                values
            },
            |text| {
                is_wanted.set(true);
                text
            },
            |backend| backend,
            |lookup| lookup,
        );
        if is_wanted.get() || out.debug_binds().is_some() {
            self.0.walk_ast(out)?;
        }
        Ok(())
    }
}
