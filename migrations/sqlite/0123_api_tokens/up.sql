-- What a machine shows in place of a person's password. It acts as its owner, within its scopes.
CREATE TABLE api_tokens (
    id TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    revoked_at TEXT,
    last_used_at TEXT,
    request_count INTEGER NOT NULL
) STRICT;
CREATE INDEX api_tokens_by_user ON api_tokens (user_id, id);

-- The secrets of a token: one, or two while it is being rotated.
CREATE TABLE api_token_secrets (
    digest TEXT NOT NULL PRIMARY KEY,
    token_id TEXT NOT NULL REFERENCES api_tokens (id) ON DELETE CASCADE,
    prefix TEXT NOT NULL,
    created_at TEXT NOT NULL,
    replaced_until TEXT
) STRICT;
CREATE INDEX api_token_secrets_by_token ON api_token_secrets (token_id);

CREATE TABLE api_token_scopes (
    token_id TEXT NOT NULL REFERENCES api_tokens (id) ON DELETE CASCADE,
    ordinal INTEGER NOT NULL,
    permission TEXT NOT NULL,
    section_id TEXT,
    locale TEXT,
    PRIMARY KEY (token_id, ordinal)
) STRICT;

ALTER TABLE audit ADD COLUMN token_id TEXT;
CREATE INDEX audit_by_token ON audit (token_id, at, id) WHERE token_id IS NOT NULL;
