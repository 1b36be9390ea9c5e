-- What search looks words up in: written by db::fulltext from words that are folded and stemmed already, so that the
-- tokenizer has nothing to do but to cut at spaces. Entries are found by rowid: the position of a live article, and
-- desk_search.number of a working copy.
CREATE VIRTUAL TABLE search_index USING fts5(
    title, lead, body, title_stems, lead_stems, body_stems,
    content = '', contentless_delete = 1, tokenize = 'ascii'
);
CREATE VIRTUAL TABLE desk_search_index USING fts5(
    title, lead, body, title_stems, lead_stems, body_stems,
    content = '', contentless_delete = 1, tokenize = 'ascii'
);

-- Which entry of `desk_search_index` is which working copy's: none yet where the number is null.
CREATE TABLE desk_search (
    article_id TEXT NOT NULL PRIMARY KEY REFERENCES articles (id) ON DELETE CASCADE,
    number INTEGER UNIQUE,
    search_format INTEGER
) STRICT;

-- The words of titles and leads, with how many live articles have them there: what a misspelt one may have
-- meant. Either half of a word with one mistake is right, so both ends are indexed.
CREATE TABLE search_words (
    word TEXT NOT NULL PRIMARY KEY,
    reversed TEXT NOT NULL,
    entries INTEGER NOT NULL
) STRICT;
