-- What readers see, and when each thing of it changed last: one row for each that is live, and for a while one for each
-- that is live no more. Whoever follows walks them in their order; a thing that changes again moves to the end, so that
-- nobody misses it and nobody is told what is no longer so. Triggers write the rows, so that no way of writing what
-- readers see can forget to; the program says `at` and `position`
-- before it commits.
CREATE TABLE changes (
    seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    position INTEGER UNIQUE,
    kind TEXT NOT NULL,
    target_id TEXT NOT NULL,
    path TEXT,
    op TEXT NOT NULL CHECK (op IN ('upsert', 'delete')),
    version INTEGER NOT NULL,
    at TEXT,
    UNIQUE (kind, target_id)
) STRICT;
CREATE INDEX changes_without_place ON changes (seq) WHERE position IS NULL;
CREATE INDEX changes_of_deletions ON changes (at) WHERE op = 'delete';

-- Which database this is: places in one order mean nothing in another.
CREATE TABLE change_feeds (
    id TEXT NOT NULL PRIMARY KEY
) STRICT;
INSERT INTO change_feeds (id) VALUES (lower(hex(randomblob(16))));

CREATE TRIGGER articles_inserted AFTER INSERT ON published_articles
BEGIN
    DELETE FROM changes WHERE kind = 'article' AND target_id = NEW.id;
    INSERT INTO changes (kind, target_id, path, op, version)
    VALUES ('article', NEW.id, NEW.path, 'upsert', NEW.revision_number);
END;

CREATE TRIGGER articles_updated AFTER UPDATE OF path, card_json, article_json, revision_number, retracted_at ON published_articles
BEGIN
    DELETE FROM changes WHERE kind = 'article' AND target_id = NEW.id;
    INSERT INTO changes (kind, target_id, path, op, version)
    VALUES ('article', NEW.id, NEW.path, 'upsert', NEW.revision_number);
END;

CREATE TRIGGER articles_deleted AFTER DELETE ON published_articles
BEGIN
    DELETE FROM changes WHERE kind = 'article' AND target_id = OLD.id;
    INSERT INTO changes (kind, target_id, path, op, version)
    VALUES ('article', OLD.id, OLD.path, 'delete', OLD.revision_number);
END;

CREATE TRIGGER sections_inserted AFTER INSERT ON sections
BEGIN
    DELETE FROM changes WHERE kind = 'section' AND target_id = NEW.id;
    INSERT INTO changes (kind, target_id, path, op, version)
    VALUES ('section', NEW.id, NEW.path, 'upsert', NEW.version);
END;

CREATE TRIGGER sections_updated AFTER UPDATE ON sections
BEGIN
    DELETE FROM changes WHERE kind = 'section' AND target_id = NEW.id;
    INSERT INTO changes (kind, target_id, path, op, version)
    VALUES ('section', NEW.id, NEW.path, 'upsert', NEW.version);
END;

CREATE TRIGGER sections_deleted AFTER DELETE ON sections
BEGIN
    DELETE FROM changes WHERE kind = 'section' AND target_id = OLD.id;
    INSERT INTO changes (kind, target_id, path, op, version)
    VALUES ('section', OLD.id, OLD.path, 'delete', OLD.version);
END;

CREATE TRIGGER tags_inserted AFTER INSERT ON tags
BEGIN
    DELETE FROM changes WHERE kind = 'tag' AND target_id = NEW.id;
    INSERT INTO changes (kind, target_id, path, op, version)
    VALUES ('tag', NEW.id, NULL, 'upsert', NEW.version);
END;

CREATE TRIGGER tags_updated AFTER UPDATE ON tags
BEGIN
    DELETE FROM changes WHERE kind = 'tag' AND target_id = NEW.id;
    INSERT INTO changes (kind, target_id, path, op, version)
    VALUES ('tag', NEW.id, NULL, 'upsert', NEW.version);
END;

CREATE TRIGGER tags_deleted AFTER DELETE ON tags
BEGIN
    DELETE FROM changes WHERE kind = 'tag' AND target_id = OLD.id;
    INSERT INTO changes (kind, target_id, path, op, version)
    VALUES ('tag', OLD.id, (SELECT path FROM paths WHERE kind = 'tag' AND target_id = OLD.id ORDER BY length(path), path LIMIT 1), 'delete', OLD.version);
END;

CREATE TRIGGER contributors_inserted AFTER INSERT ON contributors
BEGIN
    DELETE FROM changes WHERE kind = 'contributor' AND target_id = NEW.id;
    INSERT INTO changes (kind, target_id, path, op, version)
    VALUES ('contributor', NEW.id, NULL, 'upsert', NEW.version);
END;

CREATE TRIGGER contributors_updated AFTER UPDATE ON contributors
BEGIN
    DELETE FROM changes WHERE kind = 'contributor' AND target_id = NEW.id;
    INSERT INTO changes (kind, target_id, path, op, version)
    VALUES ('contributor', NEW.id, NULL, 'upsert', NEW.version);
END;

CREATE TRIGGER contributors_deleted AFTER DELETE ON contributors
BEGIN
    DELETE FROM changes WHERE kind = 'contributor' AND target_id = OLD.id;
    INSERT INTO changes (kind, target_id, path, op, version)
    VALUES ('contributor', OLD.id, (SELECT path FROM paths WHERE kind = 'contributor' AND target_id = OLD.id ORDER BY length(path), path LIMIT 1), 'delete', OLD.version);
END;

CREATE TRIGGER redirects_inserted AFTER INSERT ON paths
WHEN NEW.status IN ('moved', 'gone')
BEGIN
    DELETE FROM changes WHERE kind = 'redirect' AND target_id = NEW.path;
    INSERT INTO changes (kind, target_id, path, op, version)
    VALUES ('redirect', NEW.path, NEW.path, 'upsert', COALESCE(NEW.version, 1));
END;

CREATE TRIGGER redirects_updated AFTER UPDATE OF status, location, http_status ON paths
WHEN NEW.status IN ('moved', 'gone')
BEGIN
    DELETE FROM changes WHERE kind = 'redirect' AND target_id = NEW.path;
    INSERT INTO changes (kind, target_id, path, op, version)
    VALUES ('redirect', NEW.path, NEW.path, 'upsert', COALESCE(NEW.version, 1));
END;

CREATE TRIGGER redirects_taken_back AFTER UPDATE OF status ON paths
WHEN OLD.status IN ('moved', 'gone') AND NEW.status NOT IN ('moved', 'gone')
BEGIN
    DELETE FROM changes WHERE kind = 'redirect' AND target_id = OLD.path;
    INSERT INTO changes (kind, target_id, path, op, version)
    VALUES ('redirect', OLD.path, OLD.path, 'delete', COALESCE(OLD.version, 1));
END;

CREATE TRIGGER redirects_deleted AFTER DELETE ON paths
WHEN OLD.status IN ('moved', 'gone')
BEGIN
    DELETE FROM changes WHERE kind = 'redirect' AND target_id = OLD.path;
    INSERT INTO changes (kind, target_id, path, op, version)
    VALUES ('redirect', OLD.path, OLD.path, 'delete', COALESCE(OLD.version, 1));
END;

CREATE TRIGGER site_inserted AFTER INSERT ON site
BEGIN
    DELETE FROM changes WHERE kind = 'site' AND target_id = 'site';
    INSERT INTO changes (kind, target_id, path, op, version)
    VALUES ('site', 'site', '/', 'upsert', COALESCE((SELECT version FROM site), 0));
END;

CREATE TRIGGER site_updated AFTER UPDATE ON site
BEGIN
    DELETE FROM changes WHERE kind = 'site' AND target_id = 'site';
    INSERT INTO changes (kind, target_id, path, op, version)
    VALUES ('site', 'site', '/', 'upsert', COALESCE((SELECT version FROM site), 0));
END;

CREATE TRIGGER menus_inserted AFTER INSERT ON menus
BEGIN
    DELETE FROM changes WHERE kind = 'site' AND target_id = 'site';
    INSERT INTO changes (kind, target_id, path, op, version)
    VALUES ('site', 'site', '/', 'upsert', COALESCE((SELECT version FROM site), 0));
END;

CREATE TRIGGER menus_updated AFTER UPDATE ON menus
BEGIN
    DELETE FROM changes WHERE kind = 'site' AND target_id = 'site';
    INSERT INTO changes (kind, target_id, path, op, version)
    VALUES ('site', 'site', '/', 'upsert', COALESCE((SELECT version FROM site), 0));
END;

CREATE TRIGGER menus_deleted AFTER DELETE ON menus
BEGIN
    DELETE FROM changes WHERE kind = 'site' AND target_id = 'site';
    INSERT INTO changes (kind, target_id, path, op, version)
    VALUES ('site', 'site', '/', 'upsert', COALESCE((SELECT version FROM site), 0));
END;

CREATE TRIGGER ad_slots_inserted AFTER INSERT ON ad_slots
BEGIN
    DELETE FROM changes WHERE kind = 'site' AND target_id = 'site';
    INSERT INTO changes (kind, target_id, path, op, version)
    VALUES ('site', 'site', '/', 'upsert', COALESCE((SELECT version FROM site), 0));
END;

CREATE TRIGGER ad_slots_updated AFTER UPDATE ON ad_slots
BEGIN
    DELETE FROM changes WHERE kind = 'site' AND target_id = 'site';
    INSERT INTO changes (kind, target_id, path, op, version)
    VALUES ('site', 'site', '/', 'upsert', COALESCE((SELECT version FROM site), 0));
END;

CREATE TRIGGER ad_slots_deleted AFTER DELETE ON ad_slots
BEGIN
    DELETE FROM changes WHERE kind = 'site' AND target_id = 'site';
    INSERT INTO changes (kind, target_id, path, op, version)
    VALUES ('site', 'site', '/', 'upsert', COALESCE((SELECT version FROM site), 0));
END;

-- What is there already, in an order that does not matter.
INSERT INTO changes (kind, target_id, path, op, version, at)
SELECT 'site', 'site', '/', 'upsert', version, COALESCE((SELECT MAX(at) FROM audit), '2026-01-01 00:00:00.000') FROM site;
INSERT INTO changes (kind, target_id, path, op, version, at)
SELECT 'section', id, path, 'upsert', version, updated_at FROM sections ORDER BY path;
INSERT INTO changes (kind, target_id, path, op, version, at)
SELECT 'tag', id, NULL, 'upsert', version, updated_at FROM tags ORDER BY id;
INSERT INTO changes (kind, target_id, path, op, version, at)
SELECT 'contributor', id, NULL, 'upsert', version, updated_at FROM contributors ORDER BY id;
INSERT INTO changes (kind, target_id, path, op, version, at)
SELECT 'article', id, path, 'upsert', revision_number, updated_at FROM published_articles ORDER BY position;
INSERT INTO changes (kind, target_id, path, op, version, at)
SELECT 'redirect', path, path, 'upsert', COALESCE(version, 1), COALESCE(updated_at, created_at)
FROM paths WHERE status IN ('moved', 'gone') ORDER BY path;
UPDATE changes SET position = seq;
