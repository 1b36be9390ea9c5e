//! What may grow with the site, and why.

/// A part of an address and a part of its statement, and why it may grow.
const EXPECTED: &[(&str, &str, &str)] = &[
    (
        "search?q=accord&sort=relevance",
        "",
        "limits::SEARCH_CANDIDATES with the word around the headline are ranked, which both sites have fewer of",
    ),
    (
        "search?q=accord&section=",
        " AS id, ",
        "a page looks at limits::SEARCH_EXAMINED matches at most, which both sites have fewer of",
    ),
    (
        "search?q=accord&type=live",
        " AS id, ",
        "a page looks at limits::SEARCH_EXAMINED matches at most, which both sites have fewer of",
    ),
    (
        "scoped /v1/editorial/search?",
        "",
        "a page looks at limits::SEARCH_EXAMINED matches at most for those one may read, which both sites have fewer of",
    ),
    ("search/suggest?", "", "words that begin alike are compared"),
    (
        "tag=mobile-money&limit",
        "FROM published_tags l",
        "two filters: a page looks at limits::EXAMINED articles at most, which both sites have fewer of",
    ),
    (
        "/sitemap.xml",
        "COUNT(*)",
        "each month's articles are counted in an index of their own, to know in how many files they are",
    ),
    (
        "/v1/moderation-log",
        "GROUP BY",
        "a month's decisions are summed up, and here all are of one month",
    ),
    (
        "/moderation/counts",
        "ORDER BY",
        "a queue is counted as far as limits::CAPPED_COUNT",
    ),
    (
        "/v1/editorial/articles?tag_id=",
        "article_tags",
        "the articles with one tag are put in order: of all filters the one whose index has no moment",
    ),
    (
        "sanctions?is_active=true",
        "",
        "those that have ended are passed over: there is one for hundreds of comments",
    ),
];

/// Whether a statement at an address may grow with the site.
pub fn is_expected(address: &str, statement: &str) -> bool {
    EXPECTED
        .iter()
        .any(|(part, words, _)| address.contains(part) && statement.contains(words))
}
