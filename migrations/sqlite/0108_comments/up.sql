-- `body_html` is the body as safe HTML, `body_digest` that of the folded text, by which repetitions are found.
-- Who wrote it are keyed hashes, under the key of the number `hash_key`; `user_id` and `contributor_id` where
-- it was somebody of the newsroom, and under which byline. `report_count` counts reports since the last
-- decision. `erased_from` is the state that an erased comment had: what hid its answers hides them still.
CREATE TABLE comments (
    id TEXT NOT NULL PRIMARY KEY,
    article_id TEXT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    parent_id TEXT REFERENCES comments (id),
    root_id TEXT NOT NULL,
    depth INTEGER NOT NULL,
    author_name TEXT NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'approved', 'rejected', 'spam', 'deleted', 'erased')),
    is_visible INTEGER NOT NULL,
    verdicts TEXT NOT NULL,
    reader_digest TEXT,
    edit_token_digest TEXT,
    created_at TEXT NOT NULL,
    decided_at TEXT,
    decided_by TEXT REFERENCES users (id),
    body_html TEXT,
    body_digest TEXT,
    email_hash TEXT,
    network_hash TEXT,
    hash_key INTEGER,
    user_id TEXT REFERENCES users (id),
    contributor_id TEXT REFERENCES contributors (id),
    spam_score REAL,
    edited_at TEXT,
    featured_at TEXT,
    pinned_at TEXT,
    reaction_count INTEGER NOT NULL,
    report_count INTEGER NOT NULL,
    erased_from TEXT
) STRICT;

-- What a comment said before its author changed it.
CREATE TABLE comment_versions (
    comment_id TEXT NOT NULL REFERENCES comments (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL,
    verdicts TEXT NOT NULL,
    written_at TEXT NOT NULL,
    PRIMARY KEY (comment_id, number)
) STRICT;

-- Visible comments per article; outlives unpublish.
CREATE TABLE comment_counts (
    article_id TEXT NOT NULL PRIMARY KEY REFERENCES articles (id) ON DELETE CASCADE,
    approved INTEGER NOT NULL
) STRICT;

-- Readers who like a comment.
CREATE TABLE comment_reactions (
    comment_id TEXT NOT NULL REFERENCES comments (id) ON DELETE CASCADE,
    reader_digest TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (comment_id, reader_digest)
) STRICT;

-- Readers who find that a comment must go. Settled by the next decision. `network_hash` is the network from
-- which a report came, under the key of the number `hash_key`: many readers of one count once.
CREATE TABLE comment_reports (
    id TEXT NOT NULL PRIMARY KEY,
    comment_id TEXT NOT NULL REFERENCES comments (id) ON DELETE CASCADE,
    reader_digest TEXT NOT NULL,
    reason TEXT NOT NULL,
    note TEXT,
    at TEXT NOT NULL,
    settled_at TEXT,
    network_hash TEXT,
    hash_key INTEGER,
    UNIQUE (comment_id, reader_digest)
) STRICT;

-- The card that a moderator holds, and until when.
CREATE TABLE comment_claims (
    comment_id TEXT NOT NULL PRIMARY KEY REFERENCES comments (id) ON DELETE CASCADE,
    user_id TEXT NOT NULL REFERENCES users (id),
    until TEXT NOT NULL
) STRICT;

-- Every decision ever taken; rows are added and never changed, and outlive what they name.
CREATE TABLE moderation_log (
    id TEXT NOT NULL PRIMARY KEY,
    comment_id TEXT NOT NULL,
    article_id TEXT NOT NULL,
    moderator_id TEXT,
    action TEXT NOT NULL,
    from_state TEXT NOT NULL,
    to_state TEXT NOT NULL,
    reason TEXT,
    note TEXT,
    at TEXT NOT NULL
) STRICT;

-- For which reasons phases held a comment: the holds among its verdicts, once more, to be looked up.
CREATE TABLE comment_holds (
    comment_id TEXT NOT NULL REFERENCES comments (id) ON DELETE CASCADE,
    reason TEXT NOT NULL,
    PRIMARY KEY (comment_id, reason)
) STRICT;

-- How often a phase held a comment in a month. A count is spread over several rows, so that comments that are
-- held at once do not wait for each other. Nothing here tells of a comment: it stays when they are erased.
CREATE TABLE comment_hold_counts (
    month TEXT NOT NULL,
    phase TEXT NOT NULL,
    shard INTEGER NOT NULL,
    held INTEGER NOT NULL,
    PRIMARY KEY (month, phase, shard)
) STRICT;

-- What holds against an author: by account, e-mail, reader or network.
CREATE TABLE sanctions (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('ban', 'suspend', 'premoderate', 'shadow')),
    target TEXT NOT NULL CHECK (target IN ('account', 'email', 'reader', 'network')),
    target_key TEXT NOT NULL,
    hash_key INTEGER,
    section_id TEXT REFERENCES sections (id),
    reason TEXT,
    note TEXT,
    comment_id TEXT,
    created_by TEXT REFERENCES users (id),
    created_at TEXT NOT NULL,
    ends_at TEXT,
    lifted_at TEXT,
    lifted_by TEXT REFERENCES users (id),
    version INTEGER NOT NULL
) STRICT;

-- The keys that e-mails and networks are hashed with; the newest hashes, all that are not retired compare.
CREATE TABLE hash_keys (
    number INTEGER NOT NULL PRIMARY KEY,
    created_at TEXT NOT NULL,
    retired_at TEXT
) STRICT;

-- Solutions of captchas that were taken: none is taken twice, on any instance.
CREATE TABLE captcha_solutions (
    digest TEXT NOT NULL PRIMARY KEY,
    expires_at TEXT NOT NULL
) STRICT;

-- Words that moderators do not want in comments, or want to see first; entries and exceptions as JSON.
CREATE TABLE word_lists (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    sort_key TEXT NOT NULL,
    kind TEXT NOT NULL,
    locale TEXT,
    is_active INTEGER NOT NULL,
    entries TEXT NOT NULL,
    exceptions TEXT NOT NULL,
    entry_count INTEGER NOT NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;

-- How often each token was in comments that moderators approved and in those that they marked as spam.
CREATE TABLE spam_tokens (
    token TEXT NOT NULL PRIMARY KEY,
    ham INTEGER NOT NULL,
    spam INTEGER NOT NULL
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
