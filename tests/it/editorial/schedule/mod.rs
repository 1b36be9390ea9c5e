//! Acts that wait for their moment: what goes live, when, how often, and what keeps it from doing so.

mod clock;
mod embargo;
mod failures;
mod listing;
mod nights;
mod outcomes;
mod planning;
mod property;
mod refusals;

use diesel::prelude::*;
use masthead::articles::model::RevisionKind;
use masthead::articles::schedules::model::Schedule;
use masthead::base::clock::Time;
use masthead::base::db::schema::{article_revisions, schedules};
use masthead::base::ids::ArticleId;
use masthead::editorial::schedule::scheduler::Scheduler;
use serde_json::{Value, json};

use crate::support::newsroom::{desk, newsroom};
use crate::support::{Answer, Client, TestApp};

/// A newsroom with a section; the clock stands at 08:00 UTC.
pub struct Paper {
    pub app: TestApp,
    admin: Client,
    pub section: String,
}

impl Paper {
    pub async fn new() -> Self {
        let (app, admin, section) = newsroom().await;
        Self { app, admin, section }
    }

    /// The admin, with a token that is good now.
    pub fn admin(&self) -> Client {
        self.admin.renewed()
    }

    pub async fn draft(&self, title: &str) -> String {
        self.admin().draft(title, &self.section).await
    }

    pub async fn published(&self, title: &str) -> String {
        self.admin().published(title, &self.section).await
    }

    /// Schedules at a time of this day, in UTC.
    pub async fn plan(&self, id: &str, kind: &str, time: &str) -> Answer {
        self.admin().take(id, "schedule", today(kind, time)).await
    }

    /// Puts the clock at a time of this day, in UTC.
    pub fn clock_at(&self, time: &str) {
        self.clock_to(&format!("2026-11-23T{time}Z"));
    }

    /// Puts the clock there, forward or back.
    pub fn clock_to(&self, moment: &str) {
        let to = Time::parse(moment).unwrap();
        let seconds = (to.millis() - self.app.now().millis()) / 1000;
        self.app.clock.advance_seconds(seconds);
    }

    /// What this instance's scheduler does now.
    pub async fn run(&self) -> usize {
        scheduler(&self.app).run_due().await.unwrap()
    }

    /// The title that readers see; `None` where they see nothing.
    pub async fn public_title(&self, id: &str) -> Option<String> {
        let answer = self.app.guest().get(&format!("/v1/articles/{id}")).await;
        (answer.status == 200).then(|| answer.json["title"].as_str().unwrap().to_owned())
    }

    pub async fn view(&self, id: &str) -> Value {
        self.admin().get(&desk(id)).await.expect(200).json
    }

    pub async fn listed(&self, query: &str) -> Answer {
        self.admin()
            .get(&format!("/v1/editorial/schedule?{query}"))
            .await
            .expect(200)
    }

    /// Kind, state and reason of everything that was ever scheduled for an article, oldest first.
    pub fn rows(&self, id: &str) -> Vec<(String, String, Option<String>)> {
        let id = ArticleId::parse(id).unwrap();
        let rows: Vec<Schedule> = self
            .app
            .db()
            .read_blocking(move |conn| {
                Ok(schedules::table
                    .filter(schedules::article_id.eq(id))
                    .order((schedules::at, schedules::id))
                    .select(Schedule::as_select())
                    .load(conn)?)
            })
            .unwrap();
        let row = |row: Schedule| (row.kind.to_string(), row.state.to_string(), row.reason);
        rows.into_iter().map(row).collect()
    }

    /// How often an article went live.
    pub fn publishes(&self, id: &str) -> i64 {
        let id = ArticleId::parse(id).unwrap();
        self.app
            .db()
            .read_blocking(move |conn| {
                Ok(article_revisions::table
                    .filter(article_revisions::article_id.eq(id))
                    .filter(article_revisions::kind.eq(RevisionKind::Publish))
                    .count()
                    .get_result(conn)?)
            })
            .unwrap()
    }

    /// A line of the metrics.
    pub fn metric(&self, start: &str) -> String {
        let text = String::from_utf8(self.app.state.metrics.to_text().unwrap()).unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix(start));
        line.unwrap_or_default().trim().to_owned()
    }
}

/// The scheduler of an instance.
pub fn scheduler(app: &TestApp) -> Scheduler {
    Scheduler::new(
        app.state.db.clone(),
        app.state.frames.clone(),
        app.state.metrics.clone(),
    )
}

/// The body of a schedule at a time of this day, in UTC.
pub fn today(kind: &str, time: &str) -> Value {
    json!({"kind": kind, "local_time": format!("2026-11-23T{time}"), "time_zone": "UTC"})
}

/// A row as [`Paper::rows`] tells it.
pub fn row(kind: &str, state: &str, reason: Option<&str>) -> (String, String, Option<String>) {
    (kind.to_owned(), state.to_owned(), reason.map(str::to_owned))
}

/// The kinds of the schedules that an answer names.
fn kinds(answer: &Answer, member: &str) -> Vec<String> {
    let all = answer.json[member].as_array().unwrap();
    all.iter()
        .map(|schedule| schedule["kind"].as_str().unwrap().to_owned())
        .collect()
}

/// The numbers of an article's revisions.
fn revisions(paper: &Paper, id: &str) -> Vec<i32> {
    let article = ArticleId::parse(id).unwrap();
    paper
        .app
        .db()
        .read_blocking(move |conn| {
            Ok(article_revisions::table
                .filter(article_revisions::article_id.eq(article))
                .order(article_revisions::number)
                .select(article_revisions::number)
                .load(conn)?)
        })
        .unwrap()
}
