-- An article's comments without regard to threads, by date and by what readers like.
CREATE INDEX comments_flat ON comments (article_id, is_visible, created_at, id);
CREATE INDEX comments_flat_top ON comments (article_id, is_visible, reaction_count, id);
-- A thread's answers, oldest first.
CREATE INDEX comments_by_root ON comments (root_id, created_at, id);
-- What stands directly below a comment.
CREATE INDEX comments_by_parent ON comments (parent_id);
