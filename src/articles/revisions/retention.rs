//! Which revisions are kept. The rule, in one pure function ([`to_drop`]):
//!
//! - what was published, corrected, restored or imported is kept for ever, and so is what is live or
//!   waits to be;
//! - of saves: all of the last 24 hours, then the last one of each hour for 7 days, of each day for 90
//!   days, of each week (from Monday, UTC) after that;
//! - at most [`MAX`] of an article's saves. Beyond that, the save that was the latest for the shortest time goes first:
//!   what somebody passed through counts for less than what they left;
//! - the newest revision is kept whatever it is, so that no number is ever given twice.
//!
//! To thin often or only once later leaves the same, except where the limits of [`MAX`] count.

use std::collections::{BTreeMap, BTreeSet};

use crate::articles::model::RevisionKind;
use crate::base::clock::Time;

/// A revision, as far as it matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredRevision {
    /// Its number within the article.
    pub number: i32,
    /// Why it was written.
    pub kind: RevisionKind,
    /// When.
    pub created_at: Time,
    /// Bytes of its content.
    pub size: i64,
    /// Whether it is live or waits to be.
    pub is_pinned: bool,
}

/// How much an article's saves may be.
#[derive(Clone, Copy, Debug)]
pub struct RetentionLimits {
    /// Saves.
    pub saves: usize,
    /// Bytes of their contents together.
    pub bytes: i64,
}

/// What an article's saves may be at most.
pub const MAX: RetentionLimits = RetentionLimits {
    saves: 200,
    bytes: 20 * 1024 * 1024,
};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
const WEEK: i64 = 7 * DAY;
/// The first Monday of the epoch: weeks begin there, and so do days and hours within them.
const MONDAY: i64 = 4 * DAY;

/// How far apart saves of this age are kept, in milliseconds; `None` for all.
fn spacing(age: i64) -> Option<i64> {
    if age <= DAY {
        None
    } else if age <= WEEK {
        Some(HOUR)
    } else if age <= 90 * DAY {
        Some(DAY)
    } else {
        Some(WEEK)
    }
}

/// The numbers of an article's revisions that are deleted. `revisions` are all its revisions, in any order.
pub fn to_drop(revisions: &[StoredRevision], most: RetentionLimits, now: Time) -> Vec<i32> {
    let newest = revisions.iter().map(|revision| revision.number).max();
    let is_fixed = |revision: &StoredRevision| revision.is_pinned || Some(revision.number) == newest;
    let mut saves: Vec<StoredRevision> = revisions
        .iter()
        .copied()
        .filter(|revision| is_save(revision.kind))
        .collect();
    saves.sort_by_key(|save| save.number);
    let mut dropped = Vec::new();
    let mut spaced: Vec<StoredRevision> = Vec::new();
    for (index, save) in saves.iter().enumerate() {
        let is_followed = saves
            .get(index + 1)
            .is_some_and(|next| is_superseded(*save, *next, now));
        if is_followed && !is_fixed(save) {
            dropped.push(save.number);
        } else {
            spaced.push(*save);
        }
    }
    dropped.extend(over_limits(&spaced, most, is_fixed));
    dropped
}

fn is_save(kind: RevisionKind) -> bool {
    match kind {
        RevisionKind::Save => true,
        RevisionKind::Publish | RevisionKind::Correct | RevisionKind::Restore | RevisionKind::Import => false,
    }
}

/// Whether the next save is in the same hour, day or week, whichever counts at this age.
fn is_superseded(save: StoredRevision, next: StoredRevision, now: Time) -> bool {
    let Some(spacing) = spacing(now.millis() - save.created_at.millis()) else {
        return false;
    };
    let slot = |time: Time| (time.millis() - MONDAY).div_euclid(spacing);
    slot(save.created_at) == slot(next.created_at)
}

/// The saves above the limits: first those that were the latest for the shortest time.
fn over_limits(
    saves: &[StoredRevision],
    most: RetentionLimits,
    is_fixed: impl Fn(&StoredRevision) -> bool,
) -> Vec<i32> {
    let mut left: BTreeMap<i32, StoredRevision> = saves.iter().map(|save| (save.number, *save)).collect();
    let mut bytes: i64 = saves.iter().map(|save| save.size).sum();
    let mut queue: BTreeSet<(i64, i32)> = saves
        .iter()
        .map(|save| (lifetime_ms(&left, save.number), save.number))
        .collect();
    let mut dropped = Vec::new();
    while left.len() > most.saves || bytes > most.bytes {
        let Some((_, number)) = queue.pop_first() else { break };
        let Some(save) = left.get(&number).copied().filter(|save| !is_fixed(save)) else {
            continue;
        };
        left.remove(&number);
        bytes -= save.size;
        dropped.push(number);
        // The save before now counts as the latest until the save after.
        if let Some(before) = left.range(..number).next_back().map(|(number, _)| *number) {
            let is_waiting = queue.remove(&(ms_until(&left, before, save), before));
            if is_waiting {
                queue.insert((lifetime_ms(&left, before), before));
            }
        }
    }
    dropped
}

/// How long a save was the last one, in milliseconds.
fn lifetime_ms(saves: &BTreeMap<i32, StoredRevision>, number: i32) -> i64 {
    match saves.range(number + 1..).next() {
        Some((_, next)) => ms_until(saves, number, *next),
        None => i64::MAX,
    }
}

fn ms_until(saves: &BTreeMap<i32, StoredRevision>, number: i32, next: StoredRevision) -> i64 {
    let since = saves.get(&number).map_or(0, |save| save.created_at.millis());
    next.created_at.millis() - since
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    const NOW: &str = "2026-11-23T08:00:00Z";

    fn at(text: &str) -> Time {
        Time::parse(text).unwrap()
    }

    fn revisions(rows: &[(RevisionKind, &str)]) -> Vec<StoredRevision> {
        let mut number = 0;
        let mut revision = |(kind, time): &(RevisionKind, &str)| {
            number += 1;
            StoredRevision {
                number,
                kind: *kind,
                created_at: at(time),
                size: 10,
                is_pinned: false,
            }
        };
        rows.iter().map(&mut revision).collect()
    }

    fn sorted(mut numbers: Vec<i32>) -> Vec<i32> {
        numbers.sort_unstable();
        numbers
    }

    #[test]
    fn saves_are_thinned_by_their_age_and_nothing_else_is() {
        use RevisionKind::{Correct, Import, Publish, Restore, Save};
        let table = [
            // The last 24 hours: all.
            (Save, "2026-11-22T08:00:00Z", "2026-11-22T08:00:01Z", true),
            (Save, "2026-11-23T07:59:58Z", "2026-11-23T07:59:59Z", true),
            // A moment older: the last of the hour.
            (Save, "2026-11-22T07:59:58Z", "2026-11-22T07:59:59Z", false),
            (Save, "2026-11-22T06:59:59Z", "2026-11-22T07:00:00Z", true),
            (Save, "2026-11-16T08:00:00Z", "2026-11-16T08:59:59Z", false),
            (Save, "2026-11-16T08:59:59Z", "2026-11-16T09:00:00Z", true),
            // Older than 7 days: the last of the day.
            (Save, "2026-11-16T07:59:59Z", "2026-11-16T09:00:00Z", false),
            (Save, "2026-11-15T23:59:59Z", "2026-11-16T00:00:00Z", true),
            (Save, "2026-08-25T08:00:00Z", "2026-08-26T00:00:00Z", true),
            // Older than 90 days: the last of the week, which begins on Monday.
            (Save, "2026-08-24T08:00:00Z", "2026-08-30T23:59:59Z", false),
            (Save, "2026-08-23T23:59:59Z", "2026-08-24T00:00:00Z", true),
            (Save, "2019-12-30T00:00:00Z", "2020-01-05T23:59:59Z", false),
            // What readers saw or will see, and what came from elsewhere, is kept for ever.
            (Publish, "2020-01-01T00:00:00Z", "2020-01-01T00:00:01Z", true),
            (Correct, "2020-01-01T00:00:00Z", "2020-01-01T00:00:01Z", true),
            (Restore, "2020-01-01T00:00:00Z", "2020-01-01T00:00:01Z", true),
            (Import, "2020-01-01T00:00:00Z", "2020-01-01T00:00:01Z", true),
        ];
        for (kind, time, next, is_kept) in table {
            let rows = revisions(&[(kind, time), (Save, next), (Publish, NOW)]);
            let expected: Vec<i32> = if is_kept { vec![] } else { vec![1] };
            assert_eq!(to_drop(&rows, MAX, at(NOW)), expected, "{kind} {time}, then {next}");
        }
    }

    #[test]
    fn what_is_live_and_the_newest_are_kept() {
        use RevisionKind::Save;
        let mut rows = revisions(&[(Save, "2020-01-01T00:00:00Z"), (Save, "2020-01-01T00:00:01Z")]);
        assert_eq!(to_drop(&rows, MAX, at(NOW)), [1]);
        assert_eq!(
            to_drop(&rows[1..], RetentionLimits { saves: 0, bytes: 0 }, at(NOW)),
            [0; 0]
        );
        rows[0].is_pinned = true;
        assert_eq!(to_drop(&rows, RetentionLimits { saves: 0, bytes: 0 }, at(NOW)), [0; 0]);
    }

    #[test]
    fn too_many_go_by_how_short_they_stood() {
        use RevisionKind::{Publish, Save};
        let rows = revisions(&[
            (Save, "2026-11-23T01:00:00Z"),
            (Save, "2026-11-23T02:00:00Z"),
            (Save, "2026-11-23T02:00:10Z"),
            (Save, "2026-11-23T02:00:30Z"),
            (Save, "2026-11-23T03:00:00Z"),
            (Publish, "2026-11-23T03:00:01Z"),
        ]);
        let most = |saves, bytes| RetentionLimits { saves, bytes };
        assert_eq!(to_drop(&rows, most(4, 1_000), at(NOW)), [2]);
        assert_eq!(to_drop(&rows, most(3, 1_000), at(NOW)), [2, 3]);
        assert_eq!(to_drop(&rows, most(2, 1_000), at(NOW)), [2, 3, 4]);
        // Without the three after it, the first was the latest for two hours; the last one still is.
        assert_eq!(to_drop(&rows, most(1, 1_000), at(NOW)), [2, 3, 4, 1]);
        assert_eq!(to_drop(&rows, most(9, 39), at(NOW)), [2, 3]);
    }

    fn some_revisions() -> impl Strategy<Value = Vec<StoredRevision>> {
        let step = (select(RevisionKind::ALL), 0_i64..40 * HOUR, 1_i64..1_000, 0_u8..20);
        proptest::collection::vec((step, any::<bool>()), 0..60).prop_map(|steps| {
            let mut ms = at(NOW).millis();
            let mut rows: Vec<StoredRevision> = Vec::new();
            for (index, ((kind, gap, size, pin), is_burst)) in steps.into_iter().enumerate() {
                ms -= if is_burst { gap / 600 } else { gap * 3 };
                rows.push(StoredRevision {
                    number: 100 - i32::try_from(index).unwrap(),
                    kind,
                    created_at: Time::from_millis(ms).unwrap(),
                    size,
                    is_pinned: pin == 0,
                });
            }
            rows
        })
    }

    fn without(rows: &[StoredRevision], dropped: &[i32]) -> Vec<StoredRevision> {
        rows.iter()
            .copied()
            .filter(|row| !dropped.contains(&row.number))
            .collect()
    }

    const ANY: RetentionLimits = RetentionLimits {
        saves: usize::MAX,
        bytes: i64::MAX,
    };

    proptest! {
        #[test]
        fn only_saves_go_and_never_the_newest_nor_what_is_pinned(rows in some_revisions(), saves in 0_usize..30) {
            let dropped = to_drop(&rows, RetentionLimits { saves, bytes: 5_000 }, at(NOW));
            for number in &dropped {
                let row = rows.iter().find(|row| row.number == *number).unwrap();
                prop_assert!(is_save(row.kind) && !row.is_pinned && row.number != 100, "{:?}", row);
            }
            let unique: BTreeSet<i32> = dropped.iter().copied().collect();
            prop_assert_eq!(unique.len(), dropped.len());
            let left = without(&rows, &dropped);
            let loose: Vec<&StoredRevision> = left.iter().filter(|row| is_save(row.kind) && !row.is_pinned && row.number != 100).collect();
            prop_assert!(loose.len() <= saves);
            prop_assert!(loose.iter().map(|row| row.size).sum::<i64>() <= 5_000);
        }

        #[test]
        fn a_second_time_nothing_goes(rows in some_revisions(), saves in 0_usize..30) {
            let most = RetentionLimits { saves, bytes: 5_000 };
            let left = without(&rows, &to_drop(&rows, most, at(NOW)));
            prop_assert_eq!(to_drop(&left, most, at(NOW)), Vec::<i32>::new());
        }

        #[test]
        fn thinning_early_loses_nothing_that_thinning_late_keeps(rows in some_revisions(), days in 0_i64..400) {
            let later = at(NOW).plus_seconds(days * 86_400);
            let twice = without(&rows, &to_drop(&rows, ANY, at(NOW)));
            let twice = without(&twice, &to_drop(&twice, ANY, later));
            let once = without(&rows, &to_drop(&rows, ANY, later));
            prop_assert_eq!(twice, once);
        }

        #[test]
        fn every_day_of_three_months_keeps_its_last_save(rows in some_revisions()) {
            let left = without(&rows, &to_drop(&rows, ANY, at(NOW)));
            let days = |rows: &[StoredRevision]| -> BTreeMap<i64, i32> {
                let recent = rows.iter().filter(|row| is_save(row.kind) && at(NOW).millis() - row.created_at.millis() <= 90 * DAY);
                recent.rev().map(|row| (row.created_at.millis().div_euclid(DAY), row.number)).collect()
            };
            // The day that is just ninety days old belongs to its week in part.
            let first = (at(NOW).millis() - 90 * DAY).div_euclid(DAY);
            let whole = |mut days: BTreeMap<i64, i32>| { days.remove(&first); days };
            prop_assert_eq!(whole(days(&left)), whole(days(&rows)));
        }
    }

    #[test]
    fn a_year_of_saves_is_a_few() {
        let mut rows = Vec::new();
        for minutes in 0..365 * 24 * 4 {
            rows.push(StoredRevision {
                number: minutes + 1,
                kind: RevisionKind::Save,
                created_at: at(NOW).plus_seconds(i64::from(minutes - 365 * 24 * 4) * 900),
                size: 1_000,
                is_pinned: false,
            });
        }
        let left = without(&rows, &to_drop(&rows, ANY, at(NOW)));
        // 96 of a day, 144 hours, 83 days, 39 weeks, give or take the edges.
        assert!((355..370).contains(&left.len()), "{}", left.len());
        let left = sorted(
            without(&rows, &to_drop(&rows, MAX, at(NOW)))
                .iter()
                .map(|row| row.number)
                .collect(),
        );
        assert_eq!(left.len(), MAX.saves);
        assert!(left.first().is_some_and(|first| *first < 5_000), "{left:?}");
    }

    #[test]
    fn an_age_has_its_exact_moment() {
        use RevisionKind::{Publish, Save};
        // The next save is not of the same time as far as a younger one goes, and of the same one as far as an older goes.
        let is_kept = |time: &str, next: &str, now: i64| {
            let rows = revisions(&[(Save, time), (Save, next), (Publish, "2026-12-31T00:00:00Z")]);
            to_drop(&rows, MAX, Time::from_millis(now).unwrap()).is_empty()
        };
        let born = "2026-08-25T08:00:00.000Z";
        for (next, age) in [
            ("2026-08-25T08:00:00.001Z", DAY),
            ("2026-08-25T09:00:00.000Z", WEEK),
            ("2026-08-26T00:00:00.000Z", 90 * DAY),
        ] {
            let last = at(born).millis() + age;
            assert!(is_kept(born, next, last), "{next}");
            assert!(!is_kept(born, next, last + 1), "{next}");
        }
        // Hours, days and weeks begin with their first millisecond.
        for (last, first, age) in [
            ("2026-08-25T08:59:59.999Z", "2026-08-25T09:00:00.000Z", 2 * DAY),
            ("2026-08-25T23:59:59.999Z", "2026-08-26T00:00:00.000Z", 2 * WEEK),
            ("2026-08-30T23:59:59.999Z", "2026-08-31T00:00:00.000Z", 100 * DAY),
        ] {
            let now = at(last).millis() + age;
            assert!(is_kept(last, first, now), "{last}");
            let within = Time::from_millis(at(last).millis() - 1).unwrap().to_string();
            assert!(!is_kept(&within, last, now), "{last}");
        }
    }

    #[test]
    fn as_many_bytes_as_may_be_are_kept() {
        use RevisionKind::{Publish, Save};
        let rows = revisions(&[
            (Save, "2026-11-23T01:00:00Z"),
            (Save, "2026-11-23T02:00:00Z"),
            (Publish, "2026-11-23T03:00:00Z"),
        ]);
        for (bytes, expected) in [(20, vec![]), (19, vec![1])] {
            assert_eq!(
                to_drop(&rows, RetentionLimits { saves: 9, bytes }, at(NOW)),
                expected,
                "{bytes}"
            );
        }
    }
}
