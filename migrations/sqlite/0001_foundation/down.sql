DROP TABLE jobs;
DROP TABLE idempotency_keys;
DROP TABLE edits;
DROP TABLE paths;
DROP TABLE site;
DROP TABLE generations;
