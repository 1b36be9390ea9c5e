//! Statements on notes.

use std::collections::HashMap;

use diesel::prelude::*;

use super::{ArticleNote, Note, NoteId};
use crate::access::auth::store as accounts;
use crate::access::change_log::{self, EditableKind};
use crate::base::clock::Time;
use crate::base::db::dialect::{LockableRow, lock};
use crate::base::db::schema::article_notes;
use crate::base::db::{Conn, among};
use crate::base::error::Result;
use crate::base::ids::{ArticleId, UserId};
use crate::body::blocks::Block;

/// A note of an article.
///
/// # Errors
/// 404 where it is none of this article's.
pub fn get(conn: &mut Conn, article: ArticleId, id: NoteId) -> Result<Note> {
    Ok(article_notes::table
        .find(id)
        .filter(article_notes::article_id.eq(article))
        .select(Note::as_select())
        .first(conn)?)
}

/// As [`get`], locked until the transaction ends.
///
/// # Errors
/// 404.
pub fn get_locked(conn: &mut Conn, article: ArticleId, id: NoteId) -> Result<Note> {
    lock(conn, LockableRow::ArticleNote, id.as_str())?;
    get(conn, article, id)
}

/// The notes of an article, oldest first, starting after `after`: all, or only those that are open or resolved.
pub fn list(
    conn: &mut Conn,
    article: ArticleId,
    is_open: Option<bool>,
    after: Option<NoteId>,
    limit: i64,
) -> Result<Vec<Note>> {
    let mut query = article_notes::table
        .filter(article_notes::article_id.eq(article))
        .order(article_notes::id)
        .limit(limit)
        .select(Note::as_select())
        .into_boxed();
    query = match is_open {
        Some(true) => query.filter(article_notes::resolved_at.is_null()),
        Some(false) => query.filter(article_notes::resolved_at.is_not_null()),
        None => query,
    };
    if let Some(after) = after {
        query = query.filter(article_notes::id.gt(after));
    }
    Ok(query.load(conn)?)
}

/// Notes with the names of who wrote and resolved them, matched with the blocks of the working copy.
pub fn views(conn: &mut Conn, notes: Vec<Note>, blocks: &[Block]) -> Result<Vec<ArticleNote>> {
    let users = notes
        .iter()
        .flat_map(|note| [note.author_id, note.resolved_by])
        .flatten();
    let names = accounts::names(conn, users.collect())?;
    let name = |user: Option<UserId>| user.and_then(|id| names.get(&id).cloned());
    let view = |note: Note| {
        let (author, resolver) = (name(note.author_id), name(note.resolved_by));
        ArticleNote::new(note, author, resolver, blocks)
    };
    Ok(notes.into_iter().map(view).collect())
}

/// How many notes of each of these articles are open; an article without any is left out.
pub fn count_open(conn: &mut Conn, articles: &[ArticleId]) -> Result<HashMap<ArticleId, i64>> {
    let rows: Vec<(ArticleId, i64)> = article_notes::table
        .filter(among(article_notes::article_id, articles.to_vec()))
        .filter(article_notes::resolved_at.is_null())
        .group_by(article_notes::article_id)
        .select((article_notes::article_id, diesel::dsl::count_star()))
        .load(conn)?;
    Ok(rows.into_iter().collect())
}

/// Adds a note.
pub fn insert(conn: &mut Conn, note: &Note) -> Result<()> {
    diesel::insert_into(article_notes::table).values(note).execute(conn)?;
    Ok(())
}

/// Writes a note.
pub fn update(conn: &mut Conn, note: &Note) -> Result<()> {
    diesel::update(article_notes::table.find(note.id))
        .set(note)
        .execute(conn)?;
    Ok(())
}

/// Deletes a note and who changed it.
pub fn delete(conn: &mut Conn, id: NoteId) -> Result<()> {
    diesel::delete(article_notes::table.find(id)).execute(conn)?;
    change_log::forget(conn, EditableKind::ArticleNote, id.as_str())
}

/// Forgets who changed the notes of an article, which go with it.
pub fn forget_edits_of(conn: &mut Conn, article: ArticleId) -> Result<()> {
    let own = article_notes::table.filter(article_notes::article_id.eq(article));
    let ids: Vec<NoteId> = own.select(article_notes::id).load(conn)?;
    for id in ids {
        change_log::forget(conn, EditableKind::ArticleNote, id.as_str())?;
    }
    Ok(())
}

/// Deletes all notes of an article.
pub fn delete_all_of(conn: &mut Conn, article: ArticleId) -> Result<()> {
    forget_edits_of(conn, article)?;
    diesel::delete(article_notes::table.filter(article_notes::article_id.eq(article))).execute(conn)?;
    Ok(())
}

/// Writes an import's one note on an article, in place of its earlier one.
pub fn set_imported(conn: &mut Conn, article: ArticleId, body: Option<&str>, now: Time) -> Result<()> {
    let imported = article_notes::table
        .filter(article_notes::article_id.eq(article))
        .filter(article_notes::author_id.is_null());
    diesel::delete(imported).execute(conn)?;
    let note = |body: &str| Note {
        id: NoteId::new(),
        article_id: article,
        block_id: None,
        body: body.to_owned(),
        author_id: None,
        version: 1,
        created_at: now,
        updated_at: now,
        resolved_at: None,
        resolved_by: None,
    };
    body.map_or(Ok(()), |body| insert(conn, &note(body)))
}
