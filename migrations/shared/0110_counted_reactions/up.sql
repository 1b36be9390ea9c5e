-- The likes of a network that are counted against its allowance; the partial index is as small as one day.
CREATE INDEX comment_reactions_by_network ON comment_reactions (comment_id, network_hash) WHERE network_hash IS NOT NULL;
