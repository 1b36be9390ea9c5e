-- Of the likes that a comment has from one network in a day, a few count. `network_hash` is the network, hashed together
-- with the comment and the day, and forgotten after it.
ALTER TABLE comment_reactions ADD COLUMN network_hash TEXT;
ALTER TABLE comment_reactions ADD COLUMN is_counted INTEGER NOT NULL DEFAULT 1;
