//! Statements on what was found in the texts of working copies.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;

use crate::access::auth::GrantScope;
use crate::articles::model::ArticleState;
use crate::articles::scope::covered_by;
use crate::articles::store::working_copies;
use crate::base::db::Conn;
use crate::base::db::schema::articles;
use crate::base::error::Result;
use crate::base::ids::ArticleId;
use crate::base::text::warnings::is_suspect;

/// A working copy with text that is not as it should be.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = articles, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
pub struct Suspect {
    /// The article's id.
    pub id: ArticleId,
    /// The headline of the working copy.
    pub title: String,
    /// Counts changes.
    pub version: i64,
    /// The working copy, as JSON.
    pub content: String,
}

/// A page of the working copies that `scopes` cover, oldest first, starting after `after`. Those in the trash and the
/// killed ones are left out.
pub fn list(
    conn: &mut Conn,
    scopes: Option<&[GrantScope]>,
    after: Option<ArticleId>,
    limit: i64,
) -> Result<Vec<Suspect>> {
    let mut query = articles::table
        // Written out: how few these are is known of this value, not of any.
        .filter(sql::<Bool>("articles.has_suspect_text = TRUE"))
        .filter(articles::state.ne_all([ArticleState::Trashed, ArticleState::Killed]))
        .order(articles::id)
        .limit(limit)
        .select(Suspect::as_select())
        .into_boxed();
    if let Some(scopes) = scopes {
        query = query.filter(covered_by(scopes));
    }
    if let Some(after) = after {
        query = query.filter(articles::id.gt(after));
    }
    let mut suspects: Vec<Suspect> = query.load(conn)?;
    let as_live = suspects.iter().filter(|suspect| suspect.content.is_empty());
    let as_live: Vec<ArticleId> = as_live.map(|suspect| suspect.id).collect();
    let mut contents = working_copies(conn, &as_live)?;
    for suspect in suspects.iter_mut().filter(|suspect| suspect.content.is_empty()) {
        suspect.content = contents.remove(&suspect.id).unwrap_or_default();
    }
    Ok(suspects)
}

/// Working copies that one transaction looks at.
const CHUNK: i64 = 100;

/// Looks at the next working copies that nobody has looked at; how many. What is written meanwhile
/// was looked at then, and stays as it is.
pub fn look_at_next(conn: &mut Conn) -> Result<usize> {
    let ids: Vec<ArticleId> = articles::table
        .filter(articles::has_suspect_text.is_null())
        .order(articles::id)
        .limit(CHUNK)
        .select(articles::id)
        .load(conn)?;
    let unseen = working_copies(conn, &ids)?;
    for (id, content) in &unseen {
        let row = articles::table.filter(articles::id.eq(id));
        diesel::update(row.filter(articles::has_suspect_text.is_null()))
            .set(articles::has_suspect_text.eq(is_suspect(content)?))
            .execute(conn)?;
    }
    Ok(unseen.len())
}
