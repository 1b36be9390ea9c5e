//! The spam model in the database: it learns, it forgets without a trace, it says how it stands.

use diesel::prelude::*;
use masthead::access::auth::Role;
use masthead::base::db::Conn;
use masthead::base::db::schema::spam_tokens;
use masthead::base::error::Result;
use masthead::comments::spam::store::{LearningSign, totals};
use masthead::comments::spam::{SpamClass, SpamScore, learn, load};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::json;

use crate::support::TestApp;

/// A comment: its text, its author, and what a moderator made of it.
type Decided = (String, String, SpamClass);

fn row(conn: &mut Conn) -> Result<Vec<(String, i64, i64)>> {
    Ok(spam_tokens::table.order(spam_tokens::token).load(conn)?)
}

fn teach(conn: &mut Conn, comments: &[Decided], sign: LearningSign) -> Result<()> {
    comments
        .iter()
        .try_for_each(|(text, author, class)| learn(conn, text, author, *class, sign))
}

async fn teach_all(app: &TestApp, comments: Vec<Decided>, sign: LearningSign) {
    app.db().write(move |conn| teach(conn, &comments, sign)).await.unwrap();
}

async fn score(app: &TestApp, text: &'static str, author: &'static str) -> Option<SpamScore> {
    let model = app.db().read(move |conn| load(conn, text, author)).await.unwrap();
    model.score(text, author)
}

fn newsroom(count: usize) -> Vec<Decided> {
    let ham = |number| {
        (
            format!("Le maire a raison, article {number}"),
            "Awa".to_owned(),
            SpamClass::Ham,
        )
    };
    let spam = |number| {
        let text = format!("Casino gratuit https://spam.example/{number}");
        (text, "Bonus".to_owned(), SpamClass::Spam)
    };
    (0..count).flat_map(|number| [ham(number), spam(number)]).collect()
}

#[actix_web::test]
async fn it_learns_from_decisions_and_says_what_weighed() {
    let app = TestApp::new().await;
    teach_all(&app, newsroom(49), LearningSign::Learn).await;
    assert_eq!(score(&app, "Casino", "Zoé").await, None);
    teach_all(&app, newsroom(1), LearningSign::Learn).await;
    let spam = score(&app, "CASINO : www.spam.example", "Zoé").await.unwrap();
    assert!(spam.probability > 0.99, "{spam:?}");
    let shown: Vec<&str> = spam.top_tokens.iter().map(|token| token.token.as_str()).collect();
    // www.spam.example is another host, and was never seen.
    assert_eq!(shown, ["has:link", "word:casino", "word:example", "word:spam"]);
    // ((50 + 1) / 52) / ((0 + 1) / 52)
    assert!((spam.top_tokens[0].weight - 51.0_f64.ln()).abs() < 1e-9, "{spam:?}");
    let ham = score(&app, "Le maire a tort", "Awa").await.unwrap();
    assert!(ham.probability < 0.01, "{ham:?}");
    assert!(ham.top_tokens.iter().all(|token| token.weight < 0.0), "{ham:?}");
}

#[actix_web::test]
async fn what_is_unlearned_leaves_no_trace() {
    let app = TestApp::new().await;
    let text = "[a-e]{1,2}( [a-e]{1,2}){0,6}( https://[ab]\\.test)?";
    let class = prop_oneof![Just(SpamClass::Ham), Just(SpamClass::Spam)];
    let comments = || proptest::collection::vec((text, "[a-c]{1,2}", class.clone()), 0..6);
    let mut runner = TestRunner::new(Config::with_cases(24));
    let property = |kept: Vec<Decided>, taken: Vec<Decided>| {
        app.db().write_blocking(move |conn| {
            diesel::delete(spam_tokens::table).execute(conn)?;
            teach(conn, &kept, LearningSign::Learn)?;
            let before = row(conn)?;
            // In between, in another order, and what comes first may be the taking back.
            let (first, second) = taken.split_at(taken.len() / 2);
            teach(conn, first, LearningSign::Learn)?;
            teach(conn, second, LearningSign::Unlearn)?;
            let backwards: Vec<Decided> = first.iter().rev().cloned().collect();
            teach(conn, &backwards, LearningSign::Unlearn)?;
            teach(conn, second, LearningSign::Learn)?;
            let after = row(conn)?;
            teach(conn, &kept, LearningSign::Unlearn)?;
            Ok((before, after, row(conn)?))
        })
    };
    let result = runner.run(&(comments(), comments()), |(kept, taken)| {
        let (before, after, nothing) = property(kept, taken).unwrap();
        prop_assert_eq!(before, after);
        prop_assert_eq!(nothing, Vec::new());
        Ok(())
    });
    assert_eq!(result, Ok(()));
}

#[actix_web::test]
async fn the_counts_are_those_of_a_table_kept_by_hand() {
    let app = TestApp::new().await;
    let decided = |text: &str, class| (text.to_owned(), "Jo".to_owned(), class);
    let comments = vec![
        decided("eau feu", SpamClass::Ham),
        decided("eau eau", SpamClass::Spam),
        decided("feu", SpamClass::Ham),
    ];
    teach_all(&app, comments, LearningSign::Learn).await;
    let model = app.db().read(|conn| load(conn, "eau feu air", "Jo")).await.unwrap();
    let of = |token: &str| {
        let counts = model.tokens.get(&masthead::comments::spam::model::digest(token));
        counts.map(|counts| (counts.ham, counts.spam))
    };
    assert_eq!((model.totals.ham, model.totals.spam), (2, 1));
    assert_eq!(of("word:eau"), Some((1, 1)));
    assert_eq!(of("word:feu"), Some((2, 0)));
    assert_eq!(of("author:jo"), Some((2, 1)));
    assert_eq!(of("word:air"), None);
    let stored = app.db().read(row).await.unwrap();
    assert!(
        stored
            .iter()
            .all(|(token, ..)| !token.contains("eau") && !token.contains("jo"))
    );
}

#[actix_web::test]
async fn two_moderators_teach_at_once_and_every_decision_counts() {
    let app = TestApp::new().await;
    let words = ["un deux trois quatre", "quatre trois deux un", "trois un quatre deux"];
    let tasks: Vec<_> = (0..30)
        .map(|number: usize| {
            let (db, text) = (app.db().clone(), words[number % 3]);
            actix_web::rt::spawn(async move {
                db.write(move |conn| learn(conn, text, "Jo", SpamClass::Ham, LearningSign::Learn))
                    .await
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    let counted = app.db().read(row).await.unwrap();
    assert_eq!(counted.len(), 6);
    assert!(
        counted.iter().all(|(_, ham, spam)| (*ham, *spam) == (30, 0)),
        "{counted:?}"
    );
}

#[actix_web::test]
async fn moderators_read_how_it_stands() {
    let app = TestApp::new().await;
    let analyst = app.user(Role::Analyst);
    let path = "/v1/editorial/spam-model";
    let off = analyst.get(path).await.expect(200);
    assert_eq!(
        off.json,
        json!({"is_active": false, "ham_count": 0, "spam_count": 0, "needed_of_each": 50, "hold_from": 0.9})
    );
    teach_all(&app, newsroom(50), LearningSign::Learn).await;
    let on = analyst.get(path).await.expect(200);
    assert_eq!(
        (&on.json["is_active"], &on.json["spam_count"]),
        (&json!(true), &json!(50))
    );
    assert_eq!(app.db().read(totals).await.unwrap().ham, 50);
    app.user(Role::Journalist).get(path).await.problem(403, "forbidden");
}

#[actix_web::test]
async fn what_a_moderator_decides_is_learned_and_what_is_taken_back_is_forgotten() {
    let app = TestApp::new().await;
    let admin = app.user(Role::Admin);
    let section = admin.section("News", None).await;
    let article = admin.draft("Le port", &section).await;
    admin.publish(&article).await.expect(200);
    let counts = || async {
        let counts = app.db().read(totals).await.unwrap();
        (counts.ham, counts.spam)
    };
    let empty = app.db().read(row).await.unwrap();
    let path = format!("/v1/articles/{article}/comments");
    let sent = json!({"author_name": "K", "body": "Le maire a raison"});
    let taken = app.guest().post(&path, sent).await.expect(202);
    let id = taken.id();
    for (decision, expected) in [
        ("approve", (1, 0)),
        ("restore", (0, 0)),
        ("spam", (0, 1)),
        ("spam", (0, 1)),
        ("restore", (0, 0)),
        // An insult is no advertisement.
        ("reject", (0, 0)),
        ("undo", (0, 0)),
        ("approve", (1, 0)),
    ] {
        admin.decide(&id, decision).await.expect(200);
        assert_eq!(counts().await, expected, "{decision}");
    }
    // Its author's new words are not what the moderator saw; then nothing is left of it.
    let own = |method| {
        let token = taken.json["edit_token"].as_str().unwrap();
        app.guest()
            .request(method, &format!("/v1/comments/{id}"))
            .header("x-edit-token", token)
    };
    let change = own(actix_web::http::Method::PATCH).json(json!({"body": "Le maire a tort"}));
    change.send().await.expect(200);
    assert_eq!(counts().await, (0, 0));
    own(actix_web::http::Method::DELETE).send().await.expect(204);
    assert_eq!(app.db().read(row).await.unwrap(), empty);
}
