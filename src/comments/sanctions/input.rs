//! What a client sends to impose and change a sanction.

use super::model::Sanction;
use crate::base::clock::Time;
use crate::base::error::{Error, FieldCode, FieldError, Result};
use crate::base::http::fields::Fields;
use crate::base::http::value_reader::{ValueReader, exact_line, id, text, time, word};
use crate::base::ids::{CommentId, SectionId};
use crate::base::limits;
use crate::body_type;
use crate::comments::identity::{SanctionKind, SanctionTarget};
use crate::comments::model::DecisionReason;

body_type! {
    /// A sanction to be imposed.
    #[derive(Clone, Debug)]
    pub struct NewSanction [check(|fields| must_end(fields, kind?, target?, ends_at))] {
        /// What it does.
        pub kind: SanctionKind = required(word()),
        /// By what it knows the author.
        pub target: SanctionTarget = required(word()),
        /// A comment of the author, from which is taken by what it knows them. With `email`, the comment that gave rise to it.
        pub comment_id: CommentId = optional(id()),
        /// The author's e-mail address, where the target is `email`: only its hash is kept.
        pub email: String = optional(any_email()),
        /// Where it holds, and below; without it, on the whole site.
        pub section_id: SectionId = optional(id()),
        /// Until when it holds: a year at most, 30 days for a network. Without it, until it is lifted; `suspend`, and any
        /// sanction of a network, must have an end.
        pub ends_at: Time = optional(time()),
        /// Why, as a code.
        pub reason: DecisionReason = optional(word()),
        /// Why, in words; for colleagues.
        pub note: String = optional(text(limits::NOTE)),
    }
}

fn must_end(fields: &mut Fields<'_>, kind: SanctionKind, target: SanctionTarget, ends_at: Option<Time>) -> Option<()> {
    if ends_at.is_none() && target.must_end(kind) && !fields.at().has_error_at("ends_at") {
        return fields.at().child("ends_at").fail(FieldCode::Required);
    }
    Some(())
}

/// An address that somebody wrote under a comment: anything with a name and a host.
fn any_email() -> impl ValueReader<Value = String> {
    exact_line(limits::EMAIL).then(|at, email| {
        let parts = email.split_once('@');
        if parts.is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@')) {
            Some(email)
        } else {
            at.fail(FieldCode::InvalidEmail)
        }
    })
}

body_type! {
    /// A change of a sanction.
    #[derive(Clone, Debug)]
    pub struct SanctionPatch of Sanction {
        /// Why, as a code.
        pub reason: DecisionReason = patch(word()),
        /// Why, in words; for colleagues.
        pub note: String = patch(text(limits::NOTE)),
        /// Until when it holds.
        pub ends_at: Time = patch(time()),
    }
}

/// Checks that a sanction ends neither before now nor too late.
///
/// # Errors
/// 422 at `/ends_at`.
pub(super) fn check_end(target: SanctionTarget, ends_at: Option<Time>, now: Time) -> Result<()> {
    let Some(ends_at) = ends_at else { return Ok(()) };
    let refused = |code| FieldError::new("/ends_at", code);
    if ends_at <= now {
        return Err(Error::field(refused(FieldCode::InThePast)));
    }
    let days = target.max_days();
    if ends_at > now.plus_seconds(days * 24 * 3_600) {
        return Err(Error::field(refused(FieldCode::TooFarAhead).with("max", days)));
    }
    Ok(())
}
