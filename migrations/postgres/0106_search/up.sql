-- What search looks words up in: written by db::fulltext from words that are folded and stemmed already.
-- head_vector holds title and lead alone, small enough to rank by. Entries are found by number: the position of
-- a live article, and desk_search.number of a working copy.
CREATE TABLE search_index (
    number BIGINT PRIMARY KEY,
    vector TSVECTOR NOT NULL,
    head_vector TSVECTOR NOT NULL
);
CREATE INDEX search_index_by_word ON search_index USING GIN (vector) WITH (fastupdate = off);
CREATE TABLE desk_search_index (
    number BIGINT PRIMARY KEY,
    vector TSVECTOR NOT NULL,
    head_vector TSVECTOR NOT NULL
);
CREATE INDEX desk_search_index_by_word ON desk_search_index USING GIN (vector) WITH (fastupdate = off);

-- Which entry of `desk_search_index` is which working copy's: none yet where the number is null.
CREATE TABLE desk_search (
    article_id TEXT COLLATE "C" PRIMARY KEY REFERENCES articles (id) ON DELETE CASCADE,
    number BIGINT UNIQUE,
    search_format INTEGER
);

-- The words of titles and leads, with how many live articles have them there: what a misspelt one may have
-- meant. Either half of a word with one mistake is right, so both ends are indexed.
CREATE TABLE search_words (
    word TEXT COLLATE "C" PRIMARY KEY,
    reversed TEXT COLLATE "C" NOT NULL,
    entries BIGINT NOT NULL
);
