//! HTML made fit for the parser: of bounded depth, every element closed, without what has no place in any text.

use std::borrow::Cow;
use std::collections::HashSet;

use super::{DROPPED_WHOLE, SanitisedHtml, host_of, is_https, is_permitted_frame};
use crate::body::html::sanitise::{losses, restyle};
use crate::body::html::tokens::{ElementTag, HtmlToken, HtmlTokens};
use crate::body::html::{is_block_level, is_void};

/// Deeper nesting than this is dropped; its text stays.
const MAX_DEPTH: usize = 50;
/// Longer tags than this are dropped: no permitted attributes need as much.
const MAX_TAG: usize = 8 * 1024;

/// The same HTML for the parser's sake: no deep nesting, no huge tags, no end tag without its start
/// tag, every element closed, no style. A block-level element that `tags` lacks leaves white space. `told` hears what
/// goes already here.
pub fn bounded(html: &str, tags: &HashSet<&str>, frames: &[String], told: &mut SanitisedHtml) -> String {
    let mut bounded = String::with_capacity(html.len());
    let mut open: Vec<OpenTag<'_>> = Vec::new();
    let mut dropped = false;
    for token in HtmlTokens::new(html) {
        match token {
            HtmlToken::Text(text) => bounded.push_str(&text.replace('<', "&lt;")),
            HtmlToken::Raw(text) if !dropped => bounded.push_str(text),
            HtmlToken::Raw(_) | HtmlToken::Comment(_) => {}
            HtmlToken::Open(tag) => {
                dropped = is_dropped(&tag, frames)
                    || is_foreign(&tag.name, tags)
                    || (!is_void(&tag.name) && open.len() >= MAX_DEPTH);
                separate(&mut bounded, &tag.name, tags);
                if dropped {
                    tell_dropped(told, &tag, frames);
                } else {
                    push_start_tag(&mut bounded, &mut open, tag, told);
                }
                // An iframe shows its document and nothing of its content.
                dropped |= open.last().is_some_and(|element| element.name == "iframe");
            }
            HtmlToken::Close(name) => {
                close(&mut bounded, &mut open, &name);
                separate(&mut bounded, &name, tags);
            }
        }
    }
    for element in open.iter().rev() {
        bounded.push_str(&element.end);
    }
    bounded
}

/// An element that is not closed yet.
struct OpenTag<'s> {
    name: Cow<'s, str>,
    /// What closes it.
    end: String,
}

fn push_start_tag<'s>(html: &mut String, open: &mut Vec<OpenTag<'s>>, tag: ElementTag<'s>, told: &mut SanitisedHtml) {
    let is_in_link = open.iter().any(|element| element.name == "a");
    let end = match restyle::restyled(&tag, is_in_link) {
        Some(element) => {
            if !element.lost.is_empty() {
                losses::push_name(&mut told.lost, format!("style ({})", element.lost.join(", ")));
            }
            html.push_str(&element.start);
            element.end
        }
        None => {
            html.push_str(tag.source);
            format!("</{}>", tag.name)
        }
    };
    if !is_void(&tag.name) {
        open.push(OpenTag { name: tag.name, end });
    }
}

/// Notes an element that goes; of a frame, whose it was.
fn tell_dropped(told: &mut SanitisedHtml, tag: &ElementTag<'_>, frames: &[String]) {
    losses::push_name(&mut told.lost, format!("<{}>", tag.name));
    let host = tag.attribute("src").and_then(|source| host_of(&source));
    if let Some(host) = host.filter(|host| tag.name == "iframe" && !frames.contains(host)) {
        losses::push_name(&mut told.unlisted_hosts, host);
    }
}

fn is_dropped(tag: &ElementTag<'_>, frames: &[String]) -> bool {
    let source = || tag.attribute("src").unwrap_or_default();
    tag.source.len() > MAX_TAG
        || match &*tag.name {
            "iframe" => !is_permitted_frame(&source(), frames),
            "img" => !is_https(&source()),
            _ => false,
        }
}

/// Closes the innermost element of this name with all that is open in it.
fn close(html: &mut String, open: &mut Vec<OpenTag<'_>>, name: &str) {
    if let Some(at) = open.iter().rposition(|open| open.name == name) {
        for element in open.drain(at..).rev() {
            html.push_str(&element.end);
        }
    }
}

/// Leaves white space where the tag of a block-level element goes.
fn separate(html: &mut String, name: &str, tags: &HashSet<&str>) {
    if is_foreign(name, tags) && !html.is_empty() && !html.ends_with('\n') {
        html.push('\n');
    }
}

/// Whether it is a block-level element that `tags` lacks and whose content stays.
fn is_foreign(name: &str, tags: &HashSet<&str>) -> bool {
    is_block_level(name) && !tags.contains(name) && !DROPPED_WHOLE.contains(&name)
}
