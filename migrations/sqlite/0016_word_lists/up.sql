-- Words that moderators do not want in comments, or want to see first; entries and exceptions as JSON.
CREATE TABLE word_lists (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    sort_key TEXT NOT NULL,
    kind TEXT NOT NULL,
    locale TEXT,
    is_active INTEGER NOT NULL,
    entries TEXT NOT NULL,
    exceptions TEXT NOT NULL,
    entry_count INTEGER NOT NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX word_lists_by_sort_key ON word_lists (sort_key, id);
