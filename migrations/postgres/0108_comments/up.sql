-- `body_html` is the body as safe HTML, `body_digest` that of the folded text, by which repetitions are found.
-- Who wrote it are keyed hashes, under the key of the number `hash_key`; `user_id` and `contributor_id` where
-- it was somebody of the newsroom, and under which byline. `report_count` counts reports since the last
-- decision. `erased_from` is the state that an erased comment had: what hid its answers hides them still.
CREATE TABLE comments (
    id TEXT COLLATE "C" PRIMARY KEY,
    article_id TEXT COLLATE "C" NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    parent_id TEXT COLLATE "C" REFERENCES comments (id),
    root_id TEXT COLLATE "C" NOT NULL,
    depth INTEGER NOT NULL,
    author_name TEXT NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'approved', 'rejected', 'spam', 'deleted', 'erased')),
    is_visible BOOLEAN NOT NULL,
    verdicts TEXT NOT NULL,
    reader_digest TEXT COLLATE "C",
    edit_token_digest TEXT COLLATE "C",
    created_at TIMESTAMP(3) NOT NULL,
    decided_at TIMESTAMP(3),
    decided_by TEXT COLLATE "C" REFERENCES users (id),
    body_html TEXT,
    body_digest TEXT COLLATE "C",
    email_hash TEXT COLLATE "C",
    network_hash TEXT COLLATE "C",
    hash_key INTEGER,
    user_id TEXT COLLATE "C" REFERENCES users (id),
    contributor_id TEXT COLLATE "C" REFERENCES contributors (id),
    spam_score DOUBLE PRECISION,
    edited_at TIMESTAMP(3),
    featured_at TIMESTAMP(3),
    pinned_at TIMESTAMP(3),
    reaction_count BIGINT NOT NULL,
    report_count BIGINT NOT NULL,
    erased_from TEXT
);

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

-- Visible comments per article; outlives unpublish.
CREATE TABLE comment_counts (
    article_id TEXT COLLATE "C" PRIMARY KEY REFERENCES articles (id) ON DELETE CASCADE,
    approved BIGINT NOT NULL
);

-- Readers who like a comment.
CREATE TABLE comment_reactions (
    comment_id TEXT COLLATE "C" NOT NULL REFERENCES comments (id) ON DELETE CASCADE,
    reader_digest TEXT COLLATE "C" NOT NULL,
    at TIMESTAMP(3) NOT NULL,
    PRIMARY KEY (comment_id, reader_digest)
);

-- Readers who find that a comment must go. Settled by the next decision. `network_hash` is the network from
-- which a report came, under the key of the number `hash_key`: many readers of one count once.
CREATE TABLE comment_reports (
    id TEXT COLLATE "C" PRIMARY KEY,
    comment_id TEXT COLLATE "C" NOT NULL REFERENCES comments (id) ON DELETE CASCADE,
    reader_digest TEXT COLLATE "C" NOT NULL,
    reason TEXT NOT NULL,
    note TEXT,
    at TIMESTAMP(3) NOT NULL,
    settled_at TIMESTAMP(3),
    network_hash TEXT COLLATE "C",
    hash_key INTEGER,
    UNIQUE (comment_id, reader_digest)
);

-- The card that a moderator holds, and until when.
CREATE TABLE comment_claims (
    comment_id TEXT COLLATE "C" PRIMARY KEY REFERENCES comments (id) ON DELETE CASCADE,
    user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    until TIMESTAMP(3) NOT NULL
);

-- Every decision ever taken; rows are added and never changed, and outlive what they name.
CREATE TABLE moderation_log (
    id TEXT COLLATE "C" PRIMARY KEY,
    comment_id TEXT COLLATE "C" NOT NULL,
    article_id TEXT COLLATE "C" NOT NULL,
    moderator_id TEXT COLLATE "C",
    action TEXT NOT NULL,
    from_state TEXT NOT NULL,
    to_state TEXT NOT NULL,
    reason TEXT,
    note TEXT,
    at TIMESTAMP(3) NOT NULL
);

-- For which reasons phases held a comment: the holds among its verdicts, once more, to be looked up.
CREATE TABLE comment_holds (
    comment_id TEXT COLLATE "C" NOT NULL REFERENCES comments (id) ON DELETE CASCADE,
    reason TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (comment_id, reason)
);

-- How often a phase held a comment in a month. A count is spread over several rows, so that comments that are
-- held at once do not wait for each other. Nothing here tells of a comment: it stays when they are erased.
CREATE TABLE comment_hold_counts (
    month TEXT COLLATE "C" NOT NULL,
    phase TEXT COLLATE "C" NOT NULL,
    shard INTEGER NOT NULL,
    held BIGINT NOT NULL,
    PRIMARY KEY (month, phase, shard)
);

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

-- The keys that e-mails and networks are hashed with; the newest hashes, all that are not retired compare.
CREATE TABLE hash_keys (
    number INTEGER PRIMARY KEY,
    created_at TIMESTAMP(3) NOT NULL,
    retired_at TIMESTAMP(3)
);

-- Solutions of captchas that were taken: none is taken twice, on any instance.
CREATE TABLE captcha_solutions (
    digest TEXT COLLATE "C" PRIMARY KEY,
    expires_at TIMESTAMP(3) NOT NULL
);

-- Words that moderators do not want in comments, or want to see first; entries and exceptions as JSON.
CREATE TABLE word_lists (
    id TEXT COLLATE "C" PRIMARY KEY,
    name TEXT NOT NULL,
    sort_key TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    locale TEXT COLLATE "C",
    is_active BOOLEAN NOT NULL,
    entries TEXT NOT NULL,
    exceptions TEXT NOT NULL,
    entry_count INTEGER NOT NULL,
    version BIGINT NOT NULL,
    created_at TIMESTAMP(3) NOT NULL,
    updated_at TIMESTAMP(3) NOT NULL
);

-- How often each token was in comments that moderators approved and in those that they marked as spam.
CREATE TABLE spam_tokens (
    token TEXT COLLATE "C" PRIMARY KEY,
    ham BIGINT NOT NULL,
    spam BIGINT NOT NULL
);

-- What somebody asks of the house about their own data, until they prove who they are, or time is up.
CREATE TABLE privacy_requests (
    id TEXT COLLATE "C" PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('export', 'erase')),
    mode TEXT CHECK (mode IN ('erase', 'anonymise')),
    reader_digest TEXT COLLATE "C",
    email_hashes TEXT NOT NULL,
    comment_id TEXT COLLATE "C",
    token_digest TEXT COLLATE "C" NOT NULL,
    created_by TEXT COLLATE "C" REFERENCES users (id),
    created_at TIMESTAMP(3) NOT NULL,
    expires_at TIMESTAMP(3) NOT NULL
);
