-- How an article's comments are kept: JSON of what differs from the section's, the section's from the site's.
ALTER TABLE sections ADD COLUMN comment_policy TEXT;
UPDATE sections SET comment_policy = '{"mode":"' || comment_mode || '"}' WHERE comment_mode IS NOT NULL;
ALTER TABLE sections DROP COLUMN comment_mode;
ALTER TABLE published_articles ADD COLUMN comment_policy TEXT;
UPDATE published_articles SET comment_policy = '{"mode":"' || comment_mode || '"}' WHERE comment_mode IS NOT NULL;
ALTER TABLE published_articles DROP COLUMN comment_mode;
ALTER TABLE preview_articles ADD COLUMN comment_policy TEXT;
UPDATE preview_articles SET comment_policy = '{"mode":"' || comment_mode || '"}' WHERE comment_mode IS NOT NULL;
ALTER TABLE preview_articles DROP COLUMN comment_mode;

-- The body as safe HTML; null where the comment is older than this column.
ALTER TABLE comments ADD COLUMN body_html TEXT;
-- The digest of the folded text, by which repetitions are found.
ALTER TABLE comments ADD COLUMN body_digest TEXT COLLATE "C";
-- Who wrote it, as keyed hashes, and under which key.
ALTER TABLE comments ADD COLUMN email_hash TEXT COLLATE "C";
ALTER TABLE comments ADD COLUMN network_hash TEXT COLLATE "C";
ALTER TABLE comments ADD COLUMN hash_key INTEGER;
-- Set where somebody of the newsroom wrote it, and under which byline.
ALTER TABLE comments ADD COLUMN user_id TEXT COLLATE "C" REFERENCES users (id);
ALTER TABLE comments ADD COLUMN contributor_id TEXT COLLATE "C" REFERENCES contributors (id);
ALTER TABLE comments ADD COLUMN spam_score DOUBLE PRECISION;
ALTER TABLE comments ADD COLUMN edited_at TIMESTAMP(3);
ALTER TABLE comments ADD COLUMN featured_at TIMESTAMP(3);
ALTER TABLE comments ADD COLUMN pinned_at TIMESTAMP(3);
-- Counters have a default: an instance of the release before adds rows while this one is rolled out.
ALTER TABLE comments ADD COLUMN reaction_count BIGINT NOT NULL DEFAULT 0;
-- Reports since the last decision.
ALTER TABLE comments ADD COLUMN report_count BIGINT NOT NULL DEFAULT 0;
CREATE INDEX comments_by_top ON comments (article_id, depth, is_visible, reaction_count, id);
CREATE INDEX comments_by_reader ON comments (reader_digest, created_at);
CREATE INDEX comments_by_email ON comments (email_hash, created_at);
CREATE INDEX comments_by_network ON comments (network_hash, created_at);
CREATE INDEX comments_by_digest ON comments (body_digest, created_at);
CREATE INDEX comments_by_user ON comments (user_id, created_at);
CREATE INDEX comments_by_contributor ON comments (contributor_id);
CREATE INDEX comments_reported ON comments (created_at, id) WHERE report_count > 0;

-- What a comment said before its author changed it.
CREATE TABLE comment_versions (
    comment_id TEXT COLLATE "C" NOT NULL REFERENCES comments (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL,
    verdicts TEXT NOT NULL,
    written_at TIMESTAMP(3) NOT NULL,
    PRIMARY KEY (comment_id, number)
);

-- Readers who like a comment.
CREATE TABLE comment_reactions (
    comment_id TEXT COLLATE "C" NOT NULL REFERENCES comments (id) ON DELETE CASCADE,
    reader_digest TEXT COLLATE "C" NOT NULL,
    at TIMESTAMP(3) NOT NULL,
    PRIMARY KEY (comment_id, reader_digest)
);
CREATE INDEX comment_reactions_by_reader ON comment_reactions (reader_digest);

-- Readers who find that a comment must go. Settled by the next decision.
CREATE TABLE comment_reports (
    id TEXT COLLATE "C" PRIMARY KEY,
    comment_id TEXT COLLATE "C" NOT NULL REFERENCES comments (id) ON DELETE CASCADE,
    reader_digest TEXT COLLATE "C" NOT NULL,
    reason TEXT NOT NULL,
    note TEXT,
    at TIMESTAMP(3) NOT NULL,
    settled_at TIMESTAMP(3),
    UNIQUE (comment_id, reader_digest)
);
CREATE INDEX comment_reports_by_reader ON comment_reports (reader_digest, at);

-- The card that a moderator holds, and until when.
CREATE TABLE comment_claims (
    comment_id TEXT COLLATE "C" PRIMARY KEY REFERENCES comments (id) ON DELETE CASCADE,
    user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    until TIMESTAMP(3) NOT NULL
);
CREATE INDEX comment_claims_by_user ON comment_claims (user_id, until);

-- What holds against an author: by account, e-mail, reader or network.
CREATE TABLE sanctions (
    id TEXT COLLATE "C" PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('ban', 'suspend', 'premoderate', 'shadow')),
    target TEXT NOT NULL CHECK (target IN ('account', 'email', 'reader', 'network')),
    target_key TEXT COLLATE "C" NOT NULL,
    hash_key INTEGER,
    section_id TEXT COLLATE "C" REFERENCES sections (id),
    reason TEXT,
    note TEXT,
    comment_id TEXT COLLATE "C",
    created_by TEXT COLLATE "C" REFERENCES users (id),
    created_at TIMESTAMP(3) NOT NULL,
    ends_at TIMESTAMP(3),
    lifted_at TIMESTAMP(3),
    lifted_by TEXT COLLATE "C" REFERENCES users (id),
    version BIGINT NOT NULL
);
CREATE INDEX sanctions_by_target ON sanctions (target_key);
CREATE INDEX sanctions_by_section ON sanctions (section_id);
CREATE INDEX sanctions_by_age ON sanctions (created_at, id);

-- The keys that e-mails and networks are hashed with; the newest hashes, all that are not retired compare.
CREATE TABLE hash_keys (
    number INTEGER PRIMARY KEY,
    created_at TIMESTAMP(3) NOT NULL,
    retired_at TIMESTAMP(3)
);

CREATE INDEX moderation_log_by_age ON moderation_log (at, id);
CREATE INDEX moderation_log_by_moderator ON moderation_log (moderator_id, at, id);
