//! The endpoint that runs a file of redirects.

use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::{ObjectBuilder, Type};

use crate::access::auth::{Desk, Permission, may};
use crate::base::db::run_blocking;
use crate::base::error::{FieldCode, Result};
use crate::base::http::body::CsvBody;
use crate::base::http::public_url::PublicUrl;
use crate::base::http::query::Params;
use crate::base::http::query_type::flag_param;
use crate::base::limits;
use crate::query_type;
use crate::site::paths::RedirectOrigin;
use crate::site::redirects::change::RedirectMaker;
use crate::site::redirects::import::run;

query_type! {
    /// How to run a file.
    #[derive(Debug)]
    pub struct ImportRedirects {
        /// Whether to write nothing and only say what the file would do.
        dry_run: bool = defaulted(flag_param()),
    }
}

/// A file of redirects, as `importRedirects` takes it.
pub struct RedirectsCsv;

impl utoipa::PartialSchema for RedirectsCsv {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some(
                "CSV in UTF-8: a header with the columns path, location and, if you like, http_status and note, in \
                 any order; commas, semicolons or tabs between them; at most 10,000 rows and 2 MiB. Paths may be \
                 written as URLs of the site. The columns that WordPress' plugins for redirects export are known.",
            ))
            .max_length(Some(limits::REDIRECT_BYTES))
            .examples(["path,location,http_status,note\n/2019/port,/news/port,301,Ancien site\n/jeu,,410,\n"])
            .build()
            .into()
    }
}
impl ToSchema for RedirectsCsv {}

/// What a file of redirects did, or would do.
#[derive(Serialize, ToSchema)]
pub struct RedirectImport {
    /// Whether nothing was written.
    pub dry_run: bool,
    /// Rows of the file, empty ones aside.
    pub row_count: i64,
    /// Redirects that are new.
    pub created_count: i64,
    /// Redirects that were there already.
    pub unchanged_count: i64,
    /// Redirects that led elsewhere, or said something else.
    pub replaced_count: i64,
    /// Rows that were not taken.
    pub refused_count: i64,
    /// What is wrong with those rows, by line.
    pub refused: Vec<RefusedRow>,
}

/// What is wrong with a row of a file.
#[derive(Serialize, ToSchema)]
pub struct RefusedRow {
    /// The line on which the row begins; the header's is 1.
    pub line: i64,
    /// The column; null where it is the row as a whole.
    pub column: Option<String>,
    /// What is wrong, as a stable code.
    pub code: FieldCode,
    /// What is wrong, in words for the person who made the file.
    pub message: String,
}

/// Import redirects from a file.
///
/// Every row that can be is made; a redirect that is there already is kept, or led to where the file
/// says. What is wrong with the others is told by line. It is written in small transactions: a run
/// that was cut short is made good by another over the same file, which is always harmless.
#[utoipa::path(tag = "redirects", operation_id = "importRedirects", params(ImportRedirects),
    request_body(content = RedirectsCsv, content_type = "text/csv"),
    responses((status = 200, description = "What became of the rows.", body = RedirectImport)))]
#[post("/v1/editorial/redirects/import")]
pub async fn import_redirects(
    public_url: Data<PublicUrl>,
    desk: Desk<may::ManageRedirects>,
    params: Params<ImportRedirects>,
    body: CsvBody,
) -> Result<HttpResponse> {
    desk.actor.check_everywhere(Permission::ManageRedirects)?;
    let dry_run = params.0.dry_run;
    let maker = RedirectMaker {
        who: (&*desk.actor).into(),
        origin: RedirectOrigin::Import,
        now: desk.now(),
    };
    let db = desk.db.clone();
    let report = run_blocking(move || run(&db, &body.0, public_url.as_str(), &maker, dry_run)).await?;
    let answer = RedirectImport {
        dry_run,
        row_count: number(report.rows),
        created_count: number(report.created),
        unchanged_count: number(report.unchanged),
        replaced_count: number(report.replaced),
        refused_count: number(report.refused.len()),
        refused: report
            .refused
            .iter()
            .flat_map(|(line, errors)| {
                errors.iter().map(|error| RefusedRow {
                    line: i64::try_from(*line).unwrap_or(i64::MAX),
                    column: error.pointer.strip_prefix('/').map(str::to_owned),
                    code: error.code,
                    message: error.message(desk.language),
                })
            })
            .collect(),
    };
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_LANGUAGE, desk.language.tag()))
        .json(answer))
}

fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
