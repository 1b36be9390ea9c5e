-- `email_key` is the folded address: two spellings of one are one account.
CREATE TABLE users (
    id TEXT NOT NULL PRIMARY KEY,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    password_digest TEXT NOT NULL,
    is_demo INTEGER NOT NULL,
    disabled_at TEXT,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;

-- A user's roles, in their order; where a section or a language is named, only there.
CREATE TABLE grants (
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    ordinal INTEGER NOT NULL,
    role TEXT NOT NULL,
    section_id TEXT,
    locale TEXT,
    PRIMARY KEY (user_id, ordinal)
) STRICT;

-- A login and the family of refresh tokens that came of it.
CREATE TABLE sessions (
    id TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    user_agent TEXT,
    created_at TEXT NOT NULL,
    last_used_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    ended_at TEXT,
    end_reason TEXT
) STRICT;

-- A used one is kept until it expires: who shows it again has stolen it, or was robbed.
CREATE TABLE refresh_tokens (
    digest TEXT NOT NULL PRIMARY KEY,
    session_id TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    used_at TEXT
) STRICT;

-- The keys that sign access tokens. A new one is published before it signs, so that everybody knows it by then.
CREATE TABLE signing_keys (
    kid TEXT NOT NULL PRIMARY KEY,
    public_key TEXT NOT NULL,
    sealed_private_key TEXT NOT NULL,
    created_at TEXT NOT NULL,
    signs_from TEXT NOT NULL
) STRICT;

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

-- Who did what, when and from where. Rows are added and never changed, and outlive what they name: nothing here
-- refers to another table.
CREATE TABLE audit (
    id TEXT NOT NULL PRIMARY KEY,
    at TEXT NOT NULL,
    via TEXT NOT NULL,
    user_id TEXT,
    session_id TEXT,
    address TEXT,
    request_id TEXT,
    action TEXT NOT NULL,
    target_kind TEXT NOT NULL,
    target_id TEXT,
    before_digest TEXT,
    after_digest TEXT,
    details TEXT
) STRICT;
