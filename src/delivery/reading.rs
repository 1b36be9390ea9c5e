//! What every answer that shows articles to readers takes.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};

use crate::base::clock::Time;
use crate::base::db::{Conn, Db};
use crate::base::error::{Error, Result};
use crate::base::http::public_url::PublicUrl;
use crate::published::Setting;
use crate::site::frame::Frames;

/// The database, the frame of answers, the site's address, and the moment of the request.
pub struct Reading {
    db: Data<Db>,
    frames: Data<Frames>,
    public_url: Data<PublicUrl>,
    now: Time,
}

impl Reading {
    /// Reads in one snapshot, set in the frame of that moment.
    ///
    /// # Errors
    /// What `work` meets; the database's.
    pub async fn read<T, F>(self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Conn, &Setting<'_>) -> Result<T> + Send + 'static,
    {
        let Self {
            db,
            frames,
            public_url,
            now,
        } = self;
        db.read(move |conn| {
            let frame = frames.current(conn)?;
            let setting = Setting {
                frame: &frame,
                public_url: &public_url.0,
                now,
            };
            work(conn, &setting)
        })
        .await
    }
}

impl FromRequest for Reading {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let reading = || {
            let db = request.app_data::<Data<Db>>()?.clone();
            Some(Self {
                frames: request.app_data::<Data<Frames>>()?.clone(),
                public_url: request.app_data::<Data<PublicUrl>>()?.clone(),
                now: db.clock().now(),
                db,
            })
        };
        ready(reading().ok_or_else(|| Error::internal("delivery is not set up")))
    }
}
