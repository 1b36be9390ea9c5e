//! Where any path leads, as data.

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;

use super::at_path::{self, PathMatch, PathQuery, ResolvedKind, ThingAtPath};
use crate::base::db::Db;
use crate::base::error::Result;
use crate::base::http::conditional::{CacheableAnswer, PublicReply};
use crate::base::http::query::Params;
use crate::site::frame::FrameCache;

/// Where a path leads.
#[derive(Serialize, ToSchema)]
pub struct Resolved {
    /// What stands there.
    pub kind: ResolvedKind,
    /// The path that was asked for.
    pub path: String,
    /// In which language.
    pub locale: String,
    /// The thing's id: an article's, a section's, a tag's, a contributor's.
    pub id: Option<String>,
    /// With `redirect`: where to go, in one step. A path of the site, decoded, with a query and a
    /// fragment where an editor gave it some; or, where it begins with `http`, the URL of another site.
    #[schema(max_length = 2048)]
    pub location: Option<String>,
    /// The status that a page at this path should have: 200, 301, 302, 307, 308 or 410.
    pub http_status: i32,
}

/// Resolve a path.
///
/// Says as data what stands at a path that is or was public: a thing with its id, a redirect with
/// its location, or that it is gone. Percent-encoding, a closing slash and Unicode's forms make no
/// difference; capitals lead to the path without them. No redirect leads to another one, and none to a page that readers do not
/// get: one to an article that is unpublished is 404 as long as that is, one to what is gone is gone.
/// `/?p=N` of an imported site is understood. A path that was never public is 404.
#[utoipa::path(tag = "pages", operation_id = "resolvePath", params(PathQuery),
    responses((status = 404, description = ""), (status = 200, description = "What stands there.", body = Resolved)))]
#[get("/v1/resolve")]
pub async fn resolve_path(
    db: Data<Db>,
    frames: Data<FrameCache>,
    reply: PublicReply,
    params: Params<PathQuery>,
) -> Result<HttpResponse> {
    let answer = db
        .read(move |conn| {
            let frame = frames.current(conn)?;
            let found = at_path::find(conn, &frame, &params.0)?;
            let keys = found.thing.surrogate_keys();
            CacheableAnswer::json(&Resolved::of(found), keys)
        })
        .await?;
    Ok(reply.respond(answer))
}

impl Resolved {
    fn of(found: PathMatch) -> Self {
        let (kind, id, location, http_status) = match found.thing {
            ThingAtPath::Home => (ResolvedKind::Home, None, None, 200),
            ThingAtPath::Article(live) => (ResolvedKind::Article, Some(live.id.to_string()), None, 200),
            ThingAtPath::Section(id) => (ResolvedKind::Section, Some(id.to_string()), None, 200),
            ThingAtPath::Tag(id) => (ResolvedKind::Tag, Some(id.to_string()), None, 200),
            ThingAtPath::Contributor(id) => (ResolvedKind::Contributor, Some(id.to_string()), None, 200),
            ThingAtPath::Redirect(step, _) => (ResolvedKind::Redirect, None, Some(step.location), step.http_status),
            ThingAtPath::Gone(_) => (ResolvedKind::Gone, None, None, 410),
        };
        Self {
            kind,
            path: found.path,
            locale: found.locale,
            id,
            location,
            http_status,
        }
    }
}
