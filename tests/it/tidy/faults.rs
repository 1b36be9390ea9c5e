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
    /// It leads to what another folder answers requests with. What both need lies below them.
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

    fn say(&self, fault: Fault) -> String {
        match fault {
            Fault::Up => format!("runs up from {} to {}", floor_name(self.from), floor_name(self.to)),
            Fault::Circle => "on a circle".to_owned(),
            Fault::Endpoint => "to another feature's endpoint".to_owned(),
        }
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

/// Every wrong arrow of the house.
pub fn wrong_arrows(survey: &Survey) -> Vec<WrongArrow<'_>> {
    let circles = circle_of_each(survey);
    let endpoints = survey.files.iter().filter(|file| file.is_endpoint);
    let endpoints: BTreeSet<&str> = endpoints.map(|file| file.path.as_str()).collect();
    let mut wrong = BTreeMap::new();
    for arrow in &survey.arrows {
        let faults = faults_of(arrow, &circles, &endpoints);
        if !faults.is_empty() {
            let known = wrong.entry((&arrow.from, &arrow.to)).or_insert_with(|| WrongArrow {
                from: &arrow.from,
                to: &arrow.to,
                faults: BTreeSet::new(),
                arrows: Vec::new(),
            });
            known.faults.extend(faults);
            known.arrows.push(arrow);
        }
    }
    wrong.into_values().collect()
}

fn faults_of(arrow: &Arrow, circles: &BTreeMap<&str, usize>, endpoints: &BTreeSet<&str>) -> Vec<Fault> {
    let (from, to) = (arrow.from.as_str(), arrow.to.as_str());
    // A file without a floor is another test's matter.
    let is_up = height(from).zip(height(to)).is_some_and(|(from, to)| from < to);
    let is_far = folder(from) != folder(to);
    let is_mount = arrow.is_mount || ["app", "openapi"].contains(&floor_name(from));
    let on_circle = circles.contains_key(from) && circles.get(from) == circles.get(to);
    let faults = [
        is_up.then_some(Fault::Up),
        (is_far && on_circle).then_some(Fault::Circle),
        (is_far && endpoints.contains(to) && !is_mount).then_some(Fault::Endpoint),
    ];
    faults.into_iter().flatten().collect()
}

/// Of each file on a circle, which one.
fn circle_of_each(survey: &Survey) -> BTreeMap<&str, usize> {
    let numbered = circles(&graph(survey.pairs().into_iter())).into_iter().enumerate();
    let files = numbered.flat_map(|(number, files)| files.into_iter().map(move |file| (file, number)));
    files.collect()
}

#[cfg(test)]
mod tests {
    use super::super::code::survey_of_texts;
    use super::Fault::{Circle, Endpoint, Up};
    use super::*;

    fn faults(files: &[(&str, &str)]) -> Vec<(String, Vec<Fault>)> {
        let survey = survey_of_texts(files);
        let wrong = wrong_arrows(&survey).into_iter();
        wrong
            .map(|wrong| (wrong.entry(), wrong.faults.into_iter().collect()))
            .collect()
    }

    #[test]
    fn an_arrow_may_run_down_and_not_up() {
        let found = faults(&[
            ("lib.rs", "mod base; mod site;"),
            ("base.rs", "use crate::site::Menu;"),
            ("site/mod.rs", "pub struct Menu; mod tags;"),
            ("site/tags.rs", "use super::Menu;"),
        ]);
        assert_eq!(found, [("base.rs -> site/mod.rs".to_owned(), vec![Up])]);
    }

    #[test]
    fn a_circle_within_a_folder_is_no_fault() {
        let files = [
            ("lib.rs", "mod site;"),
            ("site/mod.rs", "mod tags; mod menus;"),
            ("site/tags.rs", "use super::menus::Menu; pub struct Tag;"),
            ("site/menus.rs", "use super::tags::Tag; pub struct Menu;"),
        ];
        assert_eq!(faults(&files), []);
    }

    #[test]
    fn a_circle_through_folders_is_one() {
        let found = faults(&[
            ("lib.rs", "mod site;"),
            ("site/mod.rs", "mod tags; pub struct Site; fn f() { tags::g() }"),
            ("site/tags/mod.rs", "use super::Site; pub fn g() {}"),
        ]);
        let arrow = |entry: &str| (entry.to_owned(), vec![Circle]);
        assert_eq!(
            found,
            [
                arrow("site/mod.rs -> site/tags/mod.rs"),
                arrow("site/tags/mod.rs -> site/mod.rs")
            ]
        );
    }

    #[test]
    fn an_endpoint_is_for_its_own_folder_and_for_what_mounts_it() {
        let found = faults(&[
            ("lib.rs", "mod site; mod demo; mod app;"),
            ("site/mod.rs", "pub mod api; mod more; fn routes() { mount(api::show) }"),
            ("site/api.rs", "#[get(\"/v1/site\")] pub async fn show() {}"),
            ("site/more.rs", "use super::api::show;"),
            ("demo.rs", "use crate::site::api::show;"),
            ("app.rs", "use crate::site::api::show;"),
        ]);
        assert_eq!(found, [("demo.rs -> site/api.rs".to_owned(), vec![Endpoint])]);
    }
}
