-- The state that an erased comment had: what hid its answers hides them still.
ALTER TABLE comments ADD COLUMN erased_from TEXT;
-- Hashes that are to be forgotten: of networks after a month, of both under a key that is retired.
CREATE INDEX comments_with_network ON comments (created_at) WHERE network_hash IS NOT NULL;
CREATE INDEX comments_by_hash_key ON comments (hash_key);

-- What was erased because somebody asked for it. It outlives backups, which are held against it, so nothing here
-- refers to another table. A reader stands in it as the digest of their digest, which is found nowhere else.
CREATE TABLE erasures (
    subject TEXT NOT NULL CHECK (subject IN ('comment', 'reader')),
    subject_key TEXT NOT NULL,
    mode TEXT NOT NULL CHECK (mode IN ('erase', 'anonymise')),
    at TEXT NOT NULL,
    PRIMARY KEY (subject, subject_key, mode)
) STRICT;

-- What somebody asks of the house about their own data, until they prove who they are, or time is up.
CREATE TABLE privacy_requests (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('export', 'erase')),
    mode TEXT CHECK (mode IN ('erase', 'anonymise')),
    reader_digest TEXT,
    email_hashes TEXT NOT NULL,
    comment_id TEXT,
    token_digest TEXT NOT NULL,
    created_by TEXT REFERENCES users (id),
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX privacy_requests_by_token ON privacy_requests (token_digest);
CREATE INDEX privacy_requests_by_end ON privacy_requests (expires_at);
