//! E-mail addresses, as forms take them.

use crate::base::error::FieldCode;
use crate::base::http::value_reader::{ValueReader, exact_line};
use crate::base::limits;

/// Reads an e-mail address: something, an @, and a domain; what is beyond that only a mail can tell.
pub fn email() -> impl ValueReader<Value = String> {
    exact_line(limits::EMAIL).then(|at, text| match text.rsplit_once('@') {
        Some((local, domain)) if !local.is_empty() && is_domain(domain) && !text.contains(' ') => Some(text),
        _ => at.fail(FieldCode::InvalidEmail),
    })
}

fn is_domain(text: &str) -> bool {
    text.contains('.') && !text.starts_with('.') && !text.ends_with('.')
}
