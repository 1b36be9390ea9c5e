//! What an item is worked out from, beside itself: what the first pass found, and what files before this one brought.

use std::collections::HashSet;

use super::text::label;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::body::image::Image;
use crate::import::run::authors::GUEST_KEY;
use crate::import::run::pictures::PictureIndex;
use crate::import::run::survey::WxrSurvey;
use crate::import::store as imports;
use crate::import::store::SourceItemKind;
use crate::import::wxr::WxrItem;

/// An item that becomes an article: one of a file, or one language of it.
#[derive(Clone, Debug)]
pub(super) struct SourceItem {
    pub(super) item: WxrItem,
    /// Its number, by which it is known again. Of several items with one number, and of several languages of an item,
    /// those after the first have more after it.
    pub(super) number: String,
    /// What the report calls it.
    pub(super) name: String,
    pub(super) locale: String,
    /// What it shares with its translations.
    pub(super) translation_key: Option<String>,
}

/// What the report calls an item.
pub(super) fn name_of(item: &WxrItem) -> String {
    const TITLE: usize = 60;
    let title = label(&item.title, TITLE).map_or_else(String::new, |title| format!(": {title}"));
    let kind = label(&item.post_type, TITLE).unwrap_or_default();
    format!("{kind} {} (line {}){title}", item.post_id, item.line)
}

/// What files before this one brought.
#[derive(Debug, Default)]
pub(super) struct EarlierFiles {
    pub(super) pictures: PictureIndex,
    /// The keys of guest authors.
    pub(super) guests: HashSet<String>,
}

impl EarlierFiles {
    pub(super) fn load(conn: &mut Conn, source: &str) -> Result<Self> {
        let authors = imports::list(conn, source, SourceItemKind::Author)?.into_iter();
        let keys = authors.map(|(key, _)| key);
        Ok(Self {
            pictures: PictureIndex::known(conn, source)?,
            guests: keys.filter(|key| key.starts_with(GUEST_KEY)).collect(),
        })
    }
}

/// What this file's first pass found, and what files before it brought.
#[derive(Clone, Copy)]
pub(super) struct Sources<'s> {
    pub(super) survey: &'s WxrSurvey,
    pub(super) earlier: &'s EarlierFiles,
}

impl Sources<'_> {
    /// The picture that an attachment is.
    pub(super) fn image(&self, attachment: u64) -> Option<Image> {
        let here = self.survey.pictures.image(attachment);
        here.or_else(|| self.earlier.pictures.image(attachment))
    }

    /// The pictures that were uploaded to a post, in its order.
    pub(super) fn uploaded(&self, post: u64) -> Vec<Image> {
        let mut places = self.survey.pictures.of_post(post);
        places.extend(self.earlier.pictures.of_post(post));
        places.sort_unstable();
        places.dedup();
        places
            .into_iter()
            .filter_map(|(_, number)| self.image(number))
            .collect()
    }
}
