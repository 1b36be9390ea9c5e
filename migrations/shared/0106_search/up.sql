CREATE INDEX desk_search_unsearched ON desk_search (article_id) WHERE number IS NULL;
CREATE INDEX search_words_by_end ON search_words (reversed);
