//! Accounts: logging in and staying logged in, one's own, everybody's, and the secrets that they need.

mod second_factor;
mod secrets;
mod sessions;
mod users;

use masthead::access::auth::Role;
use serde_json::{Value, json};

use crate::support::{Answer, Client, PASSWORD, TestApp};

/// A user who can log in, and their e-mail address.
async fn account(app: &TestApp, role: Role) -> (String, Client) {
    let client = app.user(role);
    let me = client.get("/v1/editorial/me").await.expect(200);
    (me.json["email"].as_str().unwrap().to_owned(), client)
}

async fn login(app: &TestApp, email: &str, password: &str) -> Answer {
    app.guest()
        .post(
            "/v1/editorial/auth/login",
            json!({"email": email, "password": password}),
        )
        .await
}

async fn refresh(app: &TestApp, token: &str) -> Answer {
    app.guest()
        .post("/v1/editorial/auth/refresh", json!({"refresh_token": token}))
        .await
}

/// The client of a pair of tokens.
fn holder(app: &TestApp, pair: &Answer) -> Client {
    app.guest().with_token(pair.member("access_token"))
}

async fn is_alive(client: &Client) -> bool {
    client.get("/v1/editorial/me").await.status == 200
}

fn new_user(email: &str) -> Value {
    json!({"email": email, "name": "Koffi Ada", "password": PASSWORD, "grants": [{"role": "journalist"}]})
}
