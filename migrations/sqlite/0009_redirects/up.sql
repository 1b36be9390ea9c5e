-- What editors need of a row of `paths` that is a redirect: a name that does not change (`id`), a version for If-Match,
-- where it came from, who made it, and why. `paths` stays the one table of public paths, so that its primary key still
-- decides who has a path, whoever asks for it.
--
-- All of these may be null: while a release is rolled out, instances of the release before add rows without them. The
-- rows that are here get theirs now, later ones from the sweep of background jobs; all four of id, origin, version and
-- updated_at are null, or none is. The ids made here are random; the program's own are UUIDv7.
ALTER TABLE paths ADD COLUMN id TEXT;
ALTER TABLE paths ADD COLUMN origin TEXT CHECK (origin IN ('automatic', 'editor', 'import'));
ALTER TABLE paths ADD COLUMN note TEXT;
ALTER TABLE paths ADD COLUMN version INTEGER;
ALTER TABLE paths ADD COLUMN created_by TEXT;
ALTER TABLE paths ADD COLUMN updated_at TEXT;

UPDATE paths SET
    id = lower(hex(randomblob(4))) || '-' || lower(hex(randomblob(2))) || '-4' || substr(lower(hex(randomblob(2))), 2)
        || '-' || substr('89ab', abs(random() % 4) + 1, 1) || substr(lower(hex(randomblob(2))), 2)
        || '-' || lower(hex(randomblob(6))),
    origin = 'automatic', version = 1, updated_at = created_at;

-- One step leads to the end: until now a row followed its own article or section only, so that a deleted section could
-- lead to the old path of the one that took its articles.
WITH RECURSIVE steps (path, location, depth) AS (
    SELECT path, location, 0 FROM paths WHERE status = 'moved'
    UNION ALL
    SELECT steps.path, further.location, steps.depth + 1
    FROM steps JOIN paths AS further ON further.path = steps.location AND further.status = 'moved'
    WHERE steps.depth < 32
)
UPDATE paths SET location = (
    SELECT steps.location FROM steps WHERE steps.path = paths.path ORDER BY steps.depth DESC LIMIT 1
)
WHERE status = 'moved' AND location IN (SELECT further.path FROM paths AS further WHERE further.status = 'moved');

-- A deleted article leaves no path behind that nobody can free: it is gone, and nobody's.
UPDATE paths SET status = 'gone', kind = 'redirect', target_id = NULL, location = NULL, http_status = 410
WHERE kind = 'article' AND NOT EXISTS (SELECT 1 FROM articles WHERE articles.id = paths.target_id);

CREATE UNIQUE INDEX paths_by_id ON paths (id);
-- What leads to a path, when that path moves.
CREATE INDEX paths_by_location ON paths (location);
-- The list of redirects in the order of their paths.
CREATE INDEX paths_by_origin ON paths (status, origin, path);
