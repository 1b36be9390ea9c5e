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
    comment_mode TEXT,
    version BIGINT NOT NULL,
    created_at TIMESTAMP(3) NOT NULL,
    updated_at TIMESTAMP(3) NOT NULL
);
CREATE INDEX sections_by_parent ON sections (parent_id);

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
CREATE INDEX tags_by_sort_key ON tags (sort_key, id);

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
CREATE INDEX contributors_by_sort_key ON contributors (sort_key, id);
