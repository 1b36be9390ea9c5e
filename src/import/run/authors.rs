//! Who signs an item: the account that wrote it, or the authors that a plugin gives it.
//!
//! Co-Authors Plus gives terms of the taxonomy `author`, whose slugs are `cap-` and a nicename, and guest authors as
//! items of their own. PublishPress Authors gives terms of the same taxonomy, named as people are.

use std::collections::{HashMap, HashSet};

use super::text::{key, label, person_name, public_name};
use crate::base::limits;
use crate::base::secrets::sha256;
use crate::base::text::mojibake;
use crate::import::run::repair::report_line;
use crate::import::wxr::{WxrAuthor, WxrItem, WxrTermRef};

/// Authors that are kept.
const MAX_AUTHORS: usize = 100_000;
/// The type of guest authors' items.
pub(super) const GUEST_TYPE: &str = "guest-author";
/// How the keys of guest authors begin.
pub(super) const GUEST_KEY: &str = "guest:";
/// The taxonomy of the plugins.
pub(super) const AUTHOR_TAXONOMY: &str = "author";

/// An author: a key that is no personal data, and a name where there is one that readers may see.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct AuthorSeed {
    /// The author's number, or a digest of the login in files that give no number; a guest's nicename.
    pub(super) key: String,
    /// The name; none where it would give a login or an e-mail address away.
    pub(super) name: Option<String>,
    /// A few sentences about them.
    pub(super) bio: Option<String>,
    /// The report's line on the name, where that was in a wrong encoding.
    pub(super) repaired: Option<String>,
    /// Whether another file may have the name.
    pub(super) is_provisional: bool,
}

/// The authors of a file.
#[derive(Debug, Default)]
pub(super) struct AuthorIndex {
    by_login: HashMap<String, AuthorSeed>,
    by_author_id: HashMap<i64, Option<String>>,
    /// By nicename.
    guests: HashMap<String, AuthorSeed>,
}

impl AuthorIndex {
    pub(super) fn take(&mut self, author: &WxrAuthor) {
        if self.by_login.len() >= MAX_AUTHORS {
            return;
        }
        let key = author
            .author_id
            .map_or_else(|| login_key(&author.login), |id| id.to_string());
        let names = (&*author.display_name, &*author.first_name, &*author.last_name);
        let seed = named(key, names, &author.login);
        if let Some(id) = author.author_id {
            self.by_author_id.insert(id, seed.name.clone());
        }
        self.by_login.insert(author.login.clone(), seed);
    }

    /// Takes the item of a guest author.
    pub(super) fn take_guest(&mut self, item: &WxrItem) {
        if self.guests.len() < MAX_AUTHORS
            && let Some((nicename, seed)) = guest(item)
        {
            self.guests.insert(nicename, seed);
        }
    }

    /// Who signs an item; none where it names nobody. `known` are the keys of guests that came with other files.
    pub(super) fn signatures(&self, item: &WxrItem, known: &HashSet<String>) -> Vec<AuthorSeed> {
        let mut seeds: Vec<AuthorSeed> = Vec::new();
        for term in item.categories.iter().filter(|term| term.domain == AUTHOR_TAXONOMY) {
            let seed = self.of_term(term, known);
            if seeds.iter().all(|other| other.key != seed.key) {
                seeds.push(seed);
            }
        }
        if seeds.is_empty() && !item.creator.is_empty() {
            seeds.push(self.of_login(&item.creator));
        }
        seeds
    }

    fn of_login(&self, login: &str) -> AuthorSeed {
        let unknown = || AuthorSeed {
            key: login_key(login),
            ..AuthorSeed::default()
        };
        self.by_login.get(login).cloned().unwrap_or_else(unknown)
    }

    fn of_term(&self, term: &WxrTermRef, known: &HashSet<String>) -> AuthorSeed {
        let nicename = nicename(&term.nicename);
        if let Some(seed) = self.guests.get(nicename) {
            return seed.clone();
        }
        for login in [term.name.as_str(), nicename] {
            if let Some(seed) = self.by_login.get(login) {
                return seed.clone();
            }
        }
        let key = guest_key(nicename);
        // The name of a term is a login where Co-Authors Plus made it; a name of several words is a person's.
        let name = label(&term.name, limits::NAME).filter(|name| name.contains(' '));
        let name = name.and_then(|name| public_name(&name, nicename));
        AuthorSeed {
            is_provisional: name.is_none() && !known.contains(&key),
            key,
            name,
            ..AuthorSeed::default()
        }
    }

    /// Whether this is the login of an author in the file.
    pub(super) fn is_login(&self, name: &str) -> bool {
        self.by_login.contains_key(name)
    }

    /// The public name of a user, by number: `None` for a user who is not in the file.
    pub(super) fn user_name(&self, id: i64) -> Option<Option<&str>> {
        self.by_author_id.get(&id).map(Option::as_deref)
    }
}

/// A guest author, with their nicename; none where the item has no name.
pub(super) fn guest(item: &WxrItem) -> Option<(String, AuthorSeed)> {
    let text = |key| item.meta(key).unwrap_or_default();
    let nicename = item.first_meta(&["cap-user_login"]).unwrap_or(&item.post_name);
    let nicename = nicename.strip_prefix("cap-").unwrap_or(nicename);
    let shown = item.first_meta(&["cap-display_name"]).unwrap_or(&item.title);
    // A guest has no account, so the name gives no login away.
    let seed = named(
        guest_key(nicename),
        (shown, text("cap-first_name"), text("cap-last_name")),
        "",
    );
    let bio = label(text("cap-description"), limits::DESCRIPTION);
    (!nicename.is_empty() && seed.name.is_some()).then(|| (nicename.to_owned(), AuthorSeed { bio, ..seed }))
}

/// The name under which a term names an author.
pub(super) fn nicename(slug: &str) -> &str {
    slug.strip_prefix("cap-").unwrap_or(slug)
}

fn guest_key(nicename: &str) -> String {
    key(format!("{GUEST_KEY}{nicename}"))
}

/// An author of these names: the one shown, first and last.
fn named(key: String, (shown, first, last): (&str, &str, &str), login: &str) -> AuthorSeed {
    let repair = mojibake::repair_html(shown);
    let shown = repair.as_ref().map_or(shown, |repair| &repair.text);
    let public = public_name(shown, login);
    AuthorSeed {
        repaired: repair.filter(|_| public.is_some()).map(|repair| report_line(&repair)),
        name: public.or_else(|| person_name(first, last)),
        key,
        ..AuthorSeed::default()
    }
}

/// A key for a login, which does not give the login away.
fn login_key(login: &str) -> String {
    format!("login:{}", sha256(login.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index() -> AuthorIndex {
        let mut index = AuthorIndex::default();
        for (id, login, names) in [
            (1, "pige", ("pige", "Pauline", "Pige")),
            (2, "awa", ("Awa Diop", "", "")),
            (3, "chef", ("chef", "Chef", "")),
            (4, "x", ("x@example.org", "X", "x@example.org")),
        ] {
            index.take(&WxrAuthor {
                author_id: Some(id),
                login: login.to_owned(),
                display_name: names.0.to_owned(),
                first_name: names.1.to_owned(),
                last_name: names.2.to_owned(),
            });
        }
        index
    }

    fn item(terms: &[(&str, &str)]) -> WxrItem {
        let term = |(nicename, name): &(&str, &str)| WxrTermRef {
            domain: AUTHOR_TAXONOMY.to_owned(),
            nicename: (*nicename).to_owned(),
            name: (*name).to_owned(),
        };
        WxrItem {
            creator: "pige".to_owned(),
            categories: terms.iter().map(term).collect(),
            ..WxrItem::default()
        }
    }

    #[test]
    fn first_and_last_name_stand_in_for_one_that_is_a_login() {
        let index = index();
        for (login, name) in [
            ("pige", Some("Pauline Pige")),
            ("awa", Some("Awa Diop")),
            ("chef", None),
            ("x", None),
        ] {
            assert_eq!(index.of_login(login).name.as_deref(), name, "{login}");
        }
    }

    #[test]
    fn terms_name_guests_accounts_and_people_and_else_nobody() {
        let mut index = index();
        index.take_guest(&WxrItem {
            post_name: "cap-luc-martin".to_owned(),
            meta: vec![("cap-display_name".to_owned(), "Luc Martin".to_owned())],
            ..WxrItem::default()
        });
        let signed = |terms: &[(&str, &str)], known: &[&str]| {
            let known = known.iter().map(|key| (*key).to_owned()).collect();
            let seeds = index.signatures(&item(terms), &known).into_iter();
            seeds
                .map(|seed| (seed.key, seed.name.unwrap_or_default(), seed.is_provisional))
                .collect::<Vec<_>>()
        };
        let seed = |key: &str, name: &str, is_provisional| (key.to_owned(), name.to_owned(), is_provisional);
        assert_eq!(signed(&[], &[]), [seed("1", "Pauline Pige", false)]);
        assert_eq!(
            signed(
                &[("cap-luc-martin", "luc-martin"), ("cap-awa", "awa"), ("cap-awa", "awa")],
                &[]
            ),
            [
                seed("guest:luc-martin", "Luc Martin", false),
                seed("2", "Awa Diop", false)
            ]
        );
        assert_eq!(
            signed(&[("zoe-ba", "Zoé Ba")], &[]),
            [seed("guest:zoe-ba", "Zoé Ba", false)]
        );
        assert_eq!(signed(&[("cap-ina", "ina")], &[]), [seed("guest:ina", "", true)]);
        assert_eq!(
            signed(&[("cap-ina", "ina")], &["guest:ina"]),
            [seed("guest:ina", "", false)]
        );
    }
}
