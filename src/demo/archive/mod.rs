//! An archive of any size for trials, in a newsroom's proportions: articles of the demo's sections, tags and
//! contributors, back in time from the newest, each saved once or twice before it was published, some corrected since,
//! with the discussions that readers have ([`discussions`]). A seeded generator makes the [`texts`] of a few hundred
//! French [`words`]: the same seed makes the same ones.

mod discussions;
mod texts;
mod words;

use std::time::{Duration, Instant};

use discussions::Discussions;
use texts::{SeededRandom, body, paragraph, title};

use super::defect;
use crate::access::audit::{self, AuditEvent, TargetKind, Via, Who};
use crate::access::auth::store::demo_users;
use crate::access::change_log::{self, EditableKind};
use crate::articles::corrections::CorrectionKind;
use crate::articles::model::{Article, Byline, Content, RevisionKind, empty_article};
use crate::articles::revisions::store::{self as revisions, SavedRevision};
use crate::articles::store as articles;
use crate::base::clock::Time;
use crate::base::db::{Conn, Db};
use crate::base::error::Result;
use crate::base::ids::{ContributorId, SectionId, TagId, UserId};
use crate::body::article_type::ArticleType;
use crate::comments::model::Comment;
use crate::comments::moderation::store as moderation;
use crate::comments::store as comments;
use crate::demo::{DemoOutcome, inspect};
use crate::editorial::workflow::{Publication, publish};
use crate::published::press::{self, IndexTiming};
use crate::published::reindex;
use crate::site::frame::Frame;
use crate::site::{contributors, tags};

/// Articles of one transaction.
const ARTICLES_PER_TRANSACTION: u16 = 250;

/// Seconds between two articles of the archive, on the average.
const SECONDS_BETWEEN: usize = 300;

/// One article in so many was corrected.
const ARTICLES_PER_CORRECTION: usize = 40;

/// How long the parts of the work took, for how many articles.
#[derive(Clone, Copy, Debug, Default)]
pub struct ArchiveTimings {
    /// Articles written.
    pub articles: usize,
    /// Comments on them.
    pub comments: usize,
    /// Making texts.
    pub composing: Duration,
    /// Working copies, which the desk finds by their words, and what was saved before.
    pub writing: Duration,
    /// Revisions, paths, live rows, links, and what readers' search finds.
    pub pressing: Duration,
    /// Comments.
    pub discussing: Duration,
    /// Until everything was on the disk.
    pub total: Duration,
}

/// An article of the archive, and what happened to it.
struct ArchivedArticle {
    article: Article,
    content: Content,
    /// What was saved before the content, the first first.
    drafts: Vec<Content>,
    /// What readers were told later, and when.
    notice: Option<(Time, String)>,
    comments: Vec<Comment>,
}

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
    let mut random = SeededRandom(seed);
    // Of its own, so that what becomes of an article changes no text of the next.
    let mut fates = Fates::new(seed, now);
    let mut age = 15 * 24 * 3_600;
    while stages.articles < count {
        let composing = Instant::now();
        let chunk = usize::from(ARTICLES_PER_TRANSACTION).min(count - stages.articles);
        let mut made = Vec::with_capacity(chunk);
        for _ in 0..chunk {
            age += 1 + i64::try_from(random.below(2 * SECONDS_BETWEEN)).unwrap_or(0);
            let (article, content) = taxonomy.article(&mut random, now.plus_seconds(-age))?;
            made.push(fates.archived(article, content, &taxonomy.users));
        }
        stages.comments += made.iter().map(|one| one.comments.len()).sum::<usize>();
        stages.composing += composing.elapsed();
        let [writing, pressing, discussing] = write(db, made)?;
        stages.writing += writing;
        stages.pressing += pressing;
        stages.discussing += discussing;
        stages.articles += chunk;
        stages.total = began.elapsed();
        report(&stages);
    }
    Ok(Some(stages))
}

/// Writes and publishes articles in one transaction, as the desk does, and their comments; how long each took.
fn write(db: &Db, made: Vec<ArchivedArticle>) -> Result<[Duration; 3]> {
    db.write_blocking(move |conn| {
        press::lock_presses(conn)?;
        let frame = Frame::load(conn)?;
        let began = Instant::now();
        write_working_copies(conn, &made)?;
        let (writing, began) = (began.elapsed(), Instant::now());
        for archived in &made {
            publish_archived(conn, &frame, archived)?;
        }
        while reindex::index_up_to(conn, ARTICLES_PER_TRANSACTION.into())? > 0 {}
        let (pressing, began) = (began.elapsed(), Instant::now());
        let all: Vec<Comment> = made.iter().flat_map(|archived| archived.comments.clone()).collect();
        comments::insert_settled(conn, &all)?;
        moderation::note_settled(conn, &all)?;
        Ok([writing, pressing, began.elapsed()])
    })
}

/// Writes the working copies and what was saved of them.
fn write_working_copies(conn: &mut Conn, made: &[ArchivedArticle]) -> Result<()> {
    let copies: Vec<(&Article, &Content)> = made.iter().map(|one| (&one.article, &one.content)).collect();
    articles::insert_all(conn, &copies)?;
    let mut saved = Vec::new();
    let mut versions = Vec::new();
    for ArchivedArticle {
        article,
        content,
        drafts,
        ..
    } in made
    {
        for (number, content) in (1_i32..).zip(drafts.iter().chain([content])) {
            saved.push(SavedRevision {
                article: article.id,
                number,
                author: article.created_by,
                content: content.to_json()?,
                at: article
                    .created_at
                    .plus_seconds(i64::from(number - 1) * SECONDS_BETWEEN_SAVES),
            });
            versions.push((article.id.as_str(), i64::from(number)));
        }
    }
    revisions::insert_saved(conn, &saved)?;
    let now = made.first().map(|one| one.article.created_at);
    now.map_or(Ok(()), |now| {
        change_log::record_all(conn, EditableKind::Article, &versions, &["blocks"], now)
    })
}

fn publish_archived(conn: &mut Conn, frame: &Frame, archived: &ArchivedArticle) -> Result<()> {
    let ArchivedArticle { article, content, .. } = archived;
    let published_at = article.edited_at;
    let author = article.created_by;
    let publication = Publication {
        published_at: Some(published_at),
        numbers_slug: true,
        indexing: IndexTiming::Later,
        ..Publication::new(RevisionKind::Publish, author, published_at)
    };
    // As it is stored: what is published is written back whole.
    let mut stored = Article {
        content: content.to_json()?,
        ..article.clone()
    };
    publish(conn, frame, &mut stored, content, &publication)?;
    let published = AuditEvent::on("article.publish", TargetKind::Article, article.id.as_str());
    audit::record(conn, Who::server(Via::Command, author), published, published_at)?;
    let Some((at, text)) = &archived.notice else {
        return Ok(());
    };
    let correction = Publication {
        notice: Some((CorrectionKind::Correction, text.clone())),
        indexing: IndexTiming::Later,
        ..Publication::new(RevisionKind::Correct, author, *at)
    };
    publish(conn, frame, &mut stored, content, &correction)
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
    fn archived(&mut self, mut article: Article, content: Content, users: &[UserId]) -> ArchivedArticle {
        let published_at = article.created_at;
        let saves = 1 + i64::from(self.random.below(2) == 0);
        article.created_at = published_at.plus_seconds(-saves * SECONDS_BETWEEN_SAVES);
        (article.edited_at, article.version) = (published_at, saves);
        article.created_by = self.random.one_of(users).copied();
        article.edited_by = article.created_by;
        let drafts = (1..saves).map(|_| Content {
            blocks: content.blocks.iter().take(2).cloned().collect(),
            ..content.clone()
        });
        let corrected_at = published_at.plus_seconds(24 * 3_600).min(self.now);
        let is_corrected = self.random.below(ARTICLES_PER_CORRECTION) == 0;
        let notice = is_corrected.then(|| (corrected_at, paragraph(&mut self.random, 80)));
        ArchivedArticle {
            drafts: drafts.collect(),
            notice,
            comments: self.discussions.on(article.id, published_at),
            content,
            article,
        }
    }
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
