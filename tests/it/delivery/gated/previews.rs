//! Of an article that not everybody may read, readers get the first blocks, at every door.

use masthead::base::db::schema::{gated_articles, published_articles};
use masthead::base::jobs::run_one;
use masthead::published::repress::{self, RUNNERS};
use serde_json::{Value, json};

use super::{Door, Gate, HIDDEN};
use crate::support::requests::escaped;

impl Gate {
    /// How many articles readers find by words of the hidden part, in any way that search offers.
    async fn found_by_hidden_words(&self) -> Vec<usize> {
        let mut found = Vec::new();
        for q in [
            "zephyr",
            "\"zephyr aurochs quincaille\"",
            "grue aurochs",
            "quinc",
            "premier -\"le phare\" final",
        ] {
            let path = format!("/v1/search?q={}", escaped(q));
            found.push(self.app.guest().get(&path).await.expect(200).items("id").len());
        }
        found
    }

    async fn set_preview_blocks(&self, number: usize) {
        const SITE: &str = "/v1/editorial/site";
        let version = self.admin.version_of(SITE).await;
        self.admin
            .patch(SITE, version, json!({"preview_blocks": number}))
            .await
            .expect(200);
    }

    /// How many whole forms are kept beside previews.
    fn whole_forms(&self) -> usize {
        let rows = self.app.rows().into_iter();
        rows.filter(|(table, _)| *table == "gated_articles").count()
    }

    async fn run_jobs(&self) {
        while run_one(self.app.db(), &RUNNERS).await.unwrap() {}
    }
}

/// The texts of an article's paragraphs.
fn texts(article: &Value) -> Vec<&str> {
    let blocks = article["blocks"].as_array().unwrap().iter();
    blocks.filter_map(|block| block["html"].as_str()).collect()
}

#[actix_web::test]
async fn the_rest_of_a_gated_article_comes_out_at_no_door() {
    for access in ["free", "registered", "subscribers"] {
        let gate = Gate::new(access).await;
        for (door, kind) in gate.doors() {
            let answer = gate.app.guest().get(&door).await.expect(200);
            let is_told = answer.text.contains(HIDDEN);
            assert_eq!(
                is_told,
                kind != Door::Beside && access == "free",
                "{access} {door}: {}",
                answer.text
            );
            assert!(!answer.text.contains("aurochs") || is_told, "{access} {door}");
        }
        let expected = if access == "free" { 1 } else { 0 };
        assert_eq!(gate.found_by_hidden_words().await, [expected; 5], "{access}");
        // A word of the title with a slip and one of the hidden part: nothing tells that both stand in one article.
        let path = format!("/v1/search?q={}", escaped("grux quincaille"));
        let meant = &gate.app.guest().get(&path).await.expect(200).json["did_you_mean"];
        assert_eq!(meant.is_null(), access != "free", "{access}: {meant}");
    }
}

#[actix_web::test]
async fn a_preview_is_an_article_of_its_own_length() {
    let gate = Gate::new("subscribers").await;
    let article = gate.article().await;
    assert_eq!(texts(&article), ["Premier.", "Second."]);
    assert_eq!(
        (&article["is_truncated"], &article["access"]),
        (&json!(true), &json!("subscribers"))
    );
    assert_eq!(article["linked_articles"], json!([]), "what is hidden links to nothing");
    let placed = article["ad_placements"].as_array().unwrap();
    let shown: Vec<&Value> = article["blocks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|block| &block["id"])
        .collect();
    assert!(
        placed.iter().all(|ad| shown.contains(&&ad["after_block_id"])),
        "{placed:?}"
    );
    // How many words there are is no secret.
    let told = async |gate: &Gate| {
        let path = format!("/v1/articles/{}?include=jsonld", gate.id);
        gate.app.guest().get(&path).await.expect(200).json["jsonld"]["article"]["wordCount"].clone()
    };
    let free = Gate::new("free").await;
    assert_eq!(told(&gate).await, told(&free).await);
    let whole = free.article().await;
    assert_eq!((texts(&whole).len(), &whole["is_truncated"]), (3, &json!(false)));
    assert_eq!(whole["linked_articles"].as_array().unwrap().len(), 1);
}

#[actix_web::test]
async fn a_preview_token_opens_the_whole_article() {
    let gate = Gate::new("subscribers").await;
    let path = format!("/v1/editorial/articles/{}/preview-tokens", gate.id);
    let made = gate.admin.post(&path, json!({})).await.expect(201);
    let shown = gate.app.guest().get(made.member("path")).await.expect(200);
    assert!(shown.text.contains(HIDDEN), "{}", shown.text);
    assert_eq!(shown.json["article"]["is_truncated"], json!(false));
}

#[actix_web::test]
async fn a_changed_length_of_previews_follows_in_the_background() {
    let gate = Gate::new("registered").await;
    for (number, shown) in [(3, 3), (1, 1), (0, 0), (20, 3)] {
        gate.set_preview_blocks(number).await;
        gate.run_jobs().await;
        let article = gate.article().await;
        assert_eq!(texts(&article).len(), shown, "{number}");
        assert_eq!(article["is_truncated"], json!(number < 4), "{number}");
        let expected = if number < 3 { 0 } else { 1 };
        assert_eq!(gate.found_by_hidden_words().await, [expected; 5], "{number}");
    }
    let path = "/v1/editorial/site";
    let version = gate.admin.version_of(path).await;
    for number in [-1, 21] {
        let answer = gate.admin.patch(path, version, json!({"preview_blocks": number})).await;
        answer.invalid(&[("/preview_blocks", "out_of_range")]);
    }
    // Another setting presses nothing.
    gate.admin
        .patch(path, version, json!({"name": "Le Fanal"}))
        .await
        .expect(200);
    assert!(!run_one(gate.app.db(), &RUNNERS).await.unwrap());
}

#[actix_web::test]
async fn search_forgets_what_a_gate_closes_and_finds_what_it_opens() {
    let gate = Gate::new("free").await;
    for (access, expected) in [("subscribers", 0), ("free", 1), ("registered", 0)] {
        gate.admin.edit(&gate.id, json!({"access": access})).await.expect(200);
        gate.admin.publish(&gate.id).await.expect(200);
        assert_eq!(gate.found_by_hidden_words().await, [expected; 5], "{access}");
        assert_eq!(gate.article().await["is_truncated"], json!(expected == 0), "{access}");
        assert_eq!(gate.whole_forms(), 1 - expected, "{access}");
    }
    // The desk finds all of it.
    let found = gate.admin.get("/v1/editorial/search?q=aurochs").await.expect(200);
    assert!(found.text.contains(&gate.id), "{}", found.text);
    gate.admin.take(&gate.id, "unpublish", json!({})).await.expect(200);
    assert_eq!(gate.whole_forms(), 0, "nothing of it stays where it is not live");
}

/// Makes the row what a release before previews pressed.
fn outdate(gate: &Gate) {
    use diesel::prelude::*;
    gate.app
        .db()
        .write_blocking(|conn| {
            let whole = gated_articles::table.select((gated_articles::article_id, gated_articles::article_json));
            let (id, json): (masthead::base::ids::ArticleId, String) = whole.first(conn)?;
            diesel::update(published_articles::table.find(id))
                .set((
                    published_articles::press_format.eq(4),
                    published_articles::article_json.eq(json),
                ))
                .execute(conn)?;
            diesel::delete(gated_articles::table).execute(conn)?;
            masthead::base::db::outdate([masthead::base::surrogate_key::SurrogateKey::Everything]);
            Ok(())
        })
        .unwrap();
}

#[actix_web::test]
async fn of_what_an_older_release_pressed_nothing_comes_out_before_it_is_pressed_anew() {
    let gate = Gate::new("subscribers").await;
    let before = gate.article().await;
    outdate(&gate);
    for (door, _) in gate.doors() {
        let answer = gate.app.guest().get(&door).await.expect(200);
        assert!(!answer.text.contains("aurochs"), "{door}: {}", answer.text);
    }
    let article = gate.article().await;
    assert_eq!(
        (&article["blocks"], &article["is_truncated"]),
        (&json!([]), &json!(true))
    );
    assert_eq!(gate.app.db().write_blocking(repress::repress_outdated).unwrap(), 1);
    assert_eq!(gate.article().await, before);
}
