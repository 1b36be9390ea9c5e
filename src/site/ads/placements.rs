//! Where advertisements go in a body: first those that an editor placed by hand, then those that the slots' rules place
//! around them.

use super::model::{AdRule, AdRuleKind, AdSlot, AdSlotKind};
use crate::base::clock::Time;
use crate::base::ids::SectionId;
use crate::body::article_type::ArticleType;
use crate::body::outline::{Outline, OutlineItem};

/// An advertisement in a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlacedAd {
    /// How many blocks are before it.
    after: usize,
    /// The block just before it; `None` above the first.
    pub after_block_id: Option<String>,
    /// The slot's key.
    pub slot: String,
}

/// An article as far as rules care.
#[derive(Clone, Copy, Debug)]
pub struct ArticleForAds<'a> {
    /// Its type.
    pub type_: ArticleType,
    /// Its section and those above it.
    pub lineage: &'a [SectionId],
    /// The moment.
    pub now: Time,
}

/// A body as rules see it.
struct AdBody<'a> {
    ids: Vec<&'a str>,
    /// Whether each block is a heading.
    headings: Vec<bool>,
    /// Words before the first block, before the second, and so on to the end.
    words: Vec<usize>,
}

/// The advertisements of an article, in the order of the body. A slot that was placed by hand stays there, unless the
/// slot is known and not used at this moment.
pub fn place(outline: &Outline, slots: &[AdSlot], place: ArticleForAds<'_>) -> Vec<PlacedAd> {
    if outline.is_ad_free {
        return Vec::new();
    }
    let mut body = AdBody {
        ids: Vec::new(),
        headings: Vec::new(),
        words: vec![0],
    };
    let mut placed: Vec<PlacedAd> = Vec::new();
    for item in &outline.items {
        match item {
            OutlineItem::Block { id, block_type, words } => {
                body.ids.push(id);
                body.headings.push(block_type == "heading");
                body.words.push(body.words.last().unwrap_or(&0) + words);
            }
            OutlineItem::AdSlot { slot } => {
                let known = slots.iter().find(|known| known.key.as_str() == slot);
                if known.is_none_or(|known| known.is_shown(place.now)) {
                    placed.push(body.placement(body.ids.len(), slot));
                }
            }
        }
    }
    for slot in slots {
        if slot.definition.kind == AdSlotKind::Body && slot.is_shown(place.now) {
            for rule in slot.definition.rules.iter().filter(|rule| rule_applies(rule, place)) {
                body.apply(rule, slot.key.as_str(), &mut placed);
            }
        }
    }
    // A stable sort: advertisements at the same place keep the order in which they were placed.
    placed.sort_by_key(|placement| placement.after);
    placed
}

fn rule_applies(rule: &AdRule, place: ArticleForAds<'_>) -> bool {
    let in_section = rule.section_ids.is_empty() || rule.section_ids.iter().any(|id| place.lineage.contains(id));
    in_section && (rule.types.is_empty() || rule.types.contains(&place.type_))
}

impl AdBody<'_> {
    fn placement(&self, after: usize, slot: &str) -> PlacedAd {
        let last = after.checked_sub(1).and_then(|index| self.ids.get(index));
        PlacedAd {
            after,
            after_block_id: last.map(|id| (*id).to_owned()),
            slot: slot.to_owned(),
        }
    }

    fn apply(&self, rule: &AdRule, slot: &str, placed: &mut Vec<PlacedAd>) {
        let step = usize::try_from(rule.blocks).unwrap_or(1).max(1);
        let most = match rule.kind {
            AdRuleKind::AfterBlock => 1,
            AdRuleKind::EveryBlocks => usize::try_from(rule.max_count).unwrap_or(1),
        };
        let places = (1..)
            .map(|turn| turn * step)
            .take_while(|after| *after < self.ids.len());
        let tries = match rule.kind {
            AdRuleKind::AfterBlock => 1,
            AdRuleKind::EveryBlocks => usize::MAX,
        };
        let mut count = 0;
        for after in places.take(tries) {
            let Some(after) = self.not_after_heading(after) else {
                break;
            };
            if count < most && self.is_far_enough(after, rule.min_words_between, placed) {
                placed.push(self.placement(after, slot));
                count += 1;
            }
        }
    }

    /// The first place from here on that is neither right after a heading nor at the end.
    fn not_after_heading(&self, after: usize) -> Option<usize> {
        (after..self.ids.len()).find(|after| !self.headings.get(after - 1).copied().unwrap_or(false))
    }

    /// Whether there are that many words between a place and every advertisement. Two never share a place.
    fn is_far_enough(&self, after: usize, min_words: i32, placed: &[PlacedAd]) -> bool {
        let words = |after: usize| self.words.get(after).copied().unwrap_or(0);
        let least = usize::try_from(min_words).unwrap_or(0);
        placed
            .iter()
            .all(|other| other.after != after && words(other.after).abs_diff(words(after)) >= least)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::super::model::AdDefinition;
    use super::*;
    use crate::base::key::Key;

    fn slot(key: &str, rules: Vec<AdRule>) -> AdSlot {
        let now = Time::from_millis(0).unwrap();
        AdSlot {
            key: Key::parse(key).unwrap(),
            position: 0,
            definition: AdDefinition {
                label: key.to_owned(),
                kind: AdSlotKind::Body,
                sizes: Vec::new(),
                targeting: BTreeMap::new(),
                is_active: true,
                starts_at: None,
                ends_at: None,
                rules,
            },
            version: 1,
            created_at: now,
            updated_at: now,
        }
    }

    fn rule(kind: AdRuleKind, blocks: i32, min_words_between: i32) -> AdRule {
        AdRule {
            kind,
            blocks,
            max_count: 100,
            min_words_between,
            section_ids: Vec::new(),
            types: Vec::new(),
        }
    }

    /// A body in short: `p50` a paragraph of fifty words, `h3` a heading of three, `@x` the slot x.
    fn outline(text: &str) -> Outline {
        let items = text.split_whitespace().enumerate().map(|(index, word)| {
            let number = || word[1..].parse().unwrap();
            match word.as_bytes()[0] {
                b'@' => OutlineItem::AdSlot {
                    slot: word[1..].to_owned(),
                },
                kind => OutlineItem::Block {
                    id: format!("b{index}"),
                    block_type: if kind == b'h' { "heading" } else { "paragraph" }.to_owned(),
                    words: number(),
                },
            }
        });
        Outline {
            items: items.collect(),
            ..Outline::default()
        }
    }

    /// Where each advertisement is: `2:top`.
    fn placed(body: &str, slots: &[AdSlot]) -> Vec<String> {
        let place_ = ArticleForAds {
            type_: ArticleType::Article,
            lineage: &[],
            now: Time::from_millis(1_000).unwrap(),
        };
        let placed = place(&outline(body), slots, place_);
        placed.iter().map(|at| format!("{}:{}", at.after, at.slot)).collect()
    }

    #[test]
    fn rules_place_slots_between_blocks() {
        use AdRuleKind::{AfterBlock, EveryBlocks};
        let five = "p50 p50 p50 p50 p50";
        let at_most = |max_count| AdRule {
            max_count,
            ..rule(EveryBlocks, 1, 0)
        };
        for (body, rules, expected) in [
            (five, vec![rule(AfterBlock, 2, 0)], vec!["2:a"]),
            // Never after the last block.
            (five, vec![rule(AfterBlock, 5, 0)], vec![]),
            (five, vec![rule(EveryBlocks, 1, 0)], vec!["1:a", "2:a", "3:a", "4:a"]),
            (five, vec![rule(EveryBlocks, 2, 0)], vec!["2:a", "4:a"]),
            (five, vec![at_most(1)], vec!["1:a"]),
            (five, vec![at_most(3)], vec!["1:a", "2:a", "3:a"]),
            // Words between: the next place that is far enough.
            (five, vec![rule(EveryBlocks, 1, 100)], vec!["1:a", "3:a"]),
            ("p50 h3 p50 p50", vec![rule(AfterBlock, 2, 0)], vec!["3:a"]),
            ("p50 p50 h3", vec![rule(AfterBlock, 2, 0)], vec!["2:a"]),
            ("p50 h3", vec![rule(EveryBlocks, 1, 0)], vec!["1:a"]),
            ("", vec![rule(EveryBlocks, 1, 0)], vec![]),
            ("p50", vec![rule(AfterBlock, 1, 0)], vec![]),
            (
                five,
                vec![rule(AfterBlock, 1, 0), rule(AfterBlock, 2, 100)],
                vec!["1:a"],
            ),
        ] {
            assert_eq!(placed(body, &[slot("a", rules.clone())]), expected, "{body} {rules:?}");
        }
    }

    #[test]
    fn what_an_editor_placed_stands_where_it_is_and_rules_keep_their_distance() {
        let rules = vec![rule(AdRuleKind::EveryBlocks, 1, 60)];
        assert_eq!(
            placed("p50 p50 @own p50 p50 p50", &[slot("a", rules.clone())]),
            ["2:own", "4:a"]
        );
        assert_eq!(placed("@own p50 p50", &[]), ["0:own"]);
        let mut off = slot("own", Vec::new());
        off.definition.is_active = false;
        assert_eq!(placed("@own p50 p50", &[off]), Vec::<String>::new());
    }

    #[test]
    fn a_slot_holds_in_its_sections_for_its_types_and_in_its_time() {
        let (news, sport) = (SectionId::new(), SectionId::new());
        let mut only = rule(AdRuleKind::AfterBlock, 1, 0);
        only.section_ids = vec![SectionId::new(), news];
        only.types = vec![ArticleType::Article];
        let body = outline("p5 p5");
        let count = |slot: &AdSlot, type_, lineage: &[SectionId], now: i64| {
            let now = Time::from_millis(now).unwrap();
            place(&body, std::slice::from_ref(slot), ArticleForAds { type_, lineage, now }).len()
        };
        let mut dated = slot("a", vec![only]);
        dated.definition.starts_at = Time::from_millis(1_000);
        dated.definition.ends_at = Time::from_millis(2_000);
        let article = ArticleType::Article;
        assert_eq!(count(&dated, article, &[SectionId::new(), news], 1_000), 1);
        assert_eq!(count(&dated, article, &[sport], 1_000), 0);
        assert_eq!(count(&dated, ArticleType::Sponsored, &[news], 1_000), 0);
        assert_eq!(count(&dated, article, &[news], 999), 0);
        assert_eq!(count(&dated, article, &[news], 2_000), 0);
        let next = |now| dated.next_change(Time::from_millis(now).unwrap()).map(Time::millis);
        assert_eq!((next(0), next(1_000), next(2_000)), (Some(1_000), Some(2_000), None));
    }

    #[test]
    fn an_article_that_hides_advertisements_has_none() {
        let mut body = outline("p5 @own p5");
        body.is_ad_free = true;
        let slots = [slot("a", vec![rule(AdRuleKind::EveryBlocks, 1, 0)])];
        let place_ = ArticleForAds {
            type_: ArticleType::Article,
            lineage: &[],
            now: Time::from_millis(0).unwrap(),
        };
        assert!(place(&body, &slots, place_).is_empty());
    }

    proptest! {
        #[test]
        fn rules_never_stand_too_near_nor_behind_a_heading_nor_at_the_end(
            blocks in proptest::collection::vec((any::<bool>(), 0_usize..80), 0..40),
            step in 1..6,
            least in 0..200,
            most in 1..10,
        ) {
            let word = |(is_heading, words): &(bool, usize)| format!("{}{words}", if *is_heading { 'h' } else { 'p' });
            let text: Vec<String> = blocks.iter().map(word).collect();
            let mut every = rule(AdRuleKind::EveryBlocks, step, least);
            every.max_count = most;
            let found = placed(&text.join(" "), &[slot("a", vec![every])]);
            prop_assert!(found.len() <= usize::try_from(most).unwrap());
            let places: Vec<usize> = found.iter().map(|at| at.split(':').next().unwrap().parse().unwrap()).collect();
            for at in &places {
                prop_assert!((1..blocks.len()).contains(at));
                prop_assert!(!blocks[at - 1].0);
            }
            for pair in places.windows(2) {
                let between: usize = blocks[pair[0]..pair[1]].iter().map(|(_, words)| words).sum();
                prop_assert!(pair[0] < pair[1] && between >= usize::try_from(least).unwrap());
            }
        }
    }
}
