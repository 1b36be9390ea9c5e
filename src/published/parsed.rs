//! A live article taken apart: for answers that do not send its JSON on as it is, such as feeds and sitemaps.

use std::collections::HashMap;

use diesel::prelude::*;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Deserializer};

use super::rows::columns;
use crate::articles::corrections::Correction;
use crate::articles::model::{Access, Seo};
use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::db::schema::{comment_counts, published_articles, published_corrections};
use crate::base::error::{Error, Result};
use crate::base::ids::ArticleId;
use crate::body::article_type::ArticleType;
use crate::body::blocks::Block;
use crate::body::image::{Image, PublicImage};
use crate::published::corrections::NOTICE;
use crate::published::links::linked_ids;
use crate::published::list::ArticleFilter;
use crate::published::press::position_base;
use crate::published::pressed::{CardContributor, CardTag};
use crate::published::rows::{ArticleShape, PublishedArticle, PublishedCardRow};

/// What a live article says of itself, with its body as `B`.
#[derive(Clone, Debug, Deserialize)]
pub struct ParsedArticle<B = Vec<Block>> {
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
    #[serde(deserialize_with = "chosen_image")]
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
    /// What search engines get; nothing where it was read as a card.
    #[serde(default)]
    pub seo: Option<Seo>,
    /// The body; empty where it was read as a card.
    #[serde(default)]
    pub blocks: B,
}

/// What a live article says of itself beside its body.
pub type ParsedHead = ParsedArticle<IgnoredAny>;

/// The picture as its article names it, without the forms in which readers can have it.
fn chosen_image<'de, D: Deserializer<'de>>(json: D) -> std::result::Result<Option<Image>, D::Error> {
    let image = Option::<PublicImage>::deserialize(json)?;
    Ok(image.map(Image::from))
}

impl PublishedArticle {
    /// Takes it apart.
    ///
    /// # Errors
    /// 500 where the pressed JSON is not what this binary presses.
    pub fn item(&self) -> Result<ParsedArticle> {
        self.parsed()
    }

    /// Takes it apart without its body.
    ///
    /// # Errors
    /// As [`PublishedArticle::item`].
    pub fn head(&self) -> Result<ParsedHead> {
        self.parsed()
    }

    fn parsed<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_str(&format!("{}}}", self.json)).map_err(Error::internal)
    }
}

/// The notices on live articles, the oldest first, by article.
pub fn notices_of(conn: &mut Conn, ids: &[ArticleId]) -> Result<HashMap<ArticleId, Vec<Correction>>> {
    let rows: Vec<(ArticleId, Correction)> = published_corrections::table
        .filter(published_corrections::article_id.eq_any(ids.to_vec()))
        .order((published_corrections::at, published_corrections::id))
        .select((published_corrections::article_id, NOTICE))
        .load(conn)?;
    let mut notices: HashMap<ArticleId, Vec<Correction>> = HashMap::new();
    for (article, notice) in rows {
        notices.entry(article).or_default().push(notice);
    }
    Ok(notices)
}

/// How many retracted articles are looked through for those that a filter chooses.
const RETRACTED_EXAMINED: i64 = 1_000;

/// The newest retracted articles that a filter chooses, at or after a position, as cards: lists leave them out, feeds
/// show them. Only the newest [`RETRACTED_EXAMINED`] retracted articles are looked at, so older ones may be missing.
pub fn retracted(conn: &mut Conn, filter: &ArticleFilter, from: i64, limit: i64) -> Result<Vec<PublishedArticle>> {
    if filter.nothing {
        return Ok(Vec::new());
    }
    let after = filter.published_after.map_or(i64::MIN, position_base);
    let before = filter.published_before.map_or(i64::MAX, position_base);
    // No other condition here: an index has just the retracted articles, and the planner must not prefer another one.
    let rows: Vec<(ArticleId, String, ArticleType)> = published_articles::table
        .filter(published_articles::retracted_at.is_not_null())
        .filter(published_articles::position.ge(from.max(after)))
        .filter(published_articles::position.lt(before))
        .order(published_articles::position.desc())
        .limit(RETRACTED_EXAMINED)
        .select((
            published_articles::id,
            published_articles::locale,
            published_articles::type_,
        ))
        .load(conn)?;
    let is_asked = |(_, locale, type_): &(ArticleId, String, ArticleType)| {
        let speaks = filter.locale.as_ref().is_none_or(|asked| asked == locale);
        speaks && (filter.types.is_empty() || filter.types.contains(type_))
    };
    let ids: Vec<ArticleId> = rows.into_iter().filter(is_asked).map(|(id, ..)| id).collect();
    let mut ids = linked_ids(conn, filter, ids)?;
    ids.truncate(usize::try_from(limit).unwrap_or(0));
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<PublishedCardRow> = published_articles::table
        .left_join(comment_counts::table.on(comment_counts::article_id.eq(published_articles::id)))
        .filter(published_articles::id.eq_any(ids))
        .select(columns!(Card))
        .load(conn)?;
    Ok(rows.into_iter().map(|row| row.in_shape(ArticleShape::Card)).collect())
}

/// Which of these articles are retracted, and since when.
pub fn retractions_of(conn: &mut Conn, ids: &[ArticleId]) -> Result<HashMap<ArticleId, Time>> {
    let rows: Vec<(ArticleId, Option<Time>)> = published_articles::table
        .filter(published_articles::id.eq_any(ids.to_vec()))
        .filter(published_articles::retracted_at.is_not_null())
        .select((published_articles::id, published_articles::retracted_at))
        .load(conn)?;
    Ok(rows.into_iter().filter_map(|(id, at)| Some((id, at?))).collect())
}

/// Path and title of those articles that a link may show: live, and not retracted.
pub fn titles_of(conn: &mut Conn, ids: &[ArticleId]) -> Result<HashMap<ArticleId, (String, String)>> {
    let mut titles = HashMap::new();
    for chunk in ids.chunks(500) {
        let rows: Vec<(ArticleId, String)> = published_articles::table
            .filter(published_articles::id.eq_any(chunk.to_vec()))
            .filter(published_articles::retracted_at.is_null())
            .select((published_articles::id, published_articles::card_json))
            .load(conn)?;
        for (id, json) in rows {
            let item: ParsedArticle = serde_json::from_str(&format!("{json}}}")).map_err(Error::internal)?;
            titles.insert(id, (item.path, item.title));
        }
    }
    Ok(titles)
}
