//! The roles, the permissions, and the one table that says which role has which.

crate::word_type! {
    /// What a user is in the newsroom.
    Role {
        /// Everything.
        Admin = "admin",
        /// Publishes, corrects, withdraws; keeps sections and tags.
        Publisher = "publisher",
        /// As a publisher within a section, without sections themselves.
        SectionEditor = "section_editor",
        /// Writes and edits their own drafts.
        Journalist = "journalist",
        /// Decides on comments.
        Moderator = "moderator",
        /// Reads.
        Analyst = "analyst",
    }
}

/// How far a permission of a role reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PermissionReach {
    /// Whatever the grant's section and locale cover.
    Granted,
    /// Only what one made oneself and was never public.
    Own,
}

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident: $($role:ident = $reach:ident),*;)*) => {
        /// What can be permitted, as a verb.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Permission { $($(#[$doc])* $name),* }

        impl Permission {
            /// Every permission.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];
        }

        /// Which roles have which permission, and how far it reaches. The only place that decides.
        pub const PERMISSION_TABLE: &[(Permission, &[(Role, PermissionReach)])] =
            &[$((Permission::$name, &[$((Role::$role, PermissionReach::$reach)),*])),*];

        /// The permissions as types, for handlers' signatures.
        pub mod may {
            use super::Permission;
            $(
                $(#[$doc])*
                pub struct $name;
                impl $crate::access::auth::permissions::PermissionMarker for $name {
                    const PERMISSION: Permission = Permission::$name;
                }
            )*
        }
    };
}

/// A permission as a type.
pub trait PermissionMarker: 'static {
    /// Which one.
    const PERMISSION: Permission;
}

permissions! {
    /// Use one's own account: password, sessions, second factor. The only one that a missing second factor does not
    /// take away.
    UseAccount: Admin = Granted, Publisher = Granted, SectionEditor = Granted, Journalist = Granted, Moderator = Granted, Analyst = Granted;
    /// Make, list and end one's own API tokens.
    ManageApiTokens: Admin = Granted, Publisher = Granted, SectionEditor = Granted, Journalist = Granted, Moderator = Granted, Analyst = Granted;
    /// Ask about the API token that one shows.
    UseApiToken: Admin = Granted, Publisher = Granted, SectionEditor = Granted, Journalist = Granted, Moderator = Granted, Analyst = Granted;
    /// Use the editorial API at all: sections, tags, contributors and redirects.
    ReadTaxonomy: Admin = Granted, Publisher = Granted, SectionEditor = Granted, Journalist = Granted, Moderator = Granted, Analyst = Granted;
    /// Read working copies.
    ReadArticles: Admin = Granted, Publisher = Granted, SectionEditor = Granted, Journalist = Own, Analyst = Granted;
    /// Create, edit, trash and restore articles.
    WriteArticles: Admin = Granted, Publisher = Granted, SectionEditor = Granted, Journalist = Own;
    /// Approve, schedule, publish, correct, unpublish and retract.
    PublishArticles: Admin = Granted, Publisher = Granted, SectionEditor = Granted;
    /// Take an article down for good.
    KillArticles: Admin = Granted, Publisher = Granted;
    /// Write notes for colleagues on what one may read.
    WriteNotes: Admin = Granted, Publisher = Granted, SectionEditor = Granted, Journalist = Own;
    /// End a colleague's lease.
    BreakLeases: Admin = Granted;
    /// Read the revisions of a killed article.
    ReadSealedRevisions: Admin = Granted;
    /// Delete a trashed article for good.
    PurgeArticles: Admin = Granted;
    /// Add or change a raw HTML block.
    WriteRawHtml: Admin = Granted, Publisher = Granted;
    /// Create, change, move and delete sections.
    ManageSections: Admin = Granted, Publisher = Granted;
    /// Create, change and delete tags and contributors.
    ManageTags: Admin = Granted, Publisher = Granted, SectionEditor = Granted;
    /// Create, change, delete and import redirects.
    ManageRedirects: Admin = Granted, Publisher = Granted;
    /// Change the site's settings.
    ManageSite: Admin = Granted;
    /// Create, change and delete menus.
    ManageMenus: Admin = Granted, Publisher = Granted;
    /// Create, change and delete ad slots.
    ManageAdSlots: Admin = Granted, Publisher = Granted;
    /// Create, change and delete packages of articles.
    ManagePackages: Admin = Granted, Publisher = Granted, SectionEditor = Granted;
    /// Say what is read most, in place of what was counted.
    ManageMostRead: Admin = Granted, Publisher = Granted;
    /// Read the moderation queue.
    ReadComments: Admin = Granted, Moderator = Granted, Analyst = Granted;
    /// Decide on comments.
    ModerateComments: Admin = Granted, Moderator = Granted;
    /// Read, impose, change and lift sanctions.
    ManageSanctions: Admin = Granted, Publisher = Granted, Moderator = Granted;
    /// Comment for the newsroom below a live article.
    WriteComments: Admin = Granted, Publisher = Granted, SectionEditor = Granted, Journalist = Own, Moderator = Granted;
    /// Read, create, change and delete word lists.
    ManageWordLists: Admin = Granted, Publisher = Granted, Moderator = Granted;
    /// Take down what people ask about their own data.
    ManagePrivacy: Admin = Granted, Publisher = Granted;
    /// Read, make, change, try and delete webhooks.
    ManageWebhooks: Admin = Granted;
    /// Read who did what.
    ReadAudit: Admin = Granted;
    /// Read what is done in the background.
    ReadJobs: Admin = Granted;
    /// Create, change and disable users.
    ManageUsers: Admin = Granted;
}

impl Permission {
    /// How far it reaches for a role; `None` where the role does not have it.
    pub fn reach(self, role: Role) -> Option<PermissionReach> {
        let (_, roles) = PERMISSION_TABLE.iter().find(|(permission, _)| *permission == self)?;
        roles
            .iter()
            .find(|(granted, _)| *granted == role)
            .map(|(_, reach)| *reach)
    }
}
