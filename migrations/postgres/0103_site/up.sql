-- The settings of the one site, as JSON; absent until somebody changes the defaults.
CREATE TABLE site (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    settings TEXT NOT NULL,
    version BIGINT NOT NULL
);

-- Every path that is or was public, and where it leads: the one table of them, so that its primary key decides
-- who has a path, whoever asks for it. What editors need of a row that is a redirect: a name that does not
-- change (`id`), a version for If-Match, where it came from, who made it, and why. Of id, origin, version and
-- updated_at all are null or none is; a sweep gives them to rows without.
CREATE TABLE paths (
    path TEXT COLLATE "C" PRIMARY KEY,
    kind TEXT NOT NULL,
    target_id TEXT COLLATE "C",
    locale TEXT COLLATE "C" NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('live', 'hidden', 'moved', 'gone')),
    location TEXT COLLATE "C",
    http_status INTEGER NOT NULL,
    created_at TIMESTAMP(3) NOT NULL,
    id TEXT COLLATE "C",
    origin TEXT COLLATE "C" CHECK (origin IN ('automatic', 'editor', 'import')),
    note TEXT,
    version BIGINT,
    created_by TEXT COLLATE "C",
    updated_at TIMESTAMP(3)
);

-- `path` follows from the slugs above. `comment_policy` is JSON of what differs from the section above or the site.
CREATE TABLE sections (
    id TEXT COLLATE "C" PRIMARY KEY,
    parent_id TEXT COLLATE "C" REFERENCES sections (id),
    slug TEXT COLLATE "C" NOT NULL,
    path TEXT COLLATE "C" NOT NULL UNIQUE,
    label TEXT NOT NULL,
    labels TEXT NOT NULL,
    description TEXT,
    colour TEXT,
    position INTEGER NOT NULL,
    version BIGINT NOT NULL,
    created_at TIMESTAMP(3) NOT NULL,
    updated_at TIMESTAMP(3) NOT NULL,
    comment_policy TEXT
);

-- `sort_key` is the folded label, by which both databases sort alike.
CREATE TABLE tags (
    id TEXT COLLATE "C" PRIMARY KEY,
    kind TEXT NOT NULL,
    slug TEXT COLLATE "C" NOT NULL UNIQUE,
    label TEXT NOT NULL,
    sort_key TEXT COLLATE "C" NOT NULL,
    description TEXT,
    external_id TEXT,
    version BIGINT NOT NULL,
    created_at TIMESTAMP(3) NOT NULL,
    updated_at TIMESTAMP(3) NOT NULL
);

CREATE TABLE contributors (
    id TEXT COLLATE "C" PRIMARY KEY,
    slug TEXT COLLATE "C" NOT NULL UNIQUE,
    name TEXT NOT NULL,
    sort_key TEXT COLLATE "C" NOT NULL,
    role TEXT,
    bio TEXT,
    image TEXT,
    is_active BOOLEAN NOT NULL,
    version BIGINT NOT NULL,
    created_at TIMESTAMP(3) NOT NULL,
    updated_at TIMESTAMP(3) NOT NULL
);

-- Menus as trees of items, in JSON: few and small, read whole.
CREATE TABLE menus (
    key TEXT COLLATE "C" PRIMARY KEY,
    label TEXT NOT NULL,
    items TEXT NOT NULL,
    version BIGINT NOT NULL,
    created_at TIMESTAMP(3) NOT NULL,
    updated_at TIMESTAMP(3) NOT NULL
);

-- Places for advertisements; sizes, targeting and rules as JSON.
CREATE TABLE ad_slots (
    key TEXT COLLATE "C" PRIMARY KEY,
    position INTEGER NOT NULL,
    definition TEXT NOT NULL,
    version BIGINT NOT NULL,
    created_at TIMESTAMP(3) NOT NULL,
    updated_at TIMESTAMP(3) NOT NULL
);

-- What was taken down for good: killed articles and deleted ones. It outlives them, and a backup from before is held
-- against it; so nothing here refers to another table.
CREATE TABLE takedowns (
    id TEXT COLLATE "C" PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('kill', 'purge')),
    article_id TEXT COLLATE "C" NOT NULL,
    notice TEXT,
    reason TEXT,
    at TIMESTAMP(3) NOT NULL,
    actor_id TEXT COLLATE "C"
);

-- What was erased because somebody asked for it. It outlives backups as `takedowns` does. A reader stands in it
-- as the digest of their digest, which is found nowhere else.
CREATE TABLE erasures (
    subject TEXT COLLATE "C" NOT NULL CHECK (subject IN ('comment', 'reader')),
    subject_key TEXT COLLATE "C" NOT NULL,
    mode TEXT COLLATE "C" NOT NULL CHECK (mode IN ('erase', 'anonymise')),
    at TIMESTAMP(3) NOT NULL,
    PRIMARY KEY (subject, subject_key, mode)
);
