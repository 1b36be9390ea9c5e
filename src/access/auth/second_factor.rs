//! The second factor of a login: the codes of an authenticator app (TOTP, RFC 6238), of which none is taken twice, and
//! recovery codes for who has lost the app. The app's secret is sealed in its row; of recovery codes only digests are
//! kept. Which roles must have one is a setting of the site.

use diesel::prelude::*;
use serde::Deserialize;
use totp_rs::{Builder, Secret, Totp};

use super::{Role, SessionId};
use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::db::schema::{recovery_codes, second_factors, sessions, site};
use crate::base::error::{Code, Error, Result};
use crate::base::http::value_reader::{ValueReader, parsed_component};
use crate::base::ids::UserId;
use crate::base::limits;
use crate::base::secrets::{KeyPurpose, Secrets, random_bytes, sha256};

/// Recovery codes that a user is given at a time.
pub const RECOVERY_CODES: usize = 10;
/// Seconds for which a code of the app is good.
const STEP_SECONDS: u64 = 30;

/// What a user types as their second factor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecondFactorCode {
    /// Six digits of the authenticator app.
    App(String),
    /// A recovery code: 16 letters and digits of base 32.
    Recovery(String),
}

impl SecondFactorCode {
    /// Reads a code as people copy it: spaces, hyphens and small letters make no difference.
    pub fn parse(text: &str) -> Option<Self> {
        let code: String = text
            .chars()
            .filter(|c| !matches!(c, ' ' | '-'))
            .map(|c| c.to_ascii_uppercase())
            .collect();
        let in_base_32 = |byte: u8| byte.is_ascii_uppercase() || (b'2'..=b'7').contains(&byte);
        match code.len() {
            6 if code.bytes().all(|byte| byte.is_ascii_digit()) => Some(Self::App(code)),
            16 if code.bytes().all(in_base_32) => Some(Self::Recovery(code)),
            _ => None,
        }
    }
}

impl utoipa::PartialSchema for SecondFactorCode {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        use utoipa::openapi::schema::{ObjectBuilder, Type};
        ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some("^[0-9A-Za-z -]{6,40}$"))
            .max_length(Some(limits::SECOND_FACTOR_CODE))
            .description(Some(
                "Six digits of the authenticator app, or a recovery code. Spaces, hyphens and case make no difference.",
            ))
            .examples(["492039"])
            .build()
            .into()
    }
}
impl utoipa::ToSchema for SecondFactorCode {}

/// Reads a code from a body.
pub fn second_factor_code() -> impl ValueReader<Value = SecondFactorCode> {
    let expected = "six digits, or a recovery code";
    parsed_component(limits::SECOND_FACTOR_CODE, expected, SecondFactorCode::parse)
}

/// What the settings of the site say about accounts.
#[derive(Debug, Deserialize)]
#[serde(default)]
pub struct AccountPolicy {
    /// The name of the site, which authenticator apps show.
    name: String,
    /// The roles that must have a second factor.
    second_factor_roles: Vec<Role>,
}

impl Default for AccountPolicy {
    fn default() -> Self {
        Self {
            name: "Masthead".to_owned(),
            second_factor_roles: Vec::new(),
        }
    }
}

impl AccountPolicy {
    /// The policy that the row of the settings says.
    ///
    /// # Errors
    /// 500 when the row holds no settings.
    pub fn read(settings: Option<&str>) -> Result<Self> {
        settings.map_or_else(
            || Ok(Self::default()),
            |json| serde_json::from_str(json).map_err(Error::internal),
        )
    }

    /// The policy of the site.
    pub fn load(conn: &mut Conn) -> Result<Self> {
        let row: Option<String> = site::table.find(1).select(site::settings).first(conn).optional()?;
        Self::read(row.as_deref())
    }

    /// Whether one of these roles must have a second factor.
    pub fn asks(&self, roles: impl IntoIterator<Item = Role>) -> bool {
        roles.into_iter().any(|role| self.second_factor_roles.contains(&role))
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = second_factors, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
struct SecondFactorRow {
    sealed_secret: String,
    confirmed_at: Option<Time>,
    last_step: i64,
}

fn find(conn: &mut Conn, user: UserId) -> Result<Option<SecondFactorRow>> {
    let row = second_factors::table.find(user).select(SecondFactorRow::as_select());
    Ok(row.first(conn).optional()?)
}

/// Since when a user has a second factor.
pub fn confirmed_at(conn: &mut Conn, user: UserId) -> Result<Option<Time>> {
    Ok(find(conn, user)?.and_then(|row| row.confirmed_at))
}

/// The recovery codes that a user has not used.
pub fn count_recovery_codes(conn: &mut Conn, user: UserId) -> Result<i64> {
    let unused = recovery_codes::table
        .filter(recovery_codes::user_id.eq(user))
        .filter(recovery_codes::used_at.is_null());
    Ok(unused.count().get_result(conn)?)
}

/// What an authenticator app is given once.
#[derive(Debug)]
pub struct AppSecret {
    /// The secret in base 32, to be typed.
    pub base_32: String,
    /// `otpauth://totp/…`, to be shown as a QR code.
    pub url: String,
}

/// Makes the secret of a second factor that does not count yet, in place of one that nobody confirmed.
///
/// # Errors
/// 409 `second_factor_set_up` when the user has one.
pub fn begin(conn: &mut Conn, secrets: &Secrets, user: UserId, email: &str, now: Time) -> Result<AppSecret> {
    if confirmed_at(conn, user)?.is_some() {
        return Err(Error::new(Code::SecondFactorSetUp));
    }
    let bytes = random_bytes::<20>()?;
    let sealed = secrets.seal(KeyPurpose::SecondFactors, user.as_str(), &bytes)?;
    remove(conn, user)?;
    diesel::insert_into(second_factors::table)
        .values((
            second_factors::user_id.eq(user),
            second_factors::sealed_secret.eq(sealed),
            second_factors::created_at.eq(now),
            second_factors::last_step.eq(0_i64),
        ))
        .execute(conn)?;
    let without_colon = |text: &str| text.replace(':', " ");
    let app = Builder::new()
        .with_secret(bytes)
        .with_account_name(without_colon(email))
        .with_issuer(Some(without_colon(&AccountPolicy::load(conn)?.name)))
        .build()
        .map_err(Error::internal)?;
    Ok(AppSecret {
        base_32: app.secret().to_base32(),
        url: app.to_url().map_err(Error::internal)?,
    })
}

/// Makes the second factor count, if its app shows this code.
///
/// # Errors
/// 409 `second_factor_not_set_up` when none waits to be confirmed.
pub fn confirm(conn: &mut Conn, secrets: &Secrets, user: UserId, code: &SecondFactorCode, now: Time) -> Result<bool> {
    let row = find(conn, user)?.filter(|row| row.confirmed_at.is_none());
    let row = row.ok_or_else(|| Error::new(Code::SecondFactorNotSetUp))?;
    let SecondFactorCode::App(digits) = code else {
        return Ok(false);
    };
    if !take_app_code(conn, secrets, user, &row, digits, now)? {
        return Ok(false);
    }
    diesel::update(second_factors::table.find(user))
        .set(second_factors::confirmed_at.eq(now))
        .execute(conn)?;
    Ok(true)
}

/// Uses a code up: whether it was good. The caller holds the user's lock.
///
/// # Errors
/// 409 `second_factor_not_set_up`.
pub fn take(conn: &mut Conn, secrets: &Secrets, user: UserId, code: &SecondFactorCode, now: Time) -> Result<bool> {
    let row = find(conn, user)?.filter(|row| row.confirmed_at.is_some());
    let row = row.ok_or_else(|| Error::new(Code::SecondFactorNotSetUp))?;
    match code {
        SecondFactorCode::App(digits) => take_app_code(conn, secrets, user, &row, digits, now),
        SecondFactorCode::Recovery(code) => {
            let unused = recovery_codes::table
                .find((user, sha256(code.as_bytes())))
                .filter(recovery_codes::used_at.is_null());
            let used = diesel::update(unused)
                .set(recovery_codes::used_at.eq(now))
                .execute(conn)?;
            Ok(used == 1)
        }
    }
}

fn take_app_code(
    conn: &mut Conn,
    secrets: &Secrets,
    user: UserId,
    row: &SecondFactorRow,
    digits: &str,
    now: Time,
) -> Result<bool> {
    let Some(bytes) = secrets.open(KeyPurpose::SecondFactors, user.as_str(), &row.sealed_secret) else {
        log::warn!("a second factor does not open with this MASTHEAD_SECRET; its recovery codes are good still");
        return Ok(false);
    };
    let step = app(bytes)?.check(digits, now.millis().div_euclid(1000).unsigned_abs());
    let Some(step) = step
        .and_then(|step| i64::try_from(step).ok())
        .filter(|step| *step > row.last_step)
    else {
        return Ok(false);
    };
    diesel::update(second_factors::table.find(user))
        .set(second_factors::last_step.eq(step))
        .execute(conn)?;
    Ok(true)
}

/// The codes of a secret as every app computes them: SHA-1, six digits, 30 seconds, and the step before and after.
fn app(bytes: Vec<u8>) -> Result<Totp> {
    Builder::new()
        .with_secret(Secret::from(bytes))
        .with_step_duration(STEP_SECONDS)
        .with_skew(1)
        .build()
        .map_err(Error::internal)
}

/// Gives a user new recovery codes in place of all they had.
pub fn renew_recovery_codes(conn: &mut Conn, user: UserId) -> Result<Vec<String>> {
    diesel::delete(recovery_codes::table.filter(recovery_codes::user_id.eq(user))).execute(conn)?;
    let mut codes = Vec::with_capacity(RECOVERY_CODES);
    for _ in 0..RECOVERY_CODES {
        let code = Secret::from(random_bytes::<10>()?.to_vec()).to_base32();
        diesel::insert_into(recovery_codes::table)
            .values((
                recovery_codes::user_id.eq(user),
                recovery_codes::digest.eq(sha256(code.as_bytes())),
            ))
            .execute(conn)?;
        codes.push(in_groups(&code));
    }
    Ok(codes)
}

/// `ABCD-EFGH-…`, as people copy it without losing their place.
fn in_groups(code: &str) -> String {
    let chars: Vec<char> = code.chars().collect();
    let groups: Vec<String> = chars.chunks(4).map(|group| group.iter().collect()).collect();
    groups.join("-")
}

/// Takes a user's second factor away; whether they had one, or one that was not confirmed.
pub fn remove(conn: &mut Conn, user: UserId) -> Result<bool> {
    // Its recovery codes go with it.
    Ok(diesel::delete(second_factors::table.find(user)).execute(conn)? > 0)
}

/// Says of a session that its user has shown a second factor.
pub fn mark_session(conn: &mut Conn, session: SessionId, has_second_factor: bool) -> Result<()> {
    diesel::update(sessions::table.find(session))
        .set(sessions::has_second_factor.eq(has_second_factor))
        .execute(conn)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_standard() {
        // RFC 6238, appendix B: the last six of its eight digits.
        let app = app(b"12345678901234567890".to_vec()).unwrap();
        for (seconds, digits) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
        ] {
            assert_eq!(app.generate(seconds).to_string(), digits);
            let step = Some(seconds / STEP_SECONDS);
            for (at, expected) in [
                (seconds, step),
                (seconds - STEP_SECONDS, step),
                (seconds + STEP_SECONDS, step),
                (seconds + 2 * STEP_SECONDS, None),
            ] {
                assert_eq!(app.check(digits, at), expected, "{digits} at {at}");
            }
        }
    }

    #[test]
    fn a_code_is_read_as_people_copy_it() {
        let app = |digits: &str| Some(SecondFactorCode::App(digits.to_owned()));
        let recovery = Some(SecondFactorCode::Recovery("ABCDEFGHJKLM2345".to_owned()));
        for (text, expected) in [
            ("492039", app("492039")),
            ("492 039", app("492039")),
            ("ABCD-EFGH-JKLM-2345", recovery.clone()),
            ("abcd efgh jklm 2345", recovery),
            ("49203", None),
            ("4920391", None),
            ("49203A", None),
            ("٤٩٢٠٣٩", None),
            ("ABCD-EFGH-JKLM-2389", None),
            ("ABCD-EFGH-JKLM", None),
            ("", None),
        ] {
            assert_eq!(SecondFactorCode::parse(text), expected, "{text}");
        }
    }

    #[test]
    fn the_settings_say_which_roles_must_have_one() {
        let policy = AccountPolicy::read(Some(r#"{"name": "Le Fanal", "second_factor_roles": ["admin"]}"#)).unwrap();
        assert!(policy.asks([Role::Journalist, Role::Admin]));
        assert!(!policy.asks([Role::Publisher]));
        assert!(!AccountPolicy::read(None).unwrap().asks([Role::Admin]));
    }
}
