//! Start tags written anew where the source says by other means what permitted markup can say: emphasis in a `style`
//! (word processors paste it so, and switch the bold of a whole text off by `font-weight:normal`), a target in the
//! `name` of an `a`.

use crate::body::html::tokens::ElementTag;

/// The element that says each kind of emphasis, with those that say it too.
const EMPHASES: [(&str, &[&str]); 6] = [
    ("strong", &["b", "strong"]),
    ("em", &["em", "i"]),
    ("u", &["ins", "u"]),
    ("s", &["del", "s"]),
    ("sup", &["sup"]),
    ("sub", &["sub"]),
];
/// The other elements whose style is read for emphasis.
const CARRIERS: [&str; 2] = ["a", "span"];
/// Values that change nothing.
const PLAIN_VALUES: [&str; 10] = [
    "",
    "0",
    "0px",
    "auto",
    "baseline",
    "inherit",
    "initial",
    "none",
    "normal",
    "transparent",
];

/// What is written for an element.
#[derive(Debug, PartialEq)]
pub struct RestyledElement {
    /// In place of its start tag.
    pub start: String,
    /// In place of its end tag.
    pub end: String,
    /// The properties of its style that are not said otherwise.
    pub lost: Vec<String>,
}

/// The element as it is to be written, where that differs from its source.
pub fn restyled(tag: &ElementTag<'_>, is_in_link: bool) -> Option<RestyledElement> {
    let has = |wanted: &str| tag.attributes().any(|(name, _)| name.eq_ignore_ascii_case(wanted));
    let is_target = tag.name == "a" && has("name") && !has("id");
    let is_bare = tag.name == "span" && tag.attributes().next().is_none();
    if !has("style") && !is_target && !is_bare {
        return None;
    }
    let (said, lost) = match tag.attribute("style") {
        Some(style) => emphasis_of(&style, &tag.name),
        None => (Vec::new(), Vec::new()),
    };
    let attributes = attributes_of(tag, is_target);
    let is_off = said.iter().any(|(element, is_on)| !is_on && says(element, &tag.name));
    let mut element = RestyledElement {
        start: String::new(),
        end: String::new(),
        lost,
    };
    if !is_off && (tag.name != "span" || !attributes.is_empty()) {
        element.start = format!("<{}{attributes}>", tag.name);
        element.end = format!("</{}>", tag.name);
    }
    let is_link = is_in_link || tag.name == "a";
    for (name, is_on) in said {
        // A link is underlined anyway.
        if is_on && !says(name, &tag.name) && !(name == "u" && is_link) {
            element.start.push_str(&format!("<{name}>"));
            element.end.insert_str(0, &format!("</{name}>"));
        }
    }
    Some(element)
}

fn says(emphasis: &str, element: &str) -> bool {
    EMPHASES
        .iter()
        .any(|(name, same)| *name == emphasis && same.contains(&element))
}

/// What a style says by way of emphasis, on or off, and the names of its other properties.
fn emphasis_of(style: &str, element: &str) -> (Vec<(&'static str, bool)>, Vec<String>) {
    let is_read = CARRIERS.contains(&element) || EMPHASES.iter().any(|(_, same)| same.contains(&element));
    let (mut said, mut lost) = (Vec::new(), Vec::new());
    for declaration in style.split(';') {
        let Some((property, value)) = declaration.split_once(':') else {
            continue;
        };
        let (property, value) = (property.trim().to_ascii_lowercase(), value.trim().to_ascii_lowercase());
        let value = value.trim_end_matches("!important").trim_end();
        let emphasis = if is_read {
            emphasis(&property, value)
        } else {
            Vec::new()
        };
        if emphasis.is_empty() && !PLAIN_VALUES.contains(&value) && !lost.contains(&property) {
            lost.push(property);
        }
        said.extend(emphasis);
    }
    (said, lost)
}

fn emphasis(property: &str, value: &str) -> Vec<(&'static str, bool)> {
    match (property, value) {
        ("font-weight", "bold" | "bolder") => vec![("strong", true)],
        ("font-weight", "normal" | "lighter") => vec![("strong", false)],
        ("font-weight", number) => number
            .parse::<u16>()
            .map(|weight| vec![("strong", weight >= 600)])
            .unwrap_or_default(),
        ("font-style", "italic" | "oblique") => vec![("em", true)],
        ("font-style", "normal") => vec![("em", false)],
        ("text-decoration" | "text-decoration-line", lines) if lines.starts_with("none") => {
            vec![("u", false), ("s", false)]
        }
        ("text-decoration" | "text-decoration-line", lines) => [("underline", "u"), ("line-through", "s")]
            .into_iter()
            .filter(|(line, _)| lines.split_ascii_whitespace().any(|found| found == *line))
            .map(|(_, element)| (element, true))
            .collect(),
        ("vertical-align", "super") => vec![("sup", true)],
        ("vertical-align", "sub") => vec![("sub", true)],
        ("vertical-align", "baseline") => vec![("sup", false), ("sub", false)],
        _ => Vec::new(),
    }
}

/// The attributes but the style, as they are in the source; the `name` of a target as its `id`.
fn attributes_of(tag: &ElementTag<'_>, is_target: bool) -> String {
    let kept = tag.attributes().filter(|(name, _)| !name.eq_ignore_ascii_case("style"));
    kept.map(|(name, value)| {
        let is_name = is_target && name.eq_ignore_ascii_case("name");
        let name = if is_name { "id" } else { name };
        format!(" {name}=\"{}\"", value.replace('"', "&quot;"))
    })
    .collect()
}
