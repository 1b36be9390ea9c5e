-- What readers get: one row per live article, pressed. The only article table that public code reads.
-- `featured_position` is the position of an article that stands out, null for the others; `no_index` what
-- search engines are to leave out; `search_format` how its entry in the index of search was written, null where
-- it has none yet (a retracted one has the mark and no entry).
CREATE TABLE published_articles (
    id TEXT COLLATE "C" PRIMARY KEY REFERENCES articles (id),
    position BIGINT NOT NULL UNIQUE,
    locale TEXT COLLATE "C" NOT NULL,
    type TEXT COLLATE "C" NOT NULL,
    path TEXT COLLATE "C" NOT NULL,
    section_id TEXT COLLATE "C" NOT NULL REFERENCES sections (id),
    card_json TEXT NOT NULL,
    article_json TEXT NOT NULL,
    outline TEXT NOT NULL,
    search_text TEXT NOT NULL,
    breaking_until TIMESTAMP(3),
    published_at TIMESTAMP(3) NOT NULL,
    updated_at TIMESTAMP(3) NOT NULL,
    corrected_at TIMESTAMP(3),
    retracted_at TIMESTAMP(3),
    revision INTEGER NOT NULL,
    press_format INTEGER NOT NULL,
    translation_key TEXT COLLATE "C",
    comment_policy TEXT,
    no_index BOOLEAN,
    featured_position BIGINT,
    search_format INTEGER
);

-- In which lists a live article is: of its sections and all above them, of its tags, of its contributors. Each
-- row has what a list is filtered and sorted by, so that a page of it is one scan of an index.
CREATE TABLE published_sections (
    section_id TEXT COLLATE "C" NOT NULL REFERENCES sections (id),
    article_id TEXT COLLATE "C" NOT NULL REFERENCES published_articles (id) ON DELETE CASCADE,
    locale TEXT COLLATE "C" NOT NULL,
    type TEXT COLLATE "C" NOT NULL,
    is_direct BOOLEAN NOT NULL,
    position BIGINT NOT NULL,
    PRIMARY KEY (section_id, article_id)
);
CREATE TABLE published_tags (
    tag_id TEXT COLLATE "C" NOT NULL REFERENCES tags (id),
    article_id TEXT COLLATE "C" NOT NULL REFERENCES published_articles (id) ON DELETE CASCADE,
    locale TEXT COLLATE "C" NOT NULL,
    type TEXT COLLATE "C" NOT NULL,
    position BIGINT NOT NULL,
    PRIMARY KEY (tag_id, article_id)
);
CREATE TABLE published_contributors (
    contributor_id TEXT COLLATE "C" NOT NULL REFERENCES contributors (id),
    article_id TEXT COLLATE "C" NOT NULL REFERENCES published_articles (id) ON DELETE CASCADE,
    locale TEXT COLLATE "C" NOT NULL,
    type TEXT COLLATE "C" NOT NULL,
    position BIGINT NOT NULL,
    PRIMARY KEY (contributor_id, article_id)
);

-- The corrections of live articles, for readers.
CREATE TABLE published_corrections (
    id TEXT COLLATE "C" PRIMARY KEY,
    article_id TEXT COLLATE "C" NOT NULL REFERENCES published_articles (id) ON DELETE CASCADE,
    locale TEXT COLLATE "C" NOT NULL,
    kind TEXT NOT NULL,
    text TEXT NOT NULL,
    at TIMESTAMP(3) NOT NULL
);

-- What a link of its own shows of an article before it is public: a pressed copy, by the digest of its token.
CREATE TABLE preview_articles (
    digest TEXT COLLATE "C" PRIMARY KEY,
    id TEXT COLLATE "C" NOT NULL UNIQUE,
    article_id TEXT COLLATE "C" NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    revision INTEGER,
    during_embargo BOOLEAN NOT NULL,
    embargo_until TIMESTAMP(3),
    created_by TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    created_at TIMESTAMP(3) NOT NULL,
    expires_at TIMESTAMP(3) NOT NULL,
    locale TEXT NOT NULL,
    translation_key TEXT NOT NULL,
    section_id TEXT COLLATE "C",
    article_json TEXT,
    outline TEXT,
    breaking_until TIMESTAMP(3),
    pressed_at TIMESTAMP(3) NOT NULL,
    press_format INTEGER NOT NULL,
    comment_policy TEXT
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
CREATE TABLE package_articles (
    package_id TEXT COLLATE "C" NOT NULL REFERENCES packages (id) ON DELETE CASCADE,
    article_id TEXT COLLATE "C" NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    ordinal INTEGER NOT NULL,
    PRIMARY KEY (package_id, article_id)
);
