//! Readers and their comments.
//!
//! ```ignore
//! let comment = app.guest().comment(&article, "Bravo", None).await;
//! admin.decide(&comment, "approve").await.expect(200);
//! let token = app.reader_token().await; // goes into x-reader-token
//! ```

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::answer::Answer;
use super::app::TestApp;
use super::client::Client;

impl TestApp {
    /// The token of a reader who is new here.
    pub async fn reader_token(&self) -> String {
        let form = self.guest().get("/v1/captcha").await.expect(200);
        form.member("reader_token").to_owned()
    }
}

impl Client {
    /// Writes a comment; its id.
    pub async fn comment(&self, article: &str, body: &str, parent: Option<&str>) -> String {
        let comment = json!({"author_name": "Koffi", "body": body, "parent_id": parent});
        self.post(&format!("/v1/articles/{article}/comments"), comment)
            .await
            .expect(202)
            .id()
    }

    /// Decides on a comment.
    pub async fn decide(&self, comment: &str, decision: &str) -> Answer {
        self.decide_with(comment, decision, json!({})).await
    }

    /// Decides on a comment, and says more about it: why, or in which state it was seen.
    pub async fn decide_with(&self, comment: &str, decision: &str, body: Value) -> Answer {
        let path = format!("/v1/editorial/comments/{comment}/actions/{decision}");
        self.post(&path, body).await
    }
}

/// The solution of a proof of work: looks for the number, as the reader's browser does.
pub fn solve(proof: &Value) -> String {
    let text = |member: &str| proof[member].as_str().unwrap().to_owned();
    let max = proof["maxnumber"].as_u64().unwrap();
    let is_found = |number: &u64| {
        let salted = format!("{}{number}", text("salt"));
        let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, salted.as_bytes());
        let hex: String = hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        hex == text("challenge")
    };
    let number = (0..=max).find(is_found).unwrap();
    let solution = json!({"algorithm": proof["algorithm"], "challenge": proof["challenge"], "number": number,
        "salt": proof["salt"], "signature": proof["signature"], "took": 12});
    STANDARD.encode(solution.to_string())
}
