//! What can be asked of blocks: their text, their words, what they link to.

use super::Block;
use crate::base::ids::ArticleId;
use crate::body::html;
use crate::body::image::Image;

/// All text that a reader sees, a line for each paragraph, item, cell or caption. Alternative texts
/// are not in it: they describe, they are not written to be read.
pub fn plain_text(blocks: &[Block]) -> String {
    let lines: Vec<String> = blocks.iter().flat_map(lines).filter(|line| !line.is_empty()).collect();
    lines.join("\n")
}

/// How many words a reader reads in the block. Punctuation on its own is no word (`«`, `?`).
pub fn word_count(block: &Block) -> usize {
    let is_word = |word: &&str| word.contains(char::is_alphanumeric);
    lines(block)
        .iter()
        .map(|line| line.split_whitespace().filter(is_word).count())
        .sum()
}

/// Whether a reader finds nothing in it: no word, and nothing to look at or to listen to.
pub fn is_empty_body(blocks: &[Block]) -> bool {
    let is_void = |block: &Block| match block {
        Block::AdSlot(_) | Block::Divider(_) => true,
        Block::RawHtml(block) => block.html.is_empty(),
        Block::Paragraph(_) | Block::Quote(_) | Block::List(_) | Block::Table(_) => {
            lines(block).iter().all(|line| line.trim().is_empty())
        }
        _ => false,
    };
    blocks.iter().all(is_void)
}

/// The articles that interlink blocks name, each once, in the order of the body.
pub fn interlinks(blocks: &[Block]) -> Vec<ArticleId> {
    let mut articles = Vec::new();
    for block in blocks {
        if let Block::Interlink(link) = block
            && !articles.contains(&link.article_id)
        {
            articles.push(link.article_id);
        }
    }
    articles
}

/// The places of raw HTML in `new` that `old` does not have, byte for byte, under the same id. Moving or removing raw
/// HTML changes nothing.
pub fn raw_html_changes(old: &[Block], new: &[Block]) -> Vec<usize> {
    let is_raw = |block: &Block| matches!(block, Block::RawHtml(_));
    let blocks = new.iter().enumerate();
    let changed = blocks.filter(|(_, block)| is_raw(block) && !old.contains(block));
    changed.map(|(index, _)| index).collect()
}

fn lines(block: &Block) -> Vec<String> {
    let html = |html: &String| html::text::of_html(html);
    let plain = |text: &Option<String>| text.clone().unwrap_or_default();
    match block {
        Block::Paragraph(block) => vec![html(&block.html)],
        Block::Heading(block) => vec![block.text.clone()],
        Block::Quote(block) => vec![html(&block.html), plain(&block.attribution)],
        Block::Pullquote(block) => vec![block.text.clone(), plain(&block.attribution)],
        Block::List(block) => block.items.iter().map(html).collect(),
        Block::Image(block) => captions(&block.image),
        Block::Gallery(block) => block.images.iter().flat_map(captions).collect(),
        Block::Video(block) => vec![plain(&block.caption), plain(&block.credit)],
        Block::Audio(block) => vec![plain(&block.caption), plain(&block.credit)],
        Block::Embed(block) => vec![plain(&block.caption)],
        Block::Table(block) => {
            let cells = block.header.iter().chain(block.rows.iter().flatten()).map(html);
            std::iter::once(plain(&block.caption)).chain(cells).collect()
        }
        Block::FactBox(block) => vec![block.title.clone(), html(&block.html)],
        Block::RawHtml(block) => vec![html(&block.html)],
        Block::Interlink(_) | Block::AdSlot(_) | Block::Divider(_) => Vec::new(),
    }
}

fn captions(image: &Image) -> Vec<String> {
    [&image.caption, &image.credit].into_iter().flatten().cloned().collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn blocks(value: serde_json::Value) -> Vec<Block> {
        serde_json::from_value(value).unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn words_are_counted_as_a_reader_counts_them() {
        let cases = [
            ("", 0),
            ("«&nbsp;Oui&nbsp;!&nbsp;»", 1),
            ("L’État, c’est<br>moi", 3),
            ("<b>un</b>e — deux", 2),
        ];
        for (html, expected) in cases {
            let block = blocks(json!([{ "type": "paragraph", "id": "a", "html": html }]));
            assert_eq!(word_count(&block[0]), expected, "{html}");
        }
    }

    #[test]
    fn interlinks_are_listed_once_in_order() {
        let link = |id: &str, article: &str| json!({ "type": "interlink", "id": id, "article_id": article });
        let (one, two) = (ArticleId::new(), ArticleId::new());
        let (one, two) = (one.as_str(), two.as_str());
        let found = interlinks(&blocks(json!([link("a", two), link("b", one), link("c", two)])));
        assert_eq!(json!(found), json!([two, one]));
    }

    #[test]
    fn raw_html_changes_when_it_is_new_or_different_and_not_when_it_moves_or_goes() {
        let raw = |id: &str, html: &str| json!({ "type": "raw_html", "id": id, "html": html });
        let old = blocks(json!([raw("a", "x"), raw("b", "y")]));
        let cases = [
            (json!([raw("b", "y"), raw("a", "x")]), vec![]),
            (json!([raw("a", "x")]), vec![]),
            (json!([raw("a", "x ")]), vec![0]),
            (json!([raw("c", "x")]), vec![0]),
            (json!([raw("a", "y")]), vec![0]),
        ];
        for (new, expected) in cases {
            assert_eq!(raw_html_changes(&old, &blocks(new.clone())), expected, "{new}");
        }
    }
}
