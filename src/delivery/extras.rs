//! What is answered beside an article where `include` asks for it: related articles, its translations, its packages,
//! its comments, what search engines get.

use std::collections::HashMap;

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::ArrayBuilder;

use super::{jsonld, related};
use crate::base::db::Conn;
use crate::base::error::{Error, Result};
use crate::base::http::conditional::CacheableAnswer;
use crate::base::http::query::one_of;
use crate::base::http::query_type::{ParamReader, param_reader};
use crate::base::http::value_reader::ValueSchema;
use crate::base::ids::ArticleId;
use crate::base::limits;
use crate::base::secrets::Secrets;
use crate::base::surrogate_key::SurrogateKey;
use crate::comments::lists::first_thread_page;
use crate::published::{
    Alternates, AnswerContext, AnswerJson, ArticleShape, BodyFormat, ExtraMembers, NewestOf, PackageNeighbours,
    PlacedIds, PublishedArticle, alternates_of, packages_of_article,
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

impl ArticleInclude {
    /// What an article's page has without being asked: what goes with the article is a list there.
    pub const OF_PAGES: [Self; 4] = [Self::Translations, Self::Packages, Self::Comments, Self::Jsonld];
}

/// What is asked for beside an article.
#[derive(Clone, Debug, Default)]
pub struct RequestedExtras(Vec<ArticleInclude>);

impl RequestedExtras {
    /// These.
    pub fn of(asked: &[ArticleInclude]) -> Self {
        Self(asked.to_vec())
    }

    /// Reads what a query asks for; `unasked` where it does not say.
    pub fn reader_or(unasked: &'static [ArticleInclude]) -> impl ParamReader<Value = Self> {
        param_reader(
            || {
                let words = ArrayBuilder::new().items(ValueSchema::component::<ArticleInclude>().schema);
                RefOr::T(words.max_items(Some(ArticleInclude::ALL.len())).into())
            },
            move |query, name| {
                let words = query.many(name)?.into_iter();
                let parsed =
                    words.map(|word| ArticleInclude::parse(word).ok_or_else(|| one_of(name, ArticleInclude::WORDS)));
                let parsed: Vec<ArticleInclude> = parsed.collect::<Result<_>>()?;
                Ok(Some(Self(if parsed.is_empty() { unasked.to_vec() } else { parsed })))
            },
        )
    }

    /// The same without one.
    #[must_use]
    pub fn without(&self, what: ArticleInclude) -> Self {
        Self(self.0.iter().copied().filter(|asked| *asked != what).collect())
    }

    /// Whether nothing is asked for.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether this is asked for.
    pub fn has(&self, what: ArticleInclude) -> bool {
        self.0.contains(&what)
    }
}

/// What is answered beside an article, as ids; the articles are read later, together with those of lists.
pub struct ArticleExtras {
    /// What the lookups found.
    pub newest: HashMap<NewestOf, PlacedIds>,
    include: RequestedExtras,
    formats: Vec<BodyFormat>,
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
        let newest = setting.newest_of_each(conn, live.locale(), &lookups)?;
        let mut related = Vec::new();
        if include.has(ArticleInclude::Related) {
            related = related::rank_related(live.id, &outline, section, &newest);
            related.truncate(limits::RELATED);
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
            formats: Vec::new(),
            alternates: alternates_of(conn, std::slice::from_ref(live))?,
            related,
            packages,
        })
    }

    /// The same with the body in these forms too.
    #[must_use]
    pub fn with_body(mut self, formats: &[BodyFormat]) -> Self {
        self.formats = formats.to_vec();
        self
    }

    /// The articles that are shown with it.
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

    /// What an answer with the article shows: what it is read together with, live or not, and the places in which what
    /// goes with it is looked for.
    pub fn surrogate_keys(&self, live: &PublishedArticle) -> Vec<SurrogateKey> {
        let mut keys = vec![SurrogateKey::Article(live.id), SurrogateKey::Comments(live.id)];
        let shown = live.interlinks().iter().copied().chain(self.alternates.ids(live));
        keys.extend(shown.map(SurrogateKey::Article));
        if self.include.has(ArticleInclude::Related) {
            let lookups = related::lookups(&live.outline(), live.section_id());
            keys.extend(lookups.iter().map(|(of, _)| of.surrogate_key()));
        }
        if self.include.has(ArticleInclude::Packages) {
            keys.push(SurrogateKey::Packages);
            let around = self
                .packages
                .iter()
                .flat_map(|package| package.previous.iter().chain(&package.next));
            keys.extend(around.map(|id| SurrogateKey::Article(*id)));
        }
        keys
    }

    /// Where the same story is in other languages.
    pub fn paths_by_locale(&self, live: &PublishedArticle) -> Vec<(String, String)> {
        self.alternates.paths(live)
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
        let mut included = ExtraMembers {
            formats: self.formats,
            ..ExtraMembers::default()
        };
        if self.include.has(ArticleInclude::Related) {
            included.related = Some(self.related);
        }
        if self.include.has(ArticleInclude::Translations) {
            included.translations = Some(self.alternates.ids(live));
        }
        if self.include.has(ArticleInclude::Comments) {
            let threads = first_thread_page(conn, secrets, live.id, &live.outline().contributor_ids)?;
            included.comments = Some(serde_json::to_string(&threads).map_err(Error::internal)?);
        }
        if self.include.has(ArticleInclude::Jsonld) {
            let told = jsonld::of(setting, live, &live.head()?);
            included.jsonld = Some(serde_json::to_string(&told).map_err(Error::internal)?);
        }
        if self.include.has(ArticleInclude::Packages) {
            included.packages = Some(self.packages);
        }
        composed.push_article(setting, live, cards, &self.alternates, &included)
    }
}

/// A whole article, its body in these forms too, and what was asked for beside it.
pub fn compose_article(
    conn: &mut Conn,
    setting: &AnswerContext<'_>,
    secrets: &Secrets,
    live: &PublishedArticle,
    include: RequestedExtras,
    formats: &[BodyFormat],
) -> Result<CacheableAnswer> {
    let beside = ArticleExtras::gather(conn, setting, live, include, &[])?.with_body(formats);
    let cards = setting.shown(conn, &beside.ids(live), ArticleShape::Card)?;
    let mut composed = AnswerJson::default();
    let keys = beside.surrogate_keys(live);
    beside.push(conn, &mut composed, setting, secrets, live, &cards)?;
    Ok(composed.answer(keys))
}
