DROP INDEX published_articles_breaking;
DROP INDEX published_articles_featured;
ALTER TABLE published_articles DROP COLUMN featured_position;
DROP TABLE package_articles;
DROP TABLE packages;
DROP TABLE ad_slots;
DROP TABLE menus;
