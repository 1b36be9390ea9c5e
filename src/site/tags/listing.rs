//! Which tags a list shows: what readers and the desk may ask.

use super::store::{self, TagFilter};
use super::{Tag, TagKind};
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::http::page::{CountRequest, CursorBinding, DeskCountRequest, PageInfo, PageRequest};
use crate::base::http::query_type::{name_prefix_param, word_params};
use crate::base::secrets::Secrets;
use crate::query_type;

query_type! {
    /// Which tags.
    #[derive(Debug)]
    pub struct TagSelection {
        /// Only tags of these kinds: repeat the name, or write them with commas.
        pub kind: Vec<TagKind> = defaulted(word_params()),
        /// Only tags whose name begins with this, accents and case aside.
        pub q: String = optional(name_prefix_param()),
    }
}

query_type! {
    /// Which tags, for readers.
    #[derive(Debug)]
    pub struct ListTags {
        /// Which.
        pub selection: TagSelection = part(),
        /// Whether to count.
        pub count: CountRequest = part(),
        /// The page.
        pub page: PageRequest = part(),
    }
}

query_type! {
    /// Which tags, at the desk.
    #[derive(Debug)]
    pub struct ListTagsForEditing {
        /// Which.
        pub selection: TagSelection = part(),
        /// Whether to count.
        pub count: DeskCountRequest = part(),
        /// The page.
        pub page: PageRequest = part(),
    }
}

impl From<ListTags> for ListTagsForEditing {
    fn from(asked: ListTags) -> Self {
        Self {
            selection: asked.selection,
            count: asked.count.into(),
            page: asked.page,
        }
    }
}

impl ListTagsForEditing {
    /// A page of a list of this name.
    ///
    /// # Errors
    /// 400 `invalid_cursor`.
    pub fn page_of(self, conn: &mut Conn, secrets: &Secrets, list: &str) -> Result<(Vec<Tag>, PageInfo)> {
        let filter = TagFilter {
            kinds: self.selection.kind,
            prefix: self.selection.q,
        };
        let binding = CursorBinding::new(list, &filter);
        let after = self.page.after::<2>(secrets, &binding)?;
        let tags = store::list(conn, &filter, after, self.page.fetch())?;
        let key = |tag: &Tag| [tag.sort_key.clone(), tag.id.to_string()];
        let (tags, page) = self.page.finish(tags, secrets, &binding, key)?;
        let total = self.count.total(|most| store::count(conn, &filter, most))?;
        Ok((tags, page.counting(total)))
    }
}
