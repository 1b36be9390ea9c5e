-- What somebody typed and has not saved, one slot for each user and article.
CREATE TABLE autosaves (
    article_id TEXT COLLATE "C" NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    base_version BIGINT NOT NULL,
    content TEXT NOT NULL,
    saved_at TIMESTAMP(3) NOT NULL,
    PRIMARY KEY (article_id, user_id)
);

-- Who says that they are at work on an article, and until when. Advice: it refuses nobody anything.
CREATE TABLE leases (
    article_id TEXT COLLATE "C" PRIMARY KEY REFERENCES articles (id) ON DELETE CASCADE,
    user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    since TIMESTAMP(3) NOT NULL,
    until TIMESTAMP(3) NOT NULL
);

-- What colleagues tell each other about an article, or about a block of it. Never public.
CREATE TABLE article_notes (
    id TEXT COLLATE "C" PRIMARY KEY,
    article_id TEXT COLLATE "C" NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    block_id TEXT COLLATE "C",
    body TEXT NOT NULL,
    author_id TEXT COLLATE "C" REFERENCES users (id),
    version BIGINT NOT NULL,
    created_at TIMESTAMP(3) NOT NULL,
    updated_at TIMESTAMP(3) NOT NULL,
    resolved_at TIMESTAMP(3),
    resolved_by TEXT COLLATE "C" REFERENCES users (id)
);
