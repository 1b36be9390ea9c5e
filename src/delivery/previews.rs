//! What a preview token opens.

use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{HttpResponse, get};

use crate::base::error::{Error, Result};
use crate::base::http::path::PathId;
use crate::base::http::query::Params;
use crate::base::secrets::Secrets;
use crate::comments::captcha::Captcha;
use crate::delivery::pages::composer::PageTools;
use crate::delivery::pages::query::{ArticlePageOptions, PageOptions};
use crate::delivery::pages::views::ArticlePage;
use crate::delivery::reader_request::ReaderRequest;
use crate::published::previews::{PreviewToken, store};
use crate::query_type;

/// What goes with a preview, and with the answer that there is none: the address is a secret, which
/// no other site, index or cache is to learn.
const PREVIEW_HEADERS: [(&str, &str); 2] = [("Referrer-Policy", "no-referrer"), ("X-Robots-Tag", "noindex")];

query_type! {
    /// How much of a preview's page.
    pub struct GetPreview {
        options: PageOptions = part(),
        beside: ArticlePageOptions = part(),
    }
}

/// Read a preview.
///
/// The article's page as it would be live, of the same form as `getArticlePage`, for whoever has the token. Not for caches
/// or search engines. 404 where the token is unknown or has expired, during an embargo unless the token opens then, and
/// while the article has no section.
#[utoipa::path(tag = "pages", operation_id = "getPreview", params(PageOptions, ArticlePageOptions),
    extensions(("x-no-store" = json!(true))),
    responses((status = 200, description = "The page as it would be live.", body = ArticlePage)))]
#[get("/v1/preview/{token}")]
pub async fn get_preview(
    reading: ReaderRequest,
    secrets: Data<Secrets>,
    captcha: Data<Captcha>,
    token: PathId<PreviewToken>,
    params: Params<GetPreview>,
) -> Result<HttpResponse> {
    let (digest, tools) = (token.0.digest(), PageTools::new(secrets, &captcha));
    let json = reading
        .read(move |conn, setting| {
            let GetPreview { options, beside } = params.0;
            let (preview, state) = store::open(conn, &digest, setting.now)?;
            let page = tools.composer(setting, options);
            Ok(page.article(conn, &preview, &beside, Some(state))?.body)
        })
        .await
        .map_err(with_preview_headers)?;
    let mut response = HttpResponse::Ok();
    for header in PREVIEW_HEADERS {
        response.insert_header(header);
    }
    Ok(response
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .content_type("application/json")
        .body(json))
}

fn with_preview_headers(error: Error) -> Error {
    PREVIEW_HEADERS
        .into_iter()
        .fold(error, |error, (name, value)| error.header(name, value))
}
