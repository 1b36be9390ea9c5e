//! An archive of any size for trials, in a newsroom's proportions: articles of the demo's sections, tags and
//! contributors, back in time from the newest, each saved once or twice before it was published, some corrected since,
//! with the discussions that readers have ([`discussions`]). A seeded generator makes the [`texts`] of a few hundred
//! French [`words`]: the same seed makes the same ones.

mod discussions;
mod texts;
mod words;

use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::time::{Duration, Instant};

use discussions::Discussions;
use texts::{SeededRandom, body, paragraph, title};

use super::defect;
use crate::access::audit::{self, AuditEvent, TargetKind, Via, Who};
use crate::access::auth::store::demo_users;
use crate::access::change_log::{self, EditableKind};
use crate::articles::corrections::CorrectionKind;
use crate::articles::model::{Article, Byline, Content, RevisionKind, empty_article};
use crate::articles::revisions::PackedContent;
use crate::articles::revisions::store::FrozenRevision;
use crate::base::clock::Time;
use crate::base::db::{Conn, Db};
use crate::base::error::{Error, Result};
use crate::base::ids::{ContributorId, SectionId, TagId, UserId};
use crate::body::article_type::ArticleType;
use crate::comments::model::Comment;
use crate::comments::moderation::store as moderation;
use crate::comments::store as comments;
use crate::demo::{DemoOutcome, inspect};
use crate::editorial::workflow::{Arrival, Publication, publish, publish_arrivals};
use crate::published::press;
use crate::site::frame::Frame;
use crate::site::{contributors, tags};

/// Articles of one transaction.
const ARTICLES_PER_TRANSACTION: u16 = 500;

/// Seconds between two articles of the archive, on the average.
const SECONDS_BETWEEN: usize = 300;

/// One article in so many was corrected.
const ARTICLES_PER_CORRECTION: usize = 40;

/// How long the parts of the work took, for how many articles. Texts are made while others are written.
#[derive(Clone, Copy, Debug, Default)]
pub struct ArchiveTimings {
    /// Articles written.
    pub articles: usize,
    /// Comments on them.
    pub comments: usize,
    /// Making texts, and taking their words apart.
    pub composing: Duration,
    /// Paths, working copies, revisions, and who made them.
    pub writing: Duration,
    /// Live articles, their links, and what readers' search finds.
    pub pressing: Duration,
    /// What the desk's search finds.
    pub indexing: Duration,
    /// Comments.
    pub discussing: Duration,
    /// Waiting until it was on the disk.
    pub committing: Duration,
    /// From the first to the last.
    pub total: Duration,
}

/// An article of the archive, and what happened to it.
struct ArchivedArticle {
    arrival: Arrival,
    /// What readers were told later, and when.
    notice: Option<(Time, String)>,
    comments: Vec<Comment>,
}

/// Articles that one transaction writes, and how long it took to make them.
struct ArchiveChunk {
    made: Vec<ArchivedArticle>,
    composing: Duration,
}

/// Chunks that wait to be written at most.
const CHUNKS_AHEAD: usize = 2;

/// Adds articles to the demo. Calls `report` after each chunk with what was done so far. `None` for a database that is
/// not the demo, which is left alone.
pub fn fill(
    db: &Db,
    count: usize,
    seed: u64,
    mut report: impl FnMut(&ArchiveTimings),
) -> Result<Option<ArchiveTimings>> {
    if db.read_blocking(inspect)? != DemoOutcome::AlreadyPopulated {
        return Ok(None);
    }
    let taxonomy = db.read_blocking(|conn| {
        let frame = Frame::load(conn)?;
        Taxonomy::load(conn, &frame)
    })?;
    let (began, now) = (Instant::now(), db.clock().now());
    let mut stages = ArchiveTimings::default();
    std::thread::scope(|scope| {
        let (sender, chunks) = sync_channel(CHUNKS_AHEAD);
        let composer = Composer {
            taxonomy,
            random: SeededRandom(seed),
            fates: Fates::new(seed, now),
            now,
            age: 15 * 24 * 3_600,
        };
        scope.spawn(move || composer.compose(count, &sender));
        for chunk in chunks {
            let ArchiveChunk { made, composing } = chunk?;
            stages.composing += composing;
            stages.articles += made.len();
            stages.comments += made.iter().map(|one| one.comments.len()).sum::<usize>();
            let made = Arc::new(made);
            write(db, made.clone(), &mut stages)?;
            // Which takes long enough to be done beside what follows.
            scope.spawn(move || drop(made));
            stages.total = began.elapsed();
            report(&stages);
        }
        Ok(Some(stages))
    })
}

/// Makes articles, chunk by chunk, on a thread of its own.
struct Composer {
    taxonomy: Taxonomy,
    random: SeededRandom,
    /// Of its own, so that what becomes of an article changes no text of the next.
    fates: Fates,
    now: Time,
    /// Of the last article, in seconds.
    age: i64,
}

impl Composer {
    fn compose(mut self, count: usize, chunks: &SyncSender<Result<ArchiveChunk>>) {
        let mut left = count;
        while left > 0 {
            let size = usize::from(ARTICLES_PER_TRANSACTION).min(left);
            left -= size;
            let chunk = self.chunk(size);
            let has_failed = chunk.is_err();
            // Who wrote them has given up.
            if chunks.send(chunk).is_err() || has_failed {
                return;
            }
        }
    }

    fn chunk(&mut self, size: usize) -> Result<ArchiveChunk> {
        let began = Instant::now();
        let mut made = Vec::with_capacity(size);
        for _ in 0..size {
            self.age += 1 + i64::try_from(self.random.below(2 * SECONDS_BETWEEN)).unwrap_or(0);
            let published_at = self.now.plus_seconds(-self.age);
            let (article, content) = self.taxonomy.article(&mut self.random, published_at)?;
            made.push(self.fates.archived(article, content, &self.taxonomy.users)?);
        }
        Ok(ArchiveChunk {
            made,
            composing: began.elapsed(),
        })
    }
}

/// Writes and publishes articles in one transaction, as the desk does, and their comments.
fn write(db: &Db, made: Arc<Vec<ArchivedArticle>>, stages: &mut ArchiveTimings) -> Result<()> {
    let asked = Instant::now();
    let (arrived, writing, discussing) = db.write_blocking(move |conn| {
        press::lock_presses(conn)?;
        let frame = Frame::load(conn)?;
        let mut arrivals: Vec<Arrival> = made.iter().map(|one| one.arrival.clone()).collect();
        let arrived = publish_arrivals(conn, &frame, &mut arrivals)?;
        let began = Instant::now();
        note_acts(conn, &arrivals)?;
        for (archived, arrival) in made.iter().zip(&arrivals) {
            correct(conn, &frame, archived, arrival)?;
        }
        let (writing, began) = (began.elapsed(), Instant::now());
        let all: Vec<Comment> = made.iter().flat_map(|archived| archived.comments.clone()).collect();
        comments::insert_settled(conn, &all)?;
        moderation::note_settled(conn, &all)?;
        Ok((arrived, writing, began.elapsed()))
    })?;
    stages.writing += arrived.writing + writing;
    stages.pressing += arrived.pressing;
    stages.indexing += arrived.indexing;
    stages.discussing += discussing;
    let working = arrived.writing + writing + arrived.pressing + arrived.indexing + discussing;
    stages.committing += asked.elapsed().saturating_sub(working);
    Ok(())
}

/// Writes who saved and who published what.
fn note_acts(conn: &mut Conn, arrivals: &[Arrival]) -> Result<()> {
    let versions: Vec<(&str, i64)> = arrivals
        .iter()
        .flat_map(|one| (1..=one.article.version).map(|version| (one.article.id.as_str(), version)))
        .collect();
    let Some(first) = arrivals.first() else { return Ok(()) };
    change_log::record_all(
        conn,
        EditableKind::Article,
        &versions,
        &["blocks"],
        first.article.created_at,
    )?;
    let mut acts = Vec::with_capacity(arrivals.len());
    for one in arrivals {
        let published = AuditEvent::on("article.publish", TargetKind::Article, one.article.id.as_str());
        acts.push((
            Who::server(Via::Command, one.article.created_by),
            published,
            one.published_at,
        ));
    }
    audit::record_all(conn, acts)
}

/// Publishes an article once more, with what readers were told later.
fn correct(conn: &mut Conn, frame: &Frame, archived: &ArchivedArticle, arrival: &Arrival) -> Result<()> {
    let Some((at, text)) = &archived.notice else {
        return Ok(());
    };
    let correction = Publication {
        notice: Some((CorrectionKind::Correction, text.clone())),
        ..Publication::new(RevisionKind::Correct, arrival.article.created_by, *at)
    };
    publish(conn, frame, &mut arrival.article.clone(), &arrival.content, &correction)
}

/// Seconds between two saves of an article.
const SECONDS_BETWEEN_SAVES: i64 = 20 * 60;

/// What becomes of articles.
struct Fates {
    random: SeededRandom,
    discussions: Discussions,
    now: Time,
}

impl Fates {
    fn new(seed: u64, now: Time) -> Self {
        Self {
            random: SeededRandom(seed ^ 0x5eed_0000_0000_0001),
            discussions: Discussions::new(seed ^ 0x5eed_0000_0000_0002, now),
            now,
        }
    }

    /// An article that was to be published at its time of creation: it was begun before.
    fn archived(&mut self, mut article: Article, content: Content, users: &[UserId]) -> Result<ArchivedArticle> {
        let published_at = article.created_at;
        let saves = 1 + i64::from(self.random.below(2) == 0);
        article.created_at = published_at.plus_seconds(-saves * SECONDS_BETWEEN_SAVES);
        (article.edited_at, article.version) = (published_at, saves);
        article.created_by = self.random.one_of(users).copied();
        article.edited_by = article.created_by;
        let corrected_at = published_at.plus_seconds(24 * 3_600).min(self.now);
        let is_corrected = self.random.below(ARTICLES_PER_CORRECTION) == 0;
        let notice = is_corrected.then(|| (corrected_at, paragraph(&mut self.random, 80)));
        let comments = self.discussions.on(article.id, published_at);
        let arrival = Arrival::new(article, content, RevisionKind::Publish, published_at, published_at)?;
        let saved = (1..=saves)
            .map(|version| saved(&arrival, version))
            .collect::<Result<_>>()?;
        Ok(ArchivedArticle {
            arrival: arrival.after(saved),
            notice,
            comments,
        })
    }
}

/// What was saved of an article as a version: the last is what was published, those before had less text.
fn saved(arrival: &Arrival, version: i64) -> Result<FrozenRevision> {
    let Arrival { article, content, .. } = arrival;
    let content = match version == article.version {
        true => arrival.packed.clone(),
        false => {
            let draft = Content {
                blocks: content.blocks.iter().take(2).cloned().collect(),
                ..content.clone()
            };
            PackedContent::of(&draft.to_json()?)?
        }
    };
    Ok(FrozenRevision {
        article: article.id,
        number: i32::try_from(version).map_err(Error::internal)?,
        kind: RevisionKind::Save,
        version,
        author: article.created_by,
        note: None,
        content,
        at: article.created_at.plus_seconds((version - 1) * SECONDS_BETWEEN_SAVES),
    })
}

/// Which sections articles are in, what they are about, who signs and writes them.
struct Taxonomy {
    users: Vec<UserId>,
    sections: Vec<SectionId>,
    tags: Vec<TagId>,
    contributors: Vec<ContributorId>,
}

impl Taxonomy {
    fn load(conn: &mut Conn, frame: &Frame) -> Result<Self> {
        Ok(Self {
            users: demo_users(conn)?.into_iter().map(|user| user.id).collect(),
            sections: frame.tree.in_order().iter().map(|section| section.id).collect(),
            tags: tags::store::ids(conn)?,
            contributors: contributors::store::ids(conn)?,
        })
    }

    fn article(&self, random: &mut SeededRandom, published_at: Time) -> Result<(Article, Content)> {
        let nothing = || defect("it has no sections, tags or contributors");
        let section = random.one_of(&self.sections).copied().ok_or_else(nothing)?;
        let contributor = random.one_of(&self.contributors).copied().ok_or_else(nothing)?;
        let mut tag_ids = Vec::new();
        for _ in 0..random.below(4) {
            let tag = random.one_of(&self.tags).copied().ok_or_else(nothing)?;
            if !tag_ids.contains(&tag) {
                tag_ids.push(tag);
            }
        }
        let types = [
            ArticleType::Opinion,
            ArticleType::Live,
            ArticleType::Video,
            ArticleType::Gallery,
        ];
        let type_ = match random.below(8) {
            0 => random.one_of(&types).copied().unwrap_or(ArticleType::Article),
            _ => ArticleType::Article,
        };
        let content = Content {
            type_,
            title: title(random),
            standfirst: Some(paragraph(random, 150)),
            section_id: Some(section),
            tag_ids,
            contributors: vec![Byline {
                contributor_id: contributor,
                role: None,
            }],
            blocks: body(random)?,
            is_featured: random.below(200) == 0,
            ..Content::empty()
        };
        let article = Article {
            type_: content.type_,
            title: content.title.clone(),
            section_id: content.section_id,
            ..empty_article("fr", None, published_at)
        };
        Ok((article, content))
    }
}
