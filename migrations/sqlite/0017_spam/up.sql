-- How often each token stood in comments that moderators approved and in those that they marked as spam.
CREATE TABLE spam_tokens (
    token TEXT NOT NULL PRIMARY KEY,
    ham INTEGER NOT NULL,
    spam INTEGER NOT NULL
) STRICT;
