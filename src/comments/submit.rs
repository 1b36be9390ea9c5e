//! A guest writes a comment. It is read, its captcha is looked at, it passes the phases, and is shown or waits.

use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use serde::Serialize;
use utoipa::ToSchema;

use super::guest::{Guest, GuestHeaders};
use super::identity::HashKeys;
use super::model::{Comment, CommentState};
use super::pipeline::examine::{Examiner, examine};
use super::pipeline::holds;
use super::{announcing, markup, store};
use crate::base::clock::Time;
use crate::base::db::{Conn, Db};
use crate::base::email::email;
use crate::base::error::{Code, Error, FieldCode, Language, Result};
use crate::base::http::body::{Body, FromBody};
use crate::base::http::client::{Network, Reader};
use crate::base::http::fields::Fields;
use crate::base::http::idempotency::{self, CompletedRequest, IdempotencyKey, RequestKey};
use crate::base::http::path::PathId;
use crate::base::http::responses::{self, Conflict, Withdrawn};
use crate::base::http::value_reader::{ValueReader, boolean, exact_line, exact_text, id, line, string, value_reader};
use crate::base::ids::{ArticleId, CommentId};
use crate::base::limits;
use crate::base::secrets::{opaque_token, sha256};
use crate::comments::captcha::CaptchaCheck;
use crate::comments::pipeline::examine::{CommentPlace, PreparedText, SubmissionContext, TextChecks};
use crate::published;

/// A comment to be made.
#[derive(ToSchema)]
pub struct NewComment {
    /// The author's name.
    pub author_name: String,
    /// The comment: limited Markdown (emphasis, code, quotes, lists, links); HTML stands in it as text.
    #[schema(max_length = 5000)]
    pub body: String,
    /// The author's e-mail address: kept as a hash only, and never shown.
    #[schema(max_length = 254, format = "email")]
    pub email: Option<String>,
    /// The comment that it replies to.
    pub parent_id: Option<CommentId>,
    /// The solution of the captcha that `/v1/captcha` asks for.
    #[schema(max_length = 8192)]
    pub captcha: Option<String>,
    /// The token of `/v1/captcha` that says when the form was asked for.
    #[schema(max_length = 100)]
    pub form_token: Option<String>,
    /// A trap for robots: hide it in the form, and leave it empty.
    #[schema(max_length = 2048)]
    pub website: Option<String>,
    /// Sends it though its author was asked to think again (422 with `is_confirmable`).
    pub is_confirmed: Option<bool>,
}

impl FromBody for NewComment {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let name = line(limits::NAME).then(|_, name| Some(markup::author_name(&name)));
        let author_name = read_or_missing(fields, "author_name", FieldCode::NameMissing, name);
        let body = read_or_missing(fields, "body", FieldCode::CommentMissing, exact_text(limits::COMMENT));
        let email = fields.optional("email", email());
        let parent_id = fields.optional("parent_id", id());
        let captcha = fields.optional("captcha", exact_line(limits::CAPTCHA));
        let form_token = fields.optional("form_token", exact_line(limits::FORM_TOKEN));
        let website = fields.optional("website", exact_line(limits::URL));
        let is_confirmed = fields.optional("is_confirmed", boolean());
        Some(Self {
            author_name: author_name?,
            body: body?,
            email,
            parent_id,
            captcha,
            form_token,
            website,
            is_confirmed,
        })
    }
}

/// Reads text whose absence has a message of its own: absent, null, or nothing that can be seen.
fn read_or_missing(
    fields: &mut Fields<'_>,
    name: &str,
    missing: FieldCode,
    text: impl ValueReader<Value = String>,
) -> Option<String> {
    let seen = value_reader(
        || text.schema(),
        |at, value| {
            let sent = string(at, value)?;
            if markup::is_blank(&sent) {
                return Some(None);
            }
            let read = text.read(at, sent.into())?;
            Some((!read.is_empty()).then_some(read))
        },
    );
    match fields.optional(name, seen) {
        Some(Some(text)) => Some(text),
        Some(None) => fields.at().child(name).fail(missing),
        None if fields.at().has_error_at(name) => None,
        None => fields.at().child(name).fail(missing),
    }
}

/// What became of a comment that was sent.
#[derive(Serialize, ToSchema)]
pub struct SubmittedComment {
    /// The comment's id.
    pub id: CommentId,
    /// The article's id.
    pub article_id: ArticleId,
    /// What it replies to.
    pub parent_id: Option<CommentId>,
    /// Where it is in its life.
    pub state: CommentState,
    /// What to tell its author.
    pub message: String,
    /// The author's name as it will be shown.
    pub author_name: String,
    /// The comment as it will be shown.
    pub body: String,
    /// For changing it, as `X-Edit-Token`: shown this once; null in a repetition of the answer.
    pub edit_token: Option<String>,
    /// When it was taken.
    pub created_at: Time,
    /// Until when its author may change it, or take it back.
    pub editable_until: Time,
}

/// Submit a comment.
///
/// Every comment passes the same phases, in order: length, open, sanitise, sanctions, rate, honeypot, captcha,
/// duplicate, names, words, links, spam, history, mode. 201: it is shown. 202: it waits for a moderator. 403: the article
/// takes none, or none of this author's. 422 with `is_confirmable`: its author is asked to think again, and may send
/// it with `is_confirmed`. What is missing is told as `comment_missing` and `name_missing`.
#[utoipa::path(tag = "comments", operation_id = "createComment", params(GuestHeaders, IdempotencyKey), request_body = NewComment,
    responses((status = 201, description = "The comment is shown.", body = SubmittedComment),
              (status = 202, description = "The comment waits for a moderator.", body = SubmittedComment),
              CommentRefused, Conflict, Withdrawn))]
#[post("/v1/articles/{article_id}/comments")]
pub async fn create_comment(
    db: Data<Db>,
    examiner: Data<Examiner>,
    article: PathId<ArticleId>,
    guest: Guest,
    key: IdempotencyKey,
    language: Language,
    body: Body<NewComment>,
) -> Result<HttpResponse> {
    let (article, examiner, now) = (article.0, examiner.as_ref().clone(), db.clock().now());
    if key.is_present() && guest.reader.is_none() {
        return Err(Error::new(Code::ReaderTokenRequired));
    }
    let scope = guest.reader.as_ref().map_or("", |reader| reader.digest.as_str());
    let key = key.within(scope, &body.digest);
    let new = body.value;
    let text = (new.body.clone(), new.author_name.clone());
    let metrics = examiner.metrics.clone();
    let counted = |error: &Error| metrics.count_rejected_comment(error);
    let look = preliminary_check(&db, &examiner, article, key.clone(), text, now).await;
    let look = look.inspect_err(counted)?;
    let checks = match look {
        PreliminaryCheck::Done(done, comment) => return Ok(answer(&done, *comment, None, language)),
        PreliminaryCheck::Open(checks) => checks,
    };
    let solution = new.captcha.as_deref();
    let how = SubmissionContext {
        captcha: guest.captcha.check(solution, article, guest.address, now).await,
        honeypot: new.website.unwrap_or_default(),
        form_opened_at: new.form_token.as_deref().and_then(|token| examiner.opened_at(token)),
        is_confirmed: new.is_confirmed.unwrap_or(false),
        changes: None,
    };
    let prepared = PreparedText::new(new.author_name, new.body, checks);
    let edit_token = opaque_token()?;
    let sent = SentComment {
        id: CommentId::new(),
        article,
        parent_id: new.parent_id,
        email: new.email,
        edit_token_digest: sha256(edit_token.as_bytes()),
        prepared,
        how,
        reader: guest.reader,
        network: guest.network,
    };
    let id = sent.id;
    let (done, comment) = db
        .write(move |conn| {
            let mut inserted = None;
            let done = idempotency::once(conn, key.as_ref(), now, |conn| {
                let comment = inserted.insert(examine_and_insert(conn, &examiner, &sent, now)?);
                Ok(CompletedRequest {
                    status: if comment.is_shown() { 201 } else { 202 },
                    resource_id: comment.id.to_string(),
                })
            })?;
            let comment = inserted.map_or_else(|| completed_comment(conn, &done), Ok)?;
            Ok((done, comment))
        })
        .await
        .inspect_err(counted)?;
    let edit_token = (comment.id == id).then_some(edit_token);
    Ok(answer(&done, comment, edit_token, language))
}

/// What is known before the captcha's provider may be asked.
enum PreliminaryCheck {
    /// The `Idempotency-Key` was used already: this was the result.
    Done(CompletedRequest, Box<Comment>),
    /// The article takes comments, and this is looked for in their texts.
    Open(TextChecks),
}

/// Refuses at once what can be refused without looking at the captcha.
async fn preliminary_check(
    db: &Db,
    examiner: &Examiner,
    article: ArticleId,
    key: Option<RequestKey>,
    (body, author_name): (String, String),
    now: Time,
) -> Result<PreliminaryCheck> {
    let examiner = examiner.clone();
    db.read(move |conn| {
        if let Some(done) = key.as_ref().map_or(Ok(None), |key| idempotency::find(conn, key, now))? {
            let comment = completed_comment(conn, &done)?;
            return Ok(PreliminaryCheck::Done(done, Box::new(comment)));
        }
        let frame = examiner.frames.current(conn)?;
        let discussion = published::discussion(conn, &frame, article)?;
        if !discussion.policy.is_open(discussion.published_at, now) {
            return Err(Error::new(Code::CommentsClosed).refused_by("open"));
        }
        let checks = examiner.text_checks(conn, &author_name, &body, discussion.locale)?;
        Ok(PreliminaryCheck::Open(checks))
    })
    .await
}

/// The comment that a request made before, as it is now.
fn completed_comment(conn: &mut Conn, done: &CompletedRequest) -> Result<Comment> {
    let id = CommentId::parse(&done.resource_id).ok_or_else(|| Error::internal("a stored key names no comment"))?;
    store::get(conn, id)
}

/// A comment on its way into the database.
struct SentComment {
    id: CommentId,
    article: ArticleId,
    parent_id: Option<CommentId>,
    email: Option<String>,
    edit_token_digest: String,
    prepared: PreparedText,
    how: SubmissionContext,
    reader: Option<Reader>,
    network: Network,
}

/// Examines a comment and writes it: all or nothing.
fn examine_and_insert(conn: &mut Conn, examiner: &Examiner, sent: &SentComment, now: Time) -> Result<Comment> {
    let frame = examiner.frames.within_write(conn)?;
    let discussion = published::discussion(conn, &frame, sent.article)?;
    let keys = HashKeys::load(conn)?;
    let author = examiner.author(&keys, sent.reader.as_ref(), sent.email.as_deref(), sent.network)?;
    let mut how = sent.how.clone();
    if let CaptchaCheck::Passed(solved) = &how.captcha
        && !solved.spend(conn, now)?
    {
        how.captcha = CaptchaCheck::Failed;
    }
    let place = CommentPlace {
        article: sent.article,
        parent: sent.parent_id,
        discussion: &discussion,
        tree: &frame.tree,
        zone: frame.site.zone(),
    };
    // The thread is locked before what the phases lock, in the order in which a change of a comment locks both.
    let answered = |id| store::get_parent_locked(conn, sent.article, id, discussion.policy.max_depth);
    let parent = sent.parent_id.map(answered).transpose()?;
    let outcome = examine(conn, place, &sent.prepared, &how, &author, now)?;
    let mut comment = Comment::new(sent.article, String::new(), String::new(), now);
    (comment.id, comment.root_id) = (sent.id, sent.id);
    if let Some(parent) = &parent {
        comment = comment.below(parent);
    }
    let comment = sent.prepared.clone().into_comment(Comment {
        state: outcome.state,
        verdicts: serde_json::to_string(&outcome.verdicts).map_err(Error::internal)?,
        reader_digest: author.reader.clone(),
        edit_token_digest: Some(sent.edit_token_digest.clone()),
        email_hash: author.emails.first().cloned(),
        network_hash: author.networks.first().cloned(),
        hash_key: Some(keys.newest()),
        ..comment
    });
    holds::count(conn, comment.id, &outcome, now)?;
    // Before the article's count, for which everybody who comments on it waits until the end.
    announcing::announce_submission(conn, &comment, now)?;
    store::insert(conn, comment)
}

fn answer(done: &CompletedRequest, comment: Comment, edit_token: Option<String>, language: Language) -> HttpResponse {
    let message = match (comment.state, language) {
        (CommentState::Approved, Language::French) => "Votre commentaire est publié.",
        (CommentState::Approved, Language::English) => "Your comment is published.",
        (_, Language::French) => "Votre commentaire est en attente de modération.",
        (_, Language::English) => "Your comment is awaiting moderation.",
    };
    let status = actix_web::http::StatusCode::from_u16(done.status).unwrap_or(actix_web::http::StatusCode::ACCEPTED);
    HttpResponse::build(status)
        .insert_header((header::CONTENT_LANGUAGE, language.tag()))
        .json(SubmittedComment {
            editable_until: comment.editable_until(),
            id: comment.id,
            article_id: comment.article_id,
            parent_id: comment.parent_id,
            state: comment.state_for_author(),
            message: message.to_owned(),
            author_name: comment.author_name,
            body: comment.body,
            edit_token,
            created_at: comment.created_at,
        })
}

/// 403: the article takes no comments, or none of this author's. 429: too many of theirs.
pub struct CommentRefused;

impl utoipa::IntoResponses for CommentRefused {
    fn responses() -> std::collections::BTreeMap<String, utoipa::openapi::RefOr<utoipa::openapi::Response>> {
        responses::problem_responses(&[403, 429])
    }
}
