-- An article shows others: those that it interlinks, by their titles and paths, and its translations. When one of these
-- changes, the article is told anew.

-- Which live articles interlink which; the target may not be live. Triggers write it from the outlines, so that what an
-- instance of the release before presses stands in it too.
CREATE TABLE published_interlinks (
    target_id TEXT NOT NULL,
    article_id TEXT NOT NULL REFERENCES published_articles (id) ON DELETE CASCADE,
    PRIMARY KEY (target_id, article_id)
) STRICT;
CREATE INDEX published_interlinks_by_article ON published_interlinks (article_id);

INSERT INTO published_interlinks (target_id, article_id)
SELECT linked.value, published_articles.id FROM published_articles, json_each(published_articles.outline, '$.interlinks') AS linked
WHERE instr(published_articles.outline, '"interlinks":["') > 0
UNION
SELECT linked.value, gated_articles.article_id FROM gated_articles, json_each(gated_articles.outline, '$.interlinks') AS linked
WHERE instr(gated_articles.outline, '"interlinks":["') > 0;

CREATE TRIGGER interlinks_inserted AFTER INSERT ON published_articles
WHEN instr(NEW.outline, '"interlinks":["') > 0
BEGIN
    INSERT INTO published_interlinks (target_id, article_id)
    SELECT DISTINCT value, NEW.id FROM json_each(NEW.outline, '$.interlinks');
END;

CREATE TRIGGER interlinks_updated AFTER UPDATE OF outline ON published_articles
BEGIN
    DELETE FROM published_interlinks WHERE article_id = NEW.id;
    INSERT INTO published_interlinks (target_id, article_id)
    SELECT DISTINCT value, NEW.id FROM json_each(NEW.outline, '$.interlinks');
END;

-- The whole form may interlink more than the preview.
CREATE TRIGGER interlinks_of_whole_form AFTER INSERT ON gated_articles
WHEN instr(NEW.outline, '"interlinks":["') > 0
BEGIN
    INSERT INTO published_interlinks (target_id, article_id)
    SELECT DISTINCT value, NEW.article_id FROM json_each(NEW.outline, '$.interlinks')
    WHERE value NOT IN (SELECT target_id FROM published_interlinks WHERE article_id = NEW.article_id);
END;

CREATE TRIGGER interlinking_told_of_inserted AFTER INSERT ON published_articles
WHEN EXISTS (SELECT 1 FROM published_interlinks WHERE target_id = NEW.id)
BEGIN
    DELETE FROM changes WHERE kind = 'article'
    AND target_id IN (SELECT article_id FROM published_interlinks WHERE target_id = NEW.id);
    INSERT INTO changes (kind, target_id, path, op, version)
    SELECT 'article', id, path, 'upsert', revision_number FROM published_articles
    WHERE id IN (SELECT article_id FROM published_interlinks WHERE target_id = NEW.id);
END;

CREATE TRIGGER interlinking_told_of_updated AFTER UPDATE OF path, card_json, section_id, retracted_at ON published_articles
WHEN (OLD.path <> NEW.path OR OLD.card_json <> NEW.card_json OR OLD.section_id <> NEW.section_id
    OR OLD.retracted_at IS NOT NEW.retracted_at)
    AND EXISTS (SELECT 1 FROM published_interlinks WHERE target_id = NEW.id)
BEGIN
    DELETE FROM changes WHERE kind = 'article'
    AND target_id IN (SELECT article_id FROM published_interlinks WHERE target_id = NEW.id);
    INSERT INTO changes (kind, target_id, path, op, version)
    SELECT 'article', id, path, 'upsert', revision_number FROM published_articles
    WHERE id IN (SELECT article_id FROM published_interlinks WHERE target_id = NEW.id);
END;

CREATE TRIGGER interlinking_told_of_deleted AFTER DELETE ON published_articles
WHEN EXISTS (SELECT 1 FROM published_interlinks WHERE target_id = OLD.id AND article_id <> OLD.id)
BEGIN
    DELETE FROM changes WHERE kind = 'article'
    AND target_id IN (SELECT article_id FROM published_interlinks WHERE target_id = OLD.id AND article_id <> OLD.id);
    INSERT INTO changes (kind, target_id, path, op, version)
    SELECT 'article', id, path, 'upsert', revision_number FROM published_articles
    WHERE id IN (SELECT article_id FROM published_interlinks WHERE target_id = OLD.id AND article_id <> OLD.id);
END;

CREATE TRIGGER translations_told_of_inserted AFTER INSERT ON published_articles
WHEN EXISTS (SELECT 1 FROM published_articles WHERE translation_key = NEW.translation_key AND id <> NEW.id)
BEGIN
    DELETE FROM changes WHERE kind = 'article'
    AND target_id IN (SELECT id FROM published_articles WHERE translation_key = NEW.translation_key AND id <> NEW.id);
    INSERT INTO changes (kind, target_id, path, op, version)
    SELECT 'article', id, path, 'upsert', revision_number FROM published_articles
    WHERE translation_key = NEW.translation_key AND id <> NEW.id;
END;

CREATE TRIGGER translations_told_of_updated AFTER UPDATE OF path, locale, translation_key, retracted_at ON published_articles
WHEN (OLD.path <> NEW.path OR OLD.locale <> NEW.locale OR OLD.translation_key IS NOT NEW.translation_key
    OR OLD.retracted_at IS NOT NEW.retracted_at)
    AND EXISTS (SELECT 1 FROM published_articles
        WHERE translation_key IN (OLD.translation_key, NEW.translation_key) AND id <> NEW.id)
BEGIN
    DELETE FROM changes WHERE kind = 'article' AND target_id IN (SELECT id FROM published_articles
        WHERE translation_key IN (OLD.translation_key, NEW.translation_key) AND id <> NEW.id);
    INSERT INTO changes (kind, target_id, path, op, version)
    SELECT 'article', id, path, 'upsert', revision_number FROM published_articles
    WHERE translation_key IN (OLD.translation_key, NEW.translation_key) AND id <> NEW.id;
END;

CREATE TRIGGER translations_told_of_deleted AFTER DELETE ON published_articles
WHEN EXISTS (SELECT 1 FROM published_articles WHERE translation_key = OLD.translation_key)
BEGIN
    DELETE FROM changes WHERE kind = 'article'
    AND target_id IN (SELECT id FROM published_articles WHERE translation_key = OLD.translation_key);
    INSERT INTO changes (kind, target_id, path, op, version)
    SELECT 'article', id, path, 'upsert', revision_number FROM published_articles
    WHERE translation_key = OLD.translation_key;
END;

-- An article that is put into another section shows that one. Where it moved, the redirect at its old path is told behind
-- it: whoever keeps pages by their paths takes the old page away first.
DROP TRIGGER articles_updated;
CREATE TRIGGER articles_updated AFTER UPDATE OF path, card_json, article_json, section_id, revision_number, retracted_at ON published_articles
BEGIN
    DELETE FROM changes WHERE kind = 'article' AND target_id = NEW.id;
    INSERT INTO changes (kind, target_id, path, op, version)
    VALUES ('article', NEW.id, NEW.path, 'upsert', NEW.revision_number);
    DELETE FROM changes WHERE kind = 'redirect' AND target_id = OLD.path AND OLD.path <> NEW.path AND op = 'upsert';
    INSERT INTO changes (kind, target_id, path, op, version)
    SELECT 'redirect', path, path, 'upsert', COALESCE(version, 1) FROM paths
    WHERE path = OLD.path AND OLD.path <> NEW.path AND status IN ('moved', 'gone');
END;

-- The path of a tag or a contributor that is deleted is the one where it was last.
DROP TRIGGER tags_deleted;
CREATE TRIGGER tags_deleted AFTER DELETE ON tags
BEGIN
    DELETE FROM changes WHERE kind = 'tag' AND target_id = OLD.id;
    INSERT INTO changes (kind, target_id, path, op, version)
    VALUES ('tag', OLD.id, (SELECT path FROM paths WHERE kind = 'tag' AND target_id = OLD.id
        ORDER BY status = 'live' DESC, length(path), path LIMIT 1), 'delete', OLD.version);
END;

DROP TRIGGER contributors_deleted;
CREATE TRIGGER contributors_deleted AFTER DELETE ON contributors
BEGIN
    DELETE FROM changes WHERE kind = 'contributor' AND target_id = OLD.id;
    INSERT INTO changes (kind, target_id, path, op, version)
    VALUES ('contributor', OLD.id, (SELECT path FROM paths WHERE kind = 'contributor' AND target_id = OLD.id
        ORDER BY status = 'live' DESC, length(path), path LIMIT 1), 'delete', OLD.version);
END;
