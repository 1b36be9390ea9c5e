//! A redirect, and the rule that decides which wishes can be fulfilled.

use diesel::prelude::*;
use serde::Serialize;

use crate::base::clock::Time;
use crate::base::error::{Error, FieldCode, FieldError, Result};
use crate::base::ids::UserId;
use crate::base::limits;
use crate::site::paths::{self, PathKind, PathStatus, PathStep, PathWalk, RedirectId, RedirectOrigin};
use crate::site::settings::Site;

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
    pub fn step(&self) -> Option<PathStep> {
        let location = self.location.clone().filter(|_| self.status == PathStatus::Moved)?;
        Some(PathStep {
            location,
            http_status: self.http_status,
        })
    }

    /// The same leading elsewhere, or gone.
    #[must_use]
    pub fn leading(self, step: Option<PathStep>) -> Self {
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
pub struct RequestedRedirect {
    /// The path.
    pub path: String,
    /// Where it leads; `None` for 410.
    pub step: Option<PathStep>,
    /// Why it is there.
    pub note: Option<String>,
}

/// What becomes of a wish.
#[derive(Clone, Debug, PartialEq)]
pub enum RedirectVerdict {
    /// It is made, and leads there in one step.
    Make(Option<PathStep>),
    /// It takes the place of this one.
    Replace(Box<Redirect>, Option<PathStep>),
    /// There is one like it.
    Keep(Box<Redirect>),
}

/// Decides on a wish by the row at its path. `at` returns where another path leads, if it is a redirect.
///
/// # Errors
/// 422 `path_reserved`, `path_taken`, `redirect_loop`, 409 `path_sealed`; what `at` returns.
pub fn judge(
    site: &Site,
    wish: &RequestedRedirect,
    existing: Option<Redirect>,
    at: impl FnMut(&str) -> Result<Option<PathStep>>,
) -> Result<RedirectVerdict> {
    let refuse = |code| Err(Error::field(FieldError::new("/path", code).with("path", &wish.path)));
    if site.keeps(&wish.path) {
        return refuse(FieldCode::PathReserved);
    }
    if let Some(existing) = &existing {
        if existing.is_sealed() {
            return refuse(FieldCode::PathSealed);
        }
        if !existing.is_redirect() {
            return refuse(FieldCode::PathTaken);
        }
    }
    let step = settle(&wish.path, wish.step.clone(), at)?;
    let Some(existing) = existing.map(Box::new) else {
        return Ok(RedirectVerdict::Make(step));
    };
    let notes_alike = wish.note.is_none() || wish.note == existing.note;
    if existing.step() == step && notes_alike {
        Ok(RedirectVerdict::Keep(existing))
    } else {
        Ok(RedirectVerdict::Replace(existing, step))
    }
}

/// The single step from a path to the place where it leads in the end.
///
/// # Errors
/// 422 `redirect_loop` with the chain; what `at` returns.
pub fn settle(
    path: &str,
    step: Option<PathStep>,
    at: impl FnMut(&str) -> Result<Option<PathStep>>,
) -> Result<Option<PathStep>> {
    let Some(step) = step else { return Ok(None) };
    match paths::walk(path, step, at)? {
        PathWalk::Ends(step) => Ok(Some(step)),
        PathWalk::Circles(mut chain) => {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::error::Code;

    fn step(location: &str, http_status: i32) -> Option<PathStep> {
        let location = location.to_owned();
        Some(PathStep { location, http_status })
    }

    fn existing(kind: PathKind, status: PathStatus, step: Option<PathStep>) -> Redirect {
        let now = Time::from_millis(0).unwrap();
        let redirect = Redirect {
            id: RedirectId::new(),
            path: "/a".to_owned(),
            kind,
            target_id: None,
            locale: "fr".to_owned(),
            status,
            location: None,
            http_status: 200,
            origin: RedirectOrigin::Automatic,
            note: Some("Note".to_owned()),
            version: 1,
            created_by: None,
            created_at: now,
            updated_at: now,
        };
        if redirect.is_redirect() {
            redirect.leading(step)
        } else {
            redirect
        }
    }

    /// `/b` leads to `/c` for now, `/loop` to `/a`, `/away` to another site; nothing else leads on.
    fn table(key: &str) -> Result<Option<PathStep>> {
        Ok(match key {
            "/b" => step("/c", 302),
            "/loop" => step("/a#x", 301),
            "/away" => step("https://b.fr/", 308),
            "/i.php?id=1" => step("/d", 301),
            _ => None,
        })
    }

    fn judged(
        path: &str,
        wished: Option<PathStep>,
        existing: Option<Redirect>,
    ) -> std::result::Result<String, &'static str> {
        let wish = RequestedRedirect {
            path: path.to_owned(),
            step: wished,
            note: None,
        };
        let shown = |step: &Option<PathStep>| {
            let shown = |step: &PathStep| format!("{} {}", step.location, step.http_status);
            step.as_ref().map_or("gone".to_owned(), shown)
        };
        match judge(&Site::default(), &wish, existing, table) {
            Ok(RedirectVerdict::Make(step)) => Ok(format!("make {}", shown(&step))),
            Ok(RedirectVerdict::Replace(_, step)) => Ok(format!("replace {}", shown(&step))),
            Ok(RedirectVerdict::Keep(_)) => Ok("keep".to_owned()),
            Err(error) => Err(error.errors()[0].code.as_str()),
        }
    }

    #[test]
    fn a_wish_is_decided_by_what_stands_at_its_path() {
        use PathKind::{Article, Redirect, Section, Tag};
        use PathStatus::{Gone, Hidden, Live, Moved};
        let to_c = || step("/c", 301);
        let rows = [
            (None, Ok("make /c 301")),
            (Some(existing(Section, Live, None)), Err("path_taken")),
            (Some(existing(Article, Live, None)), Err("path_taken")),
            (Some(existing(Article, Hidden, None)), Err("path_taken")),
            (Some(existing(Article, Gone, None)), Err("path_sealed")),
            (Some(existing(Tag, Gone, None)), Ok("replace /c 301")),
            (Some(existing(Redirect, Gone, None)), Ok("replace /c 301")),
            (Some(existing(Article, Moved, step("/d", 301))), Ok("replace /c 301")),
            (Some(existing(Redirect, Moved, step("/c", 302))), Ok("replace /c 301")),
            (Some(existing(Redirect, Moved, to_c())), Ok("keep")),
            (Some(existing(Article, Moved, to_c())), Ok("keep")),
        ];
        for (existing, expected) in rows {
            let shown = format!("{existing:?}");
            let expected = expected.map(str::to_owned);
            assert_eq!(judged("/a", to_c(), existing), expected, "{shown}");
        }
        for path in [
            "/",
            "/v1",
            "/v1?x=1",
            "/v1/articles",
            "/docs",
            "/feeds/rss",
            "/.well-known/x",
        ] {
            assert_eq!(judged(path, to_c(), None), Err("path_reserved"), "{path}");
        }
        for path in ["/tag/eau", "/?q=node/12", "/auteur", "/v2/x", "/docs2"] {
            assert!(judged(path, None, None).is_ok(), "{path}");
        }
    }

    #[test]
    fn a_wish_leads_to_the_end_in_one_step_and_never_back() {
        let rows = [
            (step("/b", 301), Ok("make /c 302")),
            (step("/b", 308), Ok("make /c 307")),
            (step("/b", 302), Ok("make /c 302")),
            (step("/b", 307), Ok("make /c 307")),
            (step("/b?page=2#fin", 301), Ok("make /c?page=2#fin 302")),
            (step("/away?x=1", 301), Ok("make https://b.fr/ 301")),
            (step("/c?a=/a", 301), Ok("make /c?a=/a 301")),
            (step("/i.php?id=1#x", 301), Ok("make /d 301")),
            (step("/i.php?utm_source=x&id=1", 301), Ok("make /d 301")),
            (step("/i.php?id=2", 301), Ok("make /i.php?id=2 301")),
            (step("/a", 301), Err("redirect_loop")),
            (step("/a?x=1", 301), Err("redirect_loop")),
            (step("/loop", 301), Err("redirect_loop")),
            (None, Ok("make gone")),
        ];
        for (wished, expected) in rows {
            let shown = format!("{wished:?}");
            assert_eq!(judged("/a", wished, None), expected.map(str::to_owned), "{shown}");
        }
        let wish = RequestedRedirect {
            path: "/a".to_owned(),
            step: step("/loop", 301),
            note: None,
        };
        let error = judge(&Site::default(), &wish, None, table).unwrap_err();
        assert_eq!(error.code(), Code::RedirectLoop);
        assert_eq!(error.extras()["chain"], serde_json::json!(["/a", "/loop", "/a"]));
    }

    #[test]
    fn a_long_circle_is_told_in_short() {
        let next = |key: &str| {
            let number: usize = key.trim_start_matches("/p").parse().unwrap();
            Ok(step(&format!("/p{}", (number + 1) % 500), 301))
        };
        let error = settle("/p0", step("/p1", 301), next).unwrap_err();
        let chain = error.extras()["chain"].as_array().unwrap();
        assert_eq!(chain.len(), limits::PATH_CHAIN);
        assert_eq!((&chain[0], chain.last()), (&"/p0".into(), Some(&"/p0".into())));
    }
}
