//! Which contributors a list shows: what readers and the desk may ask.

use utoipa::IntoParams;

use super::Contributor;
use super::store::{self, ContributorFilter};
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::http::page::{CountRequest, CursorBinding, PageInfo, PageRequest};
use crate::base::http::query::{FromQuery, Query};
use crate::base::secrets::Secrets;

/// Which contributors.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListContributors {
    /// Only those whose name begins with this, accents and case aside.
    #[param(max_length = 100)]
    pub q: Option<String>,
    /// The page.
    #[param(ignore)]
    pub page: PageRequest,
    /// Whether to count.
    #[param(ignore)]
    pub count: CountRequest,
}

impl FromQuery for ListContributors {
    const NAMES: &'static [&'static str] = &["q", "count", "limit", "cursor"];

    fn read(query: &Query) -> Result<Self> {
        Ok(Self {
            q: query.name_prefix()?,
            page: PageRequest::of(query)?,
            count: CountRequest::of(query)?,
        })
    }
}

impl ListContributors {
    /// A page of a list of this name, of the active ones only or of all.
    ///
    /// # Errors
    /// 400 `invalid_cursor`; the database's.
    pub fn page_of(
        self,
        conn: &mut Conn,
        secrets: &Secrets,
        list: &str,
        active: Option<bool>,
    ) -> Result<(Vec<Contributor>, PageInfo)> {
        let filter = ContributorFilter { active, prefix: self.q };
        let binding = CursorBinding::new(list, &filter);
        let after = self.page.after::<2>(secrets, &binding)?;
        let contributors = store::list(conn, &filter, after, self.page.fetch())?;
        let key = |contributor: &Contributor| [contributor.sort_key.clone(), contributor.id.to_string()];
        let (contributors, page) = self.page.finish(contributors, secrets, &binding, key)?;
        let total = self.count.total(|| store::total(conn, &filter))?;
        Ok((contributors, page.counting(total)))
    }
}
