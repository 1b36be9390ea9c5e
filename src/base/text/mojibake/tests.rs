//! What must be repaired, what must stay, and how much of a real corpus is found.

use std::io::Write;
use std::path::Path;

use html5ever::data::C1_REPLACEMENTS;
use proptest::prelude::*;
use serde_json::Value;

use super::*;

/// UTF-8 read as Windows-1252.
fn as_windows(text: &str) -> String {
    let read = |byte: u8| match byte {
        0x80..=0x9F => C1_REPLACEMENTS[usize::from(byte - 0x80)].unwrap_or(char::from(byte)),
        byte => char::from(byte),
    };
    text.bytes().map(read).collect()
}

/// UTF-8 read as Latin-1.
fn as_latin1(text: &str) -> String {
    text.bytes().map(char::from).collect()
}

/// UTF-8 read as Windows-1252, and `Ã` turned into `à`.
fn with_a_grave(text: &str) -> String {
    as_windows(text).replace('Ã', "à")
}

/// As Windows-1252, and then the white space folded and trimmed.
fn without_no_break_spaces(text: &str) -> String {
    let folded = as_windows(text).replace('\u{a0}', " ");
    folded
        .split(' ')
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

fn twice(mangle: fn(&str) -> String) -> impl Fn(&str) -> String {
    move |text| mangle(&mangle(text))
}

fn repaired(text: &str) -> Option<String> {
    repair(text).map(|repair| repair.text)
}

#[test]
fn what_was_read_in_the_wrong_encoding_is_repaired() {
    let table = [
        // UTF-8 read as Windows-1252 or Latin-1.
        ("BÃ©nin", "Bénin"),
        ("lâ€™Afrique", "l’Afrique"),
        ("cÅ“ur, Å“uvre, CÅ’UR, Å’uvres", "cœur, œuvre, CŒUR, Œuvres"),
        (
            "Ã‰tats-Unis, PRÃ‰SIDENT, CÃ”TE, FRANÃ‡AIS, OÃ™ ?",
            "États-Unis, PRÉSIDENT, CÔTE, FRANÇAIS, OÙ ?",
        ),
        ("Ã€ Paris", "À Paris"),
        ("dÃ©jÃ\u{a0} vu", "déjà vu"),
        ("La grève Ã\u{a0} Paris", "La grève à Paris"),
        ("Â« OuiÂ\u{a0}! Â»", "« Oui\u{a0}! »"),
        ("Un Ã‚Â« alphabet Ã‚Â»", "Un « alphabet »"),
        ("20Â°C, 5Â\u{a0}%, 10Â€", "20°C, 5\u{a0}%, 10€"),
        ("LÂ’Ã©tÃ©", "L’été"),
        ("l\u{92}été \u{85}", "l’été …"),
        ("un «Ã©tÃ©»", "un «été»"),
        ("l’humanitÃ©, l’Ã©tat", "l’humanité, l’état"),
        (
            "5 â‚¬, Samsungâ„¢, â†’ ici, 2 âˆ’ 1, â‰¤",
            "5 €, Samsung™, → ici, 2 − 1, ≤",
        ),
        ("Bravo ðŸ˜€", "Bravo 😀"),
        ("â€œOuiâ€, dit-il â€“ oui", "“Oui”, dit-il – oui"),
        ("SÃ£o TomÃ© e PrÃ\u{ad}ncipe", "São Tomé e Príncipe"),
        ("MiloÅ¡ Zeman, ErdoÄŸan", "Miloš Zeman, Erdoğan"),
        ("ÐŸÑƒÑ‚Ð¸Ð½ et Ø§Ù„Ø¹Ø±Ø¨ÙŠØ©", "Путин et العربية"),
        // Twice, and three times.
        ("BÃƒÂ©nin", "Bénin"),
        ("lÃ¢â‚¬â„¢Afrique", "l’Afrique"),
        ("L'ONUÃ¢â‚¬â„¢", "L'ONU’"),
        ("cÃƒâ€¦Ã¢â‚¬Å“ur", "cœur"),
        // Right text beside it stays.
        (
            "Le prÃ©sident est là© AFP, voilà», à ½ litre à «\u{a0}Paris\u{a0}», «MANHÃ» «Ã» “Ã”",
            "Le président est là© AFP, voilà», à ½ litre à «\u{a0}Paris\u{a0}», «MANHÃ» «Ã» “Ã”",
        ),
        // What lost its no-break space.
        ("Le prÃ©sident, voilÃ ", "Le président, voilà "),
        ("dÃ©cidÃ© Ã Paris, jusqu'Ã 10 h", "décidé à Paris, jusqu'à 10 h"),
        // `Ã` turned into `à`.
        ("Tà¼rkiye", "Türkiye"),
        ("Bà©nin", "Bénin"),
        ("Franà§ais", "Français"),
        ("dà©jà\u{a0} vu, dà©jà\u{a0}", "déjà vu, déjà"),
        ("à‰tat et à‡a", "État et Ça"),
        ("Noà«l en Israà«l", "Noël en Israël"),
        (
            "aoà»t, goà»ter, mà»r, il a dà» partir",
            "août, goûter, mûr, il a dû partir",
        ),
        ("là©gislatives", "législatives"),
        ("à©lections à Bà¢le", "élections à Bâle"),
        ("Cà”Tà‰, PRà‰SIDENT", "CÔTÉ, PRÉSIDENT"),
        ("un communiquà© du prà©sident", "un communiqué du président"),
        ("Sà£o Tomà©, Stra\u{e0}Ÿe", "São Tomé, Straße"),
        ("crà©à©e", "créée"),
        ("lâ€™à©tat, libertà©â€™", "l’état, liberté’"),
    ];
    for (text, expected) in table {
        assert_eq!(repaired(text).as_deref().unwrap_or(text), expected, "{text:?}");
    }
}

/// Right text, however odd it looks.
#[test]
fn right_text_stays_as_it_is() {
    let table = [
        // French.
        "à « Paris »",
        "à «\u{a0}Paris\u{a0}»",
        "à\u{a0}«\u{a0}Paris\u{a0}»",
        "à\u{202f}«\u{202f}Paris\u{202f}»",
        "à 30°, à\u{a0}30\u{a0}°, 30° à 40°",
        "voilà»",
        "« Et voilà\u{a0}» ; « le voilà »",
        "à½ litre",
        "à ½ litre, à½litre, à ¼, 3¾",
        "là© AFP, voilà©afp",
        "à © 2026",
        "à £5, à €5, à 5€",
        "déjà\u{a0}: voilà\u{a0}! celui-là\u{a0}; jusque-là\u{a0}? là\u{a0}– bas",
        "« voilà»dit-il, voilà«Paris»",
        "voilà² puis au-delà¹.",
        "voilà… voilà’ voilà” voilà—oui là–bas",
        "voilà™ voilà® là°",
        "CAFÉ… MARQUÉ… À… VOILÀ» CÔTÉ™ É»",
        "OÙ\u{a0}? DÉJÀ\u{a0}! L’ÉTÉ\u{a0}»",
        "été»… é” é’” (été…» l’été\u{a0}»",
        "n° 5 à 10 €, m², CO₂, 5 % – 10 ‰",
        "Œuvre, œil, cœur, l’œ… « œ » et « Œ »",
        "l’étudiant·e, le·la",
        "naïveté ©2026 Noël® Citroën™ Raphaël",
        // Letters that are spoken of.
        "La lettre « Ã » et la lettre «\u{a0}Â\u{a0}» ou “Ã”, ‘Â’ et «Ã»",
        // Portuguese, with its capitals.
        "AMANHÃ\u{a0}! «MANHÃ» MANHÃ… IRMÃ” IRMÃ’ MANHÃ– MANHÃ—NOITE IRMÃ®",
        "A LÃ» e a LÃ\u{a0}!",
        "SÃO PAULO, Ãgora, manhã…» amanhã\u{a0}»",
        "São Tomé e Príncipe, às àquele coração",
        // Other languages of the region and of the world.
        "xàmm làmb bàyyi ñëw ŋ Sënegaal",
        "COBORÂ\u{a0}! â…» Â",
        "BLÅ–GUL Å… på Åland",
        "Gàidhlig, perché, città» più» libertà®",
        "بنين دولة في غرب أفريقيا، «عاصمتها»",
        "Москва — столица",
        "日本語 «テスト»",
        "Tiếng Việt ở Đà Nẵng, là».",
        "Straße, naïf, Ærø, þ",
        "👍🏽 😀 🇧🇯 ✔ → ™",
        "",
    ];
    for text in table {
        assert_eq!(repair(text), None, "{text:?}");
        assert_eq!(repair_html(text), None, "{text:?}");
    }
}

// `œ` comes after a consonant, if at all.
const SMALL: &str = "[a-zàâäçéèêëîïôöùûüÿ]{1,8}([bcms]œ[a-z]{1,3})?";
const CAPITALS: &str = "[A-ZÀÂÄÇÉÈÊËÎÏÔÖÙÛÜŸ]{2,8}([BCMS]Œ[A-Z]{1,3})?";

/// A word as French has them: small, with a capital, or in capitals.
fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => SMALL,
        2 => ("[A-ZÀÂÇÉÈÊÎÔŒ]", SMALL).prop_map(|(first, rest)| first + &rest),
        1 => CAPITALS,
        1 => "[0-9]{1,4}",
    ]
}

/// What is between words, set as it should be.
fn between() -> impl Strategy<Value = &'static str> {
    let signs = [
        " ",
        " ",
        " ",
        " ",
        ", ",
        ". ",
        "… ",
        "’",
        "'",
        "-",
        "\u{a0}: ",
        "\u{a0}; ",
        "\u{202f}! ",
        "\u{a0}? ",
        " «\u{a0}",
        "\u{a0}» ",
        " « ",
        " » ",
        " “",
        "” ",
        " – ",
        " — ",
        " (",
        ") ",
        " °",
        "° ",
        "\u{a0}€ ",
        " £",
        "\u{a0}% ",
        " © ",
        "® ",
        "™ ",
        " ½ ",
        "/",
        "\n",
        "·",
    ];
    proptest::sample::select(signs.to_vec())
}

fn sentence() -> impl Strategy<Value = String> {
    (word(), proptest::collection::vec((between(), word()), 0..14))
        .prop_map(|(first, rest)| rest.into_iter().fold(first, |text, (sign, word)| text + sign + &word))
}

/// French words with every letter that the second kind of mojibake can hold without a doubt.
fn plain_word() -> impl Strategy<Value = &'static str> {
    let words = [
        "président",
        "élection",
        "français",
        "Bénin",
        "Türkiye",
        "Noël",
        "Israël",
        "août",
        "goûter",
        "maître",
        "île",
        "être",
        "fenêtre",
        "âge",
        "théâtre",
        "hôpital",
        "côté",
        "où",
        "déjà",
        "voilà",
        "là",
        "à",
        "naïf",
        "haïr",
        "mère",
        "père",
        "communiqué",
        "liberté",
        "créée",
        "États",
        "Égypte",
        "École",
        "Ça",
        "PRÉSIDENT",
        "CÔTÉ",
        "le",
        "la",
        "de",
        "et",
        "2026",
        "Cotonou",
        "l'été",
        "São",
        "España",
    ];
    proptest::sample::select(words.to_vec())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn clean_french_is_never_suspect(text in sentence()) {
        prop_assert_eq!(repair(&text), None);
        prop_assert_eq!(repair_html(&text), None);
    }

    #[test]
    fn what_was_mangled_comes_back(text in sentence()) {
        // A word without a doubt: company for those that have some.
        let text = format!("Le président\u{a0}: {text}");
        prop_assert_eq!(repaired(&as_windows(&text)), Some(text.clone()));
        prop_assert_eq!(repaired(&as_latin1(&text)), Some(text.clone()));
        prop_assert_eq!(repaired(&twice(as_windows)(&text)), Some(text.clone()));
        prop_assert_eq!(repaired(&twice(as_latin1)(&text)), Some(text));
    }

    #[test]
    fn a_grave_in_the_place_of_a_tilde_comes_back(words in proptest::collection::vec(plain_word(), 1..12)) {
        let text = format!("Le président {}", words.join(" "));
        prop_assert_eq!(repaired(&with_a_grave(&text)), Some(text));
    }

    #[test]
    fn the_bytes_tell_whether_to_look_closer(text in "[\\PCÃÂàâé©€™œ’“\u{80}-\u{bf} ]{0,12}") {
        prop_assert!(may_be_wrong(&text) || undo(&glyphs::of_plain(&text)).is_none());
    }

    #[test]
    fn repairing_is_done_at_once_and_never_panics(text in "[\\PCÃÂàâé©€™œ’“\u{80}-\u{bf} ]{0,40}") {
        for repair in [repair(&text), repair_html(&text)].into_iter().flatten() {
            prop_assert!(repair.text != text);
            prop_assert!(repair.found.chars().count() <= 200 && repair.found != repair.suggestion);
        }
    }
}

#[test]
fn html_keeps_its_tags_and_references() {
    let table = [
        (
            "<p class=\"Ã©\">Le <b>prÃ©sident</b>&nbsp;: l&rsquo;Ã©tÃ© &amp; co</p>",
            "<p class=\"Ã©\">Le <b>président</b>&nbsp;: l&rsquo;été &amp; co</p>",
        ),
        (
            "<a href=\"/cafÃ©\">dÃ©jÃ&nbsp;</a> vu",
            "<a href=\"/cafÃ©\">déjà</a> vu",
        ),
        ("l&acirc;&euro;&trade;&Atilde;&copy;t&Atilde;&copy;", "l’été"),
        ("Â«&nbsp;OuiÂ&nbsp;!Â&nbsp;Â»", "«&nbsp;Oui&nbsp;!&nbsp;»"),
    ];
    for (html, expected) in table {
        let repaired = repair_html(html).map(|repair| repair.text);
        assert_eq!(repaired.as_deref(), Some(expected), "{html}");
    }
    for right in [
        "à&nbsp;: &laquo;&nbsp;Paris&nbsp;&raquo;",
        "<Ã©>",
        "voil&agrave;&raquo;",
        "a<b && c>d",
    ] {
        assert_eq!(repair_html(right), None, "{right}");
    }
}

#[test]
fn a_repair_shows_the_words_around_its_first_place() {
    let repair = repair("Le prÃ©sident du BÃ©nin").unwrap();
    assert_eq!(repair.found, "prÃ©sident");
    assert_eq!(repair.suggestion, "président");
    let long = "x".repeat(500) + "Ã©" + &"y".repeat(500);
    let repair = super::repair(&long).unwrap();
    assert!(repair.found.chars().count() < 80, "{}", repair.found);
}

/// News articles in French, where the maintainers' shared data is at hand: each text on its own.
fn corpus() -> Option<Vec<String>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/wikinews-fr.jsonl");
    let Ok(file) = std::fs::read_to_string(path) else {
        writeln!(std::io::stderr(), "skipped: the shared data folder is absent").unwrap();
        return None;
    };
    let mut texts = Vec::new();
    for line in file.lines() {
        let article: Value = serde_json::from_str(line).unwrap();
        texts.push(article["title"].as_str().unwrap().to_owned());
        for list in ["paragraphs", "tags"] {
            let items = article[list].as_array().unwrap().iter();
            texts.extend(items.map(|item| item.as_str().unwrap().to_owned()));
        }
    }
    Some(texts)
}

#[test]
fn a_corpus_of_right_text_has_no_suspect() {
    let Some(texts) = corpus() else { return };
    let suspects: Vec<TextRepair> = texts.iter().filter_map(|text| repair(text)).collect();
    assert_eq!(suspects, []);
    // Nor does it cost more than a look at its bytes.
    let looked_at = texts.iter().filter(|text| may_be_wrong(text)).count();
    assert!(looked_at * 20 < texts.len(), "{looked_at} of {}", texts.len());
}

/// How many of the texts that can be mangled come back whole, for each kind. The rest are missed or repaired in part: a
/// single `à©` at a word's end, or a trimmed space, says too little.
#[test]
fn a_mangled_corpus_comes_back() {
    let Some(texts) = corpus() else { return };
    type Mangle<'m> = &'m dyn Fn(&str) -> String;
    let kinds: [(&str, Mangle<'_>, f64); 6] = [
        ("Windows-1252", &as_windows, 0.99),
        ("Latin-1", &as_latin1, 0.99),
        ("Windows-1252 twice", &twice(as_windows), 0.99),
        ("Latin-1 twice", &twice(as_latin1), 0.99),
        ("à for Ã", &with_a_grave, 0.9),
        ("without no-break spaces", &without_no_break_spaces, 0.9),
    ];
    for (kind, mangle, expected) in kinds {
        let (mut all, mut found, mut whole) = (0.0, 0.0, 0.0);
        for text in &texts {
            let mangled = mangle(text);
            if mangled == *text {
                continue;
            }
            all += 1.0;
            let repaired = repaired(&mangled);
            found += f64::from(repaired.is_some());
            whole += f64::from(repaired.as_ref() == Some(text));
        }
        let shown = format!(
            "{kind}: {all} texts, {:.1} % found, {:.1} % whole",
            100.0 * found / all,
            100.0 * whole / all
        );
        writeln!(std::io::stderr(), "{shown}").unwrap();
        assert!(whole / all >= expected, "{shown}");
    }
}
