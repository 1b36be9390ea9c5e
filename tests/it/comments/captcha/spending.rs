//! A solution is taken once, on any number of instances.

use masthead::base::ids::ArticleId;
use masthead::comments::captcha::providers::ProviderName;
use masthead::comments::captcha::{Captcha, CaptchaCheck, SolvedCaptcha, store};

use super::{PROOF, Plays, captcha, form_of, play, settings, yes};
use crate::support::TestApp;
use crate::support::comments::solve;

async fn solved(app: &TestApp) -> SolvedCaptcha {
    let article = ArticleId::new();
    let captcha = Captcha::new(PROOF, &app.state.secrets).unwrap();
    let asking = app.asking_for(PROOF).await;
    let solution = solve(&form_of(&asking.guest(), article).await["proof"]);
    match captcha.check(Some(&solution), article, None, app.now()).await {
        CaptchaCheck::Passed(solved) => solved,
        other => panic!("{other:?}"),
    }
}

#[actix_web::test]
async fn of_many_who_spend_a_solution_at_once_on_two_instances_one_succeeds() {
    let app = TestApp::new().await;
    let instances = [app.db().clone(), app.another_instance().await.db().clone()];
    let now = app.now();
    for _ in 0..5 {
        let solved = solved(&app).await;
        let threads: Vec<_> = (0..12)
            .map(|n| {
                let (db, solved) = (instances[n % 2].clone(), solved.clone());
                std::thread::spawn(move || db.write_blocking(move |conn| solved.spend(conn, now)).unwrap())
            })
            .collect();
        let spent = threads.into_iter().map(|thread| thread.join().unwrap());
        assert_eq!(spent.filter(|is_first| *is_first).count(), 1);
    }
}

#[actix_web::test]
async fn a_solution_whose_write_came_to_nothing_is_not_spent() {
    let app = TestApp::new().await;
    let (solved, now) = (solved(&app).await, app.now());
    let spend = solved.clone();
    let failed = app.db().write_blocking(move |conn| {
        assert!(spend.spend(conn, now)?);
        Err::<(), _>(masthead::base::error::Error::not_found())
    });
    assert!(failed.is_err());
    let again = solved.clone();
    assert!(app.db().write_blocking(move |conn| again.spend(conn, now)).unwrap());
    assert!(!app.db().write_blocking(move |conn| solved.spend(conn, now)).unwrap());
}

#[actix_web::test]
async fn a_providers_token_is_taken_once_too() {
    let (app, article) = (TestApp::new().await, ArticleId::new());
    let name = ProviderName::Hcaptcha;
    let provider = play(Plays::Answers(200, yes(&app, name, article).await.to_string()));
    let captcha = captcha(&app, settings(name, &provider.url));
    let mut spent = Vec::new();
    // A provider that takes a token twice changes nothing.
    for token in ["token", " token", "other"] {
        let CaptchaCheck::Passed(solved) = captcha.check(Some(token), article, None, app.now()).await else {
            panic!("{token} did not pass");
        };
        let now = app.now();
        spent.push(app.db().write_blocking(move |conn| solved.spend(conn, now)).unwrap());
    }
    assert_eq!(spent, [true, false, true]);
}

#[actix_web::test]
async fn a_spent_solution_is_forgotten_only_when_it_is_no_longer_right_anyway() {
    let app = TestApp::new().await;
    let (solved, now) = (solved(&app).await, app.now());
    app.db().write_blocking(move |conn| solved.spend(conn, now)).unwrap();
    let forget = async |seconds| {
        let then = app.now().plus_seconds(seconds);
        app.db()
            .write_blocking(move |conn| store::forget_expired(conn, then))
            .unwrap()
    };
    assert_eq!(forget(20 * 60 + 1800).await, 0);
    assert_eq!(forget(20 * 60 + 3600).await, 1);
}
