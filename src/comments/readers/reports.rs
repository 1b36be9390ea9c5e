//! A reader finds that a comment must go. Every report brings it before a moderator; where readers of enough
//! networks report one that no moderator has approved, it is hidden until one decides.

use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use serde::Serialize;
use utoipa::ToSchema;

use super::{ReaderHeader, ReportId, store};
use crate::base::clock::Time;
use crate::base::db::{Conn, Db};
use crate::base::error::{Code, Error, Language, Result};
use crate::base::http::body::Body;
use crate::base::http::client::{MaybeReader, Network};
use crate::base::http::path::PathId;
use crate::base::http::rate_limit::RateLimit;
use crate::base::http::responses::{self, Withdrawn};
use crate::base::http::value_reader::{text, word};
use crate::base::ids::CommentId;
use crate::base::limits;
use crate::body_type;
use crate::comments::identity::HashKeys;
use crate::comments::model::{Comment, Decision};
use crate::comments::moderation::store::decide_by_rule;
use crate::comments::pipeline::examine::Examiner;
use crate::comments::readers::store::ReaderReport;
use crate::comments::readers::{get_shown_locked, require_reader};

crate::word_type! {
    /// Why a reader reports a comment.
    ReportReason {
        /// Insults somebody.
        Abuse = "abuse",
        /// Incites to hatred.
        Hate = "hate",
        /// Sells something.
        Spam = "spam",
        /// Not about the article.
        OffTopic = "off_topic",
        /// Says about somebody what must not be said.
        Privacy = "privacy",
        /// Against the law.
        Illegal = "illegal",
        /// Something else: see the note.
        Other = "other",
    }
}

body_type! {
    /// A report to be sent.
    #[derive(Clone, Debug)]
    pub struct NewCommentReport {
        /// Why, as a code.
        pub reason: ReportReason = required(word()),
        /// Why, in words; for moderators.
        pub note: String = optional(text(limits::NOTE)),
    }
}

/// A report that was taken.
#[derive(Serialize, ToSchema)]
pub struct CommentReport {
    /// The report's id.
    pub id: ReportId,
    /// What was reported.
    #[schema(value_type = String, format = "uuid")]
    pub comment_id: CommentId,
    /// Why the comment is reported.
    pub reason: ReportReason,
    /// What to tell the reader.
    pub message: String,
    /// When it was taken.
    pub created_at: Time,
}

/// Seconds within which a reader's reports are counted.
const HOUR: i64 = 3_600;

/// Report a comment.
///
/// Brings a shown comment before a moderator. A reader reports a comment once: a repetition answers the
/// first report (200). At most 20 an hour (429). Reports from enough networks hide a comment that no moderator has
/// approved, until one decides; readers who share a network count once towards that.
#[utoipa::path(tag = "comments", operation_id = "createCommentReport", params(ReaderHeader), request_body = NewCommentReport,
    responses((status = 201, description = "The report.", body = CommentReport),
              (status = 200, description = "The report that this reader sent before.", body = CommentReport),
              TooManyReports, Withdrawn))]
#[post("/v1/comments/{comment_id}/reports")]
pub async fn create_comment_report(
    db: Data<Db>,
    examiner: Data<Examiner>,
    id: PathId<CommentId>,
    (reader, network): (MaybeReader, Network),
    language: Language,
    body: Body<NewCommentReport>,
) -> Result<HttpResponse> {
    let (reader, now, new) = (require_reader(reader)?, db.clock().now(), body.value);
    let report = ReaderReport {
        id: ReportId::new(),
        comment_id: id.0,
        reader_digest: reader.digest,
        reason: new.reason,
        note: new.note,
        at: now,
        settled_at: None,
        network_hash: None,
        hash_key: None,
    };
    let new_id = report.id;
    let report = db
        .write(move |conn| {
            let comment = get_shown_locked(conn, report.comment_id)?;
            if let Some(first) = store::find_report(conn, comment.id, &report.reader_digest)? {
                return Ok(first);
            }
            check_rate(conn, &report)?;
            record_report(conn, &examiner, &comment, &report, network)?;
            Ok(report.clone())
        })
        .await?;
    let is_new = report.id == new_id;
    let mut response = if is_new {
        HttpResponse::Created()
    } else {
        HttpResponse::Ok()
    };
    Ok(response
        .insert_header((header::CONTENT_LANGUAGE, language.tag()))
        .json(view(report, language)))
}

/// Notes a report and the network that it came from, and hides the comment where that is enough.
fn record_report(
    conn: &mut Conn,
    examiner: &Examiner,
    comment: &Comment,
    report: &ReaderReport,
    network: Network,
) -> Result<()> {
    let keys = HashKeys::load(conn)?;
    let networks = examiner.author(&keys, None, None, network)?.networks;
    let report = ReaderReport {
        network_hash: networks.first().cloned(),
        hash_key: Some(keys.newest()),
        ..report.clone()
    };
    let comment = Comment {
        report_count: store::insert_report(conn, &report)?,
        ..comment.clone()
    };
    let threshold = examiner.frames.within_write(conn)?.site.comment_report_threshold;
    if comment.report_count >= threshold && may_hide(&comment, threshold) {
        let count = store::reporting_networks(conn, comment.id, &networks, threshold)?;
        if count >= threshold {
            decide_by_rule(conn, &comment, Decision::Restore, "reports", report.at)?;
        }
    }
    Ok(())
}

fn view(report: ReaderReport, language: Language) -> CommentReport {
    let message = match language {
        Language::French => "Merci de votre signalement. Un modérateur va l’examiner.",
        Language::English => "Thank you for your report. A moderator will look at it.",
    };
    CommentReport {
        id: report.id,
        comment_id: report.comment_id,
        reason: report.reason,
        message: message.to_owned(),
        created_at: report.at,
    }
}

fn check_rate(conn: &mut Conn, report: &ReaderReport) -> Result<()> {
    let (now, max) = (report.at, limits::REPORTS_PER_HOUR);
    let sent = store::reports_since(conn, &report.reader_digest, now.plus_seconds(-HOUR))?;
    let count = i64::try_from(sent.len()).unwrap_or(i64::MAX);
    let Some(oldest) = sent.first().filter(|_| count >= max) else {
        return Ok(());
    };
    let wait = oldest.plus_seconds(HOUR).millis() - now.millis();
    let seconds = (wait + 999).div_euclid(1_000).max(1).unsigned_abs();
    let limit = RateLimit {
        name: "reports",
        quota: u32::try_from(max).unwrap_or(u32::MAX),
        window_seconds: HOUR.unsigned_abs(),
        left: 0,
        seconds,
    };
    Err(limit.refuse(Error::new(Code::TooManyRequests).with("seconds", seconds)))
}

/// Whether reports can hide a comment. What a moderator has approved, and what the newsroom wrote, stays:
/// reader tokens cost nothing, and whoever makes many must not undo a decision.
fn may_hide(comment: &Comment, threshold: i64) -> bool {
    let is_vetted = comment.decided_by.is_some() || comment.user_id.is_some();
    threshold > 0 && !is_vetted
}

/// 429: this reader has reported much.
struct TooManyReports;

impl utoipa::IntoResponses for TooManyReports {
    fn responses() -> std::collections::BTreeMap<String, utoipa::openapi::RefOr<utoipa::openapi::Response>> {
        responses::problem_responses(&[429])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::ids::{ArticleId, UserId};

    #[test]
    fn reports_hide_only_what_nobody_of_the_newsroom_has_vouched_for() {
        let user = Some(UserId::new());
        for (decided_by, user_id, threshold, expected) in [
            (None, None, 5, true),
            (None, None, 0, false),
            (user, None, 5, false),
            (None, user, 5, false),
        ] {
            let now = Time::parse("2026-01-01T00:00:00Z").unwrap();
            let comment = Comment {
                decided_by,
                user_id,
                ..Comment::new(ArticleId::new(), "K".to_owned(), "B".to_owned(), now)
            };
            assert_eq!(
                may_hide(&comment, threshold),
                expected,
                "{decided_by:?} {user_id:?} {threshold}"
            );
        }
    }
}
