-- Whether a text of the working copy is not as it should be: written with `content`. Null: nobody has looked yet.
ALTER TABLE articles ADD COLUMN has_suspect_text INTEGER;
CREATE INDEX articles_by_suspect_text ON articles (has_suspect_text, id);
