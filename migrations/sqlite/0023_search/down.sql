DROP TABLE search_words;
DROP TABLE desk_search;
DROP INDEX published_articles_unsearched;
ALTER TABLE published_articles DROP COLUMN search_format;
DROP TABLE desk_search_index;
DROP TABLE search_index;
