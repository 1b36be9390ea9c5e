//! What the diff of two contents is, and that it makes the one into the other.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use super::*;
use crate::articles::model::{Access, Byline, Seo, Source};
use crate::base::ids::{ContributorId, TagId};
use crate::body::article_type::ArticleType;
use crate::body::image::Image;

fn blocks(value: Value) -> Vec<Block> {
    serde_json::from_value(value).unwrap_or_else(|error| panic!("{error}"))
}

fn with_blocks(value: Value) -> Content {
    Content {
        blocks: blocks(value),
        ..Content::empty()
    }
}

fn paragraph(id: &str, html: &str) -> Value {
    json!({"type": "paragraph", "id": id, "html": html})
}

/// How each block changed, in short.
fn told(old: Value, new: Value) -> Vec<String> {
    let found = diff(&with_blocks(old), &with_blocks(new));
    let tell = |change: &BlockChange| {
        let place = |position: Option<i32>| position.map_or("-".to_owned(), |at| at.to_string());
        let (from, to) = (place(change.old_position), place(change.new_position));
        let moved = if change.is_moved { " moved" } else { "" };
        format!(
            "{} {} {from}>{to}{moved} {}",
            change.kind,
            change.block_id,
            change.members.join(",")
        )
        .trim_end()
        .to_owned()
    };
    found.blocks.iter().map(tell).collect()
}

#[test]
fn blocks_are_told_by_their_ids_wherever_they_stand() {
    let (a, b, c) = (paragraph("a", "un"), paragraph("b", "deux"), paragraph("c", "trois"));
    let cases = [
        (json!([a, b, c]), json!([a, b, c]), vec![]),
        (json!([a, b]), json!([a, c, b]), vec!["added c ->1"]),
        (json!([a, b, c]), json!([a, c]), vec!["removed b 1>-"]),
        (json!([a, b, c]), json!([c, a, b]), vec!["moved c 2>0 moved"]),
        (
            json!([a, b, c]),
            json!([b, c, paragraph("a", "une")]),
            vec!["changed a 0>2 moved html"],
        ),
        (
            json!([a, b]),
            json!([paragraph("a", "une"), b]),
            vec!["changed a 0>0 html"],
        ),
        (
            json!([a, b, c]),
            json!([b, paragraph("a", "une"), c]),
            vec!["moved b 1>0 moved", "changed a 0>1 html"],
        ),
        (
            json!([a]),
            json!([{"type": "heading", "id": "a", "level": 2, "text": "un"}]),
            vec!["changed a 0>0 html,level,text,type"],
        ),
        (json!([]), json!([a]), vec!["added a ->0"]),
        (
            json!([a, b, c]),
            json!([]),
            vec!["removed a 0>-", "removed b 1>-", "removed c 2>-"],
        ),
    ];
    for (old, new, expected) in cases {
        assert_eq!(told(old.clone(), new.clone()), expected, "{old} → {new}");
    }
}

#[test]
fn blocks_with_new_ids_are_known_by_what_they_say() {
    let old = json!([
        paragraph("a", "Le port de Cotonou double sa capacité."),
        paragraph("b", "Le ministre est venu hier."),
        {"type": "divider", "id": "c"},
    ]);
    let same = json!([
        paragraph("x", "Le port de Cotonou double sa capacité."),
        paragraph("y", "Le ministre est venu ce matin."),
        {"type": "divider", "id": "z"},
    ]);
    assert_eq!(
        told(old.clone(), same),
        ["changed x 0>0 id", "changed y 1>1 html,id", "changed z 2>2 id"]
    );
    let other = json!([paragraph("x", "Rien à voir avec ce qui précède, vraiment.")]);
    assert_eq!(
        told(old, other),
        ["removed a 0>-", "removed b 1>-", "removed c 2>-", "added x ->0"]
    );
}

#[test]
fn a_changed_text_is_told_word_by_word_and_a_changed_mark_by_its_member() {
    let change = |old: Value, new: Value| {
        diff(&with_blocks(json!([old])), &with_blocks(json!([new])))
            .blocks
            .remove(0)
    };
    let list = |items: Value| json!({"type": "list", "id": "l", "is_ordered": false, "items": items});
    let found = change(list(json!(["Un", "Trois"])), list(json!(["Un", "Deux", "Trois"])));
    let inserted: Vec<&str> = found
        .spans
        .iter()
        .filter(|span| span.kind == SpanKind::Inserted)
        .map(|span| span.text.as_str())
        .collect();
    assert_eq!((inserted, found.members), (vec!["Deux\n"], vec!["items".to_owned()]));
    let found = change(paragraph("a", "Un mot"), paragraph("a", "Un <em>mot</em>"));
    assert_eq!((found.spans, found.members), (Vec::new(), vec!["html".to_owned()]));
}

#[test]
fn members_are_told_by_pointer_and_lists_by_what_came_and_went() {
    let (tag, other, awa) = (TagId::new(), TagId::new(), ContributorId::new());
    let byline = |role: &str| Byline {
        contributor_id: awa,
        role: Some(role.to_owned()),
    };
    let old = Content {
        title: "Le port".to_owned(),
        tag_ids: vec![tag, other],
        contributors: vec![byline("photos")],
        ..Content::empty()
    };
    let new = Content {
        title: "Le grand port".to_owned(),
        is_featured: true,
        image: Some(Image {
            url: "https://a.test/x.jpg".to_owned(),
            alt: Some("Le port".to_owned()),
            ..Image::default()
        }),
        tag_ids: vec![other, tag],
        contributors: vec![byline("texte")],
        ..Content::empty()
    };
    let found = diff(&old, &new);
    let pointers: Vec<&str> = found.fields.iter().map(|field| field.pointer.as_str()).collect();
    assert_eq!(
        pointers,
        [
            "/contributors/0/role",
            "/image/alt",
            "/image/url",
            "/is_featured",
            "/title"
        ]
    );
    assert_eq!(found.fields[3].old.as_deref(), Some("false"));
    assert_eq!(found.fields[4].spans.len(), 3);
    let list = &found.lists[0];
    assert_eq!((list.pointer.as_str(), list.is_reordered), ("/tag_ids", true));
    assert!(list.added.is_empty() && list.removed.is_empty());
}

/// The largest possible body, rewritten completely: the diff ends, and says that it was too much to compare.
#[test]
fn a_thousand_long_blocks_are_told_without_comparing_every_word() {
    let text = |seed: u32| -> String {
        let mut state = seed;
        let words = (0..2_500).map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            format!("mot{} ", state >> 20)
        });
        words.collect()
    };
    let body = |shift: u32| -> Value {
        (0..1_000)
            .map(|n| paragraph(&format!("b{n}"), &text(n + shift)))
            .collect()
    };
    let found = diff(&with_blocks(body(0)), &with_blocks(body(5_000)));
    assert_eq!(found.blocks.len(), 1_000);
    let coarse = found.blocks.iter().filter(|change| change.is_coarse).count();
    assert!((900..1_000).contains(&coarse), "{coarse}");
}

fn a_word() -> impl Strategy<Value = String> {
    select(vec!["le", "port", "l’État", "dit", "oui", "«\u{a0}non\u{a0}»", "1,5"]).prop_map(str::to_owned)
}

fn a_text() -> impl Strategy<Value = String> {
    proptest::collection::vec(a_word(), 0..8).prop_map(|words| words.join(" "))
}

fn some_blocks() -> impl Strategy<Value = Vec<Block>> {
    let block = (0_u8..12, 0_u8..4, a_text()).prop_map(|(id, kind, text)| {
        let id = format!("b{id}");
        match kind {
            0 => json!({"type": "heading", "id": id, "level": 2, "text": text}),
            1 => json!({"type": "divider", "id": id}),
            _ => paragraph(&id, &text),
        }
    });
    proptest::collection::vec(block, 0..12).prop_map(|all| {
        let mut seen = std::collections::BTreeSet::new();
        let unique: Vec<Value> = all
            .into_iter()
            .filter(|block| seen.insert(block["id"].to_string()))
            .collect();
        blocks(json!(unique))
    })
}

fn a_content() -> impl Strategy<Value = Content> {
    let tags: Vec<TagId> = (1..5)
        .filter_map(|n| TagId::parse(&format!("0197a3f2-5c1e-7b3a-9d2f-6a1b2c3d4e5{n}")))
        .collect();
    let texts = (a_text(), proptest::option::of(a_text()), proptest::option::of(a_text()));
    let values = (
        any::<bool>(),
        select(ArticleType::ALL),
        select(Access::ALL),
        proptest::option::of(a_text()),
    );
    let lists = proptest::sample::subsequence(tags, 0..=4).prop_shuffle();
    (texts, values, lists, some_blocks()).prop_map(
        |((title, kicker, seo), (flag, type_, access, source), tag_ids, blocks)| Content {
            type_,
            title,
            kicker,
            access,
            is_featured: flag,
            tag_ids,
            seo: Seo {
                title: seo,
                no_index: !flag,
                ..Seo::default()
            },
            source: source.map(|name| Source { name, url: None }),
            blocks,
            ..Content::empty()
        },
    )
}

/// Follows the changes of blocks as a client would.
fn followed(old: &[Block], changes: &[BlockChange]) -> Vec<Block> {
    let mut kept: Vec<Option<Block>> = old.iter().cloned().map(Some).collect();
    let mut placed: Vec<(i32, Block)> = Vec::new();
    for change in changes {
        let from = change.old_position.and_then(|at| usize::try_from(at).ok());
        if let Some(from) = from {
            assert_eq!(kept[from], change.old);
            let stays = change.new_position.is_some() && !change.is_moved;
            kept[from] = change.new.clone().filter(|_| stays);
        }
        if let (Some(to), Some(new)) = (change.new_position, &change.new)
            && (change.is_moved || from.is_none())
        {
            placed.push((to, new.clone()));
        }
    }
    let mut body: Vec<Block> = kept.into_iter().flatten().collect();
    placed.sort_by_key(|(to, _)| *to);
    for (to, block) in placed {
        body.insert(usize::try_from(to).unwrap_or(0), block);
    }
    body
}

/// Follows the changes of members on the JSON of a content.
fn with_members(old: &Content, new: &Content, found: &ContentDiff) -> Value {
    let mut json = serde_json::to_value(old).unwrap_or_default();
    let target = serde_json::to_value(new).unwrap_or_default();
    if json["source"].is_null() {
        json["source"] = json!({"name": null, "url": null});
    }
    for list in &found.lists {
        json[list.pointer.trim_start_matches('/')] = json!(list.new);
    }
    for field in &found.fields {
        let is_text = target.pointer(&field.pointer).is_some_and(Value::is_string);
        let value = match &field.new {
            None => Value::Null,
            Some(text) if is_text => json!(text),
            Some(text) => serde_json::from_str(text).unwrap_or_default(),
        };
        let names: Vec<&str> = field.pointer.split('/').skip(1).collect();
        match names.as_slice() {
            [name] => json[*name] = value,
            [parent, name] => json[*parent][*name] = value,
            other => panic!("{other:?}"),
        }
    }
    if json["source"]
        .as_object()
        .is_some_and(|source| source.values().all(Value::is_null))
    {
        json["source"] = Value::Null;
    }
    json["blocks"] = target["blocks"].clone();
    json
}

fn longest_rise(numbers: &[usize]) -> usize {
    let mut lengths: Vec<usize> = Vec::new();
    for (at, number) in numbers.iter().enumerate() {
        let before = (0..at)
            .filter(|earlier| numbers[*earlier] < *number)
            .map(|earlier| lengths[earlier])
            .max();
        lengths.push(before.unwrap_or(0) + 1);
    }
    lengths.into_iter().max().unwrap_or(0)
}

proptest! {
    #[test]
    fn nothing_differs_from_itself(content in a_content()) {
        prop_assert!(diff(&content, &content).is_empty());
    }

    #[test]
    fn following_the_changes_makes_the_old_into_the_new(old in a_content(), new in a_content()) {
        let found = diff(&old, &new);
        prop_assert_eq!(found.is_empty(), old == new);
        prop_assert_eq!(followed(&old.blocks, &found.blocks), new.blocks.clone());
        let target = serde_json::to_value(&new).unwrap_or_default();
        prop_assert_eq!(with_members(&old, &new, &found), target);
    }

    #[test]
    fn no_fewer_blocks_can_have_moved(order in Just((0_usize..9).collect::<Vec<_>>()).prop_shuffle()) {
        let all: Vec<Value> = (0..order.len()).map(|n| paragraph(&format!("b{n}"), "x")).collect();
        let new: Vec<&Value> = order.iter().map(|n| &all[*n]).collect();
        let found = diff(&with_blocks(json!(all)), &with_blocks(json!(new)));
        prop_assert!(found.blocks.iter().all(|change| change.kind == BlockChangeKind::Moved));
        prop_assert_eq!(found.blocks.len(), order.len() - longest_rise(&order));
    }
}

#[test]
fn blocks_are_one_from_two_fifths_of_their_words_on() {
    let are_one = |old: &str, new: &str| {
        let told = told(json!([paragraph("a", old)]), json!([paragraph("b", new)]));
        told == ["changed b 0>0 html,id"]
    };
    for (old, new, expected) in [
        ("un deux trois", "un deux quatre cinq", true),
        ("un deux trois", "un deux quatre cinq six", false),
        ("un deux trois quatre cinq six", "six cinq quatre trois deux un", true),
        // A word counts once, a sign never.
        ("un un un deux trois", "un un un quatre cinq", false),
        ("un, deux; trois: ! ?", "quatre, cinq; six: ! ?", false),
    ] {
        assert_eq!(are_one(old, new), expected, "{old} → {new}");
    }
    let words = ["un", "deux", "trois", "quatre"];
    for word in words {
        let others: Vec<&str> = words.iter().copied().filter(|other| *other != word).collect();
        for (one, other, expected) in [
            (words.join(" "), others.join(" "), true),
            (words.join(" "), word.into(), false),
        ] {
            assert_eq!(are_one(&one, &other), expected, "{one} → {other}");
            assert_eq!(are_one(&other, &one), expected, "{other} → {one}");
        }
    }
}

#[test]
fn of_two_that_are_as_like_the_first_is_meant() {
    let old = json!([paragraph("a", "un deux"), paragraph("b", "un deux")]);
    let new = json!([paragraph("c", "un deux trois")]);
    assert_eq!(told(old, new), ["changed c 0>0 html,id", "removed b 1>-"]);
}

#[test]
fn what_was_removed_is_told_where_it_was() {
    let (a, b) = (paragraph("a", "un"), paragraph("b", "deux"));
    let old = json!([a, paragraph("x", "tout autre chose"), b]);
    let new = json!([paragraph("a", "une"), paragraph("n", "rien à voir"), b]);
    assert_eq!(told(old, new), ["changed a 0>0 html", "removed x 1>-", "added n ->1"]);
    let old = json!([paragraph("x", "tout autre chose"), a, b]);
    let new = json!([paragraph("a", "une"), b]);
    assert_eq!(told(old, new), ["removed x 0>-", "changed a 1>0 html"]);
}
