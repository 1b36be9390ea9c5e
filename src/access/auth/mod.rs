//! Who may do what. A user has grants (a role, in a section or everywhere, in a locale or all); a
//! role permits what the table in [`permissions`] says; a handler names its permission in its signature ([`Desk`]).
//!
//! - [`password`]: Argon2id. [`token`]: access tokens (JWT, EdDSA) and their keys; the master secret is in
//!   [`crate::base::secrets`]. [`throttle`]: how often somebody may try to log in.
//! - [`api_token`]: what machines show in place of a password. [`token_uses`]: how often they do.
//! - [`second_factor`]: codes of authenticator apps, recovery codes, and who must have them.
//! - [`store`]: users, grants, sessions and refresh tokens in the database. Their endpoints are in
//!   [`crate::access::accounts`].

pub mod api_token;
mod desk;
pub mod password;
pub mod permissions;
pub mod second_factor;
pub mod store;
pub mod throttle;
pub mod token;
pub mod token_uses;

use self::api_token::{ApiTokenId, TokenPermission, TokenScope};
pub use desk::{Desk, DeskContext, desk_with, origin_of};
pub use permissions::{Permission, PermissionMarker, PermissionReach, Role, may};
use serde::Serialize;
use utoipa::ToSchema;

use crate::base::error::{Code, Error, Result};
use crate::base::http::origin::Origin;
use crate::base::ids::{SectionId, UserId};

crate::id_type! {
    /// A session's id: one login and all its tokens.
    SessionId
}

/// One grant of a user: the role, and where it holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Grant {
    /// What the user is.
    pub role: Role,
    /// Only in this section and those below it; null for everywhere.
    pub section_id: Option<SectionId>,
    /// Only in this locale; null for all.
    pub locale: Option<String>,
    /// The section's path, by which scopes are compared. A section that is gone covers nothing.
    #[serde(skip)]
    #[schema(ignore)]
    pub section_path: Option<String>,
}

impl Grant {
    fn area(&self) -> GrantArea<'_> {
        GrantArea {
            section_id: self.section_id,
            section_path: self.section_path.as_deref(),
            locale: self.locale.as_deref(),
        }
    }
}

/// Where a grant, or a scope of a token, holds.
#[derive(Clone, Copy, Debug)]
pub struct GrantArea<'g> {
    /// Only in this section and those below it; `None` for everywhere.
    pub section_id: Option<SectionId>,
    /// The section's path; `None` for one that is gone.
    pub section_path: Option<&'g str>,
    /// Only in this locale; `None` for all.
    pub locale: Option<&'g str>,
}

impl GrantArea<'_> {
    const EVERYWHERE: Self = Self {
        section_id: None,
        section_path: None,
        locale: None,
    };

    fn is_everywhere(&self) -> bool {
        self.section_id.is_none() && self.locale.is_none()
    }

    fn covers(&self, subject: &PermissionSubject<'_>) -> bool {
        let in_locale = self.locale.is_none_or(|locale| Some(locale) == subject.locale);
        let in_section = match (self.section_id, self.section_path) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(_), Some(path)) => match subject.section_path {
                Some(at) => at == path || at.strip_prefix(path).is_some_and(|rest| rest.starts_with('/')),
                None => subject.is_own,
            },
        };
        in_locale && in_section
    }
}

/// The part of a list that one grant of a user covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrantScope {
    /// What is in these sections, and the user's own things that are in no section; `None` for all.
    pub sections: Option<Vec<SectionId>>,
    /// Only in this locale.
    pub locale: Option<String>,
    /// Only what the user made.
    pub only_own: bool,
    /// The user.
    pub user_id: UserId,
}

/// What an act is about, as far as grants care.
#[derive(Clone, Copy, Debug, Default)]
pub struct PermissionSubject<'s> {
    /// The path of its section.
    pub section_path: Option<&'s str>,
    /// Its locale.
    pub locale: Option<&'s str>,
    /// Whether the actor made it.
    pub is_own: bool,
    /// Whether it is, or ever was, public.
    pub was_public: bool,
}

/// By what a request was let in.
#[derive(Clone, Debug)]
pub enum Credential {
    /// An access token of this session: its user acts.
    Session(SessionId),
    /// An API token: it acts as its owner, no further than its scopes.
    ApiToken {
        /// Which.
        id: ApiTokenId,
        /// What it may, and where.
        scopes: Vec<TokenScope>,
    },
}

/// The user who sent a request, by what, and their grants as they are at this moment.
#[derive(Clone, Debug)]
pub struct Actor {
    /// The user.
    pub user_id: UserId,
    /// By what they were let in.
    pub credential: Credential,
    /// Their grants.
    pub grants: Vec<Grant>,
    /// Whether the site asks a second factor of them, and their session has not shown one.
    pub lacks_second_factor: bool,
    /// From where the request came.
    pub origin: Origin,
}

impl Actor {
    /// The session in which the user acts.
    ///
    /// # Errors
    /// 403 `token_not_accepted` where an API token is shown: what needs a session is a person's own.
    pub fn session_id(&self) -> Result<SessionId> {
        match self.credential {
            Credential::Session(id) => Ok(id),
            Credential::ApiToken { .. } => Err(Error::new(Code::TokenNotAccepted)),
        }
    }

    /// How far each grant with this permission reaches, and where it holds: in both areas, for a token is worth what
    /// its owner may and its scopes say.
    fn reaches(&self, permission: Permission) -> impl Iterator<Item = (PermissionReach, [GrantArea<'_>; 2])> {
        let grants = self.grants.iter().filter_map(move |grant| {
            let reach = permission.reach(grant.role)?;
            Some((reach, grant.area()))
        });
        grants.flat_map(move |(reach, area)| {
            self.credential
                .areas(permission)
                .map(move |scope| (reach, [area, scope]))
        })
    }

    /// Whether any grant permits this on anything at all.
    pub fn may_somewhere(&self, permission: Permission) -> bool {
        self.reaches(permission).next().is_some()
    }

    /// Whether a grant permits this without any limit of section, locale or ownership.
    pub fn may_everywhere(&self, permission: Permission) -> bool {
        self.reaches(permission)
            .any(|(reach, areas)| reach == PermissionReach::Granted && areas.iter().all(GrantArea::is_everywhere))
    }

    /// The same of the user alone, whatever the token's scopes say.
    pub fn owner_may_everywhere(&self, permission: Permission) -> bool {
        self.grants
            .iter()
            .any(|grant| permission.reach(grant.role) == Some(PermissionReach::Granted) && grant.area().is_everywhere())
    }

    /// The parts of a list that the grants with this permission cover; `None` for everything. A list shows what at
    /// least one of them covers, as [`Actor::may`] decides for a single thing. `within` gives a section and those below
    /// it; `None` for one that is gone.
    pub fn scopes(
        &self,
        permission: Permission,
        within: impl Fn(SectionId) -> Option<Vec<SectionId>>,
    ) -> Option<Vec<GrantScope>> {
        if self.may_everywhere(permission) {
            return None;
        }
        let scope = |(reach, areas): (PermissionReach, [GrantArea<'_>; 2])| {
            let mut sections: Option<Vec<SectionId>> = None;
            let mut locale: Option<&str> = None;
            for area in areas {
                if let Some(id) = area.section_id {
                    // A section that is gone covers nothing.
                    let below = within(id)?;
                    match &mut sections {
                        Some(sections) => sections.retain(|section| below.contains(section)),
                        None => sections = Some(below),
                    }
                }
                match (locale, area.locale) {
                    (Some(one), Some(other)) if one != other => return None,
                    (before, here) => locale = before.or(here),
                }
            }
            Some(GrantScope {
                sections,
                locale: locale.map(str::to_owned),
                only_own: reach == PermissionReach::Own,
                user_id: self.user_id,
            })
        };
        Some(self.reaches(permission).filter_map(scope).collect())
    }

    /// Whether a grant permits this on the subject.
    pub fn may(&self, permission: Permission, subject: &PermissionSubject<'_>) -> bool {
        self.reaches(permission).any(|(reach, areas)| {
            let is_reached = reach == PermissionReach::Granted || (subject.is_own && !subject.was_public);
            is_reached && areas.iter().all(|area| area.covers(subject))
        })
    }

    /// As [`Actor::may`], or the problem.
    ///
    /// # Errors
    /// 403.
    pub fn check(&self, permission: Permission, subject: &PermissionSubject<'_>) -> Result<()> {
        self.permitted(permission, |actor| actor.may(permission, subject))
    }

    /// As [`Actor::may_somewhere`], or the problem.
    ///
    /// # Errors
    /// 403.
    pub fn check_somewhere(&self, permission: Permission) -> Result<()> {
        self.permitted(permission, |actor| actor.may_somewhere(permission))
    }

    /// As [`Actor::may_everywhere`], or the problem.
    ///
    /// # Errors
    /// 403.
    pub fn check_everywhere(&self, permission: Permission) -> Result<()> {
        self.permitted(permission, |actor| actor.may_everywhere(permission))
    }

    fn permitted(&self, permission: Permission, is_permitted: impl Fn(&Self) -> bool) -> Result<()> {
        if is_permitted(self) {
            return Ok(());
        }
        let words = match self.credential {
            Credential::Session(_) => return Err(forbidden(permission)),
            Credential::ApiToken { .. } => TokenPermission::words_for(permission),
        };
        if words.is_empty() {
            return Err(Error::new(Code::TokenNotAccepted));
        }
        // Whether it is the token that is too narrow, or its owner that may not either.
        let is_scoped = self.credential.areas(permission).next().is_some();
        Err(if is_scoped && !is_permitted(&self.as_owner()) {
            forbidden(permission)
        } else {
            Error::new(Code::TokenScopeMissing).with("scopes", words.join(", "))
        })
    }

    /// The user alone, as if by a session.
    fn as_owner(&self) -> Self {
        Self {
            credential: Credential::Session(SessionId::new()),
            ..self.clone()
        }
    }
}

impl Credential {
    /// Where it lets this be done, as far as it goes itself.
    fn areas(&self, permission: Permission) -> impl Iterator<Item = GrantArea<'_>> {
        let (everywhere, scopes): (_, &[TokenScope]) = match self {
            Self::Session(_) => (Some(GrantArea::EVERYWHERE), &[]),
            Self::ApiToken { scopes, .. } => (None, scopes),
        };
        let opening = scopes
            .iter()
            .filter(move |scope| scope.permission.opens().contains(&permission));
        everywhere.into_iter().chain(opening.map(TokenScope::area))
    }
}

fn forbidden(permission: Permission) -> Error {
    Error::new(Code::Forbidden).with("permission", format!("{permission:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn actor(role: Role, section: Option<&str>, locale: Option<&str>) -> Actor {
        let grant = Grant {
            role,
            section_id: section.map(|_| SectionId::new()),
            locale: locale.map(str::to_owned),
            section_path: section.map(str::to_owned),
        };
        Actor {
            user_id: UserId::new(),
            credential: Credential::Session(SessionId::new()),
            grants: vec![grant],
            lacks_second_factor: false,
            origin: Origin::default(),
        }
    }

    fn subject(section_path: &str) -> PermissionSubject<'_> {
        PermissionSubject {
            section_path: Some(section_path),
            locale: Some("fr"),
            is_own: false,
            was_public: true,
        }
    }

    #[test]
    fn a_grant_covers_its_section_and_what_stands_below_it() {
        let editor = actor(Role::SectionEditor, Some("/sport"), None);
        for (path, expected) in [
            ("/sport", true),
            ("/sport/football", true),
            ("/sports", false),
            ("/news", false),
        ] {
            assert_eq!(
                editor.may(Permission::PublishArticles, &subject(path)),
                expected,
                "{path}"
            );
        }
    }

    #[test]
    fn a_grant_covers_its_locale_only() {
        assert!(actor(Role::Publisher, None, Some("fr")).may(Permission::PublishArticles, &subject("/a")));
        assert!(!actor(Role::Publisher, None, Some("en")).may(Permission::PublishArticles, &subject("/a")));
    }

    #[test]
    fn a_journalist_touches_only_their_own_and_only_before_it_is_public() {
        let journalist = actor(Role::Journalist, None, None);
        for (is_own, was_public, expected) in [(true, false, true), (true, true, false), (false, false, false)] {
            let subject = PermissionSubject {
                is_own,
                was_public,
                ..subject("/news")
            };
            assert_eq!(
                journalist.may(Permission::WriteArticles, &subject),
                expected,
                "{subject:?}"
            );
        }
    }

    #[test]
    fn a_grant_in_a_section_that_is_gone_covers_nothing() {
        let mut editor = actor(Role::SectionEditor, Some("/sport"), None);
        editor.grants[0].section_path = None;
        assert!(!editor.may(Permission::WriteArticles, &subject("/sport")));
    }

    #[test]
    fn every_permission_is_given_to_admins() {
        for permission in Permission::ALL {
            assert_eq!(
                permission.reach(Role::Admin),
                Some(PermissionReach::Granted),
                "{permission:?}"
            );
        }
    }
}
