CREATE INDEX comments_by_queue ON comments (state, created_at, id);
-- An article's threads, and its comments without regard to threads: by date and by what readers like.
CREATE INDEX comments_by_article ON comments (article_id, depth, is_visible, created_at, id);
CREATE INDEX comments_by_top ON comments (article_id, depth, is_visible, reaction_count, id);
CREATE INDEX comments_flat ON comments (article_id, is_visible, created_at, id);
CREATE INDEX comments_flat_top ON comments (article_id, is_visible, reaction_count, id);
-- A thread's answers, oldest first.
CREATE INDEX comments_by_root ON comments (root_id, created_at, id);
-- The answers to one comment.
CREATE INDEX comments_by_parent ON comments (parent_id);
-- What else an author wrote.
CREATE INDEX comments_by_reader ON comments (reader_digest, created_at);
CREATE INDEX comments_by_email ON comments (email_hash, created_at);
CREATE INDEX comments_by_network ON comments (network_hash, created_at);
CREATE INDEX comments_by_user ON comments (user_id, created_at);
CREATE INDEX comments_by_contributor ON comments (contributor_id);
CREATE INDEX comments_by_digest ON comments (body_digest, created_at);
CREATE INDEX comments_reported ON comments (created_at, id) WHERE report_count > 0;
-- Hashes that are to be forgotten: of networks after a month, of both under a key that is retired.
CREATE INDEX comments_with_network ON comments (created_at) WHERE network_hash IS NOT NULL;
CREATE INDEX comments_by_hash_key ON comments (hash_key);

CREATE INDEX comment_reactions_by_reader ON comment_reactions (reader_digest);
CREATE INDEX comment_reports_by_reader ON comment_reports (reader_digest, at);
CREATE INDEX comment_reports_with_network ON comment_reports (at) WHERE network_hash IS NOT NULL;
CREATE INDEX comment_reports_by_hash_key ON comment_reports (hash_key);
CREATE INDEX comment_claims_by_user ON comment_claims (user_id, until);

CREATE INDEX moderation_log_by_comment ON moderation_log (comment_id, at);
CREATE INDEX moderation_log_by_age ON moderation_log (at, id);
CREATE INDEX moderation_log_by_moderator ON moderation_log (moderator_id, at, id);

CREATE INDEX sanctions_by_target ON sanctions (target_key);
CREATE INDEX sanctions_by_section ON sanctions (section_id);
CREATE INDEX sanctions_by_age ON sanctions (created_at, id);

CREATE INDEX captcha_solutions_by_end ON captcha_solutions (expires_at);
CREATE INDEX word_lists_by_sort_key ON word_lists (sort_key, id);
CREATE UNIQUE INDEX privacy_requests_by_token ON privacy_requests (token_digest);
CREATE INDEX privacy_requests_by_end ON privacy_requests (expires_at);
