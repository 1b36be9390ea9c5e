//! Fragments of answers: cards, which articles are newest in a place, and how
//! many a filter chooses. Many answers show the same ones, and few writes
//! change one, so they are kept in memory: an answer that is made anew reads what has changed, not all that it shows. A
//! fragment is good as long as nothing that it shows has died, as a kept answer is (see
//! [`CacheDeaths`](crate::base::db::CacheDeaths)).

use std::collections::HashMap;
use std::sync::Arc;

use quick_cache::Weighter;
use quick_cache::sync::Cache;

use super::compose::{AnswerContext, shown_articles};
use super::list::{ArticleFilter, ArticleSort, ListKey, ListedArticles, ListedKeys, list, list_keys, total};
use super::newest::{NewestOf, PlacedIds, each_once, newest_of_each};
use super::rows::{ArticleShape, PublishedArticle};
use crate::base::clock::Time;
use crate::base::db::{AnswerAge, AnswerLife, CacheDeaths, Conn};
use crate::base::error::Result;
use crate::base::http::page::CappedTotal;
use crate::base::ids::ArticleId;
use crate::base::surrogate_key::SurrogateKey;

/// How long a fragment is kept at most: what is changed past this program shows after that.
const KEPT_SECONDS: i64 = 60;
/// What a fragment takes beside its text, about, in bytes.
const FRAGMENT_BYTES: u64 = 400;
/// What an article of a place's list takes, in bytes.
const PLACED_BYTES: u64 = 48;

/// The fragments that are kept. Clones share them.
#[derive(Clone)]
pub struct FragmentCache(Arc<KeptFragments>);

struct KeptFragments {
    cards: Cache<(ArticleId, ArticleShape), Arc<Fragment<PublishedArticle>>, FragmentWeight>,
    places: Cache<(String, NewestOf), Arc<Fragment<KeptPlace>>, FragmentWeight>,
    /// How many articles a filter chooses, by what tells it from others.
    counts: Cache<String, Arc<Fragment<CappedTotal>>, FragmentWeight>,
}

/// Something that is kept, and of when it is.
struct Fragment<T> {
    value: T,
    age: AnswerAge,
    read_at: Time,
}

/// The newest articles of a place.
struct KeptPlace {
    found: PlacedIds,
    /// How many were asked for.
    limit: i64,
}

#[derive(Clone)]
struct FragmentWeight;

impl Weighter<(ArticleId, ArticleShape), Arc<Fragment<PublishedArticle>>> for FragmentWeight {
    fn weight(&self, _: &(ArticleId, ArticleShape), card: &Arc<Fragment<PublishedArticle>>) -> u64 {
        FRAGMENT_BYTES + (card.value.json.len() + card.value.path.len()) as u64
    }
}

impl Weighter<(String, NewestOf), Arc<Fragment<KeptPlace>>> for FragmentWeight {
    fn weight(&self, _: &(String, NewestOf), place: &Arc<Fragment<KeptPlace>>) -> u64 {
        FRAGMENT_BYTES + place.value.found.len() as u64 * PLACED_BYTES
    }
}

impl Weighter<String, Arc<Fragment<CappedTotal>>> for FragmentWeight {
    fn weight(&self, filter: &String, _: &Arc<Fragment<CappedTotal>>) -> u64 {
        FRAGMENT_BYTES + filter.len() as u64
    }
}

impl FragmentCache {
    /// A cache of so many bytes at most; with 0 it keeps nothing.
    pub fn new(bytes: u64) -> Self {
        const USUAL_CARD_BYTES: u64 = 1_500;
        const USUAL_PLACE_BYTES: u64 = 2_000;
        const USUAL_COUNT_BYTES: u64 = 700;
        let (places, counts) = (bytes / 4, bytes / 16);
        let cards = bytes - places - counts;
        let count = |bytes: u64, usual: u64| usize::try_from(bytes / usual).unwrap_or(0).max(16);
        Self(Arc::new(KeptFragments {
            cards: Cache::with_weighter(count(cards, USUAL_CARD_BYTES), cards, FragmentWeight),
            places: Cache::with_weighter(count(places, USUAL_PLACE_BYTES), places, FragmentWeight),
            counts: Cache::with_weighter(count(counts, USUAL_COUNT_BYTES), counts, FragmentWeight),
        }))
    }

    /// Forgets what has died: the bytes of what was withdrawn do not stay.
    pub fn sweep(&self, deaths: &CacheDeaths, now: Time) {
        self.0.cards.retain(|_, card| card.is_good(deaths, now));
        self.0.places.retain(|_, place| place.is_good(deaths, now));
        self.0.counts.retain(|_, count| count.is_good(deaths, now));
    }

    /// Whether any card holds this text.
    pub fn holds(&self, text: &str) -> bool {
        self.0.cards.iter().any(|(_, card)| card.value.json.contains(text))
    }
}

impl<T> Fragment<T> {
    fn is_good(&self, deaths: &CacheDeaths, now: Time) -> bool {
        now < self.read_at.plus_seconds(KEPT_SECONDS) && deaths.life(&self.age) != AnswerLife::Dead
    }
}

impl KeptPlace {
    /// The first `limit`, where they are known.
    fn first(&self, limit: i64) -> Option<PlacedIds> {
        let count = i64::try_from(self.found.len()).unwrap_or(i64::MAX);
        let is_enough = limit <= self.limit || count < self.limit;
        is_enough.then(|| self.found.first(limit))
    }
}

impl AnswerContext<'_> {
    /// Something that shows what these keys name, read after the deaths of this number. What a section holds is a matter
    /// of the frame too: sections move.
    fn fragment<T>(&self, value: T, keys: &[SurrogateKey], made_after: u64) -> Fragment<T> {
        let keys: Vec<SurrogateKey> = keys.iter().copied().chain([SurrogateKey::Frame]).collect();
        let age = self.deaths.age(&keys, made_after);
        Fragment {
            value,
            age,
            read_at: self.now,
        }
    }

    /// A page of live articles, as [`list`] reads it.
    ///
    /// # Errors
    /// The database's.
    pub fn list(
        &self,
        conn: &mut Conn,
        shape: ArticleShape,
        filter: &ArticleFilter,
        sort: ArticleSort,
        after: Option<&ListKey>,
        limit: usize,
    ) -> Result<ListedArticles> {
        if shape == ArticleShape::Full {
            return list(conn, shape, filter, sort, after, limit);
        }
        let ListedKeys { ids, rest } = list_keys(conn, filter, sort, after, limit)?;
        let mut shown = self.shown(conn, &ids, shape)?;
        let articles = ids.iter().filter_map(|id| shown.remove(id)).collect();
        Ok(ListedArticles { articles, rest })
    }

    /// These articles as teasers or as cards; those that are not live, or are retracted, are left out.
    ///
    /// # Errors
    /// The database's.
    pub fn shown(
        &self,
        conn: &mut Conn,
        ids: &[ArticleId],
        shape: ArticleShape,
    ) -> Result<HashMap<ArticleId, PublishedArticle>> {
        let Some(made_after) = self.made_after else {
            return shown_articles(conn, ids, shape);
        };
        let kept = &self.fragments.0.cards;
        let mut shown = HashMap::with_capacity(ids.len());
        let mut unknown = Vec::new();
        for id in ids {
            match kept
                .get(&(*id, shape))
                .filter(|card| card.is_good(self.deaths, self.now))
            {
                Some(card) => drop(shown.insert(*id, card.value.clone())),
                None => unknown.push(*id),
            }
        }
        for (id, live) in shown_articles(conn, &unknown, shape)? {
            // With it goes how many comments it has.
            let keys = [SurrogateKey::Article(id), SurrogateKey::Comments(id)];
            let card = self.fragment(live.clone(), &keys, made_after);
            kept.insert((id, shape), Arc::new(card));
            shown.insert(id, live);
        }
        Ok(shown)
    }

    /// How many articles a filter chooses, as [`total`] counts them.
    ///
    /// # Errors
    /// The database's.
    pub fn total(&self, conn: &mut Conn, filter: &ArticleFilter) -> Result<CappedTotal> {
        let Some(made_after) = self.made_after else {
            return total(conn, filter);
        };
        let (kept, name) = (&self.fragments.0.counts, format!("{filter:?}"));
        if let Some(count) = kept.get(&name).filter(|count| count.is_good(self.deaths, self.now)) {
            return Ok(count.value);
        }
        let count = self.fragment(total(conn, filter)?, &filter.surrogate_keys(), made_after);
        let counted = count.value;
        kept.insert(name, Arc::new(count));
        Ok(counted)
    }

    /// The newest articles of each place, as [`newest_of_each`] finds them.
    ///
    /// # Errors
    /// The database's.
    pub fn newest_of_each(
        &self,
        conn: &mut Conn,
        locale: &str,
        asked: &[(NewestOf, i64)],
    ) -> Result<HashMap<NewestOf, PlacedIds>> {
        let Some(made_after) = self.made_after else {
            return newest_of_each(conn, locale, self.now, asked);
        };
        let kept = &self.fragments.0.places;
        let mut newest: HashMap<NewestOf, PlacedIds> = HashMap::with_capacity(asked.len());
        let mut unknown = Vec::new();
        for (of, limit) in each_once(asked) {
            let place = kept.get(&(locale.to_owned(), of));
            match place
                .filter(|place| place.is_good(self.deaths, self.now))
                .and_then(|place| place.value.first(limit))
            {
                Some(found) => drop(newest.insert(of, found)),
                None => unknown.push((of, limit)),
            }
        }
        for (of, found) in newest_of_each(conn, locale, self.now, &unknown)? {
            // What ends with time does not begin with it.
            if !of.ends_with_time() || found.is_empty() {
                let limit = unknown
                    .iter()
                    .find(|(place, _)| *place == of)
                    .map_or(0, |(_, limit)| *limit);
                let place = KeptPlace {
                    found: found.clone(),
                    limit,
                };
                let place = self.fragment(place, &[of.surrogate_key()], made_after);
                kept.insert((locale.to_owned(), of), Arc::new(place));
            }
            newest.insert(of, found);
        }
        Ok(newest)
    }
}
