//! What is not public never comes out: every GET route of the delivery document is asked with every
//! id, path and parameter there is, and no answer holds one of the marks that the secrets carry.

mod secrets;

use std::collections::BTreeMap;

use actix_web::http::Method;
use secrets::paper;
use serde_json::{Value, json};

use crate::support::contract::document;
use crate::support::requests::query;
use crate::support::{Answer, Client, TestApp};

/// What stands in everything that readers must not see.
const MARK: &str = "Zqxjkwvh";

struct Paper {
    app: TestApp,
    admin: Client,
    article_ids: Vec<String>,
    section_ids: Vec<String>,
    tag_ids: Vec<String>,
    contributor_ids: Vec<String>,
    paths: Vec<String>,
    comment_ids: Vec<String>,
    package_ids: Vec<String>,
    live: String,
}

impl Paper {
    /// Values to try for a parameter. A new one in the document must be given some here.
    fn values(&self, route: &str, name: &str) -> Vec<String> {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        match name {
            "article_id" => self.article_ids.clone(),
            "comment_id" => self.comment_ids.clone(),
            "section_id" => self.section_ids.clone(),
            "tag_id" => self.tag_ids.clone(),
            "contributor_id" => self.contributor_ids.clone(),
            "code" => words(&["not_found", "nonsense"]),
            "path" => self.paths.clone(),
            "section" => self
                .section_ids
                .iter()
                .cloned()
                .chain(words(&["/news", "/news/mali", "/rien"]))
                .collect(),
            "exact_section" => words(&["true", "false"]),
            "purpose" => words(&["reading", "writing"]),
            // A feed says where it is, and so how it was asked for.
            "tag" if route.starts_with("/feeds") => words(&["paix"]),
            "contributor" if route.starts_with("/feeds") => words(&["koffi"]),
            "tag" => self.tag_ids.iter().cloned().chain(words(&["paix", "zqxj"])).collect(),
            "contributor" => self
                .contributor_ids
                .iter()
                .cloned()
                .chain(words(&["koffi", "zqxj"]))
                .collect(),
            "type" => words(&["article", "opinion"]),
            "kind" => words(&["topic", "person"]),
            "locale" => words(&["fr", "*"]),
            "published_after" => words(&["2000-01-01T00:00:00Z", "2026-11-23T08:00:00Z"]),
            "published_before" => words(&["2100-01-01T00:00:00Z", "2026-11-23T08:00:00Z"]),
            "q" => words(&["zqxj", "public", "zqxj draft", "\"zqxj note\"", "paix", "zqx"]),
            "sort" if route.contains("search") => words(&["published_at", "relevance"]),
            "sort" if route.contains("comments") => words(&["created_at", "-created_at", "top"]),
            "is_featured" => words(&["true", "false"]),
            "body_format" => words(&["html,text,markdown"]),
            "include" => words(&["related", "translations", "packages", "comments", "jsonld"]),
            "menu_key" => words(&["principal", "rien"]),
            "package_id" => self.package_ids.clone(),
            "sort" => words(&["published_at", "-published_at", "-updated_at"]),
            "window" => words(&["1h", "24h", "7d"]),
            "limit" if route.contains("most-read") => words(&["1", "20"]),
            "limit" => words(&["1", "100"]),
            "content" => words(&["summary", "full"]),
            "sitemap" => words(&[
                "sections.xml",
                "articles-2026-11.xml",
                "articles-2026-11-2.xml",
                "nonsense",
            ]),
            "view" => words(&["teaser"]),
            "cards" => words(&["full"]),
            "frame" => words(&["none"]),
            "parent" => words(&["/", "/news", "/zqxj"]),
            "exact_parent" => words(&["true", "false"]),
            "fields" => words(&["title,path", "id,blocks,comments,source,seo"]),
            "count" => words(&["none", "capped"]),
            "slug" => words(&["paix", "koffi", "zqxj"]),
            "month" => words(&["2026-11"]),
            "months" => words(&["1", "24"]),
            "cursor" => words(&["nonsense"]),
            // What a token shows is what somebody was given to see: tested with the previews.
            "token" => words(&["AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"]),
            other => panic!("{route} has a parameter that this test does not know: {other}"),
        }
    }

    /// Every address to ask: no parameter, each alone, each pair.
    fn addresses(&self, route: &str, operation: &Value) -> Vec<String> {
        let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
        let names = |place: &str| -> Vec<String> {
            parameters
                .iter()
                .filter(|p| p["in"] == place)
                .map(|p| p["name"].as_str().unwrap().to_owned())
                .collect()
        };
        let mut bases = vec![route.to_owned()];
        for name in names("path") {
            let values = self.values(route, &name);
            bases = bases
                .iter()
                .flat_map(|base| {
                    values
                        .iter()
                        .map(|value| base.replace(&format!("{{{name}}}"), value))
                        .collect::<Vec<_>>()
                })
                .collect();
        }
        let choices: Vec<(String, String)> = names("query")
            .iter()
            .flat_map(|name| {
                self.values(route, name)
                    .into_iter()
                    .map(|value| (name.clone(), value))
                    .collect::<Vec<_>>()
            })
            .collect();
        let mut queries = vec![String::new()];
        for (index, (name, value)) in choices.iter().enumerate() {
            queries.push(format!("?{}", query(&[(name, value)])));
            for (other, another) in choices.iter().skip(index + 1).filter(|(other, _)| other != name) {
                queries.push(format!("?{}", query(&[(name, value), (other, another)])));
            }
        }
        bases
            .iter()
            .flat_map(|base| queries.iter().map(|query| format!("{base}{query}")).collect::<Vec<_>>())
            .collect()
    }

    #[track_caller]
    fn check(&self, address: &str, answer: &Answer) {
        let headers: String = answer
            .headers
            .iter()
            .map(|(name, value)| format!("{name}: {}\n", String::from_utf8_lossy(value.as_bytes())))
            .collect();
        let user = self.admin.user_id.unwrap().to_string();
        for (place, text) in [("body", &answer.text), ("headers", &headers)] {
            let folded = text.to_lowercase();
            assert!(
                !folded.contains(&MARK.to_lowercase()),
                "{address}: a secret in the {place}: {text}"
            );
            assert!(
                !folded.contains("@lefanal.test"),
                "{address}: an e-mail address in the {place}: {text}"
            );
            assert!(!text.contains(&user), "{address}: a user in the {place}: {text}");
        }
        assert_ne!(answer.status, 500, "{address}");
        self.check_counts(address, &answer.json);
    }

    /// One comment is seen, one article is live.
    #[track_caller]
    fn check_counts(&self, address: &str, value: &Value) {
        match value {
            Value::Object(members) => {
                for (name, value) in members {
                    match name.as_str() {
                        "comment_count" => assert_eq!(value, &json!(1), "{address}"),
                        "reply_count" | "descendant_count" => assert_eq!(value, &json!(0), "{address}"),
                        "linked_articles" => assert_eq!(value, &json!([]), "{address}"),
                        _ => self.check_counts(address, value),
                    }
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.check_counts(address, item)),
            _ => {}
        }
    }
}

#[actix_web::test]
async fn nothing_that_is_not_public_comes_out_anywhere() {
    let paper = paper().await;
    let delivery = document("delivery");
    let mut statuses: BTreeMap<u16, usize> = BTreeMap::new();
    for (route, operations) in delivery["paths"].as_object().unwrap() {
        // The documents and the problem pages tell of no content.
        let Some(operation) = operations.get("get").filter(|_| !route.starts_with("/openapi")) else {
            continue;
        };
        for address in paper.addresses(route, operation) {
            let answer = paper.app.guest().get(&address).await;
            paper.check(&address, &answer);
            *statuses.entry(answer.status).or_default() += 1;
            let tag = answer.header("etag");
            if answer.status == 200 && !tag.is_empty() && !address.contains('&') {
                let same = paper
                    .app
                    .guest()
                    .request(Method::GET, &address)
                    .header("if-none-match", tag)
                    .send()
                    .await
                    .expect(304);
                paper.check(&address, &same);
                assert_eq!(same.text, "");
            }
            for id in &paper.article_ids {
                let allowed = *id == paper.live
                    || address.contains(id.as_str())
                    || answer.json["blocks"].is_array()
                    || answer.json["article"]["blocks"].is_array()
                    || answer.json["items"][0]["blocks"].is_array();
                assert!(allowed || !answer.text.contains(id.as_str()), "{address} names {id}");
            }
        }
    }
    assert!(statuses[&200] > 300 && statuses[&404] > 30, "{statuses:?}");
    assert_eq!(paper.app.listed("locale=*").await, std::slice::from_ref(&paper.live));
    // The marks are there to be found, by those who may.
    assert!(
        paper
            .admin
            .get(&format!("/v1/editorial/articles/{}", paper.live))
            .await
            .text
            .contains(MARK)
    );
    assert!(
        paper
            .admin
            .get("/v1/editorial/moderation/queue")
            .await
            .text
            .contains(MARK)
    );
}

#[actix_web::test]
async fn what_is_not_public_and_what_is_not_there_answer_alike() {
    let paper = paper().await;
    let unlike = |text: &str| -> Value {
        let mut json: Value = serde_json::from_str(text).unwrap();
        for member in ["request_id", "instance"] {
            json[member] = Value::Null;
        }
        json
    };
    let nothing = paper
        .app
        .guest()
        .get("/v1/articles/0197a3f2-5c1e-7b3a-9d2f-6a1b2c3d4e5f")
        .await
        .problem(404, "not_found");
    for id in paper.article_ids.iter().filter(|id| **id != paper.live) {
        for path in [format!("/v1/articles/{id}"), format!("/v1/articles/{id}/comments")] {
            let answer = paper.app.guest().get(&path).await.problem(404, "not_found");
            assert_eq!(unlike(&answer.text), unlike(&nothing.text), "{path}");
        }
        let body = json!({"author_name": "K", "body": "B"});
        let answer = paper
            .app
            .guest()
            .post(&format!("/v1/articles/{id}/comments"), body)
            .await
            .problem(404, "not_found");
        assert_eq!(unlike(&answer.text), unlike(&nothing.text));
    }
}
