//! The grammar of lists of articles. [`ArticleFilters`] says which articles and is the same wherever
//! articles are asked for: in lists, searches, feeds, pages. [`ArticleOrdering`] says in which order, and
//! with the filters binds the cursor.

use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::error::{Code, Error, Result};
use crate::base::http::page::{CountRequest, CursorBinding, PageInfo, PageRequest};
use crate::base::http::query::invalid;
use crate::base::http::query_type::{flag_param, text_param, text_params, time_param, word_param, word_params};
use crate::base::ids::{ArticleId, ContributorId, SectionId, TagId};
use crate::base::secrets::Secrets;
use crate::base::surrogate_key::SurrogateKey;
use crate::base::{limits, slug};
use crate::body::article_type::ArticleType;
use crate::published::{
    AnswerContext, ArticleFilter, ArticleShape, ArticleSort, BodyFormat, ListKey, ListedArticles, PublishedArticle,
};
use crate::query_type;
use crate::site::frame::Frame;
use crate::site::sections::SectionTree;
use crate::site::{contributors, tags};

query_type! {
    /// Which live articles. Several values of one filter mean any of them: repeat the name, or write them
    /// with commas. Several filters mean all of them.
    #[derive(Clone, Debug, Default)]
    pub struct ArticleFilters [check] {
        /// In these sections or below: paths or ids.
        pub section: Vec<String> = defaulted(text_params(limits::PATH)),
        /// Only in the sections themselves, not below.
        pub exact_section: bool = defaulted(flag_param()),
        /// With these tags: slugs or ids.
        pub tag: Vec<String> = defaulted(text_params(limits::LABEL)),
        /// Signed by these contributors: slugs or ids.
        pub contributor: Vec<String> = defaulted(text_params(limits::LABEL)),
        /// Of these types.
        pub r#type: Vec<ArticleType> = defaulted(word_params()),
        /// In this language; `*` for all, the site's first where it is not given.
        pub locale: String = optional(text_param(limits::LOCALE)),
        /// Published at or after this moment; a date alone is its first moment in UTC.
        pub published_after: Time = optional(time_param()),
        /// Published before this moment.
        pub published_before: Time = optional(time_param()),
    }
}

impl ArticleFilters {
    fn check(&self) -> Result<()> {
        for name in &self.section {
            if !SectionTree::may_name(name) {
                return Err(invalid("section", "an id or a path"));
            }
        }
        for (parameter, names) in [("tag", &self.tag), ("contributor", &self.contributor)] {
            if names
                .iter()
                .any(|name| TagId::parse(name).is_none() && !slug::is_slug(name))
            {
                return Err(invalid(parameter, "an id or a slug"));
            }
        }
        Ok(())
    }

    /// Whether one scan of an index gives what these choose.
    pub fn are_one_scan(&self) -> bool {
        let chosen = self.section.len() + self.tag.len() + self.contributor.len();
        let dated = self.published_after.is_some() || self.published_before.is_some();
        chosen <= 1 && self.r#type.is_empty() && !self.exact_section && !dated
    }

    /// Whether only `locale` and `type` choose.
    fn is_broad(&self) -> bool {
        let filtered = !self.section.is_empty() || !self.tag.is_empty() || !self.contributor.is_empty();
        let dated = self.published_after.is_some() || self.published_before.is_some();
        !filtered && !dated
    }

    /// The filter, its names looked up. A filter that names something unknown matches nothing.
    ///
    /// # Errors
    /// 400 when the site does not speak the language.
    pub fn filter(&self, conn: &mut Conn, frame: &Frame) -> Result<ArticleFilter> {
        let sections = self
            .section
            .iter()
            .filter_map(|name| frame.tree.named(&frame.site, name));
        let sections: Vec<SectionId> = distinct(sections);
        let tags: Vec<TagId> = distinct(tags::store::ids_of(conn, &self.tag)?);
        let contributors: Vec<ContributorId> = distinct(contributors::store::ids_of(conn, &self.contributor)?);
        let nothing = sections.is_empty() && !self.section.is_empty()
            || tags.is_empty() && !self.tag.is_empty()
            || contributors.is_empty() && !self.contributor.is_empty();
        Ok(ArticleFilter {
            locale: frame.site.asked_locale(self.locale.as_deref())?,
            sections,
            exact_section: self.exact_section,
            tags,
            contributors,
            types: distinct(self.r#type.iter().copied()),
            published_after: self.published_after,
            published_before: self.published_before,
            nothing,
        })
    }
}

impl ArticleFilters {
    /// What a list of what `filter`, made of this, chooses shows: where tags and contributors are named, also how they
    /// are named.
    pub fn surrogate_keys(&self, filter: &ArticleFilter) -> Vec<SurrogateKey> {
        let mut keys = filter.surrogate_keys();
        keys.extend((!self.tag.is_empty()).then_some(SurrogateKey::Tags));
        keys.extend((!self.contributor.is_empty()).then_some(SurrogateKey::Contributors));
        keys
    }
}

/// Each value once, in order: so that a cursor does not depend on how a filter was written.
fn distinct<T: Ord>(values: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut values: Vec<T> = values.into_iter().collect();
    values.sort();
    values.dedup();
    values
}

query_type! {
    /// In which order, and how much of it.
    #[derive(Debug)]
    pub struct ArticleOrdering {
        /// The order: `-published_at` where it is not given; `-updated_at` goes with `locale` and `type` only.
        pub sort: ArticleSort = defaulted(word_param()) or ArticleSort::NewestFirst,
        /// Whether to count.
        pub count: CountRequest = part(),
        /// The page.
        pub page: PageRequest = part(),
    }
}

impl Default for ArticleOrdering {
    /// The first page, newest first, not counted: as where the client does not say.
    fn default() -> Self {
        Self {
            sort: ArticleSort::NewestFirst,
            page: PageRequest::default(),
            count: CountRequest::default(),
        }
    }
}

impl ArticleOrdering {
    /// The key after which the page begins.
    fn after(&self, secrets: &Secrets, binding: &CursorBinding) -> Result<Option<ListKey>> {
        let Some([key, id]) = self.page.after::<2>(secrets, binding)? else {
            return Ok(None);
        };
        let after = match self.sort {
            ArticleSort::UpdatedFirst => Time::parse(&key)
                .zip(ArticleId::parse(&id))
                .map(|(time, id)| ListKey::Update(time, id)),
            _ => key.parse().ok().map(ListKey::Position),
        };
        after.map(Some).ok_or_else(|| Error::new(Code::InvalidCursor))
    }

    /// A page of the list, and where it goes on.
    ///
    /// # Errors
    /// 400 `invalid_cursor`.
    pub fn page_of(
        &self,
        conn: &mut Conn,
        setting: &AnswerContext<'_>,
        secrets: &Secrets,
        list: &str,
        shape: ArticleShape,
        filter: &ArticleFilter,
    ) -> Result<(Vec<PublishedArticle>, PageInfo)> {
        let binding = CursorBinding::new(list, &(filter, self.sort));
        let after = self.after(secrets, &binding)?;
        let ListedArticles { articles, rest } =
            setting.list(conn, shape, filter, self.sort, after.as_ref(), self.page.limit)?;
        let rest = rest.map(|rest| match rest {
            ListKey::Position(position) => [position.to_string(), String::new()],
            ListKey::Update(time, id) => [time.to_string(), id.to_string()],
        });
        let total = self.count.total(|| setting.total(conn, filter))?;
        Ok((articles, PageRequest::goes_on(rest, secrets, &binding)?.counting(total)))
    }
}

query_type! {
    /// Which live articles, and in which order.
    pub struct ListArticles [check] {
        /// Which.
        pub filters: ArticleFilters = part(),
        /// In which order.
        pub ordering: ArticleOrdering = part(),
    }
}

impl ListArticles {
    /// Whether a page of it takes far less than a millisecond: a short one, along one index, that is not counted.
    pub fn is_brief(&self) -> bool {
        let ordering = &self.ordering;
        let is_short = ordering.page.limit <= limits::PAGE_DEFAULT && !ordering.count.is_asked();
        is_short && self.filters.are_one_scan()
    }

    fn check(&self) -> Result<()> {
        if self.ordering.sort == ArticleSort::UpdatedFirst && !self.filters.is_broad() {
            return Err(Error::new(Code::SortNotCombinable));
        }
        Ok(())
    }
}

crate::word_type! {
    /// How much a list shows of each article.
    ArticleListView {
        /// All that a card has.
        Card = "card",
        /// What lists inside pages show.
        Teaser = "teaser",
    }
}

query_type! {
    /// How much of each article.
    pub struct ListView {
        /// How much of each article: `card` where it is not given.
        view: ArticleListView = defaulted(word_param()) or ArticleListView::Card,
    }
}

impl ListView {
    /// What has to be read for it.
    pub fn shape(&self) -> ArticleShape {
        match self.view {
            ArticleListView::Card => ArticleShape::Card,
            ArticleListView::Teaser => ArticleShape::Teaser,
        }
    }
}

query_type! {
    /// In which forms the body of each article is given.
    pub struct FullArticleOptions {
        /// In which forms each body is given beside its blocks: `body_html`, `body_text`, `body_markdown`.
        pub body_format: Vec<BodyFormat> = defaulted(word_params()),
    }
}

query_type! {
    /// Which live articles, in which order, and their bodies in which forms.
    pub struct ListFullArticles {
        /// In which forms.
        pub options: FullArticleOptions = part(),
        /// Which, and in which order.
        pub list: ListArticles = part(),
    }
}

query_type! {
    /// Which live articles, in which order, and how much of each.
    pub struct ListArticlesInView {
        /// How much of each.
        pub view: ListView = part(),
        /// Which, and in which order.
        pub list: ListArticles = part(),
    }
}
