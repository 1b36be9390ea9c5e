//! What lists look at in an archive of 100,000 articles.

use masthead::base::db::Conn;
use masthead::base::ids::ArticleId;
use masthead::body::article_type::ArticleType;
use masthead::published::compose::shown_articles;
use masthead::published::newest::newest_of_each;
use masthead::published::{ArticleShape, ArticleSort, ListKey, NewestOf};
use masthead::site::menus::store::live_paths;

use super::archive::{ARTICLES, Archive, Asked, Fact, Label, Person, Place};
use super::combinations::{
    any_walk_finds_what_the_filter_means, combinations_go_on_to_the_end_in_short_pages, counts_stop_where_they_say,
};
use super::plans::{LIMIT, check_page, page, rows_examined, steps};
use crate::support::statements::statements_within;

/// Each filter alone, and what its index is on SQLite.
fn single_filters() -> Vec<(&'static str, Asked, &'static str)> {
    let fr = || Asked {
        locale: Some("fr"),
        ..Asked::default()
    };
    vec![
        ("locale", fr(), "published_articles_by_locale (locale=?"),
        (
            "section",
            Asked {
                places: vec![Place::News],
                ..fr()
            },
            "published_sections_by_locale (section_id=? AND locale=?",
        ),
        (
            "small section",
            Asked {
                places: vec![Place::Rare],
                ..fr()
            },
            "published_sections_by_locale (section_id=? AND locale=?",
        ),
        (
            "section itself",
            Asked {
                places: vec![Place::Below(3)],
                exact: true,
                ..fr()
            },
            "published_sections_direct (section_id=? AND is_direct=? AND locale=?",
        ),
        (
            "section with nothing in itself",
            Asked {
                places: vec![Place::News],
                exact: true,
                ..fr()
            },
            "published_sections_direct (section_id=? AND is_direct=? AND locale=?",
        ),
        (
            "frequent tag",
            Asked {
                labels: vec![Label::Odd],
                ..fr()
            },
            "published_tags_by_locale (tag_id=? AND locale=?",
        ),
        (
            "rare tag",
            Asked {
                labels: vec![Label::Rare],
                ..fr()
            },
            "published_tags_by_locale (tag_id=? AND locale=?",
        ),
        (
            "contributor",
            Asked {
                people: vec![Person::Even],
                ..fr()
            },
            "published_contributors_by_locale (contributor_id=? AND locale=?",
        ),
        (
            "frequent type",
            Asked {
                types: vec![ArticleType::Article],
                ..fr()
            },
            "published_articles_by_locale_type (locale=? AND type=?",
        ),
        (
            "rare type",
            Asked {
                types: vec![ArticleType::Video],
                ..fr()
            },
            "published_articles_by_locale_type (locale=? AND type=?",
        ),
        (
            "rare locale and type",
            Asked {
                locale: Some("en"),
                types: vec![ArticleType::Article],
                ..fr()
            },
            "published_articles_by_locale_type (locale=? AND type=?",
        ),
        (
            "dates",
            Asked {
                numbers: Some((70_000, 71_000)),
                ..fr()
            },
            "published_articles_by_locale (locale=? AND position>? AND position<?",
        ),
        (
            "tag and dates",
            Asked {
                labels: vec![Label::Odd],
                numbers: Some((20_000, 21_000)),
                ..fr()
            },
            "published_tags_by_locale (tag_id=? AND locale=? AND is_listed=? AND position>? AND position<?",
        ),
    ]
}

fn a_single_filter_looks_at_what_it_shows(archive: &Archive) {
    for (what, asked, index) in single_filters() {
        for sort in [ArticleSort::NewestFirst, ArticleSort::OldestFirst] {
            for after in [None, Some(ListKey::Position(Fact(50_000).position()))] {
                let (_, statements) = page(archive, &asked, sort, after.as_ref(), LIMIT);
                assert!((1..=2).contains(&statements.len()), "{what}: {statements:#?}");
                check_page(archive, what, &statements);
                if archive.db.is_sqlite() {
                    let steps = steps(archive, &statements[0]);
                    assert!(steps.iter().any(|step| step.contains(index)), "{what}: {steps:#?}");
                }
            }
        }
    }
    for types in [
        vec![],
        vec![ArticleType::Video],
        vec![ArticleType::Video, ArticleType::Article],
    ] {
        for after in [None, Some(ListKey::Update(Fact::moment(50_000), Fact(1).id()))] {
            let asked = Asked {
                locale: Some("fr"),
                types: types.clone(),
                ..Asked::default()
            };
            let (listed, statements) = page(archive, &asked, ArticleSort::UpdatedFirst, after.as_ref(), LIMIT);
            let before = if after.is_some() { 50_000 } else { ARTICLES };
            let mut chosen: Vec<Fact> = asked
                .chosen()
                .into_iter()
                .filter(|fact| fact.update() < before)
                .collect();
            chosen.sort_by_key(|fact| -fact.update());
            let expected: Vec<_> = chosen.iter().take(LIMIT).map(|fact| fact.id()).collect();
            assert_eq!(
                listed.articles.iter().map(|live| live.id).collect::<Vec<_>>(),
                expected,
                "{types:?} {after:?}"
            );
            check_page(archive, "by last publish", &statements);
        }
    }
}

/// What the lists of a page are made of: each place is looked up in its own index, however many articles there are.
fn the_newest_of_several_places_are_looked_up(archive: &Archive) {
    let limit = i64::try_from(LIMIT).unwrap();
    for (walk, index) in [
        (NewestOf::Site, "published_articles_by_locale (locale=?"),
        (
            NewestOf::Section(Place::News.id()),
            "published_sections_by_locale (section_id=? AND locale=?",
        ),
        (
            NewestOf::Tag(Label::Odd.id()),
            "published_tags_by_locale (tag_id=? AND locale=?",
        ),
        (NewestOf::Featured, "published_articles_featured (locale=?"),
        (NewestOf::Breaking, "published_articles_breaking (breaking_until>?"),
    ] {
        let now = Fact::moment(0);
        let (_, statements) = statements_within(&archive.url, || {
            let read = |conn: &mut Conn| newest_of_each(conn, "fr", now, &[(walk, limit)]);
            archive.db.read_blocking(read).unwrap()
        });
        assert_eq!(statements.len(), 1);
        if archive.db.is_sqlite() {
            let steps = steps(archive, &statements[0]);
            assert!(steps.iter().any(|step| step.contains(index)), "{walk:?}: {steps:#?}");
            assert!(
                steps.iter().all(|step| !step.starts_with("SCAN published")),
                "{steps:#?}"
            );
        } else {
            let rows = rows_examined(archive, &statements[0]);
            assert!(rows <= (50 * LIMIT) as f64, "{walk:?}: {rows} rows\n{statements:#?}");
        }
    }
}

/// What a page looks up by id: cards, and where menus lead.
fn what_has_an_id_is_looked_up_by_it(archive: &Archive) {
    let ids: Vec<ArticleId> = (1..=40).map(|number| Fact(number * 100).id()).collect();
    let targets: Vec<String> = ids.iter().map(ToString::to_string).collect();
    let (_, mut statements) = statements_within(&archive.url, || {
        let read = |conn: &mut Conn| {
            Ok((
                shown_articles(conn, &ids, ArticleShape::Card)?.len(),
                live_paths(conn, targets.clone())?.len(),
            ))
        };
        archive.db.read_blocking(read).unwrap()
    });
    assert_eq!(statements.len(), 2);
    for (statement, index) in statements
        .drain(..)
        .zip(["sqlite_autoindex_published_articles_1", "paths_by_target"])
    {
        if archive.db.is_sqlite() {
            let steps = steps(archive, &statement);
            assert!(steps[0].contains(index), "{statement}: {steps:#?}");
        } else {
            let rows = rows_examined(archive, &statement);
            assert!(rows <= (50 * LIMIT) as f64, "{rows} rows\n{statement}");
        }
    }
}

fn several_values_are_merged(archive: &Archive) {
    let tenths: Vec<Label> = (0..10).map(Label::Tenth).collect();
    let places: Vec<Place> = (0..10).map(Place::Below).collect();
    let fr = || Asked {
        locale: Some("fr"),
        ..Asked::default()
    };
    for asked in [
        Asked {
            labels: tenths.clone(),
            ..fr()
        },
        Asked {
            labels: vec![Label::Odd, Label::Third, Label::Rare],
            ..fr()
        },
        Asked { places, ..fr() },
        Asked {
            people: vec![Person::Even, Person::Few(1), Person::Few(2)],
            ..fr()
        },
        Asked {
            types: vec![ArticleType::Opinion, ArticleType::Video],
            ..fr()
        },
    ] {
        let (listed, statements) = page(archive, &asked, ArticleSort::NewestFirst, None, LIMIT);
        assert_eq!(statements.len(), 2, "{statements:#?}");
        check_page(archive, &format!("{asked:?}"), &statements);
        let expected: Vec<_> = asked.chosen().iter().rev().take(LIMIT).map(|fact| fact.id()).collect();
        assert_eq!(
            listed.articles.iter().map(|live| live.id).collect::<Vec<_>>(),
            expected,
            "{asked:?}"
        );
    }
}

/// One test, because the archive takes a while to make.
#[test]
fn an_archive_of_100_000_articles_is_listed_within_bounds() {
    let archive = Archive::make();
    a_single_filter_looks_at_what_it_shows(&archive);
    the_newest_of_several_places_are_looked_up(&archive);
    what_has_an_id_is_looked_up_by_it(&archive);
    several_values_are_merged(&archive);
    combinations_go_on_to_the_end_in_short_pages(&archive);
    counts_stop_where_they_say(&archive);
    any_walk_finds_what_the_filter_means(&archive);
}
