//! Bad input, made by machine from the documents: every member of every body and every parameter,
//! wrong in every way that its schema allows, answered by the exact problem, and nothing changed.

use actix_web::http::Method;
use serde_json::{Value, json};

use crate::support::contract::{Document, Operation, is_nullable, kind_of, operation, operations};
use crate::support::newsroom::newsroom;
use crate::support::{Answer, Asking, Client, TestApp};

/// A newsroom with one of everything, each at version 1.
struct House {
    app: TestApp,
    admin: Client,
    ids: Ids,
}

struct Ids {
    article: String,
    live: String,
    note: String,
    preview: String,
    token: String,
    comment: String,
    shown: String,
    edit_token: String,
    reader: String,
    contributor: String,
    redirect: String,
    section: String,
    session: String,
    tag: String,
    user: String,
    word_list: String,
    sanction: String,
    package: String,
}

impl House {
    async fn new() -> Self {
        let (app, admin, section) = newsroom().await;
        let live = admin.published("En ligne", &section).await;
        let comment = app
            .guest()
            .post(
                &format!("/v1/articles/{live}/comments"),
                json!({"author_name": "Ada", "body": "Bravo."}),
            )
            .await
            .expect(202);
        let shown = app.guest().comment(&live, "Bien vu.", None).await;
        for id in [&comment.id(), &shown] {
            admin.decide(id, "approve").await.expect(200);
        }
        let (menu, slot) = (
            json!({"key": "principal", "label": "Menu"}),
            json!({"key": "principal", "label": "Bandeau", "place": "body"}),
        );
        admin.post("/v1/editorial/menus", menu).await.expect(201);
        admin.post("/v1/editorial/ad-slots", slot).await.expect(201);
        let site = json!({"name": "Le Fanal"});
        admin.patch("/v1/editorial/site", 0, site).await.expect(200);
        let form = app.guest().get("/v1/captcha").await.expect(200);
        let me = admin.get("/v1/editorial/me").await.expect(200);
        let article = admin.draft("Brouillon", &section).await;
        let notes = format!("/v1/editorial/articles/{article}/notes");
        let note = admin.post(&notes, json!({"body": "À relire."})).await.expect(201).id();
        let previews = format!("/v1/editorial/articles/{article}/preview-tokens");
        let preview = admin.post(&previews, json!({})).await.expect(201);
        let ids = Ids {
            article,
            note,
            token: preview.json["token"].as_str().unwrap().to_owned(),
            preview: preview.id(),
            live,
            comment: comment.id(),
            shown,
            edit_token: comment.json["edit_token"].as_str().unwrap().to_owned(),
            reader: form.json["reader_token"].as_str().unwrap().to_owned(),
            contributor: admin.contributor("Awa Bah").await,
            redirect: admin
                .post(
                    "/v1/editorial/redirects",
                    json!({"path": "/vieux", "location": "/news"}),
                )
                .await
                .expect(201)
                .id(),
            section,
            session: me.json["session_id"].as_str().unwrap().to_owned(),
            tag: admin.tag("Eau").await,
            user: app
                .user(masthead::access::auth::Role::Analyst)
                .user_id
                .unwrap()
                .to_string(),
            sanction: admin
                .post(
                    "/v1/editorial/sanctions",
                    json!({"kind": "ban", "target": "email", "email": "troll@example.org"}),
                )
                .await
                .expect(201)
                .id(),
            package: admin
                .post("/v1/editorial/packages", json!({"kind": "series", "title": "Un an"}))
                .await
                .expect(201)
                .id(),
            word_list: admin
                .post("/v1/editorial/word-lists", json!({"name": "Mots", "kind": "banned"}))
                .await
                .expect(201)
                .id(),
        };
        Self { app, admin, ids }
    }

    /// A thing of the kind that the path names, at which an operation may aim.
    fn target(&self, operation: &Operation) -> String {
        let ids = &self.ids;
        let mut names = operation.path.split(['{', '}']).skip(1).step_by(2);
        let id = match names.next().unwrap_or_default() {
            "article_id" if operation.needs_token() => &ids.article,
            "article_id" => &ids.live,
            // A changed one waits again, and is not there to be reported.
            "comment_id" if operation.path.starts_with("/v1/comments/") && operation.id != "updateComment" => {
                &ids.shown
            }
            "comment_id" => &ids.comment,
            "contributor_id" => &ids.contributor,
            "redirect_id" => &ids.redirect,
            "section_id" => &ids.section,
            "session_id" => &ids.session,
            "tag_id" => &ids.tag,
            "token" => &ids.token,
            "user_id" => &ids.user,
            "word_list_id" => &ids.word_list,
            "sanction_id" => &ids.sanction,
            "package_id" => &ids.package,
            "menu_key" | "slot_key" => "principal",
            "code" => "not_found",
            "sitemap" => "sections.xml",
            "" => return operation.path.clone(),
            other => panic!("nothing is known of {other}"),
        };
        let below = match names.next() {
            Some("note_id") => &ids.note,
            Some("preview_token_id") => &ids.preview,
            Some("number") => "1",
            None => "",
            Some(other) => panic!("nothing is known of {other}"),
        };
        operation.path_with(&[id, below])
    }

    fn asking(&self, operation: &Operation, path: &str) -> Asking {
        let method = Method::from_bytes(operation.method.as_bytes()).unwrap();
        let client = if operation.needs_token() {
            self.admin.clone()
        } else {
            self.app.guest()
        };
        let mut asking = client.request(method, path);
        if operation.id == "requestPrivacy" {
            asking = asking.header("x-reader-token", &self.ids.reader);
        }
        if operation.path.starts_with("/v1/comments/") {
            asking = asking.header("x-reader-token", &self.ids.reader);
            asking = asking.header("x-edit-token", &self.ids.edit_token);
        }
        if operation.has_header("If-Match") {
            asking.if_match(1)
        } else {
            asking
        }
    }

    async fn send(&self, operation: &Operation, body: &Value) -> Answer {
        let (media, _) = operation.body().unwrap();
        let path = self.target(operation);
        self.asking(operation, &path)
            .bytes(media, body.to_string())
            .send()
            .await
    }

    /// Everything that a change could show in.
    async fn snapshot(&self) -> Vec<String> {
        let mut pages = Vec::new();
        for list in [
            "/v1/editorial/sections",
            "/v1/editorial/tags?limit=100",
            "/v1/editorial/contributors?limit=100",
            "/v1/editorial/word-lists?limit=100",
            "/v1/editorial/site",
            "/v1/editorial/menus",
            "/v1/editorial/ad-slots",
            "/v1/editorial/packages?limit=100",
            "/v1/editorial/articles?limit=100",
            "/v1/editorial/users?limit=100",
            "/v1/editorial/me",
            "/v1/editorial/me/sessions",
            "/v1/editorial/moderation/queue?limit=100",
            "/v1/editorial/redirects?limit=100",
            "/v1/editorial/schedule?state=pending,blocked,done,cancelled,failed&limit=100",
            "/v1/articles/full?limit=100",
        ] {
            pages.push(self.admin.get(list).await.expect(200).text);
        }
        for below in ["", "/revisions", "/notes", "/lock", "/preview-tokens"] {
            let path = format!("/v1/editorial/articles/{}{below}", self.ids.article);
            pages.push(self.admin.get(&path).await.expect(200).text);
        }
        pages
    }
}

/// Those that take JSON; what a CSV file may hold is tested with the redirects.
fn with_bodies() -> impl Iterator<Item = &'static Operation> {
    operations().iter().filter(|operation| operation.takes_json())
}

/// Characters of a block, all its texts together.
const BLOCK: usize = masthead::base::limits::BLOCK;

/// One way to spoil a body.
struct Spoilt {
    what: String,
    body: Value,
    /// Where the error stands and its code; `None` where the spoilt body is good.
    expected: Option<(String, &'static str)>,
}

/// Walks a schema and spoils one place at a time in a sound body.
struct Spoiler<'d> {
    document: &'d Document,
    id: &'d str,
    is_patch: bool,
    found: Vec<Spoilt>,
}

impl Spoiler<'_> {
    fn of(operation: &'static Operation) -> Vec<Spoilt> {
        let (_, schema) = operation.body().unwrap();
        let schema = operation.document.resolve(schema);
        let mut spoiler = Spoiler {
            document: operation.document,
            id: &operation.id,
            // A new article is read as a patch of an empty one.
            is_patch: operation.method == "PATCH" || ["createArticle", "saveAutosave"].contains(&operation.id.as_str()),
            found: Vec::new(),
        };
        let sound = operation.document.sample(schema, "");
        spoiler.object("", schema, &sound, &sound);
        spoiler.found
    }

    /// Notes what the whole body is with `value` at a place, or without the place.
    fn note(&mut self, body: &Value, pointer: &str, what: &str, value: Option<Value>, code: Option<&'static str>) {
        let mut spoilt = body.clone();
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        match (spoilt.pointer_mut(parent).unwrap(), value) {
            (Value::Object(members), Some(value)) => {
                members.insert(name.to_owned(), value);
            }
            (Value::Object(members), None) => {
                members.remove(name);
            }
            (Value::Array(items), Some(value)) => items[name.parse::<usize>().unwrap()] = value,
            (other, _) => panic!("{pointer} in {other}"),
        }
        self.found.push(Spoilt {
            what: format!("{pointer} {what}"),
            body: spoilt,
            expected: code.map(|code| (pointer.to_owned(), code)),
        });
    }

    fn object(&mut self, at: &str, schema: &Value, value: &Value, body: &Value) {
        self.note(
            body,
            &format!("{at}/surprise"),
            "unknown",
            Some(json!(1)),
            Some("unknown_field"),
        );
        let required = |name: &str| {
            schema["required"]
                .as_array()
                .is_some_and(|all| all.iter().any(|known| known == name))
        };
        for (name, member) in schema["properties"].as_object().into_iter().flatten() {
            let pointer = format!("{at}/{name}");
            let is_top = at.is_empty();
            let missing = match (is_top, name.as_str(), schema["properties"].get("author_name").is_some()) {
                (true, "author_name", true) => "name_missing",
                (true, "body", true) => "comment_missing",
                _ => "required",
            };
            if required(name) {
                self.note(body, &pointer, "missing", None, Some(missing));
            }
            let is_ruled = is_nullable(member) || !is_nullable(self.document.resolve(member));
            assert!(is_ruled, "{pointer}");
            let null = match (
                is_nullable(member),
                required(name),
                self.is_patch && is_top && name != "clear",
            ) {
                (true, ..) => None,
                (false, true, _) => Some(missing),
                (false, false, true) => Some("not_clearable"),
                // Absent and null are the same to us.
                (false, false, false) => None,
            };
            self.note(body, &pointer, "null", Some(Value::Null), null);
            if name == "clear" {
                self.clear(&pointer, body);
            } else {
                self.member(&pointer, name, member, value.get(name), body);
            }
        }
    }

    fn clear(&mut self, pointer: &str, body: &Value) {
        self.note(body, pointer, "no list", Some(json!("label")), Some("wrong_type"));
        self.note(body, pointer, "too many", Some(json!(vec!["a"; 101])), Some("too_many"));
        self.note(
            body,
            pointer,
            "of nothing",
            Some(json!(["surprise"])),
            Some("invalid_format"),
        );
    }

    fn member(&mut self, pointer: &str, name: &str, member: &Value, value: Option<&Value>, body: &Value) {
        let mut schema = self.document.resolve(member);
        if let Some(variants) = schema["oneOf"].as_array() {
            if schema.get("discriminator").is_some() {
                return self.union(pointer, schema, body);
            }
            let real = variants.iter().find(|variant| variant["type"] != "null").unwrap();
            schema = self.document.resolve(real);
            if schema.get("discriminator").is_some() {
                return self.union(pointer, schema, body);
            }
        }
        let wrong = if kind_of(schema) == "string" {
            json!(12)
        } else {
            json!("oui")
        };
        self.note(body, pointer, "of another type", Some(wrong), Some("wrong_type"));
        for wrong in [json!({}), json!([])] {
            let fits =
                (wrong.is_object() && kind_of(schema) == "object") || (wrong.is_array() && kind_of(schema) == "array");
            if !fits {
                self.note(body, pointer, "of another shape", Some(wrong), Some("wrong_type"));
            }
        }
        match kind_of(schema) {
            "string" => self.text(pointer, name, schema, body),
            "integer" => self.integer(pointer, schema, body),
            "array" => self.list(pointer, name, schema, value, body),
            "object" if schema.get("properties").is_some() => {
                let empty = Value::Null;
                self.object(pointer, schema, value.unwrap_or(&empty), body);
            }
            _ => {}
        }
    }

    fn text(&mut self, pointer: &str, name: &str, schema: &Value, body: &Value) {
        let is_item = pointer.ends_with(|c: char| c.is_ascii_digit());
        for with_nul in ["\0", "a\0b"] {
            self.note(
                body,
                pointer,
                "U+0000",
                Some(json!(with_nul)),
                Some("forbidden_character"),
            );
        }
        if schema.get("enum").is_some() {
            self.note(
                body,
                pointer,
                "no such word",
                Some(json!("surprise")),
                Some("invalid_value"),
            );
            return;
        }
        let is_formed = schema.get("format").is_some()
            || schema.get("pattern").is_some()
            || ["slug", "locale", "locales", "embed_hosts", "colour", "email", "url"].contains(&name)
                && self.id != "login";
        if is_formed {
            let code = "invalid_format";
            self.note(body, pointer, "malformed", Some(json!("Pas ça!")), Some(code));
        }
        if let Some(max) = schema["maxLength"].as_u64().and_then(|max| usize::try_from(max).ok()) {
            if schema.get("pattern").is_none() && schema["format"] != "uuid" {
                let head = if ["url"].contains(&name) { "https://a.test/" } else { "" };
                let long = format!("{head}{}", "a".repeat(max + 1 - head.len()));
                self.note(body, pointer, "too long", Some(json!(long)), Some("too_long"));
                if is_item && max >= BLOCK {
                    // The texts of a block are counted together, and the block is blamed.
                    self.blame(pointer.rsplit('/').count() - 3);
                }
            }
            if !is_formed {
                // The other texts of its block count too.
                let max = if max >= BLOCK { max - 100 } else { max };
                self.note(body, pointer, "as long as can be", Some(json!("é".repeat(max))), None);
            }
        }
        if let Some(min) = schema["minLength"].as_u64() {
            let short = "a".repeat(usize::try_from(min).unwrap() - 1);
            let code = match (short.is_empty(), self.id) {
                (true, "updateComment") => "comment_missing",
                (true, _) => "blank",
                (false, _) => "too_short",
            };
            self.note(body, pointer, "too short", Some(json!(short)), Some(code));
        }
    }

    /// Lets the error of what was noted last stand this many levels above.
    fn blame(&mut self, levels: usize) {
        let (pointer, _) = self.found.last_mut().unwrap().expected.as_mut().unwrap();
        for _ in 0..levels {
            pointer.truncate(pointer.rfind('/').unwrap());
        }
    }

    fn integer(&mut self, pointer: &str, schema: &Value, body: &Value) {
        for (bound, beyond) in [("minimum", -1), ("maximum", 1)] {
            if let Some(bound) = schema[bound].as_i64() {
                self.note(body, pointer, "at its bound", Some(json!(bound)), None);
                self.note(
                    body,
                    pointer,
                    "beyond its bound",
                    Some(json!(bound + beyond)),
                    Some("out_of_range"),
                );
            }
        }
        for wrong in [json!(2.5), json!(1e300), json!(u64::MAX)] {
            self.note(body, pointer, "no such number", Some(wrong), Some("out_of_range"));
        }
    }

    fn list(&mut self, pointer: &str, name: &str, schema: &Value, value: Option<&Value>, body: &Value) {
        let max = usize::try_from(schema["maxItems"].as_u64().unwrap()).unwrap();
        let item = self.document.sample(&schema["items"], name);
        let item = if item.is_object() { json!({}) } else { item };
        self.note(
            body,
            pointer,
            "too many",
            Some(json!(vec![item; max + 1])),
            Some("too_many"),
        );
        if schema["minItems"].as_u64().is_some_and(|min| min > 0) {
            self.note(body, pointer, "too few", Some(json!([])), Some("too_few"));
        }
        let first = value.and_then(|list| list.get(0));
        if first.is_some() {
            let at = format!("{pointer}/0");
            self.note(body, &at, "null", Some(Value::Null), Some("wrong_type"));
            self.member(&at, name, &schema["items"], first, body);
        }
    }

    /// Spoils each member of a union within a sound one of its kind.
    fn union(&mut self, pointer: &str, schema: &Value, body: &Value) {
        for wrong in [json!(12), json!("oui"), json!([])] {
            self.note(body, pointer, "no object", Some(wrong), Some("wrong_type"));
        }
        let tag = format!(
            "{pointer}/{}",
            schema["discriminator"]["propertyName"].as_str().unwrap()
        );
        self.note(
            body,
            &tag,
            "no such kind",
            Some(json!("surprise")),
            Some("invalid_value"),
        );
        for variant in schema["oneOf"].as_array().unwrap() {
            let variant = self.document.resolve(variant);
            let sound = self.document.sample(variant, "");
            let mut whole = body.clone();
            *whole.pointer_mut(pointer).unwrap() = sound.clone();
            self.object(pointer, variant, &sound, &whole);
        }
    }
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
async fn an_id_that_is_none_or_nobodys_is_404() {
    let house = House::new().await;
    let before = house.snapshot().await;
    let nobodys = masthead::base::ids::TagId::new().to_string();
    let bad = [
        "no-id",
        "0",
        "0197a3f2-5c1e-7b3a-9d2f",
        "0197a3f2-5c1e-7b3a-9d2f-6a1b2c3d4e5fx",
        "0197a3f25c1e7b3a9d2f6a1b2c3d4e5f",
        "%00",
        "%F0%9F%98%80",
        "'%20OR%201=1",
        nobodys.as_str(),
    ];
    for operation in operations().iter().filter(|operation| operation.path.contains('{')) {
        for id in bad {
            let asking = house.asking(operation, &operation.path_with(&[id, id]));
            let asking = match operation.sample_body() {
                Some((media, body)) => asking.bytes(media, body),
                None => asking,
            };
            let answer = asking.send().await;
            assert_eq!(answer.status, 404, "{} {id}: {}", operation.id, answer.text);
            answer.problem(404, "not_found");
        }
    }
    assert_eq!(house.snapshot().await, before);
}

/// Values that a parameter must refuse, and the code of the refusal.
fn bad_values(document: &Document, parameter: &Value) -> Vec<(String, &'static str)> {
    let schema = document.resolve(&parameter["schema"]);
    let name = parameter["name"].as_str().unwrap();
    let invalid = |values: &[&str]| {
        values
            .iter()
            .map(|value| ((*value).to_owned(), "invalid_parameter"))
            .collect::<Vec<_>>()
    };
    if name == "cursor" {
        let long = "a".repeat(401);
        return ["forged", "", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"]
            .map(|value| (value.to_owned(), "invalid_cursor"))
            .into_iter()
            .chain([(long, "invalid_parameter")])
            .collect();
    }
    let mut values = match (kind_of(schema), schema["format"].as_str(), name) {
        ("integer", ..) => invalid(&["0", "101", "-1", "x", "1.5", "", "%2B5", "99999999999999999999"]),
        ("boolean", ..) => invalid(&["maybe", "1", ""]),
        (_, Some("uuid"), _) => invalid(&["x", "", "0197a3f2"]),
        (_, Some("date-time"), _) => invalid(&["yesterday", "2026-13-01T00:00:00Z", "2026-01-01", ""]),
        (_, _, "locale") => invalid(&["!", "fran%C3%A7ais", ""]),
        (_, _, "path") => invalid(&["no-slash", ""]),
        (_, _, "section") => invalid(&["no-slash", ""]),
        (_, _, "tag" | "contributor") => invalid(&["Pas+un+slug", ""]),
        // The beginning of a name may be any text; what is searched for holds a word.
        (_, _, "q") if parameter["required"] != true => invalid(&["", &"a".repeat(201)]),
        (_, _, "q") => invalid(&["", "%22", "-", "%F0%9F%98%80", &"a".repeat(201)]),
        _ => invalid(&["surprise", ""]),
    };
    values.extend(invalid(&["a%00b", "%FF"]));
    if kind_of(schema) == "array" {
        let eleven = ["a"; 11].join(",");
        values.extend(invalid(&[&eleven]));
    }
    values
}

#[actix_web::test]
async fn every_bad_value_of_every_parameter_is_told_by_name() {
    let house = House::new().await;
    let mut count = 0;
    for operation in operations() {
        let path = house.target(operation);
        for parameter in operation
            .parameters()
            .iter()
            .filter(|parameter| parameter["in"] == "query")
        {
            let name = parameter["name"].as_str().unwrap();
            let required =
                |other: &&Value| other["in"] == "query" && other["required"] == true && other["name"] != name;
            let others = operation.parameters().iter().filter(required);
            let others: String = others
                .map(|other| {
                    let value = sample_value(operation.document, other);
                    format!("&{}={value}", other["name"].as_str().unwrap())
                })
                .collect();
            for (value, code) in bad_values(operation.document, parameter) {
                count += 1;
                let answer = house
                    .asking(operation, &format!("{path}?{name}={value}{others}"))
                    .send()
                    .await;
                assert_eq!(
                    (answer.status, answer.json["code"].as_str()),
                    (400, Some(code)),
                    "{} {name}={value}: {}",
                    operation.id,
                    answer.text
                );
                let detail = answer.json["detail"].as_str().unwrap();
                assert!(
                    code == "invalid_cursor" || detail.contains(&format!("«\u{a0}{name}\u{a0}»")),
                    "{detail}"
                );
            }
            let is_list = kind_of(operation.document.resolve(&parameter["schema"])) == "array";
            if !is_list {
                let good = sample_value(operation.document, parameter);
                let twice = format!("{path}?{name}={good}&{name}={good}{others}");
                let answer = house.asking(operation, &twice).send().await;
                answer.problem(400, "invalid_parameter");
            }
        }
    }
    assert!(count > 150, "{count}");
}

fn sample_value(document: &Document, parameter: &Value) -> String {
    match document.sample(&parameter["schema"], parameter["name"].as_str().unwrap()) {
        Value::String(_) if parameter["name"] == "path" => "/".to_owned(),
        _ if parameter["name"] == "fields" => "title".to_owned(),
        Value::String(text) => text.replace(' ', "+"),
        other => other.to_string(),
    }
}

#[actix_web::test]
async fn every_read_refuses_a_parameter_that_it_does_not_know() {
    let house = House::new().await;
    let reads = operations()
        .iter()
        .filter(|operation| operation.method == "GET" || operation.id == "deleteSection");
    for operation in reads {
        let path = house.target(operation);
        for unknown in ["colour=red", "Limit=5", "limit%5B%5D=5", "=", "a"] {
            let answer = house.asking(operation, &format!("{path}?{unknown}")).send().await;
            assert_eq!(
                (answer.status, answer.json["code"].as_str()),
                (400, Some("unknown_parameter")),
                "{} {unknown}: {}",
                operation.id,
                answer.text
            );
        }
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
