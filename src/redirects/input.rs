//! What is sent to make or change a redirect, read into types: addresses come out in their form.

use ammonia::Url;
use ammonia::url::Position;
use serde_json::Value;
use utoipa::ToSchema;

use super::model::{GONE, Redirect, Wish};
use crate::error::{Error, FieldCode, FieldError, Result};
use crate::http::body::{FromBody, Media};
use crate::http::fields::{At, Fields, Patch, integer, string, text};
use crate::limits;
use crate::paths::Step;
use crate::paths::address::{key, place};

/// The statuses of redirects.
const STATUSES: [i32; 5] = [301, 302, 307, 308, GONE];

/// A redirect to be made.
#[derive(Clone, Debug, PartialEq, ToSchema)]
pub struct NewRedirect {
    /// The path that leads elsewhere, without query and fragment. Percent-encoding, a closing slash
    /// and Unicode's forms make no difference to it, case does.
    #[schema(pattern = "^/", max_length = 700)]
    pub path: String,
    /// Where it leads: a path of the site, or an http or https URL, with a query and a fragment if you
    /// like. None with 410. One that is a redirect itself is followed to its end, and what led to
    /// `path` follows.
    #[schema(pattern = "^(/|https?://)", max_length = 2048)]
    pub location: Option<String>,
    /// 301, 302, 307, 308 or 410; where it is not given, 301 with a location and 410 without one.
    /// 302 and 307 are for now: what leads on to such a redirect is for now too.
    #[schema(minimum = 301, maximum = 410)]
    pub http_status: Option<i32>,
    /// Why it is there.
    pub note: Option<String>,
}

impl FromBody for NewRedirect {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let path = fields.required("path", read_path);
        let location = fields.optional("location", read_location);
        let http_status = fields.optional("http_status", read_http_status);
        let note = fields.optional("note", text(limits::NOTE));
        let is_wrong = ["location", "http_status"].map(|name| fields.at().has_error_at(name));
        if !is_wrong.contains(&true) && http_status.is_some_and(|status| (status == GONE) == location.is_some()) {
            return fields.at().child("location").fail(FieldCode::LocationMismatch);
        }
        Some(Self {
            path: path?,
            location,
            http_status,
            note,
        })
    }
}

/// A change of a redirect. Its path stays: delete it and make another one.
#[derive(Clone, Debug, ToSchema)]
pub struct RedirectPatch {
    /// Where it leads from now on; null with 410, and alone to say 410.
    #[schema(value_type = Option<String>, pattern = "^(/|https?://)", max_length = 2048)]
    pub location: Patch<String>,
    /// 301, 302, 307, 308 or 410, which empties the location.
    #[schema(minimum = 301, maximum = 410, nullable = false)]
    pub http_status: Option<i32>,
    /// Why it is there.
    #[schema(value_type = Option<String>)]
    pub note: Patch<String>,
}

impl FromBody for RedirectPatch {
    const MEDIA: Media = Media::MergePatch;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        fields.take_clear();
        Some(Self {
            location: fields.patch("location", read_location),
            http_status: fields.change("http_status", read_http_status),
            note: fields.patch("note", text(limits::NOTE)),
        })
    }
}

impl RedirectPatch {
    /// Where the redirect is wished to lead after the change; `None` for nowhere.
    ///
    /// # Errors
    /// 422 `location_mismatch`.
    pub fn wish(&self, old: &Redirect, public_url: &str) -> Result<Option<Step>> {
        let location = match &self.location {
            Patch::Keep => old.location.clone(),
            Patch::Set(location) => Some(on_site(location, public_url)),
            Patch::Clear => None,
        };
        let kept = old.step().map_or(301, |step| step.http_status);
        let fitting = if location.is_some() { kept } else { GONE };
        match (location, self.http_status.unwrap_or(fitting)) {
            (Some(_), GONE) if self.location == Patch::Keep => Ok(None),
            (None, GONE) => Ok(None),
            (Some(location), http_status) if http_status != GONE => Ok(Some(Step { location, http_status })),
            _ => Err(Error::field(FieldError::new("/location", FieldCode::LocationMismatch))),
        }
    }
}

impl NewRedirect {
    /// The wish of it, on the site at `public_url`.
    pub fn wish(self, public_url: &str) -> Wish {
        let http_status = self.http_status.unwrap_or(301);
        let step = self.location.map(|location| Step {
            location: on_site(&location, public_url),
            http_status,
        });
        Wish {
            path: self.path,
            step,
            note: self.note,
        }
    }
}

/// A place that is written as a URL of this site, as a path of the site; any other as it is.
fn on_site(location: &str, public_url: &str) -> String {
    let (Ok(url), Ok(public)) = (Url::parse(location), Url::parse(public_url)) else {
        return location.to_owned();
    };
    let same_host = url.host_str() == public.host_str() && url.port() == public.port();
    let base = public.path().trim_end_matches('/');
    let below = url.path().strip_prefix(base);
    match below.filter(|path| same_host && (path.is_empty() || path.starts_with('/') && !path.starts_with("//"))) {
        Some(path) => {
            let after = &url[Position::AfterPath..];
            place(&format!("/{}{after}", path.trim_start_matches('/')))
        }
        None => location.to_owned(),
    }
}

/// Reads the path of a redirect, in its form.
pub fn read_path(at: &mut At<'_>, value: Value) -> Option<String> {
    let expected = "a path that begins with /, without query or fragment";
    let text = address(at, value, limits::PATH)?;
    if !is_path(&text) || text.contains(['?', '#']) {
        return at.expected(FieldCode::InvalidFormat, expected);
    }
    bounded(at, key(&text))
}

/// Reads where a redirect leads, in its form.
pub fn read_location(at: &mut At<'_>, value: Value) -> Option<String> {
    let text = address(at, value, limits::URL)?;
    match parse_location(&text) {
        Some(location) => bounded(at, location),
        None => at.expected(FieldCode::InvalidFormat, "a path of the site, or an http or https URL"),
    }
}

/// The form of a path of the site, or of an http or https URL; `None` for anything else.
pub fn parse_location(text: &str) -> Option<String> {
    if is_path(text) {
        return Some(place(text));
    }
    let url = Url::parse(text).ok()?;
    let anonymous = url.username().is_empty() && url.password().is_none();
    let is_web = matches!(url.scheme(), "http" | "https") && url.has_host() && anonymous;
    (is_web && !text.contains(|c: char| c.is_whitespace() || c == '\\')).then(|| url.to_string())
}

/// Whether it is written as a path: `//host` and what climbs with `..` is none.
fn is_path(text: &str) -> bool {
    let path = text.split(['?', '#']).next().unwrap_or_default();
    let climbs = || key(path).split('/').any(|segment| segment == "." || segment == "..");
    path.starts_with('/') && !path.starts_with("//") && !climbs()
}

/// One line without white space around it.
fn address(at: &mut At<'_>, value: Value, max: usize) -> Option<String> {
    let text = string(at, value)?;
    match text.trim() {
        "" => at.fail(FieldCode::Blank),
        text if text.chars().count() > max => at.over(FieldCode::TooLong, max),
        text if text.contains(['\t', '\r', '\n']) => {
            let shown = FieldError::new(at.pointer(), FieldCode::ForbiddenCharacter).with("character", "U+000A");
            at.fail_with(shown)
        }
        text => Some(text.to_owned()),
    }
}

/// An address that fits into the index.
fn bounded(at: &mut At<'_>, address: String) -> Option<String> {
    if address.len() > limits::ADDRESS_BYTES {
        // As many as fit whatever they are.
        return at.over(FieldCode::TooLong, limits::ADDRESS_BYTES / 4);
    }
    Some(address)
}

fn read_http_status(at: &mut At<'_>, value: Value) -> Option<i32> {
    let status = integer(301, i64::from(GONE))(at, value)?;
    let known = STATUSES.into_iter().find(|known| i64::from(*known) == status);
    known.or_else(|| {
        let words = STATUSES.map(|status| status.to_string()).join(", ");
        at.fail_with(FieldError::new(at.pointer(), FieldCode::InvalidValue).with("allowed", words))
    })
}
