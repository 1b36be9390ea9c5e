//! What an import did: the table at its end, and below it each kind of loss with its count and the first things that it
//! befell. As text for a terminal, as JSON for a file.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Map, Value, json};

use crate::import::wxr::{MendedPlaces, Mendings};

/// The kinds of things that are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CountedKind {
    /// Posts.
    Posts,
    /// Pages.
    Pages,
    /// Comments.
    Comments,
    /// Sections, from categories.
    Sections,
    /// Tags.
    Tags,
    /// Contributors, from authors.
    Contributors,
    /// Redirects from old links.
    Redirects,
}

impl CountedKind {
    const ALL: [Self; 7] = [
        Self::Posts,
        Self::Pages,
        Self::Comments,
        Self::Sections,
        Self::Tags,
        Self::Contributors,
        Self::Redirects,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Posts => "posts",
            Self::Pages => "pages",
            Self::Comments => "comments",
            Self::Sections => "sections",
            Self::Tags => "tags",
            Self::Contributors => "contributors",
            Self::Redirects => "redirects",
        }
    }
}

/// What became of a thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ImportOutcome {
    /// It is new here.
    Imported,
    /// It was here already, under the same name.
    Matched,
    /// It had changed there but not here.
    Updated,
    /// It is as it was imported.
    Unchanged,
    /// It was changed here since: it is left alone.
    EditedHere,
    /// It is not imported.
    Skipped,
}

impl ImportOutcome {
    const ALL: [Self; 6] = [
        Self::Imported,
        Self::Matched,
        Self::Updated,
        Self::Unchanged,
        Self::EditedHere,
        Self::Skipped,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Imported => "imported",
            Self::Matched => "matched",
            Self::Updated => "updated",
            Self::Unchanged => "unchanged",
            Self::EditedHere => "edited here",
            Self::Skipped => "skipped",
        }
    }
}

/// The lists below the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReportList {
    /// Why things were skipped.
    Skipped,
    /// Articles that came over without a text.
    WithoutText,
    /// What HTML held and blocks do not.
    Lost,
    /// Custom fields of items, by their keys.
    CustomFields,
    /// Cases that were decided by a rule.
    Decided,
    /// What was in a wrong encoding, and what it is now.
    Repaired,
}

impl ReportList {
    const ALL: [Self; 6] = [
        Self::Skipped,
        Self::WithoutText,
        Self::Lost,
        Self::CustomFields,
        Self::Decided,
        Self::Repaired,
    ];

    fn title(self) -> &'static str {
        match self {
            Self::Skipped => "Skipped",
            Self::WithoutText => "Articles that came over without a text",
            Self::Lost => "Changed or left out in the conversion to blocks",
            Self::CustomFields => "Custom fields that were left out",
            Self::Decided => "Decided by rule",
            Self::Repaired => "Repaired, where text was in a wrong encoding",
        }
    }

    /// Its member in JSON.
    fn name(self) -> &'static str {
        match self {
            Self::Skipped => "skipped",
            Self::WithoutText => "without_text",
            Self::Lost => "lost",
            Self::CustomFields => "custom_fields",
            Self::Decided => "decided",
            Self::Repaired => "repaired",
        }
    }

    /// Things that the terminal shows of each line.
    fn shown(self) -> usize {
        match self {
            Self::WithoutText => MAX_NAMED,
            Self::Repaired => 0,
            _ => 3,
        }
    }
}

/// Lines that a list holds; all others become one line.
const MAX_LINES: usize = 200;
/// Things that a line names.
const MAX_NAMED: usize = 50;

/// One kind of case.
#[derive(Clone, Debug, Default, PartialEq)]
struct ReportLine {
    count: u64,
    /// The first things that it befell.
    first: Vec<String>,
}

impl ReportLine {
    fn add(&mut self, count: u64, first: Vec<String>) {
        self.count += count;
        for name in first {
            if self.first.len() < MAX_NAMED && self.first.last() != Some(&name) {
                self.first.push(name);
            }
        }
    }
}

/// Counts of what was done.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ImportReport {
    outcomes: BTreeMap<(CountedKind, ImportOutcome), u64>,
    lists: BTreeMap<ReportList, BTreeMap<Cow<'static, str>, ReportLine>>,
}

impl ImportReport {
    /// Counts a thing.
    pub fn count(&mut self, kind: CountedKind, outcome: ImportOutcome) {
        *self.outcomes.entry((kind, outcome)).or_default() += 1;
    }

    /// Counts a thing that is not imported, and why.
    pub fn skip(&mut self, kind: CountedKind, why: impl Into<Cow<'static, str>>) {
        self.count(kind, ImportOutcome::Skipped);
        self.note(ReportList::Skipped, why, 1);
    }

    /// Counts a case.
    pub fn note(&mut self, list: ReportList, what: impl Into<Cow<'static, str>>, times: u64) {
        self.add_line(list, what.into(), times, Vec::new());
    }

    /// Counts a case of one thing, and names that.
    pub fn note_of(&mut self, list: ReportList, what: impl Into<Cow<'static, str>>, name: impl Into<String>) {
        self.add_line(list, what.into(), 1, vec![name.into()]);
    }

    fn add_line(&mut self, list: ReportList, what: Cow<'static, str>, count: u64, first: Vec<String>) {
        let lines = self.lists.entry(list).or_default();
        let key = if lines.len() < MAX_LINES || lines.contains_key(&what) {
            what
        } else {
            Cow::Borrowed("other")
        };
        lines.entry(key).or_default().add(count, first);
    }

    /// Adds the counts of another.
    pub fn add(&mut self, other: Self) {
        for (key, times) in other.outcomes {
            *self.outcomes.entry(key).or_default() += times;
        }
        for (list, lines) in other.lists {
            for (what, line) in lines {
                self.add_line(list, what, line.count, line.first);
            }
        }
    }

    /// Adds the counts of one thing: its name stands where the other names none.
    pub fn add_of(&mut self, name: &str, mut other: Self) {
        for line in other.lists.values_mut().flat_map(BTreeMap::values_mut) {
            if line.first.is_empty() {
                line.first.push(name.to_owned());
            }
        }
        self.add(other);
    }

    /// Counts what was read although XML forbids it.
    pub(super) fn add_mendings(&mut self, mendings: &Mendings) {
        for (what, places) in mended(mendings) {
            let lines = places.lines.iter().map(|line| format!("line {line}")).collect();
            self.add_line(ReportList::Decided, Cow::Borrowed(what), places.count, lines);
        }
    }

    /// How many things of a kind became what.
    pub fn outcome(&self, kind: CountedKind, outcome: ImportOutcome) -> u64 {
        self.outcomes.get(&(kind, outcome)).copied().unwrap_or(0)
    }

    fn line(&self, list: ReportList, what: &str) -> Option<&ReportLine> {
        self.lists.get(&list)?.get(what)
    }

    /// How often a case was counted.
    pub fn noted(&self, list: ReportList, what: &str) -> u64 {
        self.line(list, what).map_or(0, |line| line.count)
    }

    /// The first things that a case befell.
    pub fn named(&self, list: ReportList, what: &str) -> &[String] {
        self.line(list, what).map_or(&[], |line| &line.first)
    }

    /// All of it: `counts` by kind and outcome, and each list as `[{"what", "count", "first"}]`, the most frequent first.
    pub fn to_json(&self) -> Value {
        let counts = CountedKind::ALL.map(|kind| {
            let of_kind = ImportOutcome::ALL.map(|outcome| {
                let name = outcome.name().replace(' ', "_");
                (name, Value::from(self.outcome(kind, outcome)))
            });
            (kind.name().to_owned(), Value::Object(Map::from_iter(of_kind)))
        });
        let mut whole = Map::from_iter([("counts".to_owned(), Value::Object(Map::from_iter(counts)))]);
        for list in ReportList::ALL {
            let lines = self.by_count(list).into_iter();
            let shown = lines.map(|(what, line)| json!({"what": what, "count": line.count, "first": line.first}));
            whole.insert(list.name().to_owned(), shown.collect());
        }
        Value::Object(whole)
    }

    /// The lines of a list, the most frequent first.
    fn by_count(&self, list: ReportList) -> Vec<(&str, &ReportLine)> {
        let mut lines: Vec<(&str, &ReportLine)> = self
            .lists
            .get(&list)
            .into_iter()
            .flatten()
            .map(|(what, line)| (&**what, line))
            .collect();
        lines.sort_by_key(|(_, line)| std::cmp::Reverse(line.count));
        lines
    }
}

/// What was mended, in words; only what there was.
pub(super) fn mended(mendings: &Mendings) -> impl Iterator<Item = (&'static str, &MendedPlaces)> {
    let all = [
        (
            "control characters that XML forbids: left out",
            &mendings.dropped_characters,
        ),
        (
            "entities of HTML where XML has none: read as their characters",
            &mendings.html_entities,
        ),
        (
            "ampersands that begin no reference: read as they stand",
            &mendings.stray_ampersands,
        ),
        (
            "blank characters before the XML declaration: passed over",
            &mendings.blank_start,
        ),
    ];
    all.into_iter().filter(|(_, places)| places.count > 0)
}

impl fmt::Display for ImportReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:14}", "")?;
        for outcome in ImportOutcome::ALL {
            write!(f, "{:>13}", outcome.name())?;
        }
        for kind in CountedKind::ALL {
            write!(f, "\n{:14}", kind.name())?;
            for outcome in ImportOutcome::ALL {
                write!(f, "{:>13}", self.outcome(kind, outcome))?;
            }
        }
        for list in ReportList::ALL {
            let lines = self.by_count(list);
            if lines.is_empty() {
                continue;
            }
            write!(f, "\n\n{}:", list.title())?;
            for (what, line) in lines {
                write!(f, "\n{:>9}  {what}", line.count)?;
                for name in line.first.iter().take(list.shown()) {
                    write!(f, "\n{:13}{name}", "")?;
                }
                let more = line.count.saturating_sub(line.first.len().min(list.shown()) as u64);
                if more > 0 && list.shown() > 0 && !line.first.is_empty() {
                    write!(f, "\n{:13}…", "")?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_loss_has_its_count_and_the_first_things_that_it_befell() {
        let mut report = ImportReport::default();
        for number in 1..=60 {
            let mut of_post = ImportReport::default();
            of_post.note(ReportList::Lost, "script", 2);
            of_post.note_of(ReportList::Lost, "form", "its own name");
            report.add_of(&format!("post {number}"), of_post);
        }
        report.count(CountedKind::Posts, ImportOutcome::EditedHere);
        let text = report.to_string();
        let expected = "      120  script\n             post 1\n             post 2\n             post 3\n             …\n       60  form\n             its own name\n             …";
        assert!(text.contains(expected), "{text}");
        let json = report.to_json();
        assert_eq!(json["counts"]["posts"]["edited_here"], 1);
        assert_eq!(json["lost"][0]["what"], "script");
        assert_eq!(json["lost"][0]["count"], 120);
        assert_eq!(json["lost"][0]["first"].as_array().map(Vec::len), Some(MAX_NAMED));
        assert_eq!(json["without_text"], json!([]));
    }

    #[test]
    fn kinds_beyond_the_last_line_are_one() {
        let mut report = ImportReport::default();
        for number in 0..MAX_LINES + 5 {
            report.note(ReportList::Lost, number.to_string(), 1);
        }
        assert_eq!(report.noted(ReportList::Lost, "other"), 5);
    }
}
