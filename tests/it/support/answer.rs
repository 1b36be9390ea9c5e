//! [`Answer`], read whole, and what a test asks of one.
//!
//! ```ignore
//! let id = answer.expect(201).id();
//! answer.problem(404, "not_found");
//! answer.invalid(&[("/title", "too_long"), ("/slug", "invalid_format")]);
//! assert_eq!(answer.items("title"), ["Le port"]);
//! ```

use actix_web::http::header::HeaderMap;
use serde_json::Value;

/// An answer, read whole.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
    pub json: Value,
}

impl Answer {
    /// The answer, if its status is this one.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    /// Checks that it is a problem of this status and code.
    #[track_caller]
    pub fn problem(self, status: u16, code: &str) -> Self {
        assert_eq!(
            (self.status, self.json["code"].as_str()),
            (status, Some(code)),
            "{}",
            self.text
        );
        assert_eq!(self.header("content-type"), "application/problem+json");
        for member in ["type", "title", "status", "detail", "instance", "request_id"] {
            assert!(!self.json[member].is_null(), "{member} is missing: {}", self.text);
        }
        self
    }

    /// Checks that it is a 422 with exactly these pointers and field codes, in any order.
    #[track_caller]
    pub fn invalid(self, expected: &[(&str, &str)]) -> Self {
        assert_eq!(self.status, 422, "{}", self.text);
        let mut found: Vec<(String, String)> = self.json["errors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|error| {
                (
                    error["pointer"].as_str().unwrap().to_owned(),
                    error["code"].as_str().unwrap().to_owned(),
                )
            })
            .collect();
        let mut expected: Vec<(String, String)> = expected
            .iter()
            .map(|(p, c)| ((*p).to_owned(), (*c).to_owned()))
            .collect();
        found.sort();
        expected.sort();
        assert_eq!(found, expected, "{}", self.text);
        self
    }

    /// A header, empty where there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// A member that is a text.
    #[track_caller]
    pub fn member(&self, name: &str) -> &str {
        let found = self.json[name].as_str();
        found.unwrap_or_else(|| panic!("no {name}: {}", self.text))
    }

    /// The id of what was made or read.
    #[track_caller]
    pub fn id(&self) -> String {
        self.json["id"]
            .as_str()
            .unwrap_or_else(|| panic!("no id: {}", self.text))
            .to_owned()
    }

    /// One member of each item of a list.
    #[track_caller]
    pub fn items(&self, member: &str) -> Vec<String> {
        let items = self.json["items"]
            .as_array()
            .unwrap_or_else(|| panic!("no items: {}", self.text));
        items
            .iter()
            .map(|item| item[member].as_str().unwrap_or_default().to_owned())
            .collect()
    }
}
