//! Who changed which members of an editable thing, at which version: what the answer to a stale `If-Match` (412)
//! reports. Rows are small, and kept until the thing is deleted.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::db::schema::{edits, users};
use crate::base::error::{Code, Error, Result};
use crate::base::http::conditional::{IfMatch, etag};
use crate::base::http::problem::{Change, ChangeAuthor, ChangeSummary};
use crate::base::ids::UserId;
use crate::base::limits;
use crate::insert_each;

/// The kinds of editable things.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EditableKind {
    /// An article's working copy.
    Article,
    /// A section.
    Section,
    /// A tag.
    Tag,
    /// A contributor.
    Contributor,
    /// A redirect.
    Redirect,
    /// A user.
    User,
    /// A note on an article.
    ArticleNote,
    /// A word list.
    WordList,
    /// A sanction.
    Sanction,
    /// The site's settings.
    Site,
    /// A menu.
    Menu,
    /// An ad slot.
    AdSlot,
    /// A package of articles.
    Package,
    /// A webhook.
    Webhook,
}

impl EditableKind {
    /// Its name in rows.
    pub fn key(self) -> &'static str {
        match self {
            Self::Article => "article",
            Self::Section => "section",
            Self::Tag => "tag",
            Self::Contributor => "contributor",
            Self::Redirect => "redirect",
            Self::User => "user",
            Self::ArticleNote => "article_note",
            Self::WordList => "word_list",
            Self::Sanction => "sanction",
            Self::Site => "site",
            Self::Menu => "menu",
            Self::AdSlot => "ad_slot",
            Self::Package => "package",
            Self::Webhook => "webhook",
        }
    }
}

/// Notes that `user` made `version` by changing `fields`.
pub fn record(
    conn: &mut Conn,
    kind: EditableKind,
    id: &str,
    version: i64,
    user: Option<UserId>,
    fields: &[&str],
    now: Time,
) -> Result<()> {
    diesel::insert_into(edits::table)
        .values((
            edits::kind.eq(kind.key()),
            edits::target_id.eq(id),
            edits::version.eq(version),
            edits::user_id.eq(user.map(|user| user.to_string())),
            edits::fields.eq(json!(fields).to_string()),
            edits::at.eq(now),
        ))
        .execute(conn)?;
    Ok(())
}

/// Notes that `fields` of several things changed without a user's edit; `changed` is each thing's id and its new
/// version.
pub fn record_all(
    conn: &mut Conn,
    kind: EditableKind,
    changed: &[(&str, i64)],
    fields: &[&str],
    now: Time,
) -> Result<()> {
    let fields = json!(fields).to_string();
    let row = |(id, version): &(&str, i64)| {
        (
            edits::kind.eq(kind.key()),
            edits::target_id.eq((*id).to_owned()),
            edits::version.eq(*version),
            edits::fields.eq(fields.clone()),
            edits::at.eq(now),
        )
    };
    let rows: Vec<_> = changed.iter().map(row).collect();
    Ok(insert_each!(conn, edits::table, rows)?)
}

/// Checks that the client read the current version; `shown` is what the thing is now, as clients see it.
///
/// # Errors
/// 412 `stale_version` with the current ETag, what was changed since, by whom, and what those members hold now.
pub fn check<T: Serialize>(
    conn: &mut Conn,
    if_match: IfMatch,
    (kind, id, current): (EditableKind, &str, i64),
    shown: impl FnOnce(&mut Conn) -> Result<T>,
) -> Result<()> {
    if if_match.version == Some(current) {
        return Ok(());
    }
    let since = since(conn, kind, id, if_match.version.unwrap_or(0))?;
    let shown = serde_json::to_value(shown(conn)?).map_err(Error::internal)?;
    let fields = since.summary.as_ref().map_or(&[][..], |summary| &summary.fields);
    let values = present_values(shown, fields);
    Err(Error::new(Code::StaleVersion)
        .header("ETag", etag(current))
        .extra("current_etag", etag(current))
        .extra("changes", json!(since.changes))
        .extra("change_summary", json!(since.summary))
        .extra("current_values", values))
}

/// The values of these members, as many as an answer has room for; of blocks the ids.
fn present_values(mut shown: Value, fields: &[String]) -> Map<String, Value> {
    let mut values = Map::new();
    let mut left = limits::CURRENT_VALUES_BYTES;
    for name in fields {
        let Some(mut value) = shown.get_mut(name).map(Value::take) else {
            continue;
        };
        if name == "blocks"
            && let Value::Array(blocks) = &mut value
        {
            blocks.iter_mut().for_each(|block| *block = block["id"].take());
        }
        if let Some(rest) = left.checked_sub(value.to_string().len()) {
            left = rest;
            values.insert(name.clone(), value);
        }
    }
    values
}

/// What was changed in a thing after one of its versions.
pub struct ChangesSince {
    /// The newest [`MAX_LISTED_CHANGES`] changes, the oldest first.
    pub changes: Vec<Change>,
    /// All these changes, summed up; `None` where there are none.
    pub summary: Option<ChangeSummary>,
}

/// At most this many changes are listed one by one.
const MAX_LISTED_CHANGES: i64 = 50;

/// What was changed in a thing since `version`, and by whom.
pub fn since(conn: &mut Conn, kind: EditableKind, id: &str, version: i64) -> Result<ChangesSince> {
    let mut rows: Vec<(i64, String, Option<String>, Time)> = edits::table
        .filter(edits::kind.eq(kind.key()))
        .filter(edits::target_id.eq(id))
        .filter(edits::version.gt(version))
        .order(edits::version.desc())
        .limit(MAX_LISTED_CHANGES)
        .select((edits::version, edits::fields, edits::user_id, edits::at))
        .load(conn)?;
    rows.reverse();
    let is_all = i64::try_from(rows.len()).unwrap_or(MAX_LISTED_CHANGES) < MAX_LISTED_CHANGES;
    let sum = if is_all {
        let acts = rows.iter().map(|(_, fields, user, _)| (fields.clone(), user.clone()));
        (i64::try_from(rows.len()).unwrap_or(MAX_LISTED_CHANGES), acts.collect())
    } else {
        totals_since(conn, kind, id, version)?
    };
    let users = names(conn, &sum.1)?;
    let change = |(version, fields, user_id, at): (i64, String, Option<String>, Time)| Change {
        version,
        fields: names_of(&fields),
        user_name: user_id.as_ref().and_then(|id| users.get(id).cloned()),
        user_id,
        at,
    };
    Ok(ChangesSince {
        changes: rows.into_iter().map(change).collect(),
        summary: summary(sum, &users),
    })
}

/// How many changes there were, and which members were changed by whom, without when.
type ChangeTotals = (i64, Vec<(String, Option<String>)>);

/// How many changes there were, and each distinct pair of changed members and user once: a text that three people saved
/// ten thousand times gives a few rows.
fn totals_since(conn: &mut Conn, kind: EditableKind, id: &str, version: i64) -> Result<ChangeTotals> {
    let rows = || {
        edits::table
            .filter(edits::kind.eq(kind.key()))
            .filter(edits::target_id.eq(id.to_owned()))
            .filter(edits::version.gt(version))
    };
    let count = rows().count().get_result(conn)?;
    let acts = rows().select((edits::fields, edits::user_id)).distinct().load(conn)?;
    Ok((count, acts))
}

fn names(conn: &mut Conn, acts: &[(String, Option<String>)]) -> Result<BTreeMap<String, String>> {
    let ids: BTreeSet<String> = acts.iter().filter_map(|(_, user)| user.clone()).collect();
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let named = users::table.filter(users::id.eq_any(ids));
    let rows: Vec<(String, String)> = named.select((users::id, users::name)).load(conn)?;
    Ok(rows.into_iter().collect())
}

fn summary((count, acts): ChangeTotals, users: &BTreeMap<String, String>) -> Option<ChangeSummary> {
    let fields: BTreeSet<String> = acts.iter().flat_map(|(fields, _)| names_of(fields)).collect();
    let authors: BTreeSet<&Option<String>> = acts.iter().map(|(_, user)| user).collect();
    let author = |user_id: &Option<String>| ChangeAuthor {
        user_name: user_id.as_ref().and_then(|id| users.get(id).cloned()),
        user_id: user_id.clone(),
    };
    (count > 0).then(|| ChangeSummary {
        count,
        fields: fields.into_iter().collect(),
        users: authors.into_iter().map(author).collect(),
    })
}

fn names_of(fields: &str) -> Vec<String> {
    serde_json::from_str(fields).unwrap_or_default()
}

/// Forgets the changes of a thing that is deleted.
pub fn forget(conn: &mut Conn, kind: EditableKind, id: &str) -> Result<()> {
    let rows = edits::table
        .filter(edits::kind.eq(kind.key()))
        .filter(edits::target_id.eq(id));
    diesel::delete(rows).execute(conn)?;
    Ok(())
}
