-- One type of article in the order of its last publish.
CREATE INDEX published_articles_by_locale_type_update ON published_articles (locale, type, updated_at, id);
CREATE INDEX published_articles_by_type_update ON published_articles (type, updated_at, id);

-- One kind of tag in the order of its name.
CREATE INDEX tags_by_kind ON tags (kind, sort_key, id);
