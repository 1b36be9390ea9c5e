//! What machines elsewhere are told of articles: an event for each act, by hand or at its time.

use crate::articles::model::{Article, ArticleState, Content};
use crate::articles::schedules::model::{Schedule, ScheduleKind};
use crate::articles::schedules::store as schedules;
use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::ids::SectionId;
use crate::events::outbox::data::{ArticleEventData, PublishFailedEventData, ScheduleEventData};
use crate::events::outbox::{Event, EventData, EventKind, announce};
use crate::site::sections::SectionTree;

/// An article as an act has left it.
pub struct AnnouncedArticle<'a> {
    article: &'a Article,
    sections: Vec<SectionId>,
    live_before: Vec<SectionId>,
    path_before: Option<String>,
}

impl<'a> AnnouncedArticle<'a> {
    /// An article, its sections, which are those of what went live or else of the working copy, and those where it was
    /// live before the act.
    pub fn new(article: &'a Article, sections: Vec<SectionId>, live_before: Vec<SectionId>) -> Self {
        Self {
            article,
            sections,
            live_before,
            path_before: None,
        }
    }

    /// The same; where the act took its path away, it was here.
    #[must_use]
    pub fn from_path(self, path_before: Option<String>) -> Self {
        Self { path_before, ..self }
    }

    /// Tells what happened to it.
    pub fn announce(&self, conn: &mut Conn, tree: &SectionTree, kind: EventKind, now: Time) -> Result<()> {
        let sections = self.sections_of(kind);
        let data = match kind {
            EventKind::ArticleScheduled | EventKind::ArticleUnscheduled => {
                EventData::Schedule(plan(self.article, &schedules::waiting(conn, self.article.id)?))
            }
            _ => EventData::Article(self.data(sections)),
        };
        announce(conn, &self.event(tree, kind, sections, data), now)
    }

    /// Tells that a schedule came to nothing.
    pub fn announce_failure(
        &self,
        conn: &mut Conn,
        tree: &SectionTree,
        schedule: &Schedule,
        reason: &str,
        now: Time,
    ) -> Result<()> {
        let data = EventData::PublishFailed(PublishFailedEventData {
            article_id: self.article.id,
            planned_at: schedule.at,
            reason: reason.to_owned(),
        });
        let event = self.event(tree, EventKind::ArticlePublishFailed, &self.sections, data);
        announce(conn, &event, now)
    }

    /// The sections that an act is about: those that it took the article away from, else its own.
    fn sections_of(&self, kind: EventKind) -> &[SectionId] {
        let takes_away = matches!(
            kind,
            EventKind::ArticleUnpublished | EventKind::ArticleRetracted | EventKind::ArticleKilled
        );
        if takes_away && !self.live_before.is_empty() {
            &self.live_before
        } else {
            &self.sections
        }
    }

    fn event(&self, tree: &SectionTree, kind: EventKind, sections: &[SectionId], data: EventData) -> Event {
        // Where it was live is concerned too: whoever follows one of those sections learns that it has left.
        let concerned = sections.iter().chain(&self.live_before);
        let lineages = concerned.flat_map(|id| tree.lineage(*id)).map(|section| section.id);
        Event::new(kind, data).within(lineages)
    }

    fn data(&self, sections: &[SectionId]) -> ArticleEventData {
        // What is not live keeps the number that it had.
        let is_live = matches!(self.article.state, ArticleState::Published | ArticleState::Retracted);
        ArticleEventData {
            article_id: self.article.id,
            article_type: self.article.type_,
            locale: self.article.locale.clone(),
            version: self.article.version,
            revision_number: self.article.live_revision_number.filter(|_| is_live),
            path: self.article.path.clone().or_else(|| self.path_before.clone()),
            section_ids: sections.to_vec(),
        }
    }
}

/// The sections of a working copy, the primary one first.
pub fn drafted_sections(article: &Article, content: &Content) -> Vec<SectionId> {
    let primary = article.section_id.into_iter();
    primary.chain(content.secondary_section_ids.iter().copied()).collect()
}

fn plan(article: &Article, waiting: &[Schedule]) -> ScheduleEventData {
    let at = |kind| {
        waiting
            .iter()
            .find(|schedule| schedule.kind == kind)
            .map(|schedule| schedule.at)
    };
    ScheduleEventData {
        article_id: article.id,
        publish_at: at(ScheduleKind::Publish),
        unpublish_at: at(ScheduleKind::Unpublish),
    }
}
