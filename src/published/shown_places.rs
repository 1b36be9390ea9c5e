//! Where readers see an article beside the lists that its links put it in: what shows it there is out of date when it is
//! pressed or withdrawn.

use super::pressed::PressedRow;
use crate::base::clock::Time;
use crate::base::db::union_all::{UnionSelect, load_union_all};
use crate::base::db::{Conn, outdate};
use crate::base::error::Result;
use crate::base::ids::ArticleId;
use crate::base::surrogate_key::SurrogateKey;

/// Articles of one story that are looked at: one for each language.
const STORY: i64 = 100;

/// What an article's row says of where it is shown.
pub(super) struct ShownPlaces {
    /// Until when it is breaking news.
    pub breaking_until: Option<Time>,
    /// Its place among what is featured.
    pub featured_position: Option<i64>,
    /// Its story in all languages: each of its articles names the others.
    pub translation_key: Option<String>,
}

impl ShownPlaces {
    /// Of a row that is about to be written.
    pub fn of(row: &PressedRow) -> Self {
        Self {
            breaking_until: row.breaking_until,
            featured_position: row.featured_position,
            translation_key: Some(row.translation_key.clone()),
        }
    }

    /// Says that whatever shows an article in these places is out of date. One statement.
    pub fn outdate(places: &[&Self], conn: &mut Conn, id: ArticleId) -> Result<()> {
        outdate([SurrogateKey::Article(id), SurrogateKey::Articles]);
        let is_breaking = places.iter().any(|places| places.breaking_until.is_some());
        outdate(is_breaking.then_some(SurrogateKey::Breaking));
        let is_featured = places.iter().any(|places| places.featured_position.is_some());
        outdate(is_featured.then_some(SurrogateKey::Featured));
        let mut keys: Vec<&str> = places
            .iter()
            .filter_map(|places| places.translation_key.as_deref())
            .collect();
        keys.dedup();
        let (mut ranked, mut packed) = (UnionSelect::default(), UnionSelect::default());
        ranked
            .sql("SELECT article_id AS id, CAST(1 AS BIGINT) AS number FROM most_read_ranks WHERE article_id = ")
            .value(id.as_str())
            .sql(" LIMIT 1");
        packed
            .sql("SELECT article_id AS id, CAST(1 AS BIGINT) AS number FROM package_articles WHERE article_id = ")
            .value(id.as_str())
            .sql(" LIMIT 1");
        let story = keys.into_iter().map(|key| {
            let mut story = UnionSelect::default();
            story
                .sql("SELECT id, CAST(1 AS BIGINT) AS number FROM published_articles WHERE translation_key = ")
                .value(key)
                .sql(" LIMIT ")
                .value(STORY);
            story
        });
        let mut found = load_union_all(conn, [ranked, packed].into_iter().chain(story).collect())?.into_iter();
        let mut is_found = || found.next().is_some_and(|rows| !rows.is_empty());
        let (is_ranked, is_packed) = (is_found(), is_found());
        outdate(is_ranked.then_some(SurrogateKey::MostRead));
        outdate(is_packed.then_some(SurrogateKey::Packages));
        let others = found.flatten().filter_map(|row| ArticleId::parse(&row.id));
        outdate(others.map(SurrogateKey::Article));
        Ok(())
    }
}
