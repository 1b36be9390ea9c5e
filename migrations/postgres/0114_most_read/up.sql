-- How often an article was read in an hour, which begins at `hour`. Who read it is nowhere.
CREATE TABLE article_views (
    article_id TEXT COLLATE "C" NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    hour TIMESTAMP(3) NOT NULL,
    view_count BIGINT NOT NULL,
    PRIMARY KEY (article_id, hour)
);

-- When the ranks of a window were counted last, and until when those that an editor sent stand in their place.
CREATE TABLE most_read_windows (
    time_window TEXT COLLATE "C" PRIMARY KEY CHECK (time_window IN ('1h', '24h', '7d')),
    counted_at TIMESTAMP(3),
    expires_at TIMESTAMP(3)
);

-- What is read most in a window, the first at 1: as it was counted, and as an editor sent it.
CREATE TABLE most_read_ranks (
    time_window TEXT COLLATE "C" NOT NULL CHECK (time_window IN ('1h', '24h', '7d')),
    is_chosen BOOLEAN NOT NULL,
    ordinal BIGINT NOT NULL,
    article_id TEXT COLLATE "C" NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    PRIMARY KEY (time_window, is_chosen, ordinal)
);
