//! The phases, in their order. Each looks at the submission and at nothing else.

use super::Submission;
use crate::base::error::{Code, Error, FieldCode, FieldError};
use crate::comments::captcha::CaptchaCheck;
use crate::comments::identity::SanctionKind;
use crate::comments::markup;
use crate::comments::model::{CommentText, Matched};
use crate::comments::pipeline::{HoldQueue, PhaseOutcome, Repetition};
use crate::comments::sanctions::model::Sanction;
use crate::comments::spam::model::HOLD_PROBABILITY;
use crate::comments::words::model::{MatchedWord, WordListKind};
use crate::site::comment_policy::CommentMode;

/// A phase and its name.
pub(super) struct Phase {
    /// As it is written in a verdict.
    pub name: &'static str,
    /// What it does.
    pub run: fn(&Submission) -> PhaseOutcome,
}

macro_rules! phases {
    ($($name:ident),* $(,)?) => {
        /// The phases in their order.
        pub(super) const PHASES: &[Phase] = &[$(Phase { name: stringify!($name), run: $name }),*];
    };
}

phases![
    length, open, sanitise, sanctions, rate, honeypot, captcha, duplicate, names, words, links, spam, history, mode,
];

/// Something that was measured, not found at a place.
fn measured(rule: &str, value: impl ToString) -> Matched {
    Matched {
        rule: rule.to_owned(),
        field: None,
        start: None,
        end: None,
        text: Some(value.to_string()),
    }
}

fn place(rule: &str, field: CommentText, text: &str, start: usize, end: usize) -> Matched {
    let chars = text.chars().skip(start).take(end.saturating_sub(start)).take(300);
    Matched {
        rule: rule.chars().take(300).collect(),
        field: Some(field),
        start: i32::try_from(start).ok(),
        end: i32::try_from(end).ok(),
        text: Some(chars.collect()),
    }
}

fn refuse(pointer: &str, code: FieldCode) -> PhaseOutcome {
    PhaseOutcome::Reject(Error::field(FieldError::new(pointer, code)))
}

/// The article's own limit; the general one was checked as the body was read.
fn length(s: &Submission) -> PhaseOutcome {
    let max = usize::try_from(s.policy.max_length).unwrap_or(0);
    if s.body.chars().count() <= max {
        return PhaseOutcome::Pass;
    }
    PhaseOutcome::Reject(Error::field(
        FieldError::new("/body", FieldCode::TooLong).with("max", max),
    ))
}

fn open(s: &Submission) -> PhaseOutcome {
    // What was taken may be changed though the article takes no new ones.
    if s.is_edit || s.policy.is_open(s.published_at, s.now) {
        PhaseOutcome::Pass
    } else {
        PhaseOutcome::Reject(Error::new(Code::CommentsClosed))
    }
}

/// Letters from which on a text in capitals is a shout.
const SHOUT_LETTERS: usize = 20;

/// The text must have something that can be seen, and should not shout.
fn sanitise(s: &Submission) -> PhaseOutcome {
    if markup::is_blank(&s.body) {
        return refuse("/body", FieldCode::CommentMissing);
    }
    let letters = s.body.chars().filter(|c| c.is_uppercase() || c.is_lowercase()).count();
    let capitals = s.body.chars().filter(|c| c.is_uppercase()).count();
    if letters < SHOUT_LETTERS || capitals * 10 < letters * 8 {
        return PhaseOutcome::Pass;
    }
    if s.is_confirmed {
        return PhaseOutcome::hold(
            "shouting",
            vec![measured("share_of_capitals", format!("{capitals}/{letters}"))],
        );
    }
    let error = FieldError::new("/body", FieldCode::Shouting);
    PhaseOutcome::Nudge(Error::field(error).extra("is_confirmable", true))
}

fn sanctions(s: &Submission) -> PhaseOutcome {
    let matched = |kind: SanctionKind| -> Vec<Matched> {
        let of_kind = s.sanctions.iter().filter(|sanction| sanction.kind == kind);
        of_kind
            .map(|sanction| measured(&format!("{kind}:{}", sanction.target), sanction.id))
            .collect()
    };
    let stops = |sanction: &&Sanction| matches!(sanction.kind, SanctionKind::Ban | SanctionKind::Suspend);
    if let Some(sanction) = s.sanctions.iter().find(stops) {
        return PhaseOutcome::Reject(match sanction.ends_at {
            Some(until) => Error::new(Code::AuthorSuspended)
                .with_moment("until", until, s.zone)
                .extra("until", until.to_string()),
            None => Error::new(Code::AuthorBanned),
        });
    }
    let shadow = matched(SanctionKind::Shadow);
    if !shadow.is_empty() {
        return PhaseOutcome::hold_as_spam("shadow", shadow);
    }
    let premoderate = matched(SanctionKind::Premoderate);
    if premoderate.is_empty() {
        PhaseOutcome::Pass
    } else {
        PhaseOutcome::hold("premoderated_author", premoderate)
    }
}

/// Comments of a reader within a minute, and within an hour.
pub(super) const PER_READER: [(i64, usize); 2] = [(60, 5), (3_600, 40)];
/// Comments of a network within ten minutes; beyond them the next ones are held and not refused, because many readers
/// may share it.
pub(super) const PER_NETWORK: i64 = 50;

fn rate(s: &Submission) -> PhaseOutcome {
    if s.is_edit {
        return PhaseOutcome::Pass;
    }
    for (seconds, most) in PER_READER {
        let Some(oldest) = s.past.sent_at.get(most - 1) else {
            continue;
        };
        let free_at = oldest.plus_seconds(seconds);
        if free_at > s.now {
            let wait = (free_at.millis() - s.now.millis() + 999) / 1_000;
            return PhaseOutcome::Reject(
                Error::new(Code::TooManyRequests)
                    .with("seconds", wait)
                    .header("Retry-After", wait),
            );
        }
    }
    if s.past.from_network >= PER_NETWORK {
        return PhaseOutcome::hold(
            "busy_network",
            vec![measured("comments_in_10_minutes", s.past.from_network)],
        );
    }
    PhaseOutcome::Pass
}

/// Seconds that a person needs at least between opening a form and sending it.
const FASTEST_SECONDS: i64 = 3;

/// The trap that a person does not see, and the time that a robot does not take.
fn honeypot(s: &Submission) -> PhaseOutcome {
    if !s.honeypot.is_empty() {
        let text: String = s.honeypot.chars().take(300).collect();
        return PhaseOutcome::hold_as_spam("honeypot", vec![measured("website", text)]);
    }
    match s.form_opened_at {
        Some(opened) if opened.plus_seconds(FASTEST_SECONDS) > s.now => {
            let taken = s.now.millis() - opened.millis();
            PhaseOutcome::hold("too_fast", vec![measured("milliseconds", taken)])
        }
        _ => PhaseOutcome::Pass,
    }
}

fn captcha(s: &Submission) -> PhaseOutcome {
    match &s.captcha {
        CaptchaCheck::Unavailable { reason } => {
            PhaseOutcome::hold("captcha_unavailable", vec![measured("provider", reason)])
        }
        check => check.refusal().map_or(PhaseOutcome::Pass, PhaseOutcome::Reject),
    }
}

/// Characters from which on the same text by somebody else is no coincidence.
const REPEATED_CHARS: usize = 40;

fn duplicate(s: &Submission) -> PhaseOutcome {
    match s.past.repeated {
        Repetition::Here => refuse("/body", FieldCode::DuplicateComment),
        Repetition::Elsewhere if s.body.chars().count() >= REPEATED_CHARS => {
            PhaseOutcome::hold("duplicate", vec![measured("same_text_within_24_hours", "")])
        }
        _ => PhaseOutcome::Pass,
    }
}

/// Many people share a name, so nobody is refused for one. A change is looked at again: what was harmless under the name
/// of the house need not stay so.
fn names(s: &Submission) -> PhaseOutcome {
    match &s.borrowed_name {
        Some(name) if s.policy.holds_borrowed_names => {
            let whole = s.author_name.chars().count();
            let found = place(name, CommentText::AuthorName, &s.author_name, 0, whole);
            PhaseOutcome::hold("borrowed_name", vec![found])
        }
        _ => PhaseOutcome::Pass,
    }
}

fn words(s: &Submission) -> PhaseOutcome {
    let banned = |found: &[MatchedWord]| found.iter().any(|found| found.kind == WordListKind::Banned);
    if banned(&s.words_in_name) {
        return refuse("/author_name", FieldCode::BannedWord);
    }
    if banned(&s.words_in_body) {
        return refuse("/body", FieldCode::BannedWord);
    }
    let in_body = s.words_in_body.iter().map(|found| (CommentText::Body, &s.body, found));
    let in_name = s
        .words_in_name
        .iter()
        .map(|found| (CommentText::AuthorName, &s.author_name, found));
    let matched: Vec<Matched> = in_body
        .chain(in_name)
        .take(100)
        .map(|(field, text, found)| place(&found.entry, field, text, found.start, found.end))
        .collect();
    if matched.is_empty() {
        PhaseOutcome::Pass
    } else {
        PhaseOutcome::hold("suspect_word", matched)
    }
}

fn links(s: &Submission) -> PhaseOutcome {
    if s.links.len() <= usize::try_from(s.policy.max_links).unwrap_or(0) {
        return PhaseOutcome::Pass;
    }
    let found = s.links.iter().take(100);
    let matched = found.map(|link| place(&link.url, CommentText::Body, &s.body, link.start, link.end));
    PhaseOutcome::hold("too_many_links", matched.collect())
}

fn spam(s: &Submission) -> PhaseOutcome {
    match &s.spam {
        Some(found) if found.probability >= HOLD_PROBABILITY => {
            let mut matched = vec![measured("probability", format!("{:.3}", found.probability))];
            matched.extend(
                found
                    .top_tokens
                    .iter()
                    .map(|token| measured(&token.token, format!("{:+.2}", token.weight))),
            );
            PhaseOutcome::hold("spam_score", matched)
        }
        _ => PhaseOutcome::Pass,
    }
}

fn history(s: &Submission) -> PhaseOutcome {
    let (rejected, decided) = (s.past.rejected, s.past.decided);
    let (enough, percent) = (i64::from(s.policy.history_decided), i64::from(s.policy.history_percent));
    if percent == 0 || decided < enough || rejected * 100 < decided * percent {
        return PhaseOutcome::Pass;
    }
    let rule = format!("rejected_within_{}_days", s.policy.history_days);
    PhaseOutcome::hold("history", vec![measured(&rule, format!("{rejected}/{decided}"))])
}

fn mode(s: &Submission) -> PhaseOutcome {
    match s.policy.mode {
        CommentMode::PostModerated => PhaseOutcome::Pass,
        CommentMode::FirstCommentHeld if s.past.approved > 0 => PhaseOutcome::Pass,
        CommentMode::FirstCommentHeld => PhaseOutcome::hold("first_comment", Vec::new()),
        // A closed article gets this far only with a change of a comment that it took before.
        CommentMode::PreModerated | CommentMode::Closed => PhaseOutcome::Hold {
            reason: "pre_moderated",
            matched: Vec::new(),
            queue: HoldQueue::Pending,
        },
    }
}
