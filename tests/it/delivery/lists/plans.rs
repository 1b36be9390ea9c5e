//! How a database goes about a statement: its plan on SQLite, the rows that it looked at on PostgreSQL.

use diesel::prelude::*;
use masthead::base::db::Conn;
use masthead::published::{ArticleShape, ArticleSort, ListKey, ListedArticles, list};
use serde_json::Value;

use super::archive::{Archive, Asked};
use crate::support::replays::rows_of;
use crate::support::statements::statements_within;

pub const LIMIT: usize = 20;

/// A page, and the statements that it took.
pub fn page(
    archive: &Archive,
    asked: &Asked,
    sort: ArticleSort,
    after: Option<&ListKey>,
    limit: usize,
) -> (ListedArticles, Vec<String>) {
    let filter = asked.filter();
    statements_within(&archive.url, || {
        archive
            .db
            .read_blocking(|conn| list(conn, ArticleShape::Card, &filter, sort, after, limit))
            .unwrap()
    })
}

/// A value as it stands in a statement: ids and moments are shown without quotes.
fn literal(value: &str) -> String {
    let value = value.trim();
    if let Some(list) = value.strip_prefix('[').and_then(|list| list.strip_suffix(']')) {
        let items: Vec<String> = list.split(',').map(literal).collect();
        return format!("ARRAY[{}]", items.join(", "));
    }
    if value.parse::<i64>().is_ok() {
        return value.to_owned();
    }
    let moment = value.strip_prefix("Time(").and_then(|moment| moment.strip_suffix(')'));
    format!("'{}'", moment.unwrap_or(value).trim_matches('"'))
}

/// A statement with its values in their places.
fn spelled_out(statement: &str) -> String {
    let (sql, values) = statement.split_once(" -- binds: ").unwrap();
    let inner = values.trim().strip_prefix('[').unwrap().strip_suffix(']').unwrap();
    let mut literals: Vec<String> = Vec::new();
    let (mut depth, mut start) = (0, 0);
    for (index, c) in inner.char_indices() {
        match c {
            '[' => depth += 1,
            ']' => depth -= 1,
            ',' if depth == 0 => {
                literals.push(literal(&inner[start..index]));
                start = index + 1;
            }
            _ => {}
        }
    }
    literals.push(literal(&inner[start..]));
    let mut spelled = sql.to_owned();
    for (index, value) in literals.iter().enumerate().rev() {
        spelled = spelled.replace(&format!("${}", index + 1), value);
    }
    // A statement has either numbered places or question marks.
    for value in &literals {
        spelled = spelled.replacen('?', value, 1);
    }
    spelled
}

#[derive(QueryableByName)]
struct Step {
    #[diesel(sql_type = diesel::sql_types::Text)]
    detail: String,
}

#[derive(QueryableByName)]
struct Plan {
    #[diesel(sql_type = diesel::sql_types::Text)]
    plan: String,
}

/// How SQLite goes about a statement.
pub fn steps(archive: &Archive, statement: &str) -> Vec<String> {
    let sql = format!("EXPLAIN QUERY PLAN {}", spelled_out(statement));
    let steps: Vec<Step> = archive
        .db
        .read_blocking(|conn| Ok(diesel::sql_query(sql).load(conn)?))
        .unwrap();
    steps.into_iter().map(|step| step.detail).collect()
}

/// How many rows PostgreSQL looked at for a statement: found or not, in every table and index.
pub fn rows_examined(archive: &Archive, statement: &str) -> f64 {
    let query =
        diesel::sql_query("SELECT explained($1) AS plan").bind::<diesel::sql_types::Text, _>(spelled_out(statement));
    let plan: Plan = archive
        .db
        .read_blocking(|conn: &mut Conn| Ok(query.get_result(conn)?))
        .unwrap();
    let plan: Value = serde_json::from_str(&plan.plan).unwrap();
    rows_of(&plan[0]["Plan"])
}

/// The rows that a page may look at: 50 for each that it shows.
#[track_caller]
pub fn check_page(archive: &Archive, what: &str, statements: &[String]) {
    if archive.db.is_sqlite() {
        for statement in statements {
            for step in steps(archive, statement) {
                // Every step looks its rows up in an index, in their order; what is walked is walked as far as its LIMIT.
                let is_ours = step.starts_with("SCAN t") || step.starts_with("SCAN (") || step.starts_with("SCAN u");
                assert!(is_ours || !step.starts_with("SCAN"), "{what}: {step}\n{statement}");
                assert!(!step.contains("TEMP B-TREE"), "{what}: {step}\n{statement}");
            }
        }
    } else {
        let rows: f64 = statements
            .iter()
            .map(|statement| rows_examined(archive, statement))
            .sum();
        assert!(rows <= (50 * LIMIT) as f64, "{what}: {rows} rows\n{statements:#?}");
    }
}
