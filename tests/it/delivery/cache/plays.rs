//! Any sequence of acts: after each, whatever was kept before says what is so now, in this instance and in another.

use actix_web::http::Method;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::ask;
use crate::support::newsroom::{ARTICLES, bilingual_newsroom};
use crate::support::sequences::for_any_sequence;
use crate::support::{Client, TestApp};

/// What somebody does, to one of the things that are there.
macro_rules! acts {
    ($($act:ident)*) => {
        #[derive(Clone, Copy, Debug)]
        pub enum Act { $($act),* }

        const ACTS: &[Act] = &[$(Act::$act),*];
    };
}

acts! {
    Make Publish Rename Unpublish Retract Correct Kill Move Feature
    Break Translate Tag Link RenameTag DeleteTag NewTag RenameContributor RenameSection
    MoveSection Comment Approve Reject React Pin TakeBack Package ChangePackage
    Menu AdSlot Site Redirect Ranks Time
}

/// Any act.
pub fn act() -> impl Strategy<Value = (Act, usize, usize)> {
    (prop::sample::select(ACTS), 0_usize..6, 0_usize..6)
}

/// A newsroom, and what was made there.
pub struct Play {
    pub app: TestApp,
    pub other: TestApp,
    /// It keeps no answers, but what they show.
    remaking: TestApp,
    uncached: TestApp,
    pub admin: Client,
    reader: String,
    pub sections: Vec<String>,
    pub tags: Vec<String>,
    person: String,
    pub articles: Vec<String>,
    comments: Vec<(String, Option<String>)>,
    pub packages: Vec<String>,
    pub paths: Vec<String>,
    count: usize,
}

impl Play {
    pub async fn new() -> Self {
        let (app, admin, news) = bilingual_newsroom().await;
        let sport = admin.section("Sport", None).await;
        let below = admin.section("Monde", Some(&news)).await;
        let tags = vec![admin.tag("Mali").await, admin.tag("Port").await];
        let person = admin.contributor("Awa Kossou").await;
        let lists = json!([{"key": "latest", "source": "latest"}, {"key": "top", "source": "top_sections"},
            {"key": "tags", "source": "tags", "tag_ids": [tags[1]]}, {"key": "featured", "source": "featured"},
            {"key": "most_read", "source": "most_read"}]);
        let related = json!([{"key": "related", "source": "related"}, {"key": "same", "source": "same_section"}]);
        let pages = json!({"pages": {"home": lists, "section": lists, "article": related}});
        admin.patch("/v1/editorial/site", 1, pages).await.expect(200);
        let menu = json!({"key": "main", "label": "Menu", "items": [
            {"kind": "section", "target_id": news}, {"kind": "tag", "target_id": tags[0], "label": "Mali"}]});
        admin.post("/v1/editorial/menus", menu).await.expect(201);
        let mut play = Self {
            other: app.another_instance().await,
            remaking: app.without_answers().await,
            uncached: app.without_cache().await,
            reader: app.reader_token().await,
            sections: vec![news, sport, below],
            tags,
            person,
            articles: Vec::new(),
            comments: Vec::new(),
            packages: Vec::new(),
            paths: vec!["/ancien".to_owned()],
            count: 0,
            app,
            admin,
        };
        for number in 0..4 {
            play.act((Act::Make, number, number)).await;
            play.act((Act::Publish, number, number)).await;
        }
        play
    }

    fn one(of: &[String], number: usize) -> String {
        of[number % of.len()].clone()
    }

    async fn make(&mut self, more: Value, section: usize) {
        self.count += 1;
        let (section, tag) = (Self::one(&self.sections, section), Self::one(&self.tags, section));
        let mut body = json!({"locale": "fr", "title": format!("Titre {}", self.count), "section_id": section,
            "tag_ids": [tag], "contributors": [{"contributor_id": self.person}],
            "blocks": [{"type": "paragraph", "html": "Un paragraphe sur le port."}]});
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        let made = self.admin.post(ARTICLES, body).await;
        if made.status == 201 {
            self.articles.push(made.id());
        }
    }

    /// What is refused changes nothing, which is checked too.
    pub async fn act(&mut self, (act, first, second): (Act, usize, usize)) {
        let admin = self.admin.renewed();
        let article = self.articles.get(first % self.articles.len().max(1)).cloned();
        let article = article.unwrap_or_default();
        let published = async |body: Value| {
            admin.edit(&article, body).await;
            admin.publish(&article).await;
        };
        match act {
            Act::Make => self.make(json!({}), second).await,
            Act::Publish => drop(admin.publish(&article).await),
            Act::Rename => {
                self.count += 1;
                published(json!({"title": format!("Nouveau {}", self.count)})).await;
            }
            Act::Unpublish => drop(admin.take(&article, "unpublish", json!({})).await),
            Act::Retract => drop(admin.take(&article, "retract", json!({"notice": "Inexact."})).await),
            Act::Correct => {
                let notice = json!({"kind": "correction", "text": "Un nom était faux."});
                drop(admin.take(&article, "correct", notice).await);
            }
            Act::Kill => drop(admin.take(&article, "kill", json!({"reason": "Jugement."})).await),
            Act::Move => published(json!({"section_id": Self::one(&self.sections, second)})).await,
            Act::Feature => published(json!({"is_featured": second % 2 == 0})).await,
            Act::Break => {
                let until = self.app.now().plus_seconds(60 * (second as i64 + 1)).to_string();
                published(json!({"breaking_until": until})).await;
            }
            Act::Translate => {
                let of = json!({"locale": "en", "translation_of": article});
                self.make(of, second).await;
                if let Some(id) = self.articles.last().cloned() {
                    admin.publish(&id).await;
                }
            }
            Act::Tag => published(json!({"tag_ids": [Self::one(&self.tags, second)]})).await,
            Act::Link => {
                let to = Self::one(&self.articles, second);
                let html = format!("Lire <a href=\"article:{to}\">aussi</a>.");
                let body = json!({"blocks": [{"type": "paragraph", "html": html}], "related_article_ids": [to]});
                published(body).await;
            }
            Act::RenameTag | Act::DeleteTag => {
                let path = format!("/v1/editorial/tags/{}", Self::one(&self.tags, first));
                let version = admin.version_of(&path).await;
                self.count += 1;
                match act {
                    Act::RenameTag => {
                        let name = format!("Sujet {}", self.count);
                        drop(
                            admin
                                .patch(
                                    &path,
                                    version,
                                    json!({"label": name, "slug": format!("sujet-{}", self.count)}),
                                )
                                .await,
                        );
                    }
                    _ => {
                        if self.tags.len() > 1 && admin.delete(&path, version).await.status == 204 {
                            self.tags.remove(first % self.tags.len());
                        }
                    }
                }
            }
            Act::NewTag => {
                self.count += 1;
                self.tags.push(admin.tag(&format!("Thème {}", self.count)).await);
            }
            Act::RenameContributor => {
                let path = format!("/v1/editorial/contributors/{}", self.person);
                let version = admin.version_of(&path).await;
                self.count += 1;
                drop(
                    admin
                        .patch(&path, version, json!({"name": format!("Awa {}", self.count)}))
                        .await,
                );
            }
            Act::RenameSection => {
                let path = format!("/v1/editorial/sections/{}", Self::one(&self.sections, first));
                let version = admin.version_of(&path).await;
                self.count += 1;
                drop(
                    admin
                        .patch(&path, version, json!({"label": format!("Rubrique {}", self.count)}))
                        .await,
                );
            }
            Act::MoveSection => {
                let parent = (second % 2 == 0).then(|| Self::one(&self.sections, first + 1));
                drop(
                    admin
                        .move_section(&Self::one(&self.sections, first), parent.as_deref())
                        .await,
                );
            }
            Act::Comment => {
                let body = json!({"author_name": "Koffi", "body": format!("Merci {}.", self.comments.len())});
                let path = format!("/v1/articles/{article}/comments");
                let sent = self.app.guest().request(Method::POST, &path).json(body).send().await;
                if sent.status == 202 {
                    let token = sent.json["edit_token"].as_str().map(str::to_owned);
                    self.comments.push((sent.id(), token));
                }
            }
            Act::Approve | Act::Reject | Act::Pin | Act::React | Act::TakeBack => self.on_comment(act, first).await,
            Act::Package => {
                let ids: Vec<&String> = self.articles.iter().rev().take(3).collect();
                let body = json!({"kind": "series", "title": "Dossier", "article_ids": ids});
                let made = admin.post("/v1/editorial/packages", body).await;
                if made.status == 201 {
                    self.packages.push(made.id());
                }
            }
            Act::ChangePackage => {
                if let Some(id) = self.packages.get(first % self.packages.len().max(1)) {
                    let path = format!("/v1/editorial/packages/{id}");
                    let version = admin.version_of(&path).await;
                    let ids: Vec<&String> = self.articles.iter().skip(second).take(2).collect();
                    self.count += 1;
                    let body = json!({"title": format!("Dossier {}", self.count), "article_ids": ids});
                    drop(admin.patch(&path, version, body).await);
                }
            }
            Act::Menu => {
                let path = "/v1/editorial/menus/main";
                let version = admin.version_of(path).await;
                let items = json!([{"kind": "article", "target_id": article, "label": "À la une"},
                    {"kind": "tag", "target_id": Self::one(&self.tags, second), "label": "Sujet"}]);
                drop(admin.patch(path, version, json!({"items": items})).await);
            }
            Act::AdSlot => {
                let slot = json!({"key": format!("pub-{}", self.count), "kind": "in_body", "sizes": [{"width": 300, "height": 250}],
                    "placement": {"after_paragraphs": 1}});
                self.count += 1;
                drop(admin.post("/v1/editorial/ad-slots", slot).await);
            }
            Act::Site => {
                let version = admin.version_of("/v1/editorial/site").await;
                self.count += 1;
                let name = json!({"name": format!("Le Fanal {}", self.count)});
                drop(admin.patch("/v1/editorial/site", version, name).await);
            }
            Act::Redirect => {
                let path = format!("/vers-{}", self.count);
                self.count += 1;
                let to = Self::one(&["/news".to_owned(), "/".to_owned(), "/sport".to_owned()], second);
                let body = json!({"path": path, "location": to, "http_status": 301});
                drop(admin.post("/v1/editorial/redirects", body).await);
                self.paths.push(path);
            }
            Act::Ranks => {
                let ranks = json!({"window": "24h", "articles": [{"article_id": article}],
                    "expires_at": self.app.now().plus_seconds(90).to_string()});
                drop(admin.put("/v1/editorial/most-read", ranks).await);
            }
            Act::Time => self.app.clock.advance_seconds(20 * (second as i64 + 1)),
        }
    }

    async fn on_comment(&mut self, act: Act, number: usize) {
        let Some((id, token)) = self.comments.get(number % self.comments.len().max(1)).cloned() else {
            return;
        };
        let guest = self.app.guest();
        match act {
            Act::Approve => drop(self.admin.renewed().decide(&id, "approve").await),
            Act::Reject => drop(self.admin.renewed().decide(&id, "reject").await),
            Act::Pin => drop(self.admin.renewed().decide(&id, "pin").await),
            Act::React => {
                let path = format!("/v1/comments/{id}/reaction");
                let reaction = guest.request(Method::PUT, &path).header("x-reader-token", &self.reader);
                drop(reaction.send().await);
            }
            _ => {
                let path = format!("/v1/comments/{id}");
                let taken = guest
                    .request(Method::DELETE, &path)
                    .header("x-edit-token", &token.unwrap_or_default());
                drop(taken.send().await);
            }
        }
    }

    async fn warm(&mut self) -> Vec<String> {
        let addresses = self.addresses().await;
        for address in &addresses {
            ask(&self.app, address, &[]).await;
            ask(&self.other, address, &[]).await;
            ask(&self.remaking, address, &[]).await;
        }
        addresses
    }

    async fn check(&self, addresses: &[String], after: &(Act, usize, usize)) {
        for address in addresses {
            let expected = ask(&self.uncached, address, &[]).await;
            for (who, app) in [
                ("this instance", &self.app),
                ("another instance", &self.other),
                ("an instance that makes answers anew", &self.remaking),
            ] {
                let kept = ask(app, address, &[]).await;
                assert_eq!(kept.status, expected.status, "{who}: {address} after {after:?}");
                assert_eq!(
                    said(address, &kept.body),
                    said(address, &expected.body),
                    "{who}: {address} after {after:?}"
                );
            }
            let remade = ask(&self.remaking, address, &[]).await;
            let counts = [&remade, &expected].map(|answer| String::from_utf8_lossy(&answer.body).into_owned());
            let [remade, expected] = counts.map(|body| comment_counts(&body));
            assert_eq!(remade, expected, "{address} after {after:?}");
        }
    }
}

/// The numbers of comments in an answer: what is made anew has those of the moment.
fn comment_counts(body: &str) -> Vec<String> {
    let numbers = body.split("\"comment_count\":").skip(1);
    numbers
        .map(|rest| rest.chars().take_while(char::is_ascii_digit).collect())
        .collect()
}

/// What an answer says; without the numbers of comments where these may be a little old.
fn said(address: &str, body: &[u8]) -> Value {
    fn strip(value: &mut Value, names: &[&str]) {
        match value {
            Value::Object(members) => {
                members.retain(|name, _| !names.contains(&name.as_str()));
                members.values_mut().for_each(|value| strip(value, names));
            }
            Value::Array(items) => items.iter_mut().for_each(|value| strip(value, names)),
            _ => {}
        }
    }
    let Ok(mut value) = serde_json::from_slice::<Value>(body) else {
        return Value::String(String::from_utf8_lossy(body).into_owned());
    };
    let is_of_comments = address.contains("/comments");
    let names: &[&str] = match is_of_comments {
        true => &["request_id"],
        false => &["request_id", "comment_count"],
    };
    // An article's own number is exact.
    let own = value
        .get("comment_count")
        .or(value.pointer("/article/comment_count"))
        .cloned();
    strip(&mut value, names);
    if let (Some(own), Some(members)) = (own, value.as_object_mut()) {
        members.insert("comment_count".to_owned(), own);
    }
    value
}

#[test]
fn nothing_that_is_kept_is_older_than_any_acknowledged_write() {
    for_any_sequence(3, 12, prop::collection::vec(act(), 12..24), async |acts| {
        let mut play = Play::new().await;
        for act in acts {
            let addresses = play.warm().await;
            play.act(act).await;
            play.check(&addresses, &act).await;
        }
    });
}

#[actix_web::test]
async fn a_section_that_moves_takes_along_what_stands_in_it() {
    let mut play = Play::new().await;
    for act in [
        (Act::MoveSection, 5, 5),
        (Act::MoveSection, 2, 0),
        (Act::MoveSection, 2, 1),
    ] {
        let addresses = play.warm().await;
        play.act(act).await;
        play.check(&addresses, &act).await;
    }
}
