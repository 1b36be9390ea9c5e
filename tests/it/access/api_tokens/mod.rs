//! API tokens: made, shown once, listed, rotated, revoked; what they open, and what of their use is kept.

mod keeping;
mod using;

use serde_json::{Value, json};

use crate::support::{Answer, Client};

const TOKENS: &str = "/v1/editorial/tokens";
const CURRENT: &str = "/v1/editorial/tokens/current";

fn one(word: &str) -> Value {
    json!([{"permission": word}])
}

fn path(id: &str) -> String {
    format!("{TOKENS}/{id}")
}

async fn create(client: &Client, body: Value) -> Answer {
    client.post(TOKENS, body).await
}

async fn rotate(client: &Client, id: &str, body: Value) -> Answer {
    client.post(&format!("{}/actions/rotate", path(id)), body).await
}

async fn is_good(machine: &Client) -> bool {
    let answer = machine.get(CURRENT).await;
    if answer.status != 200 {
        answer.problem(401, "unauthenticated");
        return false;
    }
    true
}
