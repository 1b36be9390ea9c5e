//! Query strings, and many requests at once.
//!
//! ```ignore
//! let path = format!("/v1/redirects?{}", query(&[("path_prefix", "/été"), ("limit", "1")]));
//! let answers = together((0..2).map(|_| publishing(&admin, &id, 1)).collect()).await;
//! assert_eq!(statuses(&answers), [200, 409]);
//! ```

use std::future::Future;

use super::answer::Answer;

/// A query string.
pub fn query(pairs: &[(&str, &str)]) -> String {
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{name}={}", escaped(value)))
        .collect();
    pairs.join("&")
}

/// A value as it stands in a query string.
pub fn escaped(value: &str) -> String {
    value
        .bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

/// Runs all of them at once and waits for every one.
pub async fn together<T: 'static>(futures: Vec<impl Future<Output = T> + 'static>) -> Vec<T> {
    let tasks: Vec<_> = futures.into_iter().map(actix_web::rt::spawn).collect();
    let mut results = Vec::new();
    for task in tasks {
        results.push(task.await.unwrap());
    }
    results
}

/// The statuses of answers, the least first.
pub fn statuses(answers: &[Answer]) -> Vec<u16> {
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    statuses
}
