//! What tests of articles and comments do all the time, and what must hold of every database.

use std::collections::BTreeSet;
use std::future::Future;

use actix_web::http::Method;
use diesel::prelude::*;
use masthead::access::auth::{Role, SessionId};
use masthead::base::db::schema::{published_articles, published_sections, sessions};
use masthead::base::ids::SectionId;
use masthead::site::sections::SectionTree;
use serde_json::{Value, json};

use super::{Answer, Client, TestApp, document, grant};

/// The desk's address of an article.
pub fn desk(id: &str) -> String {
    format!("/v1/editorial/articles/{id}")
}

/// The desk's address of an action.
pub fn action(id: &str, action: &str) -> String {
    format!("/v1/editorial/articles/{id}/actions/{action}")
}

/// A section's id as its type.
pub fn section_id(id: &str) -> SectionId {
    SectionId::parse(id).unwrap()
}

/// Runs all of them at once and waits for every one.
pub async fn together<T: 'static>(futures: Vec<impl Future<Output = T> + 'static>) -> Vec<T> {
    let tasks: Vec<_> = futures.into_iter().map(actix_web::rt::spawn).collect();
    let mut results = Vec::new();
    for task in tasks {
        results.push(task.await.unwrap());
    }
    results
}

/// A query string.
pub fn query(pairs: &[(&str, &str)]) -> String {
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{name}={}", escaped(value)))
        .collect();
    pairs.join("&")
}

/// A value as it stands in a query string.
pub fn escaped(value: &str) -> String {
    value
        .bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

impl TestApp {
    /// A new user with one role in one section.
    pub fn user_in(&self, role: Role, section: &str) -> Client {
        self.user_with(vec![grant(role, Some(section_id(section)), None)])
    }

    /// The paths at which a public list names things, in order.
    pub async fn listed(&self, query: &str) -> Vec<String> {
        self.guest()
            .get(&format!("/v1/articles?{query}"))
            .await
            .expect(200)
            .items("id")
    }
}

impl Client {
    /// The same user with a new access token: for tests that move the clock.
    pub fn renewed(&self) -> Self {
        let user = self.user_id.unwrap();
        let session: SessionId = self
            .app
            .db()
            .read_blocking(|conn| {
                Ok(sessions::table
                    .filter(sessions::user_id.eq(user))
                    .select(sessions::id)
                    .first(conn)?)
            })
            .unwrap();
        Self {
            token: Some(self.app.state.keys.issue(user, session, self.app.now()).unwrap()),
            ..self.clone()
        }
    }

    /// Makes an article of these members; its id.
    pub async fn make(&self, body: Value) -> String {
        self.post("/v1/editorial/articles", body).await.expect(201).id()
    }

    /// Changes the article as it stands.
    pub async fn edit(&self, id: &str, body: Value) -> Answer {
        let version = self.version_of(&desk(id)).await;
        self.patch(&desk(id), version, body).await
    }

    /// Acts on the article as it stands.
    pub async fn take(&self, id: &str, name: &str, body: Value) -> Answer {
        let version = self.version_of(&desk(id)).await;
        self.act(&action(id, name), version, body).await
    }

    /// A request with an `Idempotency-Key`.
    pub async fn once(&self, path: &str, version: Option<i64>, key: &str, body: Value) -> Answer {
        let asking = self.request(Method::POST, path).header("idempotency-key", key);
        let asking = match version {
            Some(version) => asking.if_match(version),
            None => asking,
        };
        asking.json(body).send().await
    }

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
        self.post(
            &format!("/v1/editorial/comments/{comment}/actions/{decision}"),
            json!({}),
        )
        .await
    }

    /// Moves a section.
    pub async fn move_section(&self, id: &str, parent: Option<&str>) -> Answer {
        let path = format!("/v1/editorial/sections/{id}");
        let version = self.version_of(&path).await;
        self.act(&format!("{path}/actions/move"), version, json!({"parent_id": parent}))
            .await
    }

    /// Every id of a list, page by page.
    pub async fn walk(&self, path: &str, limit: usize) -> Vec<String> {
        let mut ids = Vec::new();
        let mut cursor = String::new();
        loop {
            let joint = if path.contains('?') { '&' } else { '?' };
            let page = self
                .get(&format!("{path}{joint}limit={limit}{cursor}"))
                .await
                .expect(200);
            ids.extend(page.items("id"));
            let next = page.json["page"]["next_cursor"].as_str();
            assert_eq!(page.json["page"]["has_more"], next.is_some());
            let Some(next) = next else { return ids };
            cursor = format!("&cursor={next}");
        }
    }
}

/// Checks that a value has exactly the members of a schema of the delivery document, at every depth.
#[track_caller]
pub fn assert_has_members_of(schema: &str, value: &Value) {
    let document = document("delivery");
    compare(&document, &document["components"]["schemas"][schema], value, schema);
}

#[track_caller]
fn compare(document: &Value, schema: &Value, value: &Value, at: &str) {
    if let Some(reference) = schema["$ref"].as_str() {
        let pointer = reference.trim_start_matches('#');
        return compare(document, document.pointer(pointer).unwrap(), value, at);
    }
    if let Some(choices) = schema["oneOf"].as_array() {
        let null = json!("null");
        if value.is_null() {
            assert!(choices.iter().any(|choice| choice["type"] == null), "{at} is null");
            return;
        }
        let chosen = match value["type"].as_str() {
            Some(kind) if schema["discriminator"].is_object() => {
                let reference = schema["discriminator"]["mapping"][kind].as_str().unwrap();
                document.pointer(reference.trim_start_matches('#')).unwrap()
            }
            _ => choices.iter().find(|choice| choice["type"] != null).unwrap(),
        };
        return compare(document, chosen, value, at);
    }
    match value {
        Value::Object(members) if schema["properties"].is_object() => {
            let documented: BTreeSet<&String> = schema["properties"].as_object().unwrap().keys().collect();
            let there: BTreeSet<&String> = members.keys().collect();
            assert_eq!(there, documented, "members of {at}");
            for (name, value) in members {
                compare(document, &schema["properties"][name], value, &format!("{at}.{name}"));
            }
        }
        Value::Array(items) => {
            for item in items {
                compare(document, &schema["items"], item, &format!("{at}[]"));
            }
        }
        Value::Null => {
            let types = schema["type"].as_array();
            assert!(
                types.is_some_and(|types| types.contains(&json!("null"))),
                "{at} is null: {schema}"
            );
        }
        _ => {}
    }
}

type Link = (SectionId, String, bool, i64);

/// Checks that every live article is linked to exactly its sections and what stands above them.
#[track_caller]
pub fn assert_links_are_sound(app: &TestApp) {
    let (tree, live, links) = app
        .db()
        .read_blocking(|conn| {
            let tree = SectionTree::load(conn)?;
            let live: Vec<(String, SectionId, i64)> = published_articles::table
                .select((
                    published_articles::id,
                    published_articles::section_id,
                    published_articles::position,
                ))
                .load(conn)?;
            let links: Vec<Link> = published_sections::table
                .select((
                    published_sections::section_id,
                    published_sections::article_id,
                    published_sections::is_direct,
                    published_sections::position,
                ))
                .load(conn)?;
            Ok((tree, live, links))
        })
        .unwrap();
    for (id, section, position) in &live {
        let own: Vec<&Link> = links.iter().filter(|(_, article, ..)| article == id).collect();
        let direct: Vec<SectionId> = own.iter().filter(|link| link.2).map(|link| link.0).collect();
        assert!(direct.contains(section), "{id} is not linked to its section");
        let expected: BTreeSet<SectionId> = direct
            .iter()
            .flat_map(|id| tree.lineage(*id))
            .map(|section| section.id)
            .collect();
        let found: BTreeSet<SectionId> = own.iter().map(|link| link.0).collect();
        assert_eq!(found, expected, "links of {id}");
        assert!(own.iter().all(|link| link.3 == *position), "positions of {id}");
    }
    let known: BTreeSet<&String> = live.iter().map(|(id, ..)| id).collect();
    assert!(
        links.iter().all(|(_, article, ..)| known.contains(article)),
        "a link without an article"
    );
}
