-- How often an article was read in an hour, which begins at `hour`. Who read it is nowhere.
CREATE TABLE article_views (
    article_id TEXT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    hour TEXT NOT NULL,
    view_count INTEGER NOT NULL,
    PRIMARY KEY (article_id, hour)
) STRICT;

-- When the ranks of a window were counted last, and until when those that an editor sent stand in their place.
CREATE TABLE most_read_windows (
    time_window TEXT NOT NULL PRIMARY KEY CHECK (time_window IN ('1h', '24h', '7d')),
    counted_at TEXT,
    expires_at TEXT
) STRICT;

-- What is read most in a window, the first at 1: as it was counted, and as an editor sent it.
CREATE TABLE most_read_ranks (
    time_window TEXT NOT NULL CHECK (time_window IN ('1h', '24h', '7d')),
    is_chosen INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    article_id TEXT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    PRIMARY KEY (time_window, is_chosen, ordinal)
) STRICT;
