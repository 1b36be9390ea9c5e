//! A reader likes a comment, once, and may take that back.

use actix_web::web::{Data, Json};
use actix_web::{delete, put};
use serde::Serialize;
use utoipa::ToSchema;

use super::{ReaderHeader, store};
use crate::base::clock::Time;
use crate::base::db::{Conn, Db};
use crate::base::error::{Code, Error, Result};
use crate::base::http::client::{MaybeReader, Network, Reader};
use crate::base::http::path::PathId;
use crate::base::http::responses::Withdrawn;
use crate::base::ids::CommentId;
use crate::base::secrets::{KeyPurpose, Secrets};
use crate::comments::readers::{get_shown_locked, require_reader};
use crate::comments::store as comments;

/// Whether a reader likes a comment, and how many do.
#[derive(Serialize, ToSchema)]
pub struct CommentReaction {
    /// The comment's id.
    #[schema(value_type = String, format = "uuid")]
    pub comment_id: CommentId,
    /// Whether this reader likes it.
    pub has_reacted: bool,
    /// Readers who like it.
    #[schema(minimum = 0)]
    pub reaction_count: i64,
}

/// Like a comment.
///
/// Once: a repetition changes nothing. The comment must be shown, and be another's (403 `own_comment`). Of the likes of
/// one network, five count per comment and day.
#[utoipa::path(tag = "comments", operation_id = "saveReaction", params(ReaderHeader),
    responses((status = 200, description = "It is liked.", body = CommentReaction), super::OwnCommentRefused, Withdrawn))]
#[put("/v1/comments/{comment_id}/reaction")]
pub async fn save_reaction(
    db: Data<Db>,
    secrets: Data<Secrets>,
    id: PathId<CommentId>,
    reader: MaybeReader,
    network: Network,
) -> Result<Json<CommentReaction>> {
    let (reader, at) = (require_reader(reader)?, db.clock().now());
    // The day is part of it, so that nobody can be followed from one to the next.
    let day = at.millis().div_euclid(24 * 3600 * 1000);
    let known_as = format!("like\n{}\n{day}\n{network}", id.0);
    let network_hash = secrets.keyed_hash(KeyPurpose::PersonHashes, 0, &known_as)?;
    react(&db, id.0, reader, Some(NewReaction { at, network_hash })).await
}

/// Remove a like.
///
/// A repetition changes nothing, nor does it where the reader did not like it.
#[utoipa::path(tag = "comments", operation_id = "deleteReaction", params(ReaderHeader),
    responses((status = 200, description = "It is not liked.", body = CommentReaction), Withdrawn))]
#[delete("/v1/comments/{comment_id}/reaction")]
pub async fn delete_reaction(
    db: Data<Db>,
    id: PathId<CommentId>,
    reader: MaybeReader,
) -> Result<Json<CommentReaction>> {
    let reader = require_reader(reader)?;
    react(&db, id.0, reader, None).await
}

/// A like to be kept.
struct NewReaction {
    at: Time,
    network_hash: String,
}

/// The reader likes the comment from now on, or no longer.
async fn react(db: &Db, id: CommentId, reader: Reader, new: Option<NewReaction>) -> Result<Json<CommentReaction>> {
    let reaction = db
        .write(move |conn| {
            change(conn, id, &reader, new.as_ref())?;
            Ok(CommentReaction {
                comment_id: id,
                has_reacted: new.is_some(),
                reaction_count: comments::get(conn, id)?.reaction_count,
            })
        })
        .await?;
    Ok(Json(reaction))
}

fn change(conn: &mut Conn, id: CommentId, reader: &Reader, new: Option<&NewReaction>) -> Result<()> {
    let comment = get_shown_locked(conn, id)?;
    let is_own = comment.reader_digest.as_deref() == Some(reader.digest.as_str());
    match new {
        Some(_) if is_own => Err(Error::new(Code::OwnComment)),
        Some(new) => store::add_reaction(conn, id, &reader.digest, &new.network_hash, new.at),
        None => store::remove_reaction(conn, id, &reader.digest),
    }
}
