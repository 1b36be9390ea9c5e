//! Each disguise, each boundary, and the matcher against one that is too simple to be wrong.

use proptest::prelude::*;

use super::WordListId;
use super::fold::glyphs;
use super::model::{WordListKind, is_findable};
use crate::comments::markup;
use crate::comments::words::fold::{FoldedGlyph, GlyphGap};
use crate::comments::words::model::{ActiveWordList, MatchedWord, WordMatcher};

fn list(entries: &[&str], exceptions: &[&str]) -> ActiveWordList {
    let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    ActiveWordList {
        id: WordListId::new(),
        kind: WordListKind::Banned,
        locale: None,
        entries: owned(entries),
        exceptions: owned(exceptions),
    }
}

fn shown(text: &str, found: &MatchedWord) -> String {
    text.chars().skip(found.start).take(found.end - found.start).collect()
}

/// What the entries find in a text.
fn find(entries: &[&str], exceptions: &[&str], text: &str) -> Vec<String> {
    let found = WordMatcher::new(&[list(entries, exceptions)]).matches(text, None);
    found.iter().map(|found| shown(text, found)).collect()
}

#[test]
fn each_disguise_is_seen_through_and_each_boundary_holds() {
    let none: &[&str] = &[];
    let table: &[(&str, &str, &[&str])] = &[
        // As it is, and folded.
        ("connard", "Quel connard !", &["connard"]),
        ("connard", "CONNARD, connard.", &["CONNARD", "connard"]),
        ("Enculé", "l’encule", &["encule"]),
        ("encule", "l’ENCULÉ", &["ENCULÉ"]),
        ("œuf", "oeuf Œuf", &["oeuf", "Œuf"]),
        ("connard", "соnnаrd", &["соnnаrd"]),
        ("connard", "con\u{200b}na\u{ad}rd", &["con\u{200b}na\u{ad}rd"]),
        ("connard", "conn\u{e0}rd cona\u{300}rd", &["connàrd"]),
        ("été", "e\u{301}te\u{301} !", &["e\u{301}te\u{301}"]),
        // Digits and signs as letters.
        ("connard", "c0nn4rd c0nn@rd", &["c0nn4rd", "c0nn@rd"]),
        ("salope", "$alope 5al0p3", &["$alope", "5al0p3"]),
        ("pute", "pu7e", &["pu7e"]),
        ("debile", "deb1le debi1e deb11e", &["deb1le", "debi1e", "deb11e"]),
        ("ass", "455 4ss 4$$", &["4ss"]),
        ("1488", "1488 l488", &["1488"]),
        ("sos", "505", none),
        // Stretched letters.
        (
            "connard",
            "connnnard coooonnaaard connardddd",
            &["connnnard", "coooonnaaard", "connardddd"],
        ),
        ("con", "cccoooonnn conn coon", &["cccoooonnn"]),
        ("as", "ass asss as", &["asss", "as"]),
        ("ass", "as ass asss", &["ass", "asss"]),
        ("con", "c0o0n c000n", &["c0o0n", "c000n"]),
        ("100", "1000 100", &["100"]),
        // Something between the letters.
        (
            "connard",
            "c.o.n.n.a.r.d c-o-n-n-a-r-d con.nard c_onn*ard",
            &["c.o.n.n.a.r.d", "c-o-n-n-a-r-d", "con.nard", "c_onn*ard"],
        ),
        ("connard", "c o n n a r d !", &["c o n n a r d"]),
        ("connard", "c, o, n, n, a, r, d", &["c, o, n, n, a, r, d"]),
        ("connard", "c  o  n  n  a  r  d", &["c  o  n  n  a  r  d"]),
        ("connard", "c  0  n  n  @  r  d", &["c  0  n  n  @  r  d"]),
        ("connard", "con nard, c onn a r d, c o n n a r de", none),
        ("ya", "il y a y a", none),
        ("con", "c\no\nn", none),
        ("con", "c....o....n", none),
        // Whole words.
        ("con", "conseil, second, bacon, con2", none),
        (
            "con",
            "con (con) «con» l’con con-con con_ @con con@ con$",
            &["con", "con", "con", "con", "con", "con", "con", "con", "con", "con"],
        ),
        ("cons", "con$eil", none),
        (
            "salope",
            "@@@@@salope @@@@@$alope salope@@@@@",
            &["salope", "$alope", "salope"],
        ),
        ("con", "con$eil", none),
        // Of a row of signs the first three and the last may begin a word, or end it.
        ("asanne", "@$@$@nne", &["@$@nne"]),
        ("sanne", "@$@$@nne", none),
        ("anne", "@$@$@nne", &["@nne"]),
        ("ennasa", "enn@$@$@", &["enn@$@"]),
        ("ennas", "enn@$@$@", none),
        ("enna", "enn@$@$@", &["enn@"]),
        // Apart are three letters and more.
        ("fou", "f o u", &["f o u"]),
        ("fo", "f o", none),
        // Prefixes and phrases.
        ("conn* ", "connard", &["connard"]),
        (
            "encul*",
            "enculé, enculeur. encul en cul",
            &["enculé", "enculeur", "encul"],
        ),
        (
            "va te faire",
            "Va  te\nfaire ! va-te-faire vate faire",
            &["Va  te\nfaire", "va-te-faire"],
        ),
        ("va te f*", "va te faire", &["va te faire"]),
        ("ad-hoc", "ad hoc ad-hoc adhoc", &["ad hoc", "ad-hoc"]),
        ("c’est nul", "c'est nul", &["c'est nul"]),
        ("сука", "Сука cyка", &["Сука", "cyка"]),
        ("كلب", "كَلب كلبي", &["كَلب"]),
    ];
    for (entry, text, expected) in table {
        assert_eq!(&find(&[*entry], &[], text), expected, "{entry} in {text:?}");
    }
}

#[test]
fn an_address_has_no_words_but_those_that_are_written_as_one() {
    let table: &[(&str, &str, &[&str])] = &[
        ("con", "Lire https://fr.wikipedia.org/wiki/Con pour rire", &[]),
        ("con", "www.example.fr/con-con?con=con#con", &[]),
        ("con", "(https://a.example/con), con.", &["con"]),
        ("con", "con https://a.example/con con", &["con", "con"]),
        ("con*", "https://conseil.example/connexion", &[]),
        // What readers see of a link is words.
        ("con", "[con](https://a.example/con)", &["con"]),
        ("va te faire", "[va te](https://a.example) faire", &[]),
        // No web address: a host without its beginning, a mail's, one that ends.
        ("con", "exemple.fr/con", &["con"]),
        ("exemple", "koffi@con.exemple", &["exemple"]),
        ("connard", "Quel conn@rd.Il ment", &["conn@rd"]),
        ("con", "https://a.example/ con", &["con"]),
        ("con", "https://a.example/\u{200b}con", &["con"]),
        ("con", "https:// con", &["con"]),
        // Written as addresses.
        ("casino.example", "https://www.casino.example/x", &["casino.example"]),
        ("casino.example", "Voir casino.example", &["casino.example"]),
        (
            "https://casino.example",
            "https://casino.example/x",
            &["https://casino.example"],
        ),
        ("t.me/*", "https://t.me/gains", &["t.me"]),
        (" casino.example ", "https://casino.example/x", &["casino.example"]),
        (
            "https://casino.example/://x",
            "https://casino.example/://x",
            &["https://casino.example/://x"],
        ),
        ("le casino.example", "https://a.example/le/casino.example", &[]),
        ("casino", "https://casino.example", &[]),
        ("c.o.n", "https://a.example/c.o.n", &[]),
    ];
    for (entry, text, expected) in table {
        let matcher = WordMatcher::new(&[list(&[*entry], &[])]);
        let found = matcher.matches_beside(text, &markup::addresses(text), None);
        let shown: Vec<String> = found.iter().map(|found| shown(text, found)).collect();
        assert_eq!(&shown, expected, "{entry} in {text:?}");
    }
}

#[test]
fn exceptions_win_where_they_stand() {
    type Case<'c> = (&'c [&'c str], &'c [&'c str], &'c str, &'c [&'c str]);
    let table: &[Case<'_>] = &[
        (
            &["con*"],
            &["conseil*", "contre"],
            "conseils, contre, connerie, CONSEIL",
            &["connerie"],
        ),
        (
            &["cunt*", "*cunt"],
            &["Scunthorpe"],
            "Scunthorpe cunt",
            &["cunt", "cunt"],
        ),
        (&["con"], &["pas con"], "pas con, con", &["con"]),
        // An exception is no disguise.
        (&["con*"], &["conseil"], "c0nseil conseeeil", &["c0nseil", "conseeeil"]),
        (&["con*"], &["conseil"], "consèil", &[]),
        (&["con*"], &["conseil"], "con-seil", &["con"]),
        (&["conseil"], &["conseil"], "conseil, c o n s e i l", &["c o n s e i l"]),
    ];
    for (entries, exceptions, text, expected) in table {
        assert_eq!(&find(entries, exceptions, text), expected, "{text}");
    }
}

#[test]
fn a_list_speaks_for_its_language_and_hides_only_its_own() {
    let french = ActiveWordList {
        locale: Some("fr".to_owned()),
        ..list(&["pain"], &[])
    };
    let english = ActiveWordList {
        locale: Some("en".to_owned()),
        kind: WordListKind::Suspect,
        ..list(&["pain"], &[])
    };
    let all = list(&["pain*"], &["pain"]);
    let matcher = WordMatcher::new(&[french.clone(), english.clone(), all]);
    let found = |locale| {
        matcher
            .matches("Du pain.", locale)
            .iter()
            .map(|found| found.list_id)
            .collect::<Vec<_>>()
    };
    assert_eq!(found(Some("fr")), [french.id]);
    assert_eq!(found(Some("en")), [english.id]);
    assert_eq!(found(Some("de")), []);
    assert_eq!(found(None), [french.id, english.id]);
    assert_eq!(WordMatcher::new(&[]).matches("Du pain.", None), []);
}

#[test]
fn an_entry_must_be_able_to_find_something() {
    for (entry, expected) in [
        ("con", true),
        ("88", true),
        ("!?", false),
        ("*", false),
        ("a*", false),
        ("ab*", true),
        ("a", true),
        ("\u{200b}", false),
    ] {
        assert_eq!(is_findable(entry), expected, "{entry:?}");
    }
}

#[test]
fn five_thousand_characters_are_matched_in_little_time() {
    let mut words: Vec<String> = (0..5_000).map(|number| format!("mot{number} suite")).collect();
    words.extend([
        "a".repeat(20),
        "a ".repeat(40),
        "a*".to_owned(),
        "oooooooo*".to_owned(),
        "o".repeat(20),
    ]);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let matcher = WordMatcher::new(&[list(&words, &["a a"])]);
    for unit in [
        "a",
        "a ",
        "a.",
        "aaa.",
        "0",
        "ooo.",
        "0o0.",
        "o o",
        "mot1 suite ",
        "@",
        "$.",
        "1",
        "\u{200b}",
    ] {
        let text: String = unit.chars().cycle().take(5_000).collect();
        let started = std::time::Instant::now();
        let found = matcher.matches(&text, None);
        let taken = started.elapsed();
        // Without optimisation, beside other tests; what grows with the square of the text takes minutes.
        assert!(taken < std::time::Duration::from_secs(10), "{unit:?} took {taken:?}");
        assert!(found.iter().all(|found| found.end <= 5_000));
    }
}

/// The letters of an entry for the simple matcher: a gap is a space.
fn letters(entry: &str) -> Vec<char> {
    glyphs(entry)
        .iter()
        .flat_map(|glyph| {
            (glyph.gap == GlyphGap::None)
                .then_some(vec![glyph.c])
                .unwrap_or(vec![' ', glyph.c])
        })
        .skip(1)
        .collect()
}

fn class(c: char) -> char {
    match c {
        '0' => 'o',
        '1' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        c => c,
    }
}

fn reads(c: char, letter: char) -> bool {
    c == letter || class(c) == letter || (c == '1' && letter == 'l')
}

/// Whether the glyphs from `at` to the end are the letters: every way is tried, none is remembered.
fn spells(
    all: &[FoldedGlyph],
    from: usize,
    at: usize,
    to: usize,
    letters: &[char],
    apart: bool,
    used: (bool, bool),
) -> bool {
    if at == to {
        return letters.is_empty() && (used.0 || !used.1);
    }
    let glyph = all[at];
    let read = |rest: &[char]| {
        rest.split_first().is_some_and(|(letter, rest)| {
            let as_is = glyph.c == *letter;
            let used = (used.0 || (as_is && glyph.c.is_alphabetic()), used.1 || !as_is);
            reads(glyph.c, *letter) && spells(all, from, at + 1, to, rest, apart, used)
        })
    };
    if at == from {
        return read(letters);
    }
    let as_word = letters.first() == Some(&' ') && read(&letters[1..]);
    if glyph.gap != GlyphGap::None {
        let joins = if apart {
            glyph.gap != GlyphGap::Wide
        } else {
            glyph.gap == GlyphGap::Joiner
        };
        return (as_word && (!apart || glyph.gap != GlyphGap::Wide))
            || (joins && letters.first() != Some(&' ') && read(letters));
    }
    if apart {
        return false;
    }
    let same = |one: usize, other: usize| class(all[one].c) == class(all[other].c);
    let mut first = at;
    while all[first].gap == GlyphGap::None && first > 0 && same(first - 1, at) {
        first -= 1;
    }
    let mut behind = at + 1;
    while behind < all.len() && all[behind].gap == GlyphGap::None && same(behind, at) {
        behind += 1;
    }
    // One more of the letter before: the simple matcher treats it as if the entry had it.
    let before = BEFORE.with(|entry| {
        let entry = entry.borrow();
        entry.len().checked_sub(letters.len() + 1).map(|index| entry[index])
    });
    let stretches = behind - first >= 3
        && first < at
        && before.is_some_and(|letter| letter.is_alphabetic() && reads(glyph.c, letter))
        && spells(
            all,
            from,
            at + 1,
            to,
            letters,
            apart,
            (used.0 || glyph.c.is_alphabetic(), used.1),
        );
    (letters.first() != Some(&' ') && read(letters)) || stretches
}

thread_local! {
    static BEFORE: std::cell::RefCell<Vec<char>> = const { std::cell::RefCell::new(Vec::new()) };
}

/// The longest spans that spell an entry, found by trying all of them.
fn naive(entry: &str, text: &str) -> Vec<(usize, usize)> {
    let all = glyphs(text);
    let letters = letters(entry);
    BEFORE.with(|before| before.borrow_mut().clone_from(&letters));
    let is_sign = |at: usize| matches!(all[at].c, '@' | '$');
    let is_of = |from: usize, at: usize| (from + 1..=at).all(|at| all[at].gap == GlyphGap::None);
    // Of the signs around a word, the three outermost and the innermost may be its letters.
    let begins = |from: usize| {
        let first = (0..=from)
            .rev()
            .find(|first| all[*first].gap != GlyphGap::None || *first == 0)
            .unwrap();
        let signs = (first..all.len())
            .take_while(|at| is_sign(*at) && is_of(first, *at))
            .count();
        let before = from - first;
        before <= signs && (before < 3 || before + 1 >= signs)
    };
    let ends = |to: usize| {
        let behind = (to..=all.len())
            .find(|at| *at == all.len() || all[*at].gap != GlyphGap::None)
            .unwrap();
        let first = (0..behind)
            .rev()
            .find(|first| all[*first].gap != GlyphGap::None || *first == 0)
            .unwrap();
        let signs = (first..behind).rev().take_while(|at| is_sign(*at)).count();
        let after = behind - to;
        after <= signs && (after < 3 || after + 1 >= signs)
    };
    let mut spans = Vec::new();
    for from in (0..all.len()).filter(|from| begins(*from)) {
        for to in from + 1..=all.len() {
            let together = ends(to) && spells(&all, from, from, to, &letters, false, (false, false));
            let apart = to - from >= 3
                && (to == all.len() || all[to].gap != GlyphGap::None)
                && spells(&all, from, from, to, &letters, true, (false, false));
            if together || apart {
                spans.push((from, to));
            }
        }
    }
    let within = |one: &(usize, usize), other: &(usize, usize)| other.0 <= one.0 && one.1 <= other.1 && one != other;
    let longest = spans.iter().filter(|one| !spans.iter().any(|other| within(one, other)));
    longest.map(|(from, to)| (all[*from].start, all[*to - 1].end)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn the_matcher_agrees_with_the_simple_one(entry in "[abols5 1]{1,6}", text in "[aabbooll0014@$5s é.\u{200b}, -]{0,16}") {
        prop_assume!(is_findable(&entry));
        let mut found: Vec<(usize, usize)> = WordMatcher::new(&[list(&[&entry], &[])])
            .matches(&text, None)
            .iter()
            .map(|found| (found.start, found.end))
            .collect();
        let mut expected = naive(&entry, &text);
        found.sort_unstable();
        expected.sort_unstable();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn what_was_found_is_found_again_in_its_own_span(
        entries in proptest::collection::vec("[abélost ]{1,5}\\*?", 1..4),
        text in "(\\PC|[aabéllooosst05@$ .,\u{301}\u{200b}œ]){0,40}",
    ) {
        let entries: Vec<&str> = entries.iter().map(String::as_str).collect();
        let matcher = WordMatcher::new(&[list(&entries, &[])]);
        let count = text.chars().count();
        for found in matcher.matches(&text, None) {
            prop_assert!(found.start < found.end && found.end <= count);
            let span = shown(&text, &found);
            let again = matcher.matches(&span, None);
            let whole = (0, found.end - found.start);
            let is_whole = |again: &MatchedWord| again.entry == found.entry && (again.start, again.end) == whole;
            prop_assert!(again.iter().any(is_whole), "{:?} of {:?} found {:?}", span, found.entry, again);
        }
    }
}
