//! Who asks, with the frame that their text is read with: both loaded in one step outside the web worker.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};

use crate::access::auth::{Actor, PermissionMarker, permitted_with};
use crate::base::error::{Error, Result};
use crate::site::frame::{Frame, FrameCache};

/// As [`Require`](crate::access::auth::Require), for a body whose HTML is sanitised by the site's settings before it
/// is written.
pub struct FramedActor<P> {
    /// The actor, whom at least one grant permits `P` somewhere.
    pub actor: Actor,
    /// The frame of the moment of asking. What is written is checked by the frame of its own transaction.
    pub frame: Arc<Frame>,
    permission: PhantomData<P>,
}

impl<P: PermissionMarker> FromRequest for FramedActor<P> {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let frames = request.app_data::<web::Data<FrameCache>>().cloned();
        let permitted = permitted_with::<P, _>(request, move |conn| {
            let frames = frames.ok_or_else(|| Error::internal("no frames are set up"))?;
            frames.current(conn)
        });
        Box::pin(async move {
            let (actor, frame) = permitted.await?;
            Ok(Self {
                actor,
                frame,
                permission: PhantomData,
            })
        })
    }
}
