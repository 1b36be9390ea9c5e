-- Those that are to be packed yet.
CREATE INDEX article_revisions_unpacked ON article_revisions (article_id, number) WHERE packed IS NULL;
