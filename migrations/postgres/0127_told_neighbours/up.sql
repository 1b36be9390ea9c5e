-- An article shows others: those that it interlinks, by their titles and paths, and its translations. When one of these
-- changes, the article is told anew.

-- Which live articles interlink which; the target may not be live. Triggers write it from the outlines, so that what an
-- instance of the release before presses stands in it too.
CREATE TABLE published_interlinks (
    target_id TEXT COLLATE "C" NOT NULL,
    article_id TEXT COLLATE "C" NOT NULL REFERENCES published_articles (id) ON DELETE CASCADE,
    PRIMARY KEY (target_id, article_id)
);
CREATE INDEX published_interlinks_by_article ON published_interlinks (article_id);

INSERT INTO published_interlinks (target_id, article_id)
SELECT json_array_elements_text(outline::json -> 'interlinks'), id FROM published_articles
WHERE position('"interlinks":["' IN outline) > 0
UNION
SELECT json_array_elements_text(outline::json -> 'interlinks'), article_id FROM gated_articles
WHERE position('"interlinks":["' IN outline) > 0;

-- Rows that are being brought up to this schema stand in temporary tables, which nobody follows.
DO $migration$
BEGIN
    IF current_schema() LIKE 'pg\_temp%' THEN
        RETURN;
    END IF;

    EXECUTE $statement$
        CREATE OR REPLACE FUNCTION note_interlinks(of_article TEXT, with_outline TEXT) RETURNS VOID LANGUAGE SQL AS $$
            INSERT INTO published_interlinks (target_id, article_id)
            SELECT json_array_elements_text(with_outline::json -> 'interlinks'), of_article
            ON CONFLICT DO NOTHING
        $$
    $statement$;

    EXECUTE $statement$
        CREATE OR REPLACE FUNCTION note_interlinks_of_articles() RETURNS TRIGGER LANGUAGE PLPGSQL AS $$
        BEGIN
            IF TG_OP = 'UPDATE' THEN
                DELETE FROM published_interlinks WHERE article_id = NEW.id;
            END IF;
            IF position('"interlinks":["' IN NEW.outline) > 0 THEN
                PERFORM note_interlinks(NEW.id, NEW.outline);
            END IF;
            RETURN NULL;
        END $$
    $statement$;

    EXECUTE $statement$
        CREATE TRIGGER interlinks_changed AFTER INSERT OR UPDATE OF outline ON published_articles
        FOR EACH ROW EXECUTE FUNCTION note_interlinks_of_articles()
    $statement$;

    EXECUTE $statement$
        CREATE OR REPLACE FUNCTION note_interlinks_of_whole_forms() RETURNS TRIGGER LANGUAGE PLPGSQL AS $$
        BEGIN
            IF position('"interlinks":["' IN NEW.outline) > 0 THEN
                PERFORM note_interlinks(NEW.article_id, NEW.outline);
            END IF;
            RETURN NULL;
        END $$
    $statement$;

    -- The whole form may interlink more than the preview.
    EXECUTE $statement$
        CREATE TRIGGER interlinks_of_whole_form AFTER INSERT ON gated_articles
        FOR EACH ROW EXECUTE FUNCTION note_interlinks_of_whole_forms()
    $statement$;

    EXECUTE $statement$
        CREATE OR REPLACE FUNCTION tell_interlinking(of_target TEXT) RETURNS VOID LANGUAGE PLPGSQL AS $$
        BEGIN
            PERFORM note_change('article', p.id, p.path, 'upsert', p.revision_number)
            FROM published_interlinks i JOIN published_articles p ON p.id = i.article_id
            WHERE i.target_id = of_target;
        END $$
    $statement$;

    EXECUTE $statement$
        CREATE OR REPLACE FUNCTION tell_translations(of_story TEXT, of_article TEXT) RETURNS VOID LANGUAGE PLPGSQL AS $$
        BEGIN
            PERFORM note_change('article', p.id, p.path, 'upsert', p.revision_number)
            FROM published_articles p WHERE p.translation_key = of_story AND p.id <> of_article;
        END $$
    $statement$;

    EXECUTE $statement$
        CREATE OR REPLACE FUNCTION tell_neighbours() RETURNS TRIGGER LANGUAGE PLPGSQL AS $$
        BEGIN
            IF TG_OP = 'INSERT' THEN
                PERFORM tell_interlinking(NEW.id);
                PERFORM tell_translations(NEW.translation_key, NEW.id);
            ELSIF TG_OP = 'DELETE' THEN
                PERFORM tell_interlinking(OLD.id);
                PERFORM tell_translations(OLD.translation_key, OLD.id);
            ELSE
                IF (OLD.path, OLD.card_json, OLD.section_id, OLD.retracted_at)
                    IS DISTINCT FROM (NEW.path, NEW.card_json, NEW.section_id, NEW.retracted_at) THEN
                    PERFORM tell_interlinking(NEW.id);
                END IF;
                IF (OLD.path, OLD.locale, OLD.translation_key, OLD.retracted_at)
                    IS DISTINCT FROM (NEW.path, NEW.locale, NEW.translation_key, NEW.retracted_at) THEN
                    PERFORM tell_translations(NEW.translation_key, NEW.id);
                    IF OLD.translation_key IS DISTINCT FROM NEW.translation_key THEN
                        PERFORM tell_translations(OLD.translation_key, NEW.id);
                    END IF;
                END IF;
            END IF;
            RETURN NULL;
        END $$
    $statement$;

    EXECUTE $statement$
        CREATE TRIGGER neighbours_told AFTER INSERT OR DELETE OR UPDATE OF path, card_json, section_id, locale, translation_key, retracted_at ON published_articles
        FOR EACH ROW EXECUTE FUNCTION tell_neighbours()
    $statement$;

    -- An article that is put into another section shows that one. Where it moved, the redirect at its old path is told
    -- behind it: whoever keeps pages by their paths takes the old page away first.
    EXECUTE $statement$
        CREATE OR REPLACE FUNCTION note_change_of_articles() RETURNS TRIGGER LANGUAGE PLPGSQL AS $$
        BEGIN
            IF TG_OP = 'DELETE' THEN
                PERFORM note_change('article', OLD.id, OLD.path, 'delete', OLD.revision_number);
            ELSE
                PERFORM note_change('article', NEW.id, NEW.path, 'upsert', NEW.revision_number);
            END IF;
            IF TG_OP = 'UPDATE' AND OLD.path <> NEW.path THEN
                PERFORM note_change('redirect', path, path, 'upsert', COALESCE(version, 1))
                FROM paths WHERE path = OLD.path AND status IN ('moved', 'gone');
            END IF;
            RETURN NULL;
        END $$
    $statement$;

    EXECUTE 'DROP TRIGGER articles_changed ON published_articles';
    EXECUTE $statement$
        CREATE TRIGGER articles_changed AFTER INSERT OR DELETE OR UPDATE OF path, card_json, article_json, section_id, revision_number, retracted_at ON published_articles
        FOR EACH ROW EXECUTE FUNCTION note_change_of_articles()
    $statement$;

    -- The path of a tag or a contributor that is deleted is the one where it was last.
    EXECUTE $statement$
        CREATE OR REPLACE FUNCTION note_change_of_tags() RETURNS TRIGGER LANGUAGE PLPGSQL AS $$
        BEGIN
            IF TG_OP = 'DELETE' THEN
                PERFORM note_change('tag', OLD.id, (SELECT path FROM paths WHERE kind = 'tag' AND target_id = OLD.id
                    ORDER BY status = 'live' DESC, length(path), path LIMIT 1), 'delete', OLD.version);
            ELSE
                PERFORM note_change('tag', NEW.id, NULL, 'upsert', NEW.version);
            END IF;
            RETURN NULL;
        END $$
    $statement$;

    EXECUTE $statement$
        CREATE OR REPLACE FUNCTION note_change_of_contributors() RETURNS TRIGGER LANGUAGE PLPGSQL AS $$
        BEGIN
            IF TG_OP = 'DELETE' THEN
                PERFORM note_change('contributor', OLD.id, (SELECT path FROM paths WHERE kind = 'contributor' AND target_id = OLD.id
                    ORDER BY status = 'live' DESC, length(path), path LIMIT 1), 'delete', OLD.version);
            ELSE
                PERFORM note_change('contributor', NEW.id, NULL, 'upsert', NEW.version);
            END IF;
            RETURN NULL;
        END $$
    $statement$;
END $migration$;
