//! The committed lists of what is not yet as it should be. They may only get shorter: what is new fails, and so does
//! what is still listed and gone.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::code::{Survey, lengths, source};
use super::faults::wrong_arrows;

/// The longest a file may be, and a function, in lines of code.
pub const FILE_LINES: usize = 400;
pub const FUNCTION_LINES: usize = 70;

/// A list: its file and what there is of its kind in the house, each with what one must know to mend it.
pub struct List {
    pub name: &'static str,
    pub found: BTreeMap<String, String>,
}

/// The four lists of a checkout.
pub fn lists(root: &Path, survey: &Survey) -> [List; 4] {
    [
        List {
            name: "known_arrows.txt",
            found: arrows(survey),
        },
        List {
            name: "repeated_names.txt",
            found: repeated_names(survey),
        },
        List {
            name: "long.txt",
            found: long(survey),
        },
        List {
            name: "long_tests.txt",
            found: long_tests(root),
        },
    ]
}

fn arrows(survey: &Survey) -> BTreeMap<String, String> {
    wrong_arrows(survey)
        .iter()
        .map(|wrong| (wrong.entry(), wrong.to_string()))
        .collect()
}

fn repeated_names(survey: &Survey) -> BTreeMap<String, String> {
    let mut modules = BTreeMap::<&str, BTreeSet<&str>>::new();
    for found in &survey.types {
        modules.entry(&found.name).or_default().insert(&found.module);
    }
    let repeated = modules.into_iter().filter(|(_, modules)| modules.len() > 1);
    let say = |name: &str, modules: BTreeSet<&str>| {
        let modules: Vec<_> = modules.into_iter().collect();
        format!(
            "{name} is the name of {} types: in {}",
            modules.len(),
            modules.join(", ")
        )
    };
    repeated
        .map(|(name, modules)| (name.to_owned(), say(name, modules)))
        .collect()
}

fn long(survey: &Survey) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for file in &survey.files {
        if file.code_lines > FILE_LINES {
            let say = format!("src/{} has {} lines of code", file.path, file.code_lines);
            found.insert(file.path.clone(), say);
        }
        for function in file
            .functions
            .iter()
            .filter(|function| function.code_lines > FUNCTION_LINES)
        {
            let entry = format!("{}::{}", file.path, function.name);
            let place = format!("src/{}:{}", file.path, function.line);
            found.insert(
                entry,
                format!(
                    "{place}: fn {} has {} lines of code",
                    function.name, function.code_lines
                ),
            );
        }
    }
    found
}

fn long_tests(root: &Path) -> BTreeMap<String, String> {
    let texts = source::texts(&root.join("tests/it")).into_iter();
    let lengths = texts.map(|(path, text)| (path, lengths::code_lines(&text)));
    lengths
        .filter(|(_, lines)| *lines > FILE_LINES)
        .map(|(path, lines)| (path.clone(), format!("tests/it/{path} has {lines} lines of code")))
        .collect()
}

impl List {
    /// What is there and not listed, and what is listed and not there.
    pub fn differences(&self, root: &Path) -> Vec<String> {
        let listed = self.listed(root);
        let new = self.found.iter().filter(|(entry, _)| !listed.contains_key(*entry));
        let gone = listed.keys().filter(|entry| !self.found.contains_key(*entry));
        new.map(|(_, say)| format!("new: {say}"))
            .chain(gone.map(|entry| format!("gone, so take it off {}: {entry}", self.name)))
            .collect()
    }

    /// What is listed, each with its reason, which only some lists have.
    pub fn listed(&self, root: &Path) -> BTreeMap<String, String> {
        let text = std::fs::read_to_string(self.path(root)).unwrap_or_default();
        let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        lines
            .map(|line| line.split_once(": ").unwrap_or((line, "")))
            .map(|(entry, reason)| (entry.to_owned(), reason.to_owned()))
            .collect()
    }

    /// Writes the list anew: what is gone goes, and what is new comes if that is wanted. Reasons and remarks stay.
    pub fn write(&self, root: &Path, with_new: bool) {
        let listed = self.listed(root);
        let text = std::fs::read_to_string(self.path(root)).unwrap_or_default();
        let remarks = text.lines().filter(|line| line.starts_with('#')).map(str::to_owned);
        let entries = self
            .found
            .keys()
            .filter(|entry| with_new || listed.contains_key(*entry));
        let lines = entries.map(|entry| match listed.get(entry).map(String::as_str) {
            None | Some("") => entry.clone(),
            Some(reason) => format!("{entry}: {reason}"),
        });
        let lines: String = remarks.chain(lines).map(|line| line + "\n").collect();
        std::fs::write(self.path(root), lines).unwrap();
    }

    fn path(&self, root: &Path) -> PathBuf {
        root.join("tests/it/tidy").join(self.name)
    }
}
