//! What is read does not grow with what there is: every operation that reads is called on a site and on one that has
//! four times as much of everything, and each statement costs the same on both, in whichever of its [`ways`] the database
//! goes about it. What may grow stands in [`exceptions`], with its reason.

mod addresses;
mod exceptions;
mod growing;

use std::collections::{BTreeMap, BTreeSet};

use addresses::{Askers, of_a_machine, of_one_section, of_readers, of_the_desk};
use exceptions::is_expected;
use growing::{Named, grown_site, ways};

use masthead::worker;

use crate::support::contract::operations;
use crate::support::replays::{Cost, Replay};
use crate::support::{Client, TestApp};

/// Articles of the smaller site; the larger one has four times as many.
const ARTICLES: usize = 300;

/// What a statement may cost more on the larger site: lists that are not full on the smaller, deeper indexes.
const ALLOWED: f64 = 1.5;
/// Beside a factor, so much may be added: less than looking at every article of the smaller site adds.
const SLACK: f64 = 300.0;

/// What statements of a kind cost at an address, asked in one of the ways: address, kind, way.
type Walk = BTreeMap<(String, String, &'static str), Vec<Cost>>;

/// Every address, with who asks and what the database was asked for it.
async fn told(app: &TestApp) -> Vec<(String, Vec<String>)> {
    let named = Named::of(app).await;
    let askers = Askers::of(app, &named).await;
    let (mut told, mut refused) = (Vec::new(), Vec::new());
    let mut ask = async |asker: &Client, name: &str, address: String| {
        let (answer, statements) = app.statements_of(asker.get(&address)).await;
        if answer.status != 200 {
            refused.push(format!("{address}: {} {}", answer.status, answer.text));
        }
        let next = answer.json["page"]["next_cursor"].as_str().map(str::to_owned);
        let what = format!("{name} {}", address.replace(named.text("/id"), "ID"));
        told.push((what.clone(), statements));
        if let Some(cursor) = next {
            let joint = if address.contains('?') { '&' } else { '?' };
            let next = format!("{address}{joint}cursor={cursor}");
            let (answer, statements) = app.statements_of(asker.get(&next)).await;
            answer.expect(200);
            told.push((format!("{what} (second page)"), statements));
        }
    };
    let desk = of_the_desk(&askers.admin, &named).await;
    for address in of_readers(&named) {
        ask(&askers.guest, "guest", address).await;
    }
    for address in desk {
        ask(&askers.admin, "admin", address).await;
    }
    let job = format!("/v1/editorial/jobs/{}", app.waiting_job());
    ask(&askers.admin, "admin", job).await;
    for address in of_one_section(&named) {
        ask(&askers.scoped, "scoped", address).await;
    }
    for address in of_a_machine(&named) {
        ask(&askers.machine, "machine", address).await;
    }
    assert!(refused.is_empty(), "{}", refused.join("\n"));
    // What an instance looks for at its start, where nothing is to be done.
    worker::catch_up(app.db()).await.unwrap();
    let (caught_up, statements) = app.statements_of(worker::catch_up(app.db())).await;
    caught_up.unwrap();
    told.push(("worker".to_owned(), statements));
    told
}

/// Ids differ from site to site.
fn nameless(address: &str) -> String {
    let is_id = |word: &str| word.len() == 36 && word.matches('-').count() == 4;
    let is_token = |word: &str| word.len() == 43;
    let words = address.split(['/', '=', '&', '?', ',', ' ']);
    let named = words.filter(|word| is_id(word) || is_token(word));
    named.fold(address.to_owned(), |address, name| address.replace(name, "ID"))
}

async fn walk(articles: usize) -> Walk {
    // What was read before must be read again.
    let app = grown_site(articles).await.without_cache().await;
    let told = told(&app).await;
    let reads: BTreeSet<&str> = operations()
        .iter()
        .filter(|operation| operation.method == "GET")
        .map(|operation| operation.id.as_str())
        .collect();
    let called = app.called.borrow();
    let left: Vec<&&str> = reads.iter().filter(|id| !called.contains(**id)).collect();
    assert!(left.is_empty(), "not read: {left:?}");
    let replays: Vec<(String, Replay)> = told
        .iter()
        .flat_map(|(address, statements)| statements.iter().map(move |told| (address, told)))
        .filter(|(_, told)| told.starts_with("SELECT"))
        .map(|(address, told)| (nameless(address), Replay::read(told)))
        .collect();
    let mut walk = Walk::new();
    for (way, mut replayer) in ways(&app) {
        for (address, replay) in &replays {
            let costs = walk.entry((address.clone(), replay.kind(), way)).or_default();
            costs.push(replayer.ask(replay));
        }
    }
    walk
}

fn amount(costs: &[Cost]) -> f64 {
    costs.iter().map(|cost| cost.amount).sum()
}

#[actix_web::test]
async fn what_is_read_costs_the_same_on_a_site_with_four_times_as_much() {
    let (small, large) = (walk(ARTICLES).await, walk(4 * ARTICLES).await);
    let mut faults = Vec::new();
    for (asked, costs) in &large {
        let (address, kind, way) = asked;
        let less = small.get(asked).map_or(0.0, |costs| amount(costs));
        let more = amount(costs);
        if more > ALLOWED * less + SLACK && !is_expected(address, kind) {
            let dearest = costs.iter().max_by(|a, b| a.amount.total_cmp(&b.amount)).unwrap();
            faults.push(format!(
                "{address}, {way}: {less} became {more}\n{kind}\n{}\n",
                dearest.plan
            ));
        }
    }
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
}
