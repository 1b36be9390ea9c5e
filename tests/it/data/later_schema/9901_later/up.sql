-- A release to come: a column that follows from another, one with a new name, and a row of its own.
ALTER TABLE tags ADD COLUMN label_length INTEGER;
UPDATE tags SET label_length = LENGTH(label);
ALTER TABLE menus RENAME COLUMN label TO title;
INSERT INTO spam_tokens (token, ham, spam) VALUES ('later', 0, 1);
