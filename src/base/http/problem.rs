//! Problems (RFC 9457): how an [`Error`] is written, in the language that the reader asked for.

use std::future::{Ready, ready};
use std::rc::Rc;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse, ResponseError};
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use crate::base::clock::Time;
use crate::base::error::{Code, Error, FieldCode, FieldError, Language};

/// The media type of every error.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// What went wrong (RFC 9457).
#[derive(Serialize, ToSchema)]
pub struct Problem {
    /// Where this kind of problem is explained.
    #[serde(rename = "type")]
    pub type_: String,
    /// The kind of problem in a few words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened this time.
    pub detail: String,
    /// The path that was asked for.
    pub instance: String,
    /// The kind of problem as a stable code.
    pub code: Code,
    /// The id under which our log knows this request.
    pub request_id: String,
    /// With `invalid_state`: the state it is in.
    #[schema(required = false)]
    pub state: Option<String>,
    /// With `invalid_state`: the actions that are possible.
    #[schema(required = false)]
    pub allowed_actions: Option<Vec<String>>,
    /// With `stale_version`: the current ETag.
    #[schema(required = false)]
    pub current_etag: Option<String>,
    /// With `stale_version`: what was changed since, the newest 50 changes, oldest first.
    #[schema(required = false)]
    pub changes: Option<Vec<Change>>,
    /// With `invalid_state`: how far the desk is with the working copy.
    #[schema(required = false)]
    pub review: Option<String>,
    /// With `translation_exists`: the article in that language, where it is known.
    #[schema(required = false)]
    pub article_id: Option<String>,
    /// With `embargoed`: the end of the embargo.
    #[schema(required = false)]
    pub embargo_until: Option<Time>,
    /// With `already_scheduled`: what waits already.
    #[schema(required = false)]
    pub schedule: Option<WaitingSchedule>,
    /// With `gone`: when it was taken down, where it was a killed article.
    #[schema(required = false)]
    pub killed_at: Option<Time>,
    /// With `gone`: what the newsroom says to readers.
    #[schema(required = false)]
    pub notice: Option<String>,
    /// With `stale_version`: all that was changed since, in sum.
    #[schema(required = false)]
    pub change_summary: Option<ChangeSummary>,
    /// With `stale_version`: what the members that were changed since hold now, of `blocks` the ids. One for which
    /// 64 KiB leave no room is not there.
    #[schema(required = false, value_type = Option<Object>)]
    pub current_values: Option<Map<String, Value>>,
    /// With `lease_held`: who holds it.
    #[schema(required = false)]
    pub holder_id: Option<String>,
    /// With `lease_held`: their name.
    #[schema(required = false)]
    pub holder_name: Option<String>,
    /// With `lease_held`: until when, unless they renew it. With `author_suspended`: until when.
    #[schema(required = false)]
    pub until: Option<Time>,
    /// With `section_not_empty`: how many sections stand below it.
    #[schema(required = false)]
    pub children_count: Option<i64>,
    /// With `section_not_empty` and `in_use`: how many articles use it.
    #[schema(required = false)]
    pub article_count: Option<i64>,
    /// With `forbidden`: the members that need the permission. As the result of one of many, with 422: every member
    /// that is wrong.
    #[schema(required = false)]
    pub errors: Option<Vec<ProblemField>>,
    /// With `other_kind`: what stands there.
    #[schema(required = false)]
    pub kind: Option<String>,
    /// With `other_kind`: its path; where a redirect leads away, the URL of another site.
    #[schema(required = false)]
    pub location: Option<String>,
    /// With `redirect_exists`: the redirect that stands there.
    #[schema(required = false, format = "uuid")]
    pub redirect_id: Option<String>,
}

/// What waits already for an article.
#[derive(Serialize, ToSchema)]
pub struct WaitingSchedule {
    /// Its id.
    pub id: String,
    /// What is to happen.
    pub kind: String,
    /// How far it is.
    pub state: String,
    /// When, in UTC.
    pub at: Time,
    /// The same on the clock of `time_zone`.
    pub local_time: String,
    /// The zone, by its IANA name.
    pub time_zone: String,
    /// The frozen revision; null to unpublish.
    pub revision_number: Option<i32>,
}

/// One version that was saved since the client read.
#[derive(Serialize, ToSchema)]
pub struct Change {
    /// The version that this change made.
    pub version: i64,
    /// The members that changed.
    pub fields: Vec<String>,
    /// The user who changed them; null where it was the system.
    pub user_id: Option<String>,
    /// Their name.
    pub user_name: Option<String>,
    /// When it was changed.
    pub at: Time,
}

/// All that was saved since the client read, in sum.
#[derive(Serialize, ToSchema)]
pub struct ChangeSummary {
    /// How many versions were saved.
    pub count: i64,
    /// Every member that was changed by any of them.
    pub fields: Vec<String>,
    /// Everybody who changed something.
    pub users: Vec<ChangeAuthor>,
}

/// Somebody who changed something.
#[derive(Serialize, ToSchema)]
pub struct ChangeAuthor {
    /// The user; null where it was the system.
    pub user_id: Option<String>,
    /// Their name.
    pub user_name: Option<String>,
}

/// A body that was understood but is not valid, with every wrong member.
#[derive(Serialize, ToSchema)]
pub struct ValidationProblem {
    /// Where this kind of problem is explained.
    #[serde(rename = "type")]
    pub type_: String,
    /// The kind of problem in a few words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened this time.
    pub detail: String,
    /// The path that was asked for.
    pub instance: String,
    /// The kind of problem as a stable code.
    pub code: Code,
    /// The id under which our log knows this request.
    pub request_id: String,
    /// Every member that is wrong, the first 100 where there are more.
    pub errors: Vec<ProblemField>,
    /// How many more are wrong than `errors` lists.
    #[schema(required = false, minimum = 1)]
    pub omitted_error_count: Option<i64>,
    /// With `redirect_loop`: the paths over which it would come back to where it began.
    #[schema(required = false)]
    pub chain: Option<Vec<String>>,
    /// With `shouting`: true, for it may be sent again with `is_confirmed`.
    #[schema(required = false)]
    pub is_confirmable: Option<bool>,
}

/// One wrong member of the body.
#[derive(Serialize, ToSchema)]
pub struct ProblemField {
    /// Where it stands: a JSON pointer (RFC 6901).
    pub pointer: String,
    /// What is wrong, as a stable code.
    pub code: FieldCode,
    /// What is wrong, in words for the person who typed it.
    pub message: String,
}

/// What a problem says about the request that met it.
#[derive(Clone, Debug)]
pub struct ProblemContext {
    /// The language of the texts.
    pub language: Language,
    /// The path that was asked for.
    pub path: String,
    /// The request's id.
    pub request_id: String,
}

/// For handlers that answer with problems of their own.
impl FromRequest for ProblemContext {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let occasion = context(request).map(|occasion| Self::clone(&occasion));
        ready(occasion.ok_or_else(|| Error::internal("a request without an occasion")))
    }
}

/// What the edge has noted of a request.
pub fn context(request: &HttpRequest) -> Option<Rc<ProblemContext>> {
    request.extensions().get::<Rc<ProblemContext>>().cloned()
}

/// The problem as JSON.
pub fn to_json(error: &Error, occasion: &ProblemContext) -> Value {
    let code = error.code();
    let mut body = Map::new();
    body.insert("type".into(), format!("/problems/{}", code.as_str()).into());
    body.insert("title".into(), code.title().render(occasion.language, &[]).into());
    body.insert("status".into(), code.status().into());
    body.insert(
        "detail".into(),
        code.detail().render(occasion.language, error.params()).into(),
    );
    body.insert("instance".into(), occasion.path.clone().into());
    body.insert("code".into(), code.as_str().into());
    body.insert("request_id".into(), occasion.request_id.clone().into());
    if code.status() == 422 || !error.errors().is_empty() {
        body.insert(
            "errors".into(),
            error
                .errors()
                .iter()
                .map(|field| field_json(field, occasion.language))
                .collect(),
        );
        if error.omitted_error_count() > 0 {
            body.insert("omitted_error_count".into(), error.omitted_error_count().into());
        }
    }
    body.extend(error.extras().clone());
    Value::Object(body)
}

fn field_json(field: &FieldError, language: Language) -> Value {
    json!({
        "pointer": field.pointer,
        "code": field.code.as_str(),
        "message": field.message(language),
    })
}

/// The whole answer.
pub fn respond(error: &Error, occasion: &ProblemContext) -> HttpResponse {
    let status = StatusCode::from_u16(error.code().status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = HttpResponse::build(status);
    let cache = if status == StatusCode::GONE && error.code() != Code::CursorExpired {
        "no-cache"
    } else {
        "no-store"
    };
    response
        .insert_header((header::CONTENT_TYPE, PROBLEM_JSON))
        .insert_header((header::CONTENT_LANGUAGE, occasion.language.tag()))
        .insert_header((header::CACHE_CONTROL, cache))
        .insert_header((header::VARY, "Accept-Language"));
    for (name, value) in error.headers() {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(*name), HeaderValue::try_from(value.as_str())) {
            response.insert_header((name, value));
        }
    }
    if status == StatusCode::UNAUTHORIZED {
        response.insert_header((header::WWW_AUTHENTICATE, "Bearer realm=\"masthead\""));
    }
    response.body(to_json(error, occasion).to_string())
}

impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.code().status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// An empty answer of the right status: `http::middleware` knows the request and writes it.
    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status_code())
    }
}

/// The language of what the server itself says in an answer that is no problem.
impl FromRequest for Language {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(language_of(request.headers())))
    }
}

/// The language that a request asks for.
pub fn language_of(headers: &HeaderMap) -> Language {
    let accept = headers.get(header::ACCEPT_LANGUAGE);
    language(accept.and_then(|value| value.to_str().ok()))
}

/// The language that `Accept-Language` asks for (RFC 9110, 12.5.4): French unless English is
/// preferred.
fn language(accept: Option<&str>) -> Language {
    let mut best = (Language::French, 0.0_f32);
    for part in accept.unwrap_or_default().split(',') {
        let (tag, weight) = part.split_once(';').unwrap_or((part, ""));
        let quality = weight
            .trim()
            .strip_prefix("q=")
            .map_or(1.0, |q| q.parse().unwrap_or(0.0));
        let language = match tag.trim().get(..2) {
            Some(tag) if tag.eq_ignore_ascii_case("fr") => Language::French,
            Some(tag) if tag.eq_ignore_ascii_case("en") => Language::English,
            _ => continue,
        };
        if quality > best.1 {
            best = (language, quality);
        }
    }
    best.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accept_language_chooses_french_unless_english_is_preferred() {
        let table = [
            (None, Language::French),
            (Some("en"), Language::English),
            (Some("en-GB,en;q=0.9,fr;q=0.8"), Language::English),
            (Some("fr-FR,fr;q=0.9,en;q=0.8"), Language::French),
            (Some("de, en;q=0.5, fr;q=0.7"), Language::French),
            (Some("pt-BR"), Language::French),
            (Some("en;q=0"), Language::French),
            (Some("é;q=x,,;;"), Language::French),
        ];
        for (accept, expected) in table {
            assert_eq!(language(accept), expected, "{accept:?}");
        }
    }
}
