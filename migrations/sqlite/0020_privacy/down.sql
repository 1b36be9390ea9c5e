DROP TABLE privacy_requests;
DROP TABLE erasures;
DROP INDEX comments_by_hash_key;
DROP INDEX comments_with_network;
ALTER TABLE comments DROP COLUMN erased_from;
