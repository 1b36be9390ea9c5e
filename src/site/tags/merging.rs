//! Tags that became another: what names one of them means the other.

use std::collections::HashMap;

use diesel::prelude::*;

use super::Tag;
use super::store::{self, get_many};
use crate::base::clock::Time;
use crate::base::db::schema::{merged_tags, tags};
use crate::base::db::{Conn, OnReference, outdate};
use crate::base::error::{Code, Error, Result};
use crate::base::ids::TagId;
use crate::base::surrogate_key::SurrogateKey;
use crate::site::menus::MenuItem;
use crate::site::page_lists::PageLists;
use crate::site::paths::{self, PathKind, PathTarget};
use crate::site::settings::Site;

/// The ids with each tag that became another as that other, in their order and each once.
pub fn current(conn: &mut Conn, ids: &[TagId]) -> Result<Vec<TagId>> {
    let known: Vec<TagId> = get_many(conn, ids)?.into_iter().map(|tag| tag.id).collect();
    if known.len() == ids.len() {
        return Ok(known);
    }
    let merged: HashMap<TagId, TagId> = merged_tags::table
        .filter(merged_tags::id.eq_any(ids))
        .select((merged_tags::id, merged_tags::into_id))
        .load(conn)?
        .into_iter()
        .collect();
    // One that is about to become another is still itself.
    let gone = |id: &TagId| merged.get(id).filter(|_| !known.contains(id));
    let renamed = ids.iter().map(|id| gone(id).unwrap_or(id));
    Ok(renamed.fold(Vec::new(), |mut current, id| {
        if !current.contains(id) {
            current.push(*id);
        }
        current
    }))
}

/// Notes that a tag is to become another; both are locked. A merge of it that is not under way any more was given up.
///
/// # Errors
/// 409 `tag_merging` where, of those under way, one is of either tag, or makes another tag the first.
pub fn begin(conn: &mut Conn, from: TagId, into: TagId, under_way: &[TagId]) -> Result<()> {
    let concerned = merged_tags::id.eq_any([from, into]).or(merged_tags::into_id.eq(from));
    let busy = merged_tags::table
        .filter(concerned)
        .filter(merged_tags::id.eq_any(under_way));
    let busy: Option<TagId> = busy.select(merged_tags::id).first(conn).optional()?;
    if busy.is_some() {
        return Err(Error::new(Code::TagMerging));
    }
    diesel::delete(merged_tags::table.find(from)).execute(conn)?;
    // What became the first one is from now on the second.
    diesel::update(merged_tags::table.filter(merged_tags::into_id.eq(from)))
        .set(merged_tags::into_id.eq(into))
        .execute(conn)?;
    diesel::insert_into(merged_tags::table)
        .values((merged_tags::id.eq(from), merged_tags::into_id.eq(into)))
        .execute(conn)?;
    Ok(())
}

/// Takes away a tag that no article carries any more; its paths lead to the other's.
///
/// # Errors
/// 409 `tag_merging` where an article was given it at this moment.
pub fn finish(conn: &mut Conn, site: &Site, from: &Tag, into: &Tag, now: Time) -> Result<()> {
    outdate([
        SurrogateKey::Tags,
        SurrogateKey::Tag(from.id),
        SurrogateKey::Tag(into.id),
    ]);
    diesel::delete(tags::table.find(from.id))
        .execute(conn)
        .on_reference(|| Error::new(Code::TagMerging))?;
    // After its row, so that the change feed tells the redirects behind the deletion.
    for locale in &site.locales {
        let target = PathTarget {
            kind: PathKind::Tag,
            id: from.id.as_str(),
            locale,
        };
        paths::retire(conn, target, Some(&into.path(site, locale)), now)?;
    }
    Ok(())
}

/// The two tags, locked in the order of their ids.
///
/// # Errors
/// 404.
pub fn get_both_locked(conn: &mut Conn, from: TagId, into: TagId) -> Result<(Tag, Tag)> {
    if from < into {
        let from = store::get_locked(conn, from)?;
        Ok((from, store::get_locked(conn, into)?))
    } else {
        let into = store::get_locked(conn, into)?;
        Ok((store::get_locked(conn, from)?, into))
    }
}

/// The ids with one tag in the place of another, each once; `None` where it is not among them.
pub fn replaced(ids: &[TagId], from: TagId, into: TagId) -> Option<Vec<TagId>> {
    ids.contains(&from).then(|| {
        let is_there = ids.contains(&into);
        let renamed = ids.iter().map(|id| if *id == from { into } else { *id });
        let kept = renamed.zip(ids).filter(|(_, id)| !(is_there && **id == from));
        kept.map(|(id, _)| id).collect()
    })
}

/// The lists of pages with one tag in the place of another; `None` where none names it.
pub fn replaced_in_lists(lists: &PageLists, from: TagId, into: TagId) -> Option<PageLists> {
    let mut changed = lists.clone();
    let mut found = false;
    for list in changed.each_mut() {
        if let Some(ids) = replaced(&list.tag_ids, from, into) {
            list.tag_ids = ids;
            found = true;
        }
    }
    found.then_some(changed)
}

/// The items of a menu with one tag in the place of another; `None` where none leads to it.
pub fn replaced_in_menu(items: &[MenuItem], from: TagId, into: TagId) -> Option<Vec<MenuItem>> {
    let mut changed = items.to_vec();
    lead_elsewhere(&mut changed, from, into).then_some(changed)
}

fn lead_elsewhere(items: &mut [MenuItem], from: TagId, into: TagId) -> bool {
    let mut found = false;
    for item in items {
        if item.target() == Some(from.as_str()) {
            item.target_id = Some(into.to_string());
            found = true;
        }
        found |= lead_elsewhere(&mut item.children, from, into);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_takes_the_place_of_another_and_stands_there_once() {
        let [from, into, other] = [(); 3].map(|()| TagId::new());
        for (ids, expected) in [
            (vec![other], None),
            (vec![from], Some(vec![into])),
            (vec![from, other], Some(vec![into, other])),
            (vec![other, from, into], Some(vec![other, into])),
            (vec![into, from, other], Some(vec![into, other])),
        ] {
            assert_eq!(replaced(&ids, from, into), expected, "{ids:?}");
        }
    }
}
