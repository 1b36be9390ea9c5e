-- By which the desk finds what is changed and not live.
CREATE INDEX articles_by_changes ON articles (has_unpublished_changes, edited_at, id);
