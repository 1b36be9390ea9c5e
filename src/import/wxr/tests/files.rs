//! WordPress' own test files, read where they are; without the folder each test says it is skipped.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use super::*;

fn count<'a>(of: impl Iterator<Item = &'a str>) -> BTreeMap<&'a str, usize> {
    let mut counts = BTreeMap::new();
    of.for_each(|one| *counts.entry(one).or_default() += 1);
    counts
}

/// A file of the shared test data; the caller is skipped without it.
fn shared(name: &str) -> Option<PathBuf> {
    let roots = ["../shared", "../../shared"];
    let path = roots
        .iter()
        .map(|root| Path::new(root).join("data/wxr").join(name))
        .find(|path| path.exists());
    if path.is_none() {
        println!("skipped: the shared data folder, with wxr/{name}, is absent");
    }
    path
}

fn shared_records(name: &str) -> Option<Result<Vec<WxrRecord>, WxrError>> {
    shared(name).map(|path| read_all(File::open(path).unwrap()))
}

#[test]
fn the_theme_unit_test_is_read() {
    let Some(records) = shared_records("themeunittestdata.wordpress.xml") else {
        return;
    };
    let records = records.unwrap();
    assert_eq!(
        count(records.iter().map(kind)),
        [
            ("author", 2),
            ("category", 68),
            ("item", 186),
            ("site", 1),
            ("tag", 110),
            ("term", 7)
        ]
        .into()
    );
    let WxrRecord::Site(site) = &records[0] else {
        panic!("the site is not first")
    };
    assert_eq!(
        (site.title.as_str(), site.version.as_str()),
        ("Theme Unit Test Data", "1.2")
    );
    assert_eq!(site.base_blog_url, "https://wpthemetestdata.wordpress.com");

    let items: Vec<&WxrItem> = items(&records).collect();
    let types = [("attachment", 37), ("nav_menu_item", 70), ("page", 21), ("post", 58)];
    assert_eq!(count(items.iter().map(|item| item.post_type.as_str())), types.into());
    let statuses = [("draft", 1), ("future", 1), ("inherit", 37), ("publish", 147)];
    assert_eq!(count(items.iter().map(|item| item.status.as_str())), statuses.into());
    assert_eq!(items.iter().filter(|item| item.has_password).count(), 1);
    assert_eq!(items.iter().filter(|item| item.is_sticky).count(), 1);
    assert_eq!(items.iter().filter(|item| item.attachment_url.is_some()).count(), 37);
    assert_eq!(items.iter().filter(|item| item.thumbnail_id().is_some()).count(), 6);
    assert_eq!(
        items
            .iter()
            .filter(|item| item.meta("_wp_attachment_image_alt").is_some())
            .count(),
        28
    );
    let domains = [
        ("category", 175),
        ("nav_menu", 70),
        ("post_format", 13),
        ("post_tag", 188),
    ];
    assert_eq!(
        count(
            items
                .iter()
                .flat_map(|item| &item.categories)
                .map(|term| term.domain.as_str())
        ),
        domains.into()
    );

    let comments: Vec<&WxrComment> = items.iter().flat_map(|item| &item.comments).collect();
    assert_eq!(
        count(comments.iter().map(|comment| comment.approved.as_str())),
        [("0", 3), ("1", 30)].into()
    );
    let kinds = [("", 28), ("comment", 1), ("pingback", 2), ("trackback", 2)];
    assert_eq!(
        count(comments.iter().map(|comment| comment.kind.as_str())),
        kinds.into()
    );
    assert!(comments.iter().any(|comment| comment.parent > 0));
    assert!(!format!("{records:?}").contains("anon@example.com"));
}

#[test]
fn the_importers_own_files_are_read() {
    for (name, version, count) in [
        ("small-export.xml", "1.1", 11),
        ("valid-wxr-1.0.xml", "1.0", 6),
        ("valid-wxr-1.1.xml", "1.1", 2),
        ("slashes.xml", "1.1", 1),
        // Its addresses hold bare ampersands.
        ("ghost-sample.xml", "1.2", 6),
    ] {
        let Some(records) = shared_records(name) else { return };
        let records = records.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(
            matches!(&records[0], WxrRecord::Site(site) if site.version == version),
            "{name}"
        );
        assert_eq!(items(&records).count(), count, "{name}");
    }
}

#[test]
fn version_1_0_does_not_repeat_terms() {
    let Some(records) = shared_records("valid-wxr-1.0.xml") else {
        return;
    };
    let records = records.unwrap();
    let term = |domain: &str, name: &str| WxrTermRef {
        domain: domain.into(),
        nicename: name.into(),
        name: name.into(),
    };
    let item = items(&records).find(|item| item.title == "Alpha post").unwrap();
    assert_eq!(
        item.categories,
        [
            term("category", "alpha"),
            term("post_tag", "news"),
            term("post_tag", "roar")
        ]
    );
}

#[test]
fn backslashes_are_left_alone() {
    let Some(records) = shared_records("slashes.xml") else {
        return;
    };
    let records = records.unwrap();
    let item = items(&records).next().unwrap();
    assert_eq!(item.content, r#"Slashes aren\'t \"cool\""#);
    assert_eq!(item.comments[0].content, r"\o/ ¯\_(ツ)_/¯");
}

#[test]
fn broken_files_are_refused_where_they_break() {
    for (name, line, part) in [
        // `<notachanneltag>` of line 27 is closed as a channel.
        (
            "malformed.xml",
            90,
            "</channel> stands where <notachanneltag>, opened on line 27,",
        ),
        // The first author ends the head.
        ("missing-version-tag.xml", 35, "no wxr_version"),
    ] {
        let Some(path) = shared(name) else { return };
        assert_refused(&fs::read(path).unwrap(), line, part);
    }
}
