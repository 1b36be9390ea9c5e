//! What is looked for, and what is found: a page of it.

use super::find::SearchSort;
use super::suggest;
use crate::base::db::Conn;
use crate::base::db::fulltext::FulltextQuery;
use crate::base::error::{Code, Error, Result};
use crate::base::http::page::{CursorBinding, PageInfo, PageRequest};
use crate::base::http::query_type::word_param;
use crate::base::secrets::Secrets;
use crate::base::surrogate_key::SurrogateKey;
use crate::delivery::lists::ArticleFilters;
use crate::delivery::search::find::{ArticleSearch, RankedKey, RankedMatch};
use crate::published::{AnswerContext, AnswerJson, ArticleHit, ArticleShape, reindex};
use crate::query_type;
use crate::search::highlight::highlights;
use crate::search::query::{self, QueryReading, search_param};
use crate::search::stem::SearchLanguage;

query_type! {
    /// What is looked for, and how it is ordered.
    #[derive(Debug)]
    pub struct SearchArticles {
        /// Words in any of their forms, all of them; case and accents make no difference. `"…"` and `«…»` look
        /// for words as they stand, side by side; `-` in front of a word or a quotation excludes it. The last
        /// word, where it has four letters and nothing stands behind it, may be the beginning of a longer one.
        /// Text without any word is refused.
        pub q: String = required(search_param()),
        /// The order: `-published_at` where it is not given.
        pub sort: SearchSort = defaulted(word_param()) or SearchSort::NewestFirst,
        pub filters: ArticleFilters = part(),
        pub page: PageRequest = part(),
    }
}

/// A page of what was found.
pub struct FoundArticles {
    /// The articles, with what they say.
    pub hits: Vec<ArticleHit>,
    /// Where the list goes on.
    pub page: PageInfo,
    /// Where nothing was found: what may have been meant.
    pub did_you_mean: Option<String>,
    /// In which language; `None` for all.
    pub locale: Option<String>,
    wanted: FulltextQuery,
}

impl FoundArticles {
    /// What an answer with them shows: any article may be found next.
    pub fn surrogate_keys(&self) -> Vec<SurrogateKey> {
        vec![SurrogateKey::Articles, SurrogateKey::Tags, SurrogateKey::Contributors]
    }

    /// Appends the articles, each with where its words were found, joined by commas.
    ///
    /// # Errors
    /// 500 when one cannot be written as JSON.
    pub fn push_items(&self, composed: &mut AnswerJson, setting: &AnswerContext<'_>) -> Result<()> {
        for hit in &self.hits {
            let found = highlights(&hit.texts, &self.wanted, SearchLanguage::of(hit.live.locale()));
            composed.push_card_with(setting, &hit.live, "highlights", &found)?;
        }
        Ok(())
    }
}

impl SearchArticles {
    /// What is found, as cards or teasers.
    ///
    /// # Errors
    /// 400 `invalid_cursor`; 400 when the site does not speak the language.
    pub fn find(
        &self,
        conn: &mut Conn,
        secrets: &Secrets,
        setting: &AnswerContext<'_>,
        shape: ArticleShape,
    ) -> Result<FoundArticles> {
        let filter = self.filters.filter(conn, setting.frame)?;
        let reading = QueryReading {
            also_former: reindex::has_former(conn)?,
            ..QueryReading::of(&setting.frame.site, filter.locale.as_deref())
        };
        let wanted = query::parse(&self.q, &reading).unwrap_or_default();
        let search = ArticleSearch {
            wanted: &wanted,
            filter: &filter,
        };
        let binding = CursorBinding::new("/v1/search", &(&self.q, &filter, self.sort));
        let (positions, page) = match self.sort {
            SearchSort::Relevance => self.ranked(conn, secrets, &binding, &search)?,
            sort => self.dated(conn, secrets, &binding, &search, sort == SearchSort::OldestFirst)?,
        };
        let did_you_mean = if positions.is_empty() && !page.has_more {
            suggest::did_you_mean(conn, &self.q, &reading)?
        } else {
            None
        };
        Ok(FoundArticles {
            hits: setting.hits(conn, &positions, shape)?,
            page,
            did_you_mean,
            locale: filter.locale,
            wanted,
        })
    }

    fn dated(
        &self,
        conn: &mut Conn,
        secrets: &Secrets,
        binding: &CursorBinding,
        search: &ArticleSearch<'_>,
        ascending: bool,
    ) -> Result<(Vec<i64>, PageInfo)> {
        let after = match self.page.after::<1>(secrets, binding)? {
            Some([position]) => Some(number(&position)?),
            None => None,
        };
        let found = search.by_date(conn, ascending, after, self.page.limit + 1)?;
        let key = |position: &i64| [position.to_string()];
        let (positions, mut page) = self.page.finish(found.positions, secrets, binding, key)?;
        if let Some(last) = found.unfinished {
            page = PageRequest::goes_on(Some(key(&last)), secrets, binding)?;
        }
        Ok((positions, page))
    }

    fn ranked(
        &self,
        conn: &mut Conn,
        secrets: &Secrets,
        binding: &CursorBinding,
        search: &ArticleSearch<'_>,
    ) -> Result<(Vec<i64>, PageInfo)> {
        let after = match self.page.after::<4>(secrets, binding)? {
            Some([top, least, rank, position]) => Some(RankedKey {
                top: number(&top)?,
                least: number(&least)?,
                last: RankedMatch {
                    rank: number(&rank)?,
                    position: number(&position)?,
                },
            }),
            None => None,
        };
        let found = search.by_relevance(conn, after, self.page.limit + 1)?;
        let key = |key: &RankedKey| [key.top, key.least, key.last.rank, key.last.position].map(|part| part.to_string());
        let (matches, mut page) = self.page.finish(found.matches, secrets, binding, key)?;
        if let Some(last) = found.unfinished {
            page = PageRequest::goes_on(Some(key(&last)), secrets, binding)?;
        }
        Ok((matches.into_iter().map(|one| one.last.position).collect(), page))
    }
}

fn number(text: &str) -> Result<i64> {
    text.parse().map_err(|_| Error::new(Code::InvalidCursor))
}
