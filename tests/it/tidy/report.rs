//! The state of the house in figures.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::code::Survey;
use super::code::circles::{circles, graph};
use super::code::lengths::FileFacts;
use super::faults::{Fault, WrongArrow, wrong_arrows};
use super::floors::{FLOORS, floor_name, folder};
use super::lists;

/// All figures, one a line.
pub fn report(root: &Path, survey: &Survey) -> String {
    let wrong = wrong_arrows(survey);
    let figures = [
        ("files", survey.files.len()),
        (
            "files directly in src",
            survey.files.iter().filter(|file| !file.path.contains('/')).count(),
        ),
        ("folders", folders(survey)),
        (
            "largest circle of files",
            largest(&circles(&graph(survey.pairs().into_iter()))),
        ),
        ("arrows from file to file", survey.pairs().len()),
        ("wrong arrows", wrong.len()),
        ("  that run up", count(&wrong, Fault::Up)),
        ("  on a circle", count(&wrong, Fault::Circle)),
        ("  to another feature's endpoint", count(&wrong, Fault::Endpoint)),
        ("files and functions too long", lists::long(survey).found.len()),
        ("files of tests too long", lists::long_tests(root).len()),
        ("names of several types", lists::repeated_names(survey).found.len()),
        ("lines of code", sum(survey, |file| file.code_lines)),
        ("lines of documentation", sum(survey, |file| file.doc_lines)),
        ("lines that begin with //", sum(survey, |file| file.comment_lines)),
        ("sections # Errors", sum(survey, |file| file.error_sections)),
    ];
    let figures = figures.iter().map(|(what, figure)| format!("{what:<34}{figure:>6}"));
    let circles = [
        folder_circles("folders", survey, folder),
        folder_circles("what is directly in src", survey, |file| {
            file.split('/').next().unwrap()
        }),
        folder_circles("floors", survey, floor_name),
    ];
    let lines = figures.chain(circles).chain(by_floor(survey, &wrong));
    lines.map(|line| line + "\n").collect()
}

fn folders(survey: &Survey) -> usize {
    let folders = survey
        .files
        .iter()
        .filter_map(|file| Some(file.path.rsplit_once('/')?.0));
    folders.collect::<BTreeSet<_>>().len()
}

fn largest(circles: &[BTreeSet<&str>]) -> usize {
    circles.first().map_or(0, BTreeSet::len)
}

fn count(wrong: &[WrongArrow], fault: Fault) -> usize {
    wrong.iter().filter(|wrong| wrong.faults.contains(&fault)).count()
}

fn sum(survey: &Survey, of: fn(&FileFacts) -> usize) -> usize {
    survey.files.iter().map(of).sum()
}

/// The circles of coarser things than files, each of which is named by its files' paths.
fn folder_circles(what: &str, survey: &Survey, thing: fn(&str) -> &str) -> String {
    let things: BTreeSet<&str> = survey.files.iter().map(|file| thing(&file.path)).collect();
    let arrows = survey.pairs().into_iter().map(|(from, to)| (thing(from), thing(to)));
    let arrows: BTreeSet<_> = arrows.filter(|(from, to)| from != to).collect();
    let graph = graph(arrows.iter().copied());
    let circles = circles(&graph);
    let is_inside = |(from, to): &&(&str, &str)| {
        let mut circles = circles.iter();
        circles.any(|circle| circle.contains(from) && circle.contains(to))
    };
    let inside = arrows.iter().filter(is_inside).count();
    let largest = largest(&circles);
    format!(
        "{what}: {}, of which {largest} in the largest circle; {inside} arrows in circles",
        things.len()
    )
}

/// How much stands on each floor, and what runs up from it.
fn by_floor(survey: &Survey, wrong: &[WrongArrow]) -> Vec<String> {
    let mut lines = BTreeMap::<&str, usize>::new();
    for file in &survey.files {
        *lines.entry(floor_name(&file.path)).or_default() += file.code_lines;
    }
    let built = FLOORS.iter().filter_map(|floor| Some((*floor, *lines.get(floor)?)));
    let line =
        |(floor, lines): (&str, usize)| format!("  {floor:<10}{lines:>6} lines of code{}", arrows_up(floor, wrong));
    built.map(line).collect()
}

fn arrows_up(floor: &str, wrong: &[WrongArrow]) -> String {
    let mut up = BTreeMap::<&str, usize>::new();
    let running = wrong.iter().filter(|wrong| wrong.faults.contains(&Fault::Up));
    for arrow in running.filter(|wrong| floor_name(wrong.from) == floor) {
        *up.entry(floor_name(arrow.to)).or_default() += 1;
    }
    let up: Vec<_> = up.iter().map(|(floor, count)| format!("{count} to {floor}")).collect();
    if up.is_empty() {
        String::new()
    } else {
        format!("; arrows up: {}", up.join(", "))
    }
}
