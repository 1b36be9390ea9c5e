-- Counters raised in the transaction of an act, one per kind of content that caches depend on.
CREATE TABLE generations (
    kind TEXT COLLATE "C" PRIMARY KEY,
    value BIGINT NOT NULL
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

-- Work too large for the transaction that asked for it. `payload` is how far it is, `last_error` for operators.
CREATE TABLE jobs (
    id TEXT COLLATE "C" PRIMARY KEY,
    kind TEXT COLLATE "C" NOT NULL,
    payload TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'done', 'failed')),
    attempts INTEGER NOT NULL,
    run_at TIMESTAMP(3) NOT NULL,
    last_error TEXT,
    created_at TIMESTAMP(3) NOT NULL,
    updated_at TIMESTAMP(3) NOT NULL
);
