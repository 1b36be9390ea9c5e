//! What an export holds, as plain data. Nothing is interpreted: a status is what WordPress wrote, content is its HTML.
//!
//! An e-mail or IP address has no field here, nor has the password of a post.

use chrono::NaiveDateTime;

/// What WordPress knows of an attachment's file, serialised by PHP. It may be of any size, and counts for little.
pub const ATTACHMENT_METADATA: &str = "_wp_attachment_metadata";

/// The custom fields that are kept: WordPress' own, and those of plugins that a newsroom would miss.
pub(super) const KEPT_META: [&str; 36] = [
    // The image of a post, and what is said about an image.
    "_thumbnail_id",
    "_wp_attachment_image_alt",
    ATTACHMENT_METADATA,
    "_media_credit",
    "_navis_media_credit_org",
    "photo_credit",
    // Slugs and dates that a post had in its address before.
    "_wp_old_slug",
    "_wp_old_date",
    // What belongs to the text: notes, and the sound of an episode.
    "footnotes",
    "enclosure",
    "audio_file",
    // Guest authors of Co-Authors Plus.
    "cap-display_name",
    "cap-user_login",
    "cap-first_name",
    "cap-last_name",
    "cap-linked_account",
    "cap-description",
    // Languages of WPML.
    "_wpml_import_language_code",
    "_wpml_import_translation_group",
    // What search engines are told: Yoast, Rank Math, All in One SEO in two versions, SEOPress.
    "_yoast_wpseo_title",
    "_yoast_wpseo_metadesc",
    "_yoast_wpseo_primary_category",
    "_yoast_wpseo_meta-robots-noindex",
    "rank_math_title",
    "rank_math_description",
    "rank_math_primary_category",
    "rank_math_robots",
    "_aioseo_title",
    "_aioseo_description",
    "_aioseop_title",
    "_aioseop_description",
    "_aioseop_noindex",
    "_seopress_titles_title",
    "_seopress_titles_desc",
    "_seopress_robots_primary_cat",
    "_seopress_robots_index",
];

/// One thing of the export, in the order of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WxrRecord {
    /// The site; once, before all others.
    Site(WxrSite),
    /// Someone who wrote.
    Author(WxrAuthor),
    /// A category.
    Category(WxrCategory),
    /// A tag.
    Tag(WxrTag),
    /// A term of any taxonomy; WordPress repeats categories and tags among them.
    Term(WxrTerm),
    /// A post, page, attachment, menu entry: anything WordPress calls a post.
    Item(Box<WxrItem>),
}

/// The site that was exported. The format does not say its time zone; see [`WxrItem::offset_seconds`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WxrSite {
    /// Its name.
    pub title: String,
    /// Its address.
    pub link: String,
    /// The address of the network of sites, which is `base_blog_url` for a single one.
    pub base_site_url: String,
    /// The address of the site within its network.
    pub base_blog_url: String,
    /// Its tagline.
    pub description: String,
    /// Its language, as `fr-FR`.
    pub language: String,
    /// The version of the format: `1.0`, `1.1` or `1.2`.
    pub version: String,
}

/// An author. One without a login is passed over: old exports have these for deleted users, and no item names them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WxrAuthor {
    /// The number a comment's `user_id` refers to.
    pub author_id: Option<i64>,
    /// The name an item's `creator` refers to.
    pub login: String,
    /// The name shown to readers.
    pub display_name: String,
    /// First name, or empty.
    pub first_name: String,
    /// Last name, or empty.
    pub last_name: String,
}

/// A category.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WxrCategory {
    /// Its number, since version 1.1.
    pub term_id: Option<i64>,
    /// Its slug.
    pub nicename: String,
    /// The slug of the category it is under, or empty.
    pub parent: String,
    /// Its name.
    pub name: String,
    /// Its description, or empty.
    pub description: String,
}

/// A tag.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WxrTag {
    /// Its number, since version 1.1.
    pub term_id: Option<i64>,
    /// Its slug.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// Its description, or empty.
    pub description: String,
}

/// A term of a taxonomy.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WxrTerm {
    /// Its number.
    pub term_id: Option<i64>,
    /// The taxonomy: `category`, `post_tag`, `nav_menu`, a plugin's.
    pub taxonomy: String,
    /// Its slug.
    pub slug: String,
    /// The slug of the term it is under, or empty.
    pub parent: String,
    /// Its name.
    pub name: String,
    /// Its description, or empty.
    pub description: String,
}

/// A term that an item has.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WxrTermRef {
    /// The taxonomy; the `tag` of version 1.0 is given as `post_tag`.
    pub domain: String,
    /// The term's slug, never empty: version 1.0 repeats each term without it, and the repetition is left out.
    pub nicename: String,
    /// The term's name.
    pub name: String,
}

/// Anything WordPress keeps as a post.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WxrItem {
    /// The line where the item starts, for messages about it.
    pub line: u64,
    /// Its number, positive.
    pub post_id: i64,
    /// Its title, which may hold HTML.
    pub title: String,
    /// Its public address.
    pub link: String,
    /// Its lasting identifier, often an old address.
    pub guid: String,
    /// The login of its author.
    pub creator: String,
    /// Its HTML, with block comments and shortcodes.
    pub content: String,
    /// Its excerpt; an attachment's caption.
    pub excerpt: String,
    /// When it was or will be published, on the site's clock.
    pub post_date: Option<NaiveDateTime>,
    /// The same in UTC; drafts have none.
    pub post_date_gmt: Option<NaiveDateTime>,
    /// The last change, in UTC; not in older exports.
    pub post_modified_gmt: Option<NaiveDateTime>,
    /// `open` or `closed`.
    pub comment_status: String,
    /// `open` or `closed`.
    pub ping_status: String,
    /// Its slug, percent-encoded where it is not ASCII; drafts may have none.
    pub post_name: String,
    /// `publish`, `future`, `draft`, `pending`, `private`, `trash`, `inherit`, a plugin's.
    pub status: String,
    /// The number of the item it belongs to, 0 for none.
    pub post_parent: i64,
    /// Its place among its siblings.
    pub menu_order: i64,
    /// `post`, `page`, `attachment`, `nav_menu_item`, a plugin's.
    pub post_type: String,
    /// It asks readers for a password.
    pub has_password: bool,
    /// It stays at the top of the front page.
    pub is_sticky: bool,
    /// Where an attachment's file is.
    pub attachment_url: Option<String>,
    /// Its terms, of all taxonomies.
    pub categories: Vec<WxrTermRef>,
    /// The custom fields that are kept, by key; a key may come several times.
    pub meta: Vec<(String, String)>,
    /// The keys of the other custom fields.
    pub other_meta: Vec<String>,
    /// Its comments, of every state.
    pub comments: Vec<WxrComment>,
}

/// An e-mail address: to be hashed, and never shown.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Email(pub String);

impl std::fmt::Debug for Email {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
}

/// A comment, pingback or trackback.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WxrComment {
    /// Its number, positive.
    pub comment_id: i64,
    /// The name its author gave.
    pub author: String,
    /// The address its author gave.
    pub author_url: Option<String>,
    /// The e-mail address its author gave; empty where they gave none.
    pub author_email: Email,
    /// When it was written, on the site's clock.
    pub date: Option<NaiveDateTime>,
    /// The same in UTC.
    pub date_gmt: Option<NaiveDateTime>,
    /// Its text, which may hold HTML.
    pub content: String,
    /// `1`, `0` (waiting), `spam`, `trash` or `post-trashed`.
    pub approved: String,
    /// Empty or `comment`, `pingback`, `trackback`, a plugin's.
    pub kind: String,
    /// The comment it answers, 0 for none.
    pub parent: i64,
    /// The [`WxrAuthor::author_id`] of its author, 0 for a visitor.
    pub user_id: i64,
}

/// A moment as an export gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WxrDate {
    /// In UTC.
    Gmt(NaiveDateTime),
    /// On the clock of the site, in a time zone the export does not name.
    Local(NaiveDateTime),
    /// Not given.
    None,
}

impl WxrDate {
    fn of(gmt: Option<NaiveDateTime>, local: Option<NaiveDateTime>) -> Self {
        gmt.map(Self::Gmt).or(local.map(Self::Local)).unwrap_or(Self::None)
    }
}

impl WxrItem {
    /// When it is published: by UTC if the export says so, else by the site's clock, as for a draft.
    pub fn gmt_or_local(&self) -> WxrDate {
        WxrDate::of(self.post_date_gmt, self.post_date)
    }

    /// How far the site's clock was ahead of UTC at that moment, the only trace of its time zone in the file. None
    /// when a date is missing, or when the two cannot be the same moment.
    pub fn offset_seconds(&self) -> Option<i64> {
        const WIDEST: i64 = 14 * 3600;
        let seconds = (self.post_date? - self.post_date_gmt?).num_seconds();
        (-WIDEST..=WIDEST).contains(&seconds).then_some(seconds)
    }

    /// A kept custom field.
    pub fn meta(&self, key: &str) -> Option<&str> {
        let found = self.meta.iter().find(|(known, _)| known == key);
        found.map(|(_, value)| value.as_str())
    }

    /// All values of a kept custom field.
    pub fn all_meta<'i>(&'i self, key: &'i str) -> impl Iterator<Item = &'i str> {
        let of_key = self.meta.iter().filter(move |(known, _)| known == key);
        of_key.map(|(_, value)| value.as_str())
    }

    /// The first of these custom fields that is there and not empty.
    pub fn first_meta(&self, keys: &[&str]) -> Option<&str> {
        keys.iter()
            .filter_map(|key| self.meta(key))
            .find(|value| !value.is_empty())
    }

    /// The attachment that is its image.
    pub fn thumbnail_id(&self) -> Option<i64> {
        self.meta("_thumbnail_id")?.parse().ok().filter(|id| *id > 0)
    }
}

impl WxrComment {
    /// When it was written: by UTC if the export says so, else by the site's clock.
    pub fn gmt_or_local(&self) -> WxrDate {
        WxrDate::of(self.date_gmt, self.date)
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;

    fn at(hour: u32) -> Option<NaiveDateTime> {
        NaiveDate::from_ymd_opt(2024, 7, 14)?.and_hms_opt(hour, 0, 0)
    }

    #[test]
    fn utc_comes_first() {
        let item = |post_date, post_date_gmt| WxrItem {
            post_date,
            post_date_gmt,
            ..WxrItem::default()
        };
        assert_eq!(item(at(14), at(12)).gmt_or_local(), WxrDate::Gmt(at(12).unwrap()));
        assert_eq!(item(at(14), None).gmt_or_local(), WxrDate::Local(at(14).unwrap()));
        assert_eq!(item(None, None).gmt_or_local(), WxrDate::None);
        assert_eq!(item(at(14), at(12)).offset_seconds(), Some(7200));
        assert_eq!(item(at(23), at(1)).offset_seconds(), None);
        assert_eq!(item(at(14), None).offset_seconds(), None);
    }

    #[test]
    fn a_thumbnail_is_a_number() {
        let item = |value: &str| WxrItem {
            meta: vec![("_thumbnail_id".into(), value.into())],
            ..WxrItem::default()
        };
        assert_eq!(item("5").thumbnail_id(), Some(5));
        assert_eq!(item("").thumbnail_id(), None);
        assert_eq!(item("0").thumbnail_id(), None);
        assert_eq!(WxrItem::default().thumbnail_id(), None);
    }
}
