//! What readers find: cards of live articles with the words that were looked for, and suggestions while
//! they type.

use actix_web::web::Data;
use actix_web::{HttpResponse, get};

use super::find::SearchSort;
use super::suggest;
use super::views::{FoundCardList, Suggestions};
use crate::base::db::fulltext::FulltextQuery;
use crate::base::db::{Conn, Db};
use crate::base::error::{Code, Error, Result};
use crate::base::http::conditional::{CacheableAnswer, ConditionalRequest};
use crate::base::http::page::{CursorBinding, PageInfo, PageRequest};
use crate::base::http::query::Params;
use crate::base::http::query_type::{text_param, word_param};
use crate::base::limits;
use crate::base::secrets::Secrets;
use crate::delivery::lists::ArticleFilters;
use crate::delivery::reader_request::ReaderRequest;
use crate::delivery::search::find::{ArticleSearch, RankedMatch};
use crate::published::{self, AnswerContext, AnswerJson, reindex};
use crate::query_type;
use crate::search::highlight::highlights;
use crate::search::query::{self, QueryReading, search_param};
use crate::search::stem::SearchLanguage;
use crate::site::frame::FrameCache;

query_type! {
    /// What is looked for, and how it is ordered.
    #[derive(Debug)]
    pub struct SearchArticles {
        /// Words in any of their forms, all of them; case and accents make no difference. `"…"` and `«…»` look
        /// for words as they stand, side by side; `-` in front of a word or a quotation excludes it. The last
        /// word, where it has four letters and nothing stands behind it, may be the beginning of a longer one.
        /// Text without any word is refused.
        q: String = required(search_param()),
        /// The order: `-published_at` where it is not given.
        sort: SearchSort = defaulted(word_param()) or SearchSort::NewestFirst,
        filters: ArticleFilters = part(),
        page: PageRequest = part(),
    }
}

/// Search articles.
///
/// Cards of the live articles that match, newest first; with `sort=relevance` the newest 2,000 that
/// match, those with the words in the title first. Each says where its words were found. A page looks at
/// 10,000 matches at most for those that pass the filters; where that is not enough it is short, and its
/// cursor leads on. Nothing is found of what is not live or was retracted.
#[utoipa::path(tag = "search", operation_id = "searchArticles", params(SearchArticles, ArticleFilters, PageRequest),
    responses((status = 200, description = "A page of what was found.", body = FoundCardList)))]
#[get("/v1/search")]
pub async fn search_articles(
    reading: ReaderRequest,
    secrets: Data<Secrets>,
    reader: ConditionalRequest,
    params: Params<SearchArticles>,
) -> Result<HttpResponse> {
    let answer = reading
        .read(move |conn, setting| params.0.answer(conn, &secrets, setting))
        .await?;
    Ok(reader.respond(answer))
}

impl SearchArticles {
    fn answer(&self, conn: &mut Conn, secrets: &Secrets, setting: &AnswerContext<'_>) -> Result<CacheableAnswer> {
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
        let composed = cards(conn, setting, &positions, &wanted)?;
        let (page_json, did_you_mean) = (json(&page)?, json(&did_you_mean)?);
        let body = format!(
            "{{\"items\":[{}],\"page\":{page_json},\"did_you_mean\":{did_you_mean}}}",
            composed.json
        );
        let answer = CacheableAnswer {
            body,
            keys: vec!["articles".to_owned()],
            next_change: composed.next_change,
            next_cursor: None,
        };
        Ok(answer.page(&page))
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
        let after = match self.page.after::<3>(secrets, binding)? {
            Some([top, rank, position]) => Some((
                number(&top)?,
                RankedMatch {
                    rank: number(&rank)?,
                    position: number(&position)?,
                },
            )),
            None => None,
        };
        let mut ranked = search.by_relevance(conn, after.map(|(top, _)| top))?;
        // Later pages stay among those that were the newest at the first: what is published since is not
        // mixed in, and nothing comes twice.
        let top = match after {
            Some((top, last)) => {
                ranked.retain(|one| *one < last);
                top
            }
            None => ranked.iter().map(|one| one.position).max().unwrap_or(0),
        };
        ranked.truncate(self.page.limit + 1);
        let (ranked, page) = self.page.finish(ranked, secrets, binding, |last| {
            [top.to_string(), last.rank.to_string(), last.position.to_string()]
        })?;
        Ok((ranked.into_iter().map(|one| one.position).collect(), page))
    }
}

fn number(text: &str) -> Result<i64> {
    text.parse().map_err(|_| Error::new(Code::InvalidCursor))
}

fn json(value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(Error::internal)
}

/// The cards at these positions, each with where its words were found.
fn cards(
    conn: &mut Conn,
    setting: &AnswerContext<'_>,
    positions: &[i64],
    wanted: &FulltextQuery,
) -> Result<AnswerJson> {
    let mut composed = AnswerJson::default();
    for hit in published::at_positions(conn, positions)? {
        let highlights = highlights(&hit.texts, wanted, SearchLanguage::of(hit.live.locale()));
        composed.push_card_with(setting, &hit.live, "highlights", &highlights)?;
    }
    Ok(composed)
}

query_type! {
    /// What is typed so far.
    #[derive(Debug)]
    pub struct SuggestSearch {
        /// What is typed so far; the last word may be the beginning of a longer one. Text without any word is
        /// refused.
        q: String = required(search_param()),
        /// In this language; `*` for all, the site's first where it is not given.
        locale: String = optional(text_param(limits::LOCALE)),
    }
}

/// Suggest as you type.
///
/// Up to five articles with the words in their titles, tags and sections whose names begin so: live
/// things only.
#[utoipa::path(tag = "search", operation_id = "suggestSearch", params(SuggestSearch),
    responses((status = 200, description = "What may be meant.", body = Suggestions)))]
#[get("/v1/search/suggest")]
pub async fn suggest_search(
    db: Data<Db>,
    frames: Data<FrameCache>,
    reader: ConditionalRequest,
    params: Params<SuggestSearch>,
) -> Result<HttpResponse> {
    let answer = db
        .read(move |conn| {
            let frame = frames.current(conn)?;
            let locale = frame.site.asked_locale(params.0.locale.as_deref())?;
            let reading = QueryReading {
                also_former: reindex::has_former(conn)?,
                prefix: suggest::SUGGESTED_PREFIX_LETTERS,
                ..QueryReading::of(&frame.site, locale.as_deref())
            };
            let found = suggest::suggestions(conn, &frame, &params.0.q, locale.as_deref(), &reading)?;
            let keys = ["articles", "tags", "sections"].map(str::to_owned);
            CacheableAnswer::json(&found, keys.to_vec())
        })
        .await?;
    Ok(reader.respond(answer))
}
