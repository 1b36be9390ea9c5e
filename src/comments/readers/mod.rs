//! What readers do with comments, and what the newsroom answers.
//!
//! - [`reactions`]: a reader likes a comment, once. [`reports`]: a reader finds that one must go; enough reports hide
//!   it until a moderator decides.
//! - [`own_comments`]: its author changes a comment or takes it back, for a while.
//! - [`staff`]: somebody of the newsroom comments.
//! - [`store`]: the statements.

pub mod own_comments;
pub mod reactions;
pub mod reports;
pub mod staff;
pub mod store;

use super::model::Comment;
use super::store::get_locked;
use crate::base::db::Conn;
use crate::base::error::{Code, Error, Result};
use crate::base::http::client::{MaybeReader, READER_TOKEN, Reader};
use crate::base::http::conditional::header_parameter;
use crate::base::http::responses;
use crate::base::ids::CommentId;
use crate::published;

crate::id_type! {
    /// A report's id.
    ReportId
}

/// The reader; an error where the request names none.
fn require_reader(reader: MaybeReader) -> Result<Reader> {
    reader.0.ok_or_else(|| Error::new(Code::ReaderTokenRequired))
}

/// A comment whose text readers see, below a live article, its thread locked until the transaction ends.
fn get_shown_locked(conn: &mut Conn, id: CommentId) -> Result<Comment> {
    let comment = get_locked(conn, id)?;
    if !comment.is_shown() {
        return Err(Error::not_found());
    }
    published::must_be_live(conn, comment.article_id)?;
    Ok(comment)
}

/// 403: one's own comment.
struct OwnCommentRefused;

impl utoipa::IntoResponses for OwnCommentRefused {
    fn responses() -> std::collections::BTreeMap<String, utoipa::openapi::RefOr<utoipa::openapi::Response>> {
        responses::problem_responses(&[403])
    }
}

/// The header of a reader who acts on a comment.
struct ReaderHeader;

impl utoipa::IntoParams for ReaderHeader {
    fn into_params(
        _: impl Fn() -> Option<utoipa::openapi::path::ParameterIn>,
    ) -> Vec<utoipa::openapi::path::Parameter> {
        let description = "The token that `/v1/captcha` gave this reader; without it 400 `reader_token_required`.";
        vec![header_parameter(READER_TOKEN, false, description, 200)]
    }
}
