//! What sanitising leaves of hostile and of honest HTML.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;
use crate::body::html::tokens::{HtmlToken, HtmlTokens};

const MARKUPS: [PermittedMarkup; 4] = [
    PermittedMarkup::Inline,
    PermittedMarkup::Quote,
    PermittedMarkup::ListItem,
    PermittedMarkup::Flow,
];

fn policy() -> EmbedPolicy {
    EmbedPolicy::new(&["www.youtube.com".to_owned()])
}

fn all(policy: &EmbedPolicy, html: &str) -> Vec<String> {
    MARKUPS
        .iter()
        .map(|markup| markup.sanitise(html))
        .chain([policy.sanitise(html)])
        .collect()
}

/// What is active in the markup of `html`; text may say what it likes.
fn active(html: &str) -> Option<String> {
    let permitted = [INLINE_TAGS, FLOW_TAGS, RAW_TAGS].concat();
    HtmlTokens::new(html).find_map(|token| {
        let HtmlToken::Open(tag) = token else { return None };
        let names = ATTRIBUTES
            .iter()
            .find(|(name, _)| *name == tag.name)
            .map_or(&[][..], |(_, names)| names);
        let is_named = |name: &str| names.contains(&name) || matches!(name, "lang" | "dir" | "id");
        let is_safe_link = |url: &str| {
            let schemes = LINK_SCHEMES.iter().map(|scheme| format!("{scheme}:"));
            let starts: Vec<String> = schemes.chain(["/".to_owned(), "#".to_owned()]).collect();
            starts.iter().any(|start| url.starts_with(start.as_str())) && !url.starts_with("//") && !url.contains('\\')
        };
        let is_safe = |name: &str| match (name, tag.attribute(name).unwrap_or_default()) {
            ("href", url) => is_safe_link(&url),
            ("id", id) => id.starts_with(ANCHOR_PREFIX),
            ("src" | "poster", url) => url.starts_with("https://") && !url.contains("evil.fr") && !url.contains('\\'),
            _ => true,
        };
        let safe = permitted.contains(&&*tag.name) && tag.attributes().all(|(name, _)| is_named(name) && is_safe(name));
        (!safe).then(|| tag.source.to_owned())
    })
}

#[test]
fn no_payload_leaves_active_markup_in_any_set() {
    let policy = policy();
    let payloads: Vec<&str> = include_str!("xss.txt").lines().collect();
    assert!(payloads.len() >= 40);
    for payload in payloads {
        for clean in all(&policy, payload) {
            assert_eq!(active(&clean), None, "{payload} gave {clean}");
            assert!(
                !clean.to_ascii_lowercase().contains("<script"),
                "{payload} gave {clean}"
            );
        }
    }
}

#[test]
fn each_set_keeps_its_elements_and_the_words_apart() {
    let html = "<p>Un <b>mot</b></p><ul><li>a</li></ul><h3>T</h3><div>x</div>";
    let cases = [
        (PermittedMarkup::Inline, "Un <b>mot</b>\na\nT\nx"),
        (PermittedMarkup::Quote, "<p>Un <b>mot</b></p>\na\nT\nx"),
        (PermittedMarkup::ListItem, "Un <b>mot</b>\n<ul><li>a</li></ul>\nT\nx"),
        (
            PermittedMarkup::Flow,
            "<p>Un <b>mot</b></p><ul><li>a</li></ul><h3>T</h3>\nx",
        ),
    ];
    for (markup, expected) in cases {
        assert_eq!(markup.sanitise(html), expected, "{markup:?}");
    }
}

#[test]
fn links_keep_safe_addresses_and_what_is_said_of_them() {
    let cases = [
        (
            "<a href=\"https://a.fr/?a=1&b=2\">x</a>",
            "<a href=\"https://a.fr/?a=1&amp;b=2\">x</a>",
        ),
        ("<a href=//a.fr/x>x</a>", "<a href=\"https://a.fr/x\">x</a>"),
        (
            "<a href=/rubrique/ rel='sponsored me'>x</a>",
            "<a href=\"/rubrique/\" rel=\"sponsored\">x</a>",
        ),
        ("<a href=#note target=_blank>x</a>", "<a href=\"#note\">x</a>"),
        ("<a href=mailto:a@a.fr>x</a>", "<a href=\"mailto:a@a.fr\">x</a>"),
        ("<a href=page.html>x</a>", "<a>x</a>"),
        ("<a href=sms:+22990000000>x</a>", "<a href=\"sms:+22990000000\">x</a>"),
        (
            "<a href='whatsapp://send?text=a'>x</a>",
            "<a href=\"whatsapp://send?text=a\">x</a>",
        ),
        ("<a href=ftp://a.fr/x>x</a>", "<a>x</a>"),
        ("<span lang=en style=x>x</span>", "<span lang=\"en\">x</span>"),
    ];
    for (html, expected) in cases {
        assert_eq!(PermittedMarkup::Inline.sanitise(html), expected, "{html}");
    }
}

#[test]
fn emphasis_that_is_written_as_style_is_kept() {
    let docs = "<b style=\"font-weight:normal\" id=\"docs-internal-guid-0\"><span style=\"font-weight:400\">simple</span> \
                <span style=\"font-weight:700\">gras</span></b>";
    let cases = [
        (docs, "simple <strong>gras</strong>", ""),
        (
            "<span style='font-style:italic;text-decoration:underline line-through'>x</span>",
            "<em><u><s>x</s></u></em>",
            "",
        ),
        (
            "<span lang=en style=\"font-weight:bold; color: red;white-space:pre\">x</span>",
            "<span lang=\"en\"><strong>x</strong></span>",
            "style (color, white-space)",
        ),
        (
            "<a href=/x style='text-decoration:none'><span style='text-decoration:underline'>x</span></a>",
            "<a href=\"/x\">x</a>",
            "",
        ),
        ("<i style='font-style:normal'>x</i> y", "x y", ""),
        (
            "E = mc<span style='vertical-align:super'>2</span>",
            "E = mc<sup>2</sup>",
            "",
        ),
        ("<b style='mso-bidi-font-weight:normal'>x</b>", "<b>x</b>", ""),
        (
            "<strong style='font-weight:bold'>x<span style='font-weight:bold'>y</strong>z</span>",
            "<strong>x<strong>y</strong></strong>z",
            "",
        ),
    ];
    for (html, expected, lost) in cases {
        let reduced = PermittedMarkup::Inline.reduce(html);
        assert_eq!(
            (reduced.html.as_str(), &*reduced.lost.join("|")),
            (expected, lost),
            "{html}"
        );
    }
}

#[test]
fn what_is_taken_away_is_told_by_name() {
    let policy = policy();
    let inline = |html: &str| PermittedMarkup::Inline.reduce(html).lost.join("|");
    let raw = |html: &str| policy.reduce(html).lost.join("|");
    let long = format!("<{}>", "x".repeat(5_000));
    assert_eq!(inline(&long).chars().count(), 41);
    let many: String = (0..30).map(|n| format!("<b x{n}=1>")).collect();
    let cases = [
        (inline("un <b>mot</b> <a href=\"/x\" rel=\"nofollow\">y</a>"), ""),
        (inline("<meta charset=utf-8><span>x</span>"), ""),
        (inline("<span class=x>x</span>"), "class"),
        (
            inline("a<script>x</script><h2 class=x>b</h2><img src=https://a.fr/x.jpg>"),
            "<h2>|<script>|<img>",
        ),
        (inline("<b onclick=x>a</b><b>c</b>"), "onclick"),
        (
            inline("<a href='javascript:x' target=_blank>a</a>"),
            "href=\"javascript:x\"|target",
        ),
        (inline("<a href=/x rel='sponsored me'>a</a>"), "rel=\"me\""),
        (inline("<p style='color:red'>a</p>"), "<p>"),
        (inline("<iframe src=https://evil.fr/></iframe>"), "<iframe>"),
        (raw("<iframe src=http://www.youtube.com/x></iframe>"), "<iframe>"),
        (
            raw("<img src=https://a.fr/x.jpg srcset='https://a.fr/x.jpg 2x' alt=x>"),
            "srcset",
        ),
        (
            raw("<div class=x style='color:red;margin:0'>a</div>"),
            "style (color)|class",
        ),
        (inline(&many), "x0|x1|x2|x3|x4|x5|x6|x7|x8|x9|…"),
    ];
    for (found, expected) in cases {
        assert_eq!(found, expected);
    }
}

#[test]
fn frames_keep_what_players_need_and_name_hosts_that_are_not_listed() {
    let policy = policy();
    let frame = policy.reduce(
        "<iframe src=\"//www.youtube.com/embed/x\" allow=\"accelerometer; autoplay; web-share\" \
         referrerpolicy=\"strict-origin-when-cross-origin\" allowfullscreen></iframe>",
    );
    assert_eq!(
        frame.html,
        "<iframe src=\"https://www.youtube.com/embed/x\" allow=\"autoplay; web-share\" \
         referrerpolicy=\"strict-origin-when-cross-origin\" allowfullscreen=\"\"></iframe>"
    );
    assert_eq!(frame.lost, ["allow=\"accelerometer\""]);
    assert_eq!(frame.unlisted_hosts, Vec::<String>::new());
    let leaky = policy.reduce("<iframe src=\"https://www.youtube.com/embed/x\" referrerpolicy=unsafe-url></iframe>");
    assert!(!leaky.html.contains("unsafe-url"), "{leaky:?}");
    let strange =
        policy.reduce("<iframe src=https://a.fr/></iframe><iframe src=http://b.fr/></iframe><iframe></iframe>");
    assert_eq!(strange.unlisted_hosts, ["a.fr", "b.fr"]);
}

#[test]
fn ids_of_a_text_are_never_those_of_the_page() {
    let cases = [
        ("<a id=note-1></a>x", "<a id=\"a-note-1\"></a>x"),
        ("<a name=note-1>x</a>", "<a id=\"a-note-1\">x</a>"),
        ("<sup id=a-b>x</sup>", "<sup id=\"a-b\">x</sup>"),
        // In NFC the sign becomes one with the end of the tag.
        ("<a name=n>\u{338}", "<a id=\"a-n\"></a>"),
        ("<b id=''>x</b><i id='a b'>y</i>", "<b>x</b><i>y</i>"),
    ];
    for (html, expected) in cases {
        assert_eq!(PermittedMarkup::Inline.sanitise(html), expected, "{html}");
    }
    let cell = "<table><tbody><tr><th id=\"a-x\">x</th><td headers=\"a-x\">y</td></tr></tbody></table>";
    let sent = cell.replace("a-x", "x");
    assert_eq!(policy().sanitise(&sent), cell);
}

#[test]
fn a_page_is_embedded_where_its_host_or_another_of_its_provider_is_listed() {
    let policy = policy();
    for (url, expected) in [
        ("https://www.youtube.com/watch?v=1", true),
        ("https://youtube.com/shorts/1", true),
        ("https://youtu.be/1", true),
        ("https://x.com/a/status/1", false),
        ("https://evil.fr/youtube.com", false),
    ] {
        assert_eq!(policy.embeds(url), expected, "{url}");
    }
}

#[test]
fn text_comes_out_normalised_and_without_control_characters() {
    assert_eq!(PermittedMarkup::Inline.sanitise("e&#x301;t&eacute;&#1;&#xFFFF;"), "été");
    assert_eq!(
        PermittedMarkup::Inline.sanitise("Qui&nbsp;? 1 < 2 & 3"),
        "Qui&nbsp;? 1 &lt; 2 &amp; 3"
    );
}

#[test]
fn hostile_nesting_is_cheap_and_does_not_grow() {
    let policy = policy();
    let start = Instant::now();
    let ids: String = (0..1_500).map(|n| format!("<p><b id={n}></p>")).collect();
    let fonts: String = (0..1_500).map(|n| format!("<b id={n}>")).collect::<String>() + &"<p>x".repeat(1_000);
    let attributes = format!("<a {}>x", (0..3_000).map(|n| format!("a{n} ")).collect::<String>());
    let links = "<a href=/x>".repeat(1_800);
    for html in [
        "<div>".repeat(4_000),
        "<table>".repeat(2_800),
        ids,
        fonts,
        attributes,
        links,
        "<".repeat(20_000),
    ] {
        for clean in all(&policy, &html) {
            assert!(clean.len() < 200_000, "{}", &html[..40]);
        }
    }
    assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());
}

/// Markup that mixes what parsers repair in surprising ways.
fn soup() -> impl Strategy<Value = String> {
    let names = "p|b|i id=x|span style='font-weight:bold;color:red'|b style=font-weight:400|a name=n|a href=#x|a href=/x|a href=//b\\.fr|div|ul|li|ol|table|tr|td|span lang=fr|pre|h3|br|q|script|style|svg|math|iframe|select|option|title|nobr|button|form|img src=https://a\\.fr/x|noscript|template|caption|dd|ruby|rt|details|summary|video";
    let pieces = vec![
        proptest::string::string_regex(&format!("<({names})>")).map(|regex| regex.boxed()),
        proptest::string::string_regex(&format!("</({names})>")).map(|regex| regex.boxed()),
        proptest::string::string_regex("[a-zé \n&;<>\"'=/!-]{0,6}|&nbsp;|&lt;|&#x301;|&amp;|\u{338}|\n\n")
            .map(|regex| regex.boxed()),
    ];
    let pieces: Vec<_> = pieces.into_iter().flatten().collect();
    proptest::collection::vec(proptest::strategy::Union::new(pieces), 0..25).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn sanitising_twice_changes_nothing(html in soup()) {
        let policy = policy();
        for markup in MARKUPS {
            let once = markup.sanitise(&html);
            prop_assert_eq!(markup.sanitise(&once), once);
        }
        let once = policy.sanitise(&html);
        prop_assert_eq!(active(&once), None);
        prop_assert_eq!(policy.sanitise(&once), once);
    }
}
