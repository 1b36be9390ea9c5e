CREATE TABLE comments (
    id TEXT NOT NULL PRIMARY KEY,
    article_id TEXT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    parent_id TEXT REFERENCES comments (id),
    root_id TEXT NOT NULL,
    depth INTEGER NOT NULL,
    author_name TEXT NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'approved', 'rejected', 'spam', 'deleted', 'erased')),
    is_visible INTEGER NOT NULL,
    verdicts TEXT NOT NULL,
    reader_digest TEXT,
    edit_token_digest TEXT,
    created_at TEXT NOT NULL,
    decided_at TEXT,
    decided_by TEXT REFERENCES users (id)
) STRICT;
CREATE INDEX comments_by_thread ON comments (root_id);
CREATE INDEX comments_by_queue ON comments (state, created_at, id);
CREATE INDEX comments_by_article ON comments (article_id, depth, is_visible, created_at, id);

-- Every decision ever taken; rows are added and never changed.
CREATE TABLE moderation_log (
    id TEXT NOT NULL PRIMARY KEY,
    comment_id TEXT NOT NULL,
    article_id TEXT NOT NULL,
    moderator_id TEXT,
    action TEXT NOT NULL,
    from_state TEXT NOT NULL,
    to_state TEXT NOT NULL,
    reason TEXT,
    note TEXT,
    at TEXT NOT NULL
) STRICT;
CREATE INDEX moderation_log_by_comment ON moderation_log (comment_id, at);

-- Visible comments per article; outlives unpublish.
CREATE TABLE comment_counts (
    article_id TEXT NOT NULL PRIMARY KEY REFERENCES articles (id) ON DELETE CASCADE,
    approved INTEGER NOT NULL
) STRICT;
