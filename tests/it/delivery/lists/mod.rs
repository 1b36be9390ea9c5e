//! Lists of articles by any filter: what they find, what they cost, what they promise while others
//! publish.

mod archive;
mod bounds;
mod grammar;
mod walking;
