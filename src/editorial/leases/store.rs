//! Statements on leases. One that has ended is as good as none.

use std::collections::HashMap;

use diesel::prelude::*;

use super::Lease;
use crate::base::clock::Time;
use crate::base::db::schema::{leases, users};
use crate::base::db::{Conn, among};
use crate::base::error::Result;
use crate::base::ids::{ArticleId, UserId};
use crate::on_each;

/// The leases of these articles that hold now.
pub fn find_many(conn: &mut Conn, articles: &[ArticleId], now: Time) -> Result<HashMap<ArticleId, Lease>> {
    let rows: Vec<(ArticleId, Lease)> = leases::table
        .inner_join(users::table.on(users::id.eq(leases::user_id)))
        .filter(among(leases::article_id, articles.to_vec()))
        .filter(leases::until.gt(now))
        .select((
            leases::article_id,
            (leases::user_id, users::name, leases::since, leases::until),
        ))
        .load(conn)?;
    Ok(rows.into_iter().collect())
}

/// The lease of an article that holds now.
pub fn find(conn: &mut Conn, article: ArticleId, now: Time) -> Result<Option<Lease>> {
    Ok(find_many(conn, &[article], now)?.remove(&article))
}

/// Gives the lease to somebody. The caller holds the article's lock.
pub fn put(conn: &mut Conn, article: ArticleId, user: UserId, since: Time, until: Time) -> Result<()> {
    on_each!(conn, c => diesel::insert_into(leases::table)
        .values((
            leases::article_id.eq(article),
            leases::user_id.eq(user),
            leases::since.eq(since),
            leases::until.eq(until),
        ))
        .on_conflict(leases::article_id)
        .do_update()
        .set((
            leases::user_id.eq(user),
            leases::since.eq(since),
            leases::until.eq(until),
        ))
        .execute(c))?;
    Ok(())
}

/// Ends the lease of an article.
pub fn delete(conn: &mut Conn, article: ArticleId) -> Result<()> {
    diesel::delete(leases::table.find(article)).execute(conn)?;
    Ok(())
}

/// Forgets leases that have ended.
pub fn forget_ended(conn: &mut Conn, now: Time) -> Result<()> {
    diesel::delete(leases::table.filter(leases::until.le(now))).execute(conn)?;
    Ok(())
}
