//! Comments of a queue that say something. No index knows what comments say, so that nothing has to be taken out of one
//! when they are erased: the queue is walked along its own index, a page no further than so many comments, and each is
//! read.

use super::model::QueueSort;
use super::store::{self, QueueText, QueuedComment, ScopedQueueFilter};
use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::db::fulltext::{FulltextQuery, FulltextTerm};
use crate::base::error::Result;
use crate::base::ids::CommentId;
use crate::base::limits;
use crate::search::matching::TextWords;
use crate::search::stem::SearchLanguage;

/// Comments that are read in one step.
const COMMENTS_PER_STEP: usize = 500;

/// Comments that match, in the order of their queue.
pub(super) struct QueueMatches {
    pub queued: Vec<QueuedComment>,
    /// The last one that was looked at, where the way ended before the queue did.
    pub unfinished: Option<(Time, CommentId)>,
}

/// Finds up to `limit` comments of a queue that match, starting after `after`.
pub(super) fn find(
    conn: &mut Conn,
    which: &ScopedQueueFilter,
    (sort, after): (QueueSort, Option<(Time, CommentId)>),
    wanted: &FulltextQuery,
    limit: usize,
) -> Result<QueueMatches> {
    let (mut found, mut examined, mut at) = (Vec::new(), 0, after);
    let step = i64::try_from(COMMENTS_PER_STEP).unwrap_or(i64::MAX);
    let mut is_over = false;
    while !is_over && found.len() < limit && examined < limits::SEARCH_EXAMINED {
        let texts = store::queue_texts(conn, which, sort, at, step)?;
        is_over = texts.len() < COMMENTS_PER_STEP;
        examined += texts.len();
        at = texts.last().map(|text| (text.created_at, text.id)).or(at);
        found.extend(texts.iter().filter(|text| matches(text, wanted)).map(|text| text.id));
    }
    let unfinished = at.filter(|_| !is_over && found.len() < limit);
    found.truncate(limit);
    let mut queued = store::get_many_queued(conn, &found)?;
    if sort == QueueSort::NewestFirst {
        queued.reverse();
    }
    Ok(QueueMatches { queued, unfinished })
}

/// Whether a comment says what is looked for, or its author's name does: read in the language of its article.
fn matches(text: &QueueText, wanted: &FulltextQuery) -> bool {
    let language = SearchLanguage::of(&text.locale);
    let said = [&text.author_name, &text.body].map(|text| TextWords::of(text, language));
    let is_said = |any: &Vec<FulltextTerm>| said.iter().any(|words| words.hold(any));
    wanted.all.iter().all(is_said) && !wanted.none.iter().any(is_said)
}
