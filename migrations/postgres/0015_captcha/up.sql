-- Solutions of captchas that were taken: none is taken twice, on any instance.
CREATE TABLE captcha_solutions (
    digest TEXT COLLATE "C" PRIMARY KEY,
    expires_at TIMESTAMP(3) NOT NULL
);
CREATE INDEX captcha_solutions_by_end ON captcha_solutions (expires_at);
