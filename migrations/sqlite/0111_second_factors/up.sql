-- The second factor of a user: the secret that their authenticator app holds too, sealed. It counts once it is
-- confirmed. `last_step` is the period of 30 seconds whose code was taken last: no code is taken twice.
CREATE TABLE second_factors (
    user_id TEXT NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    sealed_secret TEXT NOT NULL,
    created_at TEXT NOT NULL,
    confirmed_at TEXT,
    last_step INTEGER NOT NULL
) STRICT;

-- Each stands for a code once, for who has lost the app.
CREATE TABLE recovery_codes (
    user_id TEXT NOT NULL REFERENCES second_factors (user_id) ON DELETE CASCADE,
    digest TEXT NOT NULL,
    used_at TEXT,
    PRIMARY KEY (user_id, digest)
) STRICT;

-- Whether the login, or the user since, has shown a second factor.
ALTER TABLE sessions ADD COLUMN has_second_factor INTEGER NOT NULL DEFAULT 0;
