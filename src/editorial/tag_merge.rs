//! Merging one tag into another: everything that carried the first carries the second.

use serde::{Deserialize, Serialize};

use crate::access::audit::{self, AuditEvent, TargetKind};
use crate::access::auth::DeskContext;
use crate::access::change_log::{self, EditableKind};
use crate::access::editing::{Editable, check_version};
use crate::articles::model::{ArticleState, Content, RevisionKind};
use crate::articles::{revisions, store as articles};
use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::db::dialect::{AdvisoryLock, Generation, raise_generations, take_advisory_lock};
use crate::base::error::{Error, FieldCode, FieldError, Result};
use crate::base::http::conditional::IfMatch;
use crate::base::ids::{ArticleId, TagId, UserId};
use crate::base::jobs::{self, JobRunner};
use crate::events::outbox::data::{SitePart, TagMergedEventData};
use crate::events::outbox::{Event, EventData, EventKind, announce};
use crate::published::links;
use crate::published::press::{live_section, lock_presses, press};
use crate::published::repress::{CHUNK, RepressOutcome};
use crate::site::announcing::announce_site;
use crate::site::frame::Frame;
use crate::site::tags::{self, Tag, merging};
use crate::site::{menus, settings};

const MERGE_TAG: &str = "merge_tag";

/// What brings articles over, where they are many.
pub const RUNNER: JobRunner = JobRunner {
    kind: MERGE_TAG,
    run: merge_chunk,
};

/// A merge, as its job keeps it.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct MergeProgress {
    from: TagId,
    into: TagId,
    user: UserId,
    at: Time,
}

impl MergeProgress {
    fn read(progress: &str) -> Result<Self> {
        serde_json::from_str(progress).map_err(Error::internal)
    }
}

/// Merges a tag, at the version that the client read, into another one; what that is.
///
/// # Errors
/// 404, 412, 409 `tag_merging`, 422 for a tag that is not there.
pub fn merge(
    conn: &mut Conn,
    desk: &DeskContext<'_>,
    if_match: IfMatch,
    (from, into): (TagId, TagId),
) -> Result<(Tag, RepressOutcome)> {
    lock_presses(conn)?;
    tags::store::get(conn, from)?;
    let refused = |code| Err(Error::field(FieldError::new("/into_tag_id", code)));
    if from == into {
        return refused(FieldCode::SameTag);
    }
    if tags::store::get_many(conn, &[into])?.is_empty() {
        return refused(FieldCode::UnknownReference);
    }
    let (old, new) = merging::get_both_locked(conn, from, into)?;
    check_version(conn, if_match, &old)?;
    begin(conn, desk, &old, &new)?;
    let progress = MergeProgress {
        from,
        into,
        user: desk.actor.user_id,
        at: desk.now,
    };
    if bring_over(conn, &progress)? {
        return Ok((new, RepressOutcome::Now));
    }
    jobs::enqueue(conn, MERGE_TAG, &progress, desk.now)?;
    Ok((new, RepressOutcome::Later))
}

/// Notes the merge, and brings over what is not an article.
fn begin(conn: &mut Conn, desk: &DeskContext<'_>, old: &Tag, new: &Tag) -> Result<()> {
    let under_way = jobs::waiting(conn, MERGE_TAG)?;
    let under_way = under_way.iter().map(|progress| Ok(MergeProgress::read(progress)?.from));
    let under_way = under_way.collect::<Result<Vec<TagId>>>()?;
    merging::begin(conn, old.id, new.id, &under_way)?;
    let act = AuditEvent::on("tag.merge", TargetKind::Tag, old.id.as_str()).before(old.digest()?);
    audit::record(conn, desk.actor, act.detail("into", new.id.as_str()), desk.now)?;
    take_advisory_lock(conn, AdvisoryLock::Site)?;
    let user = Some(desk.actor.user_id);
    let (mut site, version) = settings::store::load_versioned(conn)?;
    if let Some(pages) = merging::replaced_in_lists(&site.pages, old.id, new.id) {
        site.pages = pages;
        change_log::record(
            conn,
            EditableKind::Site,
            super::settings::ID,
            version + 1,
            user,
            &["pages"],
            desk.now,
        )?;
        settings::store::update(conn, &site, version + 1)?;
        announce_site(conn, SitePart::Settings, None, desk.now)?;
    }
    for menu in menus::store::load(conn)? {
        if let Some(items) = merging::replaced_in_menu(&menu.items, old.id, new.id) {
            let version = menu.version + 1;
            let changed = menus::Menu {
                items,
                version,
                updated_at: desk.now,
                ..menu
            };
            let key = changed.key.as_str();
            change_log::record(conn, EditableKind::Menu, key, version, user, &["items"], desk.now)?;
            menus::store::update(conn, &changed)?;
            announce_site(conn, SitePart::Menu, Some(key), desk.now)?;
        }
    }
    Ok(())
}

fn merge_chunk(conn: &mut Conn, progress: &str) -> Result<Option<String>> {
    let merge = MergeProgress::read(progress)?;
    lock_presses(conn)?;
    let is_done = bring_over(conn, &merge)?;
    Ok((!is_done).then(|| progress.to_owned()))
}

/// Brings so many articles over; whether they were the last, so that the tag is gone.
fn bring_over(conn: &mut Conn, merge: &MergeProgress) -> Result<bool> {
    let ids = links::articles_with_tag(conn, merge.from, CHUNK + 1)?;
    let is_last = i64::try_from(ids.len()).unwrap_or(i64::MAX) <= CHUNK;
    let frame = Frame::load(conn)?;
    let chunk = usize::try_from(CHUNK).unwrap_or(usize::MAX);
    let named = tags::store::get_many(conn, &[merge.from, merge.into])?;
    let labels: Vec<&str> = named.iter().map(|tag| tag.label.as_str()).collect();
    let note = labels.join(" → ");
    for id in ids.iter().take(chunk) {
        bring_article_over(conn, &frame, *id, merge, &note)?;
    }
    if !ids.is_empty() {
        raise_generations(conn, &mut [Generation::Articles])?;
    }
    if is_last {
        let (old, new) = merging::get_both_locked(conn, merge.from, merge.into)?;
        merging::finish(conn, &frame.site, &old, &new, merge.at)?;
        change_log::forget(conn, EditableKind::Tag, merge.from.as_str())?;
        let data = EventData::TagMerged(TagMergedEventData {
            tag_id: merge.from,
            into_tag_id: merge.into,
        });
        announce(conn, &Event::new(EventKind::TagMerged, data), merge.at)?;
    }
    Ok(is_last)
}

/// Gives an article the other tag: its working copy, and what is live of it, each with a revision that says why.
fn bring_article_over(conn: &mut Conn, frame: &Frame, id: ArticleId, merge: &MergeProgress, note: &str) -> Result<()> {
    let (mut article, working) = articles::get_locked(conn, id)?;
    let live = live_section(conn, id)?.zip(article.live_revision_number);
    let other = |content: &Content| {
        let tag_ids = merging::replaced(&content.tag_ids, merge.from, merge.into);
        tag_ids.map(|tag_ids| Content {
            tag_ids,
            ..content.clone()
        })
    };
    let (user, now) = (Some(merge.user), merge.at);
    let new_working = other(&working);
    // Its links are written anew in any case: they may say more than it does.
    article.version += i64::from(new_working.is_some());
    let content = new_working.as_ref().unwrap_or(&working);
    articles::update(conn, &article, content)?;
    article.content = content.to_json()?;
    if new_working.is_some() {
        change_log::record(
            conn,
            EditableKind::Article,
            id.as_str(),
            article.version,
            user,
            &["tag_ids"],
            now,
        )?;
    }
    if let Some((section, number)) = live {
        let mut content = revisions::store::revision(conn, id, number)?;
        content.section_id = Some(section);
        content.secondary_section_ids = links::secondary_sections(conn, id, section)?;
        let content = other(&content).unwrap_or(content);
        let kind = RevisionKind::Publish;
        let number = articles::insert_revision(conn, &article, kind, &content, user, Some(note), now)?;
        article.live_revision_number = Some(number);
        articles::set_row(conn, &article)?;
        press(conn, frame, &article, &content)?;
    }
    // Where the working copy is what is live, that revision is its own too.
    let stands_alone = live.is_none() || article.has_unpublished_changes;
    match new_working.filter(|_| stands_alone && article.state != ArticleState::Killed) {
        Some(content) => {
            let kind = RevisionKind::Save;
            articles::insert_revision(conn, &article, kind, &content, user, Some(note), now).map(drop)
        }
        None => Ok(()),
    }
}
