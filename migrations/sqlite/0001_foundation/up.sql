-- Counters raised in the transaction of an act, one per kind of content that caches depend on.
CREATE TABLE generations (
    kind TEXT NOT NULL PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT;

-- The settings of the one site, as JSON; absent until somebody changes the defaults.
CREATE TABLE site (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    settings TEXT NOT NULL,
    version INTEGER NOT NULL
) STRICT;

-- Every path that is or was public, and where it leads.
CREATE TABLE paths (
    path TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    target_id TEXT,
    locale TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('live', 'hidden', 'moved', 'gone')),
    location TEXT,
    http_status INTEGER NOT NULL,
    created_at TEXT NOT NULL
) STRICT;
CREATE INDEX paths_by_target ON paths (target_id);

-- Who changed which members of a thing at which version: what a stale If-Match is told.
CREATE TABLE edits (
    kind TEXT NOT NULL,
    target_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    user_id TEXT,
    fields TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (kind, target_id, version)
) STRICT;

-- One row per successful request that carried an Idempotency-Key.
CREATE TABLE idempotency_keys (
    scope TEXT NOT NULL,
    key TEXT NOT NULL,
    request_hash TEXT NOT NULL,
    status INTEGER NOT NULL,
    resource_id TEXT NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (scope, key)
) STRICT;
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);

-- Work too large for the transaction that asked for it.
CREATE TABLE jobs (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'done', 'failed')),
    attempts INTEGER NOT NULL,
    run_at TEXT NOT NULL,
    locked_until TEXT,
    last_error TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX jobs_by_state ON jobs (state, run_at);
