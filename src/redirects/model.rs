//! A redirect, and the rule that decides which wishes can be fulfilled.

use diesel::prelude::*;
use serde::Serialize;

use crate::auth::UserId;
use crate::clock::Time;
use crate::error::{Error, FieldCode, FieldError, Result};
use crate::limits;
use crate::paths::{self, PathKind, PathStatus, RedirectId, RedirectOrigin, Step, Walk};
use crate::site::Site;

crate::word_type! {
    /// What a redirect does.
    RedirectStatus {
        /// It leads elsewhere.
        Moved = "moved",
        /// It says that what stood there was withdrawn for good.
        Gone = "gone",
    }
}

impl RedirectStatus {
    /// The same as the status of a path.
    pub fn of_path(self) -> PathStatus {
        match self {
            Self::Moved => PathStatus::Moved,
            Self::Gone => PathStatus::Gone,
        }
    }
}

/// A path's row as editors see it.
#[derive(Clone, Debug, PartialEq, Queryable, Serialize)]
pub struct Redirect {
    /// The row's id.
    pub id: RedirectId,
    /// The path.
    pub path: String,
    /// What it is the path of.
    pub kind: PathKind,
    /// The thing's id.
    pub target_id: Option<String>,
    /// In which language.
    pub locale: String,
    /// What it answers.
    pub status: PathStatus,
    /// Where it leads.
    pub location: Option<String>,
    /// With which status.
    pub http_status: i32,
    /// How it came to be.
    pub origin: RedirectOrigin,
    /// Why it is there.
    pub note: Option<String>,
    /// Counts changes.
    pub version: i64,
    /// Who made it.
    pub created_by: Option<UserId>,
    /// When the path became known.
    pub created_at: Time,
    /// When it was changed last.
    pub updated_at: Time,
}

impl Redirect {
    /// Whether it is the path of a killed article.
    pub fn is_sealed(&self) -> bool {
        self.status == PathStatus::Gone && self.kind == PathKind::Article
    }

    /// Whether it is a redirect now.
    pub fn is_redirect(&self) -> bool {
        matches!(self.status, PathStatus::Moved | PathStatus::Gone)
    }

    /// Where it leads, if anywhere.
    pub fn step(&self) -> Option<Step> {
        let location = self.location.clone().filter(|_| self.status == PathStatus::Moved)?;
        Some(Step {
            location,
            http_status: self.http_status,
        })
    }

    /// The same leading elsewhere, or gone.
    #[must_use]
    pub fn leading(self, step: Option<Step>) -> Self {
        Self {
            status: if step.is_some() {
                PathStatus::Moved
            } else {
                PathStatus::Gone
            },
            http_status: step.as_ref().map_or(GONE, |step| step.http_status),
            location: step.map(|step| step.location),
            ..self
        }
    }
}

/// The status of what is gone.
pub const GONE: i32 = 410;
/// A redirect as it is wished for, addresses in their form.
#[derive(Clone, Debug, PartialEq)]
pub struct Wish {
    /// The path.
    pub path: String,
    /// Where it leads; `None` for 410.
    pub step: Option<Step>,
    /// Why it is there.
    pub note: Option<String>,
}

/// What becomes of a wish.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// It is made, and leads there in one step.
    Make(Option<Step>),
    /// It takes the place of this one.
    Replace(Box<Redirect>, Option<Step>),
    /// There is one like it.
    Keep(Box<Redirect>),
}

/// Decides on a wish by what stands at its path. `at` tells where another path leads, if it is a
/// redirect.
///
/// # Errors
/// 422 `path_reserved`, `path_taken`, `redirect_loop`, 409 `path_sealed`; what `at` returns.
pub fn judge(
    site: &Site,
    wish: &Wish,
    standing: Option<Redirect>,
    at: impl FnMut(&str) -> Result<Option<Step>>,
) -> Result<Verdict> {
    let refuse = |code| Err(Error::field(FieldError::new("/path", code).with("path", &wish.path)));
    if site.keeps(&wish.path) {
        return refuse(FieldCode::PathReserved);
    }
    if let Some(standing) = &standing {
        if standing.is_sealed() {
            return refuse(FieldCode::PathSealed);
        }
        if !standing.is_redirect() {
            return refuse(FieldCode::PathTaken);
        }
    }
    let step = settle(&wish.path, wish.step.clone(), at)?;
    let Some(standing) = standing.map(Box::new) else {
        return Ok(Verdict::Make(step));
    };
    let notes_alike = wish.note.is_none() || wish.note == standing.note;
    if standing.step() == step && notes_alike {
        Ok(Verdict::Keep(standing))
    } else {
        Ok(Verdict::Replace(standing, step))
    }
}

/// The one step from a path to the end of where it is to lead.
///
/// # Errors
/// 422 `redirect_loop` with the chain; what `at` returns.
pub fn settle(path: &str, step: Option<Step>, at: impl FnMut(&str) -> Result<Option<Step>>) -> Result<Option<Step>> {
    let Some(step) = step else { return Ok(None) };
    match paths::walk(path, step, at)? {
        Walk::Ends(step) => Ok(Some(step)),
        Walk::Circles(mut chain) => {
            if chain.len() > limits::PATH_CHAIN {
                let last = chain.split_off(chain.len() - 1);
                chain.truncate(limits::PATH_CHAIN - 1);
                chain.extend(last);
            }
            let error = FieldError::new("/location", FieldCode::RedirectLoop).with("chain", chain.join(" → "));
            Err(Error::field(error).extra("chain", chain))
        }
    }
}
