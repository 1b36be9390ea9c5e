-- The working copy and what outlives being live. `content` is what a revision freezes. `has_suspect_text` says
-- whether a text is not as it should be, and is null where nobody has looked yet.
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
    trashed_at TEXT,
    published_by TEXT REFERENCES users (id),
    has_suspect_text INTEGER
) STRICT;

-- What the working copies refer to: an index of `articles.content`, written with it.
CREATE TABLE article_sections (
    article_id TEXT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    section_id TEXT NOT NULL REFERENCES sections (id),
    PRIMARY KEY (article_id, section_id)
) STRICT;
CREATE TABLE article_tags (
    article_id TEXT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    tag_id TEXT NOT NULL REFERENCES tags (id),
    PRIMARY KEY (article_id, tag_id)
) STRICT;
CREATE TABLE article_contributors (
    article_id TEXT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    contributor_id TEXT NOT NULL REFERENCES contributors (id),
    PRIMARY KEY (article_id, contributor_id)
) STRICT;

-- Every working copy that was saved, with the version that it was and how many bytes it takes. `sealed_at` is
-- set when the article is killed: from then on only a permission of its own reads the revision.
CREATE TABLE article_revisions (
    article_id TEXT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('save', 'publish', 'correct', 'restore', 'import')),
    content TEXT NOT NULL,
    author_id TEXT REFERENCES users (id),
    note TEXT,
    created_at TEXT NOT NULL,
    sealed_at TEXT,
    version INTEGER,
    size INTEGER,
    reverted_to INTEGER,
    PRIMARY KEY (article_id, number)
) STRICT;

-- What readers were told about an article after it was published. Killing it deletes them; the note of the
-- revision keeps the text, sealed.
CREATE TABLE corrections (
    id TEXT NOT NULL PRIMARY KEY,
    article_id TEXT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('correction', 'clarification', 'update', 'editors_note', 'retraction')),
    text TEXT NOT NULL,
    at TEXT NOT NULL,
    author_id TEXT REFERENCES users (id)
) STRICT;

-- Acts on articles that wait for their moment. A decided row stays: it is what the agenda remembers.
-- `section_id` is where the frozen revision is while the row waits, in a column so that deleting a section can
-- move it.
CREATE TABLE schedules (
    id TEXT NOT NULL PRIMARY KEY,
    article_id TEXT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('publish', 'unpublish')),
    state TEXT NOT NULL CHECK (state IN ('pending', 'blocked', 'done', 'cancelled', 'failed')),
    reason TEXT,
    at TEXT NOT NULL,
    local_time TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    fold TEXT CHECK (fold IN ('earlier', 'later')),
    revision INTEGER,
    article_version INTEGER NOT NULL,
    section_id TEXT REFERENCES sections (id),
    minor INTEGER NOT NULL,
    published_at TEXT,
    attempts INTEGER NOT NULL,
    retry_at TEXT,
    created_at TEXT NOT NULL,
    created_by TEXT REFERENCES users (id),
    decided_at TEXT,
    decided_by TEXT REFERENCES users (id)
) STRICT;
