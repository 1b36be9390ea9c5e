-- What a link of its own shows of an article before it is public: a pressed copy, by the digest of its token.
CREATE TABLE preview_articles (
    digest TEXT COLLATE "C" PRIMARY KEY,
    id TEXT COLLATE "C" NOT NULL UNIQUE,
    article_id TEXT COLLATE "C" NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    revision INTEGER,
    during_embargo BOOLEAN NOT NULL,
    embargo_until TIMESTAMP(3),
    created_by TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    created_at TIMESTAMP(3) NOT NULL,
    expires_at TIMESTAMP(3) NOT NULL,
    locale TEXT NOT NULL,
    translation_key TEXT NOT NULL,
    section_id TEXT COLLATE "C",
    article_json TEXT,
    outline TEXT,
    comment_mode TEXT,
    breaking_until TIMESTAMP(3),
    pressed_at TIMESTAMP(3) NOT NULL,
    press_format INTEGER NOT NULL
);
CREATE INDEX preview_articles_by_article ON preview_articles (article_id, id);
CREATE INDEX preview_articles_by_end ON preview_articles (expires_at);
CREATE INDEX preview_articles_by_section ON preview_articles (section_id);
