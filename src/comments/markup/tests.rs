//! What readers may write, and what becomes of what they may not.

use std::time::{Duration, Instant};

use html5ever::tokenizer::{
    BufferQueue, Tag as HtmlTag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};
use proptest::prelude::*;

use super::*;
use crate::base::limits;

/// What an HTML parser finds in markup: its tags, its comments, its text.
#[derive(Default)]
struct ParsedHtml {
    tags: Vec<HtmlTag>,
    others: Vec<String>,
    text: String,
}

struct Sink(std::cell::RefCell<ParsedHtml>);

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, _: u64) -> TokenSinkResult<()> {
        let mut found = self.0.borrow_mut();
        match token {
            Token::TagToken(tag) => found.tags.push(tag),
            Token::CharacterTokens(text) => found.text.push_str(&text),
            Token::ParseError(_) | Token::EOFToken => {}
            other => found.others.push(format!("{other:?}")),
        }
        TokenSinkResult::Continue
    }
}

fn parse(html: &str) -> ParsedHtml {
    let input = BufferQueue::default();
    input.push_back(html.into());
    let tokenizer = Tokenizer::new(Sink(Default::default()), TokenizerOpts::default());
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    tokenizer.sink.0.into_inner()
}

/// What is in the markup that a comment may not have.
fn forbidden(html: &str) -> Option<String> {
    let found = parse(html);
    let wrong_tag = found.tags.iter().find(|tag| {
        let is_wrong = |name: &str, value: &str| match (&*tag.name, name) {
            ("a", "href") => !["http://", "https://", "mailto:"]
                .iter()
                .any(|start| value.starts_with(start)),
            ("a", "rel") => value != REL,
            ("ol", "start") => value.parse::<u64>().is_err(),
            _ => true,
        };
        let wrong_attribute = tag
            .attrs
            .iter()
            .any(|attribute| is_wrong(&attribute.name.local, &attribute.value));
        let has_rel = tag.attrs.iter().any(|attribute| &*attribute.name.local == "rel");
        let is_unmarked = tag.kind == TagKind::StartTag && &*tag.name == "a" && !has_rel;
        !TAGS.contains(&&*tag.name) || wrong_attribute || is_unmarked
    });
    let turned = html.chars().find(|c| is_override(*c)).map(|c| format!("{c:?}"));
    wrong_tag
        .map(|tag| format!("{tag:?}"))
        .or(found.others.first().cloned())
        .or(turned)
}

fn payloads() -> Vec<String> {
    serde_json::from_str(include_str!("../../../tests/it/data/xss.json")).unwrap()
}

#[test]
fn no_payload_leaves_active_markup_in_body_or_name() {
    let payloads = payloads();
    assert!(payloads.len() >= 100, "{}", payloads.len());
    for payload in payloads {
        let html = render(&payload);
        assert_eq!(forbidden(&html), None, "{payload:?} gave {html}");
        let name = author_name(&payload);
        let found = parse(&name);
        assert!(
            found.tags.is_empty() && found.others.is_empty(),
            "{payload:?} gave the name {name}"
        );
        for link in links(&payload) {
            assert!(
                html.contains(&escape(&link.url)),
                "{payload:?}: {link:?} is not in {html}"
            );
        }
    }
}

#[test]
fn readers_may_write_this() {
    let link = |url: &str, text: &str| format!("<a href=\"{url}\" rel=\"{REL}\">{text}</a>");
    let (example, image) = ("https://lefanal.test/", "https://lefanal.test/a.png");
    let table = [
        ("Bravo !", "<p>Bravo !</p>".to_owned()),
        ("a < b & c\nd\n\ne", "<p>a &lt; b &amp; c<br>d</p><p>e</p>".to_owned()),
        (
            "*un* **deux** `tr<ois`",
            "<p><em>un</em> <strong>deux</strong> <code>tr&lt;ois</code></p>".to_owned(),
        ),
        (
            "> cité\n\nréponse",
            "<blockquote><p>cité</p></blockquote><p>réponse</p>".to_owned(),
        ),
        ("- un\n- deux", "<ul><li>un</li><li>deux</li></ul>".to_owned()),
        ("1. un\n2. deux", "<ol><li>un</li><li>deux</li></ol>".to_owned()),
        (
            "1986. Quelle année !",
            "<ol start=\"1986\"><li>Quelle année !</li></ol>".to_owned(),
        ),
        ("```rust\na\n b\n```", "<pre><code>a\n b\n</code></pre>".to_owned()),
        ("# Titre\nsuite", "<p><strong>Titre</strong></p><p>suite</p>".to_owned()),
        ("#titre", "<p>#titre</p>".to_owned()),
        ("a\n\n***\n\nb", "<p>a</p><p>***</p><p>b</p>".to_owned()),
        ("<b>gras</b>", "<p>&lt;b&gt;gras&lt;/b&gt;</p>".to_owned()),
        ("<div>\na\n</div>", "<p>&lt;div&gt;<br>a<br>&lt;/div&gt;</p>".to_owned()),
        (
            "[ici](https://lefanal.test)",
            format!("<p>{}</p>", link(example, "ici")),
        ),
        (
            "![vue](https://lefanal.test/a.png)",
            format!("<p>{}</p>", link(image, "vue")),
        ),
        (
            "[![vue](https://lefanal.test/a.png)](https://lefanal.test)",
            format!("<p>{}</p>", link(example, "vue")),
        ),
        (
            "<https://lefanal.test>",
            format!("<p>{}</p>", link(example, "https://lefanal.test")),
        ),
        (
            "<ada@lefanal.test>",
            format!("<p>{}</p>", link("mailto:ada@lefanal.test", "ada@lefanal.test")),
        ),
        ("ada@lefanal.test", "<p>ada@lefanal.test</p>".to_owned()),
        ("[x](javascript:alert(1)) y", "<p>x y</p>".to_owned()),
        ("| a |\n|---|\n| b |", "<p>| a |<br>|---|<br>| b |</p>".to_owned()),
        ("Fin.Le reste", "<p>Fin.Le reste</p>".to_owned()),
        ("&eacute; &lt;b&gt;", "<p>é &lt;b&gt;</p>".to_owned()),
    ];
    for (body, expected) in table {
        assert_eq!(render(body), expected, "{body:?}");
    }
}

#[test]
fn addresses_are_links_where_they_stand() {
    let at = "https://lefanal.test/";
    let table: &[(&str, &[(&str, &str)])] = &[
        ("Voyez https://lefanal.test.", &[(at, "https://lefanal.test")]),
        ("« https://lefanal.test\u{a0}», oui", &[(at, "https://lefanal.test")]),
        ("«https://lefanal.test»", &[(at, "https://lefanal.test")]),
        ("(https://lefanal.test)", &[(at, "https://lefanal.test")]),
        (
            "WWW.lefanal.test/é_a_b",
            &[("https://www.lefanal.test/%C3%A9_a_b", "WWW.lefanal.test/é_a_b")],
        ),
        (
            "é https://lefanal.test/?a=1&amp;b=2",
            &[("https://lefanal.test/?a=1&b=2", "https://lefanal.test/?a=1&amp;b=2")],
        ),
        (
            "<a href=\"https://lefanal.test\">x</a>",
            &[(at, "https://lefanal.test")],
        ),
        (
            "[été](https://lefanal.test) *https://lefanal.test*",
            &[(at, "[été](https://lefanal.test)"), (at, "https://lefanal.test")],
        ),
        (
            "[https://lefanal.test](https://lefanal.test/a)",
            &[(
                "https://lefanal.test/a",
                "[https://lefanal.test](https://lefanal.test/a)",
            )],
        ),
        ("`https://lefanal.test` [x](/a) fin.Le", &[]),
        ("[x][1]\n\n[1]: https://lefanal.test", &[(at, "[x][1]")]),
    ];
    for (body, expected) in table {
        let found = links(body);
        let chars: Vec<char> = body.chars().collect();
        let shown: Vec<(String, String)> = found
            .iter()
            .map(|link| (link.url.clone(), chars[link.start..link.end].iter().collect()))
            .collect();
        let expected: Vec<(String, String)> = expected
            .iter()
            .map(|(url, text)| ((*url).to_owned(), (*text).to_owned()))
            .collect();
        assert_eq!(shown, expected, "{body}");
        assert_eq!(render(body).matches("<a ").count(), expected.len(), "{body}");
    }
}

#[test]
fn a_name_is_text_that_shows_itself() {
    let table = [
        ("Ada", "Ada"),
        ("<b>Ada</b>", "‹b›Ada‹/b›"),
        ("\u{202e}adA\u{200b}", "adA"),
        ("Zo\u{eb} D’Arc 👩\u{200d}🚀", "Zo\u{eb} D’Arc 👩\u{200d}🚀"),
        ("\u{feff}\u{200b} ", ""),
    ];
    for (name, expected) in table {
        assert_eq!(author_name(name), expected, "{name:?}");
    }
}

/// Five thousand characters of the same few.
fn many(unit: &str) -> String {
    unit.chars().cycle().take(limits::COMMENT).collect()
}

#[test]
fn hostile_nesting_costs_little_and_stays_shallow() {
    let units = [
        ">",
        "> ",
        "[",
        "]",
        "![",
        "`",
        "` ",
        "*",
        "**a",
        "*a ",
        "_",
        "- ",
        "1. ",
        "<",
        "<!--",
        "<a ",
        "&",
        "&#",
        "\\",
        "~",
        "[a](",
        "[a](<",
        "(",
        "https://",
        "www.",
        "a@",
        "a.b.",
        "http://a.b/(",
        "[a]: b\n",
        "*a**b",
        "- a\n ",
        "> a\n",
        "`a``b",
        "<?",
        "<![CDATA[",
        "]]>",
        "\t",
        "#",
        "=\n",
        "a\n-\n",
        "!",
        "[^a]",
        "a__b",
        "***",
    ];
    for unit in units {
        let body = many(unit);
        let started = Instant::now();
        let html = render(&body);
        let found = links(&body);
        let taken = started.elapsed();
        assert!(taken < Duration::from_secs(2), "{unit:?} took {taken:?}");
        assert_eq!(forbidden(&html), None, "{unit:?}");
        let (mut depth, mut deepest) = (0_i32, 0);
        for tag in parse(&html).tags.iter().filter(|tag| &*tag.name != "br") {
            depth += if tag.kind == TagKind::StartTag { 1 } else { -1 };
            deepest = deepest.max(depth);
        }
        assert!(
            deepest <= 2 * i32::try_from(MAX_DEPTH).unwrap(),
            "{unit:?}: {deepest} levels"
        );
        assert!(html.len() < 60 * limits::COMMENT, "{unit:?}: {} bytes", html.len());
        assert!(found.iter().all(|link| link.end <= limits::COMMENT), "{unit:?}");
    }
}

/// What attacks are made of, and what text is made of.
fn any_body() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("<script>"),
        Just("</"),
        Just("<img src=x onerror=a>"),
        Just("javascript:"),
        Just("]("),
        Just("["),
        Just("!["),
        Just(")"),
        Just("https://a.test/"),
        Just("\""),
        Just("'"),
        Just("`"),
        Just("\n"),
        Just("> "),
        Just("- "),
        Just("&lt;"),
        Just("&#106;"),
        Just("*"),
        Just("    "),
        Just("<!--"),
        Just("-->"),
        Just("]: "),
        Just("\\"),
        Just("é"),
        Just("\u{202e}"),
        Just("\u{a0}"),
        Just(" "),
        Just("www.a.test"),
        Just("<svg>"),
        Just("<p style=x>"),
        Just("]]>"),
        Just("👩\u{200d}🚀"),
        Just("mailto:"),
        Just("@"),
        Just("```\n"),
        Just("_"),
        Just("# "),
    ];
    prop_oneof![
        proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat()),
        ".{0,200}"
    ]
}

proptest! {
    #[test]
    fn no_text_leaves_active_markup(body in any_body()) {
        let html = render(&body);
        prop_assert_eq!(forbidden(&html), None, "{}", html);
        let name = author_name(&body);
        prop_assert!(parse(&name).tags.is_empty());
        let chars = body.chars().count();
        let found = links(&body);
        for link in &found {
            prop_assert!(link.start < link.end && link.end <= chars, "{:?}", link);
        }
        prop_assert_eq!(html.matches("<a ").count(), found.len());
    }
}

#[test]
fn stars_within_a_word_stay_stars() {
    for (body, html) in [
        ("2*3*4=24", "<p>2*3*4=24</p>"),
        ("quel c*n*ard", "<p>quel c*n*ard</p>"),
        ("un**deux**trois", "<p>un**deux**trois</p>"),
        ("*fort*ement", "<p>*fort*ement</p>"),
        (
            "très *fort* et (**gras**), l’*un*",
            "<p>très <em>fort</em> et (<strong>gras</strong>), l’<em>un</em></p>",
        ),
    ] {
        assert_eq!(render(body), html, "{body}");
    }
}

#[test]
fn a_literal_text_shows_what_it_says_and_has_no_sign_too_many() {
    let same = [
        "Bravo !",
        "Deux lignes.\nLa seconde.\n\nUn paragraphe.",
        "a < b > c & d",
        "snake_case et https://x.fr/a_b_c?d=e&f=g",
        "un - deux + trois = six",
        "l’article (page 3) : « très bien »",
    ];
    for text in same {
        assert_eq!(literal(text), text);
    }
    let escaped = [
        "# pas un titre",
        "Texte\n---",
        "Texte\n===",
        "> cité",
        "- un\n- deux",
        "+ un",
        "1. un\n2. deux",
        "12) douze",
        "**gras** et _oblique_",
        "*2*3*4*",
        "`code`",
        "[ici](https://x.fr)",
        "![x](https://x.fr)",
        "&eacute; et &#233;",
        "une barre \\* oblique",
        "~~~\ntexte",
        "<https://x.fr>",
        "[a]: https://x.fr\n\n[a]",
    ];
    for text in escaped {
        let body = literal(text);
        assert!(shows(&body, text), "{text:?} became {body:?}: {}", render(&body));
    }
}

#[test]
fn so_many_levels_are_written_and_each_that_ends_makes_room() {
    let written = |depth: usize, text: &str, tag: &str| render(&("> ".repeat(depth) + text)).matches(tag).count();
    for (depth, levels) in [(15, 15), (16, 16), (17, 16)] {
        assert_eq!(written(depth, "a", "<blockquote>"), levels, "{depth}");
    }
    // The paragraph is a level as well, and so is the link in it.
    for (depth, links) in [(13, 1), (14, 1), (15, 0)] {
        assert_eq!(written(depth, "[a](https://a.example)", "<a "), links, "{depth}");
        assert_eq!(written(depth, "*a*", "<em>"), links, "{depth}");
    }
    assert_eq!(render(&"*a*\n\n".repeat(40)).matches("<em>").count(), 40);
}

#[test]
fn a_link_that_is_not_written_is_none() {
    let address = |length: usize| format!("https://a.example/{}", "x".repeat(length - 18));
    let linked = |address: &str| format!("[a]({address})");
    let quoted = |depth: usize| "> ".repeat(depth) + &linked("https://a.example");
    for (body, count) in [
        (linked("https://a.example"), 1),
        (linked("ftp://a.example"), 0),
        (linked("javascript://a.example/%0aalert(1)"), 0),
        (linked("https://u@a.example"), 0),
        (linked("https://:p@a.example"), 0),
        (linked(&address(limits::URL)), 1),
        (linked(&address(limits::URL + 1)), 0),
        (quoted(14), 1),
        (quoted(15), 0),
        (quoted(16), 0),
    ] {
        assert_eq!(links(&body).len(), count, "{body}");
        assert_eq!(render(&body).matches("<a ").count(), count, "{body}");
    }
}

#[test]
fn a_letter_at_one_side_makes_stars_part_of_a_word() {
    assert_eq!(render("(*a*s"), "<p>(*a*s</p>");
    assert_eq!(render("s*a*)"), "<p>s*a*)</p>");
    assert_eq!(render("(*a*)"), "<p>(<em>a</em>)</p>");
}
