DROP TABLE preview_articles;
