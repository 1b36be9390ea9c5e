//! Statements on the desk's table of corrections. Readers get them from the pressed article, not from this table.

use diesel::prelude::*;

use super::{Correction, CorrectionId, CorrectionKind};
use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::db::schema::corrections;
use crate::base::error::Result;
use crate::base::ids::{ArticleId, UserId};

/// Adds a notice to an article.
pub fn insert(
    conn: &mut Conn,
    article: ArticleId,
    kind: CorrectionKind,
    text: &str,
    author: Option<UserId>,
    now: Time,
) -> Result<()> {
    diesel::insert_into(corrections::table)
        .values((
            corrections::id.eq(CorrectionId::new()),
            corrections::article_id.eq(article),
            corrections::kind.eq(kind),
            corrections::text.eq(text),
            corrections::at.eq(now),
            corrections::author_id.eq(author),
        ))
        .execute(conn)?;
    Ok(())
}

/// The notices of an article, the oldest first.
pub fn list_of(conn: &mut Conn, article: ArticleId) -> Result<Vec<Correction>> {
    Ok(corrections::table
        .filter(corrections::article_id.eq(article))
        .order(corrections::id)
        .select(Correction::as_select())
        .load(conn)?)
}

/// Deletes the notices of an article that is killed.
pub fn delete_all_of(conn: &mut Conn, article: ArticleId) -> Result<()> {
    diesel::delete(corrections::table.filter(corrections::article_id.eq(article))).execute(conn)?;
    Ok(())
}
