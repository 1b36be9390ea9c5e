-- By relevance, what has the words in its title or lead comes first. (Which words begin alike, this database's own index
-- of words knows.)
CREATE INDEX search_index_by_head_word ON search_index USING GIN (head_vector) WITH (fastupdate = off);
