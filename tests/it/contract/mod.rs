//! What holds for the whole product: these tests walk both documents, or every row and route that there is.

mod coverage;
mod guard;
mod input;
mod leak;
mod rights;
mod spec;
