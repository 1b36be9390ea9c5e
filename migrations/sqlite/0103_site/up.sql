-- The settings of the one site, as JSON; absent until somebody changes the defaults.
CREATE TABLE site (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    settings TEXT NOT NULL,
    version INTEGER NOT NULL
) STRICT;

-- Every path that is or was public, and where it leads: the one table of them, so that its primary key decides
-- who has a path, whoever asks for it. What editors need of a row that is a redirect: a name that does not
-- change (`id`), a version for If-Match, where it came from, who made it, and why. Of id, origin, version and
-- updated_at all are null or none is; a sweep gives them to rows without.
CREATE TABLE paths (
    path TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    target_id TEXT,
    locale TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('live', 'hidden', 'moved', 'gone')),
    location TEXT,
    http_status INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    id TEXT,
    origin TEXT CHECK (origin IN ('automatic', 'editor', 'import')),
    note TEXT,
    version INTEGER,
    created_by TEXT,
    updated_at TEXT
) STRICT;

-- `path` follows from the slugs above. `comment_policy` is JSON of what differs from the section above or the site.
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
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    comment_policy TEXT
) STRICT;

-- `sort_key` is the folded label, by which both databases sort alike.
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

-- Menus as trees of items, in JSON: few and small, read whole.
CREATE TABLE menus (
    key TEXT NOT NULL PRIMARY KEY,
    label TEXT NOT NULL,
    items TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;

-- Places for advertisements; sizes, targeting and rules as JSON.
CREATE TABLE ad_slots (
    key TEXT NOT NULL PRIMARY KEY,
    position INTEGER NOT NULL,
    definition TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;

-- What was taken down for good: killed articles and deleted ones. It outlives them, and a backup from before is held
-- against it; so nothing here refers to another table.
CREATE TABLE takedowns (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('kill', 'purge')),
    article_id TEXT NOT NULL,
    notice TEXT,
    reason TEXT,
    at TEXT NOT NULL,
    actor_id TEXT
) STRICT;

-- What was erased because somebody asked for it. It outlives backups as `takedowns` does. A reader stands in it
-- as the digest of their digest, which is found nowhere else.
CREATE TABLE erasures (
    subject TEXT NOT NULL CHECK (subject IN ('comment', 'reader')),
    subject_key TEXT NOT NULL,
    mode TEXT NOT NULL CHECK (mode IN ('erase', 'anonymise')),
    at TEXT NOT NULL,
    PRIMARY KEY (subject, subject_key, mode)
) STRICT;
