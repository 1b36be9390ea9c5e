CREATE TABLE sections (
    id TEXT NOT NULL PRIMARY KEY,
    parent_id TEXT REFERENCES sections (id),
    slug TEXT NOT NULL,
    path TEXT NOT NULL UNIQUE,
    label TEXT NOT NULL,
    labels TEXT NOT NULL,
    description TEXT,
    colour TEXT,
    position INTEGER NOT NULL,
    comment_mode TEXT,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX sections_by_parent ON sections (parent_id);

CREATE TABLE tags (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    slug TEXT NOT NULL UNIQUE,
    label TEXT NOT NULL,
    sort_key TEXT NOT NULL,
    description TEXT,
    external_id TEXT,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX tags_by_sort_key ON tags (sort_key, id);

CREATE TABLE contributors (
    id TEXT NOT NULL PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    sort_key TEXT NOT NULL,
    role TEXT,
    bio TEXT,
    image TEXT,
    is_active INTEGER NOT NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX contributors_by_sort_key ON contributors (sort_key, id);
