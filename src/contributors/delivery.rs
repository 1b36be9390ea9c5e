//! What readers get of contributors.

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::store::ContributorFilter;
use super::{Contributor, ContributorId, store};
use crate::articles::Image;
use crate::auth::secrets::Secrets;
use crate::db::{Conn, Db};
use crate::error::Result;
use crate::http::conditional::{Conditional, Fresh};
use crate::http::page::{Binding, CountRequest, PageInfo, PageRequest};
use crate::http::path::PathId;
use crate::http::query::{FromQuery, NoParams, Params, Query};
use crate::site::{Frames, Site};

/// A contributor as readers see it.
#[derive(Serialize, ToSchema)]
pub struct PublicContributor {
    /// The contributor's id.
    pub id: ContributorId,
    /// The last segment of its path.
    pub slug: String,
    /// Its path.
    pub path: String,
    /// Their name.
    pub name: String,
    /// What they are at the paper.
    pub role: Option<String>,
    /// Who they are.
    pub bio: Option<String>,
    /// Their picture.
    pub image: Option<Image>,
}

impl PublicContributor {
    fn new(site: &Site, contributor: &Contributor) -> Self {
        Self {
            id: contributor.id,
            slug: contributor.slug.clone(),
            path: contributor.path(site, site.first_locale()),
            name: contributor.name.clone(),
            role: contributor.role.clone(),
            bio: contributor.bio.clone(),
            image: contributor.image(),
        }
    }
}

/// A page of contributors, in the order of their names.
#[derive(Serialize, ToSchema)]
pub struct PublicContributorPage {
    /// The contributors.
    pub items: Vec<PublicContributor>,
    /// Where the list goes on.
    pub page: PageInfo,
}

/// Which contributors.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListContributors {
    /// Only those whose name begins with this, accents and case aside.
    #[param(max_length = 100)]
    pub q: Option<String>,
    /// The page.
    #[param(ignore)]
    pub page: PageRequest,
    /// Whether to count.
    #[param(ignore)]
    pub count: CountRequest,
}

impl FromQuery for ListContributors {
    const NAMES: &'static [&'static str] = &["q", "count", "limit", "cursor"];

    fn read(query: &Query) -> Result<Self> {
        Ok(Self {
            q: query.name_prefix()?,
            page: PageRequest::of(query)?,
            count: CountRequest::of(query)?,
        })
    }
}

impl ListContributors {
    /// A page of a list of this name, of the active ones only or of all.
    ///
    /// # Errors
    /// 400 `invalid_cursor`; the database's.
    pub fn page_of(
        self,
        conn: &mut Conn,
        secrets: &Secrets,
        list: &str,
        active: Option<bool>,
    ) -> Result<(Vec<Contributor>, PageInfo)> {
        let filter = ContributorFilter { active, prefix: self.q };
        let binding = Binding::new(list, &filter);
        let after = self.page.after::<2>(secrets, &binding)?;
        let contributors = store::list(conn, &filter, after, self.page.fetch())?;
        let key = |contributor: &Contributor| [contributor.sort_key.clone(), contributor.id.to_string()];
        let (contributors, page) = self.page.finish(contributors, secrets, &binding, key)?;
        let total = self.count.total(|| store::total(conn, &filter))?;
        Ok((contributors, page.counting(total)))
    }
}

/// List contributors.
///
/// Every active contributor in the order of their name, accents and case aside.
#[utoipa::path(tag = "contributors", operation_id = "listContributors", params(ListContributors, CountRequest, PageRequest),
    responses((status = 200, description = "A page of contributors.", body = PublicContributorPage)))]
#[get("/v1/contributors")]
async fn list_contributors(
    db: Data<Db>,
    frames: Data<Frames>,
    secrets: Data<Secrets>,
    reader: Conditional,
    params: Params<ListContributors>,
) -> Result<HttpResponse> {
    let fresh = db
        .read(move |conn| {
            let frame = frames.current(conn)?;
            let (contributors, page) = params.0.page_of(conn, &secrets, "public contributors", Some(true))?;
            let items = contributors
                .iter()
                .map(|contributor| PublicContributor::new(&frame.site, contributor))
                .collect();
            let list = PublicContributorPage { items, page };
            Ok(Fresh::json(&list, vec!["contributors".to_owned()])?.page(&list.page))
        })
        .await?;
    Ok(reader.respond(fresh))
}

/// Read a contributor.
///
/// One contributor, active or not, with their path.
#[utoipa::path(tag = "contributors", operation_id = "getContributor",
    responses((status = 200, description = "The contributor.", body = PublicContributor)))]
#[get("/v1/contributors/{contributor_id}")]
async fn get_contributor(
    db: Data<Db>,
    frames: Data<Frames>,
    reader: Conditional,
    id: PathId<ContributorId>,
    _: Params<NoParams>,
) -> Result<HttpResponse> {
    let fresh = db
        .read(move |conn| {
            let frame = frames.current(conn)?;
            let contributor = store::get(conn, id.0)?;
            Fresh::json(
                &PublicContributor::new(&frame.site, &contributor),
                vec![format!("contributor-{}", contributor.id)],
            )
        })
        .await?;
    Ok(reader.respond(fresh))
}

pub(super) fn routes(cfg: &mut utoipa_actix_web::service_config::ServiceConfig) {
    cfg.service(list_contributors).service(get_contributor);
}
