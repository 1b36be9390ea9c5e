//! What waits, and what a moderator makes of it.

use masthead::access::auth::Role;
use serde_json::json;

use super::{QUEUE, Thread};
use crate::support::newsroom::{UNKNOWN_ID, bilingual, section_id};
use crate::support::{TestApp, grant};

/// The phases that every comment passes, in their order.
const PHASES: [&str; 14] = [
    "length",
    "open",
    "sanitise",
    "sanctions",
    "rate",
    "honeypot",
    "captcha",
    "duplicate",
    "names",
    "words",
    "links",
    "spam",
    "history",
    "mode",
];

#[actix_web::test]
async fn the_queue_is_oldest_first_and_walked_without_a_gap() {
    let thread = Thread::new().await;
    let mut written = Vec::new();
    for number in 0..7 {
        written.push(thread.write(&number.to_string(), None).await);
        thread.app.clock.advance_seconds(i64::from(number % 2));
    }
    let moderator = thread.app.user(Role::Moderator);
    for limit in [1, 2, 3, 7, 8] {
        assert_eq!(moderator.walk(QUEUE, limit).await, written, "limit {limit}");
    }
    thread.admin.decide(&written[0], "approve").await.expect(200);
    thread.admin.decide(&written[1], "spam").await.expect(200);
    for (query, expected) in [
        ("queue=pending".to_owned(), &written[2..]),
        ("queue=approved".to_owned(), &written[..1]),
        ("queue=spam".to_owned(), &written[1..2]),
        ("queue=reported".to_owned(), &written[..0]),
        (format!("article_id={}", thread.article), &written[2..]),
        (
            "article_id=0197a3f2-5c1e-7b3a-9d2f-6a1b2c3d4e5f".to_owned(),
            &written[..0],
        ),
    ] {
        assert_eq!(
            moderator.get(&format!("{QUEUE}?{query}")).await.expect(200).items("id"),
            expected,
            "{query}"
        );
    }
    let waiting = moderator.get(&format!("{QUEUE}?limit=1")).await.json["items"][0].clone();
    assert_eq!(
        (&waiting["article_title"], &waiting["article_path"]),
        (&json!("Titre"), &json!("/news/titre"))
    );
    assert_eq!(
        waiting["verdicts"],
        json!(PHASES.map(|phase| match phase {
            "mode" => json!({"phase": phase, "verdict": "hold", "reason": "pre_moderated", "matched": []}),
            _ => json!({"phase": phase, "verdict": "pass", "reason": null, "matched": []}),
        }))
    );
    for bad in ["queue=nonsense", "limit=0", "article_id=x", "cursor=x", "colour=red"] {
        assert_eq!(moderator.get(&format!("{QUEUE}?{bad}")).await.status, 400, "{bad}");
    }
    for role in [Role::Publisher, Role::SectionEditor, Role::Journalist] {
        thread.app.user(role).get(QUEUE).await.problem(403, "forbidden");
    }
    thread.app.user(Role::Analyst).get(QUEUE).await.expect(200);
    thread
        .app
        .user(Role::Analyst)
        .decide(&written[2], "approve")
        .await
        .problem(403, "forbidden");
    thread.app.guest().get(QUEUE).await.problem(401, "unauthenticated");
}

#[actix_web::test]
async fn every_state_answers_every_decision() {
    let thread = Thread::new().await;
    let decisions = ["approve", "reject", "spam", "restore"];
    let states = ["approved", "rejected", "spam", "pending"];
    for (first, state) in decisions.iter().zip(states) {
        for (second, next) in decisions.iter().zip(states) {
            let id = thread.write(&format!("{first}, {second}"), None).await;
            thread.admin.decide(&id, first).await.expect(200);
            let answer = thread.admin.decide(&id, second).await;
            let context = format!("{second} after {first}: {}", answer.text);
            assert_eq!(
                (answer.status, answer.json["state"].as_str()),
                (200, Some(next)),
                "{context}"
            );
            let decided = usize::from(state != "pending") + usize::from(next != state);
            assert_eq!(thread.log(&id).await.len(), decided, "{context}");
            let kept = thread.admin.get(&format!("/v1/editorial/comments/{id}")).await;
            assert_eq!(kept.json["comment"]["state"], next, "{context}");
            assert_eq!(thread.count().await, i64::from(next == "approved"), "{context}");
            // Leave none behind: the next round counts from nothing.
            thread.admin.decide(&id, "restore").await.expect(200);
        }
    }
    thread
        .admin
        .decide(UNKNOWN_ID, "approve")
        .await
        .problem(404, "not_found");
    thread
        .admin
        .decide("nonsense", "approve")
        .await
        .problem(404, "not_found");
}

#[actix_web::test]
async fn the_log_says_who_did_what_and_why_and_only_grows() {
    let thread = Thread::new().await;
    let moderator = thread.app.user(Role::Moderator);
    let id = thread.write("B", None).await;
    let path = |decision: &str| format!("/v1/editorial/comments/{id}/actions/{decision}");
    let why = json!({"reason": "abuse", "note": "deuxième fois"});
    let unknown = moderator.post(&path("reject"), json!({"reason": "nonsense"})).await;
    unknown.invalid(&[("/reason", "invalid_value")]);
    moderator.post(&path("reject"), why.clone()).await.expect(200);
    let reasons = moderator
        .get(&format!("/v1/editorial/comments/{id}"))
        .await
        .expect(200)
        .json;
    thread.app.clock.advance_seconds(60);
    thread.admin.decide(&id, "restore").await.expect(200);
    thread.admin.decide(&id, "restore").await.expect(200);
    thread.app.clock.advance_seconds(60);
    thread.admin.decide(&id, "approve").await.expect(200);
    let log = thread.log(&id).await;
    let entries: Vec<_> = log
        .iter()
        .map(|entry| {
            (
                entry["action"].as_str().unwrap(),
                entry["from_state"].as_str().unwrap(),
                entry["to_state"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        entries,
        [
            ("reject", "pending", "rejected"),
            ("restore", "rejected", "pending"),
            ("approve", "pending", "approved")
        ]
    );
    assert_eq!(log[0], reasons["log"][0]);
    assert_eq!(
        (&log[0]["reason"], &log[0]["note"], &log[0]["moderator_name"]),
        (&why["reason"], &why["note"], &json!("Awa Kossou"))
    );
    assert_eq!(log[0]["moderator_id"], moderator.user_id.unwrap().to_string());
    assert_eq!(log[1]["at"], "2026-11-23T08:01:00.000Z");
}

#[actix_web::test]
async fn a_moderator_sees_and_decides_where_a_grant_reaches() {
    let app = TestApp::with_site(&bilingual()).await;
    let admin = app.admin();
    let news = admin.section("News", None).await;
    let mali = admin.section("Mali", Some(&news)).await;
    let sport = admin.section("Sport", None).await;
    let mut all = Vec::new();
    for section in [&news, &mali, &sport] {
        for locale in ["fr", "en"] {
            let article = admin
                .make(json!({"locale": locale, "title": "T", "section_id": section}))
                .await;
            admin.publish(&article).await.expect(200);
            all.push((app.guest().comment(&article, "B", None).await, section.clone(), locale));
        }
    }
    let everything = |role| vec![grant(role, None, None)];
    type Rule = Box<dyn Fn(&String, &str) -> bool>;
    let in_news = {
        let (news, mali) = (news.clone(), mali.clone());
        move |section: &String| *section == news || *section == mali
    };
    let (a, b, c, d) = (in_news.clone(), in_news.clone(), in_news, sport.clone());
    let table: Vec<(&str, Vec<masthead::access::auth::Grant>, Rule)> = vec![
        ("everywhere", everything(Role::Moderator), Box::new(|_, _| true)),
        (
            "in news",
            vec![grant(Role::Moderator, Some(section_id(&news)), None)],
            Box::new(move |s, _| a(s)),
        ),
        (
            "in French",
            vec![grant(Role::Moderator, None, Some("fr"))],
            Box::new(|_, l| l == "fr"),
        ),
        (
            "in news, journalist in English",
            vec![
                grant(Role::Journalist, None, Some("en")),
                grant(Role::Moderator, Some(section_id(&news)), Some("fr")),
            ],
            Box::new(move |s, l| b(s) && l == "fr"),
        ),
        (
            "French in news, English in sport",
            vec![
                grant(Role::Moderator, Some(section_id(&news)), Some("fr")),
                grant(Role::Moderator, Some(section_id(&sport)), Some("en")),
            ],
            Box::new(move |s, l| c(s) && l == "fr" || *s == d && l == "en"),
        ),
    ];
    for (who, grants, covers) in table {
        let moderator = app.user_with(grants);
        let expected: Vec<&String> = all.iter().filter(|(_, s, l)| covers(s, l)).map(|(id, ..)| id).collect();
        assert_eq!(
            moderator.walk(QUEUE, 2).await.iter().collect::<Vec<_>>(),
            expected,
            "{who}"
        );
        for (id, section, locale) in &all {
            let status = if covers(section, locale) { 200 } else { 404 };
            let read = moderator.get(&format!("/v1/editorial/comments/{id}")).await;
            // A repeated decision changes nothing: it waits still.
            let decided = moderator.decide(id, "restore").await;
            assert_eq!(
                (read.status, decided.status),
                (status, status),
                "{who} {section} {locale}"
            );
        }
    }
}
