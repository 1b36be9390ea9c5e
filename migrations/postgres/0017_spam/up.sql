-- How often each token stood in comments that moderators approved and in those that they marked as spam.
CREATE TABLE spam_tokens (
    token TEXT COLLATE "C" PRIMARY KEY,
    ham BIGINT NOT NULL,
    spam BIGINT NOT NULL
);
