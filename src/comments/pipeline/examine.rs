//! The two halves of an examination: before the write what takes time ([`PreparedText`]), inside it what must be true
//! at that moment ([`examine`]).

use std::sync::Arc;

use chrono_tz::Tz;

use super::{Submission, facts};
use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::db::dialect::lock_name;
use crate::base::error::Result;
use crate::base::http::client::{Network, Reader};
use crate::base::ids::{ArticleId, CommentId};
use crate::base::metrics::Metrics;
use crate::base::secrets::{KeyPurpose, Secrets};
use crate::comments::captcha::CaptchaCheck;
use crate::comments::identity::{CommentAuthor, HashKeys, SanctionTarget};
use crate::comments::markup::{self, Link};
use crate::comments::model::{Comment, body_digest};
use crate::comments::names::{HouseNameCache, HouseNames};
use crate::comments::pipeline::PipelineOutcome;
use crate::comments::pipeline::facts::PastCommentsQuery;
use crate::comments::spam::model::SpamScore;
use crate::comments::words::WordLists;
use crate::comments::words::model::{MatchedWord, WordMatcher};
use crate::comments::{sanctions, spam};
use crate::published::Discussion;
use crate::site::frame::FrameCache;
use crate::site::sections::SectionTree;

/// What a comment is examined with.
#[derive(Clone)]
pub struct Examiner {
    /// Settings and sections.
    pub frames: FrameCache,
    /// The key of hashes and form tokens.
    pub secrets: Secrets,
    /// The newsroom's words.
    pub word_lists: WordLists,
    /// The names of the house.
    pub house_names: HouseNameCache,
    /// Where rejected comments are counted.
    pub metrics: Metrics,
}

impl Examiner {
    /// When a form was asked for, by its token.
    pub fn opened_at(&self, token: &str) -> Option<Time> {
        let bytes = self.secrets.verify(KeyPurpose::FormTokens, token)?;
        Time::from_millis(i64::from_be_bytes(bytes.try_into().ok()?))
    }

    /// What a text in a language is looked at with.
    pub fn text_checks(&self, conn: &mut Conn, author_name: &str, body: &str, locale: String) -> Result<TextChecks> {
        Ok(TextChecks {
            matcher: self.word_lists.current(conn)?,
            names: self.house_names.current(conn)?,
            spam: spam::store::load(conn, body, author_name)?.score(body, author_name),
            locale,
        })
    }

    /// The author, by what their request says.
    ///
    /// # Errors
    /// 500 when no key can be derived.
    pub fn author(
        &self,
        keys: &HashKeys,
        reader: Option<&Reader>,
        email: Option<&str>,
        network: Network,
    ) -> Result<CommentAuthor> {
        let hashes = |target, value: &str| keys.hashes(&self.secrets, target, value);
        Ok(CommentAuthor {
            reader: reader.map(|reader| reader.digest.clone()),
            emails: email.map_or(Ok(Vec::new()), |email| hashes(SanctionTarget::Email, email))?,
            networks: hashes(SanctionTarget::Network, &network.to_string())?,
            account: None,
        })
    }
}

/// What a text is looked at with, read before the write.
#[derive(Debug)]
pub struct TextChecks {
    matcher: Arc<WordMatcher>,
    names: Arc<HouseNames>,
    spam: Option<SpamScore>,
    locale: String,
}

/// A text as it was sent, with what can be found out about it without the database.
#[derive(Clone, Debug)]
pub struct PreparedText {
    /// The author's name.
    pub author_name: String,
    /// The comment.
    pub body: String,
    /// The comment as safe HTML.
    pub body_html: String,
    /// The digest of what it says.
    pub body_digest: String,
    borrowed_name: Option<String>,
    links: Vec<Link>,
    words_in_body: Vec<MatchedWord>,
    words_in_name: Vec<MatchedWord>,
    spam: Option<SpamScore>,
}

impl PreparedText {
    /// Looks at a text: its markup, its links, its author's name, the words of the newsroom's lists.
    pub fn new(author_name: String, body: String, checks: TextChecks) -> Self {
        let (matcher, locale) = (checks.matcher, Some(checks.locale.as_str()));
        Self {
            spam: checks.spam,
            borrowed_name: checks.names.borrowed(&author_name).map(str::to_owned),
            body_html: markup::render(&body),
            body_digest: body_digest(&body),
            links: markup::links(&body),
            words_in_body: matcher.matches_beside(&body, &markup::addresses(&body), locale),
            words_in_name: matcher.matches(&author_name, locale),
            author_name,
            body,
        }
    }

    /// Puts the text into a comment.
    #[must_use]
    pub fn into_comment(self, comment: Comment) -> Comment {
        Comment {
            author_name: self.author_name,
            body: self.body,
            body_html: Some(self.body_html),
            body_digest: Some(self.body_digest),
            spam_score: self.spam.map(|score| score.probability),
            ..comment
        }
    }
}

/// How a comment came.
#[derive(Clone, Debug)]
pub struct SubmissionContext {
    /// What came of the captcha.
    pub captcha: CaptchaCheck,
    /// What was in the trap for robots.
    pub honeypot: String,
    /// When the form was asked for.
    pub form_opened_at: Option<Time>,
    /// Whether its author was nudged before.
    pub is_confirmed: bool,
    /// The comment that is changed; `None` for a new one.
    pub changes: Option<CommentId>,
}

impl SubmissionContext {
    /// The context of a change: its author changes a comment that was taken.
    pub fn of_change(comment: CommentId, is_confirmed: bool) -> Self {
        Self {
            captcha: CaptchaCheck::NotAsked,
            honeypot: String::new(),
            form_opened_at: None,
            is_confirmed,
            changes: Some(comment),
        }
    }
}

/// Where a comment is sent to.
#[derive(Clone, Copy)]
pub struct CommentPlace<'p> {
    /// The article.
    pub article: ArticleId,
    /// The comment that it replies to.
    pub parent: Option<CommentId>,
    /// Its discussion.
    pub discussion: &'p Discussion,
    /// The sections.
    pub tree: &'p SectionTree,
    /// The newsroom's time zone.
    pub zone: Tz,
}

/// Runs the phases. Call it inside the write.
///
/// # Errors
/// The answer to the author, from the phase that rejects or nudges; the database's errors.
pub fn examine(
    conn: &mut Conn,
    place: CommentPlace<'_>,
    prepared: &PreparedText,
    how: &SubmissionContext,
    author: &CommentAuthor,
    now: Time,
) -> Result<PipelineOutcome> {
    // When the same text, or two by the same reader, come at once, the second waits and then sees the first.
    lock_name(conn, &format!("comment {}", prepared.body_digest))?;
    if let Some(reader) = &author.reader {
        lock_name(conn, &format!("reader {reader}"))?;
    }
    let sent = PastCommentsQuery {
        article: place.article,
        parent: place.parent,
        author_name: &prepared.author_name,
        digest: &prepared.body_digest,
        own: how.changes,
        history_days: place.discussion.policy.history_days,
    };
    let past = facts::past_comments(conn, author, &sent, now)?;
    let section = place.discussion.section_id;
    let lineage: Vec<_> = place
        .tree
        .lineage(section)
        .into_iter()
        .map(|section| section.id)
        .collect();
    super::run(&Submission {
        author_name: prepared.author_name.clone(),
        body: prepared.body.clone(),
        borrowed_name: prepared.borrowed_name.clone(),
        links: prepared.links.clone(),
        words_in_body: prepared.words_in_body.clone(),
        words_in_name: prepared.words_in_name.clone(),
        captcha: how.captcha.clone(),
        honeypot: how.honeypot.clone(),
        form_opened_at: how.form_opened_at,
        is_confirmed: how.is_confirmed,
        is_edit: how.changes.is_some(),
        policy: place.discussion.policy,
        zone: place.zone,
        published_at: place.discussion.published_at,
        sanctions: sanctions::store::in_force(conn, &author.keys(), &lineage, now)?,
        past,
        spam: prepared.spam.clone(),
        now,
    })
}
