//! Whose names there are, and whether somebody's looks like one of them.

use std::collections::HashMap;

use super::skeleton::skeleton_words;

/// Words by which somebody says that they speak for the newsroom, wherever they stand in a name.
const OFFICES: &[&str] = &[
    "rédaction",
    "rédacteur",
    "rédacteurs",
    "rédactrice",
    "rédactrices",
    "modération",
    "modérateur",
    "modérateurs",
    "modératrice",
    "modératrices",
    "administrateur",
    "administrateurs",
    "administratrice",
    "admin",
    "webmestre",
    "webmaster",
    "newsroom",
    "editor",
    "editors",
    "moderator",
    "moderators",
    "administrator",
];

/// The same, where nothing else stands in the name: as part of one they may mean anything.
const TEAMS: &[&str] = &[
    "équipe",
    "l’équipe",
    "direction",
    "la direction",
    "éditeur",
    "éditrice",
    "staff",
    "team",
];

/// Letters of a skeleton from which on it may stand within a longer name: of fewer, another name may be made up.
const WITHIN_LETTERS: usize = 6;
/// Letters of a skeleton at least.
const FEWEST_LETTERS: usize = 3;
/// Words of a person's name at most for it to be looked for in any order.
const MOST_TURNED_WORDS: usize = 5;

/// A name of the house.
#[derive(Debug)]
struct HouseName {
    /// As it is written.
    name: Box<str>,
    /// Whether it is found within a longer name too.
    is_within: bool,
}

/// The names of the house, its staff and its contributors, by what they look like.
#[derive(Debug, Default)]
pub struct HouseNames {
    by_skeleton: HashMap<String, HouseName>,
    /// The bytes of the longest skeleton.
    longest: usize,
}

impl HouseNames {
    /// Of a site with its staff and its contributors. An account whose name is one word is left out: it is a first name,
    /// or no name at all.
    pub fn new(site: &str, staff: &[String], contributors: &[String]) -> Self {
        let mut names = Self::default();
        for office in OFFICES {
            names.add(office, &skeleton_words(office), true);
        }
        for team in TEAMS {
            names.add(team, &skeleton_words(team), false);
        }
        names.add(site, &skeleton_words(site), has_several_words(site));
        let staff = staff.iter().filter(|name| has_several_words(name));
        for name in staff.chain(contributors) {
            names.add_person(name);
        }
        names
    }

    /// A person's name: a family name may stand before the first name or behind it.
    fn add_person(&mut self, name: &str) {
        let mut words = skeleton_words(name);
        let is_within = has_several_words(name);
        let turns = if words.len() <= MOST_TURNED_WORDS {
            words.len()
        } else {
            1
        };
        for _ in 0..turns {
            self.add(name, &words, is_within);
            words.rotate_left(1);
        }
    }

    fn add(&mut self, name: &str, words: &[String], is_within: bool) {
        let skeleton = words.concat();
        let letters = skeleton.chars().count();
        if letters < FEWEST_LETTERS {
            return;
        }
        self.longest = self.longest.max(skeleton.len());
        let is_within = is_within && letters >= WITHIN_LETTERS;
        let known = self.by_skeleton.entry(skeleton).or_insert_with(|| HouseName {
            name: name.into(),
            is_within,
        });
        known.is_within |= is_within;
    }

    /// The name of the house that somebody's name is, or looks like, or has within it.
    pub fn borrowed(&self, author_name: &str) -> Option<&str> {
        let words = skeleton_words(author_name);
        for from in 0..words.len() {
            let mut run = String::new();
            for (at, word) in words.iter().enumerate().skip(from) {
                run.push_str(word);
                if run.len() > self.longest {
                    break;
                }
                let is_whole = from == 0 && at + 1 == words.len();
                let known = self.by_skeleton.get(&run);
                if let Some(known) = known.filter(|known| known.is_within || is_whole) {
                    return Some(&known.name);
                }
            }
        }
        None
    }
}

fn has_several_words(name: &str) -> bool {
    name.split_whitespace().nth(1).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owned(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn house() -> HouseNames {
        let staff = owned(&["Awa Kossou", "Jo", "Mariam", "Li Na"]);
        let contributors = owned(&["Sika Adjovi-Mensah", "Zem", "AFP", "Koffi A. Dossou", "😀"]);
        HouseNames::new("Bénin Info", &staff, &contributors)
    }

    #[test]
    fn a_name_of_the_house_is_known_however_it_is_written() {
        for (name, expected) in [
            ("Rédaction", "rédaction"),
            ("La Rédaction", "rédaction"),
            ("R. É. D. A. C. T. I. O. N.", "rédaction"),
            ("Rédaction ✅ officielle", "rédaction"),
            ("Modératrice", "modératrice"),
            ("Adrnin", "admin"),
            ("L'EQUIPE", "l’équipe"),
            ("Bénin Info", "Bénin Info"),
            ("benininfo", "Bénin Info"),
            ("Journal Bénin-Info", "Bénin Info"),
            ("Awa Kossou", "Awa Kossou"),
            ("awa  KOSSOU.", "Awa Kossou"),
            ("AwaKossou", "Awa Kossou"),
            ("KOSSOU Awa", "Awa Kossou"),
            ("Аwа Коssоu", "Awa Kossou"),
            ("Awa Kossou (journaliste)", "Awa Kossou"),
            ("Adjovi Mensah Sika", "Sika Adjovi-Mensah"),
            ("Dossou Koffi A.", "Koffi A. Dossou"),
            ("zem", "Zem"),
            ("A.F.P.", "AFP"),
            ("Li Na", "Li Na"),
        ] {
            assert_eq!(house().borrowed(name), Some(expected), "{name}");
        }
    }

    #[test]
    fn other_names_are_everybodys() {
        for name in [
            "Awa",
            "Kossou",
            "Awa Koffi",
            "Koffi Kossou",
            "Awa Kossoudji",
            "Awatif Kossou",
            "Sika",
            "Koffi Dossou",
            // An account by its first name, and what is too short to be anybody's.
            "Mariam",
            "Jo",
            // A byline of one word is that word alone.
            "Zem Ali",
            "Pauli Natacha",
            "Bénin",
            "Info",
            "Réda",
            "Aminata",
            "Une équipe de lecteurs",
            "😀",
            "",
        ] {
            assert_eq!(house().borrowed(name), None, "{name}");
        }
    }

    #[test]
    fn a_long_name_is_looked_through_in_little_time() {
        let people: Vec<String> = (0..20_000)
            .map(|number| format!("Prénom{number} Nom{number}"))
            .collect();
        let names = HouseNames::new("Bénin Info", &people, &[]);
        let started = std::time::Instant::now();
        for _ in 0..100 {
            assert_eq!(names.borrowed(&"a ".repeat(40)), None);
        }
        let taken = started.elapsed();
        assert!(taken < std::time::Duration::from_secs(1), "{taken:?}");
    }

    #[test]
    fn how_long_a_name_is_says_where_it_is_looked_for() {
        let staff = owned(&["Awa Zinb", "Ibo Zia", "Un Deux Trois Quatre Cinq", "Ab Cd Ef Gh Ij Kl"]);
        let house = HouseNames::new("Bénin Info", &staff, &[]);
        for (name, expected) in [
            // Six letters and more are found within a longer name.
            ("Ibo Zia Junior", Some("Ibo Zia")),
            ("Awa Zinb Junior", Some("Awa Zinb")),
            // Five words are turned, six are not.
            ("Cinq Un Deux Trois Quatre", Some("Un Deux Trois Quatre Cinq")),
            ("Ab Cd Ef Gh Ij Kl", Some("Ab Cd Ef Gh Ij Kl")),
            ("Kl Ab Cd Ef Gh Ij", None),
        ] {
            assert_eq!(house.borrowed(name), expected, "{name}");
        }
        let house = HouseNames::new("Bénin Info", &owned(&["Awa Zi", "Xyz"]), &owned(&["Zem", "Ze"]));
        for (name, expected) in [
            ("Awa Zi", Some("Awa Zi")),
            ("Awa Zi Junior", None),
            ("Zem", Some("Zem")),
            ("Ze", None),
        ] {
            assert_eq!(house.borrowed(name), expected, "{name}");
        }
    }
}
