//! What is read most, as an editor says it: by analytics of their own.

use std::collections::{HashMap, HashSet};

use actix_web::put;
use actix_web::web::Json;
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::audit::{self, AuditEvent, TargetKind};
use crate::access::auth::{Desk, DeskContext, Permission, may};
use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::db::dialect::{AdvisoryLock, take_advisory_lock};
use crate::base::error::{Error, FieldCode, FieldError, Result};
use crate::base::http::body::Body;
use crate::base::http::fields::Fields;
use crate::base::http::value_reader::{ValueReader, component, exact_line, id, list, word};
use crate::base::ids::ArticleId;
use crate::base::limits;
use crate::body_type;
use crate::published::most_read::{MostReadWindow, most_read_ids, store};
use crate::published::shown;
use crate::site::paths::address;

body_type! {
    /// What was read most in a window.
    pub struct MostReadRequest {
        /// Which window.
        pub window: MostReadWindow = required(word()),
        /// The articles, the most read first; with none the counted ones are shown again.
        pub articles: Vec<ChosenArticle> = required(list(limits::CHOSEN_RANKS, chosen_article())),
    }
}

/// An article, by its id or by its path.
#[derive(Clone, Debug, ToSchema)]
#[schema(example = json!({"path": "/news/diplomatie"}))]
pub struct ChosenArticle {
    /// Its id.
    pub article_id: Option<ArticleId>,
    /// A public path that it has or had; not looked at where there is an id.
    #[schema(max_length = 700)]
    pub path: Option<String>,
}

fn chosen_article() -> impl ValueReader<Value = ChosenArticle> {
    component(|fields: &mut Fields<'_>| {
        let article_id = fields.optional("article_id", id());
        let path = fields.optional("path", exact_line(limits::PATH));
        let mut at = fields.at();
        let is_told = at.has_error_at("article_id") || at.has_error_at("path");
        if article_id.is_none() && path.is_none() && !is_told {
            return at.child("article_id").fail(FieldCode::Required);
        }
        Some(ChosenArticle { article_id, path })
    })
}

/// An article among those that are read most.
#[derive(Serialize, ToSchema)]
pub struct RankedArticle {
    /// The article's id.
    pub article_id: ArticleId,
    /// Its public path.
    pub path: String,
}

/// What readers see as read most in a window.
#[derive(Serialize, ToSchema)]
pub struct MostReadView {
    /// Which window.
    pub window: MostReadWindow,
    /// The articles, in all languages, the most read first.
    #[schema(max_items = 200)]
    pub articles: Vec<RankedArticle>,
    /// Until when it stands; null where it was counted.
    pub expires_at: Option<Time>,
}

/// Say what is read most.
///
/// It stands in place of what was counted until it is as old as its window, then the counted articles are shown again;
/// they are at once where no articles are sent. An article that is not live, or stands there twice, is 422.
#[utoipa::path(tag = "articles", operation_id = "replaceMostRead", request_body = MostReadRequest,
    responses((status = 200, description = "What readers see now.", body = MostReadView)))]
#[put("/v1/editorial/most-read")]
pub async fn replace_most_read(
    desk: Desk<may::ManageMostRead>,
    body: Body<MostReadRequest>,
) -> Result<Json<MostReadView>> {
    desk.actor.check_everywhere(Permission::ManageMostRead)?;
    let MostReadRequest { window, articles } = body.value;
    let view = desk
        .write_and_show(
            move |conn, desk| replace(conn, desk, window, &articles),
            move |conn, desk, ()| view(conn, window, desk.now),
        )
        .await?;
    Ok(Json(view))
}

fn replace(conn: &mut Conn, desk: &DeskContext<'_>, window: MostReadWindow, articles: &[ChosenArticle]) -> Result<()> {
    take_advisory_lock(conn, AdvisoryLock::MostRead)?;
    let ids = resolve(conn, articles)?;
    let until = (!ids.is_empty()).then(|| desk.now.plus_seconds(window.seconds()));
    store::set_chosen(conn, window, &ids, until)?;
    let act = AuditEvent::on("most_read.replace", TargetKind::MostRead, window.as_str());
    let act = act.detail("article_count", ids.len()).after(audit::digest(&ids)?);
    audit::record(conn, desk.actor, act, desk.now)
}

/// The ids of these articles.
///
/// # Errors
/// 422 for each that readers do not see, and each that stands there before.
fn resolve(conn: &mut Conn, articles: &[ChosenArticle]) -> Result<Vec<ArticleId>> {
    let keys = articles
        .iter()
        .filter_map(|article| article.path.as_deref())
        .map(address::key);
    let at_path: HashMap<String, ArticleId> = store::articles_at(conn, &keys.collect::<Vec<_>>())?
        .into_iter()
        .collect();
    let id_of = |article: &ChosenArticle| {
        let path = article.path.as_deref().map(address::key);
        article.article_id.or_else(|| at_path.get(&path?).copied())
    };
    let named: Vec<Option<ArticleId>> = articles.iter().map(id_of).collect();
    let known: Vec<ArticleId> = named.iter().flatten().copied().collect();
    let shown = shown(conn, &known)?;
    let (mut ids, mut seen, mut errors) = (Vec::new(), HashSet::new(), Vec::new());
    for (index, (article, id)) in articles.iter().zip(named).enumerate() {
        let member = if article.article_id.is_some() {
            "article_id"
        } else {
            "path"
        };
        let mut refuse = |code| errors.push(FieldError::new(format!("/articles/{index}/{member}"), code));
        match id.filter(|id| shown.contains(id)) {
            None => refuse(FieldCode::NotLive),
            Some(id) if !seen.insert(id) => refuse(FieldCode::Duplicate),
            Some(id) => ids.push(id),
        }
    }
    if errors.is_empty() {
        return Ok(ids);
    }
    Err(Error::validation(errors))
}

fn view(conn: &mut Conn, window: MostReadWindow, now: Time) -> Result<MostReadView> {
    let ids = most_read_ids(conn, None, None, window, now, limits::CHOSEN_RANKS)?;
    let paths: HashMap<ArticleId, String> = store::paths_of(conn, &ids)?.into_iter().collect();
    let ranked = |article_id: ArticleId| {
        let path = paths.get(&article_id)?.clone();
        Some(RankedArticle { article_id, path })
    };
    Ok(MostReadView {
        window,
        articles: ids.into_iter().filter_map(ranked).collect(),
        expires_at: store::expires_at(conn, window, now)?,
    })
}
