//! In which language an item is, and which items say the same in several. Polylang says it in terms, WPML in custom
//! fields, and qTranslate keeps all languages in one text: `[:fr]Pluie[:en]Rain[:]`.

use ammonia::Url;

use crate::import::wxr::WxrItem;

/// The taxonomies of Polylang.
pub(super) const LANGUAGE_TAXONOMIES: [&str; 2] = ["language", "post_translations"];

/// The marks of qTranslate, in its three ages: before the code of a language, after it, and the end.
const MARKS: [(&str, &str); 3] = [("[:", "]"), ("<!--:", "-->"), ("{:", "}")];

/// The code of the language that an item is in, as its plugin writes it.
pub(super) fn code_of(item: &WxrItem) -> Option<&str> {
    let term = item.categories.iter().find(|term| term.domain == "language");
    term.map(|term| term.nicename.as_str())
        .or_else(|| item.first_meta(&["_wpml_import_language_code"]))
}

/// What an item shares with its translations.
pub(super) fn group_of(item: &WxrItem) -> Option<String> {
    let term = item.categories.iter().find(|term| term.domain == "post_translations");
    let of_polylang = term.map(|term| format!("polylang:{}", term.nicename));
    let of_wpml = || {
        item.first_meta(&["_wpml_import_translation_group"])
            .map(|group| format!("wpml:{group}"))
    };
    of_polylang.or_else(of_wpml)
}

/// What a code is among the languages of a site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum SiteLanguage {
    /// One of them.
    Known(String),
    /// Another language.
    Missing,
    /// No code of a language, such as `francais`.
    NoCode,
}

/// Finds the language of a code such as `fr`, `fr_FR` or `pt-br`.
pub(super) fn site_language(code: &str, locales: &[String]) -> SiteLanguage {
    let code = code.replace('_', "-").to_ascii_lowercase();
    let primary = |code: &str| code.split('-').next().unwrap_or_default().to_ascii_lowercase();
    let same = locales.iter().find(|locale| locale.eq_ignore_ascii_case(&code));
    let same = same.or_else(|| locales.iter().find(|locale| primary(locale) == primary(&code)));
    match same {
        Some(locale) => SiteLanguage::Known(locale.clone()),
        None if matches!(primary(&code).len(), 2 | 3) => SiteLanguage::Missing,
        None => SiteLanguage::NoCode,
    }
}

/// An item in one language for each that its texts hold, with the code; `None` for one of a single language. The
/// edition in `first`, else the one that comes first, has the address and the comments.
pub(super) fn editions(item: WxrItem, first: &str) -> Vec<(Option<String>, WxrItem)> {
    let mut codes: Vec<String> = Vec::new();
    for text in [&item.title, &item.content, &item.excerpt] {
        for (code, _) in pieces(text) {
            codes.extend(code.map(str::to_owned).filter(|code| !codes.contains(code)));
        }
    }
    if codes.is_empty() {
        return vec![(None, item)];
    }
    codes.sort_by_key(|code| code != first);
    let mut editions = Vec::new();
    for code in codes {
        let edition = WxrItem {
            title: in_language(&item.title, &code),
            content: in_language(&item.content, &code),
            excerpt: in_language(&item.excerpt, &code),
            ..item.clone()
        };
        if edition.title.trim().is_empty() && edition.content.trim().is_empty() {
            continue;
        }
        let edition = match editions.is_empty() {
            true => edition,
            false => WxrItem {
                link: below(&item.link, &code),
                comments: Vec::new(),
                ..edition
            },
        };
        editions.push((Some(code), edition));
    }
    editions
}

/// The address of a translation, below its language.
fn below(link: &str, code: &str) -> String {
    let Ok(mut url) = Url::parse(link) else {
        return String::new();
    };
    let path = format!("/{code}{}", url.path());
    url.set_path(&path);
    url.to_string()
}

/// What a text says in one language: its own pieces, and those of all.
fn in_language(text: &str, code: &str) -> String {
    let pieces = pieces(text).into_iter();
    let own = pieces.filter(|(language, _)| language.is_none_or(|language| language == code));
    own.map(|(_, piece)| piece).collect()
}

/// The pieces of a text, with their languages.
fn pieces(text: &str) -> Vec<(Option<&str>, &str)> {
    let mut pieces = Vec::new();
    let (mut language, mut start, mut search) = (None, 0, 0);
    while let Some(found) = text.get(search..).and_then(|rest| rest.find(['[', '<', '{'])) {
        let at = search + found;
        match mark(text.get(at..).unwrap_or_default()) {
            Some((next, length)) => {
                pieces.push((language, text.get(start..at).unwrap_or_default()));
                (language, start, search) = (next, at + length, at + length);
            }
            None => search = at + 1,
        }
    }
    pieces.push((language, text.get(start..).unwrap_or_default()));
    pieces
}

/// The mark at the start of a text: the language that begins, none at an end, and its length.
fn mark(text: &str) -> Option<(Option<&str>, usize)> {
    MARKS.iter().find_map(|(open, close)| {
        let rest = text.strip_prefix(open)?;
        if rest.starts_with(close) {
            return Some((None, open.len() + close.len()));
        }
        let (code, after) = rest.split_at_checked(2)?;
        let is_code = code.bytes().all(|byte| byte.is_ascii_lowercase()) && after.starts_with(close);
        is_code.then_some((Some(code), open.len() + 2 + close.len()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_several_languages_are_parted() {
        let table = [
            ("[:fr]Pluie[:en]Rain[:]", "Pluie", "Rain"),
            ("<!--:fr-->Pluie<!--:--><!--:en-->Rain<!--:-->", "Pluie", "Rain"),
            ("A {:fr}é{:}{:en}e{:} z", "A é z", "A e z"),
            ("[:fr]Pluie[:]", "Pluie", ""),
            (
                "Pluie [sic] <b>[:</b> [:fra]",
                "Pluie [sic] <b>[:</b> [:fra]",
                "Pluie [sic] <b>[:</b> [:fra]",
            ),
        ];
        for (text, french, english) in table {
            assert_eq!(
                (in_language(text, "fr"), in_language(text, "en")),
                (french.to_owned(), english.to_owned())
            );
        }
    }

    #[test]
    fn an_item_has_an_edition_for_each_language_that_it_says_something_in() {
        let item = |title: &str, content: &str| WxrItem {
            title: title.to_owned(),
            content: content.to_owned(),
            link: "https://x.fr/2024/pluie/".to_owned(),
            comments: vec![Default::default()],
            ..WxrItem::default()
        };
        let shown = |item: WxrItem| {
            let editions = editions(item, "fr").into_iter();
            editions
                .map(|(code, item)| (code.unwrap_or_default(), item.title, item.link, item.comments.len()))
                .collect::<Vec<_>>()
        };
        let edition = |code: &str, title: &str, link: &str, comments| {
            (
                code.to_owned(),
                title.to_owned(),
                format!("https://x.fr/{link}"),
                comments,
            )
        };
        assert_eq!(shown(item("Pluie", "a")), [edition("", "Pluie", "2024/pluie/", 1)]);
        assert_eq!(
            shown(item("[:en]Rain[:fr]Pluie[:]", "[:de]")),
            [
                edition("fr", "Pluie", "2024/pluie/", 1),
                edition("en", "Rain", "en/2024/pluie/", 0)
            ]
        );
    }

    #[test]
    fn codes_are_languages_of_the_site_or_others_or_none() {
        let locales = ["fr".to_owned(), "pt-BR".to_owned()];
        let known = |locale: &str| SiteLanguage::Known(locale.to_owned());
        for (code, expected) in [
            ("fr", known("fr")),
            ("fr_FR", known("fr")),
            ("PT-br", known("pt-BR")),
            ("pt", known("pt-BR")),
            ("en", SiteLanguage::Missing),
            ("en-us", SiteLanguage::Missing),
            ("francais", SiteLanguage::NoCode),
        ] {
            assert_eq!(site_language(code, &locales), expected, "{code}");
        }
    }
}
