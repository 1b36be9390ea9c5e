//! The arithmetic against a table computed by hand, and the tokens.

use proptest::prelude::*;

use super::model::{digest, tokens, weight};
use crate::comments::spam::model::{BayesModel, ClassCounts, MIN_LEARNED};

fn counts(ham: i64, spam: i64) -> ClassCounts {
    ClassCounts { ham, spam }
}

fn model(totals: ClassCounts, tokens: &[(&str, ClassCounts)]) -> BayesModel {
    let tokens = tokens.iter().map(|(token, counts)| (digest(token), *counts));
    BayesModel {
        totals,
        tokens: tokens.collect(),
    }
}

#[track_caller]
fn close(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-4, "{found} is not {expected}");
}

#[test]
fn weights_are_those_computed_by_hand() {
    let table = [
        // ((0+1)/(98+2)) / ((0+1)/(98+2)) = 1
        (counts(0, 0), counts(98, 98), 0.0),
        // (50/100) / (1/100) = 50
        (counts(0, 49), counts(98, 98), 3.912_023),
        // (1/100) / (25/100) = 1/25
        (counts(24, 0), counts(98, 98), -3.218_876),
        // (10/100) / (20/200) = 1
        (counts(19, 9), counts(198, 98), 0.0),
        // (31/102) / (11/202) = 3131/561
        (counts(10, 30), counts(200, 100), 1.719_388),
        // What was taken back too often counts as nothing: (1/100) / (1/100).
        (counts(-3, 0), counts(98, 98), 0.0),
    ];
    for (with, all, expected) in table {
        close(weight(with, all), expected);
    }
}

#[test]
fn a_score_is_the_sum_of_its_weights() {
    let all = counts(98, 98);
    let known = [
        // ln 50, ln 1/25, ln 2
        ("word:casino", counts(0, 49)),
        ("word:maire", counts(24, 0)),
        ("author:jean", counts(4, 9)),
    ];
    let model = model(all, &known);
    // 50 / 25 × 2 = 4 to one.
    let score = model.score("Le maire au casino, inconnu. CASINO", "Jean").unwrap();
    close(score.probability, 0.8);
    let shown: Vec<&str> = score.top_tokens.iter().map(|token| token.token.as_str()).collect();
    assert_eq!(shown, ["word:casino", "word:maire", "author:jean"]);
    close(score.top_tokens[2].weight, std::f64::consts::LN_2);
    close(model.score("Rien de connu.", "Ada").unwrap().probability, 0.5);
    // 50 to one.
    close(model.score("Casino !", "").unwrap().probability, 50.0 / 51.0);
}

#[test]
fn it_says_nothing_until_it_has_seen_enough_of_both() {
    let known = [("word:casino", counts(0, 40))];
    for (all, speaks) in [
        (counts(0, 0), false),
        (counts(MIN_LEARNED - 1, 1_000), false),
        (counts(1_000, MIN_LEARNED - 1), false),
        (counts(MIN_LEARNED, MIN_LEARNED), true),
    ] {
        assert_eq!(model(all, &known).score("Casino", "Ada").is_some(), speaks, "{all:?}");
    }
}

#[test]
fn a_score_shows_ten_tokens_and_is_made_of_forty() {
    let words: Vec<String> = (0..60).map(|number| format!("mot{number}")).collect();
    let names: Vec<String> = words.iter().map(|word| format!("word:{word}")).collect();
    // Each speaks for spam 3 : 1.
    let known: Vec<(&str, ClassCounts)> = names.iter().map(|name| (name.as_str(), counts(9, 29))).collect();
    let score = model(counts(998, 998), &known).score(&words.join(" "), "").unwrap();
    assert_eq!(score.top_tokens.len(), 10);
    assert!(score.probability > 0.999_999);
    let ham = |name| (name, counts(29, 9));
    let even: Vec<(&str, ClassCounts)> = names
        .iter()
        .take(40)
        .enumerate()
        .map(|(index, name)| {
            if index % 2 == 0 {
                ham(name.as_str())
            } else {
                (name.as_str(), counts(9, 29))
            }
        })
        .collect();
    close(
        model(counts(998, 998), &even)
            .score(&words.join(" "), "")
            .unwrap()
            .probability,
        0.5,
    );
}

#[test]
fn tokens_are_what_a_comment_has() {
    let table: &[(&str, &str, &[&str])] = &[
        (
            "Le c\u{e2}lin, à Jo",
            "Zoé D.",
            &["author:zoe", "word:calin", "word:jo", "word:le"],
        ),
        (
            "Voyez https://Spam.example/x",
            "",
            &[
                "has:link",
                "host:spam.example",
                "word:example",
                "word:https",
                "word:spam",
                "word:voyez",
            ],
        ),
        (
            "[a](https://a.test) [b](https://b.test) [c](https://a.test)",
            "",
            &["has:links", "host:a.test", "host:b.test", "word:https", "word:test"],
        ),
        (
            "ACHETEZ MAINTENANT ICI",
            "",
            &["has:capitals_only", "word:achetez", "word:ici", "word:maintenant"],
        ),
        (
            "ACHETEZ ICI et maintenant",
            "",
            &["has:capitals", "word:achetez", "word:et", "word:ici", "word:maintenant"],
        ),
        ("OUI !", "", &["word:oui"]),
        ("", "", &[]),
    ];
    for (text, author, expected) in table {
        let found: Vec<String> = tokens(text, author).into_iter().collect();
        assert_eq!(&found, expected, "{text}");
    }
    let long: String = (0..1_000).map(|number| format!("m{number} ")).collect();
    assert_eq!(tokens(&long, "Ada").len(), 800);
    assert!(tokens(&"a".repeat(5_000), "").contains(&format!("word:{}", "a".repeat(30))));
}

proptest! {
    #[test]
    fn a_score_is_a_probability_and_more_spam_never_lowers_it(
        ham in 0_i64..500, spam in 0_i64..500, more in 0_i64..500, text in "(casino|maire|[a-z]{1,8}| ){0,20}",
    ) {
        let all = counts(1_000, 1_000);
        let score = |spam| model(all, &[("word:casino", counts(ham, spam))]).score(&text, "Ada").unwrap();
        let (one, other) = (score(spam), score(spam + more));
        prop_assert!((0.0..=1.0).contains(&one.probability));
        let is_in = ham + spam > 0 && tokens(&text, "").contains("word:casino");
        prop_assert!(!is_in || one.probability <= other.probability);
        prop_assert!(one.top_tokens.len() <= 10);
    }

    #[test]
    fn digests_of_tokens_tell_them_apart(one in "[a-z]{1,8}", other in "[a-z]{1,8}") {
        prop_assert_eq!(digest(&one) == digest(&other), one == other);
        prop_assert_eq!(digest(&one).len(), 22);
    }
}

#[test]
fn capitals_are_told_from_their_share_of_twenty_letters_and_more() {
    let text = |capitals: usize, small: usize| "É".repeat(capitals) + &"é".repeat(small) + " 12 !";
    for (capitals, small, expected) in [
        (19, 0, None),
        (20, 0, Some("has:capitals_only")),
        (14, 6, Some("has:capitals_only")),
        (69, 31, Some("has:capitals")),
        (6, 14, Some("has:capitals")),
        (29, 71, None),
    ] {
        let found = tokens(&text(capitals, small), "");
        let look = found.iter().find(|token| token.starts_with("has:capitals"));
        assert_eq!(look.map(String::as_str), expected, "{capitals} and {small}");
    }
}

#[test]
fn so_many_tokens_count_and_a_quarter_of_them_may_be_hosts() {
    let words: Vec<String> = (0..900).map(|number| format!("mot{number}")).collect();
    assert_eq!(tokens(&words.join(" "), "").len(), 800);
    let links: Vec<String> = (0..300).map(|number| format!("https://h{number}.example")).collect();
    let found = tokens(&links.join(" "), "");
    assert_eq!(found.iter().filter(|token| token.starts_with("host:")).count(), 200);
}

#[test]
fn what_was_seen_in_nothing_says_nothing_nor_does_the_forty_first() {
    let once = model(counts(98, 98), &[("word:casino", counts(0, 1))]);
    assert_eq!(once.score("casino", "").unwrap().top_tokens.len(), 1);
    let unseen = model(counts(998, 98), &[("word:casino", counts(0, 0))]);
    let score = unseen.score("casino", "").unwrap();
    assert_eq!(score.top_tokens, []);
    close(score.probability, 0.5);
    let names: Vec<String> = (0..41).map(|number| format!("word:mot{number}")).collect();
    let mut known: Vec<(&str, ClassCounts)> = Vec::new();
    for (index, name) in names.iter().enumerate() {
        let seen = match index {
            40 => counts(9, 19),
            even if even % 2 == 0 => counts(9, 29),
            _ => counts(29, 9),
        };
        known.push((name, seen));
    }
    let text: Vec<String> = (0..41).map(|number| format!("mot{number}")).collect();
    let score = model(counts(998, 998), &known).score(&text.join(" "), "").unwrap();
    close(score.probability, 0.5);
}
