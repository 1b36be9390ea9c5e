//! The state of the house in figures.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::code::Survey;
use super::code::circles::{circles, graph};
use super::code::lengths::FileFacts;
use super::faults::{Fault, WrongArrow, wrong_arrows};
use super::floors::{FLOORS, floor_name, folder};
use super::lists::lists;

/// All figures, one a line.
pub fn report(root: &Path, survey: &Survey) -> String {
    let wrong = wrong_arrows(survey);
    let [_, names, long, long_tests] = lists(root, survey).map(|list| list.found.len().to_string());
    let lines = [
        folders(survey),
        file_circles(survey),
        ("arrows from file to file", pairs(survey).len().to_string()),
        ("wrong arrows", wrong.len().to_string()),
        ("  that run up", count(&wrong, Fault::Up)),
        ("  on a circle", count(&wrong, Fault::Circle)),
        ("  to another feature's endpoint", count(&wrong, Fault::Endpoint)),
        ("files and functions too long", long),
        ("files of tests too long", long_tests),
        ("names of several types", names),
        ("lines of code", sum(survey, |file| file.code_lines)),
        ("lines of documentation", sum(survey, |file| file.doc_lines)),
        ("lines that begin with //", sum(survey, |file| file.comment_lines)),
        ("sections # Errors", sum(survey, |file| file.error_sections)),
    ];
    let figures = lines.iter().map(|(what, figure)| format!("{what:<34}{figure}\n"));
    figures.chain(folder_circles(survey)).chain(by_floor(survey)).collect()
}

type Figure = (&'static str, String);

fn folders(survey: &Survey) -> Figure {
    let folders: BTreeSet<&str> = survey
        .files
        .iter()
        .filter_map(|file| file.path.rsplit_once('/'))
        .map(|(folder, _)| folder)
        .collect();
    let top = survey.files.iter().filter(|file| !file.path.contains('/')).count();
    let depth_one: BTreeSet<&str> = folders.iter().map(|folder| folder.split('/').next().unwrap()).collect();
    (
        "folders",
        format!(
            "{} with files, {} and {top} files directly in src; {} files",
            folders.len(),
            depth_one.len(),
            survey.files.len()
        ),
    )
}

fn file_circles(survey: &Survey) -> Figure {
    let graph = graph(pairs(survey).into_iter());
    let sizes: Vec<_> = circles(&graph).iter().map(|circle| circle.len().to_string()).collect();
    (
        "circles of files, by size",
        if sizes.is_empty() {
            "none".to_owned()
        } else {
            sizes.join(", ")
        },
    )
}

/// The arrows from file to file.
fn pairs(survey: &Survey) -> BTreeSet<(&str, &str)> {
    survey
        .arrows
        .iter()
        .map(|arrow| (arrow.from.as_str(), arrow.to.as_str()))
        .collect()
}

fn count(wrong: &[WrongArrow], fault: Fault) -> String {
    wrong
        .iter()
        .filter(|wrong| wrong.faults.contains(&fault))
        .count()
        .to_string()
}

fn sum(survey: &Survey, of: fn(&FileFacts) -> usize) -> String {
    survey.files.iter().map(of).sum::<usize>().to_string()
}

/// The circles of folders: of every folder, of the first level below `src`, of floors.
fn folder_circles(survey: &Survey) -> Vec<String> {
    let first_level: fn(&str) -> &str = |file| file.split('/').next().unwrap();
    let grains: [(&str, fn(&str) -> &str); 3] = [
        ("folders", folder),
        ("folders and files of src's first level", first_level),
        ("floors", floor_name),
    ];
    let figures = grains.into_iter().map(|(grain, node)| {
        let arrows: BTreeSet<_> = pairs(survey)
            .into_iter()
            .map(|(from, to)| (node(from), node(to)))
            .collect();
        let nodes: BTreeSet<&str> = survey.files.iter().map(|file| node(&file.path)).collect();
        let graph = graph(arrows.iter().copied());
        let circles = circles(&graph);
        let inside = |from: &str, to: &str| {
            circles
                .iter()
                .any(|circle| circle.contains(from) && circle.contains(to))
        };
        let within = arrows
            .iter()
            .filter(|(from, to)| from != to && inside(from, to))
            .count();
        let largest = circles.first().map_or(0, BTreeSet::len);
        format!(
            "{grain}: largest circle {largest} of {}, {within} arrows in circles\n",
            nodes.len()
        )
    });
    figures.collect()
}

/// How much stands on each floor, and what runs up from it.
fn by_floor(survey: &Survey) -> Vec<String> {
    let mut lines = BTreeMap::<&str, usize>::new();
    for file in &survey.files {
        *lines.entry(floor_name(&file.path)).or_default() += file.code_lines;
    }
    let wrong = wrong_arrows(survey);
    let up = |floor: &str| {
        let mut to = BTreeMap::<&str, usize>::new();
        let running = wrong
            .iter()
            .filter(|wrong| wrong.faults.contains(&Fault::Up) && floor_name(wrong.from) == floor);
        running.for_each(|wrong| *to.entry(floor_name(wrong.to)).or_default() += 1);
        let to: Vec<_> = to.iter().map(|(floor, count)| format!("{floor} {count}")).collect();
        if to.is_empty() {
            String::new()
        } else {
            format!(", up to {}", to.join(", "))
        }
    };
    let built = FLOORS.iter().filter_map(|floor| Some((*floor, lines.get(floor)?)));
    built
        .map(|(floor, lines)| format!("  {floor:<10} {lines:>6} lines of code{}\n", up(floor)))
        .collect()
}
