-- Who made an article live. Rows from before have nobody.
ALTER TABLE articles ADD COLUMN published_by TEXT REFERENCES users (id);
-- One article of a story in each language; what is thrown away or killed leaves its place.
CREATE UNIQUE INDEX articles_by_language ON articles (translation_key, locale) WHERE state NOT IN ('trashed', 'killed');

-- Set when the article is killed: from then on only a permission of its own reads the revision.
ALTER TABLE article_revisions ADD COLUMN sealed_at TEXT;

-- By which the public article finds its translations.
ALTER TABLE published_articles ADD COLUMN translation_key TEXT;
UPDATE published_articles
SET translation_key = (SELECT articles.translation_key FROM articles WHERE articles.id = published_articles.id);
CREATE INDEX published_articles_by_translation ON published_articles (translation_key);

-- What readers were told about an article after it was published. Killing it deletes them; the note
-- of the revision keeps the text, sealed.
CREATE TABLE corrections (
    id TEXT NOT NULL PRIMARY KEY,
    article_id TEXT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('correction', 'clarification', 'update', 'editors_note', 'retraction')),
    text TEXT NOT NULL,
    at TEXT NOT NULL,
    author_id TEXT REFERENCES users (id)
) STRICT;
CREATE INDEX corrections_by_article ON corrections (article_id, id);

-- The same for readers: those of live articles.
CREATE TABLE published_corrections (
    id TEXT NOT NULL PRIMARY KEY,
    article_id TEXT NOT NULL REFERENCES published_articles (id) ON DELETE CASCADE,
    locale TEXT NOT NULL,
    kind TEXT NOT NULL,
    text TEXT NOT NULL,
    at TEXT NOT NULL
) STRICT;
CREATE INDEX published_corrections_by_article ON published_corrections (article_id, id);
CREATE INDEX published_corrections_by_time ON published_corrections (at, id);
CREATE INDEX published_corrections_by_locale ON published_corrections (locale, at, id);

-- What was taken down for good: killed articles and deleted ones. It outlives them, and a backup from
-- before is held against it; so nothing here refers to another table.
CREATE TABLE takedowns (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('kill', 'purge')),
    article_id TEXT NOT NULL,
    notice TEXT,
    reason TEXT,
    at TEXT NOT NULL,
    actor_id TEXT
) STRICT;
CREATE UNIQUE INDEX takedowns_by_article ON takedowns (article_id, kind);

-- Who did what, when and from where. Rows are added and never changed.
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
CREATE INDEX audit_by_target ON audit (target_kind, target_id, id);
CREATE INDEX audit_by_user ON audit (user_id, id);
CREATE INDEX audit_by_action ON audit (action, id);
