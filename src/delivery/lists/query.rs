//! The grammar of lists of articles. [`ArticleFilters`] says which articles and is the same wherever
//! articles are asked for: in lists, searches, feeds, pages. [`ArticleOrdering`] says in which order, and
//! with the filters binds the cursor.

use utoipa::IntoParams;

use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::error::{Code, Error, Result};
use crate::base::http::page::{CountRequest, CursorBinding, PageInfo, PageRequest};
use crate::base::http::query::{FromQuery, Query, invalid, one_of};
use crate::base::ids::{ArticleId, ContributorId, SectionId, TagId};
use crate::base::secrets::Secrets;
use crate::base::slug;
use crate::body::article_type::ArticleType;
use crate::published::{self, ArticleFilter, ArticleShape, ArticleSort, ListKey, ListedArticles, PublishedArticle};
use crate::site::frame::Frame;
use crate::site::sections::SectionTree;

/// Which live articles. Several values of one filter mean any of them: repeat the name, or write them
/// with commas. Several filters mean all of them.
#[derive(Clone, Debug, Default, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ArticleFilters {
    /// In these sections or below: paths or ids.
    #[param(value_type = Option<Vec<String>>, max_items = 10)]
    pub section: Vec<String>,
    /// Only in the sections themselves, not below.
    #[param(value_type = Option<bool>)]
    pub exact_section: bool,
    /// With these tags: slugs or ids.
    #[param(value_type = Option<Vec<String>>, max_items = 10)]
    pub tag: Vec<String>,
    /// Signed by these contributors: slugs or ids.
    #[param(value_type = Option<Vec<String>>, max_items = 10)]
    pub contributor: Vec<String>,
    /// Of these types.
    #[param(value_type = Option<Vec<ArticleType>>, max_items = 10)]
    pub r#type: Vec<ArticleType>,
    /// In this language; `*` for all, the site's first where it is not given.
    #[param(max_length = 12)]
    pub locale: Option<String>,
    /// Published at or after this moment.
    pub published_after: Option<Time>,
    /// Published before this moment.
    pub published_before: Option<Time>,
}

impl FromQuery for ArticleFilters {
    const NAMES: &'static [&'static str] = &[
        "section",
        "exact_section",
        "tag",
        "contributor",
        "type",
        "locale",
        "published_after",
        "published_before",
    ];

    fn read(query: &Query) -> Result<Self> {
        let owned =
            |name: &str| -> Result<Vec<String>> { Ok(query.many(name)?.into_iter().map(str::to_owned).collect()) };
        let types = query.many("type")?.into_iter();
        let types = types.map(|word| ArticleType::parse(word).ok_or_else(|| one_of("type", ArticleType::WORDS)));
        let filters = Self {
            section: owned("section")?,
            exact_section: query.flag("exact_section")?.unwrap_or(false),
            tag: owned("tag")?,
            contributor: owned("contributor")?,
            r#type: types.collect::<Result<Vec<_>>>()?,
            locale: query.one("locale")?.map(str::to_owned),
            published_after: query.time("published_after")?,
            published_before: query.time("published_before")?,
        };
        filters.check()?;
        Ok(filters)
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

    /// Whether only `locale` and `type` choose.
    fn is_broad(&self) -> bool {
        let filtered = !self.section.is_empty() || !self.tag.is_empty() || !self.contributor.is_empty();
        let dated = self.published_after.is_some() || self.published_before.is_some();
        !filtered && !dated
    }

    /// The filter, its names looked up. One that names nothing there is matches nothing.
    ///
    /// # Errors
    /// 400 when the site does not speak the language; the database's.
    pub fn filter(&self, conn: &mut Conn, frame: &Frame) -> Result<ArticleFilter> {
        let sections = self
            .section
            .iter()
            .filter_map(|name| frame.tree.named(&frame.site, name));
        let sections: Vec<SectionId> = distinct(sections);
        let tags: Vec<TagId> = distinct(published::tag_ids(conn, &self.tag)?);
        let contributors: Vec<ContributorId> = distinct(published::contributor_ids(conn, &self.contributor)?);
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

/// Each value once, in order: so that a cursor does not depend on how a filter was written.
fn distinct<T: Ord>(values: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut values: Vec<T> = values.into_iter().collect();
    values.sort();
    values.dedup();
    values
}

/// In which order, and how much of it.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ArticleOrdering {
    /// The order: `-published_at` where it is not given; `-updated_at` goes with `locale` and `type` only.
    #[param(value_type = Option<ArticleSort>)]
    pub sort: ArticleSort,
    /// The page.
    #[param(ignore)]
    pub page: PageRequest,
    /// Whether to count.
    #[param(ignore)]
    pub count: CountRequest,
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
    fn read(query: &Query, filters: &ArticleFilters) -> Result<Self> {
        let sort = query.word("sort", ArticleSort::WORDS, ArticleSort::parse)?;
        let sort = sort.unwrap_or(ArticleSort::NewestFirst);
        if sort == ArticleSort::UpdatedFirst && !filters.is_broad() {
            return Err(Error::new(Code::SortNotCombinable));
        }
        Ok(Self {
            sort,
            page: PageRequest::of(query)?,
            count: CountRequest::of(query)?,
        })
    }

    /// Behind which key the page begins.
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
    /// 400 `invalid_cursor`; the database's.
    pub fn page_of(
        &self,
        conn: &mut Conn,
        secrets: &Secrets,
        list: &str,
        shape: ArticleShape,
        filter: &ArticleFilter,
    ) -> Result<(Vec<PublishedArticle>, PageInfo)> {
        let binding = CursorBinding::new(list, &(filter, self.sort));
        let after = self.after(secrets, &binding)?;
        let ListedArticles { articles, rest } =
            published::list(conn, shape, filter, self.sort, after.as_ref(), self.page.limit)?;
        let rest = rest.map(|rest| match rest {
            ListKey::Position(position) => [position.to_string(), String::new()],
            ListKey::Update(time, id) => [time.to_string(), id.to_string()],
        });
        let total = self.count.total(|| published::total(conn, filter))?;
        Ok((articles, PageRequest::goes_on(rest, secrets, &binding)?.counting(total)))
    }
}

/// The names of every parameter of a list of articles, and of some more.
macro_rules! list_names {
    ($($more:literal),*) => {
        &[
            $($more,)*
            "section",
            "exact_section",
            "tag",
            "contributor",
            "type",
            "locale",
            "published_after",
            "published_before",
            "sort",
            "count",
            "limit",
            "cursor",
        ]
    };
}

pub(super) use list_names;

/// Which live articles, and in which order.
pub struct ListArticles {
    /// Which.
    pub filters: ArticleFilters,
    /// In which order.
    pub ordering: ArticleOrdering,
}

impl FromQuery for ListArticles {
    const NAMES: &'static [&'static str] = list_names!();

    fn read(query: &Query) -> Result<Self> {
        let filters = ArticleFilters::read(query)?;
        let ordering = ArticleOrdering::read(query, &filters)?;
        Ok(Self { filters, ordering })
    }
}
