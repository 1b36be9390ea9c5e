DROP TABLE comment_counts;
DROP TABLE moderation_log;
DROP TABLE comments;
