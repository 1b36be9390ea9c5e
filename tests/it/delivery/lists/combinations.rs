//! Filters together: walks to the end in short pages, counts, and any filter at all.

use masthead::base::http::page::CappedTotal;
use masthead::base::ids::ArticleId;
use masthead::base::limits::{CAPPED_COUNT, EXAMINED};
use masthead::body::article_type::ArticleType;
use masthead::published::index_scans::{IndexScans, PositionRange, counted};
use masthead::published::list::total;
use masthead::published::{ArticleSort, ListKey};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::archive::{ARTICLES, Archive, Asked, Label, Person, Place};
use super::plans::{LIMIT, page, rows_examined};

/// Walks a list to its end: what it showed. No page looks at more articles than it may.
fn walked(archive: &Archive, asked: &Asked, sort: ArticleSort, limit: usize, watched: bool) -> Vec<ArticleId> {
    let (mut seen, mut after, mut at): (Vec<_>, Option<ListKey>, i64) = (
        Vec::new(),
        None,
        match sort {
            ArticleSort::OldestFirst => i64::MIN,
            _ => i64::MAX,
        },
    );
    loop {
        let (listed, statements) = page(archive, asked, sort, after.as_ref(), limit);
        assert!(listed.articles.len() <= limit);
        seen.extend(listed.articles.iter().map(|live| live.id));
        if watched {
            assert!(statements.len() <= 5, "{statements:#?}");
            let end = match &listed.rest {
                Some(ListKey::Position(end)) => *end,
                _ if sort == ArticleSort::OldestFirst => i64::MAX,
                _ => i64::MIN,
            };
            let examined = match sort {
                ArticleSort::OldestFirst => asked.fewest_between(at.saturating_add(1), end.saturating_add(1)),
                _ => asked.fewest_between(end, at),
            };
            assert!(examined <= EXAMINED, "{asked:?}: {examined} articles");
            if !archive.db.is_sqlite() {
                // The articles that are walked, their links to what the other filters name, and twice as many
                // positions, by which the filter to walk was chosen.
                let rows: f64 = statements
                    .iter()
                    .map(|statement| rows_examined(archive, statement))
                    .sum();
                assert!(rows <= (8 * EXAMINED) as f64, "{asked:?}: {rows} rows");
            }
            at = end;
        }
        match listed.rest {
            Some(rest) => after = Some(rest),
            None => return seen,
        }
    }
}

pub fn combinations_go_on_to_the_end_in_short_pages(archive: &Archive) {
    let fr = || Asked {
        locale: Some("fr"),
        ..Asked::default()
    };
    // Nothing is odd and even: 40,000 articles are looked at for nothing, on five pages at least.
    let nothing = Asked {
        labels: vec![Label::Odd],
        people: vec![Person::Even],
        ..fr()
    };
    let (first, _) = page(archive, &nothing, ArticleSort::NewestFirst, None, LIMIT);
    assert!(
        first.articles.is_empty() && first.rest.is_some(),
        "an empty page that goes on"
    );
    for asked in [
        nothing,
        Asked {
            places: vec![Place::Below(2)],
            labels: vec![Label::Odd],
            ..fr()
        },
        Asked {
            places: vec![Place::News],
            types: vec![ArticleType::Video],
            ..fr()
        },
        Asked {
            places: vec![Place::News],
            labels: vec![Label::Third],
            people: vec![Person::Few(3)],
            ..fr()
        },
        Asked {
            labels: vec![Label::Third, Label::Rare],
            people: vec![Person::Few(1), Person::Few(4)],
            types: vec![ArticleType::Opinion, ArticleType::Article],
            locale: None,
            ..fr()
        },
        Asked {
            places: vec![Place::News],
            exact: true,
            locale: None,
            ..fr()
        },
        Asked {
            labels: vec![Label::Odd],
            people: vec![Person::Even],
            numbers: Some((30_000, 60_000)),
            locale: None,
            ..fr()
        },
    ] {
        for sort in [ArticleSort::NewestFirst, ArticleSort::OldestFirst] {
            let mut expected: Vec<_> = asked.chosen().iter().map(|fact| fact.id()).collect();
            if sort == ArticleSort::NewestFirst {
                expected.reverse();
            }
            let seen = walked(archive, &asked, sort, 100, true);
            assert!(
                seen == expected,
                "{asked:?} {sort}: {} of {}",
                seen.len(),
                expected.len()
            );
        }
    }
}

pub fn counts_stop_where_they_say(archive: &Archive) {
    let count = |asked: &Asked| {
        let filter = asked.filter();
        archive.db.read_blocking(|conn| total(conn, &filter)).unwrap()
    };
    let capped = CappedTotal {
        count: i64::try_from(CAPPED_COUNT).unwrap(),
        is_capped: true,
    };
    assert_eq!(count(&Asked::default()), capped);
    assert_eq!(
        count(&Asked {
            labels: vec![Label::Odd, Label::Third],
            ..Asked::default()
        }),
        capped
    );
    for asked in [
        Asked {
            labels: vec![Label::Rare],
            ..Asked::default()
        },
        Asked {
            labels: vec![Label::Rare, Label::Tenth(3)],
            locale: Some("fr"),
            ..Asked::default()
        },
        Asked {
            people: vec![Person::Few(1)],
            places: vec![Place::News],
            ..Asked::default()
        },
        Asked {
            numbers: Some((5, 905)),
            ..Asked::default()
        },
        Asked {
            labels: vec![Label::Odd],
            people: vec![Person::Even],
            numbers: Some((5, 9_005)),
            ..Asked::default()
        },
    ] {
        let expected = i64::try_from(asked.chosen().len()).unwrap();
        assert!(expected < capped.count);
        assert_eq!(
            count(&asked),
            CappedTotal {
                count: expected,
                is_capped: false
            },
            "{asked:?}"
        );
    }
    // One more, one less and just as many as the count goes; some of them are retracted.
    let tenth = Asked {
        labels: vec![Label::Tenth(9)],
        ..Asked::default()
    };
    let (filter, there) = (tenth.filter(), i64::try_from(tenth.chosen().len()).unwrap());
    let (scans, range) = (
        IndexScans::Tags(filter.tags.clone()),
        PositionRange::of(&filter, ArticleSort::NewestFirst, None),
    );
    for cap in [1, there - 200, there - 1, there, there + 1, there + 200] {
        let found = archive
            .db
            .read_blocking(|conn| counted(conn, &filter, &scans, &range, cap));
        assert_eq!(found.unwrap(), there.min(cap), "{cap} of {there}");
    }
    // Several filters: what was looked at is counted, and said to be not all.
    let some = count(&Asked {
        labels: vec![Label::Odd],
        places: vec![Place::News],
        ..Asked::default()
    });
    assert!(some.is_capped && (9_000..=10_000).contains(&some.count), "{some:?}");
}

fn any_of<T: Clone + std::fmt::Debug + 'static>(values: Vec<T>) -> impl Strategy<Value = Vec<T>> {
    let most = values.len().min(3);
    prop_oneof![3 => Just(Vec::new()), 4 => proptest::sample::subsequence(values, 1..=most)]
}

fn any_asked() -> impl Strategy<Value = (Asked, bool, usize)> {
    let places = any_of(vec![
        Place::News,
        Place::Rare,
        Place::Below(0),
        Place::Below(3),
        Place::Below(7),
    ]);
    let labels = any_of(vec![
        Label::Odd,
        Label::Third,
        Label::Rare,
        Label::Tenth(0),
        Label::Tenth(5),
    ]);
    let people = any_of(vec![Person::Even, Person::Few(0), Person::Few(1), Person::Few(2)]);
    let types = any_of(vec![ArticleType::Article, ArticleType::Opinion, ArticleType::Video]);
    let locale = prop_oneof![Just(None), Just(Some("fr")), Just(Some("en"))];
    let numbers = (0..ARTICLES, 0_i64..3_300).prop_map(|(from, length)| Some((from, from + length)));
    let sorts = (any::<bool>(), any::<bool>(), 1_usize..=100);
    (places, labels, people, types, locale, numbers, sorts).prop_map(
        |(places, labels, people, types, locale, numbers, (exact, oldest_first, limit))| {
            let asked = Asked {
                locale,
                places,
                exact,
                labels,
                people,
                types,
                numbers,
            };
            (asked, oldest_first, limit)
        },
    )
}

/// Whatever is asked: the pages together are what each article by itself says of it, in order.
pub fn any_walk_finds_what_the_filter_means(archive: &Archive) {
    let config = Config {
        cases: 60,
        failure_persistence: None,
        ..Config::default()
    };
    TestRunner::new(config)
        .run(&any_asked(), |(asked, oldest_first, limit)| {
            let sort = if oldest_first {
                ArticleSort::OldestFirst
            } else {
                ArticleSort::NewestFirst
            };
            let mut expected: Vec<_> = asked.chosen().iter().map(|fact| fact.id()).collect();
            if !oldest_first {
                expected.reverse();
            }
            // The page size does not matter where there are a thousand pages.
            let limit = if expected.len() > 500 { 100 } else { limit };
            prop_assert_eq!(walked(archive, &asked, sort, limit, false), expected);
            let filter = asked.filter();
            let counted = archive.db.read_blocking(|conn| total(conn, &filter)).unwrap();
            prop_assert_eq!(counted.count, i64::try_from(asked.chosen().len()).unwrap());
            Ok(())
        })
        .unwrap();
}
