CREATE TABLE comments (
    id TEXT COLLATE "C" PRIMARY KEY,
    article_id TEXT COLLATE "C" NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    parent_id TEXT COLLATE "C" REFERENCES comments (id),
    root_id TEXT COLLATE "C" NOT NULL,
    depth INTEGER NOT NULL,
    author_name TEXT NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'approved', 'rejected', 'spam', 'deleted', 'erased')),
    is_visible BOOLEAN NOT NULL,
    verdicts TEXT NOT NULL,
    reader_digest TEXT COLLATE "C",
    edit_token_digest TEXT COLLATE "C",
    created_at TIMESTAMP(3) NOT NULL,
    decided_at TIMESTAMP(3),
    decided_by TEXT COLLATE "C" REFERENCES users (id)
);
CREATE INDEX comments_by_thread ON comments (root_id);
CREATE INDEX comments_by_queue ON comments (state, created_at, id);
CREATE INDEX comments_by_article ON comments (article_id, depth, is_visible, created_at, id);

-- Every decision ever taken; rows are added and never changed.
CREATE TABLE moderation_log (
    id TEXT COLLATE "C" PRIMARY KEY,
    comment_id TEXT COLLATE "C" NOT NULL,
    article_id TEXT COLLATE "C" NOT NULL,
    moderator_id TEXT COLLATE "C",
    action TEXT NOT NULL,
    from_state TEXT NOT NULL,
    to_state TEXT NOT NULL,
    reason TEXT,
    note TEXT,
    at TIMESTAMP(3) NOT NULL
);
CREATE INDEX moderation_log_by_comment ON moderation_log (comment_id, at);

-- Visible comments per article; outlives unpublish.
CREATE TABLE comment_counts (
    article_id TEXT COLLATE "C" PRIMARY KEY REFERENCES articles (id) ON DELETE CASCADE,
    approved BIGINT NOT NULL
);
