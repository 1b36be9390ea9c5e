-- Who made an article live. Rows from before have nobody.
ALTER TABLE articles ADD COLUMN published_by TEXT COLLATE "C" REFERENCES users (id);
-- One article of a story in each language; what is thrown away or killed leaves its place.
CREATE UNIQUE INDEX articles_by_language ON articles (translation_key, locale) WHERE state NOT IN ('trashed', 'killed');

-- Set when the article is killed: from then on only a permission of its own reads the revision.
ALTER TABLE article_revisions ADD COLUMN sealed_at TIMESTAMP(3);

-- By which the public article finds its translations.
ALTER TABLE published_articles ADD COLUMN translation_key TEXT COLLATE "C";
UPDATE published_articles
SET translation_key = (SELECT articles.translation_key FROM articles WHERE articles.id = published_articles.id);
CREATE INDEX published_articles_by_translation ON published_articles (translation_key);

-- What readers were told about an article after it was published. Killing it deletes them; the note
-- of the revision keeps the text, sealed.
CREATE TABLE corrections (
    id TEXT COLLATE "C" PRIMARY KEY,
    article_id TEXT COLLATE "C" NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('correction', 'clarification', 'update', 'editors_note', 'retraction')),
    text TEXT NOT NULL,
    at TIMESTAMP(3) NOT NULL,
    author_id TEXT COLLATE "C" REFERENCES users (id)
);
CREATE INDEX corrections_by_article ON corrections (article_id, id);

-- The same for readers: those of live articles.
CREATE TABLE published_corrections (
    id TEXT COLLATE "C" PRIMARY KEY,
    article_id TEXT COLLATE "C" NOT NULL REFERENCES published_articles (id) ON DELETE CASCADE,
    locale TEXT COLLATE "C" NOT NULL,
    kind TEXT NOT NULL,
    text TEXT NOT NULL,
    at TIMESTAMP(3) NOT NULL
);
CREATE INDEX published_corrections_by_article ON published_corrections (article_id, id);
CREATE INDEX published_corrections_by_time ON published_corrections (at, id);
CREATE INDEX published_corrections_by_locale ON published_corrections (locale, at, id);

-- What was taken down for good: killed articles and deleted ones. It outlives them, and a backup from
-- before is held against it; so nothing here refers to another table.
CREATE TABLE takedowns (
    id TEXT COLLATE "C" PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('kill', 'purge')),
    article_id TEXT COLLATE "C" NOT NULL,
    notice TEXT,
    reason TEXT,
    at TIMESTAMP(3) NOT NULL,
    actor_id TEXT COLLATE "C"
);
CREATE UNIQUE INDEX takedowns_by_article ON takedowns (article_id, kind);

-- Who did what, when and from where. Rows are added and never changed.
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
CREATE INDEX audit_by_target ON audit (target_kind, target_id, id);
CREATE INDEX audit_by_user ON audit (user_id, id);
CREATE INDEX audit_by_action ON audit (action, id);
