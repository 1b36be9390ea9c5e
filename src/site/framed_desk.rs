//! The desk with the frame: settings, sections, menus and ad slots as they are in the transaction of
//! each piece of work. [`DraftDesk`] has the frame of the moment of asking too.

use std::future::Future;
use std::ops::Deref;
use std::pin::Pin;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};

use super::frame::{Frame, FrameCache};
use crate::access::auth::{Desk, DeskContext, PermissionMarker, desk_with};
use crate::base::db::Conn;
use crate::base::error::{Error, Result};

/// As [`Desk`], for work that needs the frame.
pub struct FramedDesk<P> {
    desk: Desk<P>,
    /// The frames, for work that must read theirs anew.
    pub frames: Data<FrameCache>,
}

/// What a piece of work knows besides its transaction: who, when, and the frame.
#[derive(Clone, Copy)]
pub struct FramedContext<'d> {
    call: DeskContext<'d>,
    /// As the transaction sees it.
    pub frame: &'d Frame,
}

impl<P> Deref for FramedDesk<P> {
    type Target = Desk<P>;

    fn deref(&self) -> &Desk<P> {
        &self.desk
    }
}

impl<'d> Deref for FramedContext<'d> {
    type Target = DeskContext<'d>;

    fn deref(&self) -> &DeskContext<'d> {
        &self.call
    }
}

impl FramedContext<'_> {
    /// The same with another frame.
    pub fn with_frame<'f>(&'f self, frame: &'f Frame) -> FramedContext<'f> {
        FramedContext { call: self.call, frame }
    }
}

impl<P> FramedDesk<P> {
    /// As [`Desk::read`].
    ///
    /// # Errors
    /// As [`Desk::read`].
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Conn, &FramedContext<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let frames = self.frames.clone();
        self.desk
            .read(move |conn, call| {
                let frame = &*frames.current(conn)?;
                work(conn, &FramedContext { call: *call, frame })
            })
            .await
    }

    /// As [`Desk::write`].
    ///
    /// # Errors
    /// As [`Desk::write`].
    pub async fn write<T: Send + 'static>(
        &self,
        work: impl Fn(&mut Conn, &FramedContext<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (written, frame) = self.desk.write(within_write(self.frames.clone(), work)).await?;
        if !self.frames.holds(&frame) {
            let frames = self.frames.clone();
            // The write is done: where this fails, the next one loads the frame again.
            drop(self.db.read(move |conn| frames.keep_committed(conn, &frame)).await);
        }
        Ok(written)
    }

    /// As [`FramedDesk::write`], but nothing stays written.
    ///
    /// # Errors
    /// As [`Desk::rehearse`].
    pub async fn rehearse<T: Send + 'static>(
        &self,
        work: impl Fn(&mut Conn, &FramedContext<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (written, _) = self.desk.rehearse(within_write(self.frames.clone(), work)).await?;
        Ok(written)
    }

    /// As [`FramedDesk::write`]; after COMMIT `show` makes the answer with the frame of the write, as
    /// [`Desk::write_and_show`] does, so that no other writer waits for it.
    ///
    /// # Errors
    /// As [`Desk::write_and_show`].
    pub async fn write_and_show<T: Send + 'static, V: Send + 'static>(
        &self,
        work: impl Fn(&mut Conn, &FramedContext<'_>) -> Result<T> + Send + 'static,
        show: impl FnOnce(&mut Conn, &FramedContext<'_>, T) -> Result<V> + Send + 'static,
    ) -> Result<V> {
        let frames = self.frames.clone();
        self.desk
            .write_and_show(
                within_write(self.frames.clone(), work),
                move |conn, call, (written, frame)| {
                    frames.keep_committed(conn, &frame)?;
                    let (call, frame) = (*call, &*frame);
                    show(conn, &FramedContext { call, frame }, written)
                },
            )
            .await
    }
}

/// `work` with the frame of its transaction, which it hands on.
fn within_write<T>(
    frames: Data<FrameCache>,
    work: impl Fn(&mut Conn, &FramedContext<'_>) -> Result<T>,
) -> impl Fn(&mut Conn, &DeskContext<'_>) -> Result<(T, Arc<Frame>)> {
    move |conn, call| {
        let frame = frames.within_write(conn)?;
        let context = FramedContext {
            call: *call,
            frame: &frame,
        };
        Ok((work(conn, &context)?, frame))
    }
}

impl<P: PermissionMarker> FromRequest for FramedDesk<P> {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let frames = frames_of(request);
        let desk = Desk::from_request(request, payload);
        Box::pin(async move {
            Ok(Self {
                desk: desk.await?,
                frames: frames?,
            })
        })
    }
}

/// As [`FramedDesk`], for a body whose HTML is sanitised by the site's settings before it is written: actor and frame
/// are loaded in one step outside the web worker.
pub struct DraftDesk<P> {
    desk: FramedDesk<P>,
    /// The frame of the moment of asking. What is written is checked by the frame of its own transaction.
    pub frame: Arc<Frame>,
}

impl<P> Deref for DraftDesk<P> {
    type Target = FramedDesk<P>;

    fn deref(&self) -> &FramedDesk<P> {
        &self.desk
    }
}

impl<P: PermissionMarker> FromRequest for DraftDesk<P> {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let frames = frames_of(request);
        let permitted = desk_with::<P, _>(request, move |conn| {
            let frames = frames?;
            let frame = frames.current(conn)?;
            Ok((frames, frame))
        });
        Box::pin(async move {
            let (desk, (frames, frame)) = permitted.await?;
            Ok(Self {
                desk: FramedDesk { desk, frames },
                frame,
            })
        })
    }
}

fn frames_of(request: &HttpRequest) -> Result<Data<FrameCache>> {
    let frames = request.app_data::<Data<FrameCache>>().cloned();
    frames.ok_or_else(|| Error::internal("no frames are set up"))
}
