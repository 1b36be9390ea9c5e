//! Webhooks: telling machines elsewhere what happened, as Standard Webhooks says it is done.
//!
//! - [`endpoints`], [`delivery_endpoints`]: keeping them, and what became of what they were sent.
//! - [`store`]: their rows; [`signing`]: their secrets; [`deliveries`]: what became of what they were sent.
//! - [`queue`]: who is told of which event ([`queue::relay`]), and what is due; [`replays`]: telling it again.
//! - [`dispatcher`]: sends what is due.
//!
//! An event is on its way to a webhook from the transaction in which the relay looked at it. Whoever holds the webhook's
//! lease sends; what had no answer when it stopped is sent again by whoever holds it next. So each is told at least once,
//! and of one thing in the order in which it happened: of an article's events only the first that has not ended is due.

pub mod deliveries;
pub mod delivery_endpoints;
pub mod dispatcher;
pub mod endpoints;
pub mod queue;
pub mod replays;
pub mod signing;
pub mod store;

crate::id_type! {
    /// The id of a delivery: one event on its way to one webhook.
    DeliveryId
}

crate::word_type! {
    /// How far a delivery is.
    DeliveryState {
        /// To be sent, for the first time or again.
        Waiting = "waiting",
        /// Taken: the answer was 2xx.
        Delivered = "delivered",
        /// Given up after the last attempt.
        Failed = "failed",
    }
}

crate::word_type! {
    /// Why an attempt failed.
    DeliveryError [open] {
        /// The answer was not 2xx.
        Status = "status",
        /// No name, no connection, no TLS that is worth anything, not HTTP.
        Unreachable = "unreachable",
        /// It took longer than ten seconds.
        Timeout = "timeout",
        /// Its address is not one that the operator allows.
        Refused = "refused",
        /// No secret signs for it any more: rotate it.
        NoSecret = "no_secret",
    }
}

crate::word_type! {
    /// Why a webhook is off.
    WebhookOffReason [open] {
        /// Somebody turned it off.
        ByHand = "by_hand",
        /// It took nothing for 72 hours.
        Failing = "failing",
        /// It answered 410: it wants no more.
        Gone = "gone",
        /// It came with a backup that was restored.
        Restored = "restored",
        /// The section that it is about was deleted.
        SectionGone = "section_gone",
    }
}
