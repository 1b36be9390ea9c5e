//! What lists look at in an archive of 100,000 articles.

use diesel::prelude::*;
use masthead::base::db::Conn;
use masthead::base::http::page::CappedTotal;
use masthead::base::ids::ArticleId;
use masthead::base::limits::{CAPPED_COUNT, EXAMINED};
use masthead::body::article_type::ArticleType;
use masthead::published::{
    ArticleShape, ArticleSort, ListKey, ListedArticles, NewestOf, cards_of, list, newest_of_each, total,
};
use masthead::site::menus::store::live_paths;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::Value;

use super::archive::{ARTICLES, Archive, Asked, Fact, Label, Person, Place};
use crate::support::statements::statements_within;

const LIMIT: usize = 20;

/// A page, and the statements that it took.
fn page(
    archive: &Archive,
    asked: &Asked,
    sort: ArticleSort,
    after: Option<&ListKey>,
    limit: usize,
) -> (ListedArticles, Vec<String>) {
    let filter = asked.filter();
    statements_within(&archive.url, || {
        archive
            .db
            .read_blocking(|conn| list(conn, ArticleShape::Card, &filter, sort, after, limit))
            .unwrap()
    })
}

/// A value as it stands in a statement: ids and moments are shown without quotes.
fn literal(value: &str) -> String {
    let value = value.trim();
    if let Some(list) = value.strip_prefix('[').and_then(|list| list.strip_suffix(']')) {
        let items: Vec<String> = list.split(',').map(literal).collect();
        return format!("ARRAY[{}]", items.join(", "));
    }
    if value.parse::<i64>().is_ok() {
        return value.to_owned();
    }
    let moment = value.strip_prefix("Time(").and_then(|moment| moment.strip_suffix(')'));
    format!("'{}'", moment.unwrap_or(value).trim_matches('"'))
}

/// A statement with its values in their places.
fn spelled_out(statement: &str) -> String {
    let (sql, values) = statement.split_once(" -- binds: ").unwrap();
    let inner = values.trim().strip_prefix('[').unwrap().strip_suffix(']').unwrap();
    let mut literals: Vec<String> = Vec::new();
    let (mut depth, mut start) = (0, 0);
    for (index, c) in inner.char_indices() {
        match c {
            '[' => depth += 1,
            ']' => depth -= 1,
            ',' if depth == 0 => {
                literals.push(literal(&inner[start..index]));
                start = index + 1;
            }
            _ => {}
        }
    }
    literals.push(literal(&inner[start..]));
    let mut spelled = sql.to_owned();
    for (index, value) in literals.iter().enumerate().rev() {
        spelled = spelled.replace(&format!("${}", index + 1), value);
    }
    // A statement has either numbered places or question marks.
    for value in &literals {
        spelled = spelled.replacen('?', value, 1);
    }
    spelled
}

#[derive(QueryableByName)]
struct Step {
    #[diesel(sql_type = diesel::sql_types::Text)]
    detail: String,
}

#[derive(QueryableByName)]
struct Plan {
    #[diesel(sql_type = diesel::sql_types::Text)]
    plan: String,
}

/// How SQLite goes about a statement.
fn steps(archive: &Archive, statement: &str) -> Vec<String> {
    let sql = format!("EXPLAIN QUERY PLAN {}", spelled_out(statement));
    let steps: Vec<Step> = archive
        .db
        .read_blocking(|conn| Ok(diesel::sql_query(sql).load(conn)?))
        .unwrap();
    steps.into_iter().map(|step| step.detail).collect()
}

/// How many rows PostgreSQL looked at for a statement: found or not, in every table and index.
fn rows_examined(archive: &Archive, statement: &str) -> f64 {
    let query =
        diesel::sql_query("SELECT explained($1) AS plan").bind::<diesel::sql_types::Text, _>(spelled_out(statement));
    let plan: Plan = archive
        .db
        .read_blocking(|conn: &mut Conn| Ok(query.get_result(conn)?))
        .unwrap();
    let plan: Value = serde_json::from_str(&plan.plan).unwrap();
    rows_of(&plan[0]["Plan"])
}

fn rows_of(node: &Value) -> f64 {
    let kind = node["Node Type"].as_str().unwrap();
    let mut rows = 0.0;
    if kind.contains("Scan") && kind != "Subquery Scan" {
        let names = ["Actual Rows", "Rows Removed by Filter", "Rows Removed by Index Recheck"];
        let each: f64 = names.iter().filter_map(|name| node[name].as_f64()).sum();
        rows += each * node["Actual Loops"].as_f64().unwrap();
    }
    let below = node["Plans"].as_array().into_iter().flatten();
    rows + below.map(rows_of).sum::<f64>()
}

/// The rows that a page may look at: 50 for each that it shows.
#[track_caller]
fn check_page(archive: &Archive, what: &str, statements: &[String]) {
    if archive.db.is_sqlite() {
        for statement in statements {
            for step in steps(archive, statement) {
                // Every step looks its rows up in an index, in their order; what is walked is walked as far as its LIMIT.
                let is_ours = step.starts_with("SCAN t") || step.starts_with("SCAN (") || step.starts_with("SCAN u");
                assert!(is_ours || !step.starts_with("SCAN"), "{what}: {step}\n{statement}");
                assert!(!step.contains("TEMP B-TREE"), "{what}: {step}\n{statement}");
            }
        }
    } else {
        let rows: f64 = statements
            .iter()
            .map(|statement| rows_examined(archive, statement))
            .sum();
        assert!(rows <= (50 * LIMIT) as f64, "{what}: {rows} rows\n{statements:#?}");
    }
}

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
            "published_tags_by_locale (tag_id=? AND locale=? AND position>? AND position<?",
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
        let read = |conn: &mut Conn| Ok((cards_of(conn, &ids)?.len(), live_paths(conn, targets.clone())?.len()));
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

/// Walks a list to its end: what it showed. No page looks at more articles than it may.
fn walked(
    archive: &Archive,
    asked: &Asked,
    sort: ArticleSort,
    limit: usize,
    watched: bool,
) -> Vec<masthead::base::ids::ArticleId> {
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

fn combinations_go_on_to_the_end_in_short_pages(archive: &Archive) {
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

fn counts_stop_where_they_say(archive: &Archive) {
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
fn any_walk_finds_what_the_filter_means(archive: &Archive) {
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
