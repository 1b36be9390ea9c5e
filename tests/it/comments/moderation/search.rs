//! A queue searched for what its comments say.

use diesel::prelude::*;
use masthead::comments::model::Comment;
use serde_json::Value;

use super::{Desk, QUEUE, waiting, written};

impl Desk {
    /// What a search of a queue finds, page by page.
    async fn found(&self, query: &str, limit: usize) -> Vec<String> {
        self.moderator.walk(&format!("{QUEUE}?{query}"), limit).await
    }
}

fn saying(article: &str, seconds: i64, name: &str, body: &str) -> Comment {
    let before = waiting(article, seconds);
    let (article, at) = (before.article_id, before.created_at);
    Comment::new(article, name.to_owned(), body.to_owned(), at)
}

#[actix_web::test]
async fn a_queue_is_searched_for_words_of_comments_and_of_names() {
    let desk = Desk::new().await;
    let other = desk.admin.published("Match", &desk.section).await;
    let ids = written(
        &desk.app,
        vec![
            saying(&desk.article, 0, "Koffi", "Le maire a **raison** sur l’école"),
            saying(&desk.article, 1, "Le Maire", "Bravo"),
            saying(&other, 2, "Ada", "Les ecoles et les maires"),
            saying(&other, 3, "Ada", "Le mairie"),
            saying(&desk.article, 4, "Jo", "Rien à dire, monsieur le maire."),
        ],
    );
    let pick = |numbers: &[usize]| -> Vec<String> { numbers.iter().map(|n| ids[*n].clone()).collect() };
    for (query, expected) in [
        ("q=maire", pick(&[0, 1, 2, 4])),
        ("q=MAIRES", pick(&[0, 1, 2, 4])),
        ("q=mairi", pick(&[3])),
        ("q=ecole", pick(&[0, 2])),
        ("q=ecole+maire", pick(&[0, 2])),
        ("q=ecole+bravo", pick(&[])),
        ("q=maire+-ecole", pick(&[1, 4])),
        ("q=%22monsieur+le+maire%22", pick(&[4])),
        ("q=koffi+raison", pick(&[0])),
        ("q=maire&sort=-created_at", pick(&[4, 2, 1, 0])),
        ("q=maire&queue=approved", pick(&[])),
    ] {
        for limit in [1, 2, 10] {
            assert_eq!(desk.found(query, limit).await, expected, "{query}, {limit} a page");
        }
    }
    let there = format!("q=maire&article_id={other}");
    assert_eq!(desk.found(&there, 5).await, pick(&[2]));
    desk.moderator.decide(&ids[0], "spam").await.expect(200);
    assert_eq!(desk.found("queue=spam&q=raison", 5).await, pick(&[0]));
    for bad in ["q=", "q=%E2%80%A6", "q=-"] {
        let refused = desk.moderator.get(&format!("{QUEUE}?{bad}")).await;
        refused.problem(400, "invalid_parameter");
    }
    let page = desk
        .moderator
        .get(&format!("{QUEUE}?q=maire&limit=1"))
        .await
        .expect(200);
    let cursor = page.json["page"]["next_cursor"].as_str().unwrap();
    let elsewhere = format!("{QUEUE}?q=bravo&limit=1&cursor={cursor}");
    desk.moderator.get(&elsewhere).await.problem(400, "invalid_cursor");
}

#[actix_web::test]
async fn a_page_ends_between_comments_of_one_moment() {
    let desk = Desk::new().await;
    let new = (0..5).map(|number| saying(&desk.article, 0, "Jo", &format!("maire {number}")));
    let mut ids = written(&desk.app, new.collect());
    ids.sort();
    for limit in 1..6 {
        assert_eq!(desk.found("q=maire", limit).await, ids, "{limit} a page");
    }
    ids.reverse();
    for limit in 1..6 {
        assert_eq!(
            desk.found("q=maire&sort=-created_at", limit).await,
            ids,
            "{limit} a page"
        );
    }
}

/// Copies of a comment, all of its moment.
fn copies(conn: &mut masthead::base::db::Conn, id: &str, count: usize) -> masthead::base::error::Result<()> {
    let columns = "article_id, depth, author_name, body, state, is_visible, verdicts, created_at, reaction_count, \
                   report_count";
    let new = "'0197a3f2-5c1e-7b3a-9d2f-' || (100000000000 + n.i)";
    let sql = format!(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) \
         INSERT INTO comments (id, root_id, {columns}) SELECT {new}, {new}, {columns} FROM comments, n \
         WHERE comments.id = '{id}'"
    );
    diesel::sql_query(sql).execute(conn)?;
    Ok(())
}

#[actix_web::test]
async fn a_page_looks_at_ten_thousand_comments_and_goes_on_behind_them() {
    let desk = Desk::new().await;
    let first = desk.waiting(1).remove(0);
    let last = written(&desk.app, vec![saying(&desk.article, 9, "Jo", "Le maire")]).remove(0);
    let copied = first.clone();
    desk.app
        .db()
        .write_blocking(move |conn| copies(conn, &copied, 10_000))
        .unwrap();
    let page = desk.moderator.get(&format!("{QUEUE}?q=maire")).await.expect(200);
    assert_eq!(
        (page.items("id").len(), &page.json["page"]["has_more"]),
        (0, &Value::Bool(true))
    );
    let cursor = page.json["page"]["next_cursor"].as_str().unwrap();
    let page = desk
        .moderator
        .get(&format!("{QUEUE}?q=maire&cursor={cursor}"))
        .await
        .expect(200);
    assert_eq!(page.items("id"), [last]);
    assert_eq!(page.json["page"]["next_cursor"], Value::Null);
}

#[actix_web::test]
async fn a_search_walks_along_the_index_of_its_queue() {
    let desk = Desk::new().await;
    if !desk.app.db().is_sqlite() {
        return;
    }
    for (queue, index) in [("pending", "comments_pending"), ("reported", "comments_reported")] {
        let plan = desk
            .plan_of(&format!("{QUEUE}?q=maire&queue={queue}"), "author_name")
            .await;
        assert!(plan[0].contains(&format!("USING INDEX {index}")), "{plan:#?}");
        assert!(!plan.iter().any(|step| step.contains("TEMP B-TREE")), "{plan:#?}");
    }
}
