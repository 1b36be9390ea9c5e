//! Feeds: read back by a parser that is not ours, held against the formats, and true to what is live.

mod contents;
mod formats;

use feed_rs::model::{Entry, Feed};
use masthead::site::settings::Site;
use serde_json::{Value, json};

use crate::support::{Answer, Client, TestApp};

const FORMATS: [(&str, &str); 3] = [
    ("rss", "application/rss+xml"),
    ("atom", "application/atom+xml"),
    ("json", "application/feed+json"),
];

/// A newsroom with one article that has everything.
struct Paper {
    app: TestApp,
    admin: Client,
    section: String,
    below: String,
    tag: String,
    person: String,
    /// The article that has everything.
    rich: String,
}

impl Paper {
    async fn new() -> Self {
        let site = Site {
            name: "Le Fanal & Cie".to_owned(),
            locales: vec!["fr".to_owned(), "en".to_owned()],
            ..Site::default()
        };
        let app = TestApp::with_site(&site).await;
        let admin = app.admin();
        let section = admin.section("News", None).await;
        let below = admin.section("Mali", Some(&section)).await;
        let (tag, person) = (admin.tag("Paix & armes").await, admin.contributor("Awa Bah").await);
        let image = json!({"url": "https://i.test/a.jpg?a=1&b=2", "alt": "Le \"port\"", "caption": "Vu <d’en haut>",
            "credit": "AFP", "width": 800, "height": 600});
        let blocks = json!([
            {"type": "paragraph", "html": "Le <b>port</b> rouvre, <a href=\"/news\">enfin</a> ]]&gt; &amp; là."},
            {"type": "raw_html", "html": "<p>Brut</p>"}]);
        let rich = admin
            .make(
                json!({"locale": "fr", "title": "Tom & <Jerry> « au port »", "standfirst": "Un < deux & trois",
                "section_id": below, "tag_ids": [tag], "contributors": [{"contributor_id": person}],
                "image": image, "blocks": blocks}),
            )
            .await;
        admin.publish(&rich).await.expect(200);
        Self {
            app,
            admin,
            section,
            below,
            tag,
            person,
            rich,
        }
    }

    async fn answer(&self, format: &str, query: &str) -> Answer {
        self.app.guest().get(&format!("/feeds/{format}?{query}")).await
    }

    /// A feed as a parser reads it, which must find nothing wrong.
    async fn read(&self, format: &str, query: &str) -> Feed {
        let answer = self.answer(format, query).await.expect(200);
        feed_rs::parser::parse(answer.text.as_bytes()).unwrap_or_else(|error| panic!("{error}: {}", answer.text))
    }

    /// The headlines of a feed, the same in every format.
    async fn titles(&self, query: &str) -> Vec<String> {
        let mut all = Vec::new();
        for (format, _) in FORMATS {
            let feed = self.read(format, query).await;
            all.push(feed.entries.iter().map(title).collect::<Vec<_>>());
        }
        assert!(all.windows(2).all(|pair| pair[0] == pair[1]), "{query}: {all:?}");
        all.remove(0)
    }

    /// An article that is published some seconds later than the one before.
    async fn next(&self, body: Value) -> String {
        self.app.clock.advance_seconds(60);
        let mut whole = json!({"locale": "fr", "section_id": self.section});
        for (name, value) in body.as_object().unwrap() {
            whole[name] = value.clone();
        }
        let id = self.admin.make(whole).await;
        self.admin.publish(&id).await.expect(200);
        id
    }
}

fn title(entry: &Entry) -> String {
    entry.title.as_ref().unwrap().content.clone()
}
