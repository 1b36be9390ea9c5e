//! Writing the working copy: a new draft, a change, a revert. All go through the same checks, and all write a revision
//! in the same transaction.

use super::input::check_references;
use super::view::action_facts;
use crate::access::audit::{self, AuditEvent, TargetKind};
use crate::access::auth::{Actor, Permission};
use crate::access::change_log::{self, EditableKind};
use crate::articles::model::{Article, ArticleReview, Content};
use crate::articles::{revisions, store};
use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::http::conditional::IfMatch;
use crate::base::ids::SectionId;
use crate::body::blocks::{Block, raw_html_changes};
use crate::editorial::workflow::{Action, check_permitted, check_possible};
use crate::published::previews;
use crate::site::frame::Frame;

/// A change of a working copy that is still to be checked and written.
pub struct Edit {
    /// The row before.
    pub was: Article,
    /// The content before.
    pub old: Content,
    /// The row after, but for what follows from the change.
    pub article: Article,
    /// The content after.
    pub content: Content,
    /// The members that differ.
    pub changed: Vec<&'static str>,
    /// The revision whose content is taken up again, where it is a revert.
    pub reverted_to: Option<i32>,
}

/// Checks that the table lets the actor do it, to the version that they read.
///
/// # Errors
/// 403, 409, 412.
pub fn check_allowed(
    conn: &mut Conn,
    frame: &Frame,
    actor: &Actor,
    action: Action,
    (article, content): (&Article, &Content),
    if_match: IfMatch,
) -> Result<()> {
    let action_facts = action_facts(conn, frame, article, content)?;
    check_permitted(actor, action, &action_facts)?;
    change_log::check(
        conn,
        if_match,
        EditableKind::Article,
        article.id.as_str(),
        article.version,
    )?;
    check_possible(actor, action, &action_facts)
}

/// Checks a change and writes it: a new version, with a revision where the content differs. The review goes back to
/// draft, unless only the assignee changes. A change that changes nothing writes nothing. The caller holds the
/// article's lock and has checked [`Action::Edit`].
///
/// # Errors
/// 403 for another's section and raw HTML; 422 for references to nothing.
pub fn write_edit(conn: &mut Conn, frame: &Frame, actor: &Actor, edit: Edit, now: Time) -> Result<(Article, Content)> {
    let Edit {
        was,
        old,
        mut article,
        content,
        changed,
        reverted_to,
    } = edit;
    if changed.is_empty() {
        return Ok((article, content));
    }
    check_sections(frame, actor, &article, &content, &old)?;
    check_raw_html(frame, actor, &article, &content, &old.blocks)?;
    check_references(conn, frame, &article, &content, &changed)?;
    article.version += 1;
    // A new assignee is the desk's business: the text that was handed in stays the same.
    if changed != ["assignee_id"] {
        article.review = ArticleReview::Draft;
    }
    article.has_unpublished_changes = match article.live_revision {
        Some(number) => crate::articles::revisions::store::revision(conn, article.id, number)? != content,
        None => true,
    };
    (article.edited_at, article.edited_by) = (now, Some(actor.user_id));
    store::update(conn, &article, &content)?;
    if content != old {
        revisions::store::save(conn, &article, &content, article.edited_by, reverted_to, now)?;
    }
    previews::store::press_working_copy(conn, frame, &article, &content, now)?;
    let id = article.id.as_str();
    change_log::record(
        conn,
        EditableKind::Article,
        id,
        article.version,
        article.edited_by,
        &changed,
        now,
    )?;
    let (before, after) = (was.digest(&old)?, article.digest(&content)?);
    let act = reverted_to.map_or("article.edit", |_| "article.revert");
    let mut entry = AuditEvent::on(act, TargetKind::Article, id)
        .before(before)
        .after(after)
        .detail("version", article.version)
        .detail("fields", changed);
    if let Some(number) = reverted_to {
        entry = entry.detail("revision", number);
    }
    audit::record(conn, actor, entry, now)?;
    Ok((article, content))
}

/// Checks what a draft refers to and adds it. `known` are blocks that were elsewhere before: anybody may take over raw
/// HTML among them.
///
/// # Errors
/// 403; 422 for references to nothing.
pub fn insert_draft(
    conn: &mut Conn,
    frame: &Frame,
    actor: &Actor,
    article: &Article,
    content: &Content,
    known: &[Block],
    now: Time,
) -> Result<()> {
    check_may_write(frame, actor, article, content.section_id)?;
    check_raw_html(frame, actor, article, content, known)?;
    let changed = content.differences(&Content::empty());
    let references: Vec<&str> = changed.iter().copied().chain(["assignee_id"]).collect();
    check_references(conn, frame, article, content, &references)?;
    store::insert(conn, article, content)?;
    let author = Some(actor.user_id);
    revisions::store::save(conn, article, content, author, None, now)?;
    change_log::record(
        conn,
        EditableKind::Article,
        article.id.as_str(),
        1,
        author,
        &changed,
        now,
    )
}

/// Checks that a grant covers each section that a change adds, and all of them where it makes the article breaking news,
/// which every section's readers see.
///
/// # Errors
/// 403.
pub fn check_sections(frame: &Frame, actor: &Actor, article: &Article, content: &Content, old: &Content) -> Result<()> {
    let is_breaking = content.breaking_until.is_some() && content.breaking_until != old.breaking_until;
    if is_breaking || content.section_id != old.section_id {
        check_may_write(frame, actor, article, content.section_id)?;
    }
    let added = |id: &&SectionId| is_breaking || !old.secondary_section_ids.contains(id);
    content
        .secondary_section_ids
        .iter()
        .filter(added)
        .try_for_each(|id| check_may_write(frame, actor, article, Some(*id)))
}

fn check_may_write(frame: &Frame, actor: &Actor, article: &Article, section: Option<SectionId>) -> Result<()> {
    actor.check(Permission::WriteArticles, &article.subject(&frame.tree, section, actor))
}

/// Adding or changing raw HTML needs a permission of its own; anybody who may write may leave such a block as it is.
fn check_raw_html(frame: &Frame, actor: &Actor, article: &Article, content: &Content, old: &[Block]) -> Result<()> {
    if raw_html_changes(old, &content.blocks) {
        actor.check(
            Permission::WriteRawHtml,
            &article.subject(&frame.tree, content.section_id, actor),
        )?;
    }
    Ok(())
}
