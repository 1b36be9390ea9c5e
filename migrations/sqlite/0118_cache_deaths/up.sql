-- What writes have put out of date, for the caches of all instances: a row of surrogate keys for each transaction that
-- changed what readers see. Followed by `seq`, in whose order the one writer commits; a number is never given twice.
CREATE TABLE cache_deaths (
    seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    transaction_id INTEGER,
    instance TEXT NOT NULL,
    keys TEXT NOT NULL,
    at TEXT NOT NULL
) STRICT;
