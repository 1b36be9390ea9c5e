//! List, read and compare revisions, and go back to one.

use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, get, post};
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::auth::{Actor, Permission, may};
use crate::articles::model::{Article, Content};
use crate::articles::revisions::{RevisionInfo, RevisionNumber, store};
use crate::articles::store as articles;
use crate::base::db::{Conn, run_blocking};
use crate::base::error::{Error, Result};
use crate::base::http::body::LateBody;
use crate::base::http::conditional::{IfMatch, versioned};
use crate::base::http::idempotency::{self, CompletedRequest, IdempotencyKey};
use crate::base::http::page::{CursorBinding, PageRequest};
use crate::base::http::path::{PathId, PathPair};
use crate::base::http::query::{NoParams, Params};
use crate::base::http::query_type::{ParamReader, parsed_param};
use crate::base::http::responses::Conflict;
use crate::base::http::value_reader::boolean;
use crate::base::ids::ArticleId;
use crate::base::secrets::Secrets;
use crate::editorial::articles::saving::{Edit, check_allowed, write_edit};
use crate::editorial::articles::stale_references::without_stale_references;
use crate::editorial::articles::view::{ArticleView, check_may_read};
use crate::editorial::diff::{self, BlockChange, FieldChange, ListChange};
use crate::editorial::workflow::Action;
use crate::site::frame::Frame;
use crate::site::framed_desk::{FramedContext, FramedDesk};
use crate::{body_type, list_type, query_type};

list_type! {
    /// A page of revisions.
    RevisionList {
        /// The revisions.
        items: Vec<RevisionInfo>,
    }
}

/// What an article was.
#[derive(Serialize, ToSchema)]
pub struct Revision {
    /// The article's id.
    pub article_id: ArticleId,
    /// Which revision it is.
    pub revision: RevisionInfo,
    /// What stood in the article.
    pub content: Content,
}

/// Whether the actor may read sealed revisions of an article that they may read.
fn may_read_sealed(frame: &Frame, actor: &Actor, article: &Article) -> bool {
    let subject = article.subject(&frame.tree, article.section_id, actor);
    actor.may(Permission::ReadSealedRevisions, &subject)
}

/// List the revisions of an article.
///
/// What it was, the newest first: every save, every publish. Older saves are thinned: all of a day,
/// then the last of each hour, day and week. Those of a killed article are shown to those who may
/// read them.
#[utoipa::path(tag = "articles", operation_id = "listRevisions", params(PageRequest),
    responses((status = 200, description = "A page of revisions.", body = RevisionList)))]
#[get("/v1/editorial/articles/{article_id}/revisions")]
pub async fn list_revisions(
    secrets: Data<Secrets>,
    desk: FramedDesk<may::ReadArticles>,
    id: PathId<ArticleId>,
    page: Params<PageRequest>,
) -> Result<RevisionList> {
    let (page, id) = (page.0, id.0);
    let binding = CursorBinding::new("revisions", &id);
    let below = page.after::<1>(&secrets, &binding)?;
    let below = below.and_then(|[number]| number.parse().ok());
    let fetch = page.fetch();
    let rows = desk
        .read(move |conn, desk| {
            let (article, _) = articles::get(conn, id)?;
            check_may_read(desk.frame, desk.actor, &article)?;
            store::list(
                conn,
                &article,
                may_read_sealed(desk.frame, desk.actor, &article),
                below,
                fetch,
            )
        })
        .await?;
    let (items, page) = page.finish(rows, &secrets, &binding, |info| [info.revision_number.to_string()])?;
    Ok(RevisionList { items, page })
}

/// Read a revision.
///
/// What stood in the article then. What it refers to may be gone by now.
#[utoipa::path(tag = "articles", operation_id = "getRevision",
    responses((status = 200, description = "The revision.", body = Revision)))]
#[get("/v1/editorial/articles/{article_id}/revisions/{revision_number}")]
pub async fn get_revision(
    desk: FramedDesk<may::ReadArticles>,
    ids: PathPair<ArticleId, RevisionNumber>,
    _: Params<NoParams>,
) -> Result<Json<Revision>> {
    let PathPair(article_id, number) = ids;
    let (revision, content) = desk
        .read(move |conn, desk| {
            let (article, _) = articles::get(conn, article_id)?;
            check_may_read(desk.frame, desk.actor, &article)?;
            store::get(
                conn,
                &article,
                may_read_sealed(desk.frame, desk.actor, &article),
                number.0,
            )
        })
        .await?;
    Ok(Json(Revision {
        article_id,
        revision,
        content,
    }))
}

/// What a revision is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Against {
    /// The revision before it.
    Before,
    /// Another revision.
    Number(RevisionNumber),
    /// The working copy.
    Working,
    /// The revision that readers see.
    Live,
}

impl Against {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "working" => Some(Self::Working),
            "live" => Some(Self::Live),
            number => RevisionNumber::parse(number).map(Self::Number),
        }
    }
}

query_type! {
    /// What to compare a revision with.
    #[derive(Debug)]
    pub struct CompareRevisions {
        /// Another revision's number, `working` for the working copy, `live` for what readers see; the
        /// revision before it where it is not given.
        against: Against = defaulted(against()) or Against::Before,
    }
}

fn against() -> impl ParamReader<Value = Against> {
    parsed_param(10, "a revision's number, working or live", Against::parse)
}

/// One side of a comparison.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DiffSide {
    /// The revision's number; null for the working copy.
    pub revision_number: Option<i32>,
    /// The version of the working copy that it holds.
    pub version: Option<i64>,
    /// Whether it is the working copy.
    pub is_working_copy: bool,
}

/// What makes one content of an article into another.
#[derive(Serialize, ToSchema)]
pub struct RevisionDiff {
    /// The article's id.
    pub article_id: ArticleId,
    /// The old content; null where there is none, and all of the new one is added.
    pub from: Option<DiffSide>,
    /// The new content.
    pub to: DiffSide,
    /// Whether nothing differs.
    pub is_same: bool,
    /// Members that differ and are no lists.
    pub fields: Vec<FieldChange>,
    /// Lists that differ.
    pub lists: Vec<ListChange>,
    /// Blocks that differ, in the order in which a reader of both would meet them.
    pub blocks: Vec<BlockChange>,
}

impl DiffSide {
    fn of_revision(info: &RevisionInfo) -> Self {
        Self {
            revision_number: Some(info.revision_number),
            version: info.version,
            is_working_copy: false,
        }
    }
}

/// Compare a revision.
///
/// The changes that turn `against` into this revision. So with the one before it:
/// what was changed by it; with the working copy: what going back to it would change; with what is
/// live: what publishing it would change.
#[utoipa::path(tag = "articles", operation_id = "diffRevisions", params(CompareRevisions),
    responses((status = 200, description = "What differs.", body = RevisionDiff)))]
#[get("/v1/editorial/articles/{article_id}/revisions/{revision_number}/diff")]
pub async fn diff_revisions(
    desk: FramedDesk<may::ReadArticles>,
    ids: PathPair<ArticleId, RevisionNumber>,
    params: Params<CompareRevisions>,
) -> Result<Json<RevisionDiff>> {
    let (PathPair(article_id, number), against) = (ids, params.0.against);
    let (from, to) = desk
        .read(move |conn, desk| {
            let (article, working) = articles::get(conn, article_id)?;
            check_may_read(desk.frame, desk.actor, &article)?;
            let with_sealed = may_read_sealed(desk.frame, desk.actor, &article);
            let (info, content) = store::get(conn, &article, with_sealed, number.0)?;
            let from = other_side(conn, &article, working, with_sealed, (number, against))?;
            Ok((from, (DiffSide::of_revision(&info), content)))
        })
        .await?;
    // It takes a while for long texts, and needs no connection.
    let diff = run_blocking(move || Ok(compare(article_id, from, to))).await?;
    Ok(Json(diff))
}

fn other_side(
    conn: &mut Conn,
    article: &Article,
    working: Content,
    with_sealed: bool,
    (number, against): (RevisionNumber, Against),
) -> Result<Option<(DiffSide, Content)>> {
    let other = match against {
        Against::Working => {
            let side = DiffSide {
                revision_number: None,
                version: Some(article.version),
                is_working_copy: true,
            };
            return Ok(Some((side, working)));
        }
        Against::Number(number) => number.0,
        Against::Live => article.live_revision_number.ok_or_else(Error::not_found)?,
        Against::Before => match store::before(conn, article.id, number.0)? {
            Some(before) => before,
            None => return Ok(None),
        },
    };
    let (info, content) = store::get(conn, article, with_sealed, other)?;
    Ok(Some((DiffSide::of_revision(&info), content)))
}

fn compare(article_id: ArticleId, from: Option<(DiffSide, Content)>, to: (DiffSide, Content)) -> RevisionDiff {
    let (from, old) = from.map_or((None, Content::empty()), |(side, content)| (Some(side), content));
    let found = diff::diff(&old, &to.1);
    RevisionDiff {
        article_id,
        from,
        to: to.0,
        is_same: found.is_empty(),
        fields: found.fields,
        lists: found.lists,
        blocks: found.blocks,
    }
}

body_type! {
    /// How to go back.
    #[derive(Clone, Copy, Debug)]
    pub struct RevertRequest [may_be_empty] {
        /// Whether to leave out what cannot be taken up again: sections, tags and contributors that are
        /// gone, a slug that is another's by now. Without it they are named, and nothing is done (422).
        pub drop_unusable: bool = defaulted(boolean()),
    }
}

/// Revert to a revision.
///
/// Makes the working copy what the revision was, as a new version and a new revision: nothing is
/// lost, and what readers see changes with the next publish. What the desk keeps beside the content
/// (embargo, assignee, notes) stays. It needs what an edit would need.
#[utoipa::path(tag = "articles", operation_id = "revertArticle", params(IfMatch, IdempotencyKey),
    request_body = RevertRequest,
    responses((status = 200, description = "The working copy.", body = ArticleView), Conflict))]
#[post("/v1/editorial/articles/{article_id}/revisions/{revision_number}/revert")]
pub async fn revert_article(
    desk: FramedDesk<may::WriteArticles>,
    ids: PathPair<ArticleId, RevisionNumber>,
    if_match: IfMatch,
    key: IdempotencyKey,
    body: LateBody<RevertRequest>,
) -> Result<HttpResponse> {
    let PathPair(id, number) = ids;
    let key = key.within(desk.actor.user_id.as_str(), &body.digest);
    let write = move |conn: &mut Conn, desk: &FramedContext<'_>| {
        let (article, _) = articles::get(conn, id)?;
        check_may_read(desk.frame, desk.actor, &article)?;
        idempotency::once(conn, key.as_ref(), desk.now, |conn| {
            revert(conn, desk, (id, number, if_match), &body)?;
            Ok(CompletedRequest {
                status: 200,
                resource_id: id.to_string(),
            })
        })?;
        articles::get(conn, id)
    };
    let view = desk
        .write_and_show(write, |conn, desk, (article, content)| {
            ArticleView::new(conn, desk.frame, desk.actor, article, content, desk.now)
        })
        .await?;
    Ok(versioned(view.version, &view))
}

fn revert(
    conn: &mut Conn,
    desk: &FramedContext<'_>,
    (id, number, if_match): (ArticleId, RevisionNumber, IfMatch),
    body: &LateBody<RevertRequest>,
) -> Result<()> {
    let (article, old) = articles::get_locked(conn, id)?;
    check_allowed(
        conn,
        desk.frame,
        desk.actor,
        Action::Edit,
        (&article, &old),
        &if_match.into(),
    )?;
    let (_, wanted) = store::get(
        conn,
        &article,
        may_read_sealed(desk.frame, desk.actor, &article),
        number.0,
    )?;
    let content = if body.value()?.drop_unusable {
        without_stale_references(conn, desk.frame, &article, wanted)?
    } else {
        wanted
    };
    let edit = Edit {
        changed: content.differences(&old),
        article: article.clone(),
        was: article,
        content,
        old,
        reverted_to: Some(number.0),
    };
    write_edit(conn, desk.frame, desk.actor, edit, desk.now).map(drop)
}
