//! Comments with their threads. One that was imported is never touched again: moderators here have the last word.

use std::collections::{BTreeSet, HashMap, HashSet};

use diesel::prelude::*;

use super::order::parents_first;
use super::prepare::past;
use super::repair;
use super::text::{comment_body, has_email, label};
use crate::articles::model::ArticleState;
use crate::base::clock::Time;
use crate::base::db::dialect::{LockableRow, lock_all};
use crate::base::db::schema::articles;
use crate::base::db::{Conn, Db};
use crate::base::error::Result;
use crate::base::ids::{ArticleId, CommentId};
use crate::base::limits;
use crate::base::secrets::Secrets;
use crate::comments::identity::{HashKeys, SanctionTarget, hash};
use crate::comments::model::{Comment, CommentState, thread_visibility};
use crate::comments::store;
use crate::import::run::prepare::ImportRules;
use crate::import::run::report::{CountedKind, ImportOutcome, ImportReport, ReportList};
use crate::import::run::survey::WxrSurvey;
use crate::import::store as imports;
use crate::import::store::{ImportedItem, SourceItemKind};
use crate::import::wxr::{self, WxrItem};
use crate::published::press;
use crate::site::comment_policy::MAX_DEPTH;

/// The author's name, where the file has none that readers may see.
pub(super) const ANONYMOUS: &str = "Anonyme";
/// What the report says about answers to a comment that is not there.
const PARENT_NOT_IMPORTED: &str = "answers to comments that are not imported: put at the top";
/// The author's name, where it was somebody of the newsroom whose name is not public.
const NEWSROOM_NAME: &str = "Rédaction";

/// A comment, ready to be written.
#[derive(Clone, Debug)]
pub(super) struct CommentSeed {
    pub(super) article: ArticleId,
    pub(super) number: String,
    /// The comment that it answers, if that is kept too.
    pub(super) parent: Option<String>,
    pub(super) state: CommentState,
    pub(super) author: String,
    pub(super) body: String,
    pub(super) email: Option<(String, i32)>,
    pub(super) created_at: Time,
}

/// How the comments of an item are known again: by their numbers, and by their post's too where a number is that of
/// another post's comment, as in exports that were merged.
pub(super) struct CommentKeys {
    pub(super) post: String,
    pub(super) taken: HashSet<i64>,
}

impl CommentKeys {
    pub(super) fn of(&self, number: i64) -> String {
        if self.taken.contains(&number) {
            format!("{number}-of-{}", self.post)
        } else {
            number.to_string()
        }
    }
}

/// How e-mail addresses are hashed, so that people who commented elsewhere can have their comments erased here.
#[derive(Default)]
pub(super) struct EmailHasher(Option<(Secrets, i32)>);

impl EmailHasher {
    pub(super) fn load(db: &Db, secrets: Option<&Secrets>) -> Result<Self> {
        let Some(secrets) = secrets else {
            return Ok(Self::default());
        };
        let key = db.read_blocking(|conn| Ok(HashKeys::load(conn)?.newest()))?;
        Ok(Self(Some((secrets.clone(), key))))
    }

    /// The hash of an address, and the number of its key; none where it is no address.
    pub(super) fn hash(&self, email: &str) -> Option<(String, i32)> {
        let (secrets, key) = self.0.as_ref()?;
        let is_email = email.len() <= limits::EMAIL && has_email(email) && !email.contains(char::is_whitespace);
        let hash = hash(secrets, *key, SanctionTarget::Email, email)
            .ok()
            .filter(|_| is_email);
        hash.map(|hash| (hash, *key))
    }
}

/// The comments of an item that are kept and not imported yet, each after the one that it answers.
pub(super) fn comment_seeds(
    item: &WxrItem,
    (article, keys): (ArticleId, &CommentKeys),
    is_known: &dyn Fn(&str) -> bool,
    survey: &WxrSurvey,
    rules: &ImportRules,
    report: &mut ImportReport,
) -> Vec<CommentSeed> {
    let mut kept: Vec<(&wxr::WxrComment, CommentState)> = Vec::new();
    for comment in &item.comments {
        match state(comment) {
            Ok(state) => kept.push((comment, state)),
            Err(why) => report.skip(CountedKind::Comments, why),
        }
    }
    let index: HashMap<i64, usize> = kept
        .iter()
        .enumerate()
        .map(|(at, (comment, _))| (comment.comment_id, at))
        .collect();
    let parent_of = |at: usize| {
        kept.get(at)
            .and_then(|(comment, _)| index.get(&comment.parent).copied())
    };
    let mut seeds = Vec::new();
    for (at, above) in parents_first(kept.len(), parent_of) {
        let Some((comment, state)) = kept.get(at).copied() else {
            continue;
        };
        let number = keys.of(comment.comment_id);
        if is_known(&number) {
            report.count(CountedKind::Comments, ImportOutcome::Unchanged);
            continue;
        }
        if above.is_none() && comment.parent > 0 {
            report.note(ReportList::Decided, PARENT_NOT_IMPORTED, 1);
        }
        let parent = above.and_then(|above| Some(keys.of(kept.get(above)?.0.comment_id)));
        let Some(body) = body(comment, report) else { continue };
        let author = author(comment, survey, report);
        if comment.author_url.is_some() {
            report.note(ReportList::Decided, "web addresses of commenters: left out", 1);
        }
        seeds.push(CommentSeed {
            article,
            number,
            parent,
            state,
            author,
            body,
            email: rules.emails.hash(&comment.author_email.0),
            created_at: past(comment.gmt_or_local(), rules),
        });
    }
    seeds
}

fn state(comment: &wxr::WxrComment) -> std::result::Result<CommentState, &'static str> {
    match (comment.kind.as_str(), comment.approved.as_str()) {
        ("pingback" | "trackback", _) => Err("pingbacks and trackbacks"),
        ("" | "comment", "1") => Ok(CommentState::Approved),
        ("" | "comment", "0") => Ok(CommentState::Pending),
        ("" | "comment", "spam") => Ok(CommentState::Spam),
        ("" | "comment", "trash" | "post-trashed") => Err("comments in the trash"),
        ("" | "comment", _) => Err("comments in a state of a plugin"),
        _ => Err("comments of a plugin's kind"),
    }
}

fn body(seed: &wxr::WxrComment, report: &mut ImportReport) -> Option<String> {
    let (body, is_cut) = comment_body(&repair::html(&seed.content, report));
    if is_cut {
        report.note(ReportList::Decided, "comments longer than 5000 characters: cut", 1);
    }
    if body.is_empty() {
        report.skip(CountedKind::Comments, "comments without a text");
    }
    (!body.is_empty()).then_some(body)
}

fn author(comment: &wxr::WxrComment, survey: &WxrSurvey, report: &mut ImportReport) -> String {
    if let Some(name) = survey.authors.user_name(comment.user_id) {
        return name.unwrap_or(NEWSROOM_NAME).to_owned();
    }
    let name = label(&repair::html(&comment.author, report), limits::NAME);
    if let Some(name) = name.filter(|name| !has_email(name) && !survey.authors.is_login(name)) {
        return name;
    }
    report.note(
        ReportList::Decided,
        "comments without a name, or with a login or an e-mail address for one: « Anonyme »",
        1,
    );
    ANONYMOUS.to_owned()
}

/// The place of a comment in its thread.
#[derive(Clone, Copy)]
struct ThreadNode {
    id: CommentId,
    article: ArticleId,
    parent: Option<CommentId>,
    root: CommentId,
    depth: i32,
}

impl ThreadNode {
    fn of(comment: &Comment) -> Self {
        Self {
            id: comment.id,
            article: comment.article_id,
            parent: comment.parent_id,
            root: comment.root_id,
            depth: comment.depth,
        }
    }
}

/// Writes comments in the transaction at hand.
pub(super) fn write_all(conn: &mut Conn, source: &str, seeds: &[CommentSeed], now: Time) -> Result<ImportReport> {
    let mut report = ImportReport::default();
    let articles = lock_articles(conn, seeds)?;
    let (known, mut places) = known_places(conn, source, seeds)?;
    let (mut new, mut rows) = (Vec::new(), Vec::new());
    for seed in seeds {
        if places.contains_key(&seed.number) || known.contains(&seed.number) {
            report.count(CountedKind::Comments, ImportOutcome::Unchanged);
            continue;
        }
        if !articles.contains(&seed.article) {
            report.skip(
                CountedKind::Comments,
                "comments on what is deleted or in the trash here",
            );
            continue;
        }
        let above = seed
            .parent
            .as_ref()
            .and_then(|parent| places.get(parent))
            .filter(|place| place.article == seed.article);
        if above.is_none() && seed.parent.is_some() {
            report.note(ReportList::Decided, PARENT_NOT_IMPORTED, 1);
        }
        let comment = new_comment(seed, above.copied(), &mut report);
        let row = ImportedItem {
            target_id: comment.id.to_string(),
            digest: seed.state.as_str().to_owned(),
            version: 1,
        };
        rows.push((seed.number.as_str(), row));
        places.insert(seed.number.clone(), ThreadNode::of(&comment));
        report.count(CountedKind::Comments, ImportOutcome::Imported);
        new.push(comment);
    }
    imports::put_new(conn, source, SourceItemKind::Comment, &rows, now)?;
    insert(conn, new)?;
    Ok(report)
}

/// Adds comments, each after the one that it answers: in a few statements those of threads that begin among them.
fn insert(conn: &mut Conn, new: Vec<Comment>) -> Result<()> {
    let begun: HashSet<CommentId> = new.iter().map(|comment| comment.id).collect();
    let (mut settled, others): (Vec<Comment>, Vec<Comment>) =
        new.into_iter().partition(|comment| begun.contains(&comment.root_id));
    let states: Vec<_> = settled.iter().map(|one| (one.id, one.parent_id, one.state)).collect();
    let visible = thread_visibility(&states);
    for comment in &mut settled {
        comment.is_visible = visible.get(&comment.id).copied().unwrap_or(false);
    }
    store::insert_settled(conn, &settled)?;
    store::insert_all(conn, &others)
}

/// Locks the articles; those that are there and not in the trash.
fn lock_articles(conn: &mut Conn, seeds: &[CommentSeed]) -> Result<BTreeSet<ArticleId>> {
    // Pressing locks many articles too, in another order: under one lock, the two cannot block each other.
    press::lock_presses(conn)?;
    let ids: BTreeSet<ArticleId> = seeds.iter().map(|seed| seed.article).collect();
    let names: Vec<String> = ids.iter().map(ToString::to_string).collect();
    lock_all(conn, LockableRow::Article, &names)?;
    let there: Vec<ArticleId> = articles::table
        .filter(articles::id.eq_any(ids.into_iter().collect::<Vec<_>>()))
        .filter(articles::state.ne(ArticleState::Trashed))
        .select(articles::id)
        .load(conn)?;
    Ok(there.into_iter().collect())
}

/// Of these comments and those that they answer: the numbers that an earlier run brought, and the places of those that
/// are still here, by number.
fn known_places(
    conn: &mut Conn,
    source: &str,
    seeds: &[CommentSeed],
) -> Result<(HashSet<String>, HashMap<String, ThreadNode>)> {
    let numbers: BTreeSet<&String> = seeds
        .iter()
        .flat_map(|seed| seed.parent.iter().chain([&seed.number]))
        .collect();
    let numbers: Vec<String> = numbers.into_iter().cloned().collect();
    let rows = imports::find_many(conn, source, SourceItemKind::Comment, &numbers)?;
    let ids: Vec<CommentId> = rows
        .values()
        .filter_map(|row| CommentId::parse(&row.target_id))
        .collect();
    let by_id: HashMap<String, ThreadNode> = store::get_many(conn, &ids)?
        .iter()
        .map(|comment| (comment.id.to_string(), ThreadNode::of(comment)))
        .collect();
    let known = rows.keys().cloned().collect();
    let places = rows
        .into_iter()
        .filter_map(|(number, row)| Some((number, *by_id.get(&row.target_id)?)));
    Ok((known, places.collect()))
}

fn new_comment(seed: &CommentSeed, above: Option<ThreadNode>, report: &mut ImportReport) -> Comment {
    let mut comment = Comment::new(seed.article, seed.author.clone(), seed.body.clone(), seed.created_at);
    comment.state = seed.state;
    if let Some((hash, key)) = &seed.email {
        (comment.email_hash, comment.hash_key) = (Some(hash.clone()), Some(*key));
    }
    if seed.state == CommentState::Deleted {
        comment.body_digest = None;
    }
    match above {
        None => {}
        Some(above) if above.depth < MAX_DEPTH => {
            (comment.parent_id, comment.root_id, comment.depth) = (Some(above.id), above.root, above.depth + 1);
        }
        Some(above) => {
            report.note(
                ReportList::Decided,
                "answers deeper than the last level: put beside what they answer",
                1,
            );
            (comment.parent_id, comment.root_id, comment.depth) = (above.parent, above.root, above.depth);
        }
    }
    comment
}
