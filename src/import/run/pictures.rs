//! Where the pictures of a site are, from its attachments: those of the file, and those of files before it, which may
//! hold the pictures of this one's posts. About 200 bytes each.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::text::label;
use crate::base::clock::Time;
use crate::base::db::{Conn, Db};
use crate::base::error::{Error, Result};
use crate::base::limits;
use crate::base::text::entities;
use crate::body::image::{Image, https_url};
use crate::import::run::retry::write_with_retries;
use crate::import::store as imports;
use crate::import::store::{ImportedItem, SourceItemKind};
use crate::import::wxr::WxrItem;
use crate::import::wxr::model::ATTACHMENT_METADATA;

/// Pictures that are kept.
const MAX_PICTURES: usize = 1_000_000;
/// Pictures that one transaction writes.
const PICTURES_PER_TRANSACTION: usize = 500;
/// Custom fields in which plugins keep who made a picture.
const CREDITS: [&str; 3] = ["_media_credit", "photo_credit", "_navis_media_credit_org"];

/// A picture, and where it belongs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Picture {
    url: Box<str>,
    alt: Option<Box<str>>,
    caption: Option<Box<str>>,
    credit: Option<Box<str>>,
    /// The post that it was uploaded to, 0 for none.
    post: u64,
    /// Its place among that post's.
    place: i64,
}

/// Pictures by the numbers of their attachments.
#[derive(Clone, Debug, Default)]
pub(super) struct PictureIndex {
    by_number: HashMap<u64, Picture>,
    of_post: HashMap<u64, Vec<(i64, u64)>>,
}

impl PictureIndex {
    /// Takes an attachment, if it is a picture.
    pub(super) fn take(&mut self, item: &WxrItem) {
        let number = u64::try_from(item.post_id).ok();
        let url = item.attachment_url.as_deref().and_then(address);
        if let (Some(number), Some(url)) = (number, url)
            && self.by_number.len() < MAX_PICTURES
        {
            let short = |html: &str, max| label(html, max).map(String::into_boxed_str);
            let picture = Picture {
                url: url.into(),
                alt: item
                    .meta("_wp_attachment_image_alt")
                    .and_then(|alt| short(alt, limits::ALT)),
                caption: short(&item.excerpt, limits::CAPTION),
                credit: credit(item).and_then(|credit| short(&credit, limits::CREDIT)),
                post: u64::try_from(item.post_parent).unwrap_or_default(),
                place: item.menu_order,
            };
            self.insert(number, picture);
        }
    }

    fn insert(&mut self, number: u64, picture: Picture) {
        if picture.post > 0 {
            let own = self.of_post.entry(picture.post).or_default();
            own.retain(|(_, other)| *other != number);
            own.push((picture.place, number));
        }
        self.by_number.insert(number, picture);
    }

    /// The picture of an attachment.
    pub(super) fn image(&self, attachment: u64) -> Option<Image> {
        let picture = self.by_number.get(&attachment)?;
        let owned = |text: &Option<Box<str>>| text.as_ref().map(ToString::to_string);
        Some(Image {
            url: picture.url.to_string(),
            alt: owned(&picture.alt),
            caption: owned(&picture.caption),
            credit: owned(&picture.credit),
            ..Image::default()
        })
    }

    /// The pictures that were uploaded to a post, in its order: their places, then their numbers.
    pub(super) fn of_post(&self, post: u64) -> Vec<(i64, u64)> {
        self.of_post.get(&post).cloned().unwrap_or_default()
    }

    /// The pictures that files before this one held.
    pub(super) fn known(conn: &mut Conn, source: &str) -> Result<Self> {
        let mut index = Self::default();
        for (number, row) in imports::list(conn, source, SourceItemKind::Attachment)? {
            if let (Ok(number), Ok(picture)) = (number.parse(), serde_json::from_str(&row.digest)) {
                index.insert(number, picture);
            }
        }
        Ok(index)
    }

    /// Remembers those that are new or changed, for files after this one.
    pub(super) fn remember(&self, db: &Db, source: &str, known: &Self) -> Result<()> {
        let is_new = |(number, picture): &(&u64, &Picture)| known.by_number.get(number) != Some(picture);
        let mut new: Vec<(u64, Picture)> = self
            .by_number
            .iter()
            .filter(is_new)
            .map(|(number, picture)| (*number, picture.clone()))
            .collect();
        new.sort_by_key(|(number, _)| *number);
        for chunk in new.chunks(PICTURES_PER_TRANSACTION) {
            let (source, chunk, now) = (source.to_owned(), chunk.to_vec(), db.clock().now());
            write_with_retries(db, move |conn| put_all(conn, &source, &chunk, now))?;
        }
        Ok(())
    }
}

fn put_all(conn: &mut Conn, source: &str, pictures: &[(u64, Picture)], now: Time) -> Result<()> {
    for (number, picture) in pictures {
        let number = number.to_string();
        let row = ImportedItem {
            // It became nothing here yet: its address is for the posts that show it.
            target_id: number.clone(),
            digest: serde_json::to_string(picture).map_err(Error::internal)?,
            version: 1,
        };
        imports::put(conn, source, SourceItemKind::Attachment, &number, &row, now)?;
    }
    Ok(())
}

/// The address of an attachment that is a picture, over https.
fn address(url: &str) -> Option<String> {
    let url = match url.strip_prefix("http://") {
        Some(rest) => format!("https://{rest}"),
        None => url.to_owned(),
    };
    let fits = url.chars().count() <= limits::URL && is_picture(&url);
    https_url(&url).filter(|_| fits)
}

fn is_picture(url: &str) -> bool {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let ending = path.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    let known = ["jpg", "jpeg", "png", "gif", "webp", "avif", "svg", "bmp", "tif", "tiff"];
    ending.is_some_and(|ending| known.contains(&ending.as_str()))
}

/// Who made a picture: as a plugin says, else as the picture's file does.
fn credit(item: &WxrItem) -> Option<String> {
    let of_plugin = item.first_meta(&CREDITS).map(str::to_owned);
    of_plugin.or_else(|| {
        let of_file = php_text(item.meta(ATTACHMENT_METADATA)?, "credit")?;
        Some(entities::decode(of_file)).filter(|text| !text.trim().is_empty())
    })
}

/// A text by its key in an array as PHP serialises it: `s:6:"credit";s:5:"Agnès";`, with lengths in bytes.
fn php_text<'t>(serialised: &'t str, key: &str) -> Option<&'t str> {
    let start = format!("s:{}:\"{key}\";s:", key.len());
    let after = serialised.split_once(&start)?.1;
    let (length, text) = after.split_once(":\"")?;
    let (text, rest) = text.split_at_checked(length.parse().ok()?)?;
    rest.starts_with('"').then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_credited_by_a_plugin_or_by_its_file() {
        let metadata =
            "a:2:{s:5:\"width\";i:9;s:10:\"image_meta\";a:2:{s:6:\"credit\";s:8:\"Awa Né\";s:1:\"x\";s:0:\"\";}}";
        let item = |meta: &[(&str, &str)]| WxrItem {
            meta: meta
                .iter()
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                .collect(),
            ..WxrItem::default()
        };
        assert_eq!(
            credit(&item(&[(ATTACHMENT_METADATA, metadata)])),
            None,
            "a length that is wrong"
        );
        let metadata = metadata.replace("s:8:\"Awa", "s:7:\"Awa");
        assert_eq!(
            credit(&item(&[(ATTACHMENT_METADATA, &metadata)])).as_deref(),
            Some("Awa Né")
        );
        let both = [(ATTACHMENT_METADATA, metadata.as_str()), ("_media_credit", "Agence X")];
        assert_eq!(credit(&item(&both)).as_deref(), Some("Agence X"));
        assert_eq!(credit(&item(&[("_media_credit", "")])), None);
    }
}
