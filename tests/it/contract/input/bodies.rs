//! Bodies: every member wrong in every way, as long as it may be, or none at all.

use super::House;
use super::spoiling::Spoiler;
use crate::support::contract::{Operation, operation, operations};

/// Those that take JSON; what a CSV file may hold is tested with the redirects.
fn with_bodies() -> impl Iterator<Item = &'static Operation> {
    operations().iter().filter(|operation| operation.takes_json())
}

#[actix_web::test]
async fn every_spoilt_member_of_every_body_is_told_by_pointer_and_nothing_changes() {
    let house = House::new().await;
    let before = house.snapshot().await;
    let (mut wrong, mut count) = (Vec::new(), 0);
    for operation in with_bodies() {
        for spoilt in Spoiler::of(operation) {
            let Some((pointer, code)) = &spoilt.expected else {
                continue;
            };
            count += 1;
            let answer = house.send(operation, &spoilt.body).await;
            let errors = answer.json["errors"].as_array().cloned().unwrap_or_default();
            let found: Vec<(&str, &str)> = errors
                .iter()
                .map(|error| (error["pointer"].as_str().unwrap(), error["code"].as_str().unwrap()))
                .collect();
            if answer.status != 422 || found != [(pointer.as_str(), *code)] {
                let told: String = answer.text.chars().take(300).collect();
                wrong.push(format!("{} {}: expected {code}, got {told}", operation.id, spoilt.what));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(count > 700, "{count}");
    assert_eq!(house.snapshot().await, before);
}

/// What is at the edge of good is good: the limits of the document are those of the validation.
#[actix_web::test]
async fn every_member_may_be_as_long_as_the_document_says() {
    let house = House::new().await;
    let mut wrong = Vec::new();
    for operation in with_bodies() {
        for spoilt in Spoiler::of(operation)
            .into_iter()
            .filter(|spoilt| spoilt.expected.is_none())
        {
            let path = house.target(operation);
            // A version that nothing has: a body that is read well ends in 412 and changes nothing.
            let asking = house.asking(operation, &path);
            let asking = if operation.has_header("If-Match") {
                asking.if_match(999)
            } else {
                asking
            };
            let (media, _) = operation.body().unwrap();
            let answer = asking.bytes(media, spoilt.body.to_string()).send().await;
            let refused = [
                "wrong_type",
                "too_long",
                "required",
                "not_clearable",
                "blank",
                "out_of_range",
                "invalid_format",
            ];
            let errors = answer.json["errors"].as_array().cloned().unwrap_or_default();
            let is_refused = errors
                .iter()
                .any(|error| refused.contains(&error["code"].as_str().unwrap()));
            // A token that is as long as can be is nobody's.
            let is_nobodys = operation.id == "verifyPrivacyRequest" && answer.status == 404;
            let is_read = [200, 201, 202, 204, 401, 409, 412, 422, 429].contains(&answer.status) || is_nobodys;
            if is_refused || !is_read {
                let told: String = answer.text.chars().take(300).collect();
                wrong.push(format!("{} {}: {told}", operation.id, spoilt.what));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[actix_web::test]
async fn what_is_no_object_is_told_as_such() {
    let house = House::new().await;
    let before = house.snapshot().await;
    for operation in with_bodies() {
        let (media, _) = operation.body().unwrap();
        let path = house.target(operation);
        let send =
            |content_type: &'static str, body: Vec<u8>| house.asking(operation, &path).bytes(content_type, body).send();
        for body in ["[]", "\"x\"", "12", "null", "true"] {
            send(media, body.into()).await.invalid(&[("", "wrong_type")]);
        }
        let sound = operation.document.sample(operation.body().unwrap().1, "").to_string();
        let malformed: [Vec<u8>; 6] = [
            b"{".to_vec(),
            b"{\"a\":}".to_vec(),
            b"{} {}".to_vec(),
            b"\xff\xfe".to_vec(),
            b"{\"a\":\"\xc3\x28\"}".to_vec(),
            b"{'a':1}".to_vec(),
        ];
        for body in malformed {
            send(media, body).await.problem(400, "malformed_json");
        }
        if sound.len() > 2 {
            let truncated = sound.as_bytes()[..sound.len() - 1].to_vec();
            send(media, truncated).await.problem(400, "malformed_json");
        }
        send(media, b"{\"a\":1,\"a\":2}".to_vec())
            .await
            .invalid(&[("/a", "duplicate_field")]);
        send(media, b"{\"a\":\"\\ud800\"}".to_vec())
            .await
            .invalid(&[("/a", "forbidden_character")]);
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(40), "]".repeat(40));
        send(media, deep.into()).await.invalid(&[("", "too_deep")]);
        for content_type in [
            "text/plain",
            "application/x-www-form-urlencoded",
            "application/jsonp",
            "",
        ] {
            send(content_type, sound.clone().into())
                .await
                .problem(415, "unsupported_media_type");
        }
        if media == "application/json" {
            send("application/merge-patch+json", sound.clone().into())
                .await
                .problem(415, "unsupported_media_type");
        }
        let limit = match operation.id.as_str() {
            "createArticle" | "updateArticle" | "saveAutosave" | "createWordList" | "updateWordList" => 2 * 1024 * 1024,
            _ => 64 * 1024,
        };
        let large = format!("{{\"a\":\"{}\"}}", "x".repeat(limit));
        send(media, large.into()).await.problem(413, "payload_too_large");
    }
    assert_eq!(house.snapshot().await, before);
}

#[actix_web::test]
async fn a_patch_takes_plain_json_and_parameters_of_its_media_type() {
    let house = House::new().await;
    let patch = operation("updateTag");
    for (version, content_type) in [
        (1, "application/json"),
        (1, "application/merge-patch+json; charset=utf-8"),
        (1, "Application/JSON;charset=UTF-8"),
    ] {
        house
            .asking(patch, &house.target(patch))
            .if_match(version)
            .bytes(content_type, "{}")
            .send()
            .await
            .expect(200);
    }
}

#[actix_web::test]
async fn an_idempotency_key_is_refused_where_it_is_not_taken_or_not_sound() {
    let house = House::new().await;
    let before = house.snapshot().await;
    for operation in operations().iter().filter(|operation| operation.method != "GET") {
        let path = house.target(operation);
        let with = |key: &str| {
            let asking = house.asking(operation, &path).header("idempotency-key", key);
            match operation.sample_body() {
                Some((media, body)) => asking.bytes(media, body),
                None => asking,
            }
        };
        if operation.has_header("Idempotency-Key") {
            for bad in ["", "a b", &"x".repeat(101)] {
                with(bad).send().await.problem(400, "invalid_header");
            }
        } else {
            with("une-cle").send().await.problem(400, "idempotency_unsupported");
        }
    }
    assert_eq!(house.snapshot().await, before);
}
