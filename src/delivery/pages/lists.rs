//! The lists of a page: from the site's settings to places where articles are looked for, from what is found there to
//! what each list shows, and to JSON.
//!
//! No story stands twice on a page. The page's own list claims its stories first, then each list in the order of the
//! settings leaves out what stands above it, and is filled up from behind. So more is looked for than is shown.

use std::collections::{HashMap, HashSet};

use serde::Serialize;

use super::phrases;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::ids::{ArticleId, SectionId};
use crate::base::key::Key;
use crate::published::most_read::MostReadWindow;
use crate::published::pressed::CardTag;
use crate::published::{AnswerContext, AnswerJson, NewestOf, PlacedIds, PublishedArticle};
use crate::site::page_lists::{ListDedupe, PageList, PageListSource};
use crate::site::sections::model::SectionRef;
use crate::site::tags;

/// A list without its articles: the part of the JSON before them.
#[derive(Serialize)]
struct PageListHead {
    key: Key,
    label: String,
    source: PageListSource,
    section: Option<SectionRef>,
    tag: Option<CardTag>,
}

/// Sections or tags for which one setting makes lists at most.
const MAX_LISTS_PER_SETTING: usize = 30;

/// How far behind what it shows a list looks at most for stories that stand nowhere above it.
const FILL_REACH: usize = 200;

/// Where the articles of a list are looked for.
#[derive(Clone, Copy)]
enum PlannedSource {
    Newest(NewestOf),
    /// Among what is related to the page's own article.
    Related,
}

/// A list that is to be filled.
pub struct PlannedList {
    head: PageListHead,
    source: PlannedSource,
    limit: usize,
    dedupe: ListDedupe,
    is_shown_empty: bool,
}

/// Whose page it is.
#[derive(Clone, Copy, Default)]
pub struct PageSubject {
    /// The page's section, or its article's.
    pub section: Option<SectionId>,
    /// The page's article, which is in none of its lists.
    pub article: Option<ArticleId>,
}

/// Plans the lists of one setting.
struct ListPlanner<'p> {
    setting: &'p AnswerContext<'p>,
    locale: &'p str,
    own: PageSubject,
    tags: Vec<tags::Tag>,
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
    let planner = ListPlanner {
        setting,
        locale,
        own,
        tags: tags::store::get_many(conn, &tag_ids)?,
    };
    Ok(lists.iter().flat_map(|list| planner.plan(list)).collect())
}

impl ListPlanner<'_> {
    fn plan(&self, list: &PageList) -> Vec<PlannedList> {
        let tree = &self.setting.frame.tree;
        let newest = |of| vec![self.list(list, PlannedSource::Newest(of), None, None)];
        match list.source {
            PageListSource::Latest if list.section_ids.is_empty() => newest(NewestOf::Site),
            PageListSource::Latest => self.of_sections(list, &list.section_ids),
            PageListSource::TopSections => self.of_sections(list, tree.children_of(None)),
            PageListSource::Subsections => match self.own.section {
                Some(id) => self.of_sections(list, tree.children_of(Some(id))),
                None => Vec::new(),
            },
            PageListSource::SameSection => self.of_sections(list, self.own.section.as_slice()),
            PageListSource::Featured => newest(NewestOf::Featured),
            PageListSource::Breaking => newest(NewestOf::Breaking),
            PageListSource::MostRead => newest(NewestOf::MostRead(MostReadWindow::Day, None)),
            PageListSource::Related => vec![self.list(list, PlannedSource::Related, None, None)],
            PageListSource::Tags => self.of_tags(list),
        }
    }

    fn of_sections(&self, list: &PageList, ids: &[SectionId]) -> Vec<PlannedList> {
        let frame = self.setting.frame;
        let sections = ids
            .iter()
            .filter_map(|id| frame.tree.reference(&frame.site, *id, self.locale));
        let planned = |section: SectionRef| {
            let source = PlannedSource::Newest(NewestOf::Section(section.id));
            self.list(list, source, Some(section), None)
        };
        sections.take(MAX_LISTS_PER_SETTING).map(planned).collect()
    }

    fn of_tags(&self, list: &PageList) -> Vec<PlannedList> {
        let known = |id| self.tags.iter().find(|tag| tag.id == id);
        let tags = list.tag_ids.iter().filter_map(|id| known(*id));
        let planned = |tag: &tags::Tag| {
            let card = CardTag::new(tag, &self.setting.frame.site, self.locale);
            self.list(list, PlannedSource::Newest(NewestOf::Tag(tag.id)), None, Some(card))
        };
        tags.map(planned).collect()
    }

    fn list(
        &self,
        list: &PageList,
        source: PlannedSource,
        section: Option<SectionRef>,
        tag: Option<CardTag>,
    ) -> PlannedList {
        let of_section = section.as_ref().map(|section| &section.label);
        let own = list
            .label_in(self.locale)
            .or(of_section)
            .or(tag.as_ref().map(|tag| &tag.label));
        let label = own.cloned();
        PlannedList {
            head: PageListHead {
                key: list.key.clone(),
                label: label.unwrap_or_else(|| phrases::list_label(list.source, self.locale).to_owned()),
                source: list.source,
                section,
                tag,
            },
            source,
            limit: usize::try_from(list.limit).unwrap_or(1),
            dedupe: list.dedupe,
            is_shown_empty: list.is_shown_empty,
        }
    }
}

/// How far behind what they show the lists of a page look for stories that stand nowhere above them.
#[derive(Clone, Copy)]
pub enum ListReach<'r> {
    /// As far as is mostly enough, where so many of the stories in the page's own list, by their sections, stand above.
    Near(&'r dyn Fn(SectionId) -> usize),
    /// As far as a list may need: a story behind for each that may stand above it, up to [`FILL_REACH`].
    Full,
}

/// How many stories behind what it shows a list looks at near, beside those that are known to stand above it.
const NEAR_REACH: usize = 6;

/// Where the articles of these lists are looked for, and how many of them. `claimed` is how many the page's own list
/// shows.
pub fn lookups(lists: &[PlannedList], claimed: usize, reach: ListReach<'_>) -> Vec<(NewestOf, i64)> {
    // The page's own article stands above all of them.
    let mut above = claimed + 1;
    let mut lookups = Vec::new();
    for list in lists {
        if let PlannedSource::Newest(of) = list.source {
            let behind = match (reach, of) {
                (ListReach::Full, _) | (_, NewestOf::Site) => FILL_REACH,
                (ListReach::Near(claimed_in), NewestOf::Section(id)) => claimed_in(id) + NEAR_REACH,
                (ListReach::Near(_), _) => NEAR_REACH,
            };
            let limit = list.limit + above.min(behind);
            lookups.push((of, i64::try_from(limit).unwrap_or(i64::MAX)));
        }
        above += list.limit;
    }
    lookups
}

/// Whether one of these lists shows what is related to the page's article.
pub fn shows_related(lists: &[PlannedList]) -> bool {
    lists.iter().any(|list| matches!(list.source, PlannedSource::Related))
}

/// Leaves out the lists that show what is related to the page's article.
pub fn drop_related(lists: &mut Vec<PlannedList>) {
    lists.retain(|list| !matches!(list.source, PlannedSource::Related));
}

/// What may stand in the lists of a page.
pub struct ListCandidates {
    /// What was looked for.
    pub asked: Vec<(NewestOf, i64)>,
    /// What was found.
    pub newest: FoundPlaces,
    /// What is related to the page's article, the nearest first.
    pub related: Vec<ArticleId>,
    /// The page's own article.
    pub own: Option<ArticleId>,
}

type FoundPlaces = HashMap<NewestOf, PlacedIds>;

/// A list with what it shows.
pub struct FilledList {
    head: PageListHead,
    /// The articles that it shows.
    pub ids: Vec<ArticleId>,
}

/// Fills the lists in their order. `claimed` stands above them. Where what was found does not fill a list, `look` looks
/// further: for the lists that are not full, then for all, as far as they may need.
///
/// # Errors
/// Those of `look`.
pub fn fill(
    lists: Vec<PlannedList>,
    mut found: ListCandidates,
    claimed: &[ArticleId],
    mut look: impl FnMut(&[(NewestOf, i64)]) -> Result<FoundPlaces>,
) -> Result<Vec<FilledList>> {
    let mut chosen = choose(&lists, &found, claimed);
    for is_last in [false, true] {
        let short = short_places(&lists, &found, &chosen);
        if short.is_empty() {
            break;
        }
        let mut further = lookups(&lists, claimed.len(), ListReach::Full);
        further.retain(|(of, limit)| (is_last || short.contains(of)) && *limit > found.asked_of(*of));
        if further.is_empty() {
            break;
        }
        found.newest.extend(look(&further)?);
        found.asked.extend(further);
        chosen = choose(&lists, &found, claimed);
    }
    let filled = lists.into_iter().zip(chosen);
    let shown = filled.filter(|(list, ids)| !ids.is_empty() || list.is_shown_empty);
    Ok(shown.map(|(list, ids)| FilledList { head: list.head, ids }).collect())
}

impl ListCandidates {
    /// How many articles of a place were asked for.
    fn asked_of(&self, of: NewestOf) -> i64 {
        let asked = self.asked.iter().filter(|(place, _)| *place == of);
        asked.map(|(_, limit)| *limit).max().unwrap_or(0)
    }
}

/// What each list shows of what was found.
fn choose(lists: &[PlannedList], found: &ListCandidates, claimed: &[ArticleId]) -> Vec<Vec<ArticleId>> {
    let mut above: HashSet<ArticleId> = claimed.iter().copied().collect();
    let mut chosen = Vec::new();
    for list in lists {
        let is_free = |id: &ArticleId| {
            let is_repeated = list.dedupe == ListDedupe::Page && above.contains(id);
            Some(*id) != found.own && !is_repeated
        };
        let ids: Vec<ArticleId> = match list.source {
            PlannedSource::Newest(of) => {
                let placed = found.newest.get(&of).into_iter().flat_map(|placed| placed.iter());
                let ids = placed.map(|(id, _)| *id);
                ids.filter(is_free).take(list.limit).collect()
            }
            PlannedSource::Related => {
                let ids = found.related.iter().copied();
                ids.filter(is_free).take(list.limit).collect()
            }
        };
        above.extend(&ids);
        chosen.push(ids);
    }
    chosen
}

/// The places of lists that are not full, though they may hold more than was asked for.
fn short_places(lists: &[PlannedList], found: &ListCandidates, chosen: &[Vec<ArticleId>]) -> Vec<NewestOf> {
    let is_cut = |of: NewestOf| {
        let count = found.newest.get(&of).map_or(0, |placed| placed.len());
        i64::try_from(count).is_ok_and(|count| count >= found.asked_of(of))
    };
    let short = lists.iter().zip(chosen).filter_map(|(list, ids)| match list.source {
        PlannedSource::Newest(of) if ids.len() < list.limit && is_cut(of) => Some(of),
        _ => None,
    });
    short.collect()
}

/// Appends the lists to a page.
///
/// # Errors
/// 500 when one cannot be written as JSON.
pub fn push_lists(
    page: &mut AnswerJson,
    setting: &AnswerContext<'_>,
    lists: &[FilledList],
    articles: &HashMap<ArticleId, PublishedArticle>,
) -> Result<()> {
    page.json.push_str(",\"lists\":[");
    for (index, list) in lists.iter().enumerate() {
        if index > 0 {
            page.json.push(',');
        }
        page.open_object(&list.head)?;
        page.cards_member(setting, "items", list.ids.iter().filter_map(|id| articles.get(id)));
        page.close();
    }
    page.json.push(']');
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn planned(source: PlannedSource, limit: usize, dedupe: ListDedupe, is_shown_empty: bool) -> PlannedList {
        PlannedList {
            head: PageListHead {
                key: Key::parse("a").unwrap(),
                label: String::new(),
                source: PageListSource::Latest,
                section: None,
                tag: None,
            },
            source,
            limit,
            dedupe,
            is_shown_empty,
        }
    }

    /// Stories by number.
    fn stories() -> Vec<ArticleId> {
        (0..60).map(|_| ArticleId::new()).collect()
    }

    type PlaceStories = Vec<usize>;
    type ListChoice = (usize, usize, bool, bool);

    /// Which stories stand in which of four places, and lists: of a place (the fifth is what is related), how long,
    /// whether they repeat, whether they are shown empty.
    fn pages() -> impl Strategy<Value = (Vec<PlaceStories>, PlaceStories, Vec<ListChoice>, usize)> {
        let place = || prop::sample::subsequence((0..60).collect::<Vec<usize>>(), 0..60);
        let list = (0_usize..5, 1_usize..21, any::<bool>(), any::<bool>());
        (
            prop::collection::vec(place(), 4),
            place(),
            prop::collection::vec(list, 0..8),
            0_usize..20,
        )
    }

    proptest! {
        #[test]
        fn each_list_is_full_of_what_stands_nowhere_above_it((places, related, lists, claimed) in pages()) {
            let ids = stories();
            let of = [NewestOf::Site, NewestOf::Featured, NewestOf::Section(SectionId::new()), NewestOf::Section(SectionId::new())];
            let plan = || -> Vec<PlannedList> {
                let list = |(place, limit, repeats, empty): &ListChoice| {
                    let source = of.get(*place).map_or(PlannedSource::Related, |of| PlannedSource::Newest(*of));
                    let dedupe = if *repeats { ListDedupe::None } else { ListDedupe::Page };
                    planned(source, *limit, dedupe, *empty)
                };
                lists.iter().map(list).collect()
            };
            let numbered = |numbers: &PlaceStories| -> Vec<ArticleId> { numbers.iter().map(|number| ids[*number]).collect() };
            let (related, above) = (numbered(&related), &ids[..claimed]);
            // What the database gives: of each place no more than was asked for.
            let look = |asked: &[(NewestOf, i64)]| -> FoundPlaces {
                let limit_of = |of| asked.iter().filter(|(place, _)| *place == of).map(|(_, limit)| *limit).max();
                let found = |(of, numbers): (&NewestOf, &PlaceStories)| {
                    let limit = usize::try_from(limit_of(*of)?).unwrap();
                    Some((*of, numbered(numbers).into_iter().take(limit).map(|id| (id, 0)).collect()))
                };
                of.iter().zip(&places).filter_map(found).collect()
            };
            let own = Some(ids[59]);
            let asked = lookups(&plan(), claimed, ListReach::Near(&|_| 0));
            let found = ListCandidates { newest: look(&asked), asked, related: related.clone(), own };
            let mut looks = 0;
            let filled = fill(plan(), found, above, |further| {
                looks += 1;
                Ok(look(further))
            });
            let mut filled = filled.unwrap().into_iter();
            prop_assert!(looks <= 2);

            let mut shown: Vec<ArticleId> = above.to_vec();
            for (place, limit, repeats, empty) in lists {
                let all = places.get(place).map_or_else(|| related.clone(), numbered);
                let free = all.into_iter().filter(|id| Some(*id) != own && (repeats || !shown.contains(id)));
                let expected: Vec<ArticleId> = free.take(limit).collect();
                shown.extend(&expected);
                if !expected.is_empty() || empty {
                    prop_assert_eq!(filled.next().map(|list| list.ids), Some(expected));
                }
            }
            prop_assert!(filled.next().is_none());
        }
    }
}
