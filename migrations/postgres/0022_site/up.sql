-- Menus as trees of items, in JSON: few and small, read whole.
CREATE TABLE menus (
    key TEXT COLLATE "C" PRIMARY KEY,
    label TEXT NOT NULL,
    items TEXT NOT NULL,
    version BIGINT NOT NULL,
    created_at TIMESTAMP(3) NOT NULL,
    updated_at TIMESTAMP(3) NOT NULL
);

-- Places for advertisements; sizes, targeting and rules as JSON.
CREATE TABLE ad_slots (
    key TEXT COLLATE "C" PRIMARY KEY,
    position INTEGER NOT NULL,
    definition TEXT NOT NULL,
    version BIGINT NOT NULL,
    created_at TIMESTAMP(3) NOT NULL,
    updated_at TIMESTAMP(3) NOT NULL
);

-- Stories that belong together, in an order of their own.
CREATE TABLE packages (
    id TEXT COLLATE "C" PRIMARY KEY,
    kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('package', 'series')),
    title TEXT NOT NULL,
    sort_key TEXT COLLATE "C" NOT NULL,
    description TEXT,
    version BIGINT NOT NULL,
    created_at TIMESTAMP(3) NOT NULL,
    updated_at TIMESTAMP(3) NOT NULL
);
CREATE INDEX packages_by_sort_key ON packages (sort_key, id);
CREATE TABLE package_articles (
    package_id TEXT COLLATE "C" NOT NULL REFERENCES packages (id) ON DELETE CASCADE,
    article_id TEXT COLLATE "C" NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    ordinal INTEGER NOT NULL,
    PRIMARY KEY (package_id, article_id)
);
CREATE INDEX package_articles_by_article ON package_articles (article_id);
CREATE INDEX package_articles_in_order ON package_articles (package_id, ordinal);

-- The position of an article that stands out, null for the others; pressed again to be filled.
ALTER TABLE published_articles ADD COLUMN featured_position BIGINT;
CREATE INDEX published_articles_featured ON published_articles (locale, featured_position);
CREATE INDEX published_articles_breaking ON published_articles (breaking_until);
