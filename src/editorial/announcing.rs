//! What machines elsewhere are told of articles: an event for each act, by hand or at its time.

use crate::articles::model::{Article, Content};
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
    live_before: Option<SectionId>,
    path_before: Option<String>,
}

impl<'a> AnnouncedArticle<'a> {
    /// An article with its content; `live_before` is the section where it was live before the act.
    pub fn new(article: &'a Article, content: &Content, live_before: Option<SectionId>) -> Self {
        let mut sections: Vec<SectionId> = article.section_id.into_iter().collect();
        sections.extend(&content.secondary_section_ids);
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
        let data = match kind {
            EventKind::ArticleScheduled | EventKind::ArticleUnscheduled => {
                EventData::Schedule(plan(self.article, &schedules::waiting(conn, self.article.id)?))
            }
            _ => EventData::Article(self.data()),
        };
        announce(conn, &self.event(tree, kind, data), now)
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
        announce(conn, &self.event(tree, EventKind::ArticlePublishFailed, data), now)
    }

    fn event(&self, tree: &SectionTree, kind: EventKind, data: EventData) -> Event {
        // Where it was live is concerned too: whoever follows that section learns that it has left.
        let concerned = self.sections.iter().chain(&self.live_before);
        let lineages = concerned.flat_map(|id| tree.lineage(*id)).map(|section| section.id);
        Event::new(kind, data).within(lineages)
    }

    fn data(&self) -> ArticleEventData {
        ArticleEventData {
            article_id: self.article.id,
            article_type: self.article.type_,
            locale: self.article.locale.clone(),
            version: self.article.version,
            revision_number: self.article.live_revision_number,
            path: self.article.path.clone().or_else(|| self.path_before.clone()),
            section_ids: self.sections.clone(),
        }
    }
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
