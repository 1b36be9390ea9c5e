//! The schedule: what is due, what is late, and how the rest ended.

use actix_web::get;
use actix_web::web::Data;
use serde::Serialize;
use utoipa::ToSchema;

use super::views::view;
use crate::access::auth::{Permission, may};
use crate::articles::schedules::ScheduleId;
use crate::articles::schedules::model::{ScheduleKind, ScheduleState, ScheduleView, ScheduledArticle, WAITING};
use crate::articles::schedules::store::{self, ScheduleFilter};
use crate::base::clock::Time;
use crate::base::error::Result;
use crate::base::http::page::{CursorBinding, PageRequest};
use crate::base::http::query::Params;
use crate::base::http::query_type::{id_param, time_param, word_param, word_params};
use crate::base::ids::{ArticleId, SectionId, UserId};
use crate::base::secrets::Secrets;
use crate::base::zone::{Fold, LocalTime};
use crate::site::framed_desk::FramedDesk;
use crate::{list_type, query_type};

/// An entry of the schedule: a schedule and its article.
#[derive(Serialize, ToSchema)]
pub struct ScheduleEntry {
    /// The schedule's id.
    pub id: ScheduleId,
    /// What is to happen.
    pub kind: ScheduleKind,
    /// How far it is.
    pub state: ScheduleState,
    /// Why it is blocked (`embargoed`), was cancelled by the server (`not_live`: there was nothing to
    /// unpublish; `not_publishable`: the article's state forbids it; `superseded`: a later one came
    /// first; `imported`: an import took the article off; `restored`: a backup brought it back) or failed (the code of the problem).
    pub reason: Option<String>,
    /// The moment, in UTC. It was fixed when it was accepted.
    pub at: Time,
    /// The same as a clock in `time_zone` shows it.
    #[schema(value_type = LocalTime)]
    pub local_time: String,
    /// The zone, by its IANA name.
    pub time_zone: String,
    /// Which of two moments, where the clock shows that time twice.
    pub fold: Option<Fold>,
    /// The frozen revision that goes live; null to unpublish.
    pub revision_number: Option<i32>,
    /// Whether the working copy differs from the frozen revision, while it waits.
    pub has_later_changes: bool,
    /// Whether `updated_at` is left alone.
    pub is_minor: bool,
    /// Whole seconds by which it is late, or was when it was decided; 0 before its moment.
    pub late_seconds: i64,
    /// When it was accepted.
    pub created_at: Time,
    /// By whom it was asked for.
    pub created_by: Option<UserId>,
    /// When it happened, was cancelled or given up.
    pub decided_at: Option<Time>,
    /// By whom it was cancelled; null where it was the scheduler.
    pub decided_by: Option<UserId>,
    /// The article.
    pub article: ScheduledArticle,
}

impl ScheduleEntry {
    fn new(view: ScheduleView, late_seconds: i64, article: ScheduledArticle) -> Self {
        Self {
            id: view.id,
            kind: view.kind,
            state: view.state,
            reason: view.reason,
            at: view.at,
            local_time: view.local_time,
            time_zone: view.time_zone,
            fold: view.fold,
            revision_number: view.revision_number,
            has_later_changes: view.has_later_changes,
            is_minor: view.is_minor,
            late_seconds,
            created_at: view.created_at,
            created_by: view.created_by,
            decided_at: view.decided_at,
            decided_by: view.decided_by,
            article,
        }
    }
}

list_type! {
    /// A page of the schedule.
    ScheduleList {
        /// The schedules.
        items: Vec<ScheduleEntry>,
    }
}

query_type! {
    /// Which part of the schedule is wanted.
    #[derive(Debug)]
    pub struct ListSchedule {
        /// Only in one of these states; without it `pending` and `blocked`.
        state: Vec<ScheduleState> = defaulted(word_params()),
        /// Only of this kind.
        kind: ScheduleKind = optional(word_param()),
        /// Only of articles in this section or below, as primary section of the working copy: an id.
        section_id: SectionId = optional(id_param()),
        /// Only of this article.
        article_id: ArticleId = optional(id_param()),
        /// Only at or after this moment.
        planned_after: Time = optional(time_param()),
        /// Only before this moment: with the present one, what is late.
        planned_before: Time = optional(time_param()),
        page: PageRequest = part(),
    }
}

/// List the schedule.
///
/// What waits for its moment, soonest first: what is late comes first of all. A grant in a section or
/// a locale shows what it covers; a journalist sees what waits for their own articles.
#[utoipa::path(tag = "articles", operation_id = "listSchedule", params(ListSchedule, PageRequest),
    responses((status = 200, description = "A page of the schedule.", body = ScheduleList)))]
#[get("/v1/editorial/schedule")]
pub async fn list_schedule(
    secrets: Data<Secrets>,
    desk: FramedDesk<may::ReadArticles>,
    params: Params<ListSchedule>,
) -> Result<ScheduleList> {
    let list = params.0;
    let (planned_after, planned_before) = (list.planned_after, list.planned_before);
    let filters = (
        &list.state,
        list.kind,
        list.section_id,
        list.article_id,
        planned_after,
        planned_before,
    );
    let binding = CursorBinding::new("schedule", &filters);
    let after = list.page.after::<2>(&secrets, &binding)?;
    let after = after.and_then(|[at, id]| Time::parse(&at).zip(ScheduleId::parse(&id)));
    let page_request = list.page.clone();
    let items = desk
        .read(move |conn, desk| {
            let filter = ScheduleFilter {
                states: if list.state.is_empty() {
                    WAITING.to_vec()
                } else {
                    list.state
                },
                kind: list.kind,
                sections: list.section_id.map(|id| desk.frame.tree.subtree(id)),
                article: list.article_id,
                planned_after,
                planned_before,
                scopes: desk.frame.tree.scopes_of(desk.actor, Permission::ReadArticles),
            };
            let rows = store::list(conn, &filter, after, list.page.fetch())?;
            rows.into_iter()
                .map(|(schedule, article, version)| {
                    let late_seconds = schedule.late_seconds(desk.now);
                    let view = view(conn, schedule, version)?;
                    Ok(ScheduleEntry::new(view, late_seconds, article))
                })
                .collect::<Result<Vec<_>>>()
        })
        .await?;
    let (items, page) = page_request.finish(items, &secrets, &binding, |item| {
        [item.at.to_string(), item.id.to_string()]
    })?;
    Ok(ScheduleList { items, page })
}
