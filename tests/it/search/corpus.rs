//! Fifty queries over news articles that none of us wrote, where the shared data is at hand: how much of
//! what should be found is, and that both databases find what a plain reading of the texts finds.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::Path;
use std::time::Instant;

use masthead::base::db::fulltext::{FulltextEntry, FulltextQuery, FulltextTerm, IndexedWord};
use masthead::search::query::{self, QueryReading};
use masthead::search::stem::SearchLanguage;
use masthead::search::texts::SearchTexts;
use masthead::site::settings::Site;
use serde::Deserialize;
use serde_json::{Value, json};

use super::publish;
use crate::support::TestApp;
use crate::support::newsroom::newsroom;

#[derive(Deserialize)]
struct Article {
    id: String,
    title: String,
    paragraphs: Vec<String>,
}

#[derive(Deserialize)]
struct Question {
    kind: String,
    q: String,
    expected: BTreeSet<String>,
}

/// Prints a line whether the test passes or not.
pub fn say(line: &str) {
    let mut terminal = std::io::stderr();
    writeln!(terminal, "{line}").unwrap();
}

fn articles() -> Option<Vec<Article>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/wikinews-fr.jsonl");
    let Ok(file) = std::fs::read_to_string(path) else {
        say("skipped: the shared data folder is absent");
        return None;
    };
    Some(file.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

fn questions() -> Vec<Question> {
    serde_json::from_str(include_str!("queries.json")).unwrap()
}

impl Article {
    /// The first paragraph stands below the headline, where it is short enough.
    fn parts(&self) -> (Option<&String>, &[String]) {
        match self.paragraphs.split_first() {
            Some((first, rest)) if first.chars().count() <= 1_000 => (Some(first), rest),
            _ => (None, &self.paragraphs),
        }
    }

    fn body(&self) -> Value {
        let (standfirst, rest) = self.parts();
        let html = |text: &String| text.replace('&', "&amp;").replace('<', "&lt;");
        let paragraphs: Vec<Value> = rest
            .iter()
            .map(|text| json!({"type": "paragraph", "html": html(text)}))
            .collect();
        json!({"title": self.title, "standfirst": standfirst, "blocks": paragraphs})
    }

    fn entry(&self) -> FulltextEntry {
        let (standfirst, rest) = self.parts();
        let texts = SearchTexts {
            title: self.title.clone(),
            kicker: None,
            standfirst: standfirst.cloned(),
            body: rest.join("\n"),
        };
        texts.entry(SearchLanguage::French)
    }
}

/// The corpus, published; the newsroom's ids of the articles.
async fn published(articles: &[Article]) -> (TestApp, BTreeMap<String, String>) {
    let (app, admin, section) = newsroom().await;
    let mut names = BTreeMap::new();
    for article in articles {
        let id = publish(&admin, &section, article.body()).await;
        names.insert(id, article.id.clone());
    }
    (app, names)
}

async fn found(app: &TestApp, names: &BTreeMap<String, String>, q: &str, sort: &str) -> Vec<String> {
    let answer = app.search(q, &format!("&limit=100&sort={sort}")).await.expect(200);
    answer.items("id").iter().map(|id| names[id].clone()).collect()
}

fn holds(any: &[FulltextTerm], words: &[IndexedWord]) -> bool {
    any.iter().any(|term| match term {
        FulltextTerm::Stem(stem) => words
            .iter()
            .any(|word| word.stem == *stem || word.compound.as_ref() == Some(stem)),
        FulltextTerm::Form(form) => words.iter().any(|word| word.form == *form),
        FulltextTerm::Prefix(start) => words.iter().any(|word| {
            let texts = [Some(&word.form), Some(&word.stem), word.compound.as_ref()];
            texts.into_iter().flatten().any(|text| text.starts_with(start))
        }),
        FulltextTerm::Phrase(phrase) => words
            .windows(phrase.len())
            .any(|words| words.iter().zip(phrase).all(|(word, form)| word.form == *form)),
    })
}

/// How well an entry matches, without any database.
fn rank(wanted: &FulltextQuery, entry: &FulltextEntry) -> Option<i32> {
    let parts = [&entry.title, &entry.lead, &entry.body];
    let somewhere = |any: &Vec<FulltextTerm>| parts.iter().any(|words| holds(any, words));
    if !wanted.all.iter().all(somewhere) || wanted.none.iter().any(somewhere) {
        return None;
    }
    let clause = |any: &Vec<FulltextTerm>| match (holds(any, &entry.title), holds(any, &entry.lead)) {
        (true, _) => 10,
        (_, true) => 3,
        _ => 1,
    };
    Some(wanted.all.iter().map(clause).sum())
}

#[actix_web::test]
async fn fifty_questions_find_their_answers() {
    let Some(articles) = articles() else { return };
    let (app, names) = published(&articles).await;
    let (mut right, mut wrong, mut missed) = (0, 0, 0);
    let mut kinds: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let questions = questions();
    let began = Instant::now();
    for Question { kind, q, expected } in &questions {
        let found: BTreeSet<String> = found(&app, &names, q, "-published_at").await.into_iter().collect();
        right += found.intersection(expected).count();
        wrong += found.difference(expected).count();
        missed += expected.difference(&found).count();
        let of_kind = kinds.entry(kind.clone()).or_default();
        of_kind.0 += 1;
        of_kind.1 += usize::from(found == *expected);
        if found != *expected {
            let (beside, without): (Vec<_>, Vec<_>) = (
                found.difference(expected).collect(),
                expected.difference(&found).collect(),
            );
            say(&format!("{q}: found beside {beside:?}, missed {without:?}"));
        }
    }
    let millis = began.elapsed().as_secs_f64() * 1000.0 / questions.len() as f64;
    let (precision, recall) = (
        f64::from(right as u32) / f64::from((right + wrong) as u32),
        f64::from(right as u32) / f64::from((right + missed) as u32),
    );
    for (kind, (count, exact)) in &kinds {
        assert!(*count >= 10, "{kind}");
        say(&format!("{kind}: {exact} of {count} exactly"));
    }
    say(&format!(
        "precision {precision:.3}, recall {recall:.3}, {millis:.2} ms a search, cards and excerpts included"
    ));
    assert!(precision >= 0.88, "{precision}");
    assert!(recall >= 0.98, "{recall}");
}

/// Both databases are held against the same reading of the texts, so what one finds, the other does, in
/// the same order.
#[actix_web::test]
async fn either_database_finds_what_reading_the_texts_finds() {
    let Some(articles) = articles() else { return };
    let (app, names) = published(&articles).await;
    let entries: Vec<FulltextEntry> = articles.iter().map(Article::entry).collect();
    let more = [
        "france -football",
        "\"premier ministre\"",
        "« l’Assemblée nationale »",
        "président -\"barack obama\"",
        "gouv",
        "elect",
        "2012",
        "un",
        "l'armée -mali",
        "\"de la république\" president",
        "union europeenne euro",
        "\"états unis\" obama -romney",
    ];
    let questions = questions();
    let asked = questions.iter().map(|question| question.q.as_str()).chain(more);
    for q in asked {
        let wanted = query::parse(q, &QueryReading::of(&Site::default(), Some("fr"))).unwrap();
        let mut ranked: Vec<(i32, usize)> = entries
            .iter()
            .enumerate()
            .filter_map(|(index, entry)| Some((rank(&wanted, entry)?, index)))
            .collect();
        let ids = |ranked: &[(i32, usize)]| -> Vec<String> {
            ranked.iter().map(|(_, index)| articles[*index].id.clone()).collect()
        };
        ranked.sort_by_key(|(_, index)| std::cmp::Reverse(*index));
        assert_eq!(found(&app, &names, q, "-published_at").await, ids(&ranked), "{q}");
        ranked.sort_by_key(|(rank, index)| std::cmp::Reverse((*rank, *index)));
        assert_eq!(found(&app, &names, q, "relevance").await, ids(&ranked), "{q}");
    }
}
