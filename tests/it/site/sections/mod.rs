//! The tree of sections: names, places, moves, deletions, and what follows them.

mod deleting;
mod editing;
mod moving;
mod races;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::support::{Answer, Client, TestApp};

fn path(id: &str) -> String {
    format!("/v1/editorial/sections/{id}")
}

/// Checks where a path leads: to a section, or by a redirect to another path.
#[track_caller]
fn leads(answer: &Answer, kind: &str, to: &str) {
    assert_eq!(answer.status, 200, "{}", answer.text);
    let found = match kind {
        "redirect" => &answer.json["location"],
        _ => &answer.json["id"],
    };
    assert_eq!(
        (&answer.json["kind"], found),
        (&json!(kind), &json!(to)),
        "{}",
        answer.text
    );
}

async fn move_to(client: &Client, id: &str, parent: Option<&str>) -> Answer {
    let version = client.version_of(&path(id)).await;
    client
        .act(
            &format!("{}/actions/move", path(id)),
            version,
            json!({"parent_id": parent}),
        )
        .await
}

async fn patch(client: &Client, id: &str, body: Value) -> Answer {
    let version = client.version_of(&path(id)).await;
    client.patch(&path(id), version, body).await
}

/// For every section: the articles that its list shows, and those that stand directly in it.
async fn lists(app: &TestApp) -> BTreeMap<String, (BTreeSet<String>, BTreeSet<String>)> {
    let mut lists = BTreeMap::new();
    for id in app.guest().get("/v1/sections").await.expect(200).items("id") {
        let mut found = [BTreeSet::new(), BTreeSet::new()];
        for (index, exact) in ["false", "true"].iter().enumerate() {
            let query = format!("/v1/articles?section={id}&exact_section={exact}&limit=100");
            found[index].extend(app.guest().get(&query).await.expect(200).items("id"));
        }
        let [below, direct] = found;
        lists.insert(id, (below, direct));
    }
    lists
}

/// Checks every section's list against a recomputation from the tree and the lists of what stands
/// directly in each section.
async fn lists_are_sound(app: &TestApp) {
    let lists = lists(app).await;
    let tree = app.guest().get("/v1/sections").await.expect(200);
    let parents: BTreeMap<String, Option<String>> = tree.json["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|section| {
            let text = |member: &str| section[member].as_str().map(str::to_owned);
            (text("id").unwrap(), text("parent_id"))
        })
        .collect();
    let mut expected: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (id, (_, direct)) in &lists {
        let mut at = Some(id.clone());
        while let Some(id) = at {
            expected.entry(id.clone()).or_default().extend(direct.iter().cloned());
            at = parents[&id].clone();
        }
    }
    for (id, (below, _)) in &lists {
        assert_eq!(below, &expected.remove(id).unwrap_or_default(), "the list of {id}");
    }
}

/// A tree with live articles, some of them in two sections.
struct Tree {
    admin: Client,
    ids: BTreeMap<&'static str, String>,
    articles: BTreeMap<&'static str, String>,
}

impl Tree {
    async fn plant(app: &TestApp) -> Self {
        let admin = app.admin();
        let mut ids: BTreeMap<&'static str, String> = BTreeMap::new();
        let places = [
            ("News", None),
            ("Afrique", Some("News")),
            ("Bénin", Some("Afrique")),
            ("Cotonou", Some("Bénin")),
            ("Sport", None),
            ("Football", Some("Sport")),
            ("Culture", None),
        ];
        for (label, parent) in places {
            let parent = parent.map(|parent| ids[parent].clone());
            let id = admin.section(label, parent.as_deref()).await;
            ids.insert(label, id);
        }
        let mut articles = BTreeMap::new();
        let live: [(&str, &str, &[&str]); 7] = [
            ("Une", "News", &[]),
            ("Deux", "Afrique", &["Sport"]),
            ("Trois", "Bénin", &["Football"]),
            ("Quatre", "Cotonou", &["Afrique"]),
            ("Cinq", "Football", &["Cotonou"]),
            ("Six", "Culture", &["Bénin", "News"]),
            ("Sept", "Sport", &[]),
        ];
        for (title, section, others) in live {
            let others: Vec<&String> = others.iter().map(|label| &ids[label]).collect();
            let body =
                json!({"locale": "fr", "title": title, "section_id": ids[section], "secondary_section_ids": others});
            let id = admin.post("/v1/editorial/articles", body).await.expect(201).id();
            admin.publish(&id).await.expect(200);
            articles.insert(title, id);
        }
        Self { admin, ids, articles }
    }

    async fn article_path(&self, title: &str) -> String {
        let answer = self
            .admin
            .get(&format!("/v1/articles/{}", self.articles[title]))
            .await
            .expect(200);
        answer.json["path"].as_str().unwrap().to_owned()
    }
}
