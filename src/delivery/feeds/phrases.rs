//! The words that a feed says by itself, in the language of the article.

use crate::articles::corrections::CorrectionKind;
use crate::base::phrases::Language;

/// The label before a notice.
pub fn notice(kind: CorrectionKind, locale: &str) -> &'static str {
    let (french, english) = match kind {
        CorrectionKind::Correction => ("Correction", "Correction"),
        CorrectionKind::Clarification => ("Précision", "Clarification"),
        CorrectionKind::Update => ("Mise à jour", "Update"),
        CorrectionKind::EditorsNote => ("Note de la rédaction", "Editor’s note"),
        CorrectionKind::Retraction => ("Article retiré", "Article retracted"),
    };
    match Language::of_locale(locale) {
        Language::French => french,
        Language::English => english,
    }
}

/// A label and what it introduces.
pub fn with_label(label: &str, text: &str, locale: &str) -> String {
    let colon = match Language::of_locale(locale) {
        Language::French => "\u{a0}: ",
        Language::English => ": ",
    };
    format!("{label}{colon}{text}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notices_speak_the_language_of_the_article() {
        for (locale, expected) in [
            ("fr", "Article retiré\u{a0}: Faux."),
            ("fr-CA", "Article retiré\u{a0}: Faux."),
            ("en", "Article retracted: Faux."),
            ("de", "Article retracted: Faux."),
        ] {
            let label = notice(CorrectionKind::Retraction, locale);
            assert_eq!(with_label(label, "Faux.", locale), expected);
        }
    }
}
