//! E-mail addresses, as forms take them.

use crate::base::http::value_reader::{ValueReader, parsed};
use crate::base::limits;

/// Reads an e-mail address: something, an @, and a domain; what is beyond that only a mail can tell.
pub fn email() -> impl ValueReader<Value = String> {
    parsed(limits::EMAIL, "an e-mail address", |text| {
        let (local, domain) = text.rsplit_once('@')?;
        let sound = !local.is_empty() && domain.contains('.') && !domain.starts_with('.') && !domain.ends_with('.');
        (sound && !text.contains(' ')).then(|| text.to_owned())
    })
}
