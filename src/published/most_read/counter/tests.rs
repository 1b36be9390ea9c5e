use proptest::prelude::*;

use super::*;

const SMALL: CounterBounds = CounterBounds {
    recent: 50,
    networks: 10,
    waiting: 8,
};

fn network(number: u32) -> Network {
    Network::of(std::net::Ipv4Addr::from(number).into())
}

fn at(text: &str) -> Time {
    Time::parse(text).unwrap()
}

fn noon() -> Time {
    at("2026-11-23T12:00:00Z")
}

fn articles(count: usize) -> Vec<ArticleId> {
    (0..count).map(|_| ArticleId::new()).collect()
}

/// How many views of these articles from a network are counted at a moment.
fn counted(counts: &mut ViewCounts, from: Network, of: &[ArticleId], now: Time) -> usize {
    let views = of.iter().filter(|article| counts.count(from, **article, now).unwrap());
    views.count()
}

#[test]
fn a_network_counts_for_an_article_once_in_half_an_hour() {
    let (mut counts, article) = (ViewCounts::new(BOUNDS), ArticleId::new());
    let at_home = Network::of("2001:db8:1:2::1".parse().unwrap());
    for (seconds, from, is_counted) in [
        (0, "2001:db8:1:2::1", true),
        (1, "2001:db8:1:2::1", false),
        (2, "2001:db8:1:2:ffff::9", false),
        (3, "2001:db8:1:3::1", true),
        (4, "192.0.2.1", true),
        (5, "192.0.2.2", true),
        (30 * 60 - 1, "2001:db8:1:2::1", false),
        (30 * 60, "2001:db8:1:2::1", true),
        (30 * 60 + 1, "2001:db8:1:2::1", false),
    ] {
        let from = Network::of(from.parse().unwrap());
        let now = noon().plus_seconds(seconds);
        assert_eq!(
            counts.count(from, article, now).unwrap(),
            is_counted,
            "{from} after {seconds}"
        );
    }
    assert!(
        counts.count(at_home, ArticleId::new(), noon()).unwrap(),
        "another article"
    );
}

#[test]
fn of_one_network_twenty_views_count_in_a_minute() {
    let (mut counts, many) = (ViewCounts::new(BOUNDS), articles(60));
    assert_eq!(counted(&mut counts, network(1), &many[..30], noon()), 20);
    assert_eq!(counted(&mut counts, network(2), &many[..30], noon()), 20);
    assert_eq!(
        counted(&mut counts, network(1), &many[30..], noon().plus_seconds(59)),
        0
    );
    assert_eq!(
        counted(&mut counts, network(1), &many[30..], noon().plus_seconds(60)),
        20
    );
}

#[test]
fn views_stand_in_their_hours_in_order() {
    let (mut counts, mut two) = (ViewCounts::new(BOUNDS), articles(2));
    two.sort_unstable();
    let late = at("2026-11-23T12:59:59Z");
    for number in 0..3 {
        counts.count(network(number), two[1], late).unwrap();
    }
    counts.count(network(1), two[1], late.plus_seconds(1)).unwrap();
    counts.count(network(9), two[1], late.plus_seconds(1)).unwrap();
    counts.count(network(9), two[0], late.plus_seconds(1)).unwrap();
    let views = |article_id, hour, view_count| HourlyViews {
        article_id,
        hour: at(hour),
        view_count,
    };
    let expected = [
        views(two[0], "2026-11-23T13:00:00Z", 1),
        views(two[1], "2026-11-23T12:00:00Z", 3),
        views(two[1], "2026-11-23T13:00:00Z", 1),
    ];
    assert_eq!(counts.take(), expected);
    assert_eq!(counts.take(), []);
}

#[test]
fn what_could_not_be_written_comes_back_and_its_room_was_kept() {
    let mut counts = ViewCounts::new(SMALL);
    let many = articles(2 * SMALL.waiting);
    for (number, article) in (0..).zip(&many) {
        counts.count(network(number), *article, noon()).unwrap();
    }
    let taken = counts.take();
    assert_eq!(taken.len(), SMALL.waiting);
    let later = noon().plus_seconds(1_800);
    assert_eq!(
        counted(&mut counts, network(99), &many, later),
        0,
        "there is room for what may come back alone"
    );
    counts.put_back(taken.clone());
    assert_eq!(counted(&mut counts, network(99), &many, later), SMALL.waiting);
    let sum = |views: &[HourlyViews]| views.iter().map(|views| views.view_count).sum::<i64>();
    assert_eq!(sum(&counts.take()), 2 * sum(&taken));
    counts.put_back(Vec::new());
    assert_eq!(counted(&mut counts, network(98), &many[..3], later), 3);
}

#[test]
fn each_day_has_another_key_and_knows_nobody_of_the_day_before() {
    let (mut counts, article) = (ViewCounts::new(BOUNDS), ArticleId::new());
    let midnight = at("2026-11-24T00:00:00Z");
    let hash = |counts: &mut ViewCounts, now| counts.key_of(now).unwrap().short_hash("192.0.2.1");
    assert!(counts.count(network(1), article, midnight.plus_seconds(-60)).unwrap());
    let before = hash(&mut counts, midnight.plus_seconds(-1));
    assert_eq!(before, hash(&mut counts, midnight.plus_seconds(-86_400)));
    assert_eq!(counts.recent.len(), 1);
    assert_ne!(before, hash(&mut counts, midnight));
    assert_eq!(
        (counts.recent.len(), counts.in_order.len(), counts.of_network.len()),
        (0, 0, 0)
    );
    assert!(counts.count(network(1), article, midnight).unwrap());
}

#[test]
fn a_clock_that_is_put_back_keeps_nobody_out_for_long() {
    let (mut counts, article) = (ViewCounts::new(BOUNDS), ArticleId::new());
    assert!(counts.count(network(1), article, noon()).unwrap());
    assert!(!counts.count(network(1), article, noon().plus_seconds(-1_799)).unwrap());
    assert!(counts.count(network(1), article, noon().plus_seconds(-1_800)).unwrap());
}

proptest! {
    /// Whatever comes from wherever, in whichever order: no table grows beyond its bound, what is counted is written
    /// once and no more, and the two tables of recent views hold the same.
    #[test]
    fn every_table_is_bounded_and_every_counted_view_is_written_once(
        steps in prop::collection::vec((0_u32..30, 0_usize..12, 0_i64..90, 0_u8..12), 0..300)
    ) {
        let (mut counts, known) = (ViewCounts::new(SMALL), articles(12));
        let (mut now, mut counted, mut written, mut in_hand) = (noon(), 0, 0, None);
        for (from, article, seconds, act) in steps {
            now = now.plus_seconds(seconds);
            match (act, in_hand.take()) {
                (0, None) => in_hand = Some(counts.take()),
                (0 | 1, Some(taken)) => {
                    written += taken.iter().map(|views: &HourlyViews| views.view_count).sum::<i64>();
                    counts.put_back(Vec::new());
                }
                (2, Some(taken)) => counts.put_back(taken),
                (_, held) => {
                    in_hand = held;
                    counted += i64::from(counts.count(network(from), known[article], now).unwrap());
                }
            }
            let held = in_hand.as_ref().map_or(0, Vec::len);
            prop_assert!(counts.waiting.len() + held <= SMALL.waiting);
            prop_assert!(counts.of_network.len() <= SMALL.networks);
            prop_assert!(counts.of_network.values().all(|views| *views <= PER_MINUTE));
            prop_assert!(counts.recent.len() <= SMALL.recent);
            prop_assert_eq!(counts.recent.len(), counts.in_order.len());
        }
        let left = in_hand.into_iter().flatten().chain(counts.take());
        written += left.map(|views| views.view_count).sum::<i64>();
        prop_assert_eq!(written, counted);
    }
}
