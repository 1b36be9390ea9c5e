-- Whether lists show the article of a link: a retracted one keeps its links, and is in no list.
ALTER TABLE published_sections ADD COLUMN is_listed BOOLEAN NOT NULL DEFAULT TRUE;
ALTER TABLE published_tags ADD COLUMN is_listed BOOLEAN NOT NULL DEFAULT TRUE;
ALTER TABLE published_contributors ADD COLUMN is_listed BOOLEAN NOT NULL DEFAULT TRUE;

-- Without the article, as SQLite has it: a planner takes a narrower index and passes over what another language has.
DROP INDEX published_sections_by_locale;
CREATE INDEX published_sections_by_locale ON published_sections (section_id, locale, is_listed, position);
DROP INDEX published_tags_by_locale;
CREATE INDEX published_tags_by_locale ON published_tags (tag_id, locale, is_listed, position);
DROP INDEX published_contributors_by_locale;
CREATE INDEX published_contributors_by_locale ON published_contributors (contributor_id, locale, is_listed, position);
