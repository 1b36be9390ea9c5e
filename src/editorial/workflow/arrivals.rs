//! Articles that are made and go live in one step, many at once: what an archive or another system brings. The same comes
//! of it as of making and publishing one after the other, in a few statements for all.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::articles::model::{Article, ArticleState, Content, RevisionKind};
use crate::articles::revisions::PackedContent;
use crate::articles::revisions::store::{self as revisions, FrozenRevision};
use crate::articles::store;
use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::db::dialect::{Generation, raise_generations};
use crate::base::db::fulltext::FulltextEntry;
use crate::base::error::{Error, Result};
use crate::base::slug;
use crate::published::first_press::{FirstPress, press_first};
use crate::published::press;
use crate::search::stem::SearchLanguage;
use crate::search::store::{self as search, DeskEntry};
use crate::search::texts::SearchTexts;
use crate::site::frame::Frame;
use crate::site::paths;

/// An article that is not written yet, and all of it that can be worked out without the database.
#[derive(Clone)]
pub struct Arrival {
    /// Its row.
    pub article: Article,
    /// What goes live, and stays the working copy.
    pub content: Content,
    /// What it was before, the first first.
    pub earlier: Vec<FrozenRevision>,
    /// The kind of the revision that goes live.
    pub kind: RevisionKind,
    /// The date to show and sort by.
    pub published_at: Time,
    /// When it is made live.
    pub now: Time,
    /// The content as a revision keeps it.
    pub packed: PackedContent,
    texts: SearchTexts,
    entry: Arc<FulltextEntry>,
}

/// How long the parts of the work took.
#[derive(Clone, Copy, Debug, Default)]
pub struct ArrivalTimings {
    /// Paths, working copies, revisions.
    pub writing: Duration,
    /// Live articles, links and readers’ search.
    pub pressing: Duration,
    /// The desk’s search.
    pub indexing: Duration,
}

impl Arrival {
    /// An article with its content, in a section, to be published on a date.
    ///
    /// # Errors
    /// 500 when the content cannot be written as JSON.
    pub fn new(
        mut article: Article,
        content: Content,
        kind: RevisionKind,
        published_at: Time,
        now: Time,
    ) -> Result<Self> {
        article.content = content.to_json()?;
        article.type_ = content.type_;
        article.title.clone_from(&content.title);
        article.section_id = content.section_id;
        let texts = content.texts();
        Ok(Self {
            packed: PackedContent::of(&article.content)?,
            entry: Arc::new(texts.entry(SearchLanguage::of(&article.locale))),
            texts,
            article,
            content,
            earlier: Vec::new(),
            kind,
            published_at,
            now,
        })
    }

    /// The same with what it was before.
    #[must_use]
    pub fn after(mut self, earlier: Vec<FrozenRevision>) -> Self {
        self.earlier = earlier;
        self
    }

    /// The path of its slug with a number; the first is the slug alone.
    fn path(&self, frame: &Frame, number: u32) -> Result<(String, String)> {
        let section = self.content.section_id.and_then(|id| frame.tree.get(id));
        let above = &section.ok_or_else(Error::not_found)?.path;
        let mut slug = self.content.preferred_slug(self.article.id);
        if number > 1 {
            slug = slug::numbered(&slug, number);
        }
        Ok((
            frame.site.localised(&self.article.locale, &format!("{above}/{slug}")),
            slug,
        ))
    }
}

/// Writes articles and makes them live: all or nothing. The caller holds the presses' lock. A slug whose path is taken gets
/// a number, also one that was chosen; each article becomes what is written.
///
/// # Errors
/// 409 `translation_exists`.
pub fn publish_arrivals(conn: &mut Conn, frame: &Frame, arrivals: &mut [Arrival]) -> Result<ArrivalTimings> {
    let mut timings = ArrivalTimings::default();
    if arrivals.is_empty() {
        return Ok(timings);
    }
    let began = Instant::now();
    set_out(conn, frame, arrivals)?;
    let copies: Vec<(&Article, &Content)> = arrivals.iter().map(|one| (&one.article, &one.content)).collect();
    store::insert_all(conn, &copies)?;
    let mut frozen = Vec::new();
    for arrival in arrivals.iter_mut() {
        frozen.append(&mut arrival.earlier);
        frozen.push(arrival.live_revision());
    }
    revisions::insert_frozen(conn, &frozen)?;
    let targets: Vec<_> = arrivals
        .iter()
        .filter_map(|one| Some((one.article.path.as_deref()?, one.article.target(), one.now)))
        .collect();
    paths::claim_untaken(conn, &targets)?;
    timings.writing = began.elapsed();
    let began = Instant::now();
    let first: Vec<FirstPress<'_>> = arrivals
        .iter()
        .map(|one| FirstPress {
            article: &one.article,
            content: &one.content,
            texts: &one.texts,
            entry: &one.entry,
        })
        .collect();
    press_first(conn, frame, &first)?;
    timings.pressing = began.elapsed();
    let began = Instant::now();
    let desk: Vec<DeskEntry> = arrivals
        .iter()
        .map(|one| DeskEntry::new(one.article.id, one.article.edited_at, one.entry.clone()))
        .collect();
    search::index_new_working_copies(conn, &desk)?;
    raise_generations(conn, &mut [Generation::Articles])?;
    timings.indexing = began.elapsed();
    Ok(timings)
}

/// Gives paths, positions and the state of a live article.
fn set_out(conn: &mut Conn, frame: &Frame, arrivals: &mut [Arrival]) -> Result<()> {
    give_paths(conn, frame, arrivals)?;
    let moments: Vec<Time> = arrivals.iter().map(|one| one.published_at).collect();
    let positions = press::first_positions(conn, &moments)?;
    for (one, position) in arrivals.iter_mut().zip(positions) {
        let number = one.earlier.len() + 1;
        let (article, published_at) = (&mut one.article, one.published_at);
        article.position = Some(position);
        article.published_at = Some(published_at);
        article.first_published_at = article.first_published_at.or(Some(published_at));
        article.updated_at = article.updated_at.or(Some(published_at));
        article.published_by = article.created_by;
        article.state = ArticleState::Published;
        article.has_unpublished_changes = false;
        article.live_revision_number = Some(i32::try_from(number).map_err(Error::internal)?);
    }
    Ok(())
}

/// Numbers of slugs that are looked up at once, round by round: most are free, and few names are everybody's.
const NUMBERS: [u32; 3] = [1, 10, 100];

fn give_paths(conn: &mut Conn, frame: &Frame, arrivals: &mut [Arrival]) -> Result<()> {
    paths::lock(conn)?;
    let mut given: HashSet<String> = HashSet::new();
    let mut waiting: Vec<usize> = (0..arrivals.len()).collect();
    let (mut first, mut rounds) = (1_u32, 0);
    while !waiting.is_empty() {
        let numbers = NUMBERS.get(rounds).copied().unwrap_or(NUMBERS[2]);
        let mut candidates = Vec::with_capacity(waiting.len());
        for index in &waiting {
            let Some(arrival) = arrivals.get(*index) else { continue };
            let of_it = (first..first.saturating_add(numbers)).map(|number| arrival.path(frame, number));
            candidates.push((*index, of_it.collect::<Result<Vec<_>>>()?));
        }
        let all: Vec<String> = candidates
            .iter()
            .flat_map(|(_, of_it)| of_it.iter().map(|(path, _)| path.clone()))
            .collect();
        let untaken = paths::untaken(conn, &all)?;
        waiting.clear();
        for (index, of_it) in candidates {
            let free = of_it
                .into_iter()
                .find(|(path, _)| untaken.contains(path) && !given.contains(path));
            match (free, arrivals.get_mut(index)) {
                (Some((path, slug)), Some(arrival)) => {
                    given.insert(path.clone());
                    arrival.take_path(path, slug)?;
                }
                _ => waiting.push(index),
            }
        }
        (first, rounds) = (first.saturating_add(numbers), rounds + 1);
    }
    Ok(())
}

impl Arrival {
    fn take_path(&mut self, path: String, slug: String) -> Result<()> {
        self.article.path = Some(path);
        if self.content.slug.as_ref().is_some_and(|chosen| *chosen != slug) {
            self.content.slug = Some(slug);
            self.article.content = self.content.to_json()?;
            self.packed = PackedContent::of(&self.article.content)?;
        }
        Ok(())
    }

    /// The revision that goes live.
    fn live_revision(&self) -> FrozenRevision {
        FrozenRevision {
            article: self.article.id,
            number: self.article.live_revision_number.unwrap_or(1),
            kind: self.kind,
            version: self.article.version,
            author: self.article.created_by,
            note: None,
            content: self.packed.clone(),
            at: self.now,
        }
    }
}
