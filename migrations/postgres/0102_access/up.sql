-- `email_key` is the folded address: two spellings of one are one account.
CREATE TABLE users (
    id TEXT COLLATE "C" PRIMARY KEY,
    email TEXT NOT NULL,
    email_key TEXT COLLATE "C" NOT NULL UNIQUE,
    name TEXT NOT NULL,
    password_digest TEXT NOT NULL,
    is_demo BOOLEAN NOT NULL,
    disabled_at TIMESTAMP(3),
    version BIGINT NOT NULL,
    created_at TIMESTAMP(3) NOT NULL,
    updated_at TIMESTAMP(3) NOT NULL
);

-- A user's roles, in their order; where a section or a language is named, only there.
CREATE TABLE grants (
    user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    ordinal INTEGER NOT NULL,
    role TEXT NOT NULL,
    section_id TEXT COLLATE "C",
    locale TEXT COLLATE "C",
    PRIMARY KEY (user_id, ordinal)
);

-- A login and the family of refresh tokens that came of it.
CREATE TABLE sessions (
    id TEXT COLLATE "C" PRIMARY KEY,
    user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    user_agent TEXT,
    created_at TIMESTAMP(3) NOT NULL,
    last_used_at TIMESTAMP(3) NOT NULL,
    expires_at TIMESTAMP(3) NOT NULL,
    ended_at TIMESTAMP(3),
    end_reason TEXT
);

-- A used one is kept until it expires: who shows it again has stolen it, or was robbed.
CREATE TABLE refresh_tokens (
    digest TEXT COLLATE "C" PRIMARY KEY,
    session_id TEXT COLLATE "C" NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    created_at TIMESTAMP(3) NOT NULL,
    expires_at TIMESTAMP(3) NOT NULL,
    used_at TIMESTAMP(3)
);

-- The keys that sign access tokens. A new one is published before it signs, so that everybody knows it by then.
CREATE TABLE signing_keys (
    kid TEXT COLLATE "C" PRIMARY KEY,
    public_key TEXT NOT NULL,
    sealed_private_key TEXT NOT NULL,
    created_at TIMESTAMP(3) NOT NULL,
    signs_from TIMESTAMP(3) NOT NULL
);

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

-- Who did what, when and from where. Rows are added and never changed, and outlive what they name: nothing here
-- refers to another table.
CREATE TABLE audit (
    id TEXT COLLATE "C" PRIMARY KEY,
    at TIMESTAMP(3) NOT NULL,
    via TEXT NOT NULL,
    user_id TEXT COLLATE "C",
    session_id TEXT COLLATE "C",
    address TEXT,
    request_id TEXT COLLATE "C",
    action TEXT COLLATE "C" NOT NULL,
    target_kind TEXT COLLATE "C" NOT NULL,
    target_id TEXT COLLATE "C",
    before_digest TEXT COLLATE "C",
    after_digest TEXT COLLATE "C",
    details TEXT
);
