//! Names of elements and the namespaces they belong to.

use super::limits::MAX_NAMESPACES;
use crate::import::wxr::attributes::Attributes;
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

/// The prefixes in force, innermost last.
#[derive(Default)]
pub(crate) struct NamespaceScope(Vec<(String, Namespace)>);

impl NamespaceScope {
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Leaves elements: forgets what they declared.
    pub(crate) fn truncate(&mut self, len: usize) {
        self.0.truncate(len);
    }

    /// Takes the declarations among a tag's attributes.
    pub(super) fn declare(&mut self, attributes: &Attributes) -> Result<(), String> {
        for (name, uri) in attributes.iter() {
            let prefix = match name.split_once(':') {
                None if name == "xmlns" => "",
                Some(("xmlns", _)) if uri.is_empty() => {
                    return Err(format!("The namespace of {} is empty.", shortened(name)));
                }
                Some(("xmlns", prefix)) => prefix,
                _ => continue,
            };
            if self.0.len() == MAX_NAMESPACES {
                return Err(format!("More than {MAX_NAMESPACES} namespaces are declared."));
            }
            self.0.push((prefix.to_owned(), Namespace::of_uri(uri)?));
        }
        Ok(())
    }

    /// Splits an element's name into namespace and local name.
    pub(crate) fn resolve<'n>(&self, name: &'n str) -> Result<(Namespace, &'n str), String> {
        let (prefix, local) = name.split_once(':').unwrap_or(("", name));
        match self.0.iter().rfind(|(known, _)| known == prefix) {
            Some((_, ns)) => Ok((*ns, local)),
            None if prefix.is_empty() => Ok((Namespace::Rss, local)),
            None if NEEDED_PREFIXES.contains(&prefix) => Err(format!(
                "The prefix of <{}> is not declared: xmlns:{prefix} is missing.",
                shortened(name)
            )),
            None => Ok((Namespace::Other, local)),
        }
    }
}

/// Tells whether a text is a name, with or without a prefix (XML 1.0, production 5; Namespaces in XML, production 7).
pub(crate) fn is_xml_name(text: &str) -> bool {
    match text.split_once(':') {
        Some((prefix, local)) => is_plain_name(prefix) && is_plain_name(local),
        None => is_plain_name(text),
    }
}

fn is_plain_name(text: &str) -> bool {
    text.chars().next().is_some_and(is_name_start) && text.chars().all(is_name_part)
}

fn is_name_start(c: char) -> bool {
    matches!(c, 'A'..='Z' | 'a'..='z' | '_' | '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{F6}' | '\u{F8}'..='\u{2FF}'
        | '\u{370}'..='\u{37D}' | '\u{37F}'..='\u{1FFF}' | '\u{200C}'..='\u{200D}' | '\u{2070}'..='\u{218F}'
        | '\u{2C00}'..='\u{2FEF}' | '\u{3001}'..='\u{D7FF}' | '\u{F900}'..='\u{FDCF}' | '\u{FDF0}'..='\u{FFFD}'
        | '\u{10000}'..='\u{EFFFF}')
}

fn is_name_part(c: char) -> bool {
    is_name_start(c) || matches!(c, '-' | '.' | '0'..='9' | '\u{B7}' | '\u{300}'..='\u{36F}' | '\u{203F}'..='\u{2040}')
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

    #[test]
    fn names_are_checked() {
        for good in ["a", "wp:post_id", "_a-b.c", "é", "a1"] {
            assert!(is_xml_name(good), "{good}");
        }
        for bad in ["", "1a", ":a", "a:", "a:b:c", "a b", "a/", "-a", "a\u{1}"] {
            assert!(!is_xml_name(bad), "{bad}");
        }
    }

    #[test]
    fn the_innermost_declaration_counts() {
        let mut scope = NamespaceScope::default();
        scope
            .declare(&Attributes::parse(" xmlns:x='http://wordpress.org/export/1.2/' y='z'").unwrap())
            .unwrap();
        let outer = scope.len();
        scope
            .declare(&Attributes::parse(" xmlns:x='http://example.org/' xmlns='http://example.org/'").unwrap())
            .unwrap();
        assert_eq!(scope.resolve("x:a"), Ok((Namespace::Other, "a")));
        assert_eq!(scope.resolve("a"), Ok((Namespace::Other, "a")));
        scope.truncate(outer);
        assert_eq!(scope.resolve("x:a"), Ok((Namespace::Wp, "a")));
        assert_eq!(scope.resolve("a"), Ok((Namespace::Rss, "a")));
        assert_eq!(scope.resolve("itunes:a"), Ok((Namespace::Other, "a")));
        assert!(scope.resolve("wp:a").is_err());
    }
}
