//! A newsroom's day: every operation of both documents is called, and succeeds. A new operation is called in [`desk`] or
//! in [`readers`]; one that changes something has its line in [`audit`].

mod audit;
mod desk;
mod readers;

use std::collections::BTreeSet;

use actix_web::http::Method;
use audit::audit;
use desk::{accounts, articles, jobs, redirects, site, taxonomy};
use masthead::access::auth::Role;
use readers::{comments, privacy, reading, word_lists};

use crate::support::contract::operations;
use crate::support::newsroom::{UNKNOWN_ID, bilingual};
use crate::support::{Client, TestApp};

async fn remove(client: &Client, path: &str) {
    let version = client.version_of(path).await;
    client.delete(path, version).await.expect(204);
}

#[actix_web::test]
async fn a_newsrooms_day_calls_every_operation() {
    let app = TestApp::with_site(&bilingual()).await;
    let (admin, publisher) = (app.admin(), app.user(Role::Publisher));
    accounts(&app, &admin).await;
    let (section, tag, awa) = taxonomy(&publisher).await;
    let article = articles(&app, &publisher, &section, &tag, &awa).await;
    comments(&app, &article).await;
    word_lists(&app).await;
    privacy(&app, &publisher).await;
    jobs(&app, &admin).await;
    site(&app, &admin, &publisher, &article, &section).await;
    redirects(&publisher).await;
    reading(&app, &article, &section, &tag, &awa).await;
    audit(&admin).await;
    let documented: BTreeSet<String> = operations().iter().map(|operation| operation.id.clone()).collect();
    assert_eq!(*app.called.borrow(), documented);
}

#[actix_web::test]
async fn every_read_answers_head_as_get() {
    let app = TestApp::new().await;
    let admin = app.admin();
    for operation in operations().iter().filter(|operation| operation.method == "GET") {
        let path = operation.path_with(&[UNKNOWN_ID, "1"]);
        let get = admin.get(&path).await;
        let head = admin.request(Method::HEAD, &path).send().await;
        assert_eq!(head.status, get.status, "{}", operation.id);
        for header in ["content-type", "etag", "cache-control", "vary"] {
            assert_eq!(head.header(header), get.header(header), "{} {header}", operation.id);
        }
    }
}
