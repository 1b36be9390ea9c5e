-- Whether lists show the article of a link: a retracted one keeps its links, and is in no list.
ALTER TABLE published_sections ADD COLUMN is_listed INTEGER NOT NULL DEFAULT 1;
ALTER TABLE published_tags ADD COLUMN is_listed INTEGER NOT NULL DEFAULT 1;
ALTER TABLE published_contributors ADD COLUMN is_listed INTEGER NOT NULL DEFAULT 1;

-- A list's keys stand in its index: no row is read for them.
DROP INDEX published_articles_by_locale;
CREATE INDEX published_articles_by_locale ON published_articles (locale, position, retracted_at, id);
DROP INDEX published_sections_by_locale;
CREATE INDEX published_sections_by_locale ON published_sections (section_id, locale, is_listed, position, article_id);
DROP INDEX published_tags_by_locale;
CREATE INDEX published_tags_by_locale ON published_tags (tag_id, locale, is_listed, position, article_id);
DROP INDEX published_contributors_by_locale;
CREATE INDEX published_contributors_by_locale ON published_contributors (contributor_id, locale, is_listed, position, article_id);
