//! What is answered beside an article where `include` asks for it: related articles, its translations, its packages,
//! its comments, what search engines get.

use std::collections::HashMap;

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::ArrayBuilder;

use super::{jsonld, related};
use crate::base::db::Conn;
use crate::base::error::{Error, Result};
use crate::base::http::query::one_of;
use crate::base::http::query_type::{ParamReader, param_reader};
use crate::base::http::value_reader::ValueSchema;
use crate::base::ids::ArticleId;
use crate::base::limits;
use crate::base::secrets::Secrets;
use crate::comments::lists::first_thread_page;
use crate::published::{
    Alternates, AnswerContext, AnswerJson, ExtraMembers, NewestOf, PackageNeighbours, PublishedArticle, alternates_of,
    cards_of, newest_of_each, packages_of_article,
};

crate::word_type! {
    /// What can be answered beside an article.
    ArticleInclude {
        /// Cards of what goes with it.
        Related = "related",
        /// Cards of the same story in other languages.
        Translations = "translations",
        /// The packages in which it stands.
        Packages = "packages",
        /// The first page of its comments.
        Comments = "comments",
        /// What search engines are told.
        Jsonld = "jsonld",
    }
}

/// What is asked for beside an article.
#[derive(Clone, Debug, Default)]
pub struct RequestedExtras(Vec<ArticleInclude>);

impl RequestedExtras {
    /// Everything.
    pub fn all() -> Self {
        Self(ArticleInclude::ALL.to_vec())
    }

    /// Reads what a query asks for.
    pub fn reader() -> impl ParamReader<Value = Self> {
        param_reader(
            || {
                let words = ArrayBuilder::new().items(ValueSchema::component::<ArticleInclude>().schema);
                RefOr::T(words.max_items(Some(ArticleInclude::ALL.len())).into())
            },
            |query, name| {
                let words = query.many(name)?.into_iter();
                let parsed =
                    words.map(|word| ArticleInclude::parse(word).ok_or_else(|| one_of(name, ArticleInclude::WORDS)));
                Ok(Some(Self(parsed.collect::<Result<_>>()?)))
            },
        )
    }

    /// The cache keys of what is asked for.
    pub fn keys(&self, article: ArticleId) -> Vec<String> {
        let mut keys = Vec::new();
        if self.has(ArticleInclude::Comments) {
            keys.push(format!("comments-{article}"));
        }
        if !self.0.is_empty() {
            keys.push("articles".to_owned());
        }
        keys
    }

    fn has(&self, what: ArticleInclude) -> bool {
        self.0.contains(&what)
    }
}

/// Cards of related articles at most.
const MAX_RELATED: usize = limits::RELATED;

/// Cards that are looked at for related articles: what an editor chose may not be live.
const RELATED_CANDIDATES: usize = 2 * MAX_RELATED;

/// What is answered beside an article, as ids; the cards are read later, together with those of other lists.
pub struct ArticleExtras {
    /// What the lookups found.
    pub newest: HashMap<NewestOf, Vec<(ArticleId, i64)>>,
    include: RequestedExtras,
    alternates: Alternates,
    related: Vec<ArticleId>,
    packages: Vec<PackageNeighbours>,
}

impl ArticleExtras {
    /// Looks for everything, and for the caller's `lookups` in the same statement.
    pub fn gather(
        conn: &mut Conn,
        setting: &AnswerContext<'_>,
        live: &PublishedArticle,
        include: RequestedExtras,
        lookups: &[(NewestOf, i64)],
    ) -> Result<Self> {
        let (outline, section) = (live.outline(), live.section_id());
        let mut lookups = lookups.to_vec();
        if include.has(ArticleInclude::Related) {
            lookups.extend(related::lookups(&outline, section));
        }
        let newest = newest_of_each(conn, live.locale(), setting.now, &lookups)?;
        let mut related = Vec::new();
        if include.has(ArticleInclude::Related) {
            related = related::rank_related(live.id, &outline, section, &newest);
            related.truncate(RELATED_CANDIDATES);
        }
        let mut packages = Vec::new();
        if include.has(ArticleInclude::Packages) {
            let around = packages_of_article(conn, live.id)?;
            packages = around
                .iter()
                .map(|package| PackageNeighbours::of(package, live.id))
                .collect();
        }
        Ok(Self {
            newest,
            include,
            alternates: alternates_of(conn, std::slice::from_ref(live))?,
            related,
            packages,
        })
    }

    /// The articles whose cards are needed.
    pub fn ids(&self, live: &PublishedArticle) -> Vec<ArticleId> {
        let mut ids = live.interlinks().to_vec();
        ids.extend(&self.related);
        if self.include.has(ArticleInclude::Translations) {
            ids.extend(self.alternates.ids(live));
        }
        for package in &self.packages {
            ids.extend(package.previous.iter().chain(&package.next));
        }
        ids
    }

    /// The related articles whose cards were found.
    pub fn related<'s>(
        &'s self,
        cards: &'s HashMap<ArticleId, PublishedArticle>,
    ) -> impl Iterator<Item = &'s PublishedArticle> {
        self.related.iter().filter_map(|id| cards.get(id)).take(MAX_RELATED)
    }

    /// Appends the article, and what was asked for beside it.
    pub fn push(
        self,
        conn: &mut Conn,
        composed: &mut AnswerJson,
        setting: &AnswerContext<'_>,
        secrets: &Secrets,
        live: &PublishedArticle,
        cards: &HashMap<ArticleId, PublishedArticle>,
    ) -> Result<()> {
        let mut included = ExtraMembers::default();
        if self.include.has(ArticleInclude::Related) {
            included.related = Some(self.related(cards).map(|card| card.id).collect());
        }
        if self.include.has(ArticleInclude::Translations) {
            included.translations = Some(self.alternates.ids(live));
        }
        if self.include.has(ArticleInclude::Comments) {
            let threads = first_thread_page(conn, secrets, live.id, &live.outline().contributor_ids)?;
            included.comments = Some(serde_json::to_string(&threads).map_err(Error::internal)?);
        }
        if self.include.has(ArticleInclude::Jsonld) {
            let told = jsonld::of(setting, live)?;
            included.jsonld = Some(serde_json::to_string(&told).map_err(Error::internal)?);
        }
        if self.include.has(ArticleInclude::Packages) {
            included.packages = Some(self.packages);
        }
        composed.push_article(setting, live, cards, &self.alternates, &included)
    }
}

/// A whole article, and what was asked for beside it.
pub fn compose_article(
    conn: &mut Conn,
    setting: &AnswerContext<'_>,
    secrets: &Secrets,
    live: &PublishedArticle,
    include: RequestedExtras,
) -> Result<AnswerJson> {
    let beside = ArticleExtras::gather(conn, setting, live, include, &[])?;
    let cards = cards_of(conn, &beside.ids(live))?;
    let mut composed = AnswerJson::default();
    beside.push(conn, &mut composed, setting, secrets, live, &cards)?;
    Ok(composed)
}
