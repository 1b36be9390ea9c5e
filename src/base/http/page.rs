//! Keyset pages: `limit`, the signed `cursor`, and the envelope of every list.

use actix_web::HttpResponse;
use actix_web::http::{Uri, header};
use serde::Serialize;
use utoipa::ToSchema;

use super::conditional::next_link;
use super::query::invalid;
use super::query_type::{ParamReader, limit_param, param_reader, word_param};
use super::value_reader::ValueSchema;
use crate::base::error::{Code, Error, Result};
use crate::base::limits;
use crate::base::secrets::{KeyPurpose, Secrets, sha256};
use crate::query_type;

/// Where a list goes on.
#[derive(Debug, Clone, Serialize, ToSchema, PartialEq, Eq)]
pub struct PageInfo {
    /// Send it as `cursor` for the next page; null on the last one.
    pub next_cursor: Option<String>,
    /// Whether there is a next page.
    pub has_more: bool,
    /// How many items there are in all pages together, where `count` asked for it; null elsewhere.
    pub total_count: Option<i64>,
    /// Whether there may be more than `total_count`: counting stops at 10,000, and with several filters at
    /// 10,000 articles looked at. Null where nothing was counted.
    pub total_is_capped: Option<bool>,
}

impl PageInfo {
    /// For a list that is always whole.
    pub fn whole() -> Self {
        Self::before(None)
    }

    /// For a page of a list that has no end: the cursor leads on, be there more already or not.
    pub fn endless(cursor: String, has_more: bool) -> Self {
        Self {
            has_more,
            ..Self::before(Some(cursor))
        }
    }

    /// For a page after which the list goes on with a cursor, or ends.
    fn before(next_cursor: Option<String>) -> Self {
        Self {
            has_more: next_cursor.is_some(),
            next_cursor,
            total_count: None,
            total_is_capped: None,
        }
    }

    /// The same, with the number of items where they were counted.
    #[must_use]
    pub fn counting(self, total: Option<CappedTotal>) -> Self {
        Self {
            total_count: total.map(|total| total.count),
            total_is_capped: total.map(|total| total.is_capped),
            ..self
        }
    }
}

/// A page of a list at the desk, with a `Link` to the next one, for clients that follow links.
pub fn answer_list(at: &Uri, list: &impl Serialize, page: &PageInfo) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    if let Some(cursor) = &page.next_cursor {
        response.insert_header((header::LINK, next_link(at, cursor)));
    }
    response.json(list)
}

query_type! {
    /// What a client asks of a page.
    #[derive(Debug, Clone)]
    pub struct PageRequest {
        /// Items at most: 1 to 100, 20 where it is not given.
        pub limit: usize = defaulted(limit_param()) or limits::PAGE_DEFAULT,
        /// Where the page before ended: its `next_cursor`.
        cursor: String = optional(cursor_param()),
    }
}

/// Reads a cursor.
pub fn cursor_param() -> impl ParamReader<Value = String> {
    param_reader(
        || ValueSchema::text(limits::CURSOR).schema,
        |query, name| match query.one(name)? {
            Some(cursor) if cursor.len() > limits::CURSOR => Err(invalid(name, "a cursor of ours")),
            cursor => Ok(cursor.map(str::to_owned)),
        },
    )
}

impl Default for PageRequest {
    /// The first page, of as many items as where the client does not say.
    fn default() -> Self {
        Self {
            limit: limits::PAGE_DEFAULT,
            cursor: None,
        }
    }
}

impl PageRequest {
    /// The page that begins at a cursor, of as many items as where the client does not say.
    pub fn at(cursor: Option<String>) -> Self {
        Self {
            cursor,
            ..Self::default()
        }
    }

    /// How many rows to ask for: one more than the page shows, to know whether there is more.
    pub fn fetch(&self) -> i64 {
        i64::try_from(self.limit).unwrap_or(0) + 1
    }

    /// The key after which the page begins, from the cursor.
    ///
    /// # Errors
    /// 400 `invalid_cursor` when it is not ours or belongs to other filters.
    pub fn after<const N: usize>(&self, secrets: &Secrets, binding: &CursorBinding) -> Result<Option<[String; N]>> {
        let Some(cursor) = &self.cursor else { return Ok(None) };
        let key = secrets
            .verify(KeyPurpose::Cursors, cursor)
            .and_then(|bytes| binding.open(&bytes));
        key.map(Some).ok_or_else(|| Error::new(Code::InvalidCursor))
    }

    /// The same of a list that others follow for long: what has the form of its cursors and was not signed here is of
    /// before the secret was lost, or of another server.
    ///
    /// # Errors
    /// 410 `cursor_expired` then, 400 `invalid_cursor` when it is no cursor of this list.
    pub fn after_for_long<const N: usize>(
        &self,
        secrets: &Secrets,
        binding: &CursorBinding,
    ) -> Result<Option<[String; N]>> {
        let has_its_form =
            |cursor: &String| Secrets::unverified(cursor).is_some_and(|bytes| binding.open::<N>(&bytes).is_some());
        self.after(secrets, binding).map_err(|error| {
            let is_of_another = error.code() == Code::InvalidCursor && self.cursor.as_ref().is_some_and(has_its_form);
            if is_of_another {
                Error::new(Code::CursorExpired)
            } else {
                error
            }
        })
    }

    /// Cuts the extra row off and says where the list goes on.
    ///
    /// # Errors
    /// 500 when the cursor cannot be signed.
    pub fn finish<T, const N: usize>(
        &self,
        mut rows: Vec<T>,
        secrets: &Secrets,
        binding: &CursorBinding,
        key: impl Fn(&T) -> [String; N],
    ) -> Result<(Vec<T>, PageInfo)> {
        let has_more = rows.len() > self.limit;
        rows.truncate(self.limit);
        let rest = rows.last().filter(|_| has_more).map(key);
        Ok((rows, Self::goes_on(rest, secrets, binding)?))
    }

    /// Says where a list goes on: after a key, or nowhere.
    ///
    /// # Errors
    /// 500 when the cursor cannot be signed.
    pub fn goes_on<const N: usize>(
        rest: Option<[String; N]>,
        secrets: &Secrets,
        binding: &CursorBinding,
    ) -> Result<PageInfo> {
        let cursor = rest.map(|key| binding.cursor(secrets, &key)).transpose()?;
        Ok(PageInfo::before(cursor))
    }
}

/// How many items a list has, counted no further than it pays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CappedTotal {
    /// As many as were counted.
    pub count: i64,
    /// Whether there may be more.
    pub is_capped: bool,
}

impl CappedTotal {
    /// How far to count, to know whether there are more than [`limits::CAPPED_COUNT`].
    pub const FETCH: i64 = limits::CAPPED_COUNT as i64 + 1;

    /// From a count that went up to [`CappedTotal::FETCH`].
    pub fn of(count: i64) -> Self {
        Self {
            count: count.min(Self::FETCH - 1),
            is_capped: count >= Self::FETCH,
        }
    }
}

crate::word_type! {
    /// Whether a list says how many items it has.
    CountMode {
        /// It does not.
        None = "none",
        /// Up to 10,000.
        Capped = "capped",
    }
}

query_type! {
    /// Whether a client asks how many items there are.
    #[derive(Clone, Copy, Debug)]
    pub struct CountRequest {
        /// `capped` answers `total_count`, up to 10,000; `none` where it is not given.
        count: CountMode = defaulted(word_param()) or CountMode::None,
    }
}

impl Default for CountRequest {
    fn default() -> Self {
        Self { count: CountMode::None }
    }
}

impl CountRequest {
    /// Whether it is asked for.
    pub fn is_asked(self) -> bool {
        self.count != CountMode::None
    }

    /// What `count` gives, where it is asked for.
    ///
    /// # Errors
    /// Those of `count`.
    pub fn total(self, count: impl FnOnce() -> Result<CappedTotal>) -> Result<Option<CappedTotal>> {
        match self.count {
            CountMode::None => Ok(None),
            CountMode::Capped => count().map(Some),
        }
    }
}

crate::word_type! {
    /// Whether a list at the desk says how many items it has.
    DeskCountMode {
        /// It does not.
        None = "none",
        /// Up to 10,000.
        Capped = "capped",
        /// All of them, however long that takes.
        Exact = "exact",
    }
}

query_type! {
    /// Whether a client at the desk asks how many items there are.
    #[derive(Clone, Copy, Debug)]
    pub struct DeskCountRequest {
        /// `capped` answers `total_count`, up to 10,000; `exact` all; `none` where it is not given.
        count: DeskCountMode = defaulted(word_param()) or DeskCountMode::None,
    }
}

impl From<CountRequest> for DeskCountRequest {
    fn from(asked: CountRequest) -> Self {
        let count = match asked.count {
            CountMode::None => DeskCountMode::None,
            CountMode::Capped => DeskCountMode::Capped,
        };
        Self { count }
    }
}

impl DeskCountRequest {
    /// What is counted, where it is asked for: `count` is given how many it need not go beyond, if anything.
    ///
    /// # Errors
    /// Those of `count`.
    pub fn total(self, count: impl FnOnce(Option<i64>) -> Result<i64>) -> Result<Option<CappedTotal>> {
        match self.count {
            DeskCountMode::None => Ok(None),
            DeskCountMode::Capped => count(Some(CappedTotal::FETCH)).map(|count| Some(CappedTotal::of(count))),
            DeskCountMode::Exact => count(None).map(|count| {
                let is_capped = false;
                Some(CappedTotal { count, is_capped })
            }),
        }
    }
}

/// What a cursor is bound to: the list, its sort and its filters.
pub struct CursorBinding(String);

impl CursorBinding {
    /// The binding of a list and everything that chooses or orders its items.
    pub fn new(list: &str, filters: &impl std::fmt::Debug) -> Self {
        let digest = sha256(format!("{list} {filters:?}").as_bytes());
        Self(digest.get(..16).unwrap_or(&digest).to_owned())
    }

    /// The cursor of the page after a key.
    ///
    /// # Errors
    /// 500 when it cannot be signed.
    pub fn cursor<const N: usize>(&self, secrets: &Secrets, key: &[String; N]) -> Result<String> {
        secrets.sign(
            KeyPurpose::Cursors,
            format!("{}\n{}", self.0, key.join("\n")).as_bytes(),
        )
    }

    fn open<const N: usize>(&self, bytes: &[u8]) -> Option<[String; N]> {
        let text = std::str::from_utf8(bytes).ok()?;
        let key = text.strip_prefix(&self.0)?.strip_prefix('\n')?;
        key.split('\n').map(str::to_owned).collect::<Vec<_>>().try_into().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::http::query::{FromQuery, Query};

    fn request(query: &str) -> Result<PageRequest> {
        PageRequest::read(&Query::parse(query, &["limit", "cursor"]).unwrap())
    }

    #[test]
    fn limit_is_1_to_100_and_never_cut_silently() {
        assert_eq!(request("").unwrap().limit, 20);
        assert_eq!(request("limit=100").unwrap().limit, 100);
        for bad in ["0", "101", "-1", "+5", "x", "", "1.5", "99999999999999999999"] {
            assert!(request(&format!("limit={bad}")).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_cursor_is_good_for_its_own_list_and_filters_only() {
        let secrets = Secrets::generate().unwrap();
        let binding = CursorBinding::new("articles", &"tag=a");
        let cursor = binding.cursor(&secrets, &["42".to_owned()]).unwrap();
        let page = request(&format!("cursor={cursor}")).unwrap();
        assert_eq!(page.after(&secrets, &binding).unwrap(), Some(["42".to_owned()]));
        let elsewhere = CursorBinding::new("articles", &"tag=b");
        assert_eq!(
            page.after::<1>(&secrets, &elsewhere).unwrap_err().code(),
            Code::InvalidCursor
        );
        assert_eq!(
            page.after::<2>(&secrets, &binding).unwrap_err().code(),
            Code::InvalidCursor
        );
        let forged = request("cursor=AAAAAAAAAAAAAAAAAAAAAAAAAAAA").unwrap();
        assert_eq!(
            forged.after::<1>(&secrets, &binding).unwrap_err().code(),
            Code::InvalidCursor
        );
    }

    #[test]
    fn a_page_says_whether_there_is_more() {
        let secrets = Secrets::generate().unwrap();
        let binding = CursorBinding::new("numbers", &());
        let page = request("limit=2").unwrap();
        let (rows, info) = page
            .finish(vec![1, 2, 3], &secrets, &binding, |n| [n.to_string()])
            .unwrap();
        assert_eq!(
            (rows, info.has_more, info.next_cursor.is_some()),
            (vec![1, 2], true, true)
        );
        let (rows, info) = page
            .finish(vec![1, 2], &secrets, &binding, |n| [n.to_string()])
            .unwrap();
        assert_eq!((rows, info.has_more, info.next_cursor), (vec![1, 2], false, None));
    }
}
