//! What can be done with an article, in which state: [`allowed`] is the only place that decides.
//! Nothing but these actions changes what readers see.

use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use utoipa::ToSchema;

use super::input::read_time;
use super::model::{Article, ArticleState, ArticleView, Content, RevisionKind};
use super::{ArticleId, press, store};
use crate::auth::{Actor, Permission, Require, UserId, may};
use crate::clock::Time;
use crate::db::dialect::{Generation, raise};
use crate::db::{Conn, Db};
use crate::edits::{self, Kind};
use crate::error::{Code, Error, FieldCode, FieldError, Result};
use crate::http::body::{Body, FromBody};
use crate::http::conditional::{IfMatch, versioned};
use crate::http::fields::{Fields, boolean};
use crate::http::idempotency::{self, Done, IdempotencyKey, Key};
use crate::http::path::PathId;
use crate::paths::{self, PathKind, Target};
use crate::site::{Frame, Frames};
use crate::slug;

crate::word_type! {
    /// What can be done with an article.
    Action {
        /// Change the working copy.
        Edit = "edit",
        /// Make the working copy live.
        Publish = "publish",
        /// Take it off.
        Unpublish = "unpublish",
        /// Throw it away.
        Trash = "trash",
        /// Take it out of the trash.
        Restore = "restore",
        /// Delete it for good.
        Delete = "delete",
    }
}

impl Action {
    /// Whether it changes what is live.
    fn presses(self) -> bool {
        matches!(self, Self::Publish | Self::Unpublish)
    }
}

/// The actions that a state lets anybody do.
pub fn allowed(state: ArticleState) -> Vec<Action> {
    match state {
        ArticleState::Draft | ArticleState::Unpublished => vec![Action::Edit, Action::Publish, Action::Trash],
        ArticleState::Published => vec![Action::Edit, Action::Publish, Action::Unpublish],
        ArticleState::Retracted => vec![Action::Edit, Action::Publish],
        ArticleState::Trashed => vec![Action::Restore, Action::Delete],
        ArticleState::Killed => Vec::new(),
    }
}

/// Checks that the state lets the action happen.
///
/// # Errors
/// 409 `invalid_state` with the state and the actions it allows.
pub fn check_state(state: ArticleState, action: Action) -> Result<()> {
    let allowed = allowed(state);
    if allowed.contains(&action) {
        return Ok(());
    }
    let names: Vec<&str> = allowed.iter().map(|action| action.as_str()).collect();
    let problem = Error::new(Code::InvalidState)
        .with("action", action)
        .with("state", state);
    Err(problem.extra("state", state.as_str()).extra("allowed_actions", names))
}

/// How to publish.
#[derive(Clone, Copy, Debug, Default, ToSchema)]
pub struct PublishRequest {
    /// Another date to show and sort by; never in the future. Without it the first publish sets it.
    pub published_at: Option<Time>,
    /// Whether the change is too small for `updated_at`.
    #[schema(required = false)]
    pub minor: bool,
}

impl FromBody for PublishRequest {
    const MAY_BE_EMPTY: bool = true;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let published_at = fields.optional("published_at", read_time);
        Some(Self {
            published_at,
            minor: fields.optional("minor", boolean).unwrap_or(false),
        })
    }
}

/// An action that takes no members.
#[derive(Clone, Copy, Debug, ToSchema)]
pub struct ActionRequest {}

impl FromBody for ActionRequest {
    const MAY_BE_EMPTY: bool = true;

    fn read(_: &mut Fields<'_>) -> Option<Self> {
        Some(Self {})
    }
}

/// The parts of a request for an action.
struct Asked {
    id: ArticleId,
    actor: Actor,
    if_match: IfMatch,
    key: Option<Key>,
    now: Time,
}

impl Asked {
    fn new(db: &Db, id: ArticleId, actor: Actor, if_match: IfMatch, key: IdempotencyKey, digest: &str) -> Self {
        let key = key.within(actor.user_id.as_str(), digest);
        Self {
            id,
            actor,
            if_match,
            key,
            now: db.clock().now(),
        }
    }

    /// Runs `act` on the locked article once its version and state are checked. What presses takes
    /// that lock first, before any row: so do all others who take both.
    async fn run(
        self,
        db: &Db,
        action: Action,
        act: impl Fn(&mut Conn, &Actor, Article, Content, Time) -> Result<()> + Send + 'static,
    ) -> Result<HttpResponse> {
        let view = db
            .write(move |conn| {
                let (article, _) = store::get(conn, self.id)?;
                check_readable(conn, &self.actor, &article)?;
                idempotency::once(conn, self.key.as_ref(), self.now, |conn| {
                    if action.presses() {
                        // Before the article's row, as whoever presses many of them does.
                        press::lock_presses(conn)?;
                    }
                    let (article, content) = store::get_locked(conn, self.id)?;
                    edits::check(conn, self.if_match, Kind::Article, self.id.as_str(), article.version)?;
                    check_state(article.state, action)?;
                    act(conn, &self.actor, article, content, self.now)?;
                    Ok(Done {
                        status: 200,
                        resource_id: self.id.to_string(),
                    })
                })?;
                let (article, content) = store::get(conn, self.id)?;
                Ok(ArticleView::new(article, content))
            })
            .await?;
        Ok(versioned(view.version, &view))
    }
}

/// An article that an actor may not read is not there for them.
fn check_readable(conn: &mut Conn, actor: &Actor, article: &Article) -> Result<()> {
    let frame = Frame::load(conn)?;
    let subject = article.subject(&frame.tree, article.section_id, actor);
    let readable = actor.may(
        Permission::ReadArticles,
        &crate::auth::Subject {
            was_public: false,
            ..subject
        },
    );
    if readable { Ok(()) } else { Err(Error::not_found()) }
}

/// Publish an article.
///
/// Makes the working copy live. It needs a title and a primary section. A live article without
/// unpublished changes is 409 `nothing_to_publish` unless the date is to change.
#[utoipa::path(tag = "articles", operation_id = "publishArticle", params(IfMatch, IdempotencyKey),
    request_body = PublishRequest,
    responses((status = 200, description = "The article, live.", body = ArticleView), crate::openapi::Conflict))]
#[post("/v1/editorial/articles/{article_id}/actions/publish")]
async fn publish_article(
    db: Data<Db>,
    frames: Data<Frames>,
    actor: Require<may::PublishArticles>,
    id: PathId<ArticleId>,
    if_match: IfMatch,
    key: IdempotencyKey,
    body: Body<PublishRequest>,
) -> Result<HttpResponse> {
    let asked = Asked::new(&db, id.0, actor.into_actor(), if_match, key, &body.digest);
    let how = body.value;
    asked
        .run(&db, Action::Publish, move |conn, actor, article, content, now| {
            let frame = frames.within_write(conn)?;
            check_publish(&frame, actor, &article, &content, how, now)?;
            publish(
                conn,
                &frame,
                article,
                &content,
                &Publication {
                    how,
                    author: Some(actor.user_id),
                    kind: RevisionKind::Publish,
                    now,
                },
            )
        })
        .await
}

/// What a publish is done with.
pub struct Publication {
    /// What was asked.
    pub how: PublishRequest,
    /// Who publishes; `None` for an import.
    pub author: Option<UserId>,
    /// The kind of its revision.
    pub kind: RevisionKind,
    /// When.
    pub now: Time,
}

fn check_publish(
    frame: &Frame,
    actor: &Actor,
    article: &Article,
    content: &Content,
    how: PublishRequest,
    now: Time,
) -> Result<()> {
    actor.check(
        Permission::PublishArticles,
        &article.subject(&frame.tree, content.section_id, actor),
    )?;
    let is_live = article.state == ArticleState::Published;
    if is_live && !article.has_unpublished_changes && how.published_at.is_none() {
        return Err(Error::new(Code::NothingToPublish));
    }
    if article.embargo_until.is_some_and(|until| until > now) {
        let problem = Error::new(Code::InvalidState)
            .with("action", Action::Publish)
            .with("state", "embargo");
        return Err(problem
            .extra("state", article.state.as_str())
            .extra("allowed_actions", vec!["edit", "trash"]));
    }
    let mut errors = Vec::new();
    if content.title.is_empty() {
        errors.push(FieldError::new("/title", FieldCode::Missing));
    }
    if content.section_id.is_none() {
        errors.push(FieldError::new("/section_id", FieldCode::Missing));
    }
    if how.published_at.is_some_and(|at| at > now) {
        errors.push(FieldError::new("/published_at", FieldCode::InTheFuture));
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Error::validation(errors))
    }
}

/// Makes a content live: path, revision, pressed row, links and generations, all or nothing. The
/// caller holds the presses' lock and has checked everything but the path.
///
/// # Errors
/// 422 `slug_taken` where an editor chose the slug; the database's.
pub fn publish(
    conn: &mut Conn,
    frame: &Frame,
    mut article: Article,
    content: &Content,
    publication: &Publication,
) -> Result<()> {
    let now = publication.now;
    let published_at = publication.how.published_at.or(article.published_at).unwrap_or(now);
    article.path = Some(take_path(conn, frame, &article, content, now)?);
    article.position = Some(press::position(conn, &article, published_at)?);
    article.first_published_at = article.first_published_at.or(Some(published_at));
    if !(publication.how.minor && article.updated_at.is_some()) {
        let is_first = article.published_at.is_none();
        article.updated_at = Some(if is_first { published_at } else { now });
    }
    article.published_at = Some(published_at);
    article.state = ArticleState::Published;
    article.has_unpublished_changes = false;
    let number = store::insert_revision(conn, article.id, publication.kind, content, publication.author, now)?;
    article.live_revision = Some(number);
    store::set_row(conn, &article)?;
    press::press(conn, frame, &article, content)?;
    Ok(raise(conn, &mut [Generation::Articles])?)
}

/// Takes the article's path. It stays what it was unless slug or section say otherwise; a generated
/// slug gets a number where it is taken.
fn take_path(conn: &mut Conn, frame: &Frame, article: &Article, content: &Content, now: Time) -> Result<String> {
    let section = content
        .section_id
        .and_then(|id| frame.tree.get(id))
        .ok_or_else(Error::not_found)?;
    let target = Target {
        kind: PathKind::Article,
        id: article.id.as_str(),
        locale: &article.locale,
    };
    let below = |slug: &str| {
        frame
            .site
            .localised(&article.locale, &format!("{}/{slug}", section.path))
    };
    let live = match article.live_revision {
        Some(number) => Some(store::revision(conn, article.id, number)?),
        None => None,
    };
    // The section may have another path by now; the article keeps its own.
    let same_place = live.is_some_and(|live| live.section_id == content.section_id && live.slug == content.slug);
    if let Some(path) = article.path.as_ref().filter(|_| same_place)
        && paths::claim(conn, path, target, now)?
    {
        return Ok(path.clone());
    }
    if let Some(slug) = &content.slug {
        let path = below(slug);
        if paths::claim(conn, &path, target, now)? {
            return Ok(path);
        }
        return Err(Error::field(
            FieldError::new("/slug", FieldCode::SlugTaken).with("path", path),
        ));
    }
    let generated = slug::from_title_or_id(&content.title, article.id.as_str());
    let path = below(&generated);
    if paths::claim(conn, &path, target, now)? {
        return Ok(path);
    }
    for first in (2_u32..).step_by(NUMBERS) {
        let numbers = (first..).take(NUMBERS);
        let candidates: Vec<String> = numbers.map(|n| below(&slug::numbered(&generated, n))).collect();
        for path in paths::not_anothers(conn, candidates, target)? {
            if paths::claim(conn, &path, target, now)? {
                return Ok(path);
            }
        }
    }
    Err(Error::internal("no free path"))
}

/// Numbers of a slug that are looked up at once.
const NUMBERS: usize = 100;

/// Unpublish an article.
///
/// Takes it off at once: its pages answer 404, its path is kept for it, its comments stay.
#[utoipa::path(tag = "articles", operation_id = "unpublishArticle", params(IfMatch, IdempotencyKey),
    request_body = ActionRequest,
    responses((status = 200, description = "The article, not live.", body = ArticleView), crate::openapi::Conflict))]
#[post("/v1/editorial/articles/{article_id}/actions/unpublish")]
async fn unpublish_article(
    db: Data<Db>,
    frames: Data<Frames>,
    actor: Require<may::PublishArticles>,
    id: PathId<ArticleId>,
    if_match: IfMatch,
    key: IdempotencyKey,
    body: Body<ActionRequest>,
) -> Result<HttpResponse> {
    let asked = Asked::new(&db, id.0, actor.into_actor(), if_match, key, &body.digest);
    asked
        .run(&db, Action::Unpublish, move |conn, actor, article, content, _now| {
            let frame = frames.within_write(conn)?;
            let live = article
                .live_revision
                .map(|number| store::revision(conn, article.id, number))
                .transpose()?;
            let live_section = live.and_then(|live| live.section_id).or(content.section_id);
            actor.check(
                Permission::PublishArticles,
                &article.subject(&frame.tree, live_section, actor),
            )?;
            unpublish(conn, article)
        })
        .await
}

/// Takes a live article off: its row and links go, its paths are hidden and kept for it. The caller
/// holds the presses' lock and has checked state and permission.
///
/// # Errors
/// The database's.
pub fn unpublish(conn: &mut Conn, mut article: Article) -> Result<()> {
    article.state = ArticleState::Unpublished;
    let target = Target {
        kind: PathKind::Article,
        id: article.id.as_str(),
        locale: &article.locale,
    };
    paths::hide(conn, target)?;
    press::withdraw(conn, article.id)?;
    store::set_row(conn, &article)?;
    Ok(raise(conn, &mut [Generation::Articles])?)
}

/// Throw an article away.
///
/// A live one must be unpublished first (409). It can be restored, or deleted for good.
#[utoipa::path(tag = "articles", operation_id = "trashArticle", params(IfMatch, IdempotencyKey),
    request_body = ActionRequest,
    responses((status = 200, description = "The article, in the trash.", body = ArticleView), crate::openapi::Conflict))]
#[post("/v1/editorial/articles/{article_id}/actions/trash")]
async fn trash_article(
    db: Data<Db>,
    frames: Data<Frames>,
    actor: Require<may::WriteArticles>,
    id: PathId<ArticleId>,
    if_match: IfMatch,
    key: IdempotencyKey,
    body: Body<ActionRequest>,
) -> Result<HttpResponse> {
    let asked = Asked::new(&db, id.0, actor.into_actor(), if_match, key, &body.digest);
    asked
        .run(&db, Action::Trash, move |conn, actor, mut article, content, now| {
            let frame = frames.within_write(conn)?;
            actor.check(
                Permission::WriteArticles,
                &article.subject(&frame.tree, content.section_id, actor),
            )?;
            article.state = ArticleState::Trashed;
            article.trashed_at = Some(now);
            store::set_row(conn, &article)
        })
        .await
}

/// Restore an article.
///
/// Takes it out of the trash, as a draft.
#[utoipa::path(tag = "articles", operation_id = "restoreArticle", params(IfMatch, IdempotencyKey),
    request_body = ActionRequest,
    responses((status = 200, description = "The article, a draft.", body = ArticleView), crate::openapi::Conflict))]
#[post("/v1/editorial/articles/{article_id}/actions/restore")]
async fn restore_article(
    db: Data<Db>,
    frames: Data<Frames>,
    actor: Require<may::WriteArticles>,
    id: PathId<ArticleId>,
    if_match: IfMatch,
    key: IdempotencyKey,
    body: Body<ActionRequest>,
) -> Result<HttpResponse> {
    let asked = Asked::new(&db, id.0, actor.into_actor(), if_match, key, &body.digest);
    asked
        .run(&db, Action::Restore, move |conn, actor, mut article, content, now| {
            let frame = frames.within_write(conn)?;
            actor.check(
                Permission::WriteArticles,
                &article.subject(&frame.tree, content.section_id, actor),
            )?;
            article.state = ArticleState::Draft;
            article.trashed_at = None;
            store::insert_revision(
                conn,
                article.id,
                RevisionKind::Restore,
                &content,
                Some(actor.user_id),
                now,
            )?;
            store::set_row(conn, &article)
        })
        .await
}

pub(super) fn routes(cfg: &mut utoipa_actix_web::service_config::ServiceConfig) {
    cfg.service(publish_article)
        .service(unpublish_article)
        .service(trash_article)
        .service(restore_article);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_says_what_can_be_done() {
        use Action::{Delete, Edit, Publish, Restore, Trash, Unpublish};
        let table: &[(ArticleState, &[Action])] = &[
            (ArticleState::Draft, &[Edit, Publish, Trash]),
            (ArticleState::Published, &[Edit, Publish, Unpublish]),
            (ArticleState::Unpublished, &[Edit, Publish, Trash]),
            (ArticleState::Retracted, &[Edit, Publish]),
            (ArticleState::Killed, &[]),
            (ArticleState::Trashed, &[Restore, Delete]),
        ];
        assert_eq!(table.len(), ArticleState::ALL.len());
        for (state, actions) in table {
            for action in Action::ALL {
                let possible = check_state(*state, *action).is_ok();
                assert_eq!(possible, actions.contains(action), "{action} in {state}");
            }
        }
    }
}
