//! A live article taken apart: for what is not JSON that is sent on as it is, such as feeds and sitemaps.

use std::collections::HashMap;

use diesel::prelude::*;
use serde::Deserialize;

use super::rows::Live;
use crate::articles::body::Block;
use crate::articles::corrections::{Correction, CorrectionId, CorrectionKind};
use crate::articles::model::{Access, ArticleType};
use crate::articles::press::{CardContributor, CardTag};
use crate::articles::{ArticleId, Image};
use crate::clock::Time;
use crate::db::Conn;
use crate::db::schema::{published_articles, published_corrections};
use crate::error::{Error, Result};

/// What a live article says of itself.
#[derive(Clone, Debug, Deserialize)]
pub struct Item {
    /// The article's id.
    pub id: ArticleId,
    /// Its public path.
    pub path: String,
    /// Its language.
    pub locale: String,
    /// What kind of article it is.
    #[serde(rename = "type")]
    pub type_: ArticleType,
    /// The headline.
    pub title: String,
    /// The paragraph below it.
    pub standfirst: Option<String>,
    /// The picture above it.
    pub image: Option<Image>,
    /// Who signs it.
    pub contributors: Vec<CardContributor>,
    /// What it is about.
    pub tags: Vec<CardTag>,
    /// The date that it shows.
    pub published_at: Time,
    /// When it was published last, minor changes aside.
    pub updated_at: Time,
    /// Who may read it all.
    pub access: Access,
    /// The body; empty where it was read as a card.
    #[serde(default)]
    pub blocks: Vec<Block>,
}

impl Live {
    /// Takes it apart.
    ///
    /// # Errors
    /// 500 where the pressed JSON is not what this binary presses.
    pub fn item(&self) -> Result<Item> {
        serde_json::from_str(&format!("{}}}", self.json)).map_err(Error::internal)
    }
}

/// The notices on live articles, the oldest first, by article.
///
/// # Errors
/// The database's.
pub fn notices_of(conn: &mut Conn, ids: &[ArticleId]) -> Result<HashMap<ArticleId, Vec<Correction>>> {
    let rows: Vec<(ArticleId, CorrectionId, CorrectionKind, String, Time)> = published_corrections::table
        .filter(published_corrections::article_id.eq_any(ids.to_vec()))
        .order((published_corrections::at, published_corrections::id))
        .select((
            published_corrections::article_id,
            published_corrections::id,
            published_corrections::kind,
            published_corrections::text,
            published_corrections::at,
        ))
        .load(conn)?;
    let mut notices: HashMap<ArticleId, Vec<Correction>> = HashMap::new();
    for (article, id, kind, text, at) in rows {
        notices
            .entry(article)
            .or_default()
            .push(Correction { id, kind, text, at });
    }
    Ok(notices)
}

/// Those of some articles that are retracted, and since when.
///
/// # Errors
/// The database's.
pub fn retractions_of(conn: &mut Conn, ids: &[ArticleId]) -> Result<HashMap<ArticleId, Time>> {
    let rows: Vec<(ArticleId, Option<Time>)> = published_articles::table
        .filter(published_articles::id.eq_any(ids.to_vec()))
        .filter(published_articles::retracted_at.is_not_null())
        .select((published_articles::id, published_articles::retracted_at))
        .load(conn)?;
    Ok(rows.into_iter().filter_map(|(id, at)| Some((id, at?))).collect())
}

/// Path and title of those of some articles that readers are shown a link to: live, and not retracted.
///
/// # Errors
/// The database's.
pub fn titles_of(conn: &mut Conn, ids: &[ArticleId]) -> Result<HashMap<ArticleId, (String, String)>> {
    let mut titles = HashMap::new();
    for chunk in ids.chunks(500) {
        let rows: Vec<(ArticleId, String)> = published_articles::table
            .filter(published_articles::id.eq_any(chunk.to_vec()))
            .filter(published_articles::retracted_at.is_null())
            .select((published_articles::id, published_articles::card_json))
            .load(conn)?;
        for (id, json) in rows {
            let item: Item = serde_json::from_str(&format!("{json}}}")).map_err(Error::internal)?;
            titles.insert(id, (item.path, item.title));
        }
    }
    Ok(titles)
}
