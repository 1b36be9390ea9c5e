//! Writing the working copy: a new draft, a change, a revert. All go through the same checks, and all write a revision
//! in the same transaction.

use serde::Serialize;

use super::input::check_references;
use super::view::action_facts;
use crate::access::audit::{self, AuditEvent, TargetKind};
use crate::access::auth::{Actor, Permission};
use crate::access::change_log::{self, EditableKind};
use crate::articles::model::{Article, ArticleReview, Content};
use crate::articles::{revisions, store};
use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::error::{FieldCode, FieldError, Result};
use crate::base::http::conditional::IfMatch;
use crate::base::ids::{SectionId, UserId};
use crate::body::blocks::{Block, raw_html_changes};
use crate::editorial::workflow::{Action, check_permitted, check_possible};
use crate::published::previews;
use crate::site::frame::Frame;
use crate::site::tags::merging;

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

crate::word_type! {
    /// What is to become of a change of an older version.
    MergeMode {
        /// Make it to the current version, where nobody changed any of its members since.
        Disjoint = "disjoint",
    }
}

/// The version that somebody read, and what they want where it is stale.
#[derive(Clone, Debug)]
pub struct EditBase {
    /// The version that they read.
    pub if_match: IfMatch,
    /// The members that they send, where their change is to be made to the current version if nobody else changed any
    /// of them since.
    pub merging: Option<Vec<String>>,
}

impl From<IfMatch> for EditBase {
    fn from(if_match: IfMatch) -> Self {
        Self {
            if_match,
            merging: None,
        }
    }
}

/// Members that belong together: whoever changes one has seen the others.
const TOGETHER: [&[&str]; 4] = [
    &["section_id", "secondary_section_ids"],
    &["title", "slug"],
    &["locale", "translation_key"],
    &["embargo_until", "breaking_until"],
];

/// Whether no member of one list is in the other, or belongs to one that is.
fn are_disjoint(sent: &[String], changed: &[String]) -> bool {
    let group = |name: &str| TOGETHER.iter().position(|group| group.contains(&name));
    let touches = |one: &String, other: &String| one == other || (group(one).is_some() && group(one) == group(other));
    !sent.iter().any(|name| changed.iter().any(|other| touches(name, other)))
}

/// Checks that the table lets the actor do it, to the version that they read; the members that others changed since
/// where it is not that version and the change is merged over theirs.
///
/// # Errors
/// 403, 409, 412.
pub fn check_allowed(
    conn: &mut Conn,
    frame: &Frame,
    actor: &Actor,
    action: Action,
    (article, content): (&Article, &Content),
    base: &EditBase,
) -> Result<Vec<String>> {
    let action_facts = action_facts(conn, frame, article, content)?;
    check_permitted(actor, action, &action_facts)?;
    let merged_over = match mergeable(conn, base, article)? {
        Some(changed) => changed,
        None => {
            check_version(conn, base.if_match, article, content)?;
            Vec::new()
        }
    };
    check_possible(actor, action, &action_facts)?;
    Ok(merged_over)
}

/// Checks that who may read the article read its current version.
///
/// # Errors
/// 412 with what the members that were changed since hold now.
pub fn check_version(conn: &mut Conn, if_match: IfMatch, article: &Article, content: &Content) -> Result<()> {
    let place = (EditableKind::Article, article.id.as_str(), article.version);
    let shown = WorkingCopyValues {
        content,
        embargo_until: article.embargo_until,
        assignee_id: article.assignee_id,
    };
    change_log::check(conn, if_match, place, |_| Ok(shown))
}

/// The members that an edit changes.
#[derive(Serialize)]
struct WorkingCopyValues<'c> {
    #[serde(flatten)]
    content: &'c Content,
    embargo_until: Option<Time>,
    assignee_id: Option<UserId>,
}

/// What others changed since, where nothing of it stands in the way.
fn mergeable(conn: &mut Conn, base: &EditBase, article: &Article) -> Result<Option<Vec<String>>> {
    let (Some(sent), Some(version)) = (&base.merging, base.if_match.version) else {
        return Ok(None);
    };
    if !(1..article.version).contains(&version) {
        return Ok(None);
    }
    let since = change_log::since(conn, EditableKind::Article, article.id.as_str(), version)?;
    // Each version since must be known by what it changed.
    let summary = since
        .summary
        .filter(|summary| summary.count == article.version - version);
    let changed = summary.map(|summary| summary.fields);
    Ok(changed.filter(|changed| are_disjoint(sent, changed)))
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
        mut content,
        changed,
        reverted_to,
    } = edit;
    if changed.is_empty() {
        return Ok((article, content));
    }
    if changed.contains(&"tag_ids") {
        // Whoever opened it before a tag became another, or goes back to a text of then, means that other.
        content.tag_ids = merging::current(conn, &content.tag_ids)?;
    }
    check_sections(frame, actor, &article, &content, &old)?;
    check_raw_html(frame, actor, &article, &content, &old.blocks)?;
    check_references(conn, frame, &article, &content, &changed)?;
    article.version += 1;
    // A new assignee is the desk's business: the text that was handed in stays the same.
    if changed != ["assignee_id"] {
        article.review = ArticleReview::NotSubmitted;
    }
    article.has_unpublished_changes = match article.live_revision_number {
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
        entry = entry.detail("revision_number", number);
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
    let changed = raw_html_changes(old, &content.blocks);
    if changed.is_empty() {
        return Ok(());
    }
    let subject = article.subject(&frame.tree, content.section_id, actor);
    let at = |index: &usize| FieldError::new(format!("/blocks/{index}"), FieldCode::RawHtmlNotPermitted);
    actor
        .check(Permission::WriteRawHtml, &subject)
        .map_err(|error| error.at(changed.iter().map(at).collect()))
}
