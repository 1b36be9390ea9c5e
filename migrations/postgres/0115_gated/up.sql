-- A gated article whole, for those who may read it all; its row in published_articles holds the preview, which is for
-- everybody. An article that everybody may read has none.
CREATE TABLE gated_articles (
    article_id TEXT COLLATE "C" PRIMARY KEY REFERENCES published_articles (id) ON DELETE CASCADE,
    access TEXT COLLATE "C" NOT NULL CHECK (access IN ('registered', 'subscribers')),
    article_json TEXT NOT NULL,
    outline TEXT NOT NULL
);

-- Until it is pressed anew, a gated article is found by nothing: all of it was indexed. In stored JSON only a member's
-- name stands between quotation marks without a backslash.
DELETE FROM search_index WHERE number IN (
    SELECT position FROM published_articles WHERE card_json NOT LIKE '%"access":"free"%'
);
