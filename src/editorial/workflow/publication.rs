//! Making a content live: the path it takes, the revision that says so, the pressed row.

use crate::articles::corrections::{self, CorrectionKind};
use crate::articles::model::{Article, ArticleState, Content, RevisionKind};
use crate::articles::store;
use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::db::dialect::{Generation, raise_generations};
use crate::base::error::{Error, FieldCode, FieldError, Result};
use crate::base::ids::UserId;
use crate::base::slug;
use crate::published::press;
use crate::site::frame::Frame;
use crate::site::paths;

/// What a publish is done with.
pub struct Publication {
    /// The date to show and sort by; without one the article keeps its own, or takes the moment.
    pub published_at: Option<Time>,
    /// Whether the change is too small for `updated_at`.
    pub is_minor: bool,
    /// The note of the revision.
    pub note: Option<String>,
    /// The notice that readers see.
    pub notice: Option<(CorrectionKind, String)>,
    /// Whether a slug that an editor chose gets a number where it is taken, as a generated one does.
    pub numbers_slug: bool,
    /// Whether the working copy differs from what is made live.
    pub leaves_changes: bool,
    /// Who publishes; `None` for an import.
    pub author: Option<UserId>,
    /// The kind of its revision.
    pub kind: RevisionKind,
    /// When.
    pub now: Time,
}

impl Publication {
    /// A plain one, without options.
    pub fn new(kind: RevisionKind, author: Option<UserId>, now: Time) -> Self {
        Self {
            published_at: None,
            is_minor: false,
            note: None,
            notice: None,
            numbers_slug: false,
            leaves_changes: false,
            author,
            kind,
            now,
        }
    }
}

/// Makes a content live: path, revision, pressed row, links and generations, all or nothing. The
/// caller holds the presses' lock and has checked everything but the path; its article becomes what is written.
///
/// # Errors
/// 422 `slug_taken` where an editor chose the slug.
pub fn publish(
    conn: &mut Conn,
    frame: &Frame,
    article: &mut Article,
    content: &Content,
    publication: &Publication,
) -> Result<()> {
    let now = publication.now;
    let published_at = publication.published_at.or(article.published_at).unwrap_or(now);
    article.path = Some(take_path(conn, frame, article, content, publication)?);
    article.position = Some(press::position(conn, article, published_at)?);
    article.first_published_at = article.first_published_at.or(Some(published_at));
    if !(publication.is_minor && article.updated_at.is_some()) {
        let is_first = article.published_at.is_none();
        article.updated_at = Some(if is_first { published_at } else { now });
    }
    article.published_at = Some(published_at);
    article.published_by = publication.author;
    article.state = ArticleState::Published;
    article.has_unpublished_changes = publication.leaves_changes;
    let (kind, author) = (publication.kind, publication.author);
    let note = publication.note.as_deref();
    let number = store::insert_revision(conn, article, kind, content, author, note, now)?;
    article.live_revision_number = Some(number);
    if kind == RevisionKind::Correct {
        article.corrected_at = Some(now);
    }
    if let Some((kind, text)) = &publication.notice {
        corrections::store::insert(conn, article.id, *kind, text, author, now)?;
    }
    store::set_row(conn, article)?;
    press::press(conn, frame, article, content)?;
    Ok(raise_generations(conn, &mut [Generation::Articles])?)
}

/// Where a content would be published.
struct PublishPath<'p> {
    frame: &'p Frame,
    locale: &'p str,
    section_path: &'p str,
    /// The path that the article has and keeps, where neither slug nor section say otherwise.
    kept: Option<String>,
    /// The slug that it would have in its section.
    slug: String,
}

impl<'p> PublishPath<'p> {
    fn of(conn: &mut Conn, frame: &'p Frame, article: &'p Article, content: &Content) -> Result<Self> {
        let section = content
            .section_id
            .and_then(|id| frame.tree.get(id))
            .ok_or_else(Error::not_found)?;
        let is_same = store::keeps_path(conn, article, content)?;
        Ok(Self {
            frame,
            locale: &article.locale,
            section_path: &section.path,
            kept: article.path.clone().filter(|_| is_same),
            slug: content.preferred_slug(article.id),
        })
    }

    /// The path of a slug in the section.
    fn below(&self, slug: &str) -> String {
        let path = format!("{}/{slug}", self.section_path);
        self.frame.site.localised(self.locale, &path)
    }
}

fn slug_taken(path: String) -> Error {
    Error::field(FieldError::new("/slug", FieldCode::SlugTaken).with("path", path))
}

/// Checks, without taking it, that a publish by hand would find a path. The content names a section.
///
/// # Errors
/// 422 `slug_taken` where an editor chose the slug.
pub fn check_path(conn: &mut Conn, frame: &Frame, article: &Article, content: &Content) -> Result<()> {
    if content.slug.is_none() {
        return Ok(());
    }
    let place = PublishPath::of(conn, frame, article, content)?;
    if let Some(path) = &place.kept
        && !paths::belongs_to_another(conn, path, article.target())?
    {
        return Ok(());
    }
    let path = place.below(&place.slug);
    if paths::belongs_to_another(conn, &path, article.target())? {
        return Err(slug_taken(path));
    }
    Ok(())
}

/// Takes the article's path. The old path stays unless slug or section say otherwise. A generated slug gets a number
/// where it is taken; so does a chosen one where no editor can be asked (`numbers_slug`).
fn take_path(
    conn: &mut Conn,
    frame: &Frame,
    article: &Article,
    content: &Content,
    publication: &Publication,
) -> Result<String> {
    let now = publication.now;
    let target = article.target();
    let place = PublishPath::of(conn, frame, article, content)?;
    if let Some(path) = &place.kept
        && paths::claim(conn, path, target, now)?
    {
        return Ok(path.clone());
    }
    let path = place.below(&place.slug);
    if paths::claim(conn, &path, target, now)? {
        return Ok(path);
    }
    if content.slug.is_some() && !publication.numbers_slug {
        return Err(slug_taken(path));
    }
    for first in (2_u32..).step_by(NUMBERS) {
        let numbers = (first..).take(NUMBERS);
        let candidates: Vec<String> = numbers.map(|n| place.below(&slug::numbered(&place.slug, n))).collect();
        for path in paths::without_those_of_others(conn, candidates, target)? {
            if paths::claim(conn, &path, target, now)? {
                return Ok(path);
            }
        }
    }
    Err(Error::internal("no free path"))
}

/// Numbers of a slug that are looked up at once.
const NUMBERS: usize = 100;
