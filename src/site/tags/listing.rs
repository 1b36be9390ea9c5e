//! Which tags a list shows: what readers and the desk may ask.

use utoipa::IntoParams;

use super::store::{self, TagFilter};
use super::{Tag, TagKind};
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::http::page::{CountRequest, CursorBinding, PageInfo, PageRequest};
use crate::base::http::query::{FromQuery, Query, one_of};
use crate::base::secrets::Secrets;

/// Which tags.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListTags {
    /// Only tags of these kinds: repeat the name, or write them with commas.
    #[param(value_type = Option<Vec<TagKind>>, max_items = 10)]
    pub kind: Vec<TagKind>,
    /// Only tags whose name begins with this, accents and case aside.
    #[param(max_length = 100)]
    pub q: Option<String>,
    /// The page.
    #[param(ignore)]
    pub page: PageRequest,
    /// Whether to count.
    #[param(ignore)]
    pub count: CountRequest,
}

impl FromQuery for ListTags {
    const NAMES: &'static [&'static str] = &["kind", "q", "count", "limit", "cursor"];

    fn read(query: &Query) -> Result<Self> {
        let kinds = query.many("kind")?.into_iter();
        let kinds = kinds.map(|word| TagKind::parse(word).ok_or_else(|| one_of("kind", TagKind::WORDS)));
        let mut kind = kinds.collect::<Result<Vec<_>>>()?;
        kind.sort();
        kind.dedup();
        Ok(Self {
            kind,
            q: query.name_prefix()?,
            page: PageRequest::of(query)?,
            count: CountRequest::of(query)?,
        })
    }
}

impl ListTags {
    /// A page of a list of this name.
    ///
    /// # Errors
    /// 400 `invalid_cursor`; the database's.
    pub fn page_of(self, conn: &mut Conn, secrets: &Secrets, list: &str) -> Result<(Vec<Tag>, PageInfo)> {
        let filter = TagFilter {
            kinds: self.kind,
            prefix: self.q,
        };
        let binding = CursorBinding::new(list, &filter);
        let after = self.page.after::<2>(secrets, &binding)?;
        let tags = store::list(conn, &filter, after, self.page.fetch())?;
        let key = |tag: &Tag| [tag.sort_key.clone(), tag.id.to_string()];
        let (tags, page) = self.page.finish(tags, secrets, &binding, key)?;
        let total = self.count.total(|| store::total(conn, &filter))?;
        Ok((tags, page.counting(total)))
    }
}
