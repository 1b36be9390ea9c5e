//! Writing the newsroom, through the same store and workflow functions as the desk uses.

use super::newsroom::{Newsroom, Story};
use crate::access::auth::store as accounts;
use crate::access::change_log::{self, EditableKind};
use crate::articles::model::{ArticleState, Content, RevisionKind};
use crate::articles::revisions::store as revisions;
use crate::articles::store as articles;
use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::ids::UserId;
use crate::comments::model::{Comment, CommentState, DecisionReason};
use crate::comments::moderation::model::ModerationAction;
use crate::comments::moderation::store::{NewModerationLogEntry, decide};
use crate::comments::store as comments;
use crate::demo::newsroom::{DemoComment, StoryState};
use crate::editorial::workflow::{Publication, publish, unpublish};
use crate::published::{packages, press};
use crate::site::frame::Frame;
use crate::site::{ads, contributors, menus, sections, settings, tags};

/// Writes everything.
pub(super) fn write(conn: &mut Conn, newsroom: &Newsroom) -> Result<()> {
    let now = newsroom.now;
    settings::insert(conn, &newsroom.site)?;
    for section in &newsroom.sections {
        sections::store::insert(conn, &newsroom.site, section, now)?;
    }
    for tag in &newsroom.tags {
        tags::store::insert(conn, &newsroom.site, tag, now)?;
    }
    for contributor in &newsroom.contributors {
        contributors::store::insert(conn, &newsroom.site, contributor, now)?;
    }
    for (user, grants) in &newsroom.users {
        accounts::insert(conn, user, grants)?;
    }
    let author = newsroom.users.first().map(|(user, _)| user.id);
    press::lock_presses(conn)?;
    let frame = Frame::load(conn)?;
    for story in &newsroom.stories {
        write_story(conn, &frame, story, author, now)?;
    }
    write_site(conn, newsroom)
}

/// Menus, ad slots and packages: they name what is there by now.
fn write_site(conn: &mut Conn, newsroom: &Newsroom) -> Result<()> {
    for menu in &newsroom.menus {
        menus::store::insert(conn, menu)?;
    }
    for slot in &newsroom.ad_slots {
        ads::store::insert(conn, slot)?;
    }
    for (package, articles) in &newsroom.packages {
        packages::store::insert(conn, package, articles)?;
    }
    Ok(())
}

fn write_story(conn: &mut Conn, frame: &Frame, story: &Story, author: Option<UserId>, now: Time) -> Result<()> {
    let mut article = story.article.clone();
    (article.created_by, article.edited_by) = (author, author);
    articles::insert(conn, &article, &story.content)?;
    revisions::save(conn, &article, &story.content, author, None, article.created_at)?;
    let fields = story.content.differences(&Content::empty());
    change_log::record(
        conn,
        EditableKind::Article,
        article.id.as_str(),
        1,
        author,
        &fields,
        article.created_at,
    )?;
    if matches!(
        story.state,
        StoryState::Published | StoryState::Edited | StoryState::Unpublished
    ) {
        let publication = Publication {
            published_at: Some(story.published_at),
            ..Publication::new(RevisionKind::Publish, author, story.published_at)
        };
        let (mut stored, content) = articles::get(conn, article.id)?;
        publish(conn, frame, &mut stored, &content, &publication)?;
    }
    let (mut article, mut content) = articles::get(conn, article.id)?;
    match story.state {
        StoryState::Published | StoryState::Draft => {}
        StoryState::Unpublished => unpublish(conn, &mut article)?,
        StoryState::Trashed => {
            article.state = ArticleState::Trashed;
            article.trashed_at = Some(now);
            articles::set_row(conn, &article)?;
        }
        StoryState::Edited => {
            content.title = story.draft_title.clone().unwrap_or(content.title);
            article.version += 1;
            (article.has_unpublished_changes, article.edited_at) = (true, now);
            articles::update(conn, &article, &content)?;
            revisions::save(conn, &article, &content, author, None, now)?;
            change_log::record(
                conn,
                EditableKind::Article,
                article.id.as_str(),
                article.version,
                author,
                &["title"],
                now,
            )?;
        }
    }
    for comment in &story.comments {
        write_comment(conn, story, comment, None, author, now)?;
    }
    Ok(())
}

/// Writes a comment as it was sent, decides on it as a moderator did, then writes the replies.
fn write_comment(
    conn: &mut Conn,
    story: &Story,
    text: &DemoComment,
    parent: Option<&Comment>,
    moderator: Option<UserId>,
    now: Time,
) -> Result<()> {
    let created_at = story.published_at.plus_seconds(text.minutes_after * 60).min(now);
    let mut comment = Comment::new(
        story.article.id,
        text.author_name.clone(),
        text.body.clone(),
        created_at,
    );
    if let Some(parent) = parent {
        comment = comment.below(parent);
    }
    comment.verdicts = r#"[{"phase":"open","verdict":"pass","reason":null},{"phase":"mode","verdict":"hold","reason":"pre_moderated"}]"#.to_owned();
    let comment = comments::insert(conn, comment)?;
    let decision = match text.state {
        CommentState::Approved => Some((ModerationAction::Approve, None)),
        CommentState::Rejected => Some((ModerationAction::Reject, Some(DecisionReason::OffTopic))),
        CommentState::Spam => Some((ModerationAction::Spam, Some(DecisionReason::Advertising))),
        _ => None,
    };
    if let Some((action, reason)) = decision {
        let at = created_at.plus_seconds(600).min(now);
        decide(
            conn,
            &comment,
            text.state,
            &NewModerationLogEntry {
                moderator,
                action,
                reason: reason.map(DecisionReason::as_str),
                note: None,
                at,
            },
        )?;
    }
    text.replies
        .iter()
        .try_for_each(|reply| write_comment(conn, story, reply, Some(&comment), moderator, now))
}
