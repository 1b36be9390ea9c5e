//! The committed lists of what is not yet as it should be. They may only get shorter: what is new fails, and so does
//! what is still listed and gone.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::code::{Survey, lengths, source};
use super::faults::wrong_arrows;

/// The longest that a file may be, and a function, in lines of code.
const FILE_LINES: usize = 400;
const FUNCTION_LINES: usize = 70;

/// A list: its file, and what the house has of its kind, each with what one must know to mend it.
pub struct List {
    pub name: &'static str,
    pub found: BTreeMap<String, String>,
}

/// All lists.
pub fn all(survey: &Survey) -> [List; 3] {
    [arrows(survey), repeated_names(survey), long(survey)]
}

/// Wrong arrows.
pub fn arrows(survey: &Survey) -> List {
    let wrong = wrong_arrows(survey);
    List {
        name: "known_arrows.txt",
        found: wrong.iter().map(|wrong| (wrong.entry(), wrong.to_string())).collect(),
    }
}

/// Names of types in more than one module.
pub fn repeated_names(survey: &Survey) -> List {
    let mut modules = BTreeMap::<&str, BTreeSet<&str>>::new();
    for found in &survey.types {
        modules.entry(&found.name).or_default().insert(&found.module);
    }
    modules.retain(|_, modules| modules.len() > 1);
    let say = |name: &str, modules: &BTreeSet<&str>| {
        let modules: Vec<_> = modules.iter().copied().collect();
        format!("{name} is the name of a type in {}", modules.join(" and "))
    };
    List {
        name: "repeated_names.txt",
        found: modules
            .iter()
            .map(|(name, modules)| (name.to_string(), say(name, modules)))
            .collect(),
    }
}

/// Files and functions that are too long.
pub fn long(survey: &Survey) -> List {
    let files = survey.files.iter().filter(|file| file.code_lines > FILE_LINES);
    let files = files.map(|file| {
        (
            file.path.clone(),
            format!("src/{} has {} lines", file.path, file.code_lines),
        )
    });
    let functions = survey.files.iter().flat_map(|file| {
        let long = file
            .functions
            .iter()
            .filter(|function| function.code_lines > FUNCTION_LINES);
        long.map(|function| {
            let entry = format!("{}::{}", file.path, function.name);
            let place = format!("src/{}:{}", file.path, function.line);
            (
                entry,
                format!("{place}: {} has {} lines", function.name, function.code_lines),
            )
        })
    });
    List {
        name: "long.txt",
        found: files.chain(functions).collect(),
    }
}

/// Files of tests that are too long, for which there is no list: a test always finds another file.
pub fn long_tests(root: &Path) -> Vec<String> {
    let texts = source::texts(&root.join("tests/it")).into_iter();
    let lengths = texts.map(|(path, text)| (path, lengths::code_lines(&text)));
    let long = lengths.filter(|(_, lines)| *lines > FILE_LINES);
    long.map(|(path, lines)| format!("tests/it/{path} has {lines} lines"))
        .collect()
}

impl List {
    /// What is there and not listed, and what is listed and not there.
    pub fn differences(&self, listed: &str) -> Vec<String> {
        let listed = entries(listed);
        let new = self
            .found
            .iter()
            .filter(|(entry, _)| !listed.contains_key(entry.as_str()));
        let gone = listed.keys().filter(|entry| !self.found.contains_key(**entry));
        new.map(|(_, say)| format!("new: {say}"))
            .chain(gone.map(|entry| format!("gone, so take it off {}: {entry}", self.name)))
            .collect()
    }

    /// The list anew: without what is gone and, if that is wanted, with what is new. Remarks and reasons stay.
    pub fn rewritten(&self, listed: &str, with_new: bool) -> String {
        let remarks = listed.lines().filter(|line| line.starts_with('#')).map(str::to_owned);
        let listed = entries(listed);
        let lines = self.found.keys().filter_map(|entry| match listed.get(entry.as_str()) {
            Some(&"") => Some(entry.clone()),
            Some(reason) => Some(format!("{entry}: {reason}")),
            None => with_new.then(|| entry.clone()),
        });
        remarks.chain(lines).map(|line| line + "\n").collect()
    }

    /// The list as it is committed.
    pub fn read(&self, root: &Path) -> String {
        let path = self.path(root);
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    pub fn write(&self, root: &Path, text: &str) {
        std::fs::write(self.path(root), text).unwrap();
    }

    fn path(&self, root: &Path) -> PathBuf {
        root.join("tests/it/tidy").join(self.name)
    }
}

/// What a list names, each with its reason, which only some lists have.
pub fn entries(listed: &str) -> BTreeMap<&str, &str> {
    let lines = listed.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| line.split_once(": ").unwrap_or((line, ""))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISTED: &str = "# Why.\na.rs::f: it is a table\nb.rs\n";

    fn list(found: &[&str]) -> List {
        let found = found
            .iter()
            .map(|entry| (entry.to_string(), format!("{entry} is long")));
        List {
            name: "long.txt",
            found: found.collect(),
        }
    }

    #[test]
    fn what_is_new_and_what_is_gone_is_told() {
        assert_eq!(list(&["a.rs::f", "b.rs"]).differences(LISTED), Vec::<String>::new());
        assert_eq!(
            list(&["b.rs", "c.rs"]).differences(LISTED),
            ["new: c.rs is long", "gone, so take it off long.txt: a.rs::f"]
        );
    }

    #[test]
    fn a_list_is_rewritten_with_its_remarks_and_reasons() {
        let now = list(&["a.rs::f", "c.rs"]);
        assert_eq!(now.rewritten(LISTED, false), "# Why.\na.rs::f: it is a table\n");
        assert_eq!(now.rewritten(LISTED, true), "# Why.\na.rs::f: it is a table\nc.rs\n");
    }
}
