//! What came from where: the rows by which an import is resumed and repeated.

use std::collections::HashMap;

use diesel::prelude::*;

use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::db::schema::import_items as items;
use crate::base::error::Result;
use crate::base::ids::ArticleId;
use crate::{insert_each, on_each};

crate::word_type! {
    /// What kind of thing was imported.
    SourceItemKind {
        /// A post or a page.
        Post = "post",
        /// A comment.
        Comment = "comment",
        /// A category.
        Category = "category",
        /// A tag.
        Tag = "tag",
        /// An author.
        Author = "author",
        /// A picture: what is known of it stands in place of a digest.
        Attachment = "attachment",
    }
}

/// An imported thing.
#[derive(Clone, Debug, Queryable)]
pub struct ImportedItem {
    /// What it became.
    pub target_id: String,
    /// The digest of what was read.
    pub digest: String,
    /// The version that the import wrote: a later one was edited here.
    pub version: i64,
}

/// What a thing of a source became.
pub fn find(conn: &mut Conn, source: &str, kind: SourceItemKind, source_id: &str) -> Result<Option<ImportedItem>> {
    let row =
        items::table
            .find((source, kind.as_str(), source_id))
            .select((items::target_id, items::digest, items::version));
    Ok(row.first(conn).optional()?)
}

/// Ids that one statement names at most.
const IDS_PER_STATEMENT: usize = 500;

/// What these things of a source became, by their ids there; those that were never imported are left out.
pub fn find_many(
    conn: &mut Conn,
    source: &str,
    kind: SourceItemKind,
    source_ids: &[String],
) -> Result<HashMap<String, ImportedItem>> {
    let mut found = HashMap::new();
    for ids in source_ids.chunks(IDS_PER_STATEMENT) {
        let rows: Vec<(String, ImportedItem)> = items::table
            .filter(items::source.eq(source))
            .filter(items::kind.eq(kind.as_str()))
            .filter(items::source_id.eq_any(ids.to_vec()))
            .select((items::source_id, (items::target_id, items::digest, items::version)))
            .load(conn)?;
        found.extend(rows);
    }
    Ok(found)
}

/// All things of a kind that came from a source, by their ids there.
pub fn list(conn: &mut Conn, source: &str, kind: SourceItemKind) -> Result<Vec<(String, ImportedItem)>> {
    Ok(items::table
        .filter(items::source.eq(source))
        .filter(items::kind.eq(kind.as_str()))
        .select((items::source_id, (items::target_id, items::digest, items::version)))
        .load(conn)?)
}

/// Whether a thing here came from this source, or was matched with one of its things.
pub fn is_target(conn: &mut Conn, source: &str, kind: SourceItemKind, target_id: &str) -> Result<bool> {
    let rows = items::table
        .filter(items::target_id.eq(target_id))
        .filter(items::source.eq(source))
        .filter(items::kind.eq(kind.as_str()));
    Ok(diesel::select(diesel::dsl::exists(rows)).get_result(conn)?)
}

/// Remembers what a thing of a source became.
pub fn put(
    conn: &mut Conn,
    source: &str,
    kind: SourceItemKind,
    source_id: &str,
    imported: &ImportedItem,
    now: Time,
) -> Result<()> {
    on_each!(conn, c => diesel::insert_into(items::table)
        .values((
            items::source.eq(source),
            items::kind.eq(kind.as_str()),
            items::source_id.eq(source_id),
            items::target_id.eq(&imported.target_id),
            items::digest.eq(&imported.digest),
            items::version.eq(imported.version),
            items::imported_at.eq(now),
        ))
        .on_conflict((items::source, items::kind, items::source_id))
        .do_update()
        .set((
            items::target_id.eq(&imported.target_id),
            items::digest.eq(&imported.digest),
            items::version.eq(imported.version),
            items::imported_at.eq(now),
        ))
        .execute(c))?;
    Ok(())
}

/// Remembers what things of a source became that no run has brought before, by their ids there.
pub fn put_new(
    conn: &mut Conn,
    source: &str,
    kind: SourceItemKind,
    new: &[(&str, ImportedItem)],
    now: Time,
) -> Result<()> {
    let row = |(source_id, imported): &(&str, ImportedItem)| {
        (
            items::source.eq(source.to_owned()),
            items::kind.eq(kind.as_str()),
            items::source_id.eq((*source_id).to_owned()),
            items::target_id.eq(imported.target_id.clone()),
            items::digest.eq(imported.digest.clone()),
            items::version.eq(imported.version),
            items::imported_at.eq(now),
        )
    };
    let rows: Vec<_> = new.iter().map(row).collect();
    Ok(insert_each!(conn, items::table, rows)?)
}

/// Says that what a post became is at another version now, where it was at this one.
pub fn raise_version(conn: &mut Conn, article: ArticleId, from: i64, to: i64) -> Result<()> {
    let rows = items::table
        .filter(items::target_id.eq(article.as_str()))
        .filter(items::kind.eq(SourceItemKind::Post.as_str()))
        .filter(items::version.eq(from));
    diesel::update(rows).set(items::version.eq(to)).execute(conn)?;
    Ok(())
}

/// The article that the post with this number became; where several sites were imported, that of the first.
pub fn article_of_post(conn: &mut Conn, number: &str) -> Result<Option<ArticleId>> {
    let row = items::table
        .filter(items::kind.eq(SourceItemKind::Post.as_str()))
        .filter(items::source_id.eq(number));
    Ok(row
        .order(items::imported_at)
        .select(items::target_id)
        .first(conn)
        .optional()?)
}
