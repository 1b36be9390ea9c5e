//! No payload of the collection is active in what readers see.

use masthead::access::auth::Role;
use serde_json::json;

use super::Discussion;

#[actix_web::test]
async fn no_payload_is_active_in_the_body_or_the_name_of_a_public_comment() {
    let here = Discussion::new(json!({"mode": "post_moderated", "max_links": 100})).await;
    let payloads: Vec<String> = serde_json::from_str(include_str!("../../data/xss.json")).unwrap();
    assert!(payloads.len() >= 100);
    let mut seen = 0;
    for (number, payload) in payloads.iter().enumerate() {
        if number % 40 == 0 {
            here.app.clock.advance_seconds(601);
        }
        let name: String = payload.chars().take(80).collect();
        let body = json!({"author_name": name, "body": payload, "is_confirmed": true});
        let sent = here.send(None, body).await;
        // A name or a comment in which nothing can be seen is missing, and some read the same; nothing else refuses one.
        if sent.status == 422 {
            let code = sent.json["code"].as_str().unwrap();
            assert!(
                matches!(
                    code,
                    "comment_missing" | "name_missing" | "validation_failed" | "duplicate_comment"
                ),
                "{payload}: {}",
                sent.text
            );
            continue;
        }
        if sent.status == 202 {
            here.app
                .user(Role::Admin)
                .decide(&sent.id(), "approve")
                .await
                .expect(200);
        }
        let list = here
            .app
            .guest()
            .get(&format!("/v1/articles/{}/comments?limit=1", here.article))
            .await
            .expect(200);
        assert!(list.header("content-type").starts_with("application/json"), "{payload}");
        let comment = &list.json["items"][0]["comment"];
        assert_eq!(comment["id"], sent.id().as_str(), "{payload}");
        let name = comment["author_name"].as_str().unwrap();
        assert!(!name.contains(['<', '>']), "{name}");
        let html = comment["body_html"].as_str().unwrap();
        let tags = html.split('<').skip(1).map(|rest| rest.split('>').next().unwrap());
        for tag in tags {
            let name = tag.trim_start_matches('/').split(' ').next().unwrap();
            let allowed = [
                "a",
                "blockquote",
                "br",
                "code",
                "em",
                "li",
                "ol",
                "p",
                "pre",
                "strong",
                "ul",
            ];
            assert!(allowed.contains(&name), "{payload}: {html}");
            let attributes = tag.strip_prefix(name).unwrap_or_default().trim();
            let is_link = name == "a"
                && attributes.starts_with("href=\"http")
                && attributes.ends_with("rel=\"nofollow ugc noopener\"");
            let is_mail = name == "a" && attributes.starts_with("href=\"mailto:");
            let is_start = name == "ol" && attributes.starts_with("start=");
            assert!(
                attributes.is_empty() || tag.starts_with('/') || is_link || is_mail || is_start,
                "{payload}: {html}"
            );
        }
        seen += 1;
    }
    assert!(seen >= 100, "only {seen} were taken");
}
