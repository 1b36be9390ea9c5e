//! Search working copies.

use std::collections::HashMap;

use actix_web::get;
use actix_web::web::Data;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::store::{self, DeskFilter, DeskRow};
use crate::access::auth::{Actor, Permission, may};
use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::db::fulltext::FulltextQuery;
use crate::base::error::Result;
use crate::base::http::page::{CursorBinding, PageRequest};
use crate::base::http::query::{FromQuery, Params, Query};
use crate::base::ids::ArticleId;
use crate::base::secrets::Secrets;
use crate::base::{limits, locale};
use crate::editorial::articles::desk::list::{DeskExtras, WorkingCopyItem};
use crate::list_type;
use crate::search::highlight::{Highlight, highlights};
use crate::search::query::{self, QueryReading};
use crate::search::stem::SearchLanguage;
use crate::search::store as index;
use crate::site::frame::Frame;
use crate::site::framed_desk::FramedDesk;

/// A working copy that was found.
#[derive(Serialize, ToSchema)]
pub struct FoundWorkingCopy {
    /// The article, as the desk lists it.
    pub article: WorkingCopyItem,
    /// Where the working copy says what was looked for: its title, kicker, standfirst and a piece of its
    /// body, those in which something was found.
    pub highlights: Vec<Highlight>,
}

list_type! {
    /// A page of working copies that were found.
    FoundWorkingCopyList {
        /// The working copies.
        items: Vec<FoundWorkingCopy>,
    }
}

/// What is looked for.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SearchForEditing {
    /// What is looked for, in the words of `searchArticles`.
    #[param(value_type = String, max_length = 200, min_length = 1, example = "l’armée malienne")]
    q: Option<String>,
    /// Only in this language.
    #[param(max_length = 12)]
    locale: Option<String>,
    #[param(ignore)]
    page: PageRequest,
}

impl FromQuery for SearchForEditing {
    const NAMES: &'static [&'static str] = &["q", "locale", "limit", "cursor"];

    fn read(query: &Query) -> Result<Self> {
        Ok(Self {
            locale: query.parsed("locale", "a language tag such as fr", locale::parse_locale)?,
            page: PageRequest::read(query)?,
            // A bad `q` is refused only after the check of who asks, so that a stranger gets 401.
            q: query::read(query).ok(),
        })
    }
}

/// Search articles for editing.
///
/// Working copies that match, changed last first: drafts, and what is live as the desk has it now. A
/// grant in a section or a locale finds what it covers; a journalist finds their own. What is in the
/// trash is not found.
#[utoipa::path(tag = "search", operation_id = "searchArticlesForEditing", params(SearchForEditing, PageRequest),
    responses((status = 200, description = "A page of working copies.", body = FoundWorkingCopyList)))]
#[get("/v1/editorial/search")]
pub async fn search_articles_for_editing(
    secrets: Data<Secrets>,
    desk: FramedDesk<may::ReadArticles>,
    params: Params<SearchForEditing>,
) -> Result<FoundWorkingCopyList> {
    let asked = params.0;
    let page = desk
        .read(move |conn, desk| asked.answer(conn, desk.frame, &secrets, desk.actor, desk.now))
        .await?;
    Ok(page)
}

impl SearchForEditing {
    fn answer(
        &self,
        conn: &mut Conn,
        frame: &Frame,
        secrets: &Secrets,
        actor: &Actor,
        now: Time,
    ) -> Result<FoundWorkingCopyList> {
        let q = self.q.as_deref().ok_or_else(query::invalid_search_query)?;
        let binding = CursorBinding::new("desk search", &(q, &self.locale));
        let after = self.page.after::<1>(secrets, &binding)?;
        let after = after.and_then(|[number]| number.parse().ok());
        let reading = QueryReading {
            also_former: index::desk_has_former(conn)?,
            ..QueryReading::of(&frame.site, self.locale.as_deref())
        };
        let wanted = query::parse(q, &reading).unwrap_or_default();
        let filter = DeskFilter {
            locale: self.locale.clone(),
            ..DeskFilter::all(frame.tree.scopes_of(actor, Permission::ReadArticles), now)
        };
        let found = find(conn, &wanted, &filter, after, self.page.limit + 1)?;
        let key = |number: i64| [number.to_string()];
        let (rows, mut page) = self
            .page
            .finish(found.rows, secrets, &binding, |(number, _)| key(*number))?;
        if let Some(last) = found.unfinished {
            page = PageRequest::goes_on(Some(key(last)), secrets, &binding)?;
        }
        let rows = rows.into_iter().map(|(_, row)| row).collect();
        let items = items(conn, rows, &wanted, now)?;
        Ok(FoundWorkingCopyList { items, page })
    }
}

fn items(conn: &mut Conn, rows: Vec<DeskRow>, wanted: &FulltextQuery, now: Time) -> Result<Vec<FoundWorkingCopy>> {
    let extras = DeskExtras::of(conn, &rows, now)?;
    let ids: Vec<ArticleId> = rows.iter().map(|row| row.id).collect();
    let texts = store::texts_of(conn, &ids)?;
    let item = |row: DeskRow| {
        let language = SearchLanguage::of(&row.locale);
        let highlights = texts.get(&row.id).map(|texts| highlights(texts, wanted, language));
        FoundWorkingCopy {
            article: WorkingCopyItem::new(row, &extras),
            highlights: highlights.unwrap_or_default(),
        }
    };
    Ok(rows.into_iter().map(item).collect())
}

/// Working copies that match and that the filter lets through, with the numbers of their entries.
struct DeskMatches {
    rows: Vec<(i64, DeskRow)>,
    unfinished: Option<i64>,
}

/// Entries that are looked at in a step after the first.
const ENTRIES_PER_STEP: usize = 400;

fn find(
    conn: &mut Conn,
    wanted: &FulltextQuery,
    filter: &DeskFilter,
    after: Option<i64>,
    limit: usize,
) -> Result<DeskMatches> {
    let (mut rows, mut examined, mut below) = (Vec::new(), 0, after.unwrap_or(i64::MAX));
    while examined < limits::SEARCH_EXAMINED {
        // Most of what is found may be read: the first step is no larger than the page.
        let step = if examined == 0 {
            limit
        } else {
            ENTRIES_PER_STEP.max(limit)
        };
        let hits = index::desk_hits(conn, wanted, below, i64::try_from(step).unwrap_or(i64::MAX))?;
        let ids: Vec<ArticleId> = hits.iter().filter_map(|(_, id)| *id).collect();
        let passing = store::among(conn, filter, &ids)?;
        let mut passing: HashMap<ArticleId, DeskRow> = passing.into_iter().map(|row| (row.id, row)).collect();
        let found = hits
            .iter()
            .filter_map(|(number, id)| Some((*number, passing.remove(id.as_ref()?)?)));
        rows.extend(found);
        if rows.len() >= limit || hits.len() < step {
            rows.truncate(limit);
            return Ok(DeskMatches { rows, unfinished: None });
        }
        examined += hits.len();
        below = hits.last().map_or(below, |(number, _)| *number);
    }
    Ok(DeskMatches {
        rows,
        unfinished: Some(below),
    })
}
