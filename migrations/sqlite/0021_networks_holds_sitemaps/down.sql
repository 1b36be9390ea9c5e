DROP INDEX published_articles_retracted;
DROP INDEX published_articles_in_sitemaps;
ALTER TABLE published_articles DROP COLUMN no_index;
DROP TABLE comment_hold_counts;
DROP INDEX comment_reports_by_hash_key;
DROP INDEX comment_reports_with_network;
ALTER TABLE comment_reports DROP COLUMN hash_key;
ALTER TABLE comment_reports DROP COLUMN network_hash;
