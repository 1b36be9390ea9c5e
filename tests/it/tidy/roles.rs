//! What is told from the text of a file: what each role of file may know, that no file lies dead, that every error code
//! is used and speaks both languages.

use std::path::{Path, PathBuf};

use super::code::source;

fn sources(dir: &str) -> Vec<(PathBuf, String)> {
    let texts = source::texts(Path::new(dir)).into_iter();
    texts.map(|(path, text)| (Path::new(dir).join(path), text)).collect()
}

fn named<'p>(path: &'p Path, names: &[&str]) -> bool {
    let name: &'p str = path.file_name().unwrap().to_str().unwrap();
    names.contains(&name)
}

/// Whether a file has a handler.
fn is_endpoint(text: &str) -> bool {
    ["\n#[get(", "\n#[post(", "\n#[put(", "\n#[patch(", "\n#[delete("]
        .iter()
        .any(|route| text.contains(route))
}

#[test]
fn every_role_of_file_knows_only_what_it_may() {
    let mut wrong = Vec::new();
    for (path, text) in sources("src") {
        let mut forbid = |what: &str| {
            if text.contains(what) {
                wrong.push(format!("{} must not know {what}", path.display()));
            }
        };
        if named(&path, &["model.rs"]) {
            ["actix_web", "Conn,", "db::Conn"].into_iter().for_each(&mut forbid);
        }
        if named(&path, &["store.rs"]) || path.starts_with("src/published") {
            ["actix_web"].into_iter().for_each(&mut forbid);
        }
        if is_endpoint(&text) || path.starts_with("src/editorial/workflow") {
            ["diesel::", "db::schema"].into_iter().for_each(&mut forbid);
        }
        if path.starts_with("src/delivery") {
            [
                "articles::store",
                "revisions::store",
                "press::press",
                "model::Article,",
                "model::Content",
            ]
            .into_iter()
            .for_each(&mut forbid);
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn only_published_names_the_tables_that_readers_get() {
    let tables = [
        "published_articles::",
        "published_sections::",
        "published_tags::",
        "published_contributors::",
        "published_corrections::",
    ];
    for (path, text) in sources("src") {
        let knows = tables.iter().any(|table| text.contains(table));
        let allowed = path.starts_with("src/published") || path.ends_with("db/schema.rs");
        assert!(!knows || allowed, "{} reads what readers get", path.display());
    }
}

#[test]
fn only_the_dialect_matches_on_the_connection() {
    for (path, text) in sources("src") {
        let is_db = path.starts_with("src/base/db");
        assert!(
            is_db || !text.contains("Conn::Postgres"),
            "{} tells the databases apart",
            path.display()
        );
    }
}

#[test]
fn no_file_lies_dead() {
    let all = sources("src");
    for (path, _) in &all {
        let stem = path.file_stem().unwrap().to_str().unwrap();
        if ["main", "lib"].contains(&stem) {
            continue;
        }
        let (parent, name) = if stem == "mod" {
            let folder = path.parent().unwrap();
            (folder.parent().unwrap(), folder.file_name().unwrap().to_str().unwrap())
        } else {
            (path.parent().unwrap(), stem)
        };
        let declares = |text: &str| text.contains(&format!("mod {name};"));
        let declared = all.iter().any(|(other, text)| {
            let is_parent = other.parent() == Some(parent) && named(other, &["mod.rs", "lib.rs"]);
            is_parent && declares(text)
        });
        assert!(declared, "{} is no module", path.display());
    }
}

#[test]
fn every_error_code_is_used() {
    let text: String = sources("src")
        .into_iter()
        .filter(|(path, _)| !path.ends_with("src/base/codes.rs"))
        .map(|(_, text)| text)
        .collect();
    let own = std::fs::read_to_string("src/base/error.rs").unwrap();
    let field_codes: Vec<&str> = masthead::base::error::FieldCode::ALL
        .iter()
        .map(|code| code.as_str())
        .collect();
    for code in masthead::base::error::Code::ALL {
        // A problem may speak for its only field error.
        let speaks = field_codes.contains(&code.as_str());
        let used = text.contains(&format!("Code::{code:?}")) || own.contains(&format!("Self::new(Code::{code:?})"));
        assert!(used || speaks, "Code::{code:?} is never used");
    }
    for code in masthead::base::error::FieldCode::ALL {
        assert!(
            text.contains(&format!("FieldCode::{code:?}")),
            "FieldCode::{code:?} is never used"
        );
    }
}

#[test]
fn what_a_text_expects_is_said_in_both_languages() {
    let own = std::fs::read_to_string("src/base/phrases.rs").unwrap();
    for (path, text) in sources("src") {
        for call in [
            ".with(\"expected\", \"",
            "FieldCode::WrongType, \"",
            "FieldCode::InvalidFormat, \"",
        ] {
            for part in text.split(call).skip(1) {
                let phrase = part.split("\")").next().unwrap();
                assert!(
                    own.contains(&format!("\"{phrase}\",")),
                    "{}: no French for “{phrase}”",
                    path.display()
                );
            }
        }
    }
}

#[test]
fn nothing_is_left_undone_or_switched_off_without_a_reason() {
    let marks = ["TO", "FIX", "XX"].map(|start| {
        format!(
            "{start}{}",
            if start == "TO" {
                "DO"
            } else if start == "FIX" {
                "ME"
            } else {
                "X"
            }
        )
    });
    for (path, text) in sources("src").into_iter().chain(sources("tests")) {
        for mark in &marks {
            assert!(!text.contains(mark.as_str()), "{} has a {mark}", path.display());
        }
        let bare = text
            .lines()
            .any(|line| line.trim_start().starts_with("#[allow") || line.trim_start().starts_with("#![allow"));
        assert!(!bare, "{} switches a lint off", path.display());
    }
}
