//! Who wrote a comment, as far as the house wants to know: a reader by the digest of their token, an e-mail address
//! and a network only as hashes under a secret key, a member of the newsroom by their account.
//!
//! Keys are numbered. New hashes use the newest key ([`HashKeys`]); older keys still serve for comparing until they are
//! retired, so that a sanction outlives a rotation. A job forgets what was hashed under a retired key.

use diesel::prelude::*;

use crate::base::db::Conn;
use crate::base::db::schema::hash_keys;
use crate::base::error::Result;
use crate::base::ids::UserId;
use crate::base::secrets::{KeyPurpose, Secrets};

crate::word_type! {
    /// By what an author is known.
    SanctionTarget {
        /// An account of the newsroom.
        Account = "account",
        /// An e-mail address, as a keyed hash.
        Email = "email",
        /// A reader token, as a digest.
        Reader = "reader",
        /// A network, as a keyed hash: always with an end.
        Network = "network",
    }
}

crate::word_type! {
    /// What a sanction does to an author's comments.
    SanctionKind {
        /// They are not taken.
        Ban = "ban",
        /// They are not taken for a time.
        Suspend = "suspend",
        /// A moderator sees each of them first.
        Premoderate = "premoderate",
        /// They go to the spam, and their author is not told.
        Shadow = "shadow",
    }
}

crate::id_type! {
    /// A sanction's id.
    SanctionId
}

/// The keys by which e-mails and networks are hashed, the newest first. There is always one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HashKeys(Vec<i32>);

/// The number of the key in a house that has never changed it.
const FIRST_KEY: i32 = 1;

impl HashKeys {
    /// The keys that are not retired.
    pub fn load(conn: &mut Conn) -> Result<Self> {
        let mut numbers: Vec<i32> = hash_keys::table
            .filter(hash_keys::retired_at.is_null())
            .order(hash_keys::number.desc())
            .select(hash_keys::number)
            .load(conn)?;
        if numbers.is_empty() {
            numbers.push(FIRST_KEY);
        }
        Ok(Self(numbers))
    }

    /// The number of the key that hashes from now on.
    pub fn newest(&self) -> i32 {
        self.0.first().copied().unwrap_or(FIRST_KEY)
    }

    /// A value's hashes under every key, the newest first.
    ///
    /// # Errors
    /// 500 when no key can be derived.
    pub fn hashes(&self, secrets: &Secrets, target: SanctionTarget, value: &str) -> Result<Vec<String>> {
        self.0
            .iter()
            .map(|number| hash(secrets, *number, target, value))
            .collect()
    }
}

/// The hash of an e-mail address or a network under a key.
///
/// # Errors
/// 500 when the key cannot be derived.
pub fn hash(secrets: &Secrets, key: i32, target: SanctionTarget, value: &str) -> Result<String> {
    let value = match target {
        SanctionTarget::Email => value.trim().to_lowercase(),
        _ => value.to_owned(),
    };
    secrets.keyed_hash(KeyPurpose::PersonHashes, key, &format!("{target}\n{value}"))
}

/// An author as the house knows them. Of several hashes the one under the newest key comes first; the others are for
/// comparing only.
#[derive(Clone, Debug, Default)]
pub struct CommentAuthor {
    /// The digest of their reader token.
    pub reader: Option<String>,
    /// Their e-mail address.
    pub emails: Vec<String>,
    /// Their network.
    pub networks: Vec<String>,
    /// Their account.
    pub account: Option<UserId>,
}

impl CommentAuthor {
    /// Every key by which a sanction may know them.
    pub fn keys(&self) -> Vec<(SanctionTarget, String)> {
        let account = self.account.map(|id| (SanctionTarget::Account, id.to_string()));
        let reader = self.reader.clone().map(|digest| (SanctionTarget::Reader, digest));
        let emails = self.emails.iter().cloned().map(|hash| (SanctionTarget::Email, hash));
        let networks = self
            .networks
            .iter()
            .cloned()
            .map(|hash| (SanctionTarget::Network, hash));
        account
            .into_iter()
            .chain(reader)
            .chain(emails)
            .chain(networks)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_says_nothing_without_its_key_its_kind_and_its_secret() {
        let secrets = Secrets::generate().unwrap();
        let of = |secrets: &Secrets, key, target, value: &str| hash(secrets, key, target, value).unwrap();
        let email = of(&secrets, 1, SanctionTarget::Email, "Awa@Example.org ");
        assert_eq!(email, of(&secrets, 1, SanctionTarget::Email, "awa@example.org"));
        assert_ne!(email, of(&secrets, 2, SanctionTarget::Email, "awa@example.org"));
        assert_ne!(email, of(&secrets, 1, SanctionTarget::Network, "awa@example.org"));
        let other = Secrets::generate().unwrap();
        assert_ne!(email, of(&other, 1, SanctionTarget::Email, "awa@example.org"));
        assert!(!email.contains("awa"));
    }
}
