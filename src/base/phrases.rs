//! Texts in both languages, and the phrases that fill their gaps.

use super::text::french;

/// The languages in which problems speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// French, the default.
    French,
    /// English.
    English,
}

impl Language {
    /// The BCP 47 tag for `Content-Language`.
    pub fn tag(self) -> &'static str {
        match self {
            Self::French => "fr",
            Self::English => "en",
        }
    }
}

/// The texts of one code in both languages. `{name}` stands for a parameter.
#[derive(Debug)]
pub struct BilingualText {
    pub(super) en: &'static str,
    pub(super) fr: &'static str,
}

/// Phrases that stand for a parameter of a text: English, French.
const PHRASES: &[(&str, &str)] = &[
    ("an object", "un objet"),
    ("a string", "une chaîne"),
    ("true or false", "true ou false"),
    ("a whole number", "un nombre entier"),
    ("a list", "une liste"),
    ("an https URL", "une URL https"),
    ("an http or https URL", "une URL http ou https"),
    (
        "a host name such as www.example.fr",
        "un nom d’hôte comme www.example.fr",
    ),
    ("a URL", "une URL"),
    ("a UUID", "un UUID"),
    ("the id of a comment", "l’identifiant d’un commentaire"),
    ("a number from 1 to 24", "un nombre de 1 à 24"),
    ("1 to 40 letters, digits, _ or -", "1 à 40 lettres, chiffres, _ ou -"),
    (
        "1 to 40 lower-case letters, digits, _ or -",
        "1 à 40 minuscules, chiffres, _ ou -",
    ),
    ("an e-mail address", "une adresse électronique"),
    ("a language tag such as fr", "une langue comme fr"),
    ("one of the site's languages", "l’une des langues du site"),
    (
        "a word or a phrase, and at most a * behind it",
        "un mot ou une locution, suivi au plus d’un *",
    ),
    ("a colour such as #b3261e", "une couleur comme #b3261e"),
    (
        "a slug: a-z, 0-9 and single hyphens",
        "un slug : a-z, 0-9 et tirets simples",
    ),
    ("a date and time in RFC 3339", "une date et heure selon la RFC 3339"),
    (
        "a local date and time such as 2026-11-27T18:00",
        "une date et heure locales comme 2026-11-27T18:00",
    ),
    ("a number from 1 to 100", "un nombre de 1 à 100"),
    ("a single value", "une seule valeur"),
    ("a value", "une valeur"),
    ("at most 10 values", "au plus 10 valeurs"),
    ("at most 100 values", "au plus 100 valeurs"),
    ("1 to 100 characters", "de 1 à 100 caractères"),
    ("text in UTF-8", "un texte en UTF-8"),
    (
        "the name of an act such as article.publish",
        "le nom d’un acte comme article.publish",
    ),
    ("a cursor of ours", "un curseur des nôtres"),
    ("a path that begins with /", "un chemin qui commence par /"),
    (
        "1 to 200 characters with a word to look for",
        "1 à 200 caractères dont un mot à chercher",
    ),
    (
        "a path that begins with /, without query or fragment",
        "un chemin qui commence par /, sans requête ni fragment",
    ),
    (
        "a path of the site, or an http or https URL",
        "un chemin du site, ou une URL http ou https",
    ),
    (
        "it is not UTF-8: save the file as UTF-8 (in Excel: as CSV UTF-8)",
        "elle n’est pas en UTF-8\u{a0}: enregistrez le fichier en UTF-8 (dans Excel, «\u{a0}CSV UTF-8\u{a0}»)",
    ),
    (
        "a path alone: patterns cannot be redirected here, write a row for each path",
        "un chemin seul\u{a0}: les motifs ne peuvent être redirigés ici, écrivez une ligne par chemin",
    ),
    (
        "a redirect that is in use there: leave the row out",
        "une redirection en service là-bas\u{a0}: laissez la ligne de côté",
    ),
    (
        "a quote opens there and is not closed",
        "un guillemet s’y ouvre et n’est pas fermé",
    ),
    ("an id or a slug", "un identifiant ou un slug"),
    ("an id or a path", "un identifiant ou un chemin"),
    (
        "another section that is not below this one",
        "une autre rubrique qui n’est pas sous celle-ci",
    ),
    ("one ETag such as \"v3\"", "un seul ETag comme \"v3\""),
    ("1 to 100 visible ASCII characters", "1 à 100 caractères ASCII visibles"),
    ("1 to 100 UUIDs", "1 à 100 UUID"),
    ("a UUID or none", "un UUID ou none"),
    (
        "a revision's number, working or live",
        "un numéro de révision, working ou live",
    ),
    ("changing a colleague's note", "modifier la note d’un collègue"),
    ("a token from /v1/captcha", "un jeton de /v1/captcha"),
    (
        "names of members that can be cleared",
        "des noms de champs qui peuvent être vidés",
    ),
];

fn phrase(language: Language, value: &str) -> &str {
    match language {
        Language::English => value,
        Language::French => PHRASES.iter().find(|(en, _)| *en == value).map_or(value, |(_, fr)| fr),
    }
}

impl BilingualText {
    /// A text in both languages.
    pub const fn new(en: &'static str, fr: &'static str) -> Self {
        Self { en, fr }
    }

    /// The text in `language`, with its parameters filled in.
    pub fn render(&self, language: Language, params: &[(&'static str, String)]) -> String {
        let template = match language {
            Language::French => french::set(self.fr),
            Language::English => self.en.to_owned(),
        };
        params.iter().fold(template, |text, (name, value)| {
            text.replace(&format!("{{{name}}}"), phrase(language, value))
        })
    }
}
