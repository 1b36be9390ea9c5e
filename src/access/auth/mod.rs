//! Who may do what. A user has grants (a role, in a section or everywhere, in a locale or all); a
//! role permits what the table in [`permissions`] says; a handler names its permission in its signature ([`Desk`]).
//!
//! - [`password`]: Argon2id. [`token`]: access tokens (JWT, EdDSA) and their keys; the master secret is in
//!   [`crate::base::secrets`]. [`throttle`]: how often somebody may try to log in.
//! - [`second_factor`]: codes of authenticator apps, recovery codes, and who must have them.
//! - [`store`]: users, grants, sessions and refresh tokens in the database. Their endpoints are in
//!   [`crate::access::accounts`].

mod desk;
pub mod password;
pub mod permissions;
pub mod second_factor;
pub mod store;
pub mod throttle;
pub mod token;

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
    fn covers(&self, subject: &PermissionSubject<'_>) -> bool {
        let in_locale = self
            .locale
            .as_deref()
            .is_none_or(|locale| Some(locale) == subject.locale);
        let in_section = match (&self.section_id, &self.section_path) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(_), Some(path)) => match subject.section_path {
                Some(at) => at == path || at.strip_prefix(path.as_str()).is_some_and(|rest| rest.starts_with('/')),
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

/// The user who sent a request, their session, and their grants as they are at this moment.
#[derive(Clone, Debug)]
pub struct Actor {
    /// The user.
    pub user_id: UserId,
    /// The session that the token belongs to.
    pub session_id: SessionId,
    /// Their grants.
    pub grants: Vec<Grant>,
    /// Whether the site asks a second factor of them, and their session has not shown one.
    pub lacks_second_factor: bool,
    /// From where the request came.
    pub origin: Origin,
}

impl Actor {
    /// Whether any grant permits this on anything at all.
    pub fn may_somewhere(&self, permission: Permission) -> bool {
        self.grants.iter().any(|grant| permission.reach(grant.role).is_some())
    }

    /// Whether a grant permits this without any limit of section, locale or ownership.
    pub fn may_everywhere(&self, permission: Permission) -> bool {
        self.grants.iter().any(|grant| {
            permission.reach(grant.role) == Some(PermissionReach::Granted)
                && grant.section_id.is_none()
                && grant.locale.is_none()
        })
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
        let scope = |grant: &Grant| {
            let reach = permission.reach(grant.role)?;
            // A section that is gone covers nothing.
            let sections = match grant.section_id {
                Some(id) => Some(within(id)?),
                None => None,
            };
            Some(GrantScope {
                sections,
                locale: grant.locale.clone(),
                only_own: reach == PermissionReach::Own,
                user_id: self.user_id,
            })
        };
        Some(self.grants.iter().filter_map(scope).collect())
    }

    /// Whether a grant permits this on the subject.
    pub fn may(&self, permission: Permission, subject: &PermissionSubject<'_>) -> bool {
        self.grants.iter().any(|grant| match permission.reach(grant.role) {
            Some(PermissionReach::Granted) => grant.covers(subject),
            Some(PermissionReach::Own) => subject.is_own && !subject.was_public && grant.covers(subject),
            None => false,
        })
    }

    /// As [`Actor::may`], or the problem.
    ///
    /// # Errors
    /// 403.
    pub fn check(&self, permission: Permission, subject: &PermissionSubject<'_>) -> Result<()> {
        if self.may(permission, subject) {
            Ok(())
        } else {
            Err(forbidden(permission))
        }
    }

    /// As [`Actor::may_everywhere`], or the problem.
    ///
    /// # Errors
    /// 403.
    pub fn check_everywhere(&self, permission: Permission) -> Result<()> {
        if self.may_everywhere(permission) {
            Ok(())
        } else {
            Err(forbidden(permission))
        }
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
            session_id: SessionId::new(),
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
