//! A sanction: what it does, whom it meets, how long it holds.

use diesel::prelude::*;

use crate::base::clock::Time;
use crate::base::db::schema::sanctions;
use crate::base::ids::{CommentId, SectionId, UserId};
use crate::comments::identity::{SanctionId, SanctionKind, SanctionTarget};
use crate::comments::model::{Comment, DecisionReason};

impl SanctionTarget {
    /// The key of a comment's author, and the number of the key that it was hashed with, if it was; `None` where the
    /// comment does not have it.
    pub fn key_of(self, comment: &Comment) -> Option<(String, Option<i32>)> {
        match self {
            Self::Account => comment.user_id.map(|id| (id.to_string(), None)),
            Self::Reader => comment.reader_digest.clone().map(|digest| (digest, None)),
            Self::Email => comment.email_hash.clone().map(|hash| (hash, comment.hash_key)),
            Self::Network => comment.network_hash.clone().map(|hash| (hash, comment.hash_key)),
        }
    }

    /// Every key by which a sanction may know the author of a comment.
    pub fn keys_of(comment: &Comment) -> Vec<(Self, String)> {
        let key = |target: &Self| target.key_of(comment).map(|(key, _)| (*target, key));
        Self::ALL.iter().filter_map(key).collect()
    }

    /// Days that a sanction by this may last.
    pub fn max_days(self) -> i64 {
        match self {
            Self::Network => 30,
            _ => 366,
        }
    }

    /// Whether a sanction of this kind by this must have an end.
    pub fn must_end(self, kind: SanctionKind) -> bool {
        kind == SanctionKind::Suspend || self == Self::Network
    }
}

/// A sanction's row.
#[derive(Clone, Debug, PartialEq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = sanctions, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite), treat_none_as_null = true)]
pub struct Sanction {
    /// The sanction's id.
    pub id: SanctionId,
    /// What it does.
    pub kind: SanctionKind,
    /// By what it knows the author.
    pub target: SanctionTarget,
    /// The author's key.
    pub target_key: String,
    /// The number of the key that this was hashed with.
    pub hash_key: Option<i32>,
    /// Where it holds, and below; null for the whole site.
    pub section_id: Option<SectionId>,
    /// Why, as a code.
    pub reason: Option<DecisionReason>,
    /// Why, in words; for colleagues.
    pub note: Option<String>,
    /// The comment that gave rise to it.
    pub comment_id: Option<CommentId>,
    /// Who imposed it.
    pub created_by: Option<UserId>,
    /// When.
    pub created_at: Time,
    /// Until when it holds; null until it is lifted.
    pub ends_at: Option<Time>,
    /// When it was lifted.
    pub lifted_at: Option<Time>,
    /// By whom.
    pub lifted_by: Option<UserId>,
    /// Counts changes.
    pub version: i64,
}

impl Sanction {
    /// Whether it holds at this moment.
    pub fn is_in_force(&self, now: Time) -> bool {
        self.lifted_at.is_none() && self.ends_at.is_none_or(|end| now < end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::ids::ArticleId;

    #[test]
    fn an_author_is_known_by_what_the_comment_tells() {
        let now = Time::from_millis(0).unwrap();
        let comment = Comment {
            reader_digest: Some("r".to_owned()),
            network_hash: Some("n".to_owned()),
            hash_key: Some(2),
            ..Comment::new(ArticleId::new(), "Koffi".to_owned(), "Bravo".to_owned(), now)
        };
        let keys = SanctionTarget::keys_of(&comment);
        let expected = [(SanctionTarget::Reader, "r"), (SanctionTarget::Network, "n")];
        assert_eq!(keys, expected.map(|(target, key)| (target, key.to_owned())));
        assert_eq!(
            SanctionTarget::Network.key_of(&comment),
            Some(("n".to_owned(), Some(2)))
        );
        assert_eq!(SanctionTarget::Email.key_of(&comment), None);
    }

    #[test]
    fn what_many_share_and_what_is_for_a_time_must_end() {
        use SanctionKind::{Ban, Premoderate, Shadow, Suspend};
        use SanctionTarget::{Account, Email, Network, Reader};
        for kind in [Ban, Premoderate, Shadow, Suspend] {
            for target in [Account, Email, Reader, Network] {
                let expected = kind == Suspend || target == Network;
                assert_eq!(target.must_end(kind), expected, "{kind} by {target}");
            }
        }
    }
}
