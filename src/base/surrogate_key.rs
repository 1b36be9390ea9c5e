//! What a public answer shows, by the names under which caches know it: ours, and those in front of us, which find them
//! in `Surrogate-Key`. A write names what it changes by the same names.

use std::fmt;

use super::ids::{ArticleId, ContributorId, SectionId, TagId};

/// Something that answers show and writes change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SurrogateKey {
    /// All there is.
    Everything,
    /// The site's settings, its sections, menus and ad slots: every answer has it.
    Frame,
    /// The live articles of the whole site, as lists.
    Articles,
    /// The articles that are featured.
    Featured,
    /// The articles that are breaking news.
    Breaking,
    /// What is read most.
    MostRead,
    /// The notices on live articles, as a list.
    Corrections,
    /// The packages, and what stands in them.
    Packages,
    /// The table of paths: what leads elsewhere.
    Paths,
    /// The tags, as a list, and how they are named.
    Tags,
    /// The contributors, as a list, and how they are named.
    Contributors,
    /// The comments on all articles.
    AllComments,
    /// One article, whole or as a card.
    Article(ArticleId),
    /// The comments on an article, and how many they are.
    Comments(ArticleId),
    /// The live articles in a section and below it.
    Section(SectionId),
    /// A tag, and the live articles that have it.
    Tag(TagId),
    /// A contributor, and the live articles that they signed.
    Contributor(ContributorId),
}

impl fmt::Display for SurrogateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everything => f.write_str("everything"),
            Self::Frame => f.write_str("frame"),
            Self::Articles => f.write_str("articles"),
            Self::Featured => f.write_str("featured"),
            Self::Breaking => f.write_str("breaking"),
            Self::MostRead => f.write_str("most-read"),
            Self::Corrections => f.write_str("corrections"),
            Self::Packages => f.write_str("packages"),
            Self::Paths => f.write_str("paths"),
            Self::Tags => f.write_str("tags"),
            Self::Contributors => f.write_str("contributors"),
            Self::AllComments => f.write_str("comments"),
            Self::Article(id) => write!(f, "article-{id}"),
            Self::Comments(id) => write!(f, "comments-{id}"),
            Self::Section(id) => write!(f, "section-{id}"),
            Self::Tag(id) => write!(f, "tag-{id}"),
            Self::Contributor(id) => write!(f, "contributor-{id}"),
        }
    }
}

/// Names in a header at most: proxies take a few thousand bytes for all headers together.
const SHOWN_KEYS: usize = 40;

/// Each key once; where they are too many, those that stand for many in place of the many.
pub fn bounded(keys: impl IntoIterator<Item = SurrogateKey>) -> Vec<SurrogateKey> {
    let mut bounded: Vec<SurrogateKey> = Vec::new();
    for key in keys {
        if !bounded.contains(&key) {
            bounded.push(key);
        }
    }
    if bounded.len() <= SHOWN_KEYS {
        return bounded;
    }
    let coarse = |key: SurrogateKey| match key {
        SurrogateKey::Article(_) | SurrogateKey::Section(_) => [SurrogateKey::Articles; 2],
        SurrogateKey::Tag(_) => [SurrogateKey::Articles, SurrogateKey::Tags],
        SurrogateKey::Contributor(_) => [SurrogateKey::Articles, SurrogateKey::Contributors],
        SurrogateKey::Comments(_) => [SurrogateKey::AllComments; 2],
        key => [key; 2],
    };
    let mut coarser = Vec::new();
    for key in bounded.into_iter().flat_map(coarse) {
        if !coarser.contains(&key) {
            coarser.push(key);
        }
    }
    coarser
}

/// The keys as `Surrogate-Key` has them: each once, in order, with a space between.
pub fn joined(keys: &[SurrogateKey]) -> String {
    let mut names: Vec<String> = keys.iter().map(ToString::to_string).collect();
    names.sort_unstable();
    names.dedup();
    names.join(" ")
}
