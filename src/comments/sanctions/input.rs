//! What a client sends to impose and change a sanction.

use utoipa::ToSchema;

use crate::base::clock::Time;
use crate::base::error::{Error, FieldCode, FieldError, Result};
use crate::base::http::body::{BodyMedia, FromBody};
use crate::base::http::fields::{At, Fields, Patch, exact_line, one_of, parsed, text};
use crate::base::ids::{CommentId, SectionId};
use crate::base::limits;
use crate::comments::identity::{SanctionKind, SanctionTarget};
use crate::comments::model::DecisionReason;

/// A sanction to be imposed.
#[derive(Clone, Debug, ToSchema)]
pub struct NewSanction {
    /// What it does.
    pub kind: SanctionKind,
    /// By what it knows the author.
    pub target: SanctionTarget,
    /// A comment of the author, from which is taken by what it knows them. With `email`, the comment that gave rise to it.
    pub comment_id: Option<CommentId>,
    /// The author's e-mail address, where the target is `email`: only its hash is kept.
    pub email: Option<String>,
    /// Where it holds, and below; without it, on the whole site.
    pub section_id: Option<SectionId>,
    /// Until when it holds: a year at most, 30 days for a network. Without it, until it is lifted; `suspend`, and any
    /// sanction of a network, must have an end.
    pub ends_at: Option<Time>,
    /// Why, as a code.
    pub reason: Option<DecisionReason>,
    /// Why, in words; for colleagues.
    pub note: Option<String>,
}

impl FromBody for NewSanction {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let kind = fields.required("kind", one_of(SanctionKind::WORDS, SanctionKind::parse));
        let target = fields.required("target", one_of(SanctionTarget::WORDS, SanctionTarget::parse));
        let comment_id = fields.optional("comment_id", parsed(36, "a UUID", CommentId::parse));
        let email = fields.optional("email", read_email);
        let section_id = fields.optional("section_id", parsed(36, "a UUID", SectionId::parse));
        let ends_at = fields.optional("ends_at", read_time());
        let reason = fields.optional("reason", one_of(DecisionReason::WORDS, DecisionReason::parse));
        let note = fields.optional("note", text(limits::NOTE));
        let (kind, target) = (kind?, target?);
        if ends_at.is_none() && target.must_end(kind) && !fields.at().has_error_at("ends_at") {
            fields.at().child("ends_at").fail::<()>(FieldCode::Required)?;
        }
        Some(Self {
            kind,
            target,
            comment_id,
            email,
            section_id,
            ends_at,
            reason,
            note,
        })
    }
}

fn read_email(at: &mut At<'_>, value: serde_json::Value) -> Option<String> {
    let email = exact_line(limits::EMAIL)(at, value)?;
    let parts = email.split_once('@');
    if parts.is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@')) {
        Some(email)
    } else {
        at.expected(FieldCode::InvalidFormat, "an e-mail address")
    }
}

fn read_time() -> impl Fn(&mut At<'_>, serde_json::Value) -> Option<Time> {
    parsed(limits::TIME, "a date and time in RFC 3339", Time::parse)
}

/// A change of a sanction.
#[derive(Clone, Debug, ToSchema)]
pub struct SanctionPatch {
    /// Why, as a code.
    #[schema(value_type = Option<DecisionReason>)]
    pub reason: Patch<DecisionReason>,
    /// Why, in words; for colleagues.
    #[schema(value_type = Option<String>)]
    pub note: Patch<String>,
    /// Until when it holds.
    #[schema(value_type = Option<Time>)]
    pub ends_at: Patch<Time>,
}

impl FromBody for SanctionPatch {
    const MEDIA: BodyMedia = BodyMedia::MergePatch;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        fields.take_clear();
        Some(Self {
            reason: fields.patch("reason", one_of(DecisionReason::WORDS, DecisionReason::parse)),
            note: fields.patch("note", text(limits::NOTE)),
            ends_at: fields.patch("ends_at", read_time()),
        })
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
