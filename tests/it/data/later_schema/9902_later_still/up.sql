-- The release after it.
ALTER TABLE tags ADD COLUMN motto TEXT;
UPDATE tags SET motto = label || '!';
