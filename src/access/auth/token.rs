//! Access tokens: JWT (RFC 7519) signed with Ed25519, good for [`ACCESS_SECONDS`], and the keys that
//! sign and verify them. Several keys verify; the newest whose time has come signs. A new key is
//! published [`LEAD_SECONDS`] before it signs, so that verifiers have fetched it.

use std::sync::{Arc, RwLock};

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use diesel::prelude::*;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::SessionId;
use crate::base::clock::Time;
use crate::base::db::dialect::{AdvisoryLock, take_advisory_lock};
use crate::base::db::schema::signing_keys;
use crate::base::db::{Conn, Db};
use crate::base::error::{Code, Error, Result};
use crate::base::ids::UserId;
use crate::base::secrets::{KeyPurpose, Secrets, random_bytes};

/// Life of an access token, in seconds.
pub const ACCESS_SECONDS: i64 = 15 * 60;
/// How long a key is published before it signs, in seconds.
pub const LEAD_SECONDS: i64 = 10 * 60;
/// A key that no longer signs is kept for this long, well beyond the life of the tokens that it signed.
const RETIRED_SECONDS: i64 = 3600;
/// A key that has signed for longer is warned of when the server starts.
pub const OLD_KEY_SECONDS: i64 = 365 * 24 * 3600;
/// Other instances' new keys are seen after this at the latest.
const RELOAD_SECONDS: i64 = 60;
const AUDIENCE: &str = "masthead-editorial";

/// What an access token says.
#[derive(Debug, Serialize, Deserialize)]
pub struct Claims {
    iss: String,
    aud: String,
    /// The user.
    pub sub: UserId,
    /// The session.
    pub sid: SessionId,
    jti: String,
    iat: i64,
    exp: i64,
}

/// The keys, cached from the database. Clones share them.
#[derive(Clone)]
pub struct TokenKeys(Arc<TokenKeysInner>);

struct TokenKeysInner {
    issuer: String,
    secrets: Secrets,
    ring: RwLock<KeyRing>,
}

struct KeyRing {
    keys: Vec<SigningKey>,
    loaded_at: Time,
}

#[derive(Clone)]
struct SigningKey {
    kid: String,
    public_key: String,
    /// `None` where our secret does not open it: the public key still verifies.
    private_key: Option<Vec<u8>>,
    signs_from: Time,
}

/// One public key (RFC 8037).
#[derive(Serialize, ToSchema)]
pub struct Jwk {
    /// The key type: `OKP`.
    kty: &'static str,
    /// The curve: `Ed25519`.
    crv: &'static str,
    /// What the key is for: `sig`.
    #[serde(rename = "use")]
    #[schema(rename = "use")]
    use_: &'static str,
    /// The algorithm: `EdDSA`.
    alg: &'static str,
    /// The key's id, as the head of a token names it.
    kid: String,
    /// The public key, in base64url.
    x: String,
}

/// The public keys that verify access tokens (RFC 7517).
#[derive(Serialize, ToSchema)]
pub struct JwkSet {
    /// The public keys that verify tokens.
    keys: Vec<Jwk>,
}

impl TokenKeys {
    /// The issuer that all instances of a site name, wherever they listen: they share a secret.
    ///
    /// # Errors
    /// 500 when it cannot be derived.
    pub fn issuer(secrets: &Secrets) -> Result<String> {
        let name = secrets.keyed_hash(KeyPurpose::Issuer, 0, "")?;
        Ok(format!("urn:masthead:{name}"))
    }

    /// Loads the keys, and makes the first one where there is none that this secret opens.
    pub fn load(db: &Db, secrets: Secrets, issuer: String) -> Result<Self> {
        let now = db.clock().now();
        let sealing = secrets.clone();
        db.write_blocking(move |conn| {
            take_advisory_lock(conn, AdvisoryLock::SigningKeys)?;
            let keys = load(conn, &sealing)?;
            if keys
                .iter()
                .any(|key| key.private_key.is_some() && key.signs_from <= now)
            {
                return Ok(());
            }
            if !keys.is_empty() {
                log::warn!("no signing key opens with this MASTHEAD_SECRET; a new one was made");
            }
            insert_new(conn, &sealing, now, now)
        })?;
        let keys = db.read_blocking(|conn| load(conn, &secrets))?;
        let ring = RwLock::new(KeyRing { keys, loaded_at: now });
        Ok(Self(Arc::new(TokenKeysInner { issuer, secrets, ring })))
    }

    /// A new access token.
    ///
    /// # Errors
    /// 500 when no key can sign.
    pub fn issue(&self, user: UserId, session: SessionId, now: Time) -> Result<String> {
        let jti = URL_SAFE_NO_PAD.encode(random_bytes::<16>()?);
        let iat = now.millis().div_euclid(1000);
        let (iss, aud) = (self.0.issuer.clone(), AUDIENCE.to_owned());
        let claims = Claims {
            iss,
            aud,
            sub: user,
            sid: session,
            jti,
            iat,
            exp: iat + ACCESS_SECONDS,
        };
        let key = self
            .signing_key(now)
            .ok_or_else(|| Error::internal("no key can sign"))?;
        let private_key = key.private_key.unwrap_or_default();
        let header = Header {
            kid: Some(key.kid),
            ..Header::new(Algorithm::EdDSA)
        };
        jsonwebtoken::encode(&header, &claims, &EncodingKey::from_ed_der(&private_key)).map_err(Error::internal)
    }

    fn signing_key(&self, now: Time) -> Option<SigningKey> {
        let ring = self.0.ring.read().ok()?;
        let ready = ring
            .keys
            .iter()
            .filter(|key| key.signs_from <= now && key.private_key.is_some());
        ready.max_by_key(|key| key.signs_from).cloned()
    }

    /// The secret under which the keys are sealed.
    pub fn secrets(&self) -> &Secrets {
        &self.0.secrets
    }

    /// For how many seconds the key that signs now has been signing.
    pub fn signing_key_age(&self, now: Time) -> Option<i64> {
        let key = self.signing_key(now)?;
        Some((now.millis() - key.signs_from.millis()).div_euclid(1000))
    }

    /// What a token says, if one of our keys signed it and its time is not over.
    ///
    /// # Errors
    /// 401.
    pub fn verify(&self, token: &str, now: Time) -> Result<Claims> {
        let refused = || Error::new(Code::Unauthenticated);
        let header = jsonwebtoken::decode_header(token).map_err(|_| refused())?;
        let kid = header.kid.ok_or_else(refused)?;
        let x = self.public_key(&kid).ok_or_else(refused)?;
        let key = DecodingKey::from_ed_components(&x).map_err(|_| refused())?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.set_issuer(&[&self.0.issuer]);
        validation.set_audience(&[AUDIENCE]);
        // Our clock decides below, and tests can pin it.
        validation.validate_exp = false;
        let claims = jsonwebtoken::decode::<Claims>(token, &key, &validation)
            .map_err(|_| refused())?
            .claims;
        if claims.exp <= now.millis().div_euclid(1000) {
            return Err(refused());
        }
        Ok(claims)
    }

    fn public_key(&self, kid: &str) -> Option<String> {
        let ring = self.0.ring.read().ok()?;
        ring.keys
            .iter()
            .find(|key| key.kid == kid)
            .map(|key| key.public_key.clone())
    }

    /// Loads the keys again if that was last done long ago, because other instances rotate them too.
    pub async fn refresh(&self, db: &Db) -> Result<()> {
        let now = db.clock().now();
        let loaded_at = self.0.ring.read().map_or(now, |ring| ring.loaded_at);
        if now < loaded_at.plus_seconds(RELOAD_SECONDS) {
            return Ok(());
        }
        let secrets = self.0.secrets.clone();
        let keys = db.read(move |conn| load(conn, &secrets)).await?;
        if let Ok(mut ring) = self.0.ring.write() {
            *ring = KeyRing { keys, loaded_at: now };
        }
        Ok(())
    }

    /// The public keys.
    pub fn jwks(&self) -> JwkSet {
        let keys = self.0.ring.read().map(|ring| ring.keys.clone()).unwrap_or_default();
        let jwk = |key: SigningKey| Jwk {
            kty: "OKP",
            crv: "Ed25519",
            use_: "sig",
            alg: "EdDSA",
            kid: key.kid,
            x: key.public_key,
        };
        JwkSet {
            keys: keys.into_iter().map(jwk).collect(),
        }
    }
}

/// Adds a key that signs after the lead time, and drops those that signed long ago; returns when the new key begins to
/// sign.
pub fn rotate(conn: &mut Conn, secrets: &Secrets, now: Time) -> Result<Time> {
    take_advisory_lock(conn, AdvisoryLock::SigningKeys)?;
    let mut keys = load(conn, secrets)?;
    keys.sort_by_key(|key| key.signs_from);
    for (old, successor) in keys.iter().zip(keys.iter().skip(1)) {
        if successor.signs_from.plus_seconds(RETIRED_SECONDS) < now {
            diesel::delete(signing_keys::table.find(&old.kid)).execute(conn)?;
        }
    }
    let signs_from = now.plus_seconds(LEAD_SECONDS);
    insert_new(conn, secrets, now, signs_from)?;
    Ok(signs_from)
}

fn insert_new(conn: &mut Conn, secrets: &Secrets, now: Time, signs_from: Time) -> Result<()> {
    let document = Ed25519KeyPair::generate_pkcs8(&aws_lc_rs::rand::SystemRandom::new())
        .map_err(|_| Error::internal("cannot make a signing key"))?;
    let pair = Ed25519KeyPair::from_pkcs8(document.as_ref()).map_err(Error::internal)?;
    let kid = URL_SAFE_NO_PAD.encode(random_bytes::<12>()?);
    let sealed = secrets.seal(KeyPurpose::SigningKeys, &kid, document.as_ref())?;
    diesel::insert_into(signing_keys::table)
        .values((
            signing_keys::kid.eq(&kid),
            signing_keys::public_key.eq(URL_SAFE_NO_PAD.encode(pair.public_key().as_ref())),
            signing_keys::sealed_private_key.eq(sealed),
            signing_keys::created_at.eq(now),
            signing_keys::signs_from.eq(signs_from),
        ))
        .execute(conn)?;
    Ok(())
}

fn load(conn: &mut Conn, secrets: &Secrets) -> Result<Vec<SigningKey>> {
    let rows: Vec<(String, String, String, Time)> = signing_keys::table
        .order(signing_keys::signs_from.asc())
        .select((
            signing_keys::kid,
            signing_keys::public_key,
            signing_keys::sealed_private_key,
            signing_keys::signs_from,
        ))
        .load(conn)?;
    let key = |(kid, public_key, sealed, signs_from): (String, String, String, Time)| {
        let private_key = secrets.open(KeyPurpose::SigningKeys, &kid, &sealed);
        SigningKey {
            kid,
            public_key,
            private_key,
            signs_from,
        }
    };
    Ok(rows.into_iter().map(key).collect())
}
