-- What a link of its own shows of an article before it is public: a pressed copy, by the digest of its token.
CREATE TABLE preview_articles (
    digest TEXT NOT NULL PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    article_id TEXT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    revision INTEGER,
    during_embargo INTEGER NOT NULL,
    embargo_until TEXT,
    created_by TEXT NOT NULL REFERENCES users (id),
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    locale TEXT NOT NULL,
    translation_key TEXT NOT NULL,
    section_id TEXT,
    article_json TEXT,
    outline TEXT,
    comment_mode TEXT,
    breaking_until TEXT,
    pressed_at TEXT NOT NULL,
    press_format INTEGER NOT NULL
) STRICT;
CREATE INDEX preview_articles_by_article ON preview_articles (article_id, id);
CREATE INDEX preview_articles_by_end ON preview_articles (expires_at);
CREATE INDEX preview_articles_by_section ON preview_articles (section_id);
