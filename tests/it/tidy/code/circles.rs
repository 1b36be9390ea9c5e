//! Circles in a graph.

use std::collections::{BTreeMap, BTreeSet};

/// What each node leads to.
pub type Graph<'n> = BTreeMap<&'n str, BTreeSet<&'n str>>;

/// The graph of these arrows.
pub fn graph<'n>(arrows: impl Iterator<Item = (&'n str, &'n str)>) -> Graph<'n> {
    let mut graph = Graph::new();
    for (from, to) in arrows.filter(|(from, to)| from != to) {
        graph.entry(from).or_default().insert(to);
        graph.entry(to).or_default();
    }
    graph
}

/// The sets of nodes that lead to each other, the largest first. A node alone is none.
pub fn circles<'n>(graph: &Graph<'n>) -> Vec<BTreeSet<&'n str>> {
    let reach: BTreeMap<_, _> = graph.keys().map(|node| (*node, reached(graph, node))).collect();
    let mut done = BTreeSet::<&str>::new();
    let mut found = Vec::new();
    for (node, leads_to) in &reach {
        let circle: BTreeSet<_> = leads_to
            .iter()
            .copied()
            .filter(|other| reach[other].contains(node))
            .collect();
        if circle.len() > 1 && !done.contains(node) {
            done.extend(&circle);
            found.push(circle);
        }
    }
    found.sort_by_key(|circle| std::cmp::Reverse(circle.len()));
    found
}

fn reached<'n>(graph: &Graph<'n>, from: &'n str) -> BTreeSet<&'n str> {
    let mut reached = BTreeSet::new();
    let mut next = vec![from];
    while let Some(node) = next.pop() {
        next.extend(graph[node].iter().copied().filter(|other| reached.insert(*other)));
    }
    reached
}
