//! The first pass: the whole file is read and found sound before anything is written. It keeps what the second pass
//! must know beforehand: the site, its authors, its categories, where its pictures are (about 200 bytes each) and what
//! stands at its addresses (about 16 bytes each). The files of one site are surveyed together, and then hold what any of
//! them names.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::Read;

use super::text::{key, line};
use crate::base::limits;
use crate::import::run::authors::{AuthorIndex, GUEST_TYPE};
use crate::import::run::old_addresses::{path_mark, path_of};
use crate::import::run::pictures::PictureIndex;
use crate::import::run::report::mended;
use crate::import::wxr::{Mendings, WxrError, WxrItem, WxrReader, WxrRecord, WxrSite};

/// Categories that are kept: far more than a site has sections.
const MAX_CATEGORIES: usize = 10 * limits::SECTIONS;
/// Bytes of reusable blocks that are kept.
const MAX_REUSABLE_BYTES: usize = 8 * 1024 * 1024;
/// Lines of the count of what the file holds.
const MAX_FOUND_LINES: usize = 100;

/// A category, to be a section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CategorySeed {
    /// Its number, where the file says it.
    pub(super) term_id: Option<i64>,
    pub(super) nicename: String,
    pub(super) parent: String,
    pub(super) name: String,
    pub(super) description: String,
}

/// What the first pass found.
#[derive(Debug, Default)]
pub struct WxrSurvey {
    /// The site.
    pub site: WxrSite,
    /// The site in the keys of what was imported: its address without scheme and closing slash.
    pub source: String,
    /// What the file holds, by kind and state.
    found: BTreeMap<String, u64>,
    /// What was read although XML forbids it.
    pub mendings: Mendings,
    /// Whether a post has no category, and a page.
    pub(super) uncategorised: Uncategorised,
    pub(super) categories: Vec<CategorySeed>,
    /// Categories beyond what is kept.
    pub(super) too_many_categories: u64,
    by_nicename: HashMap<String, usize>,
    by_term_id: HashMap<i64, usize>,
    pub(super) authors: AuthorIndex,
    pub(super) pictures: PictureIndex,
    /// The HTML of reusable blocks, by number.
    reusable: HashMap<u64, String>,
    reusable_bytes: usize,
    /// Marks of the paths at which items are.
    addresses: HashSet<u64>,
    /// The types of items that become articles beside posts and pages.
    pub(super) post_types: Vec<String>,
}

/// Which kinds of items have some without a category.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Uncategorised {
    pub(super) posts: bool,
    pub(super) pages: bool,
}

/// Whether items of a type become articles.
pub(super) fn is_article(post_type: &str, post_types: &[String]) -> bool {
    matches!(post_type, "post" | "page") || post_types.iter().any(|taken| taken == post_type)
}

impl WxrSurvey {
    /// A survey for which items of these types are articles too.
    pub fn of_types(post_types: &[String]) -> Self {
        Self {
            post_types: post_types.to_vec(),
            ..Self::default()
        }
    }

    /// Reads a file to its end; `progress` gets the number of bytes read.
    ///
    /// # Errors
    /// What is wrong with the file, and where; that it is of another site than the files before it.
    pub fn read(&mut self, file: impl Read, progress: &dyn Fn(u64)) -> Result<(), WxrError> {
        let mut reader = WxrReader::new(file);
        while let Some(record) = reader.next_record()? {
            match record {
                WxrRecord::Site(site) => self.site(site)?,
                WxrRecord::Author(author) => {
                    self.found("authors".to_owned());
                    self.authors.take(&author);
                }
                WxrRecord::Category(category) => self.category(CategorySeed {
                    term_id: category.term_id,
                    nicename: key(category.nicename),
                    parent: key(category.parent),
                    name: category.name,
                    description: category.description,
                }),
                WxrRecord::Term(term) if term.taxonomy == "category" => self.category(CategorySeed {
                    term_id: term.term_id,
                    nicename: key(term.slug),
                    parent: key(term.parent),
                    name: term.name,
                    description: term.description,
                }),
                WxrRecord::Tag(_) => self.found("tags".to_owned()),
                WxrRecord::Term(_) => {}
                WxrRecord::Item(item) => self.item(&item),
            }
            progress(reader.bytes_read());
        }
        self.mendings.add(reader.mendings());
        Ok(())
    }

    fn site(&mut self, site: WxrSite) -> Result<(), WxrError> {
        let address = [&site.base_blog_url, &site.base_site_url, &site.link]
            .into_iter()
            .find(|url| !url.is_empty());
        let Some(address) = address else {
            let message = "The file does not say of which site it is: base_blog_url, base_site_url and link are empty.";
            return Err(WxrError {
                line: 1,
                message: message.to_owned(),
            });
        };
        let source = source_key(address);
        if !self.source.is_empty() && self.source != source {
            let message = format!(
                "The file is of the site {source}, the one before it of {}: bring them over one by one.",
                self.source
            );
            return Err(WxrError { line: 1, message });
        }
        self.source = source;
        self.site = site;
        Ok(())
    }

    fn category(&mut self, category: CategorySeed) {
        if category.nicename.is_empty() {
            return;
        }
        if let Some(known) = self.by_nicename.get(&category.nicename).copied() {
            // A post that names a category says less of it than the head of another file.
            if let (Some(number), Some(seed)) = (category.term_id, self.categories.get_mut(known)) {
                self.by_term_id.insert(number, known);
                if seed.term_id.is_none() {
                    *seed = category;
                }
            }
            return;
        }
        self.found("categories".to_owned());
        if self.categories.len() >= MAX_CATEGORIES {
            self.too_many_categories += 1;
            return;
        }
        let at = self.categories.len();
        self.by_nicename.insert(category.nicename.clone(), at);
        self.by_term_id.extend(category.term_id.map(|number| (number, at)));
        self.categories.push(category);
    }

    fn item(&mut self, item: &WxrItem) {
        let kind = line(&item.post_type);
        match item.post_type.as_str() {
            "attachment" => {
                self.found("attachments".to_owned());
                self.pictures.take(item);
            }
            GUEST_TYPE => {
                self.found("guest authors".to_owned());
                self.authors.take_guest(item);
            }
            "wp_block" => {
                self.found("reusable blocks".to_owned());
                self.reusable_block(item);
            }
            taken if is_article(taken, &self.post_types) => self.article(item),
            _ => self.found(format!("items of the type {kind}")),
        }
    }

    fn article(&mut self, item: &WxrItem) {
        let locked = if item.has_password { ", with a password" } else { "" };
        self.found(format!("{}s ({}{locked})", line(&item.post_type), line(&item.status)));
        let path = path_of(&item.link, &self.source);
        self.addresses.extend(path.as_deref().map(path_mark));
        for comment in &item.comments {
            let kind = if comment.kind.is_empty() {
                "comment"
            } else {
                &comment.kind
            };
            self.found(format!("{}s", line(kind)));
        }
        let mut has_category = false;
        for term in item.categories.iter().filter(|term| term.domain == "category") {
            has_category = true;
            // A file of a part of a site may name categories that its head does not.
            self.category(CategorySeed {
                term_id: None,
                nicename: key(term.nicename.clone()),
                parent: String::new(),
                name: term.name.clone(),
                description: String::new(),
            });
        }
        if !has_category && item.post_type == "page" {
            self.uncategorised.pages = true;
        } else if !has_category {
            self.uncategorised.posts = true;
        }
    }

    fn reusable_block(&mut self, item: &WxrItem) {
        let bytes = self.reusable_bytes + item.content.len();
        if let Ok(number) = u64::try_from(item.post_id)
            && bytes <= MAX_REUSABLE_BYTES
        {
            self.reusable_bytes = bytes;
            self.reusable.insert(number, item.content.clone());
        }
    }

    fn found(&mut self, what: String) {
        if self.found.len() < MAX_FOUND_LINES || self.found.contains_key(&what) {
            *self.found.entry(what).or_default() += 1;
        }
    }

    /// What the files hold, and what had to be mended to read them.
    pub fn counts(&self) -> impl Iterator<Item = (&str, u64)> {
        let found = self.found.iter().map(|(what, times)| (what.as_str(), *times));
        found.chain(mended(&self.mendings).map(|(what, places)| (what, places.count)))
    }

    /// The HTML of a reusable block.
    pub(super) fn reusable(&self, number: u64) -> Option<String> {
        self.reusable.get(&number).cloned()
    }

    /// The nicename of a category, by number.
    pub(super) fn category_of_term(&self, number: i64) -> Option<&str> {
        let category = self.categories.get(*self.by_term_id.get(&number)?)?;
        Some(&category.nicename)
    }

    /// Whether an item of these files is at this path.
    pub(super) fn is_address(&self, path: &str) -> bool {
        self.addresses.contains(&path_mark(path))
    }
}

/// The address of a site as a key: the same over http and https, with and without a closing slash.
fn source_key(address: &str) -> String {
    let rest = address
        .split_once("://")
        .map_or(address, |(_, rest)| rest)
        .trim_end_matches('/');
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let whole = format!("{}{path}", host.to_lowercase());
    if whole.is_empty() {
        "site".to_owned()
    } else {
        key(whole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_is_the_same_over_http_and_https() {
        for address in ["http://Example.org/blog/", "https://example.org/blog"] {
            assert_eq!(source_key(address), "example.org/blog");
        }
    }
}
