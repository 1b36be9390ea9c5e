//! A body as HTML that needs nothing else: for feeds and clients that do not know blocks. Every text is escaped; what is HTML
//! already was sanitised when it was saved. Addresses are whole, so that it can be read anywhere.

use std::collections::HashMap;

use super::{escape, push_escaped};
use crate::base::ids::ArticleId;
use crate::body::blocks::{Block, HeadingBlock};
use crate::body::image::Image;

/// What the HTML of a body needs to know beside its blocks.
pub struct RenderContext<'s> {
    /// The base of the site's own links, without a closing slash.
    pub public_url: &'s str,
    /// Address and title of the live articles that interlink blocks point to.
    pub linked: &'s HashMap<ArticleId, (String, String)>,
    /// Where advertisements stand, in the order of the body.
    pub ads: &'s [AdPlace<'s>],
}

/// A place in a body where a client may draw an advertisement.
#[derive(Clone, Copy, Debug)]
pub struct AdPlace<'s> {
    /// The block above it; `None` above the first.
    pub after: Option<&'s str>,
    /// The slot's key.
    pub slot: &'s str,
}

/// The blocks as HTML; an advertisement's place is a comment.
pub fn blocks(blocks: &[Block], around: &RenderContext<'_>) -> String {
    let mut html = String::new();
    push_ads(&mut html, None, around.ads);
    for block in blocks {
        push_block(&mut html, block, around);
        // A slot that an editor placed is behind the block above it.
        if !matches!(block, Block::AdSlot(_)) {
            push_ads(&mut html, Some(block.id().as_str()), around.ads);
        }
    }
    html
}

fn push_ads(html: &mut String, after: Option<&str>, ads: &[AdPlace<'_>]) {
    for ad in ads.iter().filter(|ad| ad.after == after) {
        html.push_str(&format!("<!-- ad:{} -->", escape(ad.slot)));
    }
}

fn push_block(html: &mut String, block: &Block, around: &RenderContext<'_>) {
    let inline = |source: &str| absolute_links(source, around.public_url);
    match block {
        Block::Paragraph(block) => push_element(html, "p", &inline(&block.html)),
        Block::Heading(block) => push_heading(html, block),
        Block::Quote(block) => push_quote(html, &inline(&block.html), block.attribution.as_deref()),
        Block::Pullquote(block) => push_quote(
            html,
            &format!("<p>{}</p>", escape(&block.text)),
            block.attribution.as_deref(),
        ),
        Block::List(block) => {
            let items: String = block
                .items
                .iter()
                .map(|item| format!("<li>{}</li>", inline(item)))
                .collect();
            push_element(html, if block.is_ordered { "ol" } else { "ul" }, &items);
        }
        Block::Image(block) => push_element(html, "figure", &figure(&block.image)),
        Block::Gallery(block) => block
            .images
            .iter()
            .for_each(|image| push_element(html, "figure", &figure(image))),
        Block::Video(block) => push_recording(html, &block.url, [&block.caption, &block.credit]),
        Block::Audio(block) => push_recording(html, &block.url, [&block.caption, &block.credit]),
        Block::Embed(block) => push_recording(html, &block.url, [&block.caption, &block.provider]),
        Block::Table(block) => {
            let cells = |name: &str, row: &[String]| -> String {
                let cells = row.iter().map(|cell| format!("<{name}>{}</{name}>", inline(cell)));
                format!("<tr>{}</tr>", cells.collect::<String>())
            };
            let caption = block
                .caption
                .as_deref()
                .map(|text| format!("<caption>{}</caption>", escape(text)));
            let head = (!block.header.is_empty()).then(|| format!("<thead>{}</thead>", cells("th", &block.header)));
            let rows: String = block.rows.iter().map(|row| cells("td", row)).collect();
            let parts = [caption, head, Some(format!("<tbody>{rows}</tbody>"))];
            push_element(html, "table", &parts.into_iter().flatten().collect::<String>());
        }
        Block::FactBox(block) => {
            let title = escape(&block.title);
            push_element(html, "aside", &format!("<h3>{title}</h3>{}", inline(&block.html)));
        }
        Block::Interlink(block) => {
            // One that is not live is not drawn.
            if let Some((url, title)) = around.linked.get(&block.article_id) {
                push_element(html, "p", &link(url, title));
            }
        }
        Block::Divider(_) => html.push_str("<hr>"),
        Block::RawHtml(block) => html.push_str(&inline(&block.html)),
        Block::AdSlot(_) => {}
    }
}

fn push_element(html: &mut String, name: &str, inner: &str) {
    html.push_str(&format!("<{name}>{inner}</{name}>"));
}

fn push_heading(html: &mut String, block: &HeadingBlock) {
    let level = block.level.clamp(2, 6);
    let anchor = block.anchor.as_ref().map(|id| format!(" id=\"{}\"", escape(id)));
    let text = escape(&block.text);
    html.push_str(&format!("<h{level}{}>{text}</h{level}>", anchor.unwrap_or_default()));
}

fn push_quote(html: &mut String, quoted: &str, attribution: Option<&str>) {
    let by = attribution.map(|by| format!("<footer>{}</footer>", escape(by)));
    push_element(html, "blockquote", &format!("{quoted}{}", by.unwrap_or_default()));
}

/// What feeds do not play themselves: a link to it, and what is said about it.
fn push_recording(html: &mut String, url: &str, about: [&Option<String>; 2]) {
    let caption = caption(about);
    push_element(html, "figure", &format!("<p>{}</p>{caption}", link(url, url)));
}

/// A picture with its caption, without the element around them.
pub fn figure(image: &Image) -> String {
    let mut html = format!("<img src=\"{}\" alt=\"", escape(&image.url));
    push_escaped(&mut html, image.alt.as_deref().unwrap_or_default());
    html.push('"');
    for (name, side) in [("width", image.width), ("height", image.height)] {
        if let Some(side) = side {
            html.push_str(&format!(" {name}=\"{side}\""));
        }
    }
    html.push('>');
    html.push_str(&caption([&image.caption, &image.credit]));
    html
}

fn caption(parts: [&Option<String>; 2]) -> String {
    let parts: Vec<String> = parts.into_iter().flatten().map(|text| escape(text)).collect();
    if parts.is_empty() {
        String::new()
    } else {
        format!("<figcaption>{}</figcaption>", parts.join(" — "))
    }
}

fn link(url: &str, text: &str) -> String {
    format!("<a href=\"{}\">{}</a>", escape(url), escape(text))
}

/// Sanitised HTML whose links to this site's own paths name the site. The sanitiser writes tags in lower case, and the
/// values of attributes in double quotes, with none inside.
fn absolute_links(html: &str, public_url: &str) -> String {
    let mut result = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(start) = rest.find("<a ") {
        let (before, tag) = rest.split_at(start);
        result.push_str(before);
        let end = end_of_tag(tag);
        let (tag, after) = tag.split_at(end);
        match tag.split_once(" href=\"/") {
            Some((name, value)) => result.push_str(&format!("{name} href=\"{}/{value}", escape(public_url))),
            None => result.push_str(tag),
        }
        rest = after;
    }
    result.push_str(rest);
    result
}

/// Where a tag ends: just after the first `>` outside quotes.
fn end_of_tag(tag: &str) -> usize {
    let mut quoted = false;
    for (index, c) in tag.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '>' if !quoted => return index + 1,
            _ => {}
        }
    }
    tag.len()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn rendered(value: Value) -> String {
        let parsed: Vec<Block> = serde_json::from_value(value).unwrap_or_else(|error| panic!("{error}"));
        let id = ArticleId::parse("0197a3f2-5c1e-7b3a-9d2f-6a1b2c3d4e5f").unwrap();
        let linked = HashMap::from([(id, ("https://f.test/a".to_owned(), "A < B".to_owned()))]);
        let around = RenderContext {
            public_url: "https://f.test",
            linked: &linked,
            ads: &[],
        };
        blocks(&parsed, &around)
    }

    #[test]
    fn advertisements_are_comments_behind_the_block_that_they_follow() {
        let parsed: Vec<Block> = serde_json::from_value(json!([
            {"id": "a", "html": "Un", "type": "paragraph"}, {"id": "b", "slot": "hand", "type": "ad_slot"},
            {"id": "c", "html": "Deux", "type": "paragraph"},
        ]))
        .unwrap();
        let ad = |after, slot| AdPlace { after, slot };
        let around = RenderContext {
            public_url: "https://f.test",
            linked: &HashMap::new(),
            ads: &[
                ad(None, "top"),
                ad(Some("a"), "hand"),
                ad(Some("a"), "rule"),
                ad(Some("c"), "-->"),
            ],
        };
        assert_eq!(
            blocks(&parsed, &around),
            "<!-- ad:top --><p>Un</p><!-- ad:hand --><!-- ad:rule --><p>Deux</p><!-- ad:--&gt; -->"
        );
    }

    #[test]
    fn every_block_is_html_with_its_text_escaped() {
        let image = json!({"url": "https://i.test/a.jpg?x=1&y=2", "alt": "Un \"port\"", "caption": "Le <port>",
            "credit": "AFP", "width": 800, "height": null, "media_id": null});
        let id = "0197a3f2-5c1e-7b3a-9d2f-6a1b2c3d4e5f";
        let figure = "<figure><img src=\"https://i.test/a.jpg?x=1&amp;y=2\" alt=\"Un &quot;port&quot;\" width=\"800\">\
                      <figcaption>Le &lt;port&gt; — AFP</figcaption></figure>";
        for (block, expected) in [
            (json!({"type": "paragraph", "html": "a <b>b</b>"}), "<p>a <b>b</b></p>"),
            (
                json!({"type": "heading", "level": 3, "text": "1 < 2"}),
                "<h3>1 &lt; 2</h3>",
            ),
            (
                json!({"type": "heading", "level": 2, "text": "Notes", "anchor": "a-notes"}),
                "<h2 id=\"a-notes\">Notes</h2>",
            ),
            (
                json!({"type": "quote", "html": "Oui.", "attribution": "K & A"}),
                "<blockquote>Oui.<footer>K &amp; A</footer></blockquote>",
            ),
            (
                json!({"type": "pullquote", "text": "<x>", "attribution": null}),
                "<blockquote><p>&lt;x&gt;</p></blockquote>",
            ),
            (
                json!({"type": "list", "is_ordered": true, "items": ["a", "<i>b</i>"]}),
                "<ol><li>a</li><li><i>b</i></li></ol>",
            ),
            (json!({"type": "image", "image": image}), figure),
            (json!({"type": "gallery", "images": [image]}), figure),
            (
                json!({"type": "video", "url": "https://v.test/a?b&c", "caption": null, "credit": null, "poster": null}),
                "<figure><p><a href=\"https://v.test/a?b&amp;c\">https://v.test/a?b&amp;c</a></p></figure>",
            ),
            (
                json!({"type": "embed", "url": "https://e.test/", "provider": "E", "caption": "C"}),
                "<figure><p><a href=\"https://e.test/\">https://e.test/</a></p><figcaption>C — E</figcaption></figure>",
            ),
            (
                json!({"type": "table", "caption": "C", "header": ["h"], "rows": [["1", "2"]]}),
                "<table><caption>C</caption><thead><tr><th>h</th></tr></thead><tbody><tr><td>1</td><td>2</td></tr>\
                 </tbody></table>",
            ),
            (
                json!({"type": "fact_box", "title": "&", "html": "<p>x</p>"}),
                "<aside><h3>&amp;</h3><p>x</p></aside>",
            ),
            (
                json!({"type": "interlink", "article_id": id}),
                "<p><a href=\"https://f.test/a\">A &lt; B</a></p>",
            ),
            (json!({"type": "interlink", "article_id": ArticleId::new()}), ""),
            (json!({"type": "ad_slot", "slot": "x"}), ""),
            (json!({"type": "divider"}), "<hr>"),
            (json!({"type": "raw_html", "html": "<p>x</p>"}), "<p>x</p>"),
        ] {
            let mut block = block;
            block["id"] = json!("b");
            assert_eq!(rendered(json!([block])), expected);
        }
    }

    #[test]
    fn links_to_own_paths_name_the_site_and_nothing_else_changes() {
        for (html, expected) in [
            ("<a href=\"/news/a\">a</a>", "<a href=\"https://f.test/news/a\">a</a>"),
            (
                "<a rel=\"nofollow\" title=\"a > b\" href=\"/n\">a</a> <a href=\"/m\">b</a>",
                "<a rel=\"nofollow\" title=\"a > b\" href=\"https://f.test/n\">a</a> <a href=\"https://f.test/m\">b</a>",
            ),
            ("<a href=\"https://x.test/\">a</a>", "<a href=\"https://x.test/\">a</a>"),
            ("<a href=\"#b\">a</a>", "<a href=\"#b\">a</a>"),
            ("il écrit href=\"/x\" là", "il écrit href=\"/x\" là"),
            ("<abbr title=\"x\">a</abbr><a ", "<abbr title=\"x\">a</abbr><a "),
        ] {
            assert_eq!(absolute_links(html, "https://f.test"), expected, "{html}");
        }
    }
}
