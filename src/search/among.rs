//! Among which live articles is searched: the filters of lists, read from a query string.

use utoipa::IntoParams;

use crate::articles::model::ArticleType;
use crate::articles::published::{self, Filter};
use crate::clock::Time;
use crate::contributors::ContributorId;
use crate::db::Conn;
use crate::error::Result;
use crate::http::query::{Query, invalid, one_of};
use crate::sections::SectionId;
use crate::site::Frame;
use crate::tags::TagId;

/// Which live articles. Several values of one filter mean any of them: repeat the name, or write them
/// with commas.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Among {
    /// In these sections or below: paths or ids.
    #[param(value_type = Option<Vec<String>>, max_items = 10)]
    section: Vec<String>,
    /// Only in the sections themselves, not below.
    #[param(value_type = Option<bool>)]
    exact_section: bool,
    /// With these tags: slugs or ids.
    #[param(value_type = Option<Vec<String>>, max_items = 10)]
    tag: Vec<String>,
    /// Signed by these contributors: slugs or ids.
    #[param(value_type = Option<Vec<String>>, max_items = 10)]
    contributor: Vec<String>,
    /// Of these types.
    #[param(value_type = Option<Vec<ArticleType>>, max_items = 10)]
    r#type: Vec<ArticleType>,
    /// In this language; `*` for all, the site's first where it is not given.
    #[param(max_length = 12)]
    locale: Option<String>,
    /// Published at or after this moment.
    published_after: Option<Time>,
    /// Published before this moment.
    published_before: Option<Time>,
}

impl Among {
    /// Reads the filters.
    ///
    /// # Errors
    /// 400 naming the parameter and what it takes.
    pub fn of(query: &Query) -> Result<Self> {
        let owned =
            |name: &str| -> Result<Vec<String>> { Ok(query.many(name)?.into_iter().map(str::to_owned).collect()) };
        let types = query.many("type")?.into_iter();
        let types = types.map(|word| ArticleType::parse(word).ok_or_else(|| one_of("type", ArticleType::WORDS)));
        let among = Self {
            section: owned("section")?,
            exact_section: query.flag("exact_section")?.unwrap_or(false),
            tag: owned("tag")?,
            contributor: owned("contributor")?,
            r#type: types.collect::<Result<Vec<_>>>()?,
            locale: query.one("locale")?.map(str::to_owned),
            published_after: query.time("published_after")?,
            published_before: query.time("published_before")?,
        };
        let is_section = |name: &String| name.starts_with('/') || SectionId::parse(name).is_some();
        if !among.section.iter().all(is_section) {
            return Err(invalid("section", "an id or a path"));
        }
        for (parameter, names) in [("tag", &among.tag), ("contributor", &among.contributor)] {
            let is_name = |name: &String| TagId::parse(name).is_some() || crate::slug::is_slug(name);
            if !names.iter().all(is_name) {
                return Err(invalid(parameter, "an id or a slug"));
            }
        }
        Ok(among)
    }

    /// The filter, its names looked up. One that names nothing there is matches nothing.
    ///
    /// # Errors
    /// 400 for a locale that the site does not have; the database's.
    pub fn filter(&self, conn: &mut Conn, frame: &Frame) -> Result<Filter> {
        let sections: Vec<SectionId> = self
            .section
            .iter()
            .filter_map(|name| section_named(frame, name))
            .collect();
        let tags: Vec<TagId> = published::tag_ids(conn, &self.tag)?;
        let contributors: Vec<ContributorId> = published::contributor_ids(conn, &self.contributor)?;
        let nothing = sections.is_empty() && !self.section.is_empty()
            || tags.is_empty() && !self.tag.is_empty()
            || contributors.is_empty() && !self.contributor.is_empty();
        Ok(Filter {
            locale: frame.site.asked_locale(self.locale.as_deref())?,
            sections,
            exact_section: self.exact_section,
            tags,
            contributors,
            types: self.r#type.clone(),
            published_after: self.published_after,
            published_before: self.published_before,
            nothing,
        })
    }
}

/// A section by id, or by its path in any of the site's languages.
fn section_named(frame: &Frame, name: &str) -> Option<SectionId> {
    if let Some(id) = SectionId::parse(name) {
        return frame.tree.get(id).map(|section| section.id);
    }
    let path = name.trim_end_matches('/');
    let prefixes = frame.site.locales.iter().skip(1).map(|locale| format!("/{locale}"));
    let without_prefix = prefixes.into_iter().find_map(|prefix| path.strip_prefix(&prefix));
    let found = frame.tree.at_path(path).or_else(|| frame.tree.at_path(without_prefix?));
    found.map(|section| section.id)
}
