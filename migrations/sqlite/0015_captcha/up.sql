-- Solutions of captchas that were taken: none is taken twice, on any instance.
CREATE TABLE captcha_solutions (
    digest TEXT NOT NULL PRIMARY KEY,
    expires_at TEXT NOT NULL
) STRICT;
CREATE INDEX captcha_solutions_by_end ON captcha_solutions (expires_at);
