DROP INDEX articles_by_creator;
DROP INDEX articles_by_assignee;
DROP INDEX articles_by_review;
ALTER TABLE articles ADD COLUMN internal_note TEXT;
UPDATE articles
SET internal_note = (
    SELECT body FROM article_notes
    WHERE article_notes.article_id = articles.id AND resolved_at IS NULL ORDER BY article_notes.id LIMIT 1
);
DROP TABLE article_notes;
DROP TABLE leases;
DROP TABLE autosaves;
DROP INDEX article_revisions_by_age;
ALTER TABLE article_revisions DROP COLUMN reverted_to;
ALTER TABLE article_revisions DROP COLUMN size;
ALTER TABLE article_revisions DROP COLUMN version;
