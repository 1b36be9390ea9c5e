-- Acts on articles that wait for their moment. A decided row stays: it is what the agenda remembers.
-- `section_id` is where the frozen revision stands while the row waits, in a column so that deleting
-- a section can move it.
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
-- One of each kind waits for an article at most.
CREATE UNIQUE INDEX schedules_waiting ON schedules (article_id, kind) WHERE state IN ('pending', 'blocked');
CREATE INDEX schedules_by_article ON schedules (article_id, at);
CREATE INDEX schedules_by_section ON schedules (section_id);
-- What is due next, and the agenda.
CREATE INDEX schedules_by_moment ON schedules (state, at, id);
