-- What somebody typed and has not saved, one slot for each user and article.
CREATE TABLE autosaves (
    article_id TEXT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    user_id TEXT NOT NULL REFERENCES users (id),
    base_version INTEGER NOT NULL,
    content TEXT NOT NULL,
    saved_at TEXT NOT NULL,
    PRIMARY KEY (article_id, user_id)
) STRICT;

-- Who says that they are at work on an article, and until when. Advice: it refuses nobody anything.
CREATE TABLE leases (
    article_id TEXT NOT NULL PRIMARY KEY REFERENCES articles (id) ON DELETE CASCADE,
    user_id TEXT NOT NULL REFERENCES users (id),
    since TEXT NOT NULL,
    until TEXT NOT NULL
) STRICT;

-- What colleagues tell each other about an article, or about a block of it. Never public.
CREATE TABLE article_notes (
    id TEXT NOT NULL PRIMARY KEY,
    article_id TEXT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    block_id TEXT,
    body TEXT NOT NULL,
    author_id TEXT REFERENCES users (id),
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    resolved_at TEXT,
    resolved_by TEXT REFERENCES users (id)
) STRICT;
