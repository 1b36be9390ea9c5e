//! The counts of the spam model, in one table: a row for each token, and one for all comments.
//!
//! Everything is addition: learning with the sign −1 undoes learning with the sign +1 to the last row, in whatever
//! order. What a comment taught can be read from its row: its state, if a moderator decided it.

use std::collections::BTreeSet;

use diesel::prelude::*;

use super::model::{digest, tokens};
use crate::base::db::schema::spam_tokens;
use crate::base::db::{Conn, among, kept};
use crate::base::error::Result;
use crate::base::ids::UserId;
use crate::comments::model::{Comment, CommentState};
use crate::comments::spam::model::{BayesModel, ClassCounts, SpamClass};
use crate::on_each;

/// The row of all comments; no digest is as short.
const TOTALS_TOKEN: &str = "*";
/// Rows that one statement names at most.
const TOKEN_BATCH: usize = 500;

/// Whether a comment is learned or unlearned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LearningSign {
    /// It counts from now on.
    Learn,
    /// It counts no more.
    Unlearn,
}

/// Counts a comment, or takes it back. Call it late in a transaction: every decision touches the row of all
/// comments, which stays locked until the end.
pub fn learn(conn: &mut Conn, text: &str, author: &str, class: SpamClass, sign: LearningSign) -> Result<()> {
    let by = match sign {
        LearningSign::Learn => 1_i64,
        LearningSign::Unlearn => -1,
    };
    let (ham, spam) = match class {
        SpamClass::Ham => (by, 0),
        SpamClass::Spam => (0, by),
    };
    // In one order, so that two transactions never wait for each other.
    let digests: BTreeSet<String> = keys(text, author);
    for token in &digests {
        on_each!(conn, c => kept(diesel::insert_into(spam_tokens::table)
            .values((spam_tokens::token.eq(token), spam_tokens::ham.eq(ham), spam_tokens::spam.eq(spam)))
            .on_conflict(spam_tokens::token)
            .do_update()
            .set((spam_tokens::ham.eq(spam_tokens::ham + ham), spam_tokens::spam.eq(spam_tokens::spam + spam))))
            .execute(c))?;
    }
    // Rows that count nothing are deleted, with either sign: where a subtraction came first, it is the addition that
    // brings the row back to zero.
    for some in digests.into_iter().collect::<Vec<_>>().chunks(TOKEN_BATCH) {
        let nothing = spam_tokens::table
            .filter(among(spam_tokens::token, some.to_vec()))
            .filter(spam_tokens::ham.eq(0))
            .filter(spam_tokens::spam.eq(0));
        diesel::delete(nothing).execute(conn)?;
    }
    Ok(())
}

/// What a comment in this state teaches: only what a moderator decided does. A rejected one teaches nothing,
/// because an insult is no advertisement.
fn lesson(state: CommentState, decided_by: Option<UserId>) -> Option<SpamClass> {
    decided_by?;
    match state {
        CommentState::Approved => Some(SpamClass::Ham),
        CommentState::Spam => Some(SpamClass::Spam),
        _ => None,
    }
}

/// Takes back what a comment teaches, and counts what it teaches from now on, in its new state. Call it late in a
/// transaction.
pub fn relearn(conn: &mut Conn, comment: &Comment, to: CommentState, decided_by: Option<UserId>) -> Result<()> {
    let (before, after) = (lesson(comment.state, comment.decided_by), lesson(to, decided_by));
    if before == after {
        return Ok(());
    }
    if let Some(class) = before {
        learn(conn, &comment.body, &comment.author_name, class, LearningSign::Unlearn)?;
    }
    if let Some(class) = after {
        learn(conn, &comment.body, &comment.author_name, class, LearningSign::Learn)?;
    }
    Ok(())
}

/// Takes back what a comment teaches: its text changes, or goes.
pub fn unlearn(conn: &mut Conn, comment: &Comment) -> Result<()> {
    relearn(conn, comment, comment.state, None)
}

fn keys(text: &str, author: &str) -> BTreeSet<String> {
    let digests = tokens(text, author).into_iter().map(|token| digest(&token));
    digests.chain([TOTALS_TOKEN.to_owned()]).collect()
}

/// What matters for this comment: the counts of its tokens, not the whole table.
pub fn load(conn: &mut Conn, text: &str, author: &str) -> Result<BayesModel> {
    let keys: Vec<String> = keys(text, author).into_iter().collect();
    let mut rows: Vec<(String, i64, i64)> = Vec::new();
    for some in keys.chunks(TOKEN_BATCH) {
        let counted = spam_tokens::table.filter(among(spam_tokens::token, some.to_vec()));
        let columns = (spam_tokens::token, spam_tokens::ham, spam_tokens::spam);
        rows.extend(counted.select(columns).load::<(String, i64, i64)>(conn)?);
    }
    let counts = rows
        .into_iter()
        .map(|(token, ham, spam)| (token, ClassCounts { ham, spam }));
    let mut model = BayesModel {
        tokens: counts.collect(),
        ..BayesModel::default()
    };
    model.totals = model.tokens.remove(TOTALS_TOKEN).unwrap_or_default();
    Ok(model)
}

/// How many comments were learned.
pub fn totals(conn: &mut Conn) -> Result<ClassCounts> {
    let row: Option<(i64, i64)> = spam_tokens::table
        .find(TOTALS_TOKEN)
        .select((spam_tokens::ham, spam_tokens::spam))
        .first(conn)
        .optional()?;
    Ok(row.map_or_else(ClassCounts::default, |(ham, spam)| ClassCounts { ham, spam }))
}
