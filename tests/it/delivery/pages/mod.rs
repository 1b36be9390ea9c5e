//! Pages in one answer.

mod archives;
mod article_page;
mod by_path;
mod section_pages;
mod shown;

use masthead::demo::{DemoOutcome, fill};
use serde_json::Value;

use crate::support::requests::escaped;
use crate::support::{Answer, TestApp};

/// The demo's newsroom.
async fn demo() -> TestApp {
    let app = TestApp::new().await;
    let filled = fill(app.db(), &app.state.passwords).unwrap();
    assert_eq!(filled, DemoOutcome::Populated);
    app
}

async fn article_page(app: &TestApp, path: &str) -> Answer {
    app.guest()
        .get(&format!("/v1/pages/article?path={}", escaped(path)))
        .await
}

async fn page_at(app: &TestApp, path: &str) -> Answer {
    app.guest().get(&format!("/v1/pages?path={}", escaped(path))).await
}

fn texts(list: &Value, member: &str) -> Vec<String> {
    let items = list.as_array().unwrap_or_else(|| panic!("{list} is no list"));
    items
        .iter()
        .map(|item| item[member].as_str().unwrap().to_owned())
        .collect()
}

const SUMMIT: &str = "/news/diplomatie/sommet-des-ports-cotonou-escale-unique";
