//! What the phases need of the database and of the request: who wrote, what they wrote before, what holds
//! against them. The phases themselves have a table beside them.

use actix_web::http::Method;
use masthead::access::auth::Role;
use masthead::base::secrets::sha256;
use masthead::comments::captcha::CaptchaSettings;
use masthead::comments::captcha::providers::{ProviderName, ProviderSecret, ProviderSettings};
use masthead::comments::privacy::retention::{self, RetentionDays};
use masthead::site::comment_policy::CommentPolicy;
use serde_json::{Value, json};

use crate::support::comments::solve;
use crate::support::requests::together;
use crate::support::{Answer, Client, TestApp};

/// An article that shows comments at once, and a reader's way to it.
struct Discussion {
    app: TestApp,
    admin: Client,
    article: String,
}

impl Discussion {
    async fn new(policy: Value) -> Self {
        let app = TestApp::new().await;
        let admin = app.user(Role::Admin);
        let section = admin.section("News", None).await;
        let article = admin.draft("Le port", &section).await;
        admin
            .edit(&article, json!({"comment_policy": policy}))
            .await
            .expect(200);
        admin.publish(&article).await.expect(200);
        Self { app, admin, article }
    }

    async fn reader(&self) -> String {
        self.app.reader_token().await
    }

    async fn send(&self, reader: Option<&str>, body: Value) -> Answer {
        let path = format!("/v1/articles/{}/comments", self.article);
        let asking = self.app.guest().request(Method::POST, &path);
        let asking = match reader {
            Some(token) => asking.header("x-reader-token", token),
            None => asking,
        };
        asking.json(body).send().await
    }

    async fn write(&self, reader: Option<&str>, text: &str) -> Answer {
        self.send(reader, json!({"author_name": "Koffi", "body": text})).await
    }

    /// Why a comment waits, by phase.
    async fn holds(&self, id: &str) -> Vec<(String, String)> {
        let seen = self
            .admin
            .get(&format!("/v1/editorial/comments/{id}"))
            .await
            .expect(200);
        let verdicts = seen.json["comment"]["verdicts"].as_array().unwrap().clone();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        verdicts
            .iter()
            .filter(|verdict| verdict["verdict"] == "hold")
            .map(|verdict| (text(&verdict["phase"]), text(&verdict["reason"])))
            .collect()
    }
}

#[actix_web::test]
async fn a_post_moderated_article_shows_a_comment_at_once_and_counts_it() {
    let here = Discussion::new(json!({"mode": "post_moderated"})).await;
    let taken = here.write(None, "Enfin !").await.expect(201);
    assert_eq!(taken.json["message"], "Votre commentaire est publié.");
    let shown = here
        .app
        .guest()
        .get(&format!("/v1/articles/{}", here.article))
        .await
        .expect(200);
    assert_eq!(shown.json["comment_count"], 1);
}

#[actix_web::test]
async fn a_first_comment_is_held_until_one_of_the_reader_was_approved() {
    let here = Discussion::new(json!({"mode": "first_comment_held"})).await;
    let (awa, koffi) = (here.reader().await, here.reader().await);
    let first = here.write(Some(&awa), "Le premier").await.expect(202);
    assert_eq!(here.holds(&first.id()).await, [("mode".into(), "first_comment".into())]);
    here.write(Some(&awa), "Le deuxième").await.expect(202);
    here.admin.decide(&first.id(), "approve").await.expect(200);
    here.write(Some(&awa), "Le troisième").await.expect(201);
    // Another reader, and one without a token, are not known by that.
    here.write(Some(&koffi), "Un autre").await.expect(202);
    here.write(None, "Un inconnu").await.expect(202);
}

#[actix_web::test]
async fn a_reader_who_was_rejected_often_is_held_and_so_is_their_address() {
    let here = Discussion::new(json!({"mode": "post_moderated"})).await;
    let reader = here.reader().await;
    let email = "koffi@example.org";
    for number in 0..3 {
        let body = json!({"author_name": "K", "email": email, "body": format!("Numéro {number}")});
        let taken = here.send(Some(&reader), body).await.expect(201);
        here.admin.decide(&taken.id(), "restore").await.expect(200);
        let decision = if number == 0 { "approve" } else { "reject" };
        here.admin.decide(&taken.id(), decision).await.expect(200);
    }
    let held = here.write(Some(&reader), "Le suivant").await.expect(202);
    assert_eq!(here.holds(&held.id()).await, [("history".into(), "history".into())]);
    here.app.clock.advance_seconds(90 * 24 * 3_600 + 1);
    here.write(Some(&reader), "Longtemps après").await.expect(201);
}

#[actix_web::test]
async fn what_an_authors_history_counts_for_is_the_policys_to_say() {
    let here = Discussion::new(json!({"mode": "post_moderated", "history_percent": 100})).await;
    let section = here.admin.get("/v1/editorial/sections").await.expect(200).json["items"][0]["id"].clone();
    let section = format!("/v1/editorial/sections/{}", section.as_str().unwrap());
    let policy = json!({"comment_policy": {"history_decided": 1, "history_days": 7, "history_percent": 1}});
    here.admin.patch(&section, 1, policy).await.expect(200);
    let (reader, day) = (here.reader().await, 24 * 3_600);
    let mut admin = here.admin.clone();
    for (number, (decision, status)) in [("approve", 201), ("reject", 201), ("reject", 201)]
        .into_iter()
        .enumerate()
    {
        let taken = here
            .write(Some(&reader), &format!("Numéro {number}"))
            .await
            .expect(status);
        admin.decide(&taken.id(), "restore").await.expect(200);
        admin.decide(&taken.id(), decision).await.expect(200);
        here.app.clock.advance_seconds(3 * day);
        admin = admin.renewed();
    }
    // The one that was approved is nine days old and counts no more; all that counts was rejected.
    let held = here.write(Some(&reader), "Le suivant").await.expect(202);
    let card = admin
        .get(&format!("/v1/editorial/comments/{}", held.id()))
        .await
        .expect(200);
    assert!(card.text.contains("\"rejected_within_7_days\""), "{}", card.text);
    // The article says that nobody is held for what they wrote before.
    let policy = json!({"comment_policy": {"mode": "post_moderated", "history_percent": 0}});
    admin.edit(&here.article, policy).await.expect(200);
    admin.publish(&here.article).await.expect(200);
    here.write(Some(&reader), "Encore un").await.expect(201);
}

#[actix_web::test]
async fn a_policy_on_history_has_its_limits() {
    let here = Discussion::new(json!({"mode": "post_moderated"})).await;
    for (member, refused) in [
        ("history_days", [0, 366]),
        ("history_decided", [0, 101]),
        ("history_percent", [-1, 101]),
    ] {
        for value in refused {
            let answer = here
                .admin
                .edit(&here.article, json!({"comment_policy": {member: value}}))
                .await;
            assert_eq!(answer.status, 422, "{member}: {value}");
            assert_eq!(answer.json["errors"][0]["pointer"], format!("/comment_policy/{member}"));
        }
    }
}

#[actix_web::test]
async fn the_public_is_told_how_often_each_phase_held_whatever_is_erased_since() {
    let here = Discussion::new(json!({"mode": "pre_moderated", "max_links": 0})).await;
    let reader = here.reader().await;
    for number in 0..3 {
        here.write(Some(&reader), &format!("Numéro {number}")).await.expect(202);
    }
    let linked = here.write(Some(&reader), "Voir https://example.org").await.expect(202);
    here.app.clock.advance_seconds(30 * 24 * 3_600);
    here.admin.renewed().decide(&linked.id(), "reject").await.expect(200);
    let changed = here.write(None, "En décembre").await.expect(202);
    let asking = here
        .app
        .guest()
        .request(Method::PATCH, &format!("/v1/comments/{}", changed.id()));
    let token = changed.json["edit_token"].as_str().unwrap();
    let body = json!({"body": "En décembre, https://example.org"});
    asking.header("x-edit-token", token).json(body).send().await.expect(200);
    let expected = json!([
        ["2026-12", [{"phase": "links", "count": 1}, {"phase": "mode", "count": 2}]],
        ["2026-11", [{"phase": "links", "count": 1}, {"phase": "mode", "count": 4}]]]);
    let told = || async {
        let log = here.app.guest().get("/v1/moderation-log?months=2").await.expect(200);
        assert!(!log.text.contains("example.org"), "{}", log.text);
        let months = log.json["months"].as_array().unwrap().clone();
        Value::from_iter(months.iter().map(|month| json!([month["month"], month["holds"]])))
    };
    assert_eq!(told().await, expected);
    here.app.clock.advance_seconds(100 * 24 * 3_600);
    retention::run(here.app.db(), RetentionDays(1)).await.unwrap();
    let gone = here
        .app
        .admin()
        .get(&format!("/v1/editorial/comments/{}", linked.id()))
        .await;
    gone.problem(404, "not_found");
    here.app.clock.advance_seconds(-100 * 24 * 3_600);
    assert_eq!(told().await, expected);
}

#[actix_web::test]
async fn what_the_phases_reject_is_counted_by_phase() {
    let here = Discussion::new(json!({"mode": "post_moderated", "max_length": 20})).await;
    let reader = here.reader().await;
    here.write(Some(&reader), "Une fois").await.expect(201);
    for _ in 0..2 {
        here.write(Some(&reader), "Une fois")
            .await
            .problem(422, "duplicate_comment");
    }
    here.write(Some(&reader), "Plus long que permis ici").await.expect(422);
    // A nudge is no rejection, and what says nothing never got to the phases.
    here.write(Some(&reader), "ABCDEFGHIJKLMNOPQRST").await.expect(422);
    here.write(Some(&reader), "").await.expect(422);
    let policy = json!({"comment_policy": {"mode": "closed"}});
    here.admin.edit(&here.article, policy).await.expect(200);
    here.admin.publish(&here.article).await.expect(200);
    here.write(Some(&reader), "Fermé").await.problem(403, "comments_closed");
    let text = String::from_utf8(here.app.state.metrics.to_text().unwrap()).unwrap();
    let counts: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("masthead_comments_rejected"))
        .collect();
    let line = |phase: &str, count| format!("masthead_comments_rejected_total{{phase=\"{phase}\"}} {count}");
    assert_eq!(counts, [line("duplicate", 2), line("length", 1), line("open", 1)]);
}

#[actix_web::test]
async fn the_same_words_are_told_apart_by_author_and_place() {
    let here = Discussion::new(json!({"mode": "post_moderated"})).await;
    let (awa, koffi) = (here.reader().await, here.reader().await);
    let first = here.write(Some(&awa), "Merci !").await.expect(201);
    here.write(Some(&awa), " MERCI ")
        .await
        .problem(422, "duplicate_comment");
    here.write(Some(&koffi), "Merci !").await.expect(201);
    let answer = json!({"author_name": "Koffi", "body": "Merci !", "parent_id": first.id()});
    here.send(Some(&awa), answer).await.expect(201);
    let campaign = "Tous au port samedi à dix heures, faites tourner !";
    here.write(Some(&awa), campaign).await.expect(201);
    let held = here.write(Some(&koffi), campaign).await.expect(202);
    assert_eq!(here.holds(&held.id()).await, [("duplicate".into(), "duplicate".into())]);
    here.app.clock.advance_seconds(24 * 3_600 + 1);
    here.write(Some(&koffi), campaign).await.expect(201);
}

#[actix_web::test]
async fn the_same_comment_sent_twice_at_once_is_taken_once() {
    let here = Discussion::new(json!({"mode": "post_moderated"})).await;
    let reader = here.reader().await;
    let path = format!("/v1/articles/{}/comments", here.article);
    let tasks = (0..8).map(|_| {
        let (guest, path, reader) = (here.app.guest(), path.clone(), reader.clone());
        async move {
            let asking = guest.request(Method::POST, &path).header("x-reader-token", &reader);
            asking
                .json(json!({"author_name": "K", "body": "Une fois"}))
                .send()
                .await
        }
    });
    let statuses: Vec<u16> = together(tasks.collect())
        .await
        .iter()
        .map(|answer| answer.status)
        .collect();
    assert_eq!(
        statuses.iter().filter(|status| **status == 201).count(),
        1,
        "{statuses:?}"
    );
    assert!(
        statuses.iter().all(|status| matches!(status, 201 | 422)),
        "{statuses:?}"
    );
}

#[actix_web::test]
async fn a_reader_who_sends_too_much_is_told_when_to_come_back() {
    let here = Discussion::new(json!({"mode": "post_moderated"})).await;
    let reader = here.reader().await;
    for number in 0..5 {
        here.write(Some(&reader), &format!("Numéro {number}")).await.expect(201);
    }
    let refused = here
        .write(Some(&reader), "Numéro 6")
        .await
        .problem(429, "too_many_requests");
    assert_eq!(refused.header("retry-after"), "60");
    here.app.clock.advance_seconds(60);
    here.write(Some(&reader), "Numéro 6").await.expect(201);
}

#[actix_web::test]
async fn a_robot_is_known_by_the_trap_and_by_its_haste() {
    let here = Discussion::new(json!({"mode": "post_moderated"})).await;
    let form = here.app.guest().get("/v1/captcha").await.expect(200);
    let token = form.json["form_token"].as_str().unwrap();
    let with = |name: &str, text: &str, value: &str| json!({"author_name": "K", "body": text, name: value});
    let trapped = here
        .send(None, with("website", "Casino", "https://casino.example"))
        .await
        .expect(202);
    // Its author is told what everybody is told; nobody has to read it.
    assert_eq!(
        (&trapped.json["message"], &trapped.json["state"]),
        (
            &json!("Votre commentaire est en attente de modération."),
            &json!("pending")
        )
    );
    // Nor does a change tell it.
    let path = format!("/v1/comments/{}", trapped.id());
    let changing = here.app.guest().request(Method::PATCH, &path);
    let changing = changing.header("x-edit-token", trapped.json["edit_token"].as_str().unwrap());
    let changed = changing.json(json!({"body": "Casino !"})).send().await.expect(200);
    assert_eq!(changed.json["state"], "pending");
    let seen = here
        .admin
        .get(&format!("/v1/editorial/comments/{}", trapped.id()))
        .await;
    assert_eq!(seen.json["comment"]["state"], "spam");
    let hasty = here.send(None, with("form_token", "Vite", token)).await.expect(202);
    assert_eq!(here.holds(&hasty.id()).await, [("honeypot".into(), "too_fast".into())]);
    here.app.clock.advance_seconds(3);
    here.send(None, with("form_token", "Posément", token)).await.expect(201);
    // A token that nobody gave says nothing.
    here.send(None, with("form_token", "Sans jeton", "AAAA"))
        .await
        .expect(201);
}

#[actix_web::test]
async fn words_links_and_capitals_are_told_with_their_place() {
    let here = Discussion::new(json!({"mode": "post_moderated", "max_links": 1})).await;
    for (name, kind, word) in [("Insultes", "banned", "zozo"), ("À voir", "suspect", "casino")] {
        let list = json!({"name": name, "kind": kind, "entries": [word]});
        here.admin.post("/v1/editorial/word-lists", list).await.expect(201);
    }
    here.write(None, "Quel z0z0 !").await.problem(422, "banned_word");
    here.send(None, json!({"author_name": "Zozo", "body": "Bonjour"}))
        .await
        .problem(422, "banned_word");
    let held = here
        .write(None, "Le casíno : https://a.example et https://b.example")
        .await
        .expect(202);
    let seen = here.admin.get(&format!("/v1/editorial/comments/{}", held.id())).await;
    let matched = |phase: usize| seen.json["comment"]["verdicts"][phase]["matched"][0].clone();
    assert_eq!(
        matched(8),
        json!({"rule": "casino", "field": "body", "start": 3, "end": 9, "text": "casíno"})
    );
    assert_eq!(matched(9)["text"], "https://a.example");
    let shout = json!({"author_name": "K", "body": "C’EST UNE HONTE POUR TOUT LE PAYS"});
    let nudged = here.send(None, shout.clone()).await.problem(422, "shouting");
    assert_eq!(nudged.json["confirmable"], true);
    let mut confirmed = shout;
    confirmed["is_confirmed"] = json!(true);
    let held = here.send(None, confirmed).await.expect(202);
    assert_eq!(here.holds(&held.id()).await, [("sanitise".into(), "shouting".into())]);
}

#[actix_web::test]
async fn an_address_stands_nowhere_in_plain_words() {
    let here = Discussion::new(json!({"mode": "post_moderated"})).await;
    let body = json!({"author_name": "K", "body": "Bonjour", "email": "Koffi.Secret@Example.org"});
    here.send(None, body).await.expect(201);
    let rows = format!("{:?}", here.app.rows()).to_lowercase();
    assert!(rows.contains("bonjour"));
    assert!(!rows.contains("koffi.secret"), "the address is in a row");
    assert!(!rows.contains(&sha256(b"koffi.secret@example.org").to_lowercase()));
}

#[actix_web::test]
async fn comments_end_with_their_days_and_the_form_says_when() {
    let here =
        Discussion::new(json!({"mode": "post_moderated", "open_for_days": 2, "max_length": 10, "max_depth": 0})).await;
    let form = || async {
        let path = format!("/v1/articles/{}", here.article);
        here.app.guest().get(&path).await.expect(200).json["comments"].clone()
    };
    let open = form().await;
    assert_eq!(
        (&open["is_open"], &open["open_until"], &open["body_max_length"]),
        (&json!(true), &json!("2026-11-25T08:00:00.000Z"), &json!(10))
    );
    let refused = here.write(None, "Onze lettres").await.problem(422, "validation_failed");
    assert_eq!(refused.json["errors"][0]["code"], "too_long");
    let first = here.write(None, "Un").await.expect(201);
    let answer = json!({"author_name": "K", "body": "Non", "parent_id": first.id()});
    here.send(None, answer).await.problem(422, "validation_failed");
    here.app.clock.advance_seconds(2 * 24 * 3_600);
    here.write(None, "Tard").await.problem(403, "comments_closed");
    assert_eq!(form().await["is_open"], false);
    assert_eq!(CommentPolicy::default().settled().open_for_days, 0);
}

#[actix_web::test]
async fn a_comment_needs_a_solution_of_its_own_article_and_uses_it_up() {
    let mut here = Discussion::new(json!({"mode": "post_moderated"})).await;
    here.app = here
        .app
        .asking_for(CaptchaSettings::ProofOfWork { difficulty: 200 })
        .await;
    let form = |article: String| {
        let guest = here.app.guest();
        async move {
            guest
                .get(&format!("/v1/captcha?article_id={article}"))
                .await
                .expect(200)
                .json
        }
    };
    let with = |text: &str, solution: &str| json!({"author_name": "K", "body": text, "captcha": solution});
    here.write(None, "Rien").await.problem(422, "captcha_missing");
    let solution = solve(&form(here.article.clone()).await["proof"]);
    // A comment that is not taken uses nothing up.
    here.send(None, json!({"author_name": "", "body": "x", "captcha": solution}))
        .await
        .problem(422, "name_missing");
    here.send(None, with("Bonjour", &solution)).await.expect(201);
    let refused = here
        .send(None, with("Encore", &solution))
        .await
        .problem(422, "captcha_failed");
    assert_eq!(
        refused.json["detail"],
        "La vérification anti-robot a échoué. Veuillez réessayer."
    );
    let elsewhere = solve(&form("0197a3f2-5c1e-7b3a-9d2f-6a1b2c3d4e5f".to_owned()).await["proof"]);
    here.send(None, with("Ailleurs", &elsewhere))
        .await
        .problem(422, "captcha_failed");
}

#[actix_web::test]
async fn a_provider_that_is_down_sends_a_comment_to_the_queue() {
    let mut here = Discussion::new(json!({"mode": "post_moderated"})).await;
    let secret = ProviderSecret::new("s3cret");
    let mut settings = ProviderSettings::new(
        ProviderName::Turnstile,
        "key".to_owned(),
        secret,
        vec!["example.org".into()],
    );
    // Nobody listens on the discard port.
    settings.verify_url = "http://127.0.0.1:9/siteverify".to_owned();
    here.app = here.app.asking_for(CaptchaSettings::Provider(settings)).await;
    let body = json!({"author_name": "K", "body": "Bonjour", "captcha": "token"});
    let held = here.send(None, body).await.expect(202);
    assert_eq!(
        here.holds(&held.id()).await,
        [("captcha".into(), "captcha_unavailable".into())]
    );
}

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
