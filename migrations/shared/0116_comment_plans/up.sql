-- What readers see of a comment's answers and of a thread is counted from the index alone.
DROP INDEX comments_by_parent;
CREATE INDEX comments_by_parent ON comments (parent_id, is_visible, state) WHERE parent_id IS NOT NULL;
DROP INDEX comments_by_root;
CREATE INDEX comments_by_root ON comments (root_id, created_at, id, depth, is_visible, state);
-- What stands above the others: few, of which an article's discussion is asked for first.
CREATE INDEX comments_pinned ON comments (article_id, pinned_at, id) WHERE pinned_at IS NOT NULL;
-- The queues, an index for each. One index of all states would look, while nothing is known about the rows, like the best
-- for whatever asks for a state among other things, and most comments of a site are in one state.
DROP INDEX comments_by_queue;
CREATE INDEX comments_pending ON comments (created_at, id) WHERE state = 'pending';
CREATE INDEX comments_approved ON comments (created_at, id) WHERE state = 'approved';
CREATE INDEX comments_rejected ON comments (created_at, id) WHERE state = 'rejected';
CREATE INDEX comments_spam ON comments (created_at, id) WHERE state = 'spam';
-- What else an author wrote. Of most comments most of this is null, and nulls in an index make it look useless once they
-- are counted.
DROP INDEX comments_by_reader;
CREATE INDEX comments_by_reader ON comments (reader_digest, created_at) WHERE reader_digest IS NOT NULL;
DROP INDEX comments_by_email;
CREATE INDEX comments_by_email ON comments (email_hash, created_at) WHERE email_hash IS NOT NULL;
DROP INDEX comments_by_network;
CREATE INDEX comments_by_network ON comments (network_hash, created_at) WHERE network_hash IS NOT NULL;
DROP INDEX comments_by_user;
CREATE INDEX comments_by_user ON comments (user_id, created_at) WHERE user_id IS NOT NULL;
DROP INDEX comments_by_contributor;
CREATE INDEX comments_by_contributor ON comments (contributor_id) WHERE contributor_id IS NOT NULL;
DROP INDEX comments_by_hash_key;
CREATE INDEX comments_by_hash_key ON comments (hash_key) WHERE hash_key IS NOT NULL;
