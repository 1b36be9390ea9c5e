-- Words that moderators do not want in comments, or want to see first; entries and exceptions as JSON.
CREATE TABLE word_lists (
    id TEXT COLLATE "C" PRIMARY KEY,
    name TEXT NOT NULL,
    sort_key TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    locale TEXT COLLATE "C",
    is_active BOOLEAN NOT NULL,
    entries TEXT NOT NULL,
    exceptions TEXT NOT NULL,
    entry_count INTEGER NOT NULL,
    version BIGINT NOT NULL,
    created_at TIMESTAMP(3) NOT NULL,
    updated_at TIMESTAMP(3) NOT NULL
);
CREATE INDEX word_lists_by_sort_key ON word_lists (sort_key, id);
