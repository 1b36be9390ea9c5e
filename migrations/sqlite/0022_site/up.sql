-- Menus as trees of items, in JSON: few and small, read whole.
CREATE TABLE menus (
    key TEXT NOT NULL PRIMARY KEY,
    label TEXT NOT NULL,
    items TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;

-- Places for advertisements; sizes, targeting and rules as JSON.
CREATE TABLE ad_slots (
    key TEXT NOT NULL PRIMARY KEY,
    position INTEGER NOT NULL,
    definition TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;

-- Stories that belong together, in an order of their own.
CREATE TABLE packages (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('package', 'series')),
    title TEXT NOT NULL,
    sort_key TEXT NOT NULL,
    description TEXT,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX packages_by_sort_key ON packages (sort_key, id);
CREATE TABLE package_articles (
    package_id TEXT NOT NULL REFERENCES packages (id) ON DELETE CASCADE,
    article_id TEXT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    ordinal INTEGER NOT NULL,
    PRIMARY KEY (package_id, article_id)
) STRICT;
CREATE INDEX package_articles_by_article ON package_articles (article_id);
CREATE INDEX package_articles_in_order ON package_articles (package_id, ordinal);

-- The position of an article that stands out, null for the others; pressed again to be filled.
ALTER TABLE published_articles ADD COLUMN featured_position INTEGER;
CREATE INDEX published_articles_featured ON published_articles (locale, featured_position);
CREATE INDEX published_articles_breaking ON published_articles (breaking_until);
