CREATE INDEX cache_deaths_by_transaction ON cache_deaths (transaction_id);
CREATE INDEX cache_deaths_by_time ON cache_deaths (at);
