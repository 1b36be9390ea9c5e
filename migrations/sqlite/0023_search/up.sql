-- What search looks words up in: written by db::fulltext from words that are folded and stemmed already,
-- so that the tokenizer has nothing to do but to cut at spaces. Entries are found by rowid: the position
-- of a live article, and desk_search.number of a working copy.
CREATE VIRTUAL TABLE search_index USING fts5(
    title, lead, body, title_stems, lead_stems, body_stems,
    content = '', contentless_delete = 1, tokenize = 'ascii'
);
CREATE VIRTUAL TABLE desk_search_index USING fts5(
    title, lead, body, title_stems, lead_stems, body_stems,
    content = '', contentless_delete = 1, tokenize = 'ascii'
);

-- How the entry of a live article was written; null where it has none yet. A retracted one has its mark
-- and no entry.
ALTER TABLE published_articles ADD COLUMN search_format INTEGER;
CREATE INDEX published_articles_unsearched ON published_articles (position) WHERE search_format IS NULL;

-- Which entry is which working copy's: none yet where the number is null.
CREATE TABLE desk_search (
    article_id TEXT NOT NULL PRIMARY KEY REFERENCES articles (id) ON DELETE CASCADE,
    number INTEGER UNIQUE,
    search_format INTEGER
) STRICT;
CREATE INDEX desk_search_unsearched ON desk_search (article_id) WHERE number IS NULL;
INSERT INTO desk_search (article_id) SELECT id FROM articles;

-- The words of titles and leads, with how many live articles have them there: what a misspelt one may
-- have meant. Either half of a word with one mistake is right, so both ends are indexed.
CREATE TABLE search_words (
    word TEXT NOT NULL PRIMARY KEY,
    reversed TEXT NOT NULL,
    entries INTEGER NOT NULL
) STRICT;
CREATE INDEX search_words_by_end ON search_words (reversed);
