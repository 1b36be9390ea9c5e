//! The desk's list: which working copies there are, who is at work on which, and what waits for whom. [`search`]
//! searches them.

pub mod list;
pub mod search;
pub mod store;

use crate::base::ids::UserId;

crate::word_type! {
    /// The order of the desk's list.
    WorkingCopySort {
        /// Changed last first.
        Newest = "-edited_at",
        /// Changed last last.
        Oldest = "edited_at",
    }
}

/// Who works on an article, as a filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assigned {
    /// Nobody.
    Nobody,
    /// This user.
    To(UserId),
}

impl Assigned {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "none" => Some(Self::Nobody),
            id => UserId::parse(id).map(Self::To),
        }
    }
}
