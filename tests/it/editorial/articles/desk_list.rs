//! The desk's list: its filters, its pages, and whom it shows what.

use masthead::access::auth::Role;
use serde_json::json;

use crate::support::newsroom::{ARTICLES, UNKNOWN_ID, bilingual, desk, newsroom, section_id};
use crate::support::requests::escaped;
use crate::support::{TestApp, grant};

#[actix_web::test]
async fn the_desk_list_filters() {
    let app = TestApp::with_site(&bilingual()).await;
    let admin = app.admin();
    let news = admin.section("News", None).await;
    let mali = admin.section("Mali", Some(&news)).await;
    let sport = admin.section("Sport", None).await;
    let user = admin.user_id.unwrap().to_string();
    let a = admin.published("A", &news).await;
    app.clock.advance_seconds(10);
    let b = admin
        .make(json!({"locale": "en", "title": "B", "section_id": mali, "type": "opinion"}))
        .await;
    app.clock.advance_seconds(10);
    let c = admin
        .make(json!({"locale": "fr", "title": "C", "section_id": sport, "assignee_id": user}))
        .await;
    app.clock.advance_seconds(10);
    let d = admin
        .make(json!({"locale": "fr", "title": "D", "secondary_section_ids": [sport]}))
        .await;
    let e = admin.draft("E", &news).await;
    admin.take(&e, "trash", json!({})).await.expect(200);
    let since = escaped("2026-11-23T08:00:20Z");
    let table: Vec<(String, Vec<&String>)> = vec![
        (String::new(), vec![&d, &c, &b, &a]),
        ("state=published".into(), vec![&a]),
        ("state=draft".into(), vec![&d, &c, &b]),
        ("state=trashed".into(), vec![&e]),
        ("state=killed".into(), vec![]),
        (format!("section_id={news}"), vec![&b, &a]),
        (format!("section_id={sport}"), vec![&c]),
        (format!("section_id={UNKNOWN_ID}"), vec![]),
        ("locale=en".into(), vec![&b]),
        ("type=opinion".into(), vec![&b]),
        (format!("assignee_id={user}"), vec![&c]),
        (format!("changed_after={since}"), vec![&d, &c]),
        (format!("section_id={news}&locale=fr&state=published"), vec![&a]),
    ];
    for (query, expected) in table {
        let found = admin.get(&format!("{ARTICLES}?{query}")).await.expect(200).items("id");
        assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{query}");
    }
    for bad in [
        "state=nonsense",
        "section_id=news",
        "locale=!",
        "type=",
        "limit=0",
        "limit=101",
        "changed_after=hier",
        "cursor=x",
        "colour=red",
    ] {
        assert_eq!(admin.get(&format!("{ARTICLES}?{bad}")).await.status, 400, "{bad}");
    }
}

#[actix_web::test]
async fn the_desk_list_is_walked_without_a_gap() {
    let (app, admin, section) = newsroom().await;
    let mut made = Vec::new();
    for number in 0..11 {
        made.push(admin.draft(&format!("T{number}"), &section).await);
        app.clock.advance_seconds(i64::from(number % 3 == 0));
    }
    made.sort();
    for limit in [1, 2, 3, 7, 11, 12] {
        let mut walked = admin.walk(ARTICLES, limit).await;
        walked.sort();
        assert_eq!(walked, made, "limit {limit}");
    }
    let first = admin.get(&format!("{ARTICLES}?limit=2")).await.expect(200);
    let cursor = first.json["page"]["next_cursor"].as_str().unwrap();
    admin
        .get(&format!("{ARTICLES}?limit=2&state=draft&cursor={cursor}"))
        .await
        .problem(400, "invalid_cursor");
}

#[actix_web::test]
async fn a_grant_shows_what_it_covers_and_nothing_else() {
    let app = TestApp::with_site(&bilingual()).await;
    let admin = app.admin();
    let news = admin.section("News", None).await;
    let sport = admin.section("Sport", None).await;
    let football = admin.section("Football", Some(&sport)).await;
    let mut all = Vec::new();
    for section in [&news, &sport, &football] {
        for locale in ["fr", "en"] {
            let id = admin
                .make(json!({"locale": locale, "title": "T", "section_id": section}))
                .await;
            all.push((id, section.clone(), locale));
        }
    }
    let nowhere = admin.make(json!({"locale": "fr", "title": "Sans rubrique"})).await;
    let in_sport = |section: &String| *section == sport || *section == football;
    let table: Vec<(
        &str,
        Vec<masthead::access::auth::Grant>,
        Box<dyn Fn(&String, &str) -> bool>,
    )> = vec![
        ("analyst", vec![grant(Role::Analyst, None, None)], Box::new(|_, _| true)),
        (
            "editor in sport",
            vec![grant(Role::SectionEditor, Some(section_id(&sport)), None)],
            Box::new(move |s, _| in_sport(s)),
        ),
        (
            "publisher in English",
            vec![grant(Role::Publisher, None, Some("en"))],
            Box::new(|_, l| l == "en"),
        ),
        (
            "journalist",
            vec![grant(Role::Journalist, None, None)],
            Box::new(|_, _| false),
        ),
        (
            "moderator and editor in news",
            vec![
                grant(Role::Moderator, None, None),
                grant(Role::SectionEditor, Some(section_id(&news)), None),
            ],
            {
                let news = news.clone();
                Box::new(move |s, _| *s == news)
            },
        ),
        (
            "journalist and editor in news",
            vec![
                grant(Role::Journalist, None, None),
                grant(Role::SectionEditor, Some(section_id(&news)), None),
            ],
            {
                let news = news.clone();
                Box::new(move |s, _| *s == news)
            },
        ),
        (
            "French in news, English in football",
            vec![
                grant(Role::SectionEditor, Some(section_id(&news)), Some("fr")),
                grant(Role::SectionEditor, Some(section_id(&football)), Some("en")),
            ],
            {
                let (news, football) = (news.clone(), football.clone());
                Box::new(move |s, l| *s == news && l == "fr" || *s == football && l == "en")
            },
        ),
    ];
    for (who, grants, covers) in table {
        let reader = app.user_with(grants);
        let everywhere = who == "analyst";
        let mut expected: Vec<&String> = all.iter().filter(|(_, s, l)| covers(s, l)).map(|(id, ..)| id).collect();
        if everywhere {
            expected.push(&nowhere);
        }
        let mut found = reader.walk(ARTICLES, 2).await;
        found.sort();
        assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{who}");
        for (id, section, locale) in &all {
            let status = if covers(section, locale) { 200 } else { 404 };
            assert_eq!(reader.get(&desk(id)).await.status, status, "{who} {section} {locale}");
        }
        // Filters narrow, and never widen.
        for section in [&news, &sport, &football] {
            for locale in ["fr", "en"] {
                let path = format!("{ARTICLES}?section_id={section}&locale={locale}");
                let found = reader.get(&path).await.expect(200).items("id");
                let below = |s: &String| s == section || *section == sport && *s == football;
                let mut expected: Vec<&String> = all
                    .iter()
                    .filter(|(_, s, l)| below(s) && *l == locale && covers(s, l))
                    .map(|(id, ..)| id)
                    .collect();
                let mut found: Vec<&String> = found.iter().collect();
                found.sort();
                expected.sort();
                assert_eq!(found, expected, "{who} {section} {locale}");
            }
        }
    }
}

#[actix_web::test]
async fn ones_own_draft_is_listed_wherever_it_can_be_read() {
    let (app, _admin, _section) = newsroom().await;
    let admin = app.admin();
    let sport = admin.section("Sport", None).await;
    let editor = app.user_in(Role::SectionEditor, &sport);
    let journalist = app.user(Role::Journalist);
    for user in [&editor, &journalist] {
        let id = user.make(json!({"locale": "fr", "title": "Sans rubrique"})).await;
        user.get(&desk(&id)).await.expect(200);
        assert_eq!(user.walk(ARTICLES, 10).await, [id]);
    }
}
