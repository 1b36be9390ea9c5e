use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser};

use super::*;
use crate::body::html::text;

/// The text that a reader of Markdown sees, with white space folded.
fn seen(markdown: &str) -> String {
    let mut text = String::new();
    for event in Parser::new_ext(markdown, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH) {
        match event {
            Event::Text(part) | Event::Code(part) => text.push_str(&part),
            Event::HardBreak | Event::SoftBreak | Event::Start(_) | Event::End(_) => {
                text.push_str(if matches!(event, Event::HardBreak | Event::SoftBreak) {
                    " "
                } else {
                    ""
                });
            }
            _ => {}
        }
    }
    folded(&text)
}

fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn marks_become_signs_and_text_never_does() {
    for (html, expected) in [
        ("<p>a <b>b</b> <i>c</i> <s>d</s></p>", "a **b** *c* ~~d~~"),
        ("<p>a<b> b </b>c</p>", "a **b** c"),
        ("<p>«\u{a0}<b>Oui\u{a0}</b>»</p>", "«\u{a0}**Oui**\u{a0}»"),
        ("<p><b><strong>a</strong></b></p>", "**a**"),
        ("<p><b><i>a</i> b</b></p>", "***a* b**"),
        ("<p><b>a</b><i>b</i></p>", "**a**<em>b</em>"),
        ("<p>a<b>«b»</b>c</p>", "a<strong>«b»</strong>c"),
        ("<p><b></b>a<i> </i>b</p>", "a b"),
        (
            "<p>2 * 3 _ 4 ` 5 [x](y) a\\b 1 &lt; 2 &amp;eacute; a|b</p>",
            "2 \\* 3 \\_ 4 \\` 5 \\[x\\](y) a\\\\b 1 \\< 2 \\&eacute; a\\|b",
        ),
        (
            "<p># a</p><p>- b</p><p>1. c</p><p>12) d</p><p>&gt; e</p><p>1.5</p>",
            "\\# a\n\n\\- b\n\n1\\. c\n\n12\\) d\n\n\\> e\n\n1\\.5",
        ),
        ("<h2>C#</h2><h3>a<br>b</h3>", "## C\\#\n\n### a b"),
        ("<p><code>a*b</code> <code>`</code></p>", "`a*b` `` ` ``"),
        ("<p>H<sub>2</sub>O 1<sup>er</sup></p>", "H<sub>2</sub>O 1<sup>er</sup>"),
        ("<p>a<br>b<br></p>", "a\\\nb"),
        ("<pre>x\n  <b>y</b>\n</pre>", "```\nx\n  y\n```"),
        ("<p><q>a</q></p>", "“a”"),
    ] {
        assert_eq!(markdown(html), expected, "{html}");
    }
}

#[test]
fn links_and_pictures_keep_their_addresses() {
    for (html, expected) in [
        (
            "<a href=\"https://x.test/a?b=1&amp;c=2\">a</a>",
            "[a](https://x.test/a?b=1&c=2)",
        ),
        ("<a href=\"https://x.test/a_(b)\">a</a>", "[a](<https://x.test/a_(b)>)"),
        (
            "<a href=\"https://x.test/?a&amp;amp;\">a</a>",
            "[a](https://x.test/?a&amp;amp;)",
        ),
        (
            "<a href=\"https://x.test/a_b\">https://x.test/a_b</a>",
            "<https://x.test/a_b>",
        ),
        ("Oui!<a href=\"https://x.test/\">a</a>", "Oui\\![a](https://x.test/)"),
        (
            "<a href=\"#a-1\" id=\"a-2\">[1]</a>",
            "<a id=\"a-2\"></a>[\\[1\\]](#a-1)",
        ),
        (
            "<a id=\"a-1\"></a>a <a href=\"\">b</a><a href=\"https://x.test/\"></a>",
            "<a id=\"a-1\"></a>a b",
        ),
        (
            "<img src=\"https://i.test/a b.jpg\" alt=\"Un [port] &quot;à&quot; quai\">",
            "![Un \\[port] \"à\" quai](<https://i.test/a b.jpg>)",
        ),
        ("<iframe src=\"https://v.test/1\"></iframe>", "<https://v.test/1>"),
    ] {
        assert_eq!(markdown(html), expected.replace("[port]", "[port\\]"), "{html}");
    }
    assert_eq!(
        plain("<p>a <a href=\"https://x.test/\">b</a><img src=\"x\" alt=\"y\"></p>"),
        "a b"
    );
}

#[test]
fn lists_and_quotes_nest() {
    let html = "<p>a</p><ul><li>b<ol><li>c</li><li><p>d</p><p>e</p></li></ol></li><li>f<br>g</li></ul><ul><li>h</li></ul>\
                <blockquote>i<footer>j</footer></blockquote><blockquote>k</blockquote><aside><h3>l</h3><ul><li>m</li></ul>\
                </aside><p>n</p>";
    assert_eq!(
        markdown(html),
        "a\n\n- b\n  1. c\n  2. d\n\n     e\n- f\\\n  g\n\n* h\n\n> i\n>\n> — j\n\n> k\n\n> ### l\n>\n> - m\n\nn"
    );
    assert_eq!(
        plain(html),
        "a\n\n- b\n  1. c\n  2. d\n\n     e\n- f\n  g\n\n- h\n\ni\n\n— j\n\nk\n\nl\n\n- m\n\nn"
    );
    let lists =
        "<ul><li>a<ul><li>b</li></ul></li><li>c<ul><li>d</li></ul></li></ul><ol><li>e</li></ol><ol><li>f</li></ol>";
    assert_eq!(markdown(lists), "- a\n  - b\n- c\n  - d\n\n1. e\n\n1) f");
    assert_eq!(markdown("<ol start=\"9\"><li>a</li><li>b</li></ol>"), "9. a\n10. b");
}

#[test]
fn tables_are_rows() {
    let html = "<table><caption>A</caption><thead><tr><th>b|c</th><th>d</th></tr></thead><tbody><tr><td>e<br>f</td></tr>\
                <tr><td><code>g|h</code></td><td><p>i</p><ul><li>j</li></ul></td></tr></tbody></table><p>k</p>";
    assert_eq!(
        markdown(html),
        "A\n\n| b\\|c | d |\n| --- | --- |\n| e<br>f |  |\n| `g\\|h` | i<br>j |\n\nk"
    );
    assert_eq!(plain(html), "A\n\nb|c | d\ne f | \ng|h | i j\n\nk");
    assert_eq!(markdown("<table><tr><td>a</td></tr></table>"), "|  |\n| --- |\n| a |");
    let nested = "<table><tr><td>a<table><tr><td>b</td></tr></table></td></tr></table>";
    assert_eq!(markdown(nested), "|  |\n| --- |\n| a<br>b |");
    assert_eq!(markdown("<table></table>"), "");
}

proptest! {
    #[test]
    fn who_reads_the_markdown_sees_the_text(text in "[-a1 .#+=>&;!_*`~|:()\\[\\]\\\\<\u{a0}«»]{1,40}") {
        for html in [
            format!("<p>{}</p>", escape(&text)),
            format!("<ul><li>{}</li></ul>", escape(&text)),
            format!("<h2>{}</h2>", escape(&text)),
            format!("<blockquote>{}</blockquote>", escape(&text)),
        ] {
            let markdown = markdown(&html);
            prop_assert_eq!(seen(&markdown), folded(&text::of_html(&html)), "{}", markdown);
        }
    }

    #[test]
    fn marked_text_is_seen_as_it_is(parts in prop::collection::vec(("(b|i|s|sup|span)", "[a .*«!\u{a0}]{0,5}"), 1..6)) {
        let marked = parts.iter().map(|(tag, text)| format!("<{tag}>{text}</{tag}>"));
        let html = format!("<p>{}</p>", marked.collect::<String>());
        let markdown = markdown(&html);
        prop_assert_eq!(seen(&markdown), folded(&text::of_html(&html)), "{}", markdown);
    }

    #[test]
    fn any_source_is_written(html in "(<(p|b|ul|li|ol|table|tr|td|blockquote|pre|a href=\"x\"|code|h3)>|</(p|b|ul|li|table|tr|td|blockquote|pre|a|code|h3)>|a| |\n|&lt;){0,40}") {
        markdown(&html);
        plain(&html);
    }
}
