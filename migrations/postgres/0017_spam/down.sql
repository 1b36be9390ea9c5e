DROP TABLE spam_tokens;
