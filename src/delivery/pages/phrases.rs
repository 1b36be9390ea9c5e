//! The words that a page says by itself, in its language: above lists that the settings give no label.

use crate::base::phrases::Language;
use crate::site::page_lists::PageListSource;

/// What stands above a list that is of no section or tag.
pub fn list_label(source: PageListSource, locale: &str) -> &'static str {
    let (french, english) = match source {
        PageListSource::Featured => ("À la une", "Top stories"),
        PageListSource::Breaking => ("Dernière minute", "Breaking news"),
        PageListSource::MostRead => ("Les plus lus", "Most read"),
        PageListSource::Related => ("À lire aussi", "Related stories"),
        PageListSource::Latest
        | PageListSource::TopSections
        | PageListSource::Subsections
        | PageListSource::SameSection
        | PageListSource::Tags => ("Les dernières nouvelles", "Latest news"),
    };
    match Language::of_locale(locale) {
        Language::French => french,
        Language::English => english,
    }
}
