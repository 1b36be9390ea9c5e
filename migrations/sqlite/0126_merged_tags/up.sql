-- Tags that became another, or are about to: while articles that carry one are brought over, its own row is still there.
-- Older revisions name it for ever.
CREATE TABLE merged_tags (
    id TEXT NOT NULL PRIMARY KEY,
    into_id TEXT NOT NULL REFERENCES tags (id) ON DELETE CASCADE
) STRICT;
CREATE INDEX merged_tags_by_successor ON merged_tags (into_id);
