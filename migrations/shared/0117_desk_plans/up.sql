-- The desk's lists in their order, where they are filtered.
CREATE INDEX packages_by_kind ON packages (kind, sort_key, id);
CREATE INDEX paths_by_http_status ON paths (status, origin, http_status, path);
CREATE INDEX sanctions_by_kind ON sanctions (kind, created_at, id);
CREATE INDEX sanctions_by_aim ON sanctions (target, created_at, id);
-- The audit is in the order of its moments, in which a period of it is one stretch.
CREATE INDEX audit_by_moment ON audit (at, id);
DROP INDEX audit_by_target;
CREATE INDEX audit_by_target ON audit (target_kind, target_id, at, id);
DROP INDEX audit_by_user;
CREATE INDEX audit_by_user ON audit (user_id, at, id);
DROP INDEX audit_by_action;
CREATE INDEX audit_by_action ON audit (action, at, id);
