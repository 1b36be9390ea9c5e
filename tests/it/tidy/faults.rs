//! Which arrows are wrong: those that run up, those on a circle through several folders, and those to an endpoint's file
//! from another folder.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::code::Survey;
use super::code::arrows::Arrow;
use super::code::circles::{circles, graph};
use super::floors::{floor_name, folder, height};

/// What can be wrong with an arrow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    Up,
    Circle,
    Endpoint,
}

/// A wrong arrow from file to file, and the arrows from name to name that make it one.
pub struct WrongArrow<'s> {
    pub from: &'s str,
    pub to: &'s str,
    pub faults: BTreeSet<Fault>,
    pub arrows: Vec<&'s Arrow>,
}

impl WrongArrow<'_> {
    /// The arrow as it stands in the list of those that are known.
    pub fn entry(&self) -> String {
        format!("{} -> {}", self.from, self.to)
    }
}

impl fmt::Display for WrongArrow<'_> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let faults: Vec<_> = self.faults.iter().map(|fault| self.say(*fault)).collect();
        write!(f, "{}: {}", self.entry(), faults.join(", "))?;
        for arrow in &self.arrows {
            write!(f, "\n    src/{}:{} names {}", arrow.from, arrow.line, arrow.item)?;
        }
        Ok(())
    }
}

impl WrongArrow<'_> {
    fn say(&self, fault: Fault) -> String {
        match fault {
            Fault::Up => format!("runs up from {} to {}", floor_name(self.from), floor_name(self.to)),
            Fault::Circle => "on a circle".to_owned(),
            Fault::Endpoint => "to another feature's endpoint".to_owned(),
        }
    }
}

/// Every wrong arrow of the house.
pub fn wrong_arrows(survey: &Survey) -> Vec<WrongArrow<'_>> {
    let circle_of = circle_of_each(survey);
    let endpoints: BTreeSet<&str> = survey
        .files
        .iter()
        .filter(|file| file.is_endpoint)
        .map(|file| file.path.as_str())
        .collect();
    let faults_of = |arrow: &Arrow| {
        let (from, to) = (arrow.from.as_str(), arrow.to.as_str());
        let is_far = folder(from) != folder(to);
        let on_circle = circle_of.contains_key(from) && circle_of.get(from) == circle_of.get(to);
        [
            // A file without a floor is another test's matter.
            (height(to).is_some() && height(from).is_some() && height(from) < height(to)).then_some(Fault::Up),
            (is_far && on_circle).then_some(Fault::Circle),
            (is_far && endpoints.contains(to) && !arrow.is_mount).then_some(Fault::Endpoint),
        ]
    };
    let mut wrong = BTreeMap::new();
    for arrow in &survey.arrows {
        for fault in faults_of(arrow).into_iter().flatten() {
            let known = wrong.entry((&arrow.from, &arrow.to)).or_insert_with(|| WrongArrow {
                from: &arrow.from,
                to: &arrow.to,
                faults: BTreeSet::new(),
                arrows: Vec::new(),
            });
            known.faults.insert(fault);
            if known.arrows.last() != Some(&arrow) {
                known.arrows.push(arrow);
            }
        }
    }
    wrong.into_values().collect()
}

/// Of each file on a circle, which one.
fn circle_of_each(survey: &Survey) -> BTreeMap<&str, usize> {
    let graph = graph(
        survey
            .arrows
            .iter()
            .map(|arrow| (arrow.from.as_str(), arrow.to.as_str())),
    );
    let circles = circles(&graph).into_iter().enumerate();
    circles
        .flat_map(|(number, files)| files.into_iter().map(move |file| (file, number)))
        .collect()
}
