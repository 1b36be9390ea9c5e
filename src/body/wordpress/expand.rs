//! What a post's HTML stands for elsewhere, put where it belongs before the HTML is read: reusable blocks, footnotes,
//! and the code that page builders keep encoded.

use ammonia::url::form_urlencoded;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::body::html::escape;
use crate::body::wordpress::{LossCounter, PostContext, PostFootnote};

/// Reusable blocks within reusable blocks.
const MAX_DEPTH: usize = 3;
/// Reusable blocks of one post.
const MAX_REUSED: usize = 100;
/// Shortcodes of page builders whose content is encoded: HTML, and the code of scripts.
const ENCODED: [(&str, EncodedContent); 3] = [
    ("vc_raw_html", EncodedContent::Html),
    ("vc_raw_js", EncodedContent::Script),
    ("fusion_code", EncodedContent::Html),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum EncodedContent {
    Html,
    Script,
}

/// The HTML with all of that in its place.
pub fn expanded(html: String, context: &PostContext<'_>, losses: &mut LossCounter) -> String {
    let mut left = MAX_REUSED;
    let html = with_reusable_blocks(html, context, MAX_DEPTH, &mut left);
    let html = with_footnotes(html, context);
    ENCODED
        .iter()
        .fold(html, |html, (name, content)| decoded(html, name, *content, losses))
}

/// Puts the blocks in place that stand in many posts: `<!-- wp:block {"ref":99} /-->`. One that is not known stays, and
/// is counted when it is read.
fn with_reusable_blocks(html: String, context: &PostContext<'_>, depth: usize, left: &mut usize) -> String {
    const START: &str = "<!-- wp:block ";
    if depth == 0 || !html.contains(START) {
        return html;
    }
    let mut out = String::with_capacity(html.len());
    let mut rest = html.as_str();
    while let Some((before, after)) = rest.split_once(START) {
        out.push_str(before);
        let comment = after.split_once("/-->").filter(|_| *left > 0);
        let found = comment.and_then(|(attributes, after)| {
            let attributes: Value = serde_json::from_str(attributes.trim()).ok()?;
            Some(((context.reusable)(attributes["ref"].as_u64()?)?, after))
        });
        match found {
            Some((content, after)) => {
                *left -= 1;
                out.push_str(&with_reusable_blocks(content, context, depth - 1, left));
                rest = after;
            }
            None => {
                out.push_str(START);
                rest = after;
            }
        }
    }
    out + rest
}

/// Puts the texts of the notes where the post has its list of them, else at its end.
fn with_footnotes(html: String, context: &PostContext<'_>) -> String {
    const PLACE: &str = "<!-- wp:footnotes /-->";
    if context.footnotes.is_empty() {
        return html;
    }
    let items: Vec<String> = context.footnotes.iter().map(|note| note_item(note, &html)).collect();
    let list = format!("<!-- wp:list --><ol>{}</ol><!-- /wp:list -->", items.concat());
    match html.split_once(PLACE) {
        Some((before, after)) => format!("{before}{list}{after}"),
        None => html + &list,
    }
}

/// A note, and the way back to where it is referred to.
fn note_item(note: &PostFootnote, html: &str) -> String {
    let (id, content) = (escape(&note.id), &note.content);
    let way_back = match !id.is_empty() && html.contains(&format!("\"{id}-link\"")) {
        true => format!(" <a href=\"#{id}-link\">↩</a>"),
        false => String::new(),
    };
    format!("<li id=\"{id}\">{content}{way_back}</li>")
}

/// The HTML with the content of a shortcode decoded: base64, within it percent-encoding. Scripts, and what cannot be
/// decoded, are left out.
fn decoded(html: String, name: &str, content: EncodedContent, losses: &mut LossCounter) -> String {
    let (start, end) = (format!("[{name}"), format!("[/{name}]"));
    if !html.contains(&end) {
        return html;
    }
    let mut out = String::with_capacity(html.len());
    let mut rest = html.as_str();
    while let Some((before, after)) = rest.split_once(&start) {
        let Some((inside, after)) = after.split_once(&end) else {
            break;
        };
        out.push_str(before);
        let code = inside.split_once(']').map_or("", |(_, code)| code);
        match decode(code).filter(|_| content == EncodedContent::Html) {
            Some(code) => out.push_str(&format!("\n\n{code}\n\n")),
            None => losses.count(&format!("shortcode:{name}")),
        }
        rest = after;
    }
    out + rest
}

fn decode(code: &str) -> Option<String> {
    let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let bytes = STANDARD.decode(code).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    // Percent-encoding leaves none of these; without it the text is the code itself.
    if text.contains(['<', '&', ' ']) {
        return Some(text);
    }
    let (name, value) = form_urlencoded::parse(text.as_bytes()).next()?;
    Some(format!("{name}{value}")).filter(|text| !text.contains('\u{fffd}'))
}
