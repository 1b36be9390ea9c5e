//! Reads blocks from JSON. Length is measured first, on what was sent; then HTML is sanitised.

use std::collections::HashSet;

use serde_json::{Value, json};
use unicode_normalization::UnicodeNormalization;

use super::{
    AdSlotBlock, AudioBlock, Block, BlockId, DividerBlock, EmbedBlock, FactBoxBlock, GalleryBlock, HeadingBlock,
    ImageBlock, InterlinkBlock, ListBlock, ParagraphBlock, PullquoteBlock, QuoteBlock, RawHtmlBlock, TableBlock,
    VideoBlock, follow_anchors,
};
use crate::base::error::{FieldCode, FieldError};
use crate::base::http::fields::{At, Fields, object};
use crate::base::http::value_reader::{
    ValueReader, ValueSchema, blank_line, blank_text, boolean, filled_list, known_word, line, list, parsed,
    small_integer, string, text, url, value_reader,
};
use crate::base::ids::ArticleId;
use crate::base::limits;
use crate::base::text::plain;
use crate::base::text::warnings::{TextFinding, TextWarningCode, is_text};
use crate::body::html::sanitise::{ANCHOR_PREFIX, EmbedPolicy, PermittedMarkup, SanitisedHtml, anchor};
use crate::body::image::{self as picture, web_url};
use crate::body::providers::provider;

/// Reads the blocks of a body. A block without an id gets one; no two may have the same.
pub fn block_list(policy: &EmbedPolicy) -> impl ValueReader<Value = Vec<Block>> {
    let block = move || {
        value_reader(ValueSchema::component::<Block>, move |at, value| {
            read_block(at, value, policy)
        })
    };
    value_reader(
        move || list(limits::BLOCKS, block()).schema(),
        move |at, mut value| {
            let errors = at.error_count();
            if let Value::Array(items) = &mut value
                && items.len() <= limits::BLOCKS
            {
                give_ids(items);
                refuse_duplicate_ids(at, items);
            }
            let mut blocks = list(limits::BLOCKS, block()).read(at, value)?;
            follow_anchors(&mut blocks);
            (at.error_count() == errors).then_some(blocks)
        },
    )
}

fn give_ids(items: &mut [Value]) {
    let mut taken: HashSet<String> = items.iter().filter_map(id_of).map(str::to_owned).collect();
    for members in items.iter_mut().filter_map(Value::as_object_mut) {
        if members.get("id").is_none_or(Value::is_null) {
            let mut id = BlockId::fresh();
            while !taken.insert(id.as_str().to_owned()) {
                id = BlockId::fresh();
            }
            members.insert("id".to_owned(), json!(id));
        }
    }
}

fn refuse_duplicate_ids(at: &mut At<'_>, items: &[Value]) {
    let mut seen = HashSet::new();
    for (index, item) in items.iter().enumerate() {
        if id_of(item).is_some_and(|id| !seen.insert(id)) {
            let _: Option<()> = at.child(&index.to_string()).child("id").fail(FieldCode::Duplicate);
        }
    }
}

fn id_of(item: &Value) -> Option<&str> {
    item.get("id")?.as_str()
}

fn read_block(at: &mut At<'_>, value: Value, policy: &EmbedPolicy) -> Option<Block> {
    let kind = read_kind(at, &value)?;
    refuse_too_long(at, &value)?;
    object(at, value, |members| {
        members.pass_over("type");
        let id = members.required(
            "id",
            parsed(limits::TOKEN, "1 to 40 letters, digits, _ or -", BlockId::parse),
        );
        read_members(members, kind, id, policy)
    })
}

/// The type comes before all else: without it nobody knows what the other members should be.
fn read_kind(at: &mut At<'_>, value: &Value) -> Option<&'static str> {
    let Value::Object(members) = value else {
        return at.expected(FieldCode::WrongType, "an object");
    };
    let known = |text: &str| Block::KINDS.iter().copied().find(|kind| *kind == text);
    match members.get("type") {
        None | Some(Value::Null) => at.child("type").missing(Block::KINDS),
        Some(kind) => known_word(&mut at.child("type"), kind.clone(), Block::KINDS, known),
    }
}

/// Blames the member that is too long on its own, if there is one, else the block.
fn refuse_too_long(at: &mut At<'_>, value: &Value) -> Option<()> {
    if text_length(value) <= limits::BLOCK {
        return Some(());
    }
    let members = value.as_object()?;
    let is_long =
        |(name, value): &(&String, &Value)| value.is_string() && is_text(name) && text_length(value) > limits::BLOCK;
    match members.iter().find(is_long) {
        Some((name, _)) => at.child(name).over(FieldCode::TooLong, limits::BLOCK),
        None => at.over(FieldCode::TooLong, limits::BLOCK),
    }
}

/// The characters of all texts in it.
fn text_length(value: &Value) -> usize {
    match value {
        Value::String(text) => text.nfc().count(),
        Value::Array(items) => items.iter().map(text_length).sum(),
        Value::Object(members) => {
            let texts = members.iter().filter(|(name, _)| is_text(name));
            texts.map(|(_, value)| text_length(value)).sum()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    }
}

fn read_members(members: &mut Fields<'_>, kind: &str, id: Option<BlockId>, policy: &EmbedPolicy) -> Option<Block> {
    match kind {
        "paragraph" => paragraph(members, id).map(Block::Paragraph),
        "heading" => heading(members, id).map(Block::Heading),
        "quote" => quote(members, id).map(Block::Quote),
        "pullquote" => pullquote(members, id).map(Block::Pullquote),
        "list" => list_block(members, id).map(Block::List),
        "image" => image(members, id).map(Block::Image),
        "gallery" => gallery(members, id).map(Block::Gallery),
        "video" => video(members, id).map(Block::Video),
        "audio" => audio(members, id).map(Block::Audio),
        "embed" => embed(members, id).map(Block::Embed),
        "table" => table(members, id).map(Block::Table),
        "fact_box" => fact_box(members, id).map(Block::FactBox),
        "interlink" => interlink(members, id).map(Block::Interlink),
        "ad_slot" => ad_slot(members, id).map(Block::AdSlot),
        "divider" => Some(Block::Divider(DividerBlock { id: id? })),
        _ => raw_html(members, id, policy).map(Block::RawHtml),
    }
}

fn paragraph(members: &mut Fields<'_>, id: Option<BlockId>) -> Option<ParagraphBlock> {
    let html = members.required("html", html(PermittedMarkup::Inline));
    Some(ParagraphBlock { id: id?, html: html? })
}

fn heading(members: &mut Fields<'_>, id: Option<BlockId>) -> Option<HeadingBlock> {
    let level = members.required("level", small_integer(2, 6));
    let text = members.required("text", line(limits::TITLE));
    let anchor = members.optional("anchor", anchor_id());
    Some(HeadingBlock {
        id: id?,
        level: level?,
        text: text?,
        anchor,
    })
}

fn quote(members: &mut Fields<'_>, id: Option<BlockId>) -> Option<QuoteBlock> {
    let html = members.required("html", html(PermittedMarkup::Quote));
    let attribution = credit(members, "attribution");
    Some(QuoteBlock {
        id: id?,
        html: html?,
        attribution,
    })
}

fn pullquote(members: &mut Fields<'_>, id: Option<BlockId>) -> Option<PullquoteBlock> {
    let text = members.required("text", text(limits::BLOCK));
    let attribution = credit(members, "attribution");
    Some(PullquoteBlock {
        id: id?,
        text: text?,
        attribution,
    })
}

fn list_block(members: &mut Fields<'_>, id: Option<BlockId>) -> Option<ListBlock> {
    let is_ordered = members.required("is_ordered", boolean());
    let items = members.required("items", list(limits::BLOCK_ITEMS, html(PermittedMarkup::ListItem)));
    Some(ListBlock {
        id: id?,
        is_ordered: is_ordered?,
        items: items?,
    })
}

fn image(members: &mut Fields<'_>, id: Option<BlockId>) -> Option<ImageBlock> {
    let image = members.required("image", picture::image());
    Some(ImageBlock { id: id?, image: image? })
}

fn gallery(members: &mut Fields<'_>, id: Option<BlockId>) -> Option<GalleryBlock> {
    let images = members.required("images", filled_list(limits::BLOCK_ITEMS, picture::image()));
    Some(GalleryBlock {
        id: id?,
        images: images?,
    })
}

fn video(members: &mut Fields<'_>, id: Option<BlockId>) -> Option<VideoBlock> {
    let url = address(members);
    let caption = caption(members);
    let credit = credit(members, "credit");
    let poster = members.optional("poster", picture::image());
    Some(VideoBlock {
        id: id?,
        url: url?,
        caption,
        credit,
        poster,
    })
}

fn audio(members: &mut Fields<'_>, id: Option<BlockId>) -> Option<AudioBlock> {
    let url = address(members);
    let caption = caption(members);
    let credit = credit(members, "credit");
    Some(AudioBlock {
        id: id?,
        url: url?,
        caption,
        credit,
    })
}

fn embed(members: &mut Fields<'_>, id: Option<BlockId>) -> Option<EmbedBlock> {
    let url = address(members);
    let known = || url.as_deref().and_then(provider).map(str::to_owned);
    let provider = credit(members, "provider").or_else(known);
    let caption = caption(members);
    Some(EmbedBlock {
        id: id?,
        url: url?,
        provider,
        caption,
    })
}

fn table(members: &mut Fields<'_>, id: Option<BlockId>) -> Option<TableBlock> {
    let cells = || list(limits::TABLE_CELLS, html(PermittedMarkup::Inline));
    let caption = caption(members);
    let header = members.optional("header", cells()).unwrap_or_default();
    let rows = members.required("rows", list(limits::BLOCK_ITEMS, cells()));
    Some(TableBlock {
        id: id?,
        caption,
        header,
        rows: rows?,
    })
}

fn fact_box(members: &mut Fields<'_>, id: Option<BlockId>) -> Option<FactBoxBlock> {
    let title = members.required("title", line(limits::TITLE));
    let html = members.required("html", html(PermittedMarkup::Flow));
    Some(FactBoxBlock {
        id: id?,
        title: title?,
        html: html?,
    })
}

fn interlink(members: &mut Fields<'_>, id: Option<BlockId>) -> Option<InterlinkBlock> {
    let article = members.required("article_id", parsed(limits::TOKEN, "a UUID", ArticleId::parse));
    Some(InterlinkBlock {
        id: id?,
        article_id: article?,
    })
}

fn ad_slot(members: &mut Fields<'_>, id: Option<BlockId>) -> Option<AdSlotBlock> {
    let slot = members.required(
        "slot",
        parsed(limits::TOKEN, "1 to 40 lower-case letters, digits, _ or -", slot_key),
    );
    Some(AdSlotBlock { id: id?, slot: slot? })
}

fn raw_html(members: &mut Fields<'_>, id: Option<BlockId>, policy: &EmbedPolicy) -> Option<RawHtmlBlock> {
    let html = html_by(|html| policy.reduce(html)).then(|at, reduced| {
        for host in &reduced.unlisted_hosts {
            let error = FieldError::new(at.pointer(), FieldCode::EmbedHostNotListed);
            let _: Option<()> = at.fail_with(error.with("host", host));
        }
        reduced.unlisted_hosts.is_empty().then_some(reduced)
    });
    let html = members.required("html", told(html));
    Some(RawHtmlBlock { id: id?, html: html? })
}

/// HTML, of which the permitted markup stays. It may be empty: an editor saves unfinished work.
fn html(markup: PermittedMarkup) -> impl ValueReader<Value = String> {
    told(html_by(move |html| markup.reduce(html)))
}

fn html_by(reduce: impl Fn(&str) -> SanitisedHtml) -> impl ValueReader<Value = SanitisedHtml> {
    value_reader(
        || ValueSchema::text(limits::BLOCK),
        move |at, value| Some(reduce(&plain::with_unix_line_ends(&string(at, value)?))),
    )
}

/// The HTML that is left; a warning says what is not.
fn told(reader: impl ValueReader<Value = SanitisedHtml>) -> impl ValueReader<Value = String> {
    reader.then(|at, reduced| {
        if !reduced.lost.is_empty() {
            let lost = reduced.lost.join(", ");
            at.warn(TextFinding::new(at.pointer(), TextWarningCode::MarkupRemoved, lost));
        }
        Some(reduced.html)
    })
}

fn anchor_id() -> impl ValueReader<Value = String> {
    parsed(
        limits::ANCHOR + ANCHOR_PREFIX.len(),
        "1 to 100 characters without spaces",
        anchor,
    )
}

fn address(members: &mut Fields<'_>) -> Option<String> {
    members.required("url", url("an http or https URL", web_url))
}

fn caption(members: &mut Fields<'_>) -> Option<String> {
    members.optional("caption", blank_text(limits::CAPTION)).flatten()
}

fn credit(members: &mut Fields<'_>, name: &str) -> Option<String> {
    members.optional(name, blank_line(limits::CREDIT)).flatten()
}

fn slot_key(text: &str) -> Option<String> {
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'-');
    (text.len() <= limits::BLOCK_ID && text.bytes().all(fits)).then(|| text.to_owned())
}
