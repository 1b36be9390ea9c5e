//! Runs a file of redirects: sound rows are written, the others are reported with their lines.
//!
//! The file is read whole, then written in small transactions ([`ROWS_PER_TRANSACTION`]), so that nobody waits for
//! long. Rows that other rows lead to come first: then each row leads to its end at once, and none must be led on
//! later. A second run over the same file changes nothing. A dry run decides on the same rows in the same order over
//! one snapshot, and remembers what it would have written.

use std::collections::HashMap;

use crate::base::db::{Conn, Db};
use crate::base::error::{FieldCode, FieldError, Result};
use crate::site::paths::{PathStep, address};
use crate::site::redirects::change::{self, RedirectMaker, RedirectOutcome};
use crate::site::redirects::file::{self, RedirectFileRow};
use crate::site::redirects::model::{RedirectVerdict, RequestedRedirect, judge, settle};
use crate::site::redirects::store;
use crate::site::settings;

/// Rows that one transaction writes.
const ROWS_PER_TRANSACTION: usize = 50;

/// What a file did, or would do.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RedirectImportReport {
    /// Rows of the file.
    pub rows: usize,
    /// Redirects that are new.
    pub created: usize,
    /// Redirects that were there.
    pub unchanged: usize,
    /// Redirects that led elsewhere, or said something else.
    pub replaced: usize,
    /// Rows that were not taken, by line, with all that is wrong with them.
    pub refused: Vec<(u64, Vec<FieldError>)>,
}

impl RedirectImportReport {
    fn count(&mut self, line: u64, outcome: Result<RedirectOutcome>) -> Result<()> {
        match outcome {
            Ok(RedirectOutcome::Created) => self.created += 1,
            Ok(RedirectOutcome::Unchanged) => self.unchanged += 1,
            Ok(RedirectOutcome::Replaced) => self.replaced += 1,
            Err(error) if !error.errors().is_empty() => self.refused.push((line, error.errors().to_vec())),
            Err(error) => return Err(error),
        }
        Ok(())
    }
}

/// Runs a file, on this thread.
///
/// # Errors
/// Those of [`file::read`]; the database's. What was written until then stays: run the file again.
pub fn run(
    db: &Db,
    bytes: &[u8],
    public_url: &str,
    maker: &RedirectMaker,
    dry_run: bool,
) -> Result<RedirectImportReport> {
    let rows = file::read(bytes, public_url)?;
    let mut report = RedirectImportReport {
        rows: rows.len(),
        ..RedirectImportReport::default()
    };
    let wishes = in_order(wishes(rows, public_url, &mut report));
    if dry_run {
        db.read_blocking(|conn| rehearse(conn, &wishes, &mut report))?;
    } else {
        for chunk in wishes.chunks(ROWS_PER_TRANSACTION) {
            let (owned, maker) = (chunk.to_vec(), maker.clone());
            let outcomes = db.write_blocking(move |conn| put_all(conn, &owned, &maker))?;
            for ((line, _), outcome) in chunk.iter().zip(outcomes) {
                report.count(*line, outcome)?;
            }
        }
    }
    report.refused.sort_by_key(|(line, _)| *line);
    Ok(report)
}

/// Makes each redirect, or says why not; an error of the database stops the run.
fn put_all(
    conn: &mut Conn,
    wishes: &[(u64, RequestedRedirect)],
    maker: &RedirectMaker,
) -> Result<Vec<Result<RedirectOutcome>>> {
    let mut outcomes = Vec::with_capacity(wishes.len());
    for (_, wish) in wishes {
        match change::put(conn, wish, maker) {
            Err(error) if error.errors().is_empty() => return Err(error),
            outcome => outcomes.push(outcome),
        }
    }
    Ok(outcomes)
}

/// Decides on each redirect as if those before it were written.
fn rehearse(conn: &mut Conn, wishes: &[(u64, RequestedRedirect)], report: &mut RedirectImportReport) -> Result<()> {
    let site = settings::load(conn)?;
    let mut written: HashMap<&str, Option<PathStep>> = HashMap::new();
    for (line, wish) in wishes {
        let existing = store::find_at(conn, &wish.path)?;
        let mut at = |key: &str| match written.get(key) {
            Some(step) => Ok(step.clone()),
            None => change::step_at(conn, key),
        };
        // A real run would have led this row on by now, after the rows before it.
        let existing = match existing {
            Some(existing) if existing.step().is_some() => {
                let step = settle(&wish.path, existing.step(), &mut at)?;
                Some(existing.leading(step))
            }
            other => other,
        };
        let verdict = judge(&site, wish, existing, at);
        let outcome = verdict.map(|verdict| match verdict {
            RedirectVerdict::Make(step) => {
                written.insert(&wish.path, step);
                RedirectOutcome::Created
            }
            RedirectVerdict::Replace(_, step) => {
                written.insert(&wish.path, step);
                RedirectOutcome::Replaced
            }
            RedirectVerdict::Keep(_) => RedirectOutcome::Unchanged,
        });
        report.count(*line, outcome)?;
    }
    Ok(())
}

/// The sound rows of a file, each path once. A second row for a path is refused unless it says the
/// same.
fn wishes(
    rows: Vec<RedirectFileRow>,
    public_url: &str,
    report: &mut RedirectImportReport,
) -> Vec<(u64, RequestedRedirect)> {
    let mut wishes: Vec<(u64, RequestedRedirect)> = Vec::with_capacity(rows.len());
    let mut first: HashMap<String, usize> = HashMap::new();
    for row in rows {
        let wish = match row.redirect {
            Ok(redirect) => redirect.wish(public_url),
            Err(errors) => {
                report.refused.push((row.line, errors));
                continue;
            }
        };
        match first.get(&wish.path).and_then(|index| wishes.get(*index)) {
            Some((_, other)) if *other == wish => report.unchanged += 1,
            Some(_) => {
                let error = FieldError::new("/path", FieldCode::Duplicate);
                report.refused.push((row.line, vec![error]));
            }
            None => {
                first.insert(wish.path.clone(), wishes.len());
                wishes.push((row.line, wish));
            }
        }
    }
    wishes
}

/// The rows, each after the one that it leads to. In a circle the first row comes last.
fn in_order(wishes: Vec<(u64, RequestedRedirect)>) -> Vec<(u64, RequestedRedirect)> {
    let places: HashMap<&str, usize> = wishes
        .iter()
        .enumerate()
        .map(|(index, (_, wish))| (wish.path.as_str(), index))
        .collect();
    let mut seen = vec![false; wishes.len()];
    let mut order: Vec<usize> = Vec::with_capacity(wishes.len());
    for start in 0..wishes.len() {
        let mut way = Vec::new();
        let mut next = Some(start);
        while let Some(index) = next.filter(|index| seen.get(*index) == Some(&false)) {
            if let Some(seen) = seen.get_mut(index) {
                *seen = true;
            }
            way.push(index);
            let step = wishes.get(index).and_then(|(_, wish)| wish.step.as_ref());
            let sources = step.map_or_else(Vec::new, |step| address::sources(&step.location));
            next = sources.iter().find_map(|source| places.get(source.as_str()).copied());
        }
        order.extend(way.into_iter().rev());
    }
    let mut wishes: Vec<Option<(u64, RequestedRedirect)>> = wishes.into_iter().map(Some).collect();
    order
        .into_iter()
        .filter_map(|index| wishes.get_mut(index)?.take())
        .collect()
}
