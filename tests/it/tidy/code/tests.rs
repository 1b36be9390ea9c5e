//! The reading of code, on crates of a few lines.

use super::circles::{circles, graph};
use super::names::TypeName;
use super::survey_of_texts as survey;

/// The arrows of a crate, each as `from -> to: item`.
fn arrows(files: &[(&str, &str)]) -> Vec<String> {
    let survey = survey(files);
    assert_eq!(survey.nowhere, Vec::<String>::new());
    let arrows = survey.arrows.iter();
    arrows
        .map(|arrow| format!("{} -> {}: {}", arrow.from, arrow.to, arrow.item))
        .collect()
}

#[test]
fn an_import_leads_through_a_reexport_to_the_definition() {
    let found = arrows(&[
        ("lib.rs", "mod tags; mod pages;"),
        ("tags/mod.rs", "mod store; pub use store::Tag as Label;"),
        ("tags/store.rs", "pub struct Tag;"),
        (
            "pages.rs",
            "use crate::tags::{self, Label}; fn of(_: Label, _: tags::Label) {}",
        ),
    ]);
    assert_eq!(found, ["pages.rs -> tags/store.rs: tags::store::Tag"]);
}

#[test]
fn a_module_that_uses_what_it_reexports_has_the_arrow() {
    let found = arrows(&[
        ("lib.rs", "mod tags;"),
        (
            "tags/mod.rs",
            "mod store; pub use store::{Tag, Other}; fn of(_: Tag) {}",
        ),
        ("tags/store.rs", "pub struct Tag; pub struct Other;"),
    ]);
    assert_eq!(found, ["tags/mod.rs -> tags/store.rs: tags::store::Tag"]);
}

#[test]
fn a_reexport_of_what_lies_elsewhere_is_an_arrow() {
    let found = arrows(&[
        ("lib.rs", "mod tags; mod text;"),
        ("tags.rs", "pub use super::text::Text;"),
        ("text.rs", "pub struct Text;"),
    ]);
    assert_eq!(found, ["tags.rs -> text.rs: text::Text"]);
}

#[test]
fn paths_are_found_in_the_tokens_of_macros() {
    let found = arrows(&[
        ("lib.rs", "mod db; mod limits; mod tags;"),
        ("db.rs", "pub enum Conn { Sqlite, Postgres } pub fn open() {}"),
        ("limits.rs", "pub const TAGS: usize = 1; pub fn other() {}"),
        (
            "tags.rs",
            "use crate::db; use crate::limits;
             macro_rules! on_each { ($c:expr) => { match $c { $crate::db::Conn::Sqlite => 1 } } }
             fn f() { matches!(1, limits::TAGS if (db::open() == ())); vec![x.limits::<u8>()]; }
             #[utoipa::path(responses(a = limits::other))] fn g() {}",
        ),
    ]);
    assert_eq!(
        found,
        [
            "tags.rs -> db.rs: db::Conn",
            "tags.rs -> db.rs: db::open",
            "tags.rs -> limits.rs: limits::TAGS",
            "tags.rs -> limits.rs: limits::other",
        ]
    );
}

#[test]
fn what_a_macro_names_later_is_in_the_module_that_it_names_now() {
    let found = arrows(&[
        ("lib.rs", "mod db; mod menus;"),
        ("db.rs", "diesel::table! { tags (id) { id -> Text, } }"),
        (
            "menus.rs",
            "macro_rules! of { ($t:ident) => {{ use crate::db::$t; $t::table }} }",
        ),
    ]);
    assert_eq!(found, ["menus.rs -> db.rs: db::…"]);
}

#[test]
fn super_and_self_lead_up_and_back() {
    let found = arrows(&[
        ("lib.rs", "mod a; mod b;"),
        ("a/mod.rs", "mod c; pub struct A; mod d;"),
        (
            "a/c.rs",
            "use super::A; use super::super::b::B; fn f() { self::g(); super::d::h(); } fn g() {}",
        ),
        ("a/d.rs", "pub fn h() {}"),
        ("b.rs", "pub struct B;"),
    ]);
    assert_eq!(
        found,
        [
            "a/c.rs -> a/d.rs: a::d::h",
            "a/c.rs -> a/mod.rs: a::A",
            "a/c.rs -> b.rs: b::B"
        ]
    );
}

#[test]
fn an_import_in_a_function_holds_in_that_function() {
    let found = arrows(&[
        ("lib.rs", "mod a; mod b;"),
        ("a.rs", "fn f() { use crate::b; b::g(); } fn other() { b::h(); }"),
        ("b.rs", "pub fn g() {} pub fn h() {}"),
    ]);
    assert_eq!(found, ["a.rs -> b.rs: b::g"]);
}

#[test]
fn a_module_and_a_function_may_share_a_name() {
    let found = arrows(&[
        ("lib.rs", "mod words; mod spam;"),
        ("words/mod.rs", "pub mod fold; pub use fold::fold;"),
        ("words/fold.rs", "pub fn fold() {} pub struct Folded;"),
        ("spam.rs", "use crate::words::fold; fn f() { fold(); fold::Folded; }"),
    ]);
    assert_eq!(
        found,
        [
            "spam.rs -> words/fold.rs: words::fold::Folded",
            "spam.rs -> words/fold.rs: words::fold::fold"
        ]
    );
}

#[test]
fn tests_are_left_out() {
    let survey = survey(&[
        ("lib.rs", "mod a; mod b;"),
        (
            "a.rs",
            "#[cfg(test)] mod tests { use crate::b::B; struct B; } #[cfg(test)] use crate::b::B;\nfn f() {}",
        ),
        ("b.rs", "pub struct B; #[cfg(test)] mod tests;"),
        ("b/tests.rs", "use crate::a; fn f() { a::f() }"),
    ]);
    assert_eq!(survey.arrows, []);
    assert_eq!(
        survey.types,
        [TypeName {
            name: "B".to_owned(),
            module: "b".to_owned()
        }]
    );
    let lines: Vec<_> = survey
        .files
        .iter()
        .map(|file| (file.path.as_str(), file.code_lines))
        .collect();
    assert_eq!(lines, [("a.rs", 1), ("b.rs", 0), ("lib.rs", 1)]);
}

#[test]
fn macros_define_names() {
    let found = arrows(&[
        ("lib.rs", "mod a; mod ids; mod db;"),
        (
            "ids.rs",
            "#[macro_export] macro_rules! id_type { ($(#[$d:meta])* $name:ident) => { pub struct $name; } }
             macro_rules! table { ($($x:ident)*) => { pub enum Kind { $($x),* } pub mod may { $(struct $x;)* } } }
             table! { One Two }",
        ),
        ("db.rs", "thread_local! { pub static OPEN: u8 = 1; }"),
        (
            "a.rs",
            "crate::id_type! { /// An id.\n AId } fn f(_: crate::ids::Kind, _: crate::ids::may::One) { crate::db::OPEN }",
        ),
    ]);
    assert_eq!(
        found,
        [
            "a.rs -> db.rs: db::OPEN",
            "a.rs -> ids.rs: ids::Kind",
            "a.rs -> ids.rs: ids::id_type",
            "a.rs -> ids.rs: ids::may"
        ]
    );
}

#[test]
fn a_call_says_itself_what_it_defines() {
    let found = arrows(&[
        ("lib.rs", "mod a; mod b; mod macros;"),
        (
            "macros.rs",
            "#[macro_export] macro_rules! body { ($v:vis struct $name:ident) => { $v struct $name; } }",
        ),
        ("b.rs", "crate::body! { /// A tag.\n pub struct NewTag }"),
        ("a.rs", "fn f(_: crate::b::NewTag) {}"),
    ]);
    assert_eq!(found, ["a.rs -> b.rs: b::NewTag", "b.rs -> macros.rs: macros::body"]);
}

#[test]
fn a_name_that_is_not_there_and_a_star_are_told() {
    let survey = survey(&[
        ("lib.rs", "mod a; mod b;"),
        ("a.rs", "use crate::b::Gone; use crate::b::*; use diesel::prelude::*;"),
        ("b.rs", ""),
    ]);
    assert_eq!(survey.nowhere, ["src/a.rs:1: crate::b::Gone"]);
    assert_eq!(survey.globs, ["src/a.rs:1: crate::b::*"]);
}

#[test]
fn what_mounts_routes_is_told_apart() {
    let survey = survey(&[
        ("lib.rs", "mod tags;"),
        ("tags/mod.rs", "mod api; fn routes() { mount(api::show); } "),
        ("tags/api.rs", "#[get(\"/v1/tags\")] pub async fn show() {}"),
    ]);
    assert!(survey.arrows[0].is_mount);
    let endpoints: Vec<_> = survey.files.iter().map(|file| file.is_endpoint).collect();
    assert_eq!(endpoints, [false, true, false]);
}

#[test]
fn the_length_of_a_function_is_its_code() {
    let text = "/// Says.\n#[get(\n\"/\")]\nfn long() {\n\n    // Why.\n    f();\n}\nimpl A { fn short() {} }";
    let survey = survey(&[("lib.rs", text)]);
    let functions = survey.files[0].functions.iter();
    let lengths: Vec<_> = functions
        .map(|function| (function.name.as_str(), function.code_lines))
        .collect();
    assert_eq!(lengths, [("long", 3), ("short", 1)]);
    assert_eq!(
        (
            survey.files[0].code_lines,
            survey.files[0].doc_lines,
            survey.files[0].comment_lines
        ),
        (6, 1, 1)
    );
}

#[test]
fn circles_are_found() {
    let graph = graph(
        [
            ("a", "b"),
            ("b", "c"),
            ("c", "a"),
            ("c", "d"),
            ("e", "d"),
            ("d", "e"),
            ("f", "a"),
        ]
        .into_iter(),
    );
    let found: Vec<Vec<_>> = circles(&graph)
        .into_iter()
        .map(|circle| circle.into_iter().collect())
        .collect();
    assert_eq!(found, [vec!["a", "b", "c"], vec!["d", "e"]]);
}
