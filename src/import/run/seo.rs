//! What plugins have search engines told: Yoast, Rank Math, All in One SEO, SEOPress. Their texts may hold variables,
//! which stand for what the theme knows; a text that says nothing of its own is left to us.

use super::text::{cut, line};
use crate::articles::model::Seo;
use crate::base::limits;
use crate::import::run::report::{ImportReport, ReportList};
use crate::import::wxr::WxrItem;

const TITLES: [&str; 5] = [
    "_yoast_wpseo_title",
    "rank_math_title",
    "_aioseo_title",
    "_aioseop_title",
    "_seopress_titles_title",
];
const DESCRIPTIONS: [&str; 5] = [
    "_yoast_wpseo_metadesc",
    "rank_math_description",
    "_aioseo_description",
    "_aioseop_description",
    "_seopress_titles_desc",
];
const PRIMARY_CATEGORIES: [&str; 3] = [
    "_yoast_wpseo_primary_category",
    "rank_math_primary_category",
    "_seopress_robots_primary_cat",
];

/// The words of variables, whatever signs are around them.
const TITLE_WORDS: [&str; 3] = ["title", "post_title", "seo_title"];
const SITE_WORDS: [&str; 5] = ["sitename", "sitetitle", "site_title", "blog_title", "blogname"];
const SEPARATOR_WORDS: [&str; 3] = ["sep", "separator_sa", "separator"];
const EMPTY_WORDS: [&str; 3] = ["page", "pagenumber", "pagetotal"];
const EXCERPT_WORDS: [&str; 6] = [
    "excerpt",
    "excerpt_only",
    "post_excerpt",
    "post_excerpt_only",
    "description",
    "wc_shortdesc",
];

/// The number of the category that an item stands in first.
pub(super) fn primary_category(item: &WxrItem) -> Option<i64> {
    item.first_meta(&PRIMARY_CATEGORIES)?.parse().ok().filter(|id| *id > 0)
}

/// What search engines are told of an item with this title, on this site.
pub(super) fn seo(item: &WxrItem, title: &str, site: &str, report: &mut ImportReport) -> Seo {
    let mut own = |keys: &[&str], max, default: &str| {
        let written = line(item.first_meta(keys)?);
        let Some(text) = filled(&written, title, site) else {
            report.note_of(
                ReportList::Decided,
                "texts for search engines with a plugin's variables: left out",
                written,
            );
            return None;
        };
        let says_nothing = text.is_empty() || text == default || text == format!("{default} – {site}");
        (!says_nothing).then(|| cut(&text, max).0)
    };
    Seo {
        title: own(&TITLES, limits::TITLE, title),
        description: own(&DESCRIPTIONS, limits::STANDFIRST, ""),
        no_index: is_kept_from_search(item),
    }
}

fn is_kept_from_search(item: &WxrItem) -> bool {
    let is = |key, value: &str| item.meta(key) == Some(value);
    is("_yoast_wpseo_meta-robots-noindex", "1")
        || is("_aioseop_noindex", "on")
        || is("_seopress_robots_index", "yes")
        || item
            .meta("rank_math_robots")
            .is_some_and(|robots| robots.contains("\"noindex\""))
}

/// The text with its variables filled in; none where one is not known.
fn filled(text: &str, title: &str, site: &str) -> Option<String> {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['%', '#']) {
        let (before, from) = rest.split_at(at);
        filled.push_str(before);
        let Some((word, length)) = variable(from) else {
            let sign = from.chars().next()?;
            filled.push(sign);
            rest = from.get(sign.len_utf8()..)?;
            continue;
        };
        match word {
            word if TITLE_WORDS.contains(&word) => filled.push_str(title),
            word if SITE_WORDS.contains(&word) => filled.push_str(site),
            word if SEPARATOR_WORDS.contains(&word) => filled.push('–'),
            word if EMPTY_WORDS.contains(&word) => {}
            word if EXCERPT_WORDS.contains(&word) && text.len() == length => return Some(String::new()),
            _ => return None,
        }
        rest = from.get(length..)?;
    }
    filled.push_str(rest);
    Some(
        filled
            .split(' ')
            .filter(|word| !word.is_empty())
            .collect::<Vec<_>>()
            .join(" "),
    )
}

/// The variable at the start of a text, `%%word%%`, `%word%` or `#two_words`: its word, and its length.
fn variable(text: &str) -> Option<(&str, usize)> {
    let sign = ["%%", "%", "#"].into_iter().find(|sign| text.starts_with(sign))?;
    let after = text.get(sign.len()..)?;
    let end = after
        .find(|c: char| !c.is_ascii_lowercase() && c != '_')
        .unwrap_or(after.len());
    let (word, after) = after.split_at(end);
    let closes = match sign {
        "#" => word.contains('_'),
        sign => after.starts_with(sign),
    };
    let length = sign.len() + word.len() + if sign == "#" { 0 } else { sign.len() };
    (closes && !word.is_empty()).then_some((word, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(meta: &[(&str, &str)]) -> WxrItem {
        WxrItem {
            meta: meta
                .iter()
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                .collect(),
            ..WxrItem::default()
        }
    }

    #[test]
    fn the_texts_of_plugins_say_what_is_their_own() {
        let table = [
            ("Prix du cacao : record", Some("Prix du cacao : record")),
            ("%%title%% %%page%% %%sep%% %%sitename%%", None),
            ("%title% %sep% %sitename%", None),
            ("#post_title #separator_sa #site_title", None),
            ("Cacao, 100 % %%sep%% %%sitename%%", Some("Cacao, 100 % – Le Fanal")),
            ("%%cf_city%% en direct", None),
            ("Numéro #1 à 20% de moins", Some("Numéro #1 à 20% de moins")),
            ("%title%, en direct", Some("Le cacao, en direct")),
            ("", None),
        ];
        for key in TITLES {
            for (written, expected) in table {
                let mut report = ImportReport::default();
                let seo = seo(&item(&[(key, written)]), "Le cacao", "Le Fanal", &mut report);
                assert_eq!(seo.title.as_deref(), expected, "{key} {written}");
                let lost = report.named(
                    ReportList::Decided,
                    "texts for search engines with a plugin's variables: left out",
                );
                assert_eq!(lost.len(), usize::from(written.contains("cf_city")), "{written}");
            }
        }
        for key in DESCRIPTIONS {
            let described = |text| seo(&item(&[(key, text)]), "T", "S", &mut ImportReport::default()).description;
            assert_eq!(described("Pourquoi ?").as_deref(), Some("Pourquoi ?"));
            assert_eq!(described("%%excerpt%%"), None);
        }
    }

    #[test]
    fn what_a_plugin_keeps_from_search_stays_kept() {
        let table = [
            ("_yoast_wpseo_meta-robots-noindex", "1", true),
            ("_yoast_wpseo_meta-robots-noindex", "2", false),
            ("rank_math_robots", "a:1:{i:0;s:7:\"noindex\";}", true),
            ("rank_math_robots", "a:1:{i:0;s:5:\"index\";}", false),
            ("_aioseop_noindex", "on", true),
            ("_seopress_robots_index", "yes", true),
        ];
        for (key, value, expected) in table {
            let seo = seo(&item(&[(key, value)]), "T", "S", &mut ImportReport::default());
            assert_eq!(seo.no_index, expected, "{key} {value}");
        }
        for key in PRIMARY_CATEGORIES {
            assert_eq!(primary_category(&item(&[(key, "6")])), Some(6), "{key}");
        }
    }
}
