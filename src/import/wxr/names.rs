//! Names of elements and the namespaces they belong to.

use quick_xml::name::ResolveResult;

use crate::import::wxr::text::shortened;

/// The namespaces of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Namespace {
    /// No namespace: plain RSS.
    #[default]
    Rss,
    /// `wp:`, WordPress' own.
    Wp,
    /// `content:`, of the RSS content module.
    Content,
    /// `excerpt:`, the sibling of `wp:`.
    Excerpt,
    /// `dc:`, Dublin Core.
    Dc,
    /// Any other; its elements are ignored.
    Other,
}

/// The prefixes WordPress writes; without their declaration nothing of the file would be understood.
const NEEDED_PREFIXES: [&str; 4] = ["wp", "content", "excerpt", "dc"];

impl Namespace {
    /// The namespace of an element, for which the parser found this.
    pub(crate) fn of_element(found: &ResolveResult<'_>, name: &str) -> Result<Self, String> {
        match found {
            ResolveResult::Unbound => Ok(Self::Rss),
            ResolveResult::Bound(uri) => Self::of_uri(uri.into_inner()),
            ResolveResult::Unknown(prefix) if NEEDED_PREFIXES.contains(&prefix.as_str()) => Err(format!(
                "The prefix of <{}> is not declared: xmlns:{prefix} is missing.",
                shortened(name)
            )),
            ResolveResult::Unknown(_) => Ok(Self::Other),
        }
    }

    /// The namespace of a URI, which exports write with `http` or `https`, WordPress' own in three versions.
    fn of_uri(uri: &str) -> Result<Self, String> {
        let name = uri
            .strip_prefix("https://")
            .or_else(|| uri.strip_prefix("http://"))
            .unwrap_or(uri);
        let name = name.strip_suffix('/').unwrap_or(name);
        match name {
            "" => Ok(Self::Rss),
            "purl.org/rss/1.0/modules/content" => Ok(Self::Content),
            "purl.org/dc/elements/1.1" => Ok(Self::Dc),
            _ => name
                .strip_prefix("wordpress.org/export/")
                .map_or(Ok(Self::Other), Self::of_export),
        }
    }

    fn of_export(path: &str) -> Result<Self, String> {
        match path.split_once('/').unwrap_or((path, "")) {
            ("1.0" | "1.1" | "1.2", "") => Ok(Self::Wp),
            ("1.0" | "1.1" | "1.2", "excerpt") => Ok(Self::Excerpt),
            ("1.0" | "1.1" | "1.2", _) => Ok(Self::Other),
            (version, _) => Err(unknown_version(version)),
        }
    }
}

/// The sentence that refuses a version of the format.
pub(crate) fn unknown_version(version: &str) -> String {
    format!(
        "The export is of the WXR version \"{}\"; 1.0, 1.1 and 1.2 can be read.",
        shortened(version)
    )
}

/// An element's name without regard to its prefix.
#[derive(Debug, Default)]
pub(crate) struct ElementName {
    pub(crate) ns: Namespace,
    pub(crate) local: String,
}

impl ElementName {
    /// For a `match`.
    pub(crate) fn key(&self) -> (Namespace, &str) {
        (self.ns, &self.local)
    }

    /// Becomes the other name, keeping its memory.
    pub(crate) fn set(&mut self, ns: Namespace, local: &str) {
        self.ns = ns;
        self.local.clear();
        self.local.push_str(local);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uris_are_told_apart() {
        assert_eq!(
            Namespace::of_uri("https://wordpress.org/export/1.2/"),
            Ok(Namespace::Wp)
        );
        assert_eq!(Namespace::of_uri("http://wordpress.org/export/1.0/"), Ok(Namespace::Wp));
        assert_eq!(
            Namespace::of_uri("http://wordpress.org/export/1.1/excerpt/"),
            Ok(Namespace::Excerpt)
        );
        assert_eq!(
            Namespace::of_uri("http://purl.org/rss/1.0/modules/content/"),
            Ok(Namespace::Content)
        );
        assert_eq!(Namespace::of_uri("http://purl.org/dc/elements/1.1/"), Ok(Namespace::Dc));
        assert_eq!(
            Namespace::of_uri("http://wellformedweb.org/CommentAPI/"),
            Ok(Namespace::Other)
        );
        assert!(Namespace::of_uri("http://wordpress.org/export/2.0/").is_err());
    }
}
