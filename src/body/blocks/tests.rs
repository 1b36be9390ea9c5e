//! What reading a body takes and what it says of the rest.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::{Block, BlockId, block_list, is_empty_body, plain_text};
use crate::base::error::Result;
use crate::base::http::fields::read_body;
use crate::base::limits;
use crate::body::html::sanitise::EmbedPolicy;

fn read(blocks: Value) -> Result<Vec<Block>> {
    let policy = EmbedPolicy::new(&["www.youtube.com".to_owned()]);
    read_body(json!({ "blocks": blocks }), |members| {
        members.required("blocks", block_list(&policy))
    })
}

fn errors(blocks: Value) -> Vec<String> {
    let errors = read(blocks)
        .err()
        .map(|error| error.errors().to_vec())
        .unwrap_or_default();
    errors
        .iter()
        .map(|error| format!("{} {}", error.pointer, error.code.as_str()))
        .collect()
}

#[test]
fn every_wrong_member_is_named_by_its_pointer() {
    let image = json!({ "url": "http://a.fr/x.jpg" });
    let cases = [
        (json!({}), vec!["/blocks wrong_type"]),
        (json!(["x"]), vec!["/blocks/0 wrong_type"]),
        (json!([{ "html": "x" }]), vec!["/blocks/0/type required"]),
        (json!([{ "type": 1 }]), vec!["/blocks/0/type wrong_type"]),
        (
            json!([{ "type": "poem", "html": "x" }]),
            vec!["/blocks/0/type invalid_value"],
        ),
        (json!([{ "type": "paragraph" }]), vec!["/blocks/0/html required"]),
        (
            json!([{ "type": "paragraph", "html": 1, "text": "x" }]),
            vec!["/blocks/0/html wrong_type", "/blocks/0/text unknown_field"],
        ),
        (
            json!([{ "type": "paragraph", "html": "a\u{0}b" }]),
            vec!["/blocks/0/html forbidden_character"],
        ),
        (
            json!([{ "type": "divider", "id": "a b" }]),
            vec!["/blocks/0/id invalid_format"],
        ),
        (
            json!([{ "type": "divider", "id": "a" }, { "type": "divider", "id": "a" }]),
            vec!["/blocks/1/id duplicate"],
        ),
        (
            json!([{ "type": "heading", "level": 1, "text": " " }]),
            vec!["/blocks/0/level out_of_range", "/blocks/0/text blank"],
        ),
        (
            json!([{ "type": "quote", "html": "", "attribution": "x".repeat(201) }]),
            vec!["/blocks/0/attribution too_long"],
        ),
        (
            json!([{ "type": "list", "items": ["a", 2] }]),
            vec!["/blocks/0/is_ordered required", "/blocks/0/items/1 wrong_type"],
        ),
        (
            json!([{ "type": "list", "is_ordered": true, "items": vec!["a"; 501] }]),
            vec!["/blocks/0/items too_many"],
        ),
        (
            json!([{ "type": "divider" }, { "type": "image", "image": image }]),
            vec!["/blocks/1/image/url invalid_format"],
        ),
        (
            json!([{ "type": "gallery", "images": [] }]),
            vec!["/blocks/0/images too_few"],
        ),
        (
            json!([{ "type": "gallery", "images": [image] }]),
            vec!["/blocks/0/images/0/url invalid_format"],
        ),
        (
            json!([{ "type": "video", "url": "ftp://a.fr/", "poster": image }]),
            vec!["/blocks/0/url invalid_format", "/blocks/0/poster/url invalid_format"],
        ),
        (json!([{ "type": "audio" }]), vec!["/blocks/0/url required"]),
        (
            json!([{ "type": "embed", "url": "javascript:alert(1)" }]),
            vec!["/blocks/0/url invalid_format"],
        ),
        (
            json!([{ "type": "table", "rows": [vec!["x"; 51], vec!["x"]] }]),
            vec!["/blocks/0/rows/0 too_many"],
        ),
        (
            json!([{ "type": "fact_box", "title": "", "html": "" }]),
            vec!["/blocks/0/title blank"],
        ),
        (
            json!([{ "type": "interlink", "article_id": "12" }]),
            vec!["/blocks/0/article_id invalid_format"],
        ),
        (
            json!([{ "type": "ad_slot", "slot": "Top" }]),
            vec!["/blocks/0/slot invalid_format"],
        ),
        (
            json!(vec![json!({ "type": "divider" }); 1001]),
            vec!["/blocks too_many"],
        ),
        (
            json!([{ "type": "raw_html", "html": "<iframe src=\"https://evil.fr/\"></iframe>" }]),
            vec!["/blocks/0/html embed_host_not_listed"],
        ),
    ];
    for (blocks, expected) in cases {
        assert_eq!(errors(blocks.clone()), expected, "{blocks}");
    }
}

#[test]
fn a_block_that_is_too_long_is_refused_before_it_is_sanitised() {
    let markup = "<i></i>".repeat(3_000);
    assert_eq!(
        errors(json!([{ "type": "paragraph", "html": markup }])),
        ["/blocks/0/html too_long"]
    );
    let items = vec!["x".repeat(1_000); 21];
    assert_eq!(
        errors(json!([{ "type": "list", "is_ordered": false, "items": items }])),
        ["/blocks/0 too_long"]
    );
    let decomposed = "e\u{301}".repeat(limits::BLOCK);
    assert_eq!(errors(json!([{ "type": "paragraph", "html": decomposed }])), [""; 0]);
}

#[test]
fn blocks_without_an_id_get_one_that_no_other_has() {
    let blocks =
        read(json!([{ "type": "divider" }, { "type": "divider", "id": null }, { "type": "divider", "id": "x" }]));
    let ids: HashSet<BlockId> = blocks.iter().flatten().map(|block| block.id().clone()).collect();
    assert_eq!(ids.len(), 3);
    assert!(ids.iter().all(|id| matches!(id.as_str().len(), 1 | 12)));
}

#[test]
fn what_was_read_can_be_sent_back_unchanged() {
    let image = json!({ "url": "https://a.fr/x.jpg", "caption": "Une\nlégende", "width": 10 });
    let sent = json!([
        { "type": "paragraph", "html": "<b onclick=x>Gras</b> <script>x</script>et <a href=\"/a\" rel=\"sponsored me\">lien</a>" },
        { "type": "quote", "html": "<p>Un</p><p>Deux</p>", "attribution": "" },
        { "type": "list", "is_ordered": true, "items": ["a<ul><li>b</li></ul>"] },
        { "type": "gallery", "images": [image] },
        { "type": "video", "url": "http://a.fr/x.mp4", "poster": image },
        { "type": "table", "rows": [["a", "<i>b</i>"]] },
        { "type": "fact_box", "title": "Repères", "html": "<h3>1</h3><p>x</p>" },
        { "type": "interlink", "article_id": "0190A000-0000-7000-8000-000000000000" },
        { "type": "raw_html", "html": "<iframe src=\"https://www.youtube.com/embed/1\">x</iframe><iframe></iframe>" },
    ]);
    let blocks = read(sent).unwrap_or_else(|error| panic!("{error}"));
    let text = json!(blocks);
    assert_eq!(
        text[0]["html"],
        "<b>Gras</b> et <a href=\"/a\" rel=\"sponsored\">lien</a>"
    );
    assert_eq!(text[1]["attribution"], Value::Null);
    assert_eq!(text[7]["article_id"], "0190a000-0000-7000-8000-000000000000");
    assert_eq!(
        text[8]["html"],
        "<iframe src=\"https://www.youtube.com/embed/1\"></iframe>"
    );
    assert_eq!(read(text.clone()).ok(), Some(blocks.clone()));
    assert_eq!(serde_json::from_value::<Vec<Block>>(text).ok(), Some(blocks.clone()));
    assert_eq!(plain_text(&blocks[..3]), "Gras et lien\nUn\nDeux\na\nb");
}

#[test]
fn links_follow_the_ids_of_the_whole_body() {
    let read = read(json!([
        {"type": "paragraph", "html": "Un fait<sup><a href=\"#note-1\">1</a></sup>, <a href=\"#d%C3%A9but\">là</a>, \
            <a href=\"#commentaires\">plus bas</a>"},
        {"type": "heading", "level": 2, "text": "Début", "anchor": "début"},
        {"type": "list", "is_ordered": true, "items": ["<a id=\"note-1\"></a>La note"]},
    ]));
    let blocks = json!(read.unwrap());
    assert_eq!(
        blocks[0]["html"],
        "Un fait<sup><a href=\"#a-note-1\">1</a></sup>, <a href=\"#a-début\">là</a>, <a href=\"#commentaires\">plus bas</a>"
    );
    assert_eq!(blocks[1]["anchor"], "a-début");
    // What was read is sent back and stays.
    assert_eq!(json!(self::read(blocks.clone()).unwrap()), blocks);
    let wrong = json!([{"type": "heading", "level": 2, "text": "x", "anchor": "a b"}]);
    assert_eq!(errors(wrong), ["/blocks/0/anchor invalid_format"]);
}

#[test]
fn the_provider_of_an_embed_is_known_by_its_address() {
    for (embed, expected) in [
        (json!({"url": "https://x.com/a/status/1"}), json!("X")),
        (json!({"url": "https://youtube.com/shorts/1"}), json!("YouTube")),
        (
            json!({"url": "https://x.com/a/status/1", "provider": "Twitter"}),
            json!("Twitter"),
        ),
        (json!({"url": "https://a.fr/1"}), json!(null)),
    ] {
        let mut block = embed;
        block["type"] = json!("embed");
        assert_eq!(json!(read(json!([block])).unwrap())[0]["provider"], expected);
    }
}

#[test]
fn a_body_is_empty_where_a_reader_finds_nothing_in_it() {
    for (blocks, expected) in [
        (json!([]), true),
        (
            json!([{"type": "paragraph", "html": "<br>"}, {"type": "divider"}, {"type": "ad_slot", "slot": "a"}]),
            true,
        ),
        (
            json!([{"type": "raw_html", "html": ""}, {"type": "list", "is_ordered": true, "items": []}]),
            true,
        ),
        (json!([{"type": "paragraph", "html": "x"}]), false),
        (json!([{"type": "embed", "url": "https://a.fr/1"}]), false),
    ] {
        assert_eq!(is_empty_body(&read(blocks.clone()).unwrap()), expected, "{blocks}");
    }
}
