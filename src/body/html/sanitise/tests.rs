//! What sanitising leaves of hostile and of honest HTML.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;

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
        let is_named = |name: &str| names.contains(&name) || matches!(name, "lang" | "dir");
        let is_safe_link = |url: &str| {
            let starts = ["https://", "http://", "mailto:", "tel:", "/", "#"];
            starts.iter().any(|start| url.starts_with(start)) && !url.starts_with("//") && !url.contains('\\')
        };
        let is_safe = |name: &str| match (name, tag.attribute(name).unwrap_or_default()) {
            ("href", url) => is_safe_link(&url),
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
        ("<span lang=en style=x>x</span>", "<span lang=\"en\">x</span>"),
    ];
    for (html, expected) in cases {
        assert_eq!(PermittedMarkup::Inline.sanitise(html), expected, "{html}");
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
    let names = "p|b|i|a href=/x|a href=//b\\.fr|div|ul|li|ol|table|tr|td|span lang=fr|pre|h3|br|q|script|style|svg|math|iframe|select|option|title|nobr|button|form|img src=https://a\\.fr/x|noscript|template|caption|dd|ruby|rt|details|summary|video";
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
