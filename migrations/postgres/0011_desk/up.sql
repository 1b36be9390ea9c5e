-- Which version of the working copy a revision holds, how many bytes, and which revision it went back to.
ALTER TABLE article_revisions ADD COLUMN version BIGINT;
ALTER TABLE article_revisions ADD COLUMN size INTEGER;
ALTER TABLE article_revisions ADD COLUMN reverted_to INTEGER;
-- From here on every working copy stands in a revision, so that no change of it loses a sentence.
INSERT INTO article_revisions (article_id, number, kind, content, author_id, created_at, version)
SELECT id, 1 + COALESCE((SELECT MAX(number) FROM article_revisions WHERE article_id = articles.id), 0), 'save', content,
    edited_by, edited_at, version
FROM articles WHERE has_unpublished_changes;
UPDATE article_revisions
SET version = (
    SELECT articles.version FROM articles
    WHERE articles.id = article_id AND articles.live_revision = number AND NOT articles.has_unpublished_changes
)
WHERE version IS NULL;
UPDATE article_revisions SET size = OCTET_LENGTH(content);
-- Thinning reads this alone, and no content.
CREATE INDEX article_revisions_by_age ON article_revisions (article_id, number, kind, created_at, size);

-- What somebody typed and has not saved, one slot for each user and article.
CREATE TABLE autosaves (
    article_id TEXT COLLATE "C" NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    base_version BIGINT NOT NULL,
    content TEXT NOT NULL,
    saved_at TIMESTAMP(3) NOT NULL,
    PRIMARY KEY (article_id, user_id)
);
CREATE INDEX autosaves_by_age ON autosaves (saved_at);

-- Who says that they are at work on an article, and until when. Advice: it refuses nobody anything.
CREATE TABLE leases (
    article_id TEXT COLLATE "C" PRIMARY KEY REFERENCES articles (id) ON DELETE CASCADE,
    user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    since TIMESTAMP(3) NOT NULL,
    until TIMESTAMP(3) NOT NULL
);
CREATE INDEX leases_by_user ON leases (user_id, until);

-- What colleagues tell each other about an article, or about a block of it. Never public.
CREATE TABLE article_notes (
    id TEXT COLLATE "C" PRIMARY KEY,
    article_id TEXT COLLATE "C" NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    block_id TEXT COLLATE "C",
    body TEXT NOT NULL,
    author_id TEXT COLLATE "C" REFERENCES users (id),
    version BIGINT NOT NULL,
    created_at TIMESTAMP(3) NOT NULL,
    updated_at TIMESTAMP(3) NOT NULL,
    resolved_at TIMESTAMP(3),
    resolved_by TEXT COLLATE "C" REFERENCES users (id)
);
CREATE INDEX article_notes_by_article ON article_notes (article_id, id);
CREATE INDEX article_notes_open ON article_notes (article_id) WHERE resolved_at IS NULL;

-- They take the place of the one note that an article had, whose author nobody wrote down.
INSERT INTO article_notes (id, article_id, body, version, created_at, updated_at)
SELECT id, id, internal_note, 1, edited_at, edited_at FROM articles WHERE internal_note IS NOT NULL;
ALTER TABLE articles DROP COLUMN internal_note;

-- By which the desk finds its lists.
CREATE INDEX articles_by_review ON articles (review, edited_at, id);
CREATE INDEX articles_by_assignee ON articles (assignee_id, edited_at, id);
CREATE INDEX articles_by_creator ON articles (created_by, edited_at, id);
