//! Statements on autosaves.

use diesel::prelude::*;

use super::{KEPT_DAYS, UnsavedText};
use crate::base::clock::Time;
use crate::base::db::schema::{autosaves, users};
use crate::base::db::{Conn, kept};
use crate::base::error::Result;
use crate::base::ids::{ArticleId, UserId};
use crate::editorial::autosaves::AutosavedContent;
use crate::on_each;

/// A slot as it is stored.
pub struct Autosave {
    /// The version that it was typed on.
    pub base_version: i64,
    /// What was typed.
    pub typed: AutosavedContent,
    /// When it was put there.
    pub saved_at: Time,
}

/// What a user typed into an article.
///
/// # Errors
/// 404 when there is nothing.
pub fn get(conn: &mut Conn, article: ArticleId, user: UserId) -> Result<Autosave> {
    let (base_version, content, saved_at): (i64, String, Time) = autosaves::table
        .find((article, user))
        .select((autosaves::base_version, autosaves::content, autosaves::saved_at))
        .first(conn)?;
    Ok(Autosave {
        base_version,
        typed: AutosavedContent::from_json(&content)?,
        saved_at,
    })
}

/// Puts it in the user's slot, in place of what was there.
pub fn put(conn: &mut Conn, article: ArticleId, user: UserId, autosave: &Autosave) -> Result<()> {
    let content = autosave.typed.to_json()?;
    on_each!(conn, c => kept(diesel::insert_into(autosaves::table)
        .values((
            autosaves::article_id.eq(article),
            autosaves::user_id.eq(user),
            autosaves::base_version.eq(autosave.base_version),
            autosaves::content.eq(&content),
            autosaves::saved_at.eq(autosave.saved_at),
        ))
        .on_conflict((autosaves::article_id, autosaves::user_id))
        .do_update()
        .set((
            autosaves::base_version.eq(autosave.base_version),
            autosaves::content.eq(&content),
            autosaves::saved_at.eq(autosave.saved_at),
        )))
        .execute(c))?;
    Ok(())
}

/// Empties a user's slot.
pub fn delete(conn: &mut Conn, article: ArticleId, user: UserId) -> Result<()> {
    diesel::delete(autosaves::table.find((article, user))).execute(conn)?;
    Ok(())
}

/// Empties everybody's slot of an article.
pub fn delete_all_of(conn: &mut Conn, article: ArticleId) -> Result<()> {
    diesel::delete(autosaves::table.filter(autosaves::article_id.eq(article))).execute(conn)?;
    Ok(())
}

/// Who has unsaved text in an article, the latest first.
pub fn list_of(conn: &mut Conn, article: ArticleId) -> Result<Vec<UnsavedText>> {
    let rows: Vec<(UserId, String, Time)> = autosaves::table
        .inner_join(users::table.on(users::id.eq(autosaves::user_id)))
        .filter(autosaves::article_id.eq(article))
        .order((autosaves::saved_at.desc(), autosaves::user_id))
        .limit(LISTED)
        .select((autosaves::user_id, users::name, autosaves::saved_at))
        .load(conn)?;
    let unsaved = |(user_id, user_name, saved_at)| UnsavedText {
        user_id,
        user_name,
        saved_at,
    };
    Ok(rows.into_iter().map(unsaved).collect())
}

/// At most this many are named.
const LISTED: i64 = 50;

/// Forgets slots that nobody came back for.
pub fn forget_old(conn: &mut Conn, now: Time) -> Result<()> {
    let old = autosaves::saved_at.le(now.plus_seconds(-KEPT_DAYS * 24 * 3600));
    diesel::delete(autosaves::table.filter(old)).execute(conn)?;
    Ok(())
}
