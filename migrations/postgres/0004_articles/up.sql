-- The working copy and what outlives being live. `content` is what a revision freezes.
CREATE TABLE articles (
    id TEXT COLLATE "C" PRIMARY KEY,
    locale TEXT COLLATE "C" NOT NULL,
    translation_key TEXT COLLATE "C" NOT NULL,
    type TEXT NOT NULL,
    title TEXT NOT NULL,
    section_id TEXT COLLATE "C" REFERENCES sections (id),
    content TEXT NOT NULL,
    embargo_until TIMESTAMP(3),
    assignee_id TEXT COLLATE "C" REFERENCES users (id),
    internal_note TEXT,
    state TEXT NOT NULL CHECK (state IN ('draft', 'published', 'unpublished', 'retracted', 'killed', 'trashed')),
    review TEXT NOT NULL CHECK (review IN ('draft', 'in_review', 'ready')),
    has_unpublished_changes BOOLEAN NOT NULL,
    version BIGINT NOT NULL,
    live_revision INTEGER,
    path TEXT COLLATE "C",
    position BIGINT UNIQUE,
    published_at TIMESTAMP(3),
    first_published_at TIMESTAMP(3),
    updated_at TIMESTAMP(3),
    corrected_at TIMESTAMP(3),
    created_at TIMESTAMP(3) NOT NULL,
    created_by TEXT COLLATE "C" REFERENCES users (id),
    edited_at TIMESTAMP(3) NOT NULL,
    edited_by TEXT COLLATE "C" REFERENCES users (id),
    trashed_at TIMESTAMP(3)
);
CREATE INDEX articles_by_edit ON articles (edited_at, id);
CREATE INDEX articles_by_state ON articles (state, edited_at, id);
CREATE INDEX articles_by_section ON articles (section_id, edited_at);
CREATE INDEX articles_by_translation ON articles (translation_key);

-- What the working copies refer to: an index of `articles.content`, written with it.
CREATE TABLE article_sections (
    article_id TEXT COLLATE "C" NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    section_id TEXT COLLATE "C" NOT NULL REFERENCES sections (id),
    PRIMARY KEY (article_id, section_id)
);
CREATE INDEX article_sections_by_section ON article_sections (section_id);
CREATE TABLE article_tags (
    article_id TEXT COLLATE "C" NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    tag_id TEXT COLLATE "C" NOT NULL REFERENCES tags (id),
    PRIMARY KEY (article_id, tag_id)
);
CREATE INDEX article_tags_by_tag ON article_tags (tag_id);
CREATE TABLE article_contributors (
    article_id TEXT COLLATE "C" NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    contributor_id TEXT COLLATE "C" NOT NULL REFERENCES contributors (id),
    PRIMARY KEY (article_id, contributor_id)
);
CREATE INDEX article_contributors_by_contributor ON article_contributors (contributor_id);

CREATE TABLE article_revisions (
    article_id TEXT COLLATE "C" NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('autosave', 'save', 'publish', 'correct', 'restore', 'import')),
    content TEXT NOT NULL,
    author_id TEXT COLLATE "C" REFERENCES users (id),
    note TEXT,
    created_at TIMESTAMP(3) NOT NULL,
    PRIMARY KEY (article_id, number)
);

-- What readers get: one row per live article, pressed. The only article table that public code reads.
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
    comment_mode TEXT,
    breaking_until TIMESTAMP(3),
    published_at TIMESTAMP(3) NOT NULL,
    updated_at TIMESTAMP(3) NOT NULL,
    corrected_at TIMESTAMP(3),
    retracted_at TIMESTAMP(3),
    revision INTEGER NOT NULL,
    press_format INTEGER NOT NULL
);
CREATE INDEX published_articles_by_locale ON published_articles (locale, position);
CREATE INDEX published_articles_by_locale_type ON published_articles (locale, type, position);
CREATE INDEX published_articles_by_type ON published_articles (type, position);
CREATE INDEX published_articles_by_update ON published_articles (updated_at, id);
CREATE INDEX published_articles_by_locale_update ON published_articles (locale, updated_at, id);

CREATE TABLE published_sections (
    section_id TEXT COLLATE "C" NOT NULL REFERENCES sections (id),
    article_id TEXT COLLATE "C" NOT NULL REFERENCES published_articles (id) ON DELETE CASCADE,
    locale TEXT COLLATE "C" NOT NULL,
    type TEXT COLLATE "C" NOT NULL,
    is_direct BOOLEAN NOT NULL,
    position BIGINT NOT NULL,
    PRIMARY KEY (section_id, article_id)
);
CREATE INDEX published_sections_by_article ON published_sections (article_id);
CREATE INDEX published_sections_by_position ON published_sections (section_id, position);
CREATE INDEX published_sections_by_locale ON published_sections (section_id, locale, position);
CREATE INDEX published_sections_direct ON published_sections (section_id, is_direct, locale, position);

CREATE TABLE published_tags (
    tag_id TEXT COLLATE "C" NOT NULL REFERENCES tags (id),
    article_id TEXT COLLATE "C" NOT NULL REFERENCES published_articles (id) ON DELETE CASCADE,
    locale TEXT COLLATE "C" NOT NULL,
    type TEXT COLLATE "C" NOT NULL,
    position BIGINT NOT NULL,
    PRIMARY KEY (tag_id, article_id)
);
CREATE INDEX published_tags_by_article ON published_tags (article_id);
CREATE INDEX published_tags_by_position ON published_tags (tag_id, position);
CREATE INDEX published_tags_by_locale ON published_tags (tag_id, locale, position);

CREATE TABLE published_contributors (
    contributor_id TEXT COLLATE "C" NOT NULL REFERENCES contributors (id),
    article_id TEXT COLLATE "C" NOT NULL REFERENCES published_articles (id) ON DELETE CASCADE,
    locale TEXT COLLATE "C" NOT NULL,
    type TEXT COLLATE "C" NOT NULL,
    position BIGINT NOT NULL,
    PRIMARY KEY (contributor_id, article_id)
);
CREATE INDEX published_contributors_by_article ON published_contributors (article_id);
CREATE INDEX published_contributors_by_position ON published_contributors (contributor_id, position);
CREATE INDEX published_contributors_by_locale ON published_contributors (contributor_id, locale, position);
