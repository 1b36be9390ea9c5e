//! The change feed as server-sent events: what changes is told as it happens, to so many at a time. Each event carries the
//! cursor behind it, so that whoever loses the connection goes on where it ended, here, in another instance, or page by
//! page.

use std::time::{Duration, Instant};

use actix_web::http::header::{self, HeaderValue};
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse, get};
use futures_util::stream::try_unfold;

use super::changes::{FeedCursor, FeedStart, binding, give_places, start, view, wait_until_known};
use crate::base::db::Db;
use crate::base::error::{Code, Error, Result};
use crate::base::http::client::Network;
use crate::base::http::page::{PageRequest, cursor_param};
use crate::base::http::query::Params;
use crate::base::limits;
use crate::base::secrets::Secrets;
use crate::events::changes::stream_places::{StreamPlace, StreamPlaces};
use crate::events::changes::{ChangeRetention, store};
use crate::query_type;

/// How often it is looked whether something died, or the server is about to stop.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// After what time the feed is read although nothing is known to have died.
const READ_EVERY: Duration = Duration::from_secs(2);
/// After what time something is sent although nothing changed: so that nobody on the way ends the connection, and whoever
/// has left is noticed, for until then they hold their place.
const HEARTBEAT: Duration = Duration::from_secs(1);
/// Milliseconds after which a client comes again.
const RETRY: u32 = 2_000;
/// Changes that one reading takes.
const READ_AT_ONCE: i64 = 100;

crate::file_type! {
    /// Server-sent events (HTML, 9.2).
    ChangeEvents, limits::FEED_BYTES,
    "id: eyJ\nevent: change\ndata: {\"kind\":\"site\",\"id\":\"site\",\"path\":\"/\",\"op\":\"upsert\",\"version\":2,\"at\":\"2026-11-30T08:12:00.000Z\"}\n\n"
}

query_type! {
    /// Where to begin.
    #[derive(Debug)]
    pub struct FollowChanges {
        /// A cursor of `listChanges`, or the id of an event; a header `Last-Event-ID` goes before it.
        cursor: String = optional(cursor_param()),
    }
}

/// One who follows.
struct Following {
    db: Data<Db>,
    secrets: Data<Secrets>,
    cursor: FeedCursor,
    /// The number of the latest deaths when the feed was read last, and when that was.
    read: Option<(u64, Instant)>,
    sent: Instant,
    place: StreamPlace,
}

/// Follow what changes.
///
/// Server-sent events, one `change` for each entry of `listChanges`, from now on or behind `cursor`. The `id` of each is the
/// cursor behind it: a browser sends it as `Last-Event-ID` when it comes again, and nothing is missed. 200 may follow an
/// instance at a time, 8 of them from one network; more are 503. The stream ends when the server is about to stop.
#[utoipa::path(tag = "changes", operation_id = "getChangeStream", params(FollowChanges),
    extensions(("x-no-store" = json!(true))),
    responses((status = 200, description = "Events, without an end.", body = ChangeEvents, content_type = "text/event-stream"),
        (status = 410, description = "")))]
#[get("/v1/stream")]
pub async fn get_change_stream(
    request: HttpRequest,
    db: Data<Db>,
    secrets: Data<Secrets>,
    places: Data<StreamPlaces>,
    retention: Data<ChangeRetention>,
    network: Network,
    params: Params<FollowChanges>,
) -> Result<HttpResponse> {
    let last = request.headers().get("last-event-id").map(HeaderValue::to_str);
    // Whoever sends what is no text would miss, from now on, what they believe to get.
    let last = last.transpose().map_err(|_| Error::new(Code::InvalidCursor))?;
    let last = last.filter(|id| !id.is_empty()).map(str::to_owned);
    let cursor = last.or(params.0.cursor);
    let given = PageRequest::at(cursor).after_for_long::<4>(&secrets, &binding())?;
    let place = places.take(network)?;
    give_places(&db).await?;
    let now = db.clock().now();
    let begins_at = retention.begins_at(now);
    let cursor = db
        .read(move |conn| start(conn, given, FeedStart::End, begins_at, now))
        .await?;
    let hello = format!("retry: {RETRY}\nid: {}\n\n", binding().cursor(&secrets, &cursor.key())?);
    let following = Following {
        db,
        secrets,
        cursor,
        read: None,
        sent: Instant::now(),
        place,
    };
    let events = try_unfold((following, Some(hello)), |(mut following, hello)| async move {
        let text = match hello {
            Some(hello) => Some(hello),
            None => following.next().await?,
        };
        Ok::<_, Error>(text.map(|text| (Bytes::from(text), (following, None))))
    });
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        // nginx would keep events until it has a page full of them.
        .insert_header(("X-Accel-Buffering", "no"))
        .streaming(Box::pin(events)))
}

impl Following {
    /// What is sent next, however long that takes; `None` at the end.
    async fn next(&mut self) -> Result<Option<String>> {
        loop {
            if self.place.is_over() {
                return Ok(None);
            }
            let (deaths, now) = (self.db.deaths().latest(), Instant::now());
            let is_due = self
                .read
                .is_none_or(|(read, at)| read != deaths || now.duration_since(at) >= READ_EVERY);
            if is_due {
                let text = self.events().await?;
                if !text.is_empty() {
                    self.sent = Instant::now();
                    return Ok(Some(text));
                }
                self.read = Some((deaths, now));
            }
            if self.sent.elapsed() >= HEARTBEAT {
                self.sent = Instant::now();
                return Ok(Some(":\n\n".to_owned()));
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// What has changed since, as events.
    async fn events(&mut self) -> Result<String> {
        give_places(&self.db).await?;
        let (now, cursor) = (self.db.clock().now(), self.cursor.clone());
        let (entries, cursors) = self
            .db
            .read_to_tell(move |conn| {
                let rows = store::after(conn, cursor.place, 0, READ_AT_ONCE)?;
                let cursors: Vec<FeedCursor> = rows.iter().map(|row| cursor.behind(Some(row), now)).collect();
                Ok((view(conn, rows, now)?, cursors))
            })
            .await?;
        wait_until_known(&self.db, &entries, now).await;
        let mut text = String::new();
        for (entry, cursor) in entries.into_iter().zip(&cursors) {
            let id = binding().cursor(&self.secrets, &cursor.key())?;
            let data = serde_json::to_string(&entry).map_err(Error::internal)?;
            text.push_str(&format!("id: {id}\nevent: change\ndata: {data}\n\n"));
        }
        if let Some(next) = cursors.last() {
            self.cursor = next.clone();
        }
        Ok(text)
    }
}
