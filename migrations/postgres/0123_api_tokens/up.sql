-- What a machine shows in place of a person's password. It acts as its owner, within its scopes.
CREATE TABLE api_tokens (
    id TEXT COLLATE "C" PRIMARY KEY,
    user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    created_at TIMESTAMP(3) NOT NULL,
    expires_at TIMESTAMP(3) NOT NULL,
    revoked_at TIMESTAMP(3),
    last_used_at TIMESTAMP(3),
    request_count BIGINT NOT NULL
);
CREATE INDEX api_tokens_by_user ON api_tokens (user_id, id);

-- The secrets of a token: one, or two while it is being rotated.
CREATE TABLE api_token_secrets (
    digest TEXT COLLATE "C" PRIMARY KEY,
    token_id TEXT COLLATE "C" NOT NULL REFERENCES api_tokens (id) ON DELETE CASCADE,
    prefix TEXT NOT NULL,
    created_at TIMESTAMP(3) NOT NULL,
    replaced_until TIMESTAMP(3)
);
CREATE INDEX api_token_secrets_by_token ON api_token_secrets (token_id);

CREATE TABLE api_token_scopes (
    token_id TEXT COLLATE "C" NOT NULL REFERENCES api_tokens (id) ON DELETE CASCADE,
    ordinal INTEGER NOT NULL,
    permission TEXT NOT NULL,
    section_id TEXT COLLATE "C",
    locale TEXT COLLATE "C",
    PRIMARY KEY (token_id, ordinal)
);

ALTER TABLE audit ADD COLUMN token_id TEXT COLLATE "C";
CREATE INDEX audit_by_token ON audit (token_id, at, id) WHERE token_id IS NOT NULL;
