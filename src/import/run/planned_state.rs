//! Whether an item goes live here, or waits as a draft and why.

use super::dates;
use super::dates::ImportedDate;
use super::text::{cut, label};
use crate::articles::model::ArticleReview;
use crate::base::clock::Time;
use crate::base::limits;
use crate::import::run::prepare::ImportRules;
use crate::import::run::report::{ImportReport, ReportList};
use crate::import::wxr::WxrItem;

/// What becomes of an item.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum PlannedState {
    /// It is pressed, with this date.
    Publish(Time),
    /// It stays a draft.
    Draft {
        note: Option<String>,
        embargo: Option<Time>,
        review: ArticleReview,
    },
}

/// An item is public here only if it is public there, without a password, and its date is past.
pub(super) fn planned_state(
    item: &WxrItem,
    date: ImportedDate,
    rules: &ImportRules,
    report: &mut ImportReport,
) -> PlannedState {
    let mut decided = |what: &'static str| report.note(ReportList::Decided, what, 1);
    let mut notes = Vec::new();
    let mut embargo = None;
    let is_public = matches!(item.status.as_str(), "publish" | "future");
    match item.status.as_str() {
        "publish" | "future" => match date {
            ImportedDate::Exact(at) | ImportedDate::Local(at) if at > rules.now || item.status == "future" => {
                decided("dates in the future: draft with the wished time");
                notes.push(format!(
                    "Prévu pour le {} dans WordPress.",
                    dates::in_french(at, rules.zone)
                ));
                embargo = Some(at).filter(|at| *at > rules.now);
            }
            ImportedDate::Exact(at) | ImportedDate::Local(at) if !item.has_password => {
                if matches!(date, ImportedDate::Local(_)) {
                    decided("dates without UTC: local time taken");
                }
                return PlannedState::Publish(at);
            }
            ImportedDate::Exact(_) | ImportedDate::Local(_) => {}
            ImportedDate::OutOfRange | ImportedDate::Unknown => {
                decided("public without a usable date: draft");
                notes.push("Publié dans WordPress sans date utilisable.".to_owned());
            }
        },
        "private" => {
            decided("private: draft");
            notes.push("Privé dans WordPress.".to_owned());
        }
        "draft" | "pending" => {}
        other => {
            decided("in a state of a plugin: draft");
            let other = label(other, 40).unwrap_or_default();
            notes.push(format!("État dans WordPress : {other}."));
        }
    }
    if item.has_password {
        decided("with a password: draft");
        let public = if is_public {
            "Publié avec un mot de passe"
        } else {
            "Protégé par un mot de passe"
        };
        notes.push(format!("{public} dans WordPress."));
    }
    let note = (!notes.is_empty()).then(|| cut(&notes.join(" "), limits::NOTE).0);
    let review = if item.status == "pending" {
        ArticleReview::InReview
    } else {
        ArticleReview::NotSubmitted
    };
    PlannedState::Draft { note, embargo, review }
}
