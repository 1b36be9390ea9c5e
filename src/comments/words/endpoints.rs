//! Word lists at the moderators' desk: list, make, read, change, delete, and try them on a text.

use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, delete, get, patch, post};
use serde::Serialize;
use utoipa::ToSchema;

use super::WordListId;
use super::input::{NewWordList, TestWordListsRequest, WordListPatch};
use super::model::WordListKind;
use super::store::{self, WordList, WordLists};
use crate::access::audit::TargetKind;
use crate::access::auth::{Desk, Permission, may};
use crate::access::change_log::EditableKind;
use crate::access::editing::{Editable, check_version, record_deletion, record_edit, record_new};
use crate::base::clock::Time;
use crate::base::error::Result;
use crate::base::http::body::Body;
use crate::base::http::conditional::{IfMatch, created, versioned};
use crate::base::http::page::{CursorBinding, PageRequest};
use crate::base::http::path::PathId;
use crate::base::http::query::{NoParams, Params};
use crate::base::http::query_type::word_param;
use crate::base::limits;
use crate::base::secrets::Secrets;
use crate::comments::markup;
use crate::comments::words::model::MatchedWord;
use crate::comments::words::store::WordListHeader;
use crate::{list_type, query_type};

/// A word list.
#[derive(Serialize, ToSchema)]
pub struct WordListView {
    /// The list's id.
    pub id: WordListId,
    /// What moderators call it.
    pub name: String,
    /// What becomes of a comment in which one of its words stands.
    pub kind: WordListKind,
    /// Only for comments in this language; null for all.
    pub locale: Option<String>,
    /// Whether it is used.
    pub is_active: bool,
    /// Words and phrases; `*` behind one is the rest of a word.
    pub entries: Vec<String>,
    /// What is not meant by them.
    pub exceptions: Vec<String>,
    /// Counts changes; the ETag is made of it.
    pub version: i64,
    /// When it was made.
    pub created_at: Time,
    /// When it was changed last.
    pub updated_at: Time,
}

impl WordListView {
    fn new(list: WordList) -> Result<Self> {
        let (entries, exceptions) = list.words()?;
        Ok(Self {
            id: list.id,
            name: list.name,
            kind: list.kind,
            locale: list.locale,
            is_active: list.is_active,
            entries,
            exceptions,
            version: list.version,
            created_at: list.created_at,
            updated_at: list.updated_at,
        })
    }
}

/// A word list without its words.
#[derive(Serialize, ToSchema)]
pub struct WordListSummary {
    /// The list's id.
    pub id: WordListId,
    /// What moderators call it.
    pub name: String,
    /// What becomes of a comment in which one of its words stands.
    pub kind: WordListKind,
    /// Only for comments in this language; null for all.
    pub locale: Option<String>,
    /// Whether it is used.
    pub is_active: bool,
    /// How many entries it has.
    #[schema(minimum = 0, maximum = 5000)]
    pub entry_count: i32,
    /// Counts changes.
    pub version: i64,
    /// When it was made.
    pub created_at: Time,
    /// When it was changed last.
    pub updated_at: Time,
}

impl From<WordListHeader> for WordListSummary {
    fn from(list: WordListHeader) -> Self {
        Self {
            id: list.id,
            name: list.name,
            kind: list.kind,
            locale: list.locale,
            is_active: list.is_active,
            entry_count: list.entry_count,
            version: list.version,
            created_at: list.created_at,
            updated_at: list.updated_at,
        }
    }
}

list_type! {
    /// A page of word lists, in the order of their names.
    WordListSummaryList {
        /// The lists.
        items: Vec<WordListSummary>,
    }
}

/// A word that stands in a text.
#[derive(Serialize, ToSchema)]
pub struct WordMatch {
    /// The list that has it.
    pub list_id: WordListId,
    /// What moderators call the list.
    pub list_name: String,
    /// What becomes of a comment in which it stands.
    pub kind: WordListKind,
    /// The entry, as it is written on the list.
    pub entry: String,
    /// Its first character in the text as it was sent, trimmed: counted in Unicode scalar values, from 0.
    #[schema(minimum = 0, maximum = 5000)]
    pub start: i32,
    /// Behind its last character.
    #[schema(minimum = 0, maximum = 5000)]
    pub end: i32,
    /// What stands there.
    pub text: String,
}

/// The words that stand in a text, in its order.
#[derive(Serialize, ToSchema)]
pub struct WordMatches {
    /// The first 500 of them.
    pub matches: Vec<WordMatch>,
}

query_type! {
    /// Which lists.
    #[derive(Debug)]
    pub struct ListWordLists {
        /// Only lists of this kind.
        pub kind: WordListKind = optional(word_param()),
        page: PageRequest = part(),
    }
}

/// List word lists.
///
/// Every list in the order of its name, accents and case aside, without its words.
#[utoipa::path(tag = "moderation", operation_id = "listWordLists", params(ListWordLists, PageRequest),
    responses((status = 200, description = "A page of word lists.", body = WordListSummaryList)))]
#[get("/v1/editorial/word-lists")]
pub async fn list_word_lists(
    secrets: Data<Secrets>,
    desk: Desk<may::ManageWordLists>,
    params: Params<ListWordLists>,
) -> Result<WordListSummaryList> {
    let ListWordLists { kind, page } = params.0;
    let binding = CursorBinding::new("word-lists", &kind);
    let after = page.after::<2>(&secrets, &binding)?;
    let fetch = page.fetch();
    let lists = desk.read(move |conn, _| store::list(conn, kind, after, fetch)).await?;
    let (lists, page) = page.finish(lists, &secrets, &binding, |list| {
        [list.sort_key.clone(), list.id.to_string()]
    })?;
    Ok(WordListSummaryList {
        items: lists.into_iter().map(WordListSummary::from).collect(),
        page,
    })
}

/// Create a word list.
///
/// Takes effect with the next comment. Needs a site-wide grant to moderate.
#[utoipa::path(tag = "moderation", operation_id = "createWordList", request_body = NewWordList,
    responses((status = 201, description = "The word list.", body = WordListView, headers(("ETag")))))]
#[post("/v1/editorial/word-lists")]
pub async fn create_word_list(desk: Desk<may::ManageWordLists>, body: Body<NewWordList>) -> Result<HttpResponse> {
    let (now, new) = (desk.now(), body.value);
    desk.actor.check_everywhere(Permission::ManageWordLists)?;
    let id = WordListId::new();
    let mut list = WordList {
        id,
        name: new.name,
        sort_key: String::new(),
        kind: new.kind,
        locale: new.locale,
        is_active: new.is_active,
        entries: String::new(),
        exceptions: String::new(),
        entry_count: 0,
        version: 1,
        created_at: now,
        updated_at: now,
    };
    list.set_words(&new.entries, &new.exceptions)?;
    let inserted = list.clone();
    desk.write(move |conn, desk| {
        store::insert(conn, &inserted)?;
        record_new(conn, desk, &inserted, &["name", "kind", "entries"])?;
        store::raise_generation(conn)
    })
    .await?;
    let view = WordListView::new(list)?;
    Ok(created(&format!("/v1/editorial/word-lists/{id}"), 1, &view))
}

/// Read a word list.
///
/// The list with its words, and its ETag for changing it.
#[utoipa::path(tag = "moderation", operation_id = "getWordList",
    responses((status = 200, description = "The word list.", body = WordListView, headers(("ETag")))))]
#[get("/v1/editorial/word-lists/{word_list_id}")]
pub async fn get_word_list(
    desk: Desk<may::ManageWordLists>,
    id: PathId<WordListId>,
    _: Params<NoParams>,
) -> Result<HttpResponse> {
    let list = desk.read(move |conn, _| store::get(conn, id.0)).await?;
    Ok(versioned(list.version, &WordListView::new(list)?))
}

/// The list after the change, and the names of what changed. The words are compared here: the row keeps them as JSON.
fn changed(patch: &WordListPatch, old: &WordList) -> Result<(WordList, Vec<&'static str>)> {
    let (mut list, mut changed) = patch.apply(old);
    let (entries, exceptions) = old.words()?;
    list.set_words(
        patch.entries.as_ref().unwrap_or(&entries),
        patch.exceptions.as_ref().unwrap_or(&exceptions),
    )?;
    let words = [
        ("entries", list.entries != old.entries),
        ("exceptions", list.exceptions != old.exceptions),
    ];
    changed.extend(words.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name));
    Ok((list, changed))
}

/// Change a word list.
///
/// Takes effect with the next comment. Needs a site-wide grant to moderate.
#[utoipa::path(tag = "moderation", operation_id = "updateWordList", params(IfMatch), request_body = WordListPatch,
    responses((status = 200, description = "The word list.", body = WordListView)))]
#[patch("/v1/editorial/word-lists/{word_list_id}")]
pub async fn update_word_list(
    desk: Desk<may::ManageWordLists>,
    id: PathId<WordListId>,
    if_match: IfMatch,
    body: Body<WordListPatch>,
) -> Result<HttpResponse> {
    let (patch, id) = (body.value, id.0);
    desk.actor.check_everywhere(Permission::ManageWordLists)?;
    let list = desk
        .write(move |conn, desk| {
            let old = store::get_locked(conn, id)?;
            check_version(conn, if_match, &old)?;
            let (mut list, changed) = changed(&patch, &old)?;
            if changed.is_empty() {
                return Ok(list);
            }
            list.version += 1;
            list.updated_at = desk.now;
            store::update(conn, &list)?;
            record_edit(conn, desk, &old, &list, &changed)?;
            store::raise_generation(conn)?;
            Ok(list)
        })
        .await?;
    Ok(versioned(list.version, &WordListView::new(list)?))
}

impl Editable for WordList {
    const KIND: EditableKind = EditableKind::WordList;
    const TARGET: TargetKind = TargetKind::WordList;

    fn id(&self) -> &str {
        self.id.as_str()
    }

    fn version(&self) -> i64 {
        self.version
    }

    fn shown(&self) -> Result<impl Serialize> {
        WordListView::new(self.clone())
    }
}

/// Delete a word list.
///
/// What it did to comments stays. Needs a site-wide grant to moderate.
#[utoipa::path(tag = "moderation", operation_id = "deleteWordList", params(IfMatch),
    responses((status = 204, description = "The word list is gone.")))]
#[delete("/v1/editorial/word-lists/{word_list_id}")]
pub async fn delete_word_list(
    desk: Desk<may::ManageWordLists>,
    id: PathId<WordListId>,
    if_match: IfMatch,
) -> Result<HttpResponse> {
    let id = id.0;
    desk.actor.check_everywhere(Permission::ManageWordLists)?;
    desk.write(move |conn, desk| {
        let list = store::get_locked(conn, id)?;
        check_version(conn, if_match, &list)?;
        store::delete(conn, id)?;
        record_deletion(conn, desk, &list)?;
        store::raise_generation(conn)
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Test the word lists.
///
/// Which words of the active lists stand in a text, and where; nothing is stored. In web addresses only entries that are
/// written as addresses are found. Positions count Unicode
/// scalar values of the text as it is kept: in NFC, with `\n` line ends, without white space around it.
#[utoipa::path(tag = "moderation", operation_id = "testWordLists", request_body = TestWordListsRequest,
    responses((status = 200, description = "The words that stand in it.", body = WordMatches)))]
#[post("/v1/editorial/word-lists/test")]
pub async fn test_word_lists(
    word_lists: Data<WordLists>,
    desk: Desk<may::ManageWordLists>,
    body: Body<TestWordListsRequest>,
) -> Result<Json<WordMatches>> {
    let asked = body.value;
    let matches = desk
        .read(move |conn, _| {
            let (addresses, locale) = (markup::addresses(&asked.text), asked.locale.as_deref());
            let found = word_lists
                .current(conn)?
                .matches_beside(&asked.text, &addresses, locale);
            let names = store::names(conn)?;
            let view = |found: &MatchedWord| WordMatch {
                list_id: found.list_id,
                list_name: names
                    .iter()
                    .find(|(id, _)| *id == found.list_id)
                    .map_or_else(String::new, |(_, name)| name.clone()),
                kind: found.kind,
                entry: found.entry.to_string(),
                start: i32::try_from(found.start).unwrap_or(i32::MAX),
                end: i32::try_from(found.end).unwrap_or(i32::MAX),
                text: asked
                    .text
                    .chars()
                    .skip(found.start)
                    .take(found.end - found.start)
                    .collect(),
            };
            Ok(found.iter().take(limits::WORD_MATCHES).map(view).collect())
        })
        .await?;
    Ok(Json(WordMatches { matches }))
}
