//! What an import did, counted: the table at its end.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

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
    /// Cases that were decided by a rule.
    Decided,
    /// What HTML held and blocks do not.
    Lost,
    /// What was in a wrong encoding, and what it is now.
    Repaired,
}

impl ReportList {
    const ALL: [Self; 4] = [Self::Skipped, Self::Decided, Self::Lost, Self::Repaired];

    fn title(self) -> &'static str {
        match self {
            Self::Skipped => "Skipped",
            Self::Decided => "Decided by rule",
            Self::Lost => "Changed or left out in the conversion to blocks",
            Self::Repaired => "Repaired, where text was in a wrong encoding",
        }
    }
}

/// Lines that a list holds; all others become one line.
const MAX_LINES: usize = 200;

/// Counts of what was done.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ImportReport {
    outcomes: BTreeMap<(CountedKind, ImportOutcome), u64>,
    lists: BTreeMap<ReportList, BTreeMap<Cow<'static, str>, u64>>,
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
        let lines = self.lists.entry(list).or_default();
        let what = what.into();
        let key = if lines.len() < MAX_LINES || lines.contains_key(&what) {
            what
        } else {
            Cow::Borrowed("other")
        };
        *lines.entry(key).or_default() += times;
    }

    /// Adds the counts of another.
    pub fn add(&mut self, other: Self) {
        for (key, times) in other.outcomes {
            *self.outcomes.entry(key).or_default() += times;
        }
        for (list, lines) in other.lists {
            for (what, times) in lines {
                self.note(list, what, times);
            }
        }
    }

    /// How many things of a kind became what.
    pub fn outcome(&self, kind: CountedKind, outcome: ImportOutcome) -> u64 {
        self.outcomes.get(&(kind, outcome)).copied().unwrap_or(0)
    }

    /// How often a case was counted.
    pub fn noted(&self, list: ReportList, what: &str) -> u64 {
        self.lists
            .get(&list)
            .and_then(|lines| lines.get(what))
            .copied()
            .unwrap_or(0)
    }
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
            let Some(lines) = self.lists.get(&list).filter(|lines| !lines.is_empty()) else {
                continue;
            };
            write!(f, "\n\n{}:", list.title())?;
            let mut lines: Vec<_> = lines.iter().collect();
            lines.sort_by_key(|(_, times)| std::cmp::Reverse(**times));
            for (what, times) in lines {
                write!(f, "\n{times:>9}  {what}")?;
            }
        }
        Ok(())
    }
}
