//! Any sequence of what may happen in a forum: counts, likes and lists say the truth after it.

use std::collections::BTreeSet;

use actix_web::http::Method;
use diesel::prelude::*;
use masthead::base::db::schema::{comment_counts, comment_reactions, comment_reports, comments};
use masthead::comments::model::{Comment, CommentState};
use proptest::prelude::*;
use serde_json::json;

use super::{Forum, Written};
use crate::support::TestApp;
use crate::support::sequences::for_any_sequence;

#[derive(Clone, Debug)]
enum Step {
    Write(Option<usize>),
    Decide(usize, &'static str),
    React(usize, usize, bool),
    Report(usize, usize),
    Edit(usize),
    TakeBack(usize),
    Wait,
}

fn step() -> impl Strategy<Value = Step> {
    let decision = prop_oneof![Just("approve"), Just("reject"), Just("spam"), Just("restore")];
    let which = 0_usize..20;
    prop_oneof![
        4 => proptest::option::of(which.clone()).prop_map(Step::Write),
        4 => (which.clone(), decision).prop_map(|(which, decision)| Step::Decide(which, decision)),
        3 => (which.clone(), 0_usize..3, any::<bool>()).prop_map(|(which, reader, on)| Step::React(which, reader, on)),
        3 => (which.clone(), 0_usize..3).prop_map(|(which, reader)| Step::Report(which, reader)),
        2 => which.clone().prop_map(Step::Edit),
        3 => which.prop_map(Step::TakeBack),
        1 => Just(Step::Wait),
    ]
}

/// A forum in which anything may happen; two reports hide a comment.
struct Play {
    forum: Forum,
    readers: Vec<String>,
    written: Vec<Written>,
    texts: usize,
}

impl Play {
    async fn new() -> Self {
        let app = TestApp::with_site(&masthead::site::settings::Site {
            comment_report_threshold: 2,
            ..Default::default()
        })
        .await;
        let admin = app.admin();
        let section = admin.section("News", None).await;
        let policy = json!({"mode": "post_moderated", "max_links": 0});
        let body = json!({"locale": "fr", "title": "Le port", "section_id": section, "comment_policy": policy});
        let article = admin.make(body).await;
        admin.publish(&article).await.expect(200);
        let forum = Forum {
            app,
            admin,
            section,
            article,
        };
        let mut readers = Vec::new();
        for _ in 0..3 {
            readers.push(forum.reader().await);
        }
        Self {
            forum,
            readers,
            written: Vec::new(),
            texts: 0,
        }
    }

    async fn play(&mut self, step: &Step) {
        let forum = &self.forum;
        self.texts += 1;
        // Every third text has a link, and is held for it.
        let link = if self.texts.is_multiple_of(3) {
            " https://example.org"
        } else {
            ""
        };
        let text = format!("Texte numéro {}.{link}", self.texts);
        let find = |which: &usize| (!self.written.is_empty()).then(|| &self.written[which % self.written.len()]);
        match step {
            Step::Write(parent) => {
                let parent = parent.as_ref().and_then(find).map(|written| written.id.clone());
                let sent = json!({"author_name": "Koffi", "body": text, "parent_id": parent});
                let taken = forum.app.guest().post(&forum.path(), sent).await;
                assert!([201, 202, 422].contains(&taken.status), "{}", taken.text);
                if taken.status < 300 {
                    let edit_token = taken.json["edit_token"].as_str().unwrap().to_owned();
                    self.written.push(Written {
                        id: taken.id(),
                        edit_token,
                    });
                }
            }
            Step::Wait => forum.app.clock.advance_seconds(4 * 60),
            Step::Decide(which, decision) => {
                let Some(written) = find(which) else { return };
                let answer = forum.admin.renewed().decide(&written.id, decision).await;
                assert!([200, 409].contains(&answer.status), "{}", answer.text);
            }
            Step::React(which, reader, on) => {
                let Some(written) = find(which) else { return };
                let method = if *on { Method::PUT } else { Method::DELETE };
                let answer = forum.react(method, &written.id, &self.readers[*reader]).await;
                assert!([200, 404].contains(&answer.status), "{}", answer.text);
            }
            Step::Report(which, reader) => {
                let Some(written) = find(which) else { return };
                let answer = forum
                    .report(&written.id, &self.readers[*reader], json!({"reason": "hate"}))
                    .await;
                assert!([200, 201, 404, 429].contains(&answer.status), "{}", answer.text);
            }
            Step::Edit(which) => {
                let Some(written) = find(which) else { return };
                let answer = forum
                    .change(&written.id, &written.edit_token, json!({"body": text}))
                    .await;
                assert!([200, 404, 409].contains(&answer.status), "{}", answer.text);
            }
            Step::TakeBack(which) => {
                let Some(written) = find(which) else { return };
                let answer = forum.take_back(&written.id, &written.edit_token).await;
                assert!([204, 409].contains(&answer.status), "{}", answer.text);
            }
        }
    }

    /// What every table and every list must say of the rows as they are.
    async fn check(&self, step: &Step) {
        type Likes = Vec<(masthead::base::ids::CommentId, String)>;
        let (all, likes, reports, count): (Vec<Comment>, Likes, Likes, Option<i64>) = self
            .forum
            .app
            .db()
            .read_blocking(|conn| {
                let reports = comment_reports::table.filter(comment_reports::settled_at.is_null());
                Ok((
                    comments::table.select(Comment::as_select()).load(conn)?,
                    comment_reactions::table
                        .select((comment_reactions::comment_id, comment_reactions::reader_digest))
                        .load(conn)?,
                    reports
                        .select((comment_reports::comment_id, comment_reports::reader_digest))
                        .load(conn)?,
                    comment_counts::table
                        .select(comment_counts::approved)
                        .first(conn)
                        .optional()?,
                ))
            })
            .unwrap();
        let of = |found: &Likes, comment: &Comment| {
            i64::try_from(found.iter().filter(|(id, _)| *id == comment.id).count()).unwrap()
        };
        for comment in &all {
            assert_eq!(comment.reaction_count, of(&likes, comment), "after {step:?}: likes");
            assert_eq!(comment.report_count, of(&reports, comment), "after {step:?}: reports");
            let gone = comment.state == CommentState::Deleted;
            assert_eq!(comment.body.is_empty(), gone, "after {step:?}: {comment:?}");
        }
        let hides = |comment: &&Comment| {
            [CommentState::Pending, CommentState::Rejected, CommentState::Spam].contains(&comment.state)
        };
        let is_hidden = |comment: &Comment| {
            let mut next = Some(comment.id);
            while let Some(comment) = next.and_then(|id| all.iter().find(|other| other.id == id)) {
                if hides(&comment) {
                    return true;
                }
                next = comment.parent_id;
            }
            false
        };
        let mut shown: Vec<&Comment> = all.iter().filter(|comment| !comment.body.is_empty()).collect();
        shown.retain(|comment| !is_hidden(comment));
        assert_eq!(
            count.unwrap_or(0),
            i64::try_from(shown.len()).unwrap(),
            "after {step:?}: the count"
        );
        let expected: BTreeSet<String> = shown.iter().map(|comment| comment.id.to_string()).collect();
        let flat = self.forum.flat("sort=created_at").await;
        assert_eq!(
            flat.items("id").into_iter().collect::<BTreeSet<_>>(),
            expected,
            "after {step:?}"
        );
        let threads = self.forum.threads("").await;
        let found: BTreeSet<String> = threads.json["items"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|thread| thread["replies"].as_array().unwrap().iter().chain([&thread["comment"]]))
            .filter(|comment| comment["state"] == "approved")
            .map(|comment| comment["id"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(found, expected, "after {step:?}: threads");
        for comment in all.iter().filter(|comment| !expected.contains(comment.id.as_str())) {
            let is_out =
                !comment.body.is_empty() && (flat.text.contains(&comment.body) || threads.text.contains(&comment.body));
            assert!(!is_out, "after {step:?}: {} is out", comment.body);
        }
    }
}

#[test]
fn counts_likes_and_lists_say_the_truth_after_any_sequence() {
    for_any_sequence(12, 30, proptest::collection::vec(step(), 10..50), async |steps| {
        let mut play = Play::new().await;
        for step in &steps {
            play.play(step).await;
            play.check(step).await;
        }
    });
}
