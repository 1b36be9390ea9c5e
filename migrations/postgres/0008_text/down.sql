DROP INDEX articles_by_suspect_text;
ALTER TABLE articles DROP COLUMN has_suspect_text;
