DROP INDEX comments_by_parent;
DROP INDEX comments_by_root;
DROP INDEX comments_flat_top;
DROP INDEX comments_flat;
