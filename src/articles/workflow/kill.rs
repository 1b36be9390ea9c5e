//! Taking an article down for good: readers are told 410 with a tombstone, and its text is erased
//! wherever it stood but in the revisions, which are sealed.

use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use utoipa::ToSchema;

use super::run::{Asked, done};
use super::table::Action;
use crate::articles::model::{Article, ArticleReview, ArticleState, Content, RevisionKind};
use crate::articles::view::ArticleView;
use crate::articles::{autosaves, corrections, leases, notes, press, previews, store};
use crate::auth::{Require, may};
use crate::base::ids::{ArticleId, UserId};
use crate::clock::Time;
use crate::comments::policy::{CommentMode, CommentPolicy};
use crate::db::dialect::{Generation, raise};
use crate::db::{Conn, Db};
use crate::error::Result;
use crate::http::body::{Body, FromBody};
use crate::http::conditional::IfMatch;
use crate::http::fields::{Fields, text};
use crate::http::idempotency::{self, IdempotencyKey};
use crate::http::path::PathId;
use crate::site::{Frames, menus};
use crate::takedowns::{self, Takedown, TakedownKind};
use crate::{limits, packages, paths};

/// Why an article is taken down.
#[derive(Clone, Debug, ToSchema)]
pub struct KillRequest {
    /// Why: kept in the ledger of takedowns, for the desk alone.
    pub reason: String,
    /// What readers find on the tombstone; without it, only when it was taken down.
    pub notice: Option<String>,
}

impl FromBody for KillRequest {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let reason = fields.required("reason", text(limits::NOTE));
        let notice = fields.optional("notice", text(limits::NOTICE));
        Some(Self {
            reason: reason?,
            notice,
        })
    }
}

/// Kill an article.
///
/// Takes it down for good; nothing brings it back. Its paths answer 410 with a tombstone. Its text is
/// erased from everything that readers get, from the working copy, from unsaved and previewed copies
/// and from notes; its comments are closed; its revisions are sealed, and only administrators read
/// them. The act stands in the ledger of takedowns, which outlives a restored backup.
#[utoipa::path(tag = "articles", operation_id = "killArticle", params(IfMatch, IdempotencyKey),
    request_body = KillRequest,
    responses((status = 200, description = "What is left of the article.", body = ArticleView), crate::http::responses::Conflict))]
#[post("/v1/editorial/articles/{article_id}/actions/kill")]
pub async fn kill_article(
    db: Data<Db>,
    frames: Data<Frames>,
    actor: Require<may::KillArticles>,
    id: PathId<ArticleId>,
    if_match: IfMatch,
    key: IdempotencyKey,
    body: Body<KillRequest>,
) -> Result<HttpResponse> {
    let actor = actor.into_actor();
    let asked = Asked::new(Action::Kill, &db, frames, id.0, actor, if_match, key, &body.digest);
    let why = body.value;
    asked
        .run(&db, move |conn, doing, article, content| {
            let id = article.id;
            let takedown = Takedown {
                kind: TakedownKind::Kill,
                article_id: id,
                notice: why.notice.clone(),
                reason: Some(why.reason.clone()),
                at: doing.now,
                actor_id: Some(doing.actor.user_id),
            };
            kill(conn, article, &content, Some(doing.actor.user_id), doing.now)?;
            takedowns::insert(conn, &takedown)?;
            Ok(done(id))
        })
        .await
}

/// Erases an article but for its row, its paths (gone) and its revisions (sealed). The caller holds
/// the presses' lock and writes the ledger.
///
/// # Errors
/// The database's.
pub fn kill(conn: &mut Conn, article: Article, content: &Content, author: Option<UserId>, now: Time) -> Result<()> {
    let id = article.id;
    if article.has_unpublished_changes {
        // The last words of the working copy go under seal with the rest.
        store::insert_revision(conn, id, RevisionKind::Save, content, author, None, now)?;
    }
    store::seal_revisions(conn, id, now)?;
    paths::retire(conn, article.target(), None, now)?;
    press::withdraw(conn, id)?;
    corrections::store::delete_all_of(conn, id)?;
    autosaves::store::delete_all_of(conn, id)?;
    notes::store::delete_all_of(conn, id)?;
    previews::store::delete_all_of(conn, id)?;
    leases::store::delete(conn, id)?;
    packages::store::forget_article(conn, id, now)?;
    let menus = menus::store::forget_article(conn, id, now)?;
    let menus: Vec<(&str, i64)> = menus.iter().map(|(key, version)| (key.as_str(), *version)).collect();
    crate::edits::record_all(conn, crate::edits::Kind::Menu, &menus, &["items"], now)?;
    idempotency::forget_resource(conn, id.as_str())?;
    let emptied = Content {
        type_: content.type_,
        section_id: content.section_id,
        comment_policy: Some(CommentPolicy::of_mode(CommentMode::Closed)),
        ..Content::empty()
    };
    let row = Article {
        state: ArticleState::Killed,
        review: ArticleReview::Draft,
        has_unpublished_changes: false,
        live_revision: None,
        path: None,
        trashed_at: None,
        version: article.version + 1,
        edited_at: now,
        edited_by: author,
        ..article
    };
    store::update(conn, &row, &emptied)?;
    let fields = content.differences(&emptied);
    crate::edits::record(
        conn,
        crate::edits::Kind::Article,
        id.as_str(),
        row.version,
        author,
        &fields,
        now,
    )?;
    let mut kinds = vec![Generation::Articles, Generation::Comments];
    if !menus.is_empty() {
        kinds.push(Generation::Site);
    }
    Ok(raise(conn, &mut kinds)?)
}
