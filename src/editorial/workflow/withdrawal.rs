//! Taking a live article away from readers: for now, or for good.

use crate::access::change_log::{self, EditableKind};
use crate::articles::model::{Article, ArticleReview, ArticleState, Content, RevisionKind};
use crate::articles::{corrections, store};
use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::db::dialect::{Generation, raise_generations};
use crate::base::error::Result;
use crate::base::http::idempotency;
use crate::base::ids::UserId;
use crate::editorial::{autosaves, leases, notes};
use crate::published::{packages, press, previews};
use crate::site::comment_policy::{CommentMode, CommentPolicy};
use crate::site::{menus, paths};

/// Takes a live article off: its row and links go, its paths are hidden and kept for it. The caller
/// holds the presses' lock and has checked state and permission.
pub fn unpublish(conn: &mut Conn, article: &mut Article) -> Result<()> {
    article.state = ArticleState::Unpublished;
    paths::hide(conn, article.target())?;
    press::withdraw(conn, article.id)?;
    store::set_row(conn, article)?;
    Ok(raise_generations(conn, &mut [Generation::Articles])?)
}

/// Erases an article but for its row, its paths (gone) and its revisions (sealed). The caller holds
/// the presses' lock and writes the ledger; its article and content become what is left.
pub fn kill(
    conn: &mut Conn,
    article: &mut Article,
    content: &mut Content,
    author: Option<UserId>,
    now: Time,
) -> Result<()> {
    let id = article.id;
    if article.has_unpublished_changes {
        // The last words of the working copy go under seal with the rest.
        store::insert_revision(conn, article, RevisionKind::Save, content, author, None, now)?;
    }
    store::seal_revisions(conn, id, now)?;
    press::withdraw(conn, id)?;
    // After its row, so that the change feed tells the redirects behind the deletion.
    paths::retire(conn, article.target(), None, now)?;
    corrections::store::delete_all_of(conn, id)?;
    autosaves::store::delete_all_of(conn, id)?;
    notes::store::delete_all_of(conn, id)?;
    previews::store::delete_all_of(conn, id)?;
    leases::store::delete(conn, id)?;
    packages::store::forget_article(conn, id, now)?;
    let menus = menus::store::forget_article(conn, id, now)?;
    let menus: Vec<(&str, i64)> = menus.iter().map(|(key, version)| (key.as_str(), *version)).collect();
    change_log::record_all(conn, EditableKind::Menu, &menus, &["items"], now)?;
    idempotency::forget_resource(conn, id.as_str())?;
    let emptied = Content {
        type_: content.type_,
        section_id: content.section_id,
        comment_policy: Some(CommentPolicy::of_mode(CommentMode::Closed)),
        ..Content::empty()
    };
    article.state = ArticleState::Killed;
    article.review = ArticleReview::NotSubmitted;
    article.has_unpublished_changes = false;
    article.live_revision_number = None;
    article.path = None;
    article.trashed_at = None;
    article.version += 1;
    (article.edited_at, article.edited_by) = (now, author);
    store::update(conn, article, &emptied)?;
    let fields = content.differences(&emptied);
    *content = emptied;
    change_log::record(
        conn,
        EditableKind::Article,
        id.as_str(),
        article.version,
        author,
        &fields,
        now,
    )?;
    let mut kinds = vec![Generation::Articles];
    if !menus.is_empty() {
        kinds.push(Generation::Site);
    }
    Ok(raise_generations(conn, &mut kinds)?)
}
