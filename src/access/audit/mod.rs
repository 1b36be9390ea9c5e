//! Who did what, when and from where. [`record`] adds one line in the transaction of the act, so that
//! there is no act without its line and no line without its act; nothing changes a line afterwards.
//! [`endpoints`] reads them, page by page or as one file.
//!
//! A line never quotes what was changed: it has only the names of the members, and digests of before and after, so that
//! a withdrawn text does not live on here.

pub mod endpoints;
pub mod store;

use serde::Serialize;
use serde_json::Value;

use crate::access::auth::api_token::ApiTokenId;
use crate::access::auth::{Actor, Credential, SessionId};
use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::error::{Error, Result};
use crate::base::http::origin::Origin;
use crate::base::ids::UserId;
use crate::base::secrets::sha256;

crate::id_type! {
    /// An audit entry's id.
    AuditId
}

crate::word_type! {
    /// By which way an act came.
    Via [open] {
        /// A request.
        Api = "api",
        /// The scheduler, at its time.
        Scheduler = "scheduler",
        /// A command on the server.
        Command = "command",
        /// An import.
        Import = "import",
        /// The sending of webhooks.
        Webhooks = "webhooks",
    }
}

crate::word_type! {
    /// What an act was about.
    TargetKind [open] {
        /// An article.
        Article = "article",
        /// A section.
        Section = "section",
        /// A tag.
        Tag = "tag",
        /// A contributor.
        Contributor = "contributor",
        /// A comment.
        Comment = "comment",
        /// A user.
        User = "user",
        /// An API token.
        ApiToken = "api_token",
        /// A path that leads elsewhere.
        Redirect = "redirect",
        /// A moderators' word list.
        WordList = "word_list",
        /// What somebody asks about their own data.
        PrivacyRequest = "privacy_request",
        /// What holds against an author.
        Sanction = "sanction",
        /// The site's settings.
        Site = "site",
        /// A menu.
        Menu = "menu",
        /// An ad slot.
        AdSlot = "ad_slot",
        /// A package of articles.
        Package = "package",
        /// A webhook.
        Webhook = "webhook",
        /// What is read most in a window.
        MostRead = "most_read",
        /// Something of the server's own: its keys, a restored backup.
        Server = "server",
    }
}

/// Who acts.
#[derive(Clone, Debug)]
pub struct Who {
    via: Via,
    user_id: Option<UserId>,
    session_id: Option<SessionId>,
    token_id: Option<ApiTokenId>,
    origin: Origin,
}

impl Who {
    /// A user who has no session yet, or none any more: at login, at logout.
    pub fn user(user_id: UserId, origin: Origin) -> Self {
        Self {
            via: Via::Api,
            user_id: Some(user_id),
            session_id: None,
            token_id: None,
            origin,
        }
    }

    /// The user who acts, where it is one.
    pub fn user_id(&self) -> Option<UserId> {
        self.user_id
    }

    /// The server itself; `user_id` is the user who asked for the act, where somebody did.
    pub fn server(via: Via, user_id: Option<UserId>) -> Self {
        Self {
            via,
            user_id,
            session_id: None,
            token_id: None,
            origin: Origin::default(),
        }
    }
}

impl From<&Actor> for Who {
    fn from(actor: &Actor) -> Self {
        let (session_id, token_id) = match actor.credential {
            Credential::Session(id) => (Some(id), None),
            Credential::ApiToken { id, .. } => (None, Some(id)),
        };
        Self {
            via: Via::Api,
            user_id: Some(actor.user_id),
            session_id,
            token_id,
            origin: actor.origin.clone(),
        }
    }
}

/// What was done (such as `article.publish`), to which thing, and the digests of the thing before and after.
#[derive(Clone, Debug)]
pub struct AuditEvent<'a> {
    action: &'a str,
    target: (TargetKind, Option<&'a str>),
    before: Option<String>,
    after: Option<String>,
    details: serde_json::Map<String, Value>,
}

impl<'a> AuditEvent<'a> {
    /// An act, named `thing.verb`, on one thing.
    pub fn on(action: &'a str, kind: TargetKind, id: &'a str) -> Self {
        Self {
            action,
            target: (kind, Some(id)),
            before: None,
            after: None,
            details: serde_json::Map::new(),
        }
    }

    /// An act on no single thing.
    pub fn without_target(action: &'a str, kind: TargetKind) -> Self {
        Self {
            target: (kind, None),
            ..Self::on(action, kind, "")
        }
    }

    /// The same with the digest of what was there before: see [`digest`].
    #[must_use]
    pub fn before(mut self, digest: String) -> Self {
        self.before = Some(digest);
        self
    }

    /// The same with the digest of what is there after.
    #[must_use]
    pub fn after(mut self, digest: String) -> Self {
        self.after = Some(digest);
        self
    }

    /// The same with a detail: a name, a number, a word; never a text that somebody wrote.
    #[must_use]
    pub fn detail(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.details.insert(name.to_owned(), value.into());
        self
    }
}

/// The digest of a thing as it is now: SHA-256 of its JSON, base64url.
///
/// # Errors
/// 500 when it cannot be written as JSON.
pub fn digest(thing: &impl Serialize) -> Result<String> {
    serde_json::to_vec(thing)
        .map(|json| sha256(&json))
        .map_err(Error::internal)
}

/// Adds a line. Call it in the transaction of the act.
pub fn record(conn: &mut Conn, who: impl Into<Who>, act: AuditEvent<'_>, now: Time) -> Result<()> {
    store::insert(conn, &who.into(), act, now)
}

/// As [`record`], for acts on many things at once.
pub fn record_all(conn: &mut Conn, acts: Vec<(Who, AuditEvent<'_>, Time)>) -> Result<()> {
    store::insert_all(conn, acts)
}
