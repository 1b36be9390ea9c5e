//! Text that was read in the wrong encoding before it came into the file. The text as it was stays in the article's
//! first revision; names, labels and comments have no revisions, so theirs is in the report.

use std::borrow::Cow;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::base::text::mojibake::{self, TextRepair};
use crate::base::text::{plain, warnings};
use crate::import::run::report::{ImportReport, ReportList};

/// What the report counts.
pub(super) const REPAIRED: &str = "texts in a wrong encoding: repaired";

/// HTML of the file as it should be.
pub(super) fn html<'h>(html: &'h str, report: &mut ImportReport) -> Cow<'h, str> {
    let Some(repair) = mojibake::repair_html(html) else {
        return Cow::Borrowed(html);
    };
    note(&report_line(&repair), report);
    Cow::Owned(repair.text)
}

/// A thing made from the file, repaired; `None` where nothing is wrong with it.
pub(super) fn made<T: Serialize + DeserializeOwned>(thing: &T, report: &mut ImportReport) -> Option<T> {
    let json = serde_json::to_string(thing).ok()?;
    if !mojibake::may_be_wrong(&json) {
        return None;
    }
    let mut value = serde_json::from_str(&json).ok()?;
    let repairs = warnings::repair(&mut value);
    let repaired = serde_json::from_value(value).ok().filter(|_| !repairs.is_empty())?;
    for repair in &repairs {
        note(&report_line(repair), report);
    }
    Some(repaired)
}

/// A repair as a line of the report.
pub(super) fn report_line(repair: &TextRepair) -> String {
    let on_one_line = |text: &str| plain::one_line(text);
    format!("{} → {}", on_one_line(&repair.found), on_one_line(&repair.suggestion))
}

/// Counts a repair, and shows it where there is room.
pub(super) fn note(shown: &str, report: &mut ImportReport) {
    report.note(ReportList::Decided, REPAIRED, 1);
    report.note(ReportList::Repaired, shown.to_owned(), 1);
}
