//! Make, list, read, rotate and revoke API tokens: everybody their own; admins see and revoke all.

use actix_web::http::header;
use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, delete, get, post};
use serde::Serialize;
use utoipa::ToSchema;

use super::acts::record;
use super::store::{self, ApiTokenRow, SecretFacts};
use crate::access::auth::api_token::{self, ApiToken, ApiTokenId, TokenPermission, TokenScope};
use crate::access::auth::{Actor, Credential, Desk, Permission, may};
use crate::base::clock::Time;
use crate::base::db::Conn;
use crate::base::error::{Code, Error, FieldCode, FieldError, Result};
use crate::base::http::body::Body;
use crate::base::http::page::{CursorBinding, PageRequest};
use crate::base::http::path::PathId;
use crate::base::http::query::{NoParams, Params};
use crate::base::http::query_type::id_param;
use crate::base::http::responses::Conflict;
use crate::base::http::value_reader::{ValueReader, component, distinct, filled_list, id, integer, line, time, word};
use crate::base::ids::{SectionId, UserId};
use crate::base::secrets::Secrets;
use crate::base::{limits, locale};
use crate::{body_type, list_type, query_type};

/// A scope of a token to be made.
#[derive(Clone, PartialEq, ToSchema)]
pub struct TokenScopeInput {
    /// What it permits.
    pub permission: TokenPermission,
    /// Only in this section and those below it.
    pub section_id: Option<SectionId>,
    /// Only in this locale.
    pub locale: Option<String>,
}

fn scopes() -> impl ValueReader<Value = Vec<TokenScopeInput>> {
    let scope = component(|fields| {
        let permission: Option<TokenPermission> = fields.required("permission", word());
        let section_id = fields.optional("section_id", id());
        let locale = fields.optional("locale", locale::locale());
        let permission = permission?;
        let limit = [("section_id", section_id.is_some()), ("locale", locale.is_some())];
        for (name, _) in limit
            .iter()
            .filter(|(_, is_given)| *is_given && !permission.is_limitable())
        {
            fields.at().child(name).fail::<()>(FieldCode::NotLimitable);
        }
        Some(TokenScopeInput {
            permission,
            section_id,
            locale,
        })
    });
    filled_list(limits::TOKEN_SCOPES, scope).then(distinct(TokenScopeInput::eq))
}

body_type! {
    /// A token to be made.
    pub struct NewApiToken {
        /// What you call it: who uses it, and for what.
        pub name: String = required(line(limits::NAME)),
        /// What it may, and where: at least one scope.
        pub scopes: Vec<TokenScopeInput> = required(scopes()),
        /// From when on it opens nothing; in 90 days where it is not given, in 366 at most.
        pub expires_at: Time = optional(time()),
    }
}

body_type! {
    /// How a token is rotated.
    #[derive(Clone, Copy)]
    pub struct ApiTokenRotation [may_be_empty] {
        /// Seconds for which the token told before is still good, but never longer than it would have been: a day where it
        /// is not given, 7 days at most, 0 for none.
        pub overlap_seconds: i64 = defaulted(integer(0, limits::TOKEN_OVERLAP_SECONDS_MAX)) or limits::TOKEN_OVERLAP_SECONDS_DEFAULT,
        /// From when on it opens nothing; in 90 days where it is not given, in 366 at most.
        pub expires_at: Time = optional(time()),
    }
}

/// A scope of a token.
#[derive(Clone, Serialize, ToSchema)]
pub struct TokenScopeView {
    /// What it permits, where its owner may do it.
    pub permission: TokenPermission,
    /// Only in this section and those below it; null for everywhere.
    pub section_id: Option<SectionId>,
    /// Only in this locale; null for all.
    pub locale: Option<String>,
}

impl From<TokenScope> for TokenScopeView {
    fn from(scope: TokenScope) -> Self {
        Self {
            permission: scope.permission,
            section_id: scope.section_id,
            locale: scope.locale,
        }
    }
}

/// An API token, but for the token itself: nobody is told it again.
#[derive(Clone, Serialize, ToSchema)]
pub struct ApiTokenInfo {
    /// The token's id.
    pub id: ApiTokenId,
    /// Its owner, as whom it acts.
    pub user_id: UserId,
    /// What its owner calls it.
    pub name: String,
    /// Its first characters, by which it is known again.
    pub prefix: String,
    /// What it may, and where; never further than its owner's grants at that moment.
    #[schema(max_items = 20)]
    pub scopes: Vec<TokenScopeView>,
    /// Whether it opens anything now.
    pub is_active: bool,
    /// When it was made.
    pub created_at: Time,
    /// From when on it opens nothing.
    pub expires_at: Time,
    /// When it was revoked; null where it was not.
    pub revoked_at: Option<Time>,
    /// Until when the token told before the last rotation is good too; null where there is none.
    pub previous_until: Option<Time>,
    /// When it was used last, up to a minute ago; null where it was not.
    pub last_used_at: Option<Time>,
    /// Requests that came with it, but for the last minute's.
    pub request_count: i64,
}

impl ApiTokenInfo {
    fn new(row: ApiTokenRow, secret: SecretFacts, scopes: Vec<TokenScope>, now: Time) -> Self {
        let is_active = row.is_active(now);
        Self {
            is_active,
            id: row.id,
            user_id: row.user_id,
            name: row.name,
            prefix: secret.prefix,
            scopes: scopes.into_iter().map(TokenScopeView::from).collect(),
            created_at: row.created_at,
            expires_at: row.expires_at,
            revoked_at: row.revoked_at,
            previous_until: secret.replaced_until.filter(|_| is_active),
            last_used_at: row.last_used_at,
            request_count: row.request_count,
        }
    }

    fn load(conn: &mut Conn, rows: Vec<ApiTokenRow>, now: Time) -> Result<Vec<Self>> {
        let ids: Vec<ApiTokenId> = rows.iter().map(|row| row.id).collect();
        let mut secrets = store::secrets_of(conn, &ids, now)?;
        let info = |row: ApiTokenRow| {
            let secret = secrets.remove(&row.id).unwrap_or_default();
            let scopes = api_token::scopes_of(conn, row.id)?;
            Ok(Self::new(row, secret, scopes, now))
        };
        rows.into_iter().map(info).collect()
    }

    fn load_one(conn: &mut Conn, row: ApiTokenRow, now: Time) -> Result<Self> {
        Self::load(conn, vec![row], now)?.pop().ok_or_else(Error::not_found)
    }
}

/// A token that was just made or rotated: the only time that it is told.
#[derive(Serialize, ToSchema)]
pub struct ToldApiToken {
    /// The token: a secret, sent as `Authorization: Bearer`.
    pub token: String,
    /// What is known of it.
    pub info: ApiTokenInfo,
}

list_type! {
    /// A page of API tokens, the newest first.
    ApiTokenList {
        /// The tokens.
        items: Vec<ApiTokenInfo>,
    }
}

query_type! {
    /// Whose tokens.
    #[derive(Debug)]
    pub struct ListApiTokens {
        /// Only this user's.
        user_id: UserId = optional(id_param()),
        page: PageRequest = part(),
    }
}

/// Whether somebody keeps everybody's tokens: who manages users.
fn keeps_all(actor: &Actor) -> bool {
    actor.may_everywhere(Permission::ManageUsers)
}

/// The token, where the actor may see it.
fn visible(row: ApiTokenRow, actor: &Actor) -> Result<ApiTokenRow> {
    if row.user_id == actor.user_id || keeps_all(actor) {
        Ok(row)
    } else {
        Err(Error::not_found())
    }
}

/// List API tokens.
///
/// My own; for administrators everybody's. Those that ended are listed for 90 days.
#[utoipa::path(tag = "tokens", operation_id = "listApiTokens", params(ListApiTokens, PageRequest),
    responses((status = 200, description = "A page of tokens.", body = ApiTokenList)))]
#[get("/v1/editorial/tokens")]
pub async fn list_api_tokens(
    secrets: Data<Secrets>,
    desk: Desk<may::ManageApiTokens>,
    params: Params<ListApiTokens>,
) -> Result<ApiTokenList> {
    let ListApiTokens { user_id, page } = params.0;
    let own = desk.actor.user_id;
    let whose = match user_id {
        Some(user_id) if user_id != own && !keeps_all(&desk.actor) => {
            return Err(Error::new(Code::Forbidden).with("permission", "ManageUsers"));
        }
        None if !keeps_all(&desk.actor) => Some(own),
        whose => whose,
    };
    let binding = CursorBinding::new("api-tokens", &whose);
    let after = page.after::<1>(&secrets, &binding)?;
    let (after, fetch) = (after.and_then(|[id]| ApiTokenId::parse(&id)), page.fetch());
    let tokens = desk
        .read(move |conn, desk| {
            let rows = store::list(conn, whose, after, fetch)?;
            ApiTokenInfo::load(conn, rows, desk.now)
        })
        .await?;
    let (items, page) = page.finish(tokens, &secrets, &binding, |token| [token.id.to_string()])?;
    Ok(ApiTokenList { items, page })
}

/// Create an API token.
///
/// For a machine that acts in my place, no further than these scopes and my own grants. The token is told this once.
#[utoipa::path(tag = "tokens", operation_id = "createApiToken", request_body = NewApiToken,
    responses((status = 201, description = "The token.", body = ToldApiToken, headers(("Location")))))]
#[post("/v1/editorial/tokens")]
pub async fn create_api_token(desk: Desk<may::ManageApiTokens>, body: Body<NewApiToken>) -> Result<HttpResponse> {
    let NewApiToken {
        name,
        scopes,
        expires_at,
    } = body.value;
    let (secret, id) = (ApiToken::generate()?, ApiTokenId::new());
    let told = secret.clone();
    let info = desk
        .write(move |conn, desk| {
            let row = ApiTokenRow {
                id,
                user_id: desk.actor.user_id,
                name: name.clone(),
                created_at: desk.now,
                expires_at: end(expires_at, desk.now)?,
                revoked_at: None,
                last_used_at: None,
                request_count: 0,
            };
            if store::count_good(conn, row.user_id, desk.now)? >= limits::TOKENS_PER_USER {
                let too_many = FieldError::new("", FieldCode::TooManyTokens);
                return Err(Error::field(too_many.with("max", limits::TOKENS_PER_USER)));
            }
            let scopes = placed(conn, &scopes)?;
            store::insert(conn, &row, &scopes, &secret)?;
            record(conn, desk, "api_token.create", &row, Some(&scopes))?;
            ApiTokenInfo::load_one(conn, row, desk.now)
        })
        .await?;
    Ok(HttpResponse::Created()
        .insert_header((header::LOCATION, format!("/v1/editorial/tokens/{}", info.id)))
        .json(ToldApiToken {
            token: told.reveal(),
            info,
        }))
}

/// When a token ends that is to end then.
fn end(asked: Option<Time>, now: Time) -> Result<Time> {
    let at = asked.unwrap_or_else(|| now.plus_seconds(limits::TOKEN_DAYS_DEFAULT * 24 * 3_600));
    let error = |code| FieldError::new("/expires_at", code);
    if at <= now {
        return Err(Error::field(error(FieldCode::InThePast)));
    }
    if at > now.plus_seconds(limits::TOKEN_DAYS_MAX * 24 * 3_600) {
        return Err(Error::field(
            error(FieldCode::TooFarAhead).with("max", limits::TOKEN_DAYS_MAX),
        ));
    }
    Ok(at)
}

/// The scopes, once their sections are known.
fn placed(conn: &mut Conn, inputs: &[TokenScopeInput]) -> Result<Vec<TokenScope>> {
    let ids: Vec<SectionId> = inputs.iter().filter_map(|scope| scope.section_id).collect();
    let known = store::paths_of_sections(conn, ids)?;
    let path = |id: SectionId| {
        known
            .iter()
            .find(|(known, _)| *known == id)
            .map(|(_, path)| path.clone())
    };
    let unknown = |(index, input): (usize, &TokenScopeInput)| {
        let is_unknown = input.section_id.is_some_and(|id| path(id).is_none());
        let pointer = format!("/scopes/{index}/section_id");
        is_unknown.then(|| FieldError::new(pointer, FieldCode::UnknownReference))
    };
    let errors: Vec<FieldError> = inputs.iter().enumerate().filter_map(unknown).collect();
    if !errors.is_empty() {
        return Err(Error::validation(errors));
    }
    let scope = |input: &TokenScopeInput| TokenScope {
        permission: input.permission,
        section_id: input.section_id,
        locale: input.locale.clone(),
        section_path: input.section_id.and_then(path),
    };
    Ok(inputs.iter().map(scope).collect())
}

/// Read the API token of this request.
///
/// What the token that is shown may, until when, and how often it was used. 404 where none is shown.
#[utoipa::path(tag = "tokens", operation_id = "getCurrentApiToken",
    responses((status = 200, description = "The token.", body = ApiTokenInfo), (status = 404, description = "")))]
#[get("/v1/editorial/tokens/current")]
pub async fn get_current_api_token(desk: Desk<may::UseApiToken>, _: Params<NoParams>) -> Result<Json<ApiTokenInfo>> {
    let Credential::ApiToken { id, .. } = desk.actor.credential else {
        return Err(Error::not_found());
    };
    let info = desk
        .read(move |conn, desk| {
            let row = store::get(conn, id)?;
            ApiTokenInfo::load_one(conn, row, desk.now)
        })
        .await?;
    Ok(Json(info))
}

/// Read an API token.
///
/// What it may, until when, and how often it was used.
#[utoipa::path(tag = "tokens", operation_id = "getApiToken",
    responses((status = 200, description = "The token.", body = ApiTokenInfo)))]
#[get("/v1/editorial/tokens/{token_id}")]
pub async fn get_api_token(
    desk: Desk<may::ManageApiTokens>,
    id: PathId<ApiTokenId>,
    _: Params<NoParams>,
) -> Result<Json<ApiTokenInfo>> {
    let info = desk
        .read(move |conn, desk| {
            let row = visible(store::get(conn, id.0)?, desk.actor)?;
            ApiTokenInfo::load_one(conn, row, desk.now)
        })
        .await?;
    Ok(Json(info))
}

/// Rotate an API token.
///
/// Tells another token in its place, with the same scopes and a new end. The one told before is good for a while longer,
/// so that machines can be given the new one one after the other; those before it are not. Only its owner can.
#[utoipa::path(tag = "tokens", operation_id = "rotateApiToken", request_body = ApiTokenRotation,
    responses((status = 200, description = "The token.", body = ToldApiToken), Conflict))]
#[post("/v1/editorial/tokens/{token_id}/actions/rotate")]
pub async fn rotate_api_token(
    desk: Desk<may::ManageApiTokens>,
    id: PathId<ApiTokenId>,
    body: Body<ApiTokenRotation>,
) -> Result<Json<ToldApiToken>> {
    let asked = body.value;
    let secret = ApiToken::generate()?;
    let told = secret.clone();
    let info = desk
        .write(move |conn, desk| {
            let mut row = visible(store::get_locked(conn, id.0)?, desk.actor)?;
            if row.user_id != desk.actor.user_id {
                return Err(Error::new(Code::Forbidden).with("permission", "ManageApiTokens"));
            }
            if !row.is_active(desk.now) {
                return Err(Error::new(Code::TokenEnded));
            }
            let expires_at = end(asked.expires_at, desk.now)?;
            // The secret told before never outlives the end that it was told with.
            let until = desk.now.plus_seconds(asked.overlap_seconds);
            let until = until.min(row.expires_at).min(expires_at);
            row.expires_at = expires_at;
            store::rotate(conn, &row, &secret, until, desk.now)?;
            record(conn, desk, "api_token.rotate", &row, None)?;
            ApiTokenInfo::load_one(conn, row, desk.now)
        })
        .await?;
    Ok(Json(ToldApiToken {
        token: told.reveal(),
        info,
    }))
}

/// Revoke an API token.
///
/// It opens nothing from the next request on, and never will again. Revoking one that has ended changes nothing.
#[utoipa::path(tag = "tokens", operation_id = "revokeApiToken",
    responses((status = 204, description = "It opens nothing any more.")))]
#[delete("/v1/editorial/tokens/{token_id}")]
pub async fn revoke_api_token(desk: Desk<may::ManageApiTokens>, id: PathId<ApiTokenId>) -> Result<HttpResponse> {
    desk.write(move |conn, desk| {
        let row = visible(store::get_locked(conn, id.0)?, desk.actor)?;
        if !row.is_active(desk.now) {
            return Ok(());
        }
        store::revoke(conn, row.id, desk.now)?;
        record(conn, desk, "api_token.revoke", &row, None)
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}
