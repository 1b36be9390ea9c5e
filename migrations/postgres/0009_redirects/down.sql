DROP INDEX paths_by_origin;
DROP INDEX paths_by_location;
DROP INDEX paths_by_id;
ALTER TABLE paths DROP COLUMN updated_at;
ALTER TABLE paths DROP COLUMN created_by;
ALTER TABLE paths DROP COLUMN version;
ALTER TABLE paths DROP COLUMN note;
ALTER TABLE paths DROP COLUMN origin;
ALTER TABLE paths DROP COLUMN id;
