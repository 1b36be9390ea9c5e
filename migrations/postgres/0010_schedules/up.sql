-- Acts on articles that wait for their moment. A decided row stays: it is what the agenda remembers.
-- `section_id` is where the frozen revision stands while the row waits, in a column so that deleting
-- a section can move it.
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
-- One of each kind waits for an article at most.
CREATE UNIQUE INDEX schedules_waiting ON schedules (article_id, kind) WHERE state IN ('pending', 'blocked');
CREATE INDEX schedules_by_article ON schedules (article_id, at);
CREATE INDEX schedules_by_section ON schedules (section_id);
-- What is due next, and the agenda.
CREATE INDEX schedules_by_moment ON schedules (state, at, id);
