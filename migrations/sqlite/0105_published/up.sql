-- What readers get: one row per live article, pressed. The only article table that public code reads.
-- `featured_position` is the position of an article that stands out, null for the others; `no_index` what
-- search engines are to leave out; `search_format` how its entry in the index of search was written, null where
-- it has none yet (a retracted one has the mark and no entry).
CREATE TABLE published_articles (
    id TEXT NOT NULL PRIMARY KEY REFERENCES articles (id),
    position INTEGER NOT NULL UNIQUE,
    locale TEXT NOT NULL,
    type TEXT NOT NULL,
    path TEXT NOT NULL,
    section_id TEXT NOT NULL REFERENCES sections (id),
    card_json TEXT NOT NULL,
    article_json TEXT NOT NULL,
    outline TEXT NOT NULL,
    search_text TEXT NOT NULL,
    breaking_until TEXT,
    published_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    corrected_at TEXT,
    retracted_at TEXT,
    revision INTEGER NOT NULL,
    press_format INTEGER NOT NULL,
    translation_key TEXT,
    comment_policy TEXT,
    no_index INTEGER,
    featured_position INTEGER,
    search_format INTEGER
) STRICT;

-- In which lists a live article is: of its sections and all above them, of its tags, of its contributors. Each
-- row has what a list is filtered and sorted by, so that a page of it is one scan of an index.
CREATE TABLE published_sections (
    section_id TEXT NOT NULL REFERENCES sections (id),
    article_id TEXT NOT NULL REFERENCES published_articles (id) ON DELETE CASCADE,
    locale TEXT NOT NULL,
    type TEXT NOT NULL,
    is_direct INTEGER NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (section_id, article_id)
) STRICT;
CREATE TABLE published_tags (
    tag_id TEXT NOT NULL REFERENCES tags (id),
    article_id TEXT NOT NULL REFERENCES published_articles (id) ON DELETE CASCADE,
    locale TEXT NOT NULL,
    type TEXT NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (tag_id, article_id)
) STRICT;
CREATE TABLE published_contributors (
    contributor_id TEXT NOT NULL REFERENCES contributors (id),
    article_id TEXT NOT NULL REFERENCES published_articles (id) ON DELETE CASCADE,
    locale TEXT NOT NULL,
    type TEXT NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (contributor_id, article_id)
) STRICT;

-- The corrections of live articles, for readers.
CREATE TABLE published_corrections (
    id TEXT NOT NULL PRIMARY KEY,
    article_id TEXT NOT NULL REFERENCES published_articles (id) ON DELETE CASCADE,
    locale TEXT NOT NULL,
    kind TEXT NOT NULL,
    text TEXT NOT NULL,
    at TEXT NOT NULL
) STRICT;

-- What a link of its own shows of an article before it is public: a pressed copy, by the digest of its token.
CREATE TABLE preview_articles (
    digest TEXT NOT NULL PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    article_id TEXT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    revision INTEGER,
    during_embargo INTEGER NOT NULL,
    embargo_until TEXT,
    created_by TEXT NOT NULL REFERENCES users (id),
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    locale TEXT NOT NULL,
    translation_key TEXT NOT NULL,
    section_id TEXT,
    article_json TEXT,
    outline TEXT,
    breaking_until TEXT,
    pressed_at TEXT NOT NULL,
    press_format INTEGER NOT NULL,
    comment_policy TEXT
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
CREATE TABLE package_articles (
    package_id TEXT NOT NULL REFERENCES packages (id) ON DELETE CASCADE,
    article_id TEXT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    ordinal INTEGER NOT NULL,
    PRIMARY KEY (package_id, article_id)
) STRICT;
