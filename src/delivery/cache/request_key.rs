//! Under which name an answer is kept: the path and the query as it is written by the rules of forms, its parameters in
//! order. However a client spells them, the answer is the same one.

use std::borrow::Cow;

use actix_web::http::Uri;

/// The name of what is asked for.
pub fn request_key(uri: &Uri) -> Cow<'_, str> {
    let path = uri.path();
    match uri.query() {
        None | Some("") => Cow::Borrowed(path),
        Some(query) if is_normal(query) => match uri.path_and_query() {
            Some(whole) => Cow::Borrowed(whole.as_str()),
            None => Cow::Owned(format!("{path}?{query}")),
        },
        Some(query) => {
            let mut pairs: Vec<(Cow<'_, str>, Cow<'_, str>)> = form_urlencoded::parse(query.as_bytes()).collect();
            // Stable: the order of one parameter's values may mean something.
            pairs.sort_by(|(a, _), (b, _)| a.cmp(b));
            let query = form_urlencoded::Serializer::new(String::new())
                .extend_pairs(pairs)
                .finish();
            Cow::Owned(format!("{path}?{query}"))
        }
    }
}

/// Whether a query is written already as it would be written: what most clients send.
fn is_normal(query: &str) -> bool {
    let mut last = "";
    query.split('&').all(|pair| {
        let Some((name, value)) = pair.split_once('=') else {
            return false;
        };
        let is_in_order = last <= name;
        last = name;
        is_in_order && is_plain(name) && is_written(value)
    })
}

fn is_plain(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

/// Whether each byte of a value stands as forms write it.
fn is_written(value: &str) -> bool {
    let mut bytes = value.bytes();
    while let Some(byte) = bytes.next() {
        let is_right = match byte {
            b'%' => match (bytes.next().and_then(hex), bytes.next().and_then(hex)) {
                (Some(high), Some(low)) => {
                    let byte = high * 16 + low;
                    byte != b' ' && !is_unwritten(byte)
                }
                _ => false,
            },
            b'+' => true,
            byte => is_unwritten(byte),
        };
        if !is_right {
            return false;
        }
    }
    // A byte that is no UTF-8 is replaced when it is read.
    !value.contains('%') || percent_decodes(value)
}

/// Whether forms write this byte as it is.
fn is_unwritten(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'*' | b'-' | b'.' | b'_')
}

fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

fn percent_decodes(value: &str) -> bool {
    let mut decoded = Vec::with_capacity(value.len());
    let mut bytes = value.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'%' => {
                let (high, low) = (bytes.next().and_then(hex), bytes.next().and_then(hex));
                decoded.push(high.unwrap_or(0) * 16 + low.unwrap_or(0));
            }
            byte => decoded.push(byte),
        }
    }
    std::str::from_utf8(&decoded).is_ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(uri: &str) -> String {
        request_key(&uri.parse::<Uri>().unwrap()).into_owned()
    }

    #[test]
    fn one_answer_has_one_key_however_it_is_asked_for() {
        for (asked, expected) in [
            ("/v1/articles", "/v1/articles"),
            ("/v1/articles?", "/v1/articles"),
            ("/v1/articles?limit=5&tag=a", "/v1/articles?limit=5&tag=a"),
            ("/v1/articles?tag=a&limit=5", "/v1/articles?limit=5&tag=a"),
            ("/v1/articles?tag=b&tag=a", "/v1/articles?tag=b&tag=a"),
            ("/v1/pages?path=/news/a", "/v1/pages?path=%2Fnews%2Fa"),
            ("/v1/pages?path=%2Fnews%2Fa", "/v1/pages?path=%2Fnews%2Fa"),
            ("/v1/pages?path=%2fnews%2Fa", "/v1/pages?path=%2Fnews%2Fa"),
            ("/v1/search?q=h%C3%B4pital", "/v1/search?q=h%C3%B4pital"),
            ("/v1/search?q=%61b+c%20d", "/v1/search?q=ab+c+d"),
            ("/v1/search?q=%E9", "/v1/search?q=%EF%BF%BD"),
            ("/v1/search?q", "/v1/search?q="),
            ("/v1/search?Q=a", "/v1/search?Q=a"),
        ] {
            assert_eq!(key(asked), expected, "{asked}");
        }
    }

    proptest! {
        #[test]
        fn a_key_is_its_own_key_and_says_what_was_asked(query in "([a-z_=&+%0-9A-F é]|%[0-9A-F]{2}){0,40}") {
            let query: String = query.chars().map(|c| match c {
                ' ' => "%20".to_owned(),
                'é' => "%C3%A9".to_owned(),
                c => c.to_string(),
            }).collect();
            let Ok(uri) = format!("/v1/search?{query}").parse::<Uri>() else { return Ok(()) };
            let first = request_key(&uri).into_owned();
            let again: Uri = first.parse().unwrap();
            prop_assert_eq!(&*request_key(&again), first.as_str());
            let mut asked: Vec<_> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
            asked.sort_by(|(a, _), (b, _)| a.cmp(b));
            let kept: Vec<_> = form_urlencoded::parse(again.query().unwrap_or_default().as_bytes()).into_owned().collect();
            prop_assert_eq!(asked, kept);
        }
    }
}
