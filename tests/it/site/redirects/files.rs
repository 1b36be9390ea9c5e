//! Redirects from files, by the API and by the command.

use actix_web::http::Method;
use serde_json::{Value, json};

use super::{LIST, lead, led, listed};
use crate::support::newsroom::bilingual_newsroom;
use crate::support::{Answer, Client};

async fn import(client: &Client, file: impl Into<Vec<u8>>) -> Answer {
    let asking = client.request(Method::POST, &format!("{LIST}/import"));
    asking.bytes("text/csv; charset=utf-8", file.into()).send().await
}

async fn rehearse(client: &Client, file: &str) -> Value {
    let asking = client.request(Method::POST, &format!("{LIST}/import?dry_run=true"));
    let answer = asking.bytes("text/csv", file.to_owned()).send().await.expect(200).json;
    assert_eq!(answer["dry_run"], true);
    answer
}

/// Created, unchanged, replaced, refused.
fn counts(json: &Value) -> [i64; 4] {
    ["created", "unchanged", "replaced", "refused"].map(|name| json[format!("{name}_count")].as_i64().unwrap())
}

/// Line, column and code of what was refused.
fn refused(json: &Value) -> Vec<(i64, &str, &str)> {
    let rows = json["refused"].as_array().unwrap().iter();
    rows.map(|row| {
        let column = row["column"].as_str().unwrap_or("-");
        (row["line"].as_i64().unwrap(), column, row["code"].as_str().unwrap())
    })
    .collect()
}

#[actix_web::test]
async fn a_file_makes_what_can_be_and_tells_the_rest_by_line() {
    let (app, admin, section) = bilingual_newsroom().await;
    admin.published("En ligne", &section).await;
    let down = admin.published("Dépublié", &section).await;
    admin.take(&down, "unpublish", json!({})).await.expect(200);
    let killed = admin.published("Tué", &section).await;
    admin
        .take(&killed, "kill", json!({"reason": "Jugement."}))
        .await
        .expect(200);
    lead(&admin, "/la", "/news").await;
    lead(&admin, "/ailleurs", "/autre").await;
    let file = "\u{feff}note;path;location;http_status\r\n\
        Refonte;/vieux/;/news/en-ligne;\r\n\
        ;/jeu;;410\r\n\
        ;/la;/news/;301\r\n\
        ;/ailleurs;https://www.lefanal.test/news/en-ligne?x=1;302\r\n\
        ;/news/en-ligne;/x;\r\n\
        ;/news/depublie;/x;\r\n\
        ;/news/tue;/x;\r\n\
        ;/v1/x;/x;\r\n\
        ;/vieux;/autre;\r\n\
        Refonte;/vieux;/news/en-ligne/;\r\n\
        ;/soi;/soi#x;\r\n\
        ;pas un chemin;aucun lieu;303\r\n\
        ;\"/multi\nligne\";/x;\r\n\
        ;;;\r\n\
        ;/tard;javascript:alert(1);\r\n";
    let dry = rehearse(&admin, file).await;
    assert_eq!(led(&app, "/vieux").await, "");
    let real = import(&admin, file).await.expect(200);
    assert_eq!(real.header("content-language"), "fr");
    assert_eq!(real.json["row_count"], 14);
    assert_eq!(counts(&real.json), [2, 2, 1, 9]);
    assert_eq!(
        refused(&real.json),
        [
            (6, "path", "path_taken"),
            (7, "path", "path_taken"),
            (8, "path", "path_sealed"),
            (9, "path", "path_reserved"),
            (10, "path", "duplicate"),
            (12, "location", "redirect_loop"),
            (13, "path", "invalid_format"),
            (13, "location", "invalid_format"),
            (13, "http_status", "invalid_value"),
            (14, "path", "forbidden_character"),
            (17, "location", "invalid_format"),
        ]
    );
    let first = &real.json["refused"][0]["message"];
    let told = "Quelque chose est public à /news/en-ligne, ou y est gardé pour un article dépublié.";
    assert_eq!(first, told);
    for (path, expected) in [
        ("/vieux", "/news/en-ligne 301"),
        ("/jeu", "gone 410"),
        ("/la", "/news 301"),
        ("/ailleurs", "/news/en-ligne?x=1 302"),
        ("/news/en-ligne", "article 200"),
        ("/news/tue", "gone 410"),
    ] {
        assert_eq!(led(&app, path).await, expected, "{path}");
    }
    let made = listed(&admin, "/vieux").await;
    assert_eq!(
        (&made["origin"], &made["note"], &made["created_by"]),
        (
            &json!("import"),
            &json!("Refonte"),
            &json!(admin.user_id.unwrap().to_string())
        )
    );
    assert_eq!(listed(&admin, "/la").await["origin"], "editor");
    assert_eq!(listed(&admin, "/ailleurs").await["origin"], "import");
    // The rehearsal said the same.
    assert_eq!((counts(&dry), refused(&dry)), (counts(&real.json), refused(&real.json)));
    // A second run changes nothing.
    let list = admin.get(LIST).await.expect(200).text;
    let again = import(&admin, file).await.expect(200).json;
    assert_eq!(counts(&again), [0, 5, 0, 9]);
    assert_eq!(refused(&again), refused(&real.json));
    assert_eq!(admin.get(LIST).await.expect(200).text, list);
}

#[actix_web::test]
async fn messages_are_in_the_language_that_was_asked_for() {
    let (_app, admin, _) = bilingual_newsroom().await;
    let asking = admin
        .request(Method::POST, &format!("{LIST}/import"))
        .header("accept-language", "en")
        .bytes("text/csv", "path,location\n/news,/x\n");
    let answer = asking.send().await.expect(200);
    assert_eq!(answer.header("content-language"), "en");
    assert_eq!(
        answer.json["refused"][0]["message"],
        "Something is public at /news, or is kept for an unpublished article."
    );
}

#[actix_web::test]
async fn chains_within_a_file_are_one_step_in_any_order() {
    let (app, admin, _) = bilingual_newsroom().await;
    let files = [
        "path,location\n/1/a,/1/b\n/1/b,/1/c\n/1/c,/1/d\n",
        "path,location\n/2/c,/2/d\n/2/b,/2/c\n/2/a,/2/b\n",
        "path,location\n/3/b,/3/c\n/3/c,/3/d\n/3/a,/3/b\n",
    ];
    for (file, round) in files.iter().zip(1..) {
        let dry = rehearse(&admin, file).await;
        let real = import(&admin, *file).await.expect(200).json;
        assert_eq!((counts(&dry), counts(&real)), ([3, 0, 0, 0], [3, 0, 0, 0]));
        for letter in ["a", "b", "c"] {
            let row = listed(&admin, &format!("/{round}/{letter}")).await;
            // Each was written once.
            assert_eq!(
                (&row["location"], &row["version"]),
                (&json!(format!("/{round}/d")), &json!(1))
            );
        }
        assert_eq!(counts(&import(&admin, *file).await.expect(200).json), [0, 3, 0, 0]);
        assert_eq!(counts(&rehearse(&admin, file).await), [0, 3, 0, 0]);
    }
    // In a circle one row is refused, always the same.
    let circle = "path,location\n/x,/y\n/y,/z\n/z,/x\n";
    for expected in [[2, 0, 0, 1], [0, 2, 0, 1]] {
        let dry = rehearse(&admin, circle).await;
        let real = import(&admin, circle).await.expect(200).json;
        assert_eq!((counts(&dry), counts(&real)), (expected, expected));
        assert_eq!(refused(&real), [(2, "location", "redirect_loop")]);
        assert_eq!(refused(&dry), refused(&real));
    }
    // What was there is led on by the file.
    lead(&admin, "/ancien", "/1/z").await;
    let file = "path,location\n/ancien,/1/z\n/1/z,/fin\n";
    let dry = rehearse(&admin, file).await;
    let real = import(&admin, file).await.expect(200).json;
    assert_eq!((counts(&dry), counts(&real)), ([1, 1, 0, 0], [1, 1, 0, 0]));
    assert_eq!(led(&app, "/ancien").await, "/fin 301");
}

#[actix_web::test]
async fn a_long_chain_is_no_burden() {
    let (app, admin, _) = bilingual_newsroom().await;
    let rows: String = (0..3000).map(|n| format!("/p/{n},/p/{}\n", n + 1)).collect();
    let answer = import(&admin, format!("path,location\n{rows}")).await.expect(200).json;
    assert_eq!(counts(&answer), [3000, 0, 0, 0]);
    assert_eq!(led(&app, "/p/0").await, "/p/3000 301");
    assert_eq!(listed(&admin, "/p/1500").await["version"], 1);
}

#[actix_web::test]
async fn what_is_no_file_of_ours_is_refused_whole() {
    let (_app, admin, _) = bilingual_newsroom().await;
    import(&admin, "").await.invalid(&[("/path", "required")]);
    import(&admin, "path\n/a\n").await.invalid(&[("/location", "required")]);
    import(&admin, "path,location,couleur\n")
        .await
        .invalid(&[("/couleur", "unknown_field")]);
    import(&admin, "path,location,path\n")
        .await
        .invalid(&[("/path", "duplicate_field")]);
    let latin = import(&admin, b"path,location\n/ok,/b\n/\xe9,/b\n".to_vec()).await;
    let latin = latin.problem(400, "malformed_csv");
    assert_eq!(
        latin.json["detail"],
        "La ligne 3 du fichier est illisible\u{a0}: elle n’est pas en UTF-8\u{a0}: enregistrez le \
         fichier en UTF-8 (dans Excel, «\u{a0}CSV UTF-8\u{a0}»)."
    );
    let open = "path,location\n/ok,/b\n/a,\"/b\n/c,/d\n";
    let open = import(&admin, open).await.problem(400, "malformed_csv");
    assert!(
        open.json["detail"].as_str().unwrap().contains("ligne 3"),
        "{}",
        open.text
    );
    let many = format!("path,location\n{}", "/a,/b\n".repeat(10_001));
    import(&admin, many).await.invalid(&[("", "too_many")]);
    let large = format!("path,location\n/a,/b{}\n", " ".repeat(2 * 1024 * 1024));
    import(&admin, large).await.problem(413, "payload_too_large");
    for media in ["application/json", "text/plain", ""] {
        let asking = admin.request(Method::POST, &format!("{LIST}/import"));
        let asking = asking.bytes(media, "path,location\n/a,/b\n");
        asking.send().await.problem(415, "unsupported_media_type");
    }
    // Hostile, and harmless.
    let hostile = "path,location,note\n\
        =cmd|' /C calc'!A0,/b,\n\
        /a,//evil.test,\n\
        /b,\"https://a.test/\"\"x\",\n\
        /c,/d,=1+1\n\
        \"/e\0\",/f,\n\
        /g,/h,i,j,k\n\
        \"\"\"/k\"\"\",/l,\n";
    let answer = import(&admin, hostile).await.expect(200).json;
    assert_eq!(
        refused(&answer),
        [
            (2, "path", "invalid_format"),
            (3, "location", "invalid_format"),
            (6, "path", "forbidden_character"),
            (7, "-", "too_many"),
            (8, "path", "invalid_format"),
        ]
    );
    let list = admin.get(LIST).await.expect(200);
    assert_eq!(list.items("path"), ["/b", "/c"]);
    assert_eq!(list.items("location"), ["https://a.test/%22x", "/d"]);
    assert_eq!(list.json["items"][1]["note"], "=1+1");
}

#[actix_web::test]
async fn others_write_while_a_file_is_written() {
    let (app, admin, section) = bilingual_newsroom().await;
    let rows: String = (0..2000).map(|n| format!("/vieux/{n},/news\n")).collect();
    let importing = {
        let admin = admin.clone();
        actix_web::rt::spawn(async move { import(&admin, format!("path,location\n{rows}")).await })
    };
    let mut meanwhile = 0;
    while !importing.is_finished() {
        admin.draft("Pendant ce temps", &section).await;
        meanwhile += 1;
    }
    assert_eq!(counts(&importing.await.unwrap().expect(200).json), [2000, 0, 0, 0]);
    assert!(meanwhile > 3, "{meanwhile}");
    assert_eq!(led(&app, "/vieux/1999").await, "/news 301");
}

#[actix_web::test]
async fn a_file_may_hold_old_addresses_with_a_query() {
    let (app, admin, _) = bilingual_newsroom().await;
    let file = "path,location\n/article.php3?id_article=123,/news\n/vieux,/article.php3?id_article=123\n";
    rehearse(&admin, file).await;
    let report = import(&admin, file).await.expect(200);
    assert_eq!(counts(&report.json), [2, 0, 0, 0], "{}", report.text);
    for path in [
        "/article.php3?id_article=123",
        "/vieux",
        "/article.php3?id_article=123&utm_medium=mail",
    ] {
        assert_eq!(led(&app, path).await, "/news 301", "{path}");
    }
}
