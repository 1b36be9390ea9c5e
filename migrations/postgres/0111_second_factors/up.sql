-- The second factor of a user: the secret that their authenticator app holds too, sealed. It counts once it is
-- confirmed. `last_step` is the period of 30 seconds whose code was taken last: no code is taken twice.
CREATE TABLE second_factors (
    user_id TEXT COLLATE "C" PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    sealed_secret TEXT NOT NULL,
    created_at TIMESTAMP(3) NOT NULL,
    confirmed_at TIMESTAMP(3),
    last_step BIGINT NOT NULL
);

-- Each stands for a code once, for who has lost the app.
CREATE TABLE recovery_codes (
    user_id TEXT COLLATE "C" NOT NULL REFERENCES second_factors (user_id) ON DELETE CASCADE,
    digest TEXT COLLATE "C" NOT NULL,
    used_at TIMESTAMP(3),
    PRIMARY KEY (user_id, digest)
);

-- Whether the login, or the user since, has shown a second factor.
ALTER TABLE sessions ADD COLUMN has_second_factor BOOLEAN NOT NULL DEFAULT FALSE;
