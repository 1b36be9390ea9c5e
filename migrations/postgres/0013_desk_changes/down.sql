DROP INDEX articles_by_changes;
