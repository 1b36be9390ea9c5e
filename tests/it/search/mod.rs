//! Searching: what readers and editors find, and what they do not.

mod corpus;
mod desk;
mod judged;
mod lexicon;
mod life;
mod pages;
mod words;

use serde_json::{Value, json};

use crate::support::newsroom::newsroom;
use crate::support::requests::escaped;
use crate::support::{Answer, Client, TestApp};

impl TestApp {
    /// What readers get for a query.
    async fn search(&self, q: &str, more: &str) -> Answer {
        let path = format!("/v1/search?q={}{more}", escaped(q));
        self.guest().get(&path).await
    }

    /// The titles of what readers find, in order.
    async fn found(&self, q: &str) -> Vec<String> {
        self.search(q, "").await.expect(200).items("title")
    }
}

/// Publishes an article of these members.
async fn publish(admin: &Client, section: &str, mut body: Value) -> String {
    body["section_id"] = json!(section);
    body["locale"] = json!("fr");
    let id = admin.make(body).await;
    admin.publish(&id).await.expect(200);
    id
}

fn paragraph(text: &str) -> Value {
    json!([{"type": "paragraph", "html": text}])
}

#[actix_web::test]
async fn words_are_found_in_any_form_without_case_and_accents() {
    let (app, admin, section) = newsroom().await;
    publish(
        &admin,
        &section,
        json!({"title": "Bénin : l’armée déjoue un putsch", "standfirst": "Les chefs-d’œuvre de Türkiye",
            "kicker": "Diplomatie", "blocks": paragraph("Des manifestations <em>agitent</em> le lan\u{ad}ceur.")}),
    )
    .await;
    for q in [
        "benin",
        "BÉNIN",
        "l'armée",
        "armee",
        "oeuvre",
        "œuvres",
        "turkiye",
        "diplomatie",
        "manifestation",
        "manifester ",
        "lanceurs",
        "diplo",
        "benin putsch",
        "\"déjoue un putsch\"",
        "« l'armee dejoue »",
        "benin -mali",
        "benin -\"putsch un\"",
    ] {
        assert_eq!(app.found(q).await.len(), 1, "{q}");
    }
    for q in [
        "mali",
        "benin mali",
        "dip",
        "diplo ",
        "\"un putsch déjoue\"",
        "\"putsch diplomatie\"",
        "\"manifestation\"",
        "benin -putschs",
        "benin -\"un putsch\"",
    ] {
        assert_eq!(app.found(q).await, Vec::<String>::new(), "{q}");
    }
}

#[actix_web::test]
async fn what_was_found_is_shown_in_the_text_as_it_stands() {
    let (app, admin, section) = newsroom().await;
    publish(
        &admin,
        &section,
        json!({"title": "L’œuvre de « Koffi »", "standfirst": "Rien ici.", "kicker": "Des œuvres",
            "blocks": [{"type": "paragraph", "html": "Premier &amp; court."},
                {"type": "paragraph", "html": "😀 Son <b>œu</b>vre <em>finie</em>"}]}),
    )
    .await;
    let answer = app.search("oeuvre finies", "").await.expect(200);
    let expected = json!([
        {"field": "title", "text": "L’œuvre de « Koffi »", "ranges": [{"start": 2, "end": 7}]},
        {"field": "kicker", "text": "Des œuvres", "ranges": [{"start": 4, "end": 10}]},
        {"field": "body", "text": "😀 Son œuvre finie", "ranges": [{"start": 6, "end": 11}, {"start": 12, "end": 17}]},
    ]);
    assert_eq!(answer.json["items"][0]["highlights"], expected);
    assert_eq!(answer.json["items"][0]["path"], "/news/l-oeuvre-de-koffi");
    assert_eq!(answer.json["did_you_mean"], Value::Null);
}

#[actix_web::test]
async fn each_language_is_stemmed_as_its_own() {
    let site = masthead::site::settings::Site {
        locales: vec!["fr".to_owned(), "en".to_owned(), "de".to_owned()],
        ..masthead::site::settings::Site::default()
    };
    let app = TestApp::with_site(&site).await;
    let admin = app.admin();
    let section = admin.section("News", None).await;
    for (locale, title) in [("fr", "Les nations"), ("en", "Running nations"), ("de", "Nationen")] {
        let id = admin
            .make(json!({"locale": locale, "title": title, "section_id": section}))
            .await;
        admin.publish(&id).await.expect(200);
    }
    for (q, more, expected) in [
        ("nation ", "", vec!["Les nations"]),
        ("nation ", "&locale=en", vec!["Running nations"]),
        ("run ", "&locale=en", vec!["Running nations"]),
        ("nation ", "&locale=de", vec![]),
        ("nationen ", "&locale=de", vec!["Nationen"]),
        ("nation ", "&locale=*", vec!["Running nations", "Les nations"]),
        (
            "nation",
            "&locale=*",
            vec!["Nationen", "Running nations", "Les nations"],
        ),
    ] {
        assert_eq!(
            app.search(q, more).await.expect(200).items("title"),
            expected,
            "{q}{more}"
        );
    }
}

#[actix_web::test]
async fn any_input_is_answered() {
    let (app, admin, section) = newsroom().await;
    publish(
        &admin,
        &section,
        json!({"title": "NEAR et col", "blocks": paragraph("AND OR NOT")}),
    )
    .await;
    let mut inputs: Vec<String> = [
        "\"",
        "\"\"",
        "*",
        "a*",
        "NEAR(",
        "NEAR(a b, 2)",
        "col:",
        "title:near",
        "title_stems : near",
        "{title} : a",
        "^near",
        "a AND",
        "NOT",
        "OR OR",
        "-",
        "--",
        "-a",
        "- a",
        "(",
        ")",
        "((((((((((",
        "'",
        "''",
        "\\",
        "\\'",
        ":*",
        "a:*B",
        "a & b | !c",
        "<->",
        "a <-> b",
        "😀",
        "é😀é",
        "\u{301}",
        "\u{ad}",
        "a\u{ad}",
        "\u{200d}",
        "中文 العربية हिन्दी",
        "%",
        "_",
        "; DROP TABLE articles",
        "$1",
        "?1",
        "\u{10ffff}",
        "½ ² ﬁ",
        "«",
        "« »",
        "“near",
        "\n\t",
    ]
    .map(str::to_owned)
    .to_vec();
    for unit in ["a ", "a*", "\"a\" ", "-a ", "é", "ﷺ", "l'", "\"", "a b\" "] {
        inputs.push(unit.repeat(200).chars().take(200).collect());
    }
    // A plain generator, so that a failure comes again.
    let alphabet: Vec<char> = "abé œ'’\"«»-*:(){}^&|!<>\\%_\u{ad}\u{301}😀中 NEARORT"
        .chars()
        .collect();
    let mut seed = 7_usize;
    for _ in 0..150 {
        let mut next = || {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            seed >> 33
        };
        let length = next() % 60;
        inputs.push((0..length).map(|_| alphabet[next() % alphabet.len()]).collect());
    }
    let mut found = 0;
    for input in &inputs {
        for path in ["/v1/search", "/v1/search/suggest", "/v1/editorial/search"] {
            let answer = admin.get(&format!("{path}?q={}", escaped(input))).await;
            assert!([200, 400].contains(&answer.status), "{path} {input:?}: {}", answer.text);
            found += usize::from(answer.status == 200);
        }
        let ranked = app.search(input, "&sort=relevance").await;
        assert!([200, 400].contains(&ranked.status), "{input:?}: {}", ranked.text);
    }
    assert!(found > inputs.len(), "{found}");
    for q in ["", "q=", "q=%00", "q=%FF", "q=%20-%20", "q=a&q=b"] {
        let answer = app.guest().get(&format!("/v1/search?{q}")).await;
        answer.problem(400, "invalid_parameter");
    }
    let long = "a".repeat(201);
    app.search(&long, "").await.problem(400, "invalid_parameter");
    app.search(&long[1..], "").await.expect(200);
    assert_eq!(app.found("near col").await.len(), 1);
}

#[actix_web::test]
async fn an_answer_can_be_kept_and_asked_for_again() {
    let (app, admin, section) = newsroom().await;
    publish(&admin, &section, json!({"title": "Mali"})).await;
    let answer = app.search("mali", "").await.expect(200);
    assert_eq!(answer.header("surrogate-key"), "articles contributors frame tags");
    assert!(
        answer
            .header("cache-control")
            .starts_with("public, max-age=0, s-maxage=30")
    );
    let again = |tag: &str| {
        let asking = app.guest().request(actix_web::http::Method::GET, "/v1/search?q=mali");
        asking.header("if-none-match", tag).send()
    };
    again(answer.header("etag")).await.expect(304);
    publish(&admin, &section, json!({"title": "Encore le Mali"})).await;
    again(answer.header("etag")).await.expect(200);
}

#[actix_web::test]
async fn suggestions_are_live_things_that_begin_so() {
    let (app, admin, section) = newsroom().await;
    let (used, _unused) = (admin.tag("Élections").await, admin.tag("Élevage").await);
    admin.section("Vie des élèves", None).await;
    publish(
        &admin,
        &section,
        json!({"title": "Des élèves au théâtre", "tag_ids": [used], "blocks": paragraph("L’élite.")}),
    )
    .await;
    publish(
        &admin,
        &section,
        json!({"title": "Sans rapport", "blocks": paragraph("Des élèves.")}),
    )
    .await;
    admin.draft("Élèves en brouillon", &section).await;
    let suggest = async |q: &str| {
        let path = format!("/v1/search/suggest?q={}", escaped(q));
        let answer = app.guest().get(&path).await.expect(200);
        let of = |kind: &str, name: &str| -> Vec<String> {
            let things = answer.json[kind].as_array().unwrap().iter();
            things.map(|thing| thing[name].as_str().unwrap().to_owned()).collect()
        };
        (of("articles", "title"), of("tags", "label"), of("sections", "label"))
    };
    let one = |text: &str| vec![text.to_owned()];
    assert_eq!(
        suggest("ele").await,
        (one("Des élèves au théâtre"), one("Élections"), one("Vie des élèves"))
    );
    assert_eq!(
        suggest("theatre el").await,
        (one("Des élèves au théâtre"), vec![], vec![])
    );
    assert_eq!(suggest("elit").await, (vec![], vec![], vec![]));
    assert_eq!(suggest("ne").await, (vec![], vec![], one("News")));
}

#[actix_web::test]
async fn a_misspelt_word_is_put_right_by_the_words_of_titles() {
    let (app, admin, section) = newsroom().await;
    publish(&admin, &section, json!({"title": "Tombouctou et les manifestations"})).await;
    publish(
        &admin,
        &section,
        json!({"title": "Le Sénat", "standfirst": "Les sénateurs"}),
    )
    .await;
    admin.draft("Tombouctoux", &section).await;
    for (q, meant) in [
        ("tomboctou", Some("tombouctou")),
        ("Tombuoctou", Some("tombouctou")),
        ("xombouctou", Some("tombouctou")),
        ("tombouctuo", Some("tombouctou")),
        ("manifestqtioms", Some("manifestations")),
        ("\"sénta\" -rien", Some("\"senat\" -rien")),
        ("les tomboctou manifestation", Some("les tombouctou manifestation")),
        ("tombouctou", None),
        ("cheval", None),
        ("sen", None),
    ] {
        let answer = app.search(q, "").await.expect(200);
        assert_eq!(answer.json["did_you_mean"].as_str(), meant, "{q}");
    }
}
