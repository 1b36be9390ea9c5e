//! All that a moderator needs to decide, in one answer.

use actix_web::get;
use actix_web::web::Json;
use serde::Serialize;
use utoipa::ToSchema;

use super::card::{self, ModeratedComment};
use super::model::ModerationLogEntry;
use super::store;
use crate::access::auth::{Permission, may};
use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::http::path::PathId;
use crate::base::http::query::{NoParams, Params};
use crate::base::ids::{ArticleId, CommentId, SectionId};
use crate::comments::identity::{SanctionId, SanctionKind, SanctionTarget};
use crate::comments::model::{Comment, CommentState, PhaseVerdict};
use crate::comments::moderation::store::AuthorKeys;
use crate::comments::sanctions::model::Sanction;
use crate::comments::sanctions::store as sanctions;
use crate::site::frame::Frame;
use crate::site::framed_desk::FramedDesk;
use crate::site::sections::model::SectionRef;

/// A comment with all that a moderator needs to decide.
#[derive(Serialize, ToSchema)]
pub struct CommentContext {
    /// The comment.
    pub comment: ModeratedComment,
    /// What it is about.
    pub article: ModeratedArticle,
    /// Its thread, oldest first, itself included; the first 100.
    pub thread: Vec<ThreadComment>,
    /// What else its author wrote.
    pub author: AuthorHistory,
    /// The sanctions that hold against its author here, oldest first.
    pub sanctions: Vec<SanctionHere>,
    /// By what a sanction may know its author, and by what not.
    #[schema(max_items = 4)]
    pub sanction_targets: Vec<PossibleSanctionTarget>,
    /// What readers reported, the newest first; the last 100.
    pub reports: Vec<ReportForModeration>,
    /// What it said before its author changed it, the newest first; the last 50.
    pub versions: Vec<CommentVersion>,
    /// Everything that moderators did with it, oldest first.
    pub log: Vec<ModerationLogEntry>,
}

/// The article that a comment is about.
#[derive(Serialize, ToSchema)]
pub struct ModeratedArticle {
    /// The article's id.
    pub id: ArticleId,
    /// The headline.
    pub title: String,
    /// The public path; null where it never was public.
    pub path: Option<String>,
    /// The primary section.
    pub section: Option<SectionRef>,
    /// The date shown.
    pub published_at: Option<Time>,
}

/// A comment of the thread around.
#[derive(Serialize, ToSchema)]
pub struct ThreadComment {
    /// The comment's id.
    pub id: CommentId,
    /// What it replies to.
    pub parent_id: Option<CommentId>,
    /// The name that its author gave.
    pub author_name: String,
    /// The comment as it was written: limited Markdown.
    #[schema(max_length = 5000)]
    pub body: String,
    /// Where it is in its life.
    pub state: CommentState,
    /// When it was written.
    pub created_at: Time,
}

impl From<Comment> for ThreadComment {
    fn from(comment: Comment) -> Self {
        Self {
            id: comment.id,
            parent_id: comment.parent_id,
            author_name: comment.author_name,
            body: comment.body,
            state: comment.state,
            created_at: comment.created_at,
        }
    }
}

/// What an author wrote: the same reader, e-mail address or account, where your grants reach.
#[derive(Serialize, ToSchema)]
pub struct AuthorHistory {
    /// From when on comments are counted.
    pub since: Time,
    /// How many comments, by state; states without any are not named.
    #[schema(max_items = 6)]
    pub counts: Vec<StateCount>,
    /// The last ten comments, whenever they were written, the newest first.
    #[schema(max_items = 10)]
    pub recent: Vec<RecentComment>,
}

/// How many comments are in a state.
#[derive(Serialize, ToSchema)]
pub struct StateCount {
    /// The state.
    pub state: CommentState,
    /// How many.
    pub count: i64,
}

/// Another comment of an author.
#[derive(Serialize, ToSchema)]
pub struct RecentComment {
    /// The comment's id.
    pub id: CommentId,
    /// The article's id.
    pub article_id: ArticleId,
    /// The article's headline.
    pub article_title: String,
    /// The name that the author gave.
    pub author_name: String,
    /// The comment as it was written: limited Markdown.
    #[schema(max_length = 5000)]
    pub body: String,
    /// Where it is in its life.
    pub state: CommentState,
    /// When it was written.
    pub created_at: Time,
}

/// A sanction that holds against the author of a comment.
#[derive(Serialize, ToSchema)]
pub struct SanctionHere {
    /// The sanction's id.
    pub id: SanctionId,
    /// What it does.
    pub kind: SanctionKind,
    /// By what it knows the author.
    pub target: SanctionTarget,
    /// Where it holds, and below; null for the whole site.
    pub section_id: Option<SectionId>,
    /// Until when; null until it is lifted.
    pub ends_at: Option<Time>,
}

impl From<Sanction> for SanctionHere {
    fn from(sanction: Sanction) -> Self {
        Self {
            id: sanction.id,
            kind: sanction.kind,
            target: sanction.target,
            section_id: sanction.section_id,
            ends_at: sanction.ends_at,
        }
    }
}

/// Whether a sanction may know the author of a comment by this.
#[derive(Serialize, ToSchema)]
pub struct PossibleSanctionTarget {
    /// By what.
    pub target: SanctionTarget,
    /// Whether the comment tells it: where it does not, a sanction is refused with `not_known`.
    pub is_known: bool,
    /// Days that a sanction by this may last.
    #[schema(minimum = 1, maximum = 366)]
    pub max_days: i64,
}

/// A report of a reader, without who it was.
#[derive(Serialize, ToSchema)]
pub struct ReportForModeration {
    /// Why, as a code.
    pub reason: String,
    /// Why, in words.
    pub note: Option<String>,
    /// When the reader reported it.
    pub at: Time,
    /// When a decision settled it; null while it is open.
    pub settled_at: Option<Time>,
}

/// What a comment said before.
#[derive(Serialize, ToSchema)]
pub struct CommentVersion {
    /// Counts from 1.
    #[schema(minimum = 1)]
    pub number: i32,
    /// What it said: limited Markdown.
    #[schema(max_length = 5000)]
    pub body: String,
    /// The state that it had.
    pub state: CommentState,
    /// What each phase said of it.
    pub verdicts: Vec<PhaseVerdict>,
    /// When it was written.
    pub written_at: Time,
}

/// Seconds for which an author's comments are counted: 90 days.
const HISTORY_SECONDS: i64 = 90 * 24 * 3_600;

/// Comments of an author that are shown.
const RECENT_COMMENTS: i64 = 10;

/// Read a comment for moderation.
///
/// The comment with its article and thread, what the phases said, what else its author wrote, what holds against
/// them, what readers reported, what it said before, and every decision so far.
#[utoipa::path(tag = "moderation", operation_id = "getComment",
    responses((status = 200, description = "The comment and its context.", body = CommentContext)))]
#[get("/v1/editorial/comments/{comment_id}")]
pub async fn get_comment(
    desk: FramedDesk<may::ReadComments>,
    id: PathId<CommentId>,
    _: Params<NoParams>,
) -> Result<Json<CommentContext>> {
    let context = desk
        .read(move |conn, desk| {
            let comment = crate::comments::store::get(conn, id.0)?;
            super::check_scope(
                conn,
                desk.frame,
                desk.actor,
                Permission::ReadComments,
                comment.article_id,
            )?;
            let scopes = desk.frame.tree.scopes_of(desk.actor, Permission::ReadComments);
            let author = AuthorKeys::from(&comment);
            let article = article(conn, desk.frame, comment.article_id)?;
            let section = article.section.as_ref().map(|section| section.id);
            Ok(CommentContext {
                comment: card::card(conn, id.0, desk.now)?,
                thread: views_of(store::thread(conn, comment.root_id)?),
                author: AuthorHistory {
                    since: desk.now.plus_seconds(-HISTORY_SECONDS),
                    counts: counts(store::author_counts(
                        conn,
                        &author,
                        scopes.as_deref(),
                        desk.now.plus_seconds(-HISTORY_SECONDS),
                    )?),
                    recent: recent(store::author_recent(conn, &author, scopes.as_deref(), RECENT_COMMENTS)?),
                },
                sanctions: views_of(in_force(conn, desk.frame, &comment, section, desk.now)?),
                sanction_targets: sanction_targets(&comment),
                reports: reports(store::reports_of(conn, id.0)?),
                versions: versions(store::versions_of(conn, id.0)?),
                log: store::log_of(conn, id.0)?,
                article,
            })
        })
        .await?;
    Ok(Json(context))
}

fn views_of<Row, View: From<Row>>(rows: Vec<Row>) -> Vec<View> {
    rows.into_iter().map(View::from).collect()
}

fn article(conn: &mut Conn, frame: &Frame, id: ArticleId) -> Result<ModeratedArticle> {
    let (article, _) = crate::articles::store::get(conn, id)?;
    let section = article.section_id;
    Ok(ModeratedArticle {
        id,
        section: section.and_then(|id| frame.tree.reference(&frame.site, id, &article.locale)),
        title: article.title,
        path: article.path,
        published_at: article.published_at,
    })
}

fn in_force(
    conn: &mut Conn,
    frame: &Frame,
    comment: &Comment,
    section: Option<SectionId>,
    now: Time,
) -> Result<Vec<Sanction>> {
    let lineage = section.map_or_else(Vec::new, |id| frame.tree.lineage(id));
    let lineage: Vec<SectionId> = lineage.into_iter().map(|section| section.id).collect();
    sanctions::in_force(conn, &SanctionTarget::keys_of(comment), &lineage, now)
}

fn sanction_targets(comment: &Comment) -> Vec<PossibleSanctionTarget> {
    let possible = |target: &SanctionTarget| PossibleSanctionTarget {
        target: *target,
        is_known: target.key_of(comment).is_some(),
        max_days: target.max_days(),
    };
    SanctionTarget::ALL.iter().map(possible).collect()
}

fn counts(rows: Vec<(CommentState, i64)>) -> Vec<StateCount> {
    let some = rows.into_iter().filter(|(_, count)| *count > 0);
    some.map(|(state, count)| StateCount { state, count }).collect()
}

fn recent(rows: Vec<store::QueuedComment>) -> Vec<RecentComment> {
    let view = |(comment, article_title, _): store::QueuedComment| RecentComment {
        id: comment.id,
        article_id: comment.article_id,
        article_title,
        author_name: comment.author_name,
        body: comment.body,
        state: comment.state,
        created_at: comment.created_at,
    };
    rows.into_iter().map(view).collect()
}

fn reports(rows: Vec<store::ReportRow>) -> Vec<ReportForModeration> {
    let view = |(reason, note, at, settled_at)| ReportForModeration {
        reason,
        note,
        at,
        settled_at,
    };
    rows.into_iter().map(view).collect()
}

fn versions(rows: Vec<store::CommentVersionRow>) -> Vec<CommentVersion> {
    let view = |row: store::CommentVersionRow| CommentVersion {
        number: row.number,
        body: row.body,
        state: row.state,
        verdicts: serde_json::from_str(&row.verdicts).unwrap_or_default(),
        written_at: row.written_at,
    };
    rows.into_iter().map(view).collect()
}
