//! The same story in other languages.

use std::collections::HashMap;

use diesel::prelude::*;

use super::compose::AnswerContext;
use super::rows::PublishedArticle;
use super::views::Alternate;
use crate::base::db::schema::published_articles;
use crate::base::db::{Conn, among};
use crate::base::error::Result;
use crate::base::ids::ArticleId;

/// A live article of a story.
struct Translation {
    id: ArticleId,
    locale: String,
    path: String,
}

/// The live articles of the same stories, by translation key.
#[derive(Default)]
pub struct Alternates(HashMap<String, Vec<Translation>>);

impl Alternates {
    fn others<'s>(&'s self, live: &'s PublishedArticle) -> impl Iterator<Item = &'s Translation> {
        let story = live.translation_key.as_ref().and_then(|key| self.0.get(key));
        story.into_iter().flatten().filter(|other| other.id != live.id)
    }

    /// An article's ids in other languages.
    pub fn ids(&self, live: &PublishedArticle) -> Vec<ArticleId> {
        self.others(live).map(|other| other.id).collect()
    }

    /// An article's paths in other languages, by language.
    pub fn paths(&self, live: &PublishedArticle) -> Vec<(String, String)> {
        let others = self.others(live);
        others.map(|other| (other.locale.clone(), other.path.clone())).collect()
    }

    pub(super) fn of(&self, live: &PublishedArticle, context: &AnswerContext<'_>) -> Vec<Alternate> {
        let alternate = |other: &Translation| Alternate {
            id: other.id,
            locale: other.locale.clone(),
            path: other.path.clone(),
            url: context.public_url.of(&other.path),
        };
        self.others(live).map(alternate).collect()
    }
}

/// The live articles of the same stories as these.
pub fn alternates_of(conn: &mut Conn, articles: &[PublishedArticle]) -> Result<Alternates> {
    let keys: Vec<String> = articles
        .iter()
        .filter_map(|live| live.translation_key.clone())
        .collect();
    if keys.is_empty() {
        return Ok(Alternates::default());
    }
    let rows: Vec<(Option<String>, ArticleId, String, String)> = published_articles::table
        .filter(among(published_articles::translation_key.assume_not_null(), keys))
        .filter(published_articles::retracted_at.is_null())
        .order((published_articles::locale, published_articles::id))
        .select((
            published_articles::translation_key,
            published_articles::id,
            published_articles::locale,
            published_articles::path,
        ))
        .load(conn)?;
    let mut alternates = Alternates::default();
    for (key, id, locale, path) in rows {
        let story = alternates.0.entry(key.unwrap_or_default()).or_default();
        story.push(Translation { id, locale, path });
    }
    Ok(alternates)
}
