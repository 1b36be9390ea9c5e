CREATE INDEX autosaves_by_age ON autosaves (saved_at);
CREATE INDEX leases_by_user ON leases (user_id, until);
CREATE INDEX article_notes_by_article ON article_notes (article_id, id);
CREATE INDEX article_notes_open ON article_notes (article_id) WHERE resolved_at IS NULL;
