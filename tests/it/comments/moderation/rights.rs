//! A moderator of a section reaches no further.

use masthead::access::auth::Role;
use masthead::comments::model::Comment;
use serde_json::json;

use super::{BULK, CLAIM, COUNTS, Desk, QUEUE, comment_path, ids_of, waiting, written};
use crate::support::newsroom::section_id;
use crate::support::{Client, grant};

/// Operations on one comment: method and path, with a body that is good.
const ON_ONE: &[(&str, &str)] = &[
    ("approve", "approved"),
    ("reject", "rejected"),
    ("spam", "spam"),
    ("restore", "pending"),
    ("undo", "pending"),
    ("feature", "approved"),
    ("unfeature", "approved"),
    ("pin", "approved"),
    ("unpin", "approved"),
];

#[actix_web::test]
async fn a_moderator_of_a_section_reaches_no_further_by_any_operation() {
    let desk = Desk::new().await;
    let below = desk.admin.section("Mali", Some(&desk.section)).await;
    let sport = desk.admin.section("Sport", None).await;
    let in_mali = desk.admin.published("Mali", &below).await;
    let in_sport = desk.admin.published("Sport", &sport).await;
    let local = desk.app.user_in(Role::Moderator, &desk.section);
    let french = desk
        .app
        .user_with(vec![grant(Role::Moderator, Some(section_id(&sport)), Some("en"))]);
    for (article, reached) in [(&desk.article, true), (&in_mali, true), (&in_sport, false)] {
        let id = written(
            &desk.app,
            vec![Comment {
                reader_digest: Some("r1".to_owned()),
                ..waiting(article, 0)
            }],
        )
        .remove(0);
        let by_article = format!("{QUEUE}?article_id={article}");
        for (who, reached) in [(&local, reached), (&french, false)] {
            let status = if reached { 200 } else { 404 };
            assert_eq!(who.walk(&by_article, 5).await.len(), usize::from(reached));
            assert_eq!(who.get(&comment_path(&id)).await.status, status);
            let body = json!({"article_id": article});
            let claimed = who.post(CLAIM, body).await.expect(200);
            assert_eq!(ids_of(&claimed, "comments").len(), usize::from(reached));
            let body = json!({"action": "restore", "comment_ids": [id]});
            let result = who.post(BULK, body).await.expect(200).json["results"][0]["http_status"].clone();
            assert_eq!(result, status);
            let body =
                json!({"action": "reject", "filter": {"queue": "pending", "article_id": article}, "dry_run": true});
            let found = who.post(BULK, body).await.expect(200);
            assert_eq!(ids_of(&found, "results").len(), usize::from(reached));
            let same = who.get(&format!("{QUEUE}?same_author_as={id}")).await;
            assert_eq!(same.status, if reached { 200 } else { 400 });
            for (action, _) in ON_ONE {
                let answer = who.decide(&id, action).await;
                let told = if reached {
                    answer.status != 404
                } else {
                    answer.status == 404
                };
                assert!(told, "{action}: {}", answer.text);
                // Rights come before what is wrong with the body.
                let unsound = json!({"gibberish": 1});
                let path = format!("{}/actions/{action}", comment_path(&id));
                let answer = who.post(&path, unsound).await;
                assert_eq!(
                    answer.status,
                    if reached { 422 } else { 404 },
                    "{action}: {}",
                    answer.text
                );
            }
        }
    }
    // One author wrote in all three; the moderator of a section is told what was written there.
    let own = desk.queue(&format!("queue=pending&article_id={in_sport}")).await;
    let history = |who: Client, id: String| async move {
        let context = who.get(&comment_path(&id)).await.expect(200).json;
        context["author"]["recent"].as_array().unwrap().len()
    };
    assert_eq!(history(desk.moderator.clone(), own[0].clone()).await, 3);
    let theirs = local.walk(QUEUE, 5).await;
    let of_local = local.get(COUNTS).await.expect(200).json;
    let counted: i64 = ["pending", "approved", "rejected", "spam"]
        .iter()
        .map(|queue| of_local[*queue]["count"].as_i64().unwrap())
        .sum();
    assert_eq!(counted, 2);
    if let Some(id) = theirs.first() {
        assert_eq!(history(local.clone(), id.clone()).await, 2);
    }
}
