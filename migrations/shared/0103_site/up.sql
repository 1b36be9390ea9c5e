CREATE INDEX paths_by_target ON paths (target_id);
CREATE UNIQUE INDEX paths_by_id ON paths (id);
-- What leads to a path, when that path moves.
CREATE INDEX paths_by_location ON paths (location);
-- The list of redirects in the order of their paths.
CREATE INDEX paths_by_origin ON paths (status, origin, path);
CREATE INDEX sections_by_parent ON sections (parent_id);
CREATE INDEX tags_by_sort_key ON tags (sort_key, id);
-- One kind of tag in the order of its name.
CREATE INDEX tags_by_kind ON tags (kind, sort_key, id);
CREATE INDEX contributors_by_sort_key ON contributors (sort_key, id);
CREATE UNIQUE INDEX takedowns_by_article ON takedowns (article_id, kind);
