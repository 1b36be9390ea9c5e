//! Any sequence of edits, plans, acts by hand and moves of the clock, run by either of two instances:
//! readers see what the rules say, nothing early, nothing twice.

use masthead::editorial::schedule::scheduler::Scheduler;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Paper, scheduler};
use crate::support::sequences::for_any_sequence;

#[derive(Clone, Debug)]
enum Step {
    /// The clock moves, forward or back, in minutes.
    Move(i64),
    /// So many minutes ahead.
    Plan(&'static str, i64),
    TakeBack(Option<&'static str>),
    Edit,
    ByHand(&'static str),
    /// Its end, in minutes from now.
    Embargo(Option<i64>),
    /// One of the two instances looks for what is due.
    Run(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let kind = || prop_oneof![Just("publish"), Just("unpublish")];
    prop_oneof![
        3 => (-30_i64..90).prop_map(Step::Move),
        4 => (kind(), 1_i64..120).prop_map(|(kind, minutes)| Step::Plan(kind, minutes)),
        1 => proptest::option::of(kind()).prop_map(Step::TakeBack),
        3 => Just(Step::Edit),
        1 => kind().prop_map(Step::ByHand),
        1 => proptest::option::of(-10_i64..120).prop_map(Step::Embargo),
        5 => (0_usize..2).prop_map(Step::Run),
    ]
}

/// What waits: the moment, the order in which it was accepted, and what would go live.
type Waiting = Option<(i64, usize, String)>;

/// What the rules say, in minutes from the start.
#[derive(Debug, Default)]
struct Model {
    now: i64,
    title: String,
    live: Option<String>,
    publish: Waiting,
    unpublish: Waiting,
    embargo: Option<i64>,
    publishes: i64,
    accepted: usize,
}

impl Model {
    fn is_held(&self) -> bool {
        self.embargo.is_some_and(|until| until > self.now)
    }

    fn run(&mut self) {
        loop {
            let due = |waiting: &Waiting| {
                waiting
                    .as_ref()
                    .filter(|(at, ..)| *at <= self.now)
                    .map(|(at, order, _)| (*at, *order))
            };
            let publish = due(&self.publish).filter(|_| !self.is_held());
            let unpublish = due(&self.unpublish);
            match (publish, unpublish) {
                (None, None) => return,
                (Some(publish), unpublish) if unpublish.is_none_or(|unpublish| publish < unpublish) => {
                    self.live = self.publish.take().map(|(.., title)| title);
                    self.publishes += 1;
                }
                _ => {
                    self.live = None;
                    let (at, order, _) = self.unpublish.take().unwrap();
                    // What should have come first has missed its time.
                    self.publish = self
                        .publish
                        .take()
                        .filter(|publish| (publish.0, publish.1) > (at, order));
                }
            }
        }
    }
}

struct Play {
    paper: Paper,
    instances: [Scheduler; 2],
    id: String,
    model: Model,
    edits: usize,
}

impl Play {
    async fn new() -> Self {
        let paper = Paper::new().await;
        let other = paper.app.another_instance().await;
        let id = paper.draft("Titre 0").await;
        Self {
            instances: [scheduler(&paper.app), scheduler(&other)],
            id,
            model: Model {
                title: "Titre 0".to_owned(),
                ..Model::default()
            },
            edits: 0,
            paper,
        }
    }

    fn at(&self, minutes: i64) -> String {
        let start = masthead::base::clock::Time::parse(crate::support::START).unwrap();
        start.plus_seconds(minutes * 60).to_string()
    }

    async fn take(&self, name: &str, body: Value) -> bool {
        let answer = self.paper.admin().take(&self.id, name, body).await;
        assert!([200, 409].contains(&answer.status), "{name}: {}", answer.text);
        answer.status == 200
    }

    async fn play(&mut self, step: &Step) {
        match step {
            Step::Move(minutes) => {
                // Before the start nobody could log in: the keys are that old.
                let minutes = (*minutes).max(-self.model.now);
                self.model.now += minutes;
                self.paper.app.clock.advance_seconds(minutes * 60);
            }
            Step::Plan(kind, minutes) => self.plan(kind, self.model.now + minutes).await,
            Step::TakeBack(kind) => {
                if self.take("unschedule", json!({"kind": kind})).await {
                    self.forget(
                        kind.is_none_or(|kind| kind == "publish"),
                        kind.is_none_or(|kind| kind == "unpublish"),
                    );
                }
            }
            Step::Edit => {
                self.edits += 1;
                self.model.title = format!("Titre {}", self.edits);
                let title = json!({"title": self.model.title});
                self.paper.admin().edit(&self.id, title).await.expect(200);
            }
            Step::ByHand(name) => {
                if self.take(name, json!({})).await {
                    assert!(*name == "unpublish" || !self.model.is_held(), "published under embargo");
                    let publishes = *name == "publish";
                    self.model.live = publishes.then(|| self.model.title.clone());
                    self.model.publishes += i64::from(publishes);
                    self.forget(true, !publishes);
                }
            }
            Step::Embargo(minutes) => {
                self.model.embargo = minutes.map(|minutes| self.model.now + minutes);
                let until = self.model.embargo.map(|until| self.at(until));
                let embargo = json!({"embargo_until": until});
                self.paper.admin().edit(&self.id, embargo).await.expect(200);
            }
            Step::Run(instance) => {
                self.instances[*instance].run_due().await.unwrap();
                self.model.run();
            }
        }
    }

    async fn plan(&mut self, kind: &str, at: i64) {
        let local = self.at(at);
        let body = json!({"kind": kind, "local_time": &local[..19], "time_zone": "UTC"});
        if !self.take("schedule", body).await {
            return;
        }
        self.model.accepted += 1;
        let waiting = Some((at, self.model.accepted, self.model.title.clone()));
        if kind == "publish" {
            assert!(self.model.publish.is_none(), "two of a kind wait");
            assert!(
                self.model.embargo.is_none_or(|until| until <= at),
                "planned under embargo"
            );
            self.model.publish = waiting;
        } else {
            assert!(self.model.unpublish.is_none(), "two of a kind wait");
            self.model.unpublish = waiting;
        }
    }

    fn forget(&mut self, publish: bool, unpublish: bool) {
        if publish {
            self.model.publish = None;
        }
        if unpublish {
            self.model.unpublish = None;
        }
    }

    async fn check(&self, step: &Step) {
        let seen = self.paper.public_title(&self.id).await;
        assert_eq!(seen, self.model.live, "after {step:?}: {:?}", self.model);
        assert_eq!(self.paper.publishes(&self.id), self.model.publishes, "after {step:?}");
        let view = self.paper.view(&self.id).await;
        let waiting = view["schedules"].as_array().unwrap().len();
        let expected = usize::from(self.model.publish.is_some()) + usize::from(self.model.unpublish.is_some());
        assert_eq!(waiting, expected, "after {step:?}");
        if let Some(live) = &self.model.live {
            let differs = *live != self.model.title;
            assert_eq!(view["has_unpublished_changes"], differs, "after {step:?}");
        }
    }
}

#[test]
fn readers_see_what_the_rules_say_after_any_sequence() {
    for_any_sequence(24, 40, proptest::collection::vec(step(), 8..40), async |steps| {
        let mut play = Play::new().await;
        for step in &steps {
            play.play(step).await;
            play.check(step).await;
        }
    });
}
