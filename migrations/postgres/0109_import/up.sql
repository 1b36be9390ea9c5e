-- What came from where, so that an import can be resumed and repeated.
CREATE TABLE import_items (
    source TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    source_id TEXT COLLATE "C" NOT NULL,
    target_id TEXT COLLATE "C" NOT NULL,
    digest TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    imported_at TIMESTAMP(3) NOT NULL,
    PRIMARY KEY (source, kind, source_id)
);
