//! Pressing live articles again: when what they show of a tag, a contributor or the site's settings changes, and when a
//! release presses them differently. Where there are many, a job does it in chunks.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::press::{PRESS_FORMAT, live_section, lock_presses, press};
use super::{gated, links};
use crate::articles::model::Article;
use crate::articles::store;
use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::db::dialect::{Generation, raise_generations};
use crate::base::db::schema::published_articles;
use crate::base::error::{Error, Result};
use crate::base::ids::{ArticleId, ContributorId, SectionId, TagId};
use crate::base::jobs::{self, JobRunner};
use crate::site::frame::Frame;

/// Presses a locked article again from its live revision, where it is live: in `live_section`.
pub fn repress_as_live(
    conn: &mut Conn,
    frame: &Frame,
    article: &Article,
    live_section: Option<SectionId>,
) -> Result<()> {
    let id = article.id;
    let (Some(section), Some(revision)) = (live_section, article.live_revision_number) else {
        return Ok(());
    };
    let mut content = crate::articles::revisions::store::revision(conn, id, revision)?;
    // Sections are moved and deleted under live articles; the revision may name one that is gone.
    content.section_id = Some(section);
    content.secondary_section_ids = links::secondary_sections(conn, id, section)?;
    press(conn, frame, article, &content)
}

/// What a live article shows of another table.
#[derive(Clone, Copy, Debug)]
pub enum RepressSubject {
    /// A tag.
    Tag(TagId),
    /// A contributor.
    Contributor(ContributorId),
    /// How much everybody may read of an article that not everybody may read whole.
    PreviewLength,
}

/// Whether the live articles follow already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RepressOutcome {
    /// Yes.
    Now,
    /// A job does it.
    Later,
}

/// Articles that one transaction presses at most.
pub const CHUNK: i64 = 50;

/// Presses every live article that shows the subject: here, or by a job where they are many.
pub fn repress_all_showing(conn: &mut Conn, subject: RepressSubject, now: Time) -> Result<RepressOutcome> {
    lock_presses(conn)?;
    let ids = live_articles_showing(conn, subject, None, CHUNK + 1)?;
    if i64::try_from(ids.len()).unwrap_or(i64::MAX) > CHUNK {
        jobs::enqueue(conn, subject.job(), &RepressProgress::of(subject), now)?;
        return Ok(RepressOutcome::Later);
    }
    repress_each(conn, &ids)?;
    Ok(RepressOutcome::Now)
}

/// Has a job press every gated article again.
pub fn repress_gated_later(conn: &mut Conn, now: Time) -> Result<()> {
    let subject = RepressSubject::PreviewLength;
    jobs::enqueue(conn, subject.job(), &RepressProgress::of(subject), now).map(drop)
}

/// How far a job has come.
#[derive(Debug, Serialize, Deserialize)]
struct RepressProgress {
    subject_id: String,
    after: Option<ArticleId>,
}

impl RepressProgress {
    fn of(subject: RepressSubject) -> Self {
        let subject_id = match subject {
            RepressSubject::Tag(id) => id.to_string(),
            RepressSubject::Contributor(id) => id.to_string(),
            RepressSubject::PreviewLength => String::new(),
        };
        Self {
            subject_id,
            after: None,
        }
    }
}

impl RepressSubject {
    fn job(self) -> &'static str {
        match self {
            Self::Tag(_) => REPRESS_TAG,
            Self::Contributor(_) => REPRESS_CONTRIBUTOR,
            Self::PreviewLength => REPRESS_GATED,
        }
    }
}

const REPRESS_TAG: &str = "repress_tag";
const REPRESS_CONTRIBUTOR: &str = "repress_contributor";
const REPRESS_GATED: &str = "repress_gated";

/// What runs the jobs of this file.
pub const RUNNERS: [JobRunner; 3] = [
    JobRunner {
        kind: REPRESS_TAG,
        run: |conn, progress| repress_chunk(conn, progress, |id| TagId::parse(id).map(RepressSubject::Tag)),
    },
    JobRunner {
        kind: REPRESS_CONTRIBUTOR,
        run: |conn, progress| {
            repress_chunk(conn, progress, |id| {
                ContributorId::parse(id).map(RepressSubject::Contributor)
            })
        },
    },
    JobRunner {
        kind: REPRESS_GATED,
        run: |conn, progress| repress_chunk(conn, progress, |_| Some(RepressSubject::PreviewLength)),
    },
];

/// Presses the next chunk of live articles that show the subject. Returns the new progress, or `None` at the
/// end.
fn repress_chunk(
    conn: &mut Conn,
    progress: &str,
    subject: impl Fn(&str) -> Option<RepressSubject>,
) -> Result<Option<String>> {
    let progress: RepressProgress = serde_json::from_str(progress).map_err(Error::internal)?;
    let subject = subject(&progress.subject_id).ok_or_else(|| Error::internal("a job without a subject"))?;
    lock_presses(conn)?;
    let ids = live_articles_showing(conn, subject, progress.after, CHUNK)?;
    repress_each(conn, &ids)?;
    let left = ids.last().map(|last| RepressProgress {
        after: Some(*last),
        ..progress
    });
    let left = left.map(|left| serde_json::to_string(&left).map_err(Error::internal));
    left.transpose()
}

/// Presses the next chunk of rows in an older format; returns how many.
pub fn repress_outdated(conn: &mut Conn) -> Result<usize> {
    lock_presses(conn)?;
    let ids: Vec<ArticleId> = published_articles::table
        .filter(published_articles::press_format.lt(PRESS_FORMAT))
        .order((published_articles::press_format, published_articles::position.desc()))
        .limit(CHUNK)
        .select(published_articles::id)
        .load(conn)?;
    repress_each(conn, &ids)?;
    Ok(ids.len())
}

/// Marks every live row as outdated, so that [`repress_outdated`] presses it again.
pub fn outdate_all(conn: &mut Conn) -> Result<usize> {
    Ok(diesel::update(published_articles::table)
        .set(published_articles::press_format.eq(0))
        .execute(conn)?)
}

fn repress_each(conn: &mut Conn, ids: &[ArticleId]) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let frame = Frame::load(conn)?;
    for id in ids {
        let (article, _) = store::get_locked(conn, *id)?;
        let live_section = live_section(conn, *id)?;
        repress_as_live(conn, &frame, &article, live_section)?;
    }
    Ok(raise_generations(conn, &mut [Generation::Articles])?)
}

fn live_articles_showing(
    conn: &mut Conn,
    subject: RepressSubject,
    after: Option<ArticleId>,
    limit: i64,
) -> Result<Vec<ArticleId>> {
    let after = after.map_or_else(String::new, |id| id.to_string());
    match subject {
        RepressSubject::Tag(id) => links::live_with_tag(conn, id, &after, limit),
        RepressSubject::Contributor(id) => links::live_with_contributor(conn, id, &after, limit),
        RepressSubject::PreviewLength => gated::ids_after(conn, &after, limit),
    }
}
