//! Statements that make, list, rotate and end API tokens.

use std::collections::HashMap;

use diesel::prelude::*;

use crate::access::auth::api_token::{ApiToken, ApiTokenId, TokenScope};
use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::db::dialect::{LockableRow, lock};
use crate::base::db::schema::{api_token_scopes, api_token_secrets, api_tokens, sections, users};
use crate::base::error::{Code, Error, Result};
use crate::base::ids::{SectionId, UserId};

/// How long a token that has ended is still listed, in seconds.
const LISTED_SECONDS: i64 = 90 * 24 * 3_600;

/// A token's row.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = api_tokens, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
pub struct ApiTokenRow {
    /// The token's id.
    pub id: ApiTokenId,
    /// Its owner.
    pub user_id: UserId,
    /// What its owner calls it.
    pub name: String,
    /// When it was made.
    pub created_at: Time,
    /// From when on it opens nothing.
    pub expires_at: Time,
    /// When it was revoked.
    pub revoked_at: Option<Time>,
    /// When it was used last, as far as that is written.
    pub last_used_at: Option<Time>,
    /// Requests that came with it, as far as they are written.
    pub request_count: i64,
}

impl ApiTokenRow {
    /// Whether it opens anything then.
    pub fn is_active(&self, now: Time) -> bool {
        self.revoked_at.is_none() && self.expires_at > now
    }
}

/// What is known of a token's secrets.
#[derive(Clone, Debug, Default)]
pub struct SecretFacts {
    /// The first characters of the one that was told last.
    pub prefix: String,
    /// Until when the one before it is good too.
    pub replaced_until: Option<Time>,
}

/// Adds a token with its scopes and its first secret.
pub fn insert(conn: &mut Conn, row: &ApiTokenRow, scopes: &[TokenScope], secret: &ApiToken) -> Result<()> {
    diesel::insert_into(api_tokens::table).values(row).execute(conn)?;
    for (ordinal, scope) in (0_i32..).zip(scopes) {
        diesel::insert_into(api_token_scopes::table)
            .values((
                api_token_scopes::token_id.eq(row.id),
                api_token_scopes::ordinal.eq(ordinal),
                api_token_scopes::permission.eq(scope.permission),
                api_token_scopes::section_id.eq(scope.section_id),
                api_token_scopes::locale.eq(&scope.locale),
            ))
            .execute(conn)?;
    }
    insert_secret(conn, row.id, secret, row.created_at)
}

fn insert_secret(conn: &mut Conn, id: ApiTokenId, secret: &ApiToken, now: Time) -> Result<()> {
    diesel::insert_into(api_token_secrets::table)
        .values((
            api_token_secrets::digest.eq(secret.digest()),
            api_token_secrets::token_id.eq(id),
            api_token_secrets::prefix.eq(secret.prefix()),
            api_token_secrets::created_at.eq(now),
        ))
        .execute(conn)?;
    Ok(())
}

/// Locks a token until the transaction ends.
///
/// # Errors
/// 404.
pub fn get_locked(conn: &mut Conn, id: ApiTokenId) -> Result<ApiTokenRow> {
    lock(conn, LockableRow::ApiToken, id.as_str())?;
    get(conn, id)
}

/// A token.
///
/// # Errors
/// 404.
pub fn get(conn: &mut Conn, id: ApiTokenId) -> Result<ApiTokenRow> {
    let row = api_tokens::table.find(id).select(ApiTokenRow::as_select()).first(conn);
    row.optional()?.ok_or_else(Error::not_found)
}

/// Tokens in the order in which they were made, those of one user or all, after `after`.
pub fn list(
    conn: &mut Conn,
    user_id: Option<UserId>,
    after: Option<ApiTokenId>,
    limit: i64,
) -> Result<Vec<ApiTokenRow>> {
    let mut query = api_tokens::table
        .order(api_tokens::id.desc())
        .limit(limit)
        .select(ApiTokenRow::as_select())
        .into_boxed();
    if let Some(user_id) = user_id {
        query = query.filter(api_tokens::user_id.eq(user_id));
    }
    if let Some(after) = after {
        query = query.filter(api_tokens::id.lt(after));
    }
    Ok(query.load(conn)?)
}

/// How many tokens of a user are good. Until the transaction ends nobody else makes one for them.
pub fn count_good(conn: &mut Conn, user_id: UserId, now: Time) -> Result<usize> {
    lock(conn, LockableRow::User, user_id.as_str())?;
    // Who is disabled meanwhile makes none: it would live again once they are enabled.
    let enabled = users::table.find(user_id).filter(users::disabled_at.is_null());
    let enabled: Option<UserId> = enabled.select(users::id).first(conn).optional()?;
    if enabled.is_none() {
        return Err(Error::new(Code::Unauthenticated));
    }
    let good = api_tokens::table
        .filter(api_tokens::user_id.eq(user_id))
        .filter(api_tokens::revoked_at.is_null())
        .filter(api_tokens::expires_at.gt(now));
    let count: i64 = good.count().get_result(conn)?;
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}

/// The paths of those of these sections that exist.
pub fn paths_of_sections(conn: &mut Conn, ids: Vec<SectionId>) -> Result<Vec<(SectionId, String)>> {
    let known = sections::table.filter(sections::id.eq_any(ids));
    Ok(known.select((sections::id, sections::path)).load(conn)?)
}

/// What is known of the secrets of these tokens.
pub fn secrets_of(conn: &mut Conn, ids: &[ApiTokenId], now: Time) -> Result<HashMap<ApiTokenId, SecretFacts>> {
    let rows: Vec<(ApiTokenId, String, Option<Time>)> = api_token_secrets::table
        .filter(api_token_secrets::token_id.eq_any(ids.to_vec()))
        .select((
            api_token_secrets::token_id,
            api_token_secrets::prefix,
            api_token_secrets::replaced_until,
        ))
        .load(conn)?;
    let mut facts: HashMap<ApiTokenId, SecretFacts> = HashMap::new();
    for (id, prefix, replaced_until) in rows {
        let facts = facts.entry(id).or_default();
        match replaced_until {
            None => facts.prefix = prefix,
            Some(until) if until > now => facts.replaced_until = Some(until),
            Some(_) => {}
        }
    }
    Ok(facts)
}

/// Puts a new secret in place of the one that was told last, which is good until `until`; those before it are good for
/// nothing any more.
pub fn rotate(conn: &mut Conn, row: &ApiTokenRow, secret: &ApiToken, until: Time, now: Time) -> Result<()> {
    let secrets = api_token_secrets::table.filter(api_token_secrets::token_id.eq(row.id));
    diesel::delete(secrets.filter(api_token_secrets::replaced_until.is_not_null())).execute(conn)?;
    diesel::update(secrets)
        .set(api_token_secrets::replaced_until.eq(until))
        .execute(conn)?;
    insert_secret(conn, row.id, secret, now)?;
    diesel::update(api_tokens::table.find(row.id))
        .set(api_tokens::expires_at.eq(row.expires_at))
        .execute(conn)?;
    Ok(())
}

/// Ends a token that is good.
pub fn revoke(conn: &mut Conn, id: ApiTokenId, now: Time) -> Result<()> {
    diesel::update(api_tokens::table.find(id))
        .set(api_tokens::revoked_at.eq(now))
        .execute(conn)?;
    Ok(())
}

/// The tokens of a user that are good: 50 at most, as many as one may have.
pub fn good_of(conn: &mut Conn, user_id: UserId, now: Time) -> Result<Vec<ApiTokenRow>> {
    let rows = api_tokens::table
        .filter(api_tokens::user_id.eq(user_id))
        .filter(api_tokens::revoked_at.is_null())
        .filter(api_tokens::expires_at.gt(now));
    Ok(rows.order(api_tokens::id).select(ApiTokenRow::as_select()).load(conn)?)
}

/// What is known of tokens before a backup takes their place.
pub struct TokensBefore {
    known: Vec<(ApiTokenId, Option<Time>)>,
    /// Digests of secrets, with until when those that were replaced are good.
    secrets: HashMap<String, Option<Time>>,
}

impl TokensBefore {
    /// What is known now.
    pub fn load(conn: &mut Conn) -> Result<Self> {
        let secrets: Vec<(String, Option<Time>)> = api_token_secrets::table
            .select((api_token_secrets::digest, api_token_secrets::replaced_until))
            .load(conn)?;
        Ok(Self {
            known: api_tokens::table
                .select((api_tokens::id, api_tokens::revoked_at))
                .load(conn)?,
            secrets: secrets.into_iter().collect(),
        })
    }

    /// Ends again what a backup has brought back to life: tokens that were revoked since, and secrets that were replaced.
    ///
    /// # Errors
    /// The database's.
    pub fn end_again(&self, conn: &mut Conn, now: Time) -> Result<()> {
        for (id, revoked_at) in &self.known {
            if let Some(at) = revoked_at {
                revoke(conn, *id, *at)?;
            }
            let brought: Vec<String> = api_token_secrets::table
                .filter(api_token_secrets::token_id.eq(id))
                .select(api_token_secrets::digest)
                .load(conn)?;
            for digest in brought {
                // One that is not there any more was good until now at most.
                let until = self.secrets.get(&digest).copied().unwrap_or(Some(now));
                diesel::update(api_token_secrets::table.find(digest))
                    .set(api_token_secrets::replaced_until.eq(until))
                    .execute(conn)?;
            }
        }
        Ok(())
    }
}

/// Forgets tokens that ended long ago; the audit keeps what they did.
pub fn forget_ended(conn: &mut Conn, now: Time) -> Result<usize> {
    let moment = now.plus_seconds(-LISTED_SECONDS);
    let ended = api_tokens::table.filter(api_tokens::expires_at.lt(moment).or(api_tokens::revoked_at.lt(moment)));
    Ok(diesel::delete(ended).execute(conn)?)
}
