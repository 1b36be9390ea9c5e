//! Somebody who writes without an account.

use std::future::{Ready, ready};
use std::net::IpAddr;

use actix_web::dev::Payload;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};

use crate::base::error::{Error, Result};
use crate::base::http::client::{ClientAddress, MaybeReader, Network, READER_TOKEN, Reader};
use crate::base::http::conditional::header_parameter;
use crate::comments::captcha::Captcha;

/// The headers of a guest.
pub struct GuestHeaders;

impl utoipa::IntoParams for GuestHeaders {
    fn into_params(
        _: impl Fn() -> Option<utoipa::openapi::path::ParameterIn>,
    ) -> Vec<utoipa::openapi::path::Parameter> {
        vec![header_parameter(
            READER_TOKEN,
            false,
            "The token that `/v1/captcha` gave this reader.",
            200,
        )]
    }
}

/// Who sends a comment, as far as the request says, and how they prove to be a reader.
pub struct Guest {
    /// Who they are to us, where they brought a token.
    pub reader: Option<Reader>,
    /// From which network.
    pub network: Network,
    /// From which address.
    pub address: Option<IpAddr>,
    /// What proves them a reader.
    pub captcha: Data<Captcha>,
}

impl FromRequest for Guest {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let mut guest = || {
            Ok(Self {
                reader: MaybeReader::from_request(request, payload).into_inner()?.0,
                network: Network::from_request(request, payload).into_inner()?,
                address: ClientAddress::from_request(request, payload).into_inner()?.0,
                captcha: Data::from_request(request, payload)
                    .into_inner()
                    .map_err(Error::internal)?,
            })
        };
        ready(guest())
    }
}
