//! API tokens: what machines show in place of a person's password. How one is written, what its scopes permit, and who
//! it is when it comes with a request. They are made and kept in [`crate::access::api_tokens`].
//!
//! A token acts as its owner, never further than its owner's grants at that moment, and no further than its scopes. It
//! begins with `mht_` and ends with a checksum, so that whoever searches texts for secrets finds it, and what is none is
//! refused before the database is asked.

use diesel::prelude::*;

use super::second_factor::AccountPolicy;
use super::{Actor, Credential, GrantArea, Permission, store};
use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::db::schema::{api_token_scopes, api_token_secrets, api_tokens, second_factors, sections, site, users};
use crate::base::error::{Code, Error, Result};
use crate::base::http::origin::Origin;
use crate::base::ids::{SectionId, UserId};
use crate::base::limits;
use crate::base::secrets::{random_bytes, sha256};

crate::id_type! {
    /// An API token's id.
    ApiTokenId
}

/// How every token begins.
const BEGINNING: &str = "mht_";
/// Characters of chance: 256 bits.
const RANDOM_CHARACTERS: usize = 43;
/// Characters of the checksum.
const CHECKSUM_CHARACTERS: usize = 6;
const BASE_62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A token as it is written: a secret that never prints.
#[derive(Clone)]
pub struct ApiToken(String);

impl ApiToken {
    /// A new one.
    ///
    /// # Errors
    /// 500 when the system gives no random bytes.
    pub fn generate() -> Result<Self> {
        let mut text = BEGINNING.to_owned();
        while text.len() < BEGINNING.len() + RANDOM_CHARACTERS {
            // Six bits each; the two values that are no digit are thrown away, so that all are as likely.
            let bytes = random_bytes::<64>()?;
            let digits = bytes.iter().filter_map(|byte| BASE_62.get(usize::from(byte & 63)));
            let missing = BEGINNING.len() + RANDOM_CHARACTERS - text.len();
            text.extend(digits.take(missing).map(|digit| char::from(*digit)));
        }
        text.push_str(&checksum(&text));
        Ok(Self(text))
    }

    /// Whether a text would be one: whatever begins so is never the token of a session or a reader.
    pub fn is_meant(text: &str) -> bool {
        text.starts_with(BEGINNING)
    }

    /// Reads one; `None` where it was never one of anybody's.
    pub fn parse(text: &str) -> Option<Self> {
        let random = text.strip_prefix(BEGINNING)?;
        if random.len() != RANDOM_CHARACTERS + CHECKSUM_CHARACTERS
            || !random.bytes().all(|byte| BASE_62.contains(&byte))
        {
            return None;
        }
        let (checked, sum) = text.split_at_checked(BEGINNING.len() + RANDOM_CHARACTERS)?;
        (checksum(checked) == sum).then(|| Self(text.to_owned()))
    }

    /// What is stored of it.
    pub fn digest(&self) -> String {
        sha256(self.0.as_bytes())
    }

    /// The first characters, by which its owner knows it again.
    pub fn prefix(&self) -> &str {
        self.0.get(..limits::TOKEN_PREFIX).unwrap_or_default()
    }

    /// The token itself, to be told once.
    pub fn reveal(self) -> String {
        self.0
    }
}

/// CRC-32 of what stands before it, in base 62.
fn checksum(text: &str) -> String {
    let mut hasher = flate2::Crc::new();
    hasher.update(text.as_bytes());
    let mut rest = hasher.sum();
    let mut digits = [b'0'; CHECKSUM_CHARACTERS];
    for digit in digits.iter_mut().rev() {
        *digit = BASE_62.get((rest % 62) as usize).copied().unwrap_or(b'0');
        rest /= 62;
    }
    digits.iter().map(|digit| char::from(*digit)).collect()
}

crate::word_type! {
    /// What a scope of an API token permits.
    TokenPermission [open] {
        /// Read working copies.
        ReadArticles = "articles:read",
        /// Read articles whole on delivery that others see as a preview. It holds everywhere or not at all.
        ReadFullArticles = "articles:read_full",
        /// Make and change working copies, notes among them.
        WriteArticles = "articles:write",
        /// Approve, schedule, publish, correct and withdraw articles.
        PublishArticles = "articles:publish",
        /// Take articles down for good, read what they were, delete what is in the trash.
        KillArticles = "articles:kill",
        /// Read the moderation queue.
        ReadComments = "comments:read",
        /// Decide on comments, and keep what decides: sanctions, word lists, requests about people's own data.
        ModerateComments = "comments:moderate",
        /// Read sections, tags, contributors, redirects, menus, ad slots and packages.
        ReadTaxonomy = "taxonomy:read",
        /// Make and change sections, tags and contributors.
        WriteTaxonomy = "taxonomy:write",
        /// Make and change redirects.
        WriteRedirects = "redirects:write",
        /// Change the site's settings, menus, ad slots and packages.
        WriteSite = "site:write",
        /// Make, change and try webhooks, and read what became of what they were sent.
        ManageWebhooks = "webhooks:manage",
        /// Say what is read most.
        WriteMostRead = "most_read:write",
        /// Read who did what, and what is done in the background.
        ReadAudit = "audit:read",
    }
}

impl TokenPermission {
    /// What of the desk it opens; the only place that decides. What belongs to a person opens to no token: their account,
    /// tokens, users.
    pub fn opens(self) -> &'static [Permission] {
        use Permission as P;
        match self {
            Self::ReadArticles => &[P::UseApiToken, P::ReadArticles],
            Self::ReadFullArticles => &[P::UseApiToken],
            Self::WriteArticles => &[
                P::UseApiToken,
                P::ReadArticles,
                P::WriteArticles,
                P::WriteNotes,
                P::WriteRawHtml,
                P::BreakLeases,
            ],
            Self::PublishArticles => &[P::UseApiToken, P::ReadArticles, P::PublishArticles],
            Self::KillArticles => &[
                P::UseApiToken,
                P::ReadArticles,
                P::KillArticles,
                P::ReadSealedRevisions,
                P::PurgeArticles,
            ],
            Self::ReadComments => &[P::UseApiToken, P::ReadComments],
            Self::ModerateComments => &[
                P::UseApiToken,
                P::ReadComments,
                P::ModerateComments,
                P::WriteComments,
                P::ManageSanctions,
                P::ManageWordLists,
                P::ManagePrivacy,
            ],
            Self::ReadTaxonomy => &[P::UseApiToken, P::ReadTaxonomy],
            Self::WriteTaxonomy => &[P::UseApiToken, P::ReadTaxonomy, P::ManageSections, P::ManageTags],
            Self::WriteRedirects => &[P::UseApiToken, P::ReadTaxonomy, P::ManageRedirects],
            Self::WriteSite => &[
                P::UseApiToken,
                P::ReadTaxonomy,
                P::ManageSite,
                P::ManageMenus,
                P::ManageAdSlots,
                P::ManagePackages,
            ],
            Self::ManageWebhooks => &[P::UseApiToken, P::ManageWebhooks],
            Self::WriteMostRead => &[P::UseApiToken, P::ManageMostRead],
            Self::ReadAudit => &[P::UseApiToken, P::ReadAudit, P::ReadJobs],
        }
    }

    /// Whether it can be limited to a section or a locale: not where all that it opens is one for the whole site.
    pub fn is_limitable(self) -> bool {
        !matches!(
            self,
            Self::ReadFullArticles
                | Self::WriteRedirects
                | Self::WriteSite
                | Self::ManageWebhooks
                | Self::WriteMostRead
                | Self::ReadAudit
        )
    }

    /// The words that open this, as they are told to who lacks them.
    pub fn words_for(permission: Permission) -> Vec<&'static str> {
        let opening = Self::ALL.iter().filter(|word| word.opens().contains(&permission));
        opening.map(|word| word.as_str()).collect()
    }
}

/// One scope of a token: what it permits, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenScope {
    /// What.
    pub permission: TokenPermission,
    /// Only in this section and those below it; `None` for everywhere.
    pub section_id: Option<SectionId>,
    /// Only in this locale; `None` for all.
    pub locale: Option<String>,
    /// The section's path. A section that is gone covers nothing.
    pub section_path: Option<String>,
}

impl TokenScope {
    /// Where it holds.
    pub fn area(&self) -> GrantArea<'_> {
        GrantArea {
            section_id: self.section_id,
            section_path: self.section_path.as_deref(),
            locale: self.locale.as_deref(),
        }
    }
}

/// The scopes of a token, in the order in which they were given.
///
/// # Errors
/// The database's.
pub fn scopes_of(conn: &mut Conn, id: ApiTokenId) -> Result<Vec<TokenScope>> {
    type Row = (TokenPermission, Option<SectionId>, Option<String>, Option<String>);
    let rows: Vec<Row> = api_token_scopes::table
        .left_join(sections::table.on(sections::id.nullable().eq(api_token_scopes::section_id)))
        .filter(api_token_scopes::token_id.eq(id))
        .order(api_token_scopes::ordinal)
        .select((
            api_token_scopes::permission,
            api_token_scopes::section_id,
            api_token_scopes::locale,
            sections::path.nullable(),
        ))
        .load(conn)?;
    let scope = |(permission, section_id, locale, section_path)| TokenScope {
        permission,
        section_id,
        locale,
        section_path,
    };
    Ok(rows.into_iter().map(scope).collect())
}

/// Whose token this is, as far as the token itself says: its id and its owner.
///
/// # Errors
/// 401 when there is none, or it has expired, was revoked or replaced, or its owner is disabled.
pub fn find(conn: &mut Conn, token: &ApiToken, now: Time) -> Result<(ApiTokenId, UserId)> {
    let found = api_token_secrets::table
        .inner_join(api_tokens::table.inner_join(users::table))
        .filter(api_token_secrets::digest.eq(token.digest()))
        .filter(
            api_token_secrets::replaced_until
                .is_null()
                .or(api_token_secrets::replaced_until.gt(now)),
        )
        .filter(api_tokens::revoked_at.is_null())
        .filter(api_tokens::expires_at.gt(now))
        .filter(users::disabled_at.is_null())
        .select((api_tokens::id, api_tokens::user_id))
        .first(conn)
        .optional()?;
    found.ok_or_else(|| Error::new(Code::Unauthenticated))
}

/// The owner of a token, with the grants of this moment and the token's scopes.
///
/// # Errors
/// 403 when the owner has no grant any more.
pub fn actor(conn: &mut Conn, id: ApiTokenId, user_id: UserId) -> Result<Actor> {
    let grants = store::grants_of(conn, user_id)?;
    if grants.is_empty() {
        return Err(Error::new(Code::Forbidden).with("permission", "UseAccount"));
    }
    let (settings, confirmed_at): (Option<String>, Option<Time>) = users::table
        .left_join(site::table.on(site::id.eq(1)))
        .left_join(second_factors::table.on(second_factors::user_id.eq(users::id)))
        .filter(users::id.eq(user_id))
        .select((site::settings.nullable(), second_factors::confirmed_at.nullable()))
        .first(conn)?;
    // A token shows no code: it is worth what its owner's login would be worth.
    let roles = grants.iter().map(|grant| grant.role);
    let lacks_second_factor = confirmed_at.is_none() && AccountPolicy::read(settings.as_deref())?.asks(roles);
    Ok(Actor {
        user_id,
        credential: Credential::ApiToken {
            id,
            scopes: scopes_of(conn, id)?,
        },
        grants,
        lacks_second_factor,
        origin: Origin::default(),
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_token_is_read_as_it_was_made_and_nothing_else_is_one() {
        let made = ApiToken::generate().unwrap().reveal();
        assert_eq!(made.len(), 53);
        assert!(ApiToken::parse(&made).is_some());
        let last = made.chars().last().unwrap();
        let other = if last == 'a' { 'b' } else { 'a' };
        for spoilt in [
            made.to_uppercase(),
            format!("{}{other}", &made[..52]),
            format!("{}{other}{}", &made[..20], &made[21..]),
            made[..52].to_owned(),
            format!("{made}a"),
            made.replace("mht_", "mhx_"),
            format!("mht_{}", "é".repeat(24)),
            String::new(),
            "mht_".to_owned(),
        ] {
            assert!(spoilt == made || ApiToken::parse(&spoilt).is_none(), "{spoilt}");
        }
    }

    #[test]
    fn the_checksum_is_the_one_that_scanners_compute() {
        // CRC-32 of "123456789" is 0xCBF43926: the check value of the standard.
        let mut number = 0xCBF4_3926_u32;
        let mut expected = Vec::new();
        for _ in 0..6 {
            expected.push(BASE_62[(number % 62) as usize]);
            number /= 62;
        }
        expected.reverse();
        assert_eq!(checksum("123456789").as_bytes(), expected);
    }

    #[test]
    fn tokens_draw_on_every_digit_about_as_often() {
        let mut counts = std::collections::BTreeMap::<u8, usize>::new();
        for _ in 0..500 {
            let made = ApiToken::generate().unwrap().reveal();
            for byte in made.bytes().skip(4).take(43) {
                *counts.entry(byte).or_default() += 1;
            }
        }
        // 21,500 digits of 62: 347 each, and no chance strays so far.
        assert_eq!(counts.len(), 62);
        assert!(counts.values().all(|count| (220..500).contains(count)), "{counts:?}");
    }

    #[test]
    fn some_word_opens_everything_but_what_is_a_persons_own() {
        let opened: BTreeSet<String> = TokenPermission::ALL
            .iter()
            .flat_map(|word| word.opens())
            .map(|permission| format!("{permission:?}"))
            .collect();
        let closed: Vec<String> = Permission::ALL
            .iter()
            .map(|permission| format!("{permission:?}"))
            .filter(|permission| !opened.contains(permission))
            .collect();
        assert_eq!(closed, ["UseAccount", "ManageApiTokens", "ManageUsers"]);
    }
}
