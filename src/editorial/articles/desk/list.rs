//! List working copies.

use std::collections::HashMap;

use actix_web::get;
use actix_web::web::Data;
use serde::Serialize;
use utoipa::ToSchema;

use super::store::{self, DeskFilter, DeskRow};
use super::{Assigned, WorkingCopySort};
use crate::access::auth::{Actor, Permission, may, store as accounts};
use crate::articles::model::{ArticleReview, ArticleState};
use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::http::page::{CursorBinding, DeskCountRequest, PageRequest};
use crate::base::http::query::Params;
use crate::base::http::query_type::{
    ParamReader, flag_param, id_param, parsed_param, time_param, word_param, word_params,
};
use crate::base::ids::{ArticleId, SectionId, TagId, UserId};
use crate::base::limits;
use crate::base::locale::locale_param;
use crate::base::secrets::Secrets;
use crate::body::article_type::ArticleType;
use crate::editorial::leases::{self, Lease};
use crate::editorial::notes;
use crate::site::frame::Frame;
use crate::site::framed_desk::FramedDesk;
use crate::{list_type, query_type};

/// A line of the desk's list.
#[derive(Serialize, ToSchema)]
pub struct WorkingCopyItem {
    /// The article's id.
    pub id: ArticleId,
    /// Its language.
    pub locale: String,
    /// What kind of article it is.
    #[serde(rename = "type")]
    pub type_: ArticleType,
    /// The headline of the working copy.
    pub title: String,
    /// Its primary section.
    pub section_id: Option<SectionId>,
    /// Where it is in its life.
    pub state: ArticleState,
    /// How far the desk is with the working copy.
    pub review: ArticleReview,
    /// Whether the working copy differs from what is, or was last, live.
    pub has_unpublished_changes: bool,
    /// Who is working on it.
    pub assignee_id: Option<UserId>,
    /// Their name.
    pub assignee_name: Option<String>,
    /// Who says that they are at work on it now.
    pub lease: Option<Lease>,
    /// How many notes on it are open.
    pub open_note_count: i64,
    /// The public path, since the first publish.
    pub path: Option<String>,
    /// The date shown and sorted by.
    pub published_at: Option<Time>,
    /// Who made it; null where it was imported.
    pub created_by: Option<UserId>,
    /// When the working copy was changed last.
    pub edited_at: Time,
    /// By whom.
    pub edited_by: Option<UserId>,
    /// Counts changes of the working copy; the ETag is made of it.
    pub version: i64,
}

/// What each article in a page shows besides its row, looked up once for all.
pub(super) struct DeskExtras {
    names: HashMap<UserId, String>,
    leases: HashMap<ArticleId, Lease>,
    open_notes: HashMap<ArticleId, i64>,
}

impl DeskExtras {
    pub(super) fn of(conn: &mut Conn, rows: &[DeskRow], now: Time) -> Result<Self> {
        let ids: Vec<ArticleId> = rows.iter().map(|row| row.id).collect();
        Ok(Self {
            names: accounts::names(conn, rows.iter().filter_map(|row| row.assignee_id).collect())?,
            leases: leases::store::find_many(conn, &ids, now)?,
            open_notes: notes::store::count_open(conn, &ids)?,
        })
    }
}

impl WorkingCopyItem {
    pub(super) fn new(row: DeskRow, extras: &DeskExtras) -> Self {
        Self {
            id: row.id,
            locale: row.locale,
            type_: row.type_,
            title: row.title,
            section_id: row.section_id,
            state: row.state,
            review: row.review,
            has_unpublished_changes: row.has_unpublished_changes,
            assignee_id: row.assignee_id,
            assignee_name: row.assignee_id.and_then(|id| extras.names.get(&id).cloned()),
            lease: extras.leases.get(&row.id).cloned(),
            open_note_count: extras.open_notes.get(&row.id).copied().unwrap_or(0),
            path: row.path,
            published_at: row.published_at,
            created_by: row.created_by,
            edited_at: row.edited_at,
            edited_by: row.edited_by,
            version: row.version,
        }
    }
}

list_type! {
    /// A page of the desk's list.
    WorkingCopyList {
        /// The articles.
        items: Vec<WorkingCopyItem>,
    }
}

query_type! {
    /// Which articles the desk wants to see.
    #[derive(Debug)]
    pub struct ListForEditing {
        /// Only in one of these states; without any all but trashed.
        state: Vec<ArticleState> = defaulted(word_params()),
        /// Only with one of these review states.
        review: Vec<ArticleReview> = defaulted(word_params()),
        /// Only in this section or below, as primary section: an id.
        section_id: SectionId = optional(id_param()),
        /// Only in this language.
        locale: String = optional(locale_param()),
        /// Only of this type.
        r#type: ArticleType = optional(word_param()),
        /// Only with this tag: its id.
        tag_id: TagId = optional(id_param()),
        /// Only those that this user works on; `none` for those that nobody does.
        assignee_id: Assigned = optional(assigned()),
        /// Only those whose lease this user holds now.
        leased_by: UserId = optional(id_param()),
        /// Only those that this user made.
        created_by: UserId = optional(id_param()),
        /// Only those whose working copy differs from what is live, or only the others.
        has_unpublished_changes: bool = optional(flag_param()),
        /// Only those changed at or after this moment.
        changed_after: Time = optional(time_param()),
        /// The order: `-edited_at` where it is not given.
        sort: WorkingCopySort = defaulted(word_param()) or WorkingCopySort::Newest,
        count: DeskCountRequest = part(),
        page: PageRequest = part(),
    }
}

fn assigned() -> impl ParamReader<Value = Assigned> {
    parsed_param(limits::UUID, "a UUID or none", Assigned::parse)
}

impl ListForEditing {
    /// What a cursor is bound to.
    fn binding(&self) -> CursorBinding {
        let of_articles = (
            &self.state,
            &self.review,
            self.section_id,
            &self.locale,
            self.r#type,
            self.tag_id,
        );
        let of_people = (self.assignee_id, self.leased_by, self.created_by);
        let of_changes = (self.has_unpublished_changes, self.changed_after, self.sort);
        CursorBinding::new("desk", &(of_articles, of_people, of_changes))
    }

    /// The filter asked for, narrowed to what the actor may read.
    fn visible_to(&self, actor: &Actor, frame: &Frame, now: Time) -> DeskFilter {
        DeskFilter {
            states: self.state.clone(),
            reviews: self.review.clone(),
            sections: self.section_id.map(|id| frame.tree.subtree(id)),
            locale: self.locale.clone(),
            type_: self.r#type,
            tag: self.tag_id,
            assigned: self.assignee_id,
            leased_by: self.leased_by,
            created_by: self.created_by,
            has_unpublished_changes: self.has_unpublished_changes,
            changed_after: self.changed_after,
            scopes: frame.tree.scopes_of(actor, Permission::ReadArticles),
            sort: self.sort,
            now,
        }
    }
}

/// List articles for editing.
///
/// Working copies, changed last first. A grant in a section or a locale shows what it covers; a
/// journalist sees their own.
#[utoipa::path(tag = "articles", operation_id = "listArticlesForEditing", params(ListForEditing, DeskCountRequest, PageRequest),
    responses((status = 200, description = "A page of working copies.", body = WorkingCopyList)))]
#[get("/v1/editorial/articles")]
pub async fn list_articles_for_editing(
    secrets: Data<Secrets>,
    desk: FramedDesk<may::ReadArticles>,
    params: Params<ListForEditing>,
) -> Result<WorkingCopyList> {
    let list = params.0;
    let binding = list.binding();
    let after = list.page.after::<2>(&secrets, &binding)?;
    let after = after.and_then(|[time, id]| Time::parse(&time).zip(ArticleId::parse(&id)));
    let page = list.page.clone();
    let (rows, extras, total) = desk
        .read(move |conn, desk| {
            let filter = list.visible_to(desk.actor, desk.frame, desk.now);
            let rows = store::list(conn, &filter, after, list.page.fetch())?;
            let extras = DeskExtras::of(conn, &rows, desk.now)?;
            let total = list.count.total(|enough| store::total(conn, &filter, enough))?;
            Ok((rows, extras, total))
        })
        .await?;
    let (rows, page) = page.finish(rows, &secrets, &binding, |row| {
        [row.edited_at.to_string(), row.id.to_string()]
    })?;
    Ok(WorkingCopyList {
        items: rows.into_iter().map(|row| WorkingCopyItem::new(row, &extras)).collect(),
        page: page.counting(total),
    })
}
