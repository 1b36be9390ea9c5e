//! Links to a place in the same body. The sanitiser has given every id its prefix; a link to one gets it here, where all
//! blocks are known: a note may be in another block than what it is a note to.

use std::collections::HashSet;

use super::Block;
use crate::base::text::entities;
use crate::body::html::push_escaped;
use crate::body::html::sanitise::anchor;
use crate::body::html::tokens::{HtmlToken, HtmlTokens};

const LINK: &str = " href=\"#";

/// Makes links within the blocks lead to the ids as they are by now. A link to what the blocks do not hold stays as it
/// is: it may be meant for the page around them.
pub fn follow_anchors(blocks: &mut [Block]) {
    let mut ids: HashSet<String> = HashSet::new();
    for block in blocks.iter_mut() {
        if let Block::Heading(heading) = block {
            ids.extend(heading.anchor.clone());
        }
        for html in html_of(block) {
            ids.extend(ids_in(html));
        }
    }
    if ids.is_empty() {
        return;
    }
    let texts = blocks.iter_mut().flat_map(html_of);
    for html in texts.filter(|html| html.contains(LINK)) {
        *html = led_to(html, &ids);
    }
}

/// The HTML of a block.
fn html_of(block: &mut Block) -> Vec<&mut String> {
    match block {
        Block::Paragraph(block) => vec![&mut block.html],
        Block::Quote(block) => vec![&mut block.html],
        Block::FactBox(block) => vec![&mut block.html],
        Block::RawHtml(block) => vec![&mut block.html],
        Block::List(block) => block.items.iter_mut().collect(),
        Block::Table(block) => block.header.iter_mut().chain(block.rows.iter_mut().flatten()).collect(),
        _ => Vec::new(),
    }
}

fn ids_in(html: &str) -> Vec<String> {
    if !html.contains(" id=\"") {
        return Vec::new();
    }
    let ids = HtmlTokens::new(html).filter_map(|token| match token {
        HtmlToken::Open(tag) => tag.attribute("id"),
        _ => None,
    });
    ids.collect()
}

/// Sanitised HTML whose links lead to these ids. The sanitiser writes the values of attributes in double quotes, with
/// none inside.
fn led_to(html: &str, ids: &HashSet<String>) -> String {
    let mut result = String::with_capacity(html.len());
    let mut done = 0;
    let mut tokens = HtmlTokens::new(html);
    while let Some(token) = tokens.next() {
        let HtmlToken::Open(tag) = token else { continue };
        let start = tokens.position() - tag.source.len();
        let Some(at) = tag.source.find(LINK).map(|at| start + at + LINK.len()) else {
            continue;
        };
        let length = html[at..].find('"').unwrap_or(0);
        let target = decoded(&html[at..at + length]);
        if let Some(id) = anchor(&target).filter(|id| ids.contains(id)) {
            result.push_str(&html[done..at]);
            push_escaped(&mut result, &id);
            done = at + length;
        }
    }
    result + &html[done..]
}

/// The id that a fragment names: browsers percent-encode what is not ASCII.
fn decoded(fragment: &str) -> String {
    let fragment = entities::decode(fragment);
    let mut parts = form_urlencoded::parse(fragment.as_bytes());
    match parts.next() {
        Some((name, value)) if fragment.contains('%') && value.is_empty() => name.into_owned(),
        _ => fragment,
    }
}
