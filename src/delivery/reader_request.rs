//! What every answer that shows articles to readers takes.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};

use crate::base::clock::Time;
use crate::base::db::{Conn, Db};
use crate::base::error::{Error, Result};
use crate::base::http::public_url::PublicUrl;
use crate::published::{AnswerContext, FragmentCache};
use crate::site::frame::FrameCache;

/// The database, the frame of answers, the site's address, and the moment of the request.
pub struct ReaderRequest {
    db: Data<Db>,
    frames: Data<FrameCache>,
    public_url: Data<PublicUrl>,
    fragments: Data<FragmentCache>,
    now: Time,
    /// The number of the latest deaths before anything is read.
    made_after: Option<u64>,
}

impl ReaderRequest {
    /// As [`ReaderRequest::read`]; `is_brief` where it takes far less than a millisecond.
    ///
    /// # Errors
    /// The errors of `work` and of the database.
    pub async fn read_as<T, F>(self, is_brief: bool, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Conn, &AnswerContext<'_>) -> Result<T> + Send + 'static,
    {
        if !is_brief {
            return self.read(work).await;
        }
        let db = self.db.clone();
        db.read_briefly(move |conn| self.with_frame(conn, work)).await
    }

    /// Reads in one snapshot, with the frame of that moment.
    ///
    /// # Errors
    /// The errors of `work` and of the database.
    pub async fn read<T, F>(self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Conn, &AnswerContext<'_>) -> Result<T> + Send + 'static,
    {
        let db = self.db.clone();
        db.read(move |conn| self.with_frame(conn, work)).await
    }

    fn with_frame<T>(
        self,
        conn: &mut Conn,
        work: impl FnOnce(&mut Conn, &AnswerContext<'_>) -> Result<T>,
    ) -> Result<T> {
        let frame = self.frames.current(conn)?;
        let setting = AnswerContext {
            frame: &frame,
            public_url: &self.public_url,
            now: self.now,
            deaths: self.db.deaths(),
            made_after: self.made_after,
            fragments: &self.fragments,
        };
        work(conn, &setting)
    }
}

impl FromRequest for ReaderRequest {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let reading = || {
            let db = request.app_data::<Data<Db>>()?.clone();
            Some(Self {
                frames: request.app_data::<Data<FrameCache>>()?.clone(),
                public_url: request.app_data::<Data<PublicUrl>>()?.clone(),
                fragments: request.app_data::<Data<FragmentCache>>()?.clone(),
                now: db.clock().now(),
                made_after: db.deaths().trusted_latest(),
                db,
            })
        };
        ready(reading().ok_or_else(|| Error::internal("delivery is not set up")))
    }
}
