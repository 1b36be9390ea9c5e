-- The working copy and what outlives being live. `content` is what a revision freezes. `has_suspect_text` says
-- whether a text is not as it should be, and is null where nobody has looked yet.
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
    trashed_at TIMESTAMP(3),
    published_by TEXT COLLATE "C" REFERENCES users (id),
    has_suspect_text BOOLEAN
);

-- What the working copies refer to: an index of `articles.content`, written with it.
CREATE TABLE article_sections (
    article_id TEXT COLLATE "C" NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    section_id TEXT COLLATE "C" NOT NULL REFERENCES sections (id),
    PRIMARY KEY (article_id, section_id)
);
CREATE TABLE article_tags (
    article_id TEXT COLLATE "C" NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    tag_id TEXT COLLATE "C" NOT NULL REFERENCES tags (id),
    PRIMARY KEY (article_id, tag_id)
);
CREATE TABLE article_contributors (
    article_id TEXT COLLATE "C" NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    contributor_id TEXT COLLATE "C" NOT NULL REFERENCES contributors (id),
    PRIMARY KEY (article_id, contributor_id)
);

-- Every working copy that was saved, with the version that it was and how many bytes it takes. `sealed_at` is
-- set when the article is killed: from then on only a permission of its own reads the revision.
CREATE TABLE article_revisions (
    article_id TEXT COLLATE "C" NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('save', 'publish', 'correct', 'restore', 'import')),
    content TEXT NOT NULL,
    author_id TEXT COLLATE "C" REFERENCES users (id),
    note TEXT,
    created_at TIMESTAMP(3) NOT NULL,
    sealed_at TIMESTAMP(3),
    version BIGINT,
    size INTEGER,
    reverted_to INTEGER,
    PRIMARY KEY (article_id, number)
);

-- What readers were told about an article after it was published. Killing it deletes them; the note of the
-- revision keeps the text, sealed.
CREATE TABLE corrections (
    id TEXT COLLATE "C" PRIMARY KEY,
    article_id TEXT COLLATE "C" NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('correction', 'clarification', 'update', 'editors_note', 'retraction')),
    text TEXT NOT NULL,
    at TIMESTAMP(3) NOT NULL,
    author_id TEXT COLLATE "C" REFERENCES users (id)
);

-- Acts on articles that wait for their moment. A decided row stays: it is what the agenda remembers.
-- `section_id` is where the frozen revision is while the row waits, in a column so that deleting a section can
-- move it.
CREATE TABLE schedules (
    id TEXT COLLATE "C" PRIMARY KEY,
    article_id TEXT COLLATE "C" NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('publish', 'unpublish')),
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('pending', 'blocked', 'done', 'cancelled', 'failed')),
    reason TEXT,
    at TIMESTAMP(3) NOT NULL,
    local_time TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    fold TEXT CHECK (fold IN ('earlier', 'later')),
    revision INTEGER,
    article_version BIGINT NOT NULL,
    section_id TEXT COLLATE "C" REFERENCES sections (id),
    minor BOOLEAN NOT NULL,
    published_at TIMESTAMP(3),
    attempts INTEGER NOT NULL,
    retry_at TIMESTAMP(3),
    created_at TIMESTAMP(3) NOT NULL,
    created_by TEXT COLLATE "C" REFERENCES users (id),
    decided_at TIMESTAMP(3),
    decided_by TEXT COLLATE "C" REFERENCES users (id)
);
