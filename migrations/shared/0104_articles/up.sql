-- By which the desk finds its lists.
CREATE INDEX articles_by_edit ON articles (edited_at, id);
CREATE INDEX articles_by_state ON articles (state, edited_at, id);
CREATE INDEX articles_by_section ON articles (section_id, edited_at);
CREATE INDEX articles_by_review ON articles (review, edited_at, id);
CREATE INDEX articles_by_assignee ON articles (assignee_id, edited_at, id);
CREATE INDEX articles_by_creator ON articles (created_by, edited_at, id);
CREATE INDEX articles_by_changes ON articles (has_unpublished_changes, edited_at, id);
CREATE INDEX articles_by_suspect_text ON articles (has_suspect_text, id);
CREATE INDEX articles_by_translation ON articles (translation_key);
-- One article of a story in each language; what is thrown away or killed leaves its place.
CREATE UNIQUE INDEX articles_by_language ON articles (translation_key, locale) WHERE state NOT IN ('trashed', 'killed');
CREATE INDEX article_sections_by_section ON article_sections (section_id);
CREATE INDEX article_tags_by_tag ON article_tags (tag_id);
CREATE INDEX article_contributors_by_contributor ON article_contributors (contributor_id);
-- Thinning reads this alone, and no content.
CREATE INDEX article_revisions_by_age ON article_revisions (article_id, number, kind, created_at, size);
CREATE INDEX corrections_by_article ON corrections (article_id, id);
-- One of each kind waits for an article at most.
CREATE UNIQUE INDEX schedules_waiting ON schedules (article_id, kind) WHERE state IN ('pending', 'blocked');
CREATE INDEX schedules_by_article ON schedules (article_id, at);
CREATE INDEX schedules_by_section ON schedules (section_id);
-- What is due next, and the agenda.
CREATE INDEX schedules_by_moment ON schedules (state, at, id);
