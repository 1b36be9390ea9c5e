DROP TABLE contributors;
DROP TABLE tags;
DROP TABLE sections;
