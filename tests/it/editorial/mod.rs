//! What editors do.

mod articles;
mod autosaves;
mod leases;
mod lists;
mod most_read;
mod notes;
pub mod schedule;
mod tag_merge;
mod workflow;

use actix_web::http::Method;
use serde_json::{Value, json};

use crate::support::newsroom::desk;
use crate::support::{Answer, Client};

fn autosave(id: &str) -> String {
    format!("{}/autosave", desk(id))
}

fn lease_of(id: &str) -> String {
    format!("{}/lease", desk(id))
}

fn notes(id: &str) -> String {
    format!("{}/notes", desk(id))
}

fn me(client: &Client) -> String {
    client.user_id.unwrap().to_string()
}

impl Client {
    async fn type_in(&self, id: &str, base_version: i64, mut typed: Value) -> Answer {
        typed["base_version"] = json!(base_version);
        self.put(&autosave(id), typed).await
    }

    async fn remove(&self, path: &str) -> Answer {
        self.request(Method::DELETE, path).send().await
    }

    async fn note(&self, id: &str, body: Value) -> String {
        self.post(&notes(id), body).await.expect(201).id()
    }
}
