//! Related articles: first those that an editor chose, then those that share most tags, then those in the same
//! section; among equals the newest first. Never the article itself, and only what readers see.

pub mod endpoints;

use std::collections::HashMap;

use crate::base::ids::{ArticleId, SectionId};
use crate::body::outline::Outline;
use crate::published::{NewestOf, PlacedIds};

/// Tags that are looked at: the first ones matter most.
const TAGS: usize = 10;

/// Articles looked at with each tag and in the section.
const CANDIDATES: i64 = 30;

/// Where related articles are looked for.
pub fn lookups(outline: &Outline, section: SectionId) -> Vec<(NewestOf, i64)> {
    let tags = outline.tag_ids.iter().take(TAGS);
    let lookups = tags.map(|id| NewestOf::Tag(*id)).chain([NewestOf::Section(section)]);
    let chosen = outline.related.iter().map(|id| (NewestOf::Article(*id), 1));
    lookups.map(|lookup| (lookup, CANDIDATES)).chain(chosen).collect()
}

/// The related articles among what the lookups found, the nearest first; those that an editor chose come first.
pub fn rank_related(
    article: ArticleId,
    outline: &Outline,
    section: SectionId,
    found: &HashMap<NewestOf, PlacedIds>,
) -> Vec<ArticleId> {
    let mut shared: HashMap<ArticleId, (usize, i64)> = HashMap::new();
    let tags = outline.tag_ids.iter().take(TAGS).map(|id| (NewestOf::Tag(*id), 1));
    for (lookup, points) in tags.chain([(NewestOf::Section(section), 0)]) {
        for (id, position) in found.get(&lookup).into_iter().flat_map(|found| found.iter()) {
            shared.entry(*id).or_insert((0, *position)).0 += points;
        }
    }
    let mut ranked: Vec<(ArticleId, (usize, i64))> = shared.into_iter().collect();
    ranked.sort_unstable_by_key(|(_, score)| std::cmp::Reverse(*score));
    let is_live = |id: &ArticleId| {
        found
            .get(&NewestOf::Article(*id))
            .is_some_and(|found| !found.is_empty())
    };
    let mut ids: Vec<ArticleId> = Vec::with_capacity(outline.related.len() + ranked.len());
    for id in outline.related.iter().filter(|id| is_live(id)) {
        if *id != article && !ids.contains(id) {
            ids.push(*id);
        }
    }
    let chosen = ids.len();
    for (id, _) in ranked {
        let is_chosen = ids.iter().take(chosen).any(|known| *known == id);
        if id != article && !is_chosen {
            ids.push(id);
        }
    }
    ids
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::ids::TagId;

    fn places(found: Vec<(NewestOf, Vec<(ArticleId, i64)>)>) -> HashMap<NewestOf, PlacedIds> {
        let placed = |(of, found): (NewestOf, Vec<(ArticleId, i64)>)| (of, found.into_iter().collect());
        found.into_iter().map(placed).collect()
    }

    #[test]
    fn what_an_editor_chose_comes_first_then_shared_tags_then_the_newest_of_the_section() {
        let (a, b, section) = (TagId::new(), TagId::new(), SectionId::new());
        let ids: Vec<ArticleId> = (0..7).map(|_| ArticleId::new()).collect();
        let [own, hidden, chosen, both, newer, older, neighbour] = ids[..] else {
            panic!()
        };
        let outline = Outline {
            related: vec![hidden, chosen, own],
            tag_ids: vec![a, b],
            ..Outline::default()
        };
        let found = places(vec![
            (NewestOf::Tag(a), vec![(newer, 9), (own, 8), (both, 2), (older, 1)]),
            (NewestOf::Tag(b), vec![(both, 2)]),
            (
                NewestOf::Section(section),
                vec![(neighbour, 99), (newer, 9), (chosen, 3)],
            ),
            (NewestOf::Article(chosen), vec![(chosen, 3)]),
            (NewestOf::Article(hidden), Vec::new()),
        ]);
        let expected = [chosen, both, newer, older, neighbour];
        assert_eq!(rank_related(own, &outline, section, &found), expected);
        assert!(lookups(&outline, section).contains(&(NewestOf::Section(section), CANDIDATES)));
    }

    #[test]
    fn the_first_ten_tags_count() {
        let section = SectionId::new();
        let tags: Vec<TagId> = (0..11).map(|_| TagId::new()).collect();
        let outline = Outline {
            tag_ids: tags.clone(),
            ..Outline::default()
        };
        let looked_for: Vec<NewestOf> = lookups(&outline, section).into_iter().map(|(of, _)| of).collect();
        let mut expected: Vec<NewestOf> = tags[..10].iter().map(|id| NewestOf::Tag(*id)).collect();
        expected.push(NewestOf::Section(section));
        assert_eq!(looked_for, expected);
        let (tenth, eleventh) = (ArticleId::new(), ArticleId::new());
        let found = places(vec![
            (NewestOf::Tag(tags[9]), vec![(tenth, 1)]),
            (NewestOf::Tag(tags[10]), vec![(eleventh, 2)]),
        ]);
        assert_eq!(rank_related(ArticleId::new(), &outline, section, &found), [tenth]);
    }
}
