//! Looks through the texts of a JSON value, one that is sent or one that is stored. The names of the members say which
//! are text, and which of these are HTML: a name means the same everywhere.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{entities, glyphs, mojibake};
use crate::base::error::{BilingualText, Error, Language, Result, pointer_segment};
use crate::base::limits;
use crate::base::text::mojibake::TextRepair;

crate::word_type! {
    /// What is not as it should be in a text.
    TextWarningCode [open] {
        /// It was read in the wrong encoding.
        Mojibake = "mojibake",
        /// Plain text holds a character reference of HTML.
        HtmlEntity = "html_entity",
        /// HTML lost what may not stand there.
        MarkupRemoved = "markup_removed",
        /// A page is embedded whose host the settings do not list.
        EmbedHostNotListed = "embed_host_not_listed",
        /// An ad slot that the site does not have.
        UnknownAdSlot = "unknown_ad_slot",
        /// A redirect leads to a path of this site where nothing is.
        DeadLocation = "dead_location",
    }
}

impl TextWarningCode {
    fn message(self) -> BilingualText {
        match self {
            Self::Mojibake => BilingualText::new(
                "This looks like text that was read in the wrong encoding; see the suggestion.",
                "Ce texte semble avoir été lu dans un mauvais encodage ; voyez la suggestion.",
            ),
            Self::HtmlEntity => BilingualText::new(
                "This plain text holds an HTML entity; the suggestion has what it stands for.",
                "Ce texte brut contient une entité HTML ; la suggestion a ce qu’elle représente.",
            ),
            Self::MarkupRemoved => BilingualText::new(
                "What may not stand in this HTML was taken away: {found}.",
                "Ce qui n’est pas admis dans ce HTML a été retiré : {found}.",
            ),
            Self::EmbedHostNotListed => BilingualText::new(
                "The settings do not list {found} among the hosts whose pages are embedded.",
                "Les réglages du site ne citent pas {found} parmi les hôtes dont les pages s’intègrent.",
            ),
            Self::UnknownAdSlot => BilingualText::new(
                "The site has no ad slot “{found}”: nothing will stand here.",
                "Le site n’a pas d’emplacement publicitaire « {found} » : rien n’apparaîtra ici.",
            ),
            Self::DeadLocation => BilingualText::new(
                "Nothing of this site is public at {found}: readers get there only if the front end has a page there.",
                "Rien de ce site n’est public à {found} : les lecteurs n’y trouveront une page que si le site public en a une.",
            ),
        }
    }
}

/// A text that is not as it should be. A warning stops nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct TextWarning {
    /// Where the text stands: a JSON pointer (RFC 6901).
    pub pointer: String,
    /// What is wrong, as a stable code.
    pub code: TextWarningCode,
    /// What is wrong, in words.
    pub message: String,
    /// The first place that is wrong, and the words around it; of markup, the names of what was taken away.
    pub found: String,
    /// What should stand there; null where only the author knows.
    pub suggestion: Option<String>,
}

/// A warning whose language is not chosen yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextFinding {
    /// Where the text is: a JSON pointer.
    pub pointer: String,
    /// What is wrong.
    pub code: TextWarningCode,
    /// The first place that is wrong, and the words around it; of markup, what was taken away.
    pub found: String,
    /// What should be there, where it is known.
    pub suggestion: Option<String>,
}

impl TextFinding {
    /// What was found at a place, where nobody but the author knows what should be there.
    pub fn new(pointer: impl Into<String>, code: TextWarningCode, found: impl Into<String>) -> Self {
        Self {
            pointer: pointer.into(),
            code,
            found: found.into(),
            suggestion: None,
        }
    }

    /// The warning, in a language.
    pub fn in_language(self, language: Language) -> TextWarning {
        TextWarning {
            message: self.code.message().render(language, &[("found", self.found.clone())]),
            pointer: self.pointer,
            code: self.code,
            found: self.found,
            suggestion: self.suggestion,
        }
    }
}

/// The findings as warnings, in a language.
pub fn in_language(findings: Vec<TextFinding>, language: Language) -> Vec<TextWarning> {
    let warnings = findings.into_iter().map(|finding| finding.in_language(language));
    warnings.collect()
}

/// The findings and more of them, at most [`limits::TEXT_WARNINGS`].
pub fn joined(mut findings: Vec<TextFinding>, more: Vec<TextFinding>) -> Vec<TextFinding> {
    findings.extend(more);
    findings.truncate(limits::TEXT_WARNINGS);
    findings
}

/// Members that are names and addresses rather than text.
const NOT_TEXT: &[&str] = &[
    "access",
    "anchor",
    "article_id",
    "clear",
    "colour",
    "comment_policy",
    "external_id",
    "id",
    "kind",
    "locale",
    "media_id",
    "slot",
    "slug",
    "type",
    "url",
];

/// Members whose strings are HTML, in lists or not.
const HTML: &[&str] = &["header", "html", "items", "rows"];

/// Whether a member of this name is text that people read.
pub fn is_text(name: &str) -> bool {
    !NOT_TEXT.contains(&name)
}

/// What is wrong with the texts of a value, in its order; at most [`limits::TEXT_WARNINGS`].
pub fn findings(value: &Value) -> Vec<TextFinding> {
    let mut findings = Vec::new();
    collect(value, "", String::new(), &mut findings);
    findings.truncate(limits::TEXT_WARNINGS);
    findings
}

/// Whether anything is wrong with the texts of JSON as we write it. Cheap where nothing is wrong.
///
/// # Errors
/// 500 when it is not JSON.
pub fn is_suspect(json: &str) -> Result<bool> {
    if !mojibake::may_be_wrong(json) && !json.contains('&') {
        return Ok(false);
    }
    let value = serde_json::from_str(json).map_err(Error::internal)?;
    Ok(!findings(&value).is_empty())
}

/// Repairs what was read in the wrong encoding, and says what that was.
pub fn repair(value: &mut Value) -> Vec<TextRepair> {
    let mut repairs = Vec::new();
    repair_in(value, "", &mut repairs);
    repairs
}

fn collect(value: &Value, name: &str, pointer: String, findings: &mut Vec<TextFinding>) {
    if findings.len() >= limits::TEXT_WARNINGS || !is_text(name) {
        return;
    }
    match value {
        Value::String(text) if HTML.contains(&name) => {
            let repair = mojibake::repair_html(text);
            findings.extend(repair.map(|repair| finding(pointer, TextWarningCode::Mojibake, repair)));
        }
        Value::String(text) => {
            let decoded = decode(text);
            let repair = mojibake::repair(decoded.as_ref().map_or(text, |decoded| &decoded.text));
            findings.extend(decoded.map(|decoded| finding(pointer.clone(), TextWarningCode::HtmlEntity, decoded)));
            findings.extend(repair.map(|repair| finding(pointer, TextWarningCode::Mojibake, repair)));
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                collect(item, name, format!("{pointer}/{index}"), findings);
            }
        }
        Value::Object(members) => {
            for (member, value) in members {
                let pointer = format!("{pointer}/{}", pointer_segment(member));
                collect(value, name_within(name, member), pointer, findings);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn finding(pointer: String, code: TextWarningCode, repair: TextRepair) -> TextFinding {
    TextFinding {
        pointer,
        code,
        found: repair.found,
        suggestion: Some(repair.suggestion),
    }
}

/// The name that says what a member is. Within `labels` it is `labels`: there the members' own names are languages.
fn name_within<'n>(name: &'n str, member: &'n str) -> &'n str {
    if name == "labels" { name } else { member }
}

/// Decodes references in plain text; `None` where there are none.
fn decode(text: &str) -> Option<TextRepair> {
    let decoded = entities::decode_closed(text)?;
    let (found, suggestion) = glyphs::excerpt(&glyphs::of_plain(text), &glyphs::decoded(text))?;
    Some(TextRepair {
        text: decoded,
        found,
        suggestion,
    })
}

fn repair_in(value: &mut Value, name: &str, repairs: &mut Vec<TextRepair>) {
    if !is_text(name) {
        return;
    }
    match value {
        Value::String(text) => {
            let repair = if HTML.contains(&name) {
                mojibake::repair_html(text)
            } else {
                mojibake::repair(text)
            };
            if let Some(repair) = repair {
                text.clone_from(&repair.text);
                repairs.push(repair);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| repair_in(item, name, repairs)),
        Value::Object(members) => {
            for (member, value) in members {
                repair_in(value, name_within(name, member), repairs);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn found(value: &Value) -> Vec<(String, TextWarningCode, String, String)> {
        let findings = findings(value).into_iter();
        findings
            .map(|finding| {
                (
                    finding.pointer,
                    finding.code,
                    finding.found,
                    finding.suggestion.unwrap(),
                )
            })
            .collect()
    }

    fn line(
        pointer: &str,
        code: TextWarningCode,
        found: &str,
        suggestion: &str,
    ) -> (String, TextWarningCode, String, String) {
        (pointer.to_owned(), code, found.to_owned(), suggestion.to_owned())
    }

    #[test]
    fn every_text_is_looked_at_and_nothing_else() {
        use TextWarningCode::{HtmlEntity, Mojibake};
        let value = json!({
            "title": "Le prÃ©sident &amp; lui", "slug": "prÃ©sident", "labels": {"id": "BÃ©nin", "fr": "Bénin"},
            "source": {"name": "AFP &#169;", "url": "https://x.test/?a=1&amp;b=BÃ©nin"},
            "contributors": [{"role": "photos"}, {"role": "rÃ©daction"}],
            "image": {"url": "https://x.test/Ã©.jpg", "alt": "Ã‰tat", "caption": null, "width": 3},
            "blocks": [
                {"type": "paragraph", "id": "Ã©", "html": "l&rsquo;Ã©tÃ© &amp; <a href=\"/Ã©\">ici</a>"},
                {"type": "list", "items": ["un", "<b>trÃ¨s</b>"]},
                {"type": "table", "header": ["BÃ©nin"], "rows": [["a"], ["b", "TogolÃ©"]]},
                {"type": "heading", "text": "&Atilde;&copy;tat"},
            ],
        });
        let expected = [
            line("/title", HtmlEntity, "&amp;", "&"),
            line("/title", Mojibake, "prÃ©sident", "président"),
            line("/labels/id", Mojibake, "BÃ©nin", "Bénin"),
            line("/source/name", HtmlEntity, "&#169;", "©"),
            line("/contributors/1/role", Mojibake, "rÃ©daction", "rédaction"),
            line("/image/alt", Mojibake, "Ã‰tat", "État"),
            line("/blocks/0/html", Mojibake, "l’Ã©tÃ©", "l’été"),
            line("/blocks/1/items/1", Mojibake, "trÃ¨s", "très"),
            line("/blocks/2/header/0", Mojibake, "BÃ©nin", "Bénin"),
            line("/blocks/2/rows/1/1", Mojibake, "TogolÃ©", "Togolé"),
            line("/blocks/3/text", HtmlEntity, "&Atilde;&copy;tat", "Ã©tat"),
            line("/blocks/3/text", Mojibake, "Ã©tat", "état"),
        ];
        let mut found = found(&value);
        let mut expected = expected.to_vec();
        found.sort();
        expected.sort();
        assert_eq!(found, expected);
        assert!(is_suspect(&value.to_string()).unwrap());
    }

    #[test]
    fn right_text_is_not_suspect() {
        let value =
            json!({"title": "L’été à « Paris » & Cie", "blocks": [{"html": "a &amp; b&nbsp;: «&nbsp;c&nbsp;»"}]});
        assert_eq!(found(&value), []);
        assert!(!is_suspect(&value.to_string()).unwrap());
    }

    #[test]
    fn warnings_are_as_many_as_an_answer_can_hold() {
        let value = json!({"blocks": vec!["BÃ©nin"; 300]});
        assert_eq!(findings(&value).len(), limits::TEXT_WARNINGS);
    }

    #[test]
    fn what_is_repaired_is_not_suspect_any_more() {
        let mut value = json!({"title": "BÃ©nin &amp; Togo", "url": "Ã©", "blocks": [{"html": "<b>Ã©tÃ©</b>&nbsp;:"}]});
        let repairs = repair(&mut value);
        assert_eq!(repairs.len(), 2);
        let expected = json!({"title": "Bénin &amp; Togo", "url": "Ã©", "blocks": [{"html": "<b>été</b>&nbsp;:"}]});
        assert_eq!(value, expected);
        assert_eq!(repair(&mut value), []);
    }
}
