-- The words that entries of search are found by, of four letters and more: what a word that is not typed to its end
-- may become. FTS5 would gather the entries of them all. A word stays when the last entry with it goes.
CREATE TABLE search_index_words (
    word TEXT NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;
CREATE TABLE desk_search_index_words (
    word TEXT NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;

CREATE VIRTUAL TABLE search_index_terms USING fts5vocab(search_index, row);
INSERT INTO search_index_words SELECT term FROM search_index_terms WHERE length(term) >= 4;
DROP TABLE search_index_terms;
CREATE VIRTUAL TABLE search_index_terms USING fts5vocab(desk_search_index, row);
INSERT INTO desk_search_index_words SELECT term FROM search_index_terms WHERE length(term) >= 4;
DROP TABLE search_index_terms;
