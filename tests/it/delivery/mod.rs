//! What readers get.

mod answers;
mod bodies;
pub mod cache;
mod feeds;
mod gated;
mod lists;
mod most_read;
mod pages;
mod paths;
mod publishing;
mod sitemaps;

use crate::support::{Answer, TestApp};

async fn whole(app: &TestApp, id: &str) -> Answer {
    app.guest().get(&format!("/v1/articles/{id}")).await
}
