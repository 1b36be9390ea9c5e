//! Which contributors a list shows: what readers and the desk may ask.

use super::Contributor;
use super::store::{self, ContributorFilter};
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::http::page::{CountRequest, CursorBinding, DeskCountRequest, PageInfo, PageRequest};
use crate::base::http::query_type::name_prefix_param;
use crate::base::secrets::Secrets;
use crate::query_type;

query_type! {
    /// Which contributors, for readers.
    #[derive(Debug)]
    pub struct ListContributors {
        /// Only those whose name begins with this, accents and case aside.
        pub q: String = optional(name_prefix_param()),
        /// Whether to count.
        pub count: CountRequest = part(),
        /// The page.
        pub page: PageRequest = part(),
    }
}

query_type! {
    /// Which contributors, at the desk.
    #[derive(Debug)]
    pub struct ListContributorsForEditing {
        /// Only those whose name begins with this, accents and case aside.
        pub q: String = optional(name_prefix_param()),
        /// Whether to count.
        pub count: DeskCountRequest = part(),
        /// The page.
        pub page: PageRequest = part(),
    }
}

impl From<ListContributors> for ListContributorsForEditing {
    fn from(asked: ListContributors) -> Self {
        Self {
            q: asked.q,
            count: asked.count.into(),
            page: asked.page,
        }
    }
}

impl ListContributorsForEditing {
    /// A page of a list of this name, of the active ones only or of all.
    ///
    /// # Errors
    /// 400 `invalid_cursor`.
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
        let total = self.count.total(|most| store::count(conn, &filter, most))?;
        Ok((contributors, page.counting(total)))
    }
}
