CREATE INDEX grants_by_section ON grants (section_id);
CREATE INDEX sessions_by_user ON sessions (user_id, created_at);
CREATE INDEX refresh_tokens_by_session ON refresh_tokens (session_id);
CREATE INDEX audit_by_target ON audit (target_kind, target_id, id);
CREATE INDEX audit_by_user ON audit (user_id, id);
CREATE INDEX audit_by_action ON audit (action, id);
