-- The working copy and what outlives being live. `content` is what a revision freezes.
CREATE TABLE articles (
    id TEXT NOT NULL PRIMARY KEY,
    locale TEXT NOT NULL,
    translation_key TEXT NOT NULL,
    type TEXT NOT NULL,
    title TEXT NOT NULL,
    section_id TEXT REFERENCES sections (id),
    content TEXT NOT NULL,
    embargo_until TEXT,
    assignee_id TEXT REFERENCES users (id),
    internal_note TEXT,
    state TEXT NOT NULL CHECK (state IN ('draft', 'published', 'unpublished', 'retracted', 'killed', 'trashed')),
    review TEXT NOT NULL CHECK (review IN ('draft', 'in_review', 'ready')),
    has_unpublished_changes INTEGER NOT NULL,
    version INTEGER NOT NULL,
    live_revision INTEGER,
    path TEXT,
    position INTEGER UNIQUE,
    published_at TEXT,
    first_published_at TEXT,
    updated_at TEXT,
    corrected_at TEXT,
    created_at TEXT NOT NULL,
    created_by TEXT REFERENCES users (id),
    edited_at TEXT NOT NULL,
    edited_by TEXT REFERENCES users (id),
    trashed_at TEXT
) STRICT;
CREATE INDEX articles_by_edit ON articles (edited_at, id);
CREATE INDEX articles_by_state ON articles (state, edited_at, id);
CREATE INDEX articles_by_section ON articles (section_id, edited_at);
CREATE INDEX articles_by_translation ON articles (translation_key);

-- What the working copies refer to: an index of `articles.content`, written with it.
CREATE TABLE article_sections (
    article_id TEXT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    section_id TEXT NOT NULL REFERENCES sections (id),
    PRIMARY KEY (article_id, section_id)
) STRICT;
CREATE INDEX article_sections_by_section ON article_sections (section_id);
CREATE TABLE article_tags (
    article_id TEXT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    tag_id TEXT NOT NULL REFERENCES tags (id),
    PRIMARY KEY (article_id, tag_id)
) STRICT;
CREATE INDEX article_tags_by_tag ON article_tags (tag_id);
CREATE TABLE article_contributors (
    article_id TEXT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    contributor_id TEXT NOT NULL REFERENCES contributors (id),
    PRIMARY KEY (article_id, contributor_id)
) STRICT;
CREATE INDEX article_contributors_by_contributor ON article_contributors (contributor_id);

CREATE TABLE article_revisions (
    article_id TEXT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('autosave', 'save', 'publish', 'correct', 'restore', 'import')),
    content TEXT NOT NULL,
    author_id TEXT REFERENCES users (id),
    note TEXT,
    created_at TEXT NOT NULL,
    PRIMARY KEY (article_id, number)
) STRICT;

-- What readers get: one row per live article, pressed. The only article table that public code reads.
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
    comment_mode TEXT,
    breaking_until TEXT,
    published_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    corrected_at TEXT,
    retracted_at TEXT,
    revision INTEGER NOT NULL,
    press_format INTEGER NOT NULL
) STRICT;
CREATE INDEX published_articles_by_locale ON published_articles (locale, position);
CREATE INDEX published_articles_by_locale_type ON published_articles (locale, type, position);
CREATE INDEX published_articles_by_type ON published_articles (type, position);
CREATE INDEX published_articles_by_update ON published_articles (updated_at, id);
CREATE INDEX published_articles_by_locale_update ON published_articles (locale, updated_at, id);

CREATE TABLE published_sections (
    section_id TEXT NOT NULL REFERENCES sections (id),
    article_id TEXT NOT NULL REFERENCES published_articles (id) ON DELETE CASCADE,
    locale TEXT NOT NULL,
    type TEXT NOT NULL,
    is_direct INTEGER NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (section_id, article_id)
) STRICT;
CREATE INDEX published_sections_by_article ON published_sections (article_id);
CREATE INDEX published_sections_by_position ON published_sections (section_id, position);
CREATE INDEX published_sections_by_locale ON published_sections (section_id, locale, position);
CREATE INDEX published_sections_direct ON published_sections (section_id, is_direct, locale, position);

CREATE TABLE published_tags (
    tag_id TEXT NOT NULL REFERENCES tags (id),
    article_id TEXT NOT NULL REFERENCES published_articles (id) ON DELETE CASCADE,
    locale TEXT NOT NULL,
    type TEXT NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (tag_id, article_id)
) STRICT;
CREATE INDEX published_tags_by_article ON published_tags (article_id);
CREATE INDEX published_tags_by_position ON published_tags (tag_id, position);
CREATE INDEX published_tags_by_locale ON published_tags (tag_id, locale, position);

CREATE TABLE published_contributors (
    contributor_id TEXT NOT NULL REFERENCES contributors (id),
    article_id TEXT NOT NULL REFERENCES published_articles (id) ON DELETE CASCADE,
    locale TEXT NOT NULL,
    type TEXT NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (contributor_id, article_id)
) STRICT;
CREATE INDEX published_contributors_by_article ON published_contributors (article_id);
CREATE INDEX published_contributors_by_position ON published_contributors (contributor_id, position);
CREATE INDEX published_contributors_by_locale ON published_contributors (contributor_id, locale, position);
