//! Redirects: what editors make of paths, and what readers are told at them.

mod automatic;
mod chains;
mod editing;
mod files;
mod managing;
mod races;
mod sequences;

use serde_json::{Value, json};

use crate::support::requests::query;
use crate::support::{Answer, Client, TestApp};

const LIST: &str = "/v1/editorial/redirects";

fn at(id: &str) -> String {
    format!("{LIST}/{id}")
}

/// Makes a redirect; its id.
async fn lead(client: &Client, path: &str, location: &str) -> String {
    let body = json!({"path": path, "location": location});
    client.post(LIST, body).await.expect(201).id()
}

/// Where a path leads and with which status; nothing where it is 404.
async fn led(app: &TestApp, path: &str) -> String {
    let answer = app.resolve(path).await;
    if answer.status == 404 {
        return String::new();
    }
    let json = answer.expect(200).json;
    let location = json["location"].as_str().unwrap_or(json["kind"].as_str().unwrap());
    format!("{location} {}", json["http_status"])
}

/// The redirect at a path, as the list shows it.
async fn listed(client: &Client, path: &str) -> Value {
    let list = client
        .get(&format!("{LIST}?{}", query(&[("path_prefix", path), ("limit", "1")])))
        .await
        .expect(200)
        .json;
    let first = list["items"][0].clone();
    assert_eq!(first["path"], path, "{list}");
    first
}

async fn remove(client: &Client, path: &str) -> Answer {
    let redirect = listed(client, path).await;
    let version = redirect["version"].as_i64().unwrap();
    client.delete(&at(redirect["id"].as_str().unwrap()), version).await
}

async fn change(client: &Client, path: &str, body: Value) -> Answer {
    let redirect = listed(client, path).await;
    let version = redirect["version"].as_i64().unwrap();
    client.patch(&at(redirect["id"].as_str().unwrap()), version, body).await
}
