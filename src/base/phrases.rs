//! Texts in both languages, and the phrases that fill their gaps.

use std::borrow::Cow;

use chrono::{Datelike, Timelike};
use chrono_tz::Tz;

use super::clock::Time;
use super::text::french;
use super::zone;

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

    /// The language in which we speak to readers of a locale.
    pub fn of_locale(locale: &str) -> Self {
        match locale.split('-').next() {
            Some("fr") => Self::French,
            _ => Self::English,
        }
    }
}

/// The texts of one code in both languages. `{name}` stands for a parameter.
#[derive(Debug)]
pub struct BilingualText {
    pub(super) en: &'static str,
    pub(super) fr: &'static str,
}

/// Words of ours that stand for a parameter of a text, by the parameter's name: the word, English, French.
const WORDS: &[(&str, &str, &str, &str)] = &[
    ("action", "edit", "Editing", "Modification"),
    ("action", "submit", "Submitting", "Soumission"),
    ("action", "approve", "Approving", "Approbation"),
    ("action", "schedule", "Scheduling", "Programmation"),
    ("action", "unschedule", "Unscheduling", "Annulation de la programmation"),
    ("action", "publish", "Publishing", "Publication"),
    ("action", "correct", "Correcting", "Correction"),
    ("action", "unpublish", "Unpublishing", "Dépublication"),
    ("action", "retract", "Retracting", "Rétractation"),
    ("action", "kill", "Taking down for good", "Retrait définitif"),
    ("action", "trash", "Moving to the trash", "Mise à la corbeille"),
    ("action", "restore", "Restoring", "Restauration"),
    ("action", "delete", "Deleting", "Suppression"),
    ("action", "duplicate", "Duplicating", "Duplication"),
    ("action", "translate", "Translating", "Traduction"),
    ("action", "comment", "Commenting", "Commentaire"),
    ("state", "draft", "a draft", "un brouillon"),
    ("state", "published", "published", "publié"),
    ("state", "unpublished", "unpublished", "dépublié"),
    ("state", "retracted", "retracted", "rétracté"),
    ("state", "killed", "taken down for good", "retiré définitivement"),
    ("state", "trashed", "in the trash", "à la corbeille"),
    ("state", "pending", "waiting for a decision", "en attente de décision"),
    ("state", "approved", "approved", "approuvé"),
    ("state", "rejected", "rejected", "rejeté"),
    ("state", "spam", "marked as spam", "classé comme spam"),
    ("state", "deleted", "deleted", "supprimé"),
    ("state", "erased", "erased", "effacé"),
    ("review", "not_submitted", "", ""),
    ("review", "in_review", " and in review", " et en relecture"),
    ("review", "ready", " and approved", " et approuvé"),
    ("kind", "publish", "Publishing", "Une publication"),
    ("kind", "unpublish", "Unpublishing", "Une dépublication"),
];

/// What each permission allows, as the parameter `permission` of a text: the permission, English, French.
const PERMISSIONS: &[(&str, &str, &str)] = &[
    ("UseAccount", "use this account", "d’utiliser ce compte"),
    ("ManageApiTokens", "manage API tokens", "de gérer des jetons d’API"),
    ("UseApiToken", "use this API token", "d’utiliser ce jeton d’API"),
    ("ReadTaxonomy", "use the desk", "d’utiliser le bureau"),
    ("ReadArticles", "read this article", "de lire cet article"),
    ("WriteArticles", "edit this article", "de modifier cet article"),
    (
        "PublishArticles",
        "publish this article or take it off the site",
        "de publier cet article ou de le retirer du site",
    ),
    (
        "KillArticles",
        "take this article down for good",
        "de retirer définitivement cet article",
    ),
    (
        "WriteNotes",
        "write notes on this article",
        "d’écrire des notes sur cet article",
    ),
    (
        "BreakLeases",
        "end a colleague’s lease",
        "de reprendre un article à un collègue",
    ),
    (
        "ReadSealedRevisions",
        "read the revisions of an article that was taken down",
        "de lire les révisions d’un article retiré",
    ),
    (
        "PurgeArticles",
        "delete articles for good",
        "de supprimer définitivement des articles",
    ),
    (
        "WriteRawHtml",
        "add or change blocks of raw HTML",
        "d’ajouter ou de modifier des blocs de HTML brut",
    ),
    ("ManageSections", "change sections", "de modifier les rubriques"),
    (
        "ManageTags",
        "change tags and contributors",
        "de modifier les étiquettes et les contributeurs",
    ),
    ("ManageRedirects", "change redirects", "de modifier les redirections"),
    ("ManageWebhooks", "manage webhooks", "de gérer les webhooks"),
    (
        "ManageSite",
        "change the settings of the site",
        "de modifier les réglages du site",
    ),
    ("ManageMenus", "change menus", "de modifier les menus"),
    (
        "ManageAdSlots",
        "change ad slots",
        "de modifier les emplacements publicitaires",
    ),
    ("ManagePackages", "change packages", "de modifier les dossiers"),
    (
        "ManageMostRead",
        "say what is read most",
        "de dire ce qui est le plus lu",
    ),
    (
        "ReadComments",
        "read the comments that wait for a decision",
        "de lire les commentaires en attente",
    ),
    ("ModerateComments", "moderate comments", "de modérer les commentaires"),
    (
        "ManageSanctions",
        "impose or lift sanctions",
        "de prononcer ou de lever des sanctions",
    ),
    (
        "WriteComments",
        "comment for the newsroom",
        "de commenter au nom de la rédaction",
    ),
    ("ManageWordLists", "change word lists", "de modifier les listes de mots"),
    (
        "ManagePrivacy",
        "answer requests about personal data",
        "de traiter les demandes sur les données personnelles",
    ),
    ("ReadAudit", "read the audit", "de lire le journal d’audit"),
    (
        "ReadJobs",
        "read what is done in the background",
        "de lire les travaux en cours",
    ),
    ("ManageUsers", "change users", "de gérer les utilisateurs"),
];

/// Parameters that are moments: a local time, and UTC after it where no other zone is known.
const MOMENTS: &[&str] = &["until", "embargo_until", "earlier", "later"];

/// Phrases that stand for a parameter of a text: English, French.
const PHRASES: &[(&str, &str)] = &[
    ("change a colleague’s note", "de modifier la note d’un collègue"),
    ("an object", "un objet"),
    ("a string", "une chaîne"),
    ("true or false", "true ou false"),
    ("a whole number", "un nombre entier"),
    ("a list", "une liste"),
    ("an https URL", "une URL https"),
    (
        "an https URL that names no user",
        "une URL https qui ne nomme pas d’utilisateur",
    ),
    ("an http or https URL", "une URL http ou https"),
    (
        "a host name such as www.example.fr",
        "un nom d’hôte comme www.example.fr",
    ),
    ("a URL", "une URL"),
    ("a UUID", "un UUID"),
    ("the id of a comment", "l’identifiant d’un commentaire"),
    ("a number from 1 to 20", "un nombre de 1 à 20"),
    ("a number from 1 to 24", "un nombre de 1 à 24"),
    ("1 to 40 letters, digits, _ or -", "1 à 40 lettres, chiffres, _ ou -"),
    (
        "1 to 40 lower-case letters, digits, _ or -",
        "1 à 40 minuscules, chiffres, _ ou -",
    ),
    ("six digits, or a recovery code", "six chiffres, ou un code de secours"),
    ("a language tag such as fr", "une langue comme fr"),
    ("one of the site's languages", "l’une des langues du site"),
    (
        "a host name, and perhaps a port",
        "un nom d’hôte, suivi ou non d’un port",
    ),
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
    (
        "a local date and time such as 2026-11-27T18:00; one with an offset goes into “at”",
        "une date et heure locales comme 2026-11-27T18:00\u{a0}; avec un décalage, écrivez-la dans «\u{a0}at\u{a0}»",
    ),
    ("1 to 100 characters without spaces", "1 à 100 caractères sans espaces"),
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
    ("a path, or a slug", "un chemin ou un slug"),
    ("a path or a slug, not both", "un chemin ou un slug, pas les deux"),
    ("a language, with a slug only", "une langue, avec un slug seulement"),
    ("a month such as 2026-11", "un mois tel que 2026-11"),
    ("a slug", "un slug"),
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
    ("a token from /v1/captcha", "un jeton de /v1/captcha"),
    (
        "names of members that can be cleared",
        "des noms de champs qui peuvent être vidés",
    ),
];

fn phrase<'v>(language: Language, name: &str, value: &'v str) -> Cow<'v, str> {
    let word = WORDS.iter().find(|(param, word, ..)| *param == name && *word == value);
    let word = word.map(|(_, _, en, fr)| (en, fr));
    let permission = PERMISSIONS
        .iter()
        .find(|(permission, ..)| name == "permission" && *permission == value);
    if let Some((en, fr)) = word.or(permission.map(|(_, en, fr)| (en, fr))) {
        return Cow::Borrowed(if language == Language::English { en } else { fr });
    }
    if MOMENTS.contains(&name) {
        return moment(language, value).map_or(Cow::Borrowed(value), Cow::Owned);
    }
    let known = PHRASES.iter().find(|(en, _)| *en == value);
    match (language, known) {
        (Language::French, Some((_, fr))) => Cow::Borrowed(fr),
        _ => Cow::Borrowed(value),
    }
}

/// A local time in words: “5 January 2027 at 11:00”, « 5 janvier 2027 à 11 h 00 ».
fn moment(language: Language, value: &str) -> Option<String> {
    const MONTHS: [(&str, &str); 12] = [
        ("January", "janvier"),
        ("February", "février"),
        ("March", "mars"),
        ("April", "avril"),
        ("May", "mai"),
        ("June", "juin"),
        ("July", "juillet"),
        ("August", "août"),
        ("September", "septembre"),
        ("October", "octobre"),
        ("November", "novembre"),
        ("December", "décembre"),
    ];
    let (local, zone) = match value.strip_suffix(UTC) {
        Some(local) => (local, UTC),
        None => (value, ""),
    };
    let at = chrono::NaiveDateTime::parse_from_str(local, "%Y-%m-%dT%H:%M:%S").ok()?;
    let (en, fr) = MONTHS.get(usize::try_from(at.month0()).ok()?)?;
    let (day, year, hour, minute) = (at.day(), at.year(), at.hour(), at.minute());
    Some(match language {
        Language::English => format!("{day} {en} {year} at {hour:02}:{minute:02}{zone}"),
        Language::French => {
            let day = if day == 1 { "1er".to_owned() } else { day.to_string() };
            format!("{day} {fr} {year} à {hour} h {minute:02}{zone}")
        }
    })
}

/// What is said after a moment where no zone of a place is known.
const UTC: &str = " UTC";

/// A moment as a parameter of a text, as the clocks of this zone show it.
pub fn moment_param(at: Time, zone: Tz) -> String {
    let (local, _) = zone::to_local(at, zone);
    let suffix = if zone == Tz::UTC { UTC } else { "" };
    format!("{local}{suffix}")
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
            text.replace(&format!("{{{name}}}"), &phrase(language, name, value))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::error::{Code, Error, FieldCode};

    /// A name in CamelCase or snake_case, or a time as machines write it.
    fn is_riddle(word: &str) -> bool {
        let inner = word.trim_matches(|c: char| !c.is_alphanumeric());
        let mut pairs = inner.chars().zip(inner.chars().skip(1));
        let is_camel = pairs.any(|(before, after)| before.is_lowercase() && after.is_uppercase());
        let is_snake = inner.contains('_');
        let is_time = inner.contains('T') && inner.contains(':');
        is_camel || is_snake || is_time
    }

    /// Names of members, parameters and headers that the reader writes themselves.
    const NAMES: &[&str] = &[
        "move_to",
        "time_zone",
        "local_time",
        "updated_at",
        "ETag",
        "OpenAPI",
        "UUIDs",
        "kB",
    ];

    #[test]
    fn no_text_holds_a_name_of_ours() {
        let codes = Code::ALL.iter().flat_map(|code| [code.title(), code.detail()]);
        let fields = FieldCode::ALL.iter().map(|code| code.message());
        let mut texts: Vec<&str> = codes.chain(fields).flat_map(|text| [text.en, text.fr]).collect();
        texts.extend(WORDS.iter().flat_map(|(_, _, en, fr)| [*en, *fr]));
        texts.extend(PERMISSIONS.iter().flat_map(|(_, en, fr)| [*en, *fr]));
        let words = texts.iter().flat_map(|text| text.split_whitespace());
        // A parameter is filled in.
        let words = words.filter(|word| !word.contains('{') && !NAMES.iter().any(|name| word.contains(name)));
        let riddles: Vec<&str> = words.filter(|word| is_riddle(word)).collect();
        assert!(riddles.is_empty(), "{riddles:?}");
        assert!(is_riddle("WriteArticles.") && is_riddle("is_confirmed") && is_riddle("2027-01-05T10:00:00.000Z"));
    }

    #[test]
    fn words_of_ours_and_moments_are_said_in_the_readers_language() {
        let at = Time::parse("2027-01-01T10:05:00Z").unwrap();
        let zone: Tz = "Africa/Porto-Novo".parse().unwrap();
        let suspended = |zone| Error::new(Code::AuthorSuspended).with_moment("until", at, zone);
        let state = Error::new(Code::InvalidState)
            .with("action", "delete")
            .with("state", "draft")
            .with("review", "in_review");
        for (error, french, english) in [
            (
                suspended(zone),
                "Vous ne pourrez commenter ici qu’à partir du 1er janvier 2027 à 11 h 05.",
                "You may not comment here until 1 January 2027 at 11:05.",
            ),
            (
                suspended(Tz::UTC),
                "Vous ne pourrez commenter ici qu’à partir du 1er janvier 2027 à 10 h 05 UTC.",
                "You may not comment here until 1 January 2027 at 10:05 UTC.",
            ),
            (
                state,
                "Suppression impossible : l’article est un brouillon et en relecture.",
                "Deleting is not possible: the article is a draft and in review.",
            ),
            (
                Error::new(Code::Forbidden).with("permission", "WriteArticles"),
                "Vous n’avez pas le droit de modifier cet article.",
                "You may not edit this article.",
            ),
        ] {
            let said = |language| {
                error
                    .code()
                    .detail()
                    .render(language, error.params())
                    .replace('\u{a0}', " ")
            };
            assert_eq!(said(Language::French), french);
            assert_eq!(said(Language::English), english);
        }
    }
}
