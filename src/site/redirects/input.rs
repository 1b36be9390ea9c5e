//! What is sent to make or change a redirect, read into types: addresses come out in their form.

use ammonia::Url;
use ammonia::url::Position;
use serde_json::Value;

use super::model::{GONE, Redirect};
use crate::base::error::{Error, FieldCode, FieldError, Result};
use crate::base::http::fields::{At, Fields, Patch};
use crate::base::http::value_reader::{ValueReader, ValueSchema, small_integer, string, text, value_reader};
use crate::base::limits;
use crate::body_type;
use crate::site::paths::PathStep;
use crate::site::paths::address::{key, place, source};
use crate::site::redirects::model::RequestedRedirect;

/// The statuses of redirects.
/// The statuses of a redirect.
pub const REDIRECT_STATUSES: [i32; 5] = [301, 302, 307, 308, GONE];

body_type! {
    /// A redirect to be made.
    #[derive(Clone, Debug, PartialEq)]
    pub struct NewRedirect [check(|fields| check_location(fields, location.as_deref(), http_status))] {
        /// The path that leads elsewhere, without a fragment. With a query it leads there alone where that is asked for,
        /// parameters of campaigns (`utm_source`) aside. Percent-encoding, a closing slash and Unicode's forms make no
        /// difference to it, case does.
        pub path: String = required(path()),
        /// Where it leads: a path of the site, or an http or https URL, with a query and a fragment if you
        /// like. None with 410. One that is a redirect itself is followed to its end, and what led to
        /// `path` follows.
        pub location: String = optional(location()),
        /// 301, 302, 307, 308 or 410; where it is not given, 301 with a location and 410 without one.
        /// 302 and 307 are for now: what leads on to such a redirect is for now too.
        pub http_status: i32 = optional(http_status()),
        /// Why it is there.
        pub note: String = optional(text(limits::NOTE)),
    }
}

body_type! {
    /// A change of a redirect. Its path stays: delete it and make another one.
    #[derive(Clone, Debug)]
    pub struct RedirectPatch [merge_patch] {
        /// Where it leads from now on; null with 410, and alone to say 410.
        pub location: String = patch(location()),
        /// 301, 302, 307, 308 or 410, which empties the location.
        pub http_status: i32 = change(http_status()),
        /// Why it is there.
        pub note: String = patch(text(limits::NOTE)),
    }
}

impl RedirectPatch {
    /// Where the redirect is wished to lead after the change; `None` for nowhere.
    ///
    /// # Errors
    /// 422 `location_mismatch`.
    pub fn wish(&self, old: &Redirect, public_url: &str) -> Result<Option<PathStep>> {
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
            (Some(location), http_status) if http_status != GONE => Ok(Some(PathStep { location, http_status })),
            _ => Err(Error::field(FieldError::new("/location", FieldCode::LocationMismatch))),
        }
    }
}

/// A gone path leads nowhere, any other somewhere.
fn check_location(fields: &mut Fields<'_>, location: Option<&str>, http_status: Option<i32>) -> Option<()> {
    let is_wrong = ["location", "http_status"].map(|name| fields.at().has_error_at(name));
    if !is_wrong.contains(&true) && http_status.is_some_and(|status| (status == GONE) == location.is_some()) {
        return fields.at().child("location").fail(FieldCode::LocationMismatch);
    }
    Some(())
}

impl NewRedirect {
    /// The redirect that it asks for, on the site at `public_url`.
    pub fn wish(self, public_url: &str) -> RequestedRedirect {
        let http_status = self.http_status.unwrap_or(301);
        let step = self.location.map(|location| PathStep {
            location: on_site(&location, public_url),
            http_status,
        });
        RequestedRedirect {
            path: self.path,
            step,
            note: self.note,
        }
    }
}

/// A location that is a URL of this site becomes a path of the site; any other stays as it is.
pub(super) fn on_site(location: &str, public_url: &str) -> String {
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

/// Reads a path that can be redirected, in the form in which it is looked up.
pub fn path() -> impl ValueReader<Value = String> {
    let form = value_reader(
        || ValueSchema::text(limits::PATH),
        |at, value| {
            let text = address(at, value, limits::PATH)?;
            if !is_path(&text) || text.contains('#') {
                return at.expected(
                    FieldCode::InvalidFormat,
                    "a path that begins with /, without a fragment",
                );
            }
            let source = source(&text);
            if source.starts_with("/?p=") {
                let expected = "no number of a post: /?p= leads to what was imported";
                return at.expected(FieldCode::InvalidFormat, expected);
            }
            bounded(at, source, limits::PATH)
        },
    );
    form.documented(|text| text.pattern = Some("^/".to_owned()))
}

/// Reads where a redirect leads, in its form.
pub fn location() -> impl ValueReader<Value = String> {
    let form = value_reader(
        || ValueSchema::text(limits::URL),
        |at, value| {
            let text = address(at, value, limits::URL)?;
            match parse_location(&text) {
                Some(location) => bounded(at, location, limits::URL),
                None => at.expected(FieldCode::InvalidFormat, "a path of the site, or an http or https URL"),
            }
        },
    );
    form.documented(|text| text.pattern = Some("^(/|https?://)".to_owned()))
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

/// Whether it is written as a path: `//host`, and a path that climbs with `..`, are not.
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

/// Checks that an address is not too long in its form either, and fits into the index.
fn bounded(at: &mut At<'_>, address: String, max: usize) -> Option<String> {
    if address.chars().count() > max {
        return at.over(FieldCode::TooLong, max);
    }
    if address.len() > limits::ADDRESS_BYTES {
        // A character has at most four bytes: this many fit, whatever they are.
        return at.over(FieldCode::TooLong, limits::ADDRESS_BYTES / 4);
    }
    Some(address)
}

fn http_status() -> impl ValueReader<Value = i32> {
    small_integer(301, GONE).then(|at, status| {
        if REDIRECT_STATUSES.contains(&status) {
            return Some(status);
        }
        let words = REDIRECT_STATUSES.map(|status| status.to_string()).join(", ");
        at.fail_with(FieldError::new(at.pointer(), FieldCode::InvalidValue).with("allowed", words))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::base::clock::Time;
    use crate::base::http::body::FromBody;
    use crate::base::http::fields::read_body;
    use crate::site::paths::{PathKind, PathStatus, RedirectId, RedirectOrigin};

    const SITE: &str = "https://www.lefanal.test";

    fn read(body: Value) -> std::result::Result<String, String> {
        let shown = |error: &FieldError| format!("{} {}", error.pointer, error.code.as_str());
        let new = read_body(body, NewRedirect::read)
            .map_err(|error| error.errors().iter().map(shown).collect::<Vec<_>>().join(", "))?;
        let wish = new.wish(SITE);
        let step = wish.step.map(|step| format!("{} {}", step.location, step.http_status));
        Ok(format!("{} {}", wish.path, step.unwrap_or("gone".to_owned())))
    }

    #[test]
    fn addresses_come_out_in_their_form_or_not_at_all() {
        let good = [
            ("/a/", "/b/", "/a /b 301"),
            ("/caf%c3%a9", "/th%C3%A9?q=%c3%a9#x", "/café /thé?q=%C3%A9#x 301"),
            (" /a b ", "/", "/a%20b / 301"),
            ("/a/?b=%c3%a9 c", "/", "/a?b=%C3%A9%20c / 301"),
            ("/a?", "/", "/a / 301"),
            (
                "/A",
                "https://Ailleurs.test/é b",
                "/A https://ailleurs.test/%C3%A9%20b 301",
            ),
            ("/a", "https://www.lefanal.test/b/?x=1#y", "/a /b?x=1#y 301"),
            ("/a", "http://WWW.lefanal.test", "/a / 301"),
            (
                "/a",
                "https://www.lefanal.test//b",
                "/a https://www.lefanal.test//b 301",
            ),
            (
                "/a",
                "https://www.lefanal.test:8443/b",
                "/a https://www.lefanal.test:8443/b 301",
            ),
            ("/a", "https://lefanal.test/b", "/a https://lefanal.test/b 301"),
            ("/a", "/\\evil.test", "/a /%5Cevil.test 301"),
        ];
        for (path, location, expected) in good {
            // A URL with a space is not valid; the table has one only because of the é.
            let location = location.replace("é b", "é%20b");
            let found = read(json!({"path": path, "location": location}));
            assert_eq!(found.as_deref(), Ok(expected), "{path} {location}");
        }
        for path in [
            "a",
            "//a",
            "/a#b",
            "/a?b#c",
            "/?p=12",
            "/../a",
            "/a/./b",
            "/%2e%2e/a",
            "https://x.fr/a",
        ] {
            let found = read(json!({"path": path, "location": "/b"}));
            assert_eq!(found, Err("/path invalid_format".to_owned()), "{path}");
        }
        for location in [
            "b",
            "//evil.test/x",
            "javascript:alert(1)",
            "data:text/html,x",
            "ftp://a.fr/",
            "https://",
            "https://u:p@a.fr/",
            "https://u@a.fr/",
            "https://:p@a.fr/",
            "https://a.fr/ b",
            "https://a.fr\\@b.fr/",
            "/../b",
            "mailto:a@b.fr",
        ] {
            let found = read(json!({"path": "/a", "location": location}));
            assert_eq!(found, Err("/location invalid_format".to_owned()), "{location}");
        }
    }

    #[test]
    fn what_is_stored_fits_into_an_index() {
        let of = |text: &str| format!("/{}", text.repeat((limits::PATH - 1) / text.chars().count()));
        let table = [
            (of("x"), true),
            (of("語"), true),
            (of("😀"), false),
            // The space takes three characters in its form.
            (of(" x"), false),
            (of("%c3%a9"), true),
            (of("x") + "x", false),
        ];
        for (path, fits) in table {
            let found = read(json!({"path": path, "location": "/b"}));
            assert_eq!(found.is_ok(), fits, "{path}: {found:?}");
            assert!(fits || found == Err("/path too_long".to_owned()), "{path}: {found:?}");
        }
        for (location, fits) in [("https://a.fr/é", 300), ("/語", 600)] {
            for (count, expected) in [(fits, true), (limits::URL, false)] {
                let last = location.chars().last().unwrap();
                let location = format!("{location}{}", last.to_string().repeat(count));
                let found = read(json!({"path": "/a", "location": location}));
                assert_eq!(found.is_ok(), expected, "{location}");
            }
        }
    }

    #[test]
    fn status_and_location_go_together() {
        let table = [
            (json!({"path": "/a"}), Ok("/a gone")),
            (
                json!({"path": "/a", "location": null, "http_status": 410}),
                Ok("/a gone"),
            ),
            (
                json!({"path": "/a", "location": "/b", "http_status": 307}),
                Ok("/a /b 307"),
            ),
            (
                json!({"path": "/a", "location": "/b", "http_status": 410}),
                Err("/location location_mismatch"),
            ),
            (
                json!({"path": "/a", "http_status": 301}),
                Err("/location location_mismatch"),
            ),
            (
                json!({"path": "/a", "location": "/b", "http_status": 303}),
                Err("/http_status invalid_value"),
            ),
            (
                json!({"path": "/a", "location": "b", "http_status": 410}),
                Err("/location invalid_format"),
            ),
        ];
        for (body, expected) in table {
            let expected = expected.map(str::to_owned).map_err(str::to_owned);
            assert_eq!(read(body.clone()), expected, "{body}");
        }
    }

    #[test]
    fn a_change_leads_where_it_says_and_keeps_the_rest() {
        let now = Time::from_millis(0).unwrap();
        let old = |step: Option<(&str, i32)>| {
            let redirect = Redirect {
                id: RedirectId::new(),
                path: "/a".to_owned(),
                kind: PathKind::Redirect,
                target_id: None,
                locale: "fr".to_owned(),
                status: PathStatus::Gone,
                location: None,
                http_status: GONE,
                origin: RedirectOrigin::Editor,
                note: None,
                version: 1,
                created_by: None,
                created_at: now,
                updated_at: now,
            };
            redirect.leading(step.map(|(location, http_status)| PathStep {
                location: location.to_owned(),
                http_status,
            }))
        };
        let (moved, gone) = (Some(("/b", 302)), None);
        let table = [
            (moved, json!({}), Ok("/b 302")),
            (gone, json!({}), Ok("gone")),
            (moved, json!({"location": "/c"}), Ok("/c 302")),
            (gone, json!({"location": "/c"}), Ok("/c 301")),
            (moved, json!({"location": null}), Ok("gone")),
            (moved, json!({"http_status": 410}), Ok("gone")),
            (moved, json!({"http_status": 410, "location": null}), Ok("gone")),
            (moved, json!({"http_status": 308}), Ok("/b 308")),
            (gone, json!({"http_status": 410}), Ok("gone")),
            (gone, json!({"http_status": 308, "location": "/c"}), Ok("/c 308")),
            (gone, json!({"http_status": 308}), Err("location_mismatch")),
            (
                moved,
                json!({"http_status": 308, "location": null}),
                Err("location_mismatch"),
            ),
            (
                moved,
                json!({"http_status": 410, "location": "/c"}),
                Err("location_mismatch"),
            ),
        ];
        for (before, body, expected) in table {
            let patch = read_body(body.clone(), RedirectPatch::read).unwrap();
            let found = patch.wish(&old(before), SITE);
            let shown = |step: Option<PathStep>| {
                step.map_or("gone".to_owned(), |step| {
                    format!("{} {}", step.location, step.http_status)
                })
            };
            let found = found.map(shown).map_err(|error| error.errors()[0].code.as_str());
            assert_eq!(found, expected.map(str::to_owned), "{before:?} {body}");
        }
    }
}
