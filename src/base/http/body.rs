//! Bodies, all JSON except a file of redirects: bytes within their limits and in time, well-formed, then read into a
//! type by [`super::fields`].

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use futures_util::StreamExt;
use serde_json::Value;
use tokio::time::{Instant, timeout};

use super::admission::Admission;
use super::fields::{self, Fields};
use crate::base::error::{Code, Error, FieldCode, FieldError, Result, pointer_segment};
use crate::base::text::warnings::{self, TextFinding};
use crate::base::{limits, secrets};

/// A body may take its time, as long as bytes come: one after this at the latest.
const BODY_PAUSE: Duration = Duration::from_secs(30);
/// And in each time of this length so many.
const BODY_PACE: (Duration, usize) = (Duration::from_secs(60), 60_000);

/// What kind of body an operation takes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum BodyMedia {
    /// `application/json`.
    Json,
    /// `application/merge-patch+json`, or `application/json`.
    MergePatch,
    /// `text/csv`.
    Csv,
    /// Whatever it is, or none.
    Any,
}

/// A type that is read from a JSON body.
pub trait FromBody: Sized + 'static {
    /// Bytes of the body at most.
    const MAX_BYTES: usize = limits::JSON_BYTES;
    /// What the Content-Type may be.
    const MEDIA: BodyMedia = BodyMedia::Json;
    /// Whether an absent body reads as `{}`: for actions whose members are all optional.
    const MAY_BE_EMPTY: bool = false;

    /// Whether its texts are looked at, for the warnings of the answer.
    const IS_TEXT: bool = false;

    /// Takes the members.
    fn read(fields: &mut Fields<'_>) -> Option<Self>;
}

/// The body as its type, and the digest that an `Idempotency-Key` is bound to.
pub struct Body<T> {
    /// What was sent.
    pub value: T,
    /// SHA-256 of the bytes, base64url.
    pub digest: String,
    /// What is wrong with its texts, where the type says that they are looked at, and what its readers warn of.
    pub findings: Vec<TextFinding>,
}

/// The body as JSON, read into a type later: for what needs the site's settings.
pub struct RawBody {
    /// The JSON.
    pub json: Value,
    /// SHA-256 of the bytes, base64url.
    pub digest: String,
}

impl RawBody {
    /// Reads it by `read`; with what is wrong with its texts, and what its readers warn of.
    ///
    /// # Errors
    /// 422 with every error.
    pub fn read<T>(self, read: impl FnOnce(&mut Fields<'_>) -> Option<T>) -> Result<(T, Vec<TextFinding>)> {
        let findings = warnings::findings(&self.json);
        let (value, told) = fields::read_with_findings(self.json, read)?;
        Ok((value, warnings::joined(findings, told)))
    }
}

impl<T: FromBody> FromRequest for Body<T> {
    type Error = Error;
    type Future = Receiving<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let body = receive_json(request, payload, T::MAX_BYTES, T::MEDIA, T::MAY_BE_EMPTY);
        Box::pin(async move {
            let RawBody { json, digest } = body.await?;
            let findings = if T::IS_TEXT {
                warnings::findings(&json)
            } else {
                Vec::new()
            };
            let (value, told) = fields::read_with_findings(json, T::read)?;
            Ok(Self {
                value,
                digest,
                findings: warnings::joined(findings, told),
            })
        })
    }
}

/// As [`Body`], for what rights on stored things decide about: what is wrong with it is told after them.
pub struct LateBody<T> {
    outcome: Result<T>,
    /// SHA-256 of the bytes, base64url.
    pub digest: String,
}

impl<T> LateBody<T> {
    /// A body that nobody sent.
    pub fn of(value: T) -> Self {
        Self {
            outcome: Ok(value),
            digest: String::new(),
        }
    }

    /// What was sent.
    ///
    /// # Errors
    /// As [`Body`]: 400 where it is no JSON, 422 with every error.
    pub fn value(&self) -> Result<&T> {
        self.outcome.as_ref().map_err(Error::clone)
    }
}

impl<T: FromBody> FromRequest for LateBody<T> {
    type Error = Error;
    type Future = Receiving<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let bytes = receive(request, payload, T::MAX_BYTES, T::MEDIA, T::MAY_BE_EMPTY);
        Box::pin(async move {
            let bytes = bytes.await?;
            let read = |json| Ok(fields::read_with_findings(json, T::read)?.0);
            Ok(Self {
                outcome: parse(&bytes).and_then(read),
                digest: secrets::sha256(&bytes),
            })
        })
    }
}

/// A raw body of an article's size.
pub struct ArticleBody<const MERGE_PATCH: bool>(pub RawBody);

impl<const MERGE_PATCH: bool> FromRequest for ArticleBody<MERGE_PATCH> {
    type Error = Error;
    type Future = Receiving<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let media = if MERGE_PATCH {
            BodyMedia::MergePatch
        } else {
            BodyMedia::Json
        };
        let body = receive_json(request, payload, limits::ARTICLE_BYTES, media, false);
        Box::pin(async move { body.await.map(Self) })
    }
}

/// A CSV file of redirects, whole, as bytes.
pub struct CsvBody(pub web::BytesMut);

impl FromRequest for CsvBody {
    type Error = Error;
    type Future = Receiving<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let bytes = receive(request, payload, limits::REDIRECT_BYTES, BodyMedia::Csv, false);
        Box::pin(async move { bytes.await.map(Self) })
    }
}

/// The body of a beacon, of any kind: it is received, so that the connection can go on, and dropped.
pub struct UnreadBody;

impl FromRequest for UnreadBody {
    type Error = Error;
    type Future = Receiving<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let bytes = receive(request, payload, limits::BEACON_BYTES, BodyMedia::Any, true);
        Box::pin(async move { bytes.await.map(|_| Self) })
    }
}

/// As [`receive`], as JSON.
fn receive_json(
    request: &HttpRequest,
    payload: &mut Payload,
    max: usize,
    media: BodyMedia,
    may_be_empty: bool,
) -> Receiving<RawBody> {
    let bytes = receive(request, payload, max, media, may_be_empty);
    Box::pin(async move {
        let bytes = bytes.await?;
        let digest = secrets::sha256(&bytes);
        let json = parse(&bytes)?;
        Ok(RawBody { json, digest })
    })
}

/// What comes with the bytes of a body; boxed, so that no extractor holds a copy of its code.
type Receiving<T> = Pin<Box<dyn Future<Output = Result<T>>>>;

/// Checks the headers now, and reads the bytes when awaited, once it is known that who asks may.
fn receive(
    request: &HttpRequest,
    payload: &mut Payload,
    max: usize,
    media: BodyMedia,
    may_be_empty: bool,
) -> Receiving<web::BytesMut> {
    let announced = request
        .headers()
        .get("content-length")
        .and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    let content_type = request
        .headers()
        .get("content-type")
        .map(|value| value.to_str().unwrap_or_default().to_owned());
    let mut payload = payload.take();
    let admission = Admission::of(request);
    Box::pin(async move {
        if let Some(admission) = admission {
            admission.granted().await;
        }
        let too_large = || Error::new(Code::PayloadTooLarge).with("max", max);
        if announced.is_some_and(|length| length > max) {
            return Err(too_large());
        }
        let late = || Error::new(Code::RequestTimeout).with("seconds", BODY_PAUSE.as_secs());
        let (time, least) = BODY_PACE;
        let mut bytes = web::BytesMut::new();
        let (mut since, mut before) = (Instant::now(), 0);
        while let Some(chunk) = timeout(BODY_PAUSE, payload.next()).await.map_err(|_| late())? {
            let chunk = chunk.map_err(|error| Error::new(Code::MalformedJson).with("reason", error))?;
            if bytes.len() + chunk.len() > max {
                return Err(too_large());
            }
            bytes.extend_from_slice(&chunk);
            if since.elapsed() >= time {
                if bytes.len() - before < least {
                    return Err(late());
                }
                (since, before) = (Instant::now(), bytes.len());
            }
        }
        // Who sends nothing is told what is missing, not how to call it.
        let is_nothing = content_type.is_none() && media == BodyMedia::Json;
        if bytes.is_empty() && (may_be_empty || is_nothing) {
            bytes.extend_from_slice(b"{}");
        } else {
            check_media(content_type.as_deref(), media)?;
        }
        Ok(bytes)
    })
}

fn check_media(content_type: Option<&str>, media: BodyMedia) -> Result<()> {
    let essence = content_type
        .and_then(|value| value.split(';').next())
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let expected = match (media, essence.as_str()) {
        (BodyMedia::Json | BodyMedia::MergePatch, "application/json")
        | (BodyMedia::MergePatch, "application/merge-patch+json")
        | (BodyMedia::Csv, "text/csv")
        | (BodyMedia::Any, _) => return Ok(()),
        (BodyMedia::Json, _) => "application/json",
        (BodyMedia::MergePatch, _) => "application/merge-patch+json",
        (BodyMedia::Csv, _) => "text/csv",
    };
    Err(Error::new(Code::UnsupportedMediaType).with("expected", expected))
}

/// Parses JSON within [`limits::JSON_DEPTH`]; a lone surrogate is a 422 of its string, any other
/// defect a 400.
pub fn parse(bytes: &[u8]) -> Result<Value> {
    check_depth(bytes)?;
    let mut track = serde_path_to_error::Track::new();
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = serde::Deserialize::deserialize(serde_path_to_error::Deserializer::new(&mut json, &mut track));
    let value = value.and_then(|UniqueValue(value)| json.end().map(|()| value));
    value.map_err(|error: serde_json::Error| {
        let reason = error.to_string();
        let place = pointer(&track.path());
        if let Some(name) = UniqueValue::duplicate_of(&reason) {
            let place = format!("{place}/{}", pointer_segment(name));
            return Error::field(FieldError::new(place, FieldCode::DuplicateField));
        }
        // The parser has a second message for half a pair: where no escape comes after it.
        if reason.contains("surrogate") || reason.starts_with("unexpected end of hex escape") {
            let field = FieldError::new(place, FieldCode::ForbiddenCharacter);
            return Error::field(field.with("character", "U+D800–U+DFFF"));
        }
        Error::new(Code::MalformedJson).with("reason", reason)
    })
}

/// Counts brackets outside strings: the parser itself recurses, so depth is checked before it.
fn check_depth(bytes: &[u8]) -> Result<()> {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for byte in bytes {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => {
                depth += 1;
                if depth > limits::JSON_DEPTH {
                    let error = FieldError::new("", FieldCode::TooDeep).with("max", limits::JSON_DEPTH);
                    return Err(Error::field(error));
                }
            }
            b'}' | b']' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    Ok(())
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    path.iter()
        .map(|segment| match segment {
            Segment::Seq { index } => format!("/{index}"),
            Segment::Map { key } => format!("/{}", pointer_segment(key)),
            Segment::Enum { .. } | Segment::Unknown => String::new(),
        })
        .collect()
}

/// A JSON value in which no object names a member twice: parsers differ on what the second one means, so neither is
/// taken.
struct UniqueValue(Value);

impl UniqueValue {
    const DUPLICATE: &'static str = "duplicate member ";

    /// The name of the member that is there twice, if that is what an error says; the parser adds the place.
    fn duplicate_of(reason: &str) -> Option<&str> {
        let name = reason.strip_prefix(Self::DUPLICATE)?;
        Some(name.rsplit_once(" at line ").map_or(name, |(name, _)| name))
    }
}

impl<'de> serde::Deserialize<'de> for UniqueValue {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Value;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("JSON")
            }
            fn visit_bool<E>(self, value: bool) -> std::result::Result<Value, E> {
                Ok(value.into())
            }
            fn visit_i64<E>(self, value: i64) -> std::result::Result<Value, E> {
                Ok(value.into())
            }
            fn visit_u64<E>(self, value: u64) -> std::result::Result<Value, E> {
                Ok(value.into())
            }
            fn visit_f64<E>(self, value: f64) -> std::result::Result<Value, E> {
                Ok(value.into())
            }
            fn visit_str<E>(self, value: &str) -> std::result::Result<Value, E> {
                Ok(value.into())
            }
            fn visit_string<E>(self, value: String) -> std::result::Result<Value, E> {
                Ok(value.into())
            }
            fn visit_unit<E>(self) -> std::result::Result<Value, E> {
                Ok(Value::Null)
            }
            fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut seq: A) -> std::result::Result<Value, A::Error> {
                let mut items = Vec::new();
                while let Some(UniqueValue(item)) = seq.next_element()? {
                    items.push(item);
                }
                Ok(Value::Array(items))
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> std::result::Result<Value, A::Error> {
                let mut members = serde_json::Map::new();
                while let Some(name) = map.next_key::<String>()? {
                    let UniqueValue(value) = map.next_value()?;
                    if members.contains_key(&name) {
                        let reason = format!("{}{name}", UniqueValue::DUPLICATE);
                        return Err(serde::de::Error::custom(reason));
                    }
                    members.insert(name, value);
                }
                Ok(Value::Object(members))
            }
        }
        deserializer.deserialize_any(Visitor).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(json: &str) -> (Code, Vec<(String, FieldCode)>) {
        let error = parse(json.as_bytes()).unwrap_err();
        (
            error.code(),
            error.errors().iter().map(|e| (e.pointer.clone(), e.code)).collect(),
        )
    }

    #[test]
    fn defects_of_the_text_are_400_and_name_the_place() {
        for json in [
            "",
            "{",
            "{\"a\":}",
            "[1,]",
            "{} x",
            "nul",
            "{\"a\":1e999}",
            "\u{feff}{}",
        ] {
            assert_eq!(code(json).0, Code::MalformedJson, "{json:?}");
        }
    }

    #[test]
    fn a_lone_surrogate_is_422_at_its_string() {
        for lone in [
            r"a\ud800b",
            r"\ud800",
            r"\udc00",
            r"\ud800\n",
            r"\ud800\ud800",
            r"\udc00\ud800",
        ] {
            let (problem, errors) = code(&format!(r#"{{"blocks":[{{"html":"{lone}"}}]}}"#));
            assert_eq!(problem, Code::ValidationFailed, "{lone}");
            assert_eq!(errors, [("/blocks/0/html".to_owned(), FieldCode::ForbiddenCharacter)]);
        }
        assert!(parse(br#"{"a":"\ud83d\ude00"}"#).is_ok());
        assert_eq!(code(r#"{"a":"\u12"}"#).0, Code::MalformedJson);
    }

    #[test]
    fn a_member_named_twice_is_422() {
        for (json, pointer) in [
            (r#"{"a":1,"a":2}"#, "/a"),
            (r#"{"a":1,"b":{"c":1,"c":2}}"#, "/b/c"),
            (r#"{"a":[{},{"x/y":1,"x/y":2}]}"#, "/a/1/x~1y"),
            (r#"{"a at line 1":1,"a at line 1":2}"#, "/a at line 1"),
        ] {
            assert_eq!(
                code(json).1,
                [(pointer.to_owned(), FieldCode::DuplicateField)],
                "{json}"
            );
        }
    }

    #[test]
    fn depth_is_bounded_and_brackets_in_strings_do_not_count() {
        let nested = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
        assert!(parse(nested(limits::JSON_DEPTH).as_bytes()).is_ok());
        assert_eq!(code(&nested(limits::JSON_DEPTH + 1)).1[0].1, FieldCode::TooDeep);
        assert_eq!(code(&"[".repeat(1_000_000)).1[0].1, FieldCode::TooDeep);
        assert!(parse(format!("\"{}\\\"[\"", "[".repeat(100)).as_bytes()).is_ok());
    }
}
