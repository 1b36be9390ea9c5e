-- Of the likes that a comment has from one network in a day, a few count. `network_hash` is the network, hashed together
-- with the comment and the day, and forgotten after it.
ALTER TABLE comment_reactions ADD COLUMN network_hash TEXT COLLATE "C";
ALTER TABLE comment_reactions ADD COLUMN is_counted BOOLEAN NOT NULL DEFAULT TRUE;
