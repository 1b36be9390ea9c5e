//! Query strings: an allow-list of names, each read into a type; anything else is a 400 that says
//! what is allowed.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};

use crate::base::clock::Time;
use crate::base::error::{Code, Error, Result};
use crate::base::limits;

/// A type that is read from a query string.
pub trait FromQuery: Sized {
    /// Every parameter's name.
    const NAMES: &'static [&'static str];

    /// Takes the parameters.
    ///
    /// # Errors
    /// 400 naming the parameter and what it takes.
    fn read(query: &Query) -> Result<Self>;
}

/// The parameters of a query string, decoded.
pub struct Query(Vec<(String, String)>);

impl Query {
    /// Decodes a query string whose names are all allowed.
    ///
    /// # Errors
    /// 400 `query_too_long`, `unknown_parameter`, `invalid_parameter`.
    pub fn parse(text: &str, names: &'static [&'static str]) -> Result<Self> {
        Self::checked(decoded(text)?, names)
    }

    /// As [`parse`](Self::parse), of an address to which others add: a name that is allowed nowhere is left out.
    ///
    /// # Errors
    /// Those of [`parse`](Self::parse).
    pub fn parse_shared(text: &str, names: &'static [&'static str]) -> Result<Self> {
        let mut pairs = decoded(text)?;
        pairs.retain(|(name, _)| names.contains(&name.as_str()) || OF_LISTS.contains(&name.as_str()));
        Self::checked(pairs, names)
    }

    fn checked(pairs: Vec<(String, String)>, names: &'static [&'static str]) -> Result<Self> {
        for (name, value) in &pairs {
            if !names.contains(&name.as_str()) {
                let allowed = if names.is_empty() {
                    "none".to_owned()
                } else {
                    names.join(", ")
                };
                return Err(Error::new(Code::UnknownParameter)
                    .with("name", shown(name))
                    .with("allowed", allowed));
            }
            if value.contains(['\0', '\u{fffd}']) {
                return Err(invalid(name, "text in UTF-8"));
            }
        }
        Ok(Self(pairs))
    }

    /// The value of a parameter that may be there once.
    ///
    /// # Errors
    /// 400 when it is there twice.
    pub fn one(&self, name: &str) -> Result<Option<&str>> {
        let mut values = self
            .0
            .iter()
            .filter(|(key, _)| key == name)
            .map(|(_, value)| value.as_str());
        match (values.next(), values.next()) {
            (Some(_), Some(_)) => Err(invalid(name, "a single value")),
            (value, _) => Ok(value),
        }
    }

    /// All values of a filter, given as repeated names or with commas.
    ///
    /// # Errors
    /// 400 when there are too many, or an empty one.
    pub fn many(&self, name: &str) -> Result<Vec<&str>> {
        let pairs = self.0.iter().filter(|(key, _)| key == name);
        let values: Vec<&str> = pairs.flat_map(|(_, value)| value.split(',')).map(str::trim).collect();
        if values.iter().any(|value| value.is_empty()) {
            return Err(invalid(name, "a value"));
        }
        if values.len() > limits::FILTER_VALUES {
            return Err(invalid(name, "at most 10 values"));
        }
        Ok(values)
    }

    /// All values of a parameter that takes up to `max`, given as repeated names or with commas.
    ///
    /// # Errors
    /// 400 saying what is `expected` when there are too many.
    pub fn many_of(&self, name: &str, max: usize, expected: &'static str) -> Result<Vec<&str>> {
        let pairs = self.0.iter().filter(|(key, _)| key == name);
        let values: Vec<&str> = pairs.flat_map(|(_, value)| value.split(',')).map(str::trim).collect();
        if values.len() > max {
            return Err(invalid(name, expected));
        }
        Ok(values)
    }

    /// The value that `parse` makes of a parameter.
    ///
    /// # Errors
    /// 400 saying what is `expected`.
    pub fn parsed<T>(
        &self,
        name: &str,
        expected: &'static str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>> {
        match self.one(name)? {
            None => Ok(None),
            Some(value) => parse(value).map(Some).ok_or_else(|| invalid(name, expected)),
        }
    }

    /// A moment; of a date alone, its first in UTC. The `+` of an offset may have become a space on its way.
    ///
    /// # Errors
    /// 400 when it is not RFC 3339.
    pub fn time(&self, name: &str) -> Result<Option<Time>> {
        let expected = "a date, or a date and time in RFC 3339 (write + as %2B)";
        self.parsed(name, expected, |text| match text.rsplit_once(' ') {
            Some((time, offset)) => Time::parse(text).or_else(|| Time::parse(&format!("{time}+{offset}"))),
            None if text.len() == "2026-01-01".len() => Time::parse(&format!("{text}T00:00:00Z")),
            None => Time::parse(text),
        })
    }

    /// The beginning of a name, as `q` gives it.
    ///
    /// # Errors
    /// 400 when it is longer than a name, or blank.
    pub fn name_prefix(&self) -> Result<Option<String>> {
        self.parsed("q", "1 to 100 characters", |text| {
            let text = text.trim();
            (1..=limits::LABEL)
                .contains(&text.chars().count())
                .then(|| text.to_owned())
        })
    }

    /// `true` or `false`.
    ///
    /// # Errors
    /// 400 when it is neither.
    pub fn flag(&self, name: &str) -> Result<Option<bool>> {
        self.parsed(name, "true or false", |value| value.parse().ok())
    }

    /// One of a closed set of words.
    ///
    /// # Errors
    /// 400 listing the words.
    pub fn word<T>(
        &self,
        name: &str,
        words: &'static [&'static str],
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>> {
        match self.one(name)? {
            None => Ok(None),
            Some(value) => parse(value).map(Some).ok_or_else(|| one_of(name, words)),
        }
    }
}

/// Parameters of lists: where one is not allowed, it was not added by others.
const OF_LISTS: [&str; 3] = ["cursor", "q", "sort"];

fn decoded(text: &str) -> Result<Vec<(String, String)>> {
    if text.len() > limits::QUERY_BYTES {
        return Err(Error::new(Code::QueryTooLong).with("max", limits::QUERY_BYTES));
    }
    Ok(form_urlencoded::parse(text.as_bytes()).into_owned().collect())
}

/// 400 saying that a parameter must be `expected`.
pub fn invalid(name: &str, expected: impl ToString) -> Error {
    Error::new(Code::InvalidParameter)
        .with("name", shown(name))
        .with("expected", expected)
}

/// 400 listing the words that a parameter takes.
pub fn one_of(name: &str, words: &[&str]) -> Error {
    invalid(name, words.join(", "))
}

/// A name from outside, short enough to be said back.
fn shown(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(60).collect()
}

/// The query string as its type.
pub struct Params<T>(pub T);

impl<T: FromQuery> FromRequest for Params<T> {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let query = Query::parse(request.query_string(), T::NAMES);
        ready(query.and_then(|query| T::read(&query)).map(Self))
    }
}

/// The query string of an address to which others add, as its type.
pub struct SharedParams<T>(pub T);

impl<T: FromQuery> FromRequest for SharedParams<T> {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let query = Query::parse_shared(request.query_string(), T::NAMES);
        ready(query.and_then(|query| T::read(&query)).map(Self))
    }
}

/// For routes without parameters: an unknown one is refused, not ignored.
pub struct NoParams;

impl FromQuery for NoParams {
    const NAMES: &'static [&'static str] = &[];

    fn read(_: &Query) -> Result<Self> {
        Ok(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_read_as_it_arrives() {
        for (value, moment) in [
            ("2026-01-01T08:00:00Z", Some("2026-01-01T08:00:00Z")),
            ("2026-01-01T08:00:00%2B01:00", Some("2026-01-01T07:00:00Z")),
            ("2026-01-01T08:00:00+01:00", Some("2026-01-01T07:00:00Z")),
            ("2026-01-01T08:00:00.5+01:00", Some("2026-01-01T07:00:00.5Z")),
            ("2026-01-01", Some("2026-01-01T00:00:00Z")),
            ("2026-01-01T08:00:00", None),
            ("2026-01-01+01:00", None),
            ("2026-02-30", None),
            ("01.01.2026", None),
            ("", None),
        ] {
            let query = Query::parse(&format!("at={value}"), &["at"]).unwrap();
            let read = query.time("at").ok().flatten();
            assert_eq!(read, moment.and_then(Time::parse), "{value}");
        }
    }

    #[test]
    fn what_others_add_to_an_address_is_left_out() {
        let read = |text: &str| Query::parse_shared(text, &["limit"]).map(|query| query.0);
        let limit = Some(vec![("limit".to_owned(), "5".to_owned())]);
        for text in ["limit=5", "utm_source=x&limit=5&v", "limit=5&=&fbclid=%00"] {
            assert_eq!(read(text).ok(), limit, "{text}");
        }
        for text in ["cursor=x", "limit=5&sort=title", "limit=%00"] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
