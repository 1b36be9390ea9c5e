//! What a comment form asks for before it is sent.

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;

use super::proof::ProofChallenge;
use super::{Captcha, CaptchaKind};
use crate::base::db::Db;
use crate::base::error::Result;
use crate::base::http::client::Network;
use crate::base::http::query::Params;
use crate::base::http::query_type::{ParamReader, param_reader};
use crate::base::http::value_reader::ValueSchema;
use crate::base::ids::ArticleId;
use crate::base::limits;
use crate::base::secrets::{KeyPurpose, Secrets};
use crate::query_type;

/// What a comment form needs before it is sent.
#[derive(Serialize, ToSchema)]
pub struct CaptchaForm {
    /// How the reader proves to be one.
    pub kind: CaptchaKind,
    /// Send it as `X-Reader-Token`: it ties a reader's requests together, and nothing else.
    pub reader_token: String,
    /// The work to do; null for another kind, or without `article_id`.
    pub proof: Option<ProofChallenge>,
    /// The provider's public key; null where no provider is asked.
    pub site_key: Option<String>,
    /// The action to name to the provider; null where it takes none, or without `article_id`.
    pub action: Option<String>,
    /// The cdata to give to Turnstile; null for another kind, or without `article_id`.
    pub cdata: Option<String>,
    /// Send it with the comment: it says when the form was asked for. A comment that comes within three seconds
    /// waits for a moderator.
    pub form_token: String,
    /// Members that must be sent.
    pub required: Vec<String>,
    /// Characters of a name at most.
    pub author_name_max_length: i32,
    /// Characters of a comment at most.
    pub body_max_length: i32,
}

query_type! {
    /// For which article's form.
    #[derive(Debug)]
    pub struct GetCaptcha {
        /// The article below which the comment will stand: what proves a reader is good for it alone.
        article_id: ArticleId = optional(article_id()),
    }
}

fn article_id() -> impl ParamReader<Value = ArticleId> {
    param_reader(
        || ValueSchema::component::<ArticleId>().schema,
        |query, name| query.parsed(name, "a UUID", ArticleId::parse),
    )
}

/// Ask for a captcha.
///
/// What the comment form of an article needs: the kind of captcha and what it takes, a new reader
/// token, the limits. Keep the token as long as the reader's visit lasts. Give `proof` to ALTCHA's
/// widget as it is; a challenge is good for 20 minutes, one comment and its article. Without
/// `article_id`, where no comment is to be sent, there is a reader token and nothing to solve.
#[utoipa::path(tag = "comments", operation_id = "getCaptcha", extensions(("x-no-store" = json!(true))), params(GetCaptcha),
    responses((status = 200, description = "What the form needs.", body = CaptchaForm)))]
#[get("/v1/captcha")]
pub async fn get_captcha(
    db: Data<Db>,
    secrets: Data<Secrets>,
    captcha: Data<Captcha>,
    network: Network,
    params: Params<GetCaptcha>,
) -> Result<HttpResponse> {
    let now = db.clock().now();
    let asked = captcha.ask(params.0.article_id, network, now)?;
    Ok(HttpResponse::Ok().json(CaptchaForm {
        kind: captcha.kind(),
        reader_token: secrets.token(KeyPurpose::ReaderTokens)?,
        proof: asked.proof,
        site_key: asked.site_key,
        action: asked.action,
        cdata: asked.cdata,
        form_token: secrets.sign(KeyPurpose::FormTokens, &now.millis().to_be_bytes())?,
        required: vec!["author_name".to_owned(), "body".to_owned()],
        author_name_max_length: i32::try_from(limits::NAME).unwrap_or(i32::MAX),
        body_max_length: i32::try_from(limits::COMMENT).unwrap_or(i32::MAX),
    }))
}
