//! The first pass: the whole file is read and found sound before anything is written. It keeps what the second pass
//! must know beforehand: the site, its authors, its categories, and where its pictures are (about 200 bytes each).

use std::collections::{BTreeMap, HashMap};
use std::io::Read;

use super::text::{key, line, public_name};
use crate::base::limits;
use crate::base::secrets::sha256;
use crate::base::text::mojibake;
use crate::body::image::{Image, https_url};
use crate::import::run::repair::report_line;
use crate::import::wxr::{WxrAuthor, WxrError, WxrItem, WxrReader, WxrRecord, WxrSite};

/// Categories that are kept: far more than a site has sections.
const MAX_CATEGORIES: usize = 10 * limits::SECTIONS;
/// Authors that are kept.
const MAX_AUTHORS: usize = 100_000;
/// Pictures that are kept.
const MAX_PICTURES: usize = 1_000_000;
/// Lines of the count of what the file holds.
const MAX_FOUND_LINES: usize = 100;

/// An author: a key that is no personal data, and a name where there is one that readers may see.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct AuthorSeed {
    /// The author's number, or a digest of the login in files that give no number.
    pub(super) key: String,
    /// The name; none where it would give a login or an e-mail address away.
    pub(super) name: Option<String>,
    /// The report's line on the name, where that was in a wrong encoding.
    pub(super) repaired: Option<String>,
}

/// A category, to be a section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CategorySeed {
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
    pub found: BTreeMap<String, u64>,
    /// Characters that XML forbids, which were left out.
    pub dropped_characters: u64,
    /// Whether a post has no category, and a page.
    pub(super) uncategorised: Uncategorised,
    pub(super) categories: Vec<CategorySeed>,
    /// Categories beyond what is kept.
    pub(super) too_many_categories: u64,
    by_nicename: HashMap<String, usize>,
    by_login: HashMap<String, AuthorSeed>,
    by_author_id: HashMap<i64, Option<String>>,
    pictures: HashMap<u64, Picture>,
}

/// Which kinds of items have some without a category.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Uncategorised {
    pub(super) posts: bool,
    pub(super) pages: bool,
}

#[derive(Debug)]
struct Picture {
    url: Box<str>,
    alt: Option<Box<str>>,
}

/// Reads a file to its end; `progress` gets the number of bytes read.
///
/// # Errors
/// What is wrong with the file, and where.
pub fn survey(file: impl Read, progress: &dyn Fn(u64)) -> Result<WxrSurvey, WxrError> {
    let mut reader = WxrReader::new(file);
    let mut survey = WxrSurvey::default();
    while let Some(record) = reader.next_record()? {
        match record {
            WxrRecord::Site(site) => survey.site(site)?,
            WxrRecord::Author(author) => survey.author(&author),
            WxrRecord::Category(category) => survey.category(CategorySeed {
                nicename: key(category.nicename),
                parent: key(category.parent),
                name: category.name,
                description: category.description,
            }),
            WxrRecord::Term(term) if term.taxonomy == "category" => survey.category(CategorySeed {
                nicename: key(term.slug),
                parent: key(term.parent),
                name: term.name,
                description: term.description,
            }),
            WxrRecord::Tag(_) => survey.found("tags".to_owned()),
            WxrRecord::Term(_) => {}
            WxrRecord::Item(item) => survey.item(&item),
        }
        progress(reader.bytes_read());
    }
    survey.dropped_characters = reader.dropped_characters();
    Ok(survey)
}

impl WxrSurvey {
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
        self.source = source_key(address);
        self.site = site;
        Ok(())
    }

    fn author(&mut self, author: &WxrAuthor) {
        self.found("authors".to_owned());
        if self.by_login.len() >= MAX_AUTHORS {
            return;
        }
        let repair = mojibake::repair_html(&author.display_name);
        let display_name = repair.as_ref().map_or(&author.display_name, |repair| &repair.text);
        let name = public_name(display_name, &author.login);
        let key = author
            .author_id
            .map_or_else(|| login_key(&author.login), |id| id.to_string());
        if let Some(id) = author.author_id {
            self.by_author_id.insert(id, name.clone());
        }
        let signature = AuthorSeed {
            repaired: repair.filter(|_| name.is_some()).map(|repair| report_line(&repair)),
            key,
            name,
        };
        self.by_login.insert(author.login.clone(), signature);
    }

    fn category(&mut self, category: CategorySeed) {
        if category.nicename.is_empty() || self.by_nicename.contains_key(&category.nicename) {
            return;
        }
        self.found("categories".to_owned());
        if self.categories.len() >= MAX_CATEGORIES {
            self.too_many_categories += 1;
            return;
        }
        self.by_nicename
            .insert(category.nicename.clone(), self.categories.len());
        self.categories.push(category);
    }

    fn item(&mut self, item: &WxrItem) {
        let kind = line(&item.post_type);
        match item.post_type.as_str() {
            "post" | "page" => self.article(item),
            "attachment" => {
                self.found("attachments".to_owned());
                self.picture(item);
            }
            _ => self.found(format!("items of the type {kind}")),
        }
    }

    fn article(&mut self, item: &WxrItem) {
        let locked = if item.has_password { ", with a password" } else { "" };
        self.found(format!("{}s ({}{locked})", item.post_type, line(&item.status)));
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

    fn picture(&mut self, item: &WxrItem) {
        let (Some(url), Ok(id)) = (&item.attachment_url, u64::try_from(item.post_id)) else {
            return;
        };
        let url = url
            .strip_prefix("http://")
            .map_or_else(|| url.clone(), |rest| format!("https://{rest}"));
        let fits = url.chars().count() <= limits::URL && is_picture(&url);
        let Some(url) = https_url(&url).filter(|_| fits && self.pictures.len() < MAX_PICTURES) else {
            return;
        };
        let alt = item
            .meta("_wp_attachment_image_alt")
            .and_then(|alt| super::text::label(alt, limits::ALT));
        self.pictures.insert(
            id,
            Picture {
                url: url.into(),
                alt: alt.map(Into::into),
            },
        );
    }

    fn found(&mut self, what: String) {
        if self.found.len() < MAX_FOUND_LINES || self.found.contains_key(&what) {
            *self.found.entry(what).or_default() += 1;
        }
    }

    /// The picture of an attachment.
    pub(super) fn image(&self, attachment: u64) -> Option<Image> {
        let picture = self.pictures.get(&attachment)?;
        let alt = picture.alt.as_ref().map(ToString::to_string);
        Some(Image {
            url: picture.url.to_string(),
            alt,
            ..Image::default()
        })
    }

    /// Who signs an item with this login; none where the item names nobody.
    pub(super) fn signature(&self, login: &str) -> Option<AuthorSeed> {
        let unknown = || AuthorSeed {
            key: login_key(login),
            name: None,
            repaired: None,
        };
        (!login.is_empty()).then(|| self.by_login.get(login).cloned().unwrap_or_else(unknown))
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

/// A key for a login, which does not give the login away.
fn login_key(login: &str) -> String {
    format!("login:{}", sha256(login.as_bytes()))
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

fn is_picture(url: &str) -> bool {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let ending = path.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    let known = ["jpg", "jpeg", "png", "gif", "webp", "avif", "svg", "bmp", "tif", "tiff"];
    ending.is_some_and(|ending| known.contains(&ending.as_str()))
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
