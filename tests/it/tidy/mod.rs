//! The rules of the house that a compiler does not check.
//!
//! - [`floors`]: a file names only what stands on its own floor or below. [`faults`]: which arrows between files break
//!   that, or are on a circle through several folders, or lead to another feature's endpoint.
//! - [`lists`]: what is not yet as it should be, in text files beside this one that may only get shorter.
//! - [`roles`]: what is told from the text of a file. [`code`] reads the source.
//!
//! `cargo test --test it -- tidy::report --ignored --nocapture` prints where the house stands;
//! `cargo test --test it -- tidy::take_off_what_is_gone --ignored` shortens the lists.

mod code;
mod faults;
mod floors;
mod lists;
mod report;
mod roles;

use std::path::Path;
use std::sync::LazyLock;

use code::Survey;

static SURVEY: LazyLock<Survey> = LazyLock::new(|| code::survey(&root().join("src")));

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Fails with one fault a line.
#[track_caller]
fn assert_none(faults: &[String]) {
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[track_caller]
fn assert_as_listed(list: &lists::List) {
    assert_none(&list.differences(&list.read(root())));
}

#[test]
fn every_file_stands_on_a_floor() {
    let files: Vec<&str> = SURVEY.files.iter().map(|file| file.path.as_str()).collect();
    assert_none(&floors::faults_of_plan(&files));
}

#[test]
fn every_path_leads_to_what_is_known_here() {
    assert_none(&SURVEY.nowhere);
}

#[test]
fn nothing_of_the_crate_is_imported_by_a_star() {
    assert_none(&SURVEY.globs);
}

#[test]
fn arrows_run_down_and_in_no_circle_through_folders() {
    assert_as_listed(&lists::arrows(&SURVEY));
}

#[test]
fn a_types_name_is_unique_in_the_crate() {
    assert_as_listed(&lists::repeated_names(&SURVEY));
}

#[test]
fn files_and_functions_are_short_or_have_a_reason() {
    let list = lists::long(&SURVEY);
    assert_as_listed(&list);
    for (entry, reason) in lists::entries(&list.read(root())) {
        assert!(!reason.is_empty(), "{entry} is listed without a reason");
    }
}

#[test]
fn files_of_tests_are_short() {
    assert_none(&lists::long_tests(root()));
}

#[test]
#[ignore = "it prints figures"]
fn report() {
    println!("{}", report::report(root(), &SURVEY));
}

#[test]
#[ignore = "it writes the lists"]
fn take_off_what_is_gone() {
    for list in lists::all(&SURVEY) {
        list.write(root(), &list.rewritten(&list.read(root()), false));
    }
}
