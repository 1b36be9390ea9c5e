-- A window's views are summed up from this index alone.
CREATE INDEX article_views_by_hour ON article_views (hour, article_id, view_count);
CREATE INDEX most_read_ranks_by_article ON most_read_ranks (article_id);
