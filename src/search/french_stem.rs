//! The stems of French words: singular and plural, masculine and feminine, and the forms of a verb come together;
//! what only has the same root (`police` and `politique`, `départ` and `département`) stays apart.
//!
//! Rules of number and gender come first, on the folded word, so that they hold without accents too (`deputee`,
//! `policiere`). Snowball then takes the endings of verbs off what is left, where enough of the word stays to know it
//! by: `poste` and `poster` would be one otherwise, `Mali` and `mal` too.

use snowball_stemmers_rs::Stemmer;

use crate::search::french_words::{IRREGULAR, KEPT, NOUNS_IN_ER};

/// The stem of a folded word.
pub fn french_stem(folded: &str, snowball: &Stemmer) -> String {
    let masculine = masculine_singular(folded);
    if is_kept(&masculine) || is_noun_in_er(&masculine) || has_noun_ending(&masculine) {
        return masculine;
    }
    let stem = snowball.stem(&masculine);
    if stem.chars().count() >= LETTERS_OF_A_STEM {
        stem.into_owned()
    } else {
        masculine
    }
}

/// Letters of the shortest stem that Snowball may make.
const LETTERS_OF_A_STEM: usize = 5;

/// The word as a dictionary would have it, though without its last `e`; a verb as its stem and an `e`.
fn masculine_singular(folded: &str) -> String {
    if is_kept(folded) {
        return folded.to_owned();
    }
    let singular = match irregular(folded) {
        Some(regular) => regular.to_owned(),
        None => regular(&singular(folded)),
    };
    if is_kept(&singular) {
        return singular;
    }
    let bare = bare_feminine(&singular);
    let bare = regular(&bare);
    let verb = regular(&without_verb_ending(&bare));
    if is_kept(&verb) {
        return verb;
    }
    let mut word = replace_ending(&verb, &FEMININE_ENDINGS).unwrap_or(verb);
    if let Some(root) = replace_ending(&word, &EUR_ENDINGS) {
        return root;
    }
    if is_inclusive_feminine(&word) {
        word.truncate(word.len() - "se".len());
    }
    let is_plural = word.len() > 3 && word.ends_with('s') && !word.ends_with("ss");
    let ends_in_mute_e = word.len() > 3
        && word
            .strip_suffix('e')
            .is_some_and(|rest| rest.ends_with(['d', 'e', 'i', 'l', 'n', 'r', 't', 'u']));
    if is_plural || ends_in_mute_e {
        word.pop();
    }
    word
}

fn singular(word: &str) -> String {
    let rest = |ending: &str| word.strip_suffix(ending);
    if let Some(rest) = rest("eaux") {
        return format!("{rest}eau");
    }
    if let Some(rest) = rest("aux").filter(|_| word.len() > 4) {
        return format!("{rest}al");
    }
    let plural = rest("s").filter(|rest| word.len() > 3 && !rest.ends_with('s'));
    plural.unwrap_or(word).to_owned()
}

/// `députée` is `député`, and `étrangère` `étranger`.
fn bare_feminine(word: &str) -> String {
    let bare = word.strip_suffix('e').filter(|_| word.ends_with("ee")).unwrap_or(word);
    let is_feminine = bare.ends_with("ere") && bare.len() >= 6;
    bare.strip_suffix('e')
        .filter(|_| is_feminine)
        .unwrap_or(bare)
        .to_owned()
}

/// `voter`, `voteront` and `votaient` are `vote`. Nouns in `-ier` and words such as `retrait` are no verbs.
fn without_verb_ending(word: &str) -> String {
    let is_none = is_noun_in_er(word) || NO_VERBS.iter().any(|ending| word.ends_with(ending));
    let endings = VERB_ENDINGS.iter().filter(|_| !is_none);
    let mut roots = endings.filter_map(|(ending, least)| word.strip_suffix(ending).filter(|root| root.len() >= *least));
    roots.next().map_or_else(|| word.to_owned(), |root| format!("{root}e"))
}

/// `incluse` and `confuse`, but not `cause`, `chose` or `heureuse`.
fn is_inclusive_feminine(word: &str) -> bool {
    let root = word.strip_suffix("use").filter(|_| word.len() > 5);
    root.is_some_and(|root| !root.ends_with(['a', 'e', 'o']))
}

fn replace_ending(word: &str, endings: &[(&str, &str, usize)]) -> Option<String> {
    let long = endings.iter().filter(|(_, _, least)| word.len() >= *least);
    let mut replaced = long.filter_map(|(ending, by, _)| Some(format!("{}{by}", word.strip_suffix(ending)?)));
    replaced.next()
}

fn has_noun_ending(word: &str) -> bool {
    NOUN_ENDINGS.iter().any(|ending| word.ends_with(ending)) && !word.ends_with("ation")
}

fn is_kept(word: &str) -> bool {
    KEPT.binary_search(&word).is_ok()
}

fn is_noun_in_er(word: &str) -> bool {
    NOUNS_IN_ER.binary_search(&word).is_ok()
}

fn irregular(word: &str) -> Option<&'static str> {
    let at = IRREGULAR.binary_search_by_key(&word, |(form, _)| form).ok()?;
    IRREGULAR.get(at).map(|(_, regular)| *regular)
}

fn regular(word: &str) -> String {
    irregular(word).unwrap_or(word).to_owned()
}

/// Endings of verbs that few other words have, the longest first, and how many letters stand before them at least.
const VERB_ENDINGS: [(&str, usize); 13] = [
    ("eraient", 3),
    ("erions", 3),
    ("erait", 3),
    ("eriez", 3),
    ("eront", 3),
    ("aient", 3),
    ("erez", 3),
    ("erai", 4),
    ("eras", 4),
    ("era", 4),
    ("ait", 4),
    ("ez", 3),
    ("er", 3),
];
const NO_VERBS: [&str; 4] = ["fait", "hait", "ier", "trait"];

/// How feminines end, how their masculines do, and the letters of the shortest such word.
const FEMININE_ENDINGS: [(&str, &str, usize); 9] = [
    ("trice", "teur", 7),
    ("eille", "eil", 7),
    ("aise", "ai", 6),
    ("elle", "el", 6),
    ("enne", "en", 6),
    ("oise", "oi", 6),
    ("onne", "on", 6),
    ("ise", "i", 5),
    ("ive", "if", 6),
];
/// `chanteur` and `heureux` have the same feminine ending, so all three come to one.
const EUR_ENDINGS: [(&str, &str, usize); 4] =
    [("euse", "eu", 6), ("eure", "eu", 6), ("eur", "eu", 5), ("eux", "eu", 4)];
/// Words that end so are nouns and adjectives; without the ending they would be others.
const NOUN_ENDINGS: [&str; 26] = [
    "able", "adi", "ai", "al", "ance", "andi", "at", "ati", "el", "ence", "erie", "eu", "ible", "ien", "if", "il",
    "ion", "ique", "isme", "iste", "it", "logue", "ment", "oi", "omi", "phi",
];

#[cfg(test)]
mod tests {
    use snowball_stemmers_rs::Algorithm;

    use super::*;

    fn stem(word: &str) -> String {
        french_stem(word, &Stemmer::create(Algorithm::French))
    }

    #[test]
    fn forms_of_a_word_have_one_stem() {
        for forms in [
            &["loi", "lois"][..],
            &["jeu", "jeux"],
            &["eau", "eaux"],
            &["cheval", "chevaux"],
            &["national", "nationale", "nationaux", "nationales"],
            &["depute", "deputee", "deputes", "deputees"],
            &["policier", "policiere", "policiers", "policieres"],
            &["etranger", "etrangere"],
            &["sportif", "sportive"],
            &["directeur", "directrice"],
            &["chanteur", "chanteuse"],
            &["dangereux", "dangereuse"],
            &["francais", "francaise"],
            &["gris", "grise"],
            &["inclus", "incluse"],
            &["ancien", "ancienne"],
            &["bon", "bonne"],
            &["blanc", "blanches"],
            &["oeil", "yeux"],
            &["faux", "fausses"],
            &["croise", "croisee"],
            &["parler", "parle", "parlait", "parleront", "parlez"],
            &["augmenter", "augmente", "augmentait", "augmenteront"],
        ] {
            for form in forms {
                assert_eq!(stem(form), stem(forms[0]), "{form}");
            }
        }
    }

    #[test]
    fn words_of_one_root_keep_stems_of_their_own() {
        for (one, other) in [
            ("mali", "mal"),
            ("france", "franc"),
            ("poste", "poster"),
            ("depart", "departement"),
            ("police", "politique"),
            ("retrait", "retraite"),
            ("cause", "causeu"),
            ("armee", "arme"),
            ("express", "expres"),
            ("os", "o"),
        ] {
            assert_ne!(stem(one), stem(other), "{one} {other}");
        }
    }

    #[test]
    fn the_tables_are_sorted() {
        assert!(KEPT.is_sorted() && NOUNS_IN_ER.is_sorted());
        assert!(IRREGULAR.is_sorted_by_key(|(form, _)| form));
    }
}
