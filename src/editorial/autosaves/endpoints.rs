//! Put, get and delete one's own autosave of an article.

use actix_web::web::Json;
use actix_web::{HttpResponse, delete, get, put};
use serde::Serialize;
use utoipa::{PartialSchema, ToSchema};

use super::store::{self, Autosave};
use crate::access::auth::{Actor, may};
use crate::access::change_log::{self, EditableKind};
use crate::articles::model::{ArticleState, Content};
use crate::articles::store as articles;
use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::error::{Error, Result};
use crate::base::http::body::ArticleBody;
use crate::base::http::fields::Fields;
use crate::base::http::path::PathId;
use crate::base::http::problem::{Change, ChangeSummary};
use crate::base::http::query::{NoParams, Params};
use crate::base::http::responses::Conflict;
use crate::base::http::value_reader::integer;
use crate::base::ids::{ArticleId, UserId};
use crate::editorial::articles::input::ArticlePatch;
use crate::editorial::articles::view::{action_facts, check_may_read};
use crate::editorial::autosaves::AutosavedContent;
use crate::editorial::workflow::{Action, check_permitted, check_possible};
use crate::site::frame::Frame;
use crate::site::framed_desk::{DraftDesk, FramedDesk};

/// What was typed: the members of a change, and the version that it was typed on.
#[derive(Clone, Debug)]
pub struct AutosaveRequest {
    base_version: i64,
    typed: ArticlePatch,
}

impl AutosaveRequest {
    fn read(fields: &mut Fields<'_>, frame: &Frame) -> Option<Self> {
        let base_version = fields.required("base_version", integer(1, i64::MAX));
        let typed = ArticlePatch::read(fields, frame);
        Some(Self {
            base_version: base_version?,
            typed: typed?,
        })
    }
}

impl PartialSchema for AutosaveRequest {
    /// As a change, with a version that must be given.
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        use utoipa::openapi::RefOr;
        use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};
        let mut schema = ArticlePatch::schema();
        if let RefOr::T(Schema::Object(object)) = &mut schema {
            object.description = Some(
                "What was typed: the whole form, as members of a change. A member that is left out stands as in \
                 the working copy."
                    .to_owned(),
            );
            let version = ObjectBuilder::new()
                .schema_type(Type::Integer)
                .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
                .minimum(Some(1))
                .description(Some("The version of the working copy that it was typed on."));
            object.properties.insert("base_version".to_owned(), version.into());
            object.required.push("base_version".to_owned());
        }
        schema
    }
}

impl ToSchema for AutosaveRequest {
    fn schemas(schemas: &mut Vec<(String, utoipa::openapi::RefOr<utoipa::openapi::schema::Schema>)>) {
        ArticlePatch::schemas(schemas);
    }
}

/// That it is kept, and how it stands to the working copy.
#[derive(Serialize, ToSchema)]
pub struct AutosaveReceipt {
    /// The article's id.
    pub article_id: ArticleId,
    /// The version that it was typed on.
    pub base_version: i64,
    /// The version of the working copy now.
    pub current_version: i64,
    /// Whether the working copy has moved on since.
    pub is_stale: bool,
    /// When it was put there.
    pub saved_at: Time,
}

impl AutosaveReceipt {
    fn new(article_id: ArticleId, current_version: i64, autosave: &Autosave) -> Self {
        Self {
            article_id,
            base_version: autosave.base_version,
            current_version,
            is_stale: autosave.base_version != current_version,
            saved_at: autosave.saved_at,
        }
    }
}

/// What you typed and did not save.
#[derive(Serialize, ToSchema)]
pub struct AutosaveView {
    /// The article's id.
    pub article_id: ArticleId,
    /// The version that it was typed on.
    pub base_version: i64,
    /// The version of the working copy now.
    pub current_version: i64,
    /// Whether the working copy has moved on since.
    pub is_stale: bool,
    /// When it was put there.
    pub saved_at: Time,
    /// What was changed in the working copy since, and by whom: the newest 50 changes, oldest first.
    pub changes: Vec<Change>,
    /// All changes since, in sum; null where there are none.
    pub change_summary: Option<ChangeSummary>,
    /// What was typed.
    pub content: Content,
    /// Not to be public before.
    pub embargo_until: Option<Time>,
    /// Who is working on it.
    pub assignee_id: Option<UserId>,
}

/// Save the autosave.
///
/// Puts the form as it stands, half a sentence and all, in your slot for this article, in place of
/// what was there. The working copy does not change, nor does its version; only you can read it. Send
/// it every few seconds, and delete nothing: saving the article empties the slot.
#[utoipa::path(tag = "articles", operation_id = "saveAutosave", request_body = AutosaveRequest,
    responses((status = 200, description = "It is kept.", body = AutosaveReceipt), Conflict))]
#[put("/v1/editorial/articles/{article_id}/autosave")]
pub async fn save_autosave(
    desk: DraftDesk<may::WriteArticles>,
    id: PathId<ArticleId>,
    body: ArticleBody<false>,
) -> Result<Json<AutosaveReceipt>> {
    let asked = body.0.read(|fields| AutosaveRequest::read(fields, &desk.frame));
    let asked = asked.map(|(asked, _)| asked);
    let receipt = desk
        .write(move |conn, desk| save(conn, desk.frame, desk.actor, id.0, &asked, desk.now))
        .await?;
    Ok(Json(receipt))
}

fn save(
    conn: &mut Conn,
    frame: &Frame,
    actor: &Actor,
    id: ArticleId,
    asked: &Result<AutosaveRequest>,
    now: Time,
) -> Result<AutosaveReceipt> {
    // Locked: otherwise a slot could be filled while somebody kills the article.
    let (mut article, mut content) = articles::get_locked(conn, id)?;
    check_may_read(frame, actor, &article)?;
    let action_facts = action_facts(conn, frame, &article, &content)?;
    check_permitted(actor, Action::Edit, &action_facts)?;
    let asked = asked.as_ref().map_err(Error::clone)?;
    if article.state == ArticleState::Killed {
        // A form that was left open must not bring back erased text. An article in the trash keeps its text: there it
        // may be put.
        check_possible(actor, Action::Edit, &action_facts)?;
    }
    asked.typed.clone().apply(&mut article, &mut content);
    let autosave = Autosave {
        base_version: asked.base_version,
        typed: AutosavedContent {
            content,
            embargo_until: article.embargo_until,
            assignee_id: article.assignee_id,
        },
        saved_at: now,
    };
    store::put(conn, id, actor.user_id, &autosave)?;
    Ok(AutosaveReceipt::new(id, article.version, &autosave))
}

/// Read the autosave.
///
/// Your own slot for this article; where it is stale, what was changed in the working copy since and
/// by whom.
#[utoipa::path(tag = "articles", operation_id = "getAutosave",
    responses((status = 200, description = "What you typed.", body = AutosaveView)))]
#[get("/v1/editorial/articles/{article_id}/autosave")]
pub async fn get_autosave(
    desk: FramedDesk<may::WriteArticles>,
    id: PathId<ArticleId>,
    _: Params<NoParams>,
) -> Result<Json<AutosaveView>> {
    let view = desk
        .read(move |conn, desk| {
            let (article, _) = articles::get(conn, id.0)?;
            check_may_read(desk.frame, desk.actor, &article)?;
            let autosave = store::get(conn, id.0, desk.actor.user_id)?;
            view(conn, id.0, article.version, autosave)
        })
        .await?;
    Ok(Json(view))
}

fn view(conn: &mut Conn, article_id: ArticleId, current_version: i64, autosave: Autosave) -> Result<AutosaveView> {
    let since = change_log::since(conn, EditableKind::Article, article_id.as_str(), autosave.base_version)?;
    Ok(AutosaveView {
        article_id,
        base_version: autosave.base_version,
        current_version,
        is_stale: autosave.base_version != current_version,
        saved_at: autosave.saved_at,
        changes: since.changes,
        change_summary: since.summary,
        content: autosave.typed.content,
        embargo_until: autosave.typed.embargo_until,
        assignee_id: autosave.typed.assignee_id,
    })
}

/// Delete the autosave.
///
/// Empties your slot for this article; where it is empty, nothing happens.
#[utoipa::path(tag = "articles", operation_id = "deleteAutosave",
    responses((status = 204, description = "The slot is empty.")))]
#[delete("/v1/editorial/articles/{article_id}/autosave")]
pub async fn delete_autosave(desk: FramedDesk<may::WriteArticles>, id: PathId<ArticleId>) -> Result<HttpResponse> {
    desk.write(move |conn, desk| {
        let (article, _) = articles::get(conn, id.0)?;
        check_may_read(desk.frame, desk.actor, &article)?;
        store::delete(conn, id.0, desk.actor.user_id)
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}
