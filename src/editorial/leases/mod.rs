//! Leases: who says that they are at work on an article, and until when.
//!
//! A lease is advice. It is shown in the article and in the desk's list, and refuses nobody anything:
//! what protects a text from being overwritten is its version ([`crate::access::change_log`]). It ends by the
//! clock, by its holder, or when somebody takes it over.

pub mod endpoints;
pub mod store;

use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use crate::base::clock::Time;
use crate::base::ids::UserId;

/// Who is at work on an article.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Serialize, ToSchema)]
pub struct Lease {
    /// Who holds it.
    pub user_id: UserId,
    /// Their name.
    pub user_name: String,
    /// Since when.
    pub since: Time,
    /// Until when, unless they renew it.
    pub until: Time,
}
