CREATE INDEX published_articles_by_locale ON published_articles (locale, position);
CREATE INDEX published_articles_by_locale_type ON published_articles (locale, type, position);
CREATE INDEX published_articles_by_type ON published_articles (type, position);
CREATE INDEX published_articles_by_update ON published_articles (updated_at, id);
CREATE INDEX published_articles_by_locale_update ON published_articles (locale, updated_at, id);
CREATE INDEX published_articles_by_type_update ON published_articles (type, updated_at, id);
CREATE INDEX published_articles_by_locale_type_update ON published_articles (locale, type, updated_at, id);
-- By which an article finds its translations.
CREATE INDEX published_articles_by_translation ON published_articles (translation_key);
CREATE INDEX published_articles_featured ON published_articles (locale, featured_position);
CREATE INDEX published_articles_breaking ON published_articles (breaking_until);
-- Feeds tell what was retracted.
CREATE INDEX published_articles_retracted ON published_articles (position) WHERE retracted_at IS NOT NULL;
-- All that a sitemap says, for the rows themselves are long.
CREATE INDEX published_articles_in_sitemaps
    ON published_articles (position, retracted_at, no_index, locale, updated_at, path, translation_key);
CREATE INDEX published_articles_unsearched ON published_articles (position) WHERE search_format IS NULL;

CREATE INDEX published_sections_by_article ON published_sections (article_id);
CREATE INDEX published_sections_by_position ON published_sections (section_id, position);
CREATE INDEX published_sections_by_locale ON published_sections (section_id, locale, position);
CREATE INDEX published_sections_direct ON published_sections (section_id, is_direct, locale, position);
CREATE INDEX published_tags_by_article ON published_tags (article_id);
CREATE INDEX published_tags_by_position ON published_tags (tag_id, position);
CREATE INDEX published_tags_by_locale ON published_tags (tag_id, locale, position);
CREATE INDEX published_contributors_by_article ON published_contributors (article_id);
CREATE INDEX published_contributors_by_position ON published_contributors (contributor_id, position);
CREATE INDEX published_contributors_by_locale ON published_contributors (contributor_id, locale, position);

CREATE INDEX published_corrections_by_article ON published_corrections (article_id, id);
CREATE INDEX published_corrections_by_time ON published_corrections (at, id);
CREATE INDEX published_corrections_by_locale ON published_corrections (locale, at, id);

CREATE INDEX preview_articles_by_article ON preview_articles (article_id, id);
CREATE INDEX preview_articles_by_end ON preview_articles (expires_at);
CREATE INDEX preview_articles_by_section ON preview_articles (section_id);

CREATE INDEX packages_by_sort_key ON packages (sort_key, id);
CREATE INDEX package_articles_by_article ON package_articles (article_id);
CREATE INDEX package_articles_in_order ON package_articles (package_id, ordinal);
