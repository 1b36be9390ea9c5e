-- The network from which a report came, under the key of this number: many readers of one count once.
ALTER TABLE comment_reports ADD COLUMN network_hash TEXT;
ALTER TABLE comment_reports ADD COLUMN hash_key INTEGER;
-- Hashes that are to be forgotten: after a month, or with their key.
CREATE INDEX comment_reports_with_network ON comment_reports (at) WHERE network_hash IS NOT NULL;
CREATE INDEX comment_reports_by_hash_key ON comment_reports (hash_key);

-- How often a phase held a comment in a month. A count is spread over several rows, so that comments that are
-- held at once do not wait for each other. Nothing here tells of a comment: it stays when they are erased.
CREATE TABLE comment_hold_counts (
    month TEXT NOT NULL,
    phase TEXT NOT NULL,
    shard INTEGER NOT NULL,
    held INTEGER NOT NULL,
    PRIMARY KEY (month, phase, shard)
) STRICT;

-- What search engines are to leave out; NULL where it was pressed before this was told. The index holds all that a
-- sitemap says, for the rows themselves are long.
ALTER TABLE published_articles ADD COLUMN no_index INTEGER;
CREATE INDEX published_articles_in_sitemaps
    ON published_articles (position, retracted_at, no_index, locale, updated_at, path, translation_key);
-- Feeds tell what was retracted.
CREATE INDEX published_articles_retracted ON published_articles (position) WHERE retracted_at IS NOT NULL;
