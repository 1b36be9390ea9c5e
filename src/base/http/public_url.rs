//! Where the site is for its readers.

/// The base of canonical URLs.
#[derive(Clone, Debug)]
pub struct PublicUrl {
    base: String,
    /// Whether it is written as it must be.
    is_normal: bool,
}

impl PublicUrl {
    /// This address, without a closing slash.
    pub fn new(base: String) -> Self {
        let is_normal = normal(&base).is_some_and(|url| url.trim_end_matches('/') == base);
        Self { base, is_normal }
    }

    /// The address without a closing slash.
    pub fn as_str(&self) -> &str {
        &self.base
    }

    /// The address of a path of the site, with what a URL cannot hold written as it must be.
    pub fn of(&self, path: &str) -> String {
        let url = format!("{}{path}", self.base);
        if self.is_normal && path.starts_with('/') && is_plain(path) {
            return url;
        }
        normal(&url).unwrap_or(url)
    }
}

fn normal(url: &str) -> Option<String> {
    ammonia::Url::parse(url).ok().map(String::from)
}

/// Whether it is certain that a path and a query are written as they must be.
fn is_plain(path: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'_' | b'?' | b'=' | b'&');
    path.bytes().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_written_as_a_url_must_be() {
        for base in [
            "https://www.lefanal.test",
            "https://LeFanal.test",
            "https://à.test",
            "nowhere",
        ] {
            let url = PublicUrl::new(base.to_owned());
            for path in [
                "/",
                "",
                "/news/a-b_c?d=e&f=1",
                "/news/à",
                "/a/../b",
                "/a/%2E%2e/b",
                "/a b",
                "/a\"b#c",
                "//a",
                "x",
            ] {
                let written = format!("{base}{path}");
                assert_eq!(url.of(path), normal(&written).unwrap_or(written), "{base} {path}");
            }
        }
        assert_eq!(
            PublicUrl::new("https://f.test".to_owned()).of("/news/à"),
            "https://f.test/news/%C3%A0"
        );
    }
}
