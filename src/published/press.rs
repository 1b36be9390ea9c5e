//! Pressing: a live article as finished JSON, with its place in every list.
//!
//! A press writes one row of `published_articles` and its links, and one of a gated article's whole form
//! ([`super::gated`]). The JSON holds only what belongs to
//! the article, its tags and its contributors, and is stored without its closing brace: section,
//! breadcrumb, counts and the like are appended when it is sent ([`super::compose`]). A changed tag
//! or contributor presses the live articles that show it again ([`super::repress`]); so does a
//! binary with a newer [`PRESS_FORMAT`].

use std::collections::HashMap;

use diesel::prelude::*;

use super::pressed::{PressedRow, pressed_row};
use super::shown_places::ShownPlaces;
use super::{gated, links};
use crate::articles::corrections::{self, Correction};
use crate::articles::model::{Article, ArticleState, Content};
use crate::articles::store;
use crate::base::clock::Time;
use crate::base::db::dialect::{AdvisoryLock, take_advisory_lock};
use crate::base::db::schema::{comment_counts, gated_articles, published_articles, published_corrections};
use crate::base::db::{Conn, kept, outdate};
use crate::base::error::{Error, Result};
use crate::base::ids::{ArticleId, SectionId};
use crate::base::surrogate_key::SurrogateKey;
use crate::on_each;
use crate::search::stem::SearchLanguage;
use crate::search::store as search;
use crate::search::texts::SearchTexts;
use crate::site::frame::Frame;

/// The form of the pressed JSON. Raise it when the form changes: older rows are pressed anew after
/// the start of a newer binary.
pub const PRESS_FORMAT: i32 = 7;

/// The first position of a millisecond: `published_at` in ms, shifted by 20 bits for the articles of
/// that millisecond.
pub fn position_base(published_at: Time) -> i64 {
    published_at.millis() << 20
}

/// The moment that a position was made from.
pub fn moment_of(position: i64) -> Option<Time> {
    Time::from_millis(position >> 20)
}

/// Takes the lock that every press holds, so that positions are given out one at a time and no
/// section moves meanwhile. Take it before the lock of any row: in the other order, two transactions
/// could wait for each other.
pub fn lock_presses(conn: &mut Conn) -> Result<()> {
    Ok(take_advisory_lock(conn, AdvisoryLock::Presses)?)
}

/// The position of an article published at this moment: its own where the moment has not changed.
pub fn position(conn: &mut Conn, article: &Article, published_at: Time) -> Result<i64> {
    let base = position_base(published_at);
    let end = base + (1 << 20);
    if let Some(own) = article.position.filter(|own| (base..end).contains(own)) {
        return Ok(own);
    }
    let greatest = store::greatest_position(conn, base, end)?;
    let next = greatest.unwrap_or(base) + 1;
    if next < end {
        Ok(next)
    } else {
        Err(Error::unavailable("a million articles in one millisecond"))
    }
}

/// Positions that are read to give out new ones among them.
const POSITIONS_READ: i64 = 5_000;

/// Positions of articles that have none yet, published at these moments: the same as [`position`] gives one by one.
pub fn first_positions(conn: &mut Conn, moments: &[Time]) -> Result<Vec<i64>> {
    let bases = moments.iter().map(|moment| position_base(*moment));
    let (Some(least), Some(greatest)) = (bases.clone().min(), bases.clone().max()) else {
        return Ok(Vec::new());
    };
    let there = store::positions_between(conn, least, greatest + (1 << 20), POSITIONS_READ)?;
    let are_all = i64::try_from(there.len()).is_ok_and(|count| count < POSITIONS_READ);
    let mut last: HashMap<i64, i64> = HashMap::new();
    for position in there.into_iter().filter(|_| are_all) {
        last.insert(position >> 20 << 20, position);
    }
    let mut positions = Vec::with_capacity(moments.len());
    for base in bases {
        let before = match last.get(&base) {
            Some(position) => *position,
            None if are_all => base,
            None => store::greatest_position(conn, base, base + (1 << 20))?.unwrap_or(base),
        };
        if before + 1 >= base + (1 << 20) {
            return Err(Error::unavailable("a million articles in one millisecond"));
        }
        last.insert(base, before + 1);
        positions.push(before + 1);
    }
    Ok(positions)
}

/// Writes the live row of an article whose row already says path, position and times, from the
/// content of its live revision.
///
/// # Errors
/// 500 when the row does not say them.
pub fn press(conn: &mut Conn, frame: &Frame, article: &Article, content: &Content) -> Result<()> {
    let notices = corrections::store::list_of(conn, article.id)?;
    let preview = gated::preview_form(conn, content)?;
    let texts = preview.as_ref().map_or(content, |preview| &preview.content).texts();
    let row = match &preview {
        Some(preview) => preview.pressed(conn, frame, article, &texts, &notices)?,
        None => pressed_row(conn, frame, article, content, &texts, &notices)?,
    };
    let row = row.continuing_card()?;
    let former = unindex(conn, article.id)?;
    if let Some(former) = &former {
        links::unlink(conn, article.id)?;
        if former.is_gated {
            gated::forget_whole(conn, article.id)?;
        }
        let notices = published_corrections::table.filter(published_corrections::article_id.eq(article.id));
        if diesel::delete(notices).execute(conn)? > 0 {
            outdate([SurrogateKey::Corrections]);
        }
    }
    on_each!(conn, c => kept(diesel::insert_into(published_articles::table)
        .values(&row)
        .on_conflict(published_articles::id)
        .do_update()
        .set(&row))
        .execute(c))?;
    gated::write_whole(conn, frame, article, content, &texts, &notices)?;
    if row.retracted_at.is_none() {
        let entry = texts.entry(SearchLanguage::of(&row.locale));
        search::put(conn, &[(row.position, &entry)])?;
    }
    on_each!(conn, c => diesel::insert_into(comment_counts::table)
        .values((comment_counts::article_id.eq(article.id), comment_counts::approved.eq(0_i64)))
        .on_conflict_do_nothing()
        .execute(c))?;
    for notice in &notices {
        publish_notice(conn, &row, notice)?;
        outdate([SurrogateKey::Corrections]);
    }
    let (before, now) = (former.map(|former| former.places), ShownPlaces::of(&row));
    let places: Vec<&ShownPlaces> = before.iter().chain([&now]).collect();
    ShownPlaces::outdate(&places, conn, article.id)?;
    links::link(conn, frame, &[(&row, content)])
}

/// How an article was pressed last.
struct FormerPress {
    /// Whether its whole form is kept.
    is_gated: bool,
    places: ShownPlaces,
}

/// Takes an article out of the search index, by the texts as pressed last; returns how that was, `None` where it was not
/// pressed at all.
fn unindex(conn: &mut Conn, id: ArticleId) -> Result<Option<FormerPress>> {
    type IndexedEntry = (i64, String, Option<i32>, Option<Time>, Option<ArticleId>);
    type StoredPlaces = (Option<Time>, Option<i64>, Option<String>);
    let row: Option<(IndexedEntry, StoredPlaces)> = published_articles::table
        .left_join(gated_articles::table.on(gated_articles::article_id.eq(published_articles::id)))
        .filter(published_articles::id.eq(id))
        .select((
            (
                published_articles::position,
                published_articles::card_json,
                published_articles::search_format,
                published_articles::retracted_at,
                gated_articles::article_id.nullable(),
            ),
            (
                published_articles::breaking_until,
                published_articles::featured_position,
                published_articles::translation_key,
            ),
        ))
        .first(conn)
        .optional()?;
    let Some(((position, card, format, retracted_at, whole), places)) = row else {
        return Ok(None);
    };
    match (format, retracted_at) {
        (Some(_), None) => search::remove(conn, position, &SearchTexts::of_pressed(&card, "")?)?,
        (None, None) => search::remove_former(conn, position)?,
        (_, Some(_)) => {}
    }
    let (breaking_until, featured_position, translation_key) = places;
    Ok(Some(FormerPress {
        is_gated: whole.is_some(),
        places: ShownPlaces {
            breaking_until,
            featured_position,
            translation_key,
        },
    }))
}

fn publish_notice(conn: &mut Conn, row: &PressedRow, notice: &Correction) -> Result<()> {
    diesel::insert_into(published_corrections::table)
        .values((
            published_corrections::id.eq(notice.id),
            published_corrections::article_id.eq(row.id),
            published_corrections::locale.eq(&row.locale),
            published_corrections::kind.eq(notice.kind),
            published_corrections::text.eq(&notice.text),
            published_corrections::at.eq(notice.at),
        ))
        .execute(conn)?;
    Ok(())
}

/// An article pressed as it would be live, but put in no list.
pub struct PressedCopy {
    /// Its primary section: the one in its path.
    pub section_id: SectionId,
    /// The article without its closing brace.
    pub article_json: String,
    /// The body in outline.
    pub outline: String,
    /// How it takes comments, as JSON; `None` where its section decides.
    pub comment_policy: Option<String>,
    /// Until when it is breaking news.
    pub breaking_until: Option<Time>,
}

/// Presses a content as it would be live if it were published now, and writes nothing. `None` where
/// it has no section. A path that is taken meanwhile gets its number at publish.
pub fn press_copy(
    conn: &mut Conn,
    frame: &Frame,
    article: &Article,
    content: &Content,
    now: Time,
) -> Result<Option<PressedCopy>> {
    let Some(section) = content.section_id.and_then(|id| frame.tree.get(id)) else {
        return Ok(None);
    };
    let own = match store::keeps_path(conn, article, content)? {
        true => article.path.clone(),
        false => None,
    };
    let wanted = || format!("{}/{}", section.path, content.preferred_slug(article.id));
    let as_live = Article {
        state: ArticleState::Published,
        path: own.or_else(|| Some(frame.site.localised(&article.locale, &wanted()))),
        published_at: article.published_at.or(Some(now)),
        position: Some(0),
        live_revision_number: Some(0),
        ..article.clone()
    };
    let notices = corrections::store::list_of(conn, article.id)?;
    let row = pressed_row(conn, frame, &as_live, content, &content.texts(), &notices)?;
    Ok(Some(PressedCopy {
        section_id: row.section_id,
        article_json: row.article_json,
        outline: row.outline,
        comment_policy: row.comment_policy,
        breaking_until: row.breaking_until,
    }))
}

/// The primary section of an article where it is live: not always the working copy's.
pub fn live_section(conn: &mut Conn, id: ArticleId) -> Result<Option<SectionId>> {
    Ok(published_articles::table
        .find(id)
        .select(published_articles::section_id)
        .first(conn)
        .optional()?)
}

/// The sections where an article is live itself, the primary one first: that of [`live_section`]; none where it is not
/// live.
pub fn live_sections(conn: &mut Conn, id: ArticleId, primary: Option<SectionId>) -> Result<Vec<SectionId>> {
    let Some(primary) = primary else {
        return Ok(Vec::new());
    };
    let mut sections = vec![primary];
    sections.extend(links::secondary_sections(conn, id, primary)?);
    Ok(sections)
}

/// Takes an article out of everything that readers see.
pub fn withdraw(conn: &mut Conn, id: ArticleId) -> Result<()> {
    if let Some(former) = unindex(conn, id)? {
        ShownPlaces::outdate(&[&former.places], conn, id)?;
        links::unlink(conn, id)?;
        outdate([SurrogateKey::Corrections]);
    }
    diesel::delete(published_articles::table.find(id)).execute(conn)?;
    Ok(())
}
