//! Discussions as a newspaper has them: three comments an article on the average, but none on most articles and hundreds
//! on a few. About half of them answer another. Most are shown at once; a few the house rejected or took for spam, a few
//! their authors took back. On the newest articles some wait.

use super::texts::{SeededRandom, paragraph, pick};
use super::words::READERS;
use crate::base::clock::Time;
use crate::base::ids::ArticleId;
use crate::base::secrets::sha256;
use crate::comments::model::{Comment, CommentState, thread_visibility};

/// Of a thousand articles: how many have how many comments, from and below.
const LENGTHS: [(usize, usize, usize); 5] = [(250, 1, 5), (110, 5, 14), (35, 15, 40), (3, 45, 105), (1, 105, 400)];

/// Of a hundred comments that were decided on: how many are not shown.
const HIDDEN: [(usize, CommentState); 3] = [
    (5, CommentState::Rejected),
    (3, CommentState::Spam),
    (1, CommentState::Deleted),
];

/// Levels of answers below the first comment of a thread.
const MAX_DEPTH: i32 = 3;

/// Articles, from the newest, on which comments still wait.
const ARTICLES_IN_QUEUE: usize = 200;

/// Readers who comment.
const COMMENTERS: usize = 20_000;

/// Makes discussions, article after article.
pub(super) struct Discussions {
    random: SeededRandom,
    now: Time,
    articles: usize,
}

impl Discussions {
    pub fn new(seed: u64, now: Time) -> Self {
        Self {
            random: SeededRandom(seed),
            now,
            articles: 0,
        }
    }

    /// The comments on the next article, the oldest first.
    pub fn on(&mut self, article: ArticleId, published_at: Time) -> Vec<Comment> {
        self.articles += 1;
        let mut comments: Vec<Comment> = Vec::new();
        let mut at = published_at;
        for _ in 0..self.length() {
            at = at
                .plus_seconds(30 + i64::try_from(self.random.below(1_800)).unwrap_or(0))
                .min(self.now);
            let comment = self.comment(article, at, &comments);
            comments.push(comment);
        }
        let states: Vec<_> = comments.iter().map(|one| (one.id, one.parent_id, one.state)).collect();
        let visible = thread_visibility(&states);
        for comment in &mut comments {
            comment.is_visible = visible.get(&comment.id).copied().unwrap_or(false);
        }
        comments
    }

    fn length(&mut self) -> usize {
        let mut drawn = self.random.below(1_000);
        for (share, from, below) in LENGTHS {
            if drawn < share {
                return from + self.random.below(below - from);
            }
            drawn -= share;
        }
        0
    }

    /// A comment on an article, to which these were written before.
    fn comment(&mut self, article: ArticleId, at: Time, before: &[Comment]) -> Comment {
        let length = 40 + self.random.below(260);
        let body = paragraph(&mut self.random, length);
        // Of two, the lower number: some readers comment often.
        let reader = self.random.below(COMMENTERS).min(self.random.below(COMMENTERS));
        let name = format!("{} {}", pick(&mut self.random, READERS), reader % 97);
        let mut comment = Comment::new(article, name, body, at);
        comment.reader_digest = Some(sha256(format!("reader {reader} of the archive").as_bytes()));
        comment.state = self.state();
        if matches!(comment.state, CommentState::Rejected | CommentState::Spam) {
            comment.decided_at = Some(at.plus_seconds(600).min(self.now));
        }
        if self.random.below(2) == 0
            && let Some(parent) = self.random.one_of(before).filter(|parent| may_be_answered(parent))
        {
            comment = comment.below(parent);
        }
        comment
    }

    fn state(&mut self) -> CommentState {
        if self.articles <= ARTICLES_IN_QUEUE && self.random.below(20) == 0 {
            return CommentState::Pending;
        }
        let mut drawn = self.random.below(100);
        for (share, state) in HIDDEN {
            if drawn < share {
                return state;
            }
            drawn -= share;
        }
        CommentState::Approved
    }
}

fn may_be_answered(comment: &Comment) -> bool {
    comment.state == CommentState::Approved && comment.depth < MAX_DEPTH
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lengths(articles: usize) -> Vec<usize> {
        let mut discussions = Discussions::new(7, Time::parse("2026-11-23T08:00:00Z").unwrap());
        (0..articles).map(|_| discussions.length()).collect()
    }

    #[test]
    fn there_are_three_comments_an_article_none_on_most_and_hundreds_on_a_few() {
        let lengths = lengths(20_000);
        let all: usize = lengths.iter().sum();
        assert!((55_000..65_000).contains(&all), "{all}");
        assert!(lengths.iter().filter(|length| **length == 0).count() > 10_000);
        assert!(lengths.iter().any(|length| *length > 200));
    }

    #[test]
    fn answers_stand_below_what_is_shown_and_nothing_is_shown_below_what_is_hidden() {
        let now = Time::parse("2026-11-23T08:00:00Z").unwrap();
        let mut discussions = Discussions::new(7, now);
        let mut answers = 0;
        for _ in 0..500 {
            let comments = discussions.on(ArticleId::new(), now.plus_seconds(-100_000));
            for comment in &comments {
                let parent = comments.iter().find(|one| Some(one.id) == comment.parent_id);
                assert_eq!(parent.is_some(), comment.depth > 0);
                assert!(comment.created_at <= now && comment.depth <= MAX_DEPTH);
                if let Some(parent) = parent {
                    answers += 1;
                    assert_eq!(comment.root_id, parent.root_id);
                    assert!(parent.created_at <= comment.created_at && (parent.is_visible || !comment.is_visible));
                }
            }
        }
        assert!(answers > 300, "{answers}");
    }
}
