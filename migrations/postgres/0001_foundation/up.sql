-- Counters raised in the transaction of an act, one per kind of content that caches depend on.
CREATE TABLE generations (
    kind TEXT COLLATE "C" PRIMARY KEY,
    value BIGINT NOT NULL
);

-- The settings of the one site, as JSON; absent until somebody changes the defaults.
CREATE TABLE site (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    settings TEXT NOT NULL,
    version BIGINT NOT NULL
);

-- Every path that is or was public, and where it leads.
CREATE TABLE paths (
    path TEXT COLLATE "C" PRIMARY KEY,
    kind TEXT NOT NULL,
    target_id TEXT COLLATE "C",
    locale TEXT COLLATE "C" NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('live', 'hidden', 'moved', 'gone')),
    location TEXT COLLATE "C",
    http_status INTEGER NOT NULL,
    created_at TIMESTAMP(3) NOT NULL
);
CREATE INDEX paths_by_target ON paths (target_id);

-- Who changed which members of a thing at which version: what a stale If-Match is told.
CREATE TABLE edits (
    kind TEXT COLLATE "C" NOT NULL,
    target_id TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    user_id TEXT COLLATE "C",
    fields TEXT NOT NULL,
    at TIMESTAMP(3) NOT NULL,
    PRIMARY KEY (kind, target_id, version)
);

-- One row per successful request that carried an Idempotency-Key.
CREATE TABLE idempotency_keys (
    scope TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    request_hash TEXT COLLATE "C" NOT NULL,
    status INTEGER NOT NULL,
    resource_id TEXT COLLATE "C" NOT NULL,
    created_at TIMESTAMP(3) NOT NULL,
    PRIMARY KEY (scope, key)
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);

-- Work too large for the transaction that asked for it.
CREATE TABLE jobs (
    id TEXT COLLATE "C" PRIMARY KEY,
    kind TEXT COLLATE "C" NOT NULL,
    payload TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'done', 'failed')),
    attempts INTEGER NOT NULL,
    run_at TIMESTAMP(3) NOT NULL,
    locked_until TIMESTAMP(3),
    last_error TEXT,
    created_at TIMESTAMP(3) NOT NULL,
    updated_at TIMESTAMP(3) NOT NULL
);
CREATE INDEX jobs_by_state ON jobs (state, run_at);
