//! A captcha's solution, and its provider, on the way of a comment.

use masthead::comments::captcha::CaptchaSettings;
use masthead::comments::captcha::providers::{ProviderName, ProviderSecret, ProviderSettings};
use serde_json::json;

use super::Discussion;
use crate::support::comments::solve;
use crate::support::newsroom::UNKNOWN_ID;

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
    let elsewhere = solve(&form(UNKNOWN_ID.to_owned()).await["proof"]);
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
