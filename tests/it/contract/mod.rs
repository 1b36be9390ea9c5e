//! What holds for the whole product: these tests walk both documents, or every route that there is, and find what is new
//! by themselves.
//!
//! [`spec`]: the documents keep their rules. [`coverage`]: every operation is called on one day. [`guard`] and [`rights`]:
//! who may do what. [`input`]: what is wrong is told exactly. [`keysets`]: what has the same key is walked without a gap.
//! [`leak`]: what is not public never comes out.

mod coverage;
mod guard;
mod input;
mod keysets;
mod leak;
mod plans;
mod rights;
mod spec;
