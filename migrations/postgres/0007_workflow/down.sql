DROP TABLE audit;
DROP TABLE takedowns;
DROP TABLE published_corrections;
DROP TABLE corrections;
DROP INDEX published_articles_by_translation;
ALTER TABLE published_articles DROP COLUMN translation_key;
ALTER TABLE article_revisions DROP COLUMN sealed_at;
DROP INDEX articles_by_language;
ALTER TABLE articles DROP COLUMN published_by;
