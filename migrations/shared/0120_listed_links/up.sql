UPDATE published_sections SET is_listed = FALSE WHERE article_id IN (SELECT id FROM published_articles WHERE retracted_at IS NOT NULL);
UPDATE published_tags SET is_listed = FALSE WHERE article_id IN (SELECT id FROM published_articles WHERE retracted_at IS NOT NULL);
UPDATE published_contributors SET is_listed = FALSE WHERE article_id IN (SELECT id FROM published_articles WHERE retracted_at IS NOT NULL);

DROP INDEX published_sections_by_position;
CREATE INDEX published_sections_by_position ON published_sections (section_id, is_listed, position);
DROP INDEX published_tags_by_position;
CREATE INDEX published_tags_by_position ON published_tags (tag_id, is_listed, position);
DROP INDEX published_contributors_by_position;
CREATE INDEX published_contributors_by_position ON published_contributors (contributor_id, is_listed, position);
DROP INDEX published_sections_direct;
CREATE INDEX published_sections_direct ON published_sections (section_id, is_direct, locale, is_listed, position);
