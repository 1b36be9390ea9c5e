//! The schedule: what is due and what is late, in order, page by page, for those who may read it.

use masthead::access::auth::Role;
use serde_json::json;

use super::{Paper, today};

#[actix_web::test]
async fn what_waits_is_listed_soonest_first_and_says_how_late_it_is() {
    let paper = Paper::new().await;
    let mut expected = Vec::new();
    for (title, time) in [("Trois", "12:00"), ("Un", "09:00"), ("Deux", "10:30")] {
        let id = paper.draft(title).await;
        paper.plan(&id, "publish", time).await.expect(200);
        expected.push((time, title));
    }
    expected.sort_unstable();
    paper.clock_at("11:00:00");
    let schedule = paper.listed("").await;
    let items = schedule.json["items"].as_array().unwrap();
    let titles: Vec<&str> = items
        .iter()
        .map(|item| item["article"]["title"].as_str().unwrap())
        .collect();
    assert_eq!(titles, ["Un", "Deux", "Trois"]);
    let late: Vec<i64> = items
        .iter()
        .map(|item| item["late_seconds"].as_i64().unwrap())
        .collect();
    assert_eq!(late, [7200, 1800, 0]);
    assert_eq!(items[0]["article"]["section_id"], json!(paper.section));
    assert_eq!(
        paper
            .listed("planned_before=2026-11-23T11:00:00Z")
            .await
            .items("at")
            .len(),
        2
    );
    paper.run().await;
    assert_eq!(paper.listed("").await.items("at"), ["2026-11-23T12:00:00.000Z"]);
    assert_eq!(
        paper.listed("state=done").await.items("at"),
        ["2026-11-23T09:00:00.000Z", "2026-11-23T10:30:00.000Z"]
    );
}

#[actix_web::test]
async fn it_is_narrowed_by_state_kind_section_article_and_time() {
    let paper = Paper::new().await;
    let below = paper.admin().section("Mali", Some(&paper.section)).await;
    let elsewhere = paper.admin().section("Sport", None).await;
    let first = paper.draft("Un").await;
    let second = paper.admin().draft("Deux", &below).await;
    let third = paper.admin().draft("Trois", &elsewhere).await;
    for (id, time) in [(&first, "10:00"), (&second, "11:00"), (&third, "12:00")] {
        paper.plan(id, "publish", time).await.expect(200);
    }
    paper.plan(&third, "unpublish", "13:00").await.expect(200);
    paper.admin().take(&first, "unschedule", json!({})).await.expect(200);
    for (query, hours) in [
        (String::new(), vec!["11", "12", "13"]),
        ("state=cancelled".to_owned(), vec!["10"]),
        ("state=cancelled,pending".to_owned(), vec!["10", "11", "12", "13"]),
        (
            "state=cancelled&state=pending&kind=publish".to_owned(),
            vec!["10", "11", "12"],
        ),
        ("kind=unpublish".to_owned(), vec!["13"]),
        (format!("section_id={}", paper.section), vec!["11"]),
        (format!("section_id={elsewhere}"), vec!["12", "13"]),
        (format!("article_id={second}"), vec!["11"]),
        ("planned_after=2026-11-23T12:00:00Z".to_owned(), vec!["12", "13"]),
        ("planned_before=2026-11-23T12:00:00Z".to_owned(), vec!["11"]),
        (
            "planned_after=2026-11-23T11:00:00Z&planned_before=2026-11-23T13:00:00Z".to_owned(),
            vec!["11", "12"],
        ),
    ] {
        let found = paper.listed(&query).await.items("at");
        let expected: Vec<String> = hours
            .iter()
            .map(|hour| format!("2026-11-23T{hour}:00:00.000Z"))
            .collect();
        assert_eq!(found, expected, "{query}");
    }
}

#[actix_web::test]
async fn it_is_walked_page_by_page_without_a_repetition_or_a_gap() {
    let paper = Paper::new().await;
    let mut expected = Vec::new();
    for number in 0..23 {
        let id = paper.draft(&format!("T{number}")).await;
        // Several at one moment: the id decides.
        let answer = paper
            .plan(&id, "publish", &format!("{:02}:00", 10 + number % 4))
            .await
            .expect(200);
        let planned = &answer.json["schedules"][0];
        expected.push((planned["at"].to_string(), planned["id"].as_str().unwrap().to_owned()));
    }
    expected.sort();
    let expected: Vec<String> = expected.into_iter().map(|(_, id)| id).collect();
    for limit in [1, 5, 100] {
        assert_eq!(
            paper.admin().walk("/v1/editorial/schedule", limit).await,
            expected,
            "{limit}"
        );
    }
    let first = paper.listed("limit=5").await;
    let cursor = first.json["page"]["next_cursor"].as_str().unwrap();
    let elsewhere = format!("/v1/editorial/schedule?kind=publish&cursor={cursor}");
    paper.admin().get(&elsewhere).await.problem(400, "invalid_cursor");
}

#[actix_web::test]
async fn everybody_sees_what_their_grants_cover() {
    let paper = Paper::new().await;
    let sport = paper.admin().section("Sport", None).await;
    let journalist = paper.app.user(Role::Journalist);
    let own = journalist.draft("À moi", &sport).await;
    let others = paper.draft("Aux autres").await;
    for id in [&own, &others] {
        paper
            .admin()
            .take(id, "schedule", today("publish", "10:00"))
            .await
            .expect(200);
    }
    let list = "/v1/editorial/schedule";
    let seen = |answer: crate::support::Answer| -> Vec<String> {
        let items = answer.json["items"].as_array().unwrap().clone();
        items
            .iter()
            .map(|item| item["article"]["id"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(seen(journalist.get(list).await.expect(200)), [own.as_str()]);
    let editor = paper.app.user_in(Role::SectionEditor, &sport);
    assert_eq!(seen(editor.get(list).await.expect(200)), [own.as_str()]);
    let analyst = paper.app.user(Role::Analyst);
    assert_eq!(seen(analyst.get(list).await.expect(200)), [own, others]);
    paper
        .app
        .user(Role::Moderator)
        .get(list)
        .await
        .problem(403, "forbidden");
}
