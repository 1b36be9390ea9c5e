//! [`Error`]: a [code](super::codes) and what its text needs. `http::problem` writes it as `application/problem+json`
//! (RFC 9457) in the reader's language.

use std::fmt;

use chrono_tz::Tz;
use serde_json::{Map, Value};

use super::clock::Time;
pub use super::codes::{Code, FieldCode};
use super::phrases;
pub use super::phrases::{BilingualText, Language};
use crate::base::limits::LISTED_ERRORS;

/// The result of everything that can end in a problem.
pub type Result<T> = std::result::Result<T, Error>;

/// A member's name as a segment of a JSON pointer (RFC 6901).
pub fn pointer_segment(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// One wrong member of a body.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldError {
    /// Where: a JSON pointer (RFC 6901).
    pub pointer: String,
    /// What is wrong.
    pub code: FieldCode,
    /// What the message's placeholders stand for.
    pub params: Vec<(&'static str, String)>,
}

impl FieldError {
    /// An error at `pointer` whose message needs nothing more.
    pub fn new(pointer: impl Into<String>, code: FieldCode) -> Self {
        Self {
            pointer: pointer.into(),
            code,
            params: Vec::new(),
        }
    }

    /// What to tell the person who typed it. A word that is missing is told with those that may stand there.
    pub fn message(&self, language: Language) -> String {
        let message = self.code.message().render(language, &self.params);
        let has_words = self.code == FieldCode::Required && self.params.iter().any(|(name, _)| *name == "allowed");
        match has_words {
            true => format!(
                "{message} {}",
                FieldCode::InvalidValue.message().render(language, &self.params)
            ),
            false => message,
        }
    }

    /// As [`Error::with_moment`].
    #[must_use]
    pub fn with_moment(self, name: &'static str, at: Time, zone: Tz) -> Self {
        self.with(name, phrases::moment_param(at, zone))
    }

    /// The same with a parameter of the message.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.params.push((name, value.to_string()));
        self
    }
}

/// What is wrong with a body: the first [`LISTED_ERRORS`] in full, of the others how many they are, so that no body
/// gets an answer that is longer than itself.
#[derive(Clone, Debug, Default)]
pub struct FieldErrors {
    listed: Vec<FieldError>,
    omitted: usize,
}

impl FieldErrors {
    /// Adds one.
    pub fn push(&mut self, error: FieldError) {
        if self.listed.len() < LISTED_ERRORS {
            self.listed.push(error);
        } else {
            self.omitted += 1;
        }
    }

    /// Those that are listed.
    pub fn listed(&self) -> &[FieldError] {
        &self.listed
    }

    /// How many there are, listed or not.
    pub fn count(&self) -> usize {
        self.listed.len() + self.omitted
    }
}

impl From<Vec<FieldError>> for FieldErrors {
    fn from(mut listed: Vec<FieldError>) -> Self {
        let omitted = listed.len().saturating_sub(LISTED_ERRORS);
        listed.truncate(LISTED_ERRORS);
        Self { listed, omitted }
    }
}

/// A problem on its way to the client.
#[derive(Clone, Debug)]
pub struct Error(Box<ErrorInner>);

#[derive(Clone, Debug)]
struct ErrorInner {
    code: Code,
    params: Vec<(&'static str, String)>,
    errors: FieldErrors,
    headers: Vec<(&'static str, String)>,
    extra: Map<String, Value>,
    cause: Option<String>,
    retryable: bool,
    refused_by: Option<&'static str>,
}

impl Error {
    /// A problem of this code.
    pub fn new(code: Code) -> Self {
        Self(Box::new(ErrorInner {
            code,
            params: Vec::new(),
            errors: FieldErrors::default(),
            headers: Vec::new(),
            extra: Map::new(),
            cause: None,
            retryable: false,
            refused_by: None,
        }))
    }

    /// 422 with these errors. Where all say the same and a problem code says it too, the problem takes that code
    /// (`slug_taken`, `comment_missing`), else `validation_failed`.
    pub fn validation(errors: impl Into<FieldErrors>) -> Self {
        let errors = errors.into();
        let first = errors.listed.first().map(|error| error.code);
        let shared = first.filter(|code| errors.listed.iter().all(|error| error.code == *code));
        let code = shared.and_then(FieldCode::as_problem).unwrap_or(Code::ValidationFailed);
        let params = errors
            .listed
            .first()
            .map(|error| error.params.clone())
            .unwrap_or_default();
        let mut problem = Self::new(code);
        problem.0.params = params;
        problem.0.errors = errors;
        problem
    }

    /// 422 with one error.
    pub fn field(error: FieldError) -> Self {
        Self::validation(vec![error])
    }

    /// The same, saying which members of the body it is about.
    #[must_use]
    pub fn at(mut self, errors: Vec<FieldError>) -> Self {
        self.0.errors = errors.into();
        self
    }

    /// 404.
    pub fn not_found() -> Self {
        Self::new(Code::NotFound)
    }

    /// 500, whose cause goes to the log and not to the client.
    pub fn internal(cause: impl fmt::Display) -> Self {
        let mut problem = Self::new(Code::Internal);
        problem.0.cause = Some(cause.to_string());
        problem
    }

    /// 503 with `Retry-After`, whose cause goes to the log.
    pub fn unavailable(cause: impl fmt::Display) -> Self {
        let mut problem = Self::new(Code::Unavailable).header("Retry-After", "1");
        problem.0.cause = Some(cause.to_string());
        problem
    }

    /// The same with a parameter of its texts.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.0.params.push((name, value.to_string()));
        self
    }

    /// The same with a moment as a parameter: its texts say it in words, as the clocks of this zone show it.
    #[must_use]
    pub fn with_moment(self, name: &'static str, at: Time, zone: Tz) -> Self {
        self.with(name, phrases::moment_param(at, zone))
    }

    /// The same with a response header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl ToString) -> Self {
        self.0.headers.push((name, value.to_string()));
        self
    }

    /// The same with an extension member (RFC 9457, 3.2).
    #[must_use]
    pub fn extra(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.extra.insert(name.to_owned(), value.into());
        self
    }

    /// The same, marked as worth another try of the whole transaction.
    #[must_use]
    pub fn retryable(mut self) -> Self {
        self.0.retryable = true;
        self
    }

    /// The same, with the name of the phase that rejected a comment: for counting only, the client does not see it.
    #[must_use]
    pub fn refused_by(mut self, phase: &'static str) -> Self {
        self.0.refused_by = Some(phase);
        self
    }

    /// The phase that rejected a comment.
    pub fn refusing_phase(&self) -> Option<&'static str> {
        self.0.refused_by
    }

    /// Whether the whole transaction is worth another try.
    pub fn is_retryable(&self) -> bool {
        self.0.retryable
    }

    /// The problem's code.
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// What is wrong with single members of the body.
    pub fn errors(&self) -> &[FieldError] {
        &self.0.errors.listed
    }

    /// How many more are wrong than [`Error::errors`] lists.
    pub fn omitted_error_count(&self) -> usize {
        self.0.errors.omitted
    }

    /// What the texts' placeholders stand for.
    pub fn params(&self) -> &[(&'static str, String)] {
        &self.0.params
    }

    /// Headers that the answer carries.
    pub fn headers(&self) -> &[(&'static str, String)] {
        &self.0.headers
    }

    /// Extension members of the problem.
    pub fn extras(&self) -> &Map<String, Value> {
        &self.0.extra
    }

    /// What the log should say and the client should not see.
    pub fn cause(&self) -> Option<&str> {
        self.0.cause.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let detail = self.0.code.detail().render(Language::English, &self.0.params);
        write!(f, "{}: {detail}", self.0.code.as_str())?;
        for error in &self.0.errors.listed {
            let message = error.message(Language::English);
            match error.pointer.as_str() {
                "" => write!(f, " {message}")?,
                pointer => write!(f, " {pointer}: {message}")?,
            }
        }
        match &self.0.cause {
            Some(cause) => write!(f, " ({cause})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Error {}
