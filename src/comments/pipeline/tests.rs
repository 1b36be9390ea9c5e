//! Each phase by a table: what it says of a submission, and what it found.

use super::*;
use crate::base::error::Code;
use crate::comments::identity::{SanctionId, SanctionKind, SanctionTarget};
use crate::comments::model::CommentText;
use crate::comments::spam::model::WeighedToken;
use crate::comments::words::WordListId;
use crate::comments::words::model::WordListKind;
use crate::site::comment_policy::{CommentMode, CommentPolicy};

fn at(text: &str) -> Time {
    Time::parse(text).unwrap()
}

/// A comment against which there is nothing, on an article that shows comments at once.
fn plain() -> Submission {
    Submission {
        author_name: "Awa".to_owned(),
        body: "Enfin une bonne nouvelle pour le port.".to_owned(),
        borrowed_name: None,
        links: Vec::new(),
        words_in_body: Vec::new(),
        words_in_name: Vec::new(),
        captcha: CaptchaCheck::NotAsked,
        honeypot: String::new(),
        form_opened_at: None,
        is_confirmed: false,
        is_edit: false,
        policy: CommentPolicy::of_mode(CommentMode::PostModerated).settled(),
        zone: Tz::UTC,
        published_at: at("2026-11-20T08:00:00Z"),
        sanctions: Vec::new(),
        past: PastComments::default(),
        spam: None,
        now: at("2026-11-24T08:00:00Z"),
    }
}

fn sanctioned(kind: SanctionKind, ends_at: Option<Time>) -> Submission {
    Submission {
        sanctions: vec![Sanction {
            id: SanctionId::new(),
            kind,
            target: SanctionTarget::Reader,
            target_key: "digest".to_owned(),
            hash_key: None,
            section_id: None,
            reason: None,
            note: None,
            comment_id: None,
            created_by: None,
            created_at: at("2026-11-01T08:00:00Z"),
            ends_at,
            lifted_at: None,
            lifted_by: None,
            version: 1,
        }],
        ..plain()
    }
}

fn with_word(kind: WordListKind) -> Submission {
    Submission {
        words_in_body: vec![MatchedWord {
            list_id: WordListId::new(),
            kind,
            entry: "nouvelle".into(),
            start: 16,
            end: 24,
        }],
        ..plain()
    }
}

fn under_a_name_of_the_house() -> Submission {
    Submission {
        author_name: "Rédaction".to_owned(),
        borrowed_name: Some("rédaction".to_owned()),
        ..plain()
    }
}

fn in_mode(mode: CommentMode) -> Submission {
    Submission {
        policy: CommentPolicy::of_mode(mode).settled(),
        ..plain()
    }
}

fn with_past(past: PastComments) -> Submission {
    Submission { past, ..plain() }
}

fn with_captcha(captcha: CaptchaCheck) -> Submission {
    Submission { captcha, ..plain() }
}

fn link() -> Link {
    Link {
        url: "https://example.org".to_owned(),
        start: 0,
        end: 6,
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Said {
    Shown,
    Held(&'static str, &'static str, CommentState),
    Refused(Code),
}

#[test]
fn every_phase_says_what_its_line_says() {
    use CommentState::{Pending, Spam};
    use Said::{Held, Refused, Shown};
    let sent = |seconds: &[i64]| PastComments {
        sent_at: seconds.iter().map(|ago| plain().now.plus_seconds(-ago)).collect(),
        ..PastComments::default()
    };
    let history = |decided, rejected| {
        with_past(PastComments {
            decided,
            rejected,
            ..PastComments::default()
        })
    };
    let judged = |decided, rejected, (enough, percent)| {
        let mut submission = history(decided, rejected);
        submission.policy.history_decided = enough;
        submission.policy.history_percent = percent;
        submission
    };
    let shout = "C’EST VRAIMENT UNE TRÈS BONNE NOUVELLE".to_owned();
    let score = |probability| Submission {
        spam: Some(SpamScore {
            probability,
            top_tokens: vec![WeighedToken {
                token: "word:casino".to_owned(),
                weight: 3.2,
            }],
        }),
        ..plain()
    };
    let opened = |ago| Submission {
        form_opened_at: Some(Time::from_millis(plain().now.millis() - ago).unwrap()),
        ..plain()
    };
    let mut short = plain();
    short.policy.max_length = 37;
    let mut exact = plain();
    exact.policy.max_length = 38;
    let mut ended = plain();
    ended.policy.open_for_days = 4;
    let approved_before = Submission {
        past: PastComments {
            approved: 1,
            ..PastComments::default()
        },
        ..in_mode(CommentMode::FirstCommentHeld)
    };
    let mut unheld = under_a_name_of_the_house();
    unheld.policy.holds_borrowed_names = false;
    let table = [
        ("nothing against it", plain(), Shown),
        ("longer than the article takes", short, Refused(Code::ValidationFailed)),
        ("as long as it takes", exact, Shown),
        (
            "a closed article",
            in_mode(CommentMode::Closed),
            Refused(Code::CommentsClosed),
        ),
        (
            "open for days that are over",
            ended.clone(),
            Refused(Code::CommentsClosed),
        ),
        ("changed after that", Submission { is_edit: true, ..ended }, Shown),
        (
            "nothing that is seen",
            Submission {
                body: " \n ".to_owned(),
                ..plain()
            },
            Refused(Code::CommentMissing),
        ),
        (
            "a shout",
            Submission {
                body: shout.clone(),
                ..plain()
            },
            Refused(Code::Shouting),
        ),
        (
            "a shout, confirmed",
            Submission {
                body: shout,
                is_confirmed: true,
                ..plain()
            },
            Held("sanitise", "shouting", Pending),
        ),
        (
            "a short word in capitals",
            Submission {
                body: "BRAVO !".to_owned(),
                ..plain()
            },
            Shown,
        ),
        (
            "banned",
            sanctioned(SanctionKind::Ban, None),
            Refused(Code::AuthorBanned),
        ),
        (
            "suspended",
            sanctioned(SanctionKind::Suspend, Some(at("2026-12-01T00:00:00Z"))),
            Refused(Code::AuthorSuspended),
        ),
        (
            "read first",
            sanctioned(SanctionKind::Premoderate, None),
            Held("sanctions", "premoderated_author", Pending),
        ),
        (
            "shadow",
            sanctioned(SanctionKind::Shadow, None),
            Held("sanctions", "shadow", Spam),
        ),
        ("the fifth of a minute", with_past(sent(&[1, 2, 3, 4])), Shown),
        (
            "the sixth of a minute",
            with_past(sent(&[1, 2, 3, 4, 59])),
            Refused(Code::TooManyRequests),
        ),
        ("the sixth, a minute later", with_past(sent(&[1, 2, 3, 4, 60])), Shown),
        (
            "the sixth of a minute, but a change",
            Submission {
                is_edit: true,
                ..with_past(sent(&[1, 2, 3, 4, 59]))
            },
            Shown,
        ),
        (
            "the forty-first of an hour",
            with_past(sent(&(0..40).map(|n| 61 + n * 80).collect::<Vec<_>>())),
            Refused(Code::TooManyRequests),
        ),
        (
            "a network of 49",
            with_past(PastComments {
                from_network: 49,
                ..PastComments::default()
            }),
            Shown,
        ),
        (
            "a network of 50",
            with_past(PastComments {
                from_network: 50,
                ..PastComments::default()
            }),
            Held("rate", "busy_network", Pending),
        ),
        (
            "in the trap",
            Submission {
                honeypot: "https://casino.example".to_owned(),
                ..plain()
            },
            Held("honeypot", "honeypot", Spam),
        ),
        (
            "2,999 ms after the form",
            opened(2_999),
            Held("honeypot", "too_fast", Pending),
        ),
        ("3,000 ms after the form", opened(3_000), Shown),
        (
            "no captcha",
            with_captcha(CaptchaCheck::Missing),
            Refused(Code::CaptchaMissing),
        ),
        (
            "a wrong captcha",
            with_captcha(CaptchaCheck::Failed),
            Refused(Code::CaptchaFailed),
        ),
        (
            "a low score",
            with_captcha(CaptchaCheck::ScoreTooLow { score: 0.1 }),
            Refused(Code::CaptchaScoreTooLow),
        ),
        (
            "a provider that is down",
            with_captcha(CaptchaCheck::Unavailable { reason: "timeout" }),
            Held("captcha", "captcha_unavailable", Pending),
        ),
        (
            "one's own words again",
            with_past(PastComments {
                repeated: Repetition::Here,
                ..PastComments::default()
            }),
            Refused(Code::DuplicateComment),
        ),
        (
            "somebody's short words again",
            with_past(PastComments {
                repeated: Repetition::Elsewhere,
                ..PastComments::default()
            }),
            Shown,
        ),
        (
            "somebody's long words again",
            Submission {
                body: "Enfin une bonne nouvelle pour le port de Cotonou.".to_owned(),
                ..with_past(PastComments {
                    repeated: Repetition::Elsewhere,
                    ..PastComments::default()
                })
            },
            Held("duplicate", "duplicate", Pending),
        ),
        (
            "a name of the house",
            under_a_name_of_the_house(),
            Held("names", "borrowed_name", Pending),
        ),
        (
            "a name of the house, on a change",
            Submission {
                is_edit: true,
                ..under_a_name_of_the_house()
            },
            Held("names", "borrowed_name", Pending),
        ),
        ("a name of the house where the policy does not mind", unheld, Shown),
        (
            "a banned word",
            with_word(WordListKind::Banned),
            Refused(Code::BannedWord),
        ),
        (
            "a suspect word",
            with_word(WordListKind::Suspect),
            Held("words", "suspect_word", Pending),
        ),
        (
            "two links",
            Submission {
                links: vec![link(); 2],
                ..plain()
            },
            Shown,
        ),
        (
            "three links",
            Submission {
                links: vec![link(); 3],
                ..plain()
            },
            Held("links", "too_many_links", Pending),
        ),
        ("hardly spam", score(0.899), Shown),
        ("spam", score(0.9), Held("spam", "spam_score", Pending)),
        ("two rejected of two", history(2, 2), Shown),
        ("one rejected of four", history(4, 1), Shown),
        (
            "one rejected of three",
            history(3, 1),
            Held("history", "history", Pending),
        ),
        ("one of three where half must be", judged(3, 1, (3, 50)), Shown),
        (
            "two of four where half must be",
            judged(4, 2, (3, 50)),
            Held("history", "history", Pending),
        ),
        ("one of two where two must be decided", judged(1, 1, (2, 50)), Shown),
        (
            "two of two where two must be decided",
            judged(2, 2, (2, 50)),
            Held("history", "history", Pending),
        ),
        ("not all where all must be", judged(3, 2, (3, 100)), Shown),
        (
            "all where all must be",
            judged(3, 3, (3, 100)),
            Held("history", "history", Pending),
        ),
        ("all where none counts", judged(3, 3, (1, 0)), Shown),
        (
            "half where one in a hundred more must be",
            judged(200, 101, (1, 51)),
            Shown,
        ),
        (
            "read first by policy",
            in_mode(CommentMode::PreModerated),
            Held("mode", "pre_moderated", Pending),
        ),
        (
            "a first comment",
            in_mode(CommentMode::FirstCommentHeld),
            Held("mode", "first_comment", Pending),
        ),
        ("a second comment", approved_before, Shown),
    ];
    for (case, submission, expected) in table {
        let said = match run(&submission) {
            Err(error) => Refused(error.code()),
            Ok(outcome) => {
                let held = outcome.verdicts.iter().find(|verdict| verdict.verdict == "hold");
                match (held, expected) {
                    (None, _) => Shown,
                    (Some(verdict), Held(phase, reason, state)) => {
                        let found = (verdict.phase.as_str(), verdict.reason.as_deref(), outcome.state);
                        assert_eq!(found, (phase, Some(reason), state), "{case}");
                        expected
                    }
                    (Some(verdict), _) => panic!("{case}: held by {verdict:?}"),
                }
            }
        };
        assert_eq!(said, expected, "{case}");
    }
}

#[test]
fn all_phases_speak_and_say_what_they_found_where() {
    let submission = Submission {
        links: vec![link(); 3],
        ..with_word(WordListKind::Suspect)
    };
    let outcome = run(&submission).unwrap();
    let reasons: Vec<_> = outcome
        .verdicts
        .iter()
        .filter_map(|verdict| verdict.reason.as_deref())
        .collect();
    assert_eq!(reasons, ["suspect_word", "too_many_links"]);
    assert_eq!(outcome.verdicts.len(), phases::PHASES.len());
    let words = outcome
        .verdicts
        .iter()
        .find(|verdict| verdict.phase == "words")
        .unwrap();
    let word = &words.matched[0];
    let found = (word.rule.as_str(), word.start, word.end, word.text.as_deref());
    assert_eq!(found, ("nouvelle", Some(16), Some(24), Some("nouvelle")));
}

#[test]
fn spam_outweighs_the_queue_in_any_order() {
    let buried_then_held = Submission {
        honeypot: "x".to_owned(),
        links: vec![link(); 3],
        ..plain()
    };
    assert_eq!(run(&buried_then_held).unwrap().state, CommentState::Spam);
    let held_then_buried = Submission {
        is_confirmed: true,
        body: "C’EST VRAIMENT UNE TRÈS BONNE NOUVELLE".to_owned(),
        ..sanctioned(SanctionKind::Shadow, None)
    };
    assert_eq!(run(&held_then_buried).unwrap().state, CommentState::Spam);
}

#[test]
fn who_sends_too_much_is_told_when_to_come_back() {
    let now = plain().now;
    let refused = run(&with_past(PastComments {
        sent_at: vec![now.plus_seconds(-20); 5],
        ..PastComments::default()
    }))
    .unwrap_err();
    let wait = refused.headers().iter().find(|(name, _)| *name == "Retry-After");
    assert_eq!(wait.map(|(_, value)| value.as_str()), Some("40"));
}

#[test]
fn each_threshold_of_a_text_is_exact() {
    let with_body = |body: String| Submission { body, ..plain() };
    let shout = |capitals: usize, small: usize| with_body("É".repeat(capitals) + &"é".repeat(small));
    let repeated = |body: String| Submission {
        body,
        ..with_past(PastComments {
            repeated: Repetition::Elsewhere,
            ..PastComments::default()
        })
    };
    let held_for = |submission: &Submission| -> Option<String> {
        let outcome = match run(submission) {
            Ok(outcome) => outcome,
            Err(error) => return Some(format!("{:?}", error.code())),
        };
        outcome.verdicts.into_iter().find_map(|verdict| verdict.reason)
    };
    let confirmed = |submission: Submission| Submission {
        is_confirmed: true,
        ..submission
    };
    for (submission, expected) in [
        // 20 letters and more, of which four of five are capitals; what is no letter does not count.
        (shout(19, 0), None),
        (shout(20, 0), Some("Shouting")),
        (with_body(format!("{} 1", "É".repeat(19))), None),
        (shout(31, 8), None),
        (shout(32, 8), Some("Shouting")),
        (shout(32, 9), None),
        (confirmed(shout(32, 8)), Some("shouting")),
        // The same text by somebody else, from 40 characters on.
        (repeated("é".repeat(39)), None),
        (repeated("é".repeat(40)), Some("duplicate")),
    ] {
        assert_eq!(held_for(&submission).as_deref(), expected, "{}", submission.body);
    }
}

#[test]
fn what_a_phase_measured_is_told_as_it_was() {
    let now = plain().now;
    let ago = |ms: i64| Time::from_millis(now.millis() - ms).unwrap();
    let matched = |submission: &Submission| -> Vec<Matched> {
        let verdicts = run(submission).unwrap().verdicts.into_iter();
        verdicts.flat_map(|verdict| verdict.matched).collect()
    };
    let text = |submission: &Submission| matched(submission)[0].text.clone().unwrap();
    let opened = Submission {
        form_opened_at: Some(ago(1_234)),
        ..plain()
    };
    assert_eq!(text(&opened), "1234");
    let trapped = |length: usize| Submission {
        honeypot: "é".repeat(length),
        ..plain()
    };
    for (length, shown) in [(299, 299), (300, 300), (301, 300)] {
        assert_eq!(text(&trapped(length)), "é".repeat(shown), "{length}");
    }
    let linked = |count: usize, end: usize, url: String| Submission {
        links: vec![Link { url, start: 0, end }; count],
        body: "é".repeat(400),
        ..plain()
    };
    let found = matched(&linked(101, 301, "h".repeat(301)));
    assert_eq!(found.len(), 100);
    assert_eq!(found[0].rule, "h".repeat(300));
    let (field, text) = (found[0].field, found[0].text.as_deref());
    assert_eq!((field, text), (Some(CommentText::Body), Some("é".repeat(300).as_str())));
    let mut suspect = with_word(WordListKind::Suspect);
    suspect.words_in_body = vec![suspect.words_in_body[0].clone(); 101];
    assert_eq!(matched(&suspect).len(), 100);
    let named = matched(&under_a_name_of_the_house());
    assert_eq!((named[0].start, named[0].end), (Some(0), Some(9)));
}

#[test]
fn whole_seconds_to_wait_are_told_and_never_too_few() {
    let now = plain().now;
    let sent = |ms: i64| Time::from_millis(now.millis() - ms).unwrap();
    for (ago, wait) in [(59_999, "1"), (59_000, "1"), (58_999, "2"), (20_000, "40"), (0, "60")] {
        let refused = run(&with_past(PastComments {
            sent_at: vec![sent(ago); 5],
            ..PastComments::default()
        }))
        .unwrap_err();
        let told = refused.headers().iter().find(|(name, _)| *name == "Retry-After");
        assert_eq!(told.map(|(_, value)| value.as_str()), Some(wait), "{ago}");
    }
}
