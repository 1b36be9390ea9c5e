-- Whether lists show the article of a link: a retracted one keeps its links, and is in no list.
ALTER TABLE published_sections ADD COLUMN is_listed INTEGER NOT NULL DEFAULT 1;
ALTER TABLE published_tags ADD COLUMN is_listed INTEGER NOT NULL DEFAULT 1;
ALTER TABLE published_contributors ADD COLUMN is_listed INTEGER NOT NULL DEFAULT 1;
