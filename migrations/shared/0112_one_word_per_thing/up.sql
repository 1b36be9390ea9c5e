-- One word for each thing, in the rows as in the API: in one step, since no release has the old words. In stored JSON only a member's name stands between a quotation mark
-- and another one with a colon behind it: within a text a quotation mark has a backslash before it.
UPDATE articles SET content = replace(replace(replace(replace(replace(content,
    '"lead_image":', '"image":'), '"featured":', '"is_featured":'), '"sensitive":', '"is_sensitive":'),
    '"hide_ads":', '"is_ad_free":'), '"ordered":', '"is_ordered":');
UPDATE article_revisions SET content = replace(replace(replace(replace(replace(content,
    '"lead_image":', '"image":'), '"featured":', '"is_featured":'), '"sensitive":', '"is_sensitive":'),
    '"hide_ads":', '"is_ad_free":'), '"ordered":', '"is_ordered":');
UPDATE autosaves SET content = replace(replace(replace(replace(replace(content,
    '"lead_image":', '"image":'), '"featured":', '"is_featured":'), '"sensitive":', '"is_sensitive":'),
    '"hide_ads":', '"is_ad_free":'), '"ordered":', '"is_ordered":');
UPDATE published_articles SET outline = replace(outline, '"hide_ads":', '"is_ad_free":');
UPDATE preview_articles SET outline = replace(outline, '"hide_ads":', '"is_ad_free":');
UPDATE ad_slots SET definition = replace(replace(definition, '"place":', '"kind":'), '"is_on":', '"is_active":');

ALTER TABLE articles RENAME COLUMN live_revision TO live_revision_number;
ALTER TABLE published_articles RENAME COLUMN revision TO revision_number;
ALTER TABLE preview_articles RENAME COLUMN revision TO revision_number;
ALTER TABLE schedules RENAME COLUMN revision TO revision_number;
ALTER TABLE schedules RENAME COLUMN minor TO is_minor;

-- The words of a column change with it; SQLite changes no CHECK, so another column takes its place, with
-- the default without which none can be added.
ALTER TABLE articles ADD COLUMN next_review TEXT NOT NULL DEFAULT 'not_submitted'
    CHECK (next_review IN ('not_submitted', 'in_review', 'ready'));
UPDATE articles SET next_review = review WHERE review <> 'draft';
DROP INDEX articles_by_review;
ALTER TABLE articles DROP COLUMN review;
ALTER TABLE articles RENAME COLUMN next_review TO review;
CREATE INDEX articles_by_review ON articles (review, edited_at, id);
