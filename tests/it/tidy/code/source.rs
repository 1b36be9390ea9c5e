//! Source files, read and parsed.

use std::path::Path;

use syn::Attribute;

/// A file of the crate. Its path is relative to `src`, with `/` between the parts.
pub struct Source {
    pub path: String,
    pub text: String,
    pub syntax: syn::File,
}

impl Source {
    pub fn new(path: &str, text: &str) -> Self {
        let syntax =
            syn::parse_file(text).unwrap_or_else(|error| panic!("{path}:{}: {error}", error.span().start().line));
        Self {
            path: path.to_owned(),
            text: text.to_owned(),
            syntax,
        }
    }
}

/// Every file below a folder whose name ends in `.rs`, in the order of their paths.
pub fn read(folder: &Path) -> Vec<Source> {
    texts(folder)
        .iter()
        .map(|(path, text)| Source::new(path, text))
        .collect()
}

/// The same, not parsed.
pub fn texts(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap().replace('\\', "/");
                found.push((name, std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

/// Whether what carries these attributes is there for tests only.
pub fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let cfg = attribute.path().is_ident("cfg");
        cfg && attribute.meta.require_list().is_ok_and(|list| {
            let condition = list.tokens.to_string();
            condition == "test" || condition.starts_with("all (test ")
        })
    })
}
