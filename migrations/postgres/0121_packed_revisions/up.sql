-- What a revision holds, packed: then `content` is empty.
ALTER TABLE article_revisions ADD COLUMN packed BYTEA;
