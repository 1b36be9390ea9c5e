//! Words find each other in whatever way they are written, and what is typed so far is never lost by a letter more.

use serde_json::json;

use super::publish;
use crate::support::TestApp;
use crate::support::newsroom::newsroom;
use crate::support::requests::escaped;

#[actix_web::test]
async fn singular_and_plural_masculine_and_feminine_find_each_other() {
    for forms in [
        &["loi", "lois"][..],
        &["élu", "élus", "élue", "élues"],
        &["emploi", "emplois"],
        &["euro", "euros"],
        &["an", "ans"],
        &["jeu", "jeux"],
        &["député", "députée", "députés", "députées"],
        &["policier", "policière", "policières"],
        &["sportif", "sportive"],
        &["directeur", "directrice", "directrices"],
        &["chercheur", "chercheuse"],
        &["heureux", "heureuse", "heureuses"],
        &["africain", "africaines"],
        &["congolais", "congolaise"],
        &["tchadien", "tchadienne"],
        &["national", "nationale", "nationaux"],
        &["œil", "yeux"],
    ] {
        let (app, admin, section) = newsroom().await;
        for form in forms {
            publish(&admin, &section, json!({"title": format!("Titre {form}")})).await;
        }
        for form in forms {
            assert_eq!(app.found(&format!("{form} ")).await.len(), forms.len(), "{form}");
        }
    }
}

/// Which of the titles each query finds, sorted.
async fn assert_finds(titles: &[&str], cases: &[(&str, &[&str])]) {
    let (app, admin, section) = newsroom().await;
    for title in titles {
        publish(&admin, &section, json!({"title": title})).await;
    }
    for (q, expected) in cases {
        for q in [(*q).to_owned(), format!("{q} ")] {
            let mut found = app.found(&q).await;
            found.sort();
            assert_eq!(found, *expected, "{q}");
        }
    }
}

#[actix_web::test]
async fn names_with_an_apostrophe_are_found_with_it_and_without() {
    let both = ["M. Ndiaye fait appel", "M. N’Diaye fait appel"];
    assert_finds(
        &["M. N’Diaye fait appel", "M. Ndiaye fait appel", "L’Afrique d’O'Neill"],
        &[
            ("ndiaye", &both),
            ("n’diaye", &both),
            ("N'DIAYE", &both),
            ("\"ndiaye fait\"", &both),
            ("afrique", &["L’Afrique d’O'Neill"]),
            ("d'oneill", &["L’Afrique d’O'Neill"]),
        ],
    )
    .await;
}

#[actix_web::test]
async fn words_are_found_together_and_apart() {
    let (today, virus, joined) = ["Aujourd’hui, le pays", "Le Covid-19 recule", "Vaccin covid19"].into();
    let (union, city, weekend) = ["L’U.E. se réunit", "Porto-Novo en fête", "Un weekend"].into();
    assert_finds(
        &[today, virus, joined, union, city, weekend],
        &[
            ("aujourdhui", &[today]),
            ("aujourd'hui", &[today]),
            ("aujourd hui", &[today]),
            ("covid19", &[virus, joined]),
            ("covid-19", &[virus, joined]),
            ("covid 19", &[virus, joined]),
            ("UE", &[union]),
            ("u.e.", &[union]),
            ("l'U.E", &[union]),
            ("portonovo", &[city]),
            ("porto novo", &[city]),
            ("week-end", &[weekend]),
            ("week end", &[weekend]),
        ],
    )
    .await;
}

#[actix_web::test]
async fn a_compound_that_was_asked_for_as_one_word_is_shown_whole() {
    let (app, admin, section) = newsroom().await;
    publish(&admin, &section, json!({"title": "À Porto-Novo et N’Djamena"})).await;
    for (q, range) in [("portonovo", (2, 12)), ("ndjamena", (16, 25))] {
        let answer = app.search(q, "").await.expect(200);
        let ranges = json!([{"start": range.0, "end": range.1}]);
        assert_eq!(answer.json["items"][0]["highlights"][0]["ranges"], ranges, "{q}");
    }
}

async fn suggested(app: &TestApp, q: &str) -> Vec<String> {
    let path = format!("/v1/search/suggest?q={}", escaped(q));
    let answer = app.guest().get(&path).await.expect(200);
    let articles = answer.json["articles"].as_array().unwrap().iter();
    articles
        .map(|article| article["title"].as_str().unwrap().to_owned())
        .collect()
}

#[actix_web::test]
async fn a_title_is_suggested_whatever_letter_of_it_is_typed_next() {
    let (app, admin, section) = newsroom().await;
    let titles = [
        "Côte d’Ivoire : le vote",
        "Porto-Novo, capitale",
        "Ce qu’il faut savoir lorsqu’on vote",
        "M. N’Diaye et l’U.E. aujourd’hui",
    ];
    for title in titles {
        publish(&admin, &section, json!({"title": title})).await;
    }
    for title in titles {
        let typed = title.replace(['’'], "'").to_lowercase();
        for end in typed.char_indices().map(|(at, _)| at).skip(2).chain([typed.len()]) {
            let q = &typed[..end];
            assert!(suggested(&app, q).await.contains(&title.to_owned()), "{q:?}");
        }
    }
    for (q, title) in [
        ("cote d’", titles[0]),
        ("cote d", titles[0]),
        ("cote d’i", titles[0]),
        ("porto n", titles[1]),
    ] {
        assert_eq!(suggested(&app, q).await, [title], "{q}");
    }
    for q in ["cote d’x", "porto x", "porto z"] {
        assert_eq!(suggested(&app, q).await, Vec::<String>::new(), "{q}");
    }
}

#[actix_web::test]
async fn a_section_is_suggested_whatever_letter_of_it_is_typed_next() {
    let (app, admin, _) = newsroom().await;
    admin.section("Côte d’Ivoire", None).await;
    for q in ["co", "cote", "cote d", "cote d'", "cote d’i", "côte d’ivoire"] {
        let path = format!("/v1/search/suggest?q={}", escaped(q));
        let answer = app.guest().get(&path).await.expect(200);
        assert_eq!(answer.json["sections"][0]["label"], "Côte d’Ivoire", "{q}");
    }
}
