CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);
CREATE INDEX jobs_by_state ON jobs (state, run_at);
