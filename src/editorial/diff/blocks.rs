//! Blocks of two bodies: which old block is which new one, and what changed.
//!
//! A block is the same where its id is. Clients that send no ids get new ones each time, so what is
//! left is paired by what it says: first the same content, then the most similar of its kind nearby.

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeSet, HashMap, VecDeque};
use std::hash::{Hash, Hasher};

use serde_json::Value;

use super::{BlockChange, BlockChangeKind, Budget, words};
use crate::body::blocks::{Block, plain_text};

/// What makes the blocks `old` into `new`.
pub(super) fn diff(old: &[Block], new: &[Block], budget: &mut Budget) -> Vec<BlockChange> {
    let origins = pair(old, new);
    let stayed = longest_rise(&origins);
    let mut placed = Vec::new();
    // A removed block is listed where it was: after the nearest block before it that stayed in place.
    let mut after = 0;
    let place_of: HashMap<usize, usize> = stayed
        .iter()
        .filter_map(|new| origins[*new].map(|old| (old, *new)))
        .collect();
    let kept: BTreeSet<usize> = origins.iter().flatten().copied().collect();
    for (position, block) in old.iter().enumerate() {
        if let Some(place) = place_of.get(&position) {
            after = place + 1;
        }
        if !kept.contains(&position) {
            placed.push(((after, 0, position), removed(position, block)));
        }
    }
    for (position, block) in new.iter().enumerate() {
        let is_moved = !stayed.contains(&position);
        let change = match origins[position] {
            None => Some(added(position, block)),
            Some(origin) => changed((origin, &old[origin]), (position, block), is_moved, budget),
        };
        placed.extend(change.map(|change| ((position, 1, position), change)));
    }
    placed.sort_by_key(|(place, _)| *place);
    placed.into_iter().map(|(_, change)| change).collect()
}

fn removed(position: usize, block: &Block) -> BlockChange {
    BlockChange {
        kind: BlockChangeKind::Removed,
        block_id: block.id().clone(),
        old_position: number(position),
        new_position: None,
        is_moved: false,
        members: Vec::new(),
        spans: Vec::new(),
        is_coarse: false,
        old: Some(block.clone()),
        new: None,
    }
}

fn added(position: usize, block: &Block) -> BlockChange {
    BlockChange {
        kind: BlockChangeKind::Added,
        old_position: None,
        new_position: number(position),
        old: None,
        new: Some(block.clone()),
        ..removed(position, block)
    }
}

fn changed(
    (old_position, old): (usize, &Block),
    (new_position, new): (usize, &Block),
    is_moved: bool,
    budget: &mut Budget,
) -> Option<BlockChange> {
    if old == new && !is_moved {
        return None;
    }
    let text = |block: &Block| plain_text(std::slice::from_ref(block));
    let (spans, is_coarse) = words::spans(&text(old), &text(new), budget);
    Some(BlockChange {
        kind: if old == new {
            BlockChangeKind::Moved
        } else {
            BlockChangeKind::Changed
        },
        block_id: new.id().clone(),
        old_position: number(old_position),
        new_position: number(new_position),
        is_moved,
        members: differing(old, new),
        spans,
        is_coarse,
        old: Some(old.clone()),
        new: Some(new.clone()),
    })
}

fn number(position: usize) -> Option<i32> {
    i32::try_from(position).ok()
}

fn differing(old: &Block, new: &Block) -> Vec<String> {
    let (old, new) = (json(old), json(new));
    let names: BTreeSet<&String> = [&old, &new]
        .into_iter()
        .filter_map(Value::as_object)
        .flatten()
        .map(|(name, _)| name)
        .collect();
    names
        .into_iter()
        // A member that is null says as little as one that is not there.
        .filter(|name| old[name.as_str()] != new[name.as_str()])
        .cloned()
        .collect()
}

fn json(block: &Block) -> Value {
    serde_json::to_value(block).unwrap_or_default()
}

/// For each new block the old one that it was.
fn pair(old: &[Block], new: &[Block]) -> Vec<Option<usize>> {
    let by_id: HashMap<&str, usize> = old
        .iter()
        .enumerate()
        .map(|(at, block)| (block.id().as_str(), at))
        .collect();
    let mut origins: Vec<Option<usize>> = new
        .iter()
        .map(|block| by_id.get(block.id().as_str()).copied())
        .collect();
    pair_equals(old, new, &mut origins);
    pair_similar(old, new, &mut origins);
    origins
}

/// The old blocks, and the new ones, that have no partner yet.
fn unpaired(old: &[Block], origins: &[Option<usize>]) -> (Vec<usize>, Vec<usize>) {
    let taken: BTreeSet<usize> = origins.iter().flatten().copied().collect();
    let old = (0..old.len()).filter(|at| !taken.contains(at)).collect();
    let new = (0..origins.len()).filter(|at| origins[*at].is_none()).collect();
    (old, new)
}

/// Pairs what says exactly the same, the first with the first.
fn pair_equals(old: &[Block], new: &[Block], origins: &mut [Option<usize>]) {
    let content = |block: &Block| {
        let mut json = json(block);
        json.as_object_mut().map(|members| members.remove("id"));
        json.to_string()
    };
    let (old_alone, new_alone) = unpaired(old, origins);
    let mut waiting: HashMap<String, VecDeque<usize>> = HashMap::new();
    for at in old_alone {
        waiting.entry(content(&old[at])).or_default().push_back(at);
    }
    for at in new_alone {
        origins[at] = waiting.get_mut(&content(&new[at])).and_then(VecDeque::pop_front);
    }
}

/// Old blocks nearby that a new one is compared with.
const WINDOW: usize = 16;
/// Two blocks are one that was changed if they share this much of their words.
const MIN_SIMILARITY: f64 = 0.4;

/// Pairs each block that is left with the most similar one of its kind near the expected place.
fn pair_similar(old: &[Block], new: &[Block], origins: &mut [Option<usize>]) {
    let (mut left, new_alone) = unpaired(old, origins);
    let sketches: HashMap<usize, Vec<u64>> = left.iter().map(|at| (*at, sketch(&old[*at]))).collect();
    for at in new_alone {
        let before = origins[..at].iter().rev().flatten().next();
        let expected = before.map_or(0, |before| before + 1);
        let middle = left.partition_point(|old| *old < expected);
        let nearby = middle.saturating_sub(WINDOW / 2)..(middle + WINDOW / 2).min(left.len());
        let own = sketch(&new[at]);
        let mut best: Option<(f64, usize)> = None;
        for index in nearby {
            let candidate = left[index];
            if old[candidate].kind() == new[at].kind() {
                let similarity = similarity(&sketches[&candidate], &own);
                if similarity >= MIN_SIMILARITY && best.is_none_or(|(most, _)| similarity > most) {
                    best = Some((similarity, index));
                }
            }
        }
        origins[at] = best.map(|(_, index)| left.remove(index));
    }
}

/// Words of a sketch.
const SKETCH: usize = 128;

/// The hashes of a block's words. Of a long block only the smallest hashes: they show as well as any others how much
/// two blocks share (Broder 1997, “bottom-k”).
fn sketch(block: &Block) -> Vec<u64> {
    let mut hashes = Vec::new();
    let mut json = json(block);
    if let Some(members) = json.as_object_mut() {
        members.remove("id");
        members.remove("type");
    }
    hash_words(&json, &mut hashes);
    hashes.sort_unstable();
    hashes.dedup();
    hashes.truncate(SKETCH);
    hashes
}

fn hash_words(value: &Value, hashes: &mut Vec<u64>) {
    match value {
        Value::String(text) => {
            let words = words::tokens(text)
                .into_iter()
                .filter(|token| token.contains(char::is_alphanumeric));
            hashes.extend(words.map(|word| {
                let mut hasher = DefaultHasher::new();
                word.hash(&mut hasher);
                hasher.finish()
            }));
        }
        Value::Array(items) => items.iter().for_each(|item| hash_words(item, hashes)),
        Value::Object(members) => members.values().for_each(|member| hash_words(member, hashes)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The share of the words of either block that are in both.
fn similarity(a: &[u64], b: &[u64]) -> f64 {
    let (mut i, mut j) = (0, 0);
    let (mut both, mut all) = (0_u32, 0_u32);
    while all < SKETCH as u32 && (i < a.len() || j < b.len()) {
        let (x, y) = (a.get(i), b.get(j));
        let is_in_a = x.is_some() && y.is_none_or(|y| x <= Some(y));
        let is_in_b = y.is_some() && x.is_none_or(|x| y <= Some(x));
        i += usize::from(is_in_a);
        j += usize::from(is_in_b);
        both += u32::from(is_in_a && is_in_b);
        all += 1;
    }
    if all == 0 {
        0.0
    } else {
        f64::from(both) / f64::from(all)
    }
}

/// The new positions of the blocks that count as not moved: the longest run whose old positions rise (Fredman 1975).
/// The other blocks that stayed count as moved; no other choice gives fewer moves.
fn longest_rise(origins: &[Option<usize>]) -> BTreeSet<usize> {
    // For each length the new position at which the run of that length ends with the smallest origin.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = vec![None; origins.len()];
    for (at, origin) in origins.iter().enumerate() {
        let Some(origin) = origin else { continue };
        let length = ends.partition_point(|end| origins[*end] < Some(*origin));
        before[at] = length.checked_sub(1).map(|length| ends[length]);
        if length == ends.len() {
            ends.push(at);
        } else {
            ends[length] = at;
        }
    }
    let mut rise = BTreeSet::new();
    let mut last = ends.last().copied();
    while let Some(at) = last {
        rise.insert(at);
        last = before[at];
    }
    rise
}
