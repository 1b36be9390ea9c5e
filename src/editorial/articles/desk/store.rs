//! The statements of the desk's list. Their number does not depend on how many articles it shows.

use std::collections::HashMap;

use diesel::prelude::*;

use super::{Assigned, WorkingCopySort};
use crate::access::auth::GrantScope;
use crate::articles::model::{ArticleReview, ArticleState, Content};
use crate::articles::scope::covered_by;
use crate::articles::store::working_copies;
use crate::base::clock::Time;
use crate::base::db::schema::{article_tags, articles, leases};
use crate::base::db::{Conn, planned_for_its_values};
use crate::base::error::Result;
use crate::base::ids::{ArticleId, SectionId, TagId, UserId};
use crate::body::article_type::ArticleType;
use crate::search::texts::SearchTexts;

/// Which articles the desk wants to see.
#[derive(Clone, Debug)]
pub struct DeskFilter {
    /// Only in one of these states; without any, all but trashed.
    pub states: Vec<ArticleState>,
    /// Only with one of these review states.
    pub reviews: Vec<ArticleReview>,
    /// Only in these sections, as primary section.
    pub sections: Option<Vec<SectionId>>,
    /// Only in this language.
    pub locale: Option<String>,
    /// Only of this type.
    pub type_: Option<ArticleType>,
    /// Only with this tag.
    pub tag: Option<TagId>,
    /// Only those that somebody, or nobody, works on.
    pub assigned: Option<Assigned>,
    /// Only those whose lease somebody holds.
    pub leased_by: Option<UserId>,
    /// Only those that somebody made.
    pub created_by: Option<UserId>,
    /// Only those with, or without, changes that are not live.
    pub has_unpublished_changes: Option<bool>,
    /// Only those changed since.
    pub changed_after: Option<Time>,
    /// Only what one of these covers; without, everything.
    pub scopes: Option<Vec<GrantScope>>,
    /// In which order.
    pub sort: WorkingCopySort,
    /// When: leases end by the clock.
    pub now: Time,
}

impl DeskFilter {
    /// All that one of these scopes covers and that is not trashed.
    pub fn all(scopes: Option<Vec<GrantScope>>, now: Time) -> Self {
        Self {
            states: Vec::new(),
            reviews: Vec::new(),
            sections: None,
            locale: None,
            type_: None,
            tag: None,
            assigned: None,
            leased_by: None,
            created_by: None,
            has_unpublished_changes: None,
            changed_after: None,
            scopes,
            sort: WorkingCopySort::Newest,
            now,
        }
    }
}

/// A line of the desk's list.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = articles, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
pub struct DeskRow {
    /// The article's id.
    pub id: ArticleId,
    /// Its language.
    pub locale: String,
    /// What kind of article it is.
    pub type_: ArticleType,
    /// The headline of the working copy.
    pub title: String,
    /// Its primary section.
    pub section_id: Option<SectionId>,
    /// Where it is in its life.
    pub state: ArticleState,
    /// How far the desk is.
    pub review: ArticleReview,
    /// Whether the working copy differs from what is live.
    pub has_unpublished_changes: bool,
    /// Who is working on it.
    pub assignee_id: Option<UserId>,
    /// The public path.
    pub path: Option<String>,
    /// The date shown.
    pub published_at: Option<Time>,
    /// Who made it.
    pub created_by: Option<UserId>,
    /// When the working copy was changed last.
    pub edited_at: Time,
    /// By whom.
    pub edited_by: Option<UserId>,
    /// Counts changes.
    pub version: i64,
}

type DeskQuery<'q> = articles::BoxedQuery<'q, <Conn as diesel::Connection>::Backend>;

/// A page of the desk's list, starting after `after`.
pub fn list(
    conn: &mut Conn,
    filter: &DeskFilter,
    after: Option<(Time, ArticleId)>,
    limit: i64,
) -> Result<Vec<DeskRow>> {
    let query = ordered(filtered(articles::table.into_boxed(), filter), filter.sort, after);
    Ok(query.limit(limit).select(DeskRow::as_select()).load(conn)?)
}

/// How many articles the filter lets through, counted no further than `enough`, where that is given.
pub fn total(conn: &mut Conn, filter: &DeskFilter, enough: Option<i64>) -> Result<i64> {
    let query = filtered(articles::table.into_boxed(), filter);
    let Some(enough) = enough else {
        return Ok(query.count().get_result(conn)?);
    };
    let ids: Vec<ArticleId> = query.limit(enough).select(articles::id).load(conn)?;
    Ok(i64::try_from(ids.len()).unwrap_or(i64::MAX))
}

/// Which of these articles the filter lets through, in no order.
pub fn among(conn: &mut Conn, filter: &DeskFilter, ids: &[ArticleId]) -> Result<Vec<DeskRow>> {
    let query = filtered(articles::table.into_boxed(), filter).filter(articles::id.eq_any(ids.to_vec()));
    Ok(query.select(DeskRow::as_select()).load(conn)?)
}

/// What the working copies of some articles say.
pub fn texts_of(conn: &mut Conn, ids: &[ArticleId]) -> Result<HashMap<ArticleId, SearchTexts>> {
    working_copies(conn, ids)?
        .into_iter()
        .map(|(id, content)| Ok((id, Content::from_json(&content)?.texts())))
        .collect()
}

fn filtered<'q>(mut query: DeskQuery<'q>, filter: &DeskFilter) -> DeskQuery<'q> {
    query = match filter.states.as_slice() {
        [] => query.filter(articles::state.ne(ArticleState::Trashed)),
        // With one state alone, an index gives the rows in the order of the list.
        [state] => query.filter(articles::state.eq(*state)),
        states => query.filter(articles::state.eq_any(states.to_vec())),
    };
    query = match filter.reviews.as_slice() {
        [] => query,
        [review] => query.filter(articles::review.eq(*review)),
        reviews => query.filter(articles::review.eq_any(reviews.to_vec())),
    };
    query = match filter.assigned {
        None => query,
        Some(Assigned::Nobody) => query.filter(articles::assignee_id.is_null()),
        Some(Assigned::To(user)) => query.filter(articles::assignee_id.eq(user)),
    };
    if let Some(sections) = &filter.sections {
        query = query.filter(articles::section_id.eq_any(sections.clone()));
    }
    if let Some(locale) = &filter.locale {
        query = query.filter(articles::locale.eq(locale.clone()));
    }
    if let Some(type_) = filter.type_ {
        query = query.filter(articles::type_.eq(type_));
    }
    if let Some(user) = filter.created_by {
        query = query
            .filter(articles::created_by.eq(user))
            .filter(planned_for_its_values());
    }
    if let Some(differs) = filter.has_unpublished_changes {
        query = query.filter(articles::has_unpublished_changes.eq(differs));
    }
    if let Some(since) = filter.changed_after {
        query = query.filter(articles::edited_at.ge(since));
    }
    if let Some(scopes) = &filter.scopes {
        query = query.filter(covered_by(scopes));
        // Repeated as a plain condition where the actor sees only their own: in this form an index is used.
        if let Some(scope) = scopes.first().filter(|_| scopes.iter().all(|scope| scope.only_own)) {
            let own = articles::created_by.eq(scope.user_id);
            query = query.filter(own).filter(planned_for_its_values());
        }
    }
    if let Some(tag) = filter.tag {
        let tagged = article_tags::table.filter(article_tags::tag_id.eq(tag));
        query = query.filter(articles::id.eq_any(tagged.select(article_tags::article_id)));
    }
    if let Some(user) = filter.leased_by {
        let held = leases::table
            .filter(leases::user_id.eq(user))
            .filter(leases::until.gt(filter.now));
        query = query.filter(articles::id.eq_any(held.select(leases::article_id)));
    }
    query
}

/// Starting after `after` in its order. The first condition is a range that an index has; the second leaves out what is
/// not after `after` at the same moment.
fn ordered(query: DeskQuery<'_>, sort: WorkingCopySort, after: Option<(Time, ArticleId)>) -> DeskQuery<'_> {
    match (sort, after) {
        (WorkingCopySort::Newest, None) => query.order((articles::edited_at.desc(), articles::id.desc())),
        (WorkingCopySort::Newest, Some((time, id))) => query
            .filter(articles::edited_at.le(time))
            .filter(articles::edited_at.lt(time).or(articles::id.lt(id)))
            .order((articles::edited_at.desc(), articles::id.desc())),
        (WorkingCopySort::Oldest, None) => query.order((articles::edited_at, articles::id)),
        (WorkingCopySort::Oldest, Some((time, id))) => query
            .filter(articles::edited_at.ge(time))
            .filter(articles::edited_at.gt(time).or(articles::id.gt(id)))
            .order((articles::edited_at, articles::id)),
    }
}
