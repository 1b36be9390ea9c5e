//! The lists of a page: from the site's settings to places where articles are looked for, and from
//! what is found there to JSON.

use std::collections::HashMap;

use serde::Serialize;
use utoipa::ToSchema;

use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::ids::{ArticleId, SectionId};
use crate::base::key::Key;
use crate::published::most_read::MostReadWindow;
use crate::published::pressed::CardTag;
use crate::published::{AnswerContext, AnswerJson, Card, NewestOf, PublishedArticle};
use crate::site::page_lists::{PageList, PageListSource};
use crate::site::sections::model::SectionRef;
use crate::site::tags;

/// A list of a page.
#[derive(Serialize, ToSchema)]
#[schema(as = ShownPageList)]
pub struct ShownPageList {
    /// What front ends know it by. A setting that makes a list for each of several sections or tags gives all of them
    /// its key.
    pub key: Key,
    /// What it says above it, in the page's language.
    pub label: Option<String>,
    /// Which articles it shows.
    pub source: PageListSource,
    /// The section whose articles it shows.
    pub section: Option<SectionRef>,
    /// The tag whose articles it shows.
    pub tag: Option<CardTag>,
    /// The cards.
    #[schema(max_items = 20)]
    pub items: Vec<Card>,
}

/// A list without its cards: the part of the JSON before them.
#[derive(Serialize)]
struct PageListHead {
    key: Key,
    label: Option<String>,
    source: PageListSource,
    section: Option<SectionRef>,
    tag: Option<CardTag>,
}

/// Sections or tags for which one setting makes lists at most.
const MAX_LISTS_PER_SETTING: usize = 30;

/// A list that is to be filled.
pub struct PlannedList {
    head: PageListHead,
    /// Where its articles are looked for; `None` for what is related to the page's own article.
    lookup: Option<NewestOf>,
    limit: usize,
}

/// Whose page it is.
#[derive(Clone, Copy, Default)]
pub struct PageSubject {
    /// The page's section, or its article's.
    pub section: Option<SectionId>,
    /// The page's article, which is in none of its lists.
    pub article: Option<ArticleId>,
}

/// Every list of a page, in the order of the settings.
pub fn plan_lists(
    conn: &mut Conn,
    setting: &AnswerContext<'_>,
    locale: &str,
    lists: &[PageList],
    own: PageSubject,
) -> Result<Vec<PlannedList>> {
    let by_tag = lists.iter().filter(|list| list.source == PageListSource::Tags);
    let tag_ids: Vec<_> = by_tag.flat_map(|list| list.tag_ids.clone()).collect();
    let known = tags::store::get_many(conn, &tag_ids)?;
    let planned = lists.iter().flat_map(|list| {
        let head = |section, tag| PageListHead {
            key: list.key.clone(),
            label: list.label_in(locale).cloned(),
            source: list.source,
            section,
            tag,
        };
        let planned = |head: PageListHead, lookup: Option<NewestOf>| PlannedList {
            head,
            lookup,
            limit: usize::try_from(list.limit).unwrap_or(1),
        };
        let of_sections = |ids: &[SectionId]| -> Vec<PlannedList> {
            let reference = |id: &SectionId| setting.frame.tree.reference(&setting.frame.site, *id, locale);
            let sections = ids.iter().filter_map(reference).take(MAX_LISTS_PER_SETTING);
            let list = |section: SectionRef| {
                let lookup = NewestOf::Section(section.id);
                planned(head(Some(section), None), Some(lookup))
            };
            sections.map(list).collect()
        };
        let tree = &setting.frame.tree;
        match list.source {
            PageListSource::Latest if list.section_ids.is_empty() => {
                vec![planned(head(None, None), Some(NewestOf::Site))]
            }
            PageListSource::Latest => of_sections(&list.section_ids),
            PageListSource::TopSections => of_sections(tree.children_of(None)),
            PageListSource::Subsections => own
                .section
                .map_or_else(Vec::new, |id| of_sections(tree.children_of(Some(id)))),
            PageListSource::SameSection => own.section.map_or_else(Vec::new, |id| of_sections(&[id])),
            PageListSource::Featured => vec![planned(head(None, None), Some(NewestOf::Featured))],
            PageListSource::Breaking => vec![planned(head(None, None), Some(NewestOf::Breaking))],
            PageListSource::Related => vec![planned(head(None, None), None)],
            PageListSource::MostRead => {
                let lookup = NewestOf::MostRead(MostReadWindow::Day, None);
                vec![planned(head(None, None), Some(lookup))]
            }
            PageListSource::Tags => {
                let tag = |id| known.iter().find(|tag: &&tags::Tag| tag.id == id);
                let tags = list.tag_ids.iter().filter_map(|id| tag(*id));
                let list = |tag: &tags::Tag| {
                    let card = CardTag::new(tag, &setting.frame.site, locale);
                    planned(head(None, Some(card)), Some(NewestOf::Tag(tag.id)))
                };
                tags.map(list).collect()
            }
        }
    });
    Ok(planned.collect())
}

/// Where the articles of these lists are looked for, one more for each list than it shows: the page's own article may
/// be found, and is left out.
pub fn lookups(lists: &[PlannedList]) -> Vec<(NewestOf, i64)> {
    let lookup = |list: &PlannedList| Some((list.lookup?, i64::try_from(list.limit + 1).unwrap_or(i64::MAX)));
    lists.iter().filter_map(lookup).collect()
}

impl PlannedList {
    /// The ids that the list shows, from what the lookups found.
    pub fn ids(&self, newest: &HashMap<NewestOf, Vec<(ArticleId, i64)>>, own: PageSubject) -> Vec<ArticleId> {
        let found = self.lookup.and_then(|lookup| newest.get(&lookup)).into_iter().flatten();
        let others = found.map(|(id, _)| *id).filter(|id| Some(*id) != own.article);
        others.take(self.limit).collect()
    }

    /// Appends the list to a page.
    ///
    /// # Errors
    /// 500 when it cannot be written as JSON.
    pub fn push<'l>(
        &self,
        composed: &mut AnswerJson,
        setting: &AnswerContext<'_>,
        cards: impl IntoIterator<Item = &'l PublishedArticle>,
    ) -> Result<()> {
        composed.open_object(&self.head)?;
        composed.cards_member(setting, "items", cards.into_iter().take(self.limit));
        composed.close();
        Ok(())
    }

    /// Whether it shows what is related to the page's own article.
    pub fn is_related(&self) -> bool {
        self.lookup.is_none()
    }
}
