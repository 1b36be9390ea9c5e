//! Where the site is for its readers.

/// The base of canonical URLs, without a closing slash.
#[derive(Clone, Debug)]
pub struct PublicUrl(pub String);

impl PublicUrl {
    /// The address of a path of the site, with what a URL cannot hold written as it must be.
    pub fn of(&self, path: &str) -> String {
        let url = format!("{}{path}", self.0);
        ammonia::Url::parse(&url).map_or(url, String::from)
    }
}
