//! Statements on what is read most.

use diesel::prelude::*;
use diesel::upsert::excluded;

use super::model::HOUR;
use super::{HourlyViews, MostReadWindow};
use crate::base::clock::Time;
use crate::base::db::schema::{article_views, most_read_ranks, most_read_windows, paths, published_articles};
use crate::base::db::union_all::{UnionSelect, load_union_all};
use crate::base::db::{Conn, outdate};
use crate::base::error::Result;
use crate::base::ids::{ArticleId, SectionId};
use crate::base::surrogate_key::SurrogateKey;
use crate::published::rows::shown;
use crate::site::paths::PathKind;
use crate::{insert_many, on_each};

/// For how long the views of an hour are kept: the longest window, and a day for what comes late.
const KEPT_SECONDS: i64 = 8 * 24 * HOUR;

/// Adds views to those of their hours. Those of what readers do not see are dropped.
pub fn add_views(conn: &mut Conn, views: &[HourlyViews]) -> Result<()> {
    let ids: Vec<ArticleId> = views.iter().map(|views| views.article_id).collect();
    let shown = shown(conn, &ids)?;
    let row = |views: &HourlyViews| {
        (
            article_views::article_id.eq(views.article_id),
            article_views::hour.eq(views.hour),
            article_views::view_count.eq(views.view_count),
        )
    };
    let rows: Vec<_> = views
        .iter()
        .filter(|views| shown.contains(&views.article_id))
        .map(row)
        .collect();
    if !rows.is_empty() {
        on_each!(conn, c => diesel::insert_into(article_views::table)
            .values(&rows)
            .on_conflict((article_views::article_id, article_views::hour))
            .do_update()
            .set(article_views::view_count.eq(article_views::view_count + excluded(article_views::view_count)))
            .execute(c))?;
    }
    Ok(())
}

/// Forgets the oldest hour, where it is too old: one at a time, so that no other writer waits for long.
pub fn forget_old_hour(conn: &mut Conn, now: Time) -> Result<()> {
    let oldest: Option<Time> = article_views::table
        .select(diesel::dsl::min(article_views::hour))
        .first(conn)?;
    if let Some(oldest) = oldest.filter(|oldest| *oldest < now.plus_seconds(-KEPT_SECONDS)) {
        diesel::delete(article_views::table.filter(article_views::hour.eq(oldest))).execute(conn)?;
    }
    Ok(())
}

/// The articles that were read most in a window, the most read first, of equals the newest: among the first `examined`
/// those that readers see, up to `limit`.
pub fn sum_up(
    conn: &mut Conn,
    window: MostReadWindow,
    now: Time,
    examined: usize,
    limit: usize,
) -> Result<Vec<ArticleId>> {
    let (first, seconds) = window.beginning(now);
    // Grouped by an expression: by the column, SQLite would walk all hours in the order of the primary key instead of the
    // window's by their index.
    let mut select = UnionSelect::default();
    select
        .sql("SELECT v.article_id || '' AS id, CAST(SUM(v.view_count * CASE WHEN v.hour = ")
        .value(first)
        .sql(" THEN ")
        .value(seconds)
        .sql(" ELSE ")
        .value(HOUR)
        .sql(" END) AS BIGINT) AS number FROM article_views v WHERE v.hour >= ")
        .value(first)
        .sql(" GROUP BY v.article_id || '' ORDER BY number DESC, id DESC LIMIT ")
        .value(as_number(examined));
    let ids = ids_of(conn, select)?;
    let shown = shown(conn, &ids)?;
    let mut ids: Vec<ArticleId> = ids.into_iter().filter(|id| shown.contains(id)).collect();
    ids.truncate(limit);
    Ok(ids)
}

/// When the ranks of a window were counted last.
pub fn counted_at(conn: &mut Conn, window: MostReadWindow) -> Result<Option<Time>> {
    let found = most_read_windows::table
        .find(window)
        .select(most_read_windows::counted_at)
        .first(conn)
        .optional()?;
    Ok(found.flatten())
}

/// Until when the ranks that an editor sent stand at this moment; `None` where the counted ones do.
pub fn expires_at(conn: &mut Conn, window: MostReadWindow, now: Time) -> Result<Option<Time>> {
    let found: Option<Option<Time>> = most_read_windows::table
        .find(window)
        .filter(most_read_windows::expires_at.gt(now))
        .select(most_read_windows::expires_at)
        .first(conn)
        .optional()?;
    Ok(found.flatten())
}

/// Whether ranks that an editor sent are still there and stand no more.
pub fn has_expired(conn: &mut Conn, window: MostReadWindow, now: Time) -> Result<bool> {
    let expired = most_read_windows::table
        .find(window)
        .filter(most_read_windows::expires_at.le(now));
    Ok(diesel::select(diesel::dsl::exists(expired)).get_result(conn)?)
}

/// The ranks of a window as they were counted last.
pub fn counted_ranks(conn: &mut Conn, window: MostReadWindow) -> Result<Vec<ArticleId>> {
    Ok(most_read_ranks::table
        .filter(most_read_ranks::time_window.eq(window))
        .filter(most_read_ranks::is_chosen.eq(false))
        .order(most_read_ranks::ordinal)
        .select(most_read_ranks::article_id)
        .load(conn)?)
}

/// Sets the counted ranks of a window, and forgets an editor's that stand no more.
pub fn set_counted(conn: &mut Conn, window: MostReadWindow, ids: &[ArticleId], now: Time) -> Result<()> {
    set_ranks(conn, window, false, ids)?;
    if has_expired(conn, window, now)? {
        set_chosen(conn, window, &[], None)?;
    }
    on_each!(conn, c => diesel::insert_into(most_read_windows::table)
        .values((most_read_windows::time_window.eq(window), most_read_windows::counted_at.eq(now)))
        .on_conflict(most_read_windows::time_window)
        .do_update()
        .set(most_read_windows::counted_at.eq(now))
        .execute(c))?;
    Ok(())
}

/// Puts an editor's ranks in the place of the counted ones, until a moment; with none these stand again.
pub fn set_chosen(conn: &mut Conn, window: MostReadWindow, ids: &[ArticleId], until: Option<Time>) -> Result<()> {
    set_ranks(conn, window, true, ids)?;
    on_each!(conn, c => diesel::insert_into(most_read_windows::table)
        .values((most_read_windows::time_window.eq(window), most_read_windows::expires_at.eq(until)))
        .on_conflict(most_read_windows::time_window)
        .do_update()
        .set(most_read_windows::expires_at.eq(until))
        .execute(c))?;
    Ok(())
}

fn set_ranks(conn: &mut Conn, window: MostReadWindow, is_chosen: bool, ids: &[ArticleId]) -> Result<()> {
    outdate([SurrogateKey::MostRead]);
    let stand = most_read_ranks::table
        .filter(most_read_ranks::time_window.eq(window))
        .filter(most_read_ranks::is_chosen.eq(is_chosen));
    diesel::delete(stand).execute(conn)?;
    let row = |(ordinal, id): (i64, &ArticleId)| {
        (
            most_read_ranks::time_window.eq(window),
            most_read_ranks::is_chosen.eq(is_chosen),
            most_read_ranks::ordinal.eq(ordinal),
            most_read_ranks::article_id.eq(*id),
        )
    };
    insert_many!(conn, most_read_ranks::table, (1..).zip(ids).map(row))?;
    Ok(())
}

/// The query for what is read most in a window, of one language or of all, in a section and those below it or on the
/// whole site. The ranks that an editor sent stand for the counted ones until they end.
pub fn most_read_term(
    locale: Option<&str>,
    section: Option<SectionId>,
    window: MostReadWindow,
    now: Time,
    limit: i64,
) -> UnionSelect {
    let mut select = UnionSelect::default();
    select
        .sql(
            "SELECT r.article_id AS id, r.ordinal AS number FROM most_read_ranks r \
             JOIN published_articles p ON p.id = r.article_id WHERE p.retracted_at IS NULL AND r.time_window = ",
        )
        .value(window.as_str())
        .sql(" AND r.is_chosen = (EXISTS (SELECT 1 FROM most_read_windows w WHERE w.time_window = ")
        .value(window.as_str())
        .sql(" AND w.expires_at > ")
        .value(now)
        .sql("))");
    if let Some(locale) = locale {
        select.sql(" AND p.locale = ").value(locale);
    }
    if let Some(section) = section {
        select
            .sql(
                " AND EXISTS (SELECT 1 FROM published_sections s WHERE s.article_id = r.article_id AND s.section_id = ",
            )
            .value(section.as_str())
            .sql(" LIMIT 1 OFFSET 0)");
    }
    select.sql(" ORDER BY r.ordinal LIMIT ").value(limit);
    select
}

/// The articles that are read most, as [`most_read_term`] finds them.
pub fn most_read_ids(
    conn: &mut Conn,
    locale: Option<&str>,
    section: Option<SectionId>,
    window: MostReadWindow,
    now: Time,
    limit: usize,
) -> Result<Vec<ArticleId>> {
    ids_of(conn, most_read_term(locale, section, window, now, as_number(limit)))
}

fn ids_of(conn: &mut Conn, select: UnionSelect) -> Result<Vec<ArticleId>> {
    let rows = load_union_all(conn, vec![select])?.into_iter().flatten();
    Ok(rows.filter_map(|row| ArticleId::parse(&row.id)).collect())
}

fn as_number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// The articles whose path this is or was, by path, which must be written as in the table of paths.
pub fn articles_at(conn: &mut Conn, written: &[String]) -> Result<Vec<(String, ArticleId)>> {
    let rows: Vec<(String, Option<String>)> = paths::table
        .filter(paths::path.eq_any(written.to_vec()))
        .filter(paths::kind.eq(PathKind::Article))
        .select((paths::path, paths::target_id))
        .load(conn)?;
    let found = rows
        .into_iter()
        .filter_map(|(path, id)| Some((path, ArticleId::parse(&id?)?)));
    Ok(found.collect())
}

/// The paths of live articles.
pub fn paths_of(conn: &mut Conn, ids: &[ArticleId]) -> Result<Vec<(ArticleId, String)>> {
    Ok(published_articles::table
        .filter(published_articles::id.eq_any(ids.to_vec()))
        .select((published_articles::id, published_articles::path))
        .load(conn)?)
}
