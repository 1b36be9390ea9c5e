//! The filters of lists: what each finds, alone and with others, and what is refused.

use super::shelf;
use crate::support::TestApp;
use crate::support::newsroom::UNKNOWN_ID;
use crate::support::requests::escaped;

#[actix_web::test]
async fn filters_find_what_they_name_alone_and_together() {
    let shelf = shelf().await;
    let times: Vec<&String> = shelf.articles.iter().map(|article| &article.5).collect();
    let (from, to) = (times[5].clone(), times[1].clone());
    // Each filter: as a query, and as the rule that it means.
    type Rule = Box<
        dyn Fn(
            &(
                String,
                Vec<&'static str>,
                Vec<&'static str>,
                Vec<&'static str>,
                &'static str,
                String,
            ),
        ) -> bool,
    >;
    let below =
        |names: &'static [&'static str]| -> Rule { Box::new(move |a| a.1.iter().any(|place| names.contains(place))) };
    let tagged =
        |names: &'static [&'static str]| -> Rule { Box::new(move |a| a.2.iter().any(|tag| names.contains(tag))) };
    let signed =
        |names: &'static [&'static str]| -> Rule { Box::new(move |a| a.3.iter().any(|name| names.contains(name))) };
    let typed = |names: &'static [&'static str]| -> Rule { Box::new(move |a| names.contains(&a.4)) };
    let no: fn() -> Rule = || Box::new(|_| false);
    let unknown = UNKNOWN_ID;
    let (ids, tag_ids, person_ids) = (&shelf.sections, &shelf.tags, &shelf.people);
    let all = || -> Rule { Box::new(|_| true) };
    let sections: Vec<(String, Rule)> = vec![
        (String::new(), all()),
        ("section=/news".into(), below(&["news", "mali"])),
        (format!("section={}", ids["news"]), below(&["news", "mali"])),
        ("section=/news&exact_section=true".into(), below(&["news"])),
        ("section=/news/mali/".into(), below(&["mali"])),
        (
            "section=/news/mali,/sport&exact_section=true".into(),
            below(&["mali", "sport"]),
        ),
        ("section=/news&section=/sport".into(), below(&["news", "mali", "sport"])),
        ("section=/news,/rien".into(), below(&["news", "mali"])),
        ("section=/vide".into(), no()),
        ("section=/rien".into(), no()),
        (format!("section={unknown}"), no()),
    ];
    let tags: Vec<(String, Rule)> = vec![
        (String::new(), all()),
        ("tag=a".into(), tagged(&["a"])),
        (format!("tag={}", tag_ids["b"]), tagged(&["b"])),
        ("tag=a,b".into(), tagged(&["a", "b"])),
        ("tag=a&tag=c".into(), tagged(&["a"])),
        ("tag=c".into(), no()),
        (format!("tag={unknown}"), no()),
        ("tag=rien".into(), no()),
    ];
    let people: Vec<(String, Rule)> = vec![
        (String::new(), all()),
        ("contributor=awa".into(), signed(&["awa"])),
        (
            format!("contributor={},awa", person_ids["koffi"]),
            signed(&["awa", "koffi"]),
        ),
        ("contributor=rien".into(), no()),
    ];
    let types: Vec<(String, Rule)> = vec![
        (String::new(), all()),
        ("type=opinion".into(), typed(&["opinion"])),
        ("type=article,video".into(), typed(&["article", "video"])),
        ("type=gallery".into(), no()),
    ];
    let dates: Vec<(String, Rule)> = vec![
        (String::new(), all()),
        (
            format!("published_after={}&published_before={}", escaped(&from), escaped(&to)),
            { Box::new(move |a| a.5 >= from && a.5 < to) },
        ),
    ];
    let mut checked = 0;
    for (q1, r1) in &sections {
        for (q2, r2) in &tags {
            for (q3, r3) in &people {
                for (q4, r4) in &types {
                    for (q5, r5) in &dates {
                        // All of each filter alone, and a spread of the combinations.
                        checked += 1;
                        let set = [q1, q2, q3, q4, q5].iter().filter(|q| !q.is_empty()).count();
                        if set > 1 && checked % 11 != 0 {
                            continue;
                        }
                        let query = [q1, q2, q3, q4, q5]
                            .iter()
                            .filter(|q| !q.is_empty())
                            .map(|q| q.as_str())
                            .collect::<Vec<_>>()
                            .join("&");
                        let expected: Vec<&String> = shelf
                            .articles
                            .iter()
                            .filter(|a| r1(a) && r2(a) && r3(a) && r4(a) && r5(a))
                            .map(|a| &a.0)
                            .collect();
                        let found = shelf.app.listed(&query).await;
                        assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{query}");
                        if set > 2 {
                            let joint = if query.is_empty() { "" } else { "&" };
                            let walked = shelf
                                .app
                                .guest()
                                .walk(&format!("/v1/articles?{query}{joint}sort=published_at"), 1)
                                .await;
                            assert_eq!(
                                walked.iter().rev().collect::<Vec<_>>(),
                                expected,
                                "{query} page by page"
                            );
                        }
                    }
                }
            }
        }
    }
}

#[actix_web::test]
async fn a_bad_filter_is_refused_and_says_why() {
    let app = TestApp::new().await;
    let eleven = (0..11).map(|n| format!("t{n}")).collect::<Vec<_>>().join(",");
    let many = format!("tag={eleven}");
    let table = [
        ("colour=red", "unknown_parameter"),
        ("section=news", "invalid_parameter"),
        ("section=", "invalid_parameter"),
        ("tag=%C3%89t%C3%A9", "invalid_parameter"),
        ("tag=a,,b", "invalid_parameter"),
        (many.as_str(), "invalid_parameter"),
        ("contributor=A%20B", "invalid_parameter"),
        ("type=nonsense", "invalid_parameter"),
        ("type=article,nonsense", "invalid_parameter"),
        ("locale=xx", "invalid_parameter"),
        ("locale=fr&locale=fr", "invalid_parameter"),
        ("exact_section=1", "invalid_parameter"),
        ("published_after=hier", "invalid_parameter"),
        ("sort=title", "invalid_parameter"),
        ("limit=0", "invalid_parameter"),
        ("limit=101", "invalid_parameter"),
        ("limit=1&limit=1", "invalid_parameter"),
        ("cursor=x", "invalid_cursor"),
        ("tag=a%00", "invalid_parameter"),
        ("sort=-updated_at&section=/news", "sort_not_combinable"),
        ("sort=-updated_at&tag=a", "sort_not_combinable"),
        ("sort=-updated_at&contributor=a", "sort_not_combinable"),
        (
            "sort=-updated_at&published_after=2026-01-01T00:00:00Z",
            "sort_not_combinable",
        ),
    ];
    for (query, code) in table {
        for list in ["/v1/articles", "/v1/articles/full"] {
            let answer = app.guest().get(&format!("{list}?{query}")).await;
            assert_eq!(
                (answer.status, answer.json["code"].as_str()),
                (400, Some(code)),
                "{list}?{query}: {}",
                answer.text
            );
        }
    }
    app.guest()
        .get("/v1/articles?sort=-updated_at&type=article&locale=*")
        .await
        .expect(200);
    for path in [
        "/v1/articles/by-path",
        "/v1/resolve",
        "/v1/resolve?path=news",
        "/v1/resolve?path=",
        "/v1/articles/by-path?path=/a&path=/b",
    ] {
        app.guest().get(path).await.problem(400, "invalid_parameter");
    }
    for path in ["/v1/articles/nonsense", "/v1/articles/nonsense/comments"] {
        app.guest().get(path).await.problem(404, "not_found");
    }
}
