//! Previews: what a link shows of an article to somebody without an account, before readers see it.
//!
//! A token is handed out once and kept as its digest ([`crate::editorial::previews`]). With it goes a pressed copy of
//! a revision, or of the working copy, which is pressed again at each save ([`store`]). Whoever has the token reads
//! that copy and nothing else of the desk ([`crate::delivery::previews`]). A copy ends with its token, with the
//! article, and when the article is thrown away or killed.

pub mod store;

use diesel::prelude::*;

use super::press::{PRESS_FORMAT, PressedCopy};
use crate::base::clock::Time;
use crate::base::db::schema::preview_articles;
use crate::base::error::Result;
use crate::base::ids::{ArticleId, FromSegment, SectionId, UserId};
use crate::base::secrets::{opaque_token, sha256};

crate::id_type! {
    /// A preview token's id: what the desk calls it by.
    PreviewTokenId
}

/// Characters of a token: 256 bits as base64url.
const TOKEN_LENGTH: usize = 43;

/// The secret that opens a preview. It never prints.
pub struct PreviewToken(pub(crate) String);

impl PreviewToken {
    pub fn generate() -> Result<Self> {
        opaque_token().map(Self)
    }

    /// What is stored: never the token itself.
    pub fn digest(&self) -> String {
        sha256(self.0.as_bytes())
    }
}

impl FromSegment for PreviewToken {
    fn from_segment(segment: &str) -> Option<Self> {
        let is_token = segment.len() == TOKEN_LENGTH
            && segment
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        is_token.then(|| Self(segment.to_owned()))
    }
}

/// A preview's row, without what is pressed.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = preview_articles, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
pub struct Preview {
    /// The token's id.
    pub id: PreviewTokenId,
    /// The article that it shows.
    pub article_id: ArticleId,
    /// The revision that it shows; `None` where it follows the working copy.
    pub revision_number: Option<i32>,
    /// Whether it opens during the article's embargo.
    pub during_embargo: bool,
    /// The article's embargo as of its last save.
    pub embargo_until: Option<Time>,
    /// The article's language.
    pub locale: String,
    /// What the article shares with its translations.
    pub translation_key: String,
    /// Who made it.
    pub created_by: UserId,
    /// When it was made.
    pub created_at: Time,
    /// From when on it opens nothing.
    pub expires_at: Time,
}

/// What is pressed of a preview; nothing while what it shows has no section.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = preview_articles, treat_none_as_null = true)]
struct PressedPreview {
    section_id: Option<SectionId>,
    article_json: Option<String>,
    outline: Option<String>,
    comment_policy: Option<String>,
    breaking_until: Option<Time>,
    pressed_at: Time,
    press_format: i32,
}

impl PressedPreview {
    fn new(copy: Option<PressedCopy>, now: Time) -> Self {
        let mut pressed = Self {
            section_id: None,
            article_json: None,
            outline: None,
            comment_policy: None,
            breaking_until: None,
            pressed_at: now,
            press_format: PRESS_FORMAT,
        };
        if let Some(copy) = copy {
            pressed.section_id = Some(copy.section_id);
            pressed.article_json = Some(copy.article_json);
            pressed.outline = Some(copy.outline);
            pressed.comment_policy = copy.comment_policy;
            pressed.breaking_until = copy.breaking_until;
        }
        pressed
    }
}
