//! What an article was.

mod comparing;
mod going_back;
mod history;
mod thinning;

use serde_json::Value;

use crate::support::newsroom::desk;
use crate::support::{Answer, Client};

fn revisions(id: &str) -> String {
    format!("{}/revisions", desk(id))
}

fn revision(id: &str, number: i32) -> String {
    format!("{}/{number}", revisions(id))
}

async fn diff(client: &Client, id: &str, number: i32, against: &str) -> Value {
    let query = if against.is_empty() {
        String::new()
    } else {
        format!("?against={against}")
    };
    client
        .get(&format!("{}/diff{query}", revision(id, number)))
        .await
        .expect(200)
        .json
}

impl Client {
    async fn revert(&self, id: &str, number: i32, body: Value) -> Answer {
        let version = self.version_of(&desk(id)).await;
        self.act(&format!("{}/revert", revision(id, number)), version, body)
            .await
    }
}

fn members(items: &[Value], names: &[&str]) -> Vec<Value> {
    let pick = |item: &Value| -> Value { names.iter().map(|name| item[*name].clone()).collect() };
    items.iter().map(pick).collect()
}

async fn listed(client: &Client, id: &str, names: &[&str]) -> Vec<Value> {
    let page = client.get(&revisions(id)).await.expect(200).json;
    members(page["items"].as_array().unwrap(), names)
}
